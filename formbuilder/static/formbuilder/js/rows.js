// Adds and removes the rows of a group at once. Without this script its buttons send the page, and the server does it.
const NEW = "new"; // the number of the row in the template

for (const group of document.querySelectorAll("[data-rows]")) {
  const list = group.querySelector("[data-rows-list]");
  const more = group.querySelector("[data-rows-add]");
  const { rows: key, most, counter } = group.dataset;

  const changed = () => {
    [...list.children].forEach((row, index) => {
      for (const nth of row.querySelectorAll("[data-nth]")) nth.textContent = `${index + 1}${counter}目`;
    });
    more.hidden = list.children.length >= Number(most);
    group.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const add = () => {
    const number = Math.max(-1, ...[...list.children].map((row) => Number(row.dataset.row))) + 1;
    const html = group.querySelector("template").innerHTML.replaceAll(`${key}.${NEW}`, `${key}.${number}`);
    list.insertAdjacentHTML("beforeend", html);
    const row = list.lastElementChild;
    row.dataset.row = number;
    row.querySelector(`input[type=hidden]`).value = number;
    changed();
    row.focus();
  };

  const drop = (row) => {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    changed();
    (next ?? more.querySelector("button")).focus();
  };

  group.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=add], button[name=drop]");
    if (!button) return;
    event.preventDefault();
    if (button.name === "add") add();
    else drop(button.closest("[data-row]"));
  });
}
