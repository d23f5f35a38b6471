/** Geometry of the grid: minutes to pixels and back. It reads nothing from the page. */
/** @import {Desk, View} from "./types.js" */

export const DAY_MIN = 1440;
export const ROW_HEIGHT = 46;
export const AXIS_HEIGHT = 50;
const WEEK_SLOT_PX = [4, 13, 20]; // at least, by zoom: the first shows all of it where that is possible
const DAY_SLOT_PX = [22, 36, 56];

export class Layout {
  /**
   * @param {Desk} desk
   * @param {View} view
   * @param {{width: number, head: number}} size  of the box, and of the row headers, in pixels
   */
  constructor(desk, view, { width, head }) {
    this.head = head;
    this.step = desk.step_min;
    const [first, last] = hoursOf(desk);
    this.dayStart = first;
    this.dayEnd = last;
    this.slotsOfDay = (last - first) / this.step;
    this.days = view.day < 0 ? desk.days.map((_, index) => index) : [view.day];
    const table = view.day < 0 ? WEEK_SLOT_PX : DAY_SLOT_PX;
    const least = ((table[view.zoom] ?? 0) * this.step) / 30;
    const fitting = Math.floor((100 * (width - head)) / (this.days.length * this.slotsOfDay)) / 100;
    this.slot = Math.max(fitting, least);
    this.dayWidth = this.slotsOfDay * this.slot;
    this.width = head + this.days.length * this.dayWidth;
  }

  /** @param {number} minute */
  shows(minute) {
    return this.days.includes(Math.floor(minute / DAY_MIN));
  }

  /**
   * The left edge of a minute, in pixels of the canvas; hours that are not drawn count as the nearest that are.
   * @param {number} minute
   */
  x(minute) {
    const day = Math.min(this.days.at(-1) ?? 0, Math.max(this.days[0] ?? 0, Math.floor(minute / DAY_MIN)));
    const ofDay = Math.min(this.dayEnd, Math.max(this.dayStart, minute - day * DAY_MIN));
    return this.head + (day - (this.days[0] ?? 0)) * this.dayWidth + ((ofDay - this.dayStart) / this.step) * this.slot;
  }

  /**
   * @param {number} start
   * @param {number} end
   */
  span(start, end) {
    const left = this.x(start);
    const endOfDay = (Math.floor(start / DAY_MIN) + 1) * DAY_MIN;
    const right = end >= endOfDay ? this.x(endOfDay - 1) + this.slot / this.step : this.x(end);
    return { left, width: Math.max(this.slot / 2, right - left) };
  }

  /**
   * The start on the grid that is nearest to a place on the canvas.
   * @param {number} x
   */
  minute(x) {
    const slots = Math.round((x - this.head) / this.slot);
    const all = this.days.length * this.slotsOfDay;
    const within = Math.min(all - 1, Math.max(0, slots));
    const day = Math.floor(within / this.slotsOfDay);
    return ((this.days[0] ?? 0) + day) * DAY_MIN + this.dayStart + (within - day * this.slotsOfDay) * this.step;
  }

  /**
   * So many steps later or earlier; at the edge of a day it goes on in the next one.
   * @param {number} minute
   * @param {number} steps
   */
  stepped(minute, steps) {
    return this.minute(this.x(minute) + steps * this.slot);
  }
}

/**
 * The hours that are drawn: whole hours around all openings and sessions.
 * @param {Desk} desk
 * @returns {[number, number]}
 */
function hoursOf(desk) {
  let first = DAY_MIN;
  let last = 0;
  const widen = (/** @type {number} */ start, /** @type {number} */ end) => {
    const day = Math.floor(start / DAY_MIN) * DAY_MIN;
    first = Math.min(first, start - day);
    last = Math.max(last, Math.min(DAY_MIN, end - day));
  };
  for (const room of desk.rooms) for (const [start, end] of room.open) widen(start, end);
  for (const session of desk.sessions) widen(session.start, session.end);
  if (first >= last) return [8 * 60, 22 * 60];
  return [Math.floor(first / 60) * 60, Math.ceil(last / 60) * 60];
}
