/*
 * /camera: this browser's camera as one of Rollcall's cameras. Asks for nothing before it has said what for.
 */

import { FrameSender, closeCamera, listCameras, looksAtUser, openCamera } from "/assets/parts/capture.js";
import { announcer, describeEvent, drawFaces, eventRow, faceList, fitCanvas, hereList, scrollBox, stillDialog } from "/assets/parts/faces.js";
import { start } from "/assets/parts/shell.js";
import { badge, banner, field, fill, h, icon, number, submits, toast, $ } from "/assets/parts/ui.js";

const session = await start("camera");
const main = $("main");
const sees = session.can("view");      // somebody who may only identify has no page to follow a name to

const stored = {
  get: (name) => {
    try {
      return localStorage.getItem(`rollcall.${name}`);
    } catch {
      return null;
    }
  },
  set: (name, value) => {
    try {
      localStorage.setItem(`rollcall.${name}`, value);
    } catch {
      // Then it is asked again next time.
    }
  },
};

let media = null;
let sender = null;
let answer = null;
let answered = 0;
let largest = stored.get("largest") === "yes";
let mirror = true;

const kiosk = () => h("a", { class: "button", href: "/kiosk" }, icon("kiosk"), "Kiosk mode");
const head = h("div", { class: "page-head" },
  h("div", {}, h("h1", {}, "This browser’s camera"), h("p", {}, "Use the camera of this device as one of Rollcall’s cameras.")),
  h("div", { class: "actions" }, kiosk()));
const place = h("div", {});
const spoken = announcer();
fill(main, head, place, spoken.element);
intro();

// Before

function nameField() {
  return field({
    label: "Name of this camera", name: "camera", required: true, maxlength: 64, value: stored.get("camera") ?? `${session.user.name}-camera`,
    pattern: "[A-Za-z0-9][A-Za-z0-9._\\-]{0,63}", dataset: { error: "Use letters, digits and . _ - only, and begin with a letter or a digit." },
    autocomplete: "off", spellcheck: "false", hint: "The log names it as the place, for instance front-desk.",
  });
}

function intro(trouble) {
  const form = h("form", { class: "card stack narrow" },
    trouble && banner("error", trouble.title ?? "This did not work.", trouble.detail ?? trouble.message,
      trouble.steps?.length ? h("ol", { style: { margin: "0.25rem 0 0", paddingLeft: "1.25rem" } }, trouble.steps.map((step) => h("li", {}, step))) : null),
    h("h2", {}, "Before it is switched on"),
    h("ul", { class: "stack", style: { gap: "0.4rem", paddingLeft: "1.25rem" } },
      h("li", {}, "The browser will ask whether this page may use the camera."),
      h("li", {}, `Pictures go to this Rollcall server (${location.host}), a few each second, and nowhere else.`),
      h("li", {}, "Faces that are recognised go into the attendance log, like those of any other camera. Tell the people in front of it."),
      h("li", {}, "The camera is on only while this page is open.")),
    nameField(),
    h("div", { class: "row" }, h("button", { class: "button primary", type: "submit" }, icon("webcam"), trouble ? "Try again" : "Switch the camera on")));
  submits(form, async ({ camera }) => {
    stored.set("camera", camera);
    try {
      media = await openCamera({ deviceId: stored.get("device") });
    } catch (error) {
      intro(error);
      $("[type=submit]", main)?.focus();
      return;
    }
    run(camera);
  });
  fill(place, form);
}

// While it runs

function run(camera) {
  const video = h("video", { autoplay: true, playsinline: true, muted: true, "aria-hidden": "true" });
  const canvas = h("canvas", { role: "img", "aria-label": "Picture of this camera with the faces found" });
  const noFace = h("span", { class: "chip", hidden: true }, "No face");
  const veil = h("div", { class: "veil" }, h("span", { class: "spinner" }), h("p", {}, "Starting the camera"));
  const faces = faceList("this camera");
  const state = h("span", { class: "row", role: "status" }, badge("Starting", "", "clock"));
  const facts = h("span", { class: "small muted num" });
  const stage = h("div", { class: "stage" }, video, canvas, noFace, veil);
  const snapshot = h("button", { class: "button small", type: "button", disabled: true, onclick: still }, icon("camera"), "Snapshot");
  const here = hereList({ link: sees });
  const events = h("ul", { class: "events" });
  const noEvents = h("p", { class: "none" }, "Arrivals and mask changes appear here as they happen.");
  const trouble = h("div", {});

  const devices = h("select", { name: "device", "aria-label": "Camera of this device", onchange: () => use(devices.value) });
  const mirrored = h("input", { type: "checkbox", role: "switch", onchange: () => setMirror(mirrored.checked, true) });
  const marked = h("input", { type: "checkbox", role: "switch", checked: largest, onchange: () => {
    largest = marked.checked;
    stored.set("largest", largest ? "yes" : "no");
  } });

  fill(place, h("div", { class: "stack" }, trouble,
    h("div", { class: "split" },
      h("section", { class: "tile", "aria-label": camera },
        h("div", { class: "tile-head" }, h("h2", { class: "truncate" }, camera), state),
        stage, faces.element,
        h("div", { class: "tile-foot" }, facts, h("div", { class: "row" }, snapshot,
          h("button", { class: "button small", type: "button", onclick: () => end() }, icon("close"), "Switch off"))),
        h("div", { class: "tile-foot" }, h("div", { class: "row", style: { gap: "0.25rem 1.25rem" } }, h("label", { class: "switch" }, mirrored, "Mirror"), h("label", { class: "switch" }, marked, "Mark the largest face")),
          h("div", { class: "device" }, devices))),
      h("div", { class: "side" }, here.element,
        h("section", { class: "card flush", "aria-label": "Latest" },
          h("div", { class: "card-head" }, h("h2", {}, "Latest"), sees && h("a", { class: "small", href: "/attendance" }, "Whole log")),
          scrollBox("Latest events", noEvents, events))))));

  let drawing = 0;
  const timer = setInterval(() => {
    here.tick();
    const rate = sender?.rate ?? 0;
    facts.textContent = rate ? `${number(rate)} pictures/s · answer after ${Math.round(answer?.delay ?? 0)} ms` : "";
  }, 500);

  sender = new FrameSender(video, camera, {
    answer(data) {
      answer = data;
      answered = performance.now();
      snapshot.disabled = false;
      noFace.hidden = data.faces.length > 0;
      faces.update(data.faces);
      here.see(camera, data.faces, data.time);
      for (const event of data.events) show(event);
      setState("Running", "ok", "check");
      trouble.replaceChildren();
    },
    failure(error, willRetry) {
      if (willRetry) {
        setState("Server not reached, trying again", "error", "offline");
        return;
      }
      if (error.status === 401) return;
      setState("Stopped", "error", "warning");
      end(error.status === 409 ? { title: "This name is taken", detail: error.detail, steps: ["Give this camera another name."] } : { title: "The server does not take these pictures", detail: error.detail });
    },
  });

  let stateWords = "";
  function setState(...words) {
    if (words.join() === stateWords) return;
    stateWords = words.join();
    fill(state, badge(...words));
  }

  function show(event) {
    if (event.kind !== "arrival" && event.kind !== "mask") return;
    noEvents.hidden = true;
    const row = eventRow(event, { link: sees });
    row.classList.add("new");
    events.prepend(row);
    while (events.children.length > 60) events.lastChild.remove();
    spoken.say(describeEvent(event));
  }

  function draw() {
    drawing = requestAnimationFrame(draw);
    if (!video.videoWidth) return;
    const view = fitCanvas(canvas, video.videoWidth, video.videoHeight);
    // Boxes of a second ago would point at nobody.
    if (answer && performance.now() - answered < 1200) {
      drawFaces(view, answer.faces, { frameWidth: answer.width, frameHeight: answer.height, largest, mirror });
    }
  }

  function setMirror(on, byHand = false) {
    mirror = on;
    mirrored.checked = on;
    video.classList.toggle("mirrored", on);
    if (byHand) stored.set("mirror", on ? "yes" : "no");
  }

  async function attach() {
    video.srcObject = media;
    const [track] = media.getVideoTracks();
    track.addEventListener("ended", () => {
      if (media?.getVideoTracks()[0] === track) end({ title: "The camera has gone", detail: "It was unplugged, or the permission was taken back.", steps: ["Plug it in again, or allow it, and try again."] });
    });
    const wish = stored.get("mirror");
    setMirror(wish ? wish === "yes" : looksAtUser(media));
    try {
      await video.play();
    } catch {
      // Leaving the page while the camera starts is no failure.
    }
    if (video.videoWidth) stage.style.aspectRatio = `${video.videoWidth} / ${video.videoHeight}`;
    veil.hidden = true;
    const list = await listCameras();
    const current = track.getSettings?.().deviceId;
    fill(devices, list.map(({ id, label }) => h("option", { value: id, selected: id === current }, label)));
    devices.parentElement.hidden = list.length < 2;
  }

  async function use(deviceId) {
    const old = media;
    media = null;
    closeCamera(old);
    try {
      media = await openCamera({ deviceId });
      stored.set("device", deviceId);
      await attach();
    } catch (error) {
      end(error);
    }
  }

  function still() {
    stillDialog({ camera, time: answer.time, source: answer.frame, faces: answer.faces, frameWidth: answer.width, frameHeight: answer.height, largest });
  }

  function end(why) {
    sender.stop();
    sender = null;
    answer = null;
    clearInterval(timer);
    cancelAnimationFrame(drawing);
    const old = media;
    media = null;
    closeCamera(old);
    intro(why);
    if (why) $(".banner", place)?.scrollIntoView({ block: "nearest" });
    else toast("The camera is off.");
    $("[type=submit]", place)?.focus();
  }

  attach().then(() => {
    if (!sender) return;
    sender.start();
    draw();
  });
}

addEventListener("pagehide", () => closeCamera(media));
