"""Screen events: whether released sessions can break by them, asked of the few rules that such events bear on.

A change of a room has to do with neither people nor learners. Most changes break nothing, and then nobody need lay out
who leads what, where they live, and what else they are to do that week.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

from adapters.people.personal_records import Homes
from adapters.store.views import Views
from adapters.week.standing.broken import breaches_of, room_diaries, sessions_about
from adapters.week.standing.other_timetables import Others, others_in
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


def rules_of(snapshot: Iterable[Event]) -> Rules | None:
    """The rules that these events can break; None where that may be any."""
    kinds = {type(event) for event in snapshot}
    if not kinds or not kinds <= BEARING.keys():
        return None
    return frozenset[str]().union(*(BEARING[kind] for kind in kinds))


def may_break(
    before: Views,
    after: Views,
    timetable: Timetable,
    rules: Rules,
    people: Homes,
    today: date,
    about: frozenset[UUID],
) -> bool:
    """Whether sessions about venues and volunteers break one of the rules after events, and do not before."""
    breaches = _breaches(after, timetable, rules, people, today, about)
    return bool(breaches) and not breaches <= _breaches(before, timetable, rules, people, today, about)


def _breaches(
    views: Views, timetable: Timetable, rules: Rules, people: Homes, today: date, about: frozenset[UUID]
) -> frozenset[Breach]:
    snapshot = snapshot_of(views, timetable.area, timetable.week)
    sessions, others = sessions_about(timetable, about), Others()
    if rules & SPACE:
        sessions = sessions_about(timetable, about | {session.venue for session in sessions})
        others = others_in(views, snapshot, room_diaries(snapshot, sessions))
    if not rules & HOURS:
        sessions = tuple(replace(session, leads=(), assistants=()) for session in sessions)
    asked = {name: LASTING[name] for name in LASTING if name in rules}
    return frozenset(breaches_of(views, snapshot, people, sessions, others, today, rules=asked))
