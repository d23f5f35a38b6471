"""iCalendar files for subscribers (RFC 5545), without anything that tells who somebody is.

There is no METHOD: with PUBLISH, RFC 5546 (3.2.1) asks for an organizer in each event, and nobody is named here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, timedelta
from uuid import UUID

from icalendar import Calendar, Event, vText

from adapters.exports.agendas import Agendas, Kind, Occasion, Owner, agendas
from adapters.exports.export_wording import Words
from adapters.exports.file_names import file_stems
from adapters.exports.left_out_records import LeftOut
from adapters.exports.vtimezones import timezone
from adapters.week.week_snapshot import SessionView, WeekSnapshot
from domain.calendar import instant
from domain.text import shown

PRODUCT = "-//Lyceum//Lyceum scheduler//EN"
END = b"END:VCALENDAR\r\n"
REFRESH = timedelta(hours=12)  # how often a subscriber's program may look again
FOLDERS: Mapping[Kind, str] = {
    "room": "rooms",
    "venue": "venues",
    "volunteer": "volunteers",
    "request": "requests",
    "area": "area",
}


def calendars(
    weeks: Sequence[WeekSnapshot],
    words: Words,
    *,
    names: Mapping[UUID, str] | None = None,
    held: Agendas | None = None,
    left_out: LeftOut | None = None,
) -> dict[str, bytes]:
    """Every calendar of one week or of several weeks of an area, by its path below the folder of calendars.

    `names`, of volunteers by id, go into the name of each one's own calendar and nowhere else. `held` spares making
    the agendas again where the caller has them; `left_out` takes the names of what could not be written.
    """
    found = agendas(weeks) if held is None else held
    missing = LeftOut() if left_out is None else left_out
    made: dict[str, bytes] = {}
    for owner, stem in file_stems(weeks[-1], found).items():
        path = f"{FOLDERS[owner[0]]}/{stem}.ics"
        with missing.unless(f"the calendar {path}"):
            name = calendar_name(weeks[-1], owner, words, names or {})
            made[path] = calendar(name, found[owner], words, owner, missing)
    return made


def calendar_name(snapshot: WeekSnapshot, owner: Owner, words: Words, names: Mapping[UUID, str]) -> str:
    """What a calendar is called in its reader's list; `names` of volunteers, the key where there is none."""
    match owner:
        case "room", id:
            room, venue = next(
                (room, one)
                for one in snapshot.venues.values()
                for room in (*one.rooms, *one.former)
                if room.id == id
            )
            return words("room_calendar", room=room.name, venue=venue.name)
        case "venue", id:
            return words("venue_calendar", name=snapshot.venues[id].name)
        case "volunteer", id:
            name = names.get(id) or words("volunteer", key=snapshot.volunteers[id].key)
            return words("volunteer_calendar", name=name)
        case "request", id:
            return words("request_calendar", name=snapshot.requests[id].order.title)
        case _, id:
            return words("area_calendar", name=snapshot.area_name(id, words.language))


def calendar(
    name: str, occasions: Sequence[Occasion], words: Words, owner: Owner, left_out: LeftOut
) -> bytes:
    """One calendar, the same bytes for the same releases; `owner` is whose it is."""
    own = LeftOut()
    written = events(occasions, words, owner, own)
    for sentence in own.sentences:
        left_out.note(sentence)
    zones = [
        (zone, min(days), max(days))
        for zone in sorted({occasion.zone for occasion in occasions})
        if (days := [occasion.card.day for occasion in occasions if occasion.zone == zone])
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
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("x-wr-calname", text(name))
    if missing:
        made.add("x-wr-caldesc", text("\n".join(missing)))
    made.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT12H")
    for zone, first, last in zones:
        made.add_component(timezone(zone, first.year, last.year + 1))
    content: bytes = made.to_ical(sorted=False)
    return content.removesuffix(END) + b"".join(components) + END


def events(occasions: Iterable[Occasion], words: Words, owner: Owner, left_out: LeftOut) -> bytes:
    """What stands in a calendar between its head and its end; what cannot be written is left out and named."""
    written: list[bytes] = []
    for occasion in occasions:
        with left_out.unless(session_name(occasion)):
            written.append(event(occasion, words, owner).to_ical(sorted=False))
    return b"".join(written)


def session_name(occasion: Occasion) -> str:
    """What a session is called in a sentence about the export."""
    session = occasion.card.session
    return f"session {session.number} of request {occasion.card.request.key}"


def event(occasion: Occasion, words: Words, owner: Owner) -> Event:
    entry, card = occasion.entry, occasion.card
    made = Event()
    made.add("uid", occasion.uid)
    made.add("sequence", entry.sequence)
    made.add("dtstamp", entry.changed.astimezone(UTC))
    made.add("last-modified", entry.changed.astimezone(UTC))
    start, end = (instant(card.day, minute, occasion.zone) for minute in (card.start_min, card.end_min))
    if end.astimezone(UTC) <= start.astimezone(UTC):
        # the clocks skip all of it; an event ends after it starts (RFC 5545, 3.6.1)
        end = start + timedelta(minutes=card.end_min - card.start_min)
    made.add("dtstart", start)
    made.add("dtend", end)
    made.add("summary", text(card.request.order.title))
    made.add("location", text(f"{card.venue.name}, {card.room.name}"))
    made.add("geo", card.venue.location)
    made.add("categories", [shown(words.name("function", card.request.order.function))])
    made.add("description", text("\n".join(_description(occasion, words, owner))))
    made.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    made.add("transp", "TRANSPARENT" if entry.cancelled else "OPAQUE")
    return made


def text(value: str) -> vText:
    """A TEXT (RFC 5545, 3.3.11), also in a property of ours: escaped, and without the controls that no calendar has."""
    return vText(shown(value, "\n"))


def _description(occasion: Occasion, words: Words, owner: Owner) -> Iterable[str]:
    card = occasion.card
    order = card.request.order
    if occasion.now is not None:
        yield words("moved", where=place(occasion.now, words))
    if owner[0] == "volunteer":
        yield words("lead_role" if owner[1] in card.session.leads else "assistant_role")
    if owner[0] == "room" and (note := hall_note(card, owner[1], words)):
        yield note
    yield f"{words('function')}: {words.name('function', order.function)}"
    yield f"{words('topic')}: {words.name('topic', order.topic)}"
    yield f"{words('form')}: {words.name('form', order.form)}"
    yield f"{words('audience')}: {words.name('audience', order.audience)}"
    yield f"{words('community')}: {card.community}"
    yield words("learners", count=order.learners)


def hall_note(card: SessionView, room: UUID, words: Words) -> str:
    """How a session of another room takes this one; "" where the session is in this room itself."""
    if card.room.id == room:
        return ""
    return words("in_part", name=card.room.name) if card.room.part_of == room else words("hall")


def place(card: SessionView, words: Words) -> str:
    """When and where a session is: "Tuesday 3 March, 14:00–15:30, Library, Hall"."""
    day = f"{words.weekday(card.day)} {words.short_date(card.day)}"
    return f"{day}, {words.span(card.start_min, card.end_min)}, {card.venue.name}, {card.room.name}"
