/** Saving: one command after the other, each sent with its own key until the server has acknowledged or refused it. */
/** @import {Problem} from "./types.js" */
import { newKey, Refused, Unreachable } from "./api.js";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 8000;
const RETRIED = new Set(["lost-race", "computing-lost", "unavailable", "behind"]);

/**
 * @typedef {object} Command
 * @property {string} url
 * @property {object} body
 * @property {(answer: any) => void} acknowledged
 * @property {(problem: Problem, name: string) => void} refused
 */

export class Saver extends EventTarget {
  /** @param {{send: (url: string, body: object, options: {key: string}) => Promise<any>}} api */
  constructor(api) {
    super();
    this.api = api;
    /** @type {(Command & {key: string})[]} */
    this.queue = [];
    this.busy = false;
    /** @type {Date | null} */
    this.savedAt = null;
    this.retrying = false;
    /** @type {() => void} */
    this.wake = () => {};
  }

  get pending() {
    return this.queue.length;
  }

  /** @param {Command} command */
  submit(command) {
    this.queue.push({ ...command, key: newKey() });
    this.#tell();
    if (!this.busy) void this.#work();
  }

  /** The connection is back: do not wait for the rest of the pause. */
  hurry() {
    this.wake();
  }

  async #work() {
    this.busy = true;
    for (let command = this.queue[0]; command; command = this.queue[0]) {
      const outcome = await this.#deliver(command);
      this.queue.shift();
      outcome();
      this.#tell();
    }
    this.busy = false;
  }

  /**
   * @param {Command & {key: string}} command
   * @returns {Promise<() => void>}
   */
  async #deliver(command) {
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      try {
        const answer = await this.api.send(command.url, command.body, { key: command.key });
        this.retrying = false;
        return () => {
          this.savedAt = new Date();
          command.acknowledged(answer);
        };
      } catch (error) {
        if (error instanceof Refused && !RETRIED.has(error.name)) {
          const { problem, name } = error;
          this.retrying = false;
          return () => command.refused(problem, name);
        }
        if (!(error instanceof Unreachable || error instanceof Refused)) throw error;
        this.retrying = true;
        this.#tell();
        await this.#pause(Math.max(wait * (0.75 + Math.random() / 2), error instanceof Unreachable ? error.waitMs : 0));
      }
    }
  }

  /** @param {number} ms */
  #pause(ms) {
    return new Promise((resolve) => {
      const timer = window.setTimeout(resolve, ms);
      this.wake = () => {
        window.clearTimeout(timer);
        resolve(undefined);
      };
    });
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
