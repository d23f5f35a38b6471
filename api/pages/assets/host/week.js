/**
 * The hours of a week as spans of each day, how painting changes them, and the rows that stand for them.
 *
 * The rows of a week and the week of its rows are the same hours as those that the server makes of the rows.
 */

/** Minutes after midnight of the day; an end after 1440 lies on the next day.
 * @typedef {{start: number, end: number}} Span */
/** The spans of Monday to Sunday, sorted, those that touch joined.
 * @typedef {Span[][]} Week */
/** Open at this span on these days, 0 = Monday.
 * @typedef {{days: number[], span: Span}} Row */
/** Days and minutes of each of them, the ends of the minutes not included.
 * @typedef {{firstDay: number, lastDay: number, start: number, end: number}} Area */

export const DAY_MIN = 1440;
export const DAYS = 7;

/** @returns {Week} */
export function emptyWeek() {
  return Array.from({ length: DAYS }, () => []);
}

/** Spans in order, those that touch or overlap joined.
 * @param {Span[]} spans @returns {Span[]} */
export function joined(spans) {
  /** @type {Span[]} */
  const result = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start || a.end - b.end)) {
    const last = result.at(-1);
    if (last && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else result.push({ ...span });
  }
  return result;
}

/** The week with an area opened or closed. Closing up to midnight also closes what runs on after it.
 * @param {Week} week @param {Area} area @param {boolean} open @returns {Week} */
export function painted(week, area, open) {
  return week.map((spans, day) => {
    if (day < area.firstDay || day > area.lastDay) return spans;
    if (open) return joined([...spans, { start: area.start, end: area.end }]);
    const end = area.end === DAY_MIN ? 2 * DAY_MIN : area.end;
    return joined(spans.flatMap((span) => without(span, area.start, end)));
  });
}

/** @param {Span} span @param {number} start @param {number} end @returns {Span[]} */
function without(span, start, end) {
  if (span.end <= start || end <= span.start) return [span];
  return [
    { start: span.start, end: Math.min(start, span.end) },
    { start: Math.max(end, span.start), end: span.end },
  ].filter((piece) => piece.start < piece.end);
}

/** Whether the minutes of a day are open, closed, or open for a part.
 * @param {Week} week @param {number} day @param {number} start @param {number} end
 * @returns {"open" | "closed" | "partly"} */
export function stateOf(week, day, start, end) {
  const touching = (week[day] ?? []).filter((span) => span.start < end && start < span.end);
  if (touching.length === 0) return "closed";
  return touching.some((span) => span.start <= start && end <= span.end) ? "open" : "partly";
}

/** The fewest rows for a week: one for each span, with all days that have it.
 * @param {Week} week @returns {Row[]} */
export function rowsOf(week) {
  /** @type {Map<string, Row>} */
  const rows = new Map();
  week.forEach((spans, day) => {
    for (const span of spans) {
      const key = `${span.start}-${span.end}`;
      const row = rows.get(key);
      if (row) row.days.push(day);
      else rows.set(key, { days: [day], span });
    }
  });
  return [...rows.values()].sort(
    (a, b) => (a.days[0] ?? 0) - (b.days[0] ?? 0) || a.span.start - b.span.start || a.span.end - b.span.end,
  );
}

/** @param {Row[]} rows @returns {Week} */
export function weekOf(rows) {
  const week = emptyWeek();
  for (const row of rows) {
    for (const day of row.days) week[day]?.push(row.span);
  }
  return week.map(joined);
}

/** A time of day such as 18:30. 24:00 ends a day, what lies after it counts from 00:00.
 * @param {number} minute @returns {string} */
export function clock(minute) {
  const shown = minute > DAY_MIN ? minute - DAY_MIN : minute;
  return `${String(Math.floor(shown / 60)).padStart(2, "0")}:${String(shown % 60).padStart(2, "0")}`;
}

/** Minutes after midnight of 18:30, 18.30, 1830 or 18; null where it is no time of a day, as on the server.
 * @param {string} text @returns {number | null} */
export function minuteOf(text) {
  const match = /^([0-9]{1,2})(?:[:.：]?([0-9]{2}))?$/.exec(text.trim());
  if (!match) return null;
  const minutes = Number(match[2] ?? 0);
  const minute = Number(match[1]) * 60 + minutes;
  return minutes < 60 && minute <= DAY_MIN ? minute : null;
}

/** The span of two times; an end that is not after the start lies on the next day.
 * @param {string} from @param {string} until @returns {Span | null} */
export function spanOf(from, until) {
  const start = minuteOf(from);
  const end = minuteOf(until);
  if (start === null || end === null || start === DAY_MIN) return null;
  return { start, end: end > start ? end : end + DAY_MIN };
}
