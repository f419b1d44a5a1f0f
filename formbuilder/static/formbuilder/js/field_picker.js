/* The page editor's helpers for the items of the form being edited, unsaved ones too.
 *
 * mg-field-picker: a list of items in place of an input that holds "id" or "id.part". The input stays, hidden, and
 * stays the holder of the value: Wagtail reads and writes it when blocks are copied, moved or undone.
 * mg-formula: 「項目を入れる」 beside a formula.
 *
 * What a type offers comes from formbuilder/wagtail_hooks.py: {type: {kind, parts: {code: label}, offers, rows}}; rows:
 * of a repeated group, the kinds of the items in its rows whose answers can be chosen from outside.
 */
(() => {
  "use strict";

  const CHOOSE = "項目を選んでください";
  const GONE = "（削除された項目）";
  const EXAMPLES = { date: "例: 2026-04-01", number: "例: 2" };

  let types;
  const typeOf = (name) => {
    types ??= JSON.parse(document.getElementById("mg-field-types")?.textContent || "{}");
    return Object.hasOwn(types, name) ? types[name] : null;
  };

  // --- the form as it stands in the editor

  const byName = (name) => document.getElementsByName(name)[0];
  const valueOf = (name) => byName(name)?.value.trim() || "";
  const blockAround = (element) => element?.closest("[data-streamfield-child]");
  const settingsPrefix = (block) => {
    const input = block?.querySelector(":scope > input[name$='-type']");
    return input && input.name.slice(0, -"-type".length);
  };

  const isDeleted = (element) => {
    for (let block = blockAround(element); block; block = blockAround(block.parentElement)) {
      if (block.querySelector(":scope > input[name$='-deleted']")?.value) return true;
    }
    return false;
  };

  /** Id of the group in whose rows a block stands; "" outside of rows. */
  const groupAround = (block) => {
    const prefix = settingsPrefix(blockAround(block?.parentElement));
    return prefix && typeOf(valueOf(`${prefix}-type`))?.rows ? valueOf(`${prefix}-id`) : "";
  };

  /** The item that a block is: {id, name, step, group, prefix, type}; null of any other block, and of a deleted one. */
  const itemOf = (block) => {
    const prefix = settingsPrefix(block);
    const type = prefix && typeOf(valueOf(`${prefix}-type`));
    if (!type || isDeleted(block)) return null;
    const name = valueOf(`${prefix}-value-name`) || valueOf(`${prefix}-value-label`);
    const group = groupAround(block);
    const outer = group ? blockAround(block.parentElement) : block;
    const step = settingsPrefix(blockAround(outer.parentElement));
    return { id: valueOf(`${prefix}-id`), name, step: valueOf(`${step}-value-title`), group, prefix, type };
  };

  /** What can be chosen of an item: itself, or each of its parts. */
  const entriesOf = (item) => {
    if (item.type.kind) return [{ value: item.id, label: item.name, formula: `［${item.name}］`, item }];
    const part = (code, label, of) => ({
      value: `${item.id}.${code}`,
      label: `${item.name}：${label}`,
      formula: `［${item.name}.${label}］`,
      item: of,
    });
    const rows = item.type.rows ? items().filter((inner) => inner.group === item.id) : [];
    return [
      ...Object.entries(item.type.parts).map(([code, label]) => part(code, label, item)),
      ...rows.filter((inner) => item.type.rows.includes(inner.type.kind)).map((inner) => part(inner.id, inner.name, inner)),
    ];
  };

  /** Every item that has a name, in the order of the form. */
  const items = () =>
    [...document.querySelectorAll("[data-streamfield-child]")].map(itemOf).filter((item) => item?.id && item.name);

  /** Everything that can be chosen from within a row of the group, or from outside of rows (""). */
  const entries = (except, group) =>
    items()
      .filter((item) => item.id !== except && item.id !== group && ["", group].includes(item.group))
      .flatMap(entriesOf);

  /** The entry of a value; undefined when its item is gone, or not drawn yet. */
  const entryFor = (value) => {
    const id = CSS.escape(value.split(".")[0]);
    const block = value && document.querySelector(`[data-streamfield-child][data-contentpath="${id}"]`);
    const item = block && itemOf(block);
    return item ? entriesOf(item).find((entry) => entry.value === value) : undefined;
  };

  /** Id of the item in whose settings the element stands. */
  const ownItem = (element) => {
    for (let block = blockAround(element); block; block = blockAround(block.parentElement)) {
      const prefix = settingsPrefix(block);
      if (prefix && typeOf(valueOf(`${prefix}-type`))) return valueOf(`${prefix}-id`);
    }
    return "";
  };

  /** Id of the group in whose rows the element stands; "" outside of rows. */
  const ownGroup = (element) => {
    for (let block = blockAround(element); block; block = blockAround(block.parentElement)) {
      const group = groupAround(block);
      if (group) return group;
    }
    return "";
  };

  /** The answers that an item offers, as its editor has written them. */
  const offeredBy = ({ type, prefix }) => {
    if (type.offers === "yes_no") {
      return [valueOf(`${prefix}-value-yes_label`) || "はい", valueOf(`${prefix}-value-no_label`) || "いいえ"];
    }
    if (type.offers !== "choices") return [];
    const rows = document.querySelectorAll(`input[name^="${prefix}-value-choices-"][name$="-value-label"]`);
    return [...rows].filter((row) => !isDeleted(row)).map((row) => row.value.trim()).filter(Boolean);
  };

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
    show() {
      const entry = entryFor(this.element.value);
      if (document.activeElement === this.select) this.list(); // somebody is about to choose
      else fill(this.select, entry ? [entry] : [], this.element.value);
      this.offer();
    }

    list() {
      fill(this.select, entries(ownItem(this.element), ownGroup(this.element)), this.element.value);
    }

    /** Suggest values for the comparison beside the item. */
    offer() {
      const value = byName(this.element.name.replace(/-field$/, "-value"));
      if (!value?.hasAttribute("data-mg-condition-value")) return;
      const entry = entryFor(this.element.value);
      const id = `${value.id}-offered`;
      const list = document.getElementById(id) || document.createElement("datalist");
      list.id = id;
      list.replaceChildren(...(entry ? offeredBy(entry.item) : []).map((text) => option(text, text)));
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
  const followUp = () => requestAnimationFrame(() => pickers.forEach((picker) => picker.show()));
  document.addEventListener("change", ({ target }) => {
    if (/-value-(?:label|name|title)$/.test(target.name || "")) followUp();
  });
  const onAction = ({ target }) => target.closest("[data-streamfield-action]") && followUp();
  document.addEventListener("click", onAction, true); // the buttons let no click through to here otherwise

  // --- telepath: what a folded condition and a folded item say about themselves

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

  const Checkbox = window.telepath.constructors["wagtail.widgets.CheckboxInput"];
  window.telepath.register(
    "madoguchi.RequiredSwitch",
    class extends Checkbox {
      render(...args) {
        const bound = super.render(...args);
        bound.getTextLabel = () => (bound.getValue() ? "必須" : "任意");
        return bound;
      }
    },
  );
})();
