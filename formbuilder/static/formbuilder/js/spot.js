// Fills in where the device is, when its owner asks for it. The numbers can be typed all the same.
const show = (button) => {
  button.hidden = !navigator.geolocation;
};
for (const button of document.querySelectorAll("[data-here]")) show(button);
for (const { content } of document.querySelectorAll("template")) content.querySelectorAll("[data-here]").forEach(show);

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-here]");
  if (!button) return;
  const { here, wait, done, failed } = button.dataset;
  const box = (part) => document.getElementById(`${here}-${part}`);
  const say = (text) => {
    button.nextElementSibling.textContent = text;
  };
  const found = ({ coords }) => {
    box("lat").value = coords.latitude.toFixed(6);
    box("lng").value = coords.longitude.toFixed(6);
    box("lat").dispatchEvent(new Event("change", { bubbles: true }));
    say(done);
  };
  say(wait);
  navigator.geolocation.getCurrentPosition(found, () => say(failed), { enableHighAccuracy: true, timeout: 20000 });
});
