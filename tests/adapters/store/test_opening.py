"""A database is opened while commands are at work in it: by a backup, by the command line, by one more process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import sleep

import psycopg
import pytest

from adapters.store.store import DatabaseStore
from adapters.store.views import ReadModels


@pytest.mark.postgres
def test_opening_and_a_command_do_not_wait_for_each_other(postgres_url: str) -> None:
    ReadModels(DatabaseStore(postgres_url))
    with psycopg.connect(postgres_url) as command, ThreadPoolExecutor(1) as pool:
        command.execute("INSERT INTO answers (shelf, key, scope, body) VALUES ('answer', 'k', '', 'x')")
        opening = pool.submit(lambda: ReadModels(DatabaseStore(postgres_url)))
        sleep(0.5)  # by now it waits for the table
        command.execute("LOCK TABLE lyceum_events IN EXCLUSIVE MODE")
        command.commit()

        assert opening.result(10).position == 0
