/** Shading behind a row: hours open, closures, and during a move where the session may start; one SVG for each row. */
/** @import {Row} from "./types.js" */
/** @import {Layout} from "./layout.js" */
/** @import {Places} from "./places.js" */
import { makeSvg } from "./dom.js";
import { DAY_MIN, ROW_HEIGHT } from "./layout.js";

const HEIGHT = ROW_HEIGHT - 1; // inside the border of the row
const BAR = 5;

/** Patterns that the shading of all rows uses: shapes, so that nothing rests on colour alone. */
export function patterns() {
  const hatch = makeSvg("pattern", { id: "desk-hatch", width: 8, height: 8, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    makeSvg("rect", { class: "hatch-line", width: 2, height: 8 }));
  const dots = makeSvg("pattern", { id: "desk-dots", width: 8, height: 8, patternUnits: "userSpaceOnUse" },
    makeSvg("circle", { class: "dot", cx: 4, cy: 4, r: 1.4 }));
  return makeSvg("svg", { class: "desk-patterns", width: 0, height: 0, "aria-hidden": "true", focusable: "false" }, makeSvg("defs", {}, hatch, dots));
}

/**
 * @param {Row} row
 * @param {Layout} layout
 * @param {Places | null} places  of the session that is being moved
 * @param {string} room  venue/room that the places are of
 */
export function shade(row, layout, places, room) {
  const svg = makeSvg("svg", { class: "shade", "aria-hidden": "true", focusable: "false", width: layout.width, height: HEIGHT });
  if (places) svg.append(...movePaths(room, layout, places));
  else if (row.room >= 0) {
    svg.append(makeSvg("path", { class: "shut", d: rectangles(notOpen(row.open), layout, 0, HEIGHT) }));
    const closed = row.cells.filter((cell) => cell.kind === "closure").map(({ start, end }) => /** @type {[number, number]} */ ([start, end]));
    if (closed.length) svg.append(makeSvg("path", { class: "closed", fill: "url(#desk-hatch)", d: rectangles(closed, layout, 0, HEIGHT) }));
  }
  return svg;
}

/**
 * @param {string} room  venue/room
 * @param {Layout} layout
 * @param {Places} places
 */
function movePaths(room, layout, places) {
  /** @type {Record<"same" | "others" | "not", [number, number][]>} */
  const kinds = { same: [], others: [], not: [] };
  for (const { kind, start, end } of places.stretches(room)) kinds[kind].push([start, end]);
  const path = (/** @type {"same" | "others" | "not"} */ kind, /** @type {string} */ name, /** @type {number} */ top, /** @type {string | null} */ fill) =>
    kinds[kind].length ? [makeSvg("path", { class: name, fill, d: rectangles(kinds[kind], layout, top, HEIGHT) })] : [];
  return [
    ...path("not", "not", 0, null),
    ...path("same", "same", 0, null),
    ...path("same", "same-bar", HEIGHT - BAR, null),
    ...path("others", "others", 0, null),
    ...path("others", "others-dots", 0, "url(#desk-dots)"),
  ];
}

/**
 * The rest of the week beside its windows.
 * @param {[number, number][]} windows  by start
 */
function notOpen(windows) {
  /** @type {[number, number][]} */
  const rest = [];
  let from = 0;
  for (const [start, end] of windows) {
    if (start > from) rest.push([from, start]);
    from = Math.max(from, end);
  }
  if (from < 7 * DAY_MIN) rest.push([from, 7 * DAY_MIN]);
  return rest;
}

/**
 * @param {[number, number][]} windows
 * @param {Layout} layout
 * @param {number} top
 * @param {number} bottom
 */
function rectangles(windows, layout, top, bottom) {
  let path = "";
  for (const [start, end] of windows) {
    for (let day = Math.floor(start / DAY_MIN); day * DAY_MIN < end; day += 1) {
      if (!layout.days.includes(day)) continue;
      const from = Math.max(start, day * DAY_MIN + layout.dayStart);
      const until = Math.min(end, day * DAY_MIN + layout.dayEnd);
      if (until <= from) continue;
      const left = layout.x(from);
      const right = left + ((until - from) / layout.step) * layout.slot;
      path += `M${left} ${top}H${right}V${bottom}H${left}Z`;
    }
  }
  return path;
}
