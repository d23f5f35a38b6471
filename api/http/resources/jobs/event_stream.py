"""Server-sent events of a job's progress while it runs (WHATWG HTML, section 9.2).

The stream looks at the job's rows twice a second, so any process can tell what a worker on any machine does. It ends
with the job, with the right to see it, and after a while: a client comes back by itself, and misses nothing.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import anyio
import orjson
from fastapi.sse import EventSourceResponse, format_sse_event
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from adapters.application.application import Lyceum
from adapters.jobs import job_queue
from adapters.jobs.job_records import Beat, Job, Point, find_beat, find_result
from adapters.store.mapper import json_of
from adapters.store.store import DATABASE_FAULTS
from api.http.errors import HttpProblem, invalid, problem_of, respond
from api.http.state import AppState
from domain.messages import message

LOOK_S = 0.5
SIGN_S = 10.0  # after which a silent stream says that it is still there
RETRY_MS = 2000
JUDGED_S = 5.0  # between two looks whether somebody may still see it
LONGEST_S = 900.0  # after which a client has to come back
MOST_DIGITS = 15
SILENT = "Everything was told up to Last-Event-ID, and the job has ended: there is nothing to come back for."
LAST_EVENT_ID: dict[str, Any] = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": f"^[0-9]{{1,{MOST_DIGITS}}}$"},
    "description": "The id of the last event that was seen: what came after it is told.",
}
EXAMPLE = (
    'event: state\ndata: {"status":"running","attempt":1,"stop":false}\nretry: 2000\n\n'
    'event: progress\ndata: {"number":7,"phase":"improving served","seconds":12.0,"value":128830,"bound":130200,'
    '"share":0.2}\nid: 7\n\n'
    'event: result\ndata: {"status":"done","draft":2,"why":"",'
    '"result":"/v1/jobs/6d1b2b1c-4b7e-4b39-9a39-0b7a5d5c2f10/result"}\nid: 8\n\n'
)


@dataclass(frozen=True, slots=True)
class Listener:
    """Who follows a job: `who` is counted, `judge` raises a problem as soon as they may not see it any more."""

    who: Hashable
    judge: Callable[[], object]


def last_event_of(request: Request) -> int:
    """The number that a client comes back with, 0 where it comes for the first time."""
    header = request.headers.get("last-event-id", "0")
    if not (header.isascii() and header.isdecimal() and len(header) <= MOST_DIGITS):
        raise invalid("header", "Last-Event-ID", message("must be the id of an event of this job"), header)
    return int(header)


def answer(app_state: AppState, id: UUID, after: int, listener: Listener) -> Response:
    """All that comes after an event; 204 where nothing does."""
    job, beat, _ = look(app_state.lyceum, id)
    if not job.is_open and after >= _end(beat):
        return Response(status_code=204)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Authorization"}
    return _Counted(app_state, id, after, listener, headers)


class _Counted(EventSourceResponse):
    """A stream that is one of its caller's few; 429 where it is one too many."""

    def __init__(
        self, app_state: AppState, id: UUID, after: int, listener: Listener, headers: dict[str, str]
    ) -> None:
        self._house, self._listener = app_state, listener
        super().__init__(events(app_state, id, after, listener), headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with ExitStack() as stack:
            try:
                stack.enter_context(self._house.streams.held(self._listener.who))
            except HttpProblem as problem:
                refused = respond(problem, scope)
                await refused(scope, receive, send)
                return
            await super().__call__(scope, receive, send)


def look(lyceum: Lyceum, id: UUID) -> tuple[Job, Beat | None, bool]:
    """The job, then its beat, which is the last one where it has ended, and whether it has a result."""
    job = find_shown_job(lyceum, id)
    has_result = not job.is_open and find_result(lyceum.store, id) is not None
    return job, find_beat(lyceum.store, id)[0], has_result


def find_shown_job(lyceum: Lyceum, id: UUID) -> Job:
    """A job to tell somebody about: who hears that it has ended finds what it has made. Raises NotThere."""
    job, _ = job_queue.find_job(lyceum.store, id)
    if not job.is_open:
        lyceum.views.catch_up()  # its worker saves the draft and the end at once, and the read side after that
    return job


def _end(beat: Beat | None) -> int:
    """The number of the event that tells the result."""
    return (beat.last.number if beat and beat.last else 0) + 1


async def events(app_state: AppState, id: UUID, after: int, listener: Listener) -> AsyncIterator[bytes]:
    """Until the job has ended, or the right to see it; whoever goes away earlier cuts it."""
    known, said = "", time.monotonic()
    judged, end = said, said + LONGEST_S
    while (now := time.monotonic()) < end:
        try:
            if now - judged >= JUDGED_S:
                judged = now
                await app_state.lanes.run("stream", None, listener.judge)
            job, beat, has_result = await app_state.lanes.run(
                "stream", None, partial(look, app_state.lyceum, id)
            )
        except DATABASE_FAULTS:
            await anyio.sleep(LOOK_S)
            continue
        except Exception as over:  # it was forgotten meanwhile, or is for others now
            if problem_of(over) is None:
                raise
            return
        news = list(_news(job, beat, after, known, has_result=has_result))
        for event in news:
            yield event
        if not job.is_open:
            return
        known = job.status
        after = max(after, _end(beat) - 1)
        now = time.monotonic()
        if news:
            said = now
        elif now - said >= SIGN_S:
            said = now
            yield b": still here\n\n"
        await anyio.sleep(LOOK_S)


def _news(job: Job, beat: Beat | None, after: int, known: str, *, has_result: bool) -> Iterator[bytes]:
    if job.status != known and job.is_open:
        state = {"status": job.status, "attempt": job.attempt, "stop": job.stop}
        yield _event("state", orjson.dumps(state), retry=None if known else RETRY_MS)
    for point in beat.points if beat else ():
        if point.number > after:
            yield _event("progress", json_of(Point).dump_json(point), point.number)
    if not job.is_open:
        result_path = f"/v1/jobs/{job.id}/result" if has_result else None
        end = {"status": job.status, "draft": job.draft, "why": job.why, "result": result_path}
        yield _event("result", orjson.dumps(end), _end(beat))


def _event(name: str, data: bytes, number: int | None = None, retry: int | None = None) -> bytes:
    return format_sse_event(
        data_str=data.decode(), event=name, id=None if number is None else str(number), retry=retry
    )
