/** The rows of a section of the form: reads them as a week, and writes a week into them. */

import { DAY_MIN, clock, rowsOf, spanOf, weekOf } from "./week.js";

/** @typedef {import("./week.js").Row} Row */
/** @typedef {import("./week.js").Week} Week */

const EMPTY = { days: "", start: "", end: "" };

export class RowFields {
  /** @param {HTMLElement} box the element around the rows @param {string} section */
  constructor(box, section) {
    this.box = box;
    this.section = section;
  }

  /** @returns {HTMLElement[]} */
  get rows() {
    return [...this.box.querySelectorAll("[data-row]")].filter((row) => row instanceof HTMLElement);
  }

  /** The week that the rows say; rows that are not filled in say nothing.
   * @returns {Week} */
  week() {
    return weekOf(this.rows.flatMap((row) => this.#read(row)));
  }

  /** @param {HTMLElement} row @returns {Row[]} */
  #read(row) {
    const span = spanOf(this.#input(row, "start").value, this.#input(row, "end").value);
    const days = this.#boxes(row).flatMap((box, day) => (box.checked ? [day] : []));
    return span && days.length > 0 ? [{ days, span }] : [];
  }

  /** Write a week into the rows: as many as it needs, at least one.
   * @param {Week} week */
  write(week) {
    const rows = rowsOf(week);
    while (this.rows.length > Math.max(1, rows.length)) this.rows.at(-1)?.remove();
    while (this.rows.length < rows.length) this.#add();
    this.rows.forEach((element, index) => {
      const row = rows[index];
      this.#boxes(element).forEach((box, day) => {
        box.checked = row?.days.includes(day) ?? false;
      });
      const end = row ? (row.span.end > DAY_MIN ? row.span.end - DAY_MIN : row.span.end) : 0;
      this.#input(element, "start").value = row ? clock(row.span.start) : EMPTY.start;
      this.#input(element, "end").value = row ? clock(end) : EMPTY.end;
    });
  }

  /** One more row, a copy of the template with its number in all names. */
  #add() {
    const template = document.getElementById(`row-of-${this.section}`);
    if (!(template instanceof HTMLTemplateElement)) throw new Error(`no template for rows of ${this.section}`);
    const row = document.importNode(template.content, true).querySelector("[data-row]");
    if (!(row instanceof HTMLElement)) throw new Error("the template has no row");
    const last = this.rows.at(-1);
    const number = last ? this.#numberOf(last) + 1 : 0;
    const from = `${this.section}.NUMBER`;
    for (const element of row.querySelectorAll("[id], [name], [for], [value]")) {
      for (const name of ["id", "name", "for"]) {
        const text = element.getAttribute(name);
        if (text?.startsWith(from)) element.setAttribute(name, text.replace("NUMBER", String(number)));
      }
      if (element instanceof HTMLButtonElement) element.value = element.value.replace("NUMBER", String(number));
    }
    row.setAttribute("aria-label", (row.getAttribute("aria-label") ?? "").trim() + ` ${number + 1}`);
    this.box.append(row);
  }

  /** @param {HTMLElement} row @returns {number} */
  #numberOf(row) {
    return Number(this.#input(row, "start").name.split(".")[1]);
  }

  /** @param {HTMLElement} row @param {"start" | "end"} part @returns {HTMLInputElement} */
  #input(row, part) {
    const input = row.querySelector(`input[name$=".${part}"]`);
    if (!(input instanceof HTMLInputElement)) throw new Error(`a row has no field ${part}`);
    return input;
  }

  /** The boxes of Monday to Sunday.
   * @param {HTMLElement} row @returns {HTMLInputElement[]} */
  #boxes(row) {
    return [...row.querySelectorAll('input[name$=".weekdays"]')].filter((box) => box instanceof HTMLInputElement);
  }
}
