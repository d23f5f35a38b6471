"""Options of a field that holds the key of a record: its value and what people call it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Option(NamedTuple):
    value: str
    label: str


def with_typed(options: Sequence[Option], typed: Iterable[str]) -> list[Option]:
    """The options, and before them what stands in the field already though it is none of them."""
    known = {option.value for option in options}
    return [*(Option(text, text) for text in typed if text and text not in known), *options]
