"""Suggestions: where one session of a draft could go, the least trouble first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import Query

from adapters.queries.natural_keys import ident
from adapters.queries.paging import Page
from adapters.services.concerns import Concerned
from adapters.services.suggesting import Suggested, SuggestedMove, suggestions
from adapters.week.key_labels import Keys
from adapters.wording.records import WithMessages
from api.http.errors import invalid
from api.http.framework import examples
from api.http.framework.contexts import Answer, RequestContext, page_response
from api.http.framework.operations import Operations
from api.http.framework.parameters import At, Day, Key, Week
from api.http.framework.query_models import QueryModel
from api.http.resources.adjustments.endpoints import Number
from api.http.resources.drafts.endpoints import Breach, breaches
from api.http.resources.weeks.endpoints import week_snapshot
from domain.calendar import date_of
from domain.messages import message
from domain.request import request_id
from domain.timetable import Session
from domain.venue import room_id, venue_id
from domain.windows import DAY_MIN
from scheduler.suggest import Where

operations = Operations("drafts")

Moves = Annotated[int, Query(ge=1, le=2, description="How many sessions may move, itself counted.")]
Few = Annotated[int, Query(ge=1, le=50, description="The most that are told.")]
Same = Annotated[bool, Query(description="As it is now.")]
Other = Annotated[bool, Query(description="Not as it is now.")]


class SuggestionList(QueryModel):
    venue: Annotated[str | None, Query(max_length=200, description="Only there; each of its rooms.")] = None
    room: Annotated[str | None, Query(max_length=200, description="Only that room of the venue.")] = None
    day: Day | None = None
    start_min: Annotated[
        int | None, Query(ge=0, lt=7 * DAY_MIN, description="Only then, in minutes from Monday 00:00.")
    ] = None
    other_day: Other = False
    keep_room: Same = False
    other_room: Other = False
    keep_lead: Same = False
    other_lead: Other = False
    moves: Moves = 2
    limit: Few = 10
    at: At = None


@dataclass(frozen=True, slots=True)
class Placing:
    """Where a session goes, as the body of `moves` says it, everything named by its key."""

    request: str
    session: int
    start_min: int
    venue: str
    room: str
    leads: tuple[str, ...]
    assistants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MoveBody(Placing):
    """What to send to `moves` to follow a suggestion, once `why` says why."""

    also: tuple[Placing, ...]
    accept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggestion(WithMessages):
    """A place that breaks no hard rule, and what it takes.

    `goals` says what each goal gains, below 0 what it loses; `people` whom to call; `learners` how many to tell;
    `warnings` the soft rules that it breaks.
    """

    sentence: str
    moves: tuple[SuggestedMove, ...]
    warnings: tuple[Breach, ...]
    goals: dict[str, int]
    people: tuple[Concerned, ...]
    learners: int
    command: MoveBody


_WHERE = {
    "request": "r-42",
    "session": 1,
    "start_min": 1080,
    "venue": "school",
    "room": "hall",
    "leads": ["v-17"],
    "assistants": [],
}


@operations.read(
    "/weeks/{area}/{week}/sessions/{request}/{session}/suggestions",
    lane="alone",
    may="weeks.draft.read",
    answers=Suggestion,
    many=True,
    summary="Suggest where a session of the draft could go",
    example=examples.page(
        {
            **examples.with_messages(
                {"sentence": "Monday 18:00–19:30, River School, Hall, led by v-17."}, "sentence"
            ),
            "moves": [{"before": None, "after": examples.PLACED}],
            "warnings": [],
            "goals": {"served": 1800, "functions": 1, "continuity": 0, "preferred": 0, "travel": -1200},
            "people": [
                {
                    "volunteer": examples.PLACED["leads"][0],
                    "key": "v-17",
                    "request": "r-42",
                    "session": 1,
                    "part": "asked",
                }
            ],
            "learners": 20,
            "command": {**_WHERE, "also": [], "accept": []},
        }
    ),
)
def suggest_places(
    context: RequestContext, area: Key, week: Week, request: Key, session: Number, query: SuggestionList
) -> Answer:
    """Ranked: fewest soft rules broken first, then fewest moves, fewest new people, nearest to where it is.

    One other session may make room, or go with it. Each was judged as a whole and breaks no hard rule; `command` is
    the body for `moves`. The session may have no place yet. The same draft and question have the same answer.
    """
    snapshot = week_snapshot(context, area, week, query.at)
    where = Where(
        str(ident(query.venue, venue_id)) if query.venue else None,
        _weekday(week, query.day),
        query.other_day,
        query.keep_room,
        query.other_room,
        query.keep_lead,
        query.other_lead,
        _room(query),
        query.start_min,
    )
    lyceum = context.app_state.lyceum
    key = ident(request, request_id), session
    if query.at is None:
        ranked = context.app_state.judging.suggested(
            snapshot.area.id, week, *key, where, moves=query.moves, limit=query.limit
        )
    else:
        views, people = context.views(query.at), lyceum.people()
        ranked = suggestions(
            lyceum.store, views, snapshot, people, key, where, moves=query.moves, limit=query.limit
        )
    names = Keys(snapshot)
    return page_response(Suggestion, Page([_suggestion(suggested, names) for suggested in ranked], None))


def _room(query: SuggestionList) -> str | None:
    if query.room is None:
        return None
    if query.venue is None:
        raise invalid("query", "room", message("needs its venue beside it"), query.room)
    return str(ident(query.room, partial(room_id, query.venue)))


def _weekday(week: str, day: Day | None) -> int | None:
    if day is None:
        return None
    number = day.isoweekday()
    if date_of(week, number) != day:
        raise invalid("query", "day", message("is not a day of {week}", week=week), day)
    return number


def _suggestion(suggested: Suggested, names: Keys) -> Suggestion:
    first, *others = (_placing(move.after, names) for move in suggested.moves)
    accept = tuple(dict.fromkeys(warning.rule for warning in suggested.warnings))
    body = MoveBody(*_fields(first), also=tuple(others), accept=accept)
    return Suggestion(
        suggested.sentence,
        suggested.moves,
        breaches(suggested.warnings),
        dict(suggested.goals),
        suggested.people,
        suggested.learners,
        body,
    )


def _placing(session: Session, names: Keys) -> Placing:
    return Placing(
        names.key(session.request),
        session.number,
        session.window.start_min,
        names.key(session.venue),
        names.room_key(session.room),
        tuple(map(names.key, session.leads)),
        tuple(map(names.key, session.assistants)),
    )


def _fields(placing: Placing) -> tuple[str, int, int, str, str, tuple[str, ...], tuple[str, ...]]:
    return (
        placing.request,
        placing.session,
        placing.start_min,
        placing.venue,
        placing.room,
        placing.leads,
        placing.assistants,
    )
