"""Screening of events: a quick check of only those rules that events of a kind can break.

A change of a room concerns neither people nor learners. Most changes break nothing, so the full check, which reads
every team, home and other booking of the week, is rarely needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

from adapters.people.personal_records import PersonLookup
from adapters.store.views import Views
from adapters.week.release_validity.broken_sessions import (
    SessionRules,
    breaches_of,
    room_diaries,
    sessions_about,
)
from adapters.week.release_validity.other_timetables import OtherBookings, other_bookings
from adapters.week.week_snapshot import snapshot_of
from domain import venue, volunteer
from domain.events import Event
from domain.timetable import Timetable
from scheduler import LASTING, Breach

Rules = frozenset[str]
SPACE: Rules = frozenset({"open", "fit", "room_clash", "venue_cap"})
HOURS: Rules = frozenset({"available"})
BEARING: Mapping[type[Event], Rules] = {
    venue.RoomOpened: SPACE,
    venue.RoomChanged: SPACE,
    venue.LendingTermsSet: SPACE,
    venue.OpeningHoursSet: SPACE,
    venue.OpeningHoursRemoved: SPACE,
    volunteer.HoursOffered: HOURS,
}
"""The rules of `scheduler.check` that events of a kind can break; of kinds that are not here, all."""


def rules_of(events: Iterable[Event]) -> Rules | None:
    """The rules that these events can break; None where that may be any."""
    kinds = {type(event) for event in events}
    if not kinds or not kinds <= BEARING.keys():
        return None
    return frozenset[str]().union(*(BEARING[kind] for kind in kinds))


def may_break(
    before: Views,
    after: Views,
    timetable: Timetable,
    rules: Rules,
    people: PersonLookup,
    today: date,
    about: frozenset[UUID],
) -> bool:
    """Whether sessions about venues and volunteers break one of the rules after events, and do not before."""
    breaches = _breaches(after, timetable, rules, people, today, about)
    return bool(breaches) and not breaches <= _breaches(before, timetable, rules, people, today, about)


def _breaches(
    views: Views,
    timetable: Timetable,
    rules: Rules,
    people: PersonLookup,
    today: date,
    about: frozenset[UUID],
) -> frozenset[Breach]:
    snapshot = snapshot_of(views, timetable.area, timetable.week)
    sessions, others = sessions_about(views.derived, timetable, about), OtherBookings()
    if rules & SPACE:
        sessions = sessions_about(views.derived, timetable, about | {session.venue for session in sessions})
        others = other_bookings(views, snapshot, room_diaries(snapshot, sessions))
    if not rules & HOURS:
        sessions = tuple(replace(session, leads=(), assistants=()) for session in sessions)
    selected = {name: LASTING[name] for name in LASTING if name in rules}
    return frozenset(breaches_of(views, snapshot, people, sessions, others, today, SessionRules(selected)))
