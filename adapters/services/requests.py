"""Commands about course requests: submitted, changed, left out in a week, and moved from step to step."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from adapters.application.unit_of_work import UnitOfWork, command
from adapters.queries.area_queries import letters, network
from adapters.queries.request_queries import open_requests
from adapters.services.areas import standing_area
from adapters.store.streams import REQUESTS
from domain import request as decide
from domain.messages import message
from domain.places import Location
from domain.quotas import MOST_OPEN_REQUESTS, require_fewer
from domain.request import CourseRequest, Order, RequestStatus, request_id


@command
def submit_request(
    unit: UnitOfWork, key: str, area: UUID, location: Location | None, order: Order, *, rationed: bool = False
) -> CourseRequest:
    """Submit a request under a key; `location` None: asked for at the area's own point.

    With `rationed` the community may have only so many open requests. Raises AlreadyThere, AreaEnded, TooMany or
    BadRequest.
    """
    community = standing_area(unit, area)
    if rationed:
        require_fewer(
            open_requests(unit.now, area),
            MOST_OPEN_REQUESTS,
            message("community {community}", community=community.key),
            message("open requests"),
            message("withdraw some first"),
        )
    submit = partial(decide.submit_request, key=key, area=area, location=location, order=order)
    return unit.create(REQUESTS, request_id(key), submit)


@command
def change_order(
    unit: UnitOfWork,
    request: UUID,
    area: UUID,
    location: Location | None,
    order: Order,
    *,
    look_again: bool = False,
) -> CourseRequest:
    """Put a whole order in the place of the one before.

    With `look_again` a request that was screened or accepted is submitted once more. Raises WrongStep, AreaEnded or
    BadRequest.
    """
    if area != unit.must_load(REQUESTS, request).area:
        standing_area(unit, area)
    change = partial(decide.change_order, area=area, location=location, order=order, look_again=look_again)
    return unit.decide(REQUESTS, request, change)


@command
def leave_out(
    unit: UnitOfWork,
    request: UUID,
    week: str,
    instead: str | None = None,
    *,
    extend: bool = False,
    look_again: bool = False,
) -> CourseRequest:
    """Hold a course not in a week, and make it up in the week `instead`, or with `extend` by going on for longer."""
    area = unit.must_load(REQUESTS, request).area
    change = partial(
        decide.leave_out,
        week=week,
        instead=instead,
        extend=extend,
        look_again=look_again,
        letter_of=letters(network(unit.now), area),
    )
    return unit.decide(REQUESTS, request, change)


@command
def step_request(unit: UnitOfWork, request: UUID, status: RequestStatus, why: str = "") -> CourseRequest:
    """Move a request to another status. Raises WrongStep."""
    return unit.decide(REQUESTS, request, partial(decide.step, status=status, why=why))
