// The address of a postcode as soon as it is whole, with a choice where it has several places. Rows may come and go, so
// the page is listened to. Without this script the button beside the box does it.
const { postcode, several } = document.querySelector("script[data-postcode]").dataset;
const FILLED = ["prefecture", "city", "town"];
const BOX = /^(f-.+)-postcode$/;
let asked = 0;

const boxOf = (base, part) => document.getElementById(`${base}-${part}`);
const codeIn = (base) => boxOf(base, "postcode").value.normalize("NFKC").replace(/\D/g, "");

function put(base, place, isChosen) {
  for (const part of FILLED) {
    const box = boxOf(base, part);
    if (place[part] && (isChosen ? !box.value.startsWith(place[part]) : !box.value)) box.value = place[part];
  }
  boxOf(base, "town").dispatchEvent(new Event("change", { bubbles: true }));
}

/** What all the places have in common. */
function common(places) {
  const only = (part) => (new Set(places.map((place) => place[part])).size === 1 ? places[0][part] : "");
  return Object.fromEntries(FILLED.map((part) => [part, only(part)]));
}

async function lookUp(base) {
  const code = codeIn(base);
  const mine = ++asked;
  if (code.length !== 7) return false;
  const answer = await fetch(`${postcode}${code}/`);
  const { places } = await answer.json();
  if (mine !== asked) return true; // typed on meanwhile
  put(base, common(places));
  offer(base, places.length > 1 ? places : []);
  return places.length > 0;
}

function offer(base, places) {
  const around = document.querySelector(`[data-offers="${CSS.escape(base.slice(2))}"]`);
  around.replaceChildren();
  if (!places.length) return;
  const title = around.appendChild(document.createElement("p"));
  title.className = "mg-note";
  title.setAttribute("role", "status");
  const list = around.appendChild(document.createElement("ul"));
  list.className = "mg-offers";
  for (const place of places) {
    const button = list.appendChild(document.createElement("li")).appendChild(document.createElement("button"));
    button.type = "button";
    button.className = "mg-button";
    button.textContent = place.city + place.town + (place.note ? `（${place.note}）` : "");
    button.addEventListener("click", () => {
      put(base, place, true);
      around.replaceChildren();
      boxOf(base, "town").focus();
    });
  }
  title.textContent = several;
}

document.addEventListener("input", (event) => {
  const [, base] = BOX.exec(event.target.id) ?? [];
  if (base && codeIn(base).length === 7) lookUp(base).catch(() => {}); // without a connection one types
});
document.addEventListener("click", (event) => {
  const button = event.target.closest('button[name="lookup"]');
  if (!button || button.value.includes(":")) return;
  const base = `f-${button.value}`;
  if (!boxOf(base, "postcode") || codeIn(base).length !== 7) return; // the page that is sent says what is wrong with it
  event.preventDefault();
  lookUp(base).then(
    (found) => (found ? boxOf(base, "town").focus() : button.form.requestSubmit(button)),
    () => button.form.requestSubmit(button),
  );
});
