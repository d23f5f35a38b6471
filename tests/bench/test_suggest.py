"""What the benchmark of suggestions says of its questions, on answers that are known."""

from __future__ import annotations

from dataclasses import replace

from adapters.services.suggesting import Suggested, SuggestedMove
from adapters.week.problem_document import assignment_of
from bench.bench_suggest import Asked, Week, applied, distinct, row
from domain.timetable import Session
from domain.windows import on_day
from tests.builders import an_id, session

HERE = session("r-1")
LATER = replace(HERE, window=on_day(3, "18:00", "19:30"))


def suggested(after: Session) -> Suggested:
    return Suggested("There.", (SuggestedMove(HERE, after),), (), {"served": 0}, (), 20)


def asked(seconds: float, *found: Suggested) -> Asked:
    return Asked(HERE.key, seconds, seconds / 2, found)


def test_row_tells_times_and_counts() -> None:
    told = row("placed", [asked(0.2), asked(0.4, suggested(LATER)), asked(0.1, suggested(LATER))])

    assert told == ("placed", 3, "200 ms", "400 ms", "400 ms", "100 ms", "200 ms", 1, 2, 0)


def test_suggestion_that_was_given_twice_is_judged_once() -> None:
    assert len(distinct([asked(0.2, suggested(LATER)), asked(0.4, suggested(LATER), suggested(HERE))])) == 2


def test_applied_suggestion_takes_the_place_of_the_session() -> None:
    problem = {
        "format": "problem/1",
        "name": "small",
        "timezone": "Asia/Shanghai",
        "week": "2026-W49",
        "venues": [],
        "volunteers": [],
        "requests": [],
    }
    week = Week("memory:", an_id("area"), "2026-W49", problem, (HERE,), ())

    assert applied(week, suggested(LATER))["assignments"] == [assignment_of(LATER)]
