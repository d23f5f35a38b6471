/** Requests to the server's operations: reads with ETags, commands with an idempotency key, problems as errors. */
/** @import {Problem, Urls} from "./types.js" */

const TIMEOUT_MS = 15_000;

/** The server did not answer, or could not for the moment: asking again with the same key is safe. */
export class Unreachable extends Error {
  /**
   * @param {string} message
   * @param {number} [waitMs]  as Retry-After says
   */
  constructor(message, waitMs = 0) {
    super(message);
    this.waitMs = waitMs;
  }
}

/** The server refused; `problem` says why. */
export class Refused extends Error {
  /** @param {Problem} problem */
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
    this.name = problem.type.split("/").pop() ?? "";
  }
}

export class Api {
  /**
   * @param {Urls} urls  templates with {request} and {session}
   * @param {string} csrf
   */
  constructor(urls, csrf) {
    this.urls = urls;
    this.csrf = csrf;
  }

  /**
   * @param {string} name
   * @param {Record<string, string | number>} [values]
   * @param {Record<string, string | number | boolean>} [query]
   */
  url(name, values = {}, query = {}) {
    const template = this.urls[name];
    if (template === undefined) throw new Error(`the page gives no address of ${name}`);
    const path = template.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? encodeURIComponent(String(values[key])) : whole));
    const parameters = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]));
    return parameters.toString() ? `${path}${path.includes("?") ? "&" : "?"}${parameters}` : path;
  }

  /**
   * @param {string} url
   * @param {{etag?: string, signal?: AbortSignal}} [options]
   * @returns {Promise<{changed: boolean, etag: string, body: any}>}
   */
  async read(url, { etag = "", signal } = {}) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (etag) headers["If-None-Match"] = etag;
    const response = await this.#fetch(url, { headers, cache: "no-store" }, signal);
    if (response.status === 304) return { changed: false, etag, body: null };
    return { changed: true, etag: response.headers.get("ETag") ?? "", body: await answerOf(response) };
  }

  /**
   * @param {string} url
   * @param {object} body
   * @param {{key?: string, signal?: AbortSignal}} [options]  `key`: sent twice, it happens once
   * @returns {Promise<any>}
   */
  async send(url, body, { key, signal } = {}) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": this.csrf };
    if (key) headers["Idempotency-Key"] = key;
    return answerOf(await this.#fetch(url, { method: "POST", headers, body: JSON.stringify(body) }, signal));
  }

  /**
   * @param {string} url
   * @param {RequestInit} init
   * @param {AbortSignal} [signal]
   */
  async #fetch(url, init, signal) {
    const patience = new AbortController();
    const timer = window.setTimeout(() => patience.abort(), TIMEOUT_MS);
    const stop = () => patience.abort();
    signal?.addEventListener("abort", stop);
    try {
      const response = await fetch(url, { ...init, credentials: "same-origin", signal: patience.signal });
      if (response.status >= 500 || response.status === 408 || response.status === 429) {
        throw new Unreachable(`status ${response.status}`, 1000 * Number(response.headers.get("Retry-After") ?? 0));
      }
      return response;
    } catch (error) {
      if (signal?.aborted || error instanceof Unreachable) throw error;
      throw new Unreachable(String(error));
    } finally {
      window.clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
  }
}

/** @param {Response} response */
async function answerOf(response) {
  const text = await response.text().catch((error) => {
    throw new Unreachable(String(error));
  });
  /** @type {any} */
  let body = null;
  try {
    body = JSON.parse(text);
  } catch {
    if (response.ok) throw new Unreachable("an answer that is no JSON");
  }
  if (response.ok) return body;
  const plain = { status: response.status, type: "", title: "", detail: response.statusText, next: "" };
  throw new Refused({ ...plain, ...body, status: response.status });
}

/** A key that nobody can guess; `crypto.randomUUID` is missing on pages served without TLS. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
