"""What a subscriber's program reads in the calendars of a week that was released twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from adapters.exports.agendas import until_release
from adapters.exports.export_wording import wording_of
from adapters.exports.icalendars import calendars
from adapters.exports.vtimezones import timezone
from domain import request, venue
from domain.catalogue import FIELD
from domain.events import EventMetadata
from domain.timetable import Session
from domain.volunteer import volunteer_id
from domain.windows import on_day
from tests.adapters.exports.town import (
    BEFORE,
    FIRST,
    NAMES,
    PHONE,
    SECOND,
    Town,
    place,
    release,
    town,
)

WORDS = wording_of("en", FIELD)


def events(content: bytes) -> dict[str, Any]:
    """By title."""
    return {str(one["SUMMARY"]): one for one in Calendar.from_ical(content).walk("VEVENT")}


def made(some: Town, release: int = 2) -> dict[str, bytes]:
    return calendars([until_release(some.snapshot, release)], WORDS)


def test_every_kind_has_its_calendars(toronto: Town) -> None:
    folders = {path.split("/")[0] for path in made(toronto)}

    assert folders == {"rooms", "venues", "volunteers", "requests", "area"}


def test_event_carries_what_the_session_is(any_town: Town) -> None:
    event = events(made(any_town)["requests/r-paint.ics"])["国画入门"]

    zone = ZoneInfo(any_town.zone)
    assert event.start == datetime(2026, 3, 6, 9, 30, tzinfo=zone)
    assert event.end == datetime(2026, 3, 6, 11, 0, tzinfo=zone)
    assert event["DTSTART"].params["TZID"] == any_town.zone
    assert event["LOCATION"] == "荣昌图书馆, Hall-A 厅"
    assert event["GEO"].to_ical() == "29.41;105.6"
    assert event.categories == ["Arts"]
    assert event["STATUS"] == "CONFIRMED"
    assert "北门社区" in event["DESCRIPTION"]
    assert "20 learners" in event["DESCRIPTION"]


def test_uid_stays_and_sequence_counts_when_a_session_moves(toronto: Town) -> None:
    before, after = (events(made(toronto, number)["area/city.ics"]) for number in (1, 2))

    assert {title: after[title]["UID"] for title in before} == {
        title: one["UID"] for title, one in before.items()
    }
    assert (before["国画入门"]["SEQUENCE"], after["国画入门"]["SEQUENCE"]) == (0, 1)
    assert after["国画入门"]["DTSTAMP"].dt == after["国画入门"]["LAST-MODIFIED"].dt == SECOND
    assert after["Sunday choir"]["SEQUENCE"] == 0
    assert after["Sunday choir"]["DTSTAMP"].dt == FIRST


def test_no_chain_of_changes_takes_a_sequence_back_or_says_something_else_under_the_same() -> None:
    """A program that keeps the newest (RFC 5546, 2.1.5) would go on showing what is no longer so."""
    some = town("America/Toronto", releases=1)
    elsewhere = place("r-hostile", 1, on_day(4, "18:00", "19:30"), "lib/hall", "V Two")
    chain: list[Callable[[EventMetadata], None]] = [
        lambda metadata: release_again(some, metadata, {**BEFORE, "r-hostile": elsewhere}),
        lambda metadata: describe(some, metadata, "school", name="Gate"),
        lambda metadata: describe(some, metadata, "school", name="Side gate"),
        lambda metadata: describe(some, metadata, "school", location=(29.42, 105.61)),
        lambda metadata: retitle(some, metadata, "r-hostile", "Gymnastics"),
        lambda metadata: retitle(some, metadata, "r-hostile", "Yoga"),
        lambda metadata: describe(some, metadata, "lib", name="Library"),
        lambda metadata: release_again(some, metadata, BEFORE),
        lambda metadata: release_again(some, metadata, {}),
        lambda metadata: describe(some, metadata, "school", name="Gate"),
        lambda metadata: release_again(some, metadata, {**BEFORE, "r-hostile": elsewhere}),
        lambda metadata: release_again(some, metadata, BEFORE),
    ]
    before = calendars([some.snapshot], WORDS)
    for number, change in enumerate(chain, 1):
        change(EventMetadata(FIRST + timedelta(hours=number), "tests"))
        after = calendars([some.snapshot], WORDS)
        for path, content in before.items():
            old, new = by_uid(content), by_uid(after[path])
            assert old.keys() <= new.keys()
            for uid, event in old.items():
                if event.to_ical() != new[uid].to_ical():
                    assert new[uid]["SEQUENCE"] > event["SEQUENCE"], (number, path)
                    assert new[uid]["LAST-MODIFIED"].dt == FIRST + timedelta(hours=number), (number, path)
        before = after


def by_uid(content: bytes) -> dict[str, Any]:
    return {str(one["UID"]): one for one in Calendar.from_ical(content).walk("VEVENT")}


def release_again(some: Town, metadata: EventMetadata, sessions: dict[str, Session]) -> None:
    some.lyceum.commit(release(some.snapshot.timetable, metadata.at, str(metadata.at), "Again", sessions))


def describe(
    some: Town,
    metadata: EventMetadata,
    key: str,
    *,
    name: str | None = None,
    location: tuple[float, float] | None = None,
) -> None:
    known = some.snapshot.venues[venue.venue_id(key)]
    some.lyceum.commit(
        venue.describe_venue(
            known,
            metadata,
            name=name or known.name,
            kind=known.kind,
            area=known.area,
            location=location or known.location,
        )
    )


def retitle(some: Town, metadata: EventMetadata, key: str, title: str) -> None:
    known = some.snapshot.requests[request.request_id(key)]
    order = replace(known.order, title=title)
    some.lyceum.commit(
        request.change_order(known, metadata, area=known.area, location=known.location, order=order)
    )


def test_all_uids_differ(toronto: Town) -> None:
    uids = [str(one["UID"]) for one in events(made(toronto)["area/city.ics"]).values()]

    assert len(set(uids)) == len(uids) == 6


def test_cancelled_session_stays_as_cancelled(toronto: Town) -> None:
    event = events(made(toronto)["rooms/lib--hall-b.ics"])["夜间观星"]

    assert (event["STATUS"], event["SEQUENCE"], event["TRANSP"]) == ("CANCELLED", 1, "TRANSPARENT")


def test_session_that_left_is_cancelled_there_and_says_where_it_is(toronto: Town) -> None:
    event = events(made(toronto)["venues/school.ics"])["<script>alert('x')</script>"]

    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 1)
    assert "Moved: now Thursday 5 March, 18:00–19:30, 荣昌图书馆, Hall 厅" in event["DESCRIPTION"]
    assert events(made(toronto)["venues/lib.ics"])["<script>alert('x')</script>"]["STATUS"] == "CONFIRMED"


def test_replaced_volunteer_loses_the_session(toronto: Town) -> None:
    event = events(made(toronto)["volunteers/v-lead.ics"])["国画入门"]

    assert event["STATUS"] == "CANCELLED"
    assert event.start.date() == date(2026, 3, 3)


def test_volunteer_reads_whether_to_lead_or_to_assist(toronto: Town) -> None:
    leads = events(made(toronto)["volunteers/v-third.ics"])["国画入门"]
    (assists,) = (one for path, one in made(toronto).items() if path.startswith("volunteers/v-two-"))

    assert "You lead" in leads["DESCRIPTION"]
    assert "You assist" in events(assists)["国画入门"]["DESCRIPTION"]


def test_hall_holds_the_sessions_of_its_parts_and_parts_those_of_the_hall(toronto: Town) -> None:
    hall, part = (events(made(toronto)[f"rooms/lib--{room}.ics"]) for room in ("hall", "hall-a"))

    assert hall["国画入门"]["DESCRIPTION"].startswith("In Hall-A 厅")
    assert part["Sunday choir"]["DESCRIPTION"].startswith("Whole hall")
    assert hall["Sunday choir"]["DESCRIPTION"].startswith("Field")


def test_session_until_midnight_ends_on_the_next_day(any_town: Town) -> None:
    event = events(made(any_town, 1)["requests/r-late.ics"])["夜间观星"]

    assert event["DTSTART"].to_ical() == b"20260307T223000"
    assert event["DTEND"].to_ical() == b"20260308T000000"
    assert event.end - event.start == timedelta(minutes=90)


def test_wall_clock_is_kept_on_the_day_the_clocks_change(toronto: Town) -> None:
    content = made(toronto)["requests/r-dst.ics"]
    (event,) = events(content).values()

    assert event["DTSTART"].to_ical() == b"20260308T100000"
    assert event.start.astimezone(UTC) == datetime(
        2026, 3, 8, 14, 0, tzinfo=UTC
    )  # EDT, an hour less than on Saturday


def test_time_zone_of_toronto_changes_where_rfc_5545_wants_it(toronto: Town) -> None:
    zone: Any = Calendar.from_ical(made(toronto)["area/city.ics"]).walk("VTIMEZONE")[0]
    daylight = zone.walk("DAYLIGHT")[0]

    assert zone["TZID"] == "America/Toronto"
    assert daylight["DTSTART"].to_ical() == b"20260308T020000"
    assert daylight["TZOFFSETFROM"].td == timedelta(hours=-5)
    assert daylight["TZOFFSETTO"].td == timedelta(hours=-4)


def test_time_zone_of_shanghai_never_changes() -> None:
    zone: Any = timezone("Asia/Shanghai", 2026, 2027)
    (observance,) = zone.subcomponents

    assert observance["TZOFFSETFROM"].td == observance["TZOFFSETTO"].td == timedelta(hours=8)


@pytest.mark.parametrize(
    "name", ["America/Toronto", "Europe/London", "Australia/Lord_Howe", "Africa/Casablanca"]
)
def test_time_zone_tells_the_offset_of_every_hour_of_its_years(name: str) -> None:
    """Read by the rules of the RFC: the observance in force is the one with the latest onset, in its own old time."""
    zone: Any = timezone(name, 2026, 2026)
    onsets = sorted(
        (one["DTSTART"].dt - one["TZOFFSETFROM"].td, one["TZOFFSETTO"].td) for one in zone.subcomponents
    )
    first = onsets[0][0]
    for hour in range(24 * 364):
        at = first + timedelta(hours=hour)
        told = [offset for onset, offset in onsets if onset <= at][-1]
        assert told == at.replace(tzinfo=UTC).astimezone(ZoneInfo(name)).utcoffset()


ONE_RULE = ("America/Toronto", "Europe/London", "Australia/Lord_Howe", "America/Santiago")


@pytest.mark.parametrize("name", ONE_RULE)
def test_time_zone_of_one_rule_says_it_and_its_first_observance_is_of_the_same_rule(name: str) -> None:
    zone: Any = timezone(name, 2026, 2027)
    before, first, second = zone.subcomponents

    assert before.name == second.name != first.name
    assert {key: before["RRULE"][key] for key in second["RRULE"]} == dict(second["RRULE"])
    assert before["RRULE"]["UNTIL"]
    assert "UNTIL" not in first["RRULE"]
    assert len({before["DTSTART"].dt.year, second["DTSTART"].dt.year}) == 2


@pytest.mark.parametrize("name", ONE_RULE)
def test_rule_of_a_time_zone_gives_the_offsets_of_the_years_to_come(name: str) -> None:
    told, zone = timezone(name, 2026, 2026).to_tz(lookup_tzid=False), ZoneInfo(name)
    days = [datetime.fromisoformat("2026-01-01T12:00") + timedelta(days=number) for number in range(365 * 8)]

    wrong = [
        day for day in days if day.replace(tzinfo=told).utcoffset() != day.replace(tzinfo=zone).utcoffset()
    ]

    assert wrong == []


@pytest.mark.parametrize("name", ["Africa/Cairo", "Africa/Casablanca", "Asia/Gaza"])
def test_time_zone_without_one_rule_lists_its_changes(name: str) -> None:
    zone: Any = timezone(name, 2026, 2027)

    assert not [one for one in zone.subcomponents if "RRULE" in one]
    assert len(zone.subcomponents) > 3


@pytest.mark.parametrize(
    ("name", "year", "offsets"),
    [
        ("America/Asuncion", 2025, {-3}),  # the last change of its clocks was in the year before
        ("Asia/Pyongyang", 2018, {8.5, 9}),  # one change alone
        ("Africa/Juba", 2001, {3}),  # one change, in the year before
    ],
)
def test_time_zone_that_has_given_up_changing_its_clocks_is_written(
    name: str, year: int, offsets: set[float]
) -> None:
    zone: Any = timezone(name, year, year + 1)

    assert {one["TZOFFSETTO"].td / timedelta(hours=1) for one in zone.subcomponents} == offsets


def test_lines_are_folded_and_end_as_the_rfc_wants(toronto: Town) -> None:
    for content in made(toronto).values():
        lines = content.split(b"\r\n")
        assert max(map(len, lines)) <= 75
        assert not any(b"\n" in line for line in lines)


def test_calendar_holds_no_names(toronto: Town) -> None:
    text = b"".join(made(toronto).values()).replace(b"\r\n ", b"").decode()

    assert not [name for name in (*NAMES.values(), PHONE) if name in text]


def test_name_stands_in_its_own_calendars_name_only(toronto: Town) -> None:
    names = {volunteer_id("v-lead"): "王小明"}

    holding = [
        path
        for path, one in calendars([toronto.snapshot], WORDS, names=names).items()
        if "王小明" in one.decode()
    ]

    assert holding == ["volunteers/v-lead.ics"]


def test_same_town_makes_the_same_bytes() -> None:
    first, second = (made(town("Asia/Shanghai")) for _ in range(2))

    assert first == second
