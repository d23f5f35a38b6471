/** The grid: rows mounted as far as they are seen, one roving tab stop, the time axis, and the ghost of a move. */
/** @import {Row, View} from "./types.js" */
/** @import {Model} from "./model.js" */
/** @import {Position} from "./navigation.js" */
/** @import {Places} from "./places.js" */
/** @import {Words} from "./words.js" */
import { cellElements, headElement } from "./blocks.js";
import { axis } from "./axis.js";
import { make, setText } from "./dom.js";
import { AXIS_HEIGHT, Layout, ROW_HEIGHT } from "./layout.js";
import { locate } from "./navigation.js";
import { FIRST_VIEW, rowsOf } from "./rows.js";
import { patterns, shade } from "./shading.js";

const BEYOND = 3; // rows mounted above and below those that are seen
const BOTTOM = 44; // room for the note of a ghost in the last row
const HEAD_WIDE = 196;
const HEAD_NARROW = 104;
const NARROW = 600;

export class Grid {
  /**
   * @param {Model} model
   * @param {Words} words
   * @param {string} today  a date
   */
  constructor(model, words, today) {
    this.model = model;
    this.today = today;
    this.words = words;
    /** @type {View} */
    this.view = { ...FIRST_VIEW };
    this.size = { width: 1200, height: 600 };
    this.scroll = { left: 0, top: 0 };
    /** @type {Places | null} */
    this.places = null;
    this.placesRoom = "";
    /** @type {Map<number, {element: HTMLElement, signature: string}>} */
    this.mounted = new Map();
    /** @type {Position} */
    this.position = { row: 0, cell: "head" };
    this.rowId = "";
    /** @type {Row[]} */
    this.rows = [];
    this.layout = new Layout(model.desk, this.view, { width: this.size.width, head: HEAD_WIDE });
    /** The number of each function, for its colour. @type {Map<string, number>} */
    this.functions = new Map();
    this.frame = 0;
    /** Another number whenever what is in the rows may differ, and what was drawn last. */
    this.state = 0;
    this.drawn = "";
    this.axisSignature = "";
    this.empty = make("p", { class: "desk-empty", hidden: true });
    this.axis = make("div", { class: "axis", role: "row", "aria-rowindex": 1 });
    this.body = make("div", { class: "body", role: "rowgroup" });
    this.ghostNote = document.createTextNode("");
    this.ghost = make("div", { class: "ghost", "aria-hidden": "true", hidden: true },
      make("span", { class: "ghost-mark" }), make("span", { class: "ghost-note" }, this.ghostNote));
    this.canvas = make("div", { class: "canvas", role: "presentation" }, this.axis, this.body, this.ghost);
    this.scroller = make("div", { class: "grid", role: "grid", "aria-label": words.say("grid_name"), "aria-describedby": "desk-keys-hint" }, this.canvas);
    this.element = make("div", { class: "grid-box" }, patterns(), this.scroller, this.empty);
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(([entry]) => entry && this.#resized(entry.contentRect)).observe(this.scroller);
  }

  /** How many rows the box shows. */
  get page() {
    return Math.max(1, Math.floor((this.size.height - AXIS_HEIGHT) / ROW_HEIGHT));
  }

  get isNarrow() {
    return this.size.width < NARROW;
  }

  #scrolled() {
    this.readScroll();
    if (!this.frame) this.frame = requestAnimationFrame(() => this.draw());
  }

  readScroll() {
    this.scroll = { left: this.scroller.scrollLeft, top: this.scroller.scrollTop };
  }

  /** @param {DOMRectReadOnly} rect */
  #resized(rect) {
    if (rect.width === 0 || (rect.width === this.size.width && rect.height === this.size.height)) return;
    const isWider = rect.width !== this.size.width;
    this.size = { width: rect.width, height: rect.height };
    if (isWider) this.refresh();
    else this.draw();
  }

  /** The rows anew, after a change of the week or of the view. */
  refresh() {
    const head = this.isNarrow ? HEAD_NARROW : HEAD_WIDE;
    this.layout = new Layout(this.model.desk, this.view, { width: this.size.width, head });
    this.rows = rowsOf(this.model, this.view, this.words);
    this.functions = this.#functions();
    this.state += 1;
    this.#keepPosition();
    this.#measure();
    this.draw();
  }

  #keepPosition() {
    const { row, cell } = this.position;
    const same = this.rows.findIndex((candidate) => candidate.id === this.rowId);
    this.position = (cell !== "head" && locate(this.rows, cell, this.rowId)) || {
      row: same >= 0 ? same : Math.max(0, Math.min(row, this.rows.length - 1)),
      cell: "head",
    };
    this.rowId = this.rows[this.position.row]?.id ?? "";
  }

  #measure() {
    const { layout, words } = this;
    const signature = [layout.width, layout.slot, layout.head, this.view.day, this.view.rows, this.model.desk.days.map((day) => day.date + day.type)].join();
    if (signature !== this.axisSignature) {
      this.axisSignature = signature;
      this.canvas.style.width = `${layout.width}px`;
      for (const [name, value] of Object.entries({ "--head": layout.head, "--hour": (60 / layout.step) * layout.slot, "--day": layout.dayWidth })) {
        this.canvas.style.setProperty(name, `${value}px`);
      }
      this.axis.replaceChildren(...axis(this.model.desk, layout, words, { rows: this.view.rows, today: this.today }));
      this.scroller.setAttribute("aria-colcount", String(layout.days.length * layout.slotsOfDay + 1));
    }
    this.canvas.style.height = `${AXIS_HEIGHT + this.rows.length * ROW_HEIGHT + BOTTOM}px`;
    this.scroller.setAttribute("aria-rowcount", String(this.rows.length + 1));
    this.empty.hidden = this.rows.length > 0;
    if (this.rows.length) this.scroller.removeAttribute("tabindex");
    else this.scroller.tabIndex = 0; // nothing in it can have the focus, and it scrolls
    if (!this.rows.length) this.empty.textContent = words.say(this.model.desk.rooms.length ? "no_rows" : "no_rooms");
  }

  /** Mount the rows that are seen and the one with the focus; unmount the others. */
  draw() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const first = Math.max(0, Math.floor(this.scroll.top / ROW_HEIGHT) - BEYOND);
    const end = Math.min(this.rows.length, Math.ceil((this.scroll.top + this.size.height - AXIS_HEIGHT) / ROW_HEIGHT) + BEYOND);
    const drawn = `${first} ${end} ${this.position.row} ${this.state}`;
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const isFocused = this.scroller.contains(document.activeElement);
    const isWanted = (/** @type {number} */ index) => (index >= first && index < end) || (index === this.position.row && index < this.rows.length);
    for (const [index, { element }] of this.mounted) {
      if (isWanted(index)) continue;
      element.remove();
      this.mounted.delete(index);
    }
    const context = { model: this.model, layout: this.layout, words: this.words, rows: this.rows.length, functions: this.functions };
    const fresh = document.createDocumentFragment();
    for (const index of new Set([...range(first, end), this.position.row])) {
      const row = this.rows[index];
      if (!row) continue;
      const signature = this.#signature(row, index);
      const present = this.mounted.get(index);
      if (present?.signature === signature) continue;
      const element = this.#rowElement(row, index, context);
      if (present) present.element.replaceWith(element);
      else fresh.append(element);
      this.mounted.set(index, { element, signature });
    }
    if (fresh.childNodes.length) this.body.append(fresh);
    if (isFocused && !this.scroller.contains(document.activeElement)) this.#focusElement();
  }

  #functions() {
    const names = [...new Set(this.model.desk.sessions.map((session) => session.function))].sort();
    return new Map(names.map((name, index) => [name, index]));
  }

  /**
   * @param {Row} row
   * @param {number} index
   */
  #signature(row, index) {
    const cells = row.cells.map(({ id, start, end, session, words }) => [id, start, end, words, session?.title, session?.state, session?.pin, session?.moved, session?.warnings.join(), session?.room]);
    return JSON.stringify([this.axisSignature, index, this.rows.length, row.id, row.title, row.note, row.first, row.open, this.places?.mark ?? 0, cells]);
  }

  /**
   * @param {Row} row
   * @param {number} index
   * @param {import("./blocks.js").Context} context
   */
  #rowElement(row, index, context) {
    const element = make("div", { class: row.first ? "desk-row first" : "desk-row", role: "row", "aria-rowindex": index + 2, "data-row": index },
      headElement(row, index, context), this.#shade(row), ...cellElements(row, index, context));
    element.style.top = `${index * ROW_HEIGHT}px`;
    if (index === this.position.row) {
      const stop = this.#find(element, this.position.cell) ?? this.#find(element, "head");
      if (stop) stop.tabIndex = 0;
    }
    return element;
  }

  /**
   * In the view of people a move stays in its row, which has the colours of the session's room.
   * @param {Row} row
   */
  #shade(row) {
    const room = row.room >= 0 ? row.id : row.id === this.rowId ? this.placesRoom : "";
    return shade(row, this.layout, room ? this.places : null, room);
  }

  /**
   * @param {HTMLElement} element
   * @param {string} cell
   * @returns {HTMLElement | null}
   */
  #find(element, cell) {
    return element.querySelector(`[data-cell="${CSS.escape(cell)}"]`);
  }

  /**
   * @param {Position} position
   * @param {{focus?: boolean, reveal?: boolean}} [options]
   */
  goTo(position, { focus = true, reveal = true } = {}) {
    const old = this.mounted.get(this.position.row)?.element.querySelector('[tabindex="0"]');
    if (old instanceof HTMLElement) old.tabIndex = -1;
    this.position = position;
    this.rowId = this.rows[position.row]?.id ?? "";
    const cell = this.rows[position.row]?.cells.find((candidate) => candidate.id === position.cell);
    if (cell && reveal) this.reveal(position.row, cell.kind === "head" ? null : cell);
    this.draw();
    const row = this.mounted.get(position.row)?.element;
    const stop = row && (this.#find(row, position.cell) ?? this.#find(row, "head"));
    if (stop) stop.tabIndex = 0;
    if (focus) this.#focusElement();
  }

  focus() {
    this.goTo(this.position);
  }

  #focusElement() {
    const stop = this.mounted.get(this.position.row)?.element.querySelector('[tabindex="0"]');
    if (stop instanceof HTMLElement) stop.focus({ preventScroll: true });
  }

  /**
   * Scroll until a row and a time are seen, by reckoning alone.
   * @param {number} row
   * @param {{start: number, end: number} | null} span  null: the row alone
   */
  reveal(row, span) {
    const top = row * ROW_HEIGHT;
    const room = this.size.height - AXIS_HEIGHT;
    let { left, top: scrollTop } = this.scroll;
    if (top < scrollTop) scrollTop = top;
    else if (top + ROW_HEIGHT + 4 > scrollTop + room) scrollTop = top + ROW_HEIGHT + 4 - room;
    if (span) {
      const { left: x, width } = this.layout.span(span.start, span.end);
      const inside = this.size.width - this.layout.head;
      if (x - this.layout.head < left + 8 || x + width > left + this.size.width - 8) left = Math.max(0, x - this.layout.head - inside / 3);
    }
    this.scrollTo(left, scrollTop);
  }

  /**
   * @param {number} left
   * @param {number} top
   */
  scrollTo(left, top) {
    if (left !== this.scroll.left) this.scroller.scrollLeft = left;
    if (top !== this.scroll.top) this.scroller.scrollTop = top;
    const most = Math.max(0, AXIS_HEIGHT + this.rows.length * ROW_HEIGHT + BOTTOM - this.size.height);
    this.scroll = { left: Math.max(0, Math.min(left, this.layout.width - this.size.width)), top: Math.max(0, Math.min(top, most)) };
  }

  /**
   * The row and block of an element in it.
   * @param {EventTarget | null} target
   * @returns {Position | null}
   */
  positionOf(target) {
    const element = target instanceof Element ? target.closest("[data-cell]") : null;
    const row = element?.closest("[data-row]");
    if (!(element instanceof HTMLElement) || !(row instanceof HTMLElement)) return null;
    return { row: Number(row.dataset["row"]), cell: element.dataset["cell"] ?? "head" };
  }

  /**
   * The row and start under a point of the canvas.
   * @param {number} x
   * @param {number} y
   */
  slotAt(x, y) {
    const row = Math.min(this.rows.length - 1, Math.max(0, Math.floor((y - AXIS_HEIGHT) / ROW_HEIGHT)));
    return { row, start: this.layout.minute(x) };
  }

  /**
   * A few changes of the page, none of them to its layout.
   * @param {{row: number, start: number, minutes: number, note: string}} ghost
   */
  showGhost({ row, start, minutes, note }) {
    const { layout, ghost } = this;
    const left = layout.x(start);
    const top = AXIS_HEIGHT + row * ROW_HEIGHT;
    const place = `translate(${left}px, ${top}px)`;
    const size = `${Math.max(12, (minutes / layout.step) * layout.slot - 1)}px`;
    const isLow = top + 2 * ROW_HEIGHT + 20 > this.scroll.top + this.size.height;
    const isRight = left > this.scroll.left + this.size.width * 0.6;
    const corner = `${isLow ? "above" : "below"} ${isRight ? "left" : "right"}`;
    if (ghost.style.width !== size) ghost.style.width = size;
    if (ghost.style.transform !== place) ghost.style.transform = place;
    if (ghost.dataset["corner"] !== corner) ghost.dataset["corner"] = corner;
    setText(this.ghostNote, note);
    if (ghost.hidden) ghost.hidden = false;
  }

  hideGhost() {
    this.ghost.hidden = true;
  }

  /**
   * @param {Places | null} places  colours every row, or takes the colours away
   * @param {string} [room]  venue/room where the session is
   */
  setPlaces(places, room = "") {
    this.places = places;
    this.placesRoom = room;
    this.state += 1;
    this.scroller.classList.toggle("moving", places !== null);
    this.draw();
  }
}

/**
 * @param {number} first
 * @param {number} end
 */
function* range(first, end) {
  for (let index = first; index < end; index += 1) yield index;
}
