"""What was acknowledged survives `kill -9`, whole and once: a smaller dose of the torture."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.torture_kills import Killing, lost_or_half
from bench.torture_load import Sent
from bench.torture_servers import Heard, Nursery
from tests.faults.conftest import Databases

SEED = 4


@pytest.mark.parametrize(
    "databases", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_nothing_acknowledged_is_lost_and_nothing_is_half_done(databases: Databases, born: Nursery) -> None:
    found = Killing(databases, SEED, lambda _: None).run(3, born)

    assert found.wrong == []
    assert found.points == 3
    assert found.solves == 1
    assert found.commands["acknowledged"] > 0


def sent(heard: Heard | None) -> Sent:
    return Sent("w000001", 0, "/v1/venues/place/close", {}, 4, heard)


@pytest.mark.parametrize(
    ("heard", "there", "is_fault"),
    [
        (Heard(200, b"{}", None), 4, False),
        (Heard(200, b"{}", None), 0, True),
        (Heard(200, b"{}", None), 8, True),
        (Heard(200, b'{"changed": false}', None), 0, False),
        (Heard(409, b"{}", None), 0, False),
        (Heard(409, b"{}", None), 4, True),
        (Heard(500, b"{}", None), 0, True),
        (None, 0, False),
        (None, 4, False),
        (None, 3, True),
    ],
)
def test_command_is_there_as_its_answer_says_or_it_is_a_fault(
    heard: Heard | None, there: int, *, is_fault: bool
) -> None:
    assert bool(list(lost_or_half([sent(heard)], Counter({"w000001": there})))) is is_fault
