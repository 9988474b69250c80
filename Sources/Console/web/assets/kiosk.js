/*
 * /kiosk: a tablet at the door. Greets who arrives, and asks for the mask where masks are required.
 *
 *   /kiosk#token=rct_…&camera=front-door&masks=required      with a token that may only identify
 *   /kiosk                                                   with the session of whoever is logged in
 *
 * The hash leaves the address at once and stays in this tab's session storage: a visitor who looks at the address,
 * or a photo of the screen, must not give the token away. masks: required (default) or optional.
 */

import { useToken } from "/assets/parts/api.js";
import { FrameSender, closeCamera, looksAtUser, openCamera } from "/assets/parts/capture.js";
import { drawFaces, fitCanvas, largestFace, tint } from "/assets/parts/faces.js";
import { currentSession, toLogin } from "/assets/parts/shell.js";
import { banner, field, fill, h, icon, MASKS, submits, $ } from "/assets/parts/ui.js";

const main = $("main");
const heading = $("h1");
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const settings = read();
if (location.hash) history.replaceState(null, "", location.pathname);
// Another link put into this very tab changes only the hash, which loads nothing.
addEventListener("hashchange", () => { if (location.hash) location.reload(); });

function read() {
  const kept = {};
  try {
    Object.assign(kept, JSON.parse(sessionStorage.getItem("rollcall.kiosk") ?? "{}"));
    kept.camera ??= localStorage.getItem("rollcall.camera");
    kept.masks ??= localStorage.getItem("rollcall.masks");
  } catch {
    // Then the hash has to say everything.
  }
  for (const [name, value] of new URLSearchParams(location.hash.slice(1))) {
    if (["token", "camera", "masks"].includes(name)) kept[name] = value;
    kept.linked = true;
  }
  if (kept.camera && !NAME.test(kept.camera)) kept.camera = null;
  kept.masks = kept.masks === "optional" ? "optional" : "required";
  return kept;
}

function keep() {
  try {
    sessionStorage.setItem("rollcall.kiosk", JSON.stringify(settings));
    localStorage.setItem("rollcall.masks", settings.masks);
    // A tablet's camera keeps its name; a token never goes where it outlives the tab.
    if (settings.camera) localStorage.setItem("rollcall.camera", settings.camera);
  } catch {
    // Then a reload has to be given the link again.
  }
}

keep();

if (settings.token) {
  useToken(settings.token);
} else {
  let session = null;
  try {
    session = await currentSession();
  } catch {
    // No answer yet: the first frames will tell.
    session = { permissions: ["identify"] };
  }
  if (!session) await toLogin();
  if (!session.permissions.includes("identify")) {
    fill(main, heading, h("div", { class: "setup card stack" }, banner("error", "This account may not run a kiosk.", "It lacks the permission to identify people. An administrator can make a token for this tablet."), h("a", { class: "button", href: "/live" }, "Back")));
    await new Promise(() => {});
  }
}

// A tablet that was restarted or whose page was reloaded goes on by itself.
if (settings.camera && (settings.linked || settings.running)) open();
else panel();

// Before

function panel(trouble) {
  const form = h("form", { class: "setup card stack" },
    h("div", { class: "brand" }, h("img", { src: "/assets/logo.svg", alt: "", width: 42, height: 42 }), "Rollcall at the door"),
    trouble && banner("error", trouble.title ?? "This did not work.", trouble.detail ?? trouble.message,
      trouble.steps?.length ? h("ol", { style: { margin: "0.25rem 0 0", paddingLeft: "1.25rem" } }, trouble.steps.map((step) => h("li", {}, step))) : null),
    h("p", { class: "muted" }, "This screen greets people by name as they arrive. Put the device at eye level, with the light on the faces and not behind them."),
    field({ label: "Name of this camera", name: "camera", required: true, maxlength: 64, value: settings.camera ?? "door-kiosk", autocomplete: "off", spellcheck: "false",
      pattern: "[A-Za-z0-9][A-Za-z0-9._\\-]{0,63}", dataset: { error: "Use letters, digits and . _ - only, and begin with a letter or a digit." }, hint: "The log names it as the place." }),
    h("label", { class: "switch" }, h("input", { type: "checkbox", role: "switch", name: "masks", checked: settings.masks === "required" }), "Masks are required here"),
    h("div", { class: "row" },
      h("button", { class: "button primary", type: "submit" }, icon("kiosk"), trouble ? "Try again" : "Start"),
      !settings.token && h("a", { class: "button", href: "/camera" }, "Back")));
  submits(form, async (values) => {
    settings.camera = values.camera;
    settings.masks = values.masks ? "required" : "optional";
    keep();
    // Full screen must be asked for while the click is fresh, before the camera's question.
    document.documentElement.requestFullscreen?.({ navigationUI: "hide" }).catch(() => {});
    await open();
  });
  fill(main, heading, form);
}

async function open() {
  let media;
  try {
    media = await openCamera({});
  } catch (error) {
    panel(error);
    return;
  }
  run(media);
}

// At the door

const hour = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });

function dayGreeting() {
  const now = new Date().getHours();
  if (now >= 5 && now < 12) return "Good morning";
  return now >= 12 && now < 18 ? "Good afternoon" : "Good evening";
}

/** "Ada Lovelace" and "Lovelace, Ada" are both greeted as Ada. */
function givenName(name) {
  const [family, given] = name.split(",").map((part) => part.trim());
  return given || family.split(/\s+/)[0];
}

const ASKS = {
  none: { tone: "error", icon: "mask", text: "Put your mask on, please." },
  incorrect: { tone: "warn", icon: "warning", text: "Your mask is not worn properly: cover your nose." },
  covering: { tone: "violet", icon: "scarf", text: "Please wear a mask. A scarf or a hand does not count." },
  mask: { tone: "ok", icon: "check", text: "Thank you for wearing your mask." },
};

/** What the screen says to the face in front: {key, who, tone, icon, first, second}. The same key is the same message. */
function message(face) {
  if (!face) return { key: "idle", who: "idle", tone: "", icon: "live", first: "Welcome", second: "Look at the camera, please." };
  const ask = settings.masks === "required" ? ASKS[face.mask?.label] : null;
  if (face.identity) {
    const first = `${dayGreeting()}, ${givenName(face.identity.name)}`;
    return { key: `person ${face.identity.id} ${face.mask?.label}`, who: `person ${face.identity.id}`, tone: ask?.tone ?? "ok", icon: ask?.icon ?? "check", first, second: ask?.text ?? "Noted. Have a good day." };
  }
  if (face.status === "poor") return { key: "poor", who: "poor", tone: "info", icon: "search", first: "Hello", second: "Come a little closer, please." };
  // Somebody the house does not know is a guest, not a suspect; the mask is asked for all the same.
  const guest = ask && ask.tone !== "ok" ? ask : null;
  return { key: `unknown ${face.mask?.label}`, who: "unknown", tone: guest?.tone ?? "info", icon: guest?.icon ?? "person", first: "Hello", second: guest ? `${guest.text} Then please see the office.` : "Please see the office." };
}

function run(media) {
  const video = h("video", { autoplay: true, playsinline: true, muted: true, "aria-hidden": "true" });
  const canvas = h("canvas", { "aria-hidden": "true" });
  const sign = h("div", { class: "sign", "aria-hidden": "true" });
  const first = h("p", { class: "first" });
  const second = h("p", { class: "second" });
  const others = h("ul", { class: "others", "aria-label": "Also here" });
  const greeting = h("section", { class: "greeting", "aria-label": "Greeting" }, sign, h("div", { class: "words" }, h("div", { "aria-live": "polite", "aria-atomic": "true" }, first, second), others));
  const time = h("div", { class: "hour" });
  const date = h("div", { class: "day" });
  fill(main, heading, h("div", { class: "door" },
    h("div", { class: "picture" }, video, canvas,
      h("div", { class: "top" }, h("div", { class: "mark" }, h("img", { src: "/assets/logo.svg", alt: "", width: 32, height: 32 }), h("span", {}, settings.camera)),
      h("div", { class: "clock" }, time, date))),
    greeting));

  const tick = () => {
    const now = new Date();
    time.textContent = hour.format(now);
    date.textContent = day.format(now);
  };
  tick();
  const clock = setInterval(tick, 1000);
  const mirror = looksAtUser(media);
  video.classList.toggle("mirrored", mirror);
  video.srcObject = media;
  video.play().catch(() => {});

  // A face flickers between frames; the screen must not. A message has to be wanted for a moment before it is shown,
  // strangers longer than known people (a name often comes with the third frame), and then it stays readable.
  let shown = null;
  let since = 0;
  let wanted = null;
  let wantedSince = 0;
  let lastFace = 0;
  let answer = null;
  let answered = 0;
  const began = performance.now();

  function consider(faces) {
    const now = performance.now();
    const face = largestFace(faces);
    if (face) lastFace = now;
    const next = message(face);
    if (next.who !== wanted?.who) wantedSince = now;
    wanted = next;
    const patience = { idle: 2500, unknown: 1500, poor: 1200 }[next.who] ?? 250;
    const readable = shown?.key === "lost" ? 0 : next.who === "idle" ? 3500 : 1200;
    if (now - wantedSince >= patience && now - since >= readable) show(next);
    also(faces.filter((other) => other !== face));
  }

  function show(next) {
    if (shown?.key === next.key && shown.first === next.first && shown.second === next.second) return;
    shown = next;
    since = performance.now();
    greeting.dataset.tone = next.tone;
    fill(sign, icon(next.icon));
    first.textContent = next.first;
    second.textContent = next.second;
  }

  let alsoShown = "";
  function also(faces) {
    const known = faces.filter((face) => face.identity).slice(0, 4);
    const text = known.map((face) => face.identity.id + face.mask?.label).join();
    if (text === alsoShown) return;
    alsoShown = text;
    fill(others, known.map((face) => h("li", {}, h("span", { class: "dot", "aria-hidden": "true", style: { background: tint(face.mask?.label) } }), givenName(face.identity.name), settings.masks === "required" && face.mask?.label !== "mask" && MASKS[face.mask?.label] ? ` · ${MASKS[face.mask.label].word}` : "")));
  }

  // Without a connection nobody is noted: a name from before would be a promise that nobody keeps.
  function lost() {
    if (performance.now() - Math.max(answered, began) < 3000) return;
    wanted = null;
    also([]);
    show({ key: "lost", tone: "warn", icon: "offline", first: "One moment, please", second: "Rollcall cannot be reached. If this stays, please see the office." });
  }

  const sender = new FrameSender(video, settings.camera, {
    answer(data) {
      answer = data;
      answered = performance.now();
      consider(data.faces);
    },
    failure(error, willRetry) {
      if (willRetry) {
        lost();
        return;
      }
      if (error.status === 401 && !settings.token) {
        toLogin();
        return;
      }
      stop({
        title: { 401: "This kiosk’s access has ended", 403: "This token may not identify people", 409: "The name of this camera is taken" }[error.status] ?? "The server does not take these pictures",
        detail: { 401: "Ask an administrator for a new link for this tablet.", 403: "Ask an administrator for a token with the permission to identify." }[error.status] ?? error.detail,
      });
    },
  });

  let frame = 0;
  function draw() {
    frame = requestAnimationFrame(draw);
    if (!video.videoWidth) return;
    const view = cover(fitCanvas(canvas, video.videoWidth, video.videoHeight), canvas, video);
    if (answer && performance.now() - answered < 1000) drawFaces(view, answer.faces, { frameWidth: answer.width, frameHeight: answer.height, mirror, labels: false });
  }

  // Silence of the server is no departure of the guest: "idle" comes only from answers without a face.
  const idle = setInterval(() => {
    if (answer && performance.now() - answered < 1000 && performance.now() - lastFace > 2500) consider([]);
  }, 500);

  function stop(why) {
    sender.stop();
    cancelAnimationFrame(frame);
    clearInterval(clock);
    clearInterval(idle);
    closeCamera(media);
    unlock();
    settings.running = false;
    settings.linked = false;
    keep();
    panel(why);
  }

  media.getVideoTracks()[0].addEventListener("ended", () => stop({ title: "The camera has gone", detail: "It was unplugged, or the permission was taken back.", steps: ["Check the camera and its permission, then start again."] }));
  addEventListener("pagehide", () => closeCamera(media), { once: true });
  // After a restart by itself there was no click that full screen could be asked with: the first touch serves.
  greeting.parentElement.addEventListener("click", () => {
    if (!document.fullscreenElement) document.documentElement.requestFullscreen?.({ navigationUI: "hide" }).catch(() => {});
  });
  settings.running = true;
  keep();
  show(message(null));
  lock();
  sender.start();
  draw();
}

/** The picture fills its place and is cut at the edges, as `object-fit: cover` does with the video below. */
function cover(view, canvas, video) {
  const scale = Math.max(canvas.clientWidth / video.videoWidth, canvas.clientHeight / video.videoHeight);
  const width = video.videoWidth * scale;
  const height = video.videoHeight * scale;
  return { context: view.context, x: (canvas.clientWidth - width) / 2, y: (canvas.clientHeight - height) / 2, width, height };
}

// The screen stays on

let wake = null;
let wantsWake = false;

async function lock() {
  wantsWake = true;
  try {
    wake = (await navigator.wakeLock?.request("screen")) ?? null;
  } catch {
    // Low battery or no support: the device's own settings decide then.
  }
}

function unlock() {
  wantsWake = false;
  wake?.release().catch(() => {});
}

document.addEventListener("visibilitychange", () => {
  if (wantsWake && document.visibilityState === "visible") lock();
});
