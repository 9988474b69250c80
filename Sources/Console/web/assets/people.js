/* People: who is enrolled. */

import { start } from "/assets/parts/shell.js";
import { api } from "/assets/parts/api.js";
import { groupFilter } from "/assets/parts/pickers.js";
import { avatar, badge, banner, dataTable, debounce, emptyState, field, fill, formatDay, h, icon, $ } from "/assets/parts/ui.js";

const session = await start("people");
const main = $("main");

const address = new URLSearchParams(location.search);
const chosen = { search: address.get("search") ?? "", group: address.get("group") ?? "" };

const enroll = (words = "Enroll someone") => session.can("enroll") && h("a", { class: "button primary", href: "/people-new" }, icon("plus"), words);

const counted = h("span", { class: "small muted", role: "status" });
const empty = h("div", {});
const older = h("div", {});
let again = false;

const table = dataTable({
  caption: "People, by name",
  columns: [
    { title: "Name", header: true, cell: (person) => h("span", { class: "who-cell" }, avatar(person.name),
      h("span", { class: "person-name" }, h("a", { href: `/person?id=${encodeURIComponent(person.id)}` }, person.name), h("span", { class: "small muted mono" }, person.id))) },
    { title: "Groups", cell: (person) => person.groups.length ? h("span", { class: "row" }, person.groups.map((group) => badge(group))) : h("span", { class: "muted" }, "None") },
    { title: "Photos", number: true, cell: (person) => (!person.templates ? badge("No photo yet", "warn", "warning") : person.needsPhotos ? [badge("Add again", "warn", "warning"), ` ${person.templates}`] : person.templates) },
    { title: "Consent", cell: (person) => person.consent ? h("span", { class: "nowrap num", title: person.consent.text }, formatDay(person.consent.date.slice(0, 10), { weekday: false })) : h("span", { class: "muted" }, "None") },
  ],
  load: async (after) => {
    const page = await api.get("/people", { query: { ...chosen, after, limit: 100 } });
    if (!after) {
      count = 0;
      again = false;
      if (!page.items.length) nothing();
    }
    count += page.items.length;
    again ||= page.items.some((person) => person.needsPhotos);
    fill(older, again && banner("warn", "Some photos must be added again", "People marked “Add again” were enrolled before Rollcall had its second encoder. Behind a mask they are recognised much less often until their photos, the same or new ones, are added again."));
    counted.textContent = count === 1 && !page.next ? "1 person" : count ? `${count} people${page.next ? " and more" : ""}` : "";
    return page;
  },
  empty,
});
let count = 0;

function nothing() {
  const narrowed = chosen.search || chosen.group;
  fill(empty, narrowed
    ? emptyState({
      icon: "search", title: "Nobody like that",
      text: `Nobody${chosen.group ? ` in “${chosen.group}”` : ""}${chosen.search ? ` has “${chosen.search}” in the name` : ""}. Try less of the name, or all groups.`,
      action: [h("button", { type: "button", class: "button", onclick: all }, "Show everybody"), enroll()],
    })
    : emptyState({
      icon: "people", title: "Nobody is enrolled yet",
      text: session.can("enroll")
        ? "Rollcall can only recognise people whom it has met: enroll the first one. It takes half a minute, their consent and a camera or a photo."
        : "Rollcall can only recognise people whom it has met. Somebody with the right to enroll people can add the first one.",
      action: enroll("Enroll the first person"),
    }));
}

const search = field({ label: "Search", name: "search", type: "search", value: chosen.search, placeholder: "A part of the name", autocomplete: "off", spellcheck: "false" });
const group = groupFilter({ value: chosen.group, onchange: () => apply() });

function apply() {
  chosen.search = $("input", search).value.trim();
  chosen.group = $("select", group).value;
  const kept = new URLSearchParams(Object.entries(chosen).filter(([, value]) => value));
  history.replaceState(null, "", kept.size ? `?${kept}` : location.pathname);
  table.reload();
}

function all() {
  $("input", search).value = "";
  $("select", group).value = "";
  apply();
  $("input", search).focus();
}

$("input", search).addEventListener("input", debounce(apply, 200));

fill(main,
  h("div", { class: "page-head" },
    h("div", {}, h("h1", {}, "People"), h("p", {}, "Everybody whom Rollcall knows by face, with their consent.")),
    h("div", { class: "actions" }, enroll())),
  older,
  h("div", { class: "card flush" },
    h("div", { class: "card-body list-filters" }, h("div", { class: "filters", role: "search" }, search, group), counted),
    table.element));
