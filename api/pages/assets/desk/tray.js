/** The tray: requests without a place, the weightiest first, each with its why-not card. */
/** @import {Session, Unserved} from "./types.js" */
/** @import {Api} from "./api.js" */
/** @import {Dialogs} from "./dialogs.js" */
/** @import {Model} from "./model.js" */
/** @import {Suggestions} from "./suggestions.js" */
/** @import {Words} from "./words.js" */
import { newKey, Refused } from "./api.js";
import { button, make } from "./dom.js";
import { idOf } from "./model.js";

const FEW = 25; // shown at once
const LOOK_MS = 1000;
const ENDED = new Set(["done", "failed", "stopped"]);

export class Tray {
  /**
   * @param {{api: Api, model: Model, words: Words, dialogs: Dialogs, suggestions: Suggestions,
   *   pickUp: (session: Session) => void, left: () => void}} parts  `left`: the focus goes back to the grid
   */
  constructor({ api, model, words, dialogs, suggestions, pickUp, left }) {
    this.api = api;
    this.model = model;
    this.words = words;
    this.dialogs = dialogs;
    this.suggestions = suggestions;
    this.pickUp = pickUp;
    this.left = left;
    this.shown = FEW;
    this.signature = "";
    this.heading = make("h2", { id: "desk-tray-title", tabindex: -1 });
    this.list = make("ol", { class: "tray-list" });
    this.more = button(words.say("show_more"), () => this.#more(), { class: "desk-quiet", hidden: true });
    const hide = button("✕", () => this.toggle(false), { class: "desk-quiet icon", "aria-label": words.say("tray_close") });
    this.element = make("section", { class: "tray", id: "desk-tray", "aria-labelledby": "desk-tray-title", hidden: true }, make("div", { class: "dialog-head" }, this.heading, hide), this.list, this.more);
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.toggle(false);
    });
  }

  /** @type {(open: boolean) => void} */
  toggled = () => {};

  get open() {
    return !this.element.hidden;
  }

  /** @param {boolean} [open] */
  toggle(open = !this.open) {
    this.element.hidden = !open;
    this.toggled(open);
    if (!open) {
      this.left();
      return;
    }
    this.refresh();
    (this.list.querySelector("button") ?? this.heading).focus();
  }

  #more() {
    const first = this.shown;
    this.shown += FEW;
    this.refresh();
    this.list.children[first]?.querySelector("button")?.focus();
  }

  refresh() {
    if (!this.open) return;
    const { words } = this;
    const unserved = this.model.desk.unserved.toSorted((one, two) => two.weight - one.weight);
    const signature = JSON.stringify([this.shown, unserved]);
    if (signature === this.signature) return;
    this.signature = signature;
    this.heading.textContent = unserved.length ? words.say("tray_title", { n: unserved.length }) : words.say("tray_empty");
    this.list.replaceChildren(...unserved.slice(0, this.shown).map((request) => this.#item(request)));
    this.more.hidden = unserved.length <= this.shown;
  }

  /** @param {Unserved} request */
  #item(request) {
    const { words } = this;
    const note = words.list([request.community, words.say("learners", { n: request.learners }), words.say("missing", { n: request.missing, of: request.sessions })]);
    const item = make("button", { type: "button", class: "tray-item" }, make("span", { class: "tray-name" }, request.title), make("span", { class: "note" }, note));
    item.addEventListener("click", () => void this.card(request));
    return make("li", {}, item);
  }

  /** @param {Unserved} request */
  async card(request) {
    const { words, api } = this;
    const { body, close, dialog } = this.dialogs.open(request.title, { wide: true, refocus: false });
    dialog.addEventListener("close", () => dialog.returnValue !== "moving" && this.open && this.heading.focus());
    const state = make("p", { role: "status" }, words.say("why_looking"));
    const session = this.#next(request);
    const place = button(words.say("action_place"), () => {
      close("moving");
      this.pickUp(session);
    }, { class: "main" });
    const suggest = button(words.say("action_suggest"), () => {
      close("moving");
      void this.suggestions.places(session);
    });
    const actions = make("div", { class: "desk-actions" }, place, suggest);
    if (api.urls["request_page"]) actions.append(make("a", { href: api.url("request_page", { request: request.request }), class: "desk-button" }, words.say("open_request")));
    body.append(make("p", { class: "note" }, words.list([request.community, words.say("learners", { n: request.learners })])), actions, make("h3", {}, words.say("why_title")), state);
    place.focus();
    try {
      const job = await api.send(api.url("explain"), { request: request.request }, { key: newKey() });
      const answer = await this.#wait(job, dialog, state);
      if (dialog.open) this.#explain(answer, request, body, state);
    } catch (error) {
      if (dialog.open) state.textContent = error instanceof Refused ? error.problem.detail : words.say("no_connection");
    }
  }

  /**
   * The first of its sessions that has no place.
   * @param {Unserved} request
   * @returns {Session}
   */
  #next(request) {
    const number = request.numbers.find((candidate) => !this.model.session(idOf({ request: request.request, session: candidate }))) ?? 1;
    const { title, community, learners } = request;
    return { request: request.request, session: number, title, community, function: request.function, learners, room: -1, start: 0, end: request.duration_min, leads: [], assistants: [], pin: null, moved: false, warnings: [] };
  }

  /**
   * @param {{id: string, status: string, place: number | null, why: string}} job
   * @param {HTMLDialogElement} dialog
   * @param {HTMLElement} state
   */
  async #wait(job, dialog, state) {
    let current = job;
    while (dialog.open && !ENDED.has(current.status)) {
      const text = current.status === "queued" ? this.words.say("why_queued", { place: current.place ?? 1 }) : this.words.say("why_looking");
      if (state.textContent !== text) state.textContent = text;
      await new Promise((resolve) => window.setTimeout(resolve, LOOK_MS));
      current = (await this.api.read(this.api.url("job", { job: current.id }))).body;
    }
    if (!dialog.open) return null;
    if (current.status === "failed") throw new Refused({ status: 409, type: "failed", title: "", detail: current.why, next: "" });
    return (await this.api.read(this.api.url("job_result", { job: current.id }))).body;
  }

  /**
   * @param {any} answer  of the job: one explanation, or a list of them
   * @param {Unserved} request
   * @param {HTMLElement} body
   * @param {HTMLElement} state
   */
  #explain(answer, request, body, state) {
    const { words, api } = this;
    const explanation = Array.isArray(answer) ? answer[0] : (answer?.explanations?.[0] ?? answer);
    /** @type {{sentence: string}[]} */
    const facts = explanation?.facts ?? [];
    /** @type {{sentence: string, price: string}[]} */
    const ways = explanation?.ways ?? [];
    state.textContent = words.say(facts.length ? "why_known" : "why_fits");
    body.append(make("ul", { class: "rules" }, ...facts.map((fact) => make("li", {}, fact.sentence))));
    if (!ways.length) return;
    body.append(make("h3", {}, words.say("ways_title")), make("ol", { class: "suggestions" }, ...ways.map((way, index) => {
      const item = make("li", {}, make("p", { class: "sentence" }, way.sentence), make("p", { class: "note" }, way.price));
      if (api.urls["what_if_page"]) {
        const href = api.url("what_if_page", { request: request.request, way: index });
        item.append(make("a", { href, class: "desk-button", "aria-label": words.say("try_way_named", { sentence: way.sentence }) }, words.say("try_way")));
      }
      return item;
    })));
  }
}
