"""Answers of commands that can break released sessions: they name those, and can be tried without being done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Any, Literal, TypeAlias

from fastapi import Query

from adapters.access.targets import Target, covers
from adapters.queries.area_queries import network as network_of
from adapters.store.mapper import json_of
from adapters.store.streams import STREAMS
from adapters.week.release_validity.broken_sessions import BrokenRule, BrokenSession
from adapters.week.release_validity.impact import broken_by
from api.http.auth.roles import reaches
from api.http.framework.contexts import Answer, CommandContext
from api.http.framework.openapi import schema_of
from domain.messages import message
from domain.network import path_on

BREAKS = frozenset(
    {
        "areas.write",
        "day-types.write",
        "venues.write",
        "venues.close",
        "volunteers.write",
        "volunteers.check",
        "requests.write",
        "requests.withdraw",
        "requests.step",
        "people.write",
        "people.erase",
        "people.merge",
        "branches.adopt",
    }
)
"""Rows of the table of roles whose commands can break what is released, besides imports, whose report says it; a test
walks all commands."""
Breaks: TypeAlias = Literal["", "where there are", "always"]  # when an answer lists broken sessions
DRY_RUN = "dry_run"
DryRun = Annotated[
    bool,
    Query(description="Say what it would do and which released sessions it would break, and do nothing."),
]
PEOPLE_RULES = frozenset({"known", "team", "skill", "available", "home", "volunteer_clash", "load", "minors"})
_LIST = json_of(tuple[BrokenSession, ...])


def with_broken(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of an answer that also names the released sessions that the command breaks."""
    broken = {
        "type": "array",
        "items": schema_of(BrokenSession),
        "description": "Released sessions that can no longer take place as they stand, because of this. "
        "Left out of a record that is answered as it is read, where there are none.",
    }
    return {"allOf": [schema, {"type": "object", "properties": {"broken": broken}}]}


def broken_of(context: CommandContext) -> tuple[BrokenSession, ...]:
    """The released sessions that a command breaks once it is saved, as far as its caller may see of them.

    Hundreds of records are read for that. The command does not rest on them: a change of one of them meanwhile would
    have it begin again for a list that anybody finds in the state afterwards.
    """
    broken_sessions = broken_by(
        context.app_state.lyceum, context.unit.events, context.unit.writes, now=context.now.unnoted
    )
    return tuple(_seen_by(context, broken_sessions))


def _seen_by(context: CommandContext, broken: tuple[BrokenSession, ...]) -> Iterator[BrokenSession]:
    """Who a session is led by is for who may read drafts of that area; to others people are not named."""
    staff = tuple(reaches(context.caller, "weeks.draft.read"))
    network = network_of(context.now)
    ids = {area.key: area.id for area in network.values()}
    for broken_session in broken:
        area = ids.get(broken_session.area)
        around = path_on(network, area, context.today) if area else ()
        if any(covers(granted, reach, Target(area=area), around) for granted, reach in staff):
            yield broken_session
        else:
            reasons = tuple(dict.fromkeys(_without_people(reason) for reason in broken_session.reasons))
            yield replace(broken_session, leads=(), assistants=(), reasons=reasons)


def _without_people(reason: BrokenRule) -> BrokenRule:
    if reason.rule in PEOPLE_RULES:
        return BrokenRule(reason.rule, message("the people who were to lead or assist cannot as it stands"))
    return reason


def always_tells(answers: Any) -> bool:
    """Whether the list is told even where it is empty: not beside a record that is answered as it is read."""
    return all(answers is not stream.state for stream in STREAMS)


def with_broken_sessions(answer: Answer, broken: tuple[BrokenSession, ...]) -> Answer:
    """An answer that is an object, with the list in it."""
    if not (answer.body.startswith(b"{") and answer.body.endswith(b"}")):
        return answer
    inner = answer.body[1:-1].strip()
    member = b'"broken":' + _LIST.dump_json(broken)
    return replace(answer, body=b"{" + (inner + b"," if inner else b"") + member + b"}")


def tried(answer: Answer) -> Answer:
    """The answer to a command that was not done: nothing is there under a tag or an address."""
    return replace(answer, status=200, etag=None, headers={})
