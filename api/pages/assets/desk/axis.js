/** The time axis above the grid: a column header for each day, with its kind, and the hours. */
/** @import {Desk} from "./types.js" */
/** @import {Layout} from "./layout.js" */
/** @import {Words} from "./words.js" */
import { make } from "./dom.js";
import { DAY_MIN } from "./layout.js";

const LEAST_PX = 34; // between two hours that are written
const LAST_PX = 22; // between the last of them and the end of the day
const FREE = new Set(["weekend", "holiday", "school_break"]);

/**
 * @param {Desk} desk
 * @param {Layout} layout
 * @param {Words} words
 * @param {{rows: "rooms" | "people", today: string}} shown  `today`: a date
 * @returns {HTMLElement[]}
 */
export function axis(desk, layout, words, { rows, today }) {
  const corner = make("div", { class: "corner", role: "columnheader", "aria-colindex": 1 }, words.say(rows === "rooms" ? "column_rooms" : "column_people"));
  return [corner, ...layout.days.map((day, index) => dayHeader(desk, day, index, layout, { words, today }))];
}

/**
 * @param {Desk} desk
 * @param {number} day
 * @param {number} index
 * @param {Layout} layout
 * @param {{words: Words, today: string}} said
 */
function dayHeader(desk, day, index, layout, { words, today }) {
  const { type = "", name = null, date = "" } = desk.days[day] ?? {};
  const kind = name ?? (words.has(`day_${type}`) ? words.say(`day_${type}`) : "");
  const header = make("div", {
    class: FREE.has(type) ? "day free" : "day",
    role: "columnheader",
    "aria-colindex": index * layout.slotsOfDay + 2,
    "aria-colspan": layout.slotsOfDay,
    "aria-current": date === today && "date",
  }, make("span", { class: "day-name" }, words.dayShort[day] ?? "", ...(kind ? [make("span", { class: "day-kind" }, kind)] : [])));
  header.style.left = `${layout.head + index * layout.dayWidth}px`;
  header.style.width = `${layout.dayWidth}px`;
  const every = [1, 2, 3, 4, 6].find((hours) => (hours * 60 * layout.slot) / layout.step >= LEAST_PX) ?? 6;
  for (let minute = layout.dayStart; minute < layout.dayEnd; minute += every * 60) {
    if (((layout.dayEnd - minute) * layout.slot) / layout.step < LAST_PX) break;
    const hour = make("span", { class: "hour", "aria-hidden": "true" }, String(minute / 60));
    hour.style.left = `${layout.x(day * DAY_MIN + minute) - layout.head - index * layout.dayWidth}px`;
    header.append(hour);
  }
  return header;
}
