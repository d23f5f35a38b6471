"""Connections that never come to an end: each has its time, and where there are too many the idlest makes room."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Thread
from time import sleep

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from api.http.errors import HttpProblem
from api.http.limits import connection_limits
from api.http.limits.body_limits import read_within
from api.http.limits.connection_limits import BoundedProtocol
from tests.api.http.test_jobs_working import until

LARGE = 20_000_000
ASKED = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers at once; `/large` much, `/read` and `/wait` after the whole body."""
    if scope["type"] != "http":
        return
    answer: Response = PlainTextResponse("here")
    if scope["path"] == "/large":
        answer = Response(b"x" * LARGE)
    if scope["path"] in ("/read", "/wait"):
        seconds = 0.3 if scope["path"] == "/read" else 20
        try:
            body = await read_within(Request(scope, receive), 100, seconds)
            answer = PlainTextResponse(str(len(body)))
        except HttpProblem as problem:
            answer = PlainTextResponse(problem.kind.name, problem.kind.status)
    await answer(scope, receive, send)


@contextmanager
def listening(most: int | None = None) -> Iterator[int]:
    """The port of a server that answers 503 where it has more than so many connections."""
    config = uvicorn.Config(
        application,
        port=0,
        log_level="critical",
        http=BoundedProtocol,
        lifespan="off",
        timeout_keep_alive=1,
        limit_concurrency=most,
    )
    server = uvicorn.Server(config)
    thread = Thread(target=server.run)
    thread.start()
    until(lambda: server.started)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = server.force_exit = True
        thread.join()


def connected(port: int, said: bytes) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), 20)
    made.sendall(said)
    return made


def heard(connection: socket.socket) -> bytes:
    """All that is said until the other side closes."""
    found = bytearray()
    try:
        while part := connection.recv(1 << 16):
            found += part
    except ConnectionResetError:
        pass
    return bytes(found)


def answered(connection: socket.socket) -> bool:
    """Whether an answer comes whole."""
    found = b""
    while not found.endswith(b"here") and (part := connection.recv(1000)):
        found += part
    return found.endswith(b"here")


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    for name in ("HEAD_S", "REST_S", "READ_S"):
        monkeypatch.setattr(connection_limits, name, 0.2)
    with listening() as found:
        yield found


@pytest.mark.parametrize(
    "begun",
    [b"", b"GET", b"GET / HTTP/1.1\r\nX: ", b"\r\n", b"POST /read HTTP/1.1\r\nContent-Length: 5\r\nX: "],
)
def test_connection_that_never_finishes_its_first_line_is_closed(port: int, begun: bytes) -> None:
    with connected(port, begun) as slow:
        assert heard(slow) == b""
        with connected(port, ASKED) as quick:
            assert quick.recv(100).startswith(b"HTTP/1.1 200")


def test_connection_that_begins_a_second_request_and_stops_is_closed(port: int) -> None:
    for begun in (b"GET / HT", b"\r\n"):
        with connected(port, ASKED) as slow:
            assert answered(slow)
            slow.sendall(begun)
            assert heard(slow) == b""


def test_body_that_does_not_come_is_answered_and_the_connection_closed(port: int) -> None:
    head = b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n"
    with connected(port, head + b"x" * 49) as slow:
        assert heard(slow).startswith(b"HTTP/1.1 408")


def test_rest_of_a_body_that_nobody_reads_is_not_waited_for(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n"
    with connected(port, head + b"x" * 49) as slow:
        assert heard(slow).endswith(b"here")


def test_rest_of_a_body_comes_and_the_next_request_is_answered(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n"
    with connected(port, head + b"x" * 49) as sender:
        assert answered(sender)
        sender.sendall(b"x" + ASKED)
        assert answered(sender)


def test_answer_that_is_not_read_is_given_up(port: int) -> None:
    with connected(port, ASKED.replace(b"GET /", b"GET /large")) as slow:
        until(lambda: not BoundedProtocol.idle)  # it has been asked for
        until(lambda: _is_gone(slow))


def _is_gone(connection: socket.socket) -> bool:
    """Whether the other side has given it up; nothing of the answer is read for that."""
    try:
        connection.sendall(b" ")
    except OSError:
        return True
    return False


def test_large_head_is_refused_before_it_is_whole(port: int) -> None:
    with connected(port, b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000) as large:
        assert heard(large).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("part", [b"a: b\r\n" * 20_000, b"a: " + b"x" * 120_000])
@pytest.mark.parametrize("path", [b"/", b"/wait"])
def test_what_comes_after_a_body_is_as_small_as_a_head(path: bytes, part: bytes) -> None:
    assert _is_cut(CHUNKED.replace(b"/", path, 1) + b"1\r\nx\r\n0\r\n", part)


def test_extension_of_a_chunk_is_as_small_as_a_head() -> None:
    assert _is_cut(CHUNKED + b"1;a=", b"x" * 120_000)


def _is_cut(begun: bytes, part: bytes) -> bool:
    """Whether the other side closes before it has taken 200 such parts, and before any time is over."""
    with listening() as port, connected(port, begun) as sender:
        try:
            for _ in range(200):
                sender.sendall(part)
        except OSError:
            return True
    return False


def test_body_in_small_chunks_is_read(port: int) -> None:
    with connected(
        port, CHUNKED.replace(b"/", b"/read", 1) + b"1\r\nx\r\n" * 90 + b"0\r\na: b\r\n\r\n"
    ) as sender:
        assert heard(sender).endswith(b"90")


def test_few_requests_wait_in_one_connection(port: int) -> None:
    with connected(port, ASKED * 10) as some:
        answers = b""
        while answers.count(b"here") < 10:
            answers += some.recv(10_000)
    with connected(port, ASKED * 2000) as many:
        assert heard(many).count(b"here") < 50


@pytest.mark.parametrize(
    "begun",
    [
        b"POST /wait HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nx",
        ASKED + b"POST /wait HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nx",
    ],
    ids=["first request", "second request"],
)
def test_body_that_does_not_come_makes_room(monkeypatch: pytest.MonkeyPatch, begun: bytes) -> None:
    monkeypatch.setattr(BoundedProtocol, "max_connections", 5)
    with listening(10) as port, ExitStack() as held:
        for _ in range(12):
            held.enter_context(connected(port, begun))
            sleep(0.02)  # so that each is taken for what it is

        with connected(port, ASKED) as quick:
            assert quick.recv(100).startswith(b"HTTP/1.1 200")


def test_the_idlest_makes_room_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoundedProtocol, "max_connections", 5)
    with listening() as port, ExitStack() as held:
        silent = [held.enter_context(connected(port, b"GET")) for _ in range(12)]

        with connected(port, ASKED) as quick:
            assert quick.recv(100).startswith(b"HTTP/1.1 200")
        assert heard(silent[0]) == b""
