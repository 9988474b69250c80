/*
 * Taking and judging photos for enrolment: the camera with live advice, files by drag and drop, what was taken, and the
 * question who somebody is that looks like a person already enrolled.
 *
 *   const photos = photoCollector({ personId, onchange: () => … });       // personId: a photo may look like this person
 *   element.append(photos.element);
 *   photos.ready          // photos that are good and wait to be sent
 *   photos.undecided      // photos that look like somebody else, until somebody has said who it is
 *   await photos.send(id) // → { added, failed }; those that failed stay and say why
 *   photos.close()        // the camera's light goes out
 */

import { api, ApiError } from "/assets/parts/api.js";
import { avatar, badge, fill, h, icon, toast, uniqueId, $ } from "/assets/parts/ui.js";

/** What to do about each verdict, in few and large words. */
export const VERDICTS = {
  "good": { word: "Good", title: "Good: take the photo", text: "Hold still for a moment." },
  "no-face": { word: "No face", title: "Look into the camera", text: "No face is to be seen yet." },
  "several-faces": { word: "Several faces", title: "One person only, please", text: "Everybody else steps out of the picture." },
  "too-small": { word: "Too small", title: "Come closer", text: "The face is too small." },
  "blurred": { word: "Blurred", title: "Hold still", text: "The picture is blurred." },
  "too-dark": { word: "Too dark", title: "More light, please", text: "Put a light in front of the person, or turn towards the window." },
  "blown-out": { word: "Too bright", title: "Less light, please", text: "Turn away from the sun or the lamp." },
  "turned-away": { word: "Turned away", title: "Look straight ahead", text: "The face is turned too far." },
  "masked": { word: "Mask", title: "Take the mask off", text: "Only for these photos. At the door it may stay on." },
  "covered": { word: "Covered", title: "Show the whole face", text: "Something covers the mouth." },
};

const TYPES = ["image/jpeg", "image/png", "image/webp"];
const LARGEST = 20 * 1024 * 1024;
/** More than three of one session add little: they show the same face in the same light. */
export const WANTED = 3;

const remembered = (name, otherwise) => {
  try {
    return localStorage.getItem(name) ?? otherwise;
  } catch {
    return otherwise;
  }
};
const remember = (name, value) => {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Then it holds for this page.
  }
};

/** Asks what a picture is worth. Nothing is stored by it. */
export const judge = (blob, signal) => api.post("/photos", blob, { once: false, signal });

// The camera

/** The camera's picture with the face marked and advice below; `take(blob, verdict)` gets photos, `enough()` ends taking by itself, `hold()` pauses it. */
function viewfinder({ take, enough, hold }) {
  const video = h("video", { playsinline: true, muted: true, "aria-label": "The camera’s picture", hidden: true });
  const marks = h("canvas", { "aria-hidden": "true", hidden: true });
  const flash = h("div", { class: "flash", "aria-hidden": "true" });
  const off = h("div", { class: "off" });
  const box = h("div", { class: "viewfinder" }, off, video, marks, flash);
  const title = h("strong", {});
  const text = h("span", {});
  const sign = h("span", { class: "visually-hidden" });
  const advice = h("div", { class: "advice", role: "status", hidden: true }, sign, h("div", {}, title, text));
  const shutter = h("button", { type: "button", class: "button", onclick: () => release() }, icon("camera"), "Take the photo");
  const auto = h("input", { type: "checkbox", role: "switch", checked: remembered("rollcall.autophoto", "yes") === "yes",
    onchange: () => remember("rollcall.autophoto", auto.checked ? "yes" : "no") });
  const devices = h("select", { "aria-label": "Camera", hidden: true, onchange: () => { remember("rollcall.device", devices.value); open(); } });
  const tools = h("div", { class: "spread", hidden: true }, shutter, h("label", { class: "switch" }, auto, "Take it by itself when it is good"));
  const element = h("div", { class: "stack", style: { gap: "0.75rem" } }, box, advice, tools, devices);

  let media = null;
  let aborter = null;
  let timer = null;
  let last = null;
  let good = 0;
  let closed = false;
  let resting = 0;

  const state = (name) => {
    box.dataset.state = name;
    advice.dataset.state = name;
  };
  const say = (name, heading, words, glyph) => {
    state(name);
    // Said again only when it is something else: a screen reader reads every change.
    if (title.textContent === heading && text.textContent === words) return;
    title.textContent = heading;
    text.textContent = words;
    const old = $("svg", advice);
    if (old) old.replaceWith(icon(glyph));
    else advice.prepend(icon(glyph));
  };
  const showOff = (words, action) => {
    stop();
    fill(off, icon("webcam"), h("p", {}, words), action);
    off.hidden = false;
  };
  const starter = (words = "Start the camera") => h("button", { type: "button", class: "button primary", onclick: open }, icon("camera"), words);

  async function open() {
    if (!navigator.mediaDevices?.getUserMedia) {
      showOff("The browser gives pages a camera only over HTTPS. Open Rollcall by its https:// address, or choose photos below.");
      return;
    }
    const pressed = off.contains(document.activeElement);
    stop();
    fill(off, h("span", { class: "spinner", "aria-hidden": "true" }), h("p", { tabindex: "-1" }, "Waiting for the camera. The browser may ask whether it is allowed."));
    off.hidden = false;
    if (pressed) $("p", off).focus();
    const wish = { width: { ideal: 1280 }, height: { ideal: 960 } };
    const id = devices.value || remembered("rollcall.device", "");
    let got;
    try {
      got = await navigator.mediaDevices.getUserMedia({ video: id ? { ...wish, deviceId: { ideal: id } } : { ...wish, facingMode: "user" }, audio: false });
    } catch (error) {
      const words = {
        NotAllowedError: "This browser may not use the camera. Allow it at the camera sign beside the address, then try again. Photos can be chosen all the same.",
        NotFoundError: "This device has no camera. Connect one and try again, or choose photos.",
        NotReadableError: "The camera is in use by another program. Close that and try again, or choose photos.",
      }[error.name] ?? "The camera cannot be opened. Try again, or choose photos.";
      showOff(words, starter("Try again"));
      return;
    }
    if (closed) {
      for (const track of got.getTracks()) track.stop();
      return;
    }
    media = got;
    const track = media.getVideoTracks()[0];
    track.addEventListener("ended", () => { if (media === got) showOff("The camera was taken away.", starter("Start it again")); });
    // People know themselves from mirrors; a camera that looks away from its holder shows the world as it is.
    const mirrored = track.getSettings().facingMode !== "environment";
    video.classList.toggle("mirrored", mirrored);
    marks.classList.toggle("mirrored", mirrored);
    video.srcObject = media;
    const held = off.contains(document.activeElement);
    off.hidden = true;
    for (const part of [video, marks, advice, tools]) part.hidden = false;
    say("", "One moment", "The first picture is looked at.", "clock");
    if (held) shutter.focus();
    try {
      await video.play();
    } catch {
      // Another start has overtaken this one.
    }
    // The whole of what is judged is shown.
    if (video.videoWidth) box.style.aspectRatio = `${video.videoWidth} / ${video.videoHeight}`;
    remember("rollcall.photocamera", "yes");
    const list = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind, deviceId }) => kind === "videoinput" && deviceId);
    fill(devices, list.map((device, index) => h("option", { value: device.deviceId }, device.label || `Camera ${index + 1}`)));
    devices.value = track.getSettings().deviceId ?? "";
    devices.hidden = list.length < 2;
    if (media === got) look();
  }

  function stop() {
    clearTimeout(timer);
    aborter?.abort();
    aborter = null;
    for (const track of media?.getTracks() ?? []) track.stop();
    media = null;
    last = null;
    good = 0;
    for (const part of [video, marks, advice, tools]) part.hidden = true;
    state("");
  }

  /** The picture as it is now, no larger than it is worth sending. */
  async function grab() {
    const scale = Math.min(1, 1280 / Math.max(video.videoWidth, video.videoHeight));
    const canvas = h("canvas", { width: Math.round(video.videoWidth * scale), height: Math.round(video.videoHeight * scale) });
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
  }

  function mark(verdict) {
    const context = marks.getContext("2d");
    marks.width = verdict?.width ?? 4;
    marks.height = verdict?.height ?? 3;
    const style = getComputedStyle(document.documentElement);
    for (const face of verdict?.faces ?? []) {
      const [x, y, width, height] = face.box;
      context.lineWidth = marks.width / (face.isMain ? 110 : 220);
      context.strokeStyle = style.getPropertyValue(verdict.verdict === "good" && face.isMain ? "--ok" : "--amber");
      context.setLineDash(face.isMain ? [] : [marks.width / 60, marks.width / 80]);
      context.beginPath();
      context.roundRect(x, y, width, height, width / 12);
      context.stroke();
    }
  }

  async function look() {
    const began = performance.now();
    let pause = 450;
    if (!document.hidden && video.videoWidth && performance.now() > resting) {
      const control = new AbortController();
      aborter = control;
      try {
        const blob = await grab();
        const verdict = await judge(blob, control.signal);
        if (control.signal.aborted) return;
        last = { blob, verdict, time: performance.now() };
        mark(verdict);
        const words = VERDICTS[verdict.verdict] ?? { title: "Not yet", text: "" };
        const fine = verdict.verdict === "good";
        good = fine ? good + 1 : 0;
        shutter.classList.toggle("primary", fine);
        if (hold()) say("", "One moment", "First say who it is, above.", "question");
        else if (fine && enough()) say("good", "That is enough", "More photos are welcome in another light, or with glasses on and off.", "check");
        else if (fine) say("good", auto.checked ? "Good: hold still" : words.title, auto.checked ? "The photo takes itself." : words.text, "check");
        else say("bad", words.title, words.text || verdict.advice || "", "warning");
        if (good >= 2 && auto.checked && !enough() && !hold()) release();
      } catch (error) {
        if (control.signal.aborted || error.name === "AbortError") return;
        good = 0;
        say("", error.status === 503 ? "The server is busy" : "Photos cannot be judged now", error.status === 503 ? "It goes on in a moment." : (error.detail ?? error.message), "info");
        pause = 1000 * Math.min(error.retryAfter ?? 3, 10);
      }
    }
    // About two a second, however long an answer takes, and never two at once.
    if (media) timer = setTimeout(look, Math.max(60, pause - (performance.now() - began)));
  }

  async function release() {
    if (!media || !video.videoWidth) return;
    good = 0;
    resting = performance.now() + 900;
    flash.classList.remove("on");
    void flash.offsetWidth;
    flash.classList.add("on");
    // What was seen as good is what is taken: a new picture might have caught a blink.
    if (last?.verdict.verdict === "good" && performance.now() - last.time < 1500) take(last.blob, last.verdict);
    else take(await grab(), null);
  }

  showOff("Photos from this device’s camera, with advice while you take them.", starter());
  if (remembered("rollcall.photocamera", "") === "yes") open();
  return {
    element,
    focus: () => (media ? shutter : $("button", off))?.focus(),
    pause: () => { if (media) showOff("The camera rests.", starter("Start it again")); },
    resume: () => { if (!media && remembered("rollcall.photocamera", "") === "yes") open(); },
    close: () => {
      closed = true;
      stop();
    },
  };
}

// Files

function dropZone(take) {
  const input = h("input", { type: "file", accept: TYPES.join(","), multiple: true, class: "visually-hidden", tabindex: "-1", "aria-label": "Photos",
    onchange: () => { take([...input.files]); input.value = ""; } });
  const zone = h("div", { class: "drop" }, icon("upload"),
    h("p", {}, "Drop photos here, or"), input,
    h("button", { type: "button", class: "button", onclick: () => input.click() }, icon("image"), "Choose photos"),
    h("p", { class: "small muted" }, "JPEG, PNG or WebP, up to 20 MB each"));
  return zone;
}

function acceptDrops(area, zone, take) {
  let depth = 0;
  const has = (event) => event.dataTransfer?.types.includes("Files");
  area.addEventListener("dragenter", (event) => {
    if (!has(event)) return;
    event.preventDefault();
    depth += 1;
    zone.classList.add("over");
  });
  area.addEventListener("dragover", (event) => { if (has(event)) event.preventDefault(); });
  area.addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    if (!depth) zone.classList.remove("over");
  });
  area.addEventListener("drop", (event) => {
    if (!has(event)) return;
    event.preventDefault();
    depth = 0;
    zone.classList.remove("over");
    take([...event.dataTransfer.files]);
  });
}

// What was taken

export function photoCollector({ personId = null, name = () => "this person", onchange = () => {} } = {}) {
  const shots = [];
  /** Ids of people of whom somebody has said that they are others. */
  const others = new Set();
  const queue = [];
  let working = 0;

  const tray = h("div", { class: "tray", hidden: true });
  const question = h("div", { hidden: true });
  const said = h("p", { class: "visually-hidden", role: "status" });
  const finder = viewfinder({
    take: (blob, verdict) => add(blob, verdict),
    enough: () => shots.filter((shot) => shot.state === "good").length >= WANTED,
    hold: () => shots.some(isOpen),
  });
  const zone = dropZone((files) => files.forEach((file) => add(file)));
  const element = h("div", { class: "stack" }, question,
    h("div", { class: "photo-work" }, finder.element, h("div", { class: "stack" }, tray, zone)), said);
  acceptDrops(element, zone, (files) => files.forEach((file) => add(file)));

  /** Whether somebody has to say whom the photo shows. */
  const isOpen = (shot) => shot.state === "alike" || shot.state === "stray";
  const lookalikes = (shot) => shot.duplicates.filter(({ id }) => id !== personId && !others.has(id));

  function settle(shot, verdict) {
    shot.verdict = verdict.verdict;
    shot.advice = verdict.advice;
    shot.duplicates = verdict.duplicates ?? [];
    shot.state = verdict.verdict !== "good" ? "refused" : lookalikes(shot).length ? "alike" : "good";
  }

  function add(blob, verdict = null) {
    const shot = { blob, url: URL.createObjectURL(blob), name: blob.name ?? "Camera", state: "waiting", duplicates: [], number: shots.length + 1 };
    shots.push(shot);
    if (verdict) {
      settle(shot, verdict);
    } else if (blob.name && !TYPES.includes(blob.type)) {
      Object.assign(shot, { state: "refused", advice: "This is not a JPEG, PNG or WebP picture." });
    } else if (blob.size > LARGEST) {
      Object.assign(shot, { state: "refused", advice: "This picture has more than 20 MB." });
    } else {
      queue.push(shot);
      work();
    }
    if (shot.state !== "waiting") announce(shot);
    draw();
  }

  async function work() {
    if (working >= 2 || !queue.length) return;
    const shot = queue.shift();
    working += 1;
    try {
      settle(shot, await judge(shot.blob));
    } catch (error) {
      Object.assign(shot, { state: "refused", advice: error.detail ?? error.message });
    }
    working -= 1;
    announce(shot);
    draw();
    work();
  }

  function announce(shot) {
    said.textContent = `Photo ${shot.number}: ${shot.state === "refused" ? `not usable. ${shot.advice ?? ""}` : shot.state === "alike" ? `looks like ${lookalikes(shot)[0]?.name}` : "good"}`;
  }

  function remove(shot) {
    const at = shots.indexOf(shot);
    if (at < 0) return;
    shots.splice(at, 1);
    const waiting = queue.indexOf(shot);
    if (waiting >= 0) queue.splice(waiting, 1);
    URL.revokeObjectURL(shot.url);
    draw();
    // The button that was pressed is gone: the cursor goes to its neighbour.
    ([...tray.querySelectorAll("button")].at(Math.min(at, tray.children.length - 1)) ?? $("button", zone)).focus();
  }

  function status(shot) {
    if (shot.state === "waiting") return [h("span", { class: "row small muted" }, h("span", { class: "spinner", "aria-hidden": "true" }), "Looking at it")];
    if (shot.state === "sending") return [h("span", { class: "row small muted" }, h("span", { class: "spinner", "aria-hidden": "true" }), "Adding")];
    if (shot.state === "sent") return [badge("Added", "ok", "check")];
    if (shot.state === "good") return [badge("Good", "ok", "check")];
    if (shot.state === "stray") return [badge("Somebody else?", "warn", "question")];
    if (shot.state === "alike") return [badge(`Looks like ${lookalikes(shot)[0].name}`, "warn", "question")];
    return [badge(VERDICTS[shot.verdict]?.word ?? "Not usable", "error", "cross"), shot.advice && h("span", { class: "small" }, shot.advice)];
  }

  function draw() {
    fill(tray, shots.map((shot) => h("div", { class: "shot", dataset: { state: shot.state } },
      h("img", { src: shot.url, alt: "" }),
      h("div", { class: "words" }, h("span", { class: "small muted truncate", style: { maxWidth: "100%" } }, shot.name === "Camera" ? `Photo ${shot.number}` : shot.name), status(shot)),
      shot.state !== "sent" && shot.state !== "sending" && h("button", { type: "button", class: "button quiet icon", "aria-label": `Remove photo ${shot.number}`, onclick: () => remove(shot) }, icon("trash")))));
    tray.hidden = !shots.length;
    ask();
    onchange();
  }

  let asking = null;

  /** Side by side: the photo, and the person whom it looks like, or whose other photos it does not fit. */
  function ask() {
    const shot = shots.find(isOpen);
    const stray = shot?.state === "stray";
    const person = shot && (stray ? shot.stray : lookalikes(shot)[0]);
    question.hidden = !person;
    const key = person ? `${shot.number} ${shot.state} ${person.id}` : null;
    if (key === asking) return;
    asking = key;
    if (!person) {
      fill(question);
      return;
    }
    const heading = uniqueId("alike");
    const words = stray
      ? `The photo does not fit the other photos of ${person.name}.${shot.like ? ` It looks like ${shot.like.name}.` : ""} The photos of one person have to show one person.`
      : "The photo looks like somebody who is enrolled already. One person must not be in the log under two names.";
    const answers = stray
      ? [h("button", { type: "button", class: "button", onclick: () => remove(shot) }, "Somebody else: remove the photo"),
        h("button", { type: "button", class: "button", onclick: () => same(shot) }, `It is ${person.name}: add all the same`)]
      : [h("a", { class: "button", href: `/person?id=${encodeURIComponent(person.id)}` }, `The same person: go to ${person.name}`),
        h("button", { type: "button", class: "button", onclick: () => different(person) }, "Two different people: add all the same")];
    fill(question, h("section", { class: "banner warn", "aria-labelledby": heading }, icon("question"),
      h("div", { class: "stack" },
        h("div", {}, h("h3", { id: heading }, `Is this ${person.name}?`), h("p", {}, words)),
        h("div", { class: "pair" },
          h("div", {}, h("img", { src: shot.url, alt: "The photo that was just taken" }), h("strong", {}, stray ? "This photo" : name() || "This photo")),
          h("span", { "aria-hidden": "true" }, icon("question")),
          h("div", {}, avatar(person.name), h("strong", {}, person.name))),
        h("div", { class: "row" }, answers))));
    $("h3", question).tabIndex = -1;
    $("h3", question).focus();
  }

  function same(shot) {
    shot.allowed = true;
    shot.state = "good";
    draw();
    finder.focus();
  }

  function different(person) {
    others.add(person.id);
    for (const shot of shots) if (shot.state === "alike" && !lookalikes(shot).length) shot.state = "good";
    draw();
    finder.focus();
  }

  return {
    element,
    get ready() { return shots.filter((shot) => shot.state === "good").length; },
    get undecided() { return shots.filter(isOpen).length; },
    get waiting() { return shots.filter((shot) => shot.state === "waiting").length; },
    get sent() { return shots.filter((shot) => shot.state === "sent").length; },
    /** The camera goes off and on; photos stay. */
    pause: finder.pause,
    resume: finder.resume,
    close: () => {
      finder.close();
      for (const shot of shots) URL.revokeObjectURL(shot.url);
    },
    async send(id) {
      let added = 0;
      let failed = 0;
      for (const shot of shots.filter((one) => one.state === "good")) {
        shot.state = "sending";
        draw();
        const allowDifferent = shot.allowed ? "true" : undefined;
        const allowDuplicate = shot.duplicates.some((other) => others.has(other.id)) ? "true" : undefined;
        try {
          await api.post(`/people/${encodeURIComponent(id)}/photos`, shot.blob, { query: { allowDuplicate, allowDifferent } });
          shot.state = "sent";
          added += 1;
        } catch (error) {
          failed += 1;
          if (error.status === 409 && error.problem.duplicate) {
            shot.duplicates.push(error.problem.duplicate);
            shot.state = lookalikes(shot).length ? "alike" : "refused";
            if (shot.state === "refused") shot.advice = error.detail;
          } else if (error.status === 409 && error.problem.type?.endsWith(":stray")) {
            Object.assign(shot, { state: "stray", stray: error.problem.person, like: error.problem.like });
          } else if (error.status === 422 && error.problem.verdict) {
            Object.assign(shot, { state: "refused", verdict: error.problem.verdict, advice: error.problem.advice ?? error.detail });
          } else {
            // Nothing is wrong with the photo: it can be sent again.
            shot.state = "good";
            draw();
            throw error instanceof ApiError ? error : new ApiError(0);
          }
        }
        draw();
      }
      if (failed) toast(failed === 1 ? "One photo was not taken: see why beside it." : `${failed} photos were not taken: see why beside them.`, { tone: "error" });
      return { added, failed };
    },
  };
}
