"""Volunteers: what they offer, when they are away, and whether they may work with minors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.events import AlreadyThere, Event, ReasonMissing
from domain.volunteer import (
    BackgroundCheck,
    BadOffer,
    BadProfile,
    CheckRecorded,
    ConsentRecorded,
    HoursOffered,
    OfferExcepted,
    OfferException,
    OfferPaused,
    Pause,
    ProfileChanged,
    Volunteer,
    VolunteerEnrolled,
    VolunteerLeft,
    available,
    change_profile,
    enrol_volunteer,
    evolve,
    except_offer,
    leave,
    offer_hours,
    pause_offer,
    record_check,
    record_consent,
    vetted,
    volunteer_id,
)
from domain.windows import WEEK_MIN, Window, on_day
from tests.builders import STAMP, WEEK, after, again, an_id, helper, place, profile

MONDAY_NIGHT = Window(22 * 60, 26 * 60)  # Monday 22:00 to Tuesday 02:00
TUESDAY = on_day(2, "09:00", "12:00")
SATURDAY = on_day(6, "14:00", "18:00")
ANNA = helper("anna", TUESDAY, SATURDAY)
MINOR = helper("mia", SATURDAY, minor=True, roles=("assistant",))
ON_TUESDAY = date(2026, 12, 1)  # in WEEK
SUNDAY_OF_W53 = date(2027, 1, 3)
DAY = timedelta(days=1)


def check(expires: date, checked_on: date = date(2026, 1, 5), *, passed: bool = True) -> BackgroundCheck:
    return BackgroundCheck(passed, checked_on, expires, "street office")


def checked(one: BackgroundCheck) -> Volunteer:
    return after(evolve, ANNA, lambda known: record_check(known, STAMP, one))


# Profiles


def test_enrolled_volunteer_is_what_the_event_says() -> None:
    events = enrol_volunteer(None, STAMP, key="anna", profile=profile())

    assert events == (VolunteerEnrolled(**place(1, volunteer_id("anna")), key="anna", profile=profile()),)
    assert evolve(None, events[0]) == Volunteer(
        volunteer_id("anna"), 1, "anna", profile(), (), (), (), False, None
    )


def test_enrolling_twice_is_refused() -> None:
    with pytest.raises(
        AlreadyThere, match=r"^volunteer anna is enrolled already; change the profile instead$"
    ):
        enrol_volunteer(ANNA, STAMP, key="anna", profile=profile())


def test_changed_profile_takes_the_place_of_the_first() -> None:
    professional = profile(kind="professional", max_travel_km=8.5)
    events = change_profile(ANNA, STAMP, professional)

    assert events == (ProfileChanged(**place(ANNA.version + 1, ANNA.id), profile=professional),)
    assert evolve(ANNA, events[0]).profile == professional


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"roles": ()}, "volunteer anna has no role; give lead, assistant or both"),
        ({"minor": True}, "volunteer anna is a minor and cannot lead; give the role assistant alone"),
        ({"max_travel_km": -0.1}, "volunteer anna: limits cannot be below 0"),
        ({"max_minutes_day": -1}, "volunteer anna: limits cannot be below 0"),
        ({"max_minutes_week": -1}, "volunteer anna: limits cannot be below 0"),
    ],
)
def test_profile_that_contradicts_itself_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(BadProfile, match=f"^{said}$"):
        enrol_volunteer(None, STAMP, key="anna", profile=profile(**changes))
    with pytest.raises(BadProfile, match=f"^{said}$"):
        change_profile(ANNA, STAMP, profile(**changes))


# Offers


def test_offered_hours_are_joined_and_sorted() -> None:
    events = offer_hours(ANNA, STAMP, (SATURDAY, on_day(2, "10:00", "13:00"), TUESDAY))

    joined = (on_day(2, "09:00", "13:00"), SATURDAY)
    assert events == (HoursOffered(**place(ANNA.version + 1, ANNA.id), windows=joined),)
    assert evolve(ANNA, events[0]).offer == joined


def test_same_hours_in_another_order_change_nothing() -> None:
    assert offer_hours(ANNA, STAMP, (SATURDAY, TUESDAY)) == ()


@pytest.mark.parametrize("outside", [Window(-1, 60), Window(WEEK_MIN - 60, WEEK_MIN + 1)])
def test_hours_outside_the_week_are_refused(outside: Window) -> None:
    with pytest.raises(BadOffer, match=r"^the offer of anna must lie between Monday 00:00 and Sunday 24:00$"):
        offer_hours(ANNA, STAMP, (outside,))


def test_hours_to_the_last_minute_of_the_week_are_offered() -> None:
    whole = (Window(0, WEEK_MIN),)

    assert [event.windows for event in offer_hours(ANNA, STAMP, whole)] == [whole]


def test_nothing_can_be_offered_any_more() -> None:
    assert [event.windows for event in offer_hours(ANNA, STAMP, ())] == [()]


def test_exception_takes_the_place_of_the_offer_on_its_date() -> None:
    exception = OfferException(ON_TUESDAY, (Window(600, 660), Window(540, 610)))
    events = except_offer(ANNA, STAMP, exception)
    known = evolve(ANNA, events[0])

    joined = OfferException(ON_TUESDAY, (Window(540, 660),))
    assert events == (OfferExcepted(**place(ANNA.version + 1, ANNA.id), exception=joined),)
    assert available(known, WEEK) == (on_day(2, "09:00", "11:00"), SATURDAY)
    assert available(known, "2026-W50") == (TUESDAY, SATURDAY)


def test_second_exception_of_a_date_takes_the_place_of_the_first() -> None:
    known = after(
        evolve,
        ANNA,
        lambda one: except_offer(one, STAMP, OfferException(ON_TUESDAY, (Window(540, 600),))),
        lambda one: except_offer(one, STAMP, OfferException(ON_TUESDAY)),
    )

    assert known.exceptions == (OfferException(ON_TUESDAY),)
    assert available(known, WEEK) == (SATURDAY,)


def test_exception_cuts_what_runs_into_its_date_from_the_night_before() -> None:
    known = after(
        evolve,
        helper("owl", MONDAY_NIGHT),
        lambda one: except_offer(one, STAMP, OfferException(ON_TUESDAY)),
    )

    assert available(known, WEEK) == (on_day(1, "22:00", "24:00"),)


@pytest.mark.parametrize("outside", [Window(-1, 60), Window(1400, 1441)])
def test_exception_outside_its_date_is_refused(outside: Window) -> None:
    with pytest.raises(BadOffer, match=r"^the hours of anna on 2026-12-01 must lie between 00:00 and 24:00$"):
        except_offer(ANNA, STAMP, OfferException(ON_TUESDAY, (outside,)))


def test_paused_volunteer_is_away_from_first_to_last_day() -> None:
    pause = Pause(ON_TUESDAY, ON_TUESDAY + 7 * DAY)
    events = pause_offer(ANNA, STAMP, pause, " in hospital ")
    known = evolve(ANNA, events[0])

    assert events == (OfferPaused(**place(ANNA.version + 1, ANNA.id), pause=pause, why="in hospital"),)
    assert [available(known, week) for week in ("2026-W48", WEEK, "2026-W50")] == [
        (TUESDAY, SATURDAY),
        (),
        (SATURDAY,),
    ]


def test_pause_beats_an_exception() -> None:
    known = after(
        evolve,
        ANNA,
        lambda one: except_offer(one, STAMP, OfferException(ON_TUESDAY, (Window(540, 600),))),
        lambda one: pause_offer(one, STAMP, Pause(ON_TUESDAY, ON_TUESDAY), "ill"),
    )

    assert available(known, WEEK) == (SATURDAY,)


def test_pause_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(
        BadOffer, match=r"^the pause of anna ends before it starts \(2026-12-01 to 2026-11-30\)$"
    ):
        pause_offer(ANNA, STAMP, Pause(ON_TUESDAY, ON_TUESDAY - DAY), "ill")


# Consent and checks


def test_minor_without_consent_offers_nothing() -> None:
    assert available(MINOR, WEEK) == ()


def test_consent_opens_the_offer_of_a_minor_until_it_is_taken_back() -> None:
    guardian = an_id("guardian")
    events = record_consent(MINOR, STAMP, guardian=guardian, consent=True)
    allowed = evolve(MINOR, events[0])
    taken_back = after(
        evolve, allowed, lambda one: record_consent(one, STAMP, guardian=guardian, consent=False)
    )

    assert events == (ConsentRecorded(**place(MINOR.version + 1, MINOR.id), guardian=guardian, given=True),)
    assert (available(allowed, WEEK), available(taken_back, WEEK)) == ((SATURDAY,), ())


def test_consent_that_was_never_given_cannot_be_taken_back() -> None:
    assert record_consent(MINOR, STAMP, guardian=an_id("guardian"), consent=False) == ()


def test_consent_for_an_adult_is_refused() -> None:
    with pytest.raises(BadProfile, match=r"^volunteer anna is an adult and needs nobody's consent$"):
        record_consent(ANNA, STAMP, guardian=an_id("guardian"), consent=True)


def test_check_is_recorded() -> None:
    events = record_check(ANNA, STAMP, check(date(2028, 1, 4)))

    assert events == (CheckRecorded(**place(ANNA.version + 1, ANNA.id), check=check(date(2028, 1, 4))),)
    assert evolve(ANNA, events[0]).check == check(date(2028, 1, 4))


def test_check_that_expires_before_it_was_made_is_refused() -> None:
    with pytest.raises(BadProfile, match=r"^the check of anna expires before it was made \(2026-01-04\)$"):
        record_check(ANNA, STAMP, check(date(2026, 1, 4)))


@pytest.mark.parametrize(
    ("expires", "holds"), [(SUNDAY_OF_W53 - DAY, False), (SUNDAY_OF_W53, True), (SUNDAY_OF_W53 + DAY, True)]
)
def test_check_must_hold_through_the_last_day_of_week_53(expires: date, holds: bool) -> None:
    """Week 53 of 2026 ends on Sunday, 2027-01-03."""
    assert vetted(checked(check(expires)), "2026-W53") == holds


@pytest.mark.parametrize(
    ("made", "holds"), [(date(2026, 12, 27), True), (date(2026, 12, 28), True), (date(2026, 12, 29), False)]
)
def test_check_must_be_made_by_the_first_day_of_the_week(made: date, holds: bool) -> None:
    assert vetted(checked(check(date(2028, 1, 1), made)), "2026-W53") == holds


def test_failed_or_missing_check_does_not_hold() -> None:
    assert not vetted(checked(check(date(2028, 1, 1), passed=False)), WEEK)
    assert not vetted(ANNA, WEEK)


def test_later_failed_check_ends_the_earlier_one() -> None:
    known = after(
        evolve,
        checked(check(date(2028, 1, 1))),
        lambda one: record_check(one, STAMP, check(date(2028, 1, 1), date(2026, 6, 1), passed=False)),
    )

    assert not vetted(known, WEEK)


# Leaving


def test_volunteer_who_left_is_away_from_that_day() -> None:
    events = leave(ANNA, STAMP, on=date(2026, 12, 5), why=" moved away ")
    gone = evolve(ANNA, events[0])

    assert events == (
        VolunteerLeft(**place(ANNA.version + 1, ANNA.id), on=date(2026, 12, 5), why="moved away"),
    )
    assert (available(gone, WEEK), available(gone, "2026-W50")) == ((TUESDAY,), ())


def test_last_day_can_be_corrected() -> None:
    gone = after(
        evolve,
        ANNA,
        lambda one: leave(one, STAMP, on=date(2026, 12, 31), why="moves away"),
        lambda one: leave(one, STAMP, on=ON_TUESDAY, why="moves earlier"),
    )

    assert gone.left == ON_TUESDAY


# Repeating, reasons, order


REPEATED: dict[str, tuple[Volunteer, Callable[[Volunteer], Iterable[Event]]]] = {
    "profile": (ANNA, lambda one: change_profile(one, STAMP, profile(kind="staff"))),
    "offer": (ANNA, lambda one: offer_hours(one, STAMP, (SATURDAY,))),
    "exception": (ANNA, lambda one: except_offer(one, STAMP, OfferException(ON_TUESDAY))),
    "pause": (ANNA, lambda one: pause_offer(one, STAMP, Pause(ON_TUESDAY, ON_TUESDAY), "ill")),
    "consent": (MINOR, lambda one: record_consent(one, STAMP, guardian=an_id("guardian"), consent=True)),
    "check": (ANNA, lambda one: record_check(one, STAMP, check(date(2028, 1, 1)))),
    "leave": (ANNA, lambda one: leave(one, STAMP, on=ON_TUESDAY, why="moved away")),
}


@pytest.mark.parametrize(("known", "command"), REPEATED.values(), ids=REPEATED)
def test_command_given_twice_changes_nothing(
    known: Volunteer, command: Callable[[Volunteer], Iterable[Event]]
) -> None:
    assert again(evolve, known, command) == ()


@pytest.mark.parametrize(
    "command",
    [
        lambda: pause_offer(ANNA, STAMP, Pause(ON_TUESDAY, ON_TUESDAY), " "),
        lambda: leave(ANNA, STAMP, on=ON_TUESDAY, why=""),
    ],
    ids=["pause", "leave"],
)
def test_pausing_and_leaving_need_a_reason(command: Callable[[], object]) -> None:
    with pytest.raises(ReasonMissing, match="needs a reason; say why in one sentence"):
        command()


def test_event_out_of_place_cannot_be_applied() -> None:
    enrolled = enrol_volunteer(None, STAMP, key="anna", profile=profile())[0]

    with pytest.raises(TypeError, match="cannot apply VolunteerEnrolled"):
        evolve(ANNA, enrolled)
    with pytest.raises(TypeError, match="cannot apply HoursOffered to None"):
        evolve(None, offer_hours(ANNA, STAMP, ())[0])


def test_order_of_exceptions_does_not_matter() -> None:
    some = OfferException(ON_TUESDAY)
    other = OfferException(ON_TUESDAY + DAY, (Window(540, 600),))
    one_way, other_way = (replace(ANNA, exceptions=both) for both in ((some, other), (other, some)))

    assert available(one_way, WEEK) == available(other_way, WEEK)
