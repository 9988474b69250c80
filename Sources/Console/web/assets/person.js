/* One person: details, photos, the recent log, and forgetting. */

import { setTitle, start } from "/assets/parts/shell.js";
import { api, ApiError } from "/assets/parts/api.js";
import { groupsField } from "/assets/parts/pickers.js";
import { photoCollector } from "/assets/parts/photos.js";
import { addMark, dressEntry, logColumns } from "/assets/parts/log.js";
import { dayIn, addDays, logZone } from "/assets/parts/days.js";
import { avatar, badge, banner, confirmDialog, dataTable, emptyState, field, fill, formDialog, formatDay, h, icon, openDialog, percent, skeleton, timeElement, toast, $ } from "/assets/parts/ui.js";

const session = await start("people", "Person");
const main = $("main");
const id = new URLSearchParams(location.search).get("id");
const path = `/people/${encodeURIComponent(id)}`;

let person = null;
let etag = null;

async function load() {
  const { body, response } = await api.send("GET", path);
  person = body;
  etag = response.headers.get("ETag");
}

const back = () => h("a", { class: "button", href: "/people" }, icon("back"), "People");

const head = h("div", { class: "page-head" });
const facts = h("div", { class: "card stack" });
const consent = h("div", { class: "card stack" });
const photos = h("div", { class: "card flush" });
const log = h("div", { class: "card flush" });

function draw() {
  setTitle(person.name);
  fill(head,
    h("div", { class: "person-head" }, avatar(person.name, true), h("div", {},
      h("h1", {}, person.name), h("div", { class: "row", style: { marginTop: "0.4rem" } }, person.groups.map((group) => badge(group)), !person.groups.length && h("span", { class: "muted" }, "In no group")))),
    h("div", { class: "actions" }, back(),
      session.can("enroll") && h("button", { type: "button", class: "button", onclick: edit }, icon("edit"), "Name and groups"),
      session.can("enroll") && h("button", { type: "button", class: "button primary", onclick: addPhotos }, icon("camera"), "Add photos")));

  fill(facts, h("h2", {}, "Details"),
    h("dl", { class: "facts" },
      h("dt", {}, "Id"), h("dd", { class: "mono" }, person.id),
      h("dt", {}, "Photos"), h("dd", {}, person.templates),
      h("dt", {}, "Enrolled"), h("dd", {}, timeElement(person.created, "date")),
      h("dt", {}, "Changed"), h("dd", {}, timeElement(person.updated, "date"))),
    h("div", { class: "row" }, h("a", { class: "button small", href: `/attendance?view=month&person=${encodeURIComponent(person.id)}` }, icon("attendance"), "Attendance by month"),
      session.can("correct") && h("button", { type: "button", class: "button small", onclick: mark }, icon("plus"), "Add a mark")));

  fill(consent, h("h2", {}, "Consent"),
    person.consent
      ? [h("p", {}, `Given on ${formatDay(person.consent.date.slice(0, 10))}, to this:`), h("blockquote", { class: "quote small", style: { margin: 0 }, tabindex: "0", "aria-label": "Text of the consent" }, person.consent.text)]
      : banner("warn", "There is no consent on record."),
    session.can("manage") && [h("hr", { style: { margin: 0 } }),
      h("p", { class: "small muted" }, "Whoever takes the consent back is forgotten: photos, pictures and the name in the log go, and the log is searched to prove it."),
      h("div", {}, h("button", { type: "button", class: "button danger", onclick: forget }, icon("trash"), "Forget this person"))]);

  const learnt = person.learnt.length && h("p", { class: "small muted card-body" }, `Behind a mask, ${person.name} is also known by ${person.learnt.length === 1 ? "a look" : `${person.learnt.length} looks`} that cameras have learnt: `,
    person.learnt.flatMap((look, index) => [index ? ", " : "", `${look.camera}, `, timeElement(look.created, "date")]), ".");
  const list = dataTable({
    caption: "Photos",
    columns: [
      { title: "Added", header: true, cell: (photo) => timeElement(photo.created, "date") },
      { title: "From", cell: (photo) => (photo.source === "upload" ? "The console" : photo.source) },
      { title: "Quality", cell: (photo) => quality(photo.quality) },
    ],
    items: [...person.photos].sort((a, b) => (a.created < b.created ? 1 : -1)),
    empty: emptyState({
      icon: "image", title: "No photo yet", text: `Without a photo no camera can recognise ${person.name}. Three are a good number.`,
      action: session.can("enroll") && h("button", { type: "button", class: "button primary", onclick: addPhotos }, icon("camera"), "Add photos"),
    }),
  });
  fill(photos, h("div", { class: "card-head" }, h("h2", {}, "Photos"), h("span", { class: "small muted" }, "What faces are recognised by. The pictures themselves are not shown.")),
    person.needsPhotos && h("div", { class: "card-body" }, banner("warn", "Add the photos again", `${person.name} was enrolled before Rollcall had its second encoder. Without it, a mask hides more. The same photos, or new ones, are enough.`)),
    list.element, learnt);
}

function quality(value) {
  if (value === null || value === undefined) return h("span", { class: "muted" }, "–");
  const [word, tone] = value >= 0.8 ? ["Very good", "ok"] : value >= 0.6 ? ["Good", "ok"] : ["Fair", "warn"];
  return h("span", { class: "row" }, badge(word, tone), h("span", { class: "small muted num" }, percent(value)));
}

async function drawLog() {
  const zone = await logZone();
  const to = dayIn(zone);
  const from = addDays(to, -29);
  let entries = null;
  // The log answers oldest first: the newest thirty days are asked for and turned round.
  const table = dataTable({
    caption: "Entries of the last 30 days, newest first",
    columns: logColumns({ session, person: false, day: true, changed: () => { entries = null; table.reload(); } }),
    row: dressEntry,
    load: async (after) => {
      if (!entries) {
        entries = [];
        for await (const entry of api.each("/attendance/events", { person: id, from, to })) entries.push(entry);
        entries.reverse();
      }
      const at = Number(after ?? 0);
      return { items: entries.slice(at, at + 15), next: at + 15 < entries.length ? String(at + 15) : null };
    },
    empty: emptyState({ icon: "attendance", title: "Not seen in the last 30 days", text: "What cameras see of this person, and marks by hand, appear here." }),
  });
  fill(log, h("div", { class: "card-head" }, h("h2", {}, "Recent log"), h("span", { class: "small muted" }, "The last 30 days")), table.element);
}

async function edit() {
  const groups = groupsField({ value: person.groups });
  const saved = await formDialog({
    title: "Name and groups", submit: "Save",
    fields: [field({ label: "Name", name: "name", value: person.name, required: true, maxlength: 200, autocomplete: "off" }), groups.element],
    onsubmit: async (values) => {
      const change = { name: values.name.trim(), groups: groups.value };
      try {
        await api.patch(path, change, { headers: etag ? { "If-Match": etag } : {} });
      } catch (error) {
        if (error.status !== 412) throw error;
        await load();
        draw();
        throw new ApiError(412, { detail: `Somebody has changed this person while you were writing. Now the name is “${person.name}” and the groups are ${person.groups.length ? person.groups.join(", ") : "none"}. Save again to put yours in their place, or cancel to keep theirs.` });
      }
    },
  });
  if (!saved) return;
  await refresh();
  toast("Saved.");
}

async function refresh() {
  try {
    await load();
    draw();
  } catch (error) {
    toast(error);
  }
}

async function addPhotos() {
  let collector;
  const added = await openDialog({
    title: `Add photos of ${person.name}`, wide: true,
    content: (close) => {
      const send = h("button", { type: "button", class: "button primary", disabled: true });
      const note = h("span", { class: "small muted grow", role: "status" });
      let busy = false;
      const show = () => {
        const count = collector?.ready ?? 0;
        send.disabled = busy || !count;
        fill(send, icon("check"), count === 1 ? "Add 1 photo" : count ? `Add ${count} photos` : "Add photos");
        note.textContent = collector?.undecided ? "First say who it is, above." : "";
      };
      collector = photoCollector({ personId: person.id, name: () => person.name, onchange: show });
      send.addEventListener("click", async () => {
        busy = true;
        show();
        try {
          const { failed } = await collector.send(person.id);
          if (!failed) return close(collector.sent);
        } catch (error) {
          toast(error);
        }
        busy = false;
        show();
      });
      show();
      return [collector.element, h("div", { class: "dialog-foot" }, note, h("button", { type: "button", class: "button", onclick: () => close(collector.sent || null) }, "Close"), send)];
    },
  });
  const count = added ?? collector.sent;
  collector.close();
  if (count) {
    await refresh();
    toast(count === 1 ? "One photo is added." : `${count} photos are added.`);
  }
}

async function mark() {
  if (await addMark({ person, day: dayIn(null), zone: await logZone() })) drawLog();
}

async function forget() {
  const answer = await confirmDialog({
    title: `Forget ${person.name}?`, danger: true, confirm: "Forget for good", typeName: person.name,
    text: h("div", { class: "stack" },
      h("p", {}, "This removes, at once and for good:"),
      h("ul", { class: "stack", style: { gap: "0.25rem" } }, h("li", {}, `the ${person.templates} photos and what was computed from them,`), h("li", {}, "all pictures of this person in the log,"), h("li", {}, "the name and id in every entry of the log; what remains says “forgotten”.")),
      h("p", {}, "Nobody can bring it back. To be recognised again, the person has to be enrolled anew.")),
    action: () => api.delete(path),
  });
  if (!answer) return;
  const { templates = 0, events = 0, marks = 0, snapshots = 0, remaining } = answer.result ?? {};
  const name = person.name;
  setTitle("Forgotten");
  history.replaceState(null, "", "/people");
  const title = h("h1", { tabindex: "-1" }, `${name} is forgotten`);
  fill(main, h("div", { class: "page-head" }, title, h("div", { class: "actions" }, back())),
    h("div", { class: "card stack narrow" },
      h("div", {}, h("div", { class: "proof" }, remaining === 1 ? "1 reference left" : `${remaining} references left`)),
      remaining === 0
        ? banner("ok", "Searched and found nowhere", "After removing, every collection of the database and every folder was searched for the id.")
        : banner("error", "Something is left", "The search found the id once more. Try again; if it stays, ask whoever runs this server to look at its log."),
      h("dl", { class: "facts" },
        h("dt", {}, "Templates removed"), h("dd", { class: "num" }, templates),
        h("dt", {}, "Log entries made nameless"), h("dd", { class: "num" }, events),
        h("dt", {}, "Marks by hand"), h("dd", { class: "num" }, marks),
        h("dt", {}, "Pictures removed"), h("dd", { class: "num" }, snapshots)),
      h("p", { class: "small muted" }, "This page shows the name for the last time. The audit log keeps that somebody was forgotten, when and by whom.")));
  title.focus();
}

function missing(text) {
  fill(main, h("h1", { class: "visually-hidden" }, "Person"), emptyState({ icon: "person", title: "Nobody here", text, action: back() }));
}

if (!id) {
  missing("The address names no person.");
} else {
  fill(main, h("h1", { class: "visually-hidden" }, "Person"), h("div", { class: "card flush" }, skeleton(6)));
  try {
    await load();
    draw();
    fill(main, head, h("div", { class: "person-cards" }, h("div", { class: "person-side" }, photos, facts), consent), log);
    await drawLog();
  } catch (error) {
    if (error.status === 404) missing("There is no person with that id. Somebody may have been forgotten, or the address is wrong.");
    else fill(main, h("h1", { class: "visually-hidden" }, "Person"), banner("error", "This could not be loaded.", error.detail ?? error.message), h("div", {}, h("button", { type: "button", class: "button", onclick: () => location.reload() }, icon("refresh"), "Try again")));
  }
}
