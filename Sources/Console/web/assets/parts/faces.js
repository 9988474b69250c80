/*
 * Faces on pictures: boxes and labels on a canvas, and the same in words. Used by the live view, this browser's camera
 * and the kiosk.
 *
 *   const view = fitCanvas(canvas, 640, 360);              // → {context, x, y, width, height}: where the picture lies, in CSS pixels
 *   drawFaces(view, faces, { frameWidth: 1280, frameHeight: 720, largest: true, mirror: false, labels: true });
 *   describeFace(face)  describeEvent(event)  eventRow(event)  hereList()  stillDialog({…})  announcer()
 *
 * Boxes come in pixels of the frame in which they were found, whatever size the picture has by now.
 */

import { api } from "/assets/parts/api.js";
import { avatar, h, icon, maskBadge, MASKS, openDialog, personName, saveBlob, sureness, timeElement, toast } from "/assets/parts/ui.js";

// Bright enough on a dark label; a sign and a word say the same, for those to whom the colours look alike.
const TINTS = { mask: "#3ddc84", incorrect: "#ffbe3d", covering: "#b9a2ff", none: "#ff7a70", unsure: "#c3ccd6" };
const SIGNS = { mask: "✓", incorrect: "!", covering: "~", none: "×", unsure: "?" };

export function tint(label) {
  return TINTS[label] ?? TINTS.unsure;
}

export function faceName(face) {
  if (face.identity) return eitherName(face.identity);
  return face.status === "poor" ? "Too unclear" : "Unknown";
}

/** The name, and that of another person who is about equally near, such as a twin. */
function eitherName(identity) {
  return identity.rival ? `${identity.name} or ${identity.rival.name}` : identity.name;
}

export function largestFace(faces) {
  let best = null;
  for (const face of faces) {
    if (!best || face.box[2] * face.box[3] > best.box[2] * best.box[3]) best = face;
  }
  return best;
}

export function describeFace(face) {
  const who = face.identity
    ? `${eitherName(face.identity)}, ${sureness(face.identity.confidence)} sure`
    : face.status === "poor" ? "A face too unclear to tell" : "Unknown person";
  const mask = MASKS[face.mask?.label];
  return mask ? `${who}, ${mask.long}` : who;
}

/** Sizes a canvas for the screen's pixels and says where a picture of that shape lies in it. */
export function fitCanvas(canvas, pictureWidth, pictureHeight) {
  const ratio = Math.min(window.devicePixelRatio || 1, 3);
  const { clientWidth, clientHeight } = canvas;
  const width = Math.max(1, Math.round(clientWidth * ratio));
  const height = Math.max(1, Math.round(clientHeight * ratio));
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, clientWidth, clientHeight);
  const scale = Math.min(clientWidth / pictureWidth, clientHeight / pictureHeight);
  const shown = { width: pictureWidth * scale, height: pictureHeight * scale };
  return { context, x: (clientWidth - shown.width) / 2, y: (clientHeight - shown.height) / 2, ...shown };
}

export function drawFaces(view, faces, { frameWidth, frameHeight, largest = false, mirror = false, labels = true }) {
  const { context: pen } = view;
  const across = view.width / frameWidth;
  const down = view.height / frameHeight;
  const size = Math.round(Math.min(24, Math.max(12, view.width / 44)));
  const main = largest ? largestFace(faces) : null;
  const boxes = faces.map((face) => {
    const [left, top, width, height] = face.box;
    const x = mirror ? frameWidth - left - width : left;
    return { face, x: view.x + x * across, y: view.y + top * down, width: width * across, height: height * down };
  });

  pen.save();
  pen.lineJoin = "round";
  for (const { face, x, y, width, height } of boxes) {
    const round = Math.min(10, width / 6);
    pen.setLineDash([]);
    pen.beginPath();
    pen.roundRect(x, y, width, height, round);
    pen.lineWidth = face === main ? 8 : 6;
    pen.strokeStyle = "rgba(8, 12, 17, 0.65)";
    pen.stroke();
    // Dashes for people who are not known: the shape tells it, too.
    pen.setLineDash(face.identity ? [] : [9, 6]);
    pen.lineWidth = face === main ? 4.5 : 3;
    pen.strokeStyle = tint(face.mask?.label);
    pen.stroke();
    if (face === main) corners(pen, x, y, width, height);
  }
  pen.setLineDash([]);

  const taken = [];
  const heads = boxes.map(({ x, y, width, height }) => ({ left: x, top: y, width, height: height * 0.6 }));
  for (const box of labels ? boxes : []) label(pen, view, box, size, box.face === main, taken, heads);
  pen.restore();
}

/** White angles around the largest face: a second mark that is no colour of a mask. */
function corners(pen, x, y, width, height) {
  const gap = 7;
  const arm = Math.max(10, width / 5);
  pen.setLineDash([]);
  pen.beginPath();
  for (const [cx, cy, sx, sy] of [[x - gap, y - gap, 1, 1], [x + width + gap, y - gap, -1, 1], [x - gap, y + height + gap, 1, -1], [x + width + gap, y + height + gap, -1, -1]]) {
    pen.moveTo(cx + sx * arm, cy);
    pen.lineTo(cx, cy);
    pen.lineTo(cx, cy + sy * arm);
  }
  pen.lineWidth = 5;
  pen.strokeStyle = "rgba(8, 12, 17, 0.65)";
  pen.stroke();
  pen.lineWidth = 2.5;
  pen.strokeStyle = "#ffffff";
  pen.stroke();
}

function label(pen, view, { face, x, y, width, height }, size, main, taken, heads) {
  const font = (weight) => `${weight} ${size}px system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif`;
  const pad = Math.round(size * 0.45);
  const state = face.mask?.label;
  const extra = face.identity ? ` ${sureness(face.identity.confidence)}` : "";
  const words = [MASKS[state]?.word, main && "largest"].filter(Boolean).join(" · ");

  pen.font = font(650);
  pen.textBaseline = "middle";
  const limit = Math.max(view.width * 0.6, size * 8);
  const name = shorten(pen, faceName(face), limit - pen.measureText(extra).width);
  const nameWidth = pen.measureText(name).width;
  const firstWidth = nameWidth + pen.measureText(extra).width;
  pen.font = font(500);
  const secondWidth = words ? size * 1.35 + pen.measureText(words).width : 0;
  const line = size * 1.32;
  const plateWidth = Math.max(firstWidth, secondWidth) + pad * 2;
  const plateHeight = line * (words ? 2 : 1) + pad;

  const right = view.x + view.width - plateWidth - 2;
  const left = Math.max(view.x + 2, Math.min(x + width / 2 - plateWidth / 2, right));
  const bottom = view.y + view.height - plateHeight - 2;
  // Above the face if there is room, else below, else on the chest: never over the eyes if it can be helped.
  const places = [y - plateHeight - 6, y + height + 6, y + height - plateHeight - 4].map((top) => Math.max(view.y + 2, Math.min(top, bottom)));
  const cover = (top, other) =>
    Math.max(0, Math.min(left + plateWidth, other.left + other.width) - Math.max(left, other.left)) *
    Math.max(0, Math.min(top + plateHeight, other.top + other.height) - Math.max(top, other.top));
  // Words on words are unreadable, words on a face hide what matters: the place that costs least, the first of equals.
  const cost = (top) => taken.reduce((sum, other) => sum + 3 * cover(top, other), 0) + heads.reduce((sum, other) => sum + cover(top, other), 0);
  const top = places.reduce((best, at) => (cost(at) < cost(best) - 1 ? at : best));
  taken.push({ left, top, width: plateWidth, height: plateHeight });

  pen.beginPath();
  pen.roundRect(left, top, plateWidth, plateHeight, 6);
  pen.fillStyle = "rgba(11, 16, 22, 0.88)";
  pen.fill();
  pen.font = font(650);
  pen.fillStyle = "#ffffff";
  pen.fillText(name, left + pad, top + pad / 2 + line / 2);
  pen.fillStyle = "#cdd6df";
  pen.fillText(extra, left + pad + nameWidth, top + pad / 2 + line / 2);
  if (!words) return;

  const middle = top + pad / 2 + line * 1.5;
  if (state) {
    const radius = size * 0.5;
    pen.beginPath();
    pen.arc(left + pad + radius, middle, radius, 0, Math.PI * 2);
    pen.fillStyle = tint(state);
    pen.fill();
    pen.fillStyle = "#0b1016";
    pen.font = `800 ${Math.round(size * 0.8)}px system-ui, sans-serif`;
    pen.textAlign = "center";
    pen.fillText(SIGNS[state] ?? "?", left + pad + radius, middle + size * 0.04);
    pen.textAlign = "left";
  }
  pen.font = font(500);
  pen.fillStyle = tint(state);
  pen.fillText(words, left + pad + size * 1.35, middle);
}

function shorten(pen, text, limit) {
  if (pen.measureText(text).width <= limit) return text;
  let length = text.length;
  while (length > 1 && pen.measureText(`${text.slice(0, length)}…`).width > limit) length--;
  return `${text.slice(0, length)}…`;
}

/** Keeps a list of the faces for those who do not see the picture. It changes once a second at most. */
export function faceList(camera) {
  const list = h("ul", { class: "visually-hidden", "aria-label": `Faces at ${camera}` });
  let last = "";
  let next = 0;
  return {
    element: list,
    update(faces, now = false) {
      if (performance.now() < next && !now) return;
      const lines = faces.length ? faces.map(describeFace) : ["No face"];
      const text = lines.join("\n");
      if (text === last) return;
      last = text;
      next = performance.now() + 1000;
      list.replaceChildren(...lines.map((words) => h("li", {}, words)));
    },
  };
}

/** What scrolls must be reachable by keyboard. */
export function scrollBox(words, ...children) {
  return h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": words }, children);
}

/**
 * The card "Here now": `see(camera, faces, time)` for each moment, `tick()` twice a second or so.
 * Somebody counts as here for four seconds after the last sight: a turned head is no departure.
 */
export function hereList({ link = true } = {}) {
  // Milliseconds after which somebody is not here any more. A stranger is one after a moment only: until then it may be somebody known who
  // is being recognised, or a face that was lost and is found under another number.
  const GONE = 4000, STRANGER_GONE = 1500, STRANGER_KNOWN = 1500;
  const people = new Map();
  const list = h("ul", { class: "events" });
  const none = h("p", { class: "none" }, "Nobody is in front of a camera.");
  const count = h("span", { class: "muted num" });
  let shown = null;

  const see = (camera, faces, time) => {
    let news = false;
    for (const face of faces) {
      // Somebody known is one person, however many cameras see them; strangers are told apart by camera and track.
      const stranger = `t ${camera} ${face.track}`;
      const key = face.identity ? `p ${face.identity.id}` : stranger;
      const now = performance.now();
      const before = people.get(key);
      if (face.identity && !before) news = true;
      people.set(key, { since: before?.since ?? time, first: before?.first ?? now, face, camera, last: now });
      // A stranger who has got a name is not a second person.
      if (face.identity) people.delete(stranger);
    }
    // Who has just got a name is shown at once.
    if (news) tick();
  };

  const tick = () => {
    const now = performance.now();
    for (const [key, entry] of people) if (now - entry.last > (entry.face.identity ? GONE : STRANGER_GONE)) people.delete(key);
    const entries = [...people].filter(([, entry]) => entry.face.identity || entry.last - entry.first > STRANGER_KNOWN).sort(([, a], [, b]) => Boolean(b.face.identity) - Boolean(a.face.identity) || a.since.localeCompare(b.since));
    // Redrawn only when something has changed: a list that is always new cannot be read, clicked or heard.
    const text = entries.map(([key, { face, camera }]) => [key, face.mask?.label, face.status, camera].join()).join("\n");
    if (text === shown) return;
    shown = text;
    none.hidden = entries.length > 0;
    count.textContent = entries.length ? String(entries.length) : "";
    const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    list.replaceChildren(...entries.map(([, { face, camera, since }]) => h("li", { class: "event" }, avatar(face.identity?.name),
      h("div", { class: "grow" },
        h("div", { class: "event-line" }, nameOf(face.identity, faceLong(face), link), h("span", { class: "muted small nowrap" }, "since ", timeElement(since, "time"))),
        h("div", { class: "event-line small" }, h("span", { class: "muted truncate" }, camera), maskBadge(face.mask?.label))))));
    if (focused) list.querySelector(`[href="${CSS.escape(focused)}"]`)?.focus();
  };

  const element = h("section", { class: "card flush", "aria-label": "Here now" },
    h("div", { class: "card-head" }, h("h2", {}, "Here now"), count), scrollBox("People here now", none, list));
  const forget = (id) => {
    if (people.delete(`p ${id}`)) tick();
  };
  return { element, see, tick, forget };
}

function nameOf(person, words, link) {
  return person && link
    ? h("a", { class: "truncate", href: `/person?id=${encodeURIComponent(person.id)}` }, words)
    : h("span", { class: "truncate" }, person ? h("strong", {}, words) : words);
}

function faceLong(face) {
  if (face.identity) return face.identity.name;
  return face.status === "poor" ? "Too unclear to tell" : "Unknown person";
}

// Events

export function describeEvent(event) {
  const who = personName(event.person, event.status);
  const mask = MASKS[event.mask];
  if (event.kind === "mask") return `${who} at ${event.camera} now ${mask ? mask.long : "is seen again"}`;
  return `${who} arrived at ${event.camera}${mask ? `, ${mask.long}` : ""}`;
}

const KINDS = { arrival: "arrived", mask: "mask changed", seen: "seen", photo: "photo" };

/** A list item for EVENT. Without `link` the name leads nowhere, and stored pictures are not offered. */
export function eventRow(event, { link = true } = {}) {
  const name = personName(event.person, event.status);
  return h("li", { class: "event", dataset: event.person ? { person: event.person.id } : {} }, avatar(event.person?.name),
    h("div", { class: "grow" },
      h("div", { class: "event-line" }, nameOf(event.person, name, link), timeElement(event.time, "time")),
      h("div", { class: "event-line small" },
        h("span", { class: "muted truncate" }, `${KINDS[event.kind] ?? event.kind} · ${event.camera}`), maskBadge(event.mask))),
    link && event.snapshot && h("button", { class: "button quiet icon small", type: "button", "aria-label": `Picture of ${name}`, title: "Picture", onclick: () => showSnapshot(event) }, icon("image")));
}

/** The stored picture of an event. It is fetched only when somebody wants to see it: each look goes into the audit. */
export async function showSnapshot(event) {
  let picture;
  try {
    picture = await api.get(`/events/${encodeURIComponent(event.id)}/snapshot`);
  } catch (error) {
    toast(error.status === 404 ? new Error("This picture is not kept any more.") : error);
    return;
  }
  const url = URL.createObjectURL(picture);
  const name = personName(event.person, event.status);
  await openDialog({
    title: `${name}, ${event.camera}`, wide: true,
    content: (close) => [
      h("img", { class: "still", src: url, alt: describeEvent(event) }),
      h("div", { class: "spread" }, h("span", { class: "row" }, timeElement(event.time), maskBadge(event.mask)),
        h("div", { class: "row" },
          h("button", { class: "button", type: "button", onclick: () => saveBlob(picture, `${event.camera}-${event.id}.jpg`) }, icon("download"), "Download"),
          h("button", { class: "button primary", type: "button", onclick: () => close() }, "Close"))),
    ],
  });
  URL.revokeObjectURL(url);
}

/**
 * Says arrivals aloud without a flood: what happens within a few seconds is said in one sentence.
 * The element must be in the page before anything is said.
 */
export function announcer(pause = 5000) {
  const element = h("div", { class: "visually-hidden", "aria-live": "polite" });
  let waiting = [];
  let timer = null;
  const say = () => {
    timer = null;
    if (!waiting.length) return;
    element.textContent = waiting.length > 3 ? `${waiting.length} arrivals, the last: ${waiting.at(-1)}` : waiting.join(". ");
    waiting = [];
    timer = setTimeout(say, pause);
  };
  return {
    element,
    say(text) {
      waiting.push(text);
      timer ??= setTimeout(say, 300);
    },
    clear() {
      waiting = [];
      element.textContent = "";
    },
  };
}

/** A still with its boxes: look at it, with or without them, and save it as PNG. */
export function stillDialog({ camera, time, source, faces, frameWidth, frameHeight, largest = false, mirror = false }) {
  const width = source.videoWidth || source.naturalWidth || source.width;
  const height = source.videoHeight || source.naturalHeight || source.height;
  const picture = document.createElement("canvas");
  picture.width = width;
  picture.height = height;
  const still = picture.getContext("2d");
  if (mirror) still.setTransform(-1, 0, 0, 1, width, 0);
  still.drawImage(source, 0, 0, width, height);

  const canvas = h("canvas", { class: "still", role: "img", "aria-label": `Picture of ${camera}: ${faces.length ? faces.map(describeFace).join("; ") : "no face"}` });
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d");
  const draw = (boxes) => {
    pen.drawImage(picture, 0, 0);
    if (boxes) drawFaces({ context: pen, x: 0, y: 0, width, height }, faces, { frameWidth, frameHeight, largest, mirror });
  };
  draw(true);
  const stamp = new Date(time);
  const two = (value) => String(value).padStart(2, "0");
  const name = `${camera.replace(/[^\w.-]+/g, "_")}-${stamp.getFullYear()}-${two(stamp.getMonth() + 1)}-${two(stamp.getDate())}-${two(stamp.getHours())}${two(stamp.getMinutes())}${two(stamp.getSeconds())}.png`;

  return openDialog({
    title: `Still from ${camera}`, wide: true,
    content: (close) => [
      canvas,
      h("div", { class: "spread" },
        h("label", { class: "switch" }, h("input", { type: "checkbox", role: "switch", checked: true, onchange: (event) => draw(event.target.checked) }), "Boxes and names"),
        timeElement(time, "seconds")),
      h("p", { class: "small muted" }, "This picture is only in your browser. Saved, it shows people: keep it no longer than you need it."),
      h("div", { class: "dialog-foot" },
        h("button", { class: "button", type: "button", onclick: () => close() }, "Close"),
        h("button", { class: "button primary", type: "button", onclick: () => canvas.toBlob((blob) => saveBlob(blob, name), "image/png") }, icon("download"), "Download PNG")),
    ],
  });
}
