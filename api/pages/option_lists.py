"""Options of a field that holds the key of a record: its value and what people call it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class FieldOption(NamedTuple):
    value: str
    label: str


def with_typed(options: Sequence[FieldOption], typed: Iterable[str]) -> list[FieldOption]:
    """The options, and before them what stands in the field already though it is none of them."""
    known = {option.value for option in options}
    return [*(FieldOption(text, text) for text in typed if text and text not in known), *options]
