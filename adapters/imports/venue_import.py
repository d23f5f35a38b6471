"""Import of venues: who lends rooms, where, on what terms, and when the venue is open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from adapters.imports import columns as read
from adapters.imports.columns import Column
from adapters.imports.import_kind import ImportKind, Values
from adapters.imports.import_run import Handle, ImportRun
from adapters.opening_hours import ReadHours, oddities
from adapters.store.streams import AREAS, VENUES
from domain import venue
from domain.closed_seasons import open_in_closed_seasons
from domain.messages import message
from domain.network import path_on
from domain.opening import OpeningHours
from domain.places import Location, km
from domain.venue import (
    VENUE_KINDS,
    LendingTerms,
    Venue,
    VenueKind,
    own_hours,
    venue_id,
)

FAR_KM = 150


@dataclass(frozen=True, slots=True)
class VenueRow:
    row: int
    key: str
    name: str
    kind: VenueKind
    area: str
    lat: float | None
    lon: float | None
    hours: ReadHours | OpeningHours | None
    price: str
    price_per_hour: float | None
    weekly_cap_minutes: int | None
    recall_notice_hours: int | None


COLUMNS = (
    Column(
        "key",
        "the natural key that the venue keeps for ever",
        "rc-library",
        required=True,
        always=True,
        key_of="venues",
        own_key=True,
    ),
    Column("name", "its name", "Rongchang Library", required=True),
    Column("kind", f"one of {', '.join(VENUE_KINDS)}", "library", read.choice(*VENUE_KINDS), required=True),
    Column("area", "key, scheme:code or unique name of the area it lies in", "500153", required=True),
    Column(
        "lat",
        "latitude in degrees; blank: the point of its area",
        "29.4052",
        read.latitude,
        blank=None,
    ),
    Column("lon", "longitude in degrees; blank: as for lat", "105.5942", read.longitude, blank=None),
    Column(
        "hours",
        "opening hours in OpenStreetMap's syntax, for all rooms without hours of their own; at first never open",
        "Mo-Fr 09:00-17:00; Sa 09:00-12:00",
        read.opening_hours,
        blank=None,
        keeps=True,
    ),
    Column("price", "free or reduced; at first free", "free", read.choice("free", "reduced"), keeps=True),
    Column(
        "price_per_hour",
        "in the city's currency; at first 0",
        "0",
        read.number(0, 1e9, "20"),
        blank=None,
        keeps=True,
    ),
    Column(
        "weekly_cap_minutes",
        "the most that is lent in a week, all rooms added up; at first no cap",
        "1200",
        read.whole(0),
        blank=None,
        keeps=True,
    ),
    Column(
        "recall_notice_hours",
        "how early the host takes a room back at the latest; at first 0",
        "48",
        read.whole(0),
        blank=None,
        keeps=True,
    ),
)


def decide(run: ImportRun, rows: Iterable[Values]) -> None:
    """Register what is new and describe anew what is different."""
    for values in rows:
        row = VenueRow(**values)
        with run.deciding(row.row, "key", row.key, f"{row.key} {row.name}"):
            _decide(run, row)


def _known(run: ImportRun, values: Values) -> Values | None:
    known = run.state(VENUES, venue_id(values["key"]))
    if known is None:
        return None
    area = run.state(AREAS, known.area)
    terms = known.terms
    return {
        "name": known.name,
        "kind": known.kind,
        "area": area.key if area else "",
        "lat": known.location[0],
        "lon": known.location[1],
        "hours": own_hours(known, None),
        "price": terms.price,
        "price_per_hour": terms.price_per_hour,
        "weekly_cap_minutes": terms.weekly_cap_minutes,
        "recall_notice_hours": terms.recall_notice_hours,
    }


def _decide(run: ImportRun, row: VenueRow) -> None:
    area = run.area(row.row, "area", row.area)
    if area is None:
        return
    location = _location(run, row, area)
    if location is None:
        return
    handle = run.handle(VENUES, venue_id(row.key), row.key)
    run.require_standing(area, handle.state.area if handle.state else None)
    _describe(run, handle, row, area, location)
    handle.take(venue.set_lending_terms(handle.present, run.metadata, _terms(row, handle.present.terms)))
    if row.hours is not None:
        set_hours(run, row.row, handle, None, row.hours)


def _describe(run: ImportRun, handle: Handle[Venue], row: VenueRow, area: UUID, location: Location) -> None:
    if handle.state is None:
        handle.take(
            venue.register_venue(
                None, run.metadata, key=row.key, name=row.name, kind=row.kind, area=area, location=location
            )
        )
    else:
        handle.take(
            venue.describe_venue(
                handle.present, run.metadata, name=row.name, kind=row.kind, area=area, location=location
            )
        )


def _terms(row: VenueRow, known: LendingTerms) -> LendingTerms:
    cap, price = row.weekly_cap_minutes, row.price_per_hour
    notice = row.recall_notice_hours
    return LendingTerms(
        price="reduced" if (row.price or known.price) == "reduced" else "free",
        price_per_hour=known.price_per_hour if price is None else price,
        weekly_cap_minutes=known.weekly_cap_minutes if cap is None else cap,
        recall_notice_hours=known.recall_notice_hours if notice is None else notice,
    )


def _location(run: ImportRun, row: VenueRow, area: UUID) -> Location | None:
    """The row's point, else that of the nearest area around it; None after noting that there is neither."""
    known = run.states(AREAS)
    around = (known[around_id].location for around_id in path_on(known, area, run.today))
    point = next((location for location in around if location), None)
    if (row.lat is None) != (row.lon is None):
        column = "lat" if row.lat is None else "lon"
        run.wrong(row.row, column, "", message("give both latitude and longitude, or neither"))
        return None
    if row.lat is None or row.lon is None:
        if point is None:
            run.wrong(
                row.row,
                "lat",
                "",
                message(
                    "neither the row nor area {area} has a point; give latitude and longitude", area=row.area
                ),
            )
        return point
    warn_of_point(run, row.row, (row.lat, row.lon), point, row.area)
    return row.lat, row.lon


def warn_of_point(run: ImportRun, row: int, point: Location, of_area: Location | None, area: str) -> None:
    if not any(point):
        odd = message("the point (0, 0) lies in the sea south of Ghana; look the place up")
        run.odd(row, "lat", "0", odd, rests_on=("lon",))
    elif of_area and km(point, of_area) > FAR_KM:
        run.odd(
            row,
            "lat",
            str(point[0]),
            message(
                "is {km:.0f} km from the point of area {area}; check both", km=km(point, of_area), area=area
            ),
            rests_on=("lon", "area"),
        )


def set_hours(
    run: ImportRun, row: int, handle: Handle[Venue], room: UUID | None, hours: ReadHours | OpeningHours
) -> None:
    """Set the hours of a venue (`room` None) or a room; hours read from a text are checked for oddities first."""
    if isinstance(hours, ReadHours):
        warn_of_hours(run, row, hours)
        periods = hours.hours.periods
        if any(period.season or period.first or period.last for period in periods) and not any(
            period.rules for period in periods
        ):
            odd = message("closes some dates and opens none, so it is never open; write off if so")
            run.odd(row, "hours", hours.text, odd)
    plain = hours.hours if isinstance(hours, ReadHours) else hours
    taken = venue.set_opening_hours(handle.present, run.metadata, room, plain)
    handle.take(taken)
    if taken:
        warn_of_open_rooms(run, row, handle.present)


def warn_of_hours(run: ImportRun, row: int, read: ReadHours) -> None:
    """Warn of what a text may mean otherwise, and of hours that are rarely meant."""
    for question in read.questions:
        run.odd(row, "hours", read.text, question)
    for text, why in oddities(read.hours):
        run.odd(row, "hours", text, why)


def warn_of_open_rooms(run: ImportRun, row: int, present: Venue, column: str = "hours") -> None:
    """Warn of seasons in which the venue is closed and a room with hours of its own opens all the same."""
    for period, room in open_in_closed_seasons(present, run.today):
        days = message("{first} to {last}", first=period.first, last=period.last)
        run.odd(
            row,
            column,
            days,
            message(
                "{present} is closed then, but its room {room} has hours of its own and stays open; give the "
                "room a row for these days too, or close {present} with the table of closures",
                present=present.key,
                room=room.key,
            ),
            rests_on=("venue", "key"),
        )


VENUE = ImportKind(
    "venues",
    message("Schools, libraries, museums and other houses that lend rooms. Rooms are a file of their own."),
    COLUMNS,
    ("key",),
    decide,
    _known,
)
