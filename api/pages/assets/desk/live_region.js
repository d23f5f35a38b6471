/** The one live region: what was said last within 150 ms, politely, emptied before it is set. */

const WAIT_MS = 150;

export class LiveRegion {
  /** @param {HTMLElement} element  with role=status, there from the start */
  constructor(element) {
    this.element = element;
    this.timer = 0;
    /** @type {string[]} */
    this.urgent = [];
  }

  /** @param {string} text  replaces what has not been spoken yet */
  say(text) {
    this.schedule(text);
  }

  /** @param {string} text  is spoken before whatever else is said at the same moment */
  add(text) {
    this.urgent.push(text);
    this.schedule(this.waiting);
  }

  waiting = "";

  /** @param {string} text */
  schedule(text) {
    this.waiting = text;
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.speak(), WAIT_MS);
  }

  speak() {
    const text = [...this.urgent, this.waiting].filter(Boolean).join(" ");
    this.urgent = [];
    this.waiting = "";
    this.element.textContent = "";
    this.element.textContent = text;
  }
}
