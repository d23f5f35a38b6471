"""Repair: what can stay stays, the budget is never passed, and what is frozen does not move."""

from __future__ import annotations

import copy
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scheduler import ChangeBudget, Notice, check, read_plan, read_problem, repair
from tests.scheduler.cases import (
    CHECKER,
    Document,
    plan,
    problem,
    put,
    request,
    shared_verdict,
    solved,
    volunteer,
    window,
)
from tests.scheduler.test_solve import tiny_problems

MONDAY_10 = [window("10:00", "11:00")]


def repaired(document: Document, released: Document, **options: Any) -> Document:
    given: dict[str, Any] = {"clock": time.monotonic, "time_limit_s": 20}
    return repair(document, released, **given | options)


def names(sessions: list[Document]) -> list[str]:
    return [one["request"] for one in sessions]


def two_courses(**given: Any) -> Document:
    """Ann leads music at ten, Bob chess at ten; Cem could lead either."""
    skills = {
        "ann": {"skills": ["music"]},
        "bob": {"skills": ["chess"]},
        "cem": {"skills": ["music", "chess"]},
    }
    music = request("music", acceptable=[window("10:00", "12:00")])
    chess = request("chess", topic="chess", acceptable=[window("10:00", "12:00")])
    return problem(music, chess, patch=skills, **given)


RELEASED = plan(put("music", "10:00", "attic", "ann"), put("chess", "10:00", "lab", "bob"))


def without(document: Document, kind: str, name: str, **change: Any) -> Document:
    """The document with one volunteer, or one room, changed."""
    changed = copy.deepcopy(document)
    things = changed["volunteers"] if kind == "volunteer" else [
        room for venue in changed["venues"] for room in venue["rooms"]
    ]  # fmt: skip
    next(one for one in things if one["id"] == name).update(change)
    return changed


def test_nothing_changes_where_nothing_has_changed() -> None:
    made = repaired(two_courses(), RELEASED)

    assert [(one["request"], one["room"], one["leads"]) for one in made["assignments"]] == [
        ("music", "attic", ["ann"]),
        ("chess", "lab", ["bob"]),
    ]
    assert made["repair"] == {
        "kept": 2, "frozen": 0, "moved": [], "dropped": [], "added": [], "people": [],
        "unavoidable": {"sessions": 0, "people": 0}, "budget_left": {"sessions": None, "people": None},
    }  # fmt: skip


def test_who_falls_ill_is_stood_in_for_at_the_same_time_and_place() -> None:
    made = repaired(without(two_courses(), "volunteer", "ann", available=[]), RELEASED)

    (moved,) = made["repair"]["moved"]
    assert moved["after"] == put("music", "10:00", "attic", "cem", assistants=[])
    assert (made["repair"]["kept"], made["repair"]["people"]) == (1, ["ann", "cem"])


def test_a_room_that_closes_is_left_for_another_with_the_same_people_and_time() -> None:
    made = repaired(without(two_courses(), "room", "attic", open=[]), RELEASED)

    (moved,) = made["repair"]["moved"]
    assert (moved["after"]["start"], moved["after"]["leads"]) == ("10:00", ["ann"])
    assert (made["repair"]["kept"], made["repair"]["people"]) == (1, ["ann"])


def test_an_urgent_request_moves_a_session_where_that_alone_makes_room() -> None:
    document = two_courses()
    document["requests"].append(request("choir", acceptable=MONDAY_10, priority=5))
    document = without(document, "volunteer", "cem", available=[])

    made = repaired(document, RELEASED)

    assert names(made["repair"]["added"]) == ["choir"]
    (moved,) = made["repair"]["moved"]
    assert (moved["after"]["request"], moved["after"]["start"]) == ("music", "11:00")
    assert made["repair"]["people"] == ["ann"]


def test_without_a_budget_the_urgent_request_waits() -> None:
    document = two_courses()
    document["requests"].append(request("choir", acceptable=MONDAY_10, priority=5))
    document = without(document, "volunteer", "cem", available=[])

    made = repaired(document, RELEASED, budget=ChangeBudget(sessions=0))

    assert (names(made["assignments"]), made["repair"]["kept"]) == (["music", "chess"], 2)
    assert [one["request"] for one in made["unserved"]] == ["choir"]


def test_a_heavy_request_takes_the_place_of_a_light_one_within_the_budget() -> None:
    document = problem(
        request("light", acceptable=MONDAY_10), request("heavy", acceptable=MONDAY_10, priority=9)
    )
    for name in ("bob", "cem"):
        document = without(document, "volunteer", name, available=[])
    released = plan(put("light"))

    served = repaired(document, released, budget=ChangeBudget(sessions=1, people=1))
    kept = repaired(document, released, budget=ChangeBudget(people=0))

    assert (names(served["repair"]["dropped"]), names(served["repair"]["added"])) == (["light"], ["heavy"])
    assert served["repair"]["budget_left"] == {"sessions": 0, "people": 0}
    assert (kept["repair"]["kept"], kept["repair"]["people"]) == (1, [])


def test_with_a_budget_of_nothing_what_can_be_kept_is_kept_and_no_more() -> None:
    ill = without(two_courses(), "volunteer", "ann", available=[])

    made = repaired(ill, RELEASED, budget=ChangeBudget(0, 0))

    assert names(made["assignments"]) == ["chess"]
    assert made["repair"]["unavoidable"] == {"sessions": 1, "people": 1}
    assert (names(made["repair"]["dropped"]), made["repair"]["people"]) == (["music"], ["ann"])


def test_what_starts_within_the_notice_stays_and_nothing_new_starts_there() -> None:
    document = two_courses()
    document["requests"].append(request("choir", acceptable=MONDAY_10, priority=5))
    document = without(document, "volunteer", "cem", available=[])

    made = repaired(document, RELEASED, notice=Notice(9 * 60, 2))

    assert (made["repair"]["kept"], made["repair"]["frozen"]) == (2, 2)
    assert [(each["request"], each["reasons"]) for each in made["unserved"]] == [
        ("choir", ["it could only be held at times that are too near now"])
    ]


def test_a_frozen_session_that_cannot_take_place_is_held_after_the_notice() -> None:
    ill = without(two_courses(), "volunteer", "ann", available=[])

    made = repaired(ill, RELEASED, notice=Notice(9 * 60, 2))

    (moved,) = made["repair"]["moved"]
    assert (moved["after"]["start"], moved["after"]["leads"]) == ("11:00", ["cem"])


def test_a_request_that_must_be_whole_is_completed_or_given_up() -> None:
    course = request("a", sessions=2, acceptable=[window("10:00", "11:00"), window("10:00", "11:00", 2)])
    released = plan(put("a"), put("a", session=2, day=2))
    away_on_tuesday = problem(course, patch={"ann": {"available": MONDAY_10}})
    alone = copy.deepcopy(away_on_tuesday)
    alone["volunteers"] = [one for one in alone["volunteers"] if one["id"] == "ann"]

    completed = repaired(away_on_tuesday, released)
    given_up = repaired(alone, released)

    assert {tuple(one["leads"]) for one in completed["assignments"]} in ({("bob",)}, {("cem",)})
    assert (given_up["assignments"], given_up["repair"]["unavoidable"]["sessions"]) == ([], 2)


def test_what_is_no_longer_there_at_all_is_dropped() -> None:
    document = problem(request("a", acceptable=MONDAY_10))
    released = plan(put("a", leads="dora"), put("b", where="cellar", leads="bob"))

    made = repaired(document, released)

    (moved,) = made["repair"]["moved"]
    assert (moved["before"]["leads"], names(made["repair"]["dropped"])) == (["dora"], ["b"])
    assert {"dora", "bob"} <= set(made["repair"]["people"])


def test_a_request_that_was_left_out_moves_nobody() -> None:
    document = two_courses()
    document["requests"].append(request("choir", acceptable=MONDAY_10, priority=5))
    document = without(document, "volunteer", "cem", available=[])

    made = repaired(document, RELEASED | {"unserved": [{"request": "choir", "reasons": []}]})

    assert made["repair"]["kept"] == 2
    assert names(made["repair"]["added"]) == []


def test_a_pin_wins_over_the_release() -> None:
    pin = put("music", "11:00", "lab", "cem", assistants=[])

    made = repaired(two_courses(pins=[pin]), RELEASED)

    assert pin in made["assignments"]
    assert made["repair"]["kept"] == 1


def test_a_stop_keeps_what_can_be_kept() -> None:
    ill = without(two_courses(), "volunteer", "ann", available=[])

    made = repaired(ill, RELEASED, should_stop=lambda: True)

    assert names(made["assignments"]) == ["chess"]


def place(one: Document) -> tuple[Any, ...]:
    """What must be the same for a session to count as kept."""
    people = (frozenset(one["leads"]), frozenset(one.get("assistants", ())))
    return one["request"], one["session"], one["day"], one["start"], one["room"], *people


def duties(sessions: list[Document]) -> set[tuple[Any, ...]]:
    return {
        (person, role, one["request"], one["day"], one["start"], one["room"])
        for one in sessions
        for role in ("leads", "assistants")
        for person in one.get(role, ())
    }


def disturbed(draw: st.DrawFn, document: Document) -> Document:
    changed = copy.deepcopy(document)
    rooms = [room for venue in changed["venues"] for room in venue["rooms"]]
    what = draw(st.sampled_from(["ill", "closed", "urgent", "nothing"]))
    if what == "ill":
        draw(st.sampled_from(changed["volunteers"]))["available"] = []
    if what == "closed":
        draw(st.sampled_from(rooms))["open"] = []
    if what == "urgent":
        likeness = draw(st.sampled_from(changed["requests"]))
        changed["requests"].append({**likeness, "id": "urgent", "priority": 3})
    return changed


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=tiny_problems(), data=st.data())
def test_a_repair_keeps_the_rules_the_budget_the_notice_and_all_that_it_can(
    document: Document, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    document |= {"goals": ["served", "continuity", "functions", "preferred", "travel"]}
    released = solved(document)
    assume(len(released["assignments"]) > 0)
    now = data.draw(st.composite(disturbed)(document))
    few = st.sampled_from([None, 0, 1, 2])
    budget = ChangeBudget(data.draw(few), data.draw(few))
    notice = data.draw(st.sampled_from([None, Notice(10 * 60, 0.5), Notice(9 * 60, 24)]))

    made = repaired(now, released, budget=budget, notice=notice, clock=lambda: 0.0, time_limit_s=1)

    problem_now = read_problem(now)
    assert check(problem_now, read_plan(made, problem_now).assignments) == ()
    before = {(one["request"], one["session"]): one for one in released["assignments"]}
    after = {(one["request"], one["session"]): one for one in made["assignments"]}
    changed = [one for name, one in before.items() if name not in after or place(after[name]) != place(one)]
    moved = [one for one in changed if (one["request"], one["session"]) in after]
    people = {duty[0] for duty in duties(released["assignments"]) ^ duties(made["assignments"])}
    told, forced = made["repair"], made["repair"]["unavoidable"]
    assert (told["kept"], len(told["moved"]), set(told["people"])) == (
        len(before) - len(changed),
        len(moved),
        people,
    )
    if budget.sessions is not None:
        assert len(moved) <= budget.sessions
        assert len(changed) <= max(budget.sessions, forced["sessions"])
    if budget.people is not None:
        assert len(people) <= max(budget.people, forced["people"])
    if now == document:
        assert (changed, forced["sessions"]) == ([], 0)
    for one in changed:
        put_back = {**after, (one["request"], one["session"]): one}
        assert broken(now, list(put_back.values())), "a session changed that need not"
    if notice is not None:
        early = [one for one in made["assignments"] if begin(one) < notice.until_min]
        assert {place(one) for one in early} <= {place(one) for one in before.values()}
        for one in moved:
            assert begin(one) >= notice.until_min or broken(now, [one]) - {"whole"}
    if CHECKER.exists():
        assert shared_verdict(tmp_path_factory.mktemp("verdict"), now, made)[0] == []


def begin(one: Document) -> int:
    hour, minute = map(int, one["start"].split(":"))
    return (int(one["day"]) - 1) * 1440 + hour * 60 + minute


def broken(document: Document, sessions: list[Document]) -> set[str]:
    read = read_problem(document)
    return {breach.rule for breach in check(read, read_plan(plan(*sessions), read).assignments)}


@pytest.mark.slow
def test_a_repair_of_a_crowd_keeps_its_budget(tmp_path: Path) -> None:
    from tests.scheduler.test_solve import crowd

    document = crowd()
    released = solved(document, time_limit_s=1)
    document["volunteers"].append(volunteer("new"))
    ill = without(document, "volunteer", released["assignments"][0]["leads"][0], available=[])

    made = repaired(ill, released, budget=ChangeBudget(sessions=6, people=8))

    told = made["repair"]
    assert len(told["moved"]) <= 6
    assert len(told["people"]) <= max(8, told["unavoidable"]["people"])
    assert shared_verdict(tmp_path, ill, made)[0] == []
