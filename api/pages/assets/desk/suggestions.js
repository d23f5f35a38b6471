/** Suggestions: places for a session, or who could teach it at a place, as the server ranks them; one is chosen. */
/** @import {Breach, Place, Session} from "./types.js" */
/** @import {Api} from "./api.js" */
/** @import {Commands} from "./commands.js" */
/** @import {Dialogs} from "./dialogs.js" */
/** @import {Model} from "./model.js" */
/** @import {Words} from "./words.js" */
import { Refused } from "./api.js";
import { concerned } from "./commands.js";
import { button, make } from "./dom.js";

const FEW = 12; // shown

/**
 * @typedef {{sentence: string, warnings: Breach[], people: {key: string, part: string}[], learners: number,
 *   command: {start_min: number, venue: string, room: string, leads: string[], assistants: string[],
 *   also: object[], accept: string[]}}} Suggestion
 */

export class Suggestions {
  /** @param {{api: Api, model: Model, words: Words, dialogs: Dialogs, commands: Commands}} parts */
  constructor({ api, model, words, dialogs, commands }) {
    this.api = api;
    this.model = model;
    this.words = words;
    this.dialogs = dialogs;
    this.commands = commands;
  }

  /** @param {Session} session */
  places(session) {
    return this.#show(session, this.words.say("suggestions_title", { title: session.title }), { limit: FEW });
  }

  /**
   * Who could teach it at a place, as the server suggests.
   * @param {Session} session
   * @param {Place} place
   */
  people(session, place) {
    const query = { venue: place.venue, room: place.room, start_min: place.start, limit: FEW };
    return this.#show(session, this.words.say("people_title", { title: session.title }), query);
  }

  /**
   * @param {Session} session
   * @param {string} title
   * @param {Record<string, string | number>} query
   */
  async #show(session, title, query) {
    const { words } = this;
    const { body, close, dialog } = this.dialogs.open(title, { wide: true });
    const state = make("p", { role: "status" }, words.say("looking"));
    body.append(state);
    const { request, session: number } = session;
    /** @type {Suggestion[]} */
    let items = [];
    try {
      items = (await this.api.read(this.api.url("suggestions", { request, session: number }, query))).body.items;
    } catch (error) {
      state.textContent = error instanceof Refused ? error.problem.detail : words.say("no_connection");
      return;
    }
    if (!dialog.open) return;
    state.textContent = items.length ? words.say("suggestions_found", { n: items.length }) : words.say("suggestions_none");
    const list = make("ol", { class: "suggestions" }, ...items.map((item) => this.#item(session, item, close)));
    body.append(list);
    list.querySelector("button")?.focus();
  }

  /**
   * @param {Session} session
   * @param {Suggestion} suggestion
   * @param {(value?: string) => void} close
   */
  #item(session, suggestion, close) {
    const { words } = this;
    const names = new Map(this.model.desk.people.map((person) => [person.key, person.name ?? person.key]));
    const people = suggestion.people.map(({ key }) => names.get(key) ?? key);
    const { command } = suggestion;
    const take = () => {
      close();
      this.commands.move(session, {
        place: { venue: command.venue, room: command.room, start: command.start_min },
        leads: command.leads,
        assistants: command.assistants,
        also: command.also,
      });
    };
    return make("li", {},
      make("p", { class: "sentence" }, suggestion.sentence),
      make("p", { class: "note" }, concerned(words, people, suggestion.learners)),
      ...suggestion.warnings.map((warning) => make("p", { class: "note warned" }, `⚠ ${warning.sentence}`)),
      button(words.say("take"), take, { "aria-label": words.say("take_named", { sentence: suggestion.sentence }) }));
  }
}
