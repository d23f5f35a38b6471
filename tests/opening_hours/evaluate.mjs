// Answers each line of standard input, {"text", "from", "until", "holidays"}, with the open spans in minutes from `from`.
import { createInterface } from "node:readline";
import opening_hours from "opening_hours";

const place = { lat: 51.5, lon: 7, address: { country_code: "de", state: "Nordrhein-Westfalen" } };

function evaluate({ text, windows, pretty }) {
  try {
    const hours = new opening_hours(text, place, { locale: "en" });
    const spans = windows.map(([from, until]) => {
      const start = new Date(from);
      return hours
        .getOpenIntervals(start, new Date(until))
        .filter(([, , unknown]) => !unknown)
        .map(([first, last]) => [Math.round((first - start) / 60000), Math.round((last - start) / 60000)]);
    });
    return { spans, ...(pretty ? { pretty: hours.prettifyValue(), warnings: hours.getWarnings() } : {}) };
  } catch (error) {
    return { refused: String(error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(evaluate(JSON.parse(line))) + "\n");
}
