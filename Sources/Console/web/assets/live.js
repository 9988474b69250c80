/*
 * /live: what the cameras see now. One stream carries all cameras, their pictures and the events: browsers allow few
 * connections to a server, and a page with ten cameras must leave some for everything else.
 */

import { stream } from "/assets/parts/api.js";
import { announcer, describeEvent, drawFaces, eventRow, faceList, fitCanvas, hereList, scrollBox, stillDialog } from "/assets/parts/faces.js";
import { start } from "/assets/parts/shell.js";
import { badge, emptyState, fill, h, icon, number, toast, $ } from "/assets/parts/ui.js";

const session = await start("live");
const main = $("main");

const LATE = 2;          // seconds: a picture older than this is called old
const LOST = 10;         // seconds: after this the picture is covered
const KEPT = 60;         // events in the list

const tiles = new Map();
const here = hereList();
let largest = read("rollcall.largest") === "yes";

function read(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

// The page

const connection = h("span", { class: "row", role: "status" }, badge("Connecting", "", "clock"));
const spoken = announcer();
const grid = h("div", { class: "tiles" }, h("div", { class: "tile" }, h("div", { class: "stage skeleton", role: "status" }, h("span", { class: "visually-hidden" }, "Loading the cameras"))));
const eventList = h("ul", { class: "events" });
const eventNone = h("p", { class: "none" }, "Arrivals and mask changes appear here as they happen, from the moment you opened this page.");

const largestSwitch = h("input", { type: "checkbox", role: "switch", checked: largest, onchange: () => {
  largest = largestSwitch.checked;
  try {
    localStorage.setItem("rollcall.largest", largest ? "yes" : "no");
  } catch {
    // Then it holds for this page.
  }
  for (const tile of tiles.values()) tile.draw();
} });

fill(main,
  h("div", { class: "page-head" },
    h("h1", {}, "Live"),
    h("div", { class: "actions row", style: { gap: "1rem" } }, connection, h("label", { class: "switch" }, largestSwitch, "Mark the largest face"))),
  h("div", { class: "split" },
    h("section", { "aria-label": "Cameras" }, grid),
    h("div", { class: "side" },
      here.element,
      h("section", { class: "card flush", "aria-labelledby": "events-title" },
        h("div", { class: "card-head" }, h("h2", { id: "events-title" }, "Latest"), h("a", { class: "small", href: "/attendance" }, "Whole log")),
        scrollBox("Latest events", eventNone, eventList)))),
  spoken.element);
// A tile

const PHASES = {
  connecting: ["Connecting", "warn"], running: ["Running", "ok"], waiting: ["Not reached", "error"], ended: ["Ended", ""], off: ["Off", ""],
};

class Tile {
  constructor(name) {
    this.name = name;
    this.camera = null;
    this.moment = null;
    this.received = 0;
    this.image = null;
    this.decoding = false;
    this.waiting = null;

    this.phase = h("span", { class: "row" });
    this.canvas = h("canvas", { role: "img", "aria-label": `Picture of ${name}` });
    this.noFace = h("span", { class: "chip", hidden: true }, "No face");
    this.age = h("span", { class: "chip age", hidden: true });
    this.veil = h("div", { class: "veil" }, h("span", { class: "spinner" }), h("p", {}, "Waiting for the first picture"));
    this.list = faceList(name);
    this.state = h("span", { class: "state small muted num" });
    this.stage = h("div", { class: "stage" }, this.canvas, this.noFace, this.age, this.veil);
    this.enlarge = h("button", { class: "button quiet icon small", type: "button", "aria-pressed": "false", "aria-label": `Enlarge ${name}`, title: "Enlarge", onclick: () => this.toggle() }, icon("expand"));
    this.snapshot = h("button", { class: "button small", type: "button", disabled: true, onclick: () => this.still() }, icon("camera"), "Snapshot", h("span", { class: "visually-hidden" }, ` of ${name}`));
    this.full = h("span", {}, "Full screen");
    const full = h("button", { class: "button small", type: "button", onclick: () => this.fullscreen() }, this.full, h("span", { class: "visually-hidden" }, ` for ${name}`));
    if (!document.fullscreenEnabled) full.hidden = true;
    this.element = h("article", { class: "tile", "aria-label": name },
      h("div", { class: "tile-head" }, h("h2", { class: "truncate" }, name), this.phase, this.enlarge),
      this.stage, this.list.element,
      h("div", { class: "tile-foot" }, this.state, h("div", { class: "row" }, this.snapshot, full)));
    new ResizeObserver(() => this.draw()).observe(this.stage);
  }

  describe(camera) {
    this.camera = camera;
    const [word, tone] = PHASES[camera.phase] ?? [camera.phase, ""];
    fill(this.phase, badge(word, tone, { ok: "check", warn: "clock", error: "warning" }[tone] ?? "minus"));
    this.state.textContent = camera.phase === "running" ? `${number(camera.framesPerSecond)} pictures/s` : "";
    this.state.title = camera.width ? `${camera.width} × ${camera.height}, ${number(camera.dropped)} left out, ${number(camera.reconnects)} reconnects` : "";
    this.tick();
  }

  show(moment) {
    this.moment = moment;
    this.received = performance.now();
    this.stage.style.aspectRatio = `${moment.width} / ${moment.height}`;
    this.list.update(moment.faces);
    if (!moment.picture) {
      this.tick();
      return;
    }
    // A slow screen shows the newest picture and leaves out what came meanwhile.
    if (this.decoding) {
      this.waiting = moment;
      return;
    }
    this.decode(moment);
  }

  async decode(moment) {
    this.decoding = true;
    const image = new Image();
    image.src = moment.picture;
    try {
      await image.decode();
      this.image = image;
      this.shown = moment;
      this.snapshot.disabled = false;
      this.draw();
      this.tick();
    } catch {
      // A damaged picture: the next one comes soon.
    }
    this.decoding = false;
    const next = this.waiting;
    this.waiting = null;
    if (next) this.decode(next);
  }

  draw() {
    if (!this.image || document.hidden) return;
    const { shown, image } = this;
    const view = fitCanvas(this.canvas, shown.width, shown.height);
    view.context.drawImage(image, view.x, view.y, view.width, view.height);
    drawFaces(view, shown.faces, { frameWidth: shown.width, frameHeight: shown.height, largest });
  }

  /** What depends on the clock: the picture's age, and the veil over a picture that is none of now. */
  tick() {
    const phase = this.camera?.phase ?? "connecting";
    const age = this.shown ? this.shown.age + (performance.now() - this.received) / 1000 : null;
    this.noFace.hidden = !this.shown || this.shown.faces.length > 0 || age > LOST;
    this.age.hidden = age === null || age > LOST;
    if (age !== null) {
      this.age.textContent = age < LATE ? `${age.toFixed(1)} s` : `${Math.round(age)} s old`;
      this.age.title = "How old the picture is";
      this.age.classList.toggle("late", age >= LATE);
    }
    let veil = null;
    if (phase === "connecting") veil = ["spinner", "Connecting to the camera"];
    else if (phase === "waiting") veil = ["offline", this.camera.failure ?? "The camera does not answer. It is tried again."];
    else if (phase === "ended") veil = ["video", this.camera.kind === "browser" ? "The browser has stopped sending pictures." : "The film has ended."];
    else if (phase === "off") veil = ["video", "The camera is switched off."];
    else if (connectionState !== "open" && (age === null || age > LATE)) veil = ["spinner", "Reconnecting to Rollcall"];
    else if (age === null) veil = ["spinner", "Waiting for the first picture"];
    else if (age > LOST) veil = ["offline", `No new picture for ${Math.round(age)} seconds`];
    const words = veil?.join() ?? "";
    if (words === this.veilWords) return;
    this.veilWords = words;
    this.veil.hidden = !veil;
    if (veil) fill(this.veil, veil[0] === "spinner" ? h("span", { class: "spinner" }) : icon(veil[0]), h("p", {}, veil[1]));
  }

  forget(id) {
    const faces = [this.moment, this.shown, this.waiting].flatMap((moment) => moment?.faces ?? []).filter((face) => face.identity?.id === id);
    if (!faces.length) return;
    for (const face of faces) Object.assign(face, { identity: null, status: "unknown" });
    this.list.update(this.moment.faces, true);
    this.draw();
  }

  toggle() {
    const on = !this.element.classList.contains("large");
    for (const tile of tiles.values()) tile.setLarge(tile === this && on);
    ask();
    if (on) this.element.scrollIntoView({ block: "nearest" });
  }

  setLarge(on) {
    this.element.classList.toggle("large", on);
    this.enlarge.setAttribute("aria-pressed", String(on));
    fill(this.enlarge, icon(on ? "shrink" : "expand"));
    this.enlarge.title = on ? "Make smaller" : "Enlarge";
  }

  async fullscreen() {
    try {
      if (document.fullscreenElement) await document.exitFullscreen();
      else await this.element.requestFullscreen();
    } catch {
      toast("This browser does not allow full screen here.", { tone: "error" });
    }
  }

  async still() {
    if (document.fullscreenElement) await document.exitFullscreen();
    const { shown, image } = this;
    stillDialog({ camera: this.name, time: shown.time, source: image, faces: shown.faces, frameWidth: shown.width, frameHeight: shown.height, largest });
  }
}

/** Larger pictures only while something is shown large: they cost every camera of the stream. */
function ask() {
  const width = document.fullscreenElement || $(".tile.large", grid) ? 1280 : 640;
  if (width === wantedWidth) return;
  wantedWidth = width;
  connect();
}

document.addEventListener("fullscreenchange", () => {
  for (const tile of tiles.values()) tile.full.textContent = document.fullscreenElement === tile.element ? "Leave full screen" : "Full screen";
  ask();
});

// What comes

function cameras(list) {
  const names = new Set(list.map((camera) => camera.name));
  for (const [name, tile] of tiles) {
    if (names.has(name)) continue;
    tile.element.remove();
    tiles.delete(name);
  }
  if (!list.length) {
    if (!$(".empty", grid)) {
      fill(grid, h("div", { class: "card flush", style: { gridColumn: "1 / -1" } }, emptyState({
        icon: "video", title: "No camera yet",
        text: session.can("manage") ? "Add a camera on the network or at the server, or try it with the camera of this device." : "An administrator can add cameras. This device’s own camera may serve meanwhile.",
        action: [
          session.can("manage") && h("a", { class: "button primary", href: "/cameras" }, icon("plus"), "Add a camera"),
          session.can("identify") && h("a", { class: "button", href: "/camera" }, icon("webcam"), "Use this camera"),
        ],
      })));
    }
    return;
  }
  for (const child of [...grid.children]) if (![...tiles.values()].some((tile) => tile.element === child)) child.remove();
  for (const camera of list) {
    if (!tiles.has(camera.name)) {
      const tile = new Tile(camera.name);
      tiles.set(camera.name, tile);
      grid.append(tile.element);
    }
    tiles.get(camera.name).describe(camera);
  }
}

function moment(data) {
  tiles.get(data.camera)?.show(data);
  here.see(data.camera, data.faces, data.time);
}

/** What happened before this page was opened: shown, and not read out. */
function earlier(list) {
  for (const data of list) if (!seenEvents.has(data.id)) event(data, true);
}

const seenEvents = new Set();

function event(data, isOld = false) {
  seenEvents.add(data.id);
  if (data.kind !== "arrival" && data.kind !== "mask") return;
  eventNone.hidden = true;
  const row = eventRow(data);
  if (!isOld) row.classList.add("new");
  eventList.prepend(row);
  while (eventList.children.length > KEPT) eventList.lastChild.remove();
  if (isOld) return;
  if (data.kind === "arrival" || data.mask === "none" || data.mask === "incorrect") spoken.say(describeEvent(data));
}

/** Somebody is no longer to be named anywhere, also not by what this page remembers. */
function forgotten({ id }) {
  here.forget(id);
  for (const row of eventList.querySelectorAll(`[data-person="${CSS.escape(id)}"]`)) row.remove();
  eventNone.hidden = eventList.children.length > 0;
  spoken.clear();
  for (const tile of tiles.values()) tile.forget(id);
}

// The stream

let wantedWidth = 640;
let close = null;
let connectionState = "connecting";
const STATES = { connecting: ["Connecting", "", "clock"], open: ["Live", "ok", "signal"], waiting: ["Connection lost, trying again", "error", "offline"] };

function connect() {
  close?.();
  const pictures = !document.hidden;
  close = stream("/live", { pictures, width: pictures ? wantedWidth : null }, { cameras, moment, earlier, event: (data) => event(data), forgotten }, (state) => {
    // A stream that is only asked for again, say for larger pictures, is no news.
    const said = state === "connecting" && connectionState === "open" ? "open" : state;
    if (said === connectionState && connection.dataset.state === said) return;
    connectionState = said;
    connection.dataset.state = said;
    fill(connection, badge(...STATES[said]));
    for (const tile of tiles.values()) tile.tick();
  }, { silence: 15_000 });
}

// A page nobody sees needs no pictures; names and events go on.
document.addEventListener("visibilitychange", connect);
setInterval(() => {
  for (const tile of tiles.values()) tile.tick();
  here.tick();
}, 500);
connect();
