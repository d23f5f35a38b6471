"""Tables of a release: one row for each session, and one for each venue's use of its rooms."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, time, timedelta
from typing import TypeAlias
from uuid import UUID

from adapters.exports.export_wording import Wording
from adapters.exports.left_out_records import LeftOutRecords
from adapters.files.formulas import harmless
from adapters.week.week_snapshot import SessionView, WeekSnapshot
from domain.timetable import Session
from domain.venue import Venue, open_windows
from domain.windows import DAY_MIN, clock, minutes

Cell: TypeAlias = str | int | float | date | time | timedelta
BYTE_ORDER_MARK = "\ufeff"  # without it Excel and WPS take UTF-8 for the local encoding
SEVERAL = "; "


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A row for a session; `start` and `end` from 24:00 on are durations since midnight.

    `lead_names` and `assistant_names` are empty unless they were asked for.
    """

    date: date
    weekday: str
    start: time | timedelta
    end: time | timedelta
    venue: str
    venue_kind: str
    room: str
    street: str
    community: str
    title: str
    topic: str
    function: str
    form: str
    audience: str
    learners: int
    minors: str
    leads: str
    lead_names: str
    assistants: str
    assistant_names: str
    request: str
    session: int
    venue_key: str
    room_key: str


@dataclass(frozen=True, slots=True)
class VenueUseRow:
    """The use of a venue in the week: hours of sessions against the hours that its used rooms are open."""

    venue: str
    venue_kind: str
    street: str
    rooms: int
    rooms_used: int
    sessions: int
    functions: int
    function_names: str
    learners: int
    session_hours: float
    open_hours: float
    venue_key: str


def session_rows(
    snapshot: WeekSnapshot,
    session_views: Iterable[SessionView],
    wording: Wording,
    left_out: LeftOutRecords,
    names: Mapping[UUID, str] | None = None,
) -> list[SessionRow]:
    """A row for each session; `names` of volunteers by id are personal: None leaves their columns empty."""
    rows: list[SessionRow] = []
    for view in session_views:
        with left_out.unless(f"session {view.session.number} of request {view.request.key}"):
            rows.append(_session_row(snapshot, view, wording, names or {}))
    return rows


def _session_row(
    snapshot: WeekSnapshot, view: SessionView, wording: Wording, names: Mapping[UUID, str]
) -> SessionRow:
    order, session = view.request.order, view.session
    return SessionRow(
        date=view.day,
        weekday=wording.weekday(view.day),
        start=_time(view.start_min),
        end=_time(view.end_min),
        venue=view.venue.name,
        venue_kind=wording(f"kind:{view.venue.kind}"),
        room=view.room.name,
        street=snapshot.level_name(view.venue.area, "street"),
        community=view.community,
        title=order.title,
        topic=wording.name("topic", order.topic),
        function=wording.name("function", order.function),
        form=wording.name("form", order.form),
        audience=wording.name("audience", order.audience),
        learners=order.learners,
        minors=wording("yes" if order.minors else "no"),
        leads=_keys(snapshot, session.leads),
        lead_names=_names(names, session.leads),
        assistants=_keys(snapshot, session.assistants),
        assistant_names=_names(names, session.assistants),
        request=view.request.key,
        session=session.number,
        venue_key=view.venue.key,
        room_key=view.room.key,
    )


def _time(minute: int) -> time | timedelta:
    return time(minute // 60, minute % 60) if minute < DAY_MIN else timedelta(minutes=minute)


def _keys(snapshot: WeekSnapshot, people: Iterable[UUID]) -> str:
    known = (snapshot.volunteers.get(person) for person in people)
    return SEVERAL.join(volunteer.key for volunteer in known if volunteer is not None)


def _names(names: Mapping[UUID, str], people: Iterable[UUID]) -> str:
    return SEVERAL.join(names[person] for person in people if person in names)


def venue_rows(
    snapshot: WeekSnapshot, session_views: Iterable[SessionView], wording: Wording, left_out: LeftOutRecords
) -> list[VenueUseRow]:
    """A row for each venue that hosts a session, in order of its key."""
    by_venue: dict[UUID, list[SessionView]] = defaultdict(list)
    for view in session_views:
        by_venue[view.venue.id].append(view)
    rows: list[VenueUseRow] = []
    for hosted in by_venue.values():
        with left_out.unless(f"the use of venue {hosted[0].venue.key}"):
            rows.append(_venue_row(snapshot, hosted, wording))
    return sorted(rows, key=lambda row: row.venue_key)


def _venue_row(snapshot: WeekSnapshot, hosted: Sequence[SessionView], wording: Wording) -> VenueUseRow:
    venue = hosted[0].venue
    used = {view.room.id for view in hosted}
    functions = sorted({view.request.order.function for view in hosted})
    return VenueUseRow(
        venue=venue.name,
        venue_kind=wording(f"kind:{venue.kind}"),
        street=snapshot.level_name(venue.area, "street"),
        rooms=len(venue.rooms),
        rooms_used=len(used),
        sessions=len(hosted),
        functions=len(functions),
        function_names=SEVERAL.join(wording.name("function", function) for function in functions),
        learners=sum(view.request.order.learners for view in hosted),
        session_hours=_hours(view.session for view in hosted),
        open_hours=round(sum(_open_minutes(snapshot, venue, room) for room in used) / 60, 2),
        venue_key=venue.key,
    )


def _hours(sessions: Iterable[Session]) -> float:
    return round(sum(session.window.minutes for session in sessions) / 60, 2)


def _open_minutes(snapshot: WeekSnapshot, venue: Venue, room: UUID) -> int:
    return minutes(open_windows(venue, room, snapshot.week, snapshot.day_types(venue.area)))


def csv_bytes(rows: Sequence[SessionRow]) -> bytes:
    """CSV (RFC 4180) in UTF-8 with a byte order mark; no cell can start a formula in a spreadsheet program."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns(SessionRow))
    writer.writerows([_written(cell) for cell in cells(row)] for row in rows)
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


def columns(row: type[SessionRow | VenueUseRow]) -> list[str]:
    return [field.name for field in fields(row)]


def cells(row: SessionRow | VenueUseRow) -> list[Cell]:
    return [getattr(row, field.name) for field in fields(row)]


def _written(cell: Cell) -> str:
    match cell:
        case str():
            return harmless(cell)
        case time():
            return cell.strftime("%H:%M")
        case timedelta():
            return clock(cell // timedelta(minutes=1))
        case date():
            return cell.isoformat()
    return str(cell)
