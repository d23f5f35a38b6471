"""The kinds of event streams: the state, the events and the fold of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any, Generic, TypeVar, get_args
from uuid import UUID

from domain import account, catalogue, day_types, diary, network, request, timetable, venue, volunteer
from domain.events import Event, NotThere

S = TypeVar("S")
_SPOKEN = {"day_types": "calendar of day types", "diaries": "diary"}


@dataclass(frozen=True)
class Stream(Generic[S]):
    """A kind of stream: the record of its state, its events, and how an event changes the state."""

    name: str
    state: type[S]
    events: tuple[type[Event], ...]
    evolve: Callable[[S | None, Any], S]
    scope: Callable[[S], str]

    @property
    def what(self) -> str:
        """What people call one stream of this kind, such as "venue"."""
        return _SPOKEN.get(self.name, self.name.removesuffix("s"))

    def missing(self, id: UUID) -> NotThere:
        """The refusal of what was never started."""
        return NotThere(f"there is no {self.what} {id}; import or register it first")

    def fold(self, events: Iterable[Event], start: S | None = None) -> S | None:
        return reduce(self.evolve, events, start)


def _events(union: Any) -> tuple[type[Event], ...]:
    return get_args(union) or (union,)


def _no_scope(_: Any) -> str:
    return ""


ACCOUNTS = Stream("accounts", account.Account, _events(account.AccountEvent), account.evolve, _no_scope)
AREAS = Stream("areas", network.Area, _events(network.AreaEvent), network.evolve, _no_scope)
CATALOGUE = Stream(
    "catalogue", catalogue.Catalogue, _events(catalogue.CatalogueEvent), catalogue.evolve, _no_scope
)
DAY_TYPES = Stream("day_types", day_types.DayTypes, _events(day_types.DaysTyped), day_types.evolve, _no_scope)
VENUES = Stream("venues", venue.Venue, _events(venue.VenueEvent), venue.evolve, lambda state: str(state.area))
VOLUNTEERS = Stream(
    "volunteers",
    volunteer.Volunteer,
    _events(volunteer.VolunteerEvent),
    volunteer.evolve,
    lambda state: str(state.profile.home_area),
)
REQUESTS = Stream(
    "requests",
    request.CourseRequest,
    _events(request.RequestEvent),
    request.evolve,
    lambda state: str(state.area),
)
TIMETABLES = Stream(
    "timetables",
    timetable.Timetable,
    _events(timetable.TimetableEvent),
    timetable.evolve,
    lambda state: state.week,
)
DIARIES = Stream("diaries", diary.Diary, _events(diary.DiaryEvent), diary.evolve, lambda state: state.week)

STREAMS: tuple[Stream[Any], ...] = (
    AREAS,
    CATALOGUE,
    DAY_TYPES,
    VENUES,
    VOLUNTEERS,
    REQUESTS,
    TIMETABLES,
    DIARIES,
    ACCOUNTS,
)
STREAM_OF: dict[type[Event], Stream[Any]] = {event: stream for stream in STREAMS for event in stream.events}
