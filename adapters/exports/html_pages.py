"""HTML pages of a week: door sheets, volunteers' sheets, venues, an overview."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from importlib.resources import files
from typing import Any
from unicodedata import bidirectional
from uuid import UUID

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from adapters.exports.agendas import Occasion, Owner
from adapters.exports.edition import WeekEdition
from adapters.exports.printed_lines import Line, colour_of, days, distance, lines, opened_spans, opened_texts
from adapters.exports.timelines import in_order, timeline
from adapters.week.week_snapshot import SessionView
from domain.network import children_on
from domain.text import shown
from domain.venue import Room, Venue, find_room
from domain.volunteer import Volunteer

View = Mapping[str, Any]
RIGHT_TO_LEFT = frozenset({"R", "AL"})  # classes of letters in the bidirectional algorithm of Unicode
ROOMY = 9  # sessions that fit on a door sheet in large print


def pages(edition: WeekEdition) -> dict[str, bytes]:
    """Every page by its path, the overview as `index.html`."""
    contents: dict[str, bytes] = {}
    for path, template, view in _pages(edition):
        with edition.left_out.unless(f"the page {path}"):
            contents[path] = render(edition, template, view())
    return contents


def _pages(edition: WeekEdition) -> Iterator[tuple[str, str, Callable[[], View]]]:
    yield "index.html", "index.html", partial(overview, edition)
    sheets: list[View] = []
    for volunteer in edition.volunteers:
        with edition.left_out.unless(f"the sheet of volunteer {volunteer.key}"):
            sheets.append(volunteer_sheet(edition, volunteer))
    for sheet in sheets:
        yield f"volunteers/{sheet['stem']}.html", "volunteers.html", partial(dict, sheets=[sheet])
    yield "volunteers/all.html", "volunteers.html", partial(dict, sheets=sheets)
    for venue in edition.venues:
        stem = edition.stem(("venue", venue.id))
        yield f"venues/{stem}.html", "venue.html", partial(venue_week, edition, venue)
        yield f"rooms/{stem}.html", "doors.html", partial(door_sheets, edition, venue)


def render(edition: WeekEdition, template: str, view: View) -> bytes:
    root = "" if template == "index.html" else "../"
    return (
        _environment()
        .get_template(template)
        .render(edition=edition, wording=edition.wording, root=root, **view)
        .encode()
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("adapters.exports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_readable,
    )
    style = files("adapters.exports").joinpath("templates", "style.css").read_text(encoding="utf-8")
    environment.filters["bdi"] = _isolated
    environment.globals["style"] = Markup(style)  # noqa: S704 - the package's own file
    return environment


def _readable(value: Any) -> Any:
    """A value without control characters; Jinja escapes it afterwards."""
    return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _isolated(text: str) -> str:
    """A text in a direction of its own where it is written from right to left, so that its ends and neighbours stay."""
    if not any(bidirectional(letter) in RIGHT_TO_LEFT for letter in text):
        return text
    return Markup("<bdi>{}</bdi>").format(shown(text))


# ---- Door sheets


def door_sheets(edition: WeekEdition, venue: Venue) -> View:
    """A sheet for each room that the venue lends, also where nothing takes place: it replaces last week's."""
    return {"venue": venue, "sheets": [_door(edition, venue, room) for room in in_order(venue.rooms)]}


def _door(edition: WeekEdition, venue: Venue, room: Room) -> View:
    owner: Owner = ("room", room.id)
    drawn = [line for line, _ in lines(edition, owner)]
    whole = find_room(venue, room.part_of) if room.part_of else None
    return {
        "room": room,
        "whole": whole,
        "days": days(edition, drawn, opened_texts(edition, opened_spans(edition, venue, room))),
        "empty": not drawn,
        "dense": len(drawn) > ROOMY,
        "stem": edition.stems.get(owner, ""),
    }


# ---- Volunteers


def volunteer_sheet(edition: WeekEdition, volunteer: Volunteer) -> View:
    owner: Owner = ("volunteer", volunteer.id)
    occasions = edition.occasions(owner)
    return {
        "name": edition.volunteer_name(volunteer),
        "stem": edition.stem(owner),
        "minutes": sum(
            _minutes(occasion.session_view) for occasion in occasions if not occasion.entry.cancelled
        ),
        "sessions": [_duty(edition, volunteer, *line) for line in lines(edition, owner)],
    }


def _duty(edition: WeekEdition, volunteer: Volunteer, drawn: Line, occasion: Occasion) -> View:
    session, wording = occasion.session_view.session, edition.wording
    others = len(session.team) - 1
    return {
        "line": drawn,
        "role": wording("lead_role" if volunteer.id in session.leads else "assistant_role"),
        "distance": distance(edition, volunteer, occasion),
        "others": wording("with_others", count=others) if others else wording("alone"),
    }


def _minutes(session_view: SessionView) -> int:
    return session_view.end_min - session_view.start_min


# ---- A venue


def venue_week(edition: WeekEdition, venue: Venue) -> View:
    functions = Counter(
        session_view.request.order.function
        for session_view in edition.session_views
        if session_view.venue.id == venue.id
    )
    return {
        "venue": venue,
        "stem": edition.stem(("venue", venue.id)),
        "street": edition.snapshot.level_name(venue.area, "street"),
        "timeline": timeline(edition, venue),
        "legend_of": _legend(edition, functions),
        "sessions": functions.total(),
    }


def _legend(edition: WeekEdition, functions: Counter[str]) -> list[View]:
    named = [(edition.wording.name("function", code), code, count) for code, count in functions.items()]
    return [
        {"name": name, "code": code, "count": count, "colour": colour_of(code)}
        for name, code, count in sorted(named, key=lambda entry: (-entry[2], entry[0]))
    ]


# ---- The overview


def overview(edition: WeekEdition) -> View:
    """All sessions by day and venue, cancelled ones too, with the values that a reader can filter by."""
    owner: Owner = ("area", edition.snapshot.area.id)
    drawn = [line for line, _ in lines(edition, owner)]
    return {
        "days": [(day, _by_venue(day.lines)) for day in days(edition, drawn)],
        "streets": sorted({line.street for line in drawn if line.street}),
        "legend_of": _legend(
            edition, Counter(session_view.request.order.function for session_view in edition.session_views)
        ),
        "counts": _counts(edition),
        "venues": [_venue_links(edition, venue) for venue in edition.venues],
        "volunteers": [
            {
                "key": volunteer.key,
                "stem": edition.stem(("volunteer", volunteer.id)),
            }  # residents read this: no names
            for volunteer in edition.volunteers
        ],
        "areas": _area_links(edition),
        "stem": edition.stems.get(owner, ""),
    }


def _by_venue(lines: Iterable[Line]) -> list[list[Line]]:
    by_venue: dict[str, list[Line]] = {}
    for line in sorted(lines, key=lambda printed: (printed.street, printed.venue, printed.venue_stem)):
        by_venue.setdefault(line.venue_stem, []).append(line)
    return list(by_venue.values())


def _counts(edition: WeekEdition) -> list[tuple[str, str]]:
    session_views = edition.session_views
    learner_minutes = sum(
        session_view.request.order.learners * _minutes(session_view) for session_view in session_views
    )
    counted = {
        "sessions": len(session_views),
        "venues": len({session_view.venue.id for session_view in session_views}),
        "rooms": len({session_view.room.id for session_view in session_views}),
        "volunteers": len({person for session_view in session_views for person in session_view.session.team}),
        "learner_hours": round(learner_minutes / 60),
    }
    return [(f"{count:,}", edition.wording(what)) for what, count in counted.items()]


def _venue_links(edition: WeekEdition, venue: Venue) -> View:
    rooms = [room for room in in_order(venue.rooms) if ("room", room.id) in edition.stems]
    return {
        "name": venue.name,
        "kind": edition.wording(f"kind:{venue.kind}"),
        "street": edition.snapshot.level_name(venue.area, "street"),
        "stem": edition.stem(("venue", venue.id)),
        "rooms": [{"name": room.name, "stem": edition.stem(("room", room.id))} for room in rooms],
    }


def _area_links(edition: WeekEdition) -> list[View]:
    """The areas inside with courses of their own, each after the one that it lies in."""
    snapshot = edition.snapshot
    written: set[UUID] = set()

    def below(parent: UUID, depth: int) -> Iterator[View]:
        for area in children_on(snapshot.network, parent, snapshot.day):
            if ("area", area.id) in edition.stems and area.id not in written:
                written.add(area.id)
                name = snapshot.area_name(area.id, edition.wording.language)
                yield {"name": name, "stem": edition.stem(("area", area.id)), "depth": depth}
                yield from below(area.id, depth + 1)

    return list(below(snapshot.area.id, 0))
