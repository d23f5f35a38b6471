"""Nobody gets in by what has ended, and everybody else still does: a smaller dose of the torture."""

from __future__ import annotations

import httpx2
import pytest

from bench.torture_accounts import TLS, Person, torment
from bench.torture_servers import Nursery
from tests.faults.conftest import Databases

SEED = 3


@pytest.mark.parametrize(
    "databases", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_nobody_gets_in_by_what_has_ended(databases: Databases, born: Nursery) -> None:
    with databases() as url:
        result = torment(url, rounds=1, seed=SEED, tell=lambda _: None, start=born.start)

    assert result.wrong == []
    assert min(result.doors["shut"], result.doors["open"]) > result.rounds
    assert len(result.ended) > result.rounds


@pytest.mark.parametrize(
    ("over", "is_in", "may"),
    [
        ((), True, True),
        (("withdraw",), True, False),
        (("ways",), False, False),
        (("close",), False, False),
        (("erase",), False, False),
    ],
)
def test_what_must_be_shut(over: tuple[str, ...], *, is_in: bool, may: bool) -> None:
    nobody = httpx2.Client(verify=TLS)
    person = Person("somebody", "host", "school", client=nobody, over=set(over))
    given = Person("somebody else", "host", "school", giver=person, client=nobody)

    assert (person.is_in, person.may) == (is_in, may)
    assert given.is_in
    assert given.may is (person.has_role)
