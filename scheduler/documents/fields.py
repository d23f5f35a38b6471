"""Types of the values in a document: what each must be, for pydantic, for an error's sentence and for a JSON Schema."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Any, get_args, get_origin

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from domain.messages import message
from domain.windows import DAY_MIN, Window, Windows, clock

MISSING: Any = object()  # stands for a key that is not there, so that it is refused like any other value
MUST = "must"  # the type of an error whose message is what the value must be
MUSTS: dict[
    str, str
] = {}  # what pydantic says of values, which is plain text, and the messages that it stands for
_LARGEST = 10**9
_MINUTES = {clock(minute): minute for minute in range(DAY_MIN + 1)}
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"


def say(words: str) -> Any:
    """What pydantic is to say of a value; it is looked up in `MUSTS` when it comes back."""
    MUSTS[words] = words
    return format(words)


class Must:
    """What a value must be, in the words of an error; read by a core schema, or taken as it stands after a test."""

    def __init__(self, words: str, schema: CoreSchema | Callable[[Any], bool], **json_schema: Any) -> None:
        self.words, self.json_schema = words, json_schema
        self.schema = _passing(schema) if callable(schema) else schema

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        named = core_schema.custom_error_schema(
            self.schema, custom_error_type=MUST, custom_error_message=say(self.words)
        )
        return required(named)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        named = {"title": format(self.words)} if len(self.json_schema) > 1 else {}
        return named | self.json_schema


def required(schema: CoreSchema) -> CoreSchema:
    """The same schema, which refuses a missing key in its own words."""
    return core_schema.with_default_schema(schema, default=MISSING, validate_default=True)


def _passing(test: Callable[[Any], bool]) -> CoreSchema:
    def read(value: Any) -> Any:
        if value is MISSING or not test(value):
            raise ValueError
        return value

    return core_schema.no_info_plain_validator_function(read)


class ListOf:
    """A JSON list, read into the tuple or frozenset that is annotated."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        items = core_schema.list_schema(handler.generate_schema(get_args(source)[0]), strict=True)
        return required(core_schema.no_info_after_validator_function(get_origin(source), items))


class Recalled:
    """A record that need not be read again where the context of the reading, a function, recalls it."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def read(value: Any, inner: Callable[[Any], Any], info: core_schema.ValidationInfo) -> Any:
            return inner(value) if info.context is None else info.context(value, lambda: inner(value))

        return core_schema.with_info_wrap_validator_function(read, handler(source))


def whole(low: int, high: int = _LARGEST) -> Must:
    return Must(
        message("a whole number from {low} to {high}", low=low, high=high),
        core_schema.int_schema(strict=True, ge=low, le=high),
        type="integer", minimum=low, maximum=high,
    )  # fmt: skip


def one_of(*words: str) -> Must:
    return Must(
        message("one of {words}", words=tuple(words)),
        core_schema.literal_schema(list(words)),
        type="string",
        enum=list(words),
    )


def is_number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) <= 1e300  # NaN compares as false


def is_week(value: Any) -> bool:
    """Whether the ISO year has that week: 28 December is always in its last one."""
    if not isinstance(value, str) or not re.fullmatch(r"[1-9]\d{3}-W\d\d", value, re.ASCII):
        return False
    year, number = int(value[:4]), int(value[6:])
    return 1 <= number <= date(year, 12, 28).isocalendar().week


def _location(value: Any) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2 or not all(map(is_number, value)):
        raise ValueError
    latitude, longitude = value
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise ValueError
    return latitude, longitude


def _clock(last: str) -> Must:
    def read(value: Any) -> int:
        minute = _MINUTES.get(value, DAY_MIN + 1) if isinstance(value, str) else DAY_MIN + 1
        if minute > _MINUTES[last]:
            raise ValueError
        return minute

    pattern = f"^{_CLOCK}$" if last < "24:00" else f"^(?:{_CLOCK}|24:00)$"
    return Must(
        message("a time from 00:00 to {last}", last=last), core_schema.no_info_plain_validator_function(read),
        type="string", pattern=pattern,
    )  # fmt: skip


Text = Annotated[str, Must(message("a string"), core_schema.is_instance_schema(str), type="string")]
Flag = Annotated[bool, Must(message("true or false"), core_schema.bool_schema(strict=True), type="boolean")]
Count = Annotated[int, whole(0)]
Positive = Annotated[int, whole(1)]
Weekday = Annotated[int, whole(1, 7)]
Distance = Annotated[
    float,
    Must(
        message("a number of at least 0"),
        lambda value: is_number(value) and value >= 0,
        type="number",
        minimum=0,
    ),
]
Share = Annotated[
    float,
    Must(
        message("a share from 0 to 1"),
        lambda value: is_number(value) and 0 <= value <= 1,
        type="number",
        minimum=0,
        maximum=1,
    ),
]
Speed = Annotated[
    float,
    Must(
        message("a number above 0"),
        lambda value: is_number(value) and value > 0 and math.isfinite(1 / value),
        type="number",
        exclusiveMinimum=0,
    ),
]
Week = Annotated[
    str,
    Must(
        message("an ISO week such as 2026-W49"),
        is_week,
        type="string",
        pattern="^[1-9][0-9]{3}-W[0-9]{2}$",
    ),
]
StartOfDay = Annotated[int, _clock("23:59")]
EndOfDay = Annotated[int, _clock("24:00")]
LOCATION = Must(
    message("[latitude, longitude] in degrees"),
    core_schema.no_info_plain_validator_function(_location),
    type="array",
    prefixItems=[
        {"type": "number", "minimum": -90, "maximum": 90},
        {"type": "number", "minimum": -180, "maximum": 180},
    ],
    minItems=2,
    maxItems=2,
)
NUMBER = Must(message("a number"), is_number, type="number")
Texts = Annotated[frozenset[Text], ListOf()]
TextList = Annotated[tuple[Text, ...], ListOf()]
Bells = Annotated[tuple[StartOfDay, ...], ListOf()]


@dataclass(frozen=True, slots=True)
class DayWindow:
    """Half-open, local wall-clock times within one day."""

    day: Annotated[Weekday, Field(description="ISO weekday, 1 = Monday")]
    start: StartOfDay
    end: Annotated[EndOfDay, Field(description='later than `start`; `"24:00"` is the end of the day')]


def _ends_later(window: DayWindow) -> DayWindow:
    if window.end <= window.start:
        raise PydanticCustomError(message("window"), say(message("a window must end after it starts")))
    return window


class _WeekWindows:
    """Windows in normal form; those of two days stay apart, because no session may cross midnight."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def read(value: Any, inner: Callable[[Any], Any]) -> Windows:
            plain = plain_windows(value)
            return joined(window_of(window) for window in inner(value)) if plain is None else joined(plain)

        windows_schema = handler.generate_schema(DAY_WINDOWS)
        return required(core_schema.no_info_wrap_validator_function(read, windows_schema))


DAY_WINDOWS: Any = Annotated[tuple[Annotated[DayWindow, AfterValidator(_ends_later)], ...], ListOf()]
WeekWindows = Annotated[Windows, _WeekWindows()]


def plain_windows(value: Any) -> list[Window] | None:
    """Windows that are as they must be, as nearly all are: a city's problem has half a million; None for others."""
    if type(value) is not list:
        return None
    try:
        return [_window(item["day"], item["start"], item["end"]) for item in value]
    except (KeyError, TypeError, ValueError):
        return None


@lru_cache(maxsize=4096, typed=True)  # typed: neither true nor 1.0 is a day
def _window(day: Any, start: Any, end: Any) -> Window:
    if type(day) is not int or not 1 <= day <= 7:
        raise ValueError
    return window_of(DayWindow(day, _MINUTES[start], _MINUTES[end]))


def window_of(window: DayWindow) -> Window:
    """The minutes of the week that a document's window has; raises EmptyWindow."""
    base = (window.day - 1) * DAY_MIN
    return Window(base + window.start, base + window.end)


def joined(windows: Iterable[Window]) -> Windows:
    normal: list[Window] = []
    for window in sorted(windows, key=attrgetter("start_min")):
        last = normal[-1] if normal else None
        if last is not None and window.start_min <= last.end_min and last.day == window.day:
            normal[-1] = Window(last.start_min, max(last.end_min, window.end_min))
        else:
            normal.append(window)
    return tuple(normal)
