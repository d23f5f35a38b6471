"""The problem document says what the facts are now, also where pieces of it are kept from an earlier look."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from adapters.application.application import Lyceum
from adapters.people.personal_records import PersonalRecord
from adapters.services.closures import close_venue
from adapters.services.planning import Effort, plan_week
from adapters.services.releases import release_week
from adapters.store.cached_read_models import CachedReadModels
from adapters.store.streams import REQUESTS
from adapters.store.views import Views
from adapters.week.problem_document import problem_document
from adapters.week.week_snapshot import snapshot_of
from domain.field_specs import fields_of
from domain.network import area_id
from domain.request import Order, request_id, step
from domain.venue import Closure
from domain.volunteer import Profile, volunteer_id
from tests.adapters.town import TOWN, WEEK, town

FORMAT = Path(__file__).resolve().parents[2] / "docs" / "problem.schema.json"


def document(lyceum: Lyceum, views: Views, area: str = "town") -> object:
    return problem_document(views, snapshot_of(views, area_id(area), WEEK), lyceum.people()).document


def test_pieces_kept_from_before_never_outlive_what_they_were_written_from() -> None:
    with town("memory:") as lyceum:
        lyceum.views = live = CachedReadModels(lyceum.store, lyceum.views.tracking)

        def tell() -> object:
            live.catch_up()
            told = document(lyceum, live)
            assert told == document(lyceum, live) == document(lyceum, live.at_position(live.position))
            assert document(lyceum, live, "hill") == document(lyceum, live.at_position(live.position), "hill")
            return told

        first = tell()
        day = lyceum.clock().date().replace(month=12, day=1)
        close_venue(lyceum, "school", Closure(TOWN, day, day), "a sample", emergency=True)
        closed = tell()
        lyceum.decide(
            REQUESTS,
            request_id("r-choir"),
            lambda one, metadata: step(one, metadata, "withdrawn", "a sample"),
        )
        withdrawn = tell()
        lyceum.remember(volunteer_id("wang"), PersonalRecord("Wang Li", "", "", "", (29.41, 105.62)))
        moved = tell()
        plan_week(lyceum, area_id("river"), WEEK, effort=Effort(5, 1))
        release_week(lyceum, area_id("river"), WEEK, "First")
        promised = tell()

        told = [first, closed, withdrawn, moved, promised]
        assert all(one != other for one, other in pairwise(told))


@pytest.mark.parametrize(("record", "name"), [(Order, "Request"), (Profile, "Volunteer")])
def test_format_knows_every_field_that_is_written_under_its_own_name(record: type, name: str) -> None:
    known = json.loads(FORMAT.read_text(encoding="utf-8"))["$defs"][name]["properties"]

    assert {field.name for field in fields_of(record) if field.spec.in_document} <= known.keys()
