"""Times of one plan: start grids of requests, records in other time zones, A/B weeks, and pins that still fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from adapters.store.caches import CacheKind
from adapters.week.week_snapshot import WeekSnapshot
from domain.area_times import starts_on, starts_set_on
from domain.messages import message, plural
from domain.request import PLANNED, CourseRequest, order_in
from domain.starts import Starts, common_step, starts_within
from domain.timetable import Session
from domain.windows import clock

ASKED_STARTS = CacheKind[Starts](20_000)  # a district has some thousands of requests


class RequestStarts:
    """When sessions of each request may start; `document` are the keys of the whole problem.

    The area that asks says so, or one around it; where none does, a request's own windows may ask for a finer grid.
    """

    def __init__(self, snapshot: WeekSnapshot, requests: Iterable[CourseRequest]) -> None:
        requests = list(requests)
        areas = {request.area for request in requests}
        own_starts = {
            area: starts_set_on(snapshot.network, snapshot.home(area), snapshot.day) for area in areas
        }
        self._of = {
            request.id: own_starts[request.area] or _asked_for(snapshot, request) for request in requests
        }
        own = starts_on(snapshot.network, snapshot.area.id, snapshot.day)
        self._usual = Starts(common_step([own, *self._of.values()]), own.bells)
        bells = {"bell_times": clocks(own.bells)} if own.bells else {}
        self.document: dict[str, Any] = {"grid_minutes": self._usual.grid_min, **bells}

    def of(self, request: CourseRequest) -> Starts | None:
        """None where the request starts as the whole problem says."""
        starts = self._of[request.id]
        same = starts.bells == self._usual.bells and (starts.bells or starts.grid_min == self._usual.grid_min)
        return None if same else starts


def _asked_for(snapshot: WeekSnapshot, request: CourseRequest) -> Starts:
    def compute() -> Starts:
        order = order_in(request.order, snapshot.week)
        return starts_within(order.acceptable, order.duration_minutes)

    return snapshot.derived.get(ASKED_STARTS, (request,), snapshot.week, compute)


def clocks(bells: Iterable[int]) -> list[str]:
    return [clock(bell) for bell in bells]


def left_out_by_zone(snapshot: WeekSnapshot) -> Iterator[str]:
    """A sentence for each time zone whose clocks differ: hours of two zones cannot be compared in one plan."""
    excluded: dict[str, dict[str, list[str]]] = {}
    for kind, area, key in (
        *(("venue", venue.area, venue.key) for venue in snapshot.own_venues() if venue.rooms),
        *(
            ("volunteer", volunteer.profile.home_area, volunteer.key)
            for volunteer in snapshot.own_volunteers()
        ),
        *(("request", request.area, request.key) for request in snapshot.asking()),
    ):
        if not snapshot.shares_clock(area):
            excluded.setdefault(snapshot.zone_of(area), {}).setdefault(kind, []).append(key)
    for zone, kinds in sorted(excluded.items()):
        parts = [_counted(kind, keys) for kind, keys in kinds.items()]
        yield (
            message(
                "{parts: and } are left out, because their area is in the time zone {zone} and this plan is in "
                "{plan_zone}; plan their area by itself, or correct its zone",
                parts=parts,
                zone=zone,
                plan_zone=snapshot.zone,
            )
        )


def _counted(kind: str, keys: list[str]) -> str:
    first, count = keys[0], len(keys)
    if kind == "venue":
        return plural(
            "{count} venue (first {first})", "{count} venues (first {first})", count=count, first=first
        )
    if kind == "volunteer":
        return plural(
            "{count} volunteer (first {first})",
            "{count} volunteers (first {first})",
            count=count,
            first=first,
        )
    return plural(
        "{count} request (first {first})", "{count} requests (first {first})", count=count, first=first
    )


def without_letters(snapshot: WeekSnapshot) -> Iterator[str]:
    """A sentence where requests or volunteers depend on A or B weeks that no area has defined."""
    asking = [
        (message("request {request}", request=request.key), request.area)
        for request in snapshot.own_requests()
        if request.order.week_letter and request.status in PLANNED
    ]
    offering = [
        (message("volunteer {volunteer}", volunteer=volunteer.key), volunteer.profile.home_area)
        for volunteer in snapshot.own_volunteers()
        if volunteer.rhythm.week_letter
    ]
    unlettered = [
        who for who, area in (*asking, *offering) if snapshot.letter_of(area)(snapshot.week) is None
    ]
    more = message(" and {count} more", count=len(unlettered) - 1) if len(unlettered) > 1 else ""
    if unlettered:
        yield (
            message(
                "{first}{more} speak of A or B weeks, and no area around says which weeks are A weeks, "
                "so that none is; name one with `lyceum letter`",
                first=unlettered[0],
                more=more,
            )
        )


def across_zones(snapshot: WeekSnapshot, sessions: Iterable[Session]) -> Iterator[str]:
    """A sentence for each session with something whose clocks differ from those of the planned area."""
    for session in sessions:
        request, venue = snapshot.requests.get(session.request), snapshot.venues.get(session.venue)
        people = (snapshot.volunteers.get(id) for id in session.team)
        areas = [record.area for record in (request, venue) if record] + [
            volunteer.profile.home_area for volunteer in people if volunteer
        ]
        zones = {snapshot.zone_of(area) for area in areas if not snapshot.shares_clock(area)}
        if zones and request:
            yield (
                message(
                    "session {number} of request {request} joins the time zones {zones: and }",
                    number=session.number,
                    request=request.key,
                    zones=[snapshot.zone, *sorted(zones)],
                )
            )


def valid_pins(snapshot: WeekSnapshot) -> list[Session]:
    """The pins of the week that a plan can keep."""
    lost = {session.key for session, _ in invalid_pins(snapshot)}
    return [pin.session for pin in snapshot.timetable.pins if pin.session.key not in lost]


def invalid_pins(snapshot: WeekSnapshot) -> Iterator[tuple[Session, str]]:
    """Pins of sessions that the week does not ask for, or that join two zones, each with a sentence on it."""
    for pin in snapshot.timetable.pins:
        session, request = pin.session, snapshot.requests.get(pin.session.request)
        own = request is not None and snapshot.home(request.area) in snapshot.inside
        requested = snapshot.sessions_of(request) if request is not None and own else 0
        key = request.key if request else session.request
        if session.number > requested:
            yield (
                session,
                message(
                    "the pin of session {number} of request {key} is left out, for this week asks for {requested}",
                    number=session.number,
                    key=key,
                    requested=requested,
                ),
            )
        for why in across_zones(snapshot, [session]):
            yield session, message("a pin is left out: {why}", why=why)
