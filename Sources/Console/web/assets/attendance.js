/* Attendance: a day with its entries, a week and a month as a grid of people and days, corrections, exports. */

import { start } from "/assets/parts/shell.js";
import { address as apiAddress, api, stream } from "/assets/parts/api.js";
import { cameraFilter, foldFilters, groupFilter, personPicker } from "/assets/parts/pickers.js";
import { addMark, dressEntry, entryList, logColumns } from "/assets/parts/log.js";
import { addDays, addMonths, dayIn, dayName, daysOf, isDay, isWeekend, logZone, monthOf, rangeName, weekOf, zoneNote } from "/assets/parts/days.js";
import { avatar, banner, dataTable, debounce, emptyState, field, fill, formatDay, formatTime, h, hours, icon, MASKS, openDialog, percent, personCell, personName, skeleton, timeElement, $ } from "/assets/parts/ui.js";

const session = await start("attendance");
const main = $("main");
const zone = await logZone();

const VIEWS = [["day", "Day"], ["week", "Week"], ["month", "Month"]];
const STATUSES = [["", "Known or not"], ["known", "Known"], ["unknown", "Unknown"], ["poor", "Face not clear"], ["forgotten", "Forgotten"]];

// What is shown stands in the address: a view can be kept, sent and gone back to.

const state = read();
let person = state.person ? { id: state.person, name: state.person } : null;

function read() {
  const query = new URLSearchParams(location.search);
  const view = query.get("view");
  const day = query.get("day");
  return {
    view: VIEWS.some(([id]) => id === view) ? view : "day", day: isDay(day) ? day : dayIn(zone),
    person: query.get("person") ?? "", group: query.get("group") ?? "", camera: query.get("camera") ?? "", mask: query.get("mask") ?? "", status: query.get("status") ?? "", strangers: query.get("strangers") ?? "",
  };
}

function keep(push) {
  const query = new URLSearchParams(Object.entries(state).filter(([name, value]) => value && !(name === "day" && value === dayIn(zone)) && !(name === "view" && value === "day")));
  history[push ? "pushState" : "replaceState"](null, "", query.size ? `?${query}` : location.pathname);
}

function range() {
  if (state.view === "week") return weekOf(state.day);
  if (state.view === "month") return monthOf(state.day);
  return [state.day, state.day];
}

// Controls

const views = h("div", { class: "segmented", role: "group", "aria-label": "View" },
  VIEWS.map(([id, word]) => h("button", { type: "button", value: id, onclick: () => change({ view: id }) }, word)));
const title = h("h2", { "aria-live": "polite" });
const date = h("input", { type: "date", "aria-label": "Day", onchange: () => { if (isDay(date.value)) change({ day: date.value }); } });
const step = (direction) => {
  const by = { day: (day) => addDays(day, direction), week: (day) => addDays(day, 7 * direction), month: (day) => addMonths(day, direction) }[state.view];
  change({ day: by(state.day) });
};
const previous = h("button", { type: "button", class: "button icon turn-back", onclick: () => step(-1) }, icon("chevron"));
const next = h("button", { type: "button", class: "button icon", onclick: () => step(1) }, icon("chevron"));
const now = h("button", { type: "button", class: "button", onclick: () => change({ day: dayIn(zone) }) }, "Today");

const picker = personPicker({ label: "Person", value: person, onchange: (chosen) => { person = chosen; change({ person: chosen?.id ?? "" }, false); } });
const group = groupFilter({ value: state.group, onchange: (event) => change({ group: event.target.value }, false) });
const select = (label, name, options) => field({ label, name, type: "select", options, value: state[name], onchange: (event) => change({ [name]: event.target.value }, false) });
const camera = cameraFilter({ value: state.camera, onchange: (event) => change({ camera: event.target.value }, false) });
const mask = select("Mask", "mask", [["", "Any"], ...Object.entries(MASKS).map(([id, { word }]) => [id, word])]);
const status = select("Status", "status", STATUSES);
const clear = h("button", { type: "button", class: "button quiet", onclick: () => {
  person = null;
  picker.set(null);
  change({ person: "", group: "", camera: "", mask: "", status: "" }, false);
} }, icon("close"), "Clear filters");
const used = () => [state.person, state.group, ...(state.view === "day" ? [state.camera, state.mask, state.status] : [])].filter(Boolean).length;
const filters = foldFilters(h("div", { class: "filters" }, picker.element, group, camera, mask, status, clear), used);
const body = h("div", { class: "stack", style: { gap: "1.5rem" } });

function change(part, push = true) {
  Object.assign(state, part);
  keep(push);
  show();
}

addEventListener("popstate", () => {
  Object.assign(state, read());
  person = state.person ? { id: state.person, name: person?.id === state.person ? person.name : state.person } : null;
  picker.set(person);
  nameThem();
  show();
});

/** The address names a person by id; people want the name. */
async function nameThem() {
  if (!person || person.name !== person.id) return;
  try {
    const { id, name } = await api.get(`/people/${encodeURIComponent(person.id)}`);
    if (person?.id === id) {
      person = { id, name };
      picker.set(person);
    }
  } catch {
    // The id stays in the field.
  }
}

function controls() {
  const [from, to] = range();
  for (const button of views.children) button.setAttribute("aria-pressed", String(button.value === state.view));
  const unit = state.view;
  previous.setAttribute("aria-label", `Previous ${unit}`);
  next.setAttribute("aria-label", `Next ${unit}`);
  previous.title = `Previous ${unit}`;
  next.title = `Next ${unit}`;
  const today = dayIn(zone);
  now.setAttribute("aria-disabled", String(from <= today && today <= to));
  now.textContent = { day: "Today", week: "This week", month: "This month" }[unit];
  date.value = state.day;
  title.textContent = unit === "day" ? formatDay(state.day) : unit === "week" ? rangeName(from, to) : dayName(from, { month: "long", year: "numeric" });
  // Hours come from all of a person's day: they would be wrong if some cameras were left out.
  for (const part of [camera, mask, status]) part.hidden = unit !== "day";
  $("select", group).value = state.group;
  for (const [element, name] of [[camera, "camera"], [mask, "mask"], [status, "status"]]) $("select", element).value = state[name];
  clear.hidden = !used();
  filters.update();
}

const common = () => {
  const [from, to] = range();
  return { from, to, person: state.person, group: state.group };
};

async function all(path, query) {
  const items = [];
  for await (const item of api.each(path, query)) items.push(item);
  return items;
}

let run = 0;
let closeStream = null;

/** After a correction the table is a new one: then the cursor goes to the title above it. */
async function show(corrected = false) {
  const mine = ++run;
  controls();
  closeStream?.();
  closeStream = null;
  body.setAttribute("aria-busy", "true");
  if (!body.children.length) fill(body, h("div", { class: "card flush" }, skeleton(5)));
  try {
    const parts = await (state.view === "day" ? dayView() : gridView());
    if (mine === run) {
      fill(body, parts);
      if (state.view === "day" && state.day === dayIn(zone)) follow();
      else if (state.view !== "day") $(".grid-wrap [aria-current='date']", body)?.scrollIntoView({ block: "nearest", inline: "center" });
    }
  } catch (error) {
    if (mine === run) {
      fill(body, h("div", { class: "card" }, banner("error", "This could not be loaded.", error.detail ?? error.message,
        h("div", {}, h("button", { type: "button", class: "button small", onclick: () => show() }, icon("refresh"), "Try again")))));
    }
  }
  if (mine === run) {
    body.removeAttribute("aria-busy");
    if (corrected && document.activeElement === document.body) title.focus();
  }
}

const stat = (value, label) => h("div", { class: "stat" }, h("span", { class: "value" }, value), h("span", { class: "label" }, label));

/** A bar for a share of masks; the number stands beside it. */
function maskBar(share) {
  if (share === null || share === undefined) return h("span", { class: "muted" }, "–");
  return h("span", { class: "mask-share" }, bar(share), h("span", { class: "num" }, percent(share)));
}

function bar(share) {
  return h("span", { class: "mask-bar", "aria-hidden": "true" }, h("span", { style: { width: `${Math.round(share * 100)}%` } }));
}

// One day

// Every passer-by is an entry, and a face that was lost and found again is two. They are there for those who ask for them.
const isStranger = (entry) => entry.kind !== "mark" && (entry.status === "unknown" || entry.status === "poor");
const hidesStrangers = () => !state.strangers && !state.status;

let entries = null;
const news = h("button", { type: "button", class: "button small", hidden: true, onclick: () => { title.focus(); show(); } });

async function dayView() {
  const days = await all("/attendance/days", common());
  const query = { ...common(), camera: state.camera, mask: state.mask, status: state.status };
  const people = dataTable({
    caption: `People on ${formatDay(state.day)}`,
    columns: [
      { title: "Person", header: true, cell: (day) => personCell(day.person, day.person ? "known" : "forgotten") },
      { title: "In", cell: (day) => timeElement(day.in, "time") },
      { title: "Out", cell: (day) => (day.out ? timeElement(day.out, "time") : h("span", { class: "muted" }, "Not yet seen leaving")) },
      { title: "Hours", number: true, cell: (day) => hours(day.hours) },
      { title: "Mask", cell: (day) => maskBar(day.maskShare) },
      { title: "Sightings", number: true, cell: (day) => day.sightings },
      { title: "Details", tools: true, cell: (day) => day.person && h("button", { type: "button", class: "button small", "aria-label": `Details of ${day.person.name}’s day`, onclick: () => details(day.person, day.date, day) }, "Details") },
    ],
    items: [...days].sort((a, b) => (a.in ?? a.out ?? "") < (b.in ?? b.out ?? "") ? -1 : 1),
    empty: {
      icon: "attendance", title: "Nobody was seen",
      text: state.person || state.group ? "Nobody of those whom the filters leave was seen on this day." : "No camera has seen anybody who is known on this day, and nobody was marked by hand.",
      action: state.person || state.group ? null : h("a", { class: "button", href: "/cameras" }, "Look at the cameras"),
    },
  });
  let hidden = 0;
  const strangers = h("input", { type: "checkbox", role: "switch", checked: Boolean(state.strangers), onchange: () => change({ strangers: strangers.checked ? "yes" : "" }, false) });
  const left = h("span", { class: "muted small num" });
  entries = dataTable({
    caption: `Entries of ${formatDay(state.day)}`,
    columns: logColumns({ session, changed: () => show(true) }),
    row: dressEntry,
    load: async (after) => {
      const hides = hidesStrangers();
      const items = [];
      if (!after) hidden = 0;
      let next = after;
      do {
        const page = await api.get("/attendance/events", { query: { ...query, after: next, limit: 100 } });
        const kept = hides ? page.items.filter((entry) => !isStranger(entry)) : page.items;
        hidden += page.items.length - kept.length;
        items.push(...kept);
        next = page.next;
      } while (next && items.length < 50);
      left.textContent = hidden ? `${hidden} not shown` : "";
      return { items, next };
    },
    empty: { icon: "audit", title: "No entries", text: "Nothing in the log of this day fits the filters. Faces of people who are not enrolled are shown when they are asked for." },
  });
  await entries.ready;
  news.hidden = true;
  const worked = days.reduce((sum, day) => sum + (day.hours ?? 0), 0);
  const shares = days.map((day) => day.maskShare).filter((share) => share !== null && share !== undefined);
  return [
    h("div", { class: "card stats" },
      stat(days.length, days.length === 1 ? "person" : "people"),
      stat(days.filter((day) => day.in && !day.out).length, "without a way out"),
      stat(hours(worked), "in total"),
      stat(shares.length ? percent(shares.reduce((sum, share) => sum + share, 0) / shares.length) : "–", "masks, on average")),
    h("section", { class: "card flush", "aria-labelledby": "people-title" }, h("div", { class: "card-head" }, h("h2", { id: "people-title" }, "People")), people.element),
    h("section", { class: "card flush", "aria-labelledby": "entries-title" }, h("div", { class: "card-head" }, h("h2", { id: "entries-title" }, "Entries"),
      h("div", { class: "row", style: { gap: "0.5rem 1rem" } }, news, left, !state.status && h("label", { class: "switch" }, strangers, "Unknown faces"))), entries.element),
  ];
}

/** While today is looked at, what is new is announced and not pushed in: the table must not move under a finger. */
function follow() {
  let count = 0;
  const tell = debounce(() => {
    news.hidden = false;
    fill(news, icon("refresh"), count === 1 ? "1 new entry: show" : `${count} new entries: show`);
  }, 400);
  closeStream = stream("/events", {}, { event: (event) => {
    if (state.person && event.person?.id !== state.person) return;
    if (state.camera && event.camera !== state.camera) return;
    if (hidesStrangers() && isStranger(event)) return;
    count += 1;
    tell();
  } });
}

// A week or a month

const clock = (value) => {
  const minutes = Math.round(value * 60);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
};

async function gridView() {
  const [from, to] = range();
  const items = await all("/attendance/days", common());
  if (!items.length) {
    return h("div", { class: "card flush" }, emptyState({
      icon: "attendance", title: "Nobody was seen",
      text: state.person || state.group ? "Nobody of those whom the filters leave was seen in this time." : "No camera has seen anybody who is known in this time.",
    }));
  }
  const people = new Map();
  for (const item of items) {
    const id = item.person?.id ?? "";
    if (!people.has(id)) people.set(id, { person: item.person, days: new Map() });
    people.get(id).days.set(item.date, item);
  }
  const rows = [...people.values()].sort((a, b) => (a.person?.name ?? "￿").localeCompare(b.person?.name ?? "￿"));
  const days = daysOf(from, to);
  const today = dayIn(zone);
  const long = days.length > 7;
  const perDay = new Map(days.map((day) => [day, { count: 0, hours: 0 }]));

  const head = h("tr", { role: "row" }, h("th", { scope: "col", role: "columnheader" }, "Person"),
    days.map((day) => h("th", { scope: "col", role: "columnheader", class: ["day", isWeekend(day) && "weekend"], "aria-current": day === today ? "date" : undefined },
      h("button", { type: "button", class: "day-button", title: formatDay(day), "aria-label": `Open ${formatDay(day)}`, tabindex: "-1", onclick: () => change({ view: "day", day }) },
        h("span", {}, dayName(day, { weekday: long ? "narrow" : "short" })), h("span", { class: "num" }, dayName(day, long ? { day: "numeric" } : { day: "numeric", month: "short" }))))),
    h("th", { scope: "col", role: "columnheader", class: "number" }, "Days"), h("th", { scope: "col", role: "columnheader", class: "number" }, "Hours"), h("th", { scope: "col", role: "columnheader" }, "Mask"));

  const bodyRows = rows.map(({ person: who, days: seen }) => {
    let total = 0;
    const shares = [];
    const cells = days.map((day) => {
      const item = seen.get(day);
      const cell = h("td", { role: "gridcell", class: ["day", isWeekend(day) && "weekend"] });
      if (!item) return cell;
      const sum = perDay.get(day);
      sum.count += 1;
      sum.hours += item.hours ?? 0;
      total += item.hours ?? 0;
      if (item.maskShare !== null && item.maskShare !== undefined) shares.push(item.maskShare);
      const said = `${personName(who, "forgotten")}, ${formatDay(day)}: ${item.hours === null || item.hours === undefined ? `in ${formatTime(item.in)}, no way out` : hours(item.hours)}, masks ${percent(item.maskShare)}`;
      cell.append(h("button", { type: "button", class: "cell-button", tabindex: "-1", "aria-label": said, title: `${formatTime(item.in)} to ${formatTime(item.out)}, masks ${percent(item.maskShare)}`, disabled: !who, onclick: () => details(who, day, item) },
        h("span", { class: "num" }, item.hours === null || item.hours === undefined ? "in" : clock(item.hours)),
        item.maskShare === null || item.maskShare === undefined ? h("span", { class: "mask-bar none" }) : bar(item.maskShare)));
      return cell;
    });
    const link = who ? h("a", { href: `/person?id=${encodeURIComponent(who.id)}`, tabindex: "-1" }, who.name) : h("span", { class: "muted" }, personName(null, "forgotten"));
    return h("tr", { role: "row" }, h("th", { scope: "row", role: "rowheader" }, h("span", { class: "who-cell" }, avatar(who?.name), link)), cells,
      h("td", { role: "gridcell", class: "number" }, seen.size), h("td", { role: "gridcell", class: "number" }, total ? clock(total) : "–"),
      h("td", { role: "gridcell" }, maskBar(shares.length ? shares.reduce((a, b) => a + b, 0) / shares.length : null)));
  });

  const allHours = [...perDay.values()].reduce((sum, day) => sum + day.hours, 0);
  const shares = items.map((item) => item.maskShare).filter((share) => share !== null && share !== undefined);
  const share = shares.length ? shares.reduce((a, b) => a + b, 0) / shares.length : null;
  const foot = [
    h("tr", { role: "row" }, h("th", { scope: "row", role: "rowheader" }, "People"), days.map((day) => h("td", { role: "gridcell", class: ["day num", isWeekend(day) && "weekend"] }, perDay.get(day).count || "")),
      h("td", { role: "gridcell", class: "number" }, items.length), h("td", { role: "gridcell" }), h("td", { role: "gridcell" })),
    h("tr", { role: "row" }, h("th", { scope: "row", role: "rowheader" }, "Hours"), days.map((day) => h("td", { role: "gridcell", class: ["day num", isWeekend(day) && "weekend"] }, perDay.get(day).hours ? (long ? Math.round(perDay.get(day).hours) : clock(perDay.get(day).hours)) : "")),
      h("td", { role: "gridcell" }), h("td", { role: "gridcell", class: "number" }, clock(allHours)), h("td", { role: "gridcell" }, maskBar(share))),
  ];

  const hint = "Arrow keys go from day to day, Enter opens one.";
  const table = h("table", { class: ["day-grid", long && "long"], role: "grid", "aria-label": `Hours of ${rows.length} people, ${rangeName(from, to)}. ${hint}` },
    h("thead", { role: "rowgroup" }, head), h("tbody", { role: "rowgroup" }, bodyRows), h("tfoot", { role: "rowgroup" }, foot));
  roam(table);

  return [
    h("div", { class: "card stats" }, stat(rows.length, rows.length === 1 ? "person" : "people"), stat(`${clock(allHours)} h`, "in total"), stat(`${clock(allHours / Math.max(1, items.length))} h`, "a day and person"), stat(percent(share), "masks, on average")),
    h("section", { class: "card flush", "aria-label": "Hours by person and day" }, h("div", { class: "grid-wrap" }, table),
      h("div", { class: "card-body row small muted", style: { gap: "1.25rem" } },
        h("span", { class: "row" }, h("span", { class: "num" }, "7:45"), "hours and minutes"), h("span", { class: "row" }, h("span", { class: "num" }, "in"), "came, but was not seen leaving"),
        h("span", { class: "row" }, h("span", { class: "legend-bar" }, bar(0.7)), "share of sightings with a mask"))),
  ];
}

/** One stop for Tab; arrows, Home and End go from there. */
function roam(table) {
  const lines = [...table.rows].map((row) => [...row.cells].map((cell) => $("a, button:not(:disabled)", cell)));
  const first = lines.slice(1).flat().find(Boolean) ?? lines.flat().find(Boolean);
  if (first) first.tabIndex = 0;
  const find = (target) => {
    for (const [y, line] of lines.entries()) {
      const x = line.indexOf(target);
      if (x >= 0) return [y, x];
    }
    return null;
  };
  const goTo = (element) => {
    if (!element) return;
    for (const other of lines.flat()) if (other) other.tabIndex = -1;
    element.tabIndex = 0;
    element.focus();
  };
  table.addEventListener("focusin", (event) => {
    if (find(event.target)) for (const other of lines.flat()) if (other) other.tabIndex = other === event.target ? 0 : -1;
  });
  table.addEventListener("keydown", (event) => {
    const at = find(event.target);
    const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [0, 0];
    if (!at) return;
    if (event.key === "Home" || event.key === "End") {
      event.preventDefault();
      const line = lines[at[0]].filter(Boolean);
      goTo(event.key === "Home" ? line[0] : line.at(-1));
    } else if (down || right) {
      event.preventDefault();
      // Days without an entry have nothing to stop at.
      for (let [y, x] = [at[0] + down, at[1] + right]; y >= 0 && y < lines.length && x >= 0 && x < lines[0].length; y += down, x += right) {
        if (lines[y][x]) return goTo(lines[y][x]);
      }
    }
  });
}

// A person's day

async function details(who, day, summary) {
  let changed = false;
  await openDialog({
    title: `${who.name}, ${formatDay(day)}`, wide: true,
    content: (close) => {
      const facts = h("div", { class: "stats" });
      const list = h("div", { tabindex: "-1", "aria-label": "Entries", role: "group" }, skeleton(3));
      let item = summary;
      const draw = async () => {
        fill(facts, stat(formatTime(item?.in), "in"), stat(formatTime(item?.out), "out"), stat(hours(item?.hours), "hours"), stat(percent(item?.maskShare), "masks"));
        try {
          const found = await all("/attendance/events", { from: day, to: day, person: who.id });
          fill(list, entryList(found, { session, changed: refresh }));
        } catch (error) {
          fill(list, banner("error", "The entries could not be loaded.", error.detail ?? error.message));
        }
      };
      const refresh = async () => {
        changed = true;
        try {
          item = (await all("/attendance/days", { from: day, to: day, person: who.id }))[0] ?? null;
        } catch {
          // The numbers above stay as they were.
        }
        await draw();
        // What was pressed is gone.
        if (!document.activeElement || document.activeElement === document.body || document.activeElement.tagName === "DIALOG") list.focus();
      };
      draw();
      return [facts,
        summary?.stays?.length > 1 && h("p", { class: "small muted" }, "Stays: ", summary.stays.map((stay) => `${formatTime(stay.in?.time)} to ${formatTime(stay.out?.time)}`).join(", ")),
        list,
        h("div", { class: "dialog-foot" },
          session.can("correct") && h("button", { type: "button", class: "button", onclick: async () => { if (await addMark({ person: who, day, zone })) refresh(); } }, icon("plus"), "Add a mark"),
          h("a", { class: "button", href: `/person?id=${encodeURIComponent(who.id)}` }, icon("person"), "Open the person"),
          h("button", { type: "button", class: "button primary", onclick: () => close() }, "Close"))];
    },
  });
  if (changed) show(true);
}

// Export

const LAYOUTS = [
  ["events", "Entries", "Every sighting and mark, one in each row, void ones with their reason. For checking and for your own evaluation."],
  ["daily", "Days", "One row for each person and day: first in, last out, hours, share of masks. For payroll and class registers."],
  ["frappe", "Frappe HR", "Ways in and out as Employee Checkin takes them. Ids must be the attendance device ids there."],
  ["odoo", "Odoo", "Ways in with their ways out as Odoo Attendances imports them (hr.attendance), in UTC. Ids must be Odoo’s ids."],
];
const FORMATS = [["csv", "CSV", "every program"], ["xlsx", "Excel", ".xlsx"], ["jsonl", "JSON Lines", "for programs"]];

function exportDialog() {
  const [from, to] = range();
  return openDialog({
    title: "Export", wide: true,
    content: (close) => {
      const link = h("a", { class: "button primary", download: "" }, icon("download"), "Download");
      const problem = h("p", { class: "small", role: "status" });
      const notes = h("p", { class: "small muted" });
      const radio = (name, [value, word, text], checked) => h("label", { class: "choice" }, h("input", { type: "radio", name, value, checked, onchange: () => update() }), h("span", {}, h("strong", {}, word), h("span", { class: "small muted" }, text)));
      const form = h("form", { class: "stack" },
        h("fieldset", {}, h("legend", {}, "What for"), h("div", { class: "choices" }, LAYOUTS.map((layout) => radio("layout", layout, layout[0] === (state.view === "day" ? "events" : "daily"))))),
        h("fieldset", {}, h("legend", {}, "As"), h("div", { class: "choices small-choices" }, FORMATS.map((format) => radio("format", format, format[0] === "csv")))),
        h("div", { class: "filters" }, field({ label: "From", name: "from", type: "date", value: from, required: true, onchange: () => update() }), field({ label: "To", name: "to", type: "date", value: to, required: true, onchange: () => update() })),
        notes, problem);
      form.addEventListener("submit", (event) => { event.preventDefault(); if (link.hasAttribute("href")) link.click(); });
      const update = () => {
        const layout = form.elements.layout.value;
        const query = { layout, format: form.elements.format.value, from: form.elements.from.value, to: form.elements.to.value, person: state.person, group: state.group };
        const only = layout === "events" && state.view === "day" ? { camera: state.camera, mask: state.mask, status: state.status } : {};
        const names = [person && state.person ? person.name : null, state.group && `group “${state.group}”`, only.camera && `camera ${only.camera}`, only.mask && MASKS[only.mask].word.toLowerCase(), only.status && STATUSES.find(([id]) => id === only.status)[1].toLowerCase()].filter(Boolean);
        notes.textContent = names.length ? `With the filters of the page: ${names.join(", ")}.` : "Everybody and everything in these days.";
        const fine = isDay(query.from) && isDay(query.to) && query.from <= query.to;
        problem.textContent = fine ? "" : "The first day has to be before the last.";
        if (fine) link.href = apiAddress("/attendance/export", { ...query, ...only });
        else link.removeAttribute("href");
        link.setAttribute("aria-disabled", String(!fine));
      };
      update();
      link.addEventListener("click", () => setTimeout(close, 300));
      return [form, h("p", { class: "small muted" }, "The audit log keeps that you have exported, and what."),
        h("div", { class: "dialog-foot" }, h("button", { type: "button", class: "button", onclick: () => close() }, "Cancel"), link)];
    },
  });
}

// The page

title.tabIndex = -1;
fill(main,
  h("div", { class: "page-head" },
    h("div", {}, h("h1", {}, "Attendance"), h("p", {}, "Who was there, when, and with a mask or without.")),
    h("div", { class: "actions" },
      session.can("correct") && h("button", { type: "button", class: "button", onclick: async () => { if (await addMark({ person, day: state.day, zone })) show(true); } }, icon("plus"), "Add a mark"),
      h("button", { type: "button", class: "button", onclick: exportDialog }, icon("download"), "Export"))),
  h("div", { class: "card stack" },
    h("div", { class: "spread" },
      h("div", { class: "row" }, previous, next, now, h("div", { class: "date-box" }, date)), title, views),
    filters, zoneNote(zone)),
  body);

nameThem();
await show();
