"""Limits of request bodies: their size, their time, and how many large ones are in memory at once."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Hashable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager

import anyio
from starlette.requests import ClientDisconnect, Request

from api.http.errors import HttpProblem
from api.http.limits.thread_limits import Turns
from domain.messages import message

PUBLIC_BYTES = 10_000  # of who is nobody in particular
FORM_BYTES = 1_000_000
SMALL_BYTES = 64_000  # more than this waits for a place
IDLE_S = 10.0  # that nothing comes
FORM_S, FILE_S = 30.0, 300.0  # until all of it is there


class Bodies:
    """The bodies that one process reads. `max_bytes` is the largest of all, that of a file."""

    def __init__(self, max_bytes: int, large: int = 4) -> None:
        self._max_bytes, self._large = max_bytes, Turns(large, each=2, waiting=16)

    def limit_of(self, *, public: bool, is_file: bool) -> int:
        """How large one may be: somebody who says who they are may send more."""
        return min(self._max_bytes, PUBLIC_BYTES if public else self._max_bytes if is_file else FORM_BYTES)

    @asynccontextmanager
    async def read(
        self, request: Request, who: Hashable, max_bytes: int, *, is_file: bool
    ) -> AsyncIterator[bytes]:
        """The whole body, which is in memory until the end. Raises a problem where it is too large or too slow."""
        expected = _expected(request, max_bytes)
        if expected > max_bytes:
            raise _too_large(max_bytes)
        async with AsyncExitStack() as stack:
            if expected > SMALL_BYTES:
                stack.enter_context(self._large.held(who))
                await self._large.limiter.acquire_on_behalf_of(stack)
                stack.callback(self._large.limiter.release_on_behalf_of, stack)
            yield await read_within(request, max_bytes, FILE_S if is_file else FORM_S)


async def read_within(request: Request, max_bytes: int, seconds: float) -> bytes:
    """All of a body, never more of it in memory than is allowed. Raises a problem."""
    body, end = bytearray(), time.monotonic() + seconds
    try:
        async with aclosing(request.stream()) as parts:
            while True:
                with anyio.fail_after(max(0.0, min(IDLE_S, end - time.monotonic()))):
                    part = await anext(parts, None)
                if part is None:
                    return bytes(body)
                body += part
                if len(body) > max_bytes:
                    raise _too_large(max_bytes)
    except (TimeoutError, ClientDisconnect):
        raise HttpProblem(
            "too-slow", message("the body did not come whole within {seconds:.0f} s", seconds=seconds)
        ) from None


def _expected(request: Request, max_bytes: int) -> int:
    """How many bytes are announced; one that comes in chunks may be as large as is allowed."""
    said = request.headers.get("content-length")
    if said is not None:
        return int(said) if said.isascii() and said.isdecimal() and len(said) < 16 else max_bytes + 1
    return max_bytes if "transfer-encoding" in request.headers else 0


def _too_large(max_bytes: int) -> HttpProblem:
    return HttpProblem(
        "too-large", message("a body may have {max_bytes:,} bytes at most", max_bytes=max_bytes)
    )
