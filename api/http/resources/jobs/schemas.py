"""Schemas of job parameters: search time and effort, limits of changes, and the subject asked about."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.http.framework.operations import Form
from api.http.framework.parameters import Instant
from scheduler import GoalName

MOST_SECONDS = 3600.0
Seconds = Annotated[float, Field(ge=1, le=MOST_SECONDS, description="Search for so long at most.")]
Workers = Annotated[int, Field(ge=1, le=16, description="How many processes may search at once.")]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1, description="Of all random choices.")]
Beside = Annotated[bool, Field(description="Also where another job makes a draft of the same week.")]


class PlanJobForm(Form):
    """How hard to search, and what counts for more than what."""

    seconds: Seconds = 60.0
    workers: Workers = 2
    seed: Seed = 0
    work: Annotated[
        float | None,
        Field(ge=1, le=10_000_000, description="Count work instead of seconds: repeats exactly."),
    ] = None
    again: Annotated[bool, Field(description="Search even where nothing has changed.")] = False
    tolerance: Annotated[
        dict[GoalName, Annotated[float, Field(ge=0, le=1)]],
        Field(description="The share of a goal that later goals may cost."),
    ] = Field(default_factory=dict)
    minimum: Annotated[bool, Field(description="First a session for each community that can have one.")] = (
        False
    )
    branch: Annotated[
        str | None, Field(max_length=80, description="A what-if branch of the week, by name.")
    ] = None
    beside: Beside = False


class RepairJobForm(Form):
    """How much may change of what people have been told."""

    seconds: Annotated[float, Field(ge=0.1, le=60)] = 1.0
    seed: Seed = 0
    most_sessions: Annotated[int | None, Field(ge=0, le=100_000)] = None
    most_people: Annotated[int | None, Field(ge=0, le=100_000)] = None
    notice_hours: Annotated[float, Field(ge=0, le=400, description="What begins sooner stays as it is.")] = (
        0.0
    )
    at: Annotated[Instant | None, Field(description="Count the notice from here; default: now.")] = None
    beside: Beside = False


class ExplainJobForm(Form):
    """One request by key, or null for every one that the draft does not serve."""

    request: Annotated[str | None, Field(min_length=1, max_length=200)] = None
    session: Annotated[int, Field(ge=1, le=1000)] = 1


class PriceJobForm(Form):
    """How long each of the two searches may take."""

    seconds: Annotated[float, Field(ge=1, le=600)] = 60.0
    workers: Workers = 2
    seed: Seed = 0


class GapsJobForm(Form):
    """Nothing more needs to be said."""
