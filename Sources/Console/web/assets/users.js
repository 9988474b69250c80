/* Users, the tokens of programs, and what roles may do. */

import { start } from "/assets/parts/shell.js";
import { api } from "/assets/parts/api.js";
import { avatar, badge, banner, confirmDialog, dataTable, field, formDialog, h, icon, invalid, openDialog, strengthHint, tabs, timeElement, toast, $, fill } from "/assets/parts/ui.js";

const session = await start("users");
const main = $("main");

const PERMISSIONS = {
  view: ["See", "Live pictures, attendance, masks, the list of people"],
  identify: ["Identify", "Send pictures and ask who is on them: browser cameras, kiosks"],
  enroll: ["Enroll", "Add people and photos, change names and groups"],
  correct: ["Correct", "Add marks by hand, make entries void"],
  manage: ["Manage", "Forget people; cameras, users, tokens, the audit log"],
  metrics: ["Metrics", "Numbers for monitoring (/metrics)"],
};
const ROLES = {
  viewer: ["Viewer", "Sees everything, changes nothing.", ["view", "metrics"]],
  operator: ["Operator", "Runs the day: enrolls people and corrects the log.", ["view", "metrics", "identify", "enroll", "correct"]],
  admin: ["Admin", "Everything, also forgetting people, cameras and users.", Object.keys(PERMISSIONS)],
};
const roleOptions = Object.entries(ROLES).map(([id, [word, text]]) => [id, `${word}: ${text}`]);
const roleBadge = (role) => badge(ROLES[role]?.[0] ?? role, { admin: "violet", operator: "info" }[role]);

// Users

let users = [];
const isLastAdmin = (user) => user.role === "admin" && users.filter(({ role }) => role === "admin").length === 1;

async function loadUsers() {
  users = [];
  for await (const user of api.each("/users")) users.push(user);
}

const userTable = dataTable({
  caption: "Users",
  columns: [
    { title: "Name", header: true, cell: (user) => h("span", { class: "who-cell" }, avatar(user.name), h("span", {}, user.name), user.name === session.user.name && badge("You")) },
    { title: "Role", cell: (user) => roleBadge(user.role) },
    { title: "Logged in", cell: (user) => timeElement(user.lastLogin, "relative") },
    { title: "Added", cell: (user) => timeElement(user.created, "date") },
    { title: "Actions", tools: true, cell: (user) => h("span", { class: "row", style: { justifyContent: "flex-end", gap: "0.25rem" } },
      isLastAdmin(user) ? h("span", { class: "small muted" }, "The last admin stays") : [
        h("button", { type: "button", class: "button quiet small", "aria-label": `Change the role of ${user.name}`, onclick: () => changeRole(user) }, "Role"),
      ],
      h("button", { type: "button", class: "button quiet small", "aria-label": `New password for ${user.name}`, onclick: () => newPassword(user) }, "Password"),
      !isLastAdmin(user) && h("button", { type: "button", class: "button quiet danger small", "aria-label": `Remove ${user.name}`, onclick: () => removeUser(user) }, "Remove")) },
  ],
  load: async () => {
    await loadUsers();
    return { items: users, next: null };
  },
});

function passwordField(label = "Password") {
  const element = field({ label, name: "password", type: "password", required: true, autocomplete: "new-password", minlength: 10, maxlength: 256, hint: "At least 10 characters. A few words are easier to keep than a few signs." });
  element.append(strengthHint($("input", element)));
  return element;
}

async function addUser() {
  const made = await formDialog({
    title: "Add a user", submit: "Add the user",
    fields: [
      field({ label: "Name", name: "name", required: true, maxlength: 64, autocomplete: "off", spellcheck: "false", autocapitalize: "none", hint: "Letters, digits and . _ - @" }),
      field({ label: "Role", name: "role", type: "select", options: roleOptions, value: "operator" }),
      passwordField(),
    ],
    onsubmit: ({ name, role, password }) => {
      if (!/^[A-Za-z0-9._@-]+$/.test(name.trim())) throw invalid("name", "Only letters, digits and . _ - @, without spaces.");
      return api.post("/users", { name: name.trim(), role, password });
    },
  });
  if (!made) return;
  await userTable.reload();
  toast(`${made.name} can log in now.`);
}

async function changeRole(user) {
  const own = user.name === session.user.name;
  const done = await formDialog({
    title: `Role of ${user.name}`, submit: "Change the role",
    fields: [own && banner("warn", null, "This is you: without the role of admin you can no longer come back to this page."), field({ label: "Role", name: "role", type: "select", options: roleOptions, value: user.role })].filter(Boolean),
    onsubmit: ({ role }) => api.patch(`/users/${encodeURIComponent(user.name)}`, { role }),
  });
  if (!done) return;
  if (own) location.reload();
  await userTable.reload();
  toast(`The role of ${user.name} is changed.`);
}

async function newPassword(user) {
  const done = await formDialog({
    title: `New password for ${user.name}`, submit: "Set the password",
    intro: "The old password no longer works from then on. Hand the new one over in person.",
    fields: [passwordField("New password"), field({ label: "New password again", name: "again", type: "password", required: true, autocomplete: "new-password" })],
    onsubmit: ({ password, again }) => {
      if (password !== again) throw invalid("again", "The two are not the same.");
      return api.patch(`/users/${encodeURIComponent(user.name)}`, { password });
    },
  });
  if (done) toast(`The password of ${user.name} is set.`);
}

async function removeUser(user) {
  const own = user.name === session.user.name;
  const answer = await confirmDialog({
    title: `Remove ${user.name}?`, danger: true, confirm: "Remove",
    text: own ? "This is you: you are logged out at once." : "From then on nobody can log in by that name. What was done under it stays in the audit log.",
    action: () => api.delete(`/users/${encodeURIComponent(user.name)}`),
  });
  if (!answer) return;
  if (own) location.assign("/login");
  await userTable.reload();
  toast(`${user.name} is removed.`);
}

// Tokens

const expired = (token) => token.expires && new Date(token.expires) < new Date();

const tokenTable = dataTable({
  caption: "API tokens",
  columns: [
    { title: "Name", header: true, cell: (token) => token.name },
    { title: "May", cell: (token) => h("span", { class: "row" }, token.permissions.map((permission) => badge(PERMISSIONS[permission]?.[0] ?? permission, permission === "manage" ? "violet" : null))) },
    { title: "Used", cell: (token) => timeElement(token.lastUsed, "relative") },
    { title: "Until", cell: (token) => (expired(token) ? badge("Expired", "warn", "clock") : token.expires ? timeElement(token.expires, "date") : "No end") },
    { title: "Made", cell: (token) => h("span", {}, timeElement(token.created, "date"), h("span", { class: "muted" }, ` by ${token.by}`)) },
    { title: "Actions", tools: true, cell: (token) => h("button", { type: "button", class: "button quiet danger small", "aria-label": `Revoke ${token.name}`, onclick: () => revoke(token) }, "Revoke") },
  ],
  load: (after) => api.get("/tokens", { query: { after, limit: 100 } }),
  empty: { icon: "key", title: "No tokens", text: "Programs and kiosks log in with a token of their own, which may do only what it is made for and can be revoked alone." },
});

const PURPOSES = [
  ["kiosk", "A kiosk or a browser’s camera at a door", ["identify"]],
  ["report", "A program that reads attendance", ["view"]],
  ["metrics", "Monitoring", ["metrics"]],
  ["other", "Something else", null],
];

async function addToken() {
  const boxes = Object.entries(PERMISSIONS).map(([id, [word, text]]) =>
    h("label", { class: "check" }, h("input", { type: "checkbox", name: "permissions", value: id, checked: id === "identify" }), h("span", {}, h("span", {}, word), h("span", { class: "small muted" }, text))));
  const error = h("p", { class: "error", hidden: true });
  const purpose = field({ label: "What for", name: "purpose", type: "select", options: PURPOSES.map(([id, word]) => [id, word]), onchange: (event) => {
    const wanted = PURPOSES.find(([id]) => id === event.target.value)[2];
    if (wanted) for (const box of boxes) $("input", box).checked = wanted.includes($("input", box).value);
  } });
  const made = await formDialog({
    title: "New token", submit: "Make the token",
    fields: [
      field({ label: "Name", name: "name", required: true, maxlength: 64, autocomplete: "off", placeholder: "Tablet at the front door" }),
      purpose,
      h("div", { class: "field" }, h("fieldset", {}, h("legend", {}, "It may"), h("div", { class: "permissions" }, boxes)), error),
      field({ label: "Valid for", name: "days", type: "select", value: "365", options: [["30", "30 days"], ["90", "90 days"], ["365", "One year"], ["", "No end"]] }),
    ],
    onsubmit: ({ name, permissions, days }) => {
      if (!permissions.length) throw invalid("permissions", "Choose what it may do.");
      return api.post("/tokens", { name: name.trim(), permissions, ...(days ? { days: Number(days) } : {}) });
    },
  });
  if (!made) return;
  await showToken(made);
  await tokenTable.reload();
}

function secretField(label, value) {
  const input = h("input", { type: "text", readonly: true, value, autocomplete: "off", spellcheck: "false", onfocus: () => input.select() });
  const element = field({ label, control: input });
  const copy = h("button", { type: "button", class: "button", "aria-label": `Copy: ${label}` }, "Copy");
  copy.addEventListener("click", async () => {
    input.select();
    try {
      await navigator.clipboard.writeText(value);
      toast("Copied.");
    } catch {
      // Without TLS there is no clipboard for pages; the text is selected.
      toast(document.execCommand?.("copy") ? "Copied." : "Press Ctrl+C to copy the marked text.");
    }
  });
  const row = h("div", { class: "secret" });
  input.replaceWith(row);
  row.append(input, copy);
  return element;
}

function showToken(made) {
  const kiosk = made.permissions.length === 1 && made.permissions[0] === "identify";
  return openDialog({
    title: "The token is made", wide: kiosk,
    content: (close) => [
      banner("warn", "It is shown this once", "Copy it now. A lost token cannot be shown again, only revoked and made anew."),
      secretField(`Token of ${made.name}`, made.token),
      kiosk && secretField("Address for the kiosk (change “door” to the camera’s name)", `${location.origin}/kiosk#token=${made.token}&camera=door`),
      h("p", { class: "small muted" }, "Programs send it as ", h("code", {}, "Authorization: Bearer …")),
      h("div", { class: "dialog-foot" }, h("button", { type: "button", class: "button primary", onclick: () => close(true) }, "I have kept it")),
    ],
  });
}

async function revoke(token) {
  const answer = await confirmDialog({
    title: `Revoke ${token.name}?`, danger: true, confirm: "Revoke",
    text: "Whatever uses it is shut out at once. This cannot be taken back.",
    action: () => api.delete(`/tokens/${encodeURIComponent(token.id)}`),
  });
  if (!answer) return;
  await tokenTable.reload();
  toast("The token is revoked.");
}

// Roles

const mark = (yes) => (yes ? h("span", { class: "yes" }, icon("check", "Yes")) : h("span", { class: "muted" }, icon("minus", "No")));
const roles = h("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": "What each role may do" }, h("table", { class: "table roles" }, h("caption", { class: "visually-hidden" }, "What each role may do"),
  h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "May"), Object.values(ROLES).map(([word]) => h("th", { scope: "col" }, word)))),
  h("tbody", {}, Object.entries(PERMISSIONS).map(([id, [word, text]]) => h("tr", {}, h("th", { scope: "row" }, word, h("div", { class: "small muted", style: { fontWeight: "400" } }, text)), Object.values(ROLES).map(([, , may]) => h("td", {}, mark(may.includes(id)))))))));

const card = (title, text, action, content) => h("div", { class: "card flush" },
  h("div", { class: "card-head" }, h("div", {}, h("h2", {}, title), text && h("p", { class: "small muted" }, text)), action), content);

fill(main,
  h("div", { class: "page-head" }, h("div", {}, h("h1", {}, "Users"), h("p", {}, "Who may use Rollcall, and which programs."))),
  tabs([
    { id: "users", title: "Users", panel: h("div", {}, card("Users", "People log in with name and password.", h("button", { type: "button", class: "button primary", onclick: addUser }, icon("plus"), "Add a user"), userTable.element)) },
    { id: "tokens", title: "API tokens", panel: h("div", {}, card("API tokens", "For programs, kiosks and monitoring.", h("button", { type: "button", class: "button primary", onclick: addToken }, icon("plus"), "New token"), tokenTable.element)) },
    { id: "roles", title: "Roles", panel: h("div", {}, card("What roles may do", "Give everybody the smallest role that their work needs.", null, roles)) },
  ], "Users and tokens"));
