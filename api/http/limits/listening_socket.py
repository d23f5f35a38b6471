"""Listening sockets of the processes of one server, which share a port, and how each process runs.

On Linux each process listens at a socket of its own on the same port (SO_REUSEPORT), and the system spreads the
connections: at one socket for all, the process that wakes first takes all that wait, and keeps them while they last.
"""

from __future__ import annotations

import gc
import socket
import sys
from contextlib import suppress
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from api.http.limits.connection_limits import BoundedProtocol
from domain.messages import message

BACKLOG = 2048
MAKING_ROOM = 20  # connections that are being closed for others count until they are
LOST_AFTER_S = 120  # without a sign of a process; on a busy machine its start alone may take a minute
SWITCH_S = 0.0005  # a thread that computes lets others in so often; Python's own 5 ms add up where many wait


class PortTaken(OSError):
    """Somebody listens there already, or it is not allowed."""


class ListeningSocket(socket.socket):
    """A socket to listen at. Sent to another process it becomes a new socket on the same port there."""

    def __reduce__(self) -> Any:
        return bind_socket, self.getsockname()[:2]


def bind_socket(host: str, port: int) -> socket.socket:
    """A socket bound to the port, which it shares on Linux. Raises PortTaken."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP, flags=socket.AI_PASSIVE
        )[0]
        shared = sys.platform == "linux"
        # with its protocol named, asyncio sends each part of an answer at once (TCP_NODELAY)
        listener = (ListeningSocket if shared else socket.socket)(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        listener.bind(address)
        listener.set_inheritable(True)
    except OSError as error:
        raise PortTaken(
            message("{host}:{port}: {strerror}", host=host, port=port, strerror=error.strerror or error)
        ) from error
    return listener


def bind_first_socket(host: str, port: int) -> socket.socket:
    """The socket of a new server. Raises PortTaken also where another server would share the port."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as alone:
        alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            alone.bind((host, port))
        except OSError as error:
            raise PortTaken(
                message("{host}:{port}: {strerror}", host=host, port=port, strerror=error.strerror or error)
            ) from error
    return bind_socket(host, port)


def run(application: str, *, host: str, port: int, processes: int, **settings: Any) -> None:
    """Answer until somebody ends it. Raises PortTaken."""
    listener = bind_first_socket(host, port)
    config = uvicorn.Config(
        application,
        factory=True,
        host=host,
        port=port,
        workers=processes,
        backlog=BACKLOG,
        http=BoundedProtocol,
        limit_concurrency=BoundedProtocol.max_connections + MAKING_ROOM,
        timeout_worker_healthcheck=LOST_AFTER_S,
        **settings,
    )
    with listener, suppress(KeyboardInterrupt):
        if processes > 1:
            Multiprocess(config, sockets=[listener]).run()
            return
        server = uvicorn.Server(config)
        server.run(sockets=[listener])
        if not server.started:
            raise SystemExit(STARTUP_FAILURE)


def settle() -> None:
    """What a process that has started does once, so that nobody waits long for another's answer.

    What is loaded by now stays, so that no collection looks through it again.
    """
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()
