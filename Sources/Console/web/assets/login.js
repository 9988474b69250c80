/*
 * /login?next=/people: asks for name and password, then goes where the visitor wanted to go.
 * Nobody stays here who is logged in already; a product without any user goes to /setup.
 */

import { api, useSession } from "/assets/parts/api.js";
import { currentSession, PAGES } from "/assets/parts/shell.js";
import { banner, field, h, submits, $ } from "/assets/parts/ui.js";

/** Only an address on this server: a link that leads elsewhere after a login is a trap. */
function destination(session) {
  const fallback = PAGES.find((page) => session.permissions.includes(page.permission))?.href ?? "/live";
  const wanted = new URLSearchParams(location.search).get("next");
  if (!wanted) return fallback;
  try {
    const url = new URL(wanted, location.origin);
    if (url.origin !== location.origin || url.pathname === "/login") return fallback;
    return url.pathname + url.search + url.hash;
  } catch {
    return fallback;
  }
}

const card = $("#card");
let trouble = null;
try {
  const session = await currentSession();
  if (session) {
    location.replace(destination(session));
    await new Promise(() => {});
  }
} catch (error) {
  trouble = banner("warn", "Rollcall does not answer at the moment.", error.detail ?? error.message);
}

const form = h("form", { class: "stack" },
  field({ label: "Name", name: "name", required: true, autocomplete: "username", autocapitalize: "none", spellcheck: "false", maxlength: 64 }),
  field({ label: "Password", name: "password", type: "password", required: true, autocomplete: "current-password" }),
  h("button", { class: "button primary", type: "submit" }, "Log in"));

submits(form, async ({ name, password }) => {
  try {
    const session = await api.post("/session", { name, password }, { once: false, quiet: true });
    useSession(session);
    location.replace(destination(session));
    await new Promise((later) => setTimeout(later, 3000));
  } catch (error) {
    if (error.status === 401) {
      const box = $("[name=password]", form);
      box.value = "";
      setTimeout(() => box.focus());
      error.detail = "Name and password do not belong together. Try again, or ask an administrator for a new password.";
      error.errors = [];
    }
    if (error.status === 429) wait(error.retryAfter ?? 30);
    throw error;
  }
});

/** Keeps the button shut and says for how long, so that nobody makes it worse by trying. */
function wait(seconds) {
  const button = $("[type=submit]", form);
  const end = Date.now() + seconds * 1000;
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? `Wait ${left} s` : "Log in";
    if (left > 0) setTimeout(tick, 500);
  };
  setTimeout(tick);
}

card.append(...[trouble, form].filter(Boolean));
if (matchMedia("(pointer: fine)").matches) $("input", form).focus();
