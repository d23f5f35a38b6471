"""Check, explain, gaps and fairness as a person runs them, and the examples of their page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.api.conftest import ROOT, Run
from tests.scheduler.cases import plan, problem, put, request, volunteer, window

TEN = [window("10:00", "11:00")]
VALUES = {"served": 360, "functions": 1, "continuity": 0, "preferred": 0, "travel": 0}
GOALS: dict[str, Any] = {goal: {"value": value} for goal, value in VALUES.items()}
PROVEN: dict[str, Any] = {goal: {"value": value, "bound": value} for goal, value in VALUES.items()}


@pytest.fixture
def asked(run: Run, tmp_path: Path) -> Run:
    """A folder with a problem whose only teacher is wanted twice, and its plan."""
    document = problem(
        request("choir", acceptable=TEN, title="Choir"),
        request(
            "flute", title="Flute", learners=6, acceptable=[window("10:00", "12:00")], audience="children"
        ),
        request("ink", title="Ink", topic="calligraphy"),
        volunteers=[volunteer("ann")],
    )
    (tmp_path / "problem.json").write_text(json.dumps(document))
    (tmp_path / "plan.json").write_text(
        json.dumps(plan(put("flute"), unserved=unserved("choir", "ink"), goals=GOALS))
    )
    return run


def unserved(*requests: str) -> list[dict[str, str]]:
    return [{"request": name} for name in requests]


def judged(asked: Run, tmp_path: Path, **stated: Any) -> tuple[int, list[str]]:
    """The exit code, and the lines after the verdict, of a plan of the flute alone that states this."""
    own = {"unserved": unserved("choir", "ink"), "goals": GOALS} | stated
    (tmp_path / "plan.json").write_text(json.dumps(plan(put("flute"), **own)))
    ran = asked("lyceum check-plan problem.json plan.json")
    verdict, *lines = ran.out.splitlines()
    assert (verdict, ran.err) == ("The plan keeps every hard rule; it places 1 session.", "")
    assert json.loads(asked("lyceum check-plan problem.json plan.json --json").out)["ok"] == (ran.code == 0)
    return ran.code, lines


def test_check_says_what_can_never_be_served_and_ends_with_0(asked: Run) -> None:
    ran = asked("lyceum check problem.json")

    assert ran.code == 0
    assert "warning: requests[2].topic: “Ink” can never be held" in ran.out
    assert ran.out.endswith("0 errors, 1 warnings, 0 notes\n")


def test_check_ends_with_1_where_the_document_is_wrong(asked: Run, tmp_path: Path) -> None:
    (tmp_path / "wrong.json").write_text("{}")

    ran = asked("lyceum check wrong.json --json")

    assert ran.code == 1
    assert json.loads(ran.out)["counts"]["error"] > 3


def test_check_plan_says_that_every_rule_is_kept_and_the_values_of_the_goals(asked: Run) -> None:
    ran = asked("lyceum check-plan problem.json plan.json")

    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "The plan keeps every hard rule; it places 1 session.\n"
        "served: 360\nfunctions: 1\ncontinuity: 0\npreferred: 0\ntravel: 0\n"
    )
    assert json.loads(asked("lyceum check-plan problem.json plan.json --json").out) == {
        "ok": True,
        "assignments": 1,
        "breaches": [],
        "goals": {"served": 360, "functions": 1, "continuity": 0, "preferred": 0, "travel": 0},
        "misstated": {},
        "claims": [],
        "unstated": [],
    }


def test_check_plan_names_broken_rules_and_ends_with_1(asked: Run, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(json.dumps(plan(put("flute"), put("choir"))))

    ran = asked("lyceum check-plan problem.json plan.json")
    told = json.loads(asked("lyceum check-plan problem.json plan.json --json").out)

    assert ran.code == 1
    assert "room_clash: " in ran.out
    assert "The plan breaks hard rules (2 breaches); it places 2 sessions.\n" in ran.out
    assert [breach["rule"] for breach in told["breaches"]] == ["room_clash", "volunteer_clash"]
    assert told["breaches"][0]["sessions"] == [["flute", 1], ["choir", 1]]


def test_check_plan_names_sessions_rooms_and_people_as_the_problem_does(run: Run, tmp_path: Path) -> None:
    choir, flute, nameless, hall, ann = (str(UUID(int=number)) for number in range(1, 6))
    document = problem(
        request(choir, title="Choir"), request(flute, title="Choir"), request(nameless, title=""),
        volunteers=[volunteer(ann) | {"name": "Ann"}],
    )  # fmt: skip
    document["venues"][0]["rooms"][0] |= {"id": hall, "name": "Hall"}
    assignments = [put(id, where=hall, leads=ann, day=1) for id in (choir, nameless)]
    (tmp_path / "problem.json").write_text(json.dumps(document))
    (tmp_path / "plan.json").write_text(
        json.dumps(plan(*assignments, put(flute, where="lab", leads=ann, day=2, start="06:00")))
    )

    lines = run("lyceum check-plan problem.json plan.json").out.splitlines()

    sides = [
        f"“Choir” ({choir})#1 (north, Hall, Monday 10:00-11:00)",
        f"{nameless}#1 (north, Hall, Monday 10:00-11:00)",
    ]
    late = f"“Choir” ({flute})#1 (lab, Tuesday 06:00-07:00)"
    assert lines[:5] == [
        f"acceptable: {late} is outside the times that “Choir” ({flute}) accepts",
        f"open: {late} is outside the opening times of lab",
        f"room_clash: {sides[0]} and {sides[1]} need 0 minutes between them in their room",
        f"available: {late}: Ann has not offered this time",
        f"volunteer_clash: Ann is wanted at once by {sides[0]} and {sides[1]}",
    ]


def test_check_plan_of_a_title_that_is_the_id_of_another_request_still_finds_it(
    run: Run, tmp_path: Path
) -> None:
    document = problem(request("a", title="b"))
    (tmp_path / "problem.json").write_text(json.dumps(document))
    (tmp_path / "plan.json").write_text(json.dumps(plan(put("a"), put("“b”", day=2))))

    ran = run("lyceum check-plan problem.json plan.json")

    assert ran.code == 1
    assert "session: “b”#1 is of a request that does not exist\n" in ran.out


@pytest.mark.parametrize(
    ("stated", "claims"),
    [
        ({"goals": PROVEN, "status": "optimal"}, []),
        ({"goals": GOALS | {"served": {"value": 360, "bound": 400}}}, []),
        (
            {"goals": GOALS | {"served": {"value": 360, "bound": 359}}},
            ["served: the plan states a bound of 359, but its own value 360 is above it"],
        ),
        (
            {"goals": PROVEN | {"served": {"value": 360, "bound": 400}}, "status": "optimal"},
            ["status: the plan states optimal, but the value 360 of the goal served is not its bound 400"],
        ),
        (
            {"goals": PROVEN | {"travel": {"value": 0}}, "status": "optimal"},
            ["status: the plan states optimal, but no bound of the goal travel"],
        ),
        ({"status": "infeasible"}, ["status: the plan states infeasible, but it breaks no rule"]),
        (
            {"unserved": unserved("choir", "flute", "ink")},
            ["unserved: “Flute” is listed, but it has a session in the plan"],
        ),
        (
            {"unserved": unserved("choir")},
            ["unserved: “Ink” is not listed, but it has no session in the plan"],
        ),
    ],
)
def test_check_plan_names_what_the_plan_states_falsely(
    asked: Run, tmp_path: Path, stated: dict[str, Any], claims: list[str]
) -> None:
    code, lines = judged(asked, tmp_path, **stated)

    assert lines[5:] == claims
    assert code == bool(claims)


def test_check_plan_says_which_goals_are_not_stated_and_what_is_no_goal_of_the_problem(
    asked: Run, tmp_path: Path
) -> None:
    fewer = {goal: GOALS[goal] for goal in ("served", "functions")}

    assert judged(asked, tmp_path, goals=fewer) == (
        0,
        [
            *(f"{goal}: {value}" for goal, value in VALUES.items()),
            "The plan states nothing of continuity, preferred, travel; it need not.",
        ],
    )
    assert judged(asked, tmp_path, goals=PROVEN | {"travel": None}, status="optimal")[1][5:] == [
        "status: the plan states optimal, but it states nothing of the goal travel",
        "The plan states nothing of travel; it need not.",
    ]
    document = json.loads((tmp_path / "problem.json").read_text()) | {"goals": ["served"]}
    (tmp_path / "problem.json").write_text(json.dumps(document))
    assert judged(asked, tmp_path, goals=GOALS | {"functions": {"value": 7}}) == (
        1,
        ["served: 360", "functions: 1, but the plan states 7"],
    )


def test_check_plan_refuses_a_value_that_the_plan_states_wrongly(asked: Run, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(json.dumps(plan(put("flute"), goals={"served": {"value": 1000}})))

    ran = asked("lyceum check-plan problem.json plan.json")

    assert ran.code == 1
    assert "served: 360, but the plan states 1,000\n" in ran.out


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "lyceum check-plan plan.json problem.json",
            "plan.json is a plan/1 document; give the problem first, then the plan made for it",
        ),
        (
            "lyceum check-plan problem.json problem.json",
            "problem.json is a problem/1 document; give the problem first, then the plan made for it",
        ),
        (
            "lyceum check-plan problem.json nowhere.json",
            "nowhere.json: No such file or directory; check the path and your rights to it",
        ),
        (
            "lyceum check-plan problem.json torn.json",
            "torn.json is no JSON document (Expecting value: line 1 column 12 (char 11)); give a plan/1 document",
        ),
        (
            "lyceum check-plan problem.json deep.json",
            (
                "deep.json is no JSON document (maximum recursion depth exceeded while decoding a JSON array from a "
                "unicode string); give a plan/1 document"
            ),
        ),
        (
            "lyceum check-plan problem.json other.json",
            (
                "other.json: the plan was made for another problem, 'other', not for 'small'; "
                "give the plan of this problem"
            ),
        ),
        (
            "lyceum check-plan problem.json older.json",
            (
                "older.json: the plan was made for another problem or an older state of 'small' (assignments[0].room: "
                "unknown id 'cellar', and 1 more); give the plan of this problem"
            ),
        ),
        (
            "lyceum explain problem.json other.json --all",
            "the plan was made for another problem, 'other', not for 'small'; give the plan of this problem",
        ),
        (
            "lyceum check-plan problem.json sure.json",
            'sure.json is no plan/1 document: status: must be one of optimal, feasible, infeasible, is "sure"',
        ),
        (
            "lyceum check-plan list.json plan.json",
            "list.json is no problem/1 document: document: must be an object, is a list",
        ),
        (
            "lyceum check-plan empty.json plan.json",
            "empty.json is no problem/1 document: format: must be one of problem/1, is missing, and 6 more",
        ),
    ],
)
def test_check_plan_of_a_file_that_is_no_such_document_is_one_sentence(
    asked: Run, tmp_path: Path, line: str, sentence: str
) -> None:
    (tmp_path / "torn.json").write_text('{"format": ')
    (tmp_path / "deep.json").write_text("[" * 200_000)
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "empty.json").write_text("{}")
    (tmp_path / "other.json").write_text(json.dumps(plan(put("ghost", leads="zoe"), problem="other")))
    (tmp_path / "older.json").write_text(json.dumps(plan(put("flute", where="cellar", leads="zoe"))))
    (tmp_path / "sure.json").write_text(json.dumps(plan(put("flute"), status="sure")))

    ran = asked(line)

    assert (ran.code, ran.out, ran.err) == (1, "", f"lyceum: {sentence}\n")


def test_explain_names_the_facts_and_the_cheapest_way_first(asked: Run) -> None:
    ran = asked("lyceum explain problem.json plan.json choir")

    assert ran.code == 0
    assert ran.out.startswith("choir “Choir”, 10 learners: not served.\n  - Those who lead music have")
    assert "  1. Move “Flute” from Monday 10:00–11:00" in ran.out


def test_explain_of_a_placed_request_says_what_it_competes_with(asked: Run) -> None:
    ran = asked("lyceum explain problem.json plan.json flute")

    assert "In its place “Choir” (choir, 10 learners) would fit." in ran.out


def test_explain_all_as_json_has_every_unserved_request(asked: Run) -> None:
    told = json.loads(asked("lyceum explain problem.json plan.json --all --json").out)

    assert [one["request"] for one in told["requests"]] == ["choir", "ink"]
    assert told["facts"] == {"skill": 1, "volunteer_clash": 1}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("lyceum explain problem.json plan.json", "give the id of one request, or --all"),
        ("lyceum explain problem.json plan.json tuba", "the problem has no request 'tuba'"),
        ("lyceum explain problem.json plan.json flute --session 2", "the problem has no request 'flute#2'"),
    ],
)
def test_a_question_that_cannot_be_answered_is_one_sentence(asked: Run, line: str, sentence: str) -> None:
    ran = asked(line)

    assert (ran.code, ran.err) == (1, f"lyceum: {sentence}\n")


def test_gaps_and_fairness_are_told_in_both_forms(asked: Run) -> None:
    assert "Wanted: somebody who can teach calligraphy" in asked("lyceum gaps problem.json plan.json").out
    assert json.loads(asked("lyceum gaps problem.json plan.json --json").out)["waiting"] == 2
    assert "audience" in asked("lyceum fairness problem.json plan.json").out
    assert json.loads(asked("lyceum fairness problem.json plan.json --json").out)["left_out"] == []


def test_examples_of_the_page_are_what_the_commands_print(asked: Run) -> None:
    page = (ROOT / "docs" / "explain.md").read_text()
    blocks = re.findall(r"```console\n\$ (lyceum [^\n]*)\n(.*?)```", page, re.DOTALL)
    assert len(blocks) >= 5

    for line, out in blocks:
        assert asked(line).out == out, line


def test_fairness_prices_the_minimum_by_planning_with_and_without_it(run: Run, tmp_path: Path) -> None:
    asked = [
        request("large", area="town", acceptable=TEN),
        request("more", area="town", acceptable=[window("11:00", "12:00")]),
        request("small", area="village", learners=4, acceptable=TEN),
    ]
    (tmp_path / "problem.json").write_text(json.dumps(problem(*asked, volunteers=[volunteer("ann")])))
    (tmp_path / "plan.json").write_text(json.dumps(plan(put("large"), put("more", "11:00"))))

    told = run("lyceum fairness problem.json plan.json --price 5").out
    known = json.loads(run("lyceum fairness problem.json plan.json --price 5 --json").out)

    assert "Communities with a request that could be served and nothing served: village." in told
    assert "costs 360 of served between these two plans; by the bounds at least 360 and at most 360." in told
    assert (known["minimum"]["communities_before"], known["minimum"]["communities"]) == (1, 2)
    assert known["minimum"]["price"] == 360
