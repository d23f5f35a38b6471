"""Decide what a community orders, and how its request moves from submitted to completed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeAlias, get_args
from uuid import UUID

from domain.calendar import check_week, shift_week
from domain.facts import AlreadyThere, Fact, Refused, Stamp, envelope, following, reason, stream_id
from domain.text import Key, Name, OptionalSentence, clean
from domain.windows import Windows, covers, normal

Location = tuple[float, float]  # latitude, longitude in degrees
Status: TypeAlias = Literal[
    "submitted", "screened", "accepted", "scheduled", "running", "completed", "declined", "withdrawn"
]
STATUSES: tuple[Status, ...] = get_args(Status)

TRANSITIONS: dict[Status, tuple[Status, ...]] = {
    "submitted": ("screened", "declined", "withdrawn"),
    "screened": ("accepted", "declined", "withdrawn"),
    "accepted": ("scheduled", "declined", "withdrawn"),
    "scheduled": ("accepted", "running", "withdrawn"),
    "running": ("completed", "withdrawn"),
    "completed": (),
    "declined": (),
    "withdrawn": (),
}  # the only place that says what may follow what
NEEDS_REASON: frozenset[Status] = frozenset({"declined", "withdrawn"})
PLANNED: frozenset[Status] = frozenset({"accepted", "scheduled", "running"})  # may be given sessions


class BadRequest(Refused):
    """A request that nothing could ever fulfil."""


class WrongStep(Refused):
    """A step that does not follow from where the request stands."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for.

    `sessions` are sessions a week, in `weeks` weeks from the ISO week `first_week`; `duration_minutes` of each;
    windows in minutes from Monday 00:00, local time; `max_travel_km` from `location` to the venue in a straight
    line, None = anywhere; `cohorts` are groups of learners who attend; words such as `function`, `form` and
    `audience` come from the catalogue.
    """

    title: Name
    topic: Name
    function: Name
    learners: int
    duration_minutes: int
    acceptable: Windows
    first_week: str
    weeks: int = 1
    sessions: int = 1
    form: Name = "class"
    audience: Name = "everyone"
    minors: bool = False
    priority: int = 1
    preferred: Windows = ()
    equipment: tuple[Name, ...] = ()
    accessible: bool = False
    max_travel_km: float | None = None
    leads: int = 1
    assistants: int = 0
    cohorts: tuple[Name, ...] = ()
    max_sessions_per_day: int = 1
    same_leads: bool = True
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSubmitted(Fact):
    key: Key
    area: UUID
    location: Location | None
    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChanged(Fact):
    area: UUID
    location: Location | None
    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestStepped(Fact):
    """`why` is empty where the step needs no reason."""

    status: Status
    why: OptionalSentence


RequestEvent: TypeAlias = RequestSubmitted | OrderChanged | RequestStepped


@dataclass(frozen=True, slots=True)
class CourseRequest:
    """`retitled` is when it got another title."""

    id: UUID
    version: int
    key: str
    area: UUID
    location: Location | None
    order: Order
    status: Status = "submitted"
    why: str = ""
    retitled: tuple[datetime, ...] = ()


def request_id(key: str) -> UUID:
    return stream_id("request", key)


# ---- Decisions


def submit_request(
    request: CourseRequest | None,
    stamp: Stamp,
    *,
    key: str,
    area: UUID,
    location: Location | None,
    order: Order,
) -> tuple[RequestSubmitted, ...]:
    """`location` None: asked for at the area's own point."""
    key = clean(key, "the key of a request", Key)
    if request is not None:
        raise AlreadyThere(f"request {key} was submitted before; change its order instead")
    return (
        RequestSubmitted(
            **envelope(request_id(key), 1, stamp),
            key=key,
            area=area,
            location=location,
            order=_sound(order, key),
        ),
    )


def change_order(
    request: CourseRequest, stamp: Stamp, *, area: UUID, location: Location | None, order: Order
) -> tuple[OrderChanged, ...]:
    order = clean(order, f"request {request.key}")
    if (request.area, request.location, request.order) == (area, location, order):
        return ()
    if not TRANSITIONS[request.status]:
        raise WrongStep(f"request {request.key} is {request.status}; submit a new one instead")
    return (
        OrderChanged(
            **following(request, stamp), area=area, location=location, order=_sound(order, request.key)
        ),
    )


def _sound(order: Order, key: str) -> Order:
    order = clean(order, f"request {key}")
    check_week(order.first_week)
    for what, least in (("learners", 1), ("duration_minutes", 1), ("sessions", 1), ("weeks", 1), ("priority", 1),
                        ("max_sessions_per_day", 1), ("leads", 0), ("assistants", 0)):  # fmt: skip
        if getattr(order, what) < least:
            raise BadRequest(f"request {key}: {what} must be at least {least}, is {getattr(order, what)}")
    if all(window.minutes < order.duration_minutes for window in normal(order.acceptable)):
        raise BadRequest(
            f"request {key}: no acceptable window holds {order.duration_minutes} minutes; widen a window"
        )
    if any(not covers(order.acceptable, window) for window in order.preferred):
        raise BadRequest(f"request {key}: a preferred window lies outside the acceptable ones")
    return order


def step(request: CourseRequest, stamp: Stamp, status: Status, why: str = "") -> tuple[RequestStepped, ...]:
    """Move the request along; nothing happens where it stands there already."""
    if status == request.status:
        return ()
    if status not in TRANSITIONS[request.status]:
        may = ", ".join(TRANSITIONS[request.status]) or "nothing"
        raise WrongStep(
            f"request {request.key} is {request.status} and cannot become {status}; it may become {may}"
        )
    if status in NEEDS_REASON:
        why = reason(why, f"a request that is {status}")
    why = clean(why, f"the reason of request {request.key}", OptionalSentence)
    return (RequestStepped(**following(request, stamp), status=status, why=why),)


# ---- State


def evolve(request: CourseRequest | None, event: RequestEvent) -> CourseRequest:
    match event, request:
        case RequestSubmitted(), None:
            return CourseRequest(
                event.originator_id,
                event.originator_version,
                event.key,
                event.area,
                event.location,
                event.order,
            )
        case OrderChanged(), CourseRequest():
            changed = replace(request, area=event.area, location=event.location, order=event.order)
            if event.order.title != request.order.title:
                changed = replace(changed, retitled=(*request.retitled, event.at))
            return replace(changed, version=event.originator_version)
        case RequestStepped(), CourseRequest():
            return replace(request, status=event.status, why=event.why, version=event.originator_version)
    raise TypeError(f"cannot apply {type(event).__name__} to {request!r}")


# ---- Questions


def asks_in(request: CourseRequest, week: str) -> bool:
    """Whether sessions of this ISO week are asked for, and the request is far enough to be given any."""
    order = request.order
    last = shift_week(order.first_week, order.weeks - 1)
    return request.status in PLANNED and order.first_week <= week <= last
