"""Read models: they follow the events by pulling, and can be dropped and made again to the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from eventsourcing.persistence import Tracking
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.store import views
from adapters.store.store import DatabaseStore, Recorded
from adapters.store.streams import AREAS, DIARIES, STREAMS, TIMETABLES, VENUES, VOLUNTEERS, Stream
from adapters.store.views import Damaged, Past, ReadModels
from domain import diary
from domain.events import Event
from domain.network import area_id
from domain.venue import venue_id
from tests.adapters.store.stories import HISTORIES, START, founded, history_of, later, must_load, renamed
from tests.builders import WEEK, an_id

RIVER = area_id("river-street")
LONG_HISTORY = history_of([(number % 6, number) for number in range(60)])


def folded(stream: Stream[Any], facts: list[Event]) -> list[Any]:
    """The states of a stream that the events say, in order of id."""
    states: dict[Any, Any] = {}
    for fact in facts:
        if isinstance(fact, stream.events):
            states[fact.originator_id] = stream.evolve(states.get(fact.originator_id), fact)
    return [states[key] for key in sorted(states, key=str)]


def all_of(read: ReadModels | Past) -> dict[str, list[Any]]:
    return {stream.name: read.all(stream) for stream in STREAMS}


def all_folded(facts: list[Event]) -> dict[str, list[Any]]:
    return {stream.name: folded(stream, facts) for stream in STREAMS}


# Following


def test_read_models_are_empty_before_the_first_event(models: ReadModels) -> None:
    assert (models.catch_up(), models.position, models.all(AREAS), models.get(AREAS, RIVER)) == (
        0,
        0,
        [],
        None,
    )


def test_read_models_say_what_the_events_say(store: DatabaseStore, models: ReadModels) -> None:
    position = store.save(LONG_HISTORY)

    assert models.catch_up() == position
    assert all_of(models) == all_folded(LONG_HISTORY)
    assert models.get(VENUES, venue_id("venue-1")) == store.load(VENUES, venue_id("venue-1"))


def test_read_models_follow_event_by_event(store: DatabaseStore, models: ReadModels) -> None:
    for number, fact in enumerate(LONG_HISTORY[:12], 1):
        position = store.save([fact])
        assert models.catch_up() == position
        assert all_of(models) == all_folded(LONG_HISTORY[:number])


def test_catching_up_twice_changes_nothing(store: DatabaseStore, models: ReadModels) -> None:
    store.save(LONG_HISTORY)
    models.catch_up()
    digest, position = models.digest(), models.position

    assert (models.catch_up(), models.digest()) == (position, digest)


def test_progress_is_told_page_by_page(
    store: DatabaseStore, models: ReadModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PAGE", 10)
    position = store.save(LONG_HISTORY)
    told: list[int] = []
    models.catch_up(told.append)

    assert len(told) == -(-len(LONG_HISTORY) // 10)
    assert (told, told[-1]) == (sorted(told), position)


def test_state_is_selected_by_its_scope(store: DatabaseStore, models: ReadModels) -> None:
    store.save(LONG_HISTORY)
    models.catch_up()
    venues = models.all(VENUES)

    by_area = {one.area: models.all(VENUES, str(one.area)) for one in venues}
    assert by_area == {area: [one for one in venues if one.area == area] for area in by_area}
    assert models.all(VENUES, str(an_id("nowhere"))) == []
    assert models.all(DIARIES, WEEK) == models.all(DIARIES)
    assert models.all(TIMETABLES, "2026-W50") == []
    assert models.all(VOLUNTEERS, str(an_id("river-street"))) == models.all(VOLUNTEERS)


def test_state_that_changes_its_scope_leaves_the_old_one(store: DatabaseStore, models: ReadModels) -> None:
    """A venue described in another area is no longer found in the first."""
    choices = [(1, 0), (1, 14)]
    for fact in history_of(choices):
        store.save([fact])
        models.catch_up()

    (moved,) = models.all(VENUES)
    assert moved.area == an_id("area-2")
    assert (models.all(VENUES, str(an_id("area-0"))), models.all(VENUES, str(moved.area))) == ([], [moved])


# Rebuilding


def test_rebuilt_read_models_are_the_same_bytes(
    store: DatabaseStore, models: ReadModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    for fact in LONG_HISTORY:
        store.save([fact])
        models.catch_up()
    rows, digest, position = list(models.rows()), models.digest(), models.position

    monkeypatch.setattr(views, "PAGE", 7)
    assert models.rebuild() == position
    assert list(models.rows()) == rows
    assert models.digest() == digest


def test_digest_tells_two_histories_apart(store: DatabaseStore, models: ReadModels) -> None:
    store.save(founded())
    models.catch_up()
    before = models.digest()
    store.save(renamed(must_load(store, AREAS, RIVER), "Harbour Street"))
    models.catch_up()

    assert models.digest() != before


def test_rebuild_mends_what_was_spoilt(store: DatabaseStore, models: ReadModels) -> None:
    store.save(LONG_HISTORY)
    models.catch_up()
    digest, position = models.digest(), models.position
    spoilt = next(models.rows())
    models.tracking.reset(views.READ_MODELS)
    models.tracking.apply([spoilt], Tracking(views.READ_MODELS, position), after=0)
    assert models.digest() != digest

    models.rebuild()
    assert models.digest() == digest


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_any_history_in_any_pages_gives_the_same_bytes(
    kind: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Following along in any pages, from any number of saves, equals one rebuild."""

    @given(HISTORIES, st.lists(st.integers(1, 9), min_size=1, max_size=6))
    @settings(max_examples=60 if kind == "memory" else 10, suppress_health_check=list(HealthCheck))
    def follows(facts: list[Event], sizes: list[int]) -> None:
        folder = tmp_path_factory.mktemp("events")
        store = DatabaseStore("memory:" if kind == "memory" else f"sqlite:///{folder / 'events.db'}")
        models = ReadModels(store)
        start = 0
        for turn in range(len(facts)):
            size = sizes[turn % len(sizes)]
            store.save(facts[start : start + size])
            start += size
            monkeypatch.setattr(views, "PAGE", sizes[-turn % len(sizes)])
            models.catch_up()
        followed = models.digest()
        monkeypatch.setattr(views, "PAGE", 1000)
        models.rebuild()
        rebuilt = models.digest()
        says = all_of(models)
        store.close()

        assert followed == rebuilt
        assert says == all_folded(facts)

    follows()


# Time travel


def test_past_is_what_the_read_side_said_then(store: DatabaseStore, models: ReadModels) -> None:
    said = []
    for fact in LONG_HISTORY[:15]:
        position = store.save([fact])
        models.catch_up()
        said.append((position, all_of(models)))

    assert [(position, all_of(models.at_position(position))) for position, _ in said] == said
    assert (models.at_position(0).position, all_of(models.at_position(0))) == (0, all_folded([]))


def test_past_answers_the_same_questions(store: DatabaseStore, models: ReadModels) -> None:
    position = store.save(LONG_HISTORY)
    models.catch_up()
    past = models.at_position(position)
    scope = str(models.all(VENUES)[0].area)

    assert past.position == position
    assert past.get(VENUES, venue_id("venue-1")) == models.get(VENUES, venue_id("venue-1"))
    assert past.get(VENUES, venue_id("nowhere")) is None
    assert past.all(VENUES, scope) == models.all(VENUES, scope)


def test_read_side_as_of_an_instant(store: DatabaseStore, models: ReadModels) -> None:
    facts = [later(fact, minute) for minute, fact in enumerate(LONG_HISTORY[:10])]
    store.save(facts)

    assert all_of(models.as_of(START + timedelta(minutes=4, seconds=59))) == all_folded(facts[:5])
    assert all_of(models.as_of(START - timedelta(seconds=1))) == all_folded([])


# Several at once


def test_two_readers_of_one_database_see_the_same(shared: str) -> None:
    one, other = DatabaseStore(shared), DatabaseStore(shared)
    position = one.save(LONG_HISTORY)
    first, second = ReadModels(one), ReadModels(other)
    first.catch_up()

    assert (second.position, second.digest(), second.catch_up()) == (position, first.digest(), position)
    one.close()
    other.close()


def test_readers_that_catch_up_at_once_do_not_get_into_each_other_s_way(
    store: DatabaseStore, models: ReadModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PAGE", 3)
    ready = Barrier(5)

    def write() -> None:
        ready.wait()
        for fact in LONG_HISTORY:
            store.save([fact])

    def read() -> None:
        ready.wait()
        while models.catch_up() < len(LONG_HISTORY):
            pass

    with ThreadPoolExecutor(5) as pool:
        for done in [pool.submit(write), *(pool.submit(read) for _ in range(4))]:
            done.result()

    digest = models.digest()
    models.rebuild()
    assert models.digest() == digest
    assert all_of(models) == all_folded(LONG_HISTORY)


class Interrupted(DatabaseStore):
    """A store whose reader is interrupted once, between reading a page and applying it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.meanwhile: Callable[[], object] | None = None

    def page(
        self, after: int, limit: int, until: int | None = None, stream: UUID | None = None
    ) -> Sequence[Recorded]:
        found = super().page(after, limit, until, stream)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        return found


@pytest.fixture
def interrupted(shared: str) -> Iterator[Interrupted]:
    store = Interrupted(shared)
    yield store
    store.close()


def test_page_of_a_slower_reader_is_not_applied_twice(interrupted: Interrupted) -> None:
    models, faster = ReadModels(interrupted), ReadModels(interrupted)
    interrupted.save(founded("north"))

    def meanwhile() -> None:
        interrupted.save([*founded("south"), *renamed(must_load(interrupted, AREAS, area_id("north")), "N")])
        faster.catch_up()

    interrupted.meanwhile = meanwhile
    models.catch_up()
    assert [one.version for one in models.all(AREAS)] == [
        one.version for one in folded(AREAS, [recorded.event for recorded in interrupted.history()])
    ]


@pytest.mark.parametrize("news", ["a known area", "a new area"])
def test_rebuild_in_between_does_not_lose_what_was_before(interrupted: Interrupted, news: str) -> None:
    """A page read before the read models were dropped must not count as all that there is."""
    models, rebuilding = ReadModels(interrupted), ReadModels(interrupted)
    interrupted.save([*founded("north"), *founded("south")])
    models.catch_up()
    north = must_load(interrupted, AREAS, area_id("north"))
    interrupted.save(renamed(north, "N") if news == "a known area" else founded("east"))
    interrupted.meanwhile = lambda: rebuilding.tracking.reset(views.READ_MODELS)

    models.catch_up()
    assert models.all(AREAS) == folded(AREAS, [recorded.event for recorded in interrupted.history()])


def test_read_models_that_lost_a_state_say_how_to_mend_them(store: DatabaseStore, models: ReadModels) -> None:
    position = store.save(founded())
    models.tracking.apply([], Tracking(views.READ_MODELS, position), after=0)
    store.save(renamed(must_load(store, AREAS, RIVER), "Harbour Street"))

    with pytest.raises(
        Damaged, match=r"^the read models have lost events .*; make them again with lyceum rebuild$"
    ):
        models.catch_up()
    models.rebuild()
    assert models.all(AREAS) == [must_load(store, AREAS, RIVER)]


def test_diary_of_a_resource_is_found_by_its_id(store: DatabaseStore, models: ReadModels) -> None:
    store.save(LONG_HISTORY)
    models.catch_up()
    page = diary.diary_id(an_id("room-1"), WEEK)

    assert models.get(DIARIES, page) == store.load(DIARIES, page)
