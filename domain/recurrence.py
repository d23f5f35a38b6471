"""Recurrence in weeks: every so many weeks, in A or B weeks, or in those that are listed.

A week that is left out of a course is made up in a later one, or by going on for longer, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from typing import Literal, TypeAlias, get_args

from domain.calendar import bounded_day, bounded_week, shift_week, week_of, weeks_between
from domain.events import Refused
from domain.messages import message

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
    """Every `every_weeks`-th week counted from `first_week`, or with `week_letter` the A or the B weeks alone.

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
    """Return a rhythm as it is; refuse one that cannot be, in a message that begins with `where`.

    Raises BadRecurrence, NotAWeek, OutOfCalendar.
    """
    if not 1 <= rhythm.every_weeks <= MOST_WEEKS_APART:
        raise BadRecurrence(
            message(
                "{where}: every {every_weeks} weeks is not possible; write from 1 to {most_weeks_apart}",
                where=where,
                every_weeks=rhythm.every_weeks,
                most_weeks_apart=MOST_WEEKS_APART,
            )
        )
    if rhythm.every_weeks > 1 and rhythm.week_letter is not None:
        raise BadRecurrence(
            message(
                "{where}: every {every_weeks} weeks and {week_letter} weeks are both given; give one of them",
                where=where,
                every_weeks=rhythm.every_weeks,
                week_letter=rhythm.week_letter,
            )
        )
    if rhythm.first_week:
        bounded_week(rhythm.first_week)
    elif rhythm.every_weeks > 1:
        raise BadRecurrence(
            message(
                "{where}: every {every_weeks} weeks needs a week from which they are counted; give the first",
                where=where,
                every_weeks=rhythm.every_weeks,
            )
        )
    return rhythm


# ---- The weeks of a course

MakeUp: TypeAlias = Literal["none", "extend"]
MOST_WEEKS = 520  # of a course, and of a list


@dataclass(frozen=True, slots=True)
class Course:
    """The weeks in which a course is held.

    Attributes
    ----------
    rhythm, weeks
        In how many weeks of the rhythm, whose `first_week` is the first that may be one.
    on_weeks, on_dates
        ISO weeks or dates that take the place of the rhythm; one of the two at most.
    except_weeks
        Weeks of these in which it is not held.
    make_up_weeks
        Weeks in which it is held once more, each for an earlier one that is left out.
    make_up
        What becomes of the weeks left out beyond these: "extend" goes on for as many weeks more of the rhythm.
    """

    rhythm: Rhythm
    weeks: int
    on_weeks: tuple[str, ...] = ()
    on_dates: tuple[date, ...] = ()
    except_weeks: tuple[str, ...] = ()
    make_up_weeks: tuple[str, ...] = ()
    make_up: MakeUp = "none"

    @property
    def listed(self) -> tuple[str, ...]:
        """The weeks that are listed, in order; one with several dates as often."""
        return tuple(sorted([*set(self.on_weeks), *map(week_of, set(self.on_dates))]))

    @property
    def is_plain(self) -> bool:
        """Whether it is held in each of so many weeks on end."""
        lists = self.on_weeks or self.on_dates or self.except_weeks or self.make_up_weeks
        recurring = self.rhythm.every_weeks, self.rhythm.week_letter, self.make_up
        return not lists and recurring == (1, None, "none")


def times_in(course: Course, week: str, letter_of: LetterOf) -> int:
    """How many times a course is held in a week: once where it is one of its weeks, and once for each it makes up."""
    if course.is_plain:
        return int(0 <= weeks_between(course.rhythm.first_week, week) < course.weeks)
    before = takewhile(lambda earlier: earlier <= week, course.listed or _rhythmic(course.rhythm, letter_of))
    return _held(course, before).count(week)


def held_weeks(course: Course, letter_of: LetterOf) -> tuple[str, ...]:
    """The weeks in which a course is held, in order; one in which another is made up comes twice."""
    return tuple(sorted(_held(course, course.listed or _rhythmic(course.rhythm, letter_of))))


def _held(course: Course, weeks: Iterable[str]) -> list[str]:
    """Of the weeks in order those in which it is held, with the later ones in which others are made up."""
    held: list[str] = []
    instead = sorted(course.make_up_weeks)
    left = len(course.listed) or course.weeks
    for week in weeks:
        if left <= 0:
            break
        later = next((candidate for candidate in instead if candidate > week), "")
        if week not in course.except_weeks:
            held.append(week)
        elif later:
            held.append(later)
            instead.remove(later)
        elif course.make_up == "extend":
            continue
        left -= 1
    return held


def _rhythmic(rhythm: Rhythm, letter_of: LetterOf) -> Iterator[str]:
    """The weeks of the rhythm, as many as any course may need, or up to the last that there is."""
    week = rhythm.first_week
    for _ in range(MOST_WEEKS * 4):
        if rhythm.holds(week, letter_of):
            yield week
        after = shift_week(week, 1)
        if after == week:
            return
        week = after


def sound_course(course: Course, where: str) -> Course:
    """Return a course as it is; refuse weeks that cannot be, in a message that begins with `where`.

    Raises BadRecurrence, NotAWeek, OutOfCalendar.
    """
    sound_rhythm(course.rhythm, where)
    lists = (course.on_weeks, course.except_weeks, course.make_up_weeks)
    for week in (listed for weeks in lists for listed in weeks):
        bounded_week(week)
    for day in course.on_dates:
        bounded_day(day)
    if max(map(len, (*lists, course.on_dates))) > MOST_WEEKS:
        raise BadRecurrence(
            message(
                "{where}: more than {most_weeks} weeks are listed; make several requests of it",
                where=where,
                most_weeks=MOST_WEEKS,
            )
        )
    if course.on_weeks and course.on_dates:
        raise BadRecurrence(
            message("{where}: single weeks and single dates are both given; give one of the two", where=where)
        )
    rhythm = course.rhythm
    if course.listed and (rhythm.every_weeks, rhythm.week_letter, course.make_up) != (1, None, "none"):
        raise BadRecurrence(
            message(
                "{where}: weeks that are listed do not recur; leave out every_weeks, week_letter and "
                "make_up, or the list",
                where=where,
            )
        )
    return _made_up(course, where)


def _made_up(course: Course, where: str) -> Course:
    """Every week that makes up for another needs one before it that is left out."""
    left_out = sorted(set(course.except_weeks))
    instead = sorted(course.make_up_weeks)
    for count, week in enumerate(instead, 1):
        if sum(missed < week for missed in left_out) < count:
            raise BadRecurrence(
                message(
                    "{where}: {week} makes up for no week before it that is left out; leave out an earlier one, "
                    "or choose a later week",
                    where=where,
                    week=week,
                )
            )
    return course
