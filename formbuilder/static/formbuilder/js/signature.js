// Makes a picture of what is drawn with a finger, or of a name that is typed, and puts it where files are chosen.
const INK = "#111";

function pad(area) {
  const canvas = area.querySelector("canvas");
  const typed = area.querySelector("[data-typed]");
  const said = area.querySelector("[role=status]");
  const pen = canvas.getContext("2d");
  let drawn = false;

  const clear = () => {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    Object.assign(pen, { fillStyle: INK, strokeStyle: INK, lineWidth: 6, lineCap: "round", lineJoin: "round" });
    drawn = false;
    said.textContent = "";
  };
  const place = ({ clientX, clientY }) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return [((clientX - left) * canvas.width) / width, ((clientY - top) * canvas.height) / height];
  };
  const use = () =>
    canvas.toBlob((picture) => {
      const box = document.getElementById(area.dataset.sign);
      const files = new DataTransfer();
      files.items.add(new File([picture], area.dataset.file, { type: "image/png" }));
      box.files = files.files;
      box.dispatchEvent(new Event("change", { bubbles: true }));
      clear();
    });

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    pen.lineTo(...place(event));
    pen.stroke();
    drawn = true;
  });
  area.querySelector("[data-clear]").addEventListener("click", clear);
  area.querySelector("[data-use]").addEventListener("click", () => {
    if (drawn) use();
    else said.textContent = area.dataset.empty;
  });
  area.querySelector("[data-name]").addEventListener("click", () => {
    const name = typed.value.trim();
    if (!name) {
      said.textContent = area.dataset.unnamed;
      typed.focus();
      return;
    }
    clear();
    pen.font = `${Math.min(150, 800 / [...name].length)}px serif`;
    Object.assign(pen, { textAlign: "center", textBaseline: "middle" });
    pen.fillText(name, canvas.width / 2, canvas.height / 2, canvas.width - 40);
    use();
  });
  clear();
  area.hidden = false;
}

for (const area of document.querySelectorAll("[data-sign]")) pad(area);
