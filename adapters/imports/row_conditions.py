"""Row filters and text templates of profiles: tests of cells, and texts put together from cells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from domain.messages import message

Cells = Mapping[str, str]


class BadCondition(ValueError):
    """A condition of a profile is malformed; the text says what would be right."""


def check(condition: Any) -> None:
    """Raise BadCondition for what `holds` cannot test."""
    if not isinstance(condition, dict) or not condition:
        raise BadCondition(
            message("a condition names columns and what they must be, as in {{type: Library}}")
        )
    for test in condition.values():
        _check_test(test)


def _check_test(test: Any) -> None:
    match test:
        case {"not": inner, **rest} if not rest:
            _check_test(inner)
        case {"matches": str(pattern), **rest} if not rest:
            try:
                re.compile(pattern)
            except re.error as error:
                raise BadCondition(
                    message("{pattern!r} is no regular expression ({error})", pattern=pattern, error=error)
                ) from error
        case dict():
            raise BadCondition(
                message("{test!r} is no test; write a text, a list of texts, matches or not", test=test)
            )


def holds(condition: Mapping[str, Any], cells: Cells) -> bool:
    """Whether every column named passes its test; a column that the file has not is blank."""
    return all(_passes(test, cells.get(column, "")) for column, test in condition.items())


def _passes(test: Any, cell: str) -> bool:
    match test:
        case list():
            return cell in map(text_of, test)
        case {"not": inner}:
            return not _passes(inner, cell)
        case {"matches": pattern}:
            return re.search(pattern, cell) is not None
        case _:
            return cell == text_of(test)


def text_of(value: Any) -> str:
    """A YAML value as the text that people wrote: yes and no are no booleans in a table."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


_FIELD = re.compile(r"\{([^{}]+)\}")


def fields_of(template: str) -> tuple[str, ...]:
    """The columns that a template such as "{place}-{course}" reads."""
    return tuple(_FIELD.findall(template))


def filled(template: str, cells: Cells) -> str:
    """The template with the cells in it; blank where every cell that it reads is."""
    names = fields_of(template)
    if names and not any(cells.get(name, "") for name in names):
        return ""
    return _FIELD.sub(lambda match: cells.get(match[1], ""), template)
