"""Two records of one person: what the one that remains gains, and what must be set right before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from domain.events import ReasonMissing
from domain.recurrence import Rhythm
from domain.volunteer import (
    BackgroundCheck,
    MergedAway,
    OfferException,
    Pause,
    Skill,
    Volunteer,
    VolunteerMerged,
    available,
    change_profile,
    evolve,
    leave,
    offer_hours,
)
from domain.volunteer_merging import BadMerger, merge_volunteer
from domain.windows import Window, on_day
from tests.builders import STAMP, WEEK, an_id, helper, place, profile

MONDAY_NIGHT = Window(22 * 60, 26 * 60)  # Monday 22:00 to Tuesday 02:00
TUESDAY = on_day(2, "09:00", "12:00")
SATURDAY = on_day(6, "14:00", "18:00")
ANNA = helper("anna", TUESDAY, SATURDAY)
MINOR = helper("mia", SATURDAY, minor=True, roles=("assistant",))
ON_TUESDAY = date(2026, 12, 1)  # in WEEK
SUNDAY_OF_W53 = date(2027, 1, 3)


def merged(duplicate: Volunteer, into: Volunteer) -> tuple[Volunteer, Volunteer]:
    """Both records after the merger: the one that remains, and the duplicate."""
    for event in merge_volunteer(duplicate, STAMP, into=into, on=ON_TUESDAY, why="registered twice"):
        if event.originator_id == into.id:
            into = evolve(into, event)
        else:
            duplicate = evolve(duplicate, event)
    return into, duplicate


def test_merger_gives_the_remaining_record_what_the_duplicate_could_do() -> None:
    away, elsewhere = Pause(SUNDAY_OF_W53, SUNDAY_OF_W53), OfferException(ON_TUESDAY, ())
    twin = replace(
        helper("ann", SATURDAY, MONDAY_NIGHT, skills=(Skill("choir", "advanced"), Skill("chess"))),
        pauses=(away,),
        exceptions=(elsewhere,),
        check=BackgroundCheck(True, date(2026, 1, 5), SUNDAY_OF_W53, "street office"),
    )
    anna = replace(ANNA, profile=replace(ANNA.profile, skills=(Skill("choir", "beginner"),)))
    remaining, duplicate = merged(twin, anna)

    assert remaining.profile == replace(anna.profile, skills=(Skill("choir", "advanced"), Skill("chess")))
    assert remaining.offer == tuple(sorted((MONDAY_NIGHT, TUESDAY, SATURDAY)))
    assert (remaining.pauses, remaining.exceptions, remaining.check) == ((away,), (elsewhere,), twin.check)
    assert (duplicate.merged_into, duplicate.left) == (anna.id, ON_TUESDAY)
    assert available(duplicate, WEEK) == (Window(22 * 60, 24 * 60),)


def test_check_that_holds_longer_remains() -> None:
    own, later = (BackgroundCheck(True, date(2026, 1, 5), date(2027, month, 1), "office") for month in (1, 6))

    assert merged(replace(ANNA, id=an_id("twin"), check=own), replace(ANNA, check=later))[0].check == later
    assert merged(replace(ANNA, id=an_id("twin"), check=later), replace(ANNA, check=own))[0].check == later


def test_merger_of_equal_records_tells_of_itself_alone_and_happens_once() -> None:
    twin = replace(ANNA, id=an_id("twin"), key="twin")
    events = merge_volunteer(twin, STAMP, into=ANNA, on=ON_TUESDAY, why="registered twice")

    assert events == (
        VolunteerMerged(
            **place(twin.version + 1, twin.id), into=ANNA.id, on=ON_TUESDAY, why="registered twice"
        ),
    )
    gone = evolve(twin, events[0])
    assert merge_volunteer(gone, STAMP, into=ANNA, on=ON_TUESDAY, why="again") == ()


def test_record_that_was_merged_away_takes_no_change_and_nobody() -> None:
    _, gone = merged(replace(ANNA, id=an_id("twin"), key="twin"), ANNA)
    third = helper("third", TUESDAY)

    changes: tuple[Callable[[], object], ...] = (
        lambda: offer_hours(gone, STAMP, (TUESDAY,)),
        lambda: change_profile(gone, STAMP, profile(languages=("en",))),
        lambda: leave(gone, STAMP, on=SUNDAY_OF_W53, why="moves"),
        lambda: merge_volunteer(gone, STAMP, into=third, on=ON_TUESDAY, why="another"),
        lambda: merge_volunteer(third, STAMP, into=gone, on=ON_TUESDAY, why="another"),
    )
    for change in changes:
        with pytest.raises(MergedAway, match="change that record instead"):
            change()


def test_somebody_who_is_there_does_not_go_into_a_record_of_one_who_has_left() -> None:
    bert = helper("bert", SATURDAY)
    (left,) = leave(bert, STAMP, on=ON_TUESDAY, why="moves")
    gone = evolve(bert, left)

    with pytest.raises(BadMerger, match=r"bert left on .* and anna did not; merge bert into anna"):
        merge_volunteer(ANNA, STAMP, into=gone, on=ON_TUESDAY, why="twice")
    assert merge_volunteer(gone, STAMP, into=ANNA, on=ON_TUESDAY, why="twice")


def test_minor_and_adult_are_not_one_person_until_that_is_set_right() -> None:
    with pytest.raises(BadMerger, match="volunteer mia is a minor and anna is not"):
        merge_volunteer(MINOR, STAMP, into=ANNA, on=ON_TUESDAY, why="registered twice")
    with pytest.raises(BadMerger, match="cannot be merged into itself"):
        merge_volunteer(ANNA, STAMP, into=ANNA, on=ON_TUESDAY, why="registered twice")
    with pytest.raises(ReasonMissing):
        merge_volunteer(helper("b", TUESDAY), STAMP, into=ANNA, on=ON_TUESDAY, why=" ")


def test_hours_of_every_week_join_those_of_some_weeks_and_different_weeks_are_refused() -> None:
    weekly, odd, even = (
        helper("a", TUESDAY),
        replace(helper("b", SATURDAY), rhythm=Rhythm(week_letter="A")),
        replace(helper("c", SATURDAY), rhythm=Rhythm(week_letter="B")),
    )

    for duplicate, into in ((odd, weekly), (weekly, odd)):
        remaining, _ = merged(duplicate, into)
        assert (remaining.offer, remaining.rhythm, remaining.otherwise) == (
            (TUESDAY, SATURDAY),
            Rhythm(week_letter="A"),
            (TUESDAY,),
        )
    with pytest.raises(BadMerger, match="hold in different weeks"):
        merged(odd, even)
    assert merged(replace(odd, offer=()), even)[0].offer == even.offer
