"""Solving: plans that both checkers accept, optimal where a full search agrees, and the best so far on any stop."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler import (
    GOALS,
    Assignment,
    Problem,
    Progress,
    SolveOptions,
    check,
    goal_values,
    read_plan,
    read_problem,
    solve,
)
from scheduler.goals.objective_evaluator import ObjectiveEvaluator
from scheduler.instance.instance import Instance
from scheduler.instance.numbering import assignments
from scheduler.instance.timetable import PartialTimetable
from scheduler.search.construction import fill
from tests.scheduler.cases import (
    CHECKER,
    Document,
    problem,
    put,
    request,
    room,
    shared_verdict,
    solved,
    volunteer,
    week,
    window,
)


def slots(problem: Problem) -> Iterator[list[list[Assignment]]]:
    """For each request all ways to place it by itself: none, or its sessions with rooms and teams."""
    rooms = [room.id for venue in problem.venues for room in venue.rooms]
    people = [one.id for one in problem.volunteers]
    for one in problem.requests:
        starts = [
            (window.start_min // 1440 + 1, start % 1440)
            for window in one.acceptable
            for start in range(window.start_min, window.end_min, problem.grid_min)
        ]
        ways: list[list[Assignment]] = [[]]
        for session in range(1, one.sessions + 1):
            placed = [
                Assignment(one.id, session, day, start, room, leads, helpers)
                for (day, start), room in product(starts, rooms)
                for leads in combinations(people, one.leads)
                for helpers in combinations(people, one.assistants)
            ]
            alone = [at for at in placed if not (broken(problem, [at]) - {"whole", "pin"})]
            ways = [*ways, *([*way, at] for way in ways for at in alone)]
        yield [way for way in ways if not (broken(problem, way) - {"pin"})]


def broken(problem: Problem, assignments: list[Assignment]) -> set[str]:
    return {breach.rule for breach in check(problem, assignments)}


def best_by_full_search(problem: Problem) -> tuple[int, ...]:
    """The goals, in order, of the best of all plans."""

    def extended(so_far: list[Assignment], ways: list[list[list[Assignment]]]) -> Iterator[list[Assignment]]:
        if not ways:
            yield so_far
            return
        for way in ways[0]:
            if not (broken(problem, [*so_far, *way]) - {"pin"}):
                yield from extended([*so_far, *way], ways[1:])

    plans = (made for made in extended([], list(slots(problem))) if not broken(problem, made))
    return max(ranked(problem, made) for made in plans)


def ranked(problem: Problem, assignments: list[Assignment]) -> tuple[int, ...]:
    values = goal_values(problem, assignments)
    return tuple(values[goal] for goal in problem.goals)


@st.composite
def tiny_problems(draw: st.DrawFn) -> Document:
    """Few starts, rooms and people, but every key of the format in play."""
    flag, places = st.booleans(), st.sampled_from([[50.0, 4.0], [50.0, 4.02]])
    hours = st.sampled_from(
        [[window("10:00", "11:00")], [window("10:00", "12:00")],
         [window("10:00", "11:00"), window("10:00", "11:00", 2)]]
    )  # fmt: skip
    requests = [
        request(
            f"r{number}", location=draw(places), learners=draw(st.sampled_from([5, 10])), minors=draw(flag),
            priority=draw(st.integers(1, 2)), sessions=draw(st.sampled_from([1, 1, 2])), acceptable=draw(hours),
            preferred=draw(st.sampled_from([[], [window("11:00", "12:00")]])), function=draw(st.sampled_from("ab")),
            leads=draw(st.sampled_from([0, 1, 1, 1, 2])), assistants=draw(st.sampled_from([0, 0, 1])),
            cohorts=draw(st.sampled_from([[], ["x"]])), max_sessions_per_day=draw(st.integers(1, 2)),
            same_leads=draw(flag), partial=draw(flag), max_travel_km=draw(st.sampled_from([None, 1])),
            duration_minutes=draw(st.sampled_from([60, 60, 30, 45])),
            grid_minutes=draw(st.sampled_from([None, None, None, 120])),
            bell_times=draw(st.sampled_from([[], [], [], ["11:00"]])),
        )
        for number in range(draw(st.integers(1, 3)))
    ]  # fmt: skip
    people = [
        volunteer(
            name, location=draw(places), vetted=draw(st.sampled_from([True, True, False])),
            minor=draw(st.sampled_from([False, False, True])), max_minutes_week=draw(st.sampled_from([None, 60, 120])),
            max_minutes_day=draw(st.sampled_from([None, 60])), max_travel_km=draw(st.sampled_from([None, 1])),
        )
        for name in ("ann", "bob", "cem")[: draw(st.integers(1, 3))]
    ]  # fmt: skip
    turnaround = st.sampled_from([0, 60])
    hall = [room("hall", turnaround_minutes=draw(turnaround), capacity=draw(st.sampled_from([5, 20])))]
    hall += [room("half", turnaround_minutes=draw(turnaround), part_of="hall")] if draw(flag) else []
    cap = st.sampled_from([None, 60])
    venues = [
        {"id": name, "name": name, "kind": "school", "location": place, "rooms": rooms,
         "weekly_cap_minutes": draw(cap)}
        for name, place, rooms in (("north", [50.0, 4.0], hall), ("south", [50.0, 4.02], [room("lab")]))
    ]  # fmt: skip
    previous = [put("r0", "10:00", "lab", "ann" if requests[0]["leads"] else "")]
    goals = draw(
        st.sampled_from([list(GOALS), list(GOALS), ["travel", "served"], ["functions", "preferred"], []])
    )
    made = problem(
        *requests, venues=venues, volunteers=people, previous=previous, goals=goals, grid_minutes=60
    )
    made |= draw(st.sampled_from([{}, {}, {}, {"grid_minutes": 30}, {"bell_times": ["10:00"]}]))
    return with_a_day_skipped(made) if draw(st.sampled_from([False, False, True])) else made


def with_a_day_skipped(document: Document) -> Document:
    """The same with what was on Monday on the Friday that Samoa left out, and Tuesday on the Saturday after it."""

    def later(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: (one + 3) % 7 + 1 if key == "day" else later(one) for key, one in value.items()}
        return [later(one) for one in value] if isinstance(value, list) else value

    shifted: Document = later(document)
    return shifted | {"timezone": "Pacific/Apia", "week": "2011-W52"}


def small_enough(document: Document) -> bool:
    count = 1
    for ways in slots(read_problem(document)):
        count *= len(ways)
    return count <= 3_000


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=tiny_problems())
def test_tiny_problems_are_solved_as_a_full_search_solves_them(
    document: Document, tmp_path_factory: pytest.TempPathFactory
) -> None:
    made = solved(document)

    read = read_problem(document)
    assignments = list(read_plan(made, read).assignments)
    assert check(read, assignments) == ()
    assert made["status"] == "optimal" or any(claim["bound"] is None for claim in made["goals"].values())
    if small_enough(document):
        assert ranked(read, assignments) == best_by_full_search(read)
    if CHECKER.exists():
        lines, _ = shared_verdict(tmp_path_factory.mktemp("verdict"), document, made)
        assert lines == []


def crowd(requests: int = 60, seed: int = 1) -> Document:
    """More than can be served, and too large to be solved at once."""
    rng = random.Random(seed)
    people = [
        volunteer(
            f"p{number}",
            skills=rng.sample(["music", "chess", "yoga"], 2),
            available=[
                window(*rng.choice([("09:00", "12:00"), ("14:00", "18:00")]), day) for day in range(1, 5)
            ],
            max_minutes_week=rng.choice([120, 240]),
        )
        for number in range(12)
    ]
    asked = [
        request(
            f"r{number}",
            topic=rng.choice(["music", "chess", "yoga"]),
            function=rng.choice(["arts", "health", "sport"]),
            learners=rng.randint(5, 20),
            sessions=rng.choice([1, 1, 2]),
            assistants=rng.choice([0, 0, 1]),
            preferred=[window("09:00", "12:00", 2)],
        )
        for number in range(requests)
    ]
    return problem(*asked, volunteers=people)


@pytest.mark.slow
def test_a_longer_search_keeps_every_rule_and_its_claims(tmp_path: Path) -> None:
    document = crowd()
    seen: list[Progress] = []

    made = solved(document, work=3000, workers=2, on_progress=seen.append)

    lines, report = shared_verdict(tmp_path, document, made)
    assert lines == []
    assert report["goals"]["served"] <= made["goals"]["served"]["bound"]
    assert seen[-1].served == made["goals"]["served"]["value"]
    assert {one.phase for one in seen} >= {"first plan", "improving served"}


def test_the_search_counts_goals_as_the_check_does() -> None:
    document = crowd() | {"previous": [put(f"r{number}", "09:00", "lab", "p1") for number in range(60)]}
    instance = Instance(read_problem(document))
    timetable = PartialTimetable(instance)
    fill(timetable, range(len(instance.requests)), lambda: False)

    worth = ObjectiveEvaluator(instance).values(timetable)

    assert worth == goal_values(instance.problem, assignments(timetable))


@pytest.mark.slow
def test_the_plan_without_any_time_is_the_first_one_and_keeps_every_rule() -> None:
    document = crowd()

    made = solved(document, time_limit_s=0)

    read = read_problem(document)
    assert check(read, read_plan(made, read).assignments) == ()
    assert made["status"] == "feasible"


@pytest.mark.slow
def test_a_stop_returns_the_best_plan_so_far() -> None:
    document, asked = crowd(), []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 200

    made = solved(document, should_stop=stop, time_limit_s=600)

    read = read_problem(document)
    assert check(read, read_plan(made, read).assignments) == ()
    assert made["assignments"]


@pytest.mark.slow
def test_an_interrupt_returns_the_best_plan_so_far() -> None:
    document, seen = crowd(), []

    def interrupt(progress: Progress) -> None:
        seen.append(progress)
        if progress.phase == "improving served":
            raise KeyboardInterrupt

    made = solve(document, SolveOptions(600), on_progress=interrupt, clock=time.monotonic)

    read = read_problem(document)
    assert check(read, read_plan(made, read).assignments) == ()
    assert made["goals"]["served"]["value"] >= max(one.served for one in seen)


def test_pins_stay_and_the_rest_is_planned_around_them() -> None:
    pin = put("a", "12:00", "lab", "bob", day=2, assistants=[])

    made = solved(problem(request("a"), request("b", acceptable=[window("12:00", "13:00", 2)]), pins=[pin]))

    assert pin in made["assignments"]
    assert {one["request"] for one in made["assignments"]} == {"a", "b"}
    assert made["status"] == "optimal"


def test_a_pin_that_leaves_no_place_for_the_other_session_makes_the_problem_infeasible(
    tmp_path: Path,
) -> None:
    asked = request("a", sessions=2, acceptable=[window("10:00", "11:00")])
    document = problem(asked, pins=[put("a", assistants=[])])

    made = solved(document)

    assert made["status"] == "infeasible"
    assert made["assignments"] == [put("a", assistants=[])]
    lines, _ = shared_verdict(tmp_path, document, made)
    assert [line.split(":")[0] for line in lines] == ["whole"]


def test_last_week_is_kept_where_nothing_more_important_is_lost() -> None:
    before = put("a", "15:00", "right", "cem", day=4, assistants=[])

    made = solved(problem(request("a"), previous=[before]))

    assert made["assignments"] == [before]
    assert made["goals"]["continuity"] == {"value": 1, "bound": 1}


def test_goals_are_followed_in_the_documents_order() -> None:
    asked = request("a", max_travel_km=None)
    far = {
        "ann": {"location": [50.0, 4.2]},
        "bob": {"location": [50.0, 4.2]},
        "cem": {"location": [50.0, 4.2]},
    }

    nobody_moves = solved(problem(asked, goals=["travel", "served"], patch=far))
    all_served = solved(problem(asked, goals=["served", "travel"], patch=far))

    assert (nobody_moves["assignments"], len(all_served["assignments"])) == ([], 1)
    assert (nobody_moves["status"], all_served["status"]) == ("optimal", "optimal")


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"learners": 21}, "no room has the places, equipment and access that it needs and welcomes its function"),
        ({"max_travel_km": 1, "location": [51.0, 4.0]}, "no fitting room is within 1 km"),
        ({"acceptable": [window("21:00", "23:00")]}, "no fitting room is open in the asked windows within reach"),
        ({"acceptable": [window("10:00", "10:50")]}, "no asked window holds 60 minutes from a start on the grid"),
        ({"topic": "chess"}, "no volunteer can lead the topic chess"),
        ({"leads": 4}, "only 3 of the 4 wanted volunteers can lead the topic music"),
        ({"minors": True}, "it is for minors and asks for one person, where two adults must be there"),
        ({"sessions": 2, "acceptable": [window("10:00", "12:00")]},
         "its 2 sessions need more days than the 1 on which it could be held"),
    ],
)  # fmt: skip
def test_an_unserved_request_has_a_true_reason(asked: dict[str, Any], reason: str) -> None:
    made = solved(problem(request("a", **asked)))

    (unserved,) = made["unserved"]
    assert (unserved["request"], unserved["reasons"]) == ("a", [reason])
    assert len(unserved["reasons_messages"]) == 1


def test_people_who_are_taken_are_a_reason_too() -> None:
    hour = {"acceptable": [window("10:00", "11:00")]}
    only_ann: dict[str, Document] = {"bob": {"skills": []}, "cem": {"skills": []}}

    made = solved(problem(request("a", learners=12, **hour), request("b", **hour), patch=only_ann))

    reason = "every volunteer with the topic music who could come is taken by other sessions"
    (unserved,) = made["unserved"]
    assert (unserved["request"], unserved["reasons"]) == ("b", [reason])
    assert unserved["reasons_messages"] == [
        {
            "id": "every volunteer with the topic {topic} who could come is taken by other sessions",
            "values": {"topic": "music"},
        }
    ]


def test_volunteers_who_offer_no_asked_hour_are_a_reason() -> None:
    asleep = {key: {"available": week("08:00", "09:00")} for key in ["ann", "bob", "cem"]}

    made = solved(problem(request("a", acceptable=week("10:00", "12:00")), patch=asleep))

    assert made["unserved"][0]["reasons"] == [
        "no volunteer with the topic music is free in the asked windows"
    ]
