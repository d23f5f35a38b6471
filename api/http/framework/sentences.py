"""Sentences of answers: whether a body has any, and the same body with them in another language."""

from __future__ import annotations

import orjson

from adapters.wording.catalogues import reworded

_BESIDE = (b'message":', b'messages":')


def has_sentences(body: bytes) -> bool:
    """Whether a JSON body has messages beside sentences; within a text the quotation mark would be escaped."""
    return any(mark in body for mark in _BESIDE)


def reworded_body(body: bytes, language: str) -> bytes:
    return orjson.dumps(reworded(orjson.loads(body), language))
