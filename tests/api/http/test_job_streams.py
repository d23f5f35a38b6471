"""Who follows jobs: a few streams for each caller, which end with the right to see the job, and after a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Thread
from typing import Any

import httpx2
import pytest
import uvicorn

from adapters.access.api_tokens import hash_of, revoked
from adapters.application.application import Lyceum
from api.http import state
from api.http.resources.jobs import event_stream
from api.http.server import create_app
from api.http.settings import Settings
from tests.adapters.town import town
from tests.api.http.conftest import Person, served, someone
from tests.api.http.test_jobs import planned
from tests.api.http.test_jobs_working import until


@contextmanager
def listening(lyceum: Lyceum) -> Iterator[tuple[str, Any]]:
    """A server in a thread: its address, and the application."""
    app = create_app(Settings(), lyceum=lyceum, clock=lyceum.clock)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = Thread(target=server.run)
    thread.start()
    until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", app
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def waiting_job() -> Iterator[tuple[Lyceum, str]]:
    """A job that nobody does, so that its streams do not end by themselves."""
    with town("memory:") as lyceum:
        with served(lyceum) as inside:
            id = planned(someone(lyceum, inside, ("administrator", None))).body["id"]
        yield lyceum, f"/v1/jobs/{id}/progress"


def keyed(person: Person) -> dict[str, str]:
    return {"authorization": f"Bearer {person.token}"}


def test_one_caller_has_a_few_streams_and_leaves_the_others_theirs() -> None:
    with (
        waiting_job() as (lyceum, path),
        listening(lyceum) as (url, app),
        httpx2.Client(base_url=url) as client,
        ExitStack() as open_ones,
    ):
        outside: Any = None
        auditor, other = (
            someone(lyceum, outside, ("auditor", None), actor=name) for name in ("auditor-1", "auditor-2")
        )

        def follow(person: Person) -> int:
            stream = open_ones.enter_context(client.stream("GET", path, headers=keyed(person)))
            return int(stream.status_code)

        mine = [follow(auditor) for _ in range(state.MOST_STREAMS_EACH + 1)]

        assert mine == [200] * state.MOST_STREAMS_EACH + [429]
        assert follow(other) == 200
        assert app.state.app_state.streams.count == state.MOST_STREAMS_EACH + 1


def test_stream_ends_with_the_right_to_see_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "JUDGED_S", 0.1)
    with (
        waiting_job() as (lyceum, path),
        listening(lyceum) as (url, _),
        httpx2.Client(base_url=url, timeout=30) as client,
    ):
        outside: Any = None
        auditor = someone(lyceum, outside, ("auditor", None))
        with client.stream("GET", path, headers=keyed(auditor)) as told:
            parts = told.iter_raw()
            next(parts)
            lyceum.store.save((), [revoked(hash_of(str(auditor.token)))])

            assert b"".join(parts) == b""


def test_stream_ends_after_a_while_and_the_client_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "LONGEST_S", 0.2)
    with (
        waiting_job() as (lyceum, path),
        listening(lyceum) as (url, _),
        httpx2.Client(base_url=url, timeout=30) as client,
    ):
        outside: Any = None
        auditor = someone(lyceum, outside, ("auditor", None))

        for _ in range(2):
            answer = client.get(path, headers=keyed(auditor))

            assert answer.status_code == 200
            assert answer.text.startswith("event: state")
