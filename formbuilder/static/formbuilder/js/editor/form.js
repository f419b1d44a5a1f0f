/* The form as it stands in the page editor, unsaved items and folded cards too.
 *
 * What a type offers comes from formbuilder/wagtail_hooks.py: {type: {label, kind, parts: {code: label}, offers, rows}};
 * offered: the answers of a type that has always the same; own: the setting whose options are an item's parts;
 * rows: of a repeated group, the kinds of the items in its rows whose answers can be chosen from outside.
 */
(() => {
  "use strict";

  const cards = new Map(); // prefix of a block's settings -> its card, which knows them while they are not in the page

  let types;
  const typeOf = (name) => {
    types ??= JSON.parse(document.getElementById("mg-field-types")?.textContent || "{}");
    return Object.hasOwn(types, name) ? types[name] : null;
  };

  const byName = (name) => document.getElementsByName(name)[0];
  const valueOf = (name) => byName(name)?.value.trim() || "";
  const text = (value) => String(value ?? "").trim();
  const blockAround = (element) => element?.closest("[data-streamfield-child]");
  /** One of the inputs that Wagtail keeps about a block itself: type, id, deleted. */
  const own = (block, what) => block?.querySelector(`:scope > input[name$='-${what}']`);
  const prefixOf = (block) => own(block, "type")?.name.slice(0, -"-type".length);
  const typeOfBlock = (block) => typeOf(own(block, "type")?.value);

  /** Settings of a block that were not put into the page yet; null once they are. */
  const folded = (block) => cards.get(`${prefixOf(block)}-value`)?.state || null;

  /** A text setting of a block, wherever it is kept. */
  const setting = (block, name) => {
    const state = folded(block);
    return state ? text(state[name]) : valueOf(`${prefixOf(block)}-value-${name}`);
  };

  const isDeleted = (element) => {
    for (let block = blockAround(element); block; block = blockAround(block.parentElement)) {
      if (own(block, "deleted")?.value) return true;
    }
    return false;
  };

  /** Id of the group in whose rows a block stands; "" outside of rows. */
  const groupAround = (block) => {
    const outer = blockAround(block?.parentElement);
    return typeOfBlock(outer)?.rows ? own(outer, "id").value : "";
  };

  /** The answers that an item offers, as its editor has written them. */
  const offers = (type, read, labels) => {
    if (type.offers === "yes_no") return [read("yes_label") || "はい", read("no_label") || "いいえ"];
    return type.offers === "choices" ? labels().filter(Boolean) : type.offered || [];
  };

  const labelsInPage = (prefix, name = "choices") => {
    const rows = document.querySelectorAll(`input[name^="${prefix}-value-${name}-"][name$="-value-label"]`);
    return [...rows].filter((row) => !isDeleted(row)).map((row) => row.value.trim());
  };

  /** An item: {id, name, step, group, type, offered(), own()}. Here one that is not in the page, with those in its rows. */
  const kept = ({ id, type: name, value }, step, group = "") => {
    const type = typeOf(name);
    if (!type) return [];
    const labels = () => (value.choices || []).map((row) => text(row.value?.label));
    const offered = () => offers(type, (setting) => text(value[setting]), labels);
    const own = () => (value[type.own] || []).map((row) => text(row.value?.label));
    const item = { id, name: text(value.name) || text(value.label), step, group, type, offered, own };
    return [item, ...(type.rows ? (value.fields || []).flatMap((inner) => kept(inner, step, id)) : [])];
  };

  const inPage = (block, type) => {
    const prefix = prefixOf(block);
    const state = folded(block);
    const group = groupAround(block);
    const step = setting(blockAround((group ? blockAround(block.parentElement) : block).parentElement), "title");
    const id = own(block, "id").value;
    if (state) return kept({ id, type: own(block, "type").value, value: state }, step, group);
    const offered = () => offers(type, (name) => setting(block, name), () => labelsInPage(prefix));
    const ownParts = () => labelsInPage(prefix, type.own);
    return [{ id, name: setting(block, "name") || setting(block, "label"), step, group, type, offered, own: ownParts }];
  };

  /** The items that a block of the page is, or keeps: of a screen that is not drawn, all of them. */
  const itemsOf = (block) => {
    if (isDeleted(block)) return [];
    const type = typeOfBlock(block);
    if (type) return inPage(block, type);
    const state = folded(block);
    return (state?.fields || []).flatMap((item) => kept(item, text(state.title)));
  };

  /** Every item that has a name, in the order of the form. */
  const items = () =>
    [...document.querySelectorAll("[data-streamfield-child]")].flatMap(itemsOf).filter((item) => item.id && item.name);

  /** What can be chosen of an item: itself, or each of its parts. */
  const entriesOf = (item, all = []) => {
    if (item.type.kind) return [{ value: item.id, label: item.name, formula: `［${item.name}］`, item }];
    const part = (code, label, of) => ({
      value: `${item.id}.${code}`,
      label: `${item.name}：${label}`,
      formula: `［${item.name}.${label}］`,
      item: of,
    });
    const rows = item.type.rows ? all.filter((inner) => inner.group === item.id) : [];
    const named = item.type.own ? item.own().filter(Boolean) : []; // the server knows a part by its label too
    return [
      ...named.map((label) => part(label, label, item)),
      ...Object.entries(item.type.parts).map(([code, label]) => part(code, label, item)),
      ...rows.filter((inner) => item.type.rows.includes(inner.type.kind)).map((inner) => part(inner.id, inner.name, inner)),
    ];
  };

  /** Everything that can be chosen from within a row of the group, or from outside of rows (""). */
  const entries = (except, group) => {
    const all = items();
    return all
      .filter((item) => item.id !== except && item.id !== group && ["", group].includes(item.group))
      .flatMap((item) => entriesOf(item, all));
  };

  /** The entry of a value; undefined when its item is gone, or not drawn yet. */
  const entryFor = (value, all = items()) => {
    const item = value && all.find((each) => each.id === value.split(".")[0]);
    return item ? entriesOf(item, all).find((entry) => entry.value === value) : undefined;
  };

  /** Id of the item in whose settings the element stands. */
  const ownItem = (element) => {
    for (let block = blockAround(element); block; block = blockAround(block.parentElement)) {
      if (typeOfBlock(block)) return own(block, "id").value;
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

  window.madoguchi = { cards, byName, typeOf, items, entries, entryFor, ownItem, ownGroup };
})();
