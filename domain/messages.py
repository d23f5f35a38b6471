"""Messages for people: a sentence in English that knows its template and its values, so that it can be translated.

A template is the message's id, in the style of gettext; its placeholders are those of `str.format`. Adapters word a
message in another language. A value is data, or a message itself, or a tuple of such: a format specification of a
tuple is what stands between its items, so that `{names:; }` reads "a; b", and `, ` stands there without one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, Self, TypeAlias

Value: TypeAlias = Any
"""A str, an int, a float, a date, a Message, or a tuple of these; see `message`."""

SEPARATOR = ", "  # between the items of a tuple
CAPITAL = "capital"  # the specification of a message that begins a sentence


class Message(str):
    """A sentence in English with its template and values.

    It is a str in every way, and stays a Message where an exception is raised with it: `str(error)` gives it back. What
    is concatenated, formatted or joined from messages is a plain str, and says nothing to whoever reads another
    language.

    Attributes
    ----------
    id : str
        The template in English; of a message with a number the one for the number 1.
    plural : str
        The template in English for every other number, which is the value `count`; "": the message has no number.
    values : dict
        What stands in the placeholders, by their names.
    """

    __slots__ = ("id", "plural", "values")
    id: str
    plural: str
    values: Mapping[str, Value]

    def __new__(cls, id: str, values: Mapping[str, Value], plural: str = "") -> Self:
        template = plural if plural and values["count"] != 1 else id
        text = super().__new__(cls, filled(template, values, shown))
        text.id, text.plural, text.values = id, plural, values
        return text

    def __str__(self) -> str:
        return self

    def __format__(self, specification: str) -> str:
        """The sentence in English; `capital` gives it a capital letter."""
        text = super().__str__()
        if specification == CAPITAL:
            return capitalised(text)
        return format(text, specification)

    def __reduce__(self) -> tuple[Any, ...]:
        return Message, (self.id, self.values, self.plural)

    def with_texts(self, change: Callable[[str], str]) -> Message:
        """The same message with every text among its values changed, in messages within it too."""
        return Message(
            self.id, {name: _changed(value, change) for name, value in self.values.items()}, self.plural
        )


def message(template: str, /, **values: object) -> Message:
    """A message; the template is a literal, so that its translations are found.

    A value of another type than `Value` becomes its text, a message where that is one; a list becomes a tuple.
    """
    return Message(template, {name: _value(value) for name, value in values.items()})


def plural(singular: str, template: str, /, *, count: int, **values: object) -> Message:
    """A message whose words depend on the number `count`: `singular` for 1, `template` for every other."""
    return Message(
        singular, {"count": count, **{name: _value(value) for name, value in values.items()}}, template
    )


def message_of(text: str) -> Message:
    """A message that is a text without a translation, such as a name or what a library says."""
    return text if isinstance(text, Message) else Message("{text}", {"text": text})


def alike(text: str, change: Callable[[str], str]) -> str:
    """A text changed, or a message with every text among its values changed."""
    return text.with_texts(change) if isinstance(text, Message) else change(text)


def capitalised(text: str) -> str:
    """The text with a capital letter, where its script has them."""
    return text[:1].upper() + text[1:]


def _value(value: object) -> Value:
    match value:
        case str() | int() | float() | date():
            return value
        case tuple() | list():
            return tuple(map(_value, value))
        case _:
            return str(value)


def _changed(value: Value, change: Callable[[str], str]) -> Value:
    match value:
        case Message():
            return value.with_texts(change)
        case str():
            return change(value)
        case tuple():
            return tuple(_changed(item, change) for item in value)
        case _:
            return value


# ---- Templates


class FilledValue:
    """A value in a template, shown as `show` gives its text for a format specification."""

    __slots__ = ("_show", "_value")

    def __init__(self, value: Value, show: Callable[[Value, str], str]) -> None:
        self._value, self._show = value, show

    def __format__(self, specification: str) -> str:
        return self._show(self._value, specification)

    def __repr__(self) -> str:
        return repr(self._value)


def filled(template: str, values: Mapping[str, Value], show: Callable[[Value, str], str]) -> str:
    """A template with its values. Raises KeyError where one is missing."""
    if show is shown:  # English is what `str.format` writes, but for tuples
        return template.format_map(
            {
                name: FilledValue(value, show) if isinstance(value, tuple) else value
                for name, value in values.items()
            }
        )
    return template.format_map({name: FilledValue(value, show) for name, value in values.items()})


def shown(value: Value, specification: str) -> str:
    """A value in English."""
    if isinstance(value, tuple):
        return (specification or SEPARATOR).join(map(str, value))
    return format(value, specification)


# ---- Documents


def document(message: Message) -> dict[str, Any]:
    """A message as a JSON value, `{"id": …, "values": …}`; messages within it likewise, dates as `{"date": …}`.

    One with a number has its other template too, under `plural`.
    """
    values = {name: _written(value) for name, value in message.values.items()}
    plural = {"plural": message.plural} if message.plural else {}
    return {"id": message.id, **plural, "values": values}


def _written(value: Value) -> Any:
    match value:
        case Message():
            return document(value)
        case date():
            return {"date": value.isoformat()}
        case tuple():
            return [_written(item) for item in value]
        case _:
            return value


def read_message(written: Any) -> Message | None:
    """The message of a document; None where it is none."""
    try:
        return _read(written)
    except (KeyError, ValueError, IndexError, TypeError, AttributeError):
        return None


def _read(written: Any) -> Message:
    values = {name: _read_value(value) for name, value in written["values"].items()}
    return Message(written["id"], values, written.get("plural", ""))


def _read_value(written: Any) -> Value:
    match written:
        case {"id": _, "values": _}:
            return _read(written)
        case {"date": day}:
            return (datetime if "T" in day else date).fromisoformat(day)
        case list():
            return tuple(map(_read_value, written))
        case _:
            return written


SENTENCES = ("detail", "sentence", "right")
"""Fields that hold what a record says; a record has one of them at most."""


def message_key(name: str, *, several: bool = False) -> str:
    """What the message of a field is called in a document.

    That of a field `sentence`, `detail` or `right` is `message`, that of a field `price` is `price_message`, and those
    of a list `reasons` are `reasons_messages`.
    """
    if several:
        return f"{name}_messages"
    return "message" if name in SENTENCES else f"{name}_message"


def beside(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What stands beside the sentences of a record in a document, so that it can be worded in another language."""
    documents: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, Message):
            documents[message_key(name)] = document(value)
        elif isinstance(value, tuple | list) and any(isinstance(item, Message) for item in value):
            documents[message_key(name, several=True)] = [document(message_of(item)) for item in value]
    return documents
