/** Hours in words, as the server says them: the patterns and the names of the days are its own. */

import { DAYS, DAY_MIN, clock } from "./week.js";

/** @typedef {import("./week.js").Span} Span */
/** @typedef {import("./week.js").Week} Week */
/** What the server has written into the page.
 * @typedef {{sections: string[], words: Record<string, string>, days: string[], shortDays: string[]}} HoursData */

export class Words {
  /** @param {HoursData} data */
  constructor(data) {
    this.data = data;
  }

  /** A pattern with its values put in.
   * @param {string} name @param {Record<string, string>} [values] @returns {string} */
  say(name, values = {}) {
    const pattern = this.data.words[name] ?? name;
    return pattern.replace(/\{([a-z]+)\}/g, (whole, key) => values[key] ?? whole);
  }

  /** @param {number} day 0 = Monday @returns {string} */
  day(day) {
    return this.data.days[day] ?? "";
  }

  /** Days such as "Monday to Friday, Sunday"; three or more in a row are told by the first and the last.
   * @param {number[]} days @returns {string} */
  days(days) {
    if (days.length === DAYS) return this.say("every_day");
    /** @type {number[][]} */
    const runs = [];
    for (const day of days) {
      const run = runs.at(-1);
      if (run && run.at(-1) === day - 1) run.push(day);
      else runs.push([day]);
    }
    return runs
      .flatMap((run) => {
        const names = run.map((day) => this.day(day));
        const first = names[0] ?? "";
        const last = names.at(-1) ?? "";
        return run.length > 2 ? [this.say("day_run", { first, last })] : names;
      })
      .join(this.say("between_days"));
  }

  /** @param {Span[]} spans @returns {string} */
  times(spans) {
    return spans
      .map((span) =>
        this.say(span.end > DAY_MIN ? "span_past_midnight" : "span", {
          start: clock(span.start),
          end: clock(span.end),
        }),
      )
      .join(this.say("between_spans"));
  }

  /** @param {Week} week @returns {string} "" where it is never open */
  week(week) {
    /** @type {Map<string, {days: number[], spans: Span[]}>} */
    const groups = new Map();
    week.forEach((spans, day) => {
      if (spans.length === 0) return;
      const key = JSON.stringify(spans);
      const group = groups.get(key);
      if (group) group.days.push(day);
      else groups.set(key, { days: [day], spans });
    });
    return [...groups.values()]
      .map((group) => this.say("open", { days: this.days(group.days), times: this.times(group.spans) }))
      .join(this.say("between_groups"));
  }

  /** The lines of all weeks; of school holidays and public holidays null is as usual, an empty week closed.
   * @param {Week} usual @param {Week | null} schoolBreak @param {Week | null} holiday @returns {string[]} */
  lines(usual, schoolBreak, holiday) {
    const isClosed = (/** @type {Week | null} */ week) => week !== null && week.every((spans) => spans.length === 0);
    const exceptions = [
      isClosed(schoolBreak) ? this.say("not_in_break") : "",
      isClosed(holiday) ? this.say("not_on_holidays") : "",
    ].filter((text) => text !== "");
    let line = this.week(usual);
    if (line === "") line = this.say("never");
    else if (exceptions.length > 0) {
      line = this.say("with_exceptions", { hours: line, exceptions: exceptions.join(this.say("between_days")) });
    }
    const lines = [line];
    if (schoolBreak && !isClosed(schoolBreak)) {
      lines.push(this.say("in_break", { hours: this.week(schoolBreak) }));
    }
    if (holiday && !isClosed(holiday)) lines.push(this.say("on_holidays", { hours: this.week(holiday) }));
    return lines;
  }
}
