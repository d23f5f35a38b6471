"""Ejection chains keep every rule, move nothing pinned, and let a request in where others can move over."""

from random import Random

import pytest

from scheduler import check, read_plan, read_problem
from scheduler.documents.codec import write_assignment
from scheduler.instance.instance import Instance, Placement
from scheduler.instance.numbering import assignments
from scheduler.instance.timetable import PartialTimetable
from scheduler.processes.progress import WorkBudget
from scheduler.rules.goals import goal_values
from scheduler.search.ejection_chains import EjectionChains
from tests.scheduler.cases import Document, plan, problem, put, request, room, volunteer, week, window


def _chained(document: Document, seed: int = 0, units: float = 2_000) -> tuple[int, list[Document]]:
    """What chains serve, and their assignments, with every rule checked."""
    whole = read_problem(document)
    instance = Instance(whole)
    timetable = PartialTimetable(instance)
    possible = [at for at in range(len(instance.requests)) if instance.candidates[at].rooms]
    chains = EjectionChains(timetable, possible, Random(seed))
    chains.fill(lambda: False)
    chains.run(WorkBudget(units))
    made = [write_assignment(one) for one in assignments(chains.timetable_of_best())]
    assert not check(whole, read_plan(plan(*made), whole).assignments)
    return chains.best_value, made


def _crowded(rng: Random) -> Document:
    asked = [
        request(
            f"r{at}", learners=rng.randrange(5, 20), sessions=rng.choice([1, 2, 3]), leads=rng.choice([1, 1, 0, 2]),
            acceptable=[window("09:00", "12:00"), window("09:00", "11:00", 2), window("16:00", "18:00", 3)],
            assistants=rng.choice([0, 0, 1, 2]), duration_minutes=rng.choice([60, 45, 90]), minors=rng.random() < 0.2,
            partial=rng.random() < 0.2, same_leads=rng.random() < 0.7, max_sessions_per_day=rng.choice([1, 2]),
            cohorts=rng.choice([[], [], ["c"], ["c", "d"]]),
        )
        for at in range(9)
    ]  # fmt: skip
    people = [
        volunteer(
            f"p{at}", location=[50.0, 4.0 + 0.01 * rng.randrange(5)], minor=rng.random() < 0.1,
            max_minutes_week=rng.choice([None, 90, 180]), max_minutes_day=rng.choice([None, 60, 90]),
            max_travel_km=rng.choice([None, 1]), available=rng.choice([week(), [window("09:00", "11:00")]]),
        )
        for at in range(6)
    ]  # fmt: skip
    return problem(*asked, volunteers=people, goals=["served"], patch={"north": {"weekly_cap_minutes": 300}})


@pytest.mark.parametrize("seed", range(12))
def test_chains_keep_every_rule_and_claim_what_they_serve(seed: int) -> None:
    document = _crowded(Random(seed))

    served, made = _chained(document, seed)

    weights = {one["id"]: one["learners"] * one["duration_minutes"] for one in document["requests"]}
    assert served == sum(weights[one["request"]] for one in made)


def test_somebody_moves_over_for_a_request_that_has_no_other_way() -> None:
    asked = [
        request("first", learners=12, acceptable=[window("09:00", "11:00")]),
        request("last", learners=10, acceptable=[window("09:00", "10:00")], topic="chess"),
        request("late", learners=11, acceptable=[window("10:00", "11:00")], topic="chess"),
    ]
    people = [
        volunteer("ann", skills=["music", "chess"]),
        volunteer("bob", available=[window("10:00", "11:00")]),
    ]

    served, made = _chained(problem(*asked, volunteers=people, goals=["served"]))

    assert served == 60 * (12 + 10 + 11)
    assert {one["request"]: one["leads"] for one in made} == {
        "first": ["bob"],
        "last": ["ann"],
        "late": ["ann"],
    }


def test_a_heavier_request_pushes_a_lighter_one_out_but_no_pin() -> None:
    asked = [
        request(name, learners=size, acceptable=[window("09:00", "10:00")])
        for name, size in (("a", 5), ("b", 9))
    ]
    document = problem(*asked, volunteers=[volunteer("ann")], goals=["served"])

    free, pinned = _chained(document)[1], _chained(document | {"pins": [put("a", "09:00")]})[1]

    assert [one["request"] for one in free] == ["b"]
    assert [one["request"] for one in pinned] == ["a"]


def test_the_same_seed_and_work_make_the_same_plan() -> None:
    document = _crowded(Random(3))

    assert _chained(document, 5) == _chained(document, 5)


def test_a_room_in_another_venue_is_left_where_its_lead_has_no_time_for_the_way() -> None:
    asked = [
        request(name, acceptable=[window(start, end)])
        for name, start, end in (("a", "09:00", "10:00"), ("b", "10:00", "11:00"))
    ]
    document = problem(*asked, volunteers=[volunteer("ann")], goals=["served"])
    document["venues"][0]["rooms"] = [room("attic")]

    made = _chained(document)[1]

    assert len(made) == 2
    assert len({one["room"] for one in made}) == 1


@pytest.mark.parametrize("seed", range(6))
def test_spreading_loses_no_session_and_gains_functions(seed: int) -> None:
    document = _crowded(Random(seed))
    for at, one in enumerate(document["requests"]):
        one["function"] = "abc"[at % 3]
    whole = read_problem(document)
    instance = Instance(whole)
    chains = EjectionChains(PartialTimetable(instance), range(len(instance.requests)), Random(seed))
    chains.fill(lambda: False)
    served, before = chains.value, chains.pairs

    chains.spread(WorkBudget(1_000), 1.0, 200)

    made = [write_assignment(one) for one in assignments(chains.timetable_of_best())]
    kept = read_plan(plan(*made), whole).assignments
    values = goal_values(whole, kept)
    assert not check(whole, kept)
    assert values["served"] == served
    assert values["functions"] == chains.pairs >= before


def test_spreading_moves_a_course_to_a_place_that_has_none_of_its_kind_yet() -> None:
    asked = [request(name, function="arts", acceptable=[window("09:00", "11:00")]) for name in ("a", "b")]
    instance = Instance(read_problem(problem(*asked)))
    timetable = PartialTimetable(instance)
    attic, ann, bob = (
        instance.room_index["attic"], instance.volunteer_index["ann"], instance.volunteer_index["bob"]
    )  # fmt: skip
    start = instance.candidates[0].starts[0]
    timetable.put(0, Placement(start, attic, (ann,)))
    timetable.put(1, Placement(start + 60, attic, (bob,)))
    chains = EjectionChains(timetable, [0, 1], Random(0))
    assert chains.pairs == 1

    chains.spread(WorkBudget(1_000), 1.0, 50)

    assert chains.pairs == 2
