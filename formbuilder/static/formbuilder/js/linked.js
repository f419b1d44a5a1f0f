// Offers second only what belongs to what was chosen first. Without this script all of it is offered, under its name.
const narrow = (first) => {
  const second = document.getElementById(first.dataset.linked);
  for (const group of second.querySelectorAll("optgroup")) {
    const off = first.value !== "" && group.dataset.of !== first.value;
    group.disabled = off;
    group.hidden = off;
  }
  if (second.selectedOptions[0]?.parentElement.disabled) second.value = "";
};

document.addEventListener("change", ({ target }) => target.matches("[data-linked]") && narrow(target));
for (const first of document.querySelectorAll("[data-linked]")) narrow(first);
