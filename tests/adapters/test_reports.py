"""The report's figures are those of the sessions and of the real opening windows."""

from __future__ import annotations

import pytest

from adapters.application.application import Lyceum
from adapters.services.adjusting import drop
from adapters.services.planning import Effort, plan_week
from adapters.services.releases import release_week
from adapters.week.week_report import Report, week_report
from adapters.week.week_report_lines import lines
from domain.events import NotThere
from domain.request import request_id
from tests.adapters.town import TOWN, WEEK

QUICK = Effort(time_limit_s=5, workers=1)


def report(lyceum: Lyceum) -> Report:
    return week_report(lyceum, lyceum.views, TOWN, WEEK)


def test_report_counts_requests_sessions_and_learner_hours(quick: Lyceum) -> None:
    plan_week(quick, TOWN, WEEK, effort=QUICK)
    found = report(quick)

    assert (found.state, found.asked, found.served, found.sessions_asked, found.sessions) == (
        "draft",
        4,
        3,
        5,
        4,
    )
    assert found.learner_hours == 1.5 * (2 * 20 + 50 + 15)
    assert found.learner_hours_asked == found.learner_hours + 1.5 * 10
    assert [(one.key, one.community) for one in found.unserved] == [("r-robot", "Hill")]
    assert found.unserved[0].reasons != ()


def test_report_measures_places_against_their_real_opening_windows(quick: Lyceum) -> None:
    plan_week(quick, TOWN, WEEK, effort=QUICK)
    school, library = sorted(report(quick).places, key=lambda one: one.key, reverse=True)

    assert (school.open_minutes, school.used_minutes) == (5 * 240, 3 * 90)  # the hall, not its halves again
    assert (library.open_minutes, library.used_minutes) == (6 * 540, 90)
    assert (school.functions, library.functions) == (("arts", "leisure"), ("civic",))


def test_report_gives_the_bounds_only_where_the_plan_stands_as_it_was_proven(quick: Lyceum) -> None:
    plan_week(quick, TOWN, WEEK, effort=QUICK)
    assert report(quick).goals[0].bound is not None

    drop(quick, TOWN, WEEK, request_id("r-phone"), 1, "called off")

    assert report(quick).goals == ()


def test_report_of_a_past_position_does_not_change(lyceum: Lyceum) -> None:
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    release_week(lyceum, TOWN, WEEK, "First")
    before, position = report(lyceum), lyceum.store.position()
    drop(lyceum, TOWN, WEEK, request_id("r-phone"), 1, "called off")
    release_week(lyceum, TOWN, WEEK, "Second")

    past = week_report(lyceum, lyceum.views.at_position(position), TOWN, WEEK)

    assert past == before
    assert report(lyceum) != before


def test_report_without_a_plan_says_what_to_do(quick: Lyceum) -> None:
    with pytest.raises(NotThere, match="plan it first"):
        report(quick)


def test_lines_say_what_a_coordinator_asks(quick: Lyceum) -> None:
    plan_week(quick, TOWN, WEEK, effort=QUICK)
    release_week(quick, TOWN, WEEK, "First")
    text = "\n".join(lines(report(quick)))

    for words in (
        "release 1 (First)",
        "3 of 4 (75.0%)",
        "One place, many functions",
        "2 of 2 places",
        "r-robot",
    ):
        assert words in text
