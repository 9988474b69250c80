/*
 * Choosing people and groups.
 *
 *   const groups = groupsField({ value: ["staff"] });      form.append(groups.element);   groups.value → ["class 4b", "staff"]
 *   const picker = personPicker({ label: "Person", name: "person", onchange: (person) => … });
 *   form.append(picker.element);                           picker.person → {id, name} or null;   picker.set(person)
 *   foldFilters(h("div", { class: "filters" }, …))         // open beside, folded on a phone
 *   await knownGroups()                                    // names of all groups, in order
 */

import { api } from "/assets/parts/api.js";
import { avatar, debounce, field, fill, h, icon, uniqueId, $ } from "/assets/parts/ui.js";

let groups = null;

/** The names of all groups that anybody is in. People are asked once for each page: there is no list of groups to ask for. */
export function knownGroups() {
  groups ??= (async () => {
    const names = new Set();
    for await (const person of api.each("/people")) for (const group of person.groups) names.add(group);
    return [...names].sort((a, b) => a.localeCompare(b));
  })().catch(() => {
    groups = null;
    return [];
  });
  return groups;
}

/** A <select> of all groups, "All groups" first; `value` is kept even while the names are on their way. */
export function groupFilter(options) {
  return nameFilter(knownGroups(), { label: "Group", name: "group", every: "All groups", ...options });
}

/** The same of all cameras. */
export function cameraFilter(options) {
  const names = api.get("/cameras").then(({ items }) => items.map((camera) => camera.name), () => []);
  return nameFilter(names, { label: "Camera", name: "camera", every: "All cameras", ...options });
}

function nameFilter(coming, { label, name, value = "", every, onchange }) {
  const element = field({ label, name, type: "select", options: [["", every], ...(value ? [[value, value]] : [])], value, onchange });
  const select = $("select", element);
  coming.then((names) => {
    const chosen = select.value;
    fill(select, h("option", { value: "" }, every), [...new Set([...names, ...(chosen ? [chosen] : [])])].map((one) => h("option", { value: one }, one)));
    select.value = chosen;
  });
  return element;
}

const SHOWN = 16;

/** Groups as buttons to press, and a field for a new one. */
export function groupsField({ label = "Groups", hint, value = [], optional = true } = {}) {
  const id = uniqueId("groups");
  const chosen = new Set(value);
  const all = new Set(value);
  const buttons = h("div", { class: "row group-buttons" });
  const suggestions = h("datalist", { id: `${id}-list` });
  const input = h("input", { id, name: "groups", type: "text", maxlength: 64, autocomplete: "off", list: suggestions.id, placeholder: "Another group" });
  const add = h("button", { type: "button", class: "button", onclick: () => take() }, icon("plus"), "Add");

  const draw = () => {
    const names = [...all].sort((a, b) => a.localeCompare(b));
    const shown = names.filter((group, index) => index < SHOWN || chosen.has(group));
    fill(buttons, shown.map((group) => {
      const on = chosen.has(group);
      return h("button", { type: "button", class: "button small", value: group, "aria-pressed": String(on), onclick: () => toggle(group) }, on && icon("check"), group);
    }));
    buttons.hidden = !shown.length;
    fill(suggestions, names.filter((group) => !chosen.has(group)).map((group) => h("option", { value: group })));
  };
  const toggle = (group) => {
    if (!chosen.delete(group)) chosen.add(group);
    draw();
    // The buttons are new ones: the cursor stays on the one that was pressed.
    [...buttons.children].find((button) => button.value === group)?.focus();
  };
  const take = () => {
    const names = input.value.split(",").map((part) => part.trim()).filter(Boolean);
    for (const group of names) {
      chosen.add(group);
      all.add(group);
    }
    input.value = "";
    draw();
    return names.length > 0;
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "," || (event.key === "Enter" && input.value.trim())) {
      event.preventDefault();
      take();
    }
  });
  input.addEventListener("change", () => { if (all.has(input.value.trim())) take(); });
  knownGroups().then((names) => {
    for (const group of names) all.add(group);
    draw();
  });
  draw();

  const hintId = `${id}-hint`;
  const error = h("p", { class: "error", hidden: true });
  const element = h("div", { class: "field", role: "group", "aria-labelledby": `${id}-label` },
    h("span", { class: "label", id: `${id}-label` }, label, optional && h("span", { class: "optional" }, " (optional)")),
    buttons,
    h("div", { class: "row group-new" }, h("label", { class: "visually-hidden", for: id }, "Another group"), input, suggestions, add),
    hint && h("p", { class: "hint", id: hintId }, hint), error);
  return {
    element,
    /** What is typed and not added yet counts as well: nobody means to lose it. */
    get value() {
      if (input.value.trim()) take();
      return [...chosen].sort((a, b) => a.localeCompare(b));
    },
    set value(names) {
      chosen.clear();
      for (const group of names) {
        chosen.add(group);
        all.add(group);
      }
      draw();
    },
  };
}

/** A field that finds a person while one types; arrows choose, Enter takes, Escape closes. */
export function personPicker({ label = "Person", name = "person", hint, value = null, required = false, placeholder = "Anybody", onchange = () => {} } = {}) {
  let person = value;
  let found = [];
  let active = -1;
  let run = 0;
  const listId = uniqueId("people");
  const list = h("ul", { class: "picker-list plain", id: listId, role: "listbox", "aria-label": label, hidden: true });
  const said = h("span", { class: "visually-hidden", role: "status" });
  const input = h("input", {
    type: "text", name, role: "combobox", autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list", "aria-expanded": "false",
    "aria-controls": listId, placeholder, required, value: person?.name ?? "",
  });
  const clear = h("button", { type: "button", class: "button quiet icon small picker-clear", "aria-label": `Clear: ${label}`, hidden: !person, onclick: () => { set(null); onchange(null); input.focus(); } }, icon("close"));
  // The field's label belongs to the input, its box holds the list as well.
  const element = field({ label, name, hint, control: input });
  const box = h("div", { class: "picker" });
  input.replaceWith(box);
  box.append(input, clear, list, said);

  const open = (on) => {
    list.hidden = !on;
    input.setAttribute("aria-expanded", String(on));
    if (!on) {
      active = -1;
      input.removeAttribute("aria-activedescendant");
    }
  };
  const mark = (index) => {
    active = index;
    for (const [at, option] of [...list.children].entries()) {
      option.setAttribute("aria-selected", String(at === index));
      if (at === index) {
        input.setAttribute("aria-activedescendant", option.id);
        option.scrollIntoView({ block: "nearest" });
      }
    }
  };
  const set = (next) => {
    person = next;
    input.value = next?.name ?? "";
    clear.hidden = !next;
    open(false);
  };
  const take = (index) => {
    set({ id: found[index].id, name: found[index].name });
    onchange(person);
  };
  const look = async () => {
    const mine = ++run;
    let page;
    try {
      page = await api.get("/people", { query: { search: input.value.trim(), limit: 8 } });
    } catch {
      return;
    }
    if (mine !== run || document.activeElement !== input) return;
    found = page.items;
    fill(list, found.map((entry, index) => h("li", { role: "option", id: `${listId}-${index}`, "aria-selected": "false",
      // Before the input loses the cursor, which closes the list.
      onpointerdown: (event) => { event.preventDefault(); take(index); } },
    avatar(entry.name), h("span", { class: "grow" }, h("span", { class: "truncate" }, entry.name), h("span", { class: "small muted truncate" }, [entry.id, ...entry.groups].join(" · "))))));
    said.textContent = found.length ? `${found.length} found` : "Nobody found";
    if (!found.length) fill(list, h("li", { class: "muted", role: "option", "aria-disabled": "true", "aria-selected": "false" }, "Nobody of that name"));
    open(true);
  };
  const lookSoon = debounce(look, 150);
  input.addEventListener("input", () => {
    if (person) {
      person = null;
      clear.hidden = true;
      onchange(null);
    }
    if (input.value.trim()) {
      lookSoon();
    } else {
      run += 1;
      open(false);
    }
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) look();
      else if (found.length) mark((active + (event.key === "ArrowDown" ? 1 : -1) + found.length) % found.length);
    } else if (event.key === "Enter" && !list.hidden && found.length) {
      event.preventDefault();
      take(Math.max(active, 0));
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      open(false);
    }
  });
  input.addEventListener("blur", () => {
    run += 1;
    open(false);
    if (!person) input.value = "";
  });
  return { element, input, set, get person() { return person; } };
}

/** Filters that fold on a phone; `used()` says how many are set. Returns the element with `update()`. */
export function foldFilters(filters, used = () => 0) {
  const word = h("summary", {}, "Filters");
  const element = h("details", { class: "fold" }, word, filters);
  const wide = matchMedia("(min-width: 48rem)");
  element.update = () => { word.textContent = used() ? `Filters (${used()} set)` : "Filters"; };
  element.open = wide.matches || used() > 0;
  wide.addEventListener("change", () => { if (wide.matches) element.open = true; });
  element.update();
  return element;
}
