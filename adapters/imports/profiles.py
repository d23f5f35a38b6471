"""Profile of a foreign file: a small YAML that maps its columns to ours and fills what they lack."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from adapters.imports import row_conditions
from adapters.imports.appointment_times import TIMED, AppointmentTimes
from adapters.imports.row_conditions import BadCondition, Cells
from adapters.imports.table_reader import ReadTable, TableRow
from domain.events import Refused
from domain.messages import message

FOLDER = Path(__file__).parent / "profiles"


class BadImportProfile(Refused):
    """The profile cannot be read, is for another kind of import, or has a part that no profile has."""


@dataclass(frozen=True, slots=True)
class ValueChoice:
    """`value` (a template) where `when` holds; without `when` always."""

    value: str
    when: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportProfile:
    """Mapping of a file's columns to ours, which are the keys.

    In this order, the first that gives a text wins: `choose`, `times`, `templates`, `columns` with `values`, and
    `constants` where the others leave a cell blank. `blank` lists texts that mean nothing in that file.
    `ours`: the file has our own columns.
    """

    name: str
    kind: str
    about: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    choose: Mapping[str, tuple[ValueChoice, ...]] = field(default_factory=dict)
    times: AppointmentTimes | None = None
    keep: tuple[Mapping[str, Any], ...] = ()
    drop: tuple[Mapping[str, Any], ...] = ()
    blank: tuple[str, ...] = ()
    before: tuple[Mapping[str, str], ...] = ()
    after: tuple[Mapping[str, str], ...] = ()
    areas: Mapping[str, str] = field(default_factory=dict)
    unique: bool = False
    only_known: str = ""
    assumed: Mapping[str, str] = field(default_factory=dict)
    ours: bool = False

    def reads(self) -> frozenset[str]:
        """The columns of the file that it reads."""
        templates = [*self.templates.values(), *self.areas.values()]
        tests = [*self.keep, *self.drop]
        for choices in self.choose.values():
            templates += [choice.value for choice in choices]
            tests += [choice.when for choice in choices]
        columns = {*self.columns.values(), *(column for test in tests for column in test)}
        columns |= {column for template in templates for column in row_conditions.fields_of(template)}
        return frozenset(columns | set(self.times.reads() if self.times else ()))

    def covers(self, table: ReadTable) -> frozenset[str]:
        """Our columns that the profile can fill from the table."""
        if self.ours:
            return frozenset(table.header) | frozenset(self.constants)
        own = {*self.columns, *self.templates, *self.constants, *self.choose}
        own |= {column for row in (*self.before, *self.after) for column in row}
        return frozenset(own | set(TIMED if self.times else ()))

    def rows(self, table: ReadTable) -> Iterator[TableRow]:
        """The selected rows under our column names, with the rows that the profile adds before and after (number 0)."""
        for cells in self.before:
            yield TableRow(0, {**self.constants, **cells})
        for row in table.rows:
            cells = self._meant(row)
            if self._keeps(cells):
                yield TableRow(row.number, self._mapped(cells))
        for cells in self.after:
            yield TableRow(0, {**self.constants, **cells})

    def area_rows(self, table: ReadTable) -> Iterator[TableRow]:
        """The areas that the kept rows lie in, each once, as rows of the kind "network"."""
        seen: set[str] = set()
        for row in table.rows if self.areas else ():
            cells = self._meant(row)
            area = {column: row_conditions.filled(text, cells) for column, text in self.areas.items()}
            if self._keeps(cells) and area.get("key") and area["key"] not in seen:
                seen.add(area["key"])
                yield TableRow(row.number, area)

    def _meant(self, row: TableRow) -> Cells:
        if not self.blank:
            return row.cells
        return {name: "" if cell in self.blank else cell for name, cell in row.cells.items()}

    def _keeps(self, cells: Cells) -> bool:
        selected = not self.keep or any(row_conditions.holds(condition, cells) for condition in self.keep)
        return selected and not any(row_conditions.holds(condition, cells) for condition in self.drop)

    def _mapped(self, cells: Cells) -> dict[str, str]:
        mapped = {ours: self._valued(ours, cells.get(theirs, "")) for ours, theirs in self.columns.items()}
        mapped |= {ours: row_conditions.filled(text, cells) for ours, text in self.templates.items()}
        mapped |= self.times.columns(cells) if self.times else {}
        for ours, choices in self.choose.items():
            chosen = next((choice for choice in choices if row_conditions.holds(choice.when, cells)), None)
            mapped[ours] = row_conditions.filled(chosen.value, cells) if chosen else mapped.get(ours, "")
        return {**self.constants, **{ours: cell for ours, cell in mapped.items() if cell}}

    def _valued(self, ours: str, cell: str) -> str:
        words = self.values.get(ours)
        if words is None:
            return cell
        return words.get(cell, words.get("default", cell))


# ---- Reading


def profile_names() -> tuple[str, ...]:
    """The profiles that come with the program."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def find_profile(name: str) -> ImportProfile:
    """Read a profile that comes with the program by its name, or one of your own by its path."""
    path = FOLDER / f"{name}.yaml"
    if name not in profile_names():
        path = Path(name)
        if not path.is_file():
            raise BadImportProfile(
                message(
                    "there is no profile {name!r}; give the path of a YAML file or one of {profile_names}",
                    name=name,
                    profile_names=tuple(profile_names()),
                )
            )
    try:
        # All that is written is text: a column may be called No, 2026 or 007, and a word 12:30.
        content = yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader)  # noqa: S506 - no objects
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        reason = " ".join(str(error).split())
        raise BadImportProfile(
            message("profile {path} is no YAML: {reason}; correct that line", path=path.name, reason=reason)
        ) from error
    return read_profile(path.stem, content)


def read_profile(name: str, content: Any) -> ImportProfile:
    """Check what the YAML says; raises BadProfile in one sentence."""
    if not isinstance(content, dict) or not isinstance(content.get("kind"), str):
        raise BadImportProfile(
            message("profile {name} must be a mapping that begins with kind, such as kind: venues", name=name)
        )
    for key in content:
        if key not in _READERS:
            near = difflib.get_close_matches(str(key), _READERS, 1)
            meant = (
                message("did you mean {near}?", near=near[0])
                if near
                else message("it may use {readers}", readers=tuple(_READERS))
            )
            raise BadImportProfile(
                message(
                    "profile {name}: {key!r} is no key of a profile; {meant}", name=name, key=key, meant=meant
                )
            )
    try:
        return ImportProfile(name, **{key: _READERS[key](value) for key, value in content.items()})
    except ValueError as error:
        raise BadImportProfile(message("profile {name}: {error}", name=name, error=error)) from error


def identity(kind: str, columns: Iterable[str]) -> ImportProfile:
    """The profile of our own templates."""
    return ImportProfile(kind, kind, columns={column: column for column in columns}, ours=True)


def _text(value: Any) -> str:
    if isinstance(value, dict | list):
        raise BadCondition(message("{value!r} is no text; write one value", value=value))
    return row_conditions.text_of(value)


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise BadCondition(message("{value!r} is no mapping; write lines such as name: title", value=value))
    return {row_conditions.text_of(key): _text(text) for key, text in value.items()}


def _maps(value: Any) -> dict[str, dict[str, str]]:
    if not isinstance(value, dict):
        raise BadCondition(
            message("{value!r} is no mapping; write a column and under it word: ours", value=value)
        )
    return {row_conditions.text_of(key): _texts(words) for key, words in value.items()}


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise BadCondition(message("{value!r} is no list; begin each line with a dash", value=value))
    return value


def _tests(value: Any) -> tuple[Mapping[str, Any], ...]:
    for condition in _list(value):
        row_conditions.check(condition)
    return tuple(value)


def _choices(value: Any) -> dict[str, tuple[ValueChoice, ...]]:
    if not isinstance(value, dict):
        raise BadCondition(
            message(
                "{value!r} is no mapping; write a column of ours and under it a list of choices", value=value
            )
        )
    return {
        row_conditions.text_of(key): tuple(map(_choice, _list(choices))) for key, choices in value.items()
    }


def _choice(value: Any) -> ValueChoice:
    if not isinstance(value, dict) or not {"value"} <= set(value) <= {"value", "when"}:
        raise BadCondition(
            message("{value!r} is no choice; write when: and value:, the last one without when", value=value)
        )
    if "when" in value:
        row_conditions.check(value["when"])
    return ValueChoice(_text(value["value"]), value.get("when", {}))


def _flag(value: Any) -> bool:
    text = row_conditions.text_of(value).lower()
    if text not in ("true", "false", "yes", "no"):
        raise BadCondition(message("{value!r} is neither true nor false", value=value))
    return text in ("true", "yes")


def _times(value: Any) -> AppointmentTimes:
    return AppointmentTimes.read(_texts(value))


_READERS: dict[str, Any] = {
    "kind": _text,
    "about": _text,
    "columns": _texts,
    "templates": _texts,
    "constants": _texts,
    "values": _maps,
    "choose": _choices,
    "times": _times,
    "keep": _tests,
    "drop": _tests,
    "blank": lambda value: tuple(map(_text, _list(value))),
    "before": lambda value: tuple(map(_texts, _list(value))),
    "after": lambda value: tuple(map(_texts, _list(value))),
    "areas": _texts,
    "unique": _flag,
    "only_known": _text,
    "assumed": _texts,
}
