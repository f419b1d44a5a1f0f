// Saves typing where one person types for many: kana from what was typed into the name, and the address of a postcode
// without a new page. Everything can be typed by hand all the same.
const { kana, postcode, optional = [] } = JSON.parse(document.getElementById("mg-typing").textContent);
const KANA = /^[\u3041-\u3096\u30a1-\u30fa\u30fc]+$/;
const UNFINISHED = /[a-zａ-ｚ]+$/i; // letters that the input method has not made into kana yet
const katakana = (text) => text.replace(/[\u3041-\u3096]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0x60));

/** While a name is typed, the input method shows its kana before it shows the characters. */
function follow(name, reading) {
  let typed = "";
  let byHand = reading.value !== "";
  reading.addEventListener("input", () => {
    byHand = reading.value !== "";
  });
  name.addEventListener("compositionupdate", (event) => {
    const shown = (event.data ?? "").replace(UNFINISHED, "");
    if (KANA.test(shown)) typed = shown;
  });
  name.addEventListener("compositionend", () => {
    if (!byHand) reading.value += katakana(typed);
    typed = "";
  });
  name.addEventListener("input", () => {
    if (!name.value && !byHand) reading.value = "";
  });
}

for (const [name, reading] of kana) {
  const boxes = [name, reading].map((id) => document.getElementById(id));
  if (boxes.every(Boolean)) follow(...boxes);
}

/** What all places of the postcode have in common; a box that holds something stays as it is. */
async function complete(base) {
  const box = (part) => document.getElementById(`${base}-${part}`);
  const code = box("postcode").value.normalize("NFKC").replace(/\D/g, "");
  if (code.length !== 7) return false;
  const answer = await fetch(`${postcode}${code}/`);
  const { places } = await answer.json();
  for (const part of ["prefecture", "city", "town"]) {
    const found = new Set(places.map((place) => place[part]));
    const [only] = found;
    if (found.size === 1 && only && !box(part).value) box(part).value = only;
  }
  box("town").dispatchEvent(new Event("input", { bubbles: true }));
  return places.length > 0;
}

for (const button of document.querySelectorAll('button[name="lookup"]')) {
  const base = `f-${button.value}`;
  const code = document.getElementById(`${base}-postcode`);
  if (!code) continue; // it looks up something else
  button.tabIndex = -1; // the address comes by itself as soon as the postcode is whole
  code.addEventListener("change", () => complete(base));
  button.addEventListener("click", (event) => {
    event.preventDefault();
    complete(base).then((found) => {
      if (found) document.getElementById(`${base}-town`).focus();
    });
  });
}

for (const key of optional) {
  const need = document.querySelector(`[data-field="${CSS.escape(key)}"] .mg-field__need`);
  if (need) {
    need.textContent = "※任意";
    need.classList.add("mg-field__need--optional");
  }
}

// straight to the first box, unless the page has come back with something to read
if (!document.querySelector("[autofocus]")) {
  document.querySelector(".mg-proxy__step :is(input, select, textarea):not([type=hidden])")?.focus();
}
