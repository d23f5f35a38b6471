/** The page of opening hours: a week to paint beside the rows of each section, and what both say in words. */

import { Painter } from "./painter.js";
import { RowFields } from "./rows.js";
import { emptyWeek } from "./week.js";
import { Words } from "./words.js";

/** @typedef {import("./week.js").Week} Week */

/** A section of the form: its rows, and its painted week once it is seen.
 * @typedef {{name: string, box: HTMLElement, fields: RowFields, painter: Painter | null}} Section */

const words = new Words(JSON.parse(document.getElementById("hours-data")?.textContent ?? "{}"));
const inWords = document.getElementById("in-words");
const sections = [...document.querySelectorAll("[data-section]")].flatMap((box) => {
  const rows = box.querySelector("[data-rows]");
  if (!(box instanceof HTMLElement) || !(rows instanceof HTMLElement)) return [];
  const name = box.dataset["section"] ?? "";
  /** @type {Section} */
  const section = { name, box, fields: new RowFields(rows, name), painter: null };
  return [section];
});

/** How a section holds: its own hours, the usual ones, or closed.
 * @param {string} name @returns {string} */
function modeOf(name) {
  const chosen = document.querySelector(`input[name="${name}.mode"]:checked`);
  return chosen instanceof HTMLInputElement ? chosen.value : "own";
}

/** @param {string} name @returns {Week | null} */
function weekOfSection(name) {
  const mode = modeOf(name);
  const section = sections.find((each) => each.name === name);
  if (mode === "usual" || !section) return null;
  return mode === "closed" ? emptyWeek() : section.fields.week();
}

function showWords() {
  if (!inWords) return;
  const lines = words.lines(
    weekOfSection("usual") ?? emptyWeek(),
    weekOfSection("school_break"),
    weekOfSection("holiday"),
  );
  const paragraphs = lines.map((line) => {
    const paragraph = document.createElement("p");
    paragraph.textContent = line;
    return paragraph;
  });
  inWords.replaceChildren(...paragraphs);
}

/** Build the week of a section once it is open: a section that holds as usual needs none.
 * @param {Section} section */
function openPainter(section) {
  const box = section.box.querySelector("[data-painter]");
  if (section.painter || modeOf(section.name) !== "own" || !(box instanceof HTMLElement)) return;
  const said = document.createElement("p");
  said.className = "said";
  said.setAttribute("role", "status");
  const scroll = document.createElement("div");
  scroll.className = "scroll";
  const hint = document.createElement("p");
  hint.className = "hint";
  hint.textContent = words.say("how");
  box.replaceChildren(hint, scroll, said);
  section.painter = new Painter(scroll, words, section.fields.week(), (week, text) => {
    if (JSON.stringify(week) !== JSON.stringify(section.fields.week())) {
      section.fields.write(week);
      showWords();
    }
    said.textContent = text;
  });
  box.hidden = false;
}

for (const section of sections) {
  openPainter(section);
  section.box.addEventListener("input", () => {
    section.painter?.show(section.fields.week());
    showWords();
  });
}
for (const choice of document.querySelectorAll('input[name$=".mode"]')) {
  choice.addEventListener("change", () => {
    sections.forEach(openPainter);
    showWords();
  });
}
