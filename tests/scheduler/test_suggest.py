"""Where a session could go: every suggestion keeps every hard rule, and the least trouble comes first."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, settings
from hypothesis import given as given_any
from hypothesis import strategies as st

from scheduler import Assignment, Problem, check, goal_values, read_problem, write_assignment
from scheduler.documents.codec import read_assignments
from scheduler.rules.moves import HARD_RULES, Judge
from scheduler.suggest import Suggestion, UnknownSession, Where, suggest
from tests.scheduler.cases import (
    SOUTH,
    Document,
    plan,
    problem,
    put,
    request,
    shared_verdict,
    week,
    window,
)
from tests.scheduler.explain.weeks import all_places, small_weeks


def asked(
    document: Document, draft: list[Document], name: str = "choir", session: int = 1, **given: Any
) -> tuple[Suggestion, ...]:
    where = Where(**{key: value for key, value in given.items() if key not in ("moves", "limit")})
    options = {key: value for key, value in given.items() if key in ("moves", "limit")}
    judge = Judge(read_problem(document), read_assignments(draft))
    return suggest(judge, name, session, where, **options)


def places(found: tuple[Suggestion, ...]) -> list[tuple[int, int, str, tuple[str, ...]]]:
    after = [one.moves[0].after for one in found]
    return [(one.day, one.start_min // 60, one.room, one.leads) for one in after]


ONE_ROOM: dict[str, Document] = {
    "hall": {"open": []},
    "left": {"open": []},
    "right": {"open": []},
    "lab": {"open": []},
}
ONLY_TEN = [window("10:00", "11:00")]


# One move


def test_another_room_at_the_same_time_comes_before_another_time_and_both_before_another_day() -> None:
    document = problem(request("choir", acceptable=[window("09:00", "12:00"), window("10:00", "11:00", 2)]))

    assert places(asked(document, [put("choir")], moves=1)) == [
        (1, 10, "hall", ("ann",)),
        (1, 9, "attic", ("ann",)),
        (1, 11, "attic", ("ann",)),
        (2, 10, "attic", ("ann",)),
        (1, 10, "lab", ("ann",)),
        (1, 9, "lab", ("ann",)),
        (1, 11, "lab", ("ann",)),
        (2, 10, "lab", ("ann",)),
    ]


def test_suggestion_says_what_it_takes() -> None:
    document = problem(
        request("choir", acceptable=ONLY_TEN, preferred=ONLY_TEN), previous=[put("choir")], patch=ONE_ROOM
    )
    document["venues"][1]["rooms"][0]["open"] = week()
    document["goals"] = ["served", "functions", "continuity", "preferred", "travel"]
    (first, *_) = asked(document, [put("choir")], keep_lead=True)

    assert first.sentence == "Monday 10:00–11:00, south, lab, led by ann."
    assert [one.rule for one in first.warnings] == ["continuity", "functions"]
    assert first.goals == {"served": 0, "functions": 0, "continuity": -1, "preferred": 0, "travel": -1429}
    assert [(one.volunteer, one.part) for one in first.people] == [("ann", "moved")]
    assert first.learners == 10


def test_somebody_else_leads_where_who_does_now_cannot() -> None:
    document = problem(
        request("choir", acceptable=[window("10:00", "12:00")]),
        patch={**ONE_ROOM, "ann": {"available": ONLY_TEN}, "bob": {"location": SOUTH}},
    )
    (found,) = asked(document, [put("choir")], day=1, keep_room=True, moves=1)[:1]

    assert places((found,)) == [(1, 10, "attic", ("cem",))]
    assert {(one.volunteer, one.part) for one in found.people} == {("ann", "freed"), ("cem", "asked")}


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ({"day": 2}, lambda one: one.day == 2),
        ({"other_day": True}, lambda one: one.day != 1),
        ({"venue": "south"}, lambda one: one.room == "lab"),
        ({"venue": "south", "room": "lab"}, lambda one: one.room == "lab"),
        ({"start_min": 600 + 1440}, lambda one: one.begin_min == 600 + 1440),
        (
            {"room": "attic", "start_min": 600 + 1440},
            lambda one: (one.room, one.begin_min) == ("attic", 2040),
        ),
        ({"keep_room": True}, lambda one: one.room == "attic"),
        ({"other_room": True}, lambda one: one.room != "attic"),
        ({"keep_lead": True}, lambda one: one.leads == ("ann",)),
        ({"other_lead": True}, lambda one: one.leads != ("ann",)),
    ],
)
def test_only_what_was_asked_for_is_suggested(where: dict[str, Any], kept: Any) -> None:
    document = problem(request("choir"), patch={"ann": {"available": [window("08:00", "20:00", 1)]}})
    found = asked(document, [put("choir")], limit=50, **where)

    assert found
    assert all(kept(one.moves[0].after) for one in found)
    assert not all(kept(one.moves[0].after) for one in asked(document, [put("choir")], limit=500))


def test_each_who_could_lead_it_now_is_told_where_somebody_else_is_wanted() -> None:
    document = problem(request("choir", acceptable=ONLY_TEN), patch=ONE_ROOM)

    assert places(asked(document, [put("choir")], other_lead=True)) == [
        (1, 10, "attic", ("bob",)),
        (1, 10, "attic", ("cem",)),
    ]


def test_rooms_of_a_venue_that_was_asked_for_are_told_apart() -> None:
    document = problem(request("choir", acceptable=ONLY_TEN))

    rooms = {one[2] for one in places(asked(document, [put("choir")], venue="north"))}
    assert rooms == {"hall", "left", "right"}


def test_assistants_stay_or_the_nearest_come_and_with_minors_two_are_adults() -> None:
    child = request("choir", assistants=1, minors=True, acceptable=ONLY_TEN)
    document = problem(child, patch={"bob": {"minor": True}, "cem": {"location": SOUTH}})

    kept = asked(document, [put("choir", assistants=["cem"])], moves=1)
    assert {one.moves[0].after.assistants for one in kept if one.moves[0].after.leads == ("ann",)} == {
        ("cem",)
    }
    (fresh, *_) = asked(document, [], moves=1)
    assert set(fresh.moves[0].after.leads + fresh.moves[0].after.assistants) == {"ann", "cem"}


def in_the_only_room(**given: Any) -> tuple[Document, Document]:
    """Ann alone can lead the choir, in one room at one time; cem assists her there, and bob could."""
    document = problem(
        request("choir", assistants=1, acceptable=ONLY_TEN, **given),
        patch={**ONE_ROOM, "bob": {"skills": []}, "cem": {"skills": []}},
    )
    return document, plan(put("choir", assistants=["cem"]))


def test_somebody_else_assists_where_nothing_else_can_change() -> None:
    document, planned = in_the_only_room()
    (only,) = asked(document, planned["assignments"])

    assert only.sentence == "Monday 10:00–11:00, north, attic, led by ann with bob."
    assert {(who.volunteer, who.part) for who in only.people} == {("bob", "asked"), ("cem", "freed")}


def test_session_stays_where_it_is_when_only_its_assistant_can_no_longer_come() -> None:
    document = problem(request("choir", assistants=1), patch={"cem": {"available": []}})
    (first, *_) = asked(document, [put("choir", assistants=["cem"])])

    assert first.sentence == "Monday 10:00–11:00, north, attic, led by ann with bob."


@pytest.mark.parametrize(("leads", "assistants"), [(1, 0), (1, 2), (2, 1), (2, 0), (0, 1), (0, 0)])
def test_session_gets_a_team_of_the_size_that_its_request_asks_for_now(leads: int, assistants: int) -> None:
    document = problem(request("choir", leads=leads, assistants=assistants))
    teams = {
        (len(place.leads), len(place.assistants))
        for suggestion in asked(document, [put("choir", assistants=["cem"])], moves=1)
        for place in [suggestion.moves[0].after]
    }

    assert teams == {(leads, assistants)}


def test_session_without_a_place_gets_one_where_it_is_liked() -> None:
    document = problem(request("choir", preferred=[window("15:00", "16:00", 3)]))
    (first, *_) = asked(document, [])

    assert (first.moves[0].before, places((first,))) == (None, [(3, 15, "attic", ("ann",))])
    assert first.goals["served"] == 600


def test_nothing_is_suggested_where_nothing_is_free() -> None:
    assert asked(problem(request("choir", acceptable=ONLY_TEN, learners=99)), []) == ()


@pytest.mark.parametrize(("name", "session"), [("band", 1), ("choir", 2), ("choir", 0)])
def test_session_that_nobody_asks_for_is_refused(name: str, session: int) -> None:
    with pytest.raises(UnknownSession, match=f"no session {session} of request {name}"):
        asked(problem(request("choir")), [], name, session)


# Two moves


def test_another_session_makes_room() -> None:
    document = problem(request("choir", acceptable=ONLY_TEN), request("flute"), patch=ONE_ROOM)
    (first, *_) = asked(document, [put("flute", leads="bob")])

    assert [(one.after.request, one.after.start_min // 60) for one in first.moves] == [
        ("choir", 10),
        ("flute", 9),
    ]
    assert first.learners == 20
    assert first.sentence == (
        "Monday 10:00–11:00, north, attic, led by ann; “flute” goes from Monday 10:00–11:00, north, attic, led by bob"
        " to Monday 09:00–10:00, north, attic, led by bob."
    )
    assert asked(document, [put("flute", leads="bob")], moves=1) == ()


def test_another_session_hands_its_lead_over() -> None:
    document = problem(
        request("choir", acceptable=ONLY_TEN, topic="song"),
        request("flute", acceptable=ONLY_TEN),
        patch={"ann": {"skills": ["song", "music"]}},
    )
    (first, *_) = asked(document, [put("flute")])

    assert [(one.after.request, one.after.leads) for one in first.moves] == [
        ("choir", ("ann",)),
        ("flute", ("bob",)),
    ]
    assert {(one.volunteer, one.request, one.part) for one in first.people} == {
        ("ann", "choir", "asked"),
        ("ann", "flute", "freed"),
        ("bob", "flute", "asked"),
    }


def test_another_session_hands_its_assistant_over() -> None:
    document = problem(
        request("choir", acceptable=ONLY_TEN, topic="song", learners=15),
        request("flute", acceptable=ONLY_TEN, assistants=1),
        patch={
            "bob": {"skills": ["song"]},
            "left": {"capacity": 10},
            "attic": {"open": []},
            "lab": {"open": []},
        },
    )
    (first, *_) = asked(document, [put("flute", where="left", assistants=["bob"])])

    assert [(move.after.request, move.after.room, move.after.leads) for move in first.moves] == [
        ("choir", "right", ("bob",)),
        ("flute", "left", ("ann",)),
    ]
    assert first.moves[1].after.assistants == ("cem",)


def test_session_with_an_assistant_gets_the_room_that_another_one_leaves() -> None:
    document = problem(request("choir", acceptable=ONLY_TEN, assistants=1), request("flute"), patch=ONE_ROOM)
    (first, *_) = asked(document, [put("flute", leads="bob")])

    assert [move.after.request for move in first.moves] == ["choir", "flute"]
    assert (first.moves[0].after.leads, first.moves[0].after.assistants) == (("ann",), ("cem",))


def test_pinned_session_makes_no_room() -> None:
    flute = put("flute", leads="bob")
    document = problem(request("choir", acceptable=ONLY_TEN), request("flute"), patch=ONE_ROOM, pins=[flute])

    assert asked(document, [flute]) == ()


def test_both_sessions_of_a_course_get_the_same_other_lead() -> None:
    document = problem(request("choir", sessions=2))
    draft = [put("choir"), put("choir", session=2, day=2)]
    (first, *_) = asked(document, draft, other_lead=True)

    assert [(one.after.session, one.after.day, one.after.leads) for one in first.moves] == [
        (1, 1, ("bob",)),
        (2, 2, ("bob",)),
    ]
    assert asked(document, draft, other_lead=True, moves=1) == ()


def test_both_sessions_of_a_waiting_course_get_a_place_before_one_alone() -> None:
    document = problem(
        request("choir", sessions=2, acceptable=[window("10:00", "11:00", day) for day in (1, 2)])
    )
    found, alone = asked(document, []), asked(document, [], moves=1)

    assert [one.after.session for one in found[0].moves] == [1, 2]
    assert found[0].warnings == ()
    assert [one.rule for one in alone[0].warnings] == ["whole"]


# Order and proof


def test_fewest_soft_rules_come_first_then_fewest_moves() -> None:
    document = problem(request("choir", preferred=ONLY_TEN), request("flute"), previous=[put("choir")])
    found = asked(document, [put("choir"), put("flute", "12:00", leads="bob")], limit=50)

    order = [(len(one.warnings), len(one.moves)) for one in found]
    assert order == sorted(order)
    assert len(set(order)) > 1


def test_same_question_has_the_same_answer_and_limits_cut_its_end() -> None:
    document = problem(request("choir"), request("flute"))
    draft = [put("choir"), put("flute", "12:00", leads="bob")]

    assert asked(document, draft) == asked(document, draft)
    assert asked(document, draft, limit=3) == asked(document, draft)[:3]


@pytest.mark.slow
@settings(max_examples=40)
@example(case=in_the_only_room(minors=True))
@given_any(small_weeks())
def test_every_suggestion_passes_the_checker_and_none_is_missed(case: tuple[Document, Document]) -> None:
    """Of one move all places are known by trying; of two moves each is judged by the checker that we share."""
    document, made = case
    given, draft = read_problem(document), read_assignments(made["assignments"])
    judge = Judge(given, draft)
    now = {(one.request, one.session): one for one in draft}

    def fits(one: Assignment) -> bool:
        found = check(given, with_moves(draft, [one]))
        assert bool(judge.judge([one]).broken) == any(breach.rule in HARD_RULES for breach in found)
        return not any(breach.rule in HARD_RULES for breach in found)

    for name in [one.id for one in given.requests]:
        singles = suggest(judge, name, 1, moves=1, limit=1000)
        possible = {
            (one.begin_min, one.room)
            for (one, *_) in all_places(given, name)
            if one != now.get((name, 1)) and fits(one)
        }
        assert {(one.moves[0].after.begin_min, one.moves[0].after.room) for one in singles} <= possible
        assert bool(singles) == bool(possible)
        for one in suggest(judge, name, 1, limit=3):
            moved = with_moves(draft, (move.after for move in one.moves))
            before, after = goal_values(given, draft), goal_values(given, moved)
            assert one.goals == {goal: after[goal] - before[goal] for goal in given.goals}
            assert verdict(document, [write_assignment(at) for at in moved]) == []


@st.composite
def weeks_with_changed_facts(draw: st.DrawFn) -> tuple[Document, Document]:
    """A tiny problem of which some facts have changed since its plan was made, so that the plan may break rules."""
    document, planned = draw(small_weeks())
    for requested in document["requests"]:
        requested["leads"] = draw(st.sampled_from([requested["leads"], 0, 1, 2]))
        requested["assistants"] = draw(st.sampled_from([requested["assistants"], 0, 1, 2]))
        requested["minors"] = draw(st.booleans())
        requested["learners"] = draw(st.sampled_from([requested["learners"], 15]))
    for person in document["volunteers"]:
        person["minor"] = draw(st.sampled_from([False, False, True]))
        person["roles"] = draw(st.sampled_from([["lead", "assistant"], ["lead"], ["assistant"]]))
        person["skills"] = draw(st.sampled_from([person["skills"], ["music"]]))
    for venue in document["venues"]:
        for room_there in venue["rooms"]:
            room_there["open"] = draw(st.sampled_from([room_there["open"], week("12:00")]))
    return document, planned


@pytest.mark.slow
@settings(max_examples=40)
@given_any(weeks_with_changed_facts())
def test_none_is_missed_where_facts_have_changed_since_the_plan(case: tuple[Document, Document]) -> None:
    document, planned = case
    read, draft = read_problem(document), read_assignments(planned["assignments"])
    judge = Judge(read, draft)
    for name in [requested.id for requested in read.requests]:
        now = next((session for session in draft if session.request == name), None)
        possible = {
            (place.begin_min, place.room)
            for (place, *_) in all_places(read, name)
            if place != now and not broken_by(read, draft, place)
        }
        suggestions = [
            suggestion.moves[0].after for suggestion in suggest(judge, name, 1, moves=1, limit=1000)
        ]
        assert {(place.begin_min, place.room) for place in suggestions} <= possible
        assert bool(suggestions) == bool(possible)
        assert now not in suggestions


def broken_by(read: Problem, draft: Iterable[Assignment], place: Assignment) -> list[str]:
    """The hard rules that a session breaks there, whether or not it breaks them where it is."""
    breaches = check(read, with_moves(draft, [place]))
    mine = (place.request, place.session)
    return [
        breach.rule
        for breach in breaches
        if breach.rule in HARD_RULES and (mine in breach.sessions or not breach.sessions)
    ]


def with_moves(draft: Iterable[Assignment], moves: Iterable[Assignment]) -> list[Assignment]:
    """The draft with sessions put elsewhere."""
    return list({(item.request, item.session): item for item in (*draft, *moves)}.values())


def verdict(document: Document, assignments: list[Document]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        lines, _ = shared_verdict(Path(folder), document, plan(*assignments, problem=document["name"]))
    return lines
