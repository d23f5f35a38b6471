"""What one venue or volunteer may have of a kind: the last that fits is taken, the next is refused in a sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain import quotas, venue, volunteer
from domain.quotas import QuotaReached, require_fewer
from domain.windows import Window
from tests.builders import STAMP, an_id, helper, room, venue_of

TODAY = STAMP.at.date()


def closures(count: int, last: date) -> tuple[venue.Closure, ...]:
    return tuple(venue.Closure(an_id(f"c-{number}"), last, last) for number in range(count))


def test_rooms_of_a_venue_have_an_end() -> None:
    full = replace(venue_of(), rooms=tuple(room(f"r-{number}") for number in range(quotas.MOST_ROOMS)))

    assert venue.open_room(replace(full, rooms=full.rooms[1:]), STAMP, room("new"))
    assert venue.open_room(full, STAMP, room("r-1", capacity=5))
    with pytest.raises(
        QuotaReached, match=r"^venue library has 200 rooms already, and 200 are the most; take one"
    ):
        venue.open_room(full, STAMP, room("new"))


def test_closures_ahead_have_an_end_and_those_that_are_over_do_not_count() -> None:
    one = venue.Closure(an_id("new"), TODAY, TODAY + timedelta(days=1))
    over = replace(venue_of(), closures=closures(quotas.MOST_CLOSURES, TODAY - timedelta(days=1)))

    assert venue.close_venue(over, STAMP, one, "why")
    with pytest.raises(QuotaReached, match=r"^venue library has 200 closures ahead already"):
        venue.close_venue(replace(over, closures=closures(quotas.MOST_CLOSURES, TODAY)), STAMP, one, "why")


def test_pauses_ahead_have_an_end() -> None:
    days = [TODAY + timedelta(days=number) for number in range(quotas.MOST_PAUSES)]
    full = replace(helper(), pauses=tuple(volunteer.Pause(day, day) for day in days))

    with pytest.raises(QuotaReached, match=r"^volunteer v-1 has 60 pauses ahead already"):
        volunteer.pause_offer(full, STAMP, volunteer.Pause(TODAY, date(2200, 1, 1)), "why")


def test_days_with_other_hours_have_an_end_and_one_can_still_be_changed() -> None:
    days = [TODAY + timedelta(days=number) for number in range(quotas.MOST_EXCEPTIONS + 1)]
    known = tuple(volunteer.OfferException(day) for day in days[:-1])
    full = replace(helper(), exceptions=known)

    with pytest.raises(QuotaReached, match=r"^volunteer v-1 has 400 days with other hours already"):
        volunteer.except_offer(full, STAMP, volunteer.OfferException(days[-1]))
    assert volunteer.except_offer(full, STAMP, volunteer.OfferException(days[0], (Window(540, 600),)))


def test_each_number_is_above_what_anybody_needs_and_has_an_end() -> None:
    numbers = {name: value for name, value in vars(quotas).items() if name.startswith("MOST_")}

    assert len(numbers) == 8
    assert all(50 <= value <= 1000 for value in numbers.values())
    require_fewer(1, 2, "somebody", "things", "stop")
