/** The list of keys, and the switch that turns letters off. */
/** @import {Dialogs} from "./dialogs.js" */
/** @import {Keys} from "./keys.js" */
/** @import {Words} from "./words.js" */
import { make } from "./dom.js";

const READING = ["arrows", "home", "page", "enter", "m", "s", "t", "f", "undo", "redo", "help"];
const MOVING = ["move_arrows", "move_shift", "move_next", "move_enter", "move_escape"];
const NAMES = new Map([
  ["arrows", "← → ↑ ↓"], ["home", "Home, End, Ctrl+Home, Ctrl+End"], ["page", "PgUp, PgDn"], ["enter", "Enter"], ["m", "M"], ["s", "S"], ["t", "T"],
  ["f", "F"], ["undo", "Ctrl+Z"], ["redo", "Ctrl+Shift+Z"], ["help", "?"], ["move_arrows", "← → ↑ ↓"], ["move_shift", "Shift + ← → ↑ ↓"],
  ["move_next", "N, P"], ["move_enter", "Enter"], ["move_escape", "Esc"],
]);

/**
 * @param {Dialogs} dialogs
 * @param {Keys} keys
 * @param {Words} words
 */
export function openHelp(dialogs, keys, words) {
  const { body } = dialogs.open(words.say("help_title"), { wide: true });
  const table = (/** @type {string} */ title, /** @type {string[]} */ names) => {
    const list = make("dl", { class: "keys" });
    for (const name of names) list.append(make("dt", {}, make("kbd", {}, NAMES.get(name) ?? name)), make("dd", {}, words.say(`key_${name}`)));
    return make("div", {}, make("h3", {}, title), list);
  };
  const box = make("input", { type: "checkbox", id: "desk-letters" });
  box.checked = keys.letters;
  box.addEventListener("change", () => keys.setLetters(box.checked));
  body.append(make("div", { class: "columns" }, table(words.say("help_reading"), READING), table(words.say("help_moving"), MOVING)),
    make("label", { class: "desk-check", for: "desk-letters" }, box, words.say("letters_on")), make("p", { class: "note" }, words.say("help_pointer")));
}
