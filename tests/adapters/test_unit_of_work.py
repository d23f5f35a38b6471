"""The unit of work: each stream is loaded once, with what was decided since, and the save rests on it."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import pytest
from eventsourcing.persistence import IntegrityError

from adapters.application.application import Lyceum
from adapters.services.areas import rename_area
from adapters.store.streams import AREAS, VENUES
from domain.events import NotThere
from domain.network import area_id
from domain.network import rename_area as renamed
from domain.venue import venue_id
from tests.adapters.town import TOWN
from tests.builders import FOUNDED

NAMES = (("en", "Harbour"),)


def rename(lyceum: Lyceum, area: UUID) -> None:
    rename_area(lyceum, area, NAMES, FOUNDED, "a new name")


def test_stream_that_was_never_started_is_refused_with_its_kind(quick: Lyceum) -> None:
    with pytest.raises(NotThere, match="there is no venue"):
        quick.must_load(VENUES, venue_id("nowhere"))


def test_unit_reads_a_stream_with_what_it_has_decided(quick: Lyceum) -> None:
    unit = quick.unit("operator")
    decide = partial(renamed, names=NAMES, on=FOUNDED, why="a new name")

    after = unit.decide(AREAS, TOWN, decide)

    assert unit.must_load(AREAS, TOWN) == after
    assert quick.must_load(AREAS, TOWN).version == after.version - 1


def test_save_is_refused_where_a_stream_that_was_loaded_has_changed(lyceum: Lyceum) -> None:
    unit = lyceum.unit("operator")
    unit.must_load(AREAS, area_id("river"))
    rename(lyceum, area_id("river"))
    rename_area(unit, TOWN, NAMES, FOUNDED, "a new name")

    with pytest.raises(IntegrityError):
        unit.save()
