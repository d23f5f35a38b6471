"""Venues and what their hosts lend: rooms, opening hours, closures and lending terms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal, TypeAlias, get_args
from uuid import UUID

from domain import opening
from domain.calendar import add_days, bounded_day, date_of
from domain.day_types import DayTypes
from domain.events import AlreadyThere, Event, EventMetadata, Refused, envelope, following, reason, stream_id
from domain.messages import message
from domain.quotas import MOST_CLOSURES, MOST_ROOMS, require_fewer
from domain.text import Key, Name, Sentence, clean
from domain.windows import DAY_MIN, WEEK_MIN, Window, Windows, clock, difference

Location = tuple[float, float]  # latitude, longitude in degrees
VenueKind: TypeAlias = Literal[
    "school",
    "library",
    "museum",
    "culture_centre",
    "science_museum",
    "stadium",
    "learning_room",
    "other",
]
VENUE_KINDS: tuple[VenueKind, ...] = get_args(VenueKind)


class BadRoom(Refused):
    """A room that cannot be: no places, or a part of something that is no whole room of its venue."""


class PartsFixed(BadRoom):
    """A room that would become a part of another, or no longer be one, while diaries say what it was."""


class UnknownRoom(Refused):
    """A room that the venue has not, or no longer."""


class BadTerms(Refused):
    """Lending terms that contradict themselves."""


class ShortNotice(Refused):
    """A closure that leaves less time than the lending terms ask for."""


class BadClosure(Refused):
    """A closure that ends before it starts, or takes minutes that its days do not have."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room as its host describes it.

    `capacity` in people; `turnaround_minutes` pass between two sessions; `part_of` is the whole room of the same
    venue that this one is a half of; `functions` are those that are welcome in it, None = all.
    """

    id: UUID
    key: str  # checked where the room is opened: one from before there were rules stays
    name: Name
    capacity: int
    equipment: tuple[Name, ...] = ()
    accessible: bool = False
    turnaround_minutes: int = 0
    part_of: UUID | None = None
    functions: tuple[Name, ...] | None = None


@dataclass(frozen=True, slots=True)
class LendingTerms:
    """What the host asks in return, and how much it gives.

    `price_per_hour` in the city's currency, 0 = free; `weekly_cap_minutes` is the most that the host lends in a week,
    all rooms added up, None = no cap; `recall_notice_hours` is how early the host must take a room back.
    """

    price: Literal["free", "reduced"] = "free"
    price_per_hour: float = 0
    weekly_cap_minutes: int | None = None
    recall_notice_hours: int = 0


@dataclass(frozen=True, slots=True)
class Closure:
    """The rooms (empty = the whole venue) are closed from `first` to `last`, both included.

    `start_min` and `end_min`, minutes after midnight, close only that part of each of those days.
    """

    id: UUID
    first: date
    last: date
    rooms: tuple[UUID, ...] = ()
    start_min: int = 0
    end_min: int = DAY_MIN


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueRegistered(Event):
    key: Key
    name: Name
    kind: VenueKind
    area: UUID
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueDescribed(Event):
    name: Name
    kind: VenueKind
    area: UUID
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class LendingTermsSet(Event):
    terms: LendingTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomOpened(Event):
    room: Room


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomChanged(Event):
    room: Room


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomWithdrawn(Event):
    room: UUID
    why: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHoursSet(Event):
    """`room` None: the hours of the venue, which hold for each room without hours of its own."""

    room: UUID | None
    hours: opening.OpeningHours


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHoursRemoved(Event):
    """The room has no hours of its own any more: those of the venue hold for it."""

    room: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueClosed(Event):
    closure: Closure
    why: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureLifted(Event):
    closure: UUID
    why: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueRetired(Event):
    """From `on` the venue lends nothing any more. None: it lends again."""

    on: date | None
    why: Sentence


VenueEvent: TypeAlias = (
    VenueRegistered
    | VenueDescribed
    | LendingTermsSet
    | RoomOpened
    | RoomChanged
    | RoomWithdrawn
    | OpeningHoursSet
    | OpeningHoursRemoved
    | VenueClosed
    | ClosureLifted
    | VenueRetired
)


@dataclass(frozen=True, slots=True)
class RoomHours:
    room: UUID | None
    hours: opening.OpeningHours


@dataclass(frozen=True, slots=True)
class Renaming:
    """When the venue (`room` None) got another name or point, or a room another name: calendars say another place."""

    at: datetime
    room: UUID | None = None


@dataclass(frozen=True, slots=True)
class Venue:
    """`former` are rooms that are no longer lent: old timetables still name them.

    `retired` is the first day on which the venue lends nothing any more.
    """

    id: UUID
    version: int
    key: str
    name: str
    kind: VenueKind
    area: UUID
    location: Location
    terms: LendingTerms = LendingTerms()
    rooms: tuple[Room, ...] = ()
    hours: tuple[RoomHours, ...] = ()
    closures: tuple[Closure, ...] = ()
    former: tuple[Room, ...] = ()
    retired: date | None = None
    renamings: tuple[Renaming, ...] = ()


def venue_id(key: str) -> UUID:
    return stream_id("venue", key)


def closure_id(venue_key: str, closure: Closure) -> UUID:
    """The id of a closure that somebody orders: the same days, times and rooms are the same closure."""
    parts = [str(closure.first), str(closure.last), *map(str, closure.rooms)]
    if (closure.start_min, closure.end_min) != (0, DAY_MIN):
        parts += [str(closure.start_min), str(closure.end_min)]
    return stream_id("closure", venue_key, *parts)


def room_id(venue_key: str, key: str) -> UUID:
    return stream_id("room", venue_key, key)


# ---- Decisions


def register_venue(
    venue: Venue | None,
    metadata: EventMetadata,
    *,
    key: str,
    name: str,
    kind: VenueKind,
    area: UUID,
    location: Location,
) -> tuple[VenueRegistered, ...]:
    """Register a venue at a point (degrees) in an area. Raises AlreadyThere, BadText."""
    key = clean(key, message("the key of a venue"), Key)
    name = clean(name, message("the name of venue {key}", key=key), Name)
    if venue is not None:
        raise AlreadyThere(
            message("venue {key} is registered already; change its description instead", key=key)
        )
    return (
        VenueRegistered(
            **envelope(venue_id(key), 1, metadata),
            key=key,
            name=name,
            kind=kind,
            area=area,
            location=location,
        ),
    )


def describe_venue(
    venue: Venue, metadata: EventMetadata, *, name: str, kind: VenueKind, area: UUID, location: Location
) -> tuple[VenueDescribed, ...]:
    """Change name, kind, area and point; no event where all are the same. Raises BadText."""
    name = clean(name, message("the name of venue {venue}", venue=venue.key), Name)
    if (venue.name, venue.kind, venue.area, venue.location) == (name, kind, area, location):
        return ()
    return (VenueDescribed(**following(venue, metadata), name=name, kind=kind, area=area, location=location),)


def set_lending_terms(
    venue: Venue, metadata: EventMetadata, terms: LendingTerms
) -> tuple[LendingTermsSet, ...]:
    """Replace the lending terms; no event where they are the same. Raises BadTerms."""
    if terms == venue.terms:
        return ()
    if terms.price == "free" and terms.price_per_hour:
        raise BadTerms(
            message("venue {venue} lends free of charge, so its price per hour must be 0", venue=venue.key)
        )
    if min(terms.price_per_hour, terms.recall_notice_hours, terms.weekly_cap_minutes or 0) < 0:
        raise BadTerms(message("venue {venue}: price, cap and notice cannot be below 0", venue=venue.key))
    return (LendingTermsSet(**following(venue, metadata), terms=terms),)


def open_room(venue: Venue, metadata: EventMetadata, room: Room) -> tuple[RoomOpened | RoomChanged, ...]:
    """Add a room, or change the one with the same id. Raises BadRoom, PartsFixed, QuotaReached, BadText."""
    present = find_room(venue, room.id)
    if present == room:
        return ()
    room = _sound_text(venue, room, present)
    if present == room:
        return ()
    _check_room(venue, room)
    _stays_part(venue, room)
    if present is None:
        require_fewer(
            len(venue.rooms),
            MOST_ROOMS,
            message("venue {venue}", venue=venue.key),
            message("rooms"),
            message("take one back first"),
        )
        return (RoomOpened(**following(venue, metadata), room=room),)
    return (RoomChanged(**following(venue, metadata), room=room),)


def _sound_text(venue: Venue, room: Room, present: Room | None) -> Room:
    key = (
        present.key
        if present
        else clean(room.key, message("the key of a room of {venue}", venue=venue.key), Key)
    )
    return replace(clean(room, message("room {key} of {venue}", key=key, venue=venue.key)), key=key)


def _check_room(venue: Venue, room: Room) -> None:
    if room.capacity < 1 or room.turnaround_minutes < 0:
        raise BadRoom(
            message(
                "room {room} of {venue} needs at least 1 place and no negative turnaround",
                room=room.key,
                venue=venue.key,
            )
        )
    if room.part_of is None:
        return
    if room.part_of == room.id:
        raise BadRoom(
            message("room {room} cannot be a part of itself; leave what it is part of blank", room=room.key)
        )
    whole = find_room(venue, room.part_of)
    if whole is None:
        raise BadRoom(
            message(
                "room {room} must be part of a whole room of {venue}; open the whole room first",
                room=room.key,
                venue=venue.key,
            )
        )
    if whole.part_of is not None:
        raise BadRoom(
            message(
                "room {room} cannot be part of {whole}, which is a part itself; halls divide once, so make "
                "both parts of the whole hall",
                room=room.key,
                whole=whole.key,
            )
        )
    if any(part.part_of == room.id for part in venue.rooms):
        raise BadRoom(
            message("room {room} has parts itself, so it cannot be a part; halls divide once", room=room.key)
        )


def _stays_part(venue: Venue, room: Room) -> None:
    """A booking is in the diaries of its room and of the hall around it, so that hall must never be another."""
    for known in (*venue.rooms, *venue.former):
        if known.id == room.id and known.part_of != room.part_of:
            raise PartsFixed(
                message(
                    "room {room} of {venue} was opened as {opened}, and what it is part of stays, because "
                    "timetables rest on it; open a room under another key",
                    room=room.key,
                    venue=venue.key,
                    opened=message("a part") if known.part_of else message("a whole room"),
                )
            )


def withdraw_room(venue: Venue, metadata: EventMetadata, room: UUID, why: str) -> tuple[RoomWithdrawn, ...]:
    """Take a room back, and with a hall its parts. Raises UnknownRoom, ReasonMissing, BadText."""
    withdrawn = _room(venue, room)
    return (
        RoomWithdrawn(
            **following(venue, metadata), room=withdrawn.id, why=reason(why, message("taking a room back"))
        ),
    )


def set_opening_hours(
    venue: Venue, metadata: EventMetadata, room: UUID | None, hours: opening.OpeningHours
) -> tuple[OpeningHoursSet, ...]:
    """Set the hours of a room, or with None of the venue. Raises UnknownRoom, BadText, OutOfCalendar."""
    if room is not None:
        _room(venue, room)
    hours = clean(hours, message("the hours of {venue}", venue=venue.key))
    if hours == own_hours(venue, room):
        return ()
    opening.check_dates(hours)
    return (OpeningHoursSet(**following(venue, metadata), room=room, hours=hours),)


def remove_opening_hours(
    venue: Venue, metadata: EventMetadata, room: UUID
) -> tuple[OpeningHoursRemoved, ...]:
    """Take a room's own hours away, so that the venue's hold for it; nothing where it has none."""
    _room(venue, room)
    if own_hours(venue, room) is None:
        return ()
    return (OpeningHoursRemoved(**following(venue, metadata), room=room),)


def close_venue(
    venue: Venue, metadata: EventMetadata, closure: Closure, why: str, *, starts: datetime | None = None
) -> tuple[VenueClosed, ...]:
    """Close the venue, or some of its rooms; no event where they are closed then already.

    Parameters
    ----------
    starts
        The instant at which the closure begins, to which the notice of the lending terms must be kept; None: an
        emergency, which asks for no notice.

    Raises
    ------
    BadClosure, UnknownRoom, ShortNotice, QuotaReached, ReasonMissing, OutOfCalendar
    """
    bounded_day(closure.first)
    bounded_day(closure.last)
    if closure.last < closure.first:
        raise BadClosure(
            message(
                "the closure of {venue} ends before it starts ({first} to {last})",
                venue=venue.key,
                first=closure.first,
                last=closure.last,
            )
        )
    if closure.end_min <= closure.start_min:
        raise BadClosure(
            message(
                "the closure of {venue} ends at {end_min}, which is not after its start at {start_min}; "
                "write 24:00 for the end of the day, and a night as two closures",
                venue=venue.key,
                end_min=clock(closure.end_min),
                start_min=clock(closure.start_min),
            )
        )
    if closure.start_min < 0 or closure.end_min > DAY_MIN:
        raise BadClosure(
            message(
                "the closure of {venue} must lie between 00:00 and 24:00; close two days instead",
                venue=venue.key,
            )
        )
    for room in closure.rooms:
        _room(venue, room)
    if same_closure(venue, closure):
        return ()
    ahead = sum(present.last >= metadata.at.date() for present in venue.closures)
    require_fewer(
        ahead,
        MOST_CLOSURES,
        message("venue {venue}", venue=venue.key),
        message("closures ahead"),
        message("lift some first, or set its hours"),
    )
    hours = venue.terms.recall_notice_hours
    if starts is not None and (starts - metadata.at).total_seconds() < hours * 3600:
        raise ShortNotice(
            message(
                "{venue} takes rooms back {hours} hours ahead, by its lending terms, and {first} is sooner; "
                "choose a later day, or say that it is an emergency",
                venue=venue.key,
                hours=hours,
                first=closure.first,
            )
        )
    return (
        VenueClosed(**following(venue, metadata), closure=closure, why=reason(why, message("a closure"))),
    )


def lift_closure(venue: Venue, metadata: EventMetadata, closure: UUID, why: str) -> tuple[ClosureLifted, ...]:
    """Take a closure back; no event where there is none of that id. Raises ReasonMissing."""
    if all(present.id != closure for present in venue.closures):
        return ()
    return (
        ClosureLifted(
            **following(venue, metadata), closure=closure, why=reason(why, message("lifting a closure"))
        ),
    )


def retire_venue(
    venue: Venue, metadata: EventMetadata, *, on: date | None, why: str
) -> tuple[VenueRetired, ...]:
    """The venue lends nothing from a day on; a second call corrects the first, None takes it back."""
    if venue.retired == on:
        return ()
    if on is not None:
        bounded_day(on)
    return (VenueRetired(**following(venue, metadata), on=on, why=reason(why, message("retiring a venue"))),)


def _room(venue: Venue, room: UUID) -> Room:
    present = find_room(venue, room)
    if present is None:
        raise UnknownRoom(
            message(
                "venue {venue} has no room {room}; its rooms are {keys}",
                venue=venue.key,
                room=room,
                keys=_keys(venue),
            )
        )
    return present


def _keys(venue: Venue) -> str:
    keys = [room.key for room in venue.rooms]
    return message("{keys}", keys=keys) if keys else message("none")


# ---- State


def evolve(venue: Venue | None, event: VenueEvent) -> Venue:
    """The state after an event; None before the first. Raises TypeError for an event that cannot come then."""
    match event, venue:
        case VenueRegistered(), None:
            return Venue(
                id=event.originator_id,
                version=event.originator_version,
                key=event.key,
                name=event.name,
                kind=event.kind,
                area=event.area,
                location=event.location,
            )
        case _, Venue():
            return replace(_changed(venue, event), version=event.originator_version)
    raise TypeError(f"cannot apply {type(event).__name__} to {venue!r}")


def _changed(venue: Venue, event: VenueEvent) -> Venue:
    match event:
        case VenueDescribed():
            same = (event.name, event.location) == (venue.name, venue.location)
            renamings = (*venue.renamings, *(() if same else [Renaming(event.at)]))
            described = replace(venue, name=event.name, kind=event.kind, area=event.area)
            return replace(described, location=event.location, renamings=renamings)
        case LendingTermsSet():
            return replace(venue, terms=event.terms)
        case RoomOpened():
            former = tuple(room for room in venue.former if room.id != event.room.id)
            opened = replace(venue, rooms=(*venue.rooms, event.room), former=former)
            return replace(opened, renamings=_renamed(venue, venue.former, event))
        case RoomChanged():
            changed = event.room
            rooms = tuple(changed if room.id == changed.id else room for room in venue.rooms)
            return replace(venue, rooms=rooms, renamings=_renamed(venue, venue.rooms, event))
        case RoomWithdrawn():
            withdrawn = tuple(room for room in venue.rooms if event.room in (room.id, room.part_of))
            rooms = tuple(room for room in venue.rooms if room not in withdrawn)
            return replace(venue, rooms=rooms, former=(*venue.former, *withdrawn))
        case OpeningHoursSet():
            others = tuple(room_hours for room_hours in venue.hours if room_hours.room != event.room)
            return replace(venue, hours=(*others, RoomHours(event.room, event.hours)))
        case OpeningHoursRemoved():
            return replace(
                venue, hours=tuple(room_hours for room_hours in venue.hours if room_hours.room != event.room)
            )
        case VenueClosed():
            closures = tuple(closure for closure in venue.closures if closure.id != event.closure.id)
            return replace(venue, closures=(*closures, event.closure))
        case VenueRetired():
            return replace(venue, retired=event.on)
        case ClosureLifted():
            return replace(
                venue, closures=tuple(closure for closure in venue.closures if closure.id != event.closure)
            )
    raise TypeError(f"cannot apply {type(event).__name__} to a venue that is registered")


def _renamed(venue: Venue, known: tuple[Room, ...], event: RoomOpened | RoomChanged) -> tuple[Renaming, ...]:
    before = next((room for room in known if room.id == event.room.id), event.room)
    return (*venue.renamings, *([Renaming(event.at, before.id)] if before.name != event.room.name else ()))


# ---- Questions


def find_room(venue: Venue, room: UUID) -> Room | None:
    """The room of an id that the venue lends; None where it does not, or no longer."""
    return next((candidate for candidate in venue.rooms if candidate.id == room), None)


def hours_of(venue: Venue, room: UUID) -> opening.OpeningHours | None:
    """The room's own hours, else the venue's, else None: such a room is never open."""
    return own_hours(venue, room) or own_hours(venue, None)


def own_hours(venue: Venue, room: UUID | None) -> opening.OpeningHours | None:
    """The hours that were given for a room itself; None for `room`: for the venue."""
    return next((room_hours.hours for room_hours in venue.hours if room_hours.room == room), None)


def open_windows(venue: Venue, room: UUID, week: str, types: DayTypes | None) -> Windows:
    """When the room is open in an ISO week, without its closures, in minutes from Monday 00:00, local time."""
    hours = hours_of(venue, room)
    if hours is None:
        return ()
    return difference(opening.open_windows(hours, week, types), closed_windows(venue, room, week))


def closed_windows(venue: Venue, room: UUID, week: str) -> Windows:
    """The minutes that closures take, and those after the venue has retired; not in normal form."""
    return tuple(window for _, window in closures_of(venue, room, week))


def retired_windows(venue: Venue, week: str) -> Windows:
    """The days of an ISO week from that on which the venue lends nothing any more."""
    if venue.retired is None:
        return ()
    first = max(0, (venue.retired - date_of(week, 1)).days)
    return (Window(first * DAY_MIN, WEEK_MIN),) if first < 7 else ()


def retired_before(venue: Venue, day: date) -> bool:
    """Whether the venue lends nothing on a day and after it."""
    return venue.retired is not None and venue.retired <= day


def closures_of(venue: Venue, room: UUID, week: str) -> tuple[tuple[UUID, Window], ...]:
    """The closures and the end of lending that take the room in an ISO week, by their ids, each with its minutes."""
    touching = (
        closure for closure in venue.closures if not closure.rooms or _touches(venue, room, closure.rooms)
    )
    closed = tuple((closure.id, window) for closure in touching for window in closure_windows(closure, week))
    return (*closed, *((retired_id(venue.key), window) for window in retired_windows(venue, week)))


def retired_id(venue_key: str) -> UUID:
    """The id under which the end of a venue blocks time in the diaries."""
    return stream_id("retired", venue_key)


def _touches(venue: Venue, room: UUID, closed: tuple[UUID, ...]) -> bool:
    """A closed hall closes its parts; a closed part closes its hall."""
    own = find_room(venue, room)
    return any(
        closed_room == room
        or (own is not None and own.part_of == closed_room)
        or any(part.id == closed_room and part.part_of == room for part in venue.rooms)
        for closed_room in closed
    )


def same_closure(venue: Venue, closure: Closure) -> Closure | None:
    """The closure of the same rooms, days and times, whatever its id: a table and a command make different ones."""
    rooms = set(closure.rooms)
    return next(
        (
            present
            for present in venue.closures
            if replace(present, id=closure.id, rooms=closure.rooms) == closure and set(present.rooms) == rooms
        ),
        None,
    )


def closed_rooms(venue: Venue, closure: Closure) -> tuple[UUID, ...]:
    """The rooms that a closure takes: those named, the parts of a closed hall, and the hall of a closed part."""
    named = {room.id for room in venue.rooms if not closure.rooms or room.id in closure.rooms}
    halls = {room.part_of for room in venue.rooms if room.id in named}
    return tuple(room.id for room in venue.rooms if {room.id, room.part_of} & named or room.id in halls)


def closure_windows(closure: Closure, week: str) -> Windows:
    """The minutes of an ISO week that a closure takes."""
    monday = date_of(week, 1)
    return tuple(
        Window(closure.start_min, closure.end_min).shifted(day * DAY_MIN)
        for day in range(7)
        if closure.first <= add_days(monday, day) <= closure.last
    )
