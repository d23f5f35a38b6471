/** Pointers: a drag picks up, goes in steps and scrolls at the edges; without a drag a click chooses the place. */
/** @import {Grid} from "./grid.js" */
/** @import {Move} from "./move.js" */

const FAR_PX = 5; // from which a press is a drag
const HOLD_MS = 350; // from which a finger that rests is a drag
const EDGE_PX = 44;
const FASTEST_PX = 22; // a frame

/** @typedef {{id: number, x: number, y: number, grabX: number, touch: boolean, timer: number,
 *   position: import("./navigation.js").Position}} Press */

export class Pointer {
  /**
   * @param {Grid} grid
   * @param {Move} move
   * @param {{open: (id: string) => void, session: (id: string) => import("./types.js").Shown | undefined}} actions
   */
  constructor(grid, move, { open, session }) {
    this.grid = grid;
    this.move = move;
    this.open = open;
    this.session = session;
    /** @type {Press | null} */
    this.press = null;
    this.point = { x: 0, y: 0 };
    this.box = { left: 0, top: 0 };
    this.frame = 0;
    this.dragged = false;
    const { scroller } = grid;
    const measure = () => this.move.active && !this.move.active.dragging && this.#measure();
    move.addEventListener("begin", measure);
    window.addEventListener("scroll", measure, { passive: true });
    window.addEventListener("resize", measure);
    scroller.addEventListener("pointerdown", (event) => this.#down(event));
    scroller.addEventListener("pointermove", (event) => this.#moved(event));
    scroller.addEventListener("pointerup", (event) => this.#up(event));
    scroller.addEventListener("pointercancel", () => this.#lost());
    scroller.addEventListener("click", (event) => this.#clicked(event));
    /** Keeps the page where it is under the finger. @param {Event} event */
    this.hold = (event) => {
      if (this.move.active?.dragging) event.preventDefault();
    };
    scroller.addEventListener("contextmenu", (event) => this.press?.touch && event.preventDefault());
  }

  /** @param {PointerEvent} event */
  #down(event) {
    this.dragged = false;
    if (event.button !== 0 || this.move.active) {
      this.#measure();
      return;
    }
    const position = this.grid.positionOf(event.target);
    const session = position && this.session(position.cell);
    if (!session) return;
    this.#measure();
    const { left } = this.grid.layout.span(session.start, session.end);
    const touch = event.pointerType !== "mouse";
    const timer = touch ? window.setTimeout(() => this.#begin(), HOLD_MS) : 0;
    // Touches stay with the element where they began, even when its row is drawn anew.
    if (touch) event.target?.addEventListener("touchmove", this.hold, { passive: false });
    this.press = { id: event.pointerId, x: event.clientX, y: event.clientY, grabX: this.#canvasX(event.clientX) - left, touch, timer, position };
    this.point = { x: event.clientX, y: event.clientY };
  }

  #measure() {
    const { left, top } = this.grid.scroller.getBoundingClientRect();
    this.box = { left, top };
    this.grid.readScroll();
  }

  /** @param {number} clientX */
  #canvasX(clientX) {
    return clientX - this.box.left + this.grid.scroll.left;
  }

  #begin() {
    const { press } = this;
    const session = press && this.session(press.position.cell);
    if (!session) return;
    this.grid.goTo(press.position, { reveal: false });
    this.grid.scroller.setPointerCapture(press.id);
    this.dragged = true;
    this.move.pickUp(session, { dragging: true });
    this.#schedule();
  }

  /** @param {PointerEvent} event */
  #moved(event) {
    this.point = { x: event.clientX, y: event.clientY };
    const { press } = this;
    if (press && !this.move.active && press.id === event.pointerId) {
      if (Math.hypot(event.clientX - press.x, event.clientY - press.y) < FAR_PX) return;
      if (press.touch) this.#lost(); // the finger scrolls
      else this.#begin();
      return;
    }
    if (this.move.active) this.#schedule();
  }

  #schedule() {
    if (!this.frame) this.frame = requestAnimationFrame(() => this.#follow());
  }

  /** One frame: scroll first, then place the ghost; nothing is read from the page. */
  #follow() {
    this.frame = 0;
    const { active } = this.move;
    if (!active || !(active.dragging || this.#inside())) return;
    if (active.dragging && this.#scroll()) this.#schedule();
    const grabX = active.dragging ? (this.press?.grabX ?? 0) : 0;
    const { row, start } = this.grid.slotAt(this.#canvasX(this.point.x) - grabX, this.point.y - this.box.top + this.grid.scroll.top);
    this.move.to(row, start);
  }

  #inside() {
    const { left, top } = this.box;
    const { width, height } = this.grid.size; // as they are now: the bar of the move takes some of the height
    const { x, y } = this.point;
    return x > left + this.grid.layout.head && x < left + width && y > top && y < top + height;
  }

  /** @returns {boolean}  whether it goes on */
  #scroll() {
    const { left, top } = this.box;
    const { width, height } = this.grid.size;
    const dx = speed(this.point.x, left + this.grid.layout.head, left + width);
    const dy = speed(this.point.y, top + EDGE_PX, top + height);
    if (!dx && !dy) return false;
    const before = this.grid.scroll;
    this.grid.scrollTo(before.left + dx, before.top + dy);
    this.grid.draw();
    return this.grid.scroll.left !== before.left || this.grid.scroll.top !== before.top;
  }

  /** @param {PointerEvent} event */
  #up(event) {
    const { active } = this.move;
    this.#forget();
    if (!active?.dragging) return;
    this.point = { x: event.clientX, y: event.clientY };
    this.move.drop();
  }

  #lost() {
    this.#forget();
    if (this.move.active?.dragging) this.move.cancel();
  }

  #forget() {
    window.clearTimeout(this.press?.timer);
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.press = null;
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    if (this.dragged) {
      this.dragged = false;
      return;
    }
    if (this.move.active) {
      this.#measure();
      this.point = { x: event.clientX, y: event.clientY };
      if (!this.#inside()) return;
      const { row, start } = this.grid.slotAt(this.#canvasX(event.clientX), event.clientY - this.box.top + this.grid.scroll.top);
      this.move.to(row, start);
      this.move.drop();
      return;
    }
    const position = this.grid.positionOf(event.target);
    if (!position) return;
    this.grid.goTo(position);
    this.open(position.cell);
  }
}

/**
 * @param {number} at
 * @param {number} from
 * @param {number} until
 */
function speed(at, from, until) {
  if (at < from + EDGE_PX) return -Math.min(FASTEST_PX, Math.ceil((from + EDGE_PX - at) / 2));
  if (at > until - EDGE_PX) return Math.min(FASTEST_PX, Math.ceil((at - until + EDGE_PX) / 2));
  return 0;
}
