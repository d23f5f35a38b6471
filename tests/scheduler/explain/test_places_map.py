"""The places map says of each cell what a try of the move there would say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as given_any
from hypothesis import strategies as st

from domain.windows import DAY_MIN
from scheduler import Assignment, Judge, PlacesMap, places_map, read_problem
from scheduler.documents.codec import read_assignments
from scheduler.explain.places_map import VERDICTS
from scheduler.suggest import Suggester
from tests.scheduler.cases import Document, problem, put, request, volunteer, window
from tests.scheduler.test_solve import tiny_problems

OF_PEOPLE = {"team", "skill", "available", "home", "volunteer_clash", "load", "minors", "same_leads"}


def mapped(document: Document, draft: list[Document], name: str = "choir", session: int = 1) -> PlacesMap:
    judge = Judge(read_problem(document), read_assignments(draft))
    return map_of(judge, read_assignments(draft), name, session)


def map_of(judge: Judge, draft: Sequence[Assignment], name: str, session: int) -> PlacesMap:
    present = {(assignment.request, assignment.session): assignment for assignment in draft}
    return places_map(judge, Suggester(judge).plan, name, session, present.get((name, session)))


def cells(places: PlacesMap) -> dict[str, list[str]]:
    """For each room the verdict on each slot."""
    verdicts = {}
    for room in places.rooms:
        ends = [*room.runs[2::2], places.slots]
        verdicts[room.room] = [
            places.verdicts[verdict]
            for first, verdict, end in zip(room.runs[::2], room.runs[1::2], ends, strict=True)
            for _ in range(first, end)
        ]
    return verdicts


def at(places: PlacesMap, room: str, day: int, hour: int) -> str:
    return cells(places)[room][((day - 1) * DAY_MIN + hour * 60) // places.step_min]


# ---- Stories


def test_same_people_can_go_where_a_try_is_allowed() -> None:
    document = problem(request("choir", acceptable=[window("10:00", "12:00")]), request("flute"))
    places = mapped(document, [put("choir"), put("flute", "11:00", "hall", "bob")])

    assert (places.step_min, places.slots, places.verdicts) == (30, 336, VERDICTS)
    assert [room.room for room in places.rooms] == ["attic", "hall", "left", "right", "lab"]
    assert [at(places, "attic", 1, hour) for hour in (9, 10, 11, 12)] == [
        "acceptable", "same", "same", "acceptable",
    ]  # fmt: skip
    assert [at(places, "left", 1, hour) for hour in (10, 11)] == ["room_clash", "room_clash"]
    assert at(places, "attic", 1, 23) == "several"


def test_others_can_where_only_the_team_is_in_the_way() -> None:
    document = problem(request("choir"), patch={"ann": {"available": [window("10:00", "11:00")]}})

    assert at(mapped(document, [put("choir")]), "lab", 3, 12) == "others"
    alone = problem(
        request("choir"),
        volunteers=[volunteer("ann", available=[window("10:00", "11:00")])],
    )
    assert at(mapped(alone, [put("choir")]), "lab", 3, 12) == "available"


def test_session_without_a_place_goes_where_anybody_can_lead_it() -> None:
    document = problem(request("choir", acceptable=[window("10:00", "12:00")]), request("flute"))
    places = mapped(document, [put("flute")])

    assert [at(places, "attic", 1, hour) for hour in (9, 10, 11)] == ["acceptable", "room_clash", "others"]
    nobody = problem(request("choir", topic="chess"))
    assert at(mapped(nobody, []), "attic", 1, 10) == "team"


def test_lost_lead_is_unknown_and_a_lost_room_is_left() -> None:
    document = problem(request("choir", topic="chess"))

    assert at(mapped(document, [put("choir", leads="gone")]), "attic", 1, 12) == "unknown"
    assert at(mapped(document, [put("choir", leads="gone")]), "attic", 1, 10) == "same"
    assert at(mapped(problem(request("choir")), [put("choir", where="old")]), "attic", 1, 12) == "same"


def test_plan_is_as_before_afterwards() -> None:
    document, draft = problem(request("choir"), request("flute")), [put("choir"), put("flute", "12:00")]
    judge = Judge(read_problem(document), read_assignments(draft))
    plan = Suggester(judge).plan
    (now, _) = read_assignments(draft)
    first = places_map(judge, plan, "choir", 1, now)

    assert places_map(judge, plan, "choir", 1, now) == first
    assert plan.mark() == 0


def test_venue_that_lends_too_little_already_is_no_doing_of_a_move_that_nobody_would_read_of() -> None:
    """The sentence about it names the first four sessions; see `Judge`."""
    names = ["choir", *(f"r{number}" for number in range(5))]
    document = problem(*map(request, names))
    document["venues"][0]["weekly_cap_minutes"] = 60
    draft = [put("choir", "18:00")] + [
        put(name, f"{8 + number:02}:00", leads="bob") for number, name in enumerate(names[1:])
    ]
    places = mapped(document, draft)

    assert (at(places, "attic", 1, 16), at(places, "attic", 1, 7)) == ("same", "several")
    assert at(places, "hall", 2, 16) == "same"
    assert_equal_to_tries(document, read_assignments(draft), "choir", 1)


# ---- Equal to a try in every cell


@st.composite
def drafts(draw: st.DrawFn) -> tuple[Document, list[Assignment], str, int]:
    """A tiny week, any draft of it, however many rules that breaks, and a session of it."""
    document = draw(tiny_problems())
    document["pins"] = []
    rooms = [room["id"] for venue in document["venues"] for room in venue["rooms"]]
    people = [person["id"] for person in document["volunteers"]]
    for person in document["volunteers"]:
        person["roles"] = draw(
            st.sampled_from([["lead", "assistant"], ["lead", "assistant"], ["lead"], ["assistant"]])
        )
        person["available"] = draw(
            st.sampled_from(
                [[window("08:00", "20:00")], [window("10:00", "11:00", 2), window("10:00", "12:00")]]
            )
        )
    keys = [
        (wanted["id"], number)
        for wanted in document["requests"]
        for number in range(1, wanted.get("sessions", 1) + 1)
    ]
    draft = [
        Assignment(
            name,
            number,
            draw(st.sampled_from([1, 1, 2])),
            draw(st.sampled_from([570, 600, 600, 630, 660])),
            draw(st.sampled_from([*rooms, *rooms, "gone"])),
            *draw(teams([*people, *people, "nobody"])),
        )
        for name, number in keys
        if draw(st.sampled_from([True, True, True, False]))
    ]  # fmt: skip
    return document, draft, *draw(st.sampled_from(keys))


@st.composite
def teams(draw: st.DrawFn, people: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    leads, assistants = (
        draw(st.lists(st.sampled_from(people), max_size=most, unique=True)) for most in (2, 1)
    )
    return tuple(leads), tuple(assistants)


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given_any(drafts())
def test_every_cell_is_as_a_try_says(case: tuple[Document, list[Assignment], str, int]) -> None:
    assert_equal_to_tries(*case)


def assert_equal_to_tries(document: Document, draft: Sequence[Assignment], name: str, session: int) -> None:
    judge = Judge(read_problem(document), draft)
    now = next((placed for placed in draft if (placed.request, placed.session) == (name, session)), None)
    places = map_of(judge, draft, name, session)
    for (room, row), day in product(cells(places).items(), (1, 2)):
        for start_min in range(9 * 60, 12 * 60 + 30, places.step_min):
            verdict = row[((day - 1) * DAY_MIN + start_min) // places.step_min]
            moved = replace(
                now or Assignment(name, session, 1, 0, room, (), ()), day=day, start_min=start_min, room=room
            )
            broken = set() if moved == now else {breach.rule for breach in judge.judge([moved]).broken}
            assert_verdict(judge, verdict, broken, moved, is_placed=now is not None)


def assert_verdict(
    judge: Judge, verdict: str, broken: set[str], moved: Assignment, *, is_placed: bool
) -> None:
    case = verdict, broken, moved
    if verdict == "same":
        assert not broken, case
    elif verdict == "others":
        assert broken, case
        assert broken <= OF_PEOPLE | {"unknown"}, case
        assert any(not judge.judge([team]).broken for team in with_any_team(judge, moved)), case
    else:
        assert broken, case
        if broken <= OF_PEOPLE:
            assert all(judge.judge([team]).broken for team in with_any_team(judge, moved)), case
        if not is_placed:
            assert verdict == "several" or verdict in broken, case
        else:
            assert {verdict} == (broken if len(broken) == 1 else {"several"}), case


def with_any_team(judge: Judge, moved: Assignment) -> Iterator[Assignment]:
    wanted = next(wanted for wanted in judge.problem.requests if wanted.id == moved.request)
    people = [person.id for person in judge.problem.volunteers]
    for leads, assistants in product(
        combinations(people, wanted.leads), combinations(people, wanted.assistants)
    ):
        yield replace(moved, leads=leads, assistants=assistants)


@pytest.mark.parametrize("start_min", [600, 610])
def test_session_that_starts_between_two_slots_has_a_map_too(start_min: int) -> None:
    document = problem(request("choir"))
    (placed,) = read_assignments([put("choir")])

    assert_equal_to_tries(document, [replace(placed, start_min=start_min)], "choir", 1)
