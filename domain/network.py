"""The hierarchy of a city's areas, as it is and as it was on any date (effective-dated tree).

An area has an id of its own: official codes change, and two official systems disagree, so a code is a dated
label and never an identity.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from domain.calendar import bounded_day, check_zone
from domain.effective_dates import History, Since, held_on, with_entry
from domain.events import AlreadyThere, Event, EventMetadata, Refused, envelope, following, reason, stream_id
from domain.messages import message
from domain.recurrence import Letter
from domain.starts import Starts
from domain.text import Key, Name, Sentence, clean, tidy

Names = tuple[tuple[Name, Name], ...]  # (language tag, name), the main language first
Location = tuple[float, float]  # latitude, longitude in degrees


class NamelessArea(Refused):
    """An area without a name in any language."""


class AreaCycle(Refused):
    """An area that would lie inside itself."""


class AreaEnded(Refused):
    """A change to an area that no longer exists on that date."""


class AreaInUse(Refused):
    """An area that still has areas inside it."""


@dataclass(frozen=True, slots=True)
class Code:
    """An external code: the scheme that gives it (such as "cn-nbs") and the code."""

    scheme: Name
    code: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaFounded(Event):
    """`key` is the stable natural key that an import knows the area by; `on` is the date of effect."""

    key: Key
    level: Name
    names: Names
    parent: UUID | None
    codes: tuple[Code, ...]
    location: Location | None
    zone: str
    calendar: Name | None
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaRenamed(Event):
    names: Names
    on: date
    why: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaRecoded(Event):
    """From `on`, the area has these codes and no others."""

    codes: tuple[Code, ...]
    on: date
    why: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaMoved(Event):
    parent: UUID | None
    on: date
    why: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaLocated(Event):
    """A better point, zone or calendar for the same area: a correction, so without a date of effect."""

    location: Location | None
    zone: str
    calendar: Name | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaMerged(Event):
    into: UUID
    on: date
    why: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaDissolved(Event):
    """`into` takes over what belongs to the area; None: the area around it does."""

    on: date
    why: Sentence
    into: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaStartsSet(Event):
    """When sessions of the area may start, from the day on; None: as in the area around it."""

    starts: Starts | None
    on: date
    why: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaWeekLettered(Event):
    """The ISO week of the day is an A or a B week, and from it on they alternate."""

    letter: Letter
    on: date
    why: Sentence


AreaEvent: TypeAlias = (
    AreaFounded
    | AreaRenamed
    | AreaRecoded
    | AreaMoved
    | AreaLocated
    | AreaMerged
    | AreaDissolved
    | AreaStartsSet
    | AreaWeekLettered
)


@dataclass(frozen=True, slots=True)
class Area:
    """`ended` is the first day without it; `merged_into` says who took its place, if anybody was named.

    `rezoned` is when its time zone changed.

    `starts` and `letters` are its own settings; see `domain.area_times` for what holds in it.
    """

    id: UUID
    version: int
    key: str
    level: str
    names: History[Names]
    codes: History[tuple[Code, ...]]
    parents: History[UUID | None]
    location: Location | None
    zone: str
    calendar: str | None
    founded: date
    ended: date | None = None
    merged_into: UUID | None = None
    rezoned: tuple[datetime, ...] = ()
    starts: History[Starts | None] = ()
    letters: History[Letter] = ()


def area_id(key: str) -> UUID:
    return stream_id("area", key)


# ---- Decisions


@dataclass(frozen=True, slots=True, kw_only=True)
class NewArea:
    """What an area is founded with on a day; `zone` and `calendar` None: as in the area around it."""

    key: str
    level: str
    names: Names
    on: date
    parent: UUID | None = None
    zone: str | None = None
    codes: tuple[Code, ...] = ()
    location: Location | None = None
    calendar: str | None = None


def found_area(
    area: Area | None,
    metadata: EventMetadata,
    new: NewArea,
    around: Area | None = None,
) -> tuple[AreaFounded, ...]:
    """`around` is the state of the parent, where it is known: nothing is founded in an area that has an end.

    Without a zone of its own or around it, the area has UTC.

    Raises AlreadyThere, AreaCycle, AreaEnded, NamelessArea, BadText, NotAZone, OutOfCalendar.
    """
    bounded_day(new.on)
    key = clean(new.key, message("the key of an area"), Key)
    if area is not None:
        raise AlreadyThere(
            message("area {key} was founded before; rename, re-code or move it instead", key=key)
        )
    if around is not None:
        _lasts(around, key)
    if new.parent == area_id(key):
        raise AreaCycle(message("area {key} cannot lie in itself; choose a parent outside it", key=key))
    return (
        AreaFounded(
            **envelope(area_id(key), 1, metadata),
            key=key,
            level=clean(new.level, message("the level of area {key}", key=key), Name),
            names=_named(new.names, key),
            parent=new.parent,
            codes=_sound_codes(new.codes, key),
            location=new.location,
            zone=check_zone(new.zone or (around.zone if around else "UTC")),
            calendar=_sound_calendar(new.calendar or (around.calendar if around else None), key),
            on=new.on,
        ),
    )


def _lasts(around: Area, key: str) -> None:
    """Refuse to put an area into one that has an end: from then on it would lie nowhere."""
    if around.ended is not None:
        raise AreaEnded(
            message(
                "area {around} ends on {ended}, so {key} cannot lie in it; choose another area around it",
                around=around.key,
                ended=around.ended,
                key=key,
            )
        )


def _named(names: Names, key: str) -> Names:
    if not any(tidy(name) for _, name in names):
        raise NamelessArea(message("area {key} has no name; give one in at least one language", key=key))
    return clean(names, message("the name of area {key}", key=key), Names)


def _sound_codes(codes: tuple[Code, ...], key: str) -> tuple[Code, ...]:
    return clean(codes, message("area {key}", key=key), tuple[Code, ...])


def _sound_calendar(calendar: str | None, key: str) -> str | None:
    return clean(calendar, message("the calendar of area {key}", key=key), Name) if calendar else None


def rename_area(
    area: Area, metadata: EventMetadata, *, names: Names, on: date, why: str
) -> tuple[AreaRenamed, ...]:
    """From the day on, the area has these names. Raises NamelessArea, AreaEnded, ReasonMissing."""
    _exists(area, on)
    if held_on(area.names, on) == names:
        return ()
    named = _named(names, area.key)
    if held_on(area.names, on) == named:
        return ()
    return (
        AreaRenamed(**following(area, metadata), names=named, on=on, why=reason(why, message("a new name"))),
    )


def recode_area(
    area: Area, metadata: EventMetadata, *, codes: tuple[Code, ...], on: date, why: str
) -> tuple[AreaRecoded, ...]:
    """From the day on, the area has these codes and no others. Raises AreaEnded, ReasonMissing."""
    _exists(area, on)
    if held_on(area.codes, on) == codes:
        return ()
    codes = _sound_codes(codes, area.key)
    if held_on(area.codes, on) == codes:
        return ()
    return (
        AreaRecoded(**following(area, metadata), codes=codes, on=on, why=reason(why, message("a new code"))),
    )


def move_area(
    area: Area,
    metadata: EventMetadata,
    *,
    parent: UUID | None,
    on: date,
    why: str,
    network: Mapping[UUID, Area],
) -> tuple[AreaMoved, ...]:
    """Put the area into another from the day on. Raises AreaEnded, ReasonMissing.

    Raises AreaCycle where the new parent lies inside the area on any later day that is known so far.
    """
    _exists(area, on)
    if held_on(area.parents, on) == parent:
        return ()
    if parent is not None and parent in network:
        _lasts(network[parent], area.key)
    for day in (on, *_days_of_change(network, after=on)) if parent else ():
        if area.id in path_on(network, parent, day):
            raise AreaCycle(
                message(
                    "area {area} cannot move into itself on {day}; choose a parent outside it",
                    area=area.key,
                    day=day,
                )
            )
    return (AreaMoved(**following(area, metadata), parent=parent, on=on, why=reason(why, message("a move"))),)


def _days_of_change(network: Mapping[UUID, Area], after: date) -> list[date]:
    return sorted({entry.day for area in network.values() for entry in area.parents if entry.day > after})


def locate_area(
    area: Area, metadata: EventMetadata, *, location: Location | None, zone: str, calendar: str | None
) -> tuple[AreaLocated, ...]:
    """Correct point, time zone and calendar, without a date of effect. Raises NotAZone, BadText."""
    if (area.location, area.zone, area.calendar) == (location, zone, calendar):
        return ()
    calendar = _sound_calendar(calendar, area.key)
    if (area.location, area.zone, area.calendar) == (location, zone, calendar):
        return ()
    return (
        AreaLocated(**following(area, metadata), location=location, zone=check_zone(zone), calendar=calendar),
    )


def hand_down_clock(
    area: Area,
    metadata: EventMetadata,
    *,
    zone: str,
    calendar: str | None,
    on: date,
    network: Mapping[UUID, Area],
) -> tuple[AreaLocated, ...]:
    """What a correction of an area's time zone or calendar changes below it, in events of those areas' own streams.

    An area that has the same zone or calendar as the one around it, `area` as it was before, keeps having the same.
    """
    if (zone, calendar) == (area.zone, area.calendar):
        return ()
    inside: dict[UUID | None, list[Area]] = {}
    for child in sorted(network.values(), key=lambda child: child.key):
        if exists_on(child, on):
            inside.setdefault(parent_on(child, on), []).append(child)
    handed: list[AreaLocated] = []
    waiting = [(area, zone, calendar)]
    while waiting:
        around, new_zone, new_calendar = waiting.pop()
        for child in inside.pop(around.id, ()):
            own_zone = new_zone if child.zone == around.zone else child.zone
            own_calendar = new_calendar if child.calendar == around.calendar else child.calendar
            if (own_zone, own_calendar) != (child.zone, child.calendar):
                handed += locate_area(
                    child, metadata, location=child.location, zone=own_zone, calendar=own_calendar
                )
                waiting.append((child, own_zone, own_calendar))
    return tuple(handed)


def merge_area(
    area: Area, metadata: EventMetadata, *, into: Area, on: date, why: str, network: Mapping[UUID, Area]
) -> tuple[AreaMoved | AreaMerged, ...]:
    """End an area; what lies in it moves to `into`, in events of those areas' own streams.

    Of areas that were merged into each other each may be merged again, so that a database that holds such a circle
    can be mended.

    Raises AreaCycle, AreaEnded, AreaInUse, ReasonMissing.
    """
    bounded_day(on)
    if not is_merged_in_circle(network, area.id):
        _exists(area, on)
    _exists(into, on)
    if area.id in path_on(network, into.id, on):
        raise AreaCycle(
            message(
                "area {area} cannot merge into {into}, which lies in it; choose another",
                area=area.key,
                into=into.key,
            )
        )
    if successor_on(network, into.id, date.max) == area.id:
        raise AreaCycle(
            message(
                "area {area} cannot merge into {into}, which was merged into it; choose another",
                area=area.key,
                into=into.key,
            )
        )
    _lasts(into, area.key)
    _nobody_joins_after(network, area, on)
    moved: tuple[AreaMoved, ...] = ()
    for child in children_on(network, area.id, on):
        moved += move_area(child, metadata, parent=into.id, on=on, why=why, network=network)
    merged = AreaMerged(
        **following(area, metadata), into=into.id, on=on, why=reason(why, message("a merger"))
    )
    return (*moved, merged)


def dissolve_area(
    area: Area,
    metadata: EventMetadata,
    *,
    on: date,
    why: str,
    network: Mapping[UUID, Area],
    into: Area | None = None,
    holds: bool = False,
) -> tuple[AreaDissolved, ...]:
    """End an area; what belongs to it goes to `into`, or to the area around it.

    `holds` says whether anything belongs to it that somebody must take over. Raises AreaInUse where nobody does.
    """
    _exists(area, on)
    if left := [child.key for child in children_on(network, area.id, on)]:
        raise AreaInUse(
            message(
                "area {area} still holds {count} areas on {on}, first {left}; move them away first",
                area=area.key,
                count=len(left),
                on=on,
                left=left[0],
            )
        )
    _nobody_joins_after(network, area, on)
    if into is not None:
        _takes_over(network, area, into, on)
    elif holds and parent_on(area, on) is None:
        raise AreaInUse(
            message(
                "venues, volunteers or requests belong to {area}, and no area is around it; name the area "
                "that takes them over",
                area=area.key,
            )
        )
    ended = AreaDissolved(
        **following(area, metadata),
        on=on,
        why=reason(why, message("dissolving an area")),
        into=into.id if into else None,
    )
    return (ended,)


def _takes_over(network: Mapping[UUID, Area], area: Area, into: Area, on: date) -> None:
    _exists(into, on)
    if successor_on(network, into.id, date.max) == area.id:
        raise AreaCycle(
            message(
                "{into} cannot take over what {area} holds, which is it; choose another",
                into=into.key,
                area=area.key,
            )
        )


def _nobody_joins_after(network: Mapping[UUID, Area], area: Area, on: date) -> None:
    """Refuse an end before a day on which another area is known to come into this one."""
    later = [
        (entry.day, joining.key)
        for joining in network.values()
        for entry in joining.parents
        if entry.day > on and entry.value == area.id and exists_on(joining, entry.day)
    ]
    if later:
        day, key = min(later)
        raise AreaInUse(
            message(
                "area {key} comes into {area} on {day}, after {on}; move it elsewhere first",
                key=key,
                area=area.key,
                day=day,
                on=on,
            )
        )


def _exists(area: Area, on: date) -> None:
    bounded_day(on)
    if on < area.founded:
        raise AreaEnded(
            message(
                "area {area} was founded on {founded}, after {on}; choose a later date",
                area=area.key,
                founded=area.founded,
                on=on,
            )
        )
    if area.ended is not None and on >= area.ended:
        raise AreaEnded(
            message(
                "area {area} ended on {ended}; nothing can change in it on {on}",
                area=area.key,
                ended=area.ended,
                on=on,
            )
        )


# ---- State


def evolve(area: Area | None, event: AreaEvent) -> Area:
    """The state after an event; None before the first. Raises TypeError for an event that cannot come then."""
    match event, area:
        case AreaFounded(), None:
            return Area(
                id=event.originator_id,
                version=event.originator_version,
                key=event.key,
                level=event.level,
                names=(Since(event.on, event.names),),
                codes=(Since(event.on, event.codes),),
                parents=(Since(event.on, event.parent),),
                location=event.location,
                zone=event.zone,
                calendar=event.calendar,
                founded=event.on,
            )
        case _, Area():
            return replace(_changed(area, event), version=event.originator_version)
    raise TypeError(f"cannot apply {type(event).__name__} to {area!r}")


def _changed(area: Area, event: AreaEvent) -> Area:
    match event:
        case AreaRenamed():
            return replace(area, names=with_entry(area.names, event.on, event.names))
        case AreaRecoded():
            return replace(area, codes=with_entry(area.codes, event.on, event.codes))
        case AreaMoved():
            return replace(area, parents=with_entry(area.parents, event.on, event.parent))
        case AreaLocated():
            rezoned = (*area.rezoned, *([event.at] if event.zone != area.zone else ()))
            located = replace(area, location=event.location, zone=event.zone, calendar=event.calendar)
            return replace(located, rezoned=rezoned)
        case AreaMerged():
            return replace(area, ended=event.on, merged_into=event.into)
        case AreaDissolved():
            return replace(area, ended=event.on, merged_into=event.into)
        case AreaStartsSet():
            return replace(area, starts=with_entry(area.starts, event.on, event.starts))
        case AreaWeekLettered():
            return replace(area, letters=with_entry(area.letters, event.on, event.letter))
    raise TypeError(f"cannot apply {type(event).__name__} to an area that exists")


# ---- Questions


def exists_on(area: Area, day: date) -> bool:
    """Whether the area was founded by that day and has not ended by then."""
    return area.founded <= day and (area.ended is None or day < area.ended)


def parent_on(area: Area, day: date) -> UUID | None:
    """The area around it on that day; None at the top, and before it was founded."""
    return held_on(area.parents, day)


def name_on(area: Area, day: date, language: str | None = None) -> str:
    """The name in the language, else in the main one; before the founding, the first name it had."""
    names = held_on(area.names, day) or area.names[0].value
    return dict(names).get(language or "", names[0][1])


def path_on(network: Mapping[UUID, Area], start: UUID | None, day: date) -> tuple[UUID, ...]:
    """The area and those around it on that day, from the inside out; the ids of unknown areas end it."""
    path: list[UUID] = []
    while start is not None and start in network and start not in path:
        path.append(start)
        start = parent_on(network[start], day)
    return tuple(path)


def ancestor_on(network: Mapping[UUID, Area], start: UUID, level: str, day: date) -> Area | None:
    """The area of a level (such as "district") that an area lay in on a day, itself included."""
    around = (network[id] for id in path_on(network, start, day))
    return next((area for area in around if area.level == level), None)


def children_on(network: Mapping[UUID, Area], parent: UUID | None, day: date) -> Iterator[Area]:
    """The areas directly inside one on that day, in order of key; None: those at the top."""
    areas = (area for area in network.values() if exists_on(area, day) and parent_on(area, day) == parent)
    return iter(sorted(areas, key=lambda area: area.key))


def inside_on(network: Mapping[UUID, Area], roots: Iterable[UUID], day: date) -> frozenset[UUID]:
    """The areas that lay in one of the roots on that day, the roots included."""
    children: dict[UUID, list[UUID]] = {}
    for area in network.values():
        parent = parent_on(area, day) if exists_on(area, day) else None
        if parent is not None:
            children.setdefault(parent, []).append(area.id)
    inside, waiting = set(), list(roots)
    while waiting:
        id = waiting.pop()
        if id not in inside:
            inside.add(id)
            waiting += children.get(id, [])
    return frozenset(inside)


def successor_on(network: Mapping[UUID, Area], start: UUID, day: date) -> UUID:
    """Who answers for an area on a day: itself, whom it was merged into by then, or who took over what it held.

    Of an area that was dissolved and named nobody, that is the area that was around it. An area whose successors lead
    in a circle answers for itself.
    """
    seen, last = {start}, start
    while (after := _heir(network, last, day)) is not None:
        if after in seen:
            return start
        seen.add(after)
        last = after
    return last


def _heir(network: Mapping[UUID, Area], start: UUID, day: date) -> UUID | None:
    """What took the place of an area by that day; None where nothing did."""
    area = network.get(start)
    if area is None or area.ended is None or area.ended > day:
        return None
    heir = area.merged_into or parent_on(area, area.ended)
    return heir if heir in network else None


def is_merged_in_circle(network: Mapping[UUID, Area], start: UUID) -> bool:
    """Whether an area was, over others or at once, merged into itself."""
    seen, last = set[UUID](), start
    while (after := _heir(network, last, date.max)) is not None and after not in seen:
        seen.add(after)
        last = after
    return start in seen


def require_standing(area: Area, day: date) -> Area:
    """Return the area as it is; refuse one that was dissolved by that day, and has nobody in its place.

    Raises AreaEnded.
    """
    if area.ended is not None and area.ended <= day and area.merged_into is None:
        raise AreaEnded(
            message(
                "area {area} was dissolved on {ended}; choose the area that is there now",
                area=area.key,
                ended=area.ended,
            )
        )
    return area
