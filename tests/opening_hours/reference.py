"""Ask the reference evaluator: one process of Node for all questions."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

from domain.day_types import DayKind, DayTypes
from domain.opening import OpeningHours, spans_on
from domain.windows import DAY_MIN

FOLDER = Path(__file__).parent
Dates = tuple[date, date]  # the last not included
Spans = list[list[int]]  # start and end in minutes from the first date's midnight


@dataclass(frozen=True, slots=True)
class Answer:
    """`spans` None: the text is refused, for the reason `refused`."""

    spans: tuple[Spans, ...] | None
    refused: str = ""


class Reference:
    """A running evaluator; close it at the end. Clocks do not change in it, for spans are wall-clock time here."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [str(shutil.which("node")), "evaluate.mjs"],
            cwd=FOLDER,
            env={**os.environ, "TZ": "UTC"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def ask(self, text: str, *windows: Dates) -> Answer:
        assert self._process.stdin
        assert self._process.stdout
        asked = [[f"{first}T00:00", f"{last}T00:00"] for first, last in windows]
        self._process.stdin.write(json.dumps({"text": text, "windows": asked}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        spans = answer.get("spans")
        return Answer(None if spans is None else tuple(map(joined, spans)), answer.get("refused", ""))

    @cache  # noqa: B019 (one evaluator, three windows)
    def day_types(self, window: Dates) -> DayTypes:
        """The public and school holidays that it knows, as our calendar has them."""
        public, school = (self._dates(text, window) for text in ("PH", "SH"))
        kinds = {
            day: DayKind("holiday" if day in public else "workday", school=False if day in school else None)
            for day in public | school
        }
        return DayTypes(UUID(int=0), 0, "", kinds)

    def _dates(self, text: str, window: Dates) -> set[date]:
        spans = self.ask(text, window).spans or ([],)
        return {
            window[0] + timedelta(days=number)
            for start, end in spans[0]
            for number in range(start // DAY_MIN, end // DAY_MIN)
        }

    def close(self) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(timeout=30)


def missing() -> str:
    """Why it cannot be asked, or "" where it can."""
    if shutil.which("node") is None:
        return "there is no Node.js (Debian: apt-get install nodejs npm)"
    if not (FOLDER / "node_modules" / "opening_hours").exists():
        return "the reference evaluator is not installed (make reference)"
    return ""


def opened(hours: OpeningHours, window: Dates, types: DayTypes | None = None) -> Spans:
    """What our hours open in a window, in the same form."""
    first, last = window
    days = (last - first).days
    return joined(
        [
            [max(0, number * DAY_MIN + one.start_min), min(days * DAY_MIN, number * DAY_MIN + one.end_min)]
            for number in range(-1, days)
            for one in spans_on(hours, first + timedelta(days=number), types)
        ]
    )


def joined(spans: Iterable[Sequence[int]]) -> Spans:
    found: Spans = []
    for start, end in sorted((one[0], one[1]) for one in spans):
        if found and start <= found[-1][1]:
            found[-1][1] = max(found[-1][1], end)
        elif start < end:
            found.append([start, end])
    return found


def night_min(hours: OpeningHours) -> int:
    """How far after midnight a night may run, in minutes; 0 where none does."""
    spans = (one for period in hours.periods for rule in period.rules for one in rule.spans)
    return max((one.end_min - DAY_MIN for one in spans if one.end_min > DAY_MIN), default=0)


def without_nights(spans: Spans, night: int) -> Spans:
    """Leave out the minutes after each midnight that a night may take.

    A night belongs to the day on which it starts, which is what people mean; by the specification a rule for the next
    day cuts it at midnight (https://github.com/opening-hours/opening_hours.js/issues/261). Nights are asked about.
    """
    cut: list[list[int]] = []
    for begins, end in spans:
        start = begins
        while start < end:
            midnight = start // DAY_MIN * DAY_MIN
            stop = min(end, midnight + DAY_MIN)
            if max(start, midnight + night) < stop:
                cut.append([max(start, midnight + night), stop])
            start = stop
    return joined(cut)
