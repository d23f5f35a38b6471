"""Offers and checks: which hours volunteers give, when they are away, and whose check runs out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field

from adapters.access.targets import target_of
from adapters.queries.area_queries import letters, network
from adapters.queries.paging import Page
from adapters.queries.volunteer_queries import CheckQuery, checks
from adapters.services import closures as adapter
from adapters.services import volunteers as services
from adapters.store.streams import VOLUNTEERS
from api.http.framework import examples
from api.http.framework.contexts import Answer, CommandContext, RequestContext, json_response, page_response
from api.http.framework.etags import of_version
from api.http.framework.forms import DayWindowForm, Windowed, windows
from api.http.framework.operations import Form, Operations
from api.http.framework.parameters import At, AWeek, Day, DayField, Key, Week, Why
from api.http.framework.query_models import PastListQuery
from api.http.resources.volunteers.endpoints import find_volunteer, subject
from domain.messages import message
from domain.recurrence import Letter, Rhythm
from domain.volunteer import BackgroundCheck, OfferException, Pause, Volunteer, available, vetted
from domain.windows import Windows

operations = Operations("offers")


class Offered(Form):
    """Hours of every week from now on: they take the place of the offer before.

    With `week_letter` they hold in the A or the B weeks of the area of the home alone, with `every_weeks` in every
    second week and so on, counted from `first_week`; in the other weeks `otherwise` holds.
    """

    windows: Windowed
    every_weeks: Annotated[int, Field(ge=1, le=52)] = 1
    first_week: AWeek | None = None
    week_letter: Letter | None = None
    otherwise: Windowed = ()


class Excepted(Form):
    """On one day these hours take the place of the weekly ones; none: away."""

    day: DayField
    windows: Annotated[tuple[DayWindowForm, ...], Field(max_length=24)] = ()


class Paused(Form):
    """Away from `first` to `last`, both included. Say why without anything private."""

    first: DayField
    last: DayField | None = None
    why: Why


class Left(Form):
    """`on` is the first day without the volunteer. Say why without anything private."""

    on: DayField
    why: Why


@dataclass(frozen=True, slots=True)
class Offer:
    """What a volunteer gives in an ISO week, exceptions and pauses applied: minutes from Monday 00:00, local time."""

    volunteer: str
    week: str
    vetted: bool
    windows: Windows


@dataclass(frozen=True, slots=True)
class Absence:
    """The volunteer afterwards."""

    volunteer: Volunteer


class CheckList(PastListQuery):
    expires_before: Annotated[
        Day | None, Query(description="Only what runs out before this day, and who has none.")
    ] = None
    sort: Literal["volunteer", "-volunteer", "expires", "-expires"] = "volunteer"


@dataclass(frozen=True, slots=True)
class Checked:
    """The background check of a volunteer; null where there is none."""

    volunteer: str
    id: UUID
    check: BackgroundCheck | None


@operations.read(
    "/volunteers/{volunteer}/offer/{week}",
    may="volunteers.read",
    answers=Offer,
    summary="Say which hours a volunteer gives in a week",
    example={
        "volunteer": "v-17",
        "week": "2026-W49",
        "vetted": False,
        "windows": [{"start_min": 1020, "end_min": 1260}],
    },
)
def read_offer(context: RequestContext, volunteer: Key, week: Week, at: At = None) -> Answer:
    """What is promised already is not taken out: that stands in the diary."""
    state = find_volunteer(context, volunteer, at)
    offered = available(state, week, letters(network(context.views(at)), state.profile.home_area))
    return json_response(Offer(state.key, week, vetted(state, week), offered))


@operations.command(
    "/volunteers/{volunteer}/offer",
    may="volunteers.write",
    answers=Volunteer,
    summary="Offer hours",
    example={"windows": [{"start_min": 1020, "end_min": 1260}]},
    answer_example=examples.VOLUNTEER,
)
def offer_hours(context: CommandContext, form: Offered, volunteer: Key) -> Answer:
    """They hold each week until the next offer."""
    present = subject(context, volunteer)
    rhythm = Rhythm(form.every_weeks, form.first_week or "", form.week_letter)
    hours, otherwise = windows(form.windows, "windows"), windows(form.otherwise, "otherwise")
    return json_response(services.offer_hours(context.unit, present.id, hours, rhythm, otherwise))


@operations.command(
    "/volunteers/{volunteer}/except",
    may="volunteers.write",
    answers=Volunteer,
    summary="Offer other hours on one day",
    example={"day": "2026-12-02", "windows": [{"start_min": 540, "end_min": 720}]},
    answer_example=examples.VOLUNTEER,
)
def except_offer(context: CommandContext, form: Excepted, volunteer: Key) -> Answer:
    present = subject(context, volunteer)
    exception = OfferException(form.day, windows(form.windows, "windows"))
    return json_response(services.except_offer(context.unit, present.id, exception))


@operations.command(
    "/volunteers/{volunteer}/pause",
    lane="large",
    may="volunteers.write",
    answers=Absence,
    summary="Pause a volunteer's offer",
    example={"first": "2026-12-01", "last": "2026-12-05", "why": "away"},
    answer_example={"volunteer": examples.VOLUNTEER},
)
def pause_volunteer(context: CommandContext, form: Paused, volunteer: Key) -> Answer:
    """They are away on those days, whatever they offer."""
    present = subject(context, volunteer)
    pause = Pause(form.first, form.last or form.first)
    adapter.pause_volunteer(context.unit, present.key, pause, form.why)
    return _absent(context, present)


@operations.command(
    "/volunteers/{volunteer}/leave",
    lane="large",
    may="volunteers.write",
    answers=Absence,
    summary="Note that a volunteer leaves",
    example={"on": "2026-12-31", "why": "moves to another city"},
    answer_example={"volunteer": examples.VOLUNTEER},
)
def let_go(context: CommandContext, form: Left, volunteer: Key) -> Answer:
    """A second call with another day corrects the first; a later one is for coordinators."""
    present = subject(context, volunteer)
    if present.left is not None and form.on > present.left:
        context.require("volunteers.check", target_of(present), message("a later last day"))
    adapter.let_go(context.unit, present.key, form.on, form.why)
    return _absent(context, present)


def _absent(context: CommandContext, before: Volunteer) -> Answer:
    after = context.after(VOLUNTEERS, before.id, before)
    return json_response(Absence(after), etag=of_version(after.version))


@operations.read(
    "/checks",
    may="volunteers.read",
    answers=Checked,
    many=True,
    summary="List background checks",
    example=examples.page(
        {
            "volunteer": "v-17",
            "id": examples.VOLUNTEER["id"],
            "check": {
                "passed": True,
                "checked_on": "2026-03-01",
                "expires": "2028-02-28",
                "unit": "district office",
            },
        }
    ),
)
def list_checks(context: RequestContext, query: CheckList) -> Answer:
    check_query = CheckQuery(query.paging(), query.expires_before)
    page = checks(context.views(query.at), check_query, context.visible())
    items = [Checked(volunteer.key, volunteer.id, volunteer.check) for volunteer in page.items]
    return page_response(Checked, Page(items, page.next))
