"""The tests' own PostgreSQL server does what the tests of the adapters count on."""

from __future__ import annotations

from itertools import pairwise

import psycopg
import pytest

from tests import conftest


def test_server_answers_and_is_15_or_newer(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        row = connection.execute("SELECT version(), current_setting('server_version_num')::int").fetchone()

    assert row is not None
    assert row[0].startswith("PostgreSQL ")
    assert row[1] >= 150000


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_gets_an_empty_database(postgres_url: str, turn: int) -> None:
    with psycopg.connect(postgres_url) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
        connection.execute("CREATE TABLE left_behind (turn int)")

    assert tables == (0,)


def test_text_is_utf8_and_sorts_the_same_everywhere(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        words = connection.execute(
            "SELECT unnest(ARRAY['渝中', 'b', 'A', '荣昌']) AS word ORDER BY word"
        ).fetchall()

    names = [name for (name,) in words]
    assert all(earlier.encode() < later.encode() for earlier, later in pairwise(names))


def test_strangers_are_kept_out(postgres_server: conftest.PostgresServer, postgres_url: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(postgres_url.replace(postgres_server.password, "guess"))


def test_without_a_server_a_test_is_skipped_but_fails_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "IN_CI", False)
    with pytest.raises(pytest.skip.Exception, match="Needs PostgreSQL, and there is none"):
        conftest._do_without("there is none")

    monkeypatch.setattr(conftest, "IN_CI", True)
    with pytest.raises(pytest.fail.Exception, match="In CI every test runs, but there is none"):
        conftest._do_without("there is none")
