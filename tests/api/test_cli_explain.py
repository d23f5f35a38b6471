"""Check, explain, gaps and fairness as a person runs them, and the examples of their page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.api.conftest import ROOT, Run
from tests.scheduler.cases import plan, problem, put, request, volunteer, window

TEN = [window("10:00", "11:00")]


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
    (tmp_path / "plan.json").write_text(json.dumps(plan(put("flute"))))
    return run


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
