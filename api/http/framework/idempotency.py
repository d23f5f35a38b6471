"""Idempotency keys: a repeated command is answered as the first time, and nothing happens again.

The answer is kept under the caller's credential and the key, in the transaction of the events. Of two with the same
key that run at the same time one loses the race for that row, begins again, and finds the other's answer. Refusals are
not kept: they changed nothing, so asking again is safe. An answer that tells a secret is kept without it. Before it is
given again the caller is judged again, as they are now, about all that was judged the first time.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import orjson

from adapters.access.targets import Target
from adapters.store.mapper import json_of
from adapters.store.rows import Row, Table
from adapters.store.store import Store
from api.http.errors import HttpProblem, invalid
from api.http.framework.contexts import Answer, RequestContext
from api.http.state import AppState
from domain.account import RoleGrant
from domain.messages import message

HEADER = "idempotency-key"
COLLECTION = "answer"
KEPT_DAYS = 7
_KEY = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(frozen=True, slots=True)
class Key:
    """`row` names the caller's key; `fingerprint` is of the request, salted with the key, which nobody can guess."""

    row: str
    fingerprint: str


def key_of(context: RequestContext) -> Key | None:
    header = context.request.headers.get(HEADER)
    if header is None:
        return None
    if not _KEY.fullmatch(header):
        raise invalid("header", "Idempotency-Key", message("must be 1 to 128 visible ASCII characters"))
    url = context.request.url
    target = f"{context.request.method} {url.path}?{url.query}".encode()
    return Key(
        _hash(context.caller.credential.encode(), header.encode()),
        _hash(header.encode(), target, context.body),
    )


def _hash(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def remembered(context: RequestContext, key: Key) -> Answer | None:
    """The answer that was given before. Raises a problem where the key was used for another request, or may not now."""
    body = context.app_state.lyceum.store.rows("answers").get(COLLECTION, key.row)
    if body is None:
        return None
    loads = orjson.loads(body)
    if loads["fingerprint"] != key.fingerprint:
        raise HttpProblem(
            "key-used-otherwise", message("this Idempotency-Key came with another request before")
        )
    _judge_again(context, loads)
    return Answer(loads["body"].encode(), loads["status"], loads["etag"], loads["headers"])


def _judge_again(context: RequestContext, stored: dict[str, Any]) -> None:
    """Who has all roles that they had then may have the answer; who has lost one must reach all that it is about."""
    held = json_of(tuple[RoleGrant, ...]).validate_python(stored.get("held", ()), strict=False)
    if held and set(held) <= set(context.caller.grants):
        context.judged = True
        return
    targets = json_of(tuple[Target, ...]).validate_python(stored.get("targets", ()), strict=False)
    for target in targets:
        context.within(target)
    if not context.judged:
        raise HttpProblem(
            "not-allowed",
            message("your role does not allow {operation} any more", operation=context.operation),
        )


def answer_row(key: Key, answer: Answer, context: RequestContext, day: date) -> tuple[Table, Row]:
    stored = {
        "fingerprint": key.fingerprint,
        "body": (answer.body if answer.stored_body is None else answer.stored_body).decode(),
        "status": answer.status,
        "etag": answer.etag,
        "headers": dict(answer.headers),
        "held": json_of(tuple[RoleGrant, ...]).dump_python(context.caller.grants, mode="json"),
        "targets": json_of(tuple[Target, ...]).dump_python(
            tuple(dict.fromkeys(context.targets)), mode="json"
        ),
    }
    return "answers", Row(COLLECTION, key.row, orjson.dumps(stored), day.isoformat())


def tidy(app_state: AppState) -> None:
    """Forget old answers, once a day in each process."""
    today = app_state.lyceum.clock().date()
    if app_state.swept != today:
        app_state.swept = today
        forget_old(app_state.lyceum.store, today)


def forget_old(store: Store, today: date) -> int:
    """Erase the answers that are older than a week; how many."""
    last = (today - timedelta(days=KEPT_DAYS)).isoformat()
    return store.forget("answers", COLLECTION, last)
