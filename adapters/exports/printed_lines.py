"""Printed line of a session: its words, its colour, and what has changed about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - a line has a date of its own, in words

from adapters.exports.agendas import Occasion, Owner
from adapters.exports.edition import WeekEdition
from adapters.exports.icalendars import hall_note, session_name, where_and_when
from domain.calendar import date_of, wall
from domain.day_types import DayTypes
from domain.places import km
from domain.venue import Room, Venue, open_windows
from domain.volunteer import Volunteer
from domain.windows import DAY_MIN, within_days

COLOURED = frozenset({"civic", "arts", "science", "health", "leisure", "vocational", "early_years", "sport"})


@dataclass(frozen=True, slots=True)
class Line:
    """A session as printed.

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


def line(edition: WeekEdition, occasion: Occasion, owner: Owner) -> Line:
    wording, view = edition.wording, occasion.session_view
    order = view.request.order
    return Line(
        day=view.day,
        weekday=wording.weekday(view.day),
        date=wording.short_date(view.day),
        time=wording.span(view.start_min, view.end_min),
        start_min=view.start_min,
        end_min=view.end_min,
        title=order.title,
        topic=wording.name("topic", order.topic),
        function=wording.name("function", order.function),
        code=order.function,
        colour=colour_of(order.function),
        form=wording.name("form", order.form),
        audience=wording.name("audience", order.audience),
        learners=wording("learners", count=order.learners),
        venue=view.venue.name,
        venue_stem=edition.stem(("venue", view.venue.id)),
        kind=wording(f"kind:{view.venue.kind}"),
        room=view.room.name,
        community=view.community,
        street=edition.snapshot.level_name(view.venue.area, "street"),
        cancelled=occasion.entry.cancelled,
        minors=order.minors,
        notes=tuple(_notes(edition, occasion)),
        hall=hall_note(view, owner[1], wording) if owner[0] == "room" else "",
    )


def lines(edition: WeekEdition, owner: Owner) -> list[tuple[Line, Occasion]]:
    """The printed lines of an agenda; a session that cannot be printed is left out and named."""
    printed: list[tuple[Line, Occasion]] = []
    for occasion in edition.occasions(owner):
        with edition.left_out.unless(session_name(occasion)):
            printed.append((line(edition, occasion, owner), occasion))
    return printed


def colour_of(function: str) -> str:
    """The style sheet's class for a function; functions that a city has added share one."""
    return f"f-{function}" if function in COLOURED else "f-other"


def _notes(edition: WeekEdition, occasion: Occasion) -> Iterator[str]:
    wording, entry = edition.wording, occasion.entry
    if occasion.now is not None:
        yield wording("moved", where=where_and_when(occasion.now, wording))
    elif entry.cancelled:
        yield wording("cancelled")
    elif entry.sequence:
        day, _ = wall(entry.changed, occasion.zone)
        yield wording("changed", day=wording.short_date(day))


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the printed week; `opened` says when the room is open, "" where that is not printed."""

    weekday: str
    date: str
    iso: str
    opened: str
    lines: tuple[Line, ...]


def days(edition: WeekEdition, drawn: list[Line], opened: dict[int, str] | None = None) -> tuple[Day, ...]:
    """The seven days of the week with their lines; `opened` by ISO weekday."""
    week = []
    for number in range(1, 8):
        day = date_of(edition.snapshot.week, number)
        own = tuple(printed for printed in drawn if printed.day == day)
        weekday, short = edition.wording.weekday(day), edition.wording.short_date(day)
        week.append(Day(weekday, short, day.isoformat(), (opened or {}).get(number, ""), own))
    return tuple(week)


def opened_spans(edition: WeekEdition, venue: Venue, room: Room) -> dict[int, list[tuple[int, int]]]:
    """When a room is open, by ISO weekday, in minutes after its midnight; closures are taken out."""
    types: DayTypes | None = edition.snapshot.day_types(venue.area)
    spans: dict[int, list[tuple[int, int]]] = {number: [] for number in range(1, 8)}
    for day, start, end in within_days(open_windows(venue, room.id, edition.snapshot.week, types)):
        spans[day].append((start, min(end, DAY_MIN)))
    return spans


def opened_texts(edition: WeekEdition, spans: dict[int, list[tuple[int, int]]]) -> dict[int, str]:
    wording = edition.wording
    return {
        day: wording("open_until", hours=wording("and").join(wording.span(*opened) for opened in span))
        if span
        else wording("closed")
        for day, span in spans.items()
    }


def distance(edition: WeekEdition, volunteer: Volunteer, occasion: Occasion) -> str:
    """The distance of the venue from the volunteer's home area, as text; the home itself is never printed."""
    snapshot, wording = edition.snapshot, edition.wording
    home = snapshot.home(volunteer.profile.home_area)
    area = snapshot.network.get(home)
    if area is None or area.location is None:
        return wording("km_unknown")
    away = km(area.location, occasion.session_view.venue.location)
    return wording("away", km=f"{away:.1f}", home=snapshot.area_name(home, wording.language))
