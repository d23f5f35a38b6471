"""People: the personal records that events never carry; each look at one is recorded, and each can be erased."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from adapters.access.access_log import Look, looks_of
from adapters.access.login_identities import identities_of
from adapters.access.targets import target_of
from adapters.people.guardians import guardian_id
from adapters.people.personal_records import PersonalRecord
from adapters.queries.paging import SortKey, page
from adapters.services.erasure import erase_guardian, erase_volunteer
from adapters.services.people import note_looks, note_own_look, write_record
from api.http.framework import examples
from api.http.framework.contexts import Answer, CommandContext, RequestContext, json_response, page_response
from api.http.framework.etags import of_content
from api.http.framework.operations import Form, Operations
from api.http.framework.parameters import Key, Point
from api.http.framework.query_models import Limit, ListQuery
from api.http.resources.volunteers.endpoints import find_volunteer
from domain.account import Account, RoleGrant
from domain.events import NotThere
from domain.messages import message
from domain.volunteer import Volunteer, refuse_merged

operations = Operations("people")

Who = Literal["volunteer", "guardian"]
Line = Annotated[str, Field(max_length=300)]
EXAMPLE = {"name": "Wang Li", "phone": "+86 23 0000 0000", "email": "", "address": "", "home": [29.4, 105.6]}
KEPT = {"person": examples.VOLUNTEER["id"], "kept": True}


class Person(Form):
    """A personal record, all of it. `home` leaves this table blurred to about 500 m alone."""

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
    phone: Line = ""
    email: Line = ""
    address: Line = ""
    home: Point | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """Whether there is a record of the person now."""

    person: UUID
    kept: bool


def _id(volunteer: Volunteer, who: Who) -> UUID:
    return volunteer.id if who == "volunteer" else guardian_id(volunteer.key)


@operations.read(
    "/people/{volunteer}/{who}",
    may="people.read",
    answers=PersonalRecord,
    summary="Read a personal record",
    example=EXAMPLE,
)
def read_person(context: RequestContext, volunteer: Key, who: Who) -> Answer:
    """Of a volunteer, or of a minor's guardian. That you looked is recorded."""
    person = find_volunteer(context, volunteer)
    id = _id(person, who)
    app_state = context.app_state
    personal_record = app_state.lyceum.person(id)
    if personal_record is None:
        raise NotThere(
            message(
                "there is no personal record of the {who} {volunteer}; it may be erased",
                who=who,
                volunteer=volunteer[:80],
            )
        )
    reader = app_state.lyceum.acting_as(context.caller.actor)
    if who == "volunteer" and RoleGrant("volunteer", person.id) in context.caller.grants:
        note_own_look(reader, id)
    else:
        note_looks(reader, [id], app_state.ids)
    answer = json_response(personal_record)
    return Answer(answer.body, etag=of_content(answer.body))


class LookList(ListQuery):
    sort: Literal["at", "-at"] = "at"
    limit: Limit = 100


@operations.read(
    "/people/{volunteer}/{who}/looks",
    may="people.looks",
    answers=Look,
    many=True,
    summary="List who looked at a personal record",
    example=examples.page(
        {"person": KEPT["person"], "deed": "read", "at": "2026-11-21T09:00:00Z", "by": "coordinator-7"}
    ),
)
def list_looks(context: RequestContext, volunteer: Key, who: Who, query: LookList) -> Answer:
    """Without anything of the record itself; it stays when the record is erased.

    Of looks at one's own record the last is kept.
    """
    id = _id(find_volunteer(context, volunteer), who)
    looks = looks_of(context.app_state.lyceum.store, id)
    keys: dict[str, SortKey[Look]] = {"at": lambda look: look.at.isoformat()}
    return page_response(Look, page(looks, keys, lambda look: f"{look.by} {look.deed}", query.paging()))


@operations.command(
    "/people/{volunteer}/{who}",
    may="people.write",
    answers=Kept,
    summary="Keep a personal record",
    example=EXAMPLE,
    answer_example=KEPT,
)
def write_person(context: CommandContext, form: Person, volunteer: Key, who: Who) -> Answer:
    """The whole record: what is not given is forgotten. The answer repeats nothing of it.

    A guardian's is written by coordinators, because it is there to guard the volunteer.
    """
    person = find_volunteer(context, volunteer)
    refuse_merged(person)
    if who == "guardian":
        context.require("volunteers.check", target_of(person), message("the record of a guardian"))
    id = _id(person, who)
    record = PersonalRecord(form.name, form.phone, form.email, form.address, form.home)
    write_record(context.unit, id, record, context.app_state.ids())
    return json_response(Kept(id, kept=True))


@operations.command(
    "/people/{volunteer}/{who}/erase",
    lane="large",
    may="people.erase",
    answers=Kept,
    summary="Erase a personal record",
    answer_example={**KEPT, "kept": False},
)
def erase_person(context: CommandContext, volunteer: Key, who: Who) -> Answer:
    """There is no way back. The events stay, without the person.

    With a volunteer's record go the guardian's, the feeds about the volunteer, and the role in every account. An
    account that has no other role is closed; one that a provider signs in is left to administrators and to its holder.
    """
    person = find_volunteer(context, volunteer)
    if who == "volunteer":
        erase_volunteer(
            context.unit, person.id, person.key, context.app_state.ids, partial(_may_end, context)
        )
    else:
        context.require("volunteers.check", target_of(person), message("the record of a guardian"))
        erase_guardian(context.unit, person.key, context.app_state.ids)
    return json_response(Kept(_id(person, who), kept=False))


def _may_end(context: CommandContext, account: Account) -> bool:
    if context.is_administrator or account.id == context.caller.holder:
        return True
    return all(
        login_identity.kind != "provider"
        for login_identity in identities_of(context.app_state.lyceum.store, account.id)
    )
