/* The audit log: who did what, and who looked at whom. */

import { start } from "/assets/parts/shell.js";
import { api } from "/assets/parts/api.js";
import { foldFilters } from "/assets/parts/pickers.js";
import { isDay, rangeName } from "/assets/parts/days.js";
import { badge, dataTable, debounce, field, fill, formatDay, h, icon, timeElement, $ } from "/assets/parts/ui.js";

const session = await start("audit");
const main = $("main");

/** Word, tone, icon. The object of an action stands in a column of its own. */
const ACTIONS = {
  "login": ["Logged in", null, "key"],
  "login-failed": ["Login failed", "warn", "warning"],
  "logout": ["Logged out", null, "logout"],
  "setup": ["Set Rollcall up", "info", "check"],
  "password-change": ["Changed the own password", null, "key"],
  "user-add": ["Added a user", "info", "plus"],
  "user-change": ["Changed a user", "info", "edit"],
  "user-remove": ["Removed a user", "error", "trash"],
  "token-add": ["Made a token", "info", "plus"],
  "token-revoke": ["Revoked a token", "error", "trash"],
  "person-add": ["Enrolled a person", "ok", "plus"],
  "person-change": ["Changed a person", "ok", "edit"],
  "person-forget": ["Forgot a person", "error", "trash"],
  "photo-add": ["Added a photo", "ok", "image"],
  "mark": ["Added a mark", "ok", "edit"],
  "void": ["Made an entry void", "warn", "cross"],
  "export": ["Exported", "violet", "download"],
  "look": ["Looked at somebody", "violet", "search"],
  "snapshot": ["Looked at a picture", "violet", "image"],
  "camera-add": ["Added a camera", "info", "plus"],
  "camera-remove": ["Removed a camera", "error", "trash"],
};

function actionBadge({ action, object }) {
  const [word, tone, glyph] = ACTIONS[action] ?? [action, null, "info"];
  return badge(action === "look" && !object ? "Looked at the log" : word, tone, glyph);
}

/** "from 2026-11-24 to 2026-11-24" as people write days. */
function detailCell({ detail }) {
  if (!detail) return h("span", { class: "muted" }, "–");
  return detail.replace(/from (\d{4}-\d\d-\d\d) to (\d{4}-\d\d-\d\d)/, (all, from, to) => (isDay(from) && isDay(to) && from <= to ? (from === to ? formatDay(from) : rangeName(from, to)) : all));
}

/** A page asks several times for what somebody looks at once: entries that differ in nothing but the second are one row. */
function folded(items) {
  const rows = [];
  for (const entry of items) {
    const last = rows.at(-1);
    const same = last && ["who", "action", "object", "detail", "address"].every((name) => last[name] === entry[name]) && last.time.slice(0, 16) === entry.time.slice(0, 16);
    if (same) last.count += 1;
    else rows.push({ ...entry, count: 1 });
  }
  return rows;
}

const isToken = (who) => /^token:/.test(who ?? "");

function whoCell(who) {
  if (!who) return h("span", { class: "muted" }, "Nobody");
  return h("span", { class: "row" }, isToken(who) && icon("key", "Token"), isToken(who) ? who.slice(6) : who);
}

function objectCell({ action, object }) {
  if (!object) return h("span", { class: "muted" }, "–");
  if (["person-add", "person-change", "photo-add", "look", "mark"].includes(action)) return h("a", { href: `/person?id=${encodeURIComponent(object)}` }, object);
  return h("span", { class: "mono" }, object);
}

const query = new URLSearchParams(location.search);
const chosen = Object.fromEntries(["who", "action", "from", "to"].map((name) => [name, query.get(name) ?? ""]));

const table = dataTable({
  caption: "The audit log, newest first",
  columns: [
    { title: "Time", header: true, cell: (entry) => timeElement(entry.time) },
    { title: "Who", cell: (entry) => whoCell(entry.who) },
    { title: "What", cell: (entry) => h("span", { class: "row nowrap" }, actionBadge(entry), entry.count > 1 && h("span", { class: "small muted" }, `${entry.count} times`)) },
    { title: "Whom or what", cell: objectCell },
    { title: "Detail", cell: detailCell },
    { title: "Address", cell: (entry) => (entry.address ? h("span", { class: "mono" }, entry.address) : h("span", { class: "muted" }, "–")) },
  ],
  load: async (after) => {
    const page = await api.get("/audit", { query: { ...chosen, after, limit: 50 } });
    return { items: folded(page.items), next: page.next };
  },
  empty: { icon: "audit", title: "Nothing like that", text: "Nothing in the audit log fits the filters." },
});

const clear = h("button", { type: "button", class: "button quiet", onclick: () => {
  for (const control of [who, action, from, to]) $("input, select", control).value = "";
  apply();
} }, icon("close"), "Clear filters");

function apply() {
  for (const [name, control] of Object.entries({ who, action, from, to })) chosen[name] = $("input, select", control).value.trim();
  const kept = new URLSearchParams(Object.entries(chosen).filter(([, value]) => value));
  history.replaceState(null, "", kept.size ? `?${kept}` : location.pathname);
  clear.hidden = !kept.size;
  filters.update();
  table.reload();
}

// The server compares whole names: those that there are can be chosen.
const names = h("datalist", { id: "audit-names" });
const who = field({ label: "Who", name: "who", value: chosen.who, list: names.id, autocomplete: "off", spellcheck: "false", placeholder: "Anybody" });
$("input", who).addEventListener("input", debounce(apply, 350));
const action = field({ label: "What", name: "action", type: "select", value: chosen.action, options: [["", "Everything"], ...Object.entries(ACTIONS).map(([id, [word]]) => [id, word])], onchange: () => apply() });
const from = field({ label: "From", name: "from", type: "date", value: chosen.from, onchange: () => apply() });
const to = field({ label: "To", name: "to", type: "date", value: chosen.to, onchange: () => apply() });
const filters = foldFilters(h("div", { class: "filters" }, who, action, from, to, clear), () => Object.values(chosen).filter(Boolean).length);
clear.hidden = !Object.values(chosen).some(Boolean);

(async () => {
  const found = [session.user.name];
  try {
    for await (const user of api.each("/users")) found.push(user.name);
    for await (const token of api.each("/tokens")) found.push(`token:${token.name}`);
  } catch {
    // Names can be typed.
  }
  fill(names, [...new Set(found)].map((name) => h("option", { value: name })));
})();

fill(main,
  h("div", { class: "page-head" }, h("div", {}, h("h1", {}, "Audit"), h("p", {}, "Who has done what, and who has looked at whose log or picture. Nobody can change it here."))),
  h("div", { class: "card flush" }, h("div", { class: "card-body" }, filters, names), table.element));
