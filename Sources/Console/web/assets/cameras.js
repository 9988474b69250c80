/* Cameras: their state in words, adding and removing. */

import { start } from "/assets/parts/shell.js";
import { api } from "/assets/parts/api.js";
import { badge, banner, confirmDialog, emptyState, field, fill, formDialog, h, icon, number, skeleton, toast, uniqueId, $ } from "/assets/parts/ui.js";

const session = await start("cameras");
const main = $("main");

const PHASES = {
  connecting: ["Connecting", "info", "clock", "The first picture is on its way."],
  running: ["Running", "ok", "check", null],
  waiting: ["No picture", "warn", "warning", "It is tried again by itself."],
  ended: ["Ended", null, "info", "Its pictures have come to an end."],
  off: ["Off", null, "minus", "It is not running."],
};

const KINDS = [
  { id: "network", word: "A network camera (RTSP)", hint: "Nearly every camera with a network plug. Its manual or its own web page shows the address; name and password go in front of the host.",
    examples: ["rtsp://10.0.0.7/stream1", "rtsp://name:password@10.0.0.7:554/Streaming/Channels/101", "rtsps://name:password@camera.example/live"], placeholder: "rtsp://name:password@10.0.0.7/stream1",
    troubles: "Most often the path after the host is wrong, or name and password are. Try the address in a video player first." },
  { id: "web", word: "A web stream (HTTP, MJPEG)", hint: "Single board computers, old webcams, programs that send their pictures to browsers.",
    examples: ["http://10.0.0.9:8080/?action=stream", "https://camera.example/video.mjpg"], placeholder: "http://10.0.0.9:8080/?action=stream",
    troubles: "It has to be the stream itself, not the page around it." },
  { id: "device", word: "A camera at the server", hint: "Plugged into the computer on which Rollcall runs.", examples: ["0", "/dev/video0", "/dev/video2"], placeholder: "0",
    troubles: "The account that Rollcall runs under has to be allowed to use video devices (on Linux: in the group “video”), and no other program may hold the camera." },
];

const list = h("div", { class: "grid" });
const none = h("div", { class: "card flush" });
const certainty = h("div", {});
const shown = h("div", { "aria-live": "off" }, h("div", { class: "card flush" }, skeleton(4)));
const news = h("p", { class: "visually-hidden", role: "status" });
const cards = new Map();
let known = null;

/** A film is known by its name; the folders above it are long and nobody's business here. */
const place = (source) => (source?.startsWith("/") && !source.startsWith("/dev/") ? source.split("/").at(-1) : source);

// A card is made once and kept up to date: the cursor in it must not get lost every few seconds.

function card(camera) {
  const heading = uniqueId("camera");
  const state = h("span", {});
  const facts = h("dl", { class: "facts small" });
  const failure = h("div", {});
  const foot = h("div", { class: "row foot" });
  const element = h("section", { class: "card camera-card", "aria-labelledby": heading }, h("div", { class: "spread" }, h("h2", { id: heading }, camera.name), state), failure, facts, foot);
  if (camera.kind === "source" && session.can("manage")) foot.append(h("button", { type: "button", class: "button small", "aria-label": `Remove ${camera.name}`, onclick: () => remove(camera.name) }, icon("trash"), "Remove"));
  foot.append(h("a", { class: "button small quiet", href: `/attendance?camera=${encodeURIComponent(camera.name)}` }, icon("attendance"), "Entries of today"));
  let drawn = "";
  return {
    element,
    update(next) {
      const text = JSON.stringify(next);
      if (text === drawn) return;
      drawn = text;
      const [word, tone, glyph, note] = PHASES[next.phase] ?? [next.phase, null, "question", null];
      fill(state, badge(word, tone, glyph));
      const words = next.failure ?? (next.phase === "running" ? null : note);
      if (failure.textContent !== (words ?? "")) fill(failure, words && (next.failure ? banner("warn", null, words) : h("p", { class: "small muted" }, words)));
      const running = next.phase === "running";
      fill(facts,
        h("dt", {}, "Pictures"), h("dd", { class: "num" }, running && next.width ? `${next.width} × ${next.height}, ${number(next.framesPerSecond)} a second` : "–"),
        h("dt", {}, "Faces now"), h("dd", { class: "num" }, running ? next.faces : "–"),
        h("dt", {}, "Left out"), h("dd", { class: "num", title: "Pictures that came while the ones before were still looked at" }, next.dropped ? `${number(next.dropped)} ${next.dropped === 1 ? "picture" : "pictures"}` : "None"),
        h("dt", {}, "Reconnected"), h("dd", { class: "num" }, next.reconnects === 0 ? "Never" : next.reconnects === 1 ? "Once" : `${next.reconnects} times`),
        h("dt", {}, "Source"), h("dd", { class: next.source ? "mono" : "", title: next.source }, place(next.source) ?? (next.kind === "browser" ? "A browser’s camera" : "–")));
    },
  };
}

function draw(cameras) {
  if (!cameras.length) {
    cards.clear();
    fill(list);
    if (none.parentNode === shown) return;
    fill(shown, fill(none, emptyState({
      icon: "video", title: "No camera yet",
      text: "Add a network camera, or make this device’s camera one of Rollcall’s: then faces are recognised and arrivals are written down.",
      action: [session.can("manage") && h("button", { type: "button", class: "button primary", onclick: add }, icon("plus"), "Add a camera"), session.can("identify") && h("a", { class: "button", href: "/camera" }, icon("webcam"), "Use this device’s camera")],
    })));
    return;
  }
  for (const [name, entry] of cards) {
    if (!cameras.some((camera) => camera.name === name)) {
      entry.element.remove();
      cards.delete(name);
    }
  }
  for (const camera of cameras) {
    if (!cards.has(camera.name)) {
      cards.set(camera.name, card(camera));
      list.append(cards.get(camera.name).element);
    }
    cards.get(camera.name).update(camera);
  }
  if (list.parentNode !== shown) fill(shown, list);
}

/** Only what changes is told: a camera that came or went. */
function tell(cameras) {
  if (known) {
    for (const camera of cameras) {
      const before = known.get(camera.name);
      if (before && before !== camera.phase && camera.phase !== "connecting") news.textContent = `${camera.name}: ${PHASES[camera.phase]?.[0] ?? camera.phase}`;
    }
  }
  known = new Map(cameras.map(({ name, phase }) => [name, phase]));
}

let failed = false;

async function refresh() {
  try {
    const { items } = await api.get("/cameras");
    failed = false;
    draw(items);
    tell(items);
    return items;
  } catch (error) {
    if (!failed) fill(shown, h("div", { class: "card" }, banner("error", "The cameras could not be loaded.", error.detail ?? error.message, h("p", { class: "small" }, "It is tried again by itself."))));
    failed = true;
    return [];
  }
}

let timer = null;
async function watch() {
  clearTimeout(timer);
  if (!document.hidden) await refresh();
  clearTimeout(timer);
  timer = setTimeout(watch, [...(known?.values() ?? [])].includes("connecting") ? 1500 : 4000);
}
document.addEventListener("visibilitychange", () => { if (!document.hidden) watch(); });

async function add() {
  const source = field({ label: "Source", name: "source", required: true, maxlength: 1000, autocomplete: "off", spellcheck: "false", class: "mono", placeholder: KINDS[0].placeholder });
  const examples = h("div", { class: "examples small", "aria-live": "polite" });
  const kind = field({ label: "Kind", name: "kind", type: "select", options: KINDS.map(({ id, word }) => [id, word]), onchange: () => show() });
  const show = () => {
    const chosen = KINDS.find(({ id }) => id === $("select", kind).value);
    $("input", source).placeholder = chosen.placeholder;
    fill(examples, h("p", {}, chosen.hint), h("p", { class: "muted" }, "For example:"), h("ul", { class: "plain" }, chosen.examples.map((text) => h("li", {}, h("code", {}, text)))), h("p", { class: "muted" }, chosen.troubles));
  };
  show();
  const made = await formDialog({
    title: "Add a camera", submit: "Add the camera",
    fields: [
      field({ label: "Name", name: "name", required: true, maxlength: 64, autocomplete: "off", placeholder: "Front door", hint: "It stands in the log beside every entry." }),
      kind, examples, source,
      h("p", { class: "small muted" }, "A password in the address is never shown again."),
    ],
    onsubmit: (values) => api.post("/cameras", { name: values.name.trim(), source: values.source.trim() }),
  });
  if (!made) return;
  toast(`${made.name} is added. Whether its pictures come can be seen here in a moment.`);
  await watch();
  cards.get(made.name)?.element.scrollIntoView({ block: "nearest" });
}

async function remove(name) {
  const answer = await confirmDialog({
    title: `Remove ${name}?`, danger: true, confirm: "Remove",
    text: "Its pictures are no longer looked at. What it has seen stays in the log. It can be added again at any time.",
    action: () => api.delete(`/cameras/${encodeURIComponent(name)}`),
  });
  if (!answer) return;
  toast(`${name} is removed.`);
  await refresh();
  $("h1", main).focus();
}

/** How sure a name must be: chosen where the server is started, so it is told here and not changed. */
async function recognition() {
  const { strangersNamedPerThousand: rate, secondEncoder, learns } = await api.get("/recognition");
  const strangers = rate >= 1 ? `About ${number(rate)} of 1,000 strangers` : `About 1 of ${number(Math.round(1000 / rate))} strangers`;
  return h("section", { class: "card stack", "aria-labelledby": "recognition-title" },
    h("h2", { id: "recognition-title" }, "How sure a name must be"),
    h("p", {}, `${strangers} who come to a camera may be given somebody’s name, however long they stay. Everybody else of whom Rollcall is not sure is “unknown”.`),
    h("p", { class: "small muted" }, "It is --fpir where the server is started. A lower rate names fewer strangers, and leaves more people unknown, most of all behind masks."),
    h("dl", { class: "facts small" },
      h("dt", {}, "Second encoder"), h("dd", {}, secondEncoder ? "Installed" : "Not installed: behind a mask, far fewer people are recognised"),
      h("dt", {}, "Looks behind masks"), h("dd", {}, learns ? "Learnt from people who put a mask on before a camera" : "Not learnt")));
}

const trouble = (word, text) => [h("dt", {}, word), h("dd", {}, text)];

fill(main,
  h("div", { class: "page-head" },
    h("div", {}, h("h1", { tabindex: "-1" }, "Cameras"), h("p", {}, "What Rollcall looks through, and how each camera is doing. This page keeps itself up to date.")),
    h("div", { class: "actions" }, h("a", { class: "button", href: "/live" }, icon("live"), "Live"), session.can("manage") && h("button", { type: "button", class: "button primary", onclick: add }, icon("plus"), "Add a camera"))),
  news, shown,
  h("section", { class: "card stack", "aria-labelledby": "browser-title" },
    h("h2", { id: "browser-title" }, "Cameras of browsers"),
    h("p", {}, "A phone, a tablet or a notebook can be a camera, too: nothing has to be installed. Open Rollcall on it, choose This camera, give it a name. It appears here while that page is open and goes ten seconds after the last picture; nobody has to remove it."),
    session.can("identify") && h("div", { class: "row" }, h("a", { class: "button", href: "/camera" }, icon("webcam"), "This camera"), h("a", { class: "button", href: "/kiosk" }, icon("kiosk"), "Kiosk for a door"))),
  certainty,
  h("section", { class: "card" },
    h("details", { class: "help" }, h("summary", {}, "When a camera shows no picture"),
      h("dl", { class: "troubles" },
        trouble("“connection timed out”", "The server does not reach the camera. Is it switched on, is the address right, are both in the same network, does a firewall lie between them?"),
        trouble("“401” or “unauthorized”", "Name or password in the address is wrong. Signs such as @, / and : in a password have to be written as %40, %2F and %3A."),
        trouble("“404” or “not found”", "The host answers, but the path behind it is wrong. The camera’s manual or its web page tells it."),
        trouble("“device busy”", "Another program on the server holds the camera."),
        trouble("Many pictures left out", "The server does not keep up. Choose a smaller picture or fewer pictures a second in the camera’s own settings; 720 lines and ten pictures a second are enough."),
        trouble("It reconnects again and again", "A weak wireless network, or the camera allows only a few viewers at a time.")))));

await watch();
try {
  fill(certainty, await recognition());
} catch {
  // The cameras say already that the server does not answer.
}
