"""Decomposition: parts that cannot meet, a whole that keeps every rule, bounds that hold."""

import time
from random import Random
from typing import Any

import pytest

from scheduler import check, check_pins, goal_values, read_plan, read_problem
from scheduler.decomposition import cut, join
from scheduler.decomposition.bisection import bisect
from scheduler.decomposition.lagrangian_bound import LagrangianBound
from scheduler.decomposition.part_pool import OwnPool
from scheduler.decomposition.part_solving import answer, bound_task, plan_task
from scheduler.decomposition.reach import surrounded
from scheduler.decomposition.rounds import Rounds
from scheduler.instance.instance import Instance
from scheduler.processes.progress import Budget, Progress
from tests.scheduler.cases import Document, plan, problem, put, request, room, solved, volunteer, window


def _spread(rng: Random, count: int = 6) -> Document:
    """Requests, venues and volunteers along a road of 3 km, short of hours so that not everything can be served."""
    requests = [
        request(
            f"r{at}", location=_somewhere(rng), learners=rng.randrange(5, 20), sessions=rng.choice([1, 1, 2]),
            acceptable=[window("09:00", "11:00"), window("09:00", "10:30", 2)], assistants=rng.choice([0, 0, 1]),
            duration_minutes=rng.choice([60, 45, 90]), partial=rng.random() < 0.3, same_leads=rng.random() < 0.7,
            leads=rng.choice([1, 1, 1, 2, 0]), minors=rng.random() < 0.2, max_sessions_per_day=rng.choice([1, 2]),
            cohorts=["c"] if rng.random() < 0.2 else [],
        )
        for at in range(count)
    ]  # fmt: skip
    venues = [
        {
            "id": f"v{at}",
            "name": "v",
            "kind": "school",
            "location": _somewhere(rng),
            "rooms": [room(f"room{at}")],
        }
        for at in range(3)
    ]
    people = [
        volunteer(
            f"p{at}", location=_somewhere(rng), minor=rng.random() < 0.1,
            available=[window("09:00", rng.choice(["10:30", "11:00"]), rng.choice([1, 2]))],
            max_minutes_week=rng.choice([None, 90]), max_minutes_day=rng.choice([None, 60]),
        )
        for at in range(4)
    ]  # fmt: skip
    return problem(*requests, venues=venues, volunteers=people, goals=["served"])


def _somewhere(rng: Random) -> list[float]:
    return [50.0, 4.0 + 0.01 * rng.randrange(5)]


def _checked(document: Document, assignments: list[Document]) -> int:
    """The value of `served`; no rule may be broken."""
    whole = read_problem(document)
    read = read_plan(plan(*assignments, problem=document["name"]), whole).assignments
    assert not check(whole, read)
    return goal_values(whole, read)["served"]


def _value(document: Document) -> int:
    found: int = solved(document)["goals"]["served"]["value"]
    return found


def test_halving_leaves_no_piece_too_large_and_finds_every_place_again() -> None:
    rng = Random(2)
    places = [(50 + rng.random(), 4 + rng.random()) for _ in range(100)] + [(50.5, 4.5)] * 7

    lines = bisect(places, 10, slant=30)

    pieces = [lines.piece(place) for place in places]
    assert set(pieces) == set(range(lines.count))
    assert max(pieces.count(piece) for piece in set(pieces)) <= 10


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_plans_of_parts_make_a_plan_of_the_whole_and_other_lines_make_it_no_worse(seed: int) -> None:
    document, clock = _spread(Random(seed), 8), iter(range(10**9)).__next__
    served, assignments = 0, list[Document]()

    for slant in (0.0, 90.0, 0.0):
        for size in (2, 4):
            parts = cut(document, size, assignments, slant)
            asked = [plan_task(part, 10**6, seed) for part in parts.parts]
            assignments = join(parts, [answer(one, clock) for one in asked])
            before, served = served, _checked(document, assignments)
            assert before <= served <= _value(document)

    assert served > 0


def test_parts_are_problems_of_their_own_whose_pins_keep_every_rule() -> None:
    document = _spread(Random(3), 8)
    whole = solved(document)["assignments"]

    parts = cut(document, 2, whole)

    assert len(parts.parts) > 1
    assert parts.fixed
    for part in parts.parts:
        check_pins(read_problem(part.problem))
    assert sorted(map(str, join(parts, [None] * len(parts.parts)))) == sorted(map(str, whole))


def test_a_room_and_a_volunteer_of_another_part_serve_what_crosses_the_line_alone() -> None:
    asked = [request("near", location=[50.0, 4.0]), request("far", location=[50.0, 4.02])]
    document = problem(*asked, patch={"ann": {"location": [50.0, 4.02]}})

    parts = cut(document, 1, [put("near", "10:00", "attic", "ann")])

    far = next(part for part in parts.parts if "far" in part.free)
    rooms = {one["id"]: one["open"] for venue in far.problem["venues"] for one in venue["rooms"]}
    assert rooms["attic"] == [window("10:00", "11:00")]
    assert [one["request"] for one in far.problem["pins"]] == ["near"]


def test_learners_in_common_keep_requests_in_one_part() -> None:
    asked = [request(f"r{at}", location=[50.0, 4.0 + 0.01 * at]) for at in range(4)]
    for one in (asked[0], asked[3]):
        one["cohorts"] = ["class"]

    parts = cut(problem(*asked), 1).parts

    assert any({"r0", "r3"} <= part.free for part in parts)


@pytest.mark.parametrize("seed", range(40))
def test_priced_hours_bound_every_plan_whatever_the_prices(seed: int) -> None:
    document = _spread(Random(100 + seed))
    optimum, prices = _value(document), LagrangianBound(Instance(read_problem(document)))

    for at in range(30):
        prices.step(at / 30)
        found = prices.proven()
        assert found is not None
        assert found >= optimum


def test_prices_come_near_the_optimum_where_hours_are_scarce() -> None:
    asked = [request(f"r{at}", learners=10 + at, acceptable=[window("09:00", "11:00")]) for at in range(8)]
    document = problem(*asked, goals=["served"])

    bound = answer(bound_task(document, 10**6), iter(range(10**9)).__next__)["bound"]

    optimum = 60 * (17 + 16 + 15 + 14 + 13 + 12)
    assert bound is not None
    assert optimum <= bound <= 1.02 * optimum


@pytest.mark.slow
def test_a_later_round_brings_together_what_the_first_has_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.decomposition.rounds._SIZES", (2, 6))
    document: dict[str, Any] = problem(
        *(request(f"r{at}", location=[50, 4 + at / 500]) for at in range(6)), goals=["served"]
    )
    rounds = Rounds(document, ["served"], Budget(20, time.monotonic, lambda: rounds.served >= 3600), 0)

    pool = OwnPool(2, rounds.budget)
    try:
        rounds.run(pool)
    finally:
        pool.close()

    assert _checked(document, rounds.plan) == 3600


@pytest.mark.parametrize("seed", range(12))
def test_bounds_of_parts_that_see_all_they_could_use_add_up_to_one_of_the_whole(seed: int) -> None:
    document = _spread(Random(300 + seed), 8)
    for one in document["volunteers"] + document["requests"]:
        one["max_travel_km"] = Random(one["id"]).choice([None, 0.5, 1.0, 2.0])

    parts = surrounded(document, 3)

    assert len(parts) > 1
    assert sorted(one["id"] for part in parts for one in part["requests"]) == [f"r{at}" for at in range(8)]
    optima, clock = [_value(part) for part in parts], iter(range(10**9)).__next__
    bounds = [answer(bound_task(part, 10**6), clock)["bound"] for part in parts]
    assert _value(document) <= sum(optima)
    assert all(value <= bound for value, bound in zip(optima, bounds, strict=True))


@pytest.mark.parametrize("seed", range(6))
def test_a_part_sees_every_choice_of_its_requests_and_less_than_everything(seed: int) -> None:
    rng = Random(seed)
    document = _spread(rng, 12)
    for one in document["volunteers"] + document["requests"]:
        one["max_travel_km"] = rng.choice([0.3, 0.8])
    whole = Instance(read_problem(document))

    parts = surrounded(document, 4)

    for part in parts:
        own = Instance(read_problem(part))
        for at, one in enumerate(own.requests):
            assert _named(own, at) == _named(whole, whole.request_index[one.id])
    assert any(len(part["volunteers"]) < 4 or len(part["venues"]) < 3 for part in parts)


def _named(instance: Instance, request: int) -> list[Any]:
    """The choices of a request, by the ids of rooms and people."""
    choices = instance.candidates[request]
    people = [{start: [instance.volunteers[one].id for one in some] for start, some in group.items()}
              for group in (choices.leads, choices.assistants)]  # fmt: skip
    return [
        {start: [instance.rooms[one].id for one in some] for start, some in choices.rooms.items()},
        *people,
    ]


@pytest.mark.slow
def test_a_stop_leaves_the_parts_that_have_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.decomposition.rounds.LARGE", 3)
    monkeypatch.setattr("scheduler.decomposition.rounds._SIZES", (2, 2))
    near, far = [50.0, 4.0], [50.0, 4.2]
    document = problem(
        *(request(f"r{at}", location=near) for at in range(2)),
        *(request(f"s{at}", location=far) for at in range(2)),
        patch={"cem": {"location": far}, "south": {"location": far}},
        goals=["served"],
    )
    seen: list[Progress] = []

    made = solved(
        document,
        time_limit_s=60,
        on_progress=seen.append,
        should_stop=lambda: any(one.served for one in seen),
    )

    first = next(one.served for one in seen if one.served)
    assert first < 2400
    assert made["goals"]["served"]["value"] >= first
    assert _checked(document, made["assignments"]) == made["goals"]["served"]["value"]
    assert seen[-1].seconds < 60


@pytest.mark.slow
def test_a_part_whose_solver_is_lost_keeps_what_it_had() -> None:
    document = problem(request("a"), request("b"), goals=["served"])

    class Lost(OwnPool):
        def next(self, wait_s: float) -> tuple[Any, Document | None] | None:
            found = super().next(wait_s)
            return found and (found[0], None)

    rounds = Rounds(document | {"pins": [put("a")]}, ["served"], Budget(3, time.monotonic), 0)
    pool = Lost(1, rounds.budget)
    try:
        rounds.run(pool)
    finally:
        pool.close()

    assert rounds.plan == [put("a")]
    assert rounds.bound == 1200
