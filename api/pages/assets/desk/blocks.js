/** Blocks of a row as elements: sessions, closures and the row's header, each with a label that says all of it. */
/** @import {Cell, Row, Shown} from "./types.js" */
/** @import {Layout} from "./layout.js" */
/** @import {Model} from "./model.js" */
/** @import {Words} from "./words.js" */
import { make } from "./dom.js";
import { ROW_HEIGHT } from "./layout.js";

const HUES = 8;
const GAP = 3;
const ROOMY_PX = 64; // from which a title stands inside its block
const BESIDE_PX = 48; // from which it may stand beside a narrow one
const LONGEST_PX = 150;

/**
 * @typedef {object} Context  what all blocks of a drawing have in common
 * @property {Model} model
 * @property {Layout} layout
 * @property {Words} words
 * @property {number} rows  how many there are
 * @property {Map<string, number>} functions  the number of each function, for its colour
 */

/**
 * @param {Row} row
 * @param {number} index
 * @param {Context} context
 */
export function headElement(row, index, context) {
  const head = make("div", { class: "desk-head", role: "rowheader", "data-cell": "head", tabindex: -1, "aria-colindex": 1, title: `${row.title}, ${row.note}`, "aria-label": headLabel(row, index, context) },
    make("span", { class: "head-title" }, row.title), make("span", { class: "head-note" }, row.note));
  return head;
}

/**
 * @param {Row} row
 * @param {number} index
 * @param {Context} context
 */
export function headLabel(row, index, { words, rows }) {
  const sessions = row.cells.filter((cell) => cell.kind === "session").length;
  return words.list([row.title, row.note, words.say("row_of", { row: index + 1, rows }), row.room >= 0 ? words.say("sessions", { n: sessions }) : ""]);
}

/**
 * @param {Row} row
 * @param {number} index
 * @param {Context} context
 */
export function cellElements(row, index, context) {
  const cells = row.cells.filter((cell) => cell.kind !== "head" && context.layout.shows(cell.start));
  const lanes = lanesOf(cells);
  const count = Math.max(1, ...lanes.map((lane) => lane + 1));
  return cells.map((cell, position) => cellElement(row, index, cell, { lane: lanes[position] ?? 0, count, next: cells[position + 1]?.start ?? Infinity }, context));
}

/**
 * Blocks that overlap lie in lanes one below the other.
 * @param {Cell[]} cells  by start
 */
function lanesOf(cells) {
  /** @type {number[]} */
  const ends = [];
  return cells.map((cell) => {
    if (cell.kind === "closure") return 0;
    let lane = ends.findIndex((end) => end <= cell.start);
    if (lane < 0) lane = ends.length;
    ends[lane] = cell.end;
    return lane;
  });
}

/**
 * @param {Row} row
 * @param {number} index
 * @param {Cell} cell
 * @param {{lane: number, count: number, next: number}} lane  `next`: when the block after it begins
 * @param {Context} context
 */
function cellElement(row, index, cell, { lane, count, next }, context) {
  const { layout, words } = context;
  const { left, width } = layout.span(cell.start, cell.end);
  const height = (ROW_HEIGHT - 2 * GAP) / count;
  const column = Math.round((left - layout.head) / layout.slot) + 2;
  const element = make("div", {
    role: "gridcell",
    "data-cell": cell.id,
    tabindex: -1,
    "aria-colindex": column,
    "aria-colspan": Math.max(1, Math.round(width / layout.slot)),
    "aria-label": cellLabel(row, index, cell, context),
  });
  element.style.left = `${left}px`;
  element.style.width = `${Math.max(4, width - 1)}px`;
  element.style.top = `${GAP + lane * height}px`;
  element.style.height = `${height - 1}px`;
  const free = (Number.isFinite(next) ? layout.x(next) : layout.width) - left - width;
  if (cell.session) fillSession(element, cell.session, context, { width, free: count > 1 ? 0 : free });
  else {
    element.className = "block closure";
    element.append(make("span", { class: "block-title" }, cell.words || words.say("closed")));
  }
  return element;
}

/**
 * @param {HTMLElement} element
 * @param {Shown} session
 * @param {Context} context
 * @param {{width: number, free: number}} room  of the block, and beside it, in pixels
 */
function fillSession(element, session, { words, functions }, { width, free }) {
  element.className = "block session";
  element.dataset["hue"] = String((functions.get(session.function) ?? 0) % HUES);
  if (session.state) element.dataset["state"] = session.state;
  const marks = marksOf(session);
  const isBeside = width < ROOMY_PX && free >= BESIDE_PX;
  const title = make("span", { class: "block-title" }, isBeside && marks ? `${marks} ${session.title}` : session.title);
  if (isBeside) {
    element.classList.add("titled-beside");
    title.style.width = `${Math.min(free - 8, LONGEST_PX)}px`;
  } else if (marks) element.append(make("span", { class: "marks", "aria-hidden": "true" }, marks));
  element.append(title);
  element.title = words.list([session.title, words.span(session.start, session.end), ...notesOf(session, words)]);
}

/** @param {Shown} session */
function marksOf(session) {
  return [session.state === "saving" ? "…" : session.state === "asking" ? "?" : "", session.warnings.length ? "⚠" : "", session.pin === null ? "" : "⚲", session.moved ? "✎" : ""].join("");
}

/**
 * @param {Shown} session
 * @param {Words} words
 */
export function notesOf(session, words) {
  return [
    session.state ? words.say(`state_${session.state}`) : "",
    session.pin === null ? "" : words.say("pinned", { comment: session.pin }),
    session.moved ? words.say("moved_by_hand") : "",
    ...session.warnings.map((rule) => words.say("warning", { rule: words.rule(rule) })),
  ].filter(Boolean);
}

/**
 * @param {Row} row
 * @param {number} index
 * @param {Cell} cell
 * @param {Context} context
 */
export function cellLabel(row, index, cell, context) {
  const { words, model, rows } = context;
  if (cell.kind === "head") return headLabel(row, index, context);
  const where = words.say("row_of", { row: index + 1, rows });
  const times = [words.day(cell.start), words.span(cell.start, cell.end)];
  if (!cell.session) return words.list([words.say("closed_because", { why: cell.words ?? "" }), ...times, row.title, where]);
  const room = model.desk.rooms[cell.session.room];
  return words.list([cell.session.title, ...times, room?.name ?? "", where, ...notesOf(cell.session, words)]);
}
