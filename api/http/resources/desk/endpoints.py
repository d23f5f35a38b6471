"""The coordinator's desk: a week at a glance, where one session could go, and steps taken back and done again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import blake2b
from uuid import UUID

from adapters.access.targets import target_of
from adapters.people.personal_records import PersonalRecord
from adapters.queries.natural_keys import ident
from adapters.services import undoing
from adapters.services.people import note_looks
from adapters.services.undoing import UndoneStep
from adapters.store.caches import CacheKind
from adapters.store.mapper import json_of
from adapters.store.store import PERSON
from adapters.week.plan_documents import load_timetable
from adapters.week.week_desk import Desk, desk_digest, read_desk, sessions_of_draft
from adapters.week.week_snapshot import WeekSnapshot
from adapters.week.week_steps import history_of
from api.http.framework import examples
from api.http.framework.contexts import Answer, CommandContext, RequestContext, json_response
from api.http.framework.etags import of_content, of_version
from api.http.framework.operations import Operations
from api.http.framework.parameters import Key, Week
from api.http.resources.adjustments.endpoints import Number
from api.http.resources.desk.schemas import Places, Turned, TurnedStep
from api.http.resources.weeks.endpoints import area_and_week, week_snapshot
from domain.request import request_id

operations = Operations("desk")

DIGESTS = CacheKind[tuple[str, frozenset[UUID]]](64)  # of a week at a position, with the people in its draft
READABLE = CacheKind[tuple[UUID, ...]](64)
LOOKED = CacheKind[frozenset[UUID]](64)  # whose names somebody has read on a day

_STEP = {
    "request": "r-42",
    "session": 1,
    "kind": "moved",
    "title": "Choir",
    "why": "the hall is being painted",
}


@operations.read(
    "/weeks/{area}/{week}/desk",
    may="weeks.draft.read",
    answers=Desk,
    summary="Read a week as a coordinator works on it",
    example=examples.DESK,
)
def read_the_desk(context: RequestContext, area: Key, week: Week) -> Answer:
    """Rooms with their hours, sessions of the draft, what waits for a place, and what undo would take back.

    Cheap to ask again: with If-None-Match it is 304 while nothing of it has changed. Names of people are told to those
    who may read them; that you looked is recorded with each, once a day.
    """
    snapshot = week_snapshot(context, area, week)
    digest, people = _digest(context, snapshot)
    store, actor = context.app_state.lyceum.store, context.caller.actor
    records = store.rows("people").get_many(PERSON, [*map(str, _readable(context, snapshot, people))])
    known = Answer(etag=_tag(f"{digest} {actor}", records))
    if context.knows(known):
        return known
    history = history_of(store, snapshot.timetable)
    read = json_of(PersonalRecord).validate_json
    names = {UUID(person): read(body).name for person, body in records.items()}
    answer = json_response(read_desk(store, context.now, snapshot, names, history, actor), etag=known.etag)
    _note_looks(context, frozenset(names))
    return answer


def _tag(rests_on: str, records: Mapping[str, bytes]) -> str:
    """A weak tag, made of versions and of the personal records whose names are told."""
    digest = blake2b(rests_on.encode(), digest_size=12)
    for person, body in sorted(records.items()):
        digest.update(person.encode())
        digest.update(body)
    return f'W/"{digest.hexdigest()}"'


def _digest(context: RequestContext, snapshot: WeekSnapshot) -> tuple[str, frozenset[UUID]]:
    """Made once while no event is added at all."""

    def make() -> tuple[str, frozenset[UUID]]:
        sessions = sessions_of_draft(context.app_state.lyceum.store, snapshot)
        people = frozenset(member for session in sessions for member in session.team)
        return desk_digest(context.now, snapshot), people

    key = snapshot.area.id, snapshot.week, context.now.position
    return context.app_state.lyceum.store.derived.get(DIGESTS, (), key, make)


def _readable(context: RequestContext, snapshot: WeekSnapshot, people: frozenset[UUID]) -> tuple[UUID, ...]:
    """Those of the people whose records the caller may read; found once while no event is added at all."""

    def find() -> tuple[UUID, ...]:
        known = (snapshot.volunteers[person] for person in sorted(people) if person in snapshot.volunteers)
        return tuple(volunteer.id for volunteer in known if context.may("people.read", target_of(volunteer)))

    key = snapshot.area.id, snapshot.week, context.now.position, context.caller.grants, context.today
    return context.app_state.lyceum.store.derived.get(READABLE, (), key, find)


def _note_looks(context: RequestContext, people: frozenset[UUID]) -> None:
    """Record that the caller has read these names, unless this process has done so today."""
    if not people:
        return
    lyceum, key = context.app_state.lyceum, (context.caller.actor, context.today)
    before = lyceum.store.derived.find(LOOKED, (), key) or frozenset()
    if people - before:
        note_looks(lyceum.acting_as(context.caller.actor), sorted(people - before), context.app_state.ids)
        lyceum.store.derived.put(LOOKED, (), key, before | people)


@operations.read(
    "/weeks/{area}/{week}/sessions/{request}/{session}/places",
    lane="alone",
    may="weeks.draft.read",
    answers=Places,
    summary="Say of each room and start whether a session could go there",
    example={
        "version": 12,
        "step_min": 30,
        "slots": 336,
        "verdicts": ["same", "others", "open", "several"],
        "rooms": [{"venue": "school", "room": "hall", "runs": [0, 2, 36, 0, 40, 2]}],
    },
)
def map_places(context: RequestContext, area: Key, week: Week, request: Key, session: Number) -> Answer:
    """Equal to `moves/try` in each cell, with everything but room and start as it is. Of wishes it says nothing.

    Rooms come in the order of the desk.
    """
    area_state, _ = area_and_week(context, area, week)
    mapped = context.app_state.judging.session_places(
        area_state.id, week, ident(request, request_id), session
    )
    places = mapped.places
    answer = json_response(
        Places(mapped.version, places.step_min, places.slots, places.verdicts, places.rooms)
    )
    return Answer(answer.body, etag=of_content(answer.body))


@operations.command(
    "/weeks/{area}/{week}/undo",
    lane="alone",
    may="weeks.write",
    answers=TurnedStep,
    summary="Take your last step by hand back",
    example={},
    answer_example={
        "changed": True,
        "version": 13,
        "undone": _STEP,
        "next_undo": None,
        "next_redo": _STEP,
        "people": [],
        "learners": 20,
    },
)
def undo_step(context: CommandContext, form: Turned, area: Key, week: Week) -> Answer:
    """A pin, a lifted pin, a move, a drop or a suggestion taken by you in this week: your last 50 since its last draft.

    It is judged by the hard rules as a move is. 409 where somebody has changed the same session since.
    """
    return _turned(context, form, area, week, undoing.undo)


@operations.command(
    "/weeks/{area}/{week}/redo",
    lane="alone",
    may="weeks.write",
    answers=TurnedStep,
    summary="Do a step again that you have taken back",
    example={},
    answer_example={
        "changed": True,
        "version": 14,
        "undone": _STEP,
        "next_undo": _STEP,
        "next_redo": None,
        "people": [],
        "learners": 20,
    },
)
def redo_step(context: CommandContext, form: Turned, area: Key, week: Week) -> Answer:
    """The last one that you have taken back, as long as you have changed nothing else by hand in this week since."""
    return _turned(context, form, area, week, undoing.redo)


def _turned(
    context: CommandContext, form: Turned, area: str, week: str, turn: Callable[..., UndoneStep]
) -> Answer:
    area_state, _ = area_and_week(context, area, week)
    before = load_timetable(context.unit, area_state.id, week)
    context.match(before.version)
    turned = turn(context.unit, area_state.id, week, judge=context.judge, dry_run=form.dry_run)
    answer = TurnedStep(
        not form.dry_run,
        turned.version,
        turned.step,
        turned.next_undo,
        turned.next_redo,
        turned.concern.people,
        turned.concern.learners,
    )
    return json_response(answer, etag=of_version(turned.version))
