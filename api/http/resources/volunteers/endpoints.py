"""Volunteers: what they can lead, within which limits, and whether they may work with minors.

Who it is stands under people; here a volunteer is a key and an id.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field

from adapters.access.targets import Target, target_of
from adapters.queries.area_queries import area_named, standing
from adapters.queries.natural_keys import ident
from adapters.queries.volunteer_queries import VolunteerQuery, volunteers
from adapters.services import volunteers as services
from adapters.services.volunteer_merging import MergedVolunteer, merge_volunteers
from adapters.store.streams import VOLUNTEERS
from api.http.framework import examples
from api.http.framework.contexts import Answer, CommandContext, RequestContext, json_response, page_response
from api.http.framework.operations import Created, Form, Operations
from api.http.framework.parameters import At, DayField, Key, NewKey, Why, Word
from api.http.framework.query_models import PastListQuery
from api.http.framework.record_forms import has_fields_of, record_values
from api.http.framework.staff_fields import GUARDED, guarded
from domain.messages import message
from domain.network import require_standing
from domain.volunteer import (
    BackgroundCheck,
    Level,
    Profile,
    Skill,
    Volunteer,
    VolunteerKind,
    volunteer_id,
)

operations = Operations("volunteers")


class SkillForm(Form):
    topic: Word
    level: Level = "intermediate"


@has_fields_of(Profile)
class ProfileForm(Form):
    """All of a profile. Limits in minutes of sessions, or kilometres from home in a straight line; null: no limit."""

    home_area: Annotated[str, Field(min_length=1, max_length=200, description="The key of an area.")]
    skills: Annotated[tuple[SkillForm, ...], Field(max_length=100)] = ()


class Enrolled(Form):
    """The key says nothing about the person: events carry it, and events stay."""

    key: NewKey
    profile: ProfileForm


class Consent(Form):
    """Whether the guardian of a minor agrees."""

    given: bool


class Check(Form):
    """The result of a background check, never what was found. `expires` is the last day on which it counts."""

    passed: bool
    checked_on: DayField
    expires: DayField
    unit: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


class MergedInto(Form):
    """`into` is the key of the record that remains, `on` the first day without the other one; null: today."""

    into: Annotated[str, Field(min_length=1, max_length=200, description="The key of a volunteer.")]
    on: DayField | None = None
    why: Why


class VolunteerList(PastListQuery):
    area: Annotated[str | None, Query(max_length=200, description="At home here or below, by key.")] = None
    topic: Annotated[str | None, Query(max_length=80, description="Who can lead it.")] = None
    kind: VolunteerKind | None = None
    sort: Literal["key", "-key"] = "key"


def find_volunteer(context: RequestContext, key: str, at: str | None = None) -> Volunteer:
    return context.find(VOLUNTEERS, ident(key, volunteer_id), message("volunteer {key}", key=key[:80]), at)


def subject(context: CommandContext, key: str) -> Volunteer:
    """The volunteer whom a command is about."""
    return context.subject(VOLUNTEERS, ident(key, volunteer_id), message("volunteer {key}", key=key[:80]))


def _profile(form: ProfileForm, home_area: UUID, guarded: Mapping[str, Any]) -> Profile:
    skills = tuple(Skill(skill_form.topic, skill_form.level) for skill_form in form.skills)
    values = {**record_values(form, Profile), **guarded, "home_area": home_area, "skills": skills}
    return Profile(**values)


@operations.read(
    "/volunteers",
    may="volunteers.read",
    answers=Volunteer,
    many=True,
    summary="List volunteers",
    example=examples.page(examples.VOLUNTEER),
)
def list_volunteers(context: RequestContext, query: VolunteerList) -> Answer:
    """Without names: those stand under people."""
    volunteer_query = VolunteerQuery(query.paging(), context.today, query.area, query.topic, query.kind)
    return page_response(Volunteer, volunteers(context.views(query.at), volunteer_query, context.visible()))


@operations.read(
    "/volunteers/{volunteer}",
    may="volunteers.read",
    answers=Volunteer,
    summary="Read a volunteer",
    example=examples.VOLUNTEER,
)
def read_volunteer(context: RequestContext, volunteer: Key, at: At = None) -> Answer:
    """Profile, offer, exceptions, pauses, consent and check; no name."""
    return json_response(find_volunteer(context, volunteer, at))


@operations.command(
    "/volunteers",
    may="volunteers.enrol",
    answers=Created(Volunteer),
    summary="Enrol a volunteer",
    example={
        "key": "v-17",
        "profile": {"kind": "retiree", "home_area": "river", "skills": [{"topic": "calligraphy"}]},
    },
    answer_example=examples.VOLUNTEER,
)
def enrol_volunteer(context: CommandContext, form: Enrolled) -> Answer:
    id, home = volunteer_id(form.key), standing(context.views(), form.profile.home_area, context.today)
    context.fresh(VOLUNTEERS, id, Target(area=home.id))
    profile = _profile(form.profile, home.id, guarded(context, form.profile, Target(area=home.id), {}))
    enrolled = services.enrol_volunteer(context.unit, form.key, profile)
    return json_response(enrolled, status=201, location=f"/v1/volunteers/{form.key}")


@operations.command(
    "/volunteers/{volunteer}/describe",
    may="volunteers.write",
    answers=Volunteer,
    summary="Change a volunteer's profile",
    example={
        "kind": "retiree",
        "home_area": "river",
        "skills": [{"topic": "calligraphy"}],
        "max_travel_km": 5,
    },
    answer_example=examples.VOLUNTEER,
)
def describe_volunteer(context: CommandContext, form: ProfileForm, volunteer: Key) -> Answer:
    """The whole profile: what is not given goes back to its default.

    Kind, roles and whether somebody is a minor are for coordinators: of a volunteer who leaves them out they stay as
    they are. A home area is changed by who may write in both.
    """
    present, home = subject(context, volunteer), area_named(context.views(), form.home_area)
    known = {name: getattr(present.profile, name) for name in GUARDED["ProfileForm"].fields}
    profile = _profile(form, home.id, guarded(context, form, target_of(present), known))
    if home.id != present.profile.home_area:
        context.within(Target(area=require_standing(home, context.today).id))
    return json_response(services.change_profile(context.unit, present.id, profile))


@operations.command(
    "/volunteers/{volunteer}/consent",
    may="volunteers.check",
    answers=Volunteer,
    summary="Record the consent of a minor's guardian",
    example={"given": True},
    answer_example=examples.VOLUNTEER,
)
def record_consent(context: CommandContext, form: Consent, volunteer: Key) -> Answer:
    """Without it a minor offers no hours."""
    present = subject(context, volunteer)
    return json_response(services.record_consent(context.unit, present.id, consent=form.given))


@operations.command(
    "/volunteers/{volunteer}/check",
    may="volunteers.check",
    answers=Volunteer,
    summary="Record a background check",
    example={"passed": True, "checked_on": "2026-03-01", "expires": "2028-02-28", "unit": "district office"},
    answer_example=examples.VOLUNTEER,
)
def record_check(context: CommandContext, form: Check, volunteer: Key) -> Answer:
    """Only who is checked may be given sessions for minors."""
    present = subject(context, volunteer)
    check = BackgroundCheck(form.passed, form.checked_on, form.expires, form.unit)
    return json_response(services.record_check(context.unit, present.id, check))


@operations.command(
    "/volunteers/{volunteer}/merge",
    lane="large",
    may="people.merge",
    answers=MergedVolunteer,
    summary="Merge the record of a volunteer into another one of the same person",
    example={"into": "v-17", "why": "registered twice"},
    answer_example={
        "duplicate": {**examples.VOLUNTEER, "key": "v-18", "merged_into": examples.VOLUNTEER["id"]},
        "into": examples.VOLUNTEER,
        "changed": True,
        "accounts": ["p-3f9c2a7b1d04"],
    },
)
def merge_volunteer(context: CommandContext, form: MergedInto, volunteer: Key) -> Answer:
    """There is no way back. The other record gains skills, hours and pauses, and of the personal record what it lacks.

    Released sessions of the record that goes are `broken` until the week is planned again. `accounts` have its role:
    give them that of the record that remains.
    """
    gone = subject(context, volunteer)
    remains = find_volunteer(context, form.into)
    done = merge_volunteers(
        context.unit, gone.key, remains.key, form.on or context.today, form.why, context.app_state.ids
    )
    return json_response(done)
