/*
 * This device's camera, and the way of its frames to the server. Used by /camera and /kiosk.
 *
 *   const media = await openCamera({ deviceId });                  // throws Trouble with `title`, `detail`, `steps`
 *   const sender = new FrameSender(video, "front-desk", {
 *     answer: ({ faces, events, width, height, frame, time }) => …,   // frame: the canvas that was sent
 *     failure: (error, willRetry) => …,
 *   });
 *   sender.start();  sender.stop();
 */

import { api } from "/assets/parts/api.js";

const WIDEST = 1280;      // pixels: more costs time and finds no more faces at a door
const QUALITY = 0.85;
const FASTEST = 125;      // milliseconds from frame to frame: eight a second

export class Trouble extends Error {
  constructor(title, detail, steps = []) {
    super(title);
    this.title = title;
    this.detail = detail;
    this.steps = steps;
  }
}

export async function openCamera({ deviceId, facing = "user" } = {}) {
  if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) {
    throw new Trouble("The browser gives cameras only to secure pages",
      window.isSecureContext ? "This browser has no access to cameras." : "This page came without TLS, so the browser keeps the camera back.",
      window.isSecureContext ? ["Use a current browser."] : [
        "Open Rollcall by its https:// address.",
        "On the computer that runs Rollcall itself, http://localhost works, too.",
      ]);
  }
  const picture = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 15, max: 30 } };
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: deviceId ? { ...picture, deviceId: { exact: deviceId } } : { ...picture, facingMode: facing },
    });
  } catch (error) {
    // The camera that was chosen last time may be unplugged: any other is better than none.
    if (deviceId && (error.name === "OverconstrainedError" || error.name === "NotFoundError")) return openCamera({ facing });
    throw explain(error);
  }
}

function explain(error) {
  switch (error.name) {
    case "NotAllowedError":
    case "SecurityError":
      return new Trouble("The camera may not be used", "The browser, or the system behind it, does not allow this page to see the camera.", [
        "Click the camera or lock sign beside the address and allow the camera for this page.",
        "Look into the system’s privacy settings: the browser itself must be allowed to use the camera.",
        "Then try again.",
      ]);
    case "NotFoundError":
    case "OverconstrainedError":
      return new Trouble("No camera was found", "This device has no camera, or it is switched off.", [
        "Plug a camera in, or open its shutter or switch.",
        "Then try again.",
      ]);
    case "NotReadableError":
    case "AbortError":
      return new Trouble("The camera is busy", "Another program, or another page, is using it.", [
        "Close video calls and other pages that show the camera.",
        "Then try again.",
      ]);
    default:
      return new Trouble("The camera could not be started", error.message || error.name, ["Try again, or choose another camera."]);
  }
}

/** The cameras of this device: [{id, label}]. Names are known only after the permission. */
export async function listCameras() {
  const devices = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  return devices.filter(({ kind, deviceId }) => kind === "videoinput" && deviceId)
    .map(({ deviceId, label }, index) => ({ id: deviceId, label: label || `Camera ${index + 1}` }));
}

export function closeCamera(media) {
  for (const track of media?.getTracks() ?? []) track.stop();
}

/** A picture of somebody who looks at themself is expected as in a mirror; one of a room is not. */
export function looksAtUser(media) {
  const { facingMode } = media.getVideoTracks()[0]?.getSettings?.() ?? {};
  return !facingMode || facingMode === "user";
}

export class FrameSender {
  constructor(video, camera, { answer, failure }) {
    this.video = video;
    this.camera = camera;
    this.onAnswer = answer;
    this.onFailure = failure;
    // Two canvases in turn: the frame that was answered last stays whole while the next one is on its way.
    this.canvases = [document.createElement("canvas"), document.createElement("canvas")];
    this.running = false;
    this.times = [];
  }

  get path() {
    return `/cameras/${encodeURIComponent(this.camera)}/frames`;
  }

  /** Answers a second, over the last few. */
  get rate() {
    const [first] = this.times;
    const last = this.times.at(-1);
    return this.times.length > 1 && performance.now() - last < 3000 ? ((this.times.length - 1) * 1000) / (last - first) : 0;
  }

  start() {
    if (this.running) return;
    this.running = true;
    this.turn = Symbol("turn");
    this.loop(this.turn);
  }

  stop() {
    this.running = false;
    this.turn = null;
    this.abort?.abort();
  }

  async loop(turn) {
    const pause = (time) => new Promise((wake) => setTimeout(wake, Math.max(0, time)));
    let failures = 0;
    // One frame in flight: when the server needs longer there are fewer frames, and never a queue of old ones.
    while (this.running && this.turn === turn) {
      const began = performance.now();
      try {
        const frame = this.grab();
        if (!frame) {
          await pause(100);
          continue;
        }
        const time = new Date().toISOString();
        const picture = await new Promise((done) => frame.toBlob(done, "image/jpeg", QUALITY));
        if (!picture) throw new Error("This browser cannot make JPEG pictures.");
        this.abort = new AbortController();
        const hurry = setTimeout(() => this.abort.abort(), 15_000);
        let answer;
        try {
          answer = await api.post(this.path, picture, { once: false, signal: this.abort.signal });
        } finally {
          clearTimeout(hurry);
        }
        if (this.turn !== turn) return;
        failures = 0;
        this.canvases.reverse();
        this.times.push(performance.now());
        if (this.times.length > 12) this.times.shift();
        this.onAnswer({ ...answer, frame, time, delay: performance.now() - began });
      } catch (error) {
        if (this.turn !== turn) return;
        failures += 1;
        // What repeating cannot mend ends it: no right, a taken name, a refused picture, no login.
        const final = [400, 401, 403, 404, 405, 409, 413, 415, 422].includes(error.status);
        this.onFailure(error, !final);
        if (final) {
          this.running = false;
          return;
        }
        await pause(error.retryAfter ? Math.min(error.retryAfter, 30) * 1000 : Math.min(500 * 2 ** failures, 8000));
        continue;
      }
      await pause(FASTEST - (performance.now() - began));
    }
  }

  grab() {
    const { videoWidth, videoHeight, readyState } = this.video;
    if (!videoWidth || readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return null;
    const scale = Math.min(1, WIDEST / videoWidth);
    const canvas = this.canvases[1];
    canvas.width = Math.round(videoWidth * scale);
    canvas.height = Math.round(videoHeight * scale);
    canvas.getContext("2d").drawImage(this.video, 0, 0, canvas.width, canvas.height);
    return canvas;
  }
}
