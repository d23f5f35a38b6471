/** Keys of the grid. Letters act only while the grid has the focus, and they can be switched off (WCAG 2.1.4). */
/** @import {Grid} from "./grid.js" */
/** @import {Move} from "./move.js" */
import { neighbour } from "./navigation.js";

const STORED = "lyceum-desk-letters";

/**
 * @typedef {object} Actions  what the letters do
 * @property {(cell: string) => void} open
 * @property {(cell: string) => void} move
 * @property {(cell: string) => void} suggest
 * @property {() => void} tray
 * @property {() => void} find
 * @property {() => void} help
 * @property {(direction: "undo" | "redo") => void} step
 */

export class Keys {
  /**
   * @param {HTMLElement} root
   * @param {Grid} grid
   * @param {Move} move
   * @param {Actions} actions
   */
  constructor(root, grid, move, actions) {
    this.grid = grid;
    this.move = move;
    this.actions = actions;
    this.letters = window.localStorage.getItem(STORED) !== "off";
    grid.scroller.addEventListener("keydown", (event) => this.#inGrid(event));
    root.addEventListener("keydown", (event) => this.#anywhere(event));
  }

  /** @param {boolean} on */
  setLetters(on) {
    this.letters = on;
    window.localStorage.setItem(STORED, on ? "on" : "off");
  }

  /** @param {KeyboardEvent} event */
  #anywhere(event) {
    const { target } = event;
    const isWriting = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
    if (event.defaultPrevented || isWriting || (target instanceof Element && target.closest("dialog"))) return;
    if (this.move.active && event.key === "Escape") {
      event.preventDefault();
      this.move.cancel();
    } else if (!this.move.active && (event.ctrlKey || event.metaKey) && !event.altKey) {
      const key = event.key.toLowerCase();
      const direction = key === "y" || (key === "z" && event.shiftKey) ? "redo" : key === "z" ? "undo" : null;
      if (!direction) return;
      event.preventDefault();
      this.actions.step(direction);
    }
  }

  /** @param {KeyboardEvent} event */
  #inGrid(event) {
    if (event.altKey || event.isComposing) return;
    const handled = this.move.active ? this.#moving(event) : this.#reading(event);
    if (handled) event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  #moving(event) {
    const { move } = this;
    const far = event.shiftKey;
    switch (event.key) {
      case "ArrowLeft":
        move.step(far ? { days: -1 } : { steps: -1 });
        return true;
      case "ArrowRight":
        move.step(far ? { days: 1 } : { steps: 1 });
        return true;
      case "ArrowUp":
        move.step(far ? { venues: -1 } : { rows: -1 });
        return true;
      case "ArrowDown":
        move.step(far ? { venues: 1 } : { rows: 1 });
        return true;
      case "Enter":
        move.drop();
        return true;
      case "Escape":
        move.cancel();
        return true;
      default:
        return this.#letter(event, { n: () => move.next(1), p: () => move.next(-1), "?": this.actions.help });
    }
  }

  /** @param {KeyboardEvent} event */
  #reading(event) {
    const { grid, actions } = this;
    const to = neighbour(grid.rows, grid.position, { key: event.key, ctrl: event.ctrlKey || event.metaKey, page: grid.page });
    if (to) {
      grid.goTo(to);
      return true;
    }
    if (/^(Arrow|Page|Home|End)/.test(event.key)) return true;
    const { cell } = grid.position;
    if (event.key === "Enter" || event.key === " ") {
      actions.open(cell);
      return true;
    }
    return this.#letter(event, {
      m: () => actions.move(cell),
      s: () => actions.suggest(cell),
      t: actions.tray,
      f: actions.find,
      "?": actions.help,
    });
  }

  /**
   * @param {KeyboardEvent} event
   * @param {Record<string, () => void>} letters
   */
  #letter(event, letters) {
    const action = letters[event.key.toLowerCase()];
    if (!action || !this.letters || event.ctrlKey || event.metaKey) return false;
    action();
    return true;
  }
}
