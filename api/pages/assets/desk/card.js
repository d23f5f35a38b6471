/** The card of a block: what it is, and every action as a button. */
/** @import {Row, Shown} from "./types.js" */
/** @import {Api} from "./api.js" */
/** @import {Commands} from "./commands.js" */
/** @import {Dialogs} from "./dialogs.js" */
/** @import {Model} from "./model.js" */
/** @import {Suggestions} from "./suggestions.js" */
/** @import {Words} from "./words.js" */
import { notesOf } from "./blocks.js";
import { button, make } from "./dom.js";

export class Cards {
  /**
   * @param {{api: Api, model: Model, words: Words, dialogs: Dialogs, commands: Commands, suggestions: Suggestions,
   *   pickUp: (session: Shown) => void}} parts
   */
  constructor({ api, model, words, dialogs, commands, suggestions, pickUp }) {
    this.api = api;
    this.model = model;
    this.words = words;
    this.dialogs = dialogs;
    this.commands = commands;
    this.suggestions = suggestions;
    this.pickUp = pickUp;
  }

  /** @param {Shown} session */
  session(session) {
    const { words, dialogs } = this;
    const { body, close } = dialogs.open(session.title);
    const act = (/** @type {string} */ word, /** @type {() => void} */ action, main = false) =>
      button(words.say(word), () => {
        close(word === "action_move" ? "moving" : "");
        action();
      }, main ? { class: "main", autofocus: true } : {});
    /** @type {HTMLElement[]} */
    const actions = [
      act("action_move", () => this.pickUp(session), true),
      act("action_suggest", () => void this.suggestions.places(session)),
      session.pin === null ? act("action_pin", () => void this.#pin(session)) : act("action_lift", () => this.commands.lift(session)),
      act("action_drop", () => void this.#drop(session)),
    ];
    const values = { request: session.request, session: session.session };
    for (const name of ["history", "request"]) {
      if (this.api.urls[`${name}_page`]) actions.push(link(words.say(`open_${name}`), this.api.url(`${name}_page`, values)));
    }
    body.append(this.#facts(session), make("div", { class: "desk-actions" }, ...actions));
    body.querySelector("button")?.focus();
  }

  /** @param {Shown} session */
  #facts(session) {
    const { words, model } = this;
    const room = model.desk.rooms[session.room];
    const venue = model.desk.venues[room?.venue ?? -1];
    const names = (/** @type {number[]} */ indices) => words.list(indices.map((index) => model.desk.people[index]?.name ?? model.desk.people[index]?.key ?? ""));
    const facts = /** @type {[string, string][]} */ ([
      ["fact_time", words.list([words.day(session.start), words.span(session.start, session.end)])],
      ["fact_room", words.list([room?.name ?? "", venue?.name ?? "", room ? words.say("seats", { n: room.capacity }) : ""])],
      ["fact_leads", names(session.leads)],
      ["fact_assistants", names(session.assistants)],
      ["fact_community", session.community],
      ["fact_learners", String(session.learners)],
    ]).filter(([, value]) => value);
    const list = make("dl", { class: "desk-facts" });
    for (const [name, value] of facts) list.append(make("dt", {}, words.say(name)), make("dd", {}, value));
    const notes = notesOf(session, words);
    return make("div", {}, list, ...(notes.length ? [make("ul", { class: "rules" }, ...notes.map((note) => make("li", {}, note)))] : []));
  }

  /** @param {Shown} session */
  async #pin(session) {
    const { words } = this;
    const comment = await this.dialogs.ask(words.say("pin_title", { title: session.title }), [], { label: words.say("pin_label"), send: words.say("action_pin") });
    if (comment !== null) this.commands.pin(session, comment);
  }

  /** @param {Shown} session */
  async #drop(session) {
    const { words } = this;
    const intro = make("p", {}, words.say("drop_intro", { n: session.learners }));
    const why = await this.dialogs.ask(words.say("drop_title", { title: session.title }), [intro], { label: words.say("reason_label"), send: words.say("action_drop") });
    if (why !== null) this.commands.drop(session, why);
  }

  /**
   * The card of a room or of a person, or of a closure in the row.
   * @param {Row} row
   */
  row(row) {
    const { words, model } = this;
    const { body } = this.dialogs.open(row.title);
    body.append(make("p", {}, row.note));
    if (row.room < 0) return;
    const room = model.desk.rooms[row.room];
    const list = make("dl", { class: "desk-facts" });
    words.dayNames.forEach((name, day) => {
      const inside = (/** @type {number} */ start) => Math.floor(start / 1440) === day;
      const open = row.open.filter(([start]) => inside(start)).map(([start, end]) => words.span(start, end));
      const closed = row.cells.filter((cell) => cell.kind === "closure" && inside(cell.start)).map((cell) => words.say("closed_because", { why: cell.words ?? "" }));
      list.append(make("dt", {}, name), make("dd", {}, words.list([...(open.length ? open : [words.say("not_open")]), ...closed])));
    });
    body.append(list);
    const venue = model.desk.venues[room?.venue ?? -1];
    if (this.api.urls["venue_page"] && venue) body.append(make("div", { class: "desk-actions" }, link(words.say("open_venue"), this.api.url("venue_page", { venue: venue.key }))));
  }
}

/**
 * @param {string} text
 * @param {string} href
 */
function link(text, href) {
  return make("a", { href, class: "desk-button" }, text);
}
