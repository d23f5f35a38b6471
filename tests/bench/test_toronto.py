"""What the Toronto benchmark generates and reports, on a few made-up rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bench import bench_toronto as toronto
from domain.events import EventMetadata
from domain.network import area_id
from domain.request import CourseRequest, Order, evolve, submit_request
from domain.windows import on_day

STAMP = EventMetadata(datetime(2026, 1, 1, tzinfo=UTC), "test")
TORONTO = area_id("toronto")


def session(
    place: str = "7", topic: str = "yoga", function: str = "health", start: str = "10:00"
) -> CourseRequest:
    window = on_day(1, start, "12:00")
    order = Order(
        title=topic,
        topic=topic,
        function=function,
        learners=15,
        duration_minutes=window.minutes,
        acceptable=(window,),
        preferred=(window,),
        first_week=toronto.WEEK,
    )
    key = f"toronto-{place}-100-2026-01-05-{start}"
    facts = submit_request(None, STAMP, key=key, area=TORONTO, location=(43.7, -79.4), order=order)
    return evolve(None, facts[0])


def test_place_is_open_from_its_first_programme_to_its_last() -> None:
    rows: list[dict[str, Any]] = [
        {"location_id": "7", "weekday": "Monday", "start": "10:00", "end": "11:00"},
        {"location_id": "7", "weekday": "Monday", "start": "08:30", "end": "09:00"},
        {"location_id": "7", "weekday": "Sunday", "start": "13:00", "end": "15:00"},
        {"location_id": "8", "weekday": "Monday", "start": "06:00", "end": "23:00"},
    ]

    opened = list(toronto.opening_rows(rows, {"toronto-7"}))

    assert opened == [{"venue": "toronto-7", "hours": "Mo 08:30-11:00; Su 13:00-15:00"}]


def test_pool_is_the_same_for_the_same_seed_and_one_for_three_sessions() -> None:
    requests = [session(start=f"{hour:02}:00") for hour in range(6, 12)]

    people = list(toronto.pool(requests, seed=1))

    assert people == list(toronto.pool(requests, seed=1))
    assert [(one["key"], one["topics"]) for one in people] == [
        ("generated-0001", "yoga"),
        ("generated-0002", "yoga"),
    ]


def test_reasons_are_counted_without_their_numbers_and_topics() -> None:
    assert (
        toronto._sort_of("no volunteer with the topic dance is free within 3 km")
        == "no volunteer with the topic is free within … km"
    )


def test_real_functions_are_counted_at_places_with_known_rooms() -> None:
    requests = [session(), session(function="arts", start="11:00"), session(place="9")]

    assert toronto.real_functions(requests, {"toronto-7", "toronto-8"}) == {"toronto-7": 2, "toronto-8": 0}


def test_mean_counts_each_place_once() -> None:
    assert toronto.mean({0: 1, 2: 1, 4: 2}) == 2.5
