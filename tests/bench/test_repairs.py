"""What happens to a released week hits where it hurts, and leaves the document as it was."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

import scheduler
from bench.repairs import CHANGES, closed, ill, urgent
from bench.runs import Effort, by_repair
from tests.bench.weeks import tiny, window


def session(request: str, number: int, day: int, start: str, lead: str) -> dict[str, Any]:
    place = {"request": request, "session": number, "day": day, "start": start, "room": "attic"}
    return {**place, "leads": [lead], "assistants": []}


def released() -> dict[str, Any]:
    sessions = [
        session("piano", 1, 1, "09:00", "ann"),
        session("piano", 2, 2, "09:00", "ann"),
        session("more-tea", 1, 1, "11:00", "bob"),
    ]
    return {"assignments": sessions}


def test_volunteer_with_the_most_sessions_falls_ill() -> None:
    people = ill(tiny(), released())["volunteers"]

    assert [one["id"] for one in people if not one["available"]] == ["ann"]


def test_room_closes_on_its_fullest_day() -> None:
    rooms = [room for venue in closed(tiny(), released())["venues"] for room in venue["rooms"]]

    assert {room["id"]: len(room["open"]) for room in rooms} == {"hall": 2, "half": 2, "attic": 1}
    assert next(room for room in rooms if room["id"] == "attic")["open"] == [window(2, "09:00", "11:00")]


def test_urgent_request_is_for_the_topic_that_is_served_most() -> None:
    new = urgent(tiny(), released())["requests"][-1]

    assert (new["id"], new["topic"], new["priority"], new["sessions"]) == ("urgent", "piano", 5, 1)


@pytest.mark.parametrize("change", CHANGES)
def test_change_leaves_the_document_as_it_was_and_can_be_repaired(change: str) -> None:
    problem, before = tiny(), deepcopy(tiny())

    changed = CHANGES[change](problem, released())
    made = by_repair(changed, Effort(1, 0, None, released()))

    assert problem == before
    given = scheduler.read_problem(changed)
    assert scheduler.check(given, scheduler.read_plan(made.plan, given).assignments) == ()
    assert "people affected" in made.note
