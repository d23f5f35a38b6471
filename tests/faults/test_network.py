"""Areas that are reorganised at the same moment hang together afterwards: a smaller dose of the torture."""

from __future__ import annotations

from typing import Any

import pytest

from bench.torture_ledger import Raw
from bench.torture_network import faults, reorganise
from bench.torture_servers import Nursery
from tests.faults.conftest import Databases

SEED = 4


@pytest.mark.parametrize(
    "databases", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_no_area_lies_in_itself_or_in_one_that_has_ended(databases: Databases, born: Nursery) -> None:
    with databases() as url:
        result = reorganise(url, clients=8, rounds=5, seed=SEED, tell=lambda _: None, start=born.start)

    assert result.wrong == []
    assert result.answers[200] + result.answers[201] > result.rounds
    assert sum(result.answers.values()) == result.rounds * result.clients


def event(stream: str, topic: str, **state: Any) -> Raw:
    return Raw(0, stream, 0, topic, state)


def founded(stream: str, parent: str | None) -> Raw:
    return event(stream, "area.founded", key=stream, parent=parent, on="2020-01-01")


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ([event("a", "area.moved", parent="b", on="2027-01-01")], "lies in itself"),
        ([event("a", "area.dissolved", on="2027-01-01")], "lies in a on 2027-01-01, which does not exist"),
        (
            [
                event("a", "area.merged", into="b", on="2027-01-01"),
                event("b", "area.merged", into="a", on="2027-01-01"),
            ],
            "merged into an area that was merged into it",
        ),
    ],
)
def test_what_must_not_be_is_found_in_the_events(changes: list[Raw], fault: str) -> None:
    known = [founded("a", None), founded("b", "a")]

    assert faults(known) == []
    assert any(fault in sentence for sentence in faults([*known, *changes]))
