"""Day types: which days are work days, holidays, make-up days and school days, by which official table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import Field

from adapters.queries.day_type_queries import DayQuery, calendars, days
from adapters.queries.paging import Page
from adapters.services import catalogue as services
from adapters.store.streams import DAY_TYPES
from api.http.framework import examples
from api.http.framework.contexts import Answer, CommandContext, RequestContext, json_response, page_response
from api.http.framework.operations import Form, Operations
from api.http.framework.parameters import Day, DayField
from api.http.framework.query_models import Limit, PastListQuery
from domain import day_types as decide
from domain.day_types import DayKind, TableStatus, TypedDay, WorkdayKind, day_types_id

operations = Operations("day types")

Calendar = Annotated[
    str, Path(min_length=1, max_length=80, description="The key of a calendar.", examples=["CN"])
]


@dataclass(frozen=True, slots=True)
class CalendarOfDays:
    """A calendar: its key, and how many days tables say something about, from the first to the last."""

    key: str
    version: int
    days: int
    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class KnownDay:
    """What is known of a day."""

    day: date
    known: DayKind


@dataclass(frozen=True, slots=True)
class Typed:
    """The calendar afterwards, and the ISO weeks whose days changed: plan those again."""

    calendar: CalendarOfDays
    weeks: tuple[str, ...]


class TypedDayForm(Form):
    """`kind` null: nothing about work; `school` null: nothing about school."""

    day: DayField
    kind: WorkdayKind | None = None
    name: Annotated[str, Field(max_length=200)] = ""
    school: bool | None = None


class Table(Form):
    """A table of days, with the notice that it comes from."""

    days: Annotated[tuple[TypedDayForm, ...], Field(min_length=1, max_length=2000)]
    status: TableStatus
    source: Annotated[str, Field(min_length=1, max_length=500, pattern=r"\S")]


class CalendarList(PastListQuery):
    sort: Literal["key", "-key"] = "key"


class DayList(PastListQuery):
    first: Annotated[Day | None, Query(description="From this day on.")] = None
    last: Annotated[Day | None, Query(description="To this day, included.")] = None
    kind: WorkdayKind | None = None
    sort: Literal["day", "-day"] = "day"
    limit: Limit = 100


def _about(calendar: decide.DayTypes) -> CalendarOfDays:
    return CalendarOfDays(
        calendar.key,
        calendar.version,
        len(calendar.days),
        min(calendar.days, default=None),
        max(calendar.days, default=None),
    )


@operations.read(
    "/day-types",
    may="day-types.read",
    answers=CalendarOfDays,
    many=True,
    summary="List calendars of day types",
    example=examples.page(examples.CALENDAR),
)
def list_calendars(context: RequestContext, query: CalendarList) -> Answer:
    page = calendars(context.views(query.at), query.paging())
    return page_response(CalendarOfDays, Page([_about(calendar) for calendar in page.items], page.next))


@operations.read(
    "/day-types/{calendar}/days",
    may="day-types.read",
    answers=KnownDay,
    many=True,
    summary="List a calendar's days",
    example=examples.page(
        {
            "day": "2026-10-01",
            "known": {
                "kind": "holiday",
                "name": "National Day",
                "status": "official",
                "school": None,
                "school_name": "",
                "school_status": "unknown",
            },
        }
    ),
)
def list_days(context: RequestContext, calendar: Calendar, query: DayList) -> Answer:
    """Only days that a table says something about; of any other the weekday decides."""
    day_query = DayQuery(query.paging(), query.first, query.last, query.kind)
    page = days(context.views(query.at), calendar, day_query)
    return page_response(KnownDay, Page([KnownDay(day, known) for day, known in page.items], page.next))


@operations.command(
    "/day-types/{calendar}/type",
    lane="large",
    may="day-types.write",
    answers=Typed,
    summary="Take a table of day types over",
    example={
        "days": [{"day": "2026-10-01", "kind": "holiday", "name": "National Day"}],
        "status": "official",
        "source": "notice of the State Council",
    },
    answer_example={"calendar": examples.CALENDAR, "weeks": ["2026-W40"]},
)
def type_days(context: CommandContext, form: Table, calendar: Calendar) -> Answer:
    """All of it or nothing. The answer names the weeks that it touches."""
    id = day_types_id(calendar)
    known = context.unit.load(DAY_TYPES, id)
    context.match(known.version if known else 0)
    typed_days = [
        TypedDay(typed_day_form.day, typed_day_form.kind, typed_day_form.name, typed_day_form.school)
        for typed_day_form in form.days
    ]
    after, weeks = services.type_days(context.unit, calendar, typed_days, form.status, form.source)
    return json_response(Typed(_about(after), weeks))
