/** Dialogs: native, one at a time, and none while a session is being moved. */
/** @import {Breach} from "./types.js" */
/** @import {Words} from "./words.js" */
import { button, make } from "./dom.js";

/** @typedef {{dialog: HTMLDialogElement, body: HTMLElement, close: (value?: string) => void, closed: Promise<string>}} Opened */

export class Dialogs {
  /**
   * @param {HTMLElement} parent
   * @param {Words} words
   * @param {() => void} closed  the focus goes back
   */
  constructor(parent, words, closed) {
    this.parent = parent;
    this.words = words;
    this.closed = closed;
    this.number = 0;
    /** @type {Promise<unknown>} */
    this.last = Promise.resolve();
    this.lastReason = "";
    /** Those that came unasked wait until a move has ended. @type {() => Promise<void>} */
    this.idle = () => Promise.resolve();
  }

  /**
   * @param {string} title
   * @param {{wide?: boolean, refocus?: boolean}} [options]  `refocus` false: what follows takes the focus
   * @returns {Opened}
   */
  open(title, { wide = false, refocus = true } = {}) {
    this.number += 1;
    const id = `desk-dialog-${this.number}`;
    const body = make("div", { class: "dialog-body" });
    const close = (value = "") => dialog.close(value);
    const dialog = make("dialog", { class: wide ? "desk-dialog wide" : "desk-dialog", "aria-labelledby": id },
      make("div", { class: "dialog-head" }, make("h2", { id }, title), button("✕", () => close(), { class: "desk-quiet icon", "aria-label": this.words.say("close") })), body);
    const closed = new Promise((/** @type {(value: string) => void} */ resolve) => {
      dialog.addEventListener("close", () => {
        dialog.remove();
        if (refocus && dialog.returnValue !== "moving") this.closed();
        resolve(dialog.returnValue);
      });
    });
    this.last = closed;
    this.parent.append(dialog);
    dialog.showModal();
    return { dialog, body, close, closed };
  }

  /**
   * Soft rules are in the way: the reason that is worth it, or null.
   * @param {string} title
   * @param {Breach[]} warnings
   * @returns {Promise<string | null>}
   */
  async askReason(title, warnings) {
    const turn = this.last.then(() => this.idle());
    const asked = turn.then(() => this.#reason(title, warnings));
    this.last = asked;
    return asked;
  }

  /**
   * @param {string} title
   * @param {Breach[]} warnings
   */
  async #reason(title, warnings) {
    const { words } = this;
    const intro = make("p", {}, words.say("reason_intro"));
    const rules = make("ul", { class: "rules" }, ...warnings.map((warning) => make("li", {}, make("strong", {}, words.rule(warning.rule)), ` ${warning.sentence}`)));
    const why = await this.ask(words.say("reason_title", { title }), [intro, rules], { label: words.say("reason_label"), send: words.say("reason_send"), last: this.lastReason });
    if (why !== null) this.lastReason = why;
    return why;
  }

  /**
   * A dialog with one text to write.
   * @param {string} title
   * @param {Node[]} intro
   * @param {{label: string, send: string, last?: string}} texts
   * @returns {Promise<string | null>}
   */
  async ask(title, intro, { label, send, last = "" }) {
    const { words } = this;
    const { body, close, closed } = this.open(title);
    const id = `desk-text-${this.number}`;
    const input = make("textarea", { id, rows: 2, maxlength: 1000, required: true, "aria-describedby": `${id}-error` });
    const error = make("p", { class: "field-error", id: `${id}-error` });
    const form = make("form", {}, ...intro, make("label", { for: id }, label), input, error);
    if (last) form.append(button(words.say("reason_last", { why: last }), () => (input.value = last), { class: "desk-quiet" }));
    form.append(make("div", { class: "desk-actions" }, make("button", { class: "main" }, send), button(words.say("cancel"), () => close())));
    form.noValidate = true;
    let text = "";
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      text = input.value.trim();
      if (text) {
        close("sent");
        return;
      }
      error.textContent = words.say("reason_missing");
      input.setAttribute("aria-invalid", "true");
      input.focus();
    });
    body.append(form);
    input.focus();
    return (await closed) === "sent" ? text : null;
  }
}
