// Proposes what a long list has as soon as one types. Without this script the button beside the box looks it up.
let asked = 0;

async function propose(box) {
  const { lists } = box.form.dataset;
  const offered = document.getElementById(box.dataset.listed);
  const words = box.value.trim();
  const mine = ++asked;
  if (!lists || !words || [...offered.options].some(({ value }) => value === words)) return;
  const query = new URLSearchParams({ item: box.name.slice(2, -"-name".length), q: words });
  const answer = await fetch(`${lists}?${query}`);
  if (!answer.ok || mine !== asked) return; // typed on meanwhile
  const { names } = await answer.json();
  offered.replaceChildren(...names.map((name) => new Option("", name)));
  box.setAttribute("list", offered.id);
}

document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-listed]")) propose(target).catch(() => {}); // without a connection the button is left
});
