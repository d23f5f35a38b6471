"""Decide what a problem and a plan are made of: the frozen records of the two planning documents.

Minutes that are called `begin_min` or `end_min` count from Monday 00:00, local wall-clock time; a `start_min` of
an assignment counts from the midnight of its day. Windows are in normal form within each day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.calendar import NotAZone, uneven
from domain.starts import Starts
from domain.windows import DAY_MIN, Windows

GOALS = ("served", "functions", "continuity", "preferred", "travel")
MINIMUMS = {"area": "communities"}  # what "minimum" may name, and the goal that then comes before all others
Location = tuple[float, float]  # latitude, longitude in degrees


@dataclass(frozen=True, slots=True)
class Room:
    """A room that a venue lends; `functions` None welcomes all, `part_of` names the whole room it divides."""

    id: str
    name: str
    capacity: int
    open: Windows
    equipment: frozenset[str] = frozenset()
    accessible: bool = False
    turnaround_min: int = 0
    part_of: str | None = None
    functions: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Venue:
    """A place with rooms; `weekly_cap_min` None means that its host sets no limit."""

    id: str
    name: str
    kind: str
    location: Location
    rooms: tuple[Room, ...]
    weekly_cap_min: int | None = None


@dataclass(frozen=True, slots=True)
class Volunteer:
    """A person who leads or assists; the limits are None where there is none."""

    id: str
    name: str
    kind: str
    location: Location
    skills: frozenset[str]
    available: Windows
    roles: frozenset[str] = frozenset({"lead", "assistant"})
    minor: bool = False
    vetted: bool = False
    max_min_week: int | None = None
    max_min_day: int | None = None
    max_travel_km: float | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A course that a community asks for in this week; `starts` None: as the problem says."""

    id: str
    title: str
    area: str
    location: Location
    topic: str
    function: str
    learners: int
    duration_min: int
    acceptable: Windows
    minors: bool = False
    priority: int = 1
    sessions: int = 1
    preferred: Windows = ()
    equipment: frozenset[str] = frozenset()
    accessible: bool = False
    max_travel_km: float | None = None
    leads: int = 1
    assistants: int = 0
    cohorts: frozenset[str] = frozenset()
    max_sessions_per_day: int = 1
    same_leads: bool = True
    partial: bool = False
    starts: Starts | None = None

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

    request: str
    session: int
    day: int
    start_min: int
    room: str
    leads: tuple[str, ...]
    assistants: tuple[str, ...] = ()

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


@dataclass(frozen=True, slots=True)
class Problem:
    """One area and one ISO week to plan.

    `starts` says when a session may start whose request says nothing else; each such time is a multiple of `grid_min`.
    `tolerance` gives for a goal the share of its best value, from 0 to 1, that later goals may cost.
    """

    name: str
    timezone: str
    week: str
    venues: tuple[Venue, ...]
    volunteers: tuple[Volunteer, ...]
    requests: tuple[Request, ...]
    grid_min: int = 30
    travel_kmh: float = 15
    goals: tuple[str, ...] = GOALS
    pins: tuple[Assignment, ...] = ()
    previous: tuple[Assignment, ...] = ()
    tolerance: Mapping[str, float] = field(default_factory=dict)
    starts: Starts | None = None


def uneven_minutes(problem: Problem) -> Windows:
    """The minutes that no session may touch, because the clocks change; none where the time zone is not known."""
    try:
        return uneven(problem.week, problem.timezone)
    except NotAZone:
        return ()


@dataclass(frozen=True, slots=True)
class GoalResult:
    """A goal's value and a proven upper bound on it, None where there is no proof."""

    value: int
    bound: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What was decided; `unserved` maps a request's id to the reasons that it is not served."""

    problem: str
    status: str
    goals: dict[str, GoalResult]
    assignments: tuple[Assignment, ...]
    unserved: dict[str, tuple[str, ...]] = field(default_factory=dict)
