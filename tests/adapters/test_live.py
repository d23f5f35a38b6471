"""The read side in memory is never older than the database, whoever writes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event, Thread

import pytest

from adapters.application.application import Lyceum
from adapters.services.adjusting import find_session, move
from adapters.services.planning import Effort, plan_week
from adapters.services.releases import release_week
from adapters.store import cached_read_models as module
from adapters.store.cached_read_models import CachedReadModels, SingleFlight
from adapters.store.streams import AREAS, DIARIES, STREAMS, TIMETABLES, VENUES
from adapters.store.views import READ_MODELS
from domain.network import area_id
from domain.request import request_id
from domain.timetable import timetable_id
from domain.venue import LendingTerms, set_lending_terms, venue_id
from domain.windows import on_day
from scheduler.rules.moves import SOFT_RULES
from tests.adapters.town import TOWN, WEEK, found_area


def test_it_says_what_the_read_models_say(lyceum: Lyceum) -> None:
    live = CachedReadModels(lyceum.store, lyceum.views.tracking)

    for stream in STREAMS:
        states = lyceum.views.all(stream)
        assert live.all(stream) == states
        assert [live.get(stream, one.id) for one in states] == states
    assert live.all(VENUES, str(area_id("river"))) == lyceum.views.all(VENUES, str(area_id("river")))


def test_it_follows_what_others_write(lyceum: Lyceum) -> None:
    live = CachedReadModels(lyceum.store, lyceum.views.tracking)
    before = live.all(AREAS)

    found_area(lyceum, lyceum.metadata(), "lake", "street", area_id("town"))
    lyceum.decide(
        VENUES,
        venue_id("library"),
        lambda one, metadata: set_lending_terms(one, metadata, LendingTerms("reduced")),
    )

    assert len(live.all(AREAS)) == len(before) + 1
    assert live.all(AREAS) == lyceum.views.all(AREAS)
    assert live.collection(VENUES)[venue_id("library")].terms.price == "reduced"


def test_it_reads_all_again_after_many_events_or_a_rebuild(
    quick: Lyceum, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_EVENTS", 2)
    live = CachedReadModels(quick.store, quick.views.tracking)
    live.all(AREAS)
    for key in ("lake", "wood", "field", "marsh"):
        found_area(quick, quick.metadata(), key, "street", area_id("town"))

    assert live.all(AREAS) == quick.views.all(AREAS)
    quick.views.rebuild()
    assert live.all(AREAS) == quick.views.all(AREAS)


def test_rows_that_others_wrote_are_followed_before_new_ones_are_made(lyceum: Lyceum) -> None:
    library = venue_id("library")
    live = CachedReadModels(lyceum.store, lyceum.views.tracking)
    live.all(VENUES)
    lyceum.decide(
        VENUES, library, lambda one, metadata: set_lending_terms(one, metadata, LendingTerms("reduced"))
    )
    venue = lyceum.must_load(VENUES, library)
    lyceum.store.save(set_lending_terms(venue, lyceum.metadata(), LendingTerms("free")))

    assert live.catch_up() == lyceum.store.position()
    assert [
        one.terms.price for one in (live.get(VENUES, library), lyceum.views.get(VENUES, library)) if one
    ] == [
        "free",
        "free",
    ]


def test_diaries_of_a_week_are_held_and_follow_what_is_promised(lyceum: Lyceum) -> None:
    live = CachedReadModels(lyceum.store, lyceum.views.tracking)
    assert live.all(DIARIES, WEEK) == []

    plan_week(lyceum, TOWN, WEEK, effort=Effort(time_limit_s=5, workers=1))
    release_week(lyceum, TOWN, WEEK, "First")
    released = live.all(DIARIES, WEEK)
    assert released == lyceum.views.all(DIARIES, WEEK)
    assert released

    session = find_session(lyceum, TOWN, WEEK, request_id("r-phone"), 1)
    move(
        lyceum, TOWN, WEEK, replace(session, window=on_day(6, "15:00", "16:30")), "market", accept=SOFT_RULES
    )
    release_week(lyceum, TOWN, WEEK, "Second")

    assert live.all(DIARIES, WEEK) == lyceum.views.all(DIARIES, WEEK) != released
    assert live.all(DIARIES, "2026-W50") == lyceum.views.all(DIARIES, "2026-W50")
    assert live.all(DIARIES) == lyceum.views.all(DIARIES)


def test_nothing_is_kept_of_rows_that_are_being_made_again(lyceum: Lyceum) -> None:
    plan_week(lyceum, TOWN, WEEK, effort=Effort(time_limit_s=5, workers=1))
    release_week(lyceum, TOWN, WEEK, "First")
    week = timetable_id(TOWN, WEEK)
    live = CachedReadModels(lyceum.store, lyceum.views.tracking)
    position = live.follow()
    lyceum.views.tracking.reset(READ_MODELS)

    assert (live.held_week(week), live.held_diaries(WEEK), live.held(AREAS)) == (None, [], {})

    assert lyceum.views.catch_up() == position
    assert live.get(TIMETABLES, week) == lyceum.views.get(TIMETABLES, week)
    assert live.all(DIARIES, WEEK) == lyceum.views.all(DIARIES, WEEK) != []
    assert live.all(AREAS) == lyceum.views.all(AREAS) != []


def test_threads_may_share_it(lyceum: Lyceum) -> None:
    live = CachedReadModels(lyceum.store, lyceum.views.tracking)

    def ask(number: int) -> bool:
        if number % 4 == 0:
            found_area(lyceum, lyceum.metadata(), f"street-{number}", "street", area_id("town"))
            return live.get(AREAS, area_id(f"street-{number}")) is not None
        return len(live.all(AREAS)) >= 3

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(40)))
    assert live.all(AREAS) == lyceum.views.all(AREAS)


def test_one_look_serves_all_who_asked_before_it_began() -> None:
    truth, began, go = [1], Event(), Event()
    looked: list[int] = []

    def look() -> int:
        seen = truth[0]
        looked.append(seen)
        began.set()
        assert go.wait(5)
        return seen

    looks = SingleFlight(look)
    found: list[int] = []
    first = Thread(target=lambda: found.append(looks.shared()))
    first.start()
    assert began.wait(5)
    truth[0] = 2  # the look that is on its way may not know
    others = [Thread(target=lambda: found.append(looks.shared())) for _ in range(6)]
    for one in others:
        one.start()
    time.sleep(0.1)  # until they wait
    go.set()
    for one in (first, *others):
        one.join(5)

    assert sorted(found) == [1, 2, 2, 2, 2, 2, 2]
    assert len(looked) < 1 + len(others)


def test_look_that_fails_is_nobody_elses_answer() -> None:
    answers: Iterator[int | Exception] = iter([ConnectionError("gone"), 5])

    def look() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    looks = SingleFlight(look)

    with pytest.raises(ConnectionError):
        looks.shared()
    assert looks.shared() == 5
