/* madoguchi.ItemBlock (formbuilder/item_block.py): an item as a card that shows what the resident will see.
 *
 * Its settings are put into the page when the card is opened; until then one hidden input keeps them, and the card
 * answers what Wagtail asks of a block: state, value, text, copies, errors.
 */
(() => {
  "use strict";

  const { StructBlockDefinition } = window.wagtailStreamField.blocks;
  const { cards, typeOf, items, entryFor } = window.madoguchi;
  const MOST_CHOICES = 6; // that a card names

  let operators;
  const operatorOf = (code) => {
    operators ??= JSON.parse(document.getElementById("mg-operators")?.textContent || "{}");
    return operators[code] || "";
  };

  const made = (tag, className, text = "") => {
    const element = document.createElement(tag);
    element.className = className;
    element.textContent = text;
    return element;
  };

  let known = null; // the items, while cards are drawn one after the other
  const allItems = () => {
    if (!known) {
      known = items();
      queueMicrotask(() => (known = null));
    }
    return known;
  };

  /** 表示条件 in words; "" without one. */
  const conditionOf = ({ condition }) => {
    const rows = (condition?.rows || []).map(({ value: row }) => {
      const name = entryFor(row.field || "", allItems())?.label || "（項目を選んでください）";
      return `${name} ${operatorOf(row.operator)} ${row.value || ""}`.trim();
    });
    return rows.join(condition?.match === "any" ? "、または " : "、かつ ");
  };

  const choicesOf = ({ choices }) => (choices || []).map((row) => row.value?.label).filter(Boolean);

  /** What the resident will see of the item, in small. */
  const drawn = (type, state) => {
    const parts = [];
    const first = made("p", "mg-card__label");
    first.append(made("span", "mg-card__name", state.label || "（見出しがありません）"));
    if (type?.asked) first.append(made("span", `mg-card__need mg-card__need--${!!state.required}`, state.required ? "必須" : "任意"));
    if (state.sensitive) first.append(made("span", "mg-card__need", "機微な情報"));
    parts.push(first);
    if (state.help) parts.push(made("p", "mg-card__help", state.help));
    const choices = choicesOf(state);
    if (choices.length) {
      const more = choices.length > MOST_CHOICES ? `　ほか${choices.length - MOST_CHOICES}` : "";
      parts.push(made("p", "mg-card__choices", `○ ${choices.slice(0, MOST_CHOICES).join("　○ ")}${more}`));
    } else if (type?.asked) parts.push(made("span", "mg-card__box"));
    const condition = conditionOf(state);
    if (condition) parts.push(made("p", "mg-card__condition", `表示条件: ${condition}`));
    return parts;
  };

  const waiting = new Set();
  const later = (card) => {
    if (!waiting.size) requestAnimationFrame(refreshWaiting);
    waiting.add(card);
  };
  const refreshWaiting = () => {
    waiting.forEach((card) => card.refresh());
    waiting.clear();
  };

  class ItemCard {
    constructor(definition, placeholder, prefix, state, error) {
      this.blockDef = definition;
      this.type = definition.name;
      this.prefix = prefix;
      const panel = placeholder.closest("[data-panel]");
      this.toggle = panel?.querySelector("[data-panel-toggle]");
      this.makeCard(panel);
      cards.set(prefix, this);
      if (error || typeof state.packed !== "string") this.draw(placeholder, state, error);
      else this.keep(placeholder, state);
      later(this); // the items that its condition speaks of are drawn by then
    }

    makeCard(panel) {
      this.card = made("div", "mg-card");
      this.card.hidden = true;
      panel?.querySelector(".w-panel__header")?.after(this.card);
      this.card.addEventListener("click", () => this.toggle.click());
      this.toggle?.addEventListener("wagtail:panel-toggle", ({ detail }) => {
        if (detail.expanded) this.open();
        else this.refresh();
        this.card.hidden = detail.expanded;
      });
    }

    keep(placeholder, state) {
      this.state = state;
      this.element = made("div", "");
      this.input = document.createElement("input");
      this.input.type = "hidden";
      this.input.name = `${this.prefix}-packed`;
      this.input.value = state.packed;
      this.element.append(this.input);
      placeholder.replaceWith(this.element);
      // one that somebody has just added is unfolded
      queueMicrotask(() => this.unfolded());
    }

    unfolded() {
      if (this.toggle?.getAttribute("aria-expanded") === "true") this.open();
    }

    draw(placeholder, { packed, ...state }, error) {
      this.state = null;
      this.block = this.blockDef.settings(placeholder, this.prefix, state, error);
      this.element = this.block.container[0];
    }

    /** Put the settings into the page; returns the StructBlock that they are. */
    open() {
      if (!this.block) {
        const placeholder = made("div", "");
        this.element.replaceWith(placeholder);
        this.draw(placeholder, this.state);
      }
      return this.block;
    }

    refresh() {
      if (!this.card.hidden || this.toggle?.getAttribute("aria-expanded") !== "true") {
        this.card.hidden = false;
        this.card.replaceChildren(...drawn(typeOf(this.type), this.getState()));
      }
    }

    getState() {
      return this.block ? this.block.getState() : this.state;
    }

    getValue() {
      return this.block ? this.block.getValue() : JSON.parse(this.state.packed);
    }

    setState(state) {
      if (this.block || typeof state.packed !== "string") {
        const { packed, ...settings } = state;
        this.open().setState(settings);
      } else {
        this.state = state;
        this.input.value = state.packed;
      }
      this.refresh();
    }

    getDuplicatedState() {
      return this.open().getDuplicatedState(); // rows and choices of a copy get ids of their own
    }

    setError(error) {
      if (error || this.block) this.open().setError(error);
    }

    getTextLabel() {
      return String(this.getState().label || "");
    }

    focus(options) {
      this.open().focus(options);
    }
  }

  class ItemBlockDefinition extends StructBlockDefinition {
    render(placeholder, prefix, state, error) {
      return new ItemCard(this, placeholder, prefix, state || {}, error);
    }

    settings(placeholder, prefix, state, error) {
      return super.render(placeholder, prefix, state, error);
    }
  }

  window.telepath.register("madoguchi.ItemBlock", ItemBlockDefinition);

  const DRAWN_AT_ONCE = 60; // items; the screens after them are drawn when somebody comes near
  const HEIGHT = 8; // rem, about, of an item's card
  let itemsDrawn = 0;

  const near = new IntersectionObserver(
    (entries) => entries.forEach(({ isIntersecting, target }) => isIntersecting && target.mgScreen.open()),
    { rootMargin: "1200px" },
  );

  /** A screen far down in a long form. Without a header of its own: it is there, or it is not yet. */
  class Screen extends ItemCard {
    makeCard() {
      this.card = made("div", "");
    }

    keep(placeholder, state) {
      super.keep(placeholder, state);
      this.element.style.minBlockSize = `${HEIGHT * state.fields.length}rem`;
      this.element.mgScreen = this;
      near.observe(this.element);
    }

    draw(...args) {
      if (this.element) near.unobserve(this.element);
      super.draw(...args);
    }

    unfolded() {} // near() draws it

    refresh() {}

    getTextLabel() {
      return String(this.getState().title || "");
    }
  }

  class ScreenBlockDefinition extends ItemBlockDefinition {
    render(placeholder, prefix, state, error) {
      const isFar = itemsDrawn > DRAWN_AT_ONCE;
      itemsDrawn += state?.fields?.length || 0;
      return new Screen(this, placeholder, prefix, isFar ? state : { ...state, packed: undefined }, error);
    }
  }

  window.telepath.register("madoguchi.ScreenBlock", ScreenBlockDefinition);

  // an item was renamed, removed or moved: conditions that speak of it follow
  const refresh = () => cards.forEach((card) => card.element.isConnected && later(card));
  document.addEventListener("change", ({ target }) => /-value-(?:label|name)$/.test(target.name || "") && refresh());
})();
