"""What people put into names that no name should hold, and whether anything of it is left in what is kept or told."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from adapters.application.application import Lyceum
from adapters.store.mapper import json_of

KINDS = {
    "line feed": "Choir\nATTACH:x",
    "carriage return": "Choir\rEND:VEVENT",
    "line separator": "Choir\u2028x",
    "escape": "Choir\x1b]0;owned\x07",
    "nul": "Choir\x00x",
    "override": "Choir\u202etxt",
    "isolate": "Choir\u2066x",
    "hidden letters": "Choir\U000e0041\U000e0042",
    "noncharacter": "Choir\ufffe",
    "c1": "Choir\x9b31m",
    "header": 'a"; filename="b.exe\r\nX-Injected: yes',
    "formula": "x;=cmd|'/C calc'!A0",
    "markup": "<script>alert(1)</script>",
}
REFUSED = ("escape", "nul", "override", "isolate", "hidden letters", "noncharacter", "c1")


def is_raw(character: str) -> bool:
    code = ord(character)
    return (
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        or 0x202A <= code <= 0x202E
        or 0x2066 <= code <= 0x2069
        or 0xE0000 <= code <= 0xE007F
        or code & 0xFFFE == 0xFFFE
    )


def raw(text: str, allowed: str = "") -> set[str]:
    """The characters of a text that could steer or mislead whoever reads it."""
    return {one for one in text if one not in allowed and is_raw(one)}


def strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    if isinstance(node, dict):
        for key, value in node.items():
            yield from (key, *strings(value))
    if isinstance(node, list | tuple):
        for one in node:
            yield from strings(one)


def kept_raw(lyceum: Lyceum) -> list[str]:
    """The texts of all events and personal records that hold what no text should."""
    facts = [json_of(type(one.event)).dump_python(one.event, mode="json") for one in lyceum.store.history()]
    people = [json_of(type(one)).dump_python(one, mode="json") for one in lyceum.people().values()]
    return [text for text in strings([facts, people]) if raw(text)]
