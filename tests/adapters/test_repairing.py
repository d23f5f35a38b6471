"""A released week is repaired: a draft that changes no more than it must, with its origin."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from adapters.application.application import Lyceum
from adapters.services.closures import pause_volunteer
from adapters.services.planning import Effort, plan_week
from adapters.services.releases import release_week
from adapters.services.repairing import RepairLimits, repair_week
from adapters.week.plan_documents import load_timetable, planned_sessions, read_document
from domain.events import NotThere
from domain.timetable import latest_release
from domain.volunteer import Pause
from domain.windows import on_day
from scheduler import ChangeBudget
from tests.adapters.town import TOWN, WEEK, ask

QUICK = Effort(time_limit_s=5, workers=1)
BEFORE = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
def released(quick: Lyceum) -> Lyceum:
    """The town with its first release."""
    plan_week(quick, TOWN, WEEK, effort=QUICK)
    release_week(quick, TOWN, WEEK, "First")
    return quick


def changes(lyceum: Lyceum) -> Counter[str]:
    made = repair_week(lyceum, TOWN, WEEK, moment=BEFORE, effort=QUICK)
    return Counter(one.change for one in made.changes)


def test_repair_of_a_week_that_is_not_released_is_refused(quick: Lyceum) -> None:
    with pytest.raises(NotThere, match="release it first"):
        repair_week(quick, TOWN, WEEK)


def test_repair_changes_nothing_where_nothing_has_changed(released: Lyceum) -> None:
    assert changes(released) == {"unchanged": 4}


def test_repair_makes_a_draft_that_can_be_released(released: Lyceum) -> None:
    pause_volunteer(released, "li", Pause(date(2026, 12, 5), date(2026, 12, 5)), "away")

    made = repair_week(released, TOWN, WEEK, moment=BEFORE, effort=QUICK)

    timetable = load_timetable(released, TOWN, WEEK)
    assert timetable.origin is not None
    assert (made.draft.number, made.draft.made, made.release, timetable.drafts) == (2, True, 1, 2)
    assert read_document(released.store, timetable.origin.plan) == made.draft.plan
    assert len(planned_sessions(released.store, timetable)) == 3
    second = release_week(released, TOWN, WEEK, "Second")
    assert Counter(one.change for one in second.changes) == {"unchanged": 3, "cancelled": 1}


def test_repair_places_a_new_request_and_tells_its_people(released: Lyceum) -> None:
    free = (on_day(6, "09:00", "18:00"),)
    ask(released, released.metadata(), "r-urgent", "hill", topic="phones", acceptable=free, learners=10)

    made = repair_week(released, TOWN, WEEK, moment=BEFORE, effort=QUICK)

    told = made.draft.plan["repair"]
    assert (told["kept"], len(told["added"]), len(told["people"])) == (4, 1, 1)


def test_repair_of_a_week_that_has_begun_leaves_what_is_past(released: Lyceum) -> None:
    release = latest_release(load_timetable(released, TOWN, WEEK))
    assert release is not None
    after_all = datetime(2026, 12, 7, tzinfo=UTC)

    made = repair_week(released, TOWN, WEEK, limits=RepairLimits(budget=ChangeBudget(0, 0)), moment=after_all)

    assert made.draft.plan["repair"]["frozen"] == len(release.sessions)
