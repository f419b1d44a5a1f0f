// A mark of the list goes to where the cursor was last.
const boxes = document.querySelectorAll("[data-marks]");
let box = document.getElementById("body");

for (const each of boxes) each.addEventListener("focus", () => { box = each; });

for (const mark of document.querySelectorAll("[data-mark]")) {
  const button = document.createElement("button");
  button.type = "button";
  mark.replaceWith(button);
  button.append(mark);
  button.addEventListener("click", () => {
    box.setRangeText(mark.textContent, box.selectionStart, box.selectionEnd, "end");
    box.focus();
  });
}
