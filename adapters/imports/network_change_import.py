"""Import of a reorganisation: areas founded, renamed, re-coded, moved, merged and dissolved on a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from adapters.imports import columns as read
from adapters.imports.columns import Column
from adapters.imports.far_days import warn_of_day
from adapters.imports.import_kind import ImportKind, Values
from adapters.imports.import_run import Handle, ImportRun
from adapters.store.streams import AREAS, REQUESTS, VENUES, VOLUNTEERS
from domain import area_references, network
from domain.effective_dates import held_on
from domain.events import Event
from domain.messages import message
from domain.network import Area, Code, NewArea, area_id
from domain.succession import handed_on

CHANGES = ("found", "rename", "recode", "move", "merge", "dissolve")  # the order in which one row's are done


@dataclass(frozen=True, slots=True)
class ChangeRow:
    row: int
    since: date
    change: tuple[str, ...]
    area: str
    to: str
    level: str
    name: str
    language: str
    scheme: str
    code: str
    why: str


COLUMNS = (
    Column("since", "day on which it takes effect", "2026-01-01", read.day, required=True, always=True),
    Column(
        "change",
        f"one or more of {', '.join(CHANGES)}",
        "recode, move",
        read.choices(*CHANGES),
        required=True,
        always=True,
    ),
    Column(
        "area",
        "key, scheme:code or unique name of the area; for found: its new key",
        "500105001",
        required=True,
        always=True,
    ),
    Column(
        "to",
        "for found and move: the area around it; for merge: the area that takes its place; for dissolve: the area that "
        "takes over what belongs to it, blank: the area around it",
        "500157",
    ),
    Column("level", "for found: its level", "district"),
    Column("name", "for found and rename: its name", "两江新区"),
    Column("language", "the language of the name; blank: en", "zh", blank="en"),
    Column("scheme", "for found and recode: who gives the code; blank: official", "cn-nbs", blank="official"),
    Column("code", "for found and recode: the new code", "500157020"),
    Column("why", "the reason; blank: the name of the file", "decision of the State Council"),
)
_NEEDS = {
    "found": ("to", "level", "name"),
    "rename": ("name",),
    "recode": ("code",),
    "move": ("to",),
    "merge": ("to",),
    "dissolve": (),
}


def decide(run: ImportRun, rows: Iterable[Values]) -> None:
    """Apply the changes in the order of the file, so that what is founded first can be moved into later."""
    for values in rows:
        row = ChangeRow(**values)
        with run.deciding(row.row, "area", row.area):
            _decide(run, row)


def _decide(run: ImportRun, row: ChangeRow) -> None:
    lacking = [column for change in row.change for column in _NEEDS[change] if not getattr(row, column)]
    for column in dict.fromkeys(lacking):
        run.wrong(row.row, column, "", message("must not be empty for {change}", change=tuple(row.change)))
    warn_of_day(run, row.row, "since", row.since, before=timedelta(days=20 * 366))
    to = run.area(row.row, "to", row.to, row.since) if row.to else None
    if lacking or (row.to and to is None):
        return
    if "found" in row.change:
        id = area_id(row.area)
    else:
        known = run.area(row.row, "area", row.area, row.since)
        if known is None:
            return
        id = known
    area = run.handle(AREAS, id, row.area)
    target = run.state(AREAS, to) if to else None
    for change in row.change:
        area.take(_DECISIONS[change](run, row, area, target))
    if {"found", "rename"} & set(row.change):
        run.areas_changed()


def _known(run: ImportRun, values: Values) -> Values | None:
    """The area that a row changes, as a whole: a row is an act, and its columns are no record."""
    id = (
        area_id(values["area"])
        if "found" in values["change"]
        else run.area_of(values["area"], values["since"])
    )
    area = run.state(AREAS, id) if id else None
    return {"area": area} if area else None


def _why(run: ImportRun, row: ChangeRow) -> str:
    return row.why or run.why


def _found_area(run: ImportRun, row: ChangeRow, area: Handle[Area], to: Area | None) -> Iterable[Event]:
    if area.state is not None or to is None:
        return ()
    return area_references.found_area(
        None,
        run.metadata,
        NewArea(
            key=row.area,
            level=row.level,
            names=((row.language, row.name),),
            on=row.since,
            parent=to.id,
            codes=_codes(row, ()),
        ),
        network=run.states(AREAS),
        references=area_references.References(run.states(AREAS).values()),
        around=to,
    )


def _codes(row: ChangeRow, present: tuple[Code, ...]) -> tuple[Code, ...]:
    own = (Code(row.scheme, row.code),) if row.code else ()
    return (*own, *(code for code in present if code.scheme != row.scheme))


def _rename(run: ImportRun, row: ChangeRow, area: Handle[Area], _: Area | None) -> Iterable[Event]:
    others = (name for name in held_on(area.present.names, row.since) or () if name[0] != row.language)
    names = ((row.language, row.name), *others)
    return network.rename_area(area.present, run.metadata, names=names, on=row.since, why=_why(run, row))


def _recode(run: ImportRun, row: ChangeRow, area: Handle[Area], _: Area | None) -> Iterable[Event]:
    codes = _codes(row, held_on(area.present.codes, row.since) or ())
    known = run.states(AREAS)
    return area_references.recode_area(
        area.present, run.metadata, network=known, codes=codes, on=row.since, why=_why(run, row)
    )


def _move(run: ImportRun, row: ChangeRow, area: Handle[Area], to: Area | None) -> Iterable[Event]:
    return network.move_area(
        area.present,
        run.metadata,
        parent=to.id if to else None,
        on=row.since,
        why=_why(run, row),
        network=run.states(AREAS),
    )


def _merge(run: ImportRun, row: ChangeRow, area: Handle[Area], to: Area | None) -> Iterable[Event]:
    if to is None or (area.present.merged_into, area.present.ended) == (to.id, row.since):
        return ()
    known = run.states(AREAS)
    return network.merge_area(
        area.present, run.metadata, into=to, on=row.since, why=_why(run, row), network=known
    )


def _dissolve(run: ImportRun, row: ChangeRow, area: Handle[Area], to: Area | None) -> Iterable[Event]:
    """Dissolve an area; that its venues, volunteers and requests go to another area is noted as a warning."""
    if area.present.ended == row.since:
        return ()
    known = run.states(AREAS)
    venues, people, requests = run.states(VENUES), run.states(VOLUNTEERS), run.states(REQUESTS)
    heritage = handed_on(
        known, area.present, row.since, to, venues.values(), people.values(), requests.values()
    )
    dissolved = network.dissolve_area(
        area.present,
        run.metadata,
        on=row.since,
        why=_why(run, row),
        network=known,
        into=to,
        holds=bool(heritage),
    )
    if heritage:
        run.odd(
            row.row,
            "area",
            row.area,
            message(
                "{text} go to {to} on {since}; check that it takes them",
                text=heritage.text(),
                to=heritage.to,
                since=row.since,
            ),
        )
    return dissolved


_DECISIONS: dict[str, Callable[[ImportRun, ChangeRow, Handle[Area], Area | None], Iterable[Event]]] = {
    "found": _found_area,
    "rename": _rename,
    "recode": _recode,
    "move": _move,
    "merge": _merge,
    "dissolve": _dissolve,
}

NETWORK_CHANGES = ImportKind(
    "network-changes",
    message(
        "What a reorganisation changed, in the order in which it is to be done. A row may hold "
        "several changes of one area. Whatever was there before the day stays the answer for earlier "
        "days. What belongs to an area that is dissolved goes to the area named in `to`, or to the "
        "area around it; that has to be accepted as a warning."
    ),
    COLUMNS,
    (),
    decide,
    _known,
    named_by=("area",),
    acts=True,
)
