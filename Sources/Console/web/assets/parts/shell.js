/*
 * The frame of every page behind the login: navigation, user menu, theme, title.
 *
 *   import { start } from "/assets/parts/shell.js";
 *   const session = await start("people");            // an id of PAGES; a person's page says start("people", "Ada Lovelace")
 *   if (session.can("enroll")) …
 *
 * The HTML of a page is <body class="shell"> with <main class="page" id="main" tabindex="-1"> and, in <head>, in this
 * order: /assets/theme.js (classic), /assets/styles/base.css, the page's module. `start` comes back only for somebody who is
 * logged in and may see the page: others are sent to /login?next=… or /setup, or read that they may not see it.
 */

import { api, useSession, whenUnauthorised } from "/assets/parts/api.js";
import { avatar, emptyState, field, fill, formDialog, h, icon, invalid, strengthHint, toast, $ } from "/assets/parts/ui.js";

export const PAGES = [
  { id: "live", title: "Live", href: "/live", icon: "live", permission: "view" },
  { id: "camera", title: "This camera", href: "/camera", icon: "webcam", permission: "identify" },
  { id: "people", title: "People", href: "/people", icon: "people", permission: "view" },
  { id: "attendance", title: "Attendance", href: "/attendance", icon: "attendance", permission: "view" },
  { id: "masks", title: "Masks", href: "/masks", icon: "mask", permission: "view" },
  { id: "cameras", title: "Cameras", href: "/cameras", icon: "video", permission: "view" },
  { id: "users", title: "Users", href: "/users", icon: "key", permission: "manage" },
  { id: "audit", title: "Audit", href: "/audit", icon: "audit", permission: "manage" },
];

const never = new Promise(() => {});

export function toLogin() {
  const here = location.pathname + location.search + location.hash;
  location.replace(here === "/" || here === "/live" ? "/login" : `/login?next=${encodeURIComponent(here)}`);
  return never;
}

/** The session, or null when nobody is logged in. Goes to /setup when the product has no user yet. */
export async function currentSession() {
  try {
    const session = await api.get("/session", { quiet: true });
    useSession(session);
    return session;
  } catch (error) {
    if (error.status !== 401) throw error;
  }
  const { needed } = await api.get("/setup");
  if (needed) {
    location.replace("/setup");
    return never;
  }
  return null;
}

export function setTitle(title) {
  document.title = title ? `${title} · Rollcall` : "Rollcall";
}

export async function start(id, title) {
  const page = PAGES.find((entry) => entry.id === id);
  setTitle(title ?? page?.title);
  const main = $("main");

  let session = null;
  for (;;) {
    try {
      session = await currentSession();
      break;
    } catch (error) {
      await new Promise((again) => {
        fill(main, emptyState({
          icon: "offline", title: "Rollcall does not answer", text: error.detail ?? error.message,
          action: h("button", { class: "button primary", type: "button", onclick: () => again() }, icon("refresh"), "Try again"),
        }));
      });
      location.reload();
      await never;
    }
  }
  if (!session) return toLogin();
  whenUnauthorised(toLogin);

  const may = new Set(session.permissions);
  session.can = (permission) => may.has(permission);
  frame(session, id);

  if (page && !may.has(page.permission)) {
    const other = PAGES.find((entry) => may.has(entry.permission));
    fill(main, h("h1", { class: "visually-hidden" }, page.title), emptyState({
      icon: "shield", title: "This page is not for your account",
      text: `You are logged in as ${session.user.name} (${session.user.role}). Somebody with the right to manage users can change that.`,
      action: other && h("a", { class: "button", href: other.href }, `Go to ${other.title}`),
    }));
    return never;
  }
  return session;
}

// Drawing

function frame(session, current) {
  const links = PAGES.filter((page) => session.can(page.permission)).map((page) =>
    h("li", {}, h("a", { href: page.href, "aria-current": page.id === current ? "page" : undefined }, icon(page.icon), page.title)));

  const brand = () => h("a", { class: "brand", href: "/live" }, h("img", { src: "/assets/logo.svg", alt: "", width: 30, height: 30 }), "Rollcall");
  const closeMenu = h("button", { class: "button quiet icon close-menu", type: "button", "aria-label": "Close the menu" }, icon("close"));
  const sidebar = h("div", { class: "sidebar", id: "sidebar" },
    h("div", { class: "sidebar-head" }, brand(), closeMenu),
    h("nav", { "aria-label": "Pages" }, h("ul", {}, links)),
    userMenu(session));
  const opener = h("button", { class: "button quiet icon", type: "button", "aria-label": "Menu", "aria-expanded": "false", "aria-controls": "sidebar" }, icon("menu"));
  const topbar = h("div", { class: "topbar" }, brand(), opener);
  const shade = h("div", { class: "sidebar-shade", hidden: true });
  const main = $("main");

  const toggle = (open) => {
    sidebar.classList.toggle("open", open);
    shade.hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    // What lies below the open menu is out of reach for fingers: it must be for the keyboard, too.
    main.inert = open;
    topbar.inert = open;
    if (open) $("a[aria-current], a", sidebar.querySelector("nav"))?.focus();
    else opener.focus();
  };
  opener.addEventListener("click", () => toggle(true));
  closeMenu.addEventListener("click", () => toggle(false));
  shade.addEventListener("click", () => toggle(false));
  sidebar.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && sidebar.classList.contains("open")) toggle(false);
  });
  matchMedia("(min-width: 64rem)").addEventListener("change", () => {
    if (sidebar.classList.contains("open")) toggle(false);
  });

  document.body.prepend(h("a", { class: "skip", href: "#main" }, "Skip to the content"),
    h("header", { class: "frame" }, topbar, sidebar, shade));
}

function userMenu(session) {
  const menu = h("div", { class: "user-menu", id: "user-menu", hidden: true },
    h("div", { class: "theme stack", style: { gap: "0.3rem" } }, h("span", { class: "small muted", id: "theme-label" }, "Theme"), themeSwitch()),
    h("button", { type: "button", onclick: () => changePassword() }, icon("key"), "Change password"),
    h("button", { type: "button", onclick: () => logOut() }, icon("logout"), "Log out"));
  const button = h("button", { class: "user-button", type: "button", "aria-expanded": "false", "aria-controls": "user-menu" },
    avatar(session.user.name),
    h("span", { class: "grow" }, h("span", { class: "name truncate" }, session.user.name), h("span", { class: "role" }, session.user.role)),
    icon("more"));
  button.addEventListener("click", () => {
    menu.hidden = !menu.hidden;
    button.setAttribute("aria-expanded", String(!menu.hidden));
  });
  return h("div", { class: "who" }, menu, button);
}

/** System, light or dark: kept in this browser. */
export function themeSwitch() {
  const choices = [["system", "System"], ["light", "Light"], ["dark", "Dark"]];
  const root = document.documentElement;
  const show = () => {
    for (const button of group.children) button.setAttribute("aria-pressed", String(button.value === (root.dataset.theme ?? "system")));
  };
  const choose = (value) => {
    if (value === "system") delete root.dataset.theme;
    else root.dataset.theme = value;
    try {
      if (value === "system") localStorage.removeItem("rollcall.theme");
      else localStorage.setItem("rollcall.theme", value);
    } catch {
      // Without storage the choice holds for this page.
    }
    show();
  };
  const group = h("div", { class: "segmented", role: "group", "aria-label": "Theme" },
    choices.map(([value, word]) => h("button", { type: "button", value, onclick: () => choose(value) }, word)));
  show();
  return group;
}

function changePassword() {
  const next = field({ label: "New password", name: "new", type: "password", required: true, autocomplete: "new-password", minlength: 10, maxlength: 256, hint: "At least 10 characters. A few words are easier to keep than a few signs." });
  next.append(strengthHint($("input", next)));
  return formDialog({
    title: "Change password",
    intro: "Everywhere else you are logged in, you will have to log in again.",
    submit: "Change password",
    fields: [
      field({ label: "Current password", name: "current", type: "password", required: true, autocomplete: "current-password" }),
      next,
      field({ label: "New password again", name: "again", type: "password", required: true, autocomplete: "new-password" }),
    ],
    onsubmit: async (values) => {
      if (values.new !== values.again) throw invalid("again", "The two are not the same.");
      await api.put("/session/password", { current: values.current, new: values.new }, { quiet: true });
      toast("Your password is changed.");
    },
  });
}

async function logOut() {
  try {
    await api.delete("/session", { quiet: true });
  } catch (error) {
    if (error.status !== 401) {
      toast(error);
      return;
    }
  }
  location.assign("/login");
}
