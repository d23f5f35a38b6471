"""How a server is reached: doors to one port, operations found at once, and lanes that do not wait for each other."""

from __future__ import annotations

import pickle
import socket
import sys
import time
from threading import Event

import anyio
import pytest
from anyio import to_thread
from starlette.responses import Response
from starlette.routing import Match, Route

from api.http.framework.route_index import RouteIndex
from api.http.limits.listening_socket import PortTaken, bind_first_socket, bind_socket
from api.http.limits.thread_limits import Lane, ThreadLimits


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux spreads who knocks over several doors")
def test_each_process_gets_a_door_of_its_own_to_the_same_port() -> None:
    with bind_socket("127.0.0.1", 0) as ours, pickle.loads(pickle.dumps(ours)) as theirs:
        assert theirs.getsockname() == ours.getsockname()
        assert theirs.fileno() != ours.fileno()
        theirs.listen()
        with socket.create_connection(theirs.getsockname(), 5):
            accepted, _ = theirs.accept()
            with accepted:
                assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_port_of_another_server_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(PortTaken, match=f"127.0.0.1:{port}: Address already in use"):
            bind_first_socket("127.0.0.1", port)


def test_operation_is_found_by_path_and_method_and_the_rest_is_left_to_others() -> None:
    def answer() -> Response:
        return Response()

    week = Route("/v1/weeks/{area}", answer, methods=["GET"])
    index = RouteIndex([week, Route("/v1/venues", answer, methods=["POST"])])

    def found(method: str, path: str) -> object:
        match, scope = index.matches({"type": "http", "method": method, "path": path})
        return scope["route"] if match is Match.FULL else None

    assert found("GET", "/v1/weeks/town") is week
    assert [found("POST", "/v1/weeks/town"), found("GET", "/v1/weeks"), found("GET", "/health")] == [None] * 3
    with pytest.raises(ValueError, match="begins with a parameter"):
        RouteIndex([Route("/v1/{anything}", answer)])


def test_quick_read_is_answered_while_all_others_compute() -> None:
    async def both() -> list[str]:
        lanes, go = ThreadLimits(3), Event()
        said: list[str] = []

        async def ask(lane: Lane) -> None:
            work = (lambda: True) if lane == "quick" else (lambda: go.wait(5))
            await to_thread.run_sync(work, limiter=lanes.of(lane))
            said.append(lane)
            if lane == "quick":
                go.set()

        async with anyio.create_task_group() as tasks:
            for _ in range(4):
                tasks.start_soon(ask, "slow")
                tasks.start_soon(ask, "alone")
            await anyio.sleep(0.01)
            tasks.start_soon(ask, "quick")
        return said

    assert anyio.run(both)[0] == "quick"


def test_of_those_that_compute_for_long_there_is_one_at_a_time() -> None:
    async def together() -> int:
        lanes, inside, most = ThreadLimits(12), 0, 0

        def compute() -> None:
            nonlocal inside, most
            inside += 1
            most = max(most, inside)
            time.sleep(0.01)
            inside -= 1

        async def ask() -> None:
            await to_thread.run_sync(compute, limiter=lanes.of("alone"))

        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(ask)
        return most

    assert anyio.run(together) == 1
