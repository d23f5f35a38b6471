/** The week as the screen has it: the server's last word, and over it the commands that are not acknowledged yet. */
/** @import {Desk, Place, Session, Shown} from "./types.js" */

/**
 * @typedef {object} Change  a command on its way, as it will look
 * @property {string} id  of the session
 * @property {(session: Session | undefined) => Session | undefined} apply
 * @property {"saving" | "asking"} state
 * @typedef {{id: string, title: string, before: Session | undefined, after: Session | undefined,
 *   beforeDesk: Desk, afterDesk: Desk}} Difference
 */

/** @param {{request: string, session: number}} session */
export function idOf(session) {
  return `${session.request}#${session.session}`;
}

export class Model {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    /** @type {Map<string, Session>} */
    this.saved = new Map(desk.sessions.map((session) => [idOf(session), session]));
    /** @type {Change[]} */
    this.changes = [];
    /** The version of the last own command that was acknowledged: older answers are stale. */
    this.floor = 0;
    /** Sessions that this page changed, and the version in which the server has it. @type {Map<string, number>} */
    this.own = new Map();
    /** @type {Map<string, Shown>} */
    this.shown = new Map();
    this.#overlay();
  }

  /** @param {string} id */
  session(id) {
    return this.shown.get(id);
  }

  /**
   * @param {Session} session
   * @returns {Place}
   */
  placeOf(session) {
    return placeIn(this.desk, session);
  }

  /**
   * @param {Place} place
   * @returns {number}  -1 where the week has no such room
   */
  roomIndex(place) {
    return this.desk.rooms.findIndex((room) => room.key === place.room && this.desk.venues[room.venue]?.key === place.venue);
  }

  /** @param {Session} session */
  peopleOf(session) {
    return [...session.leads, ...session.assistants].map((index) => {
      const person = this.desk.people[index];
      return person ? (person.name ?? person.key) : "";
    });
  }

  /** @param {Change} change */
  begin(change) {
    this.changes.push(change);
    this.#overlay();
  }

  /** @param {Change} change */
  touch(change) {
    change.state = "asking";
    this.#overlay();
  }

  /** @param {Change} change */
  cancel(change) {
    this.changes = this.changes.filter((candidate) => candidate !== change);
    this.#overlay();
  }

  /**
   * The server has it. An answer that is repeated may be older than what a poll has brought since.
   * @param {Change | null} change
   * @param {string} id
   * @param {number} version
   */
  acknowledge(change, id, version) {
    if (change) {
      this.changes = this.changes.filter((candidate) => candidate !== change);
      if (version > this.desk.version && version > this.floor) {
        const session = change.apply(this.saved.get(id));
        if (session) this.saved.set(id, session);
        else this.saved.delete(id);
      }
    }
    this.floor = Math.max(this.floor, version);
    if (version > this.desk.version) this.own.set(id, version);
    this.#overlay();
  }

  /**
   * What a poll brought; null where it is older than what has been acknowledged.
   * @param {Desk} desk
   * @returns {Difference[] | null}  what somebody else changed
   */
  accept(desk) {
    if (desk.version < this.floor) return null;
    const before = this.saved;
    const beforeDesk = this.desk;
    this.saved = new Map(desk.sessions.map((session) => [idOf(session), session]));
    this.desk = desk;
    const pending = new Set(this.changes.map((change) => change.id));
    /** @type {Difference[]} */
    const differences = [];
    for (const id of new Set([...before.keys(), ...this.saved.keys()])) {
      const [was, is] = [before.get(id), this.saved.get(id)];
      if (pending.has(id) || this.own.has(id) || isSame(beforeDesk, was, desk, is)) continue;
      differences.push({ id, title: (is ?? was)?.title ?? id, before: was, after: is, beforeDesk, afterDesk: desk });
    }
    for (const [id, version] of this.own) if (version <= desk.version) this.own.delete(id);
    this.#overlay();
    return differences;
  }

  #overlay() {
    /** @type {Map<string, Session>} */
    const sessions = new Map(this.saved);
    /** @type {Map<string, "saving" | "asking">} */
    const states = new Map();
    for (const { id, apply, state } of this.changes) {
      const session = apply(sessions.get(id));
      if (session) sessions.set(id, session);
      else sessions.delete(id);
      states.set(id, state);
    }
    this.shown = new Map();
    for (const [id, session] of sessions) this.shown.set(id, { ...session, id, place: this.placeOf(session), state: states.get(id) ?? "" });
  }
}

/**
 * @param {Desk} desk
 * @param {Session} session
 * @returns {Place}
 */
export function placeIn(desk, session) {
  const room = desk.rooms[session.room];
  return { venue: room ? (desk.venues[room.venue]?.key ?? "") : "", room: room?.key ?? "", start: session.start };
}

/**
 * @param {Desk} beforeDesk
 * @param {Session | undefined} before
 * @param {Desk} afterDesk
 * @param {Session | undefined} after
 */
function isSame(beforeDesk, before, afterDesk, after) {
  if (!before || !after) return before === after;
  return fingerprint(beforeDesk, before) === fingerprint(afterDesk, after);
}

/**
 * @param {Desk} desk
 * @param {Session} session
 */
function fingerprint(desk, session) {
  const keys = (/** @type {number[]} */ indices) => indices.map((index) => desk.people[index]?.key);
  return JSON.stringify([placeIn(desk, session), session.end, keys(session.leads), keys(session.assistants), session.pin]);
}

/**
 * @param {Place} first
 * @param {Place} second
 */
export function samePlace(first, second) {
  return first.venue === second.venue && first.room === second.room && first.start === second.start;
}
