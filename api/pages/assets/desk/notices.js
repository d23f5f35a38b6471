/** What happened, to be seen: the state of saving, the last refusals and others' changes, and the lost connection. */
/** @import {Polling} from "./polling.js" */
/** @import {Saver} from "./saving.js" */
/** @import {Words} from "./words.js" */
import { button, make, setText } from "./dom.js";

const MOST = 3;

export class Notices {
  /** @param {Words} words */
  constructor(words) {
    this.words = words;
    this.element = make("ul", { class: "notices", "aria-label": words.say("notices") });
    this.element.hidden = true;
  }

  /**
   * @param {string} text
   * @param {"refused" | "other"} kind
   */
  add(text, kind) {
    const item = make("li", { class: `desk-notice ${kind}` }, make("span", { "aria-hidden": "true", class: "notice-mark" }, kind === "refused" ? "✕" : "↻"), make("span", { class: "notice-text" }, text));
    item.append(button("✕", () => {
      item.remove();
      this.element.hidden = !this.element.children.length;
    }, { class: "desk-quiet icon", "aria-label": this.words.say("notice_close") }));
    this.element.prepend(item);
    while (this.element.children.length > MOST) this.element.lastElementChild?.remove();
    this.element.hidden = false;
  }
}

/**
 * "saving", "saved 14:03", or that it is tried again.
 * @param {Saver} saver
 * @param {Words} words
 */
export function savingState(saver, words) {
  const text = document.createTextNode("");
  const element = make("p", { class: "saving" }, text);
  saver.addEventListener("change", () => {
    const state = saver.retrying ? "retrying" : saver.pending ? "saving" : "saved";
    element.dataset["state"] = state;
    if (state === "saved") setText(text, saver.savedAt ? words.say("saved", { time: words.clock(saver.savedAt) }) : "");
    else setText(text, words.say(state, { n: saver.pending }));
  });
  return element;
}

/**
 * A banner with the age of what one sees while the server has not answered for five seconds.
 * @param {{polling: Polling, words: Words, lost: () => void, back: () => void}} parts
 */
export function connectionBanner({ polling, words, lost, back }) {
  const text = document.createTextNode("");
  const element = make("p", { class: "banner", hidden: true }, make("span", { "aria-hidden": "true" }, "⚠ "), text);
  const look = () => {
    const isLost = polling.offline && document.visibilityState === "visible";
    if (isLost) {
      const why = polling.refusal ? `${polling.refusal.problem.detail} ` : "";
      setText(text, `${why}${words.say("no_connection_since", { n: Math.round(polling.silentMs / 1000) })}`);
    }
    if (isLost === !element.hidden) return;
    element.hidden = !isLost;
    if (isLost) lost();
    else back();
  };
  window.setInterval(look, 1000);
  polling.addEventListener("asked", look);
  return element;
}
