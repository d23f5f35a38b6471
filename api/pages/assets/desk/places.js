/** The places map of one session: the server's verdict for each room and start. No rule is decided here. */
/** @import {Place, PlacesMap} from "./types.js" */

export const SAME = "same";
export const OTHERS = "others";

export class Places {
  static next = 1;

  /** @param {PlacesMap} map */
  constructor(map) {
    this.version = map.version;
    /** Another number for each map, so that rows know theirs is old. */
    this.mark = Places.next++;
    this.step = map.step_min;
    this.slots = map.slots;
    this.verdicts = map.verdicts;
    /** @type {Map<string, Uint16Array>} */
    this.rooms = new Map();
    for (const { venue, room, runs } of map.rooms) this.rooms.set(`${venue}/${room}`, expand(runs, map.slots));
  }

  /**
   * @param {Place} place
   * @returns {string}
   */
  verdict(place) {
    const slots = this.rooms.get(`${place.venue}/${place.room}`);
    const index = slots?.[Math.floor(place.start / this.step)];
    return index === undefined ? "unknown" : (this.verdicts[index] ?? "unknown");
  }

  /**
   * Stretches of starts with one kind of verdict.
   * @param {string} roomId  venue/room
   * @returns {{kind: "same" | "others" | "not", start: number, end: number}[]}
   */
  stretches(roomId) {
    const slots = this.rooms.get(roomId);
    if (!slots) return [{ kind: "not", start: 0, end: this.slots * this.step }];
    /** @type {{kind: "same" | "others" | "not", start: number, end: number}[]} */
    const stretches = [];
    for (let slot = 0; slot < slots.length; slot += 1) {
      const kind = kindOf(this.verdicts[slots[slot] ?? 0] ?? "");
      const last = stretches.at(-1);
      const start = slot * this.step;
      if (last?.kind === kind) last.end = start + this.step;
      else stretches.push({ kind, start, end: start + this.step });
    }
    return stretches;
  }
}

/**
 * @param {string} verdict
 * @returns {"same" | "others" | "not"}
 */
export function kindOf(verdict) {
  return verdict === SAME ? "same" : verdict === OTHERS ? "others" : "not";
}

/**
 * @param {number[]} runs  pairs of the first slot and an index into the verdicts
 * @param {number} slots
 */
function expand(runs, slots) {
  const expanded = new Uint16Array(slots);
  for (let index = 0; index + 1 < runs.length; index += 2) {
    expanded.fill(runs[index + 1] ?? 0, runs[index] ?? 0, runs[index + 2] ?? slots);
  }
  return expanded;
}
