"""Fault isolation of queries over many records: a record that fails is left out and named.

A record should never make a query fail. Where it does, because an older version accepted it or the program has a
mistake, it must not cost everybody else's answer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from domain.events import Refused
from domain.messages import message

R = TypeVar("R")
V = TypeVar("V")
log = logging.getLogger("lyceum.left-out")

# What a query can raise by itself; a failing database ends the whole query.
FAULTS: tuple[type[Exception], ...] = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    Refused,
    TypeError,
    ValueError,
)


def each(
    records: Iterable[R], ask: Callable[[R], V], what: str, left_out: list[str] | None = None
) -> Iterator[tuple[R, V]]:
    """The records, each with what was asked of it, in their order.

    `what` names their kind, such as "request". A sentence about each one that is left out goes to `left_out`, once,
    and to the log; it says the key and the kind of error, and nothing of the record itself.
    """
    for record in records:
        try:
            answer = ask(record)
        except FAULTS as error:
            _note(f"{what} {_key(record)}", error, left_out)
        else:
            yield record, answer


def those(
    records: Iterable[R], holds: Callable[[R], bool], what: str, left_out: list[str] | None = None
) -> list[R]:
    """The records of which something holds."""
    return [record for record, held in each(records, holds, what, left_out) if held]


def answers(
    records: Iterable[R], ask: Callable[[R], V], what: str, left_out: list[str] | None = None
) -> list[V]:
    """What was asked of each record, without the records."""
    return [answer for _, answer in each(records, ask, what, left_out)]


def _note(name: str, error: Exception, left_out: list[str] | None) -> None:
    sentence = message(
        "{name} is left out, because what is known of it cannot be read ({error}); correct or "
        "withdraw it, and report this",
        name=name,
        error=type(error).__name__,
    )
    if left_out is None or sentence not in left_out:
        log.warning(sentence)
    if left_out is not None and sentence not in left_out:
        left_out.append(sentence)


def _key(record: Any) -> str:
    """What people know it by: its key, of a timetable or a diary the week, else its id; of a tuple its first's."""
    if isinstance(record, tuple | list):
        return _key(record[0])
    names = [getattr(record, name) for name in ("key", "week", "id") if hasattr(record, name)]
    label = names[0] if names else type(record).__name__
    return " ".join(map(str, label)) if isinstance(label, tuple) else str(label)
