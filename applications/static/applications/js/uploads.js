// Sends files as soon as they are chosen, in pieces; after a lost connection it goes on where it was. What cannot be
// taken stays in the box, and is told. Without this script files go with the page.
import { inTurn } from "./turns.js";

const form = document.querySelector("form[data-step]");
const { uploads, sending, lost, sent, waiting } = form.querySelector("[data-uploads]").dataset;
const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
const LONGEST = 30_000; // ms between two tries
let running = 0;
let whenDone = [];

const pause = (time) =>
  new Promise((done) => {
    setTimeout(done, time);
    window.addEventListener("online", done, { once: true });
  });

async function post(address, body) {
  const response = await fetch(address, { method: "POST", body, redirect: "error", headers: { "X-CSRFToken": token } });
  if (!response.ok) throw new Error(response.status);
  return response.json();
}

/** The server's last word about a file: {files}, {refused} or {gone}. */
async function send(file, key, show) {
  let wait = 1000;
  for (;;) {
    try {
      const about = { field: key, name: file.name, size: file.size, mark: `${file.name}|${file.size}|${file.lastModified}` };
      let state = await inTurn(() => post(uploads, new URLSearchParams(about)));
      const { id, piece } = state;
      while (state.offset !== undefined) {
        show(sending, state.offset / file.size);
        const body = file.slice(state.offset, state.offset + piece);
        const address = `${uploads}${id}/?offset=${state.offset}`;
        state = await inTurn(() => post(address, body));
        wait = 1000;
      }
      return state;
    } catch {
      show(lost);
      await pause(wait);
      wait = Math.min(wait * 2, LONGEST);
    }
  }
}

/** A line about one file, with how far it is; show(words, part, isRefused). */
function line(list, file) {
  const item = list.appendChild(document.createElement("li"));
  const name = item.appendChild(document.createElement("span"));
  const bar = item.appendChild(document.createElement("progress"));
  const words = item.appendChild(document.createElement("span"));
  item.className = "mg-sending__item";
  name.textContent = file.name;
  bar.className = "mg-progress__bar";
  bar.setAttribute("aria-label", file.name);
  bar.value = 0;
  const show = (text, part = bar.value, isRefused = false) => {
    if (words.textContent !== text) words.textContent = text;
    bar.value = part;
    bar.hidden = isRefused;
    words.className = isRefused ? "mg-field__error" : "mg-note";
  };
  return { item, show };
}

async function sendAll(box) {
  const frame = box.closest("[data-field]");
  const upload = box.closest(".mg-upload");
  const list = upload.querySelector(".mg-sending");
  const left = new DataTransfer();
  const files = [...box.files];
  list.replaceChildren();
  const lines = files.map((file) => line(list, file));
  for (const [number, file] of files.entries()) {
    const { item, show } = lines[number];
    show(waiting, 0);
    const state = await send(file, frame.dataset.field, show);
    if (state.files) {
      frame.querySelector(".mg-files")?.remove();
      upload.insertAdjacentHTML("beforebegin", state.files);
      item.remove();
    } else {
      show(state.refused ?? lost, 0, true);
      left.items.add(file);
    }
  }
  box.files = left.files; // those that were not taken go with the page, which tells about them in full
  if (!left.files.length) list.replaceChildren();
  say(upload, left.files.length ? list.textContent : sent);
}

function say(upload, text) {
  upload.querySelector("[role=status]").textContent = text;
}

for (const box of form.querySelectorAll(".mg-upload input[type=file]")) {
  box.addEventListener("change", async (event) => {
    event.stopPropagation();
    if (!box.files.length) return;
    running += 1;
    say(box.closest(".mg-upload"), sending);
    await sendAll(box);
    running -= 1;
    if (!running) for (const go of whenDone.splice(0)) go();
  });
}

// A page that is sent meanwhile waits for its files.
form.addEventListener("submit", (event) => {
  if (!running) return;
  event.preventDefault();
  const { submitter } = event;
  whenDone = [() => form.requestSubmit(submitter)];
});
