// Keeps each answer soon after it is typed, the way a sent page is kept. Without this script the buttons do it.
import { inTurn } from "./turns.js";

const form = document.querySelector("form[data-step]");
const note = document.querySelector("[data-saved]");
const PAUSE = 1500; // ms without typing
const AFTER_CHANGE = 300; // ms after a box was left
const LONGEST = 60_000; // ms between two tries without a connection
const address = form.getAttribute("action"); // form.action is one of the buttons
let { revision } = form.dataset;
let timer = 0;
let wait = 2000;
let running = null;
let leaving = false; // the whole page is on its way: what came beside it without the draft's key would begin another

const isBox = (box) => box.name && !["file", "submit", "button"].includes(box.type);

/** Of each item: [[name, value], …] as its boxes stand; or, asDrawn, as the page came. */
function read(asDrawn = false) {
  const items = {};
  for (const frame of form.querySelectorAll(".mg-fields > [data-field]")) {
    items[frame.dataset.field] = [...frame.querySelectorAll("input, select, textarea")]
      .filter(isBox)
      .flatMap((box) => valuesOf(box, asDrawn).map((value) => [box.name, value]));
  }
  return items;
}

function valuesOf(box, asDrawn) {
  if (box.type === "checkbox" || box.type === "radio") return (asDrawn ? box.defaultChecked : box.checked) ? [box.value] : [];
  if (box.tagName === "SELECT" && asDrawn) return [([...box.options].find((option) => option.defaultSelected) ?? box.options[0]).value];
  return [asDrawn && box.type !== "hidden" ? (box.defaultValue ?? "") : box.value];
}

let known = read(true); // what the server has
const same = (one, other) => JSON.stringify(one ?? []) === JSON.stringify(other ?? []);
const dirty = (now = read()) => Object.keys(now).filter((key) => !same(now[key], known[key]));

function say(which) {
  const text = note.dataset[which];
  note.classList.toggle("mg-saved--lost", which !== "kept");
  if (note.textContent !== text) note.textContent = text;
}

/** Send what changed, one request at a time. */
function save() {
  clearTimeout(timer);
  if (leaving) return null;
  running ??= inTurn(send).finally(() => {
    running = null;
  });
  return running;
}

async function send() {
  const now = read();
  const keys = dirty(now);
  if (!keys.length) return;
  const data = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
  data.set("action", "keep");
  data.set("revision", revision);
  for (const key of keys) {
    data.append("came", key);
    for (const [name, value] of known[key] ?? []) data.append(`was-${name}`, value);
  }
  const keepalive = document.visibilityState === "hidden" && data.toString().length < 60_000;
  try {
    const response = await fetch(address, { method: "POST", body: data, keepalive, redirect: "error" });
    if (!response.ok) throw new Error(response.status);
    take(await response.json(), keys, now);
  } catch {
    say("lost");
    later(wait);
    wait = Math.min(wait * 2, LONGEST);
  }
}

function take(answer, keys, sent) {
  wait = 2000;
  if (answer.again) return later(AFTER_CHANGE);
  revision = String(answer.revision);
  for (const key of keys) known[key] = sent[key];
  for (const [name, text] of Object.entries(answer.boxes)) understood(name, text, sent);
  say(answer.elsewhere.length ? "elsewhere" : "kept");
  if (dirty().length) later(PAUSE);
}

/** Shows how a text was read: at once, or when the box that is being typed in is left. */
function understood(name, text, sent) {
  const box = form.elements.namedItem(name);
  const key = Object.keys(sent).find((each) => sent[each].some(([one]) => one === name));
  const [, typed] = sent[key]?.find(([each]) => each === name) ?? [];
  if (!key || !box?.tagName) return;
  const show = () => {
    if (box.value !== typed) return;
    box.value = text;
    known[key] = known[key].map(([each, value]) => [each, each === name ? text : value]);
  };
  if (box === document.activeElement) box.addEventListener("blur", show, { once: true });
  else show();
}

function later(pause) {
  clearTimeout(timer);
  timer = setTimeout(save, pause);
}

form.addEventListener("input", () => later(PAUSE));
form.addEventListener("change", () => later(AFTER_CHANGE));
window.addEventListener("online", save);
window.addEventListener("pageshow", () => {
  leaving = false;
  if (dirty().length) later(AFTER_CHANGE); // what the browser filled in again
});
document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save());

// A first answer under way is about to bring the key of the draft: a page sent before it came would begin another one.
form.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  clearTimeout(timer);
  if (leaving || !running) {
    leaving = true;
    setTimeout(() => {
      leaving = false; // the way was stopped
    }, LONGEST);
    return;
  }
  event.preventDefault();
  const { submitter } = event;
  const go = () => form.requestSubmit(submitter);
  Promise.race([running, new Promise((done) => setTimeout(done, 5000))]).then(() => {
    running = null;
    go();
  });
});

form.querySelector("[data-saved-when]").hidden = true;
form.querySelector("[data-saved-at-once]").hidden = false;
