"""Decide in which weeks something recurs: every so many weeks, or in those that are A or B weeks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from domain.calendar import check_week, weeks_between
from domain.facts import Refused

Letter: TypeAlias = Literal["A", "B"]
LETTERS: tuple[Letter, ...] = get_args(Letter)
LetterOf = Callable[
    [str], Letter | None
]  # of an ISO week; None where nobody has said which weeks are A weeks
MOST_WEEKS_APART = 52


class BadRecurrence(Refused):
    """Weeks that contradict each other."""


def unlettered(_: str) -> Letter | None:
    """The letter of a week where no area is known."""
    return None


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Every `every_weeks`-th week counted from `first_week`; with `week_letter`, of these the A or the B weeks alone.

    Where `first_week` is "" the weeks are not counted, and `every_weeks` is 1.
    """

    every_weeks: int = 1
    first_week: str = ""
    week_letter: Letter | None = None

    def holds(self, week: str, letter_of: LetterOf) -> bool:
        """Whether the week is one of them; `first_week` is where the count is anchored, not where it begins."""
        counted = not self.first_week or weeks_between(self.first_week, week) % self.every_weeks == 0
        return counted and (self.week_letter is None or letter_of(week) == self.week_letter)


WEEKLY = Rhythm()


def sound_rhythm(rhythm: Rhythm, where: str) -> Rhythm:
    """Raises BadRecurrence or NotAWeek."""
    if not 1 <= rhythm.every_weeks <= MOST_WEEKS_APART:
        raise BadRecurrence(
            f"{where}: every {rhythm.every_weeks} weeks is not possible; write from 1 to {MOST_WEEKS_APART}"
        )
    if rhythm.first_week:
        check_week(rhythm.first_week)
    elif rhythm.every_weeks > 1:
        raise BadRecurrence(
            f"{where}: every {rhythm.every_weeks} weeks needs a week from which they are counted; give the first"
        )
    return rhythm
