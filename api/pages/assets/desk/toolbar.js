/** The toolbar: what of the week is looked at, filters, undo and redo, tray, find and keys. */
/** @import {View} from "./types.js" */
/** @import {Grid} from "./grid.js" */
/** @import {Model} from "./model.js" */
/** @import {Words} from "./words.js" */
import { button, make } from "./dom.js";
import { FIRST_VIEW } from "./rows.js";

const TYPING_MS = 200;
const NARROW = 1000; // below that a whole week is too small to read

/**
 * @typedef {{changed: () => void, step: (direction: "undo" | "redo") => void, tray: () => void, find: () => void,
 *   help: () => void}} Reactions
 */

export class Toolbar {
  /**
   * @param {{model: Model, grid: Grid, words: Words, reactions: Reactions}} parts
   */
  constructor({ model, grid, words, reactions }) {
    this.model = model;
    this.grid = grid;
    this.words = words;
    this.reactions = reactions;
    this.timer = 0;
    this.signature = "";
    Object.assign(grid.view, readView());
    this.undo = button(words.say("undo"), () => reactions.step("undo"), { class: "desk-quiet", "aria-keyshortcuts": "Control+Z" });
    this.redo = button(words.say("redo"), () => reactions.step("redo"), { class: "desk-quiet", "aria-keyshortcuts": "Control+Shift+Z" });
    this.tray = button("", reactions.tray, { class: "desk-quiet", "aria-expanded": "false", "aria-controls": "desk-tray" });
    this.day = this.#select("day", "filter_day");
    this.street = this.#select("street", "filter_street");
    this.venue = this.#select("venue", "filter_venue");
    this.function = this.#select("function", "filter_function");
    this.count = make("p", { class: "note desk-count" });
    this.element = make("div", { class: "toolbar" }, this.#views(), this.#filters(), this.#actions());
    this.refresh();
  }

  #views() {
    const { words } = this;
    const rows = this.#choice("rows", "view_rows", [["rooms", words.say("view_rooms")], ["people", words.say("view_people")]]);
    const zoom = make("div", { class: "pair", role: "group", "aria-label": words.say("zoom") },
      button("−", () => this.#zoom(-1), { class: "icon", "aria-label": words.say("zoom_out") }),
      button("+", () => this.#zoom(1), { class: "icon", "aria-label": words.say("zoom_in") }));
    return make("div", { class: "tools" }, rows, this.day.label, zoom);
  }

  #filters() {
    const { words } = this;
    const text = make("input", { type: "search", id: "desk-text", autocomplete: "off" });
    text.value = this.grid.view.text;
    text.addEventListener("input", () => {
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(() => this.#set({ text: text.value.trim() }), TYPING_MS);
    });
    const busy = make("input", { type: "checkbox", id: "desk-busy" });
    busy.checked = this.grid.view.busy;
    busy.addEventListener("change", () => this.#set({ busy: busy.checked }));
    const clear = button(words.say("filter_clear"), () => {
      Object.assign(this.grid.view, { ...FIRST_VIEW, rows: this.grid.view.rows, day: this.grid.view.day, zoom: this.grid.view.zoom });
      text.value = "";
      busy.checked = false;
      this.signature = "";
      this.#set({});
    }, { class: "desk-quiet" });
    return make("details", { class: "desk-filters" }, make("summary", {}, words.say("filters")),
      make("div", { class: "tools" }, this.street.label, this.venue.label, this.function.label,
        make("label", { class: "desk-field", for: "desk-text" }, words.say("filter_text"), text),
        make("label", { class: "desk-check", for: "desk-busy" }, busy, words.say("filter_busy")), clear, this.count));
  }

  #actions() {
    const { words, reactions } = this;
    return make("div", { class: "tools end" }, this.undo, this.redo,
      button(words.say("find"), reactions.find, { class: "desk-quiet" }), this.tray,
      button(words.say("help"), reactions.help, { class: "desk-quiet" }));
  }

  /**
   * @param {"day" | "street" | "venue" | "function"} name
   * @param {string} word
   */
  #select(name, word) {
    const select = make("select", { id: `desk-${name}` });
    select.addEventListener("change", () => this.#set(name === "day" ? { day: Number(select.value) } : { [name]: select.value }));
    return { select, label: make("label", { class: "desk-field", for: select.id }, this.words.say(word), select) };
  }

  /**
   * @param {"rows"} name
   * @param {string} word
   * @param {[View["rows"], string][]} options
   */
  #choice(name, word, options) {
    const inputs = options.map(([value, text]) => {
      const input = make("input", { type: "radio", name: `desk-${name}`, id: `desk-${name}-${value}`, value });
      input.checked = this.grid.view[name] === value;
      input.addEventListener("change", () => this.#set({ [name]: value }));
      return [input, make("label", { for: input.id }, text)];
    });
    return make("fieldset", { class: "desk-choice" }, make("legend", { class: "hidden" }, this.words.say(word)), ...inputs.flat());
  }

  /** @param {number} by */
  #zoom(by) {
    this.#set({ zoom: Math.max(0, Math.min(2, this.grid.view.zoom + by)) });
  }

  /** @param {Partial<View>} change */
  #set(change) {
    Object.assign(this.grid.view, change);
    writeView(this.grid.view);
    this.grid.refresh();
    this.refresh();
    this.reactions.changed();
  }

  /** @param {View["rows"]} rows */
  showRows(rows) {
    if (this.grid.view.rows === rows) return;
    const input = this.element.querySelector(`#desk-rows-${rows}`);
    if (input instanceof HTMLInputElement) input.checked = true;
    this.#set({ rows });
  }

  /** After a change of the week or of the view. */
  refresh() {
    const { words, model, grid } = this;
    const { desk } = model;
    /** @type {Map<string, string>} */
    const streets = new Map();
    for (const { street, street_name } of desk.venues) if (street) streets.set(street, street_name || street);
    const venues = desk.venues.filter((venue) => !grid.view.street || venue.street === grid.view.street);
    const functions = [...new Set(desk.sessions.map((session) => session.function))].sort();
    const signature = JSON.stringify([desk.days, [...streets], venues, functions, grid.view]);
    if (signature !== this.signature) {
      this.signature = signature;
      const all = words.say("all");
      options(this.day.select, [["-1", words.say("whole_week")], ...words.dayShort.map((name, day) => /** @type {[string, string]} */ ([String(day), name]))], String(grid.view.day));
      options(this.street.select, [["", all], ...streets], grid.view.street);
      options(this.venue.select, [["", all], ...venues.map((venue) => /** @type {[string, string]} */ ([venue.key, venue.name]))], grid.view.venue);
      options(this.function.select, [["", all], ...functions.map((name) => /** @type {[string, string]} */ ([name, words.has(`function_${name}`) ? words.say(`function_${name}`) : name]))], grid.view.function);
    }
    this.count.textContent = words.say(grid.view.rows === "rooms" ? "rooms_shown" : "people_shown", { n: grid.rows.length });
    this.tray.textContent = words.say("tray", { n: desk.unserved.length });
    this.#step(this.undo, "undo", words.step(desk.undo?.label));
    this.#step(this.redo, "redo", words.step(desk.redo?.label));
  }

  /**
   * @param {HTMLButtonElement} element
   * @param {"undo" | "redo"} direction
   * @param {string} what
   */
  #step(element, direction, what) {
    element.disabled = !what;
    element.title = what ? this.words.say(`${direction}_what`, { what }) : this.words.say(`${direction}_nothing`);
  }
}

/**
 * @param {HTMLSelectElement} select
 * @param {[string, string][]} values
 * @param {string} chosen
 */
function options(select, values, chosen) {
  select.replaceChildren(...values.map(([value, text]) => make("option", { value }, text)));
  select.value = chosen;
  if (select.selectedIndex < 0) select.selectedIndex = 0;
}

/** @returns {Partial<View>}  as the address says it */
function readView() {
  const stored = new URLSearchParams(window.location.hash.slice(1));
  /** @type {Partial<View>} */
  const view = {};
  for (const name of /** @type {const} */ (["street", "venue", "function", "text"])) view[name] = stored.get(name) ?? "";
  view.rows = stored.get("rows") === "people" ? "people" : "rooms";
  view.busy = stored.get("busy") === "yes";
  const day = Number(stored.get("day") ?? -1);
  view.day = Number.isInteger(day) && day >= -1 && day < 7 ? day : -1;
  const zoom = Number(stored.get("zoom") ?? (window.innerWidth < NARROW ? 1 : 0));
  view.zoom = [0, 1, 2].includes(zoom) ? zoom : 0;
  return view;
}

/** @param {View} view  is kept in the address: a link shows the same */
function writeView(view) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(view)) {
    const first = FIRST_VIEW[/** @type {keyof View} */ (name)];
    if (value !== first || name === "zoom") parameters.set(name, value === true ? "yes" : String(value));
  }
  window.history.replaceState(null, "", `${window.location.pathname}${window.location.search}${parameters.toString() ? "#" : ""}${parameters}`);
}
