"""Decide what a repeated command answers: the same as the first time, and nothing happens again.

The answer is kept under the caller and the key, in the transaction of the events. Of two with the same key that run
at the same time one loses the race for that row, begins again, and finds the other's answer. Refusals are not kept:
they changed nothing, so asking again is safe. An answer that tells a secret is kept without it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import date, timedelta

import orjson

from adapters.store.rows import Row, Table
from adapters.store.store import Store
from api.http.calls import Answer, Call
from api.http.house import House
from api.http.problems import Problem, invalid

HEADER = "idempotency-key"
SHELF = "answer"
KEPT_DAYS = 7
_KEY = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(frozen=True, slots=True)
class Key:
    """`row` names the caller's key; `fingerprint` is of the request, salted with the key, which nobody can guess."""

    row: str
    fingerprint: str


def key_of(call: Call) -> Key | None:
    given = call.request.headers.get(HEADER)
    if given is None:
        return None
    if not _KEY.fullmatch(given):
        raise invalid("header", "Idempotency-Key", "must be 1 to 128 visible ASCII characters")
    url = call.request.url
    asked = f"{call.request.method} {url.path}?{url.query}".encode()
    return Key(_hash(call.caller.actor.encode(), given.encode()), _hash(given.encode(), asked, call.body))


def _hash(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def remembered(store: Store, key: Key) -> Answer | None:
    """The answer that was given before. Raises a problem where the key was used for another request."""
    body = store.rows("answers").get(SHELF, key.row)
    if body is None:
        return None
    kept = orjson.loads(body)
    if kept["fingerprint"] != key.fingerprint:
        raise Problem("key-used-otherwise", "this Idempotency-Key came with another request before")
    return Answer(kept["body"].encode(), kept["status"], kept["etag"], kept["headers"])


def answer_row(key: Key, answer: Answer, day: date) -> tuple[Table, Row]:
    kept = {
        "fingerprint": key.fingerprint,
        "body": (answer.body if answer.kept is None else answer.kept).decode(),
        "status": answer.status,
        "etag": answer.etag,
        "headers": dict(answer.headers),
    }
    return "answers", Row(SHELF, key.row, orjson.dumps(kept), day.isoformat())


def tidy(house: House) -> None:
    """Forget old answers, once a day in each process."""
    today = house.lyceum.clock().date()
    if house.swept != today:
        house.swept = today
        forget_old(house.lyceum.store, today)


def forget_old(store: Store, today: date) -> int:
    """Erase the answers that are older than a week; how many."""
    last = (today - timedelta(days=KEPT_DAYS)).isoformat()
    return store.forget("answers", SHELF, last)
