"""The read side in memory is never older than the database, whoever writes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters import live as module
from adapters.application import Lyceum
from adapters.live import Live
from adapters.store.streams import AREAS, STREAMS, VENUES
from domain.network import area_id
from domain.venue import LendingTerms, set_lending_terms, venue_id
from tests.adapters.town import found_area


def test_it_says_what_the_read_models_say(lyceum: Lyceum) -> None:
    live = Live(lyceum)

    for stream in STREAMS:
        states = lyceum.views.all(stream)
        assert live.all(stream) == states
        assert [live.get(stream, one.id) for one in states] == states
    assert live.all(VENUES, str(area_id("river"))) == lyceum.views.all(VENUES, str(area_id("river")))


def test_it_follows_what_others_write(lyceum: Lyceum) -> None:
    live = Live(lyceum)
    before = live.all(AREAS)

    found_area(lyceum, lyceum.stamp(), "lake", "street", area_id("town"))
    lyceum.decide(
        VENUES, venue_id("library"), lambda one, stamp: set_lending_terms(one, stamp, LendingTerms("reduced"))
    )

    assert len(live.all(AREAS)) == len(before) + 1
    assert live.all(AREAS) == lyceum.views.all(AREAS)
    assert live.shelf(VENUES)[venue_id("library")].terms.price == "reduced"


def test_it_reads_all_again_after_many_events_or_a_rebuild(
    quick: Lyceum, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_EVENTS", 2)
    live = Live(quick)
    live.all(AREAS)
    for key in ("lake", "wood", "field", "marsh"):
        found_area(quick, quick.stamp(), key, "street", area_id("town"))

    assert live.all(AREAS) == quick.views.all(AREAS)
    quick.views.rebuild()
    assert live.all(AREAS) == quick.views.all(AREAS)


def test_threads_may_share_it(lyceum: Lyceum) -> None:
    live = Live(lyceum)

    def ask(number: int) -> bool:
        if number % 4 == 0:
            found_area(lyceum, lyceum.stamp(), f"street-{number}", "street", area_id("town"))
            return live.get(AREAS, area_id(f"street-{number}")) is not None
        return len(live.all(AREAS)) >= 3

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(40)))
    assert live.all(AREAS) == lyceum.views.all(AREAS)
