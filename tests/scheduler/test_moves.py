"""What a move by hand would break: hard rules that nobody passes, and soft ones, each with its own story."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler import RULES, read_problem
from scheduler.documents.codec import read_assignments
from scheduler.rules.moves import HARD_RULES, SOFT_RULES, Judge, Judgement, unpassed
from tests.scheduler.cases import SOUTH, Document, problem, put, request, room, volunteer, window

FAR = [50.0, 4.05]  # 3.6 km from the people's homes in the north


def judged(document: Document, draft: list[Document], *moves: Document) -> Judgement:
    return Judge(read_problem(document), read_assignments(draft)).judge(read_assignments(list(moves)))


def rules(found: Any) -> list[str]:
    return [one.rule for one in found]


def test_every_rule_of_a_plan_is_hard_or_left_to_the_release() -> None:
    assert set(RULES) - set(HARD_RULES) == {"whole", "pin"}
    assert {"whole", "pin"} < set(SOFT_RULES)


def test_move_that_nobody_minds_breaks_nothing() -> None:
    found = judged(problem(request("choir")), [put("choir")], put("choir", "12:00"))

    assert found == Judgement((), ())


@pytest.mark.parametrize(
    ("move", "broken"),
    [
        (put("choir", "21:00"), ["acceptable", "open", "available"]),
        (put("choir", "09:10"), ["grid"]),
        (put("choir", leads="ann bob"), ["team"]),
        (put("choir", "11:00", leads="bob"), ["room_clash", "volunteer_clash"]),
        (put("choir", where="cellar"), ["unknown"]),
        (put("choir", leads="nobody"), ["unknown"]),
        (put("band"), ["session"]),
        (put("choir", session=2, day=2), ["session"]),
    ],
)
def test_broken_hard_rules_are_named(move: Document, broken: list[str]) -> None:
    document = problem(request("choir"), request("flute"))
    draft = [put("choir"), put("flute", "11:00", leads="bob")]

    assert rules(judged(document, draft, move).broken) == broken


def test_what_was_broken_before_and_others_break_is_no_doing_of_the_move() -> None:
    document = problem(request("choir"), request("flute"), request("harp"))
    draft = [put("choir"), put("flute", leads="bob"), put("harp", "15:00", leads="cem")]

    assert judged(document, draft, put("harp", "16:00", leads="cem")).broken == ()
    assert judged(document, draft, put("flute", "16:00", leads="bob")).broken == ()
    assert rules(judged(document, draft, put("harp", leads="cem")).broken) == ["room_clash"] * 2


def test_session_can_leave_a_room_that_is_not_lent_any_more() -> None:
    found = judged(problem(request("choir")), [put("choir", where="old hall")], put("choir"))

    assert found == Judgement((), ())


def test_course_of_which_another_session_lost_its_room_is_not_called_partial() -> None:
    document = problem(request("choir", sessions=2))
    draft = [put("choir", where="old hall"), put("choir", day=2, session=2, where="old hall")]

    assert judged(document, draft, put("choir")) == Judgement((), ())


def test_two_moves_are_judged_together() -> None:
    document = problem(request("choir"), request("flute"))
    draft = [put("choir"), put("flute", "11:00", leads="bob")]
    swap = put("choir", "11:00"), put("flute", "10:00", leads="bob")

    assert rules(judged(document, draft, swap[0]).broken) == ["room_clash"]
    assert judged(document, draft, *swap).broken == ()


# Soft rules


def test_pin_is_passed_only_by_a_move_away_from_it() -> None:
    document = problem(request("choir"), pins=[put("choir")])

    (found,) = judged(document, [put("choir")], put("choir", "12:00")).warnings
    assert (found.rule, found.sentence) == (
        "pin",
        "choir#1 is pinned to Monday 10:00 in attic led by ann; the move lifts the pin",
    )
    assert judged(document, [put("choir", "12:00")], put("choir")).warnings == ()


def test_course_that_is_placed_in_part_waits_with_its_release() -> None:
    document = problem(request("choir", sessions=2, max_sessions_per_day=2))
    both = put("choir", "12:00"), put("choir", "14:00", session=2)

    (found,) = judged(document, [], both[0]).warnings
    assert (found.rule, found.sentence.partition(";")[0]) == ("whole", "choir has 1 of its 2 sessions placed")
    assert judged(document, [], *both).warnings == ()
    assert judged(document, [both[0]], put("choir", "13:00")).warnings == ()


@pytest.mark.parametrize(
    ("move", "changed"),
    [
        (put("choir", "12:00"), "time"),
        (put("choir", where="left"), "room"),
        (put("choir", leads="bob"), "lead"),
        (put("choir", "12:00", "left", "bob"), "time and room and lead"),
    ],
)
def test_what_people_know_from_the_last_timetable_is_named(move: Document, changed: str) -> None:
    document = problem(request("choir"), previous=[put("choir")])

    (found,) = judged(document, [put("choir")], move).warnings
    assert found.rule == "continuity"
    assert found.sentence.endswith(f"; the move changes the {changed}")


def test_nobody_is_told_twice_of_what_had_changed_already() -> None:
    document = problem(request("choir"), previous=[put("choir")])

    assert judged(document, [put("choir", "12:00")], put("choir", "13:00")).warnings == ()


def test_session_leaves_a_preferred_time() -> None:
    document = problem(request("choir", preferred=[window("10:00", "12:00")]))

    (found,) = judged(document, [put("choir")], put("choir", "12:00")).warnings
    assert (found.rule, found.sentence) == (
        "preferred",
        "choir#1 (attic, Monday 12:00-13:00) leaves the times that choir prefers (Monday 10:00-12:00)",
    )
    assert judged(document, [put("choir")], put("choir", "11:00")).warnings == ()
    assert judged(document, [put("choir", "12:00")], put("choir", "13:00")).warnings == ()


def test_place_loses_a_function_only_with_its_last_session() -> None:
    document = problem(request("choir"), request("flute"), request("yoga", function="sport"))
    alone, other = put("choir"), put("flute", "14:00", leads="bob")
    south = put("choir", where="lab")

    (found,) = judged(document, [alone], south).warnings
    assert (found.rule, found.sentence) == ("functions", "north hosts no arts any more without choir#1")
    assert judged(document, [alone, other], south).warnings == ()


def test_much_longer_way_is_named_for_who_goes_it_and_not_for_who_is_new() -> None:
    document = problem(request("choir"), patch={"south": {"location": FAR}, "bob": {"location": SOUTH}})

    found = judged(document, [put("choir")], put("choir", where="lab")).warnings
    assert [str(one) for one in found if one.rule == "travel"] == [
        "travel: choir#1 is 3.6 km from ann's home in south, now 0.0 km"
    ]
    assert "travel" not in rules(
        judged(document, [put("choir")], put("choir", where="lab", leads="bob")).warnings
    )


def test_accepted_rules_are_passed_and_no_others() -> None:
    document = problem(request("choir", preferred=[window("10:00", "12:00")]), previous=[put("choir")])
    found = judged(document, [put("choir")], put("choir", "12:00")).warnings

    assert rules(found) == ["continuity", "preferred"]
    assert rules(unpassed(found, ["preferred"])) == ["continuity"]
    assert unpassed(found, ["preferred", "continuity", "travel"]) == ()


def test_hard_rules_stay_broken_whatever_is_accepted() -> None:
    document = problem(request("choir"), patch={"lab": room("lab", capacity=1)})
    found = judged(document, [put("choir")], put("choir", where="lab"))

    assert rules(found.broken) == ["fit"]
    assert rules(found.warnings) == ["functions"]


def test_gains_are_the_differences_of_the_goals() -> None:
    liked = request("choir", preferred=[window("12:00", "13:00")])
    document = problem(liked, request("flute"), goals=["served", "functions", "preferred", "travel"])
    draft = read_assignments([put("choir")])
    judge = Judge(read_problem(document), draft)

    moved = judge.gains(judge.change(read_assignments([put("choir", "12:00")])))
    placed = judge.gains(judge.change(read_assignments([put("flute", "12:00", "lab", "bob")])))
    assert moved == {"served": 0, "functions": 0, "preferred": 1, "travel": 0}
    assert placed == {"served": 600, "functions": 1, "preferred": 0, "travel": -1429}


def test_volunteer_who_is_not_in_the_week_cannot_be_sent() -> None:
    document = problem(request("choir"))
    document["volunteers"] = [volunteer("ann")]

    (found,) = judged(document, [put("choir")], put("choir", leads="bob")).broken
    assert found.sentence == "choir#1: nobody is called bob in this week"
