/* Enrolment in four steps: who, consent, photos, done. Nothing reaches the server before the photos are accepted. */

import { start } from "/assets/parts/shell.js";
import { api, ApiError } from "/assets/parts/api.js";
import { groupsField } from "/assets/parts/pickers.js";
import { photoCollector, WANTED } from "/assets/parts/photos.js";
import { avatar, clearErrors, emptyState, field, fill, formatDay, h, icon, showErrors, submits, toast, today, uniqueId, $ } from "/assets/parts/ui.js";

const session = await start("people", "Enroll someone");
const main = $("main");

const { learns } = await api.get("/recognition");
const POLICY = `We would like to recognise you by your face at our doors, to know who is in the house and whether masks are worn.

For that we keep numbers computed from your photos${learns ? " and from what our cameras see of you behind a mask" : ""}, your name, and the times at which our cameras have seen you. The photos themselves are not kept. The numbers stay on our own computer and are given to nobody.

You take part of your own free will. You may say no, now or later, without giving a reason and without any disadvantage: then everything about you is removed, and we show you that nothing is left.`;
const POLICY_KEY = "rollcall.consent";

function kept() {
  try {
    return localStorage.getItem(POLICY_KEY) || POLICY;
  } catch {
    return POLICY;
  }
}

const STEPS = ["Who", "Consent", "Photos", "Done"];
const draft = { name: "", id: "", groups: [], text: kept(), agreed: false, date: today(), person: null, namesake: null };
let at = 0;
let photos = null;
let onPhotos = () => {};

const steps = h("ol", { class: "steps" });
const card = h("section", { class: "card" });

function drawSteps() {
  fill(steps, STEPS.map((name, index) => {
    const state = index < at || at === 3 ? "done" : index === at ? "now" : "open";
    return h("li", { dataset: { state }, "aria-current": index === at ? "step" : undefined },
      h("span", { class: "row nowrap", style: { gap: "0.35rem" } }, state === "done" ? icon("check", "Done:") : h("span", { class: "num", "aria-hidden": "true" }, index + 1), name));
  }));
}

function go(step) {
  if (step !== 2) photos?.pause();
  at = step;
  drawSteps();
  const heading = uniqueId("step");
  const content = [who, consent, take, done][step](heading);
  card.setAttribute("aria-labelledby", heading);
  fill(card, content);
  const first = $("[data-first]", card) ?? $("h2", card);
  if (first.tagName === "H2") first.tabIndex = -1;
  first.focus();
  if (step) scrollTo({ top: 0 });
}

const title = (heading, words, text) => h("div", {}, h("h2", { id: heading }, words), text && h("p", { class: "muted" }, text));

function foot(next, back = true) {
  return h("div", { class: "step-foot" },
    back ? h("button", { type: "button", class: "button", onclick: () => go(at - 1) }, icon("back"), "Back") : h("a", { class: "button", href: "/people" }, "Cancel"),
    next);
}

// 1

function who(heading) {
  const groups = groupsField({ value: draft.groups, hint: "For filters and lists: a class, a shift, a workshop." });
  const question = h("div", { hidden: true });
  const form = h("form", { class: "step" },
    title(heading, "Who is it?", "The name as it shall stand in lists."),
    h("div", { class: "stack narrow" },
      field({ label: "Name", name: "name", value: draft.name, required: true, maxlength: 200, autocomplete: "off", spellcheck: "false", "data-first": "" }),
      field({ label: "Id", name: "id", value: draft.id, optional: true, maxlength: 64, autocomplete: "off", spellcheck: "false",
        hint: "A personnel or pupil’s number, when exports to another program need one. Left empty, Rollcall makes one. It cannot be changed later." }),
      groups.element),
    question, foot(h("button", { type: "submit", class: "button primary" }, "Next: consent"), false));
  return submits(form, async (values) => {
    Object.assign(draft, { name: values.name.trim(), id: values.id.trim(), groups: groups.value });
    if (!draft.name) throw new ApiError(422, { errors: [{ pointer: "/name", detail: "Please fill this in." }] });
    if (draft.id && await taken(draft.id)) throw new ApiError(422, { errors: [{ pointer: "/id", detail: "Somebody with this id is enrolled already." }] });
    const other = draft.namesake === draft.name ? null : await namesake(draft.name);
    if (other) askWhether(other, question);
    else go(1);
  });
}

/** The name is taken: the same person must not be enrolled twice, and two people may have one name. */
function askWhether(other, question) {
  const heading = uniqueId("namesake");
  fill(question, h("section", { class: "banner warn", "aria-labelledby": heading }, icon("question"),
    h("div", { class: "stack" },
      h("div", {}, h("h3", { id: heading }, `Is this ${other.name} with the id ${other.id}?`),
        h("p", {}, "Somebody with this name is enrolled already. If these are two people, another word in the name tells them apart in lists.")),
      h("div", { class: "row" },
        h("a", { class: "button", href: `/person?id=${encodeURIComponent(other.id)}` }, `The same person: go to ${other.name}`),
        h("button", { type: "button", class: "button", onclick: () => { draft.namesake = draft.name; go(1); } }, "Two people of one name: go on")))));
  question.hidden = false;
  $("h3", question).tabIndex = -1;
  $("h3", question).focus();
}

/** Somebody of this name, whatever the letter case. */
async function namesake(name) {
  if (draft.person) return null;
  const plain = (text) => text.toLowerCase().split(/\s+/).join(" ");
  try {
    const page = await api.get("/people", { query: { search: name.slice(0, 100), limit: 50 } });
    return page.items.find((person) => plain(person.name) === plain(name)) ?? null;
  } catch {
    return null;
  }
}

/** Better known now than after the photos. A list is asked, not the person: whose page is opened stands in the audit log. */
async function taken(id) {
  if (draft.person) return false;
  try {
    const page = await api.get("/people", { query: { search: id, limit: 50 } });
    return page.items.some((person) => person.id === id);
  } catch {
    return false;
  }
}

// 2

function consent(heading) {
  const shown = h("blockquote", { class: "quote read-aloud", style: { margin: 0 } }, draft.text);
  const editor = field({ label: "Text of the consent", name: "text", type: "textarea", rows: 12, value: draft.text, hint: "Say what holds for you, such as whether pictures are kept and for how long. Kept in this browser for the next people. Each person’s record keeps the text that was read to them." });
  editor.hidden = true;
  const area = $("textarea", editor);
  const change = h("button", { type: "button", class: "button small", "aria-expanded": "false" }, icon("edit"), "Change the text");
  const original = h("button", { type: "button", class: "button small quiet", hidden: true, onclick: () => { area.value = POLICY; area.focus(); keep(); } }, "Back to the original");
  const keep = () => {
    draft.text = area.value.trim();
    shown.textContent = draft.text;
    try {
      localStorage.setItem(POLICY_KEY, draft.text);
    } catch {
      // Then it holds for this person.
    }
  };
  area.addEventListener("input", keep);
  change.addEventListener("click", () => {
    const open = editor.hidden;
    editor.hidden = !open;
    original.hidden = !open;
    shown.hidden = open;
    change.setAttribute("aria-expanded", String(open));
    fill(change, icon(open ? "check" : "edit"), open ? "Done" : "Change the text");
    if (open) area.focus();
  });
  const agreed = h("input", { type: "checkbox", name: "agreed", "aria-required": "true", checked: draft.agreed, "data-first": "" });
  const form = h("form", { class: "step" },
    title(heading, `${draft.name} agrees`, "Read this to the person, or let them read it. For a child, ask the parents."),
    h("div", { class: "stack narrow" }, shown, editor, h("div", { class: "row" }, change, original),
      h("div", { class: "field" }, h("label", { class: "check big" }, agreed, h("span", {}, `${draft.name} has heard or read this and agrees.`)), h("p", { class: "error", hidden: true })),
      h("div", { class: "filters" }, field({ label: "Agreed on", name: "date", type: "date", value: draft.date, max: today(), required: true }))),
    foot(h("button", { type: "submit", class: "button primary" }, "Next: photos")));
  // Enter in a checkbox does nothing by itself; here it means yes, so that the step is a space and an Enter.
  agreed.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    form.requestSubmit();
  });
  return submits(form, async (values) => {
    draft.agreed = values.agreed;
    draft.date = values.date;
    if (!draft.agreed) throw new ApiError(422, { errors: [{ pointer: "/agreed", detail: "Without consent nobody is enrolled." }] });
    if (!draft.text) {
      if (editor.hidden) change.click();
      throw new ApiError(422, { errors: [{ pointer: "/text", detail: "There has to be a text that the person agrees to." }] });
    }
    go(2);
  });
}

// 3

function closePhotos() {
  photos?.close();
  photos = null;
}

function take(heading) {
  const send = h("button", { type: "submit", class: "button primary" });
  const note = h("p", { class: "small muted", role: "status" });
  let busy = false;
  const show = () => {
    const count = photos?.ready ?? 0;
    send.disabled = busy || !count || photos.undecided > 0 || photos.waiting > 0;
    fill(send, busy ? h("span", { class: "spinner", "aria-hidden": "true" }) : icon("check"), count ? `Enroll with ${count} photo${count === 1 ? "" : "s"}` : "Enroll");
    const words = photos?.undecided ? "First say who it is, above."
      : !count ? `Three good photos are best: straight ahead, then a little to the left, a little to the right.`
        : count < WANTED ? `${count} good so far. ${WANTED - count} more make it surer: turn the head a little.`
          : "Ready.";
    if (note.textContent !== words) note.textContent = words;
  };
  onPhotos = show;
  if (photos) photos.resume();
  else photos = photoCollector({ name: () => draft.name, onchange: () => onPhotos() });
  const form = h("form", { class: "step" }, title(heading, `Photos of ${draft.name}`, "Without a mask and looking into the camera. Rollcall says what to do."), photos.element,
    h("div", { class: "stack", style: { gap: "0.5rem" } }, note), foot(send));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy || send.disabled) return;
    busy = true;
    clearErrors(form);
    show();
    try {
      await enroll();
    } catch (error) {
      if (error.status === 409 && !draft.person) {
        // The id or the name was taken in the meantime. The photos wait for a better one.
        toast(error);
        go(0);
        const pointer = error.problem.type?.endsWith(":name-taken") ? "/name" : "/id";
        showErrors($("form", card), new ApiError(422, { errors: [{ pointer, detail: error.detail }] }));
        return;
      }
      if (!(error instanceof ApiError)) console.error(error);
      showErrors(form, error);
      toast(error);
    } finally {
      busy = false;
      if (at === 2) show();
      // The person is there now: going back would change what nobody reads any more.
      if (at === 2 && draft.person) $(".step-foot > :first-child", form)?.replaceWith(h("a", { class: "button", href: `/person?id=${encodeURIComponent(draft.person.id)}` }, "Leave it: open the person"));
    }
  });
  queueMicrotask(show);
  return form;
}

async function enroll() {
  // Made once: when a photo fails afterwards, the next try adds to the same person.
  draft.person ??= await api.post("/people", {
    ...(draft.id ? { id: draft.id } : {}), name: draft.name, groups: draft.groups, consent: { text: draft.text, date: draft.date },
  }, { query: { allowDifferent: draft.namesake === draft.name ? "true" : undefined } });
  const { failed } = await photos.send(draft.person.id);
  if (failed) return;
  draft.count = photos.sent;
  closePhotos();
  go(3);
}

// 4

function done(heading) {
  const address = `/person?id=${encodeURIComponent(draft.person.id)}`;
  return h("div", { class: "step" },
    h("div", { class: "person-head" }, h("span", { class: "done-mark" }, icon("check")),
      h("div", {}, h("h2", { id: heading }, `${draft.name} is enrolled`), h("p", { class: "muted" }, `${draft.count === 1 ? "One photo" : `${draft.count} photos`}, with consent of ${formatDay(draft.date, { weekday: false })}. The id is ${draft.person.id}.`))),
    h("div", { class: "stack narrow" }, h("h3", {}, "What happens next"),
      h("ol", { class: "next" },
        h("li", {}, "From now on every camera recognises this person, with a mask or without."),
        h("li", {}, "The next time at a door, an arrival appears on Live and under Attendance."),
        h("li", {}, "With glasses, a new beard or after a year or two: add a photo on the person’s page."))),
    h("div", { class: "row" },
      h("button", { type: "button", class: "button primary", "data-first": "", onclick: again }, icon("plus"), "Enroll the next person"),
      h("a", { class: "button", href: address }, avatar(draft.name), `Open ${draft.name}`),
      session.can("identify") && h("a", { class: "button", href: "/camera" }, icon("webcam"), "Try it with this camera")));
}

/** The next one is often of the same class: groups stay, consent does not. */
function again() {
  Object.assign(draft, { name: "", id: "", agreed: false, date: today(), person: null, namesake: null, count: 0 });
  go(0);
}

addEventListener("beforeunload", (event) => {
  if (photos?.ready && !photos.undecided && !draft.person) event.preventDefault();
});
addEventListener("pagehide", () => photos?.close());

fill(main, h("div", { class: "page-head" }, h("h1", {}, "Enroll someone")));
if (session.can("enroll")) {
  main.append(steps, card);
  go(0);
} else {
  main.append(h("div", { class: "card" }, emptyState({ icon: "shield", title: "Your account cannot enroll people", text: "Ask somebody with the role of operator or admin.", action: h("a", { class: "button", href: "/people" }, "People") })));
}
