/** Rows of the week: rooms by venue, or people, with their cells, as the filters leave them. */
/** @import {Cell, Desk, Row, Shown, View} from "./types.js" */
/** @import {Model} from "./model.js" */
/** @import {Words} from "./words.js" */

/** @type {View} */
export const FIRST_VIEW = { rows: "rooms", day: -1, zoom: 0, street: "", venue: "", function: "", text: "", busy: false };

/**
 * @param {Model} model
 * @param {View} view
 * @param {Words} words
 * @returns {Row[]}
 */
export function rowsOf(model, view, words) {
  const sessions = [...model.shown.values()].filter((session) => isShown(model.desk, session, view));
  const rows = view.rows === "rooms" ? roomRows(model.desk, sessions, view, words) : personRows(model.desk, sessions, view, words);
  const kept = view.busy || view.function ? rows.filter((row) => row.cells.some((cell) => cell.kind === "session")) : rows;
  let group = "";
  for (const row of kept) {
    row.first = row.group !== group;
    group = row.group;
    row.cells.sort((one, two) => one.start - two.start || one.id.localeCompare(two.id));
    row.cells.unshift({ id: "head", kind: "head", start: -1, end: -1 });
  }
  return kept;
}

/**
 * @param {Desk} desk
 * @param {Shown} session
 * @param {View} view
 */
function isShown(desk, session, view) {
  if (view.function && session.function !== view.function) return false;
  if (view.day >= 0 && Math.floor(session.start / 1440) !== view.day) return false;
  const venue = desk.venues[desk.rooms[session.room]?.venue ?? -1];
  if (view.street && venue?.street !== view.street) return false;
  return !view.venue || venue?.key === view.venue;
}

/**
 * @param {Desk} desk
 * @param {Shown[]} sessions
 * @param {View} view
 * @param {Words} words
 */
function roomRows(desk, sessions, view, words) {
  const text = view.text.toLocaleLowerCase();
  /** @type {Map<number, Shown[]>} */
  const byRoom = new Map();
  for (const session of sessions) push(byRoom, session.room, session);
  /** @type {Row[]} */
  const rows = [];
  const order = desk.rooms.map((room, index) => ({ room, index })).sort((one, two) => one.room.venue - two.room.venue || one.index - two.index);
  for (const { room, index } of order) {
    const venue = desk.venues[room.venue];
    if (!venue || (view.street && venue.street !== view.street) || (view.venue && venue.key !== view.venue)) continue;
    const inside = byRoom.get(index) ?? [];
    const named = `${room.name} ${venue.name}`.toLocaleLowerCase().includes(text);
    const matching = named ? inside : inside.filter((session) => hasText(session, text));
    if (!named && !matching.length) continue;
    /** @type {Cell[]} */
    const cells = matching.map(cellOf);
    for (const [start, end, why] of room.closed) cells.push(...closureCells(start, end, why, view.day));
    const note = `${venue.name} · ${words.say("seats", { n: room.capacity })}`;
    rows.push({ id: `${venue.key}/${room.key}`, title: room.name, note, room: index, group: venue.key, first: false, open: room.open, cells });
  }
  return rows;
}

/**
 * @param {Desk} desk
 * @param {Shown[]} sessions
 * @param {View} view
 * @param {Words} words
 */
function personRows(desk, sessions, view, words) {
  const text = view.text.toLocaleLowerCase();
  /** @type {Map<number, Shown[]>} */
  const byPerson = new Map();
  for (const session of sessions) for (const index of new Set([...session.leads, ...session.assistants])) push(byPerson, index, session);
  /** @type {Row[]} */
  const rows = [];
  desk.people.forEach((person, index) => {
    const inside = byPerson.get(index) ?? [];
    const title = person.name ?? person.key;
    const named = `${title} ${person.key}`.toLocaleLowerCase().includes(text);
    const matching = named ? inside : inside.filter((session) => hasText(session, text));
    if (!named && !matching.length) return;
    const note = words.say("sessions", { n: inside.length });
    rows.push({ id: `person ${person.key}`, title, note, room: -1, group: "", first: false, open: [], cells: matching.map(cellOf) });
  });
  return rows;
}

/**
 * @param {Shown} session
 * @returns {Cell}
 */
function cellOf(session) {
  return { id: session.id, kind: "session", start: session.start, end: session.end, session };
}

/**
 * A closure, cut at midnight.
 * @param {number} start
 * @param {number} end
 * @param {string} words
 * @param {number} only  one day, or -1
 * @returns {Cell[]}
 */
function closureCells(start, end, words, only) {
  /** @type {Cell[]} */
  const cells = [];
  for (let day = Math.floor(start / 1440); day * 1440 < end; day += 1) {
    if (only >= 0 && day !== only) continue;
    const from = Math.max(start, day * 1440);
    cells.push({ id: `closed ${from}`, kind: "closure", start: from, end: Math.min(end, (day + 1) * 1440), words });
  }
  return cells;
}

/**
 * @param {Shown} session
 * @param {string} text  in lower case
 */
function hasText(session, text) {
  return `${session.title} ${session.request}`.toLocaleLowerCase().includes(text);
}

/**
 * @template K, V
 * @param {Map<K, V[]>} map
 * @param {K} key
 * @param {V} value
 */
function push(map, key, value) {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
