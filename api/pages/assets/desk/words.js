/** Words: the server's sentences with their values, plural forms, days and times. */
/** @import {Day, StepLabel, WordTable} from "./types.js" */

const DAY_MIN = 1440;

export class Words {
  /**
   * @param {WordTable} table  translated by the server, placeholders as {name}
   * @param {string} lang
   */
  constructor(table, lang) {
    this.table = table;
    this.lang = lang;
    this.rules = new Intl.PluralRules(lang);
    this.lists = new Intl.ListFormat(lang, { type: "unit", style: "short" });
    /** @type {string[]} */
    this.dayNames = [];
    /** @type {string[]} */
    this.dayShort = [];
  }

  /** @param {Day[]} days */
  setDays(days) {
    const long = new Intl.DateTimeFormat(this.lang, { weekday: "long", timeZone: "UTC" });
    const short = new Intl.DateTimeFormat(this.lang, { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
    this.dayNames = days.map((day) => long.format(new Date(day.date)));
    this.dayShort = days.map((day) => short.format(new Date(day.date)));
  }

  /**
   * @param {string} id
   * @param {Record<string, string | number>} [values]  `n` chooses the plural form
   */
  say(id, values = {}) {
    const entry = this.table[id];
    if (entry === undefined) {
      console.warn(`no words for ${id}`);
      return id;
    }
    const text = typeof entry === "string" ? entry : (entry[this.rules.select(Number(values["n"]))] ?? entry["other"] ?? id);
    return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  }

  /** @param {string} id */
  has(id) {
    return this.table[id] !== undefined;
  }

  /** @param {number} minute  of the week */
  time(minute) {
    const ofDay = minute % DAY_MIN;
    return `${String(Math.floor(ofDay / 60)).padStart(2, "0")}:${String(ofDay % 60).padStart(2, "0")}`;
  }

  /**
   * @param {number} start
   * @param {number} end
   */
  span(start, end) {
    return `${this.time(start)}–${end % DAY_MIN === 0 ? "24:00" : this.time(end)}`;
  }

  /** @param {number} minute  of the week */
  day(minute) {
    return this.dayNames[Math.floor(minute / DAY_MIN)] ?? "";
  }

  /** @param {string[]} parts  that are not empty are joined as the language does */
  list(parts) {
    return this.lists.format(parts.filter(Boolean));
  }

  /** @param {string} rule */
  rule(rule) {
    return this.has(`rule_${rule}`) ? this.say(`rule_${rule}`) : this.say("other_rule", { rule });
  }

  /**
   * What a step of undo is about; "" where there is none.
   * @param {StepLabel | undefined} label
   */
  step(label) {
    if (!label) return "";
    if (typeof label === "string") return label;
    return this.has(`step_${label.kind}`) ? this.say(`step_${label.kind}`, { title: label.title }) : label.title;
  }

  /** @param {Date} moment */
  clock(moment) {
    return moment.toLocaleTimeString(this.lang, { hour: "2-digit", minute: "2-digit", hour12: false });
  }
}
