// Answers each line of standard input, {"text", "windows"}, on a line of its own: the open spans in each window, in
// minutes from its start, as the reference evaluator of opening_hours has them, or why it refuses the text.
import { createInterface } from "node:readline";
import opening_hours from "opening_hours";

const PLACE = { lat: 51.5, lon: 7, address: { country_code: "de", state: "Nordrhein-Westfalen" } };
console.error = () => {};

function evaluate({ text, windows }) {
  try {
    const hours = new opening_hours(text, PLACE, { locale: "en" });
    return { spans: windows.map(([from, until]) => open(hours, new Date(from), new Date(until))) };
  } catch (error) {
    return { refused: String(error) };
  }
}

function open(hours, start, end) {
  return hours
    .getOpenIntervals(start, end)
    .filter(([, , isUnknown]) => !isUnknown)
    .map(([first, last]) => [Math.round((first - start) / 60000), Math.round((last - start) / 60000)]);
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(evaluate(JSON.parse(line))) + "\n");
}
