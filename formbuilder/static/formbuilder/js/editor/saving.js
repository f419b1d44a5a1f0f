/* A button of the page editor waits for what Wagtail is saving of itself.
 *
 * Sent beside it, the two would overtake each other: the page that comes back would know an older version than the
 * server has, and Wagtail would speak of another window that does not exist.
 */
(() => {
  "use strict";

  const PATIENCE = 15_000; // ms; then the button goes first, as without this script
  let saving = null; // fulfilled when the answer is there
  let finish = () => {};
  let isLeaving = false;

  document.addEventListener("w-autosave:save", (event) => {
    if (isLeaving) event.preventDefault(); // the button sends everything there is
    else if (!event.defaultPrevented) saving = new Promise((done) => (finish = done));
  });

  const finished = () => {
    saving = null;
    finish();
  };
  document.addEventListener("w-autosave:success", finished);
  document.addEventListener("w-autosave:error", finished);

  /** As pressed: a button that shows progress is disabled by then, and would not be sent. */
  const send = (form, button) => {
    if (button?.name) {
      const pressed = document.createElement("input");
      pressed.type = "hidden";
      pressed.name = button.name;
      pressed.value = button.value;
      form.append(pressed);
    }
    form.requestSubmit();
  };

  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (!form.matches("[data-edit-form]") || isLeaving) return;
      isLeaving = true;
      if (!saving) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const waited = new Promise((done) => setTimeout(done, PATIENCE));
      Promise.race([saving, waited]).then(() => send(form, event.submitter));
    },
    true,
  );

  // somebody else's script has kept the form from being sent after all: a dialogue about another person's version
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) isLeaving = false;
  });
  window.addEventListener("pageshow", () => (isLeaving = false));
})();
