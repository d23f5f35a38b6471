"""Fields of a form as a page shows them, made from the pydantic form of the command that takes them.

A form of a page has the fields that the operation takes, by the same dotted names that its problems use, such as
`order.learners` or `names.0.text`. What a field may hold is the operation's to judge; a page only turns text into JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import BaseModel

from api.http.framework.operations import ANY_TEXT
from domain.windows import DAY_MIN

Kind = Literal[
    "text",
    "paragraph",
    "number",
    "checkbox",
    "choice",
    "yes_no",
    "choices",
    "date",
    "time",
    "week",
    "lines",
    "point",
    "rows",
]
LONG_TEXT = 300  # characters from which a field gets several lines
EMPTY_ROWS = 2
WINDOW = ("start_min", "end_min")
YES_NO = ("yes", "no")
_INTEGER = re.compile(r"-?[0-9]{1,15}")
_NUMBER = re.compile(r"-?[0-9]{1,15}([.,][0-9]{1,15})?")
_CLOCK = re.compile(r"([0-9]{1,2})[:.：]([0-9]{2})")
JsonSchema = Mapping[str, Any]
_KINDS: Mapping[str, Kind] = {
    "boolean": "checkbox",
    "integer": "number",
    "number": "number",
    "array": "point",
}


@dataclass(frozen=True, slots=True)
class FieldShape:
    """What a field holds. `rows` are the fields of each row of a list; `choices` the values of a choice.

    `whole`: a window counts from Monday 00:00, else from midnight of its day. `sends_null`: the command wants to be
    told that there is nothing, where the field is empty. `default` stands in a field of a new record.
    """

    name: str
    kind: Kind
    required: bool
    choices: tuple[str, ...] = ()
    rows: tuple[FieldShape, ...] = ()
    is_window: bool = False
    whole: bool = False
    sends_null: bool = False
    default: str = ""

    @property
    def word(self) -> str:
        """The last part of the name, by which it has its label."""
        return self.name.rpartition(".")[2]


def shapes_of(form: type[BaseModel], leave_out: Iterable[str] = ()) -> tuple[FieldShape, ...]:
    """The fields of a form, in its order, without those that the page fills in itself."""
    schema = form.model_json_schema()
    left_out = set(leave_out)
    return tuple(
        shape for shape in _shapes(schema, schema.get("$defs", {}), "") if shape.name not in left_out
    )


def _shapes(schema: JsonSchema, defs: JsonSchema, prefix: str) -> Iterable[FieldShape]:
    required = set(schema.get("required", ()))
    for name, declared in schema.get("properties", {}).items():
        own, is_nullable = _resolved(declared, defs), _is_nullable(declared)
        if own.get("type") == "object" and "properties" in own:
            yield from _shapes(own, defs, f"{prefix}{name}.")
        elif is_nullable and own.get("type") == "boolean":
            yield FieldShape(prefix + name, "yes_no", required=False, choices=YES_NO)
        elif (shape := _shape(prefix + name, own, defs, required=name in required)) is not None:
            is_null = is_nullable and shape.required
            shape = replace(shape, default=_typed(shape, declared.get("default", own.get("default"))))
            yield replace(shape, required=False, sends_null=True) if is_null else shape


def _is_nullable(schema: JsonSchema) -> bool:
    return any(each.get("type") == "null" for each in schema.get("anyOf", ()))


def _resolved(schema: JsonSchema, defs: JsonSchema) -> JsonSchema:
    """The schema behind references, and the one beside null."""
    while True:
        if "$ref" in schema:
            schema = defs[schema["$ref"].rpartition("/")[2]]
        elif "anyOf" in schema:
            schema = next(each for each in schema["anyOf"] if each.get("type") != "null")
        else:
            return schema


def _shape(name: str, schema: JsonSchema, defs: JsonSchema, *, required: bool) -> FieldShape | None:
    if "enum" in schema or "const" in schema:
        values = schema.get("enum") or [schema["const"]]
        return FieldShape(name, "choice", required, tuple(map(str, values)))
    if schema.get("type") == "array" and "prefixItems" not in schema:
        return _list_shape(name, _resolved(schema.get("items", {}), defs), defs, required=required)
    is_clock = name.rpartition(".")[2] in WINDOW and _greatest(schema) <= DAY_MIN
    kind = "time" if is_clock else _simple_kind(schema)
    return None if kind is None else FieldShape(name, kind, required and kind != "checkbox")


def _greatest(schema: JsonSchema) -> float:
    return float(schema.get("maximum", schema.get("exclusiveMaximum", "inf")))


def _simple_kind(schema: JsonSchema) -> Kind | None:
    match schema:
        case {"type": "string", "format": "date"}:
            return "date"
        case {"type": "string", "pattern": str() as pattern} if "W(0[1-9]" in pattern:
            return "week"
        case {"type": "string"}:
            is_long = LONG_TEXT < schema.get("maxLength", 0) < ANY_TEXT.longest  # all texts have that bound
            return "paragraph" if is_long else "text"
    return _KINDS.get(str(schema.get("type")))


def _list_shape(name: str, items: JsonSchema, defs: JsonSchema, *, required: bool) -> FieldShape | None:
    if "enum" in items:
        return FieldShape(name, "choices", required, tuple(map(str, items["enum"])))
    if items.get("type") == "object":
        rows = tuple(_shapes(items, defs, ""))
        is_window = tuple(row.name for row in rows) == WINDOW
        whole = is_window and items["properties"]["end_min"].get("maximum", 0) > 2 * DAY_MIN
        return FieldShape(name, "rows", required, rows=rows, is_window=is_window, whole=whole)
    if items.get("type") in ("string", "integer", "number"):
        return FieldShape(name, "lines", required)
    return None


# ---- From what was typed to JSON


def body_of(shapes: Iterable[FieldShape], fields: Mapping[str, str]) -> dict[str, Any]:
    """The body of the command: what is empty and optional is left out, and text that is no number stays text."""
    body: dict[str, Any] = {}
    for shape in shapes:
        value = _value(shape, fields)
        is_text = shape.required and shape.kind in ("text", "paragraph")
        if value is None and not is_text and not shape.sends_null:
            continue
        parent = body
        *parents, last = shape.name.split(".")
        for part in parents:
            parent = parent.setdefault(part, {})
        parent[last] = "" if value is None and is_text else value
    return body


def _value(shape: FieldShape, fields: Mapping[str, str]) -> Any:
    """What a field says, as JSON; None where it says nothing."""
    if shape.kind == "rows":
        return _windows(shape, fields) if shape.is_window else _rows(shape, fields)
    text = fields.get(shape.name, "").strip().replace("\r\n", "\n")
    if shape.kind == "checkbox":
        return text == "yes"
    value = _FROM_TEXT.get(shape.kind, str)(text)
    return None if value in ("", []) else value


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _point(text: str) -> list[Any]:
    return [_number(part) for part in re.split(r"[,\s，]+", text) if part]


def _number(text: str) -> Any:
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        return float(text.replace(",", "."))
    return text or None


def _minute(text: str) -> Any:
    """The minute of a time of day; what is none stays text, for the operation to refuse."""
    minute = minute_of_clock(text)
    return text if minute is None else minute


_FROM_TEXT: Mapping[str, Callable[[str], Any]] = {
    "number": _number,
    "time": _minute,
    "yes_no": {"yes": True, "no": False}.get,
    "choices": _lines,
    "lines": _lines,
    "point": _point,
}


def _indices(name: str, fields: Mapping[str, str]) -> list[int]:
    prefix = name + "."
    parts = (key[len(prefix) :].partition(".")[0] for key in fields if key.startswith(prefix))
    return sorted({int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 4})


def _rows(shape: FieldShape, fields: Mapping[str, str]) -> list[Any] | None:
    rows = []
    for index in _indices(shape.name, fields):
        prefix = f"{shape.name}.{index}."
        own = {key[len(prefix) :]: text for key, text in fields.items() if key.startswith(prefix)}
        if any(text.strip() for key, text in own.items() if key != "day"):
            rows.append(body_of(shape.rows, own))
    return rows or None


def _windows(shape: FieldShape, fields: Mapping[str, str]) -> list[Any] | None:
    """Rows of a day, a start and an end as windows in minutes; an end of 00:00 is that of the day."""
    windows = []
    for index in _indices(shape.name, fields):
        prefix = f"{shape.name}.{index}."
        start, end = fields.get(prefix + "start", "").strip(), fields.get(prefix + "end", "").strip()
        if not start and not end:
            continue
        day = fields.get(prefix + "day", "0")
        midnight = int(day) * DAY_MIN if shape.whole and day.isascii() and day.isdigit() else 0
        start_min, end_min = minute_of_clock(start), minute_of_clock(end)
        windows.append(
            {
                "start_min": start if start_min is None else midnight + start_min,
                "end_min": end if end_min is None else midnight + (end_min or DAY_MIN),
            }
        )
    return windows or None


def minute_of_clock(text: str) -> int | None:
    """Minutes after midnight of a time such as 18:30; None where it is none."""
    match = _CLOCK.fullmatch(text)
    if match is None or int(match[1]) > 24 or int(match[2]) > 59:
        return None
    return int(match[1]) * 60 + int(match[2])


# ---- From a record to what stands in the fields


def typed_from(shapes: Iterable[FieldShape], record: Mapping[str, Any]) -> dict[str, str]:
    """What the fields of a form say of a record that has the same names: the text as somebody would have typed it."""
    fields: dict[str, str] = {}
    for shape in shapes:
        value = _at(record, shape.name)
        if shape.kind == "rows":
            for index, row in enumerate(value or ()):
                own = _clock_fields(shape, row) if shape.is_window else typed_from(shape.rows, row)
                fields.update({f"{shape.name}.{index}.{name}": text for name, text in own.items()})
        else:
            fields[shape.name] = _typed(shape, value)
    return fields


def _at(record: Any, name: str) -> Any:
    for part in name.split("."):
        record = record.get(part) if isinstance(record, Mapping) else None
    return record


def _typed(shape: FieldShape, value: Any) -> str:
    match value:
        case False if shape.kind == "yes_no":
            return "no"
        case None | False:
            return ""
        case True:
            return "yes"
        case int() if shape.kind == "time":
            return clock(value)
        case list() | tuple():
            return (", " if shape.kind == "point" else "\n").join(map(str, value))
    return str(value)


def _clock_fields(shape: FieldShape, row: Mapping[str, int]) -> dict[str, str]:
    day = row["start_min"] // DAY_MIN if shape.whole else 0
    start, end = row["start_min"] - day * DAY_MIN, row["end_min"] - day * DAY_MIN
    return {"day": str(day), "start": clock(start), "end": clock(end)}


def clock(minute: int) -> str:
    """A time of day such as 18:30, or 24:00 at its end."""
    return f"{minute // 60:02}:{minute % 60:02}"


def row_count(shape: FieldShape, fields: Mapping[str, str]) -> int:
    """How many rows a list shows: those that are filled, and some more to add."""
    filled = _indices(shape.name, fields)
    return (filled[-1] + 1 if filled else 0) + EMPTY_ROWS


def row_shape(shape: FieldShape, index: int, row: FieldShape) -> FieldShape:
    """A field of one row, under its full name."""
    return replace(row, name=f"{shape.name}.{index}.{row.name}")
