"""Course requests: what communities order, and how each moves from submitted to completed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Query
from pydantic import Field

from adapters.access.targets import Target, target_of
from adapters.queries.area_queries import area_named, letters, network, standing
from adapters.queries.natural_keys import ident
from adapters.queries.paging import Page
from adapters.queries.request_queries import RequestQuery, requests
from adapters.services import requests as services
from adapters.store.streams import REQUESTS
from api.http.framework import examples
from api.http.framework.contexts import Answer, CommandContext, RequestContext, json_response, page_response
from api.http.framework.operations import Created, Form, Operations
from api.http.framework.parameters import (
    At,
    AWeek,
    Key,
    NewKey,
    Point,
    WeekFilter,
    Why,
)
from api.http.framework.query_models import PastListQuery
from api.http.framework.record_forms import has_fields_of, record_values
from api.http.framework.staff_fields import guarded
from domain.messages import message
from domain.network import require_standing
from domain.recurrence import held_weeks
from domain.request import CourseRequest, Order, RequestStatus, request_id

operations = Operations("requests")


@has_fields_of(Order)
class OrderForm(Form):
    """What is asked for: `sessions` a week of `duration_minutes`, in `weeks` weeks from `first_week` on.

    The weeks are every `every_weeks`-th, with `week_letter` the A or the B weeks of the area alone; or they are those
    of `on_weeks`, or of `on_dates` with `sessions` on each date, and `first_week` and `weeks` are then counted from the
    list. In `except_weeks` it is not held: that is made up in `make_up_weeks`, each later than a week left out; what
    remains is made up at the end where `make_up` is "extend".
    """


class LeftOut(Form):
    """Not held in `week`; made up in the later week `instead`, or with `extend` at the end, or not at all."""

    week: AWeek
    instead: AWeek | None = None
    extend: bool = False


@dataclass(frozen=True, slots=True)
class HeldWeek:
    """A week in which a course is to be held, and how many of its sessions."""

    week: str
    sessions: int


class Ordered(Form):
    """A whole order. `location` null: asked for at the area's own point."""

    area: Annotated[str, Field(min_length=1, max_length=200, description="The key of the community.")]
    location: Point | None = None
    order: OrderForm


class Submitted(Ordered):
    key: NewKey


class Said(Form):
    """A reason, where there is one to tell."""

    why: Annotated[str, Field(max_length=1000)] = ""


class Reason(Form):
    """Why; the community will ask."""

    why: Why


class RequestList(PastListQuery):
    area: Annotated[str | None, Query(max_length=200, description="From here or below, by key.")] = None
    status: RequestStatus | None = None
    week: Annotated[WeekFilter | None, Query(description="Accepted, and asking for this week.")] = None
    topic: Annotated[str | None, Query(max_length=80)] = None
    function: Annotated[str | None, Query(max_length=80)] = None
    sort: Literal["key", "-key", "learners", "-learners", "priority", "-priority"] = "key"


def find_request(context: RequestContext, key: str, at: str | None = None) -> CourseRequest:
    return context.find(REQUESTS, ident(key, request_id), message("request {key}", key=key[:80]), at)


def _order(context: RequestContext, form: OrderForm, target: Target, priority: int) -> Order:
    """`priority` is what holds where the caller is nobody who sets it."""
    values = record_values(form, Order, "order.") | guarded(context, form, target, {"priority": priority})
    return Order(**values)


@operations.read(
    "/requests",
    may="requests.read",
    answers=CourseRequest,
    many=True,
    summary="List course requests",
    example=examples.page(examples.REQUEST),
)
def list_requests(context: RequestContext, query: RequestList) -> Answer:
    request_query = RequestQuery(
        query.paging(),
        context.today,
        query.area,
        query.status,
        query.week,
        query.topic,
        query.function,
    )
    return page_response(CourseRequest, requests(context.views(query.at), request_query, context.visible()))


@operations.read(
    "/requests/{request}",
    may="requests.read",
    answers=CourseRequest,
    summary="Read a course request",
    example=examples.REQUEST,
)
def read_request(context: RequestContext, request: Key, at: At = None) -> Answer:
    return json_response(find_request(context, request, at))


@operations.read(
    "/requests/{request}/weeks",
    may="requests.read",
    answers=HeldWeek,
    many=True,
    summary="List the weeks in which a course is to be held",
    example=examples.page({"week": "2026-W49", "sessions": 2}, {"week": "2026-W51", "sessions": 2}),
)
def list_weeks(context: RequestContext, request: Key, at: At = None) -> Answer:
    """What is left out and what is made up are counted; none where the area has not said which weeks are A weeks."""
    course_request = find_request(context, request, at)
    areas = network(context.views(at))
    times = Counter(held_weeks(course_request.order.course, letters(areas, course_request.area)))
    held = [HeldWeek(week, count * course_request.order.sessions) for week, count in times.items()]
    return page_response(HeldWeek, Page(held, None))


@operations.command(
    "/requests",
    may="requests.write",
    answers=Created(CourseRequest),
    summary="Submit a course request",
    example={"key": "r-42", "area": "river", "order": examples.ORDER},
    answer_example=examples.REQUEST,
)
def submit_request(context: CommandContext, form: Submitted) -> Answer:
    """It waits to be screened and accepted. Its priority is set by coordinators: another's is taken as 1."""
    area, id = standing(context.views(), form.area, context.today), request_id(form.key)
    target = Target(area=area.id)
    context.fresh(REQUESTS, id, target)
    order, rationed = _order(context, form.order, target, 1), not context.may("requests.step", target)
    submitted = services.submit_request(
        context.unit, form.key, area.id, form.location, order, rationed=rationed
    )
    return json_response(submitted, status=201, location=f"/v1/requests/{form.key}")


@operations.command(
    "/requests/{request}/change",
    may="requests.write",
    answers=CourseRequest,
    summary="Change an order",
    example={"area": "river", "order": examples.ORDER},
    answer_example=examples.REQUEST,
)
def change_order(context: CommandContext, form: Ordered, request: Key) -> Answer:
    """The whole order: what is not given goes back to its default.

    A change by the community of an order that was screened or accepted is looked at again: the request is submitted
    once more. One that is scheduled or running is changed by coordinators, and so is every priority: another's stays
    as it is.
    """
    present = context.subject(
        REQUESTS, ident(request, request_id), message("request {request}", request=request[:80])
    )
    area = area_named(context.views(), form.area)
    context.within(Target(area=area.id))
    if area.id != present.area:
        require_standing(area, context.today)
    target = target_of(present)
    order = _order(context, form.order, target, present.order.priority)
    look_again = not context.may("requests.step", target)
    changed = services.change_order(
        context.unit, present.id, area.id, form.location, order, look_again=look_again
    )
    return json_response(changed)


@operations.command(
    "/requests/{request}/leave-out",
    may="requests.write",
    answers=CourseRequest,
    summary="Hold a course not in a week, and make it up",
    example={"week": "2026-W52", "instead": "2027-W02"},
    answer_example=examples.REQUEST,
)
def leave_out(context: CommandContext, form: LeftOut, request: Key) -> Answer:
    """For a week in which the house is closed: everything else of the order stays as it is."""
    present = context.subject(
        REQUESTS, ident(request, request_id), message("request {request}", request=request[:80])
    )
    look_again = not context.may("requests.step", target_of(present))
    after = services.leave_out(
        context.unit, present.id, form.week, form.instead, extend=form.extend, look_again=look_again
    )
    return json_response(after)


# ---- Steps


def _step(context: CommandContext, key: str, status: RequestStatus, why: str) -> Answer:
    present = context.subject(REQUESTS, ident(key, request_id), message("request {key}", key=key[:80]))
    return json_response(services.step_request(context.unit, present.id, status, why))


def _declare(verb: str, status: RequestStatus, summary: str, *, may: str, reason: bool) -> None:
    """One operation for each step; that into `scheduled` belongs to the release of a week."""
    form = Reason if reason else Said

    def step(context: CommandContext, form: Said | Reason, request: Key) -> Answer:
        return _step(context, request, status, form.why)

    step.__name__ = f"{verb}_request"
    step.__doc__ = "409 where it does not follow from where the request stands."
    step.__annotations__["form"] = form
    operations.command(
        f"/requests/{{request}}/{verb}",
        may=may,
        answers=CourseRequest,
        summary=summary,
        example={"why": "too few people signed up"} if reason else {},
        answer_example=examples.REQUEST,
    )(step)


_declare("screen", "screened", "Note that a request was screened", may="requests.step", reason=False)
_declare("accept", "accepted", "Accept a request", may="requests.step", reason=False)
_declare("start", "running", "Note that a course runs", may="requests.step", reason=False)
_declare("complete", "completed", "Note that a course is completed", may="requests.step", reason=False)
_declare("decline", "declined", "Decline a request", may="requests.step", reason=True)
_declare("withdraw", "withdrawn", "Withdraw a request", may="requests.withdraw", reason=True)
