"""Course requests of communities: what is ordered, and the life cycle from submitted to completed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias, get_args
from uuid import UUID

from domain.calendar import MOST_YEARS_ORDERED, Week, bounded_week, in_week, near_week
from domain.events import AlreadyThere, Event, EventMetadata, Refused, envelope, following, reason, stream_id
from domain.field_specs import FieldSpec, too_low
from domain.messages import message
from domain.recurrence import (
    MOST_WEEKS,
    MOST_WEEKS_APART,
    Course,
    Letter,
    LetterOf,
    MakeUp,
    Rhythm,
    sound_course,
    times_in,
    unlettered,
)
from domain.terms import term
from domain.text import Key, Name, OptionalSentence, clean
from domain.windows import DAY_MIN, Window, Windows, covers, intersection, normal, union

Location = tuple[float, float]  # latitude, longitude in degrees
RequestStatus: TypeAlias = Literal[
    "submitted", "screened", "accepted", "scheduled", "running", "completed", "declined", "withdrawn"
]
STATUSES: tuple[RequestStatus, ...] = get_args(RequestStatus)

TRANSITIONS: dict[RequestStatus, tuple[RequestStatus, ...]] = {
    "submitted": ("screened", "declined", "withdrawn"),
    "screened": ("accepted", "submitted", "declined", "withdrawn"),
    "accepted": ("scheduled", "submitted", "declined", "withdrawn"),
    "scheduled": ("accepted", "running", "withdrawn"),
    "running": ("completed", "withdrawn"),
    "completed": (),
    "declined": (),
    "withdrawn": (),
}  # the transition table of the life cycle
NEEDS_REASON: frozenset[RequestStatus] = frozenset({"declined", "withdrawn"})
PLANNED: frozenset[RequestStatus] = frozenset({"accepted", "scheduled", "running"})  # may be given sessions


class BadRequest(Refused):
    """A request that nothing could ever fulfil."""


class WrongStep(Refused):
    """A step that does not follow from the status of the request."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for.

    `sessions` are sessions a week, in `weeks` weeks from the ISO week `first_week` on; `duration_minutes` of each.
    The weeks are every `every_weeks`-th, or with a `week_letter` the A or the B weeks of the area alone, or
    those of `on_weeks` or `on_dates`; for `except_weeks` and how they are made up see `domain.recurrence.Course`;
    windows in minutes from Monday 00:00, local time; `max_travel_km` from `location` to the venue in a straight
    line, None = anywhere; `cohorts` are groups of learners who attend; words such as `function`, `form` and
    `audience` come from the catalogue.
    """

    title: Annotated[Name, FieldSpec("what it is called", "Calligraphy for beginners", max_length=300)]
    topic: Annotated[Name, FieldSpec("the topic that a lead must know", "calligraphy")]
    function: Annotated[Name, FieldSpec("code of a function of the catalogue", "arts")]
    learners: Annotated[int, FieldSpec("how many learners", "25", least=1, greatest=100_000)]
    duration_minutes: Annotated[int, FieldSpec("length of a session", "90", least=1, greatest=DAY_MIN)]
    acceptable: Annotated[
        Windows,
        FieldSpec("when a session may be, local time", "Mo-Fr 14:00-17:00; Sa 09:00-12:00", min_items=1),
    ]
    first_week: Annotated[Week, FieldSpec("first ISO week", "2026-W49", in_document=False)]
    weeks: Annotated[
        int, FieldSpec("for how many weeks; blank: 1", "8", least=1, greatest=MOST_WEEKS, in_document=False)
    ] = 1
    sessions: Annotated[int, FieldSpec("sessions a week; blank: 1", "2", least=1, greatest=50)] = 1
    form: Annotated[
        Name, FieldSpec("code of a form of the catalogue; blank: class", "class", in_document=False)
    ] = "class"
    audience: Annotated[
        Name,
        FieldSpec("code of an audience of the catalogue; blank: everyone", "older_people", in_document=False),
    ] = "everyone"
    minors: Annotated[bool, FieldSpec("yes where minors learn; blank: no", "no")] = False
    priority: Annotated[int, FieldSpec("weight from 1; blank: 1", "1", least=1, greatest=1000)] = 1
    preferred: Annotated[
        Windows, FieldSpec("when it is best, within the acceptable; blank: no wish", "Tu 14:00-17:00")
    ] = ()
    equipment: Annotated[
        tuple[Name, ...], FieldSpec("words, separated by commas; blank: none", "projector", max_items=50)
    ] = ()
    accessible: Annotated[bool, FieldSpec("yes where a wheelchair must get in; blank: no", "no")] = False
    max_travel_km: Annotated[
        float | None,
        FieldSpec("from there to the venue in a straight line; blank: anywhere", "5", greatest=20_000),
    ] = None
    leads: Annotated[int, FieldSpec("how many lead; blank: 1", "1", greatest=20)] = 1
    assistants: Annotated[int, FieldSpec("how many assist; blank: 0", "0", greatest=20)] = 0
    cohorts: Annotated[
        tuple[Name, ...],
        FieldSpec("names of groups of learners who attend, separated by commas; blank: none", max_items=200),
    ] = ()
    max_sessions_per_day: Annotated[
        int, FieldSpec("most sessions on one day; blank: 1", "1", least=1, greatest=50)
    ] = 1
    same_leads: Annotated[
        bool, FieldSpec("no where sessions may have different leads; blank: yes", "yes")
    ] = True
    partial: Annotated[
        bool, FieldSpec("yes where some of its sessions are better than none; blank: no", "no")
    ] = False
    every_weeks: Annotated[
        int,
        FieldSpec(
            "2: every second week from the first on, and so on; blank: 1",
            least=1,
            greatest=MOST_WEEKS_APART,
            in_document=False,
        ),
    ] = 1
    week_letter: Annotated[
        Letter | None,
        FieldSpec("A or B: in the A or B weeks of the area alone; blank: in both", in_document=False),
    ] = None
    on_weeks: Annotated[
        tuple[Week, ...],
        FieldSpec(
            "in these ISO weeks alone, separated by commas; weeks are then counted from the list",
            max_items=MOST_WEEKS,
            in_document=False,
        ),
    ] = ()
    on_dates: Annotated[
        tuple[date, ...],
        FieldSpec(
            "on these dates alone, separated by commas, so many sessions on each; weeks are then counted from the list",
            max_items=MOST_WEEKS,
            in_document=False,
        ),
    ] = ()
    except_weeks: Annotated[
        tuple[Week, ...],
        FieldSpec(
            "ISO weeks in which it is not held, separated by commas", max_items=MOST_WEEKS, in_document=False
        ),
    ] = ()
    make_up_weeks: Annotated[
        tuple[Week, ...],
        FieldSpec(
            "ISO weeks in which it is held once more, each later than a week that is left out",
            max_items=MOST_WEEKS,
            in_document=False,
        ),
    ] = ()
    make_up: Annotated[
        MakeUp,
        FieldSpec(
            "extend: weeks left out and not made up otherwise are made up at the end; blank: none",
            in_document=False,
        ),
    ] = "none"

    @property
    def course(self) -> Course:
        """The weeks in which it is to be held."""
        rhythm = Rhythm(self.every_weeks, self.first_week, self.week_letter)
        lists = self.on_weeks, self.on_dates, self.except_weeks, self.make_up_weeks
        return Course(rhythm, self.weeks, *lists, make_up=self.make_up)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSubmitted(Event):
    key: Key
    area: UUID
    location: Location | None
    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChanged(Event):
    area: UUID
    location: Location | None
    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestStepped(Event):
    """`why` is empty where the step needs no reason."""

    status: RequestStatus
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
    status: RequestStatus = "submitted"
    why: str = ""
    retitled: tuple[datetime, ...] = ()


def request_id(key: str) -> UUID:
    return stream_id("request", key)


# ---- Decisions


def submit_request(
    request: CourseRequest | None,
    metadata: EventMetadata,
    *,
    key: str,
    area: UUID,
    location: Location | None,
    order: Order,
) -> tuple[RequestSubmitted, ...]:
    """Submit a request; `location` None means the area's own point.

    Raises
    ------
    AlreadyThere, BadRequest, BadRecurrence, BadText, NotAWeek, OutOfCalendar
    """
    key = clean(key, message("the key of a request"), Key)
    if request is not None:
        raise AlreadyThere(message("request {key} was submitted before; change its order instead", key=key))
    return (
        RequestSubmitted(
            **envelope(request_id(key), 1, metadata),
            key=key,
            area=area,
            location=location,
            order=_sound(order, key, metadata),
        ),
    )


def change_order(
    request: CourseRequest,
    metadata: EventMetadata,
    *,
    area: UUID,
    location: Location | None,
    order: Order,
    look_again: bool = False,
) -> tuple[OrderChanged | RequestStepped, ...]:
    """Change what is ordered; no event where nothing changes.

    With `look_again`, for whoever is not staff, a request that was screened or accepted is submitted once more.

    Raises
    ------
    WrongStep, and what `submit_request` raises of an order
    """
    order = clean(order, message("request {request}", request=request.key))
    if (request.area, request.location, request.order) == (area, location, order):
        return ()
    if not TRANSITIONS[request.status]:
        raise WrongStep(
            message(
                "request {request} is {status}; submit a new one instead",
                request=request.key,
                status=term(request.status),
            )
        )
    order = _sound(order, request.key, metadata)
    if (request.area, request.location, request.order) == (area, location, order):
        return ()
    if look_again and request.status in ("scheduled", "running"):
        raise WrongStep(
            message(
                "request {request} is {status}, so its order is changed by a coordinator; ask one",
                request=request.key,
                status=term(request.status),
            )
        )
    changed = OrderChanged(**following(request, metadata), area=area, location=location, order=order)
    if not look_again or request.status == "submitted":
        return (changed,)
    return (changed, *step(evolve(request, changed), metadata, "submitted", "the order was changed"))


def _sound(order: Order, key: str, metadata: EventMetadata) -> Order:
    order = clean(order, message("request {key}", key=key))
    bounded_week(order.first_week)
    if order.weeks > MOST_WEEKS:
        raise BadRequest(
            message(
                "request {key}: {weeks} weeks are more than {most_weeks}; order again when they are over",
                key=key,
                weeks=order.weeks,
                most_weeks=MOST_WEEKS,
            )
        )
    course = sound_course(order.course, message("request {key}", key=key))
    for field, value in too_low(order):
        raise BadRequest(
            message(
                "request {key}: {field} must be at least {least}, is {value}",
                key=key,
                field=field.name,
                least=field.spec.least,
                value=value,
            )
        )
    if all(window.minutes < order.duration_minutes for window in normal(order.acceptable)):
        raise BadRequest(
            message(
                "request {key}: no acceptable window holds {duration_minutes} minutes; widen a window",
                key=key,
                duration_minutes=order.duration_minutes,
            )
        )
    if any(not covers(order.acceptable, window) for window in order.preferred):
        raise BadRequest(
            message("request {key}: a preferred window lies outside the acceptable ones", key=key)
        )
    counted = _counted(order, course, key)
    for week in (counted.first_week, *course.listed, *order.make_up_weeks):
        near_week(week, metadata.at.date(), MOST_YEARS_ORDERED, message("a course is ordered"))
    return counted


def _counted(order: Order, course: Course, key: str) -> Order:
    """The order with its weeks counted where they are listed."""
    if not course.listed:
        return order
    for day in order.on_dates:
        if all(window.minutes < order.duration_minutes for window in _on_date(order.acceptable, day)):
            raise BadRequest(
                message(
                    "request {key}: no acceptable window holds it on the weekday of {day}; widen a window",
                    key=key,
                    day=day,
                )
            )
    return replace(order, first_week=course.listed[0], weeks=len(set(course.listed)))


def leave_out(
    request: CourseRequest,
    metadata: EventMetadata,
    *,
    week: str,
    instead: str | None = None,
    extend: bool = False,
    look_again: bool = False,
    letter_of: LetterOf = unlettered,
) -> tuple[OrderChanged | RequestStepped, ...]:
    """Hold a course not in a week, and make it up in the week `instead`, or by going on for longer with `extend`.

    To go on for longer is for all weeks left out that nothing else makes up for. Raises BadRequest where the course is
    not asked for in the week, or only to make up for another.
    """
    order = request.order
    left_out = tuple(sorted({*order.except_weeks, bounded_week(week)}))
    if instead is not None and extend:
        raise BadRequest(
            message(
                "request {request}: make {week} up in one week or at the end; choose one of the two",
                request=request.key,
                week=week,
            )
        )
    fewer = replace(order, except_weeks=left_out).course
    if week not in order.except_weeks and times_in(fewer, week, letter_of) == times_in(
        order.course, week, letter_of
    ):
        raise BadRequest(
            message(
                "request {request} does not ask for {week} of itself, so nothing is left out; name one of "
                "its weeks",
                request=request.key,
                week=week,
            )
        )
    later = order.make_up_weeks if instead is None else tuple(sorted([*order.make_up_weeks, instead]))
    changed = replace(order, except_weeks=left_out, make_up_weeks=later)
    if extend:
        changed = replace(changed, make_up="extend")
    return change_order(
        request, metadata, area=request.area, location=request.location, order=changed, look_again=look_again
    )


def step(
    request: CourseRequest, metadata: EventMetadata, status: RequestStatus, why: str = ""
) -> tuple[RequestStepped, ...]:
    """Move the request along `TRANSITIONS`; no event where it has that status. Raises WrongStep, ReasonMissing."""
    if status == request.status:
        return ()
    if status not in TRANSITIONS[request.status]:
        may = tuple(map(term, TRANSITIONS[request.status])) or message("nothing")
        raise WrongStep(
            message(
                "request {request} is {status} and cannot become {next}; it may become {may}",
                request=request.key,
                status=term(request.status),
                next=term(status),
                may=may,
            )
        )
    if status in NEEDS_REASON:
        why = reason(why, message("a request that is {status}", status=term(status)))
    why = clean(why, message("the reason of request {request}", request=request.key), OptionalSentence)
    return (RequestStepped(**following(request, metadata), status=status, why=why),)


# ---- State


def evolve(request: CourseRequest | None, event: RequestEvent) -> CourseRequest:
    """The state after an event; None before the first. Raises TypeError for an event that cannot come then."""
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


def asks_in(request: CourseRequest, week: str, letter_of: LetterOf = unlettered) -> bool:
    """Whether sessions of this ISO week are asked for, and the request is far enough to be given any."""
    return sessions_in(request, week, letter_of) > 0


def sessions_in(request: CourseRequest, week: str, letter_of: LetterOf = unlettered) -> int:
    """How many sessions of this ISO week are asked for; none while the request is not far enough to be given any.

    `letter_of` says which weeks are A weeks where the community is; where nobody has said so, no week is one.
    """
    if request.status not in PLANNED:
        return 0
    return request.order.sessions * times_in(request.order.course, week, letter_of)


def as_if_held(request: CourseRequest) -> CourseRequest:
    """A course that was completed, as it was while it ran: what a week that is over has asked for."""
    return replace(request, status="running") if request.status == "completed" else request


def order_in(order: Order, week: str) -> Order:
    """The order as it is asked for in a week: where it has single dates in it, with times on these days alone."""
    days = {day for day in order.on_dates if in_week(week, day)}
    if not days:
        return order
    acceptable, preferred = (
        union(*(_on_date(windows, day) for day in days)) for windows in (order.acceptable, order.preferred)
    )
    max_per_day = min(order.max_sessions_per_day, order.sessions)
    return replace(order, acceptable=acceptable, preferred=preferred, max_sessions_per_day=max_per_day)


def _on_date(windows: Windows, day: date) -> Windows:
    midnight = (day.isoweekday() - 1) * DAY_MIN
    return intersection(windows, [Window(midnight, midnight + DAY_MIN)])
