/*
 * Entries of the log, as attendance, a person's page and a day's details show them.
 *
 *   columns: logColumns({ session, person: true, place: true, day: false, changed: () => table.reload() }), row: dressEntry
 *   await addMark({ person, day, zone })          // the dialog for a mark by hand; null, or the mark
 *   await voidEntry(entry)                        // the dialog that makes an entry void
 *   what(entry)                                   // "Arrived", "Marked in by hand", …
 */

import { api } from "/assets/parts/api.js";
import { personPicker } from "/assets/parts/pickers.js";
import { localISO, viewerZone, zoneDiffers } from "/assets/parts/days.js";
import { badge, confirmDialog, emptyState, field, fill, formatDateTime, formatTime, formDialog, h, icon, invalid, maskBadge, openDialog, personCell, personName, sureness, timeElement, toast } from "/assets/parts/ui.js";

const KINDS = {
  arrival: ["Arrived", "door"],
  mask: ["Mask changed", "mask"],
  seen: ["Seen last", "clock"],
  photo: ["In a photo", "image"],
};

export function what(entry) {
  if (entry.kind === "mark") return entry.direction === "out" ? "Marked out by hand" : "Marked in by hand";
  return KINDS[entry.kind]?.[0] ?? entry.kind;
}

const STATUS = { unknown: "Unknown", poor: "Face not clear", forgotten: "Forgotten" };

function whatCell(entry) {
  const [, glyph] = KINDS[entry.kind] ?? [null, "edit"];
  const notes = [];
  if (entry.kind === "mark") notes.push(`By ${entry.by}: ${entry.reason}`);
  else if (entry.method === "periocular") notes.push(`By the eyes${entry.confidence === null ? "" : `, ${sureness(entry.confidence)} sure`}`);
  else if (entry.confidence !== null && entry.confidence !== undefined) notes.push(`By the face, ${sureness(entry.confidence)} sure`);
  return h("span", { class: "entry-what" }, h("span", { class: "row nowrap" }, icon(glyph), what(entry)), notes.map((note) => h("span", { class: "small muted" }, note)));
}

/** Who made an entry void, when and why: not struck through itself. */
export function voidNote(entry) {
  if (!entry.voided) return null;
  return h("span", { class: "void-note small" }, badge("Void", "error", "cross"), h("span", {}, `${entry.voided.by}, ${formatDateTime(entry.voided.time)}: ${entry.voided.reason || "no reason given"}`));
}

export function logColumns({ session, person = true, day = false, changed = () => {} }) {
  return [
    { title: "Time", header: true, cell: (entry) => timeElement(entry.time, day ? "datetime" : "seconds") },
    person && { title: "Person", cell: (entry) => h("span", { class: "entry-person" }, personCell(entry.person, entry.status), STATUS[entry.status] && entry.person && badge(STATUS[entry.status])) },
    { title: "What", cell: whatCell },
    { title: "Camera", cell: (entry) => (entry.camera && h("span", { class: "camera-name", title: entry.camera }, entry.camera)) ?? (entry.kind === "mark" ? h("span", { class: "muted" }, "–") : h("span", { class: "muted" }, "Photo")) },
    { title: "Mask", cell: (entry) => maskBadge(entry.mask) ?? h("span", { class: "muted" }, "–") },
    { title: "Actions", tools: true, cell: (entry) => [
      voidNote(entry),
      h("span", { class: "row entry-tools" },
        entry.snapshot && h("button", { type: "button", class: "button small", "aria-label": `Picture of ${formatTime(entry.time)}, ${personName(entry.person, entry.status)}`, onclick: () => showSnapshot(entry) }, icon("image"), "Picture"),
        session.can("correct") && !entry.voided && h("button", { type: "button", class: "button quiet small", "aria-label": `Make void: ${what(entry)}, ${formatTime(entry.time)}, ${personName(entry.person, entry.status)}`,
          onclick: async () => { if (await voidEntry(entry)) changed(); } }, "Make void")),
    ] },
  ].filter(Boolean);
}

export function dressEntry(entry, row) {
  if (entry.voided) row.classList.add("void");
}

export const snapshotAddress = (entry) => `/api/v1/events/${encodeURIComponent(entry.id)}/snapshot`;

/** The picture of an entry; a retention limit may have taken it meanwhile. */
export function snapshotImage(entry, className) {
  const image = h("img", { class: className, src: snapshotAddress(entry), loading: "lazy", alt: `${personName(entry.person, entry.status)} at ${entry.camera ?? "a camera"}, ${formatDateTime(entry.time)}` });
  image.addEventListener("error", () => image.replaceWith(h("span", { class: "snapshot-gone small muted" }, icon("image"), "The picture is not kept any more.")));
  return image;
}

export function showSnapshot(entry) {
  return openDialog({
    title: `${personName(entry.person, entry.status)}, ${formatDateTime(entry.time)}`, wide: true,
    content: (close) => [
      snapshotImage(entry, "snapshot"),
      h("div", { class: "row" }, maskBadge(entry.mask), entry.camera && badge(entry.camera, null, "video")),
      h("div", { class: "dialog-foot" }, h("button", { type: "button", class: "button", onclick: () => close() }, "Close")),
    ],
  });
}

export async function voidEntry(entry) {
  const answer = await confirmDialog({
    title: "Make this entry void?", danger: true, confirm: "Make void", reason: "Why is it wrong?",
    text: h("div", { class: "stack" }, h("p", {}, `${personName(entry.person, entry.status)}: ${what(entry).toLowerCase()}, ${formatDateTime(entry.time)}${entry.camera ? `, ${entry.camera}` : ""}.`),
      h("p", { class: "muted" }, "It stays in the log, struck through, with your name and the reason. Hours and mask numbers no longer count it. This cannot be taken back.")),
    action: ({ reason }) => api.post(`/attendance/events/${encodeURIComponent(entry.id)}/void`, { reason }),
  });
  if (answer) toast("The entry is void.");
  return answer;
}

export async function addMark({ person = null, day, zone = null } = {}) {
  const picker = personPicker({ label: "Person", name: "person", value: person, required: true, placeholder: "Type a name" });
  const now = new Date();
  const clock = `${String(now.getHours()).padStart(2, "0")}:${String(now.getMinutes()).padStart(2, "0")}`;
  const mark = await formDialog({
    title: "Add a mark", submit: "Add the mark",
    intro: "For what the cameras have missed: somebody came in or left. The log shows that it was entered by hand, by whom and why.",
    fields: [
      picker.element,
      h("fieldset", {}, h("legend", {}, "Direction"), h("div", { class: "row", style: { gap: "1.5rem" } },
        h("label", { class: "check" }, h("input", { type: "radio", name: "direction", value: "in", checked: true }), "Came in"),
        h("label", { class: "check" }, h("input", { type: "radio", name: "direction", value: "out" }), "Left"))),
      h("div", { class: "filters" },
        field({ label: "Day", name: "day", type: "date", value: day, required: true }),
        field({ label: "Time", name: "time", type: "time", value: clock, required: true, hint: zoneDiffers(zone) ? `Your clock: ${viewerZone}` : undefined })),
      field({ label: "Reason", name: "reason", required: true, maxlength: 500, placeholder: "Left by the back door" }),
    ],
    onsubmit: async (values) => {
      if (!picker.person) throw invalid("person", "Choose a person from the list.");
      return api.post("/attendance/marks", { person: picker.person.id, direction: values.direction, time: localISO(values.day, values.time), reason: values.reason.trim() });
    },
  });
  if (mark) toast("The mark is in the log.");
  return mark;
}

/** Entries as a list with their pictures: the details of a person's day. */
export function entryList(entries, { session, changed }) {
  if (!entries.length) return emptyState({ icon: "attendance", title: "No entries" });
  return h("ol", { class: "entry-list plain" }, entries.map((entry) => {
    const row = h("li", { class: entry.voided ? "void" : "" });
    return fill(row,
      h("span", { class: "entry-time num" }, timeElement(entry.time, "time")),
      h("div", { class: "stack entry-body" },
        h("div", { class: "row" }, h("span", { class: "entry-word" }, whatCell(entry)), maskBadge(entry.mask), entry.camera && badge(entry.camera, null, "video")),
        voidNote(entry),
        entry.snapshot && snapshotImage(entry, "snapshot-small")),
      session.can("correct") && !entry.voided && h("button", { type: "button", class: "button quiet small", "aria-label": `Make void: ${what(entry)}, ${formatTime(entry.time)}`, onclick: async () => { if (await voidEntry(entry)) changed(); } }, "Make void"));
  }));
}
