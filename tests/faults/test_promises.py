"""A room-hour is promised once, whoever asks at the same moment and in whatever order: smaller doses of the torture."""

from __future__ import annotations

import pytest

from bench.torture_ledger import Raw, faults, raw
from bench.torture_machine import Tally, explore
from bench.torture_races import ROUNDS, Races, first_week_of, judge, race
from bench.torture_servers import Heard, Nursery
from bench.torture_world import FIRST_WEEK
from domain.calendar import shift_week
from tests.faults.conftest import Databases

SEED = 4
ENGINES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
def test_of_many_clients_of_two_processes_one_gets_the_room_hour(databases: Databases, born: Nursery) -> None:
    with databases() as url:
        found = race(url, clients=12, rounds=2, seed=SEED, tell=lambda _: None, start=born.start)

    assert found.wrong == []
    assert found.answers["200"] == 2
    assert found.answers.total() == 24


@pytest.mark.parametrize(
    ("databases", "examples"),
    [("memory", 25), ("sqlite", 4), pytest.param("postgresql", 4, marks=pytest.mark.postgres)],
    indirect=["databases"],
)
def test_no_order_of_commands_makes_an_overlap(databases: Databases, examples: int) -> None:
    tally = Tally()
    explore(databases, examples=examples, steps=25, seed=SEED, tally=tally)

    assert tally.examples >= examples
    assert tally.commands.total() > 0


# ---- What judges them


def told(position: int, stream: str, topic: str, **state: object) -> Raw:
    return Raw(position, stream, 1, topic, state)


def promise(timetable: str, start: int, room: str = "hall") -> dict[str, object]:
    window = {"start_min": start, "end_min": start + 60}
    return {"timetable": timetable, "request": f"r-{timetable}", "number": 1, "room": room, "window": window}


def diary(position: int, resource: str, *promises: dict[str, object]) -> Raw:
    state = {"kind": "room", "resource": resource, "week": "2027-W01", "added": promises, "freed": []}
    return told(position, f"diary-{position}", "diary.promises_changed", **state)


def test_ledger_sees_what_is_promised_twice_and_what_only_touches() -> None:
    touching = faults([diary(1, "hall", promise("t1", 480), promise("t2", 540))])
    twice = faults([diary(1, "hall", promise("t1", 480), promise("t2", 539))])

    assert not any("at the same time" in one for one in touching)
    assert any("at the same time" in one for one in twice)


def test_ledger_sees_a_hall_and_its_part_at_the_same_time() -> None:
    opened = [
        told(1, "venue", "venue.room_opened", room={"id": "hall", "part_of": None}),
        told(2, "venue-2", "venue.room_opened", room={"id": "east", "part_of": "hall"}),
    ]
    halls = faults([*opened, diary(3, "hall", promise("t1", 480), promise("t2", 480, "east"))])
    parts = faults([*opened, diary(3, "hall", promise("t1", 480, "west"), promise("t2", 480, "east"))])

    assert any("at the same time" in one for one in halls)
    assert not any("at the same time" in one for one in parts)


def test_ledger_sees_a_gap_and_a_promise_without_a_release() -> None:
    gap = raw(1, "a-b", 2, "area.renamed/1", b"{}")

    assert faults([gap]) == ["stream ab goes from 0 to 2"]
    assert any("no release with" in one for one in faults([diary(1, "hall", promise("t1", 480))]))


def test_two_winners_and_a_refusal_without_a_rule_are_faults() -> None:
    won = Heard(200, b'{"made": true}', None)
    lost = Heard(409, b'{"type": "/v1/problems/broken-rules", "detail": "open"}', None)
    found = Races(4, 1)
    judge(found, "2027-W01", [won, lost])
    assert found.wrong == []

    judge(found, "2027-W02", [won, won])
    judge(found, "2027-W03", [won, Heard(409, b'{"type": "/v1/problems/conflict", "detail": "busy"}', None)])
    assert len(found.wrong) == 2


def test_all_rounds_of_the_full_size_have_a_week_that_may_be_planned() -> None:
    first = first_week_of(ROUNDS)
    weeks = [shift_week(first, number) for number in range(ROUNDS)]

    assert max(weeks) <= shift_week(FIRST_WEEK, 100)
    assert first_week_of(3) == FIRST_WEEK
