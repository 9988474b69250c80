/*
 * /setup#SECRET: makes the first administrator. The secret comes with the one-time link that the server prints on
 * its first start; it leaves the address at once, so that it lands in no history, screenshot or shared link.
 */

import { api, useSession } from "/assets/parts/api.js";
import { banner, field, h, icon, invalid, strengthHint, submits, $ } from "/assets/parts/ui.js";

const secret = decodeURIComponent(location.hash.slice(1));
if (location.hash) history.replaceState(null, "", location.pathname);
// The link put into this very tab changes only the hash, which loads nothing.
addEventListener("hashchange", () => { if (location.hash) location.reload(); });

const card = $("#card");

let needed = true;
let trouble = null;
try {
  ({ needed } = await api.get("/setup"));
} catch (error) {
  trouble = banner("warn", "Rollcall does not answer at the moment.", error.detail ?? error.message);
}

if (!needed) {
  $("h1", card).textContent = "Rollcall is set up";
  card.append(
    h("p", { class: "muted" }, "There is an administrator already, so this link does nothing any more. Whoever has lost a password gets a new one from an administrator."),
    h("a", { class: "button primary", href: "/login" }, "Log in"));
} else if (!secret && !trouble) {
  card.append(
    h("p", {}, "Rollcall has no user yet. It is set up through a link that works once."),
    h("ol", { class: "stack", style: { gap: "0.5rem", paddingLeft: "1.25rem" } },
      h("li", {}, "Look at the terminal or the log in which Rollcall was started: it prints a line with a link that ends in ", h("code", {}, "/setup#…")),
      h("li", {}, "Open that link in this browser. It must be whole, with everything after the #."),
      h("li", {}, "No such line? Restart Rollcall: it prints a new link as long as nobody is set up.")),
    h("button", { class: "button", type: "button", onclick: () => location.reload() }, icon("refresh"), "Look again"));
} else {
  card.append(
    h("p", {}, "You make the first account. It is an administrator: it may enroll and forget people, add cameras and make accounts for others."),
    h("p", { class: "muted small" }, "The link you came by works once. Names and faces are kept by this server and by nobody else."));
  if (trouble) card.append(trouble);
  const password = field({ label: "Password", name: "password", type: "password", required: true, minlength: 10, maxlength: 256, autocomplete: "new-password", hint: "At least 10 characters. A few words are easier to keep than a few signs." });
  password.append(strengthHint($("input", password)));
  const form = h("form", { class: "stack" },
    field({ label: "Your name for logging in", name: "name", required: true, maxlength: 64, pattern: "[A-Za-z0-9._@\\-]{1,64}", dataset: { error: "Use letters, digits and . _ - @ only, and no spaces." }, autocomplete: "username", autocapitalize: "none", spellcheck: "false", hint: "Letters, digits and . _ - @" }),
    password,
    field({ label: "Password again", name: "again", type: "password", required: true, autocomplete: "new-password" }),
    h("button", { class: "button primary", type: "submit" }, "Make the account"));
  submits(form, async (values) => {
    if (values.password !== values.again) throw invalid("again", "The two are not the same.");
    useSession(await api.post("/setup", { secret, name: values.name, password: values.password }, { quiet: true, once: false }));
    done();
  });
  card.append(form);
  if (matchMedia("(pointer: fine)").matches) $("input", form).focus();
}

/** What to do first, while the house is still empty. */
function done() {
  document.title = "Rollcall is set up · Rollcall";
  card.replaceChildren(
    h("h1", { tabindex: "-1" }, "Rollcall is set up"),
    h("p", { class: "muted" }, "You are logged in. Three things make it useful:"),
    h("ul", { class: "plain stack", style: { gap: "0.5rem" } },
      [["/people-new", "people", "Enroll the first person"], ["/cameras", "video", "Add a camera"], ["/camera", "webcam", "Or try this device’s camera"]].map(([href, glyph, words]) =>
        h("li", {}, h("a", { class: "button", href, style: { width: "100%", justifyContent: "flex-start" } }, icon(glyph), words)))),
    h("a", { class: "button primary", href: "/live" }, "Go to the live view"));
  $("h1", card).focus();
}
