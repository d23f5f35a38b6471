"""Released weeks that events can affect, found without reading the others.

A venue or a volunteer is looked for in their diaries, a request in the timetables of the areas around it; what changes
the network or the kinds of days concerns every timetable of an area. Where an event speaks of days, only their weeks
are looked at; else this week and those after it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import singledispatch
from uuid import UUID

from adapters.queries.area_queries import network as network_of
from adapters.queries.diary_queries import diaries_in
from adapters.queries.timetable_queries import timetables_of
from adapters.store.streams import REQUESTS, TIMETABLES, VENUES
from adapters.store.views import Views
from domain import day_types, network, request, venue, volunteer
from domain.calendar import monday, week_of
from domain.events import Event
from domain.network import path_on, successor_on
from domain.timetable import Timetable, latest_release, timetable_id

EARLIEST, LATEST = "", "9999-W53"
Weeks = tuple[str, str]  # ISO weeks, first and last; "" is this week


@dataclass(slots=True)
class Touched:
    """What events affect: resources by their ids, and areas whose whole timetables are judged again."""

    resources: dict[UUID, list[Weeks]] = field(default_factory=lambda: defaultdict(list))
    areas: dict[UUID, list[Weeks]] = field(default_factory=lambda: defaultdict(list))
    all_areas: set[str] = field(default_factory=set)
    """Weeks in which every timetable is judged again."""


def touched_by(events: Iterable[Event], people: Iterable[UUID] = ()) -> Touched:
    """What events touch, and what changed personal records of these people touch."""
    touched = Touched()
    for event in events:
        _note(event, touched)
    for person in people:
        touched.resources[person].append((EARLIEST, LATEST))
    return touched


@singledispatch
def _note(_event: Event, _touched: Touched) -> None:
    """Other events (releases, plans, diaries, accounts, catalogue) break no session by themselves."""


def _touch(event: Event, touched: Touched, weeks: Weeks = (EARLIEST, LATEST)) -> None:
    touched.resources[event.originator_id].append(weeks)


def _days(first: date, last: date) -> Weeks:
    return week_of(first), week_of(last)


@_note.register(venue.VenueDescribed)
@_note.register(venue.LendingTermsSet)
@_note.register(venue.RoomOpened)
@_note.register(venue.RoomChanged)
@_note.register(venue.RoomWithdrawn)
@_note.register(venue.OpeningHoursSet)
@_note.register(venue.OpeningHoursRemoved)
@_note.register(venue.ClosureLifted)
@_note.register(venue.VenueRetired)
@_note.register(volunteer.ProfileChanged)
@_note.register(volunteer.HoursOffered)
@_note.register(volunteer.ConsentRecorded)
@_note.register(volunteer.CheckRecorded)
@_note.register(volunteer.VolunteerLeft)
@_note.register(volunteer.VolunteerMerged)
@_note.register(request.OrderChanged)
@_note.register(request.RequestStepped)
def _(event: Event, touched: Touched) -> None:
    _touch(event, touched)


@_note.register
def _(event: venue.VenueClosed, touched: Touched) -> None:
    _touch(event, touched, _days(event.closure.first, event.closure.last))


@_note.register
def _(event: volunteer.OfferPaused, touched: Touched) -> None:
    _touch(event, touched, _days(event.pause.first, event.pause.last))


@_note.register
def _(event: volunteer.OfferExcepted, touched: Touched) -> None:
    _touch(event, touched, _days(event.exception.day, event.exception.day))


@_note.register
def _(event: day_types.DaysTyped, touched: Touched) -> None:
    for typed in event.days:  # what is open on Sunday night runs into the week after it
        touched.all_areas |= {week_of(typed.day), week_of(typed.day + timedelta(1))}


@_note.register(network.AreaMoved)
@_note.register(network.AreaMerged)
@_note.register(network.AreaDissolved)
def _(event: network.AreaMoved | network.AreaMerged | network.AreaDissolved, touched: Touched) -> None:
    touched.areas[event.originator_id].append((week_of(event.on), LATEST))


@_note.register(network.AreaLocated)
@_note.register(network.AreaWeekLettered)  # the first letter of an area is counted back from it too
def _(event: network.AreaLocated | network.AreaWeekLettered, touched: Touched) -> None:
    touched.areas[event.originator_id].append((EARLIEST, LATEST))


# ---- Timetables

Places = Mapping[UUID, frozenset[UUID] | None]  # under a timetable the resources to judge, None: all of it


def touched_timetables(
    views: Views, after: Views, touched: Touched, planned: Iterable[str], today: date
) -> Places:
    """The released timetables that are touched, in the weeks that were ever planned."""
    this_week = week_of(today - timedelta(1))  # it is still yesterday somewhere
    selected: dict[UUID, frozenset[UUID] | None] = {}
    for week in sorted(planned):
        resources = _in_week(touched.resources, week, this_week)
        areas = _in_week(touched.areas, week, this_week)
        if week in touched.all_areas:
            selected |= {timetable.id: None for timetable in timetables_of(views, week) if timetable.releases}
        elif areas or resources:
            for id in _around(views, after, areas, week):
                selected[id] = None
            for id, named in _with(views, resources, week).items():
                if selected.get(id, frozenset()) is not None:
                    selected[id] = (selected.get(id) or frozenset()) | named
    return selected


def _in_week(spans: Mapping[UUID, list[Weeks]], week: str, this_week: str) -> set[UUID]:
    return {
        id for id, weeks in spans.items() for first, last in weeks if (first or this_week) <= week <= last
    }


def _around(views: Views, after: Views, areas: set[UUID], week: str) -> Iterator[UUID]:
    """The timetables of areas, of those around them before and afterwards, and of those inside them."""
    if not areas:
        return
    day = monday(week)
    for known in (network_of(views), network_of(after)):
        for area in known.values():
            path = path_on(known, successor_on(known, area.id, day), day)
            if area.id in areas or areas & set(path):
                yield from (timetable_id(area_id, week) for area_id in (area.id, *path))


def _with(views: Views, resources: set[UUID], week: str) -> dict[UUID, frozenset[UUID]]:
    """Under each released timetable of a week the resources that it has to do with."""
    concerned: dict[UUID, set[UUID]] = defaultdict(set)
    owners = dict(_owners(views, resources))
    for diary in diaries_in(views, week, owners):
        for booking in diary.promises:
            concerned[booking.timetable].add(owners[diary.resource])
    for id in resources:
        view = views.get(REQUESTS, id)
        if view is not None:
            known = network_of(views)
            for area in path_on(known, successor_on(known, view.area, monday(week)), monday(week)):
                concerned[timetable_id(area, week)].add(id)
    return {id: frozenset(named) for id, named in concerned.items()}


def _owners(views: Views, resources: set[UUID]) -> Iterator[tuple[UUID, UUID]]:
    """The resources that have diaries, each with the resource that it belongs to: rooms to their venue."""
    for id in resources:
        yield id, id
        view = views.get(VENUES, id)
        for room in (*view.rooms, *view.former) if view else ():
            yield room.id, id


def released(views: Views, id: UUID) -> Timetable | None:
    timetable = views.get(TIMETABLES, id)
    return timetable if timetable is not None and latest_release(timetable) is not None else None
