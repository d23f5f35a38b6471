"""Areas: how a city hangs together, and what a reorganisation changes from a day on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field

from adapters.access.targets import Target
from adapters.queries.area_queries import AreaQuery, area_named, areas
from adapters.queries.area_queries import network as network_of
from adapters.queries.natural_keys import ident
from adapters.queries.paging import Page
from adapters.services import areas as services
from adapters.store.mapper import json_of
from adapters.store.streams import AREAS
from api.http.errors import invalid
from api.http.framework import examples
from api.http.framework.contexts import Answer, CommandContext, RequestContext, json_response, page_response
from api.http.framework.openapi import schema_of
from api.http.framework.operations import Created, Form, Operations
from api.http.framework.parameters import At, AWeek, Day, DayField, Key, NewKey, Point, Week, Why, Word
from api.http.framework.query_models import PastListQuery
from domain import area_times, network
from domain.calendar import monday
from domain.messages import message
from domain.network import Area, Code, NewArea, area_id, name_on, path_on
from domain.recurrence import Letter
from domain.starts import Starts
from domain.succession import HandedOn
from domain.windows import clock, clock_min

operations = Operations("areas")

AreaKey = Annotated[str, Field(min_length=1, max_length=200, description="The key of an area.")]
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


class NameForm(Form):
    """A name in one language; the first of several is the main one."""

    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
    name: Text


class CodeForm(Form):
    """A code, and who gives it."""

    scheme: Word
    code: Word


Names = Annotated[tuple[NameForm, ...], Field(min_length=1, max_length=40)]
Codes = Annotated[tuple[CodeForm, ...], Field(max_length=20)]


class Founded(Form):
    """A new area. `zone` and `calendar` null: those of the area around it."""

    key: NewKey
    level: Word
    names: Names
    parent: AreaKey | None = None
    codes: Codes = ()
    location: Point | None = None
    zone: Annotated[str, Field(max_length=60)] | None = None
    calendar: Word | None = None
    on: DayField


class Renamed(Form):
    names: Names
    on: DayField
    why: Why


class Recoded(Form):
    """From `on` it has these codes and no others."""

    codes: Codes
    on: DayField
    why: Why


class Moved(Form):
    """`parent` null: it lies in no other area from then on."""

    parent: AreaKey | None
    on: DayField
    why: Why


class Located(Form):
    """A correction, so without a day of effect. What is null or left out stays as it is."""

    location: Point | None = None
    zone: Annotated[str, Field(max_length=60)] | None = None
    calendar: Word | None = None


class StartsSet(Form):
    """From `on`, sessions that the area asks for start every `grid_minutes` after midnight, or at the `bell_times`.

    Give one of them; both null: as in the area around it.
    """

    grid_minutes: Literal[5, 10, 15, 30] | None = None
    bell_times: (
        Annotated[
            tuple[Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")], ...],
            Field(min_length=1, max_length=100),
        ]
        | None
    ) = None
    on: DayField
    why: Why


class Lettered(Form):
    """The ISO week is an A or a B week, and from it on they alternate, over the end of a year too."""

    week: AWeek
    letter: Letter
    why: Why


class Merged(Form):
    """`into` is the key of the area that takes its place; what lies in it moves there."""

    into: AreaKey
    on: DayField
    why: Why


class Dissolved(Form):
    """`into` is the key of the area that takes over what belongs to it; null: the area around it."""

    on: DayField
    why: Why
    into: AreaKey | None = None


ENDED: dict[str, Any] = {
    "allOf": [
        schema_of(Area),
        {
            "type": "object",
            "required": ["handed_on"],
            "properties": {"handed_on": schema_of(HandedOn)},
        },
    ]
}
HANDED_ON = {"to": "hill", "venues": ["school"], "volunteers": ["v-17"], "requests": ["r-42"]}


@dataclass(frozen=True, slots=True)
class Surrounding:
    """One of the areas around an area on a day."""

    key: str
    level: str
    name: str


@dataclass(frozen=True, slots=True)
class Times:
    """When sessions that an area asks for may start in a week; `letter` null: nobody has said which are A weeks."""

    week: str
    grid_minutes: int
    bell_times: tuple[str, ...]
    letter: Letter | None


class AreaList(PastListQuery):
    within: Annotated[
        str | None, Query(max_length=200, description="This area and those below it, by key.")
    ] = None
    level: Annotated[str | None, Query(max_length=80, examples=["street"])] = None
    code: Annotated[str | None, Query(max_length=200, description="`code` or `scheme:code`.")] = None
    name: Annotated[str | None, Query(max_length=200, description="In any language, exactly.")] = None
    on: Annotated[Day | None, Query(description="Only those that exist on this day.")] = None
    sort: Literal["key", "-key", "level", "-level"] = "key"


def find_area(context: RequestContext, key: str, at: str | None = None) -> Area:
    return context.find(AREAS, ident(key, area_id), message("area {key}", key=key[:80]), at)


def subject(context: CommandContext, key: str) -> Area:
    """The area that a command changes."""
    return context.subject(AREAS, ident(key, area_id), message("area {key}", key=key[:80]))


def _names(forms: Iterable[NameForm]) -> tuple[tuple[str, str], ...]:
    return tuple((form.language, form.name) for form in forms)


def _code_records(forms: Iterable[CodeForm]) -> tuple[Code, ...]:
    return tuple(Code(form.scheme, form.code) for form in forms)


@operations.read(
    "/areas",
    may="areas.read",
    answers=Area,
    many=True,
    summary="List areas",
    example=examples.page(examples.AREA),
)
def list_areas(context: RequestContext, query: AreaList) -> Answer:
    area_query = AreaQuery(
        query.paging(),
        query.on or context.today,
        query.within,
        query.level,
        query.code,
        query.name,
        query.on,
    )
    return page_response(Area, areas(context.views(query.at), area_query, context.visible()))


@operations.read(
    "/areas/{area}", may="areas.read", answers=Area, summary="Read an area", example=examples.AREA
)
def read_area(context: RequestContext, area: Key, at: At = None) -> Answer:
    """Its names, codes and parents, each since which day."""
    return json_response(find_area(context, area, at))


@operations.read(
    "/areas/{area}/around",
    may="areas.read",
    answers=Surrounding,
    many=True,
    summary="Say which areas an area lay in on a day",
    example=examples.page(
        {"key": "river", "level": "street", "name": "River"}, {"key": "town", "level": "city", "name": "Town"}
    ),
)
def list_around(
    context: RequestContext,
    area: Key,
    on: Annotated[Day | None, Query(description="Default: today.")] = None,
    at: At = None,
) -> Answer:
    """From the inside out, itself first."""
    day = on or context.today
    id = find_area(context, area, at).id
    known = network_of(context.views(at))
    path = (known[around] for around in path_on(known, id, day))
    surroundings = [Surrounding(around.key, around.level, name_on(around, day)) for around in path]
    return page_response(Surrounding, Page(surroundings, None))


@operations.read(
    "/areas/{area}/times/{week}",
    may="areas.read",
    answers=Times,
    summary="Say when sessions of an area may start in a week, and whether it is an A or a B week",
    example={"week": "2026-W49", "grid_minutes": 5, "bell_times": ["08:05", "08:55"], "letter": "A"},
)
def read_times(context: RequestContext, area: Key, week: Week, at: At = None) -> Answer:
    """What is not set for the area itself is as in the area around it; sessions start every 30 minutes at first."""
    id = find_area(context, area, at).id
    known = network_of(context.views(at))
    starts = area_times.starts_on(known, id, monday(week))
    bells = tuple(map(clock, starts.bells))
    return json_response(Times(week, starts.step_min, bells, area_times.letter_of(known, id, week)))


@operations.command(
    "/areas",
    may="areas.found",
    answers=Created(Area),
    summary="Found an area",
    example={
        "key": "river",
        "level": "street",
        "names": [{"language": "en", "name": "River"}],
        "parent": "town",
        "on": "2026-01-01",
    },
    answer_example=examples.AREA,
)
def found_area(context: CommandContext, form: Founded) -> Answer:
    """Outside every other area only by who may do so everywhere."""
    parent = None if form.parent is None else area_named(context.views(), form.parent)
    context.fresh(AREAS, area_id(form.key), Target(area=parent.id if parent else None))
    new = NewArea(
        key=form.key,
        level=form.level,
        names=_names(form.names),
        on=form.on,
        parent=parent.id if parent else None,
        zone=form.zone,
        codes=_code_records(form.codes),
        location=form.location,
        calendar=form.calendar,
    )
    return json_response(services.found_area(context.unit, new), status=201, location=f"/v1/areas/{form.key}")


@operations.command(
    "/areas/{area}/rename",
    may="areas.write",
    answers=Area,
    summary="Rename an area from a day on",
    example={"names": [{"language": "en", "name": "Riverside"}], "on": "2027-01-01", "why": "by decree"},
    answer_example=examples.AREA,
)
def rename_area(context: CommandContext, form: Renamed, area: Key) -> Answer:
    """The names take the place of all that held before."""
    present = subject(context, area)
    names = _names(form.names)
    return json_response(services.rename_area(context.unit, present.id, names, form.on, form.why))


@operations.command(
    "/areas/{area}/recode",
    may="areas.write",
    answers=Area,
    summary="Give an area other codes from a day on",
    example={"codes": [{"scheme": "cn-nbs", "code": "500153001"}], "on": "2027-01-01", "why": "new list"},
    answer_example=examples.AREA,
)
def recode_area(context: CommandContext, form: Recoded, area: Key) -> Answer:
    present = subject(context, area)
    codes = _code_records(form.codes)
    return json_response(services.recode_area(context.unit, present.id, codes, form.on, form.why))


@operations.command(
    "/areas/{area}/move",
    lane="large",
    may="areas.write",
    answers=Area,
    summary="Move an area into another from a day on",
    example={"parent": "town", "on": "2027-01-01", "why": "by decree"},
    answer_example=examples.AREA,
)
def move_area(context: CommandContext, form: Moved, area: Key) -> Answer:
    """Only by who may write in both."""
    present = subject(context, area)
    parent = None if form.parent is None else area_named(context.views(), form.parent).id
    context.within(Target(area=parent))
    return json_response(services.move_area(context.unit, present.id, parent, form.on, form.why))


@operations.command(
    "/areas/{area}/locate",
    may="areas.write",
    answers=Area,
    summary="Correct an area's point, zone or calendar",
    example={"location": [29.4, 105.6], "zone": "Asia/Shanghai"},
    answer_example=examples.AREA,
)
def locate_area(context: CommandContext, form: Located, area: Key) -> Answer:
    """Areas below that have the same zone or calendar as this one go on having the same."""
    present = subject(context, area)
    located = services.locate_area(context.unit, present.id, form.location, form.zone, form.calendar)
    return json_response(located)


@operations.command(
    "/areas/{area}/starts",
    may="areas.write",
    answers=Area,
    summary="Set when sessions of an area may start, from a day on",
    example={"bell_times": ["08:05", "08:55", "10:10"], "on": "2026-11-30", "why": "the bells of the school"},
    answer_example=examples.AREA,
)
def set_starts(context: CommandContext, form: StartsSet, area: Key) -> Answer:
    """Areas below that have set nothing of their own follow. A plan made before stays as it is."""
    present = subject(context, area)
    if form.grid_minutes is not None and form.bell_times is not None:
        raise invalid("body", "bell_times", message("must be left out where grid_minutes is given"))
    starts = None if form.grid_minutes is None else Starts(form.grid_minutes)
    if form.bell_times is not None:
        starts = Starts(bells=tuple(map(clock_min, form.bell_times)))
    return json_response(services.set_starts(context.unit, present.id, starts, form.on, form.why))


@operations.command(
    "/areas/{area}/letter",
    may="areas.write",
    answers=Area,
    summary="Say which weeks of an area are A weeks and which are B weeks",
    example={"week": "2026-W36", "letter": "A", "why": "the first week of the school year"},
    answer_example=examples.AREA,
)
def letter_week(context: CommandContext, form: Lettered, area: Key) -> Answer:
    """Say it again where the count starts afresh, as after holidays."""
    present = subject(context, area)
    return json_response(services.letter_week(context.unit, present.id, form.week, form.letter, form.why))


@operations.command(
    "/areas/{area}/merge",
    lane="large",
    may="areas.write",
    answers=ENDED,
    summary="Merge an area into another from a day on",
    example={"into": "hill", "on": "2027-01-01", "why": "by decree"},
    answer_example={**examples.AREA, "handed_on": HANDED_ON},
)
def merge_area(context: CommandContext, form: Merged, area: Key) -> Answer:
    """What lies in it moves to the other area on that day. `handed_on` names what belongs to it and goes there too."""
    present = subject(context, area)
    into = area_named(context.views(), form.into)
    context.within(Target(area=into.id))
    return _ended(*services.merge_area(context.unit, present.id, into.id, form.on, form.why))


@operations.command(
    "/areas/{area}/dissolve",
    lane="large",
    may="areas.write",
    answers=ENDED,
    summary="Dissolve an area from a day on",
    example={"on": "2027-01-01", "why": "by decree", "into": "hill"},
    answer_example={**examples.AREA, "handed_on": HANDED_ON},
)
def dissolve_area(context: CommandContext, form: Dissolved, area: Key) -> Answer:
    """409 while other areas lie in it. What belongs to it goes to `into`, or to the area around it, from that day on.

    `handed_on` names what that is; only by who may write there too. 409 where nobody would take it over.
    """
    present = subject(context, area)
    into = None if form.into is None else area_named(context.views(), form.into)
    heir = into.id if into is not None else network.parent_on(present, form.on)
    if heir is not None:
        context.within(Target(area=heir))
    into_id = None if into is None else into.id
    return _ended(*services.dissolve_area(context.unit, present.id, form.on, form.why, into_id))


def _ended(area: Area, succession: HandedOn) -> Answer:
    """The area afterwards, with what goes to another one."""
    answer = json_response(area)
    return replace(
        answer, body=answer.body[:-1] + b',"handed_on":' + json_of(HandedOn).dump_json(succession) + b"}"
    )
