"""Sessions that were planned earlier, judged by a problem as it is now, whatever of it has gone."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler import check, read_problem
from scheduler.documents.codec import read_assignments
from scheduler.rules.standing import LASTING, HeldSession, judge_as_is
from tests.scheduler.cases import Document, problem, put, request
from tests.scheduler.test_check import ONE_FAILS_ONE_HOLDS

A, B = request("a"), request("b")
TWO = request("a", sessions=2)


def judged(
    document: Document, *sessions: Document, held: tuple[HeldSession, ...] = ()
) -> list[tuple[str, set[Any]]]:
    found = judge_as_is(
        read_problem(document), read_assignments(list(sessions)), held=held, why=lambda id: f"{id} has gone"
    )
    return [(one.rule, set(one.sessions)) for one in found]


@pytest.mark.parametrize(("rule", "document", "broken", "kept"), ONE_FAILS_ONE_HOLDS)
def test_where_nothing_has_gone_it_says_what_the_check_says(
    rule: str, document: Document, broken: list[Document], kept: list[Document]
) -> None:
    given = read_problem({**document, "pins": []})
    for sessions in (broken, kept):
        placed = read_assignments(sessions)
        lasting = {one.rule for one in check(given, placed) if one.rule in LASTING}
        assert {one.rule for one in judge_as_is(given, placed)} == lasting
    assert rule in LASTING or rule in ("grid", "pin")


@pytest.mark.parametrize(
    ("session", "rule"),
    [
        (put("ghost"), "session"),
        (put("a", where="cellar"), "known"),
        (put("a", leads="nobody"), "known"),
    ],
)
def test_what_names_something_that_has_gone_is_broken_and_the_others_are_judged(
    session: Document, rule: str
) -> None:
    found = judged(problem(A, B, patch={"lab": {"capacity": 1}}), session, put("b", where="lab", day=2))

    assert found[0] == (rule, {(session["request"], 1)})
    assert ("fit", {("b", 1)}) in found


def test_course_is_not_broken_because_another_of_its_sessions_is() -> None:
    found = judged(problem(TWO), put("a", where="cellar"), put("a", day=2, session=2))

    assert found == [("known", {("a", 1)})]


def test_course_of_which_a_session_is_missing_is_broken() -> None:
    assert judged(problem(TWO), put("a")) == [("whole", {("a", 1)})]


def in_another(begin: int, *people: str, room: str = "attic") -> HeldSession:
    return HeldSession("other:x", 1, begin, begin + 60, "north", room, (0.0, 0.0), people)


@pytest.mark.parametrize(
    ("held", "rules"),
    [
        (in_another(600), ["room_clash"]),
        (in_another(600, "ann", room="far-away"), ["volunteer_clash"]),
        (in_another(660 + 60, room="attic"), []),
        (in_another(600, "bob", room="far-away"), []),
    ],
)
def test_sessions_of_another_timetable_take_their_room_and_people(
    held: HeldSession, rules: list[str]
) -> None:
    found = judged(problem(A), put("a", "10:00"), held=(held,))

    assert [rule for rule, _ in found] == rules
    assert all(sessions == {("a", 1)} for _, sessions in found)


def test_what_two_timetables_give_somebody_together_counts() -> None:
    document = problem(A, patch={"ann": {"max_minutes_day": 90}})

    assert judged(document, put("a", "10:00")) == []
    assert judged(document, put("a", "10:00"), held=(in_another(840, "ann"),)) == [("load", {("a", 1)})]


def test_two_sessions_of_another_timetable_that_clash_are_its_own_affair() -> None:
    both = (in_another(840), HeldSession("other:y", 1, 840, 900, "north", "attic", (0.0, 0.0)))

    assert judged(problem(A), put("a", "10:00"), held=both) == []
