/** Find: a text, and the sessions whose title, room or people have it; one is gone to. */
/** @import {Shown} from "./types.js" */
/** @import {Dialogs} from "./dialogs.js" */
/** @import {Model} from "./model.js" */
/** @import {Words} from "./words.js" */
import { button, make } from "./dom.js";

const MOST = 20;

/**
 * @param {{model: Model, words: Words, dialogs: Dialogs, goTo: (id: string) => void}} parts
 */
export function openFind({ model, words, dialogs, goTo }) {
  const { body, close } = dialogs.open(words.say("find_title"));
  const input = make("input", { type: "search", id: "desk-find", autocomplete: "off" });
  const state = make("p", { role: "status", class: "note" }, words.say("find_hint"));
  const list = make("ul", { class: "matches" });
  /** @param {Shown} session */
  const item = (session) => {
    const room = model.desk.rooms[session.room];
    const text = words.list([session.title, words.day(session.start), words.span(session.start, session.end), room?.name ?? ""]);
    return make("li", {}, button(text, () => {
      close("moving");
      goTo(session.id);
    }, { class: "match" }));
  };
  const search = () => {
    const text = input.value.trim().toLocaleLowerCase();
    const matches = text ? [...model.shown.values()].filter((session) => textOf(session, model).includes(text)) : [];
    state.textContent = text ? words.say("find_found", { n: matches.length }) : words.say("find_hint");
    list.replaceChildren(...matches.slice(0, MOST).map(item));
  };
  const form = make("form", { role: "search" }, make("label", { for: "desk-find" }, words.say("find_label")), input);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    list.querySelector("button")?.click();
  });
  input.addEventListener("input", search);
  body.append(form, state, list);
  input.focus();
}

/**
 * @param {Shown} session
 * @param {Model} model
 */
function textOf(session, model) {
  const room = model.desk.rooms[session.room];
  return [session.title, session.request, session.community, room?.name ?? "", ...model.peopleOf(session)].join(" ").toLocaleLowerCase();
}
