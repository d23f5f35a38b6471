/** Where the arrows lead: from one block to the next, and from row to row. */
/** @import {Cell, Row} from "./types.js" */

/** @typedef {{row: number, cell: string}} Position  `row` is an index into the rows, `cell` the id of a block */

/**
 * @param {Row[]} rows
 * @param {Position} position
 * @param {{key: string, ctrl: boolean, page: number}} pressed  `page`: how many rows the box shows
 * @returns {Position | null}  null where the key leads nowhere
 */
export function neighbour(rows, position, { key, ctrl, page }) {
  const row = rows[position.row];
  if (!row) return null;
  const index = Math.max(0, row.cells.findIndex((cell) => cell.id === position.cell));
  const last = rows.length - 1;
  switch (key) {
    case "ArrowRight":
      return within(row, position.row, index + 1);
    case "ArrowLeft":
      return within(row, position.row, index - 1);
    case "ArrowDown":
      return nearest(rows, position.row + 1, row.cells[index]);
    case "ArrowUp":
      return nearest(rows, position.row - 1, row.cells[index]);
    case "PageDown":
      return nearest(rows, Math.min(last, position.row + page), row.cells[index]);
    case "PageUp":
      return nearest(rows, Math.max(0, position.row - page), row.cells[index]);
    case "Home":
      return ctrl ? within(rows[0], 0, 0) : within(row, position.row, 0);
    case "End":
      return ctrl ? within(rows[last], last, (rows[last]?.cells.length ?? 1) - 1) : within(row, position.row, row.cells.length - 1);
    default:
      return null;
  }
}

/**
 * @param {Row | undefined} row
 * @param {number} rowIndex
 * @param {number} index
 * @returns {Position | null}
 */
function within(row, rowIndex, index) {
  const cell = row?.cells[index];
  return cell ? { row: rowIndex, cell: cell.id } : null;
}

/**
 * The block of another row that begins nearest; from a header to the header, and where the row is empty.
 * @param {Row[]} rows
 * @param {number} rowIndex
 * @param {Cell | undefined} from
 * @returns {Position | null}
 */
function nearest(rows, rowIndex, from) {
  const row = rows[rowIndex];
  if (!row) return null;
  const blocks = from && from.kind !== "head" ? row.cells.slice(1) : [];
  const start = from?.start ?? 0;
  const [first] = blocks.toSorted((one, two) => Math.abs(one.start - start) - Math.abs(two.start - start));
  return { row: rowIndex, cell: first?.id ?? "head" };
}

/**
 * Where a block is now.
 * @param {Row[]} rows
 * @param {string} cell
 * @param {string} [preferred]  the id of a row to look in first: in the view of people a session has several
 * @returns {Position | null}
 */
export function locate(rows, cell, preferred = "") {
  const holds = (/** @type {Row} */ row) => row.cells.some((candidate) => candidate.id === cell);
  const first = rows.findIndex((row) => row.id === preferred && holds(row));
  const row = first >= 0 ? first : rows.findIndex(holds);
  return row >= 0 ? { row, cell } : null;
}
