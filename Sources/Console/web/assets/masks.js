/* Masks: how often they are worn, by day, by camera and by hour. */

import { start } from "/assets/parts/shell.js";
import { api } from "/assets/parts/api.js";
import { cameraFilter, foldFilters, groupFilter } from "/assets/parts/pickers.js";
import { addDays, dayIn, dayName, daysOf, isDay, logZone, monthOf, rangeName, zoneDiffers } from "/assets/parts/days.js";
import { banner, emptyState, field, fill, h, icon, MASKS, number, percent, skeleton, $ } from "/assets/parts/ui.js";

const session = await start("masks");
const main = $("main");
const zone = await logZone();
const LABELS = Object.keys(MASKS);
const COLOURS = { mask: "--ok", incorrect: "--amber", covering: "--violet", none: "--red", unsure: "--grey" };

const today = dayIn(zone);
const PERIODS = [
  ["7", "7 days", () => [addDays(today, -6), today]],
  ["30", "30 days", () => [addDays(today, -29), today]],
  ["90", "90 days", () => [addDays(today, -89), today]],
  ["month", "This month", () => [monthOf(today)[0], today]],
];

const query = new URLSearchParams(location.search);
const state = {
  from: isDay(query.get("from")) ? query.get("from") : addDays(today, -29), to: isDay(query.get("to")) ? query.get("to") : today,
  camera: query.get("camera") ?? "", group: query.get("group") ?? "", show: query.get("show") === "counts" ? "counts" : "share",
};
if (state.from > state.to) state.from = state.to;

let answer = null;
let charts = [];

function change(part) {
  Object.assign(state, part);
  const kept = new URLSearchParams(Object.entries(state).filter(([name, value]) => value && !(name === "show" && value === "share")));
  history.replaceState(null, "", `?${kept}`);
  controls();
}

// Controls

const periods = h("div", { class: "segmented periods", role: "group", "aria-label": "Period" },
  PERIODS.map(([id, word, range]) => h("button", { type: "button", value: id, onclick: () => { const [from, to] = range(); change({ from, to }); load(); } }, word)));
const from = field({ label: "From", name: "from", type: "date", value: state.from, max: today, onchange: (event) => span({ from: event.target.value }) });
const to = field({ label: "To", name: "to", type: "date", value: state.to, max: today, onchange: (event) => span({ to: event.target.value }) });
const camera = cameraFilter({ value: state.camera, onchange: (event) => { change({ camera: event.target.value }); load(); } });
const group = groupFilter({ value: state.group, every: "Everybody", onchange: (event) => { change({ group: event.target.value }); load(); } });
const shows = h("div", { class: "segmented", role: "group", "aria-label": "Charts show" },
  [["share", "Share of masks"], ["counts", "How many of each"]].map(([id, word]) => h("button", { type: "button", value: id, onclick: () => { change({ show: id }); draw(); } }, word)));
const filters = foldFilters(h("div", { class: "filters" }, from, to, camera, group), () => [state.camera, state.group].filter(Boolean).length);

function span(part) {
  const next = { ...state, ...part };
  if (!isDay(next.from) || !isDay(next.to)) return;
  // The end that was not touched gives way.
  if (next.from > next.to) Object.assign(next, part.from ? { to: next.from } : { from: next.to });
  change(next);
  load();
}

function controls() {
  for (const button of periods.children) {
    const [, , range] = PERIODS.find(([id]) => id === button.value);
    const [first, last] = range();
    button.setAttribute("aria-pressed", String(first === state.from && last === state.to));
  }
  for (const button of shows.children) button.setAttribute("aria-pressed", String(button.value === state.show));
  $("input", from).value = state.from;
  $("input", to).value = state.to;
  filters.update();
}

// Numbers

const body = h("div", { class: "stack", style: { gap: "1.5rem" } });
let run = 0;

async function load() {
  const mine = ++run;
  body.setAttribute("aria-busy", "true");
  if (!body.children.length) fill(body, h("div", { class: "card flush" }, skeleton(6)));
  try {
    const got = await api.get("/attendance/masks", { query: { from: state.from, to: state.to, camera: state.camera, group: state.group } });
    if (mine !== run) return;
    answer = got;
    draw();
  } catch (error) {
    if (mine !== run) return;
    leave();
    fill(body, h("div", { class: "card" }, banner("error", "This could not be loaded.", error.detail ?? error.message, h("div", {}, h("button", { type: "button", class: "button small", onclick: load }, icon("refresh"), "Try again")))));
  } finally {
    if (mine === run) body.removeAttribute("aria-busy");
  }
}

const labelled = (row) => row.mask + row.incorrect + row.covering + row.none;
const NOTHING = { mask: 0, incorrect: 0, covering: 0, none: 0, unsure: 0, share: null };

function leave() {
  for (const chart of charts) chart.destroy();
  charts = [];
}

function draw() {
  leave();
  const { total } = answer;
  if (!labelled(total) && !total.unsure) {
    fill(body, h("div", { class: "card flush" }, emptyState({
      icon: "mask", title: "No faces in this time",
      text: state.camera || state.group ? "Nothing that the filters leave. Try a longer time, all cameras or everybody." : "Cameras have shown no faces between these days. Try a longer time.",
      action: !(state.camera || state.group) && session.can("view") && h("a", { class: "button", href: "/cameras" }, "Look at the cameras"),
    })));
    return;
  }
  // Days without a face are shown as a gap: a line across them would claim something.
  const byDay = new Map(answer.days.map((row) => [row.day, row]));
  const days = daysOf(state.from, state.to).map((day) => ({ day, ...(byDay.get(day) ?? NOTHING) }));
  const byHour = new Map(answer.hours.map((row) => [row.hour, row]));
  const seen = answer.hours.map((row) => row.hour);
  const hours = seen.length ? Array.from({ length: Math.max(...seen) - Math.min(...seen) + 1 }, (_, index) => Math.min(...seen) + index).map((hour) => ({ hour, ...(byHour.get(hour) ?? NOTHING) })) : [];
  const cameras = [...answer.cameras].sort((a, b) => (b.share ?? -1) - (a.share ?? -1));
  const clock = (hour) => `${String(hour).padStart(2, "0")}:00`;

  const label = (id) => h("div", { class: "stat" }, h("span", { class: "value" }, number(total[id])), h("span", { class: "label row", style: { gap: "0.3rem" } }, icon(MASKS[id].icon), MASKS[id].word));
  fill(body,
    h("div", { class: "card stats" },
      h("div", { class: "stat lead" }, h("span", { class: "value" }, percent(total.share)), h("span", { class: "label" }, `with a mask, ${rangeName(state.from, state.to)}`)),
      LABELS.map(label)),
    card("days", "By day", "line", days, "Day", (row) => dayName(row.day, { day: "numeric", month: "short" }), (row) => dayName(row.day, { weekday: "short", day: "numeric", month: "short" }), true),
    card("cameras", "By camera", "bar", cameras, "Camera", (row) => row.camera, (row) => row.camera),
    card("hours", "By hour of the day", "bar", hours, "Hour", (row) => clock(row.hour), (row) => `${clock(row.hour)}–${clock((row.hour + 1) % 24)}`),
    h("p", { class: "small muted" }, "Counted are arrivals, changes during a visit, and faces in photos, also of people who are not known. The share is that of masks over mouth, nose and chin among all faces where it could be told; “unsure” is left out of it, and so is what was made void."));
}

/** A chart and, beside it, the same numbers as a table. */
function card(id, title, type, rows, first, shortName, longName, newestFirst = false) {
  const heading = `${id}-title`;
  const canvas = h("canvas", { role: "img", "aria-label": summary(title, rows, longName) });
  const counts = state.show === "counts";
  const listed = (newestFirst ? [...rows].reverse() : rows).filter((row) => labelled(row) || row.unsure);
  const table = h("table", { class: "table" }, h("caption", { class: "visually-hidden" }, title),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, first), h("th", { scope: "col", class: "number" }, "Share"), LABELS.map((name) => h("th", { scope: "col", class: "number" }, MASKS[name].word)))),
    h("tbody", {}, listed.map((row) => h("tr", {}, h("th", { scope: "row", class: "nowrap" }, longName(row)), h("td", { class: "number" }, percent(row.share)), LABELS.map((name) => h("td", { class: "number" }, number(row[name])))))));
  const element = h("section", { class: "card flush", "aria-labelledby": heading },
    h("div", { class: "card-head" }, h("h2", { id: heading }, title), counts && h("div", { class: "legend small" }, LABELS.map((name) => h("span", { class: "row", style: { gap: "0.35rem" } }, h("span", { class: "key", dataset: { key: name }, "aria-hidden": "true" }), MASKS[name].word)))),
    h("div", { class: "chart-card" }, h("div", { class: "chart" }, canvas), h("div", { class: "numbers", tabindex: "0", role: "region", "aria-label": `${title}: the numbers` }, table)));
  // A chart measures its box: it must be on the page first.
  queueMicrotask(() => { if (canvas.isConnected) charts.push(chart(canvas, type, rows, shortName, longName)); });
  return element;
}

function summary(title, rows, name) {
  const told = rows.filter((row) => row.share !== null);
  if (!told.length) return `${title}: nothing to show.`;
  const best = told.reduce((a, b) => (b.share > a.share ? b : a));
  const worst = told.reduce((a, b) => (b.share < a.share ? b : a));
  return `${title}: share of masks from ${percent(worst.share)} (${name(worst)}) to ${percent(best.share)} (${name(best)}). The numbers are in the table.`;
}

function chart(canvas, type, rows, shortName, longName) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const counts = state.show === "counts";
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const sideways = type === "bar" && !counts && rows.length && "camera" in rows[0];
  const datasets = counts
    ? LABELS.map((name) => ({ label: MASKS[name].word, data: rows.map((row) => row[name]), backgroundColor: colour(COLOURS[name]), stack: "all", maxBarThickness: 48, borderColor: colour("--surface"), borderWidth: 1 }))
    : [{
      label: "With a mask", data: rows.map((row) => (row.share === null ? null : row.share * 100)),
      borderColor: colour("--accent"), backgroundColor: type === "line" ? colour("--accent-soft") : colour("--accent"), fill: type === "line",
      borderWidth: type === "line" ? 2 : 0, pointRadius: rows.length > 45 ? 2 : 4, pointHoverRadius: 6, pointBackgroundColor: colour("--accent"), maxBarThickness: sideways ? 36 : 48, borderRadius: 4, tension: 0, spanGaps: false,
    }];
  const grid = { color: colour("--border"), borderColor: colour("--border") };
  const values = { beginAtZero: true, ...(counts ? { ticks: { color: colour("--muted"), precision: 0 } } : { max: 100, ticks: { color: colour("--muted"), callback: (value) => `${value}%` } }), grid, stacked: counts };
  const names = { stacked: counts, grid: { ...grid, display: false }, ticks: { color: colour("--muted"), maxRotation: 0, autoSkipPadding: 12 } };
  return new Chart(canvas, {
    type: counts ? "bar" : type,
    data: { labels: rows.map(shortName), datasets },
    options: {
      responsive: true, maintainAspectRatio: false, animation: calm ? false : { duration: 250 }, indexAxis: sideways ? "y" : "x",
      interaction: { mode: "index", intersect: false, axis: sideways ? "y" : "x" },
      scales: sideways ? { x: values, y: names } : { x: names, y: values },
      plugins: {
        legend: { display: false },
        tooltip: {
          backgroundColor: colour("--text"), titleColor: colour("--bg"), bodyColor: colour("--bg"), padding: 10, displayColors: counts,
          callbacks: {
            title: ([item]) => longName(rows[item.dataIndex]),
            label: (item) => (counts ? `${item.dataset.label}: ${item.raw}` : `${percent(rows[item.dataIndex].share)} of ${labelled(rows[item.dataIndex])} with a mask`),
          },
        },
      },
    },
  });
}

// Colours are read when a chart is drawn.
new MutationObserver(() => { if (answer) draw(); }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (answer) draw(); });

// The page

if (typeof Chart !== "undefined") Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;

fill(main,
  h("div", { class: "page-head" }, h("div", {}, h("h1", {}, "Masks"), h("p", {}, "How often masks are worn, and where and when not."))),
  h("div", { class: "card stack" }, h("div", { class: "spread" }, periods, shows), filters, zoneDiffers(zone) && h("p", { class: "small muted" }, `Days and hours are those of the log’s clock, in ${zone}.`)),
  body);
controls();
await load();
