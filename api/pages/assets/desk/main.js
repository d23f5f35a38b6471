/** The coordinator's desk: reads the week, builds the page's parts, and keeps them in step. */
/** @import {Desk, PageData} from "./types.js" */
/** @import {Difference} from "./model.js" */
import { Api, Refused } from "./api.js";
import { Cards } from "./card.js";
import { Commands } from "./commands.js";
import { Dialogs } from "./dialogs.js";
import { make } from "./dom.js";
import { openFind } from "./find.js";
import { Grid } from "./grid.js";
import { openHelp } from "./help.js";
import { Keys } from "./keys.js";
import { LiveRegion } from "./live_region.js";
import { Model, placeIn, samePlace } from "./model.js";
import { Move } from "./move.js";
import { moveBar } from "./move_bar.js";
import { locate } from "./navigation.js";
import { connectionBanner, Notices, savingState } from "./notices.js";
import { Pointer } from "./pointer.js";
import { Polling } from "./polling.js";
import { Saver } from "./saving.js";
import { Suggestions } from "./suggestions.js";
import { Toolbar } from "./toolbar.js";
import { Tray } from "./tray.js";
import { Words } from "./words.js";

const AGAIN_MS = 2000;

/**
 * @param {HTMLElement} root
 * @param {PageData} data
 */
export async function start(root, data) {
  const words = new Words(data.words, data.lang);
  const live = new LiveRegion(make("div", { class: "hidden", role: "status", "aria-live": "polite", id: "desk-live" }));
  const api = new Api(data.urls, data.csrf);
  const state = make("p", { class: "desk-empty" }, words.say("loading"));
  root.replaceChildren(live.element, state);
  const first = await read(api, (text) => (state.textContent = text), words);
  words.setDays(first.body.days);
  build(root, { words, live, api, desk: first.body, etag: first.etag, today: data.today });
}

/**
 * Ask until the week is there.
 * @param {Api} api
 * @param {(text: string) => void} tell
 * @param {Words} words
 * @returns {Promise<{body: Desk, etag: string}>}
 */
async function read(api, tell, words) {
  for (;;) {
    try {
      return await api.read(api.url("desk"));
    } catch (error) {
      tell(error instanceof Refused ? `${error.problem.detail} ${error.problem.next}` : words.say("no_connection"));
      await new Promise((resolve) => window.setTimeout(resolve, AGAIN_MS));
    }
  }
}

/**
 * @param {HTMLElement} root
 * @param {{words: Words, live: LiveRegion, api: Api, desk: Desk, etag: string, today: string}} parts
 */
function build(root, { words, live, api, desk, etag, today }) {
  const model = new Model(desk);
  const grid = new Grid(model, words, today);
  const saver = new Saver(api);
  const notices = new Notices(words);
  const dialogs = new Dialogs(root, words, () => grid.focus());
  const polling = new Polling(api, (latest) => {
    const differences = model.accept(latest);
    if (!differences) return false;
    words.setDays(latest.days);
    tellDifferences(differences);
    changed();
    return true;
  });
  polling.etag = etag;
  polling.seenAt = performance.now();

  const changed = () => {
    grid.refresh();
    toolbar.refresh();
    tray.refresh();
    move.renew();
  };
  const commands = new Commands(model, api, saver, words, {
    changed,
    done: (text) => live.add(text),
    refused: (text) => {
      live.add(text);
      notices.add(text, "refused");
    },
    askReason: (title, warnings) => dialogs.askReason(title, warnings),
    poll: () => polling.now(),
  });
  const suggestions = new Suggestions({ api, model, words, dialogs, commands });
  const move = new Move({ model, grid, api, words, live, commands, choosePeople: (session, place) => void suggestions.people(session, place) });
  dialogs.idle = () => new Promise((resolve) => (move.active ? move.addEventListener("end", () => resolve(), { once: true }) : resolve()));
  const cards = new Cards({ api, model, words, dialogs, commands, suggestions, pickUp: (session) => pickUp(session.id) });
  const tray = new Tray({
    api, model, words, dialogs, suggestions,
    pickUp: (session) => {
      toolbar.showRows("rooms");
      grid.focus();
      move.pickUp(session);
    },
    left: () => grid.focus(),
  });

  const pickUp = (/** @type {string} */ id) => {
    const session = model.session(id);
    if (!session) {
      live.say(words.say("no_session"));
      return;
    }
    grid.focus();
    move.pickUp(session);
  };
  const open = (/** @type {string} */ cell) => {
    const session = model.session(cell);
    const row = grid.rows[grid.position.row];
    if (session) cards.session(session);
    else if (row) cards.row(row);
  };
  const find = () => openFind({
    model, words, dialogs,
    goTo: (id) => {
      const position = locate(grid.rows, id);
      if (position) grid.goTo(position);
      else live.say(words.say("find_hidden"));
    },
  });
  const help = () => openHelp(dialogs, keys, words);
  const step = (/** @type {"undo" | "redo"} */ direction) => commands.step(direction);
  const toolbar = new Toolbar({ model, grid, words, reactions: {
    changed: () => live.say(words.say(grid.view.rows === "rooms" ? "rooms_shown" : "people_shown", { n: grid.rows.length })),
    step, find, help, tray: () => tray.toggle(),
  } });
  tray.toggled = (isOpen) => toolbar.tray.setAttribute("aria-expanded", String(isOpen));
  const keys = new Keys(root, grid, move, {
    open, find, help, step,
    move: pickUp,
    tray: () => tray.toggle(),
    suggest: (cell) => {
      const session = model.session(cell);
      if (session) void suggestions.places(session);
      else live.say(words.say("no_session"));
    },
  });
  new Pointer(grid, move, { open, session: (id) => model.session(id) });

  const banner = connectionBanner({
    polling, words,
    lost: () => live.add(words.say("connection_lost")),
    back: () => {
      saver.hurry();
      live.add(words.say("connection_back"));
    },
  });
  const hint = make("p", { class: "hidden", id: "desk-keys-hint" }, words.say("keys_hint"));
  const top = make("div", { class: "desk-top" }, toolbar.element, savingState(saver, words));
  root.replaceChildren(live.element, hint, top, banner, notices.element, make("div", { class: "desk-main" }, grid.element, tray.element), moveBar(move, words, root));
  const fit = () => root.style.setProperty("--desk-top", `${Math.round(root.getBoundingClientRect().top + window.scrollY)}px`);
  window.addEventListener("resize", fit);
  fit();
  window.addEventListener("beforeunload", (event) => saver.pending && event.preventDefault());
  grid.refresh();
  toolbar.refresh();
  polling.now();

  /** @param {Difference[]} differences  that somebody else made */
  function tellDifferences(differences) {
    if (!differences.length) return;
    const text = differences.length > 3 ? words.say("others_changed_many", { n: differences.length }) : differences.map((difference) => sentenceOf(difference)).join(" ");
    live.add(text);
    notices.add(text, "other");
  }

  /** @param {Difference} difference */
  function sentenceOf({ title, before, after, beforeDesk, afterDesk }) {
    const by = after?.by ?? words.say("somebody");
    if (!after) return words.say("other_dropped", { by, title });
    const place = placeIn(afterDesk, after);
    const values = { by, title, day: words.day(place.start), time: words.time(place.start), room: afterDesk.rooms[after.room]?.name ?? "" };
    if (!before) return words.say("other_placed", values);
    if (!samePlace(placeIn(beforeDesk, before), place)) return words.say("other_moved", values);
    if (before.pin !== after.pin) return words.say(after.pin === null ? "other_lifted" : "other_pinned", values);
    return words.say("other_changed", values);
  }
}

const root = document.getElementById("desk");
const block = document.getElementById("desk-data");
if (root && block) void start(root, JSON.parse(block.textContent ?? ""));
