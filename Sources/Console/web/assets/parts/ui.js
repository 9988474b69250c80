/*
 * Small helpers that every page needs. Data reaches the page as text and attributes only: nothing here parses HTML.
 *
 *   import { h, icon, toast, confirmDialog, formDialog, field, submits, dataTable, maskBadge, avatar, … } from "/assets/parts/ui.js";
 *
 *   h("button", { class: "button", onclick: save, disabled: true, dataset: { id } }, icon("check"), "Save")
 *   toast("Saved");  toast(error);                                  // a string, or any Error (shown as a failure)
 *   const answer = await confirmDialog({ title, text, confirm: "Forget", danger: true,
 *                                        reason: "Why?", typeName: "Ada" });      // null, or { reason }
 *   const made = await formDialog({ title, fields: [field({…}), …], submit: "Add", onsubmit: (values) => api.post(…) });
 *   field({ label, name, type: "text"|"select"|"textarea"|"date"|…, value, required, hint, options: [[value, word], …] })
 *   submits(form, async (values) => …)         // busy button, old errors cleared, a problem's errors beside their fields
 *   const table = dataTable({ caption, columns: [{ title, cell: (row) => …, header, number, tools }],
 *                             load: (after) => api.get("/people", { query: { after } }),
 *                             empty: { icon: "people", title, text, action } });
 *   page.append(table.element); table.reload();
 *   maskBadge("none")  avatar("Ada Lovelace")  personCell(person)  timeElement(iso)  timeElement(iso, "relative")
 *   formatTime(iso)  formatDate(iso)  formatDateTime(iso)  formatDay("2026-11-25")  today()  percent(0.93)  hours(7.5)
 */

import { ApiError } from "/assets/parts/api.js";

// Elements

const PROPERTIES = new Set(["value", "checked", "disabled", "selected", "indeterminate", "srcObject", "muted", "htmlFor", "hidden"]);

export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null) continue;
    if (name === "class") element.className = Array.isArray(value) ? value.filter(Boolean).join(" ") : value;
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (name === "style") Object.assign(element.style, value);
    else if (name.startsWith("on") && typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (PROPERTIES.has(name)) element[name] = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, String(value));
  }
  element.append(...flat(children));
  // A <select> has its options only now.
  if (tag === "select" && props?.value !== undefined) element.value = props.value;
  return element;
}

function flat(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== true);
}

/** Replaces everything inside an element. */
export function fill(element, ...children) {
  element.replaceChildren(...flat(children));
  return element;
}

export const $ = (selector, root = document) => root.querySelector(selector);

let counter = 0;
export const uniqueId = (prefix = "x") => `${prefix}-${++counter}`;

// Icons: 24×24, drawn with a line of the text's colour

const ICONS = {
  live: ["M3 8V5a2 2 0 0 1 2-2h3", "M16 3h3a2 2 0 0 1 2 2v3", "M21 16v3a2 2 0 0 1-2 2h-3", "M8 21H5a2 2 0 0 1-2-2v-3", "M9 9.5v.6", "M15 9.5v.6", "M8.5 14.5c2 2 5 2 7 0"],
  camera: ["M4 8h3.5l1.5-2.5h6L16.5 8H20a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1z", "M12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z"],
  webcam: ["M12 15a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11z", "M12 11.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4z", "M9 14.5L6.5 20h11L15 14.5"],
  video: ["M3 7h12v10H3z", "M15 11l6-3.5v9L15 13"],
  people: ["M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z", "M2.5 20c0-3.5 2.9-6 6.5-6s6.5 2.5 6.5 6", "M16 4.3a3.5 3.5 0 0 1 0 6.4", "M18 14.5c2.1.8 3.5 2.9 3.5 5.5"],
  person: ["M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M4.5 20.5c0-3.8 3.4-6.5 7.5-6.5s7.5 2.7 7.5 6.5"],
  attendance: ["M8 4H6a1 1 0 0 0-1 1v15a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1V5a1 1 0 0 0-1-1h-2", "M9 2.5h6v3H9z", "M8.5 13.5l2.5 2.5 4.5-5"],
  mask: ["M4 9c2.5-1.7 5-2.5 8-2.5s5.5.8 8 2.5v3.5c0 3.5-3.5 6-8 6s-8-2.5-8-6z", "M4 10H2v1.5a2 2 0 0 0 2 2", "M20 10h2v1.5a2 2 0 0 1-2 2", "M8 11.5h8", "M8.5 14.5h7"],
  more: ["M5 12h.01", "M12 12h.01", "M19 12h.01"],
  audit: ["M8 6h12", "M8 12h12", "M8 18h12", "M4 6h.01", "M4 12h.01", "M4 18h.01"],
  menu: ["M4 6.5h16", "M4 12h16", "M4 17.5h16"],
  close: ["M6 6l12 12", "M18 6L6 18"],
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  warning: ["M12 4L2.8 20h18.4z", "M12 10v4.5", "M12 17.3v.01"],
  info: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z", "M12 11v5", "M12 8v.01"],
  question: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z", "M9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .9-1 1.7", "M12 16.5v.01"],
  cross: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z", "M9 9l6 6", "M15 9l-6 6"],
  scarf: ["M5 5c3 2.5 11 2.5 14 0v5c-3 3-11 3-14 0z", "M14 12l3 8.5h-5l-2-8.2"],
  download: ["M12 4v11", "M7.5 11l4.5 4.5 4.5-4.5", "M4 20h16"],
  upload: ["M12 16V5", "M7.5 9L12 4.5 16.5 9", "M4 20h16"],
  expand: ["M14 4h6v6", "M20 4l-7 7", "M10 20H4v-6", "M4 20l7-7"],
  shrink: ["M20 10h-6V4", "M14 10l7-7", "M4 14h6v6", "M10 14l-7 7"],
  sun: ["M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M12 2.5v2", "M12 19.5v2", "M2.5 12h2", "M19.5 12h2", "M5.3 5.3l1.4 1.4", "M17.3 17.3l1.4 1.4", "M18.7 5.3l-1.4 1.4", "M6.7 17.3l-1.4 1.4"],
  moon: ["M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z"],
  logout: ["M14 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h8", "M10 12h11", "M17 8l4 4-4 4"],
  plus: ["M12 5v14", "M5 12h14"],
  minus: ["M5 12h14"],
  trash: ["M4 7h16", "M9 7V4h6v3", "M6 7l1 13h10l1-13", "M10 11v5", "M14 11v5"],
  edit: ["M4 20l1-4.5L16 4.5l3.5 3.5L8.5 19z", "M14 6.5l3.5 3.5"],
  search: ["M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13z", "M15.5 15.5L20.5 20.5"],
  chevron: ["M9 5l7 7-7 7"],
  back: ["M20 12H5", "M11 6l-6 6 6 6"],
  refresh: ["M20 11a8 8 0 0 0-14.5-3.5L3.5 10", "M3.5 4.5V10H9", "M4 13a8 8 0 0 0 14.5 3.5l2-2.5", "M20.5 19.5V14H15"],
  image: ["M4 4h16v16H4z", "M4 16.5l5-5 4 4 2.5-2.5 4.5 4.5", "M15.5 9h.01"],
  clock: ["M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z", "M12 7v5.5l3.5 2"],
  door: ["M6 21V4a1 1 0 0 1 1-1h10a1 1 0 0 1 1 1v17", "M3.5 21h17", "M14.5 12v.01"],
  signal: ["M4 18v2", "M9.3 14v6", "M14.7 9v11", "M20 4v16"],
  offline: ["M3 3l18 18", "M7 10.5a8 8 0 0 1 3-1.7", "M14.5 9a8 8 0 0 1 3.5 2.2", "M4 7.5A13 13 0 0 1 6 6.2", "M11 5a13 13 0 0 1 9.5 3.5", "M10 14.3a4 4 0 0 1 4.5.7", "M12 18.5v.01"],
  key: ["M8 20a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9z", "M11.2 12.3L20 3.5", "M16 7.5l3 3", "M13.5 10l2 2"],
  shield: ["M12 3l8 3v6c0 4.5-3.3 7.7-8 9-4.7-1.3-8-4.5-8-9V6z"],
  kiosk: ["M5 3h14v13H5z", "M12 16v5", "M8 21h8"],
};

export function icon(name, label) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "glyph");
  svg.setAttribute("fill", "none");
  svg.setAttribute("stroke", "currentColor");
  svg.setAttribute("stroke-width", "1.8");
  svg.setAttribute("stroke-linecap", "round");
  svg.setAttribute("stroke-linejoin", "round");
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else {
    svg.setAttribute("aria-hidden", "true");
  }
  for (const line of ICONS[name] ?? ICONS.question) {
    const path = document.createElementNS(space, "path");
    path.setAttribute("d", line);
    svg.append(path);
  }
  return svg;
}

// Words for people

export const MASKS = {
  mask: { word: "Mask", long: "wears a mask", icon: "check" },
  incorrect: { word: "Worn wrongly", long: "wears the mask wrongly", icon: "warning" },
  covering: { word: "Covered, no mask", long: "has the face covered by something that is no mask", icon: "scarf" },
  none: { word: "No mask", long: "wears no mask", icon: "cross" },
  unsure: { word: "Unsure", long: "mask cannot be told", icon: "question" },
};

/** The label as a badge of colour, icon and word. No label, no badge (null). */
export function maskBadge(label) {
  if (!label) return null;
  const { word, icon: glyph } = MASKS[label] ?? { word: label, icon: "question" };
  return h("span", { class: "badge", dataset: { mask: label } }, icon(glyph), word);
}

/** tone: ok, warn, error, info, violet or nothing. */
export function badge(word, tone, glyph) {
  return h("span", { class: ["badge", tone && `tone-${tone}`, !glyph && "plain"] }, glyph && icon(glyph), word);
}

// Dark enough for white letters in both themes.
const AVATARS = ["#8a3b12", "#7a4a00", "#4d5b0c", "#1d6436", "#0d6360", "#145b8c", "#2f4bb0", "#5a3bb5", "#86309a", "#a02563"];

export function initials(name) {
  const words = String(name).trim().split(/\s+/);
  const first = [...(words[0] ?? "?")][0] ?? "?";
  const last = words.length > 1 ? [...words.at(-1)][0] : "";
  return (first + last).toLocaleUpperCase();
}

/** A disc with initials whose colour stays the same for the same name. Hidden from screen readers: the name stands beside it. */
export function avatar(name, large = false) {
  if (!name) return h("span", { class: ["avatar unknown", large && "large"], "aria-hidden": "true" }, "?");
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) >>> 0;
  return h("span", { class: ["avatar", large && "large"], "aria-hidden": "true", style: { backgroundColor: AVATARS[sum % AVATARS.length] } }, initials(name));
}

export function personName(person, status) {
  if (person) return person.name;
  return status === "forgotten" ? "Forgotten person" : "Unknown person";
}

/** Avatar and name; with a link to the person's page when there is a person. */
export function personCell(person, status) {
  const name = personName(person, status);
  return h("span", { class: "who-cell" }, avatar(person?.name),
    person ? h("a", { href: `/person?id=${encodeURIComponent(person.id)}` }, name) : h("span", { class: "muted" }, name));
}

// Times, in the viewer's zone. The page is in English, so are its dates; the viewer's own English decides their order.

export const LOCALE = navigator.languages?.find((tag) => /^en\b/i.test(tag) && tag.length > 2) ?? "en-GB";
const formats = new Map();

function format(value, options) {
  const key = JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(LOCALE, options));
  return formats.get(key).format(value);
}

export const formatTime = (iso) => (iso ? format(new Date(iso), { hour: "2-digit", minute: "2-digit" }) : "–");
export const formatSeconds = (iso) => (iso ? format(new Date(iso), { hour: "2-digit", minute: "2-digit", second: "2-digit" }) : "–");
export const formatDate = (iso) => (iso ? format(new Date(iso), { day: "numeric", month: "short", year: "numeric" }) : "–");
export const formatDateTime = (iso) => (iso ? format(new Date(iso), { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" }) : "–");

/** A day of the calendar ("2026-11-25"), which has no zone and must not move by one. */
export function formatDay(day, { weekday = true } = {}) {
  if (!day) return "–";
  const [year, month, date] = day.split("-").map(Number);
  const options = { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" };
  if (weekday) options.weekday = "short";
  return format(new Date(Date.UTC(year, month - 1, date)), options);
}

/** Today, or so many days from it, as YYYY-MM-DD in the viewer's zone. */
export function today(offset = 0) {
  const now = new Date();
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() + offset);
  return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}`;
}

const RELATIVE = new Intl.RelativeTimeFormat(LOCALE, { numeric: "auto" });

export function relative(iso, now = Date.now()) {
  if (!iso) return "never";
  const seconds = (new Date(iso).getTime() - now) / 1000;
  const size = Math.abs(seconds);
  if (size < 10) return "just now";
  if (size < 60) return RELATIVE.format(Math.round(seconds / 10) * 10, "second");
  if (size < 3600) return RELATIVE.format(Math.round(seconds / 60), "minute");
  if (size < 86_400) return RELATIVE.format(Math.round(seconds / 3600), "hour");
  if (size < 30 * 86_400) return RELATIVE.format(Math.round(seconds / 86_400), "day");
  return formatDate(iso);
}

/** A <time> element. style: "time", "seconds", "date", "datetime" (default) or "relative", which keeps itself up to date. */
export function timeElement(iso, style = "datetime") {
  if (!iso) return h("span", { class: "muted" }, style === "relative" ? "never" : "–");
  const words = { time: formatTime, seconds: formatSeconds, date: formatDate, datetime: formatDateTime, relative }[style];
  return h("time", { datetime: iso, title: formatDateTime(iso), class: "nowrap num", dataset: style === "relative" ? { relative: "" } : {} }, words(iso));
}

setInterval(() => {
  for (const element of document.querySelectorAll("time[data-relative]")) {
    const words = relative(element.dateTime);
    if (element.textContent !== words) element.textContent = words;
  }
}, 10_000);

const PERCENT = new Intl.NumberFormat(LOCALE, { style: "percent", maximumFractionDigits: 0 });
const NUMBER = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 });
export const percent = (share) => (share === null || share === undefined ? "–" : PERCENT.format(share));
/** How sure Rollcall is, for people. Nothing is known with certainty, so it ends at 99. */
export const sureness = (share) => percent(typeof share === "number" ? Math.min(0.99, Math.floor(share * 100) / 100) : share);
export const number = (value) => (value === null || value === undefined ? "–" : NUMBER.format(value));

/** 7.75 → "7 h 45 min". */
export function hours(value) {
  if (value === null || value === undefined) return "–";
  const minutes = Math.round(value * 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

// Messages

function toasts() {
  let box = $(".toasts");
  if (!box) {
    box = h("div", { class: "toasts", role: "status", "aria-live": "polite" });
    document.body.append(box);
  }
  // A modal dialog makes the rest of the page inert: the message must live inside it to be seen and heard.
  const dialog = [...document.querySelectorAll("dialog[open]")].at(-1);
  (dialog ?? document.body).append(box);
  return box;
}

export function toast(message, { tone, action } = {}) {
  const failed = message instanceof Error || tone === "error";
  const text = message instanceof Error ? (message.detail ?? message.message) : message;
  const box = toasts();
  const close = () => note.remove();
  const note = h("div", { class: "toast" }, icon(failed ? "warning" : "check"), h("span", {}, text), action,
    h("button", { type: "button", "aria-label": "Close this message", onclick: close }, icon("close")));
  box.append(note);
  while (box.children.length > 3) box.firstChild.remove();
  setTimeout(close, failed ? 12_000 : 5_000);
  return note;
}

/** {icon, title, text, action}: what a list or page shows in place of nothing. */
export function emptyState({ icon: glyph = "info", title, text, action } = {}) {
  return h("div", { class: "empty" }, icon(glyph), title && h("h2", {}, title), text && h("p", {}, text), action && h("div", { class: "row" }, action));
}

/** tone: info, ok, warn, error. */
export function banner(tone, title, text, ...more) {
  const glyph = { ok: "check", warn: "warning", error: "cross" }[tone] ?? "info";
  return h("div", { class: `banner ${tone}`, role: tone === "error" ? "alert" : undefined }, icon(glyph),
    h("div", { class: "stack", style: { gap: "0.25rem" } }, title && h("strong", {}, title), text && h("p", {}, text), more));
}

export function skeleton(lines = 3, height = "2.5rem") {
  return h("div", { class: "stack card-body", role: "status" }, h("span", { class: "visually-hidden" }, "Loading"),
    Array.from({ length: lines }, () => h("div", { class: "skeleton", style: { height } })));
}

// Dialogs

/** Opens a modal dialog; the function gets `close(result)`. Resolves with the result, or null when it was left by Escape. */
export function openDialog({ title, wide = false, content }) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    let result = null;
    const close = (value = null) => {
      result = value;
      dialog.close();
    };
    const heading = uniqueId("dialog");
    const body = h("div", { class: "dialog-body" });
    const dialog = h("dialog", { class: wide ? "wide" : "", "aria-labelledby": heading },
      h("div", { class: "dialog-head" }, h("h2", { id: heading }, title),
        h("button", { class: "button quiet icon", type: "button", "aria-label": "Close", onclick: () => close() }, icon("close"))),
      body);
    body.append(...flat([content(close, dialog)]));
    dialog.addEventListener("close", () => {
      const box = $(".toasts", dialog);
      if (box) document.body.append(box);
      dialog.remove();
      if (before?.isConnected) before.focus();
      resolve(result);
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog && !$("form", dialog)) close();
    });
    document.body.append(dialog);
    dialog.showModal();
    const first = $("[autofocus], input:not([type=hidden]), select, textarea, .dialog-foot .button", body);
    first?.focus();
  });
}

/** A form in a dialog. Resolves with what `onsubmit(values, form)` returned (true for nothing), or null when it was left. */
export function formDialog({ title, intro, fields, submit = "Save", danger = false, wide = false, onsubmit }) {
  return openDialog({
    title, wide,
    content: (close) => {
      const form = h("form", { class: "stack", novalidate: true },
        intro && (typeof intro === "string" ? h("p", { class: "muted" }, intro) : intro), fields,
        h("div", { class: "dialog-foot" },
          h("button", { type: "button", class: "button", onclick: () => close() }, "Cancel"),
          h("button", { type: "submit", class: ["button", danger ? "danger" : "primary"] }, submit)));
      submits(form, async (values) => close((await onsubmit(values, form)) ?? true));
      return form;
    },
  });
}

/**
 * Asks before something that cannot be undone. reason: the label of a reason field (required unless reasonOptional);
 * typeName: what must be typed to go on. Resolves with {reason} or null. With `action` the dialog stays open until
 * it has succeeded, and shows its error.
 */
export function confirmDialog({ title, text, confirm = "Continue", danger = false, reason, reasonOptional = false, typeName, action }) {
  const fields = [];
  if (reason) fields.push(field({ label: reason, name: "reason", required: !reasonOptional, maxlength: 500 }));
  if (typeName) fields.push(field({ label: `Type “${typeName}” to confirm`, name: "typed", autocomplete: "off", required: true }));
  return formDialog({
    title, danger, submit: confirm, fields,
    intro: typeof text === "string" ? h("p", {}, text) : text,
    onsubmit: async (values) => {
      if (typeName && values.typed !== typeName) throw invalid("typed", "This is not the same.");
      const answer = { reason: values.reason };
      if (action) answer.result = await action(answer);
      return answer;
    },
  });
}

// Forms

/** An error that the page itself has found, shown like one of the server's. */
export function invalid(name, detail) {
  return new ApiError(422, { detail: "", errors: [{ pointer: `/${name}`, detail }] });
}

/** Label, control, hint and room for an error. `control` may be an element of your own with a name. */
export function field({ label, name, type = "text", hint, options, control, optional = false, hideLabel = false, ...rest }) {
  const id = uniqueId(name);
  const attributes = { id, name, ...rest };
  if (rest.required) attributes["aria-required"] = "true";
  let input = control;
  if (!input) {
    if (type === "select") input = h("select", attributes, (options ?? []).map((option) => {
      const [value, word] = Array.isArray(option) ? option : [option, option];
      return h("option", { value, selected: value === rest.value }, word);
    }));
    else if (type === "textarea") input = h("textarea", { rows: 3, ...attributes });
    else input = h("input", { type, ...attributes });
  }
  input.id ||= id;
  if (name) input.name ||= name;
  const described = [];
  let hintElement = null;
  if (hint) {
    hintElement = h("p", { class: "hint", id: `${id}-hint` }, hint);
    described.push(hintElement.id);
  }
  const error = h("p", { class: "error", id: `${id}-error`, hidden: true });
  described.push(error.id);
  input.setAttribute("aria-describedby", described.join(" "));
  const shown = type === "password" && !control ? passwordBox(input) : input;
  return h("div", { class: "field", dataset: { field: name } },
    h("label", { for: input.id, class: hideLabel ? "visually-hidden" : "" }, label, optional && h("span", { class: "optional" }, " (optional)")),
    shown, hintElement, error);
}

function passwordBox(input) {
  const button = h("button", { type: "button", class: "button quiet small reveal", "aria-pressed": "false", "aria-label": "Show the password" }, "Show");
  button.addEventListener("click", () => {
    const show = input.type === "password";
    input.type = show ? "text" : "password";
    button.setAttribute("aria-pressed", String(show));
    button.textContent = show ? "Hide" : "Show";
  });
  return h("div", { class: "password" }, input, button);
}

/** 0…4, judged by length and variety. The server decides; this only helps to choose. */
export function passwordStrength(text) {
  if (text.length < 10) return text ? 1 : 0;
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(text)).length;
  const varied = new Set(text).size;
  if (varied < 5) return 1;
  if (text.length >= 20 && varied >= 8) return 4;
  if (text.length >= 14 && kinds >= 2) return 4;
  return text.length >= 12 || kinds >= 3 ? 3 : 2;
}

const STRENGTHS = ["", "Too short or too simple", "Could be better", "Good", "Very good"];

/** Bars and a word below a password field that follow what is typed. */
export function strengthHint(input) {
  const word = h("span", { class: "hint", "aria-live": "polite" });
  const bars = h("div", { class: "strength", "aria-hidden": "true" }, h("span"), h("span"), h("span"), h("span"));
  const show = () => {
    const level = passwordStrength(input.value);
    bars.dataset.level = level;
    word.textContent = STRENGTHS[level];
  };
  input.addEventListener("input", show);
  show();
  return h("div", { class: "stack", style: { gap: "0.3rem" } }, bars, word);
}

/** Named values; a group of checkboxes of one name gives an array. */
export function formValues(form) {
  const values = {};
  for (const control of form.elements) {
    if (!control.name || control.disabled) continue;
    if (control.type === "checkbox") {
      const group = [...form.elements].filter((other) => other.name === control.name);
      values[control.name] = group.length > 1 || control.hasAttribute("value")
        ? group.filter((other) => other.checked).map((other) => other.value)
        : control.checked;
    } else if (control.type === "radio") {
      if (control.checked) values[control.name] = control.value;
    } else if (control.type === "file") {
      values[control.name] = [...control.files];
    } else {
      values[control.name] = control.value;
    }
  }
  return values;
}

export function clearErrors(form) {
  $(".form-error", form)?.remove();
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  for (const text of form.querySelectorAll(".field > .error")) {
    text.hidden = true;
    text.textContent = "";
  }
}

/** Puts a problem's errors beside their fields, the rest above the form, and the cursor into the first bad field. */
export function showErrors(form, error) {
  const rest = [];
  let first = null;
  for (const { pointer = "", detail } of error.errors ?? []) {
    const name = pointer.split("/")[1];
    const control = name && form.querySelector(`[name="${CSS.escape(name)}"]`);
    const text = control?.closest(".field")?.querySelector(".error");
    if (!text) {
      rest.push(detail);
      continue;
    }
    control.setAttribute("aria-invalid", "true");
    text.textContent = text.textContent ? `${text.textContent} ${detail}` : detail;
    text.hidden = false;
    if (!first || control.compareDocumentPosition(first) & Node.DOCUMENT_POSITION_FOLLOWING) first = control;
  }
  if (!first || rest.length) {
    const message = rest.length ? rest.join(" ") : (error.detail ?? error.message);
    if (message) form.prepend(h("div", { class: "form-error" }, banner("error", null, message)));
  }
  first?.focus();
}

function complaint(control) {
  if (control.validity.valueMissing) return "Please fill this in.";
  if (control.validity.patternMismatch && control.dataset.error) return control.dataset.error;
  return control.validationMessage;
}

/** Checks what is required (and `pattern`, with the sentence in data-error), runs the action with the values, keeps the button busy meanwhile, shows what went wrong. */
export function submits(form, action) {
  form.noValidate = true;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.submitter ?? $("[type=submit]", form);
    if (button?.getAttribute("aria-busy") === "true") return;
    clearErrors(form);
    const missing = [...form.elements]
      .filter((control) => control.willValidate && !control.checkValidity())
      .map((control) => ({ pointer: `/${control.name}`, detail: complaint(control) }));
    if (missing.length) {
      showErrors(form, new ApiError(422, { errors: missing }));
      return;
    }
    button?.setAttribute("aria-busy", "true");
    const spinner = h("span", { class: "spinner", "aria-hidden": "true" });
    const slow = setTimeout(() => button?.prepend(spinner), 250);
    try {
      await action(formValues(form), form);
    } catch (error) {
      if (!(error instanceof ApiError)) console.error(error);
      showErrors(form, error);
    } finally {
      clearTimeout(slow);
      spinner.remove();
      button?.removeAttribute("aria-busy");
    }
  });
  return form;
}

// Tables

/**
 * A table that loads page by page. Columns: {title, cell(row) → node or text, header, number, tools, class};
 * row(row, tr) may change a row's element. On a phone each row becomes a card. `load(after)` answers {items, next}.
 * Give `items` instead of `load` for what is there already.
 */
export function dataTable({ caption, columns, load, items, empty, row: dress, cards = true }) {
  const body = h("tbody", { role: "rowgroup" });
  // Roles are said aloud: "display: block" on a phone takes a table's meaning away in some browsers.
  const table = h("table", { class: ["table", cards && "cards"], role: "table" },
    h("caption", { class: "visually-hidden" }, caption),
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, columns.map((column) =>
      h("th", { scope: "col", role: "columnheader", class: [column.number && "number", column.tools && "tools"] },
        column.tools ? h("span", { class: "visually-hidden" }, column.title || "Actions") : column.title)))),
    body);
  const wrap = h("div", { class: "table-wrap" }, table);
  // What has to be scrolled can be scrolled by keyboard.
  new ResizeObserver(() => {
    if (wrap.scrollWidth > wrap.clientWidth + 1) {
      wrap.tabIndex = 0;
      wrap.setAttribute("role", "region");
      wrap.setAttribute("aria-label", caption);
    } else {
      for (const name of ["tabindex", "role", "aria-label"]) wrap.removeAttribute(name);
    }
  }).observe(wrap);
  const more = h("button", { type: "button", class: "button", onclick: () => next() }, "Show more");
  const pager = h("div", { class: "pager", hidden: true }, more);
  const place = h("div", {});
  const element = h("div", { class: "data-table" }, place, pager);
  let after = null;
  let run = 0;

  const add = (rows) => {
    for (const row of rows) {
      const tr = h("tr", { role: "row" }, columns.map((column) => {
        const content = column.cell(row);
        return column.header
          ? h("th", { scope: "row", role: "rowheader", class: column.class }, content)
          : h("td", { role: "cell", class: [column.number && "number", column.tools && "tools", column.class], dataset: { label: column.tools ? "" : column.title } }, content);
      }));
      dress?.(row, tr);
      body.append(tr);
    }
  };

  const failed = (error) => {
    fill(place, h("div", { class: "card-body" }, banner("error", "This could not be loaded.", error.detail ?? error.message,
      h("div", {}, h("button", { type: "button", class: "button small", onclick: () => reload() }, icon("refresh"), "Try again")))));
  };

  const show = (page, mine) => {
    if (mine !== run) return;
    add(page.items);
    after = page.next ?? null;
    pager.hidden = !after;
    if (body.children.length) {
      if (wrap.parentNode !== place) fill(place, wrap);
    } else {
      fill(place, empty instanceof Node ? empty : emptyState(empty ?? { title: "Nothing here yet" }));
    }
  };

  async function reload() {
    const mine = ++run;
    after = null;
    pager.hidden = true;
    if (!body.children.length) fill(place, skeleton());
    try {
      const page = items ? { items, next: null } : await load(null);
      if (mine !== run) return;
      // The cursor stays where it was: on the same button, or on the row that took the place of the one that went.
      const held = body.contains(document.activeElement) ? document.activeElement : null;
      const label = held?.getAttribute("aria-label");
      const at = held ? [...body.children].findIndex((row) => row.contains(held)) : -1;
      body.replaceChildren();
      show(page, mine);
      if (held) {
        const same = label && [...body.querySelectorAll("[aria-label]")].find((element) => element.getAttribute("aria-label") === label);
        const row = body.children[Math.min(at, body.children.length - 1)];
        if (row && !same) row.tabIndex = -1;
        (same ?? row)?.focus();
      }
    } catch (error) {
      if (mine === run && error.name !== "AbortError") {
        body.replaceChildren();
        failed(error);
      }
    }
  }

  async function next() {
    const mine = run;
    more.setAttribute("aria-busy", "true");
    const count = body.children.length;
    try {
      show(await load(after), mine);
      // The button may have gone: the cursor goes to the first new row, where reading goes on.
      if (pager.hidden) {
        const row = body.children[count];
        if (row) {
          row.tabIndex = -1;
          row.focus();
        }
      }
    } catch (error) {
      toast(error);
    } finally {
      more.removeAttribute("aria-busy");
    }
  }

  const ready = reload();
  return { element, reload, ready, setItems: (list) => { items = list; return reload(); } };
}

/** Tabs over panels: [{id, title, panel}]. Returns an element; the choice is kept in the address' hash. */
export function tabs(list, label) {
  const bar = h("div", { class: "tabs", role: "tablist", "aria-label": label });
  const choose = (id, focus = false) => {
    for (const { id: other, button, panel } of made) {
      const on = other === id;
      button.setAttribute("aria-selected", String(on));
      button.tabIndex = on ? 0 : -1;
      panel.hidden = !on;
      if (on && focus) button.focus();
    }
  };
  const made = list.map(({ id, title, panel }) => {
    const button = h("button", { type: "button", role: "tab", id: `tab-${id}`, "aria-controls": `panel-${id}`,
      onclick: () => { choose(id); history.replaceState(null, "", `#${id}`); } }, title);
    panel.id = `panel-${id}`;
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", button.id);
    bar.append(button);
    return { id, button, panel };
  });
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = made.findIndex(({ button }) => button === document.activeElement);
    choose(made[(at + step + made.length) % made.length].id, true);
  });
  const wanted = location.hash.slice(1);
  choose(made.some(({ id }) => id === wanted) ? wanted : made[0].id);
  return h("div", { class: "stack" }, bar, made.map(({ panel }) => panel));
}

/** Saves a Blob under a name. */
export function saveBlob(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Runs an action so often at most as given in milliseconds after the last call: for search fields. */
export function debounce(action, pause = 250) {
  let timer = null;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), pause);
  };
}
