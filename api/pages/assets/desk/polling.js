/** Polling of the week while the page is visible, and the age of what is on the screen. */
/** @import {Desk} from "./types.js" */
import { Refused } from "./api.js";

const EVERY_MS = 1000;
const SILENT_MS = 5000;

export class Polling extends EventTarget {
  /**
   * @param {import("./api.js").Api} api
   * @param {(desk: Desk) => boolean} accept  false where the answer is older than what is known; it is asked for again
   */
  constructor(api, accept) {
    super();
    this.api = api;
    this.accept = accept;
    this.etag = "";
    this.seenAt = 0;
    /** @type {Refused | null} */
    this.refusal = null;
    this.timer = 0;
    this.asking = false;
    this.again = false;
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.seenAt = performance.now(); // nobody asked meanwhile
      this.now();
    });
    window.addEventListener("online", () => this.now());
  }

  get silentMs() {
    return this.seenAt ? performance.now() - this.seenAt : 0;
  }

  get offline() {
    return this.silentMs >= SILENT_MS;
  }

  /** Ask at once, for instance after a command. */
  now() {
    window.clearTimeout(this.timer);
    if (this.asking) this.again = true;
    else void this.#ask();
  }

  async #ask() {
    if (document.visibilityState === "hidden") return;
    this.asking = true;
    try {
      const { changed, etag, body } = await this.api.read(this.api.url("desk"), { etag: this.etag });
      this.seenAt = performance.now();
      this.refusal = null;
      if (changed && this.accept(body)) this.etag = etag;
    } catch (error) {
      this.refusal = error instanceof Refused ? error : null;
    }
    this.asking = false;
    this.dispatchEvent(new Event("asked"));
    const wait = this.again ? 0 : EVERY_MS;
    this.again = false;
    this.timer = window.setTimeout(() => this.now(), wait);
  }
}
