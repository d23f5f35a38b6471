"""The tables of docs/format.md: keys of the documents, hard rules and goals.

A table stands between two markers, `<!-- rules -->` and `<!-- end -->`; the text around it is written by hand.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from scheduler.documentation.schemas import json_schema
from scheduler.documents.records import ALL_GOALS, GOALS
from scheduler.rules.check import RULES
from scheduler.rules.goals import GOAL_VALUES

_BLOCK = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_NO_LIMIT = re.compile(r"( from -1000000000)? to 1000000000$")
_PLAIN = {"string": "a string", "boolean": "true or false", "number": "a number", "object": "an object"}
_WINDOW = "#/$defs/DayWindow"


def filled(page: str) -> str:
    """The page with each of its tables made anew; raises KeyError for a marker that names none."""
    tables = {name: table for kind in ("problem", "plan") for name, table in _key_tables(kind).items()}
    tables["rules"] = _sentences("rule", "what must hold", RULES)
    tables["goals"] = _sentences("goal", "its value", {goal: GOAL_VALUES[goal] for goal in _goal_order()})
    return _BLOCK.sub(lambda block: block[1] + tables[block[2]] + block[3], page)


def _goal_order() -> list[str]:
    return [*GOALS, *(goal for goal in ALL_GOALS if goal not in GOALS)]


def _sentences(name: str, meaning: str, functions: Mapping[str, Callable[..., Any]]) -> str:
    rows = [f"| `{key}` | {_sentence(function)} |\n" for key, function in functions.items()]
    return "".join((f"| {name} | {meaning} |\n| --- | --- |\n", *rows))


def _sentence(function: Callable[..., Any]) -> str:
    return " ".join((inspect.getdoc(function) or "").split())


def _key_tables(kind: str) -> dict[str, str]:
    schema = json_schema(kind)
    records = {**schema["$defs"], kind: schema}
    return {name: _key_table(record) for name, record in records.items()}


def _key_table(record: Mapping[str, Any]) -> str:
    head = "| key | type | default | meaning |\n| --- | --- | --- | --- |\n"
    required = record["required"]
    rows = [
        f"| `{key}` | {_type(value)} | {'required' if key in required else _default(value)} | "
        f"{value.get('description', '')} |\n"
        for key, value in sorted(
            record["properties"].items(), key=lambda item: (item[0] != "format", item[0] not in required)
        )
    ]
    return "".join((head, *rows))


def _default(value: Mapping[str, Any]) -> str:
    return f"`{json.dumps(value['default'])}`" if "default" in value else "none"


def _type(value: Mapping[str, Any]) -> str:
    match value:
        case {"anyOf": [inner, {"type": "null"}]}:
            return f"{_type(inner)}, or null"
        case {"items": {"$ref": str(name)}} if name == _WINDOW:
            return "[windows](#windows)"
        case {"items": inner}:
            return f"a list, each {_type(inner)}"
        case {"$ref": str(name)}:
            return f"[{name.rpartition('/')[2]}](#{name.rpartition('/')[2].lower()})"
    words: str = value.get("title") or _PLAIN[value["type"]]
    return _NO_LIMIT.sub("", words)
