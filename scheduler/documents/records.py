"""Immutable records of the two planning documents, problem and plan.

Minutes that are called `begin_min` or `end_min` count from Monday 00:00, local wall-clock time; a `start_min` of
an assignment counts from the midnight of its day. Windows are in normal form within each day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from domain.calendar import NotAZone, uneven
from domain.messages import message
from domain.starts import DEFAULT_GRID_MIN, Starts
from domain.windows import DAY_MIN, Windows
from scheduler.documents.fields import (
    LOCATION,
    MUST,
    NUMBER,
    Bells,
    Count,
    Distance,
    Flag,
    ListOf,
    Positive,
    Recalled,
    Share,
    Speed,
    StartOfDay,
    Text,
    TextList,
    Texts,
    Week,
    Weekday,
    WeekWindows,
    one_of,
    say,
    whole,
)

GoalName = Literal["served", "functions", "continuity", "preferred", "travel"]
GOALS: tuple[GoalName, ...] = get_args(
    GoalName
)  # what "goals" may name, in the order of importance by default
Location = Annotated[tuple[float, float], LOCATION]  # latitude, longitude in degrees
MINIMUMS = {"area": "communities"}  # what "minimum" may name, and the goal that then comes before all others
ALL_GOALS = (*MINIMUMS.values(), *GOALS)


def key(name: str | None = None, meaning: str | None = None) -> FieldInfo:
    """Name the key of a field in the document, where it differs, and say what it means, where its name does not."""
    info: FieldInfo = Field(alias=name, description=meaning)
    return info


@dataclass(frozen=True, slots=True)
class Room:
    """A room that a venue lends."""

    id: Annotated[Text, key(meaning="unique among all rooms of the document")]
    name: Text
    capacity: Annotated[Count, key(meaning="how many learners it holds")]
    open: Annotated[WeekWindows, key(meaning="when it is lent")]
    equipment: Annotated[Texts, key(meaning="what stands in it, such as `projector`")] = frozenset()
    accessible: Annotated[Flag, key(meaning="without steps")] = False
    turnaround_min: Annotated[
        Count, key("turnaround_minutes", "what must lie between two sessions in it; may run past closing")
    ] = 0
    part_of: Annotated[
        Text | None, key(meaning="id of the undivided room of the same venue that it is a part of")
    ] = None
    functions: Annotated[
        Texts | None, key(meaning="the functions that are welcome in it; null welcomes all")
    ] = None


@dataclass(frozen=True, slots=True)
class Venue:
    """A place with rooms."""

    id: Text
    name: Text
    kind: Annotated[
        Text, key(meaning="such as `school`, `library`, `museum`, `culture_centre`, `learning_room`")
    ]
    location: Location
    rooms: Annotated[tuple[Room, ...], ListOf()]
    weekly_cap_min: Annotated[
        Count | None,
        key(
            "weekly_cap_minutes",
            "what its host lends in the week at most, all rooms added up; null: no limit",
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class Volunteer:
    """A person who leads or assists, known by an id alone."""

    id: Text
    name: Annotated[Text, key(meaning="a label for reading; Lyceum writes the id")]
    kind: Annotated[Text, key(meaning="such as `retiree`, `student`, `professional`")]
    location: Annotated[Location, key(meaning="home")]
    skills: Annotated[Texts, key(meaning="the topics that they can lead")]
    available: Annotated[WeekWindows, key(meaning="the hours that they offer")]
    roles: Annotated[frozenset[Annotated[str, one_of("lead", "assistant")]], ListOf()] = frozenset(
        {"lead", "assistant"}
    )
    minor: Annotated[Flag, key(meaning="not of age in this week")] = False
    vetted: Annotated[Flag, key(meaning="the background check is valid through this week")] = False
    max_min_week: Annotated[
        Count | None, key("max_minutes_week", "minutes of sessions in the week at most; null: no limit")
    ] = None
    max_min_day: Annotated[
        Count | None, key("max_minutes_day", "minutes of sessions on one day at most; null: no limit")
    ] = None
    max_travel_km: Annotated[Distance | None, key(meaning="from home to venue; null: no limit")] = None


@dataclass(frozen=True, slots=True)
class Request:
    """A course that a community asks for in this week."""

    id: Text
    title: Text
    area: Annotated[Text, key(meaning="the community that asks")]
    location: Annotated[Location, key(meaning="of the community")]
    topic: Annotated[Text, key(meaning="what a lead must be able to teach")]
    function: Annotated[Text, key(meaning="the kind of use, such as `arts`, `health`, `vocational`")]
    learners: Annotated[Positive, key(meaning="how many people come")]
    duration_min: Annotated[Positive, key("duration_minutes", "of one session")]
    acceptable: Annotated[WeekWindows, key(meaning="when its sessions may be")]
    minors: Annotated[Flag, key(meaning="learners are not of age")] = False
    priority: Annotated[Positive, key(meaning="weighs the goal `served`")] = 1
    sessions: Annotated[Positive, key(meaning="how many in this week")] = 1
    preferred: Annotated[WeekWindows, key(meaning="when its sessions would best be")] = ()
    equipment: Annotated[Texts, key(meaning="what the room must have")] = frozenset()
    accessible: Annotated[Flag, key(meaning="whether the room must be")] = False
    max_travel_km: Annotated[
        Distance | None, key(meaning="from the community to the venue; null: no limit")
    ] = None
    leads: Annotated[Count, key(meaning="how many lead each session")] = 1
    assistants: Annotated[Count, key(meaning="how many assist each session")] = 0
    cohorts: Annotated[Texts, key(meaning="ids of the groups of learners who attend")] = frozenset()
    max_sessions_per_day: Positive = 1
    same_leads: Annotated[Flag, key(meaning="the same people lead all sessions")] = True
    partial: Annotated[Flag, key(meaning="some of its sessions are better than none")] = False
    grid_min: Annotated[
        Positive | None,
        key("grid_minutes", "its own grid, a multiple of the document's; null: as the problem says"),
    ] = None
    bells: Annotated[Bells, key("bell_times", "its own starts, which then count instead of a grid")] = ()

    @property
    def starts(self) -> Starts | None:
        """When its sessions may start; None: as the problem says."""
        return Starts(self.grid_min or DEFAULT_GRID_MIN, self.bells) if self.bells or self.grid_min else None

    @property
    def weight(self) -> int:
        """What one placed session adds to `served`: priority × learners × minutes."""
        return self.priority * self.learners * self.duration_min

    @property
    def adults_needed(self) -> int:
        """Adults in every team: two where learners are minors, none where nobody is asked for."""
        return 2 if self.minors and self.leads + self.assistants else 0

    @property
    def adult_assistants_needed(self) -> int:
        """Adults among the assistants of every team; leads are adults anyway."""
        return max(0, self.adults_needed - self.leads)

    @property
    def team_too_small(self) -> bool:
        """Whether it asks for fewer people than adults must be there: no team can serve it."""
        return self.leads + self.assistants < self.adults_needed

    def trusts(self, volunteer: Volunteer) -> bool:
        """Whether the volunteer may be with its learners: vetted where these are minors."""
        return volunteer.vetted or not self.minors

    def may_lead(self, volunteer: Volunteer) -> bool:
        """Whether role, age, topic and vetting let the volunteer lead it."""
        able = "lead" in volunteer.roles and self.topic in volunteer.skills
        return able and not volunteer.minor and self.trusts(volunteer)

    def may_assist(self, volunteer: Volunteer) -> bool:
        """Whether role and vetting let the volunteer assist it."""
        return "assistant" in volunteer.roles and self.trusts(volunteer)


@dataclass(frozen=True, slots=True)
class Assignment:
    """One session put into a day, time and room with its people; lists keep the document's order."""

    request: Annotated[Text, key(meaning="id of the request")]
    session: Annotated[int, whole(-(10**9)), key(meaning="which one, from 1 to the request's `sessions`")]
    day: Annotated[Weekday, key(meaning="ISO weekday, 1 = Monday")]
    start_min: Annotated[StartOfDay, key("start", "local wall-clock time")]
    room: Annotated[Text, key(meaning="id of the room")]
    leads: Annotated[TextList, key(meaning="ids of volunteers")]
    assistants: Annotated[TextList, key(meaning="ids of volunteers")] = ()

    @property
    def begin_min(self) -> int:
        return (self.day - 1) * DAY_MIN + self.start_min

    @property
    def continuity_key(self) -> tuple[str, int, int, str, frozenset[str]]:
        """Two assignments with the same key count as unchanged from one week to the next."""
        return self.request, self.session, self.begin_min, self.room, frozenset(self.leads)

    @property
    def pin_key(self) -> tuple[tuple[str, int, int, str, frozenset[str]], frozenset[str]]:
        return self.continuity_key, frozenset(self.assistants)


Assignments = Annotated[tuple[Annotated[Assignment, Recalled()], ...], ListOf()]


class SharesOfGoals:
    """An object with goals as keys and shares from 0 to 1; a share of 0 is the same as none."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def check(value: Any) -> Any:
            if not isinstance(value, dict) or not value.keys() <= set(GOALS):
                raise PydanticCustomError(MUST, say(message("an object with goals as keys")))
            return value

        def read(shares: dict[str, float]) -> dict[str, float]:
            return {goal: share for goal, share in shares.items() if share}

        shares = core_schema.dict_schema(values_schema=handler.generate_schema(Share))
        checked = core_schema.no_info_before_validator_function(check, shares)
        return core_schema.no_info_after_validator_function(read, checked)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "propertyNames": {"enum": list(GOALS)}}


@dataclass(frozen=True, slots=True)
class Problem:
    """One area and one ISO week to plan.

    Each start, of `bells` too, is a multiple of `grid_min`.
    """

    name: Text
    timezone: Annotated[Text, key(meaning="IANA name; all times of the document are wall-clock times in it")]
    week: Annotated[Week, key(meaning="the ISO week planned")]
    venues: Annotated[tuple[Annotated[Venue, Recalled()], ...], ListOf()]
    volunteers: Annotated[tuple[Annotated[Volunteer, Recalled()], ...], ListOf()]
    requests: Annotated[tuple[Annotated[Request, Recalled()], ...], ListOf()]
    grid_min: Annotated[
        Positive, key("grid_minutes", "a session starts at a multiple of this after midnight")
    ] = 30
    travel_kmh: Annotated[
        Speed, key(meaning="how fast a volunteer moves between venues, in a straight line")
    ] = 15
    goals: Annotated[
        tuple[Annotated[str, one_of(*GOALS)], ...],
        ListOf(),
        key(meaning="in the order of importance; none twice, some may be left out"),
    ] = GOALS
    pins: Annotated[Assignments, key(meaning="decisions that a coordinator has fixed")] = ()
    previous: Annotated[
        Assignments, key(meaning="the timetable before; it may name what is no longer there")
    ] = ()
    tolerance: Annotated[
        Mapping[str, Share],
        SharesOfGoals(),
        key(meaning="for a goal, the share of its best value that later goals may cost"),
    ] = field(default_factory=dict)
    bells: Annotated[
        Bells, key("bell_times", "a session starts at one of these, each a multiple of `grid_minutes`")
    ] = ()

    @property
    def starts(self) -> Starts | None:
        """When a session may start whose request says nothing else; None: at each multiple of `grid_min`."""
        return Starts(self.grid_min, self.bells) if self.bells else None


def uneven_minutes(problem: Problem) -> Windows:
    """The minutes that no session may touch, because the clocks change; none where the time zone is not known."""
    try:
        return uneven(problem.week, problem.timezone)
    except NotAZone:
        return ()


@dataclass(frozen=True, slots=True)
class GoalResult:
    """A goal's value and a proven upper bound on it."""

    value: Annotated[int, NUMBER]
    bound: Annotated[Annotated[int, NUMBER] | None, key(meaning="null: there is no proof")] = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What was decided; `unserved` maps a request's id to the reasons that it is not served."""

    problem: str
    status: str
    goals: dict[str, GoalResult]
    assignments: tuple[Assignment, ...]
    unserved: dict[str, tuple[str, ...]] = field(default_factory=dict)
