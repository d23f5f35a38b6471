"""Export of master data in the columns of the import, so that reading it back changes nothing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

from adapters.application.unit_of_work import Repository
from adapters.exports.export_folder import write_file
from adapters.exports.hours_export import hours_rows, whole_hours
from adapters.exports.left_out_records import LeftOutRecords
from adapters.exports.timetable_tables import BYTE_ORDER_MARK
from adapters.exports.workbook_writer import plain_workbook
from adapters.files.formulas import harmless
from adapters.imports.columns import AROUND
from adapters.imports.importing import find_kind
from adapters.imports.record_columns import written_cells
from adapters.imports.request_import import ENDS, STEPS
from adapters.imports.weekly_hours import write_weekly
from adapters.people.personal_records import PersonalRecord
from adapters.queries.area_queries import area_keys
from adapters.queries.area_queries import network as network_of
from adapters.queries.request_queries import all_requests
from adapters.queries.venue_queries import all_venues
from adapters.queries.volunteer_queries import all_volunteers
from domain.calendar import shift_week, week_of
from domain.effective_dates import held_on
from domain.events import Refused, stream_id
from domain.messages import message
from domain.network import Area, exists_on, parent_on
from domain.recurrence import Rhythm
from domain.request import CourseRequest
from domain.starts import Starts
from domain.venue import Room, Venue, find_room, own_hours
from domain.volunteer import Volunteer
from domain.windows import clock

Record: TypeAlias = Mapping[str, Any]  # by column of the import; what is not there is blank
_NUMBER = re.compile(r"[+-][\d\s().-]*")  # a longitude, a telephone number: no formula


class NotExported(Refused):
    """The kind cannot be exported, or the file is neither CSV nor XLSX."""


def export_kind(
    repository: Repository,
    kind: str,
    path: Path,
    *,
    with_people: bool = False,
    tell: Callable[[Sequence[str]], object] = list,
) -> bool:
    """Write all data of a kind to a .csv or .xlsx; whether the file changed.

    Areas are written as they are today; volunteers who have left are not. `with_people` fills the personal columns of
    volunteers; without them the file is for reading, not for importing again. A record that cannot be written is left
    out, and `tell` is told of it in a sentence.
    """
    if kind not in EXPORTS:
        raise NotExported(
            message("{kind!r} cannot be exported; there are {exports}", kind=kind, exports=tuple(EXPORTS))
        )
    columns = find_kind(kind).column_names
    missing = LeftOutRecords()
    records = EXPORTS[kind](repository, with_people, missing)
    rows = [[_text(record.get(column)) for column in columns] for record in records]
    tell(missing.sentences)
    match path.suffix.lower():
        case ".csv":
            content = _csv(columns, rows)
        case ".xlsx":
            content = plain_workbook(kind, [list(columns), *rows])
        case suffix:
            raise NotExported(
                message(
                    "{kind} cannot be written as {suffix}; use .csv or .xlsx",
                    kind=kind,
                    suffix=suffix or "a file without ending",
                )
            )
    return bool(write_file(path, content))


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{Decimal(repr(value)):f}"
        case tuple():
            return ", ".join(map(str, value))
    return str(value)


def _csv(columns: Iterable[str], rows: Iterable[list[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([cell if _NUMBER.fullmatch(cell) else harmless(cell) for cell in row] for row in rows)
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


# ---- Network


def _areas(repository: Repository, _with_people: bool, missing: LeftOutRecords) -> Iterator[Record]:
    today = repository.metadata().at.date()
    network = network_of(repository.views)
    areas = [area for area in network.values() if exists_on(area, today)]
    for area in sorted(areas, key=lambda area: area.key):
        with missing.unless(f"area {area.key}"):
            yield _area(area, network, today)


def _area(area: Area, network: Mapping[UUID, Area], today: date) -> Record:
    """`since` is the day of the last change, so that reading it back does not touch what held before."""
    (language, name), *others = held_on(area.names, today) or area.names[0].value
    codes = held_on(area.codes, today) or ()
    around = parent_on(area, today)
    dated = (area.names, area.codes, area.parents, area.starts)
    changes = [entry.day for history in dated for entry in history]
    starts = held_on(area.starts, today)
    return {
        "key": area.key,
        "level": area.level,
        "name": name,
        "language": language,
        "names": "; ".join(f"{tag}={text}" for tag, text in others),
        "parent": network[around].key if around and around in network else "",
        "scheme": codes[0].scheme if codes else "",
        "code": codes[0].code if codes else "",
        "codes": "; ".join(f"{code.scheme}={code.code}" for code in codes[1:]),
        "lat": area.location[0] if area.location else None,
        "lon": area.location[1] if area.location else None,
        "zone": area.zone,
        "calendar": area.calendar,
        "since": max(day for day in changes if day <= today),
        "grid_minutes": _grid(area, starts, today),
        "bell_times": ", ".join(map(clock, starts.bells)) if starts else "",
        "a_week": _a_week(area),
    }


def _grid(area: Area, starts: Starts | None, today: date) -> str:
    if starts is None:
        return AROUND if any(entry.day <= today for entry in area.starts) else ""
    return "" if starts.bells else str(starts.grid_min)


def _a_week(area: Area) -> str:
    """The last week that was named, or the one after it, whichever is an A week."""
    if not area.letters:
        return ""
    week = week_of(area.letters[-1].day)
    return week if area.letters[-1].value == "A" else shift_week(week, 1)


# ---- Venues


def _venues(repository: Repository, _with_people: bool, missing: LeftOutRecords) -> Iterator[Record]:
    areas = area_keys(repository.views)
    for venue in all_venues(repository.views):
        with missing.unless(f"venue {venue.key}"):
            yield _venue(venue, areas)


def _venue(venue: Venue, areas: Mapping[UUID, str]) -> Record:
    terms = venue.terms
    return {
        "key": venue.key,
        "name": venue.name,
        "kind": venue.kind,
        "area": areas.get(venue.area, venue.area),
        "lat": float(venue.location[0]),
        "lon": float(venue.location[1]),
        "hours": whole_hours(venue, None),
        "price": terms.price,
        "price_per_hour": float(terms.price_per_hour),
        "weekly_cap_minutes": terms.weekly_cap_minutes,
        "recall_notice_hours": terms.recall_notice_hours,
    }


def _rooms(repository: Repository, _with_people: bool, missing: LeftOutRecords) -> Iterator[Record]:
    for venue in all_venues(repository.views):
        for room in venue.rooms:
            with missing.unless(f"room {room.key} of {venue.key}"):
                yield _room(venue, room)


def _room(venue: Venue, room: Room) -> Record:
    whole = find_room(venue, room.part_of) if room.part_of else None
    return {
        "venue": venue.key,
        "key": room.key,
        "name": room.name,
        "capacity": room.capacity,
        "equipment": room.equipment,
        "accessible": room.accessible,
        "turnaround_minutes": room.turnaround_minutes,
        "part_of": whole.key if whole else "",
        "functions": room.functions,
        "hours": whole_hours(venue, room.id) or ("unchanged" if own_hours(venue, room.id) else ""),
    }


def _hours(repository: Repository, _with_people: bool, missing: LeftOutRecords) -> Iterator[Record]:
    for venue in all_venues(repository.views):
        with missing.unless(f"venue {venue.key} with its hours"):
            yield from list(hours_rows(venue))


# ---- Volunteers


def _volunteers(repository: Repository, with_people: bool, missing: LeftOutRecords) -> Iterator[Record]:
    areas = area_keys(repository.views)
    people = repository.people() if with_people else {}
    today = repository.metadata().at.date()
    for volunteer in all_volunteers(repository.views):
        if volunteer.left is not None and volunteer.left <= today:
            continue
        home = volunteer.profile.home_area
        with missing.unless(f"volunteer {volunteer.key}"):
            yield {
                **_volunteer(volunteer),
                "home_area": areas.get(home, home),
                **_personal(volunteer, people),
            }


def _volunteer(volunteer: Volunteer) -> Record:
    profile, check = volunteer.profile, volunteer.check
    return {
        "key": volunteer.key,
        **written_cells(profile),
        "hours": write_weekly(volunteer.offer),
        "hours_weeks": _weeks_of(volunteer.rhythm),
        "hours_otherwise": write_weekly(volunteer.otherwise),
        "consent": volunteer.consent if profile.minor else None,
        "check_result": ("passed" if check.passed else "failed") if check else "",
        "check_date": check.checked_on if check else None,
        "check_expires": check.expires if check else None,
        "check_unit": check.unit if check else "",
    }


def _weeks_of(rhythm: Rhythm) -> str:
    if rhythm.week_letter is not None:
        return rhythm.week_letter
    return f"every {rhythm.every_weeks} weeks from {rhythm.first_week}" if rhythm.every_weeks > 1 else ""


def _personal(volunteer: Volunteer, people: Mapping[UUID, PersonalRecord]) -> Record:
    person, guardian = people.get(volunteer.id), people.get(stream_id("guardian", volunteer.key))
    personal: dict[str, object] = {}
    if person:
        lat, lon = person.home or (None, None)
        personal |= {
            "name": person.name,
            "phone": person.phone,
            "email": person.email,
            "address": person.address,
        }
        personal |= {"home_lat": lat, "home_lon": lon}
    if guardian:
        personal |= {
            "guardian_name": guardian.name,
            "guardian_phone": guardian.phone,
            "guardian_email": guardian.email,
        }
    return personal


# ---- Requests


def _requests(repository: Repository, _with_people: bool, missing: LeftOutRecords) -> Iterator[Record]:
    areas = area_keys(repository.views)
    for request in all_requests(repository.views):
        with missing.unless(f"request {request.key}"):
            yield {**_request(request), "area": areas.get(request.area, request.area)}


def _request(request: CourseRequest) -> Record:
    return {
        **written_cells(request.order),
        "key": request.key,
        "lat": request.location[0] if request.location else None,
        "lon": request.location[1] if request.location else None,
        "status": request.status if request.status in (*STEPS, *ENDS) else STEPS[-1],
        "why": request.why if request.status in ENDS else "",
    }


EXPORTS: Mapping[str, Callable[[Repository, bool, LeftOutRecords], Iterable[Record]]] = {
    "network": _areas,
    "venues": _venues,
    "rooms": _rooms,
    "hours": _hours,
    "volunteers": _volunteers,
    "requests": _requests,
}
