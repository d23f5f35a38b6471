"""iCalendar files for subscribers (RFC 5545), without anything that tells who somebody is.

There is no METHOD: with PUBLISH, RFC 5546 (3.2.1) asks for an organizer in each event, and nobody is named here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, timedelta
from uuid import UUID

from icalendar import Calendar, Event, vText

from adapters.exports.agendas import AgendaKind, Agendas, Occasion, Owner, agendas
from adapters.exports.export_wording import Wording
from adapters.exports.file_names import file_stems
from adapters.exports.left_out_records import LeftOutRecords
from adapters.exports.vtimezones import timezone
from adapters.week.week_snapshot import SessionView, WeekSnapshot
from domain.calendar import instant
from domain.text import shown

PRODUCT = "-//Lyceum//Lyceum scheduler//EN"
END = b"END:VCALENDAR\r\n"
REFRESH = timedelta(hours=12)  # how often a subscriber's program may look again
FOLDERS: Mapping[AgendaKind, str] = {
    "room": "rooms",
    "venue": "venues",
    "volunteer": "volunteers",
    "request": "requests",
    "area": "area",
}


def calendars(
    weeks: Sequence[WeekSnapshot],
    wording: Wording,
    *,
    names: Mapping[UUID, str] | None = None,
    held: Agendas | None = None,
    left_out: LeftOutRecords | None = None,
) -> dict[str, bytes]:
    """Every calendar of one week or of several weeks of an area, by its path below the folder of calendars.

    `names`, of volunteers by id, go into the name of each one's own calendar and nowhere else. `held` spares making
    the agendas again where the caller has them; `left_out` takes the names of what could not be written.
    """
    held_agendas = agendas(weeks) if held is None else held
    missing = LeftOutRecords() if left_out is None else left_out
    contents: dict[str, bytes] = {}
    for owner, stem in file_stems(weeks[-1], held_agendas).items():
        path = f"{FOLDERS[owner[0]]}/{stem}.ics"
        with missing.unless(f"the calendar {path}"):
            name = calendar_name(weeks[-1], owner, wording, names or {})
            contents[path] = calendar(name, held_agendas[owner], wording, owner, missing)
    return contents


def calendar_name(snapshot: WeekSnapshot, owner: Owner, wording: Wording, names: Mapping[UUID, str]) -> str:
    """The title of a calendar; a volunteer's is made of the name in `names`, else of the key."""
    match owner:
        case "room", id:
            room, venue = next(
                (room, venue)
                for venue in snapshot.venues.values()
                for room in (*venue.rooms, *venue.former)
                if room.id == id
            )
            return wording("room_calendar", room=room.name, venue=venue.name)
        case "venue", id:
            return wording("venue_calendar", name=snapshot.venues[id].name)
        case "volunteer", id:
            name = names.get(id) or wording("volunteer", key=snapshot.volunteers[id].key)
            return wording("volunteer_calendar", name=name)
        case "request", id:
            return wording("request_calendar", name=snapshot.requests[id].order.title)
        case _, id:
            return wording("area_calendar", name=snapshot.area_name(id, wording.language))


def calendar(
    name: str, occasions: Sequence[Occasion], wording: Wording, owner: Owner, left_out: LeftOutRecords
) -> bytes:
    """One calendar, the same bytes for the same releases; `owner` is whose it is."""
    own = LeftOutRecords()
    written = events(occasions, wording, owner, own)
    for sentence in own.sentences:
        left_out.note(sentence)
    zones = [
        (zone, min(days), max(days))
        for zone in sorted({occasion.zone for occasion in occasions})
        if (days := [occasion.session_view.day for occasion in occasions if occasion.zone == zone])
    ]
    return framed(name, zones, [written], own.sentences)


def framed(
    name: str,
    zones: Iterable[tuple[str, date, date]],
    components: Iterable[bytes],
    missing: Sequence[str] = (),
) -> bytes:
    """A calendar around components that are written already.

    `zones` are the time zones that they speak of, each with the first and the last day; `missing` says what could not
    be written, where a calendar's description is shown.
    """
    component = Calendar()
    component.add("prodid", PRODUCT)
    component.add("version", "2.0")
    component.add("calscale", "GREGORIAN")
    component.add("x-wr-calname", text(name))
    if missing:
        component.add("x-wr-caldesc", text("\n".join(missing)))
    component.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    component.add("x-published-ttl", "PT12H")
    for zone, first, last in zones:
        component.add_component(timezone(zone, first.year, last.year + 1))
    content: bytes = component.to_ical(sorted=False)
    return content.removesuffix(END) + b"".join(components) + END


def events(occasions: Iterable[Occasion], wording: Wording, owner: Owner, left_out: LeftOutRecords) -> bytes:
    """The VEVENT components of a calendar; a session that cannot be written is left out and named in `left_out`."""
    written: list[bytes] = []
    for occasion in occasions:
        with left_out.unless(session_name(occasion)):
            written.append(event(occasion, wording, owner).to_ical(sorted=False))
    return b"".join(written)


def session_name(occasion: Occasion) -> str:
    """How sentences about the export refer to a session."""
    session = occasion.session_view.session
    return f"session {session.number} of request {occasion.session_view.request.key}"


def event(occasion: Occasion, wording: Wording, owner: Owner) -> Event:
    entry, view = occasion.entry, occasion.session_view
    component = Event()
    component.add("uid", occasion.uid)
    component.add("sequence", entry.sequence)
    component.add("dtstamp", entry.changed.astimezone(UTC))
    component.add("last-modified", entry.changed.astimezone(UTC))
    start, end = (instant(view.day, minute, occasion.zone) for minute in (view.start_min, view.end_min))
    if end.astimezone(UTC) <= start.astimezone(UTC):
        # the clocks skip all of it; an event ends after it starts (RFC 5545, 3.6.1)
        end = start + timedelta(minutes=view.end_min - view.start_min)
    component.add("dtstart", start)
    component.add("dtend", end)
    component.add("summary", text(view.request.order.title))
    component.add("location", text(f"{view.venue.name}, {view.room.name}"))
    component.add("geo", view.venue.location)
    component.add("categories", [shown(wording.name("function", view.request.order.function))])
    component.add("description", text("\n".join(_description(occasion, wording, owner))))
    component.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    component.add("transp", "TRANSPARENT" if entry.cancelled else "OPAQUE")
    return component


def text(value: str) -> vText:
    """A value of type TEXT (RFC 5545, 3.3.11), escaped and without control characters."""
    return vText(shown(value, "\n"))


def _description(occasion: Occasion, wording: Wording, owner: Owner) -> Iterable[str]:
    view = occasion.session_view
    order = view.request.order
    if occasion.now is not None:
        yield wording("moved", where=where_and_when(occasion.now, wording))
    if owner[0] == "volunteer":
        yield wording("lead_role" if owner[1] in view.session.leads else "assistant_role")
    if owner[0] == "room" and (note := hall_note(view, owner[1], wording)):
        yield note
    yield f"{wording('function')}: {wording.name('function', order.function)}"
    yield f"{wording('topic')}: {wording.name('topic', order.topic)}"
    yield f"{wording('form')}: {wording.name('form', order.form)}"
    yield f"{wording('audience')}: {wording.name('audience', order.audience)}"
    yield f"{wording('community')}: {view.community}"
    yield wording("learners", count=order.learners)


def hall_note(view: SessionView, room: UUID, wording: Wording) -> str:
    """The note on how a session of a hall or a part takes this room; "" where the session is in the room itself."""
    if view.room.id == room:
        return ""
    return wording("in_part", name=view.room.name) if view.room.part_of == room else wording("hall")


def where_and_when(view: SessionView, wording: Wording) -> str:
    """Time and place of a session: "Tuesday 3 March, 14:00–15:30, Library, Hall"."""
    day = f"{wording.weekday(view.day)} {wording.short_date(view.day)}"
    return f"{day}, {wording.span(view.start_min, view.end_min)}, {view.venue.name}, {view.room.name}"
