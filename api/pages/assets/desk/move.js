/** Moving a session: one code path for drag, click and keys, from the pick-up to the drop. */
/** @import {Breach, Place, Row, Session} from "./types.js" */
/** @import {Api} from "./api.js" */
/** @import {Commands} from "./commands.js" */
/** @import {Grid} from "./grid.js" */
/** @import {LiveRegion} from "./live_region.js" */
/** @import {Model} from "./model.js" */
/** @import {Words} from "./words.js" */
import { Refused } from "./api.js";
import { concerned } from "./commands.js";
import { idOf, samePlace } from "./model.js";
import { locate } from "./navigation.js";
import { kindOf, Places } from "./places.js";

const AGAIN_MS = 700;
const REST_MS = 500; // after which the exact sentences are asked for
const DAY_MIN = 1440;

/**
 * @typedef {object} Active  a session that is picked up
 * @property {Session} session
 * @property {Place | null} from  null: it has no place yet
 * @property {number} row  index into the grid's rows
 * @property {string} rowId
 * @property {number} start
 * @property {boolean} dragging  by a pointer that is held down
 * @property {Places | null} places  null until the server has answered
 * @property {string} failed  why there is no map
 * @property {boolean} dropWhenKnown
 * @property {{place: Place, sentences: string[]} | null} tried
 * @property {import("./navigation.js").Position} position  where the focus was
 */

export class Move extends EventTarget {
  /**
   * @param {{model: Model, grid: Grid, api: Api, words: Words, live: LiveRegion, commands: Commands,
   *   choosePeople: (session: Session, place: Place) => void}} parts
   */
  constructor({ model, grid, api, words, live, commands, choosePeople }) {
    super();
    this.model = model;
    this.grid = grid;
    this.api = api;
    this.words = words;
    this.live = live;
    this.commands = commands;
    this.choosePeople = choosePeople;
    /** @type {Active | null} */
    this.active = null;
    this.asking = new AbortController();
    this.timer = 0;
  }

  /**
   * @param {Session} session
   * @param {{dragging?: boolean}} [options]
   */
  pickUp(session, { dragging = false } = {}) {
    if (this.active) this.cancel();
    const position = this.grid.position;
    const from = session.room >= 0 ? this.model.placeOf(session) : null;
    const start = from ? session.start : this.grid.layout.minute(this.grid.layout.head);
    this.active = { session, from, row: position.row, rowId: this.grid.rowId, start, dragging, places: null, failed: "", dropWhenKnown: false, tried: null, position };
    void this.#fetch();
    this.#show();
    if (!dragging) {
      this.live.add(this.words.say("picked_up", { title: session.title }));
      this.grid.element.scrollIntoView({ block: this.grid.isNarrow ? "start" : "nearest" });
    }
    this.dispatchEvent(new Event("begin"));
  }

  /** The week has changed: what was possible may not be any more. */
  renew() {
    if (!this.active) return;
    if (this.active.places?.version !== this.model.desk.version) void this.#fetch();
    const row = this.grid.rows.findIndex((candidate) => candidate.id === this.active?.rowId);
    this.active.row = row >= 0 ? row : Math.max(0, Math.min(this.active.row, this.grid.rows.length - 1));
    this.#show();
  }

  async #fetch() {
    const active = this.active;
    if (!active) return;
    this.asking.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    const places = await this.#places(active, signal);
    if (this.active !== active || signal.aborted || !places) return;
    active.places = places;
    active.failed = "";
    this.grid.setPlaces(places, active.from ? `${active.from.venue}/${active.from.room}` : "");
    this.#show();
    if (active.dropWhenKnown) this.drop();
    else if (!active.dragging) this.#speak();
  }

  /**
   * Asked for until the server answers: whoever holds a session waits for it. Null where it refuses.
   * @param {Active} active
   * @param {AbortSignal} signal
   */
  async #places(active, signal) {
    const { request, session } = active.session;
    while (this.active === active && !signal.aborted) {
      try {
        return new Places((await this.api.read(this.api.url("places", { request, session }), { signal })).body);
      } catch (error) {
        if (signal.aborted || this.active !== active) return null;
        const why = error instanceof Refused ? error.problem.detail : this.words.say("no_connection");
        active.failed = this.words.say("places_failed", { why });
        this.#show();
        if (error instanceof Refused) return null;
        await new Promise((resolve) => window.setTimeout(resolve, AGAIN_MS));
      }
    }
    return null;
  }

  /** @returns {Place | null} */
  get place() {
    const { active } = this;
    if (!active) return null;
    const row = this.grid.rows[active.row];
    const room = this.model.desk.rooms[row?.room ?? -1];
    if (room) return { venue: this.model.desk.venues[room.venue]?.key ?? "", room: room.key, start: active.start };
    return active.from && { ...active.from, start: active.start };
  }

  /** The server's word about the place under the ghost; "" while it is not known. */
  get verdict() {
    const { active, place } = this;
    if (!active?.places || !place) return "";
    return active.places.verdict(place);
  }

  /**
   * @param {number} row
   * @param {number} start
   */
  to(row, start) {
    const { active } = this;
    if (!active) return;
    const target = (this.grid.rows[active.row]?.room ?? -1) < 0 ? active.row : row;
    if (active.row === target && active.start === start) return;
    active.row = target;
    active.rowId = this.grid.rows[target]?.id ?? "";
    active.start = start;
    active.tried = null;
    this.#show();
  }

  /**
   * By a key: so many steps, days, rows or venues.
   * @param {{steps?: number, days?: number, rows?: number, venues?: number}} by
   */
  step({ steps = 0, days = 0, rows = 0, venues = 0 }) {
    const { active } = this;
    if (!active) return;
    const { layout, rows: all } = this.grid;
    let start = steps ? layout.stepped(active.start, steps) : active.start;
    const day = Math.floor(start / DAY_MIN) + days;
    if (days && layout.days.includes(day)) start += days * DAY_MIN;
    let row = Math.max(0, Math.min(all.length - 1, active.row + rows));
    if (venues) row = otherGroup(all, row, venues);
    this.to(row, start);
    this.grid.reveal(active.row, { start: active.start, end: active.start + this.minutes });
    this.#speak();
  }

  get minutes() {
    return this.active ? this.active.session.end - this.active.session.start : 0;
  }

  /**
   * To the next place that the server allows, first in this row, then in the rows that follow.
   * @param {1 | -1} direction
   */
  next(direction) {
    const { active } = this;
    if (!active?.places) return;
    const { rows, layout } = this.grid;
    const step = this.grid.layout.step;
    const starts = layout.days.flatMap((day) => Array.from({ length: layout.slotsOfDay }, (_, slot) => day * DAY_MIN + layout.dayStart + slot * step));
    const length = rows.length * starts.length;
    const at = active.row * starts.length + starts.indexOf(active.start);
    for (let distance = 1; distance < length; distance += 1) {
      const index = (((at + direction * distance) % length) + length) % length;
      const row = Math.floor(index / starts.length);
      const start = starts[index % starts.length] ?? 0;
      const place = this.#placeIn(rows[row], start);
      if (!place || (active.from && samePlace(place, active.from)) || kindOf(active.places.verdict(place)) === "not") continue;
      this.to(row, start);
      this.grid.reveal(row, { start, end: start + this.minutes });
      this.#speak();
      return;
    }
    this.live.say(this.words.say("no_place"));
  }

  /**
   * @param {Row | undefined} row
   * @param {number} start
   * @returns {Place | null}
   */
  #placeIn(row, start) {
    const room = this.model.desk.rooms[row?.room ?? -1];
    if (!room) return row && row === this.grid.rows[this.active?.row ?? -1] && this.active?.from ? { ...this.active.from, start } : null;
    return { venue: this.model.desk.venues[room.venue]?.key ?? "", room: room.key, start };
  }

  drop() {
    const { active, place, verdict } = this;
    if (!active || !place) return;
    if (active.from && samePlace(place, active.from)) {
      this.cancel();
      return;
    }
    if (!active.places && !active.failed) {
      active.dropWhenKnown = true;
      return;
    }
    if (active.failed || kindOf(verdict) === "not") {
      const why = active.failed || this.reason;
      this.live.add(this.words.say("cannot_drop", { why }));
      if (active.dragging) this.cancel();
      else active.dropWhenKnown = false;
      return;
    }
    this.#end();
    if (kindOf(verdict) === "others") this.choosePeople(active.session, place);
    else this.commands.move(active.session, { place });
    const position = locate(this.grid.rows, idOf(active.session), this.grid.rowId);
    this.grid.goTo(position ?? this.grid.position, { focus: kindOf(verdict) === "same" });
  }

  /** Everything is as it was, and the focus is where it was. */
  cancel() {
    const { active } = this;
    if (!active) return;
    this.#end();
    this.grid.goTo(this.grid.position);
    this.live.say(this.words.say("move_cancelled", { title: active.session.title }));
  }

  #end() {
    window.clearTimeout(this.timer);
    this.asking.abort();
    this.active = null;
    this.grid.hideGhost();
    this.grid.setPlaces(null);
    this.dispatchEvent(new Event("end"));
  }

  /** The rule in the way of the place, as exactly as it is known. */
  get reason() {
    const { active, place, verdict } = this;
    if (!active || !place) return "";
    if (active.failed) return active.failed;
    if (!verdict) return this.words.say("verdict_waiting");
    const sentences = active.tried && samePlace(active.tried.place, place) ? active.tried.sentences : [];
    if (sentences.length && kindOf(verdict) === "not") return sentences.slice(0, 2).join(" ");
    if (sentences.length) return this.words.say("verdict_wish", { why: sentences.join(" ") });
    if (active.from && samePlace(place, active.from)) return this.words.say("verdict_here");
    return kindOf(verdict) === "not" ? this.words.rule(verdict) : this.words.say(`verdict_${verdict}`);
  }

  /** Where the ghost is, in words. */
  get where() {
    const { active, place } = this;
    if (!active || !place) return "";
    const room = this.model.desk.rooms[this.model.roomIndex(place)];
    const venue = this.model.desk.venues[room?.venue ?? -1];
    return this.words.list([this.words.day(place.start), this.words.span(place.start, place.start + this.minutes), room?.name ?? "", venue?.name ?? ""]);
  }

  /** Who would have to be called, and how many told, wherever it goes. */
  get concerned() {
    const { active } = this;
    return active ? concerned(this.words, this.model.peopleOf(active.session), active.session.learners) : "";
  }

  get kind() {
    const { active, place, verdict } = this;
    if (!verdict || !active || !place) return active?.failed ? "not" : "waiting";
    return active.from && samePlace(place, active.from) ? "here" : kindOf(verdict);
  }

  #show() {
    const { active } = this;
    if (!active) return;
    this.grid.showGhost({ row: active.row, start: active.start, minutes: this.minutes, note: `${this.words.time(active.start)} ${this.reason}` });
    this.dispatchEvent(new Event("show"));
    window.clearTimeout(this.timer);
    if (active.places && !active.tried && this.kind !== "here") this.timer = window.setTimeout(() => void this.#try(), REST_MS);
  }

  #speak() {
    const text = this.words.say("spoken_place", { place: this.where, verdict: this.kind === "not" ? this.words.say("verdict_not") : "", reason: this.reason });
    const isPossible = this.kind === "same" || this.kind === "others";
    this.live.say((isPossible ? `${text} ${this.concerned}` : text).replace(/ {2,}/g, " "));
  }

  /** The exact sentences about the place where the ghost rests. */
  async #try() {
    const { active, place } = this;
    if (!active || !place) return;
    const { request, session } = active.session;
    const body = { request, session, start_min: place.start, venue: place.venue, room: place.room };
    try {
      /** @type {{broken: Breach[], warnings: Breach[]}} */
      const { broken, warnings } = await this.api.send(this.api.url("try"), body, { signal: this.asking.signal });
      if (this.active !== active || !this.place || !samePlace(this.place, place)) return;
      const breaches = this.kind === "others" ? [] : [...broken, ...warnings];
      active.tried = { place, sentences: breaches.map((breach) => breach.sentence) };
      if (!breaches.length) return;
      this.#show();
      if (!active.dragging) this.#speak();
    } catch {
      // The verdict of the map stands; the exact sentence is only more of it.
    }
  }
}

/**
 * The first row of the next venue, or of the one before.
 * @param {Row[]} rows
 * @param {number} row
 * @param {number} direction
 */
function otherGroup(rows, row, direction) {
  const group = rows[row]?.group;
  let index = row;
  while (rows[index] && rows[index]?.group === group) index += direction;
  const reached = rows[index]?.group;
  if (reached === undefined) return row;
  while (rows[index - 1]?.group === reached) index -= 1;
  return index;
}
