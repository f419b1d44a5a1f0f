/* The page editor's lists of the items of the form being edited (editor/form.js).
 *
 * mg-field-picker: a list of items in place of an input that holds "id" or "id.part". The input stays, hidden, and
 * stays the holder of the value: Wagtail reads and writes it when blocks are copied, moved or undone.
 * mg-formula: 「項目を入れる」 beside a formula.
 */
(() => {
  "use strict";

  const { byName, items, entries, entryFor, ownItem, ownGroup } = window.madoguchi;
  const CHOOSE = "項目を選んでください";
  const GONE = "（削除された項目）";
  const EXAMPLES = { date: "例: 2026-04-01", number: "例: 2" };

  // --- lists

  const option = (value, label) => new Option(label, value);

  /** Fill a select with entries, grouped by step. An open list is not redrawn while it would stay the same. */
  const fill = (select, list, value) => {
    const shown = JSON.stringify([value, list.map((entry) => [entry.value, entry.label, entry.item.step])]);
    if (select.mgShown === shown) return;
    select.mgShown = shown;
    const groups = new Map();
    for (const entry of list) {
      if (!groups.has(entry.item.step)) groups.set(entry.item.step, []);
      groups.get(entry.item.step).push(option(entry.value, entry.label));
    }
    select.replaceChildren(option("", CHOOSE));
    for (const [step, options] of groups) {
      const group = document.createElement("optgroup");
      group.label = step || "題名のない画面";
      group.append(...options);
      select.append(group);
    }
    if (value && !list.some((entry) => entry.value === value)) select.append(option(value, GONE));
    select.value = value;
  };

  const announce = (input) => {
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };

  // --- Stimulus

  const { Controller } = window.StimulusModule;
  const pickers = new Set();

  class FieldPickerController extends Controller {
    connect() {
      const input = this.element;
      const after = input.nextElementSibling;
      this.select = after?.matches("select[data-mg-picker]") ? after : this.makeSelect();
      pickers.add(this);
      requestAnimationFrame(() => this.show()); // the item may be drawn after its condition
    }

    disconnect() {
      pickers.delete(this);
    }

    makeSelect() {
      const input = this.element;
      const select = document.createElement("select");
      select.dataset.mgPicker = "";
      select.id = `${input.id}-list`;
      for (const label of input.labels) label.htmlFor = select.id;
      for (const name of ["aria-describedby", "aria-invalid"]) {
        if (input.hasAttribute(name)) select.setAttribute(name, input.getAttribute(name));
      }
      select.required = input.required;
      for (const event of ["focus", "mousedown"]) select.addEventListener(event, () => this.list());
      select.addEventListener("change", () => {
        input.value = select.value;
        announce(input);
        this.offer();
      });
      input.classList.add("w-sr-only");
      input.tabIndex = -1;
      input.setAttribute("aria-hidden", "true");
      input.addEventListener("focus", () => select.focus());
      input.after(select);
      return select;
    }

    /** The chosen item only: a form of 300 items would otherwise fill every list with 300 lines. */
    show(all) {
      const entry = entryFor(this.element.value, all);
      if (document.activeElement === this.select) this.list(); // somebody is about to choose
      else fill(this.select, entry ? [entry] : [], this.element.value);
      this.offer(entry);
    }

    list() {
      fill(this.select, entries(ownItem(this.element), ownGroup(this.element)), this.element.value);
    }

    /** Suggest values for the comparison beside the item. */
    offer(entry = entryFor(this.element.value)) {
      const value = byName(this.element.name.replace(/-field$/, "-value"));
      if (!value?.hasAttribute("data-mg-condition-value")) return;
      const id = `${value.id}-offered`;
      const list = document.getElementById(id) || document.createElement("datalist");
      list.id = id;
      list.replaceChildren(...(entry ? entry.item.offered() : []).map((text) => option(text, text)));
      if (!list.isConnected) value.after(list);
      value.setAttribute("list", id);
      value.placeholder = EXAMPLES[entry?.item.type.kind] || "";
    }
  }

  class FormulaController extends Controller {
    connect() {
      const after = this.element.nextElementSibling;
      if (!after?.matches("[data-mg-formula]")) this.element.after(this.makeTools());
    }

    makeTools() {
      const tools = document.createElement("div");
      tools.dataset.mgFormula = "";
      tools.className = "mg-formula-tools";
      const select = document.createElement("select");
      select.setAttribute("aria-label", "式に入れる項目");
      select.addEventListener("focus", () => this.list(select));
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button button-small button-secondary";
      button.textContent = "項目を入れる";
      button.addEventListener("click", () => this.insert(select));
      tools.append(select, button);
      fill(select, [], "");
      return tools;
    }

    list(select) {
      // a rule speaks of its own item; a calculation cannot
      const except = this.element.name.includes("-rules-") ? "" : ownItem(this.element);
      const list = entries(except, ownGroup(this.element)).map((entry) => ({ ...entry, value: entry.formula }));
      const chosen = list.some((entry) => entry.value === select.value) ? select.value : "";
      fill(select, list, chosen);
    }

    insert(select) {
      const input = this.element;
      if (!select.value) {
        select.focus();
        return;
      }
      input.setRangeText(select.value, input.selectionStart, input.selectionEnd, "end");
      input.focus();
      announce(input);
    }
  }

  const app = window.wagtail.app;
  app.register("mg-field-picker", FieldPickerController);
  app.register("mg-formula", FormulaController);

  // an item was renamed, removed or moved: the lists that show it follow
  const followUp = () => requestAnimationFrame(() => {
    const all = items();
    pickers.forEach((picker) => picker.show(all));
  });
  document.addEventListener("change", ({ target }) => {
    if (/-value-(?:label|name|title)$/.test(target.name || "")) followUp();
  });
  const onAction = ({ target }) => target.closest("[data-streamfield-action]") && followUp();
  document.addEventListener("click", onAction, true); // the buttons let no click through to here otherwise

  // --- telepath: what a folded condition says about itself

  const Widget = window.telepath.constructors["wagtail.widgets.Widget"];
  window.telepath.register(
    "madoguchi.FieldPicker",
    class extends Widget {
      render(...args) {
        const bound = super.render(...args);
        bound.getTextLabel = () => entryFor(bound.getValue())?.label || "";
        return bound;
      }
    },
  );
})();
