"""Two records of one person become one: the personal record, feeds, released sessions and names follow."""

from __future__ import annotations

import itertools
from datetime import date
from uuid import UUID, uuid5

import pytest

from adapters.access.access_log import looks_of
from adapters.application.application import Lyceum
from adapters.exports.week_export import names_of
from adapters.feeds.feed_records import Feed, feed_row, feeds
from adapters.people.personal_records import PersonalRecord
from adapters.services.planning import Effort, plan_week
from adapters.services.releases import release_week
from adapters.services.volunteer_merging import MergedVolunteer, merge_volunteers
from adapters.store.streams import VOLUNTEERS
from adapters.week.week_report import week_warnings
from domain.events import NotThere
from domain.volunteer import MergedAway, available, offer_hours, volunteer_id
from domain.volunteer_merging import BadMerger
from tests.adapters.town import TOWN, WEEK

LI, ZHAO = volunteer_id("li"), volunteer_id("zhao")
MONDAY = date(2026, 11, 30)
QUICK = Effort(time_limit_s=5, workers=1)


def merge(lyceum: Lyceum, duplicate: str = "li", into: str = "zhao") -> MergedVolunteer:
    numbers = itertools.count()
    return merge_volunteers(
        lyceum, duplicate, into, MONDAY, "registered twice", lambda: uuid5(UUID(int=0), str(next(numbers)))
    )


def test_remaining_record_gains_and_the_other_gives_nothing_any_more(lyceum: Lyceum) -> None:
    done = merge(lyceum)
    one, two = (lyceum.must_load(VOLUNTEERS, id) for id in (ZHAO, LI))

    assert done == MergedVolunteer(two, one, changed=True, accounts=())
    assert {skill.topic for skill in one.profile.skills} == {"choir", "phones"}
    assert available(two, WEEK) == ()
    assert two.merged_into == ZHAO
    assert merge(lyceum).changed is False


def test_personal_record_is_one_with_what_it_lacked(lyceum: Lyceum) -> None:
    lyceum.remember(ZHAO, PersonalRecord("Zhao Li", phone="+86 1"))
    lyceum.remember(LI, PersonalRecord("Li Zhao", phone="+86 2", email="li@example.org"))
    merge(lyceum)

    assert lyceum.person(ZHAO) == PersonalRecord("Zhao Li", phone="+86 1", email="li@example.org")
    assert lyceum.person(LI) is None
    assert [look.deed for look in looks_of(lyceum.store, LI)] == ["erased"]
    assert names_of(lyceum) == {ZHAO: "Zhao Li", LI: "Zhao Li"}


def test_who_follows_the_other_record_follows_the_one_that_remains(lyceum: Lyceum) -> None:
    made = Feed(UUID(int=7), "volunteer", LI, "li", "calendar", None, "coordinator-1", lyceum.clock())
    lyceum.store.save((), [feed_row("a-secret", made)])
    merge(lyceum)

    assert [(feed.about, feed.key) for feed, _ in feeds(lyceum.store, ZHAO)] == [(ZHAO, "zhao")]
    assert list(feeds(lyceum.store, LI)) == []


def test_released_sessions_of_the_other_record_are_broken_until_the_week_is_planned_again(
    lyceum: Lyceum,
) -> None:
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    release_week(lyceum, TOWN, WEEK, "First")
    merge(lyceum)
    broken = week_warnings(lyceum, lyceum.views, TOWN, WEEK).released

    assert {one.request for one in broken} == {"r-phone"}
    plan_week(lyceum, TOWN, WEEK, effort=QUICK)
    release_week(lyceum, TOWN, WEEK, "Second")
    assert week_warnings(lyceum, lyceum.views, TOWN, WEEK).released == ()


def test_what_is_refused(quick: Lyceum) -> None:
    with pytest.raises(NotThere, match="no volunteer nobody"):
        merge(quick, "li", "nobody")
    with pytest.raises(BadMerger, match="into itself"):
        merge(quick, "li", "li")
    merge(quick)
    with pytest.raises(MergedAway):
        quick.decide(VOLUNTEERS, LI, lambda one, metadata: offer_hours(one, metadata, one.offer[:1]))
    with pytest.raises(MergedAway):
        merge(quick, "wang", "li")
