"""The rules of a text in order, and what they together open on a date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from adapters.osm_hours.words import Names, Range
from domain.opening import DateMarks, Season
from domain.windows import Windows, difference, union

Effect = Literal["opens", "closes", "unsure"]


@dataclass(frozen=True, slots=True)
class OsmRule:
    """One rule of a text. `ranges` and `seasons` both (): at all times; `weeks` None: in all.

    `resets`: it takes the place of the rules before it on its dates; else it joins them. `unsure` is what a comment
    or "unknown" leaves open, which is not open here. A rule that closes without `windows` closes the whole date.
    """

    ranges: tuple[Range, ...]
    seasons: tuple[Season, ...]
    weeks: frozenset[int] | None
    weekdays: tuple[tuple[int, tuple[int, ...]], ...]
    special: Names
    windows: Windows
    effect: Effect
    resets: bool

    @property
    def is_always(self) -> bool:
        return not self.ranges and not self.seasons

    def holds(self, marks: DateMarks, names: Names) -> bool:
        """Whether it holds on such a date, its years and seasons left aside."""
        if self.weeks is not None and marks.week not in self.weeks:
            return False
        return bool(self.special & names) or any(
            marks.weekday == weekday and (not nths or not set(nths).isdisjoint(marks.nth))
            for weekday, nths in self.weekdays
        )


def opened(rules: tuple[OsmRule, ...], marks: DateMarks, names: Names) -> Windows:
    """What rules that are in force open on such a date, in minutes after its midnight; the later rule decides."""
    windows: Windows = ()
    for rule in rules:
        if rule.holds(marks, names):
            windows = _after(windows, rule)
    return windows


def _after(windows: Windows, rule: OsmRule) -> Windows:
    if rule.effect == "closes":
        return difference(windows, rule.windows) if rule.windows else ()
    if rule.effect == "unsure":
        return difference(windows, rule.windows) if rule.windows and not rule.resets else ()
    return rule.windows if rule.resets else union(windows, rule.windows)
