"""What a command reads beside what it writes is guarded: somebody gets in between its look and its save."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest

from adapters.application.application import Lyceum
from adapters.store.streams import AREAS
from domain import network
from domain.events import Event
from domain.network import Area, AreaMerged, area_id, is_merged_in_circle, successor_on
from tests.api.http.conftest import Asked, Person, served, someone

DAY, WHY = date(2026, 11, 1), "a reform"
NAMES = [{"language": "en", "name": "X"}]
EARLIER = "2021-01-01"


def areas(lyceum: Lyceum) -> dict[Any, Area]:
    return {one.id: one for one in lyceum.views.all(AREAS)}


def in_between(lyceum: Lyceum, act: Callable[[], Iterable[Event]]) -> None:
    """Have something happen once, after the next command has decided and before it is saved."""
    store, plain = lyceum.store, lyceum.store.save

    def save(*given: Any, **named: Any) -> int:
        store.save = plain  # type: ignore[method-assign]
        plain(act())
        return plain(*given, **named)

    store.save = save  # type: ignore[method-assign]


def dissolve(lyceum: Lyceum, key: str) -> Callable[[], Iterable[Event]]:
    return lambda: network.dissolve_area(
        lyceum.must_load(AREAS, area_id(key)), lyceum.metadata(), on=DAY, why=WHY, network=areas(lyceum)
    )


def merge(lyceum: Lyceum, key: str, into: str) -> Callable[[], Iterable[Event]]:
    def decide() -> Iterable[Event]:
        one, other = (lyceum.must_load(AREAS, area_id(name)) for name in (key, into))
        return network.merge_area(one, lyceum.metadata(), into=other, on=DAY, why=WHY, network=areas(lyceum))

    return decide


def move(lyceum: Lyceum, key: str, into: str) -> Callable[[], Iterable[Event]]:
    return lambda: network.move_area(
        lyceum.must_load(AREAS, area_id(key)),
        lyceum.metadata(),
        parent=area_id(into),
        on=DAY,
        why=WHY,
        network=areas(lyceum),
    )


def found(lyceum: Lyceum, key: str, parent: str) -> Callable[[], Iterable[Event]]:
    names, zone = (("en", key),), "Asia/Shanghai"
    return lambda: network.found_area(
        None,
        lyceum.metadata(),
        network.NewArea(key=key, level="block", names=names, zone=zone, on=DAY, parent=area_id(parent)),
    )


ORDER = {
    "title": "Choir",
    "topic": "choir",
    "function": "leisure",
    "learners": 10,
    "duration_minutes": 60,
    "acceptable": [{"start_min": 1020, "end_min": 1260}],
    "first_week": "2026-W49",
}
PROFILE = {"kind": "retiree", "home_area": "hill"}
VENUE = {"name": "Y", "kind": "school", "area": "hill", "location": [29.4, 105.6]}
CASES: dict[str, tuple[str, Any, Callable[[Lyceum], Callable[[], Iterable[Event]]], str]] = {
    "merge into who merges into us": (
        "/areas/river/merge",
        {"into": "hill", "on": "2026-11-01", "why": WHY},
        lambda lyceum: merge(lyceum, "hill", "river"),
        "area-ended",
    ),
    "move into who moves into us": (
        "/areas/river/move",
        {"parent": "hill", "on": "2026-11-01", "why": WHY},
        lambda lyceum: move(lyceum, "hill", "river"),
        "area-cycle",
    ),
    "move into what is dissolved": (
        "/areas/river/move",
        {"parent": "hill", "on": "2026-11-01", "why": WHY},
        lambda lyceum: dissolve(lyceum, "hill"),
        "area-ended",
    ),
    "found in what is dissolved": (
        "/areas",
        {"key": "quay", "level": "block", "names": NAMES, "parent": "hill", "on": "2026-11-01"},
        lambda lyceum: dissolve(lyceum, "hill"),
        "area-ended",
    ),
    "found in what is merged": (
        "/areas",
        {"key": "quay", "level": "block", "names": NAMES, "parent": "hill", "on": "2026-11-01"},
        lambda lyceum: merge(lyceum, "hill", "river"),
        "area-ended",
    ),
    "dissolve what something is founded in": (
        "/areas/hill/dissolve",
        {"on": "2026-11-01", "why": WHY},
        lambda lyceum: found(lyceum, "quay", "hill"),
        "area-in-use",
    ),
    "dissolve what something moves into": (
        "/areas/hill/dissolve",
        {"on": "2026-11-01", "why": WHY},
        lambda lyceum: move(lyceum, "river", "hill"),
        "area-in-use",
    ),
    "order in what is dissolved": (
        "/requests",
        {"key": "r-new", "area": "hill", "order": ORDER},
        lambda lyceum: dissolve(lyceum, "hill"),
        "area-ended",
    ),
    "change an order into what is dissolved": (
        "/requests/r-choir/change",
        {"area": "hill", "order": ORDER},
        lambda lyceum: dissolve(lyceum, "hill"),
        "area-ended",
    ),
    "register in what is dissolved": (
        "/venues",
        {"key": "new", **VENUE},
        lambda lyceum: dissolve(lyceum, "hill"),
        "area-ended",
    ),
    "move a venue into what is dissolved": (
        "/venues/school/describe",
        VENUE,
        lambda lyceum: dissolve(lyceum, "hill"),
        "area-ended",
    ),
    "enrol in what is dissolved": (
        "/volunteers",
        {"key": "new", "profile": PROFILE},
        lambda lyceum: dissolve(lyceum, "hill"),
        "area-ended",
    ),
    "move a volunteer into what is dissolved": (
        "/volunteers/wang/describe",
        PROFILE,
        lambda lyceum: dissolve(lyceum, "hill"),
        "area-ended",
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_command_that_rests_on_what_changes_meanwhile_is_decided_again(
    lyceum: Lyceum, administrator: Person, what: str
) -> None:
    path, body, meanwhile, problem = CASES[what]
    in_between(lyceum, meanwhile(lyceum))

    answer = administrator.post(path, body)

    assert (answer.status, answer.problem) == (409, problem)


def test_two_mergers_into_each_other_at_the_same_moment_never_both_succeed(everywhere: Lyceum) -> None:
    with served(everywhere) as client:
        administrator = someone(everywhere, client, ("administrator", None))
        for number in range(6):
            keys = [f"x{number}", f"y{number}"]
            for key in keys:
                body = {"key": key, "level": "street", "names": NAMES, "parent": "town", "on": "2020-01-01"}
                assert administrator.post("/areas", body).status == 201
            start = Barrier(2, timeout=60)

            def merge_into(one: str, other: str, start: Barrier = start) -> Asked:
                start.wait()
                return administrator.post(f"/areas/{one}/merge", {"into": other, "on": EARLIER, "why": WHY})

            with ThreadPoolExecutor(2) as pool:
                answers = list(pool.map(merge_into, keys, reversed(keys)))

            assert sorted(one.status for one in answers) == [200, 409]
            assert not any(is_merged_in_circle(areas(everywhere), area_id(key)) for key in keys)


def in_circle(lyceum: Lyceum) -> None:
    """What an older version let happen: each of two streets merged into the other."""
    for key, into in (("river", "hill"), ("hill", "river")):
        one = lyceum.must_load(AREAS, area_id(key))
        merged = AreaMerged(
            originator_id=one.id,
            originator_version=one.version + 1,
            at=lyceum.metadata().at,
            by="c-1",
            into=area_id(into),
            on=DAY,
            why=WHY,
        )
        lyceum.commit([merged])


def test_database_with_such_a_circle_answers_and_can_be_mended(lyceum: Lyceum, administrator: Person) -> None:
    in_circle(lyceum)

    for path in ("/venues/school", "/weeks/town/2026-W49/problem", "/requests", "/areas/river/around"):
        assert administrator.get(path).status == 200
    assert (
        administrator.post("/areas/river/merge", {"into": "town", "on": "2026-11-01", "why": "mend"}).status
        == 200
    )
    assert successor_on(areas(lyceum), area_id("hill"), date(2026, 12, 1)) == area_id("town")
