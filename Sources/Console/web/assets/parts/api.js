/*
 * How pages speak to the server.
 *
 *   import { api, ApiError, stream } from "/assets/parts/api.js";
 *
 *   const person = await api.get("/people/ada");
 *   const page = await api.get("/people", { query: { search: "ada", limit: 50 } });      // empty values are left out
 *   await api.post("/people", { name: "Ada" });            // an object goes as JSON, a Blob as it is
 *   await api.patch("/people/ada", { name: "Ada" }, { headers: { "If-Match": etag } });
 *   await api.delete("/people/ada");
 *   for await (const person of api.each("/people", { group: "staff" })) …                  // all pages of a list
 *   const { body, response } = await api.send("GET", "/people/ada");                     // with the headers
 *
 * Everything that fails throws an ApiError with `status` (0: the server was not reached), `detail` (a sentence for
 * people), `errors` ([{pointer, detail}]), `retryAfter` (seconds or null) and `problem` (the whole answer).
 *
 *   const close = stream("/live", { cameras: "door" }, {
 *     moment: (data) => …, event: (data) => …,               // one function per kind of server event; data is parsed JSON
 *   }, (state) => …, { silence: 15000 });                   // "connecting" | "open" | "waiting"
 *
 * A page behind the shell need not care for 401: the shell sends people to the login page.
 */

const BASE = "/api/v1";

let csrf = null;
let bearer = null;
let onUnauthorised = null;

/** Takes over the session object that GET or POST /session answered. */
export function useSession(session) {
  csrf = session?.csrf ?? null;
}

/** From now on requests carry this token and no session (kiosk). */
export function useToken(token) {
  bearer = token;
}

/** Called when an answer says that nobody is logged in. */
export function whenUnauthorised(action) {
  onUnauthorised = action;
}

export class ApiError extends Error {
  constructor(status, problem = {}, retryAfter = null) {
    const detail = problem.detail || problem.title || sentence(status);
    super(detail);
    this.name = "ApiError";
    this.status = status;
    this.detail = detail;
    this.errors = Array.isArray(problem.errors) ? problem.errors : [];
    this.retryAfter = retryAfter;
    this.problem = problem;
  }
}

function sentence(status) {
  if (status === 0) return "The server cannot be reached. Check the network and try again.";
  if (status === 401) return "You are not logged in.";
  if (status === 403) return "You may not do that.";
  if (status === 404) return "There is nothing here by that name.";
  if (status === 409) return "Somebody else has changed this, or it exists already.";
  if (status === 412) return "This was changed by somebody else in the meantime. Load it again.";
  if (status === 413) return "That is too large.";
  if (status === 429) return "Too many attempts. Wait a moment.";
  if (status === 503) return "The server is busy. Try again in a moment.";
  return `The server answered ${status}.`;
}

export function address(path, query = {}) {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === "") continue;
    parts.set(name, value);
  }
  const text = parts.toString();
  return BASE + path + (text ? `?${text}` : "");
}

/** 24 random characters. Not crypto.randomUUID: that one is missing where the page came without TLS. */
export function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function send(method, path, body, options = {}) {
  const { query, signal, once = method === "POST", quiet = false } = options;
  const headers = new Headers(options.headers);
  headers.set("Accept", "application/json, application/problem+json");
  const reads = method === "GET" || method === "HEAD";
  if (bearer) headers.set("Authorization", `Bearer ${bearer}`);
  else if (!reads && csrf) headers.set("X-CSRF-Token", csrf);
  if (method === "POST" && once) headers.set("Idempotency-Key", randomKey());

  let payload;
  if (body instanceof Blob) {
    payload = body;
    if (body.type) headers.set("Content-Type", body.type);
  } else if (body !== undefined) {
    payload = JSON.stringify(body);
    headers.set("Content-Type", "application/json");
  }

  const ask = async () => {
    try {
      return await fetch(address(path, query), {
        method, headers, body: payload, signal, cache: "no-store", credentials: bearer ? "omit" : "same-origin",
      });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      return null;
    }
  };

  let response = await ask();
  // An answer that got lost is asked for again only where the key (or the method) makes a second time harmless.
  if (!response && (reads || headers.has("Idempotency-Key"))) {
    await new Promise((wake) => setTimeout(wake, 600));
    response = await ask();
  }
  if (!response) throw new ApiError(0);

  // A login in another tab gives this browser a new session, and this page still holds the old one's CSRF token.
  if (response.status === 403 && !reads && !bearer) {
    const fresh = await fetch(address("/session"), { cache: "no-store" }).then((r) => (r.ok ? r.json() : null), () => null);
    if (fresh && fresh.csrf !== csrf) {
      useSession(fresh);
      headers.set("X-CSRF-Token", csrf);
      response = (await ask()) ?? response;
    }
  }

  const answer = await parse(response);
  if (!response.ok) {
    const wait = Number.parseInt(response.headers.get("Retry-After"), 10);
    const problem = answer && typeof answer === "object" && !(answer instanceof Blob) ? answer : {};
    const error = new ApiError(response.status, problem, Number.isFinite(wait) ? wait : null);
    if (response.status === 401 && !quiet && onUnauthorised) onUnauthorised(error);
    throw error;
  }
  return { body: answer, response };
}

async function parse(response) {
  if (response.status === 204) return null;
  const type = response.headers.get("Content-Type") ?? "";
  if (/\bjson\b/.test(type)) return response.json().catch(() => null);
  if (type.startsWith("image/") || response.headers.has("Content-Disposition")) return response.blob();
  return response.text();
}

async function* each(path, query = {}) {
  let after;
  do {
    const page = await api.get(path, { query: { limit: 500, ...query, after } });
    yield* page.items;
    after = page.next;
  } while (after);
}

export const api = {
  send: (method, path, options = {}) => send(method, path, options.body, options),
  get: async (path, options) => (await send("GET", path, undefined, options)).body,
  post: async (path, body, options) => (await send("POST", path, body, options)).body,
  put: async (path, body, options) => (await send("PUT", path, body, options)).body,
  patch: async (path, body, options) => (await send("PATCH", path, body, options)).body,
  delete: async (path, options) => (await send("DELETE", path, undefined, options)).body,
  each,
};

/**
 * Server-sent events that come back after every break. The browser's own EventSource gives up for good on an HTTP
 * error, such as 503 while the server starts: this one asks again, ever more slowly up to ten seconds. A connection
 * that has died without a word (a laptop that slept, a router that forgot) is noticed when nothing has come for
 * `silence` milliseconds; give it only for streams that promise to speak.
 */
export function stream(path, query, handlers, onState = () => {}, { silence = 0 } = {}) {
  const listening = new AbortController();
  let source = null;
  let closed = false;
  let timer = null;
  let watch = null;
  let pause = 500;

  const heard = () => {
    if (!silence) return;
    clearTimeout(watch);
    watch = setTimeout(() => {
      onState("waiting");
      source?.close();
      retry();
    }, silence);
  };

  const open = () => {
    if (closed) return;
    onState("connecting");
    heard();
    source = new EventSource(address(path, query));
    source.onopen = () => {
      pause = 500;
      heard();
      onState("open");
    };
    source.onerror = () => {
      if (closed) return;
      onState("waiting");
      // While the browser tries by itself it also sends Last-Event-ID, which a new EventSource could not.
      if (source.readyState !== EventSource.CLOSED) return;
      clearTimeout(timer);
      timer = setTimeout(retry, pause);
      pause = Math.min(pause * 2, 10_000);
    };
    for (const [kind, handler] of Object.entries(handlers)) {
      source.addEventListener(kind, (message) => {
        if (closed) return;
        heard();
        let data = null;
        try {
          data = message.data ? JSON.parse(message.data) : null;
        } catch {
          return;
        }
        handler(data, message);
      });
    }
  };

  // EventSource does not tell why it failed; a session that has ended is worth knowing.
  const retry = async () => {
    clearTimeout(watch);
    try {
      await api.get("/session");
    } catch (error) {
      if (error.status === 401) return;
    }
    open();
  };

  const shut = () => {
    clearTimeout(timer);
    clearTimeout(watch);
    source?.close();
  };

  open();
  // Browsers hold six connections to a server without HTTP/2: a page that is left must not keep one of them.
  addEventListener("pagehide", shut, { signal: listening.signal });
  addEventListener("pageshow", (event) => {
    if (event.persisted) open();
  }, { signal: listening.signal });
  return () => {
    closed = true;
    listening.abort();
    shut();
  };
}
