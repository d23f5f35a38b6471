"""What is screened by a few rules is what is judged by all: chains of commands, each told both ways."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.application.application import Lyceum
from adapters.services.planning import Effort, plan_week
from adapters.services.releases import release_week
from adapters.store.rows import SqlRows
from adapters.store.streams import VENUES, VOLUNTEERS
from adapters.week.release_validity import impact
from adapters.week.release_validity.impact import broken_by
from adapters.week.release_validity.screening import BEARING
from domain.events import Event
from domain.opening import weekly
from domain.venue import (
    LendingTerms,
    open_room,
    remove_opening_hours,
    room_id,
    set_lending_terms,
    set_opening_hours,
    venue_id,
)
from domain.volunteer import offer_hours, volunteer_id
from domain.windows import on_day
from tests.adapters.town import TOWN, WEEK, town

ACTS = 120


@pytest.fixture
def released(tmp_path: Path) -> Iterator[Lyceum]:
    """The town with its released week, on SQLite."""
    with town(f"sqlite:///{tmp_path / 'town.db'}") as lyceum:
        plan_week(lyceum, TOWN, WEEK, effort=Effort(5, 1))
        release_week(lyceum, TOWN, WEEK, "First")
        yield lyceum


def an_act(lyceum: Lyceum, rng: random.Random) -> tuple[Event, ...]:
    """Any change of a room, of terms, of opening hours or of what a volunteer offers; often none."""
    metadata = lyceum.metadata()
    key = rng.choice(["school", "library"])
    venue = lyceum.must_load(VENUES, venue_id(key))
    room = rng.choice(venue.rooms)
    hours = weekly((tuple(rng.sample(range(1, 8), 5)), rng.choice(["09:00", "17:00", "19:00"]), "21:00"))
    match rng.randrange(5):
        case 0:
            changed = replace(
                room,
                capacity=rng.choice([10, 30, 60]),
                turnaround_minutes=rng.choice([0, 30]),
                accessible=True,
            )
            return open_room(venue, metadata, changed)
        case 1:
            return set_lending_terms(
                venue, metadata, LendingTerms(weekly_cap_minutes=rng.choice([None, 60, 600]))
            )
        case 2:
            return set_opening_hours(venue, metadata, rng.choice([None, room.id]), hours)
        case 3:
            return remove_opening_hours(venue, metadata, room.id)
        case _:
            person = lyceum.must_load(VOLUNTEERS, volunteer_id(rng.choice(["wang", "li", "zhao"])))
            days = rng.sample(range(1, 8), 4)
            return offer_hours(person, metadata, tuple(on_day(day, "09:00", "21:00") for day in days))


@pytest.mark.parametrize("seed", range(3))
def test_screened_is_told_as_judged_by_all_rules(
    released: Lyceum, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rng, kinds, broken = random.Random(seed), set[type[Event]](), 0
    for _ in range(ACTS):
        facts = an_act(released, rng)
        told = broken_by(released, facts)
        with monkeypatch.context() as patched:
            patched.setattr(impact, "rules_of", lambda _: None)
            assert broken_by(released, facts) == told
        released.commit(facts)
        released.views.catch_up()
        kinds |= {type(fact) for fact in facts}
        broken += bool(told)

    assert 5 < broken < ACTS // 2
    assert len(kinds) > 3
    assert kinds <= BEARING.keys()


def test_diaries_and_people_are_read_together(released: Lyceum, monkeypatch: pytest.MonkeyPatch) -> None:
    alone: list[str] = []
    together: list[str] = []
    get, get_many = SqlRows.get, SqlRows.get_many

    def noted(rows: SqlRows, collection: str, key: str) -> bytes | None:
        alone.append(collection)
        return get(rows, collection, key)

    def noted_many(rows: SqlRows, collection: str, keys: list[str]) -> object:
        together.append(collection)
        return get_many(rows, collection, keys)

    monkeypatch.setattr(SqlRows, "get", noted)
    monkeypatch.setattr(SqlRows, "get_many", noted_many)
    school = released.must_load(VENUES, venue_id("school"))
    hall = next(room for room in school.rooms if room.id == room_id("school", "hall"))
    broken = broken_by(released, open_room(school, released.metadata(), replace(hall, capacity=1)))

    assert broken
    assert together.count("person") == 1
    assert {"diaries", "person"}.isdisjoint(alone)
