"""Files that cities publish import untouched, through the profiles that come with the program."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from adapters.application.application import Lyceum
from adapters.imports.importing import ImportOptions, run_import
from adapters.store.streams import AREAS, DAY_TYPES, REQUESTS, VENUES
from domain.day_types import day_types_id, kind_on
from domain.network import area_id
from domain.venue import venue_id
from tests.adapters.imports.conftest import opened, shared

LIBRARIES = "uk-libraries/uk_libraries_opening_hours.csv"
WEEK = "toronto/week_2026-01-05.csv"
MIDNIGHT = {
    "uk-3354 Horsham Library": "Sa 00:00-17:00",
    "uk-1954 Willenhall": "Mo 10:00-24:00",
    "uk-3393 Worcester Warndon Library": "We 00:00-17:00",
    "uk-1732 Platt Bridge": "Sa 09:00-24:00",
    "uk-1737 Huyton": "Fr 00:00-17:00",
    "uk-2258 Kentish Town Library": "We 00:00-19:00",
    "uk-2453 Library @ the Phoenix Centre": "Fr 00:00-17:00",
    "uk-1445 Roade": "Sa 10:00-24:00",
    "uk-1324 Ponteland Library": "Tu 07:00-02:00",
    "uk-2497 Papworth Library": "We 01:00-13:00",
}

BROKEN_LETTERS = {"uk-679": "Hungate Reading CafÃ©"}


def test_ten_libraries_with_hours_at_midnight_or_in_the_night_hold_all_back_until_accepted(
    empty: Lyceum,
) -> None:
    refused = run_import(empty, "venues", shared(LIBRARIES), ImportOptions(profile="uk-libraries"))

    assert (refused.imported, refused.errors) == (False, ())
    assert {one.subject: one.value for one in refused.warnings} == {**MIDNIGHT, **BROKEN_LETTERS}
    assert all(name in refused.text() for name in MIDNIGHT)
    assert "looks like 'Hungate Reading Café'" in refused.text()
    assert len(refused.warnings) == 11
    assert empty.store.position() == 0

    accepted = run_import(
        empty, "venues", shared(LIBRARIES), ImportOptions(profile="uk-libraries", accept_warnings=True)
    )

    assert (accepted.imported, accepted.rows) == (True, 2862)
    libraries = empty.views.all(VENUES)
    assert len(libraries) == 2862
    assert all(len(one.hours) == 1 for one in libraries)
    assert len({one.area for one in libraries}) == len(empty.views.all(AREAS)) == 154

    again = run_import(empty, "venues", shared(LIBRARIES), ImportOptions(profile="uk-libraries"))

    assert (again.imported, again.events, again.unchanged) == (True, 0, 2862)
    assert empty.store.position() == accepted.position


@pytest.fixture(scope="module")
def toronto() -> Lyceum:
    lyceum = opened()
    for kind, name, profile in (
        ("venues", "toronto/centres.csv", "toronto-centres"),
        ("venues", WEEK, "toronto-places"),
        ("rooms", "toronto/facilities.csv", "toronto-rooms"),
        ("requests", WEEK, "toronto-week"),
    ):
        report = run_import(lyceum, kind, shared(name), ImportOptions(profile=profile, accept_warnings=True))
        assert (report.imported, report.errors) == (True, ())
        odd = {one.column for one in report.warnings}
        # its week is over, and knitting is at 01:00 there, where 13:00 is meant
        assert odd == ({"first_week", "preferred"} if kind == "requests" else set())
        assert report.assumed
    return lyceum


def test_toronto_lends_indoor_rooms_that_can_host_a_class(toronto: Lyceum) -> None:
    venues = toronto.views.all(VENUES)
    rooms = [room for venue in venues for room in venue.rooms]

    assert len(venues) == 143
    assert sum(bool(venue.rooms) for venue in venues) == 96
    assert len(rooms) == 572
    kinds = {room.name.rsplit(" - ", 1)[-1].split("(")[0].strip() for room in rooms}
    assert not kinds & {
        "Indoor Pool",
        "Indoor Rink",
        "Indoor Dry Pad",
        "Kitchen",
        "Dressing Room",
        "Playground",
    }
    assert {room.capacity for room in rooms if "Gymnasium" in room.name} == {80}


def test_toronto_asks_for_what_is_no_swimming_skating_or_ball_game(toronto: Lyceum) -> None:
    requests = toronto.views.all(REQUESTS)
    titles = " ".join(sorted({one.order.title for one in requests})).lower()

    assert len(requests) == 2095
    assert not any(
        word in titles
        for word in (
            "swim",
            "skat",
            "basketball",
            "volleyball",
            "tennis",
            "hockey",
            "soccer",
            "badminton",
            "aqua",
        )
    )
    assert {one.status for one in requests} == {"accepted"}
    assert {one.order.first_week for one in requests} == {"2026-W02"}
    assert set(Counter(one.order.function for one in requests)) == {
        "arts", "civic", "early_years", "health", "leisure", "science", "sport", "vocational",
    }  # fmt: skip


def test_toronto_accepts_the_same_day_and_two_hours_either_side(toronto: Lyceum) -> None:
    for request in toronto.views.all(REQUESTS):
        (wide,), (own,) = request.order.acceptable, request.order.preferred
        midnight = own.start_min - own.start_min % 1440
        assert own.minutes == request.order.duration_minutes
        assert wide.start_min == max(midnight, own.start_min - 120)
        assert wide.end_min == min(midnight + 1440, own.end_min + 120)


def test_toronto_again_changes_nothing(toronto: Lyceum) -> None:
    before = toronto.store.position()

    reports = [
        run_import(toronto, "venues", shared(WEEK), ImportOptions(profile="toronto-places")),
        run_import(
            toronto, "rooms", shared("toronto/facilities.csv"), ImportOptions(profile="toronto-rooms")
        ),
        run_import(toronto, "requests", shared(WEEK), ImportOptions(profile="toronto-week")),
    ]

    assert [one.events for one in reports] == [0, 0, 0]
    assert toronto.store.position() == before


def test_calendar_of_2026_knows_its_make_up_work_days(empty: Lyceum) -> None:
    report = run_import(
        empty, "day-types", shared("calendar/cn_days_2026.csv"), ImportOptions(profile="cn-days-2026")
    )

    days = empty.views.get(DAY_TYPES, day_types_id("CN"))
    assert report.imported
    assert days is not None
    assert len(days.days) == 365
    sunday = kind_on(days, date(2026, 1, 4))
    assert (sunday.kind, sunday.status) == ("makeup_workday", "official")


def test_real_file_in_gbk_imports_like_the_original(empty: Lyceum, tmp_path: Path) -> None:
    original = shared("divisions/xinyu.csv").read_text(encoding="utf-8-sig")
    (tmp_path / "xinyu.csv").write_bytes(original.encode("gbk"))

    assert (
        run_import(empty, "network", tmp_path / "xinyu.csv", ImportOptions(profile="xinyu-network")).new
        == 548
    )

    again = run_import(
        empty, "network", shared("divisions/xinyu.csv"), ImportOptions(profile="xinyu-network")
    )
    assert (again.imported, again.events) == (True, 0)
    city = empty.views.get(AREAS, area_id("3605"))
    assert city is not None
    assert city.names[0].value == (("zh", "新余市"),)


def test_areas_of_a_profile_leave_a_city_of_ones_own_alone(empty: Lyceum, tmp_path: Path) -> None:
    (tmp_path / "n.csv").write_text(
        "key,level,name,zone,lat,lon\ntoronto,city,Toronto (mine),America/Toronto,43.65,-79.38\n",
        encoding="utf-8",
    )
    run_import(empty, "network", tmp_path / "n.csv")

    run_import(empty, "venues", shared("toronto/centres.csv"), ImportOptions(profile="toronto-centres"))

    (city,) = empty.views.all(AREAS)
    assert city.names[0].value == (("en", "Toronto (mine)"),)
    amesbury = empty.views.get(VENUES, venue_id("toronto-472"))
    assert amesbury is not None
    assert amesbury.area == city.id
