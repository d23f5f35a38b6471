/** Commands of a coordinator: shown at once, saved in turn, taken back with the reason where the server refuses. */
/** @import {Breach, Place, Problem, Session, Shown} from "./types.js" */
/** @import {Api} from "./api.js" */
/** @import {Change, Model} from "./model.js" */
/** @import {Saver} from "./saving.js" */
/** @import {Words} from "./words.js" */
import { idOf } from "./model.js";

/**
 * @typedef {object} Surroundings  what commands tell of themselves
 * @property {() => void} changed  the week looks different
 * @property {(text: string) => void} done
 * @property {(text: string, id: string) => void} refused
 * @property {(title: string, warnings: Breach[]) => Promise<string | null>} askReason  null: not worth it
 * @property {() => void} poll
 *
 * @typedef {object} Moved  where a session shall go, and who leads it there; people are keys or ids
 * @property {Place} place
 * @property {string[] | undefined} [leads]
 * @property {string[] | undefined} [assistants]
 * @property {object[] | undefined} [also]  another session that goes with it
 * @property {string[] | undefined} [accept]
 */

export class Commands {
  /**
   * @param {Model} model
   * @param {Api} api
   * @param {Saver} saver
   * @param {Words} words
   * @param {Surroundings} surroundings
   */
  constructor(model, api, saver, words, surroundings) {
    this.model = model;
    this.api = api;
    this.saver = saver;
    this.words = words;
    this.surroundings = surroundings;
  }

  /**
   * @param {Session} session  as it was picked up; with `room` -1 it has no place yet
   * @param {Moved} moved
   */
  move(session, { place, leads, assistants, also, accept = [] }) {
    const change = this.#begin(session, (before) => this.#placed(before, session, { place, leads, assistants }));
    const body = {
      request: session.request,
      session: session.session,
      start_min: place.start,
      venue: place.venue,
      room: place.room,
      ...(leads && { leads }),
      ...(assistants && { assistants }),
      ...(also?.length && { also }),
      ...this.#from(session),
    };
    this.#sendMove(session, change, body, { why: this.words.say("why_moved"), accept }, this.#said(session, place));
  }

  /**
   * How it will look. Where the place is named by an id, only the server's next answer can show it.
   * @param {Session | undefined} before
   * @param {Session} session
   * @param {Moved} moved
   * @returns {Session | undefined}
   */
  #placed(before, session, { place, leads, assistants }) {
    const room = this.model.roomIndex(place);
    if (room < 0) return before;
    const whole = before ?? session;
    const minutes = session.end - session.start;
    return {
      ...whole,
      room,
      start: place.start,
      end: place.start + minutes,
      leads: this.#people(leads) ?? whole.leads,
      assistants: this.#people(assistants) ?? whole.assistants,
      moved: true,
    };
  }

  /**
   * @param {Session} session
   * @param {Change} change
   * @param {object} body
   * @param {{why: string, accept: string[]}} reason
   * @param {string} done
   */
  #sendMove(session, change, body, reason, done) {
    this.saver.submit({
      url: this.api.url("moves"),
      body: { ...body, ...reason },
      acknowledged: (answer) => this.#acknowledged(change, idOf(session), answer, [done, this.#concerned(answer)].filter(Boolean).join(" ")),
      refused: (problem, name) => {
        if (name === "soft-rules-need-a-reason") void this.#askReason(session, change, body, problem, done);
        else this.#refused(change, session, problem);
      },
    });
  }

  /**
   * @param {Session} session
   * @param {Change} change
   * @param {object} body
   * @param {Problem} problem
   * @param {string} done
   */
  async #askReason(session, change, body, problem, done) {
    this.model.touch(change);
    this.surroundings.changed();
    const warnings = problem.warnings ?? [];
    const why = await this.surroundings.askReason(session.title, warnings);
    if (why === null) {
      this.#refused(change, session, { ...problem, detail: this.words.say("not_accepted"), next: "" });
      return;
    }
    change.state = "saving";
    this.#sendMove(session, change, body, { why, accept: [...new Set(warnings.map((warning) => warning.rule))] }, done);
    this.surroundings.changed();
  }

  /**
   * @param {Shown} session
   * @param {string} comment
   */
  pin(session, comment) {
    const change = this.#begin(session, (before) => before && { ...before, pin: comment });
    const { request, session: number } = session;
    this.#send("pins", {}, { request, session: number, comment, ...this.#from(session) }, session, change, "pin_done");
  }

  /** @param {Shown} session */
  lift(session) {
    const change = this.#begin(session, (before) => before && { ...before, pin: null });
    this.#send("lift", { request: session.request, session: session.session }, {}, session, change, "lift_done");
  }

  /**
   * @param {Shown} session
   * @param {string} why
   */
  drop(session, why) {
    const change = this.#begin(session, () => undefined);
    const { request, session: number } = session;
    this.#send("drops", {}, { request, session: number, why, ...this.#from(session) }, session, change, "drop_done");
  }

  /** @param {"undo" | "redo"} direction */
  step(direction) {
    this.saver.submit({
      url: this.api.url(direction),
      body: {},
      acknowledged: (answer) => {
        const step = answer.undone;
        this.model.acknowledge(null, idOf(step), answer.version);
        this.surroundings.poll();
        this.surroundings.done(this.words.say(`${direction}_done`, { what: this.words.step(step) }));
      },
      refused: (problem, name) => {
        if (name === "no-step") this.surroundings.done(this.words.say(`${direction}_nothing`));
        else this.surroundings.refused(sentence(problem), "");
        this.surroundings.poll();
      },
    });
  }

  /**
   * @param {string} name
   * @param {Record<string, string | number>} values
   * @param {object} body
   * @param {Shown} session
   * @param {Change} change
   * @param {string} done
   */
  #send(name, values, body, session, change, done) {
    this.saver.submit({
      url: this.api.url(name, values),
      body,
      acknowledged: (answer) => this.#acknowledged(change, session.id, answer, this.words.say(done, { title: session.title })),
      refused: (problem) => this.#refused(change, session, problem),
    });
  }

  /**
   * @param {Session} session
   * @param {Change["apply"]} apply
   * @returns {Change}
   */
  #begin(session, apply) {
    /** @type {Change} */
    const change = { id: idOf(session), apply, state: "saving" };
    this.model.begin(change);
    this.surroundings.changed();
    return change;
  }

  /**
   * @param {Change} change
   * @param {string} id
   * @param {any} answer
   * @param {string} done
   */
  #acknowledged(change, id, answer, done) {
    this.model.acknowledge(change, id, answer.version);
    this.surroundings.changed();
    this.surroundings.done(done);
    this.surroundings.poll();
  }

  /**
   * @param {Change} change
   * @param {Session} session
   * @param {Problem} problem
   */
  #refused(change, session, problem) {
    this.model.cancel(change);
    this.surroundings.changed();
    this.surroundings.refused(this.words.say("returned", { title: session.title, why: sentence(problem) }), change.id);
    this.surroundings.poll();
  }

  /**
   * Where the session was when it was picked up, or that it had no place: only another change of it is a conflict.
   * @param {Session | Shown} session
   */
  #from(session) {
    const { venue, room, start } = "place" in session ? session.place : this.model.placeOf(session);
    return { moved_from: room ? { venue, room, start_min: start } : { venue: null, room: null, start_min: null } };
  }

  /**
   * @param {string[] | undefined} keys
   * @returns {number[] | null}  null where one of them is not in the week yet
   */
  #people(keys) {
    const indices = (keys ?? [""]).map((key) => this.model.desk.people.findIndex((person) => person.key === key));
    return indices.includes(-1) ? null : indices;
  }

  /**
   * @param {Session} session
   * @param {Place} place
   */
  #said(session, place) {
    const room = this.model.desk.rooms[this.model.roomIndex(place)];
    const { title } = session;
    if (!room) return this.words.say("moved_elsewhere", { title });
    return this.words.say("moved", { title, day: this.words.day(place.start), time: this.words.time(place.start), room: room.name });
  }

  /** @param {{people?: {key: string}[], learners?: number}} answer */
  #concerned(answer) {
    if (!answer.people?.length && !answer.learners) return "";
    const names = new Map(this.model.desk.people.map((person) => [person.key, person.name ?? person.key]));
    return concerned(this.words, (answer.people ?? []).map(({ key }) => names.get(key) ?? key), answer.learners ?? 0);
  }
}

/**
 * Whom to call and how many to tell, in a sentence.
 * @param {Words} words
 * @param {string[]} people
 * @param {number} learners
 */
export function concerned(words, people, learners) {
  const call = people.length ? words.say("call", { people: words.list([...new Set(people)]) }) : "";
  return [call, learners ? words.say("tell", { n: learners }) : ""].filter(Boolean).join(" ");
}

/** @param {Problem} problem */
export function sentence(problem) {
  const rules = (problem.broken ?? []).map((breach) => breach.sentence).slice(0, 3);
  const parts = [problem.detail, ...(rules.length && !rules.includes(problem.detail) ? rules : []), problem.next];
  return parts.filter(Boolean).map((part) => (/[.!?。！？]$/.test(part) ? part : `${part}.`)).join(" ");
}

