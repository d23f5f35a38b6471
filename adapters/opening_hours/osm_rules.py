"""Rules of an OpenStreetMap text in order, and what they together open on a date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from adapters.opening_hours.osm_syntax import EVERY_DAY, Names, Range
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


def is_lost(earlier: OsmRule, later: OsmRule) -> bool:
    """Whether a later rule opens what an earlier one closes, or takes its times away where both may be meant.

    That is on days that both name with times apart; where nothing of the earlier rule remains; and where what holds
    for some dates stands before what always holds. "off" for every day is where others begin.
    """
    if later.effect != "opens" or not _is_within(earlier, later):
        return False
    is_general = later.is_always and not earlier.is_always
    days = {day for day, _ in earlier.weekdays}
    opened_again = {day for day, nths in later.weekdays if not nths}
    shared = bool(days & opened_again) or bool(earlier.special and not days and opened_again)
    if earlier.effect == "closes":
        return shared and not earlier.windows and (is_general or days != set(EVERY_DAY))
    windows = difference(earlier.windows, later.windows)
    is_whole = days <= opened_again and (earlier.special <= later.special or not days)
    is_replaced = earlier.effect == "opens" and later.resets and shared and earlier.windows != later.windows
    return is_replaced and (is_general or windows == earlier.windows or (is_whole and bool(windows)))


def _is_within(earlier: OsmRule, later: OsmRule) -> bool:
    """Whether the later rule is in force whenever the earlier one is, weekdays left aside."""
    dates = later.is_always or (later.ranges, later.seasons) == (earlier.ranges, earlier.seasons)
    return dates and later.weeks in (None, earlier.weeks)


def closes_nothing(rules: tuple[OsmRule, ...], last: OsmRule) -> bool:
    """Whether the last rule closes times of which those before it open none."""
    if last.effect != "closes" or not last.windows:
        return False
    return all(
        difference(rule.windows, last.windows) == rule.windows for rule in rules if rule.effect == "opens"
    )


def opened(rules: tuple[OsmRule, ...], marks: DateMarks, names: Names) -> Windows:
    """The windows that the rules open on such a date, in minutes after its midnight; the later rule decides."""
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
