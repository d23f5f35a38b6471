"""Printed line of a session: its words, its colour, and what has changed about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - a line has a date of its own, in words

from adapters.exports.agendas import Occasion, Owner
from adapters.exports.edition import Edition
from adapters.exports.icalendars import hall_note, place, session_name
from domain.calendar import date_of, wall
from domain.day_types import DayTypes
from domain.places import km
from domain.venue import Room, Venue, open_windows
from domain.volunteer import Volunteer
from domain.windows import DAY_MIN, within_days

COLOURED = frozenset({"civic", "arts", "science", "health", "leisure", "vocational", "early_years", "sport"})


@dataclass(frozen=True, slots=True)
class Line:
    """A session in words.

    `colour` names a class of the style sheet; `notes` say what has changed, `hall` how a session of another room
    takes the reader's room.
    """

    day: Date
    weekday: str
    date: str
    time: str
    start_min: int
    end_min: int
    title: str
    topic: str
    function: str
    code: str
    colour: str
    form: str
    audience: str
    learners: str
    venue: str
    venue_stem: str
    kind: str
    room: str
    community: str
    street: str
    cancelled: bool
    minors: bool
    notes: tuple[str, ...]
    hall: str


def line(edition: Edition, occasion: Occasion, owner: Owner) -> Line:
    words, card = edition.words, occasion.card
    order = card.request.order
    return Line(
        day=card.day,
        weekday=words.weekday(card.day),
        date=words.short_date(card.day),
        time=words.span(card.start_min, card.end_min),
        start_min=card.start_min,
        end_min=card.end_min,
        title=order.title,
        topic=words.name("topic", order.topic),
        function=words.name("function", order.function),
        code=order.function,
        colour=colour_of(order.function),
        form=words.name("form", order.form),
        audience=words.name("audience", order.audience),
        learners=words("learners", count=order.learners),
        venue=card.venue.name,
        venue_stem=edition.stem(("venue", card.venue.id)),
        kind=words(f"kind:{card.venue.kind}"),
        room=card.room.name,
        community=card.community,
        street=edition.snapshot.level_name(card.venue.area, "street"),
        cancelled=occasion.entry.cancelled,
        minors=order.minors,
        notes=tuple(_notes(edition, occasion)),
        hall=hall_note(card, owner[1], words) if owner[0] == "room" else "",
    )


def lines(edition: Edition, owner: Owner) -> list[tuple[Line, Occasion]]:
    """The sessions of an agenda in words; one that cannot be put so is left out and named."""
    found: list[tuple[Line, Occasion]] = []
    for occasion in edition.occasions(owner):
        with edition.left_out.unless(session_name(occasion)):
            found.append((line(edition, occasion, owner), occasion))
    return found


def colour_of(function: str) -> str:
    """A class of the style sheet; functions that a city has added share one."""
    return f"f-{function}" if function in COLOURED else "f-other"


def _notes(edition: Edition, occasion: Occasion) -> Iterator[str]:
    words, entry = edition.words, occasion.entry
    if occasion.now is not None:
        yield words("moved", where=place(occasion.now, words))
    elif entry.cancelled:
        yield words("cancelled")
    elif entry.sequence:
        day, _ = wall(entry.changed, occasion.zone)
        yield words("changed", day=words.short_date(day))


@dataclass(frozen=True, slots=True)
class Day:
    """`opened` says when the room is open, "" where nobody asked."""

    weekday: str
    date: str
    iso: str
    opened: str
    lines: tuple[Line, ...]


def days(edition: Edition, drawn: list[Line], opened: dict[int, str] | None = None) -> tuple[Day, ...]:
    """The seven days of the week; `opened` by ISO weekday."""
    found = []
    for number in range(1, 8):
        day = date_of(edition.snapshot.week, number)
        own = tuple(one for one in drawn if one.day == day)
        weekday, short = edition.words.weekday(day), edition.words.short_date(day)
        found.append(Day(weekday, short, day.isoformat(), (opened or {}).get(number, ""), own))
    return tuple(found)


def opened_spans(edition: Edition, venue: Venue, room: Room) -> dict[int, list[tuple[int, int]]]:
    """When a room is open, by ISO weekday, in minutes after its midnight; closures are taken out."""
    types: DayTypes | None = edition.snapshot.day_types(venue.area)
    spans: dict[int, list[tuple[int, int]]] = {number: [] for number in range(1, 8)}
    for day, start, end in within_days(open_windows(venue, room.id, edition.snapshot.week, types)):
        spans[day].append((start, min(end, DAY_MIN)))
    return spans


def opened_words(edition: Edition, spans: dict[int, list[tuple[int, int]]]) -> dict[int, str]:
    words = edition.words
    return {
        day: words("open_until", hours=words("and").join(words.span(*one) for one in span))
        if span
        else words("closed")
        for day, span in spans.items()
    }


def distance(edition: Edition, volunteer: Volunteer, occasion: Occasion) -> str:
    """How far the venue is from the volunteer's home area: the home itself is nobody's business here."""
    snapshot, words = edition.snapshot, edition.words
    home = snapshot.home(volunteer.profile.home_area)
    area = snapshot.network.get(home)
    if area is None or area.location is None:
        return words("km_unknown")
    away = km(area.location, occasion.card.venue.location)
    return words("away", km=f"{away:.1f}", home=snapshot.area_name(home, words.language))
