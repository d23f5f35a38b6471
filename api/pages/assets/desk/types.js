/**
 * Types of the desk: what the server sends, and what the modules hand to one another. Nothing runs here.
 *
 * A time is a wall-clock minute of the week, Monday 00:00 = 0. Ends are not included.
 *
 * @typedef {{date: string, type: string, name: string | null}} Day
 * @typedef {{key: string, name: string, street: string | null, street_name: string | null}} Venue
 * @typedef {{venue: number, key: string, name: string, capacity: number, functions: string[] | null,
 *   open: [number, number][], closed: [number, number, string][]}} Room  `venue` is an index into `Desk.venues`
 * @typedef {{key: string, name: string | null}} Person
 *
 * @typedef {object} Session
 * @property {string} request
 * @property {number} session  which of the request's sessions, from 1
 * @property {string} title
 * @property {string} community
 * @property {string} function
 * @property {number} learners
 * @property {number} room  index into `Desk.rooms`
 * @property {number} start
 * @property {number} end
 * @property {number[]} leads  indices into `Desk.people`
 * @property {number[]} assistants
 * @property {string | null} pin  the comment of its pin
 * @property {boolean} moved  by hand
 * @property {string[]} warnings
 * @property {string | null} [by]  who changed it last, where the server says so
 *
 * @typedef {{request: string, title: string, community: string, function: string, learners: number,
 *   missing: number, sessions: number, weight: number, duration_min: number, numbers: number[]}} Unserved
 *   `numbers`: those of its sessions that have no place
 * @typedef {string | {kind: string, title: string} | null} StepLabel  what a step of undo would take back
 *
 * @typedef {object} Desk
 * @property {string} area
 * @property {string} week
 * @property {string} zone
 * @property {number} version
 * @property {number} draft
 * @property {number} step_min
 * @property {Day[]} days
 * @property {Venue[]} venues
 * @property {Room[]} rooms
 * @property {Person[]} people
 * @property {Session[]} sessions
 * @property {Unserved[]} unserved
 * @property {{label: StepLabel} | null} [undo]
 * @property {{label: StepLabel} | null} [redo]
 *
 * @typedef {object} PlacesMap  which starts are possible for one session, in each room
 * @property {number} version
 * @property {number} step_min
 * @property {number} slots
 * @property {string[]} verdicts
 * @property {{venue: string, room: string, runs: number[]}[]} rooms
 *
 * @typedef {{rule: string, sentence: string}} Breach
 * @typedef {{status: number, type: string, title: string, detail: string, next: string,
 *   warnings?: Breach[], broken?: Breach[]}} Problem  RFC 9457
 *
 * @typedef {{venue: string, room: string, start: number}} Place
 * @typedef {{id: string, kind: "session" | "closure" | "head", start: number, end: number,
 *   session?: Shown, words?: string}} Cell
 * @typedef {Session & {id: string, place: Place, state: "" | "saving" | "asking"}} Shown  a session as the screen has it,
 *   with its place in words that stay true when rooms come and go
 *
 * @typedef {object} Row
 * @property {string} id
 * @property {string} title
 * @property {string} note  a second line: the venue, or how many sessions
 * @property {number} room  index into `Desk.rooms`, -1 for a person
 * @property {string} group  the venue, or ""
 * @property {boolean} first  of its group
 * @property {[number, number][]} open
 * @property {Cell[]} cells  the head first, then by start
 *
 * @typedef {object} View  what of the week is looked at, and how
 * @property {"rooms" | "people"} rows
 * @property {number} day  0 to 6; -1 is the whole week
 * @property {number} zoom  0 to 2
 * @property {string} street
 * @property {string} venue
 * @property {string} function
 * @property {string} text
 * @property {boolean} busy  rows with sessions alone
 *
 * @typedef {Record<string, string | Record<string, string>>} WordTable
 * @typedef {Record<string, string>} Urls
 * @typedef {{area: string, week: string, urls: Urls, csrf: string, words: WordTable, lang: string,
 *   today: string}} PageData
 */
export {};
