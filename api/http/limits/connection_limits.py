"""Limits of connections: how long one may be without a whole request, and which one makes room for another.

The library waits for ever for the rest of a request, and for whoever does not read an answer. Here a request has its
head within some seconds, and what comes after an answer is thrown away for a few more; an answer that nobody reads any
further is given up. What is neither head nor body (trailers, extensions of chunks) is as small as a head, and few
requests wait in one connection. Where a process has as many connections as it may, one that has no whole request yet
makes room.
"""

from __future__ import annotations

import asyncio
import resource
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_S = 10.0  # from the first byte (or the connection) to the end of the head
REST_S = 20.0  # after an answer, for the rest of a body that nobody read
READ_S = 60.0  # in which something of an answer must be read
HEAD_BYTES = 64_000  # and of all that comes in a row and is no body
MOST_PIPELINED = 20  # requests that wait behind the one that is answered
MOST_CONNECTIONS = 1000  # of one process
OWN_FILES = 100  # which the process needs for itself


def connection_limit() -> int:
    """So many connections may one process have, by the files that it may open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    spare = MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else max(20, soft - OWN_FILES)
    return min(MOST_CONNECTIONS, spare)


class TooManyPipelined(Exception):
    """More requests in one connection than may wait; the parser stops at it."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection. It is timed while it has no whole request, and while its answer is not read."""

    max_connections: ClassVar[int] = connection_limit()
    idle: ClassVar[dict[BoundedProtocol, None]] = {}  # those that may make room, the oldest first

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._timer: asyncio.TimerHandle | None = None
        self._reader: asyncio.TimerHandle | None = None
        self._in_head, self._loose = True, 0  # bytes since the last that were a whole head, or of a body

    def abort(self) -> None:
        """Close it at once."""
        self._stop_waiting()
        self.transport.abort()

    # ---- Without a whole request

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.max_connections and self.idle:
            next(iter(self.idle)).abort()
        self._wait_for(HEAD_S)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        if self._reader is not None:
            self._reader.cancel()
        super().connection_lost(exc)

    def _wait_for(self, seconds: float) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(seconds, self.abort)
        self.idle[self] = None

    def _stop_waiting(self) -> None:
        self.idle.pop(self, None)
        self._stop_timer()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def data_received(self, data: bytes) -> None:
        if self._timer is None and not self._is_answering():
            self._wait_for(HEAD_S)
        self._loose += len(data)
        super().data_received(data)
        if self._loose <= HEAD_BYTES or self.transport.is_closing():
            return
        if self._in_head:
            self.send_400_response("The head of the request is too large.")
        else:
            self.abort()

    def _is_answering(self) -> bool:
        cycle: Any = self.cycle  # None before the first
        return cycle is not None and not cycle.response_complete

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= MOST_PIPELINED:
            self.abort()
            raise TooManyPipelined
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        self._in_head, self._loose = False, 0
        self._stop_timer()  # whoever reads the body has a time for it
        self.idle[self] = None
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._loose = 0
        super().on_body(body)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing() or not self.cycle.response_complete:
            return
        if self.cycle.more_body:
            self._wait_for(REST_S)
        else:
            self.idle[self] = None  # the library closes it soon, where nothing comes

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._loose = 0
        if self.cycle.response_complete:  # what nobody read of a body is over
            self._wait_for(self.timeout_keep_alive)
        else:
            self.idle.pop(self, None)

    # ---- While an answer is not read

    def pause_writing(self) -> None:
        super().pause_writing()
        self._look_again(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None
        super().resume_writing()

    def _look_again(self, size: int) -> None:
        self._reader = self.loop.call_later(READ_S, self._has_read, size)

    def _has_read(self, size: int) -> None:
        left = self.transport.get_write_buffer_size()
        if left >= size:
            self.abort()
        else:
            self._look_again(left)
