// Shows, hides and calculates a step's items as soon as an answer changes. The server decides all the same: without
// this script the page works, it only needs a press of the button to find out.
import { evaluate, scalar } from "./expressions.js";

const rules = JSON.parse(document.getElementById("mg-rules").textContent);
const form = document.querySelector("form[data-step]");
const ERAS = { 西暦: 0, 令和: 2018, 平成: 1988, 昭和: 1925, 大正: 1911, 明治: 1867 };
const plain = (text) => (text ?? "").normalize("NFKC").trim();
const box = (name) => form.elements.namedItem(name)?.value ?? "";
const idOf = (key) => `f-${key}`;

/** The answer an item's boxes stand for, in the shape in which the server keeps it; null when there is none. */
const READERS = {
  number: (id) => plain(box(id)).replaceAll(",", "") || null,
  yes_no: (id) => ({ yes: true, no: false })[box(id)] ?? null,
  consent: (id) => (form.elements.namedItem(id)?.checked ? true : null),
  listed: (id) => readText(`${id}-name`),
  choices: (id) => new FormData(form).getAll(id),
  date: readDate,
};

function readDate(id) {
  const [year, month, day] = ["year", "month", "day"].map((part) => plain(box(`${id}-${part}`)).replace("元", "1"));
  if (![year, month, day].every((text) => /^[0-9]{1,4}$/.test(text))) return null;
  const western = Number(year) + (ERAS[box(`${id}-era`)] ?? 0);
  return [String(western).padStart(4, "0"), month.padStart(2, "0"), day.padStart(2, "0")].join("-");
}

/** What expressions see of an item: {address: scalar}. */
function scalars(key, field, id) {
  const read = READERS[field.type] ?? (field.kind === "number" ? READERS.number : readText);
  if (field.kind) return { [key]: scalar(read(id), field.kind) };
  if (field.prices) return sums(key, field.prices, id);
  const parts = Object.entries(field.parts);
  return Object.fromEntries(parts.map(([part, kind]) => [`${key}.${part}`, scalar(readPart(id, part, kind), kind)]));
}

function sums(key, prices, id) {
  const counts = Object.keys(prices).map((code) => [prices[code], Number(READERS.number(`${id}-${code}`)) || 0]);
  const sum = (worth) => scalar(String(counts.reduce((all, each) => all + worth(each), 0)), "number");
  return { [`${key}.total`]: sum(([price, count]) => price * count), [`${key}.count`]: sum(([, count]) => count) };
}

function readPart(id, part, kind) {
  if (part === "minutes") return readMinutes(id);
  return kind === "date" ? readDate(`${id}-${part}`) : readText(`${id}-${part}`);
}

function readMinutes(id) {
  const [, hour, minute] = /^([0-9]{2}):([0-9]{2})/.exec(box(id)) ?? [];
  return hour ? String(hour * 60 + Number(minute)) : null;
}

const readText = (name) => box(name).trim() || null;
const elsewhere = Object.entries(rules.scope).map(([address, raw]) => [address, scalar(raw, rules.kinds[address])]);
const update = () => look(rules, Object.fromEntries(elsewhere));

/** One look at items in an order in which each comes after all that it depends on; whether any of them has an answer.
    prefix: of the names of the items of a row. */
function look(some, scope, prefix = "") {
  let given = false;
  for (const key of some.order) {
    const name = prefix + key;
    const visible = !some.visible[key] || evaluate(some.visible[key], scope, rules.today) === true;
    show(name, visible);
    if (!visible) continue;
    const computed = some.computed[key];
    if (computed) {
      scope[key] = evaluate(computed.formula, scope, rules.today);
      display(name, scope[key], computed.unit);
    } else {
      const found = some.rows?.[key] ? lookAtRows(key, some.rows[key], scope) : scalars(key, some.fields[key], idOf(name));
      given ||= Object.values(found).some((value) => value !== null);
      Object.assign(scope, found);
    }
    if (some.required[key]) mark(name, evaluate(some.required[key], scope, rules.today) === true);
  }
  return given;
}

/** What expressions see of a group: how many rows, and of each item the answers in all of them. */
function lookAtRows(group, some, outside) {
  const lists = Object.fromEntries(some.order.map((key) => [key, []]));
  let count = 0;
  for (const row of form.querySelectorAll(`[data-rows="${CSS.escape(group)}"] [data-row]`)) {
    const scope = { ...outside };
    if (!look(some, scope, `${group}.${row.dataset.row}.`)) continue; // nothing was entered: it is no row
    count += 1;
    for (const key of some.order) lists[key].push(scope[key] ?? null);
  }
  const texts = (value) => (typeof value === "boolean" ? (value ? "はい" : "いいえ") : value);
  const flat = (list) => list.flat().filter((value) => value !== null).map(texts);
  const parts = Object.entries(lists).map(([key, list]) => [`${group}.${key}`, flat(list).length ? flat(list) : null]);
  return { [`${group}.#`]: scalar(String(count), "number"), ...Object.fromEntries(parts) };
}

const frame = (key) => form.querySelector(`[data-field="${CSS.escape(key)}"]`);

function show(key, visible) {
  const element = frame(key);
  if (element) element.hidden = !visible;
}

function mark(key, required) {
  const need = frame(key)?.querySelector(".mg-field__need");
  if (!need) return;
  need.textContent = required ? need.dataset.must : need.dataset.may;
  need.classList.toggle("mg-field__need--optional", !required);
}

function display(key, value, unit) {
  const output = form.querySelector(`[data-computed="${CSS.escape(key)}"]`);
  if (!output) return;
  const [whole, part] = value === null ? [""] : String(value).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  output.textContent = grouped + (part ? `.${part}` : "") + (grouped ? unit : "");
}

form.addEventListener("input", update);
form.addEventListener("change", update);
window.addEventListener("pageshow", update); // boxes that the browser filled in when coming back
update();
