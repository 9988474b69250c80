/*
 * Days of the calendar as "YYYY-MM-DD", and the zones in which they begin.
 *
 *   addDays("2026-11-25", 1)   addMonths(day, -1)   weekOf(day) → [monday, sunday]   monthOf(day) → [first, last]   daysOf(from, to)
 *   dayName(day, { weekday: "short" })            // a part of a day's name
 *   const zone = await logZone();                 // "Europe/Berlin", in which the log's days begin; null when not known
 *   dayIn(zone)                                   // today there
 *   localISO("2026-11-25", "08:30")               // a moment of the viewer's clock, with its offset
 *   zoneNote(zone)                                // a sentence for people whose clock differs from the log's, or null
 *
 * Days are counted in UTC: there no day has 23 or 25 hours.
 */

import { api } from "/assets/parts/api.js";
import { LOCALE, h, icon } from "/assets/parts/ui.js";

const HOURS = 86_400_000;

const moment = (day) => {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1, date));
};
const name = (date) => date.toISOString().slice(0, 10);

export const isDay = (text) => /^\d{4}-\d\d-\d\d$/.test(text ?? "") && !Number.isNaN(moment(text).getTime()) && name(moment(text)) === text;

export const addDays = (day, count) => name(new Date(moment(day).getTime() + count * HOURS));

/** The same date in another month, or that month's last day when it has no such date. */
export function addMonths(day, count) {
  const [year, month, date] = day.split("-").map(Number);
  const last = new Date(Date.UTC(year, month + count, 0)).getUTCDate();
  return name(new Date(Date.UTC(year, month - 1 + count, Math.min(date, last))));
}

/** Monday and Sunday of a day's week. */
export function weekOf(day) {
  const monday = addDays(day, -((moment(day).getUTCDay() + 6) % 7));
  return [monday, addDays(monday, 6)];
}

export function monthOf(day) {
  const first = `${day.slice(0, 7)}-01`;
  return [first, addDays(addMonths(first, 1), -1)];
}

export function daysOf(from, to) {
  const days = [];
  for (let day = from; day <= to && days.length < 800; day = addDays(day, 1)) days.push(day);
  return days;
}

export const isWeekend = (day) => [0, 6].includes(moment(day).getUTCDay());

export const dayName = (day, options) => new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: "UTC" }).format(moment(day));

/** "23 – 29 Nov 2026" */
export const rangeName = (from, to) =>
  new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).formatRange(moment(from), moment(to));

export const viewerZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

let asked = null;

/** The zone in which the log's days begin. */
export function logZone() {
  asked ??= api.get("/health").then(({ timeZone }) => {
    // A name that this browser does not know would make every format throw.
    new Intl.DateTimeFormat("en", { timeZone });
    return timeZone ?? null;
  }).catch(() => null);
  return asked;
}

/** The day that it is now in a zone. */
export function dayIn(zone, date = new Date()) {
  const parts = new Intl.DateTimeFormat("en", { timeZone: zone ?? undefined, year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(date);
  const part = (type) => parts.find((entry) => entry.type === type).value;
  return `${part("year")}-${part("month")}-${part("day")}`;
}

function offset(zone, date) {
  return new Intl.DateTimeFormat("en", { timeZone: zone ?? undefined, timeZoneName: "longOffset" }).formatToParts(date).find((part) => part.type === "timeZoneName").value;
}

/** Zones count as the same while their clocks agree: Berlin and Vienna need no note. */
export function zoneDiffers(zone) {
  const now = new Date();
  return zone !== null && zone !== viewerZone && offset(zone, now) !== offset(viewerZone, now);
}

export function zoneNote(zone) {
  if (!zone || !zoneDiffers(zone)) return null;
  return h("p", { class: "row small muted", style: { flexWrap: "nowrap", alignItems: "flex-start" } }, icon("clock"),
    h("span", {}, `Times are those of your clock (${viewerZone}). The log’s days begin and end in ${zone}.`));
}

/** A day and "HH:MM" of the viewer's clock as ISO 8601 with the offset that holds then. */
export function localISO(day, time) {
  const date = new Date(`${day}T${time.length === 5 ? `${time}:00` : time}`);
  const minutes = -date.getTimezoneOffset();
  const two = (value) => String(Math.trunc(Math.abs(value))).padStart(2, "0");
  return `${day}T${time.length === 5 ? `${time}:00` : time}${minutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}
