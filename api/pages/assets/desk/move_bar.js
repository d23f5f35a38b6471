/** The bar of a move: what is moved, the place, the verdict and whom it concerns, the legend, and buttons. */
/** @import {Move} from "./move.js" */
/** @import {Words} from "./words.js" */
import { button, make, makeSvg, setText } from "./dom.js";

/**
 * While the place changes only texts do, and one attribute of the root: styles draw marks, borders and what is hidden.
 * @param {Move} move
 * @param {Words} words
 * @param {HTMLElement} root
 */
export function moveBar(move, words, root) {
  const title = document.createTextNode("");
  const place = document.createTextNode("");
  const verdict = document.createTextNode("");
  const people = document.createTextNode("");
  const state = make("p", { class: "move-verdict" }, make("span", { class: "move-mark", "aria-hidden": "true" }), make("span", {}, verdict));
  const element = make("section", { class: "move-bar", "aria-label": words.say("move_bar"), hidden: true },
    make("div", { class: "move-what" }, make("p", { class: "move-title" }, title), make("p", { class: "note" }, place)),
    make("div", { class: "move-why" }, state, make("p", { class: "note move-people" }, people)),
    legend(words),
    make("div", { class: "desk-actions" },
      arrow("‹", words.say("action_previous"), () => move.next(-1)),
      arrow("›", words.say("action_next"), () => move.next(1)),
      button(words.say("action_drop_here"), () => move.drop(), { class: "main" }),
      button(words.say("cancel"), () => move.cancel())));
  move.addEventListener("begin", () => {
    setText(title, move.active?.session.title ?? "");
    setText(people, move.concerned);
    element.hidden = false;
  });
  move.addEventListener("end", () => {
    element.hidden = true;
    delete root.dataset["move"];
  });
  move.addEventListener("show", () => {
    const { kind } = move;
    setText(place, move.where);
    setText(verdict, move.reason);
    if (root.dataset["move"] !== kind) root.dataset["move"] = kind;
  });
  return element;
}

/**
 * @param {string} sign
 * @param {string} name
 * @param {() => void} press
 */
function arrow(sign, name, press) {
  return button(sign, press, { class: "icon", "aria-label": name, title: name });
}

/** @param {Words} words */
function legend(words) {
  const sample = (/** @type {string} */ kind) =>
    make("li", {}, makeSvg("svg", { class: `sample ${kind}`, width: 22, height: 16, "aria-hidden": "true", focusable: "false" },
      makeSvg("rect", { class: kind, width: 22, height: 16 }),
      ...(kind === "same" ? [makeSvg("rect", { class: "same-bar", y: 12, width: 22, height: 4 })] : []),
      ...(kind === "others" ? [makeSvg("rect", { fill: "url(#desk-dots)", width: 22, height: 16 })] : [])), words.say(`legend_${kind}`));
  return make("ul", { class: "legend", "aria-label": words.say("legend") }, sample("same"), sample("others"), sample("not"));
}
