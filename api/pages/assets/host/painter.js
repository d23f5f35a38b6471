/**
 * A week to paint, beside the rows: by mouse from start to end; by a tap on the start and one on the end; by keys with
 * arrows, Shift and arrows, Space. All three end in the same change of the week.
 */

import { DAYS, DAY_MIN, clock, painted, stateOf } from "./week.js";

/** @typedef {import("./week.js").Area} Area */
/** @typedef {import("./week.js").Week} Week */
/** @typedef {import("./words.js").Words} Words */
/** A cell: its day, and the minute on which it starts.
 * @typedef {{day: number, minute: number}} Place */

const STEP_MIN = 30;
const USUAL_START_MIN = 7 * 60;
const USUAL_END_MIN = 22 * 60;

export class Painter {
  /** @type {Map<string, HTMLElement>} */
  #cells = new Map();
  /** @type {Place | null} where an area begins that is not painted yet */
  #anchor = null;
  /** @type {Place} */
  #focus = { day: 0, minute: 18 * 60 };
  /** @type {boolean} whether the mouse is down since the anchor was set */
  #isDragging = false;

  /**
   * @param {HTMLElement} box @param {Words} words @param {Week} week
   * @param {(week: Week, said: string) => void} changed told of each change, with what it was in words
   */
  constructor(box, words, week, changed) {
    this.box = box;
    this.words = words;
    this.week = week;
    this.changed = changed;
    const spans = week.flat();
    const first = Math.min(USUAL_START_MIN, ...spans.map((span) => span.start));
    const last = Math.max(USUAL_END_MIN, ...spans.map((span) => Math.min(span.end, DAY_MIN)));
    this.firstMinute = first - (first % STEP_MIN);
    this.lastMinute = Math.min(DAY_MIN, Math.ceil(last / STEP_MIN) * STEP_MIN);
    this.#build();
    this.show(week);
  }

  /** Show another week, such as one that was typed into the rows.
   * @param {Week} week */
  show(week) {
    this.week = week;
    const area = this.#anchor ? areaBetween(this.#anchor, this.#focus) : null;
    for (const [key, cell] of this.#cells) {
      const [day, minute] = key.split(" ").map(Number);
      if (day === undefined || minute === undefined) continue;
      const state = stateOf(week, day, minute, minute + STEP_MIN);
      const values = { day: this.words.day(day), time: clock(minute) };
      cell.dataset["state"] = state;
      cell.setAttribute("aria-label", this.words.say(`cell_${state}`, values));
      cell.setAttribute("aria-selected", String(area !== null && isIn(area, day, minute)));
      cell.tabIndex = day === this.#focus.day && minute === this.#focus.minute ? 0 : -1;
    }
  }

  #build() {
    const table = document.createElement("table");
    table.setAttribute("role", "grid");
    table.setAttribute("aria-label", this.words.say("week"));
    table.setAttribute("aria-multiselectable", "true");
    const heads = table.createTHead().insertRow();
    heads.append(document.createElement("td"));
    this.words.data.shortDays.forEach((name, day) => {
      const head = document.createElement("th");
      head.scope = "col";
      head.textContent = name;
      head.title = this.words.day(day);
      heads.append(head);
    });
    const body = table.createTBody();
    for (let minute = this.firstMinute; minute < this.lastMinute; minute += STEP_MIN) {
      const row = body.insertRow();
      const head = document.createElement("th");
      head.scope = "row";
      const time = document.createElement("span");
      time.textContent = clock(minute);
      if (minute % 60 !== 0) time.className = "visually-hidden";
      head.append(time);
      row.append(head);
      for (let day = 0; day < DAYS; day += 1) {
        const cell = row.insertCell();
        cell.setAttribute("role", "gridcell");
        cell.dataset["cell"] = `${day} ${minute}`;
        this.#cells.set(`${day} ${minute}`, cell);
      }
    }
    table.addEventListener("pointerdown", (event) => this.#pointerDown(event));
    table.addEventListener("pointerover", (event) => this.#pointerOver(event));
    table.addEventListener("click", (event) => this.#click(event));
    table.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("pointerup", (event) => this.#pointerUp(event));
    this.#focus = { day: 0, minute: this.#within(this.#focus.minute) };
    this.box.append(table);
    const opens = Math.min(...this.week.flat().map((span) => span.start));
    const first = this.#cells.get(`0 ${Math.floor((opens - 60) / STEP_MIN) * STEP_MIN}`);
    if (first) this.box.scrollTop = first.offsetTop;
  }

  // ---- Mouse and touch

  /** @param {PointerEvent} event */
  #pointerDown(event) {
    const place = placeOf(event.target);
    if (!place || event.pointerType !== "mouse" || event.button !== 0 || this.#anchor) return;
    event.preventDefault();
    this.#anchor = place;
    this.#isDragging = true;
    this.#move(place);
  }

  /** @param {PointerEvent} event */
  #pointerOver(event) {
    const place = placeOf(event.target);
    if (place && this.#anchor && event.pointerType === "mouse") this.#move(place, { focus: false });
  }

  /** The end of a drag paints; on the cell where it began it is a click, and the next click is the end.
   * @param {PointerEvent} event */
  #pointerUp(event) {
    if (!this.#isDragging || !this.#anchor) return;
    const place = placeOf(event.target);
    this.#isDragging = false;
    if (place && !isSame(place, this.#anchor)) {
      this.#ignoresClick = true;
      this.#paint(place);
    } else if (place) {
      this.#ignoresClick = true;
      this.#sayStart();
    } else this.#cancel();
  }

  #ignoresClick = false; // that of a mouse button whose release was seen already

  /** A tap on the start, then one on the end.
   * @param {MouseEvent} event */
  #click(event) {
    const place = placeOf(event.target);
    const isSeen = this.#ignoresClick;
    this.#ignoresClick = false;
    if (!place || isSeen) return;
    if (this.#anchor) this.#paint(place);
    else {
      this.#anchor = place;
      this.#move(place);
      this.#sayStart();
    }
  }

  #sayStart() {
    if (!this.#anchor) return;
    const day = this.words.day(this.#anchor.day);
    this.changed(this.week, this.words.say("start_chosen", { day, time: clock(this.#anchor.minute) }));
  }

  // ---- Keys

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = STEPS.get(event.key);
    if (step) {
      if (event.shiftKey) this.#anchor ??= this.#focus;
      else if (!this.#isDragging) this.#anchor = null;
      this.#move({
        day: Math.max(0, Math.min(DAYS - 1, this.#focus.day + step.days)),
        minute: this.#within(this.#focus.minute + step.steps * STEP_MIN),
      });
    } else if (event.key === " " || event.key === "Enter") {
      this.#anchor ??= this.#focus;
      this.#paint(this.#focus);
    } else if (event.key === "Escape" && this.#anchor) this.#cancel();
    else if (event.key === "Home") this.#move({ ...this.#focus, minute: this.firstMinute });
    else if (event.key === "End") this.#move({ ...this.#focus, minute: this.lastMinute - STEP_MIN });
    else return;
    event.preventDefault();
  }

  // ---- What all ways share

  /** @param {Place} place @param {{focus?: boolean}} [options] */
  #move(place, { focus = true } = {}) {
    this.#focus = place;
    this.show(this.week);
    if (focus) this.#cells.get(`${place.day} ${place.minute}`)?.focus();
  }

  /** Open the area from the anchor to a place where its start is closed, else close it.
   * @param {Place} place */
  #paint(place) {
    const start = this.#anchor ?? place;
    const area = areaBetween(start, place);
    const opens = stateOf(this.week, start.day, start.minute, start.minute + STEP_MIN) !== "open";
    this.#anchor = null;
    this.week = painted(this.week, area, opens);
    this.#move(place);
    const days = Array.from({ length: area.lastDay - area.firstDay + 1 }, (_, offset) => area.firstDay + offset);
    const values = { days: this.words.days(days), start: clock(area.start), end: clock(area.end) };
    this.changed(this.week, this.words.say(opens ? "announced" : "announced_closed", values));
  }

  #cancel() {
    this.#anchor = null;
    this.#isDragging = false;
    this.show(this.week);
    this.changed(this.week, this.words.say("cancelled"));
  }

  /** @param {number} minute @returns {number} the nearest start of a cell */
  #within(minute) {
    return Math.max(this.firstMinute, Math.min(this.lastMinute - STEP_MIN, minute));
  }
}

const STEPS = new Map([
  ["ArrowUp", { days: 0, steps: -1 }],
  ["ArrowDown", { days: 0, steps: 1 }],
  ["ArrowLeft", { days: -1, steps: 0 }],
  ["ArrowRight", { days: 1, steps: 0 }],
]);

/** @param {EventTarget | null} target @returns {Place | null} */
function placeOf(target) {
  const cell = target instanceof Element ? target.closest("[data-cell]") : null;
  if (!(cell instanceof HTMLElement)) return null;
  const [day, minute] = (cell.dataset["cell"] ?? "").split(" ").map(Number);
  return day === undefined || minute === undefined ? null : { day, minute };
}

/** @param {Place} a @param {Place} b @returns {Area} */
function areaBetween(a, b) {
  return {
    firstDay: Math.min(a.day, b.day),
    lastDay: Math.max(a.day, b.day),
    start: Math.min(a.minute, b.minute),
    end: Math.max(a.minute, b.minute) + STEP_MIN,
  };
}

/** @param {Area} area @param {number} day @param {number} minute @returns {boolean} */
function isIn(area, day, minute) {
  return area.firstDay <= day && day <= area.lastDay && area.start <= minute && minute < area.end;
}

/** @param {Place} a @param {Place} b @returns {boolean} */
function isSame(a, b) {
  return a.day === b.day && a.minute === b.minute;
}
