"""Soft rules: wishes of people that a change by hand may break with a reason.

A soft rule looks at the change, not at the week: what was not kept before cannot be broken again.
`scheduler.rules.moves` has the list of them in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from domain.windows import DAY_MIN, DAY_NAMES, Windows, clock
from scheduler.documents.records import Assignment
from scheduler.rules.sessions import all_or_none
from scheduler.rules.week import Broken, PlacedSession, Week, km

FARTHER_KM = 2.0  # so much more way from home is worth a call before somebody is sent there


@dataclass(frozen=True, slots=True, eq=False)
class WeekChange:
    """A week before and after.

    `moved` has each session that is put elsewhere, as it was (None: not placed) and is. `adrift` are requests that have
    sessions in rooms or with people who are not there any more: these are in neither week.
    """

    before: Week
    after: Week
    moved: tuple[tuple[PlacedSession | None, PlacedSession], ...]
    adrift: frozenset[str] = frozenset()


SoftRule = Callable[[WeekChange], Broken]


def pins_held(change: WeekChange) -> Broken:
    """A pin is a colleague's decision; a move lifts it."""
    pins = {(pin.request, pin.session): pin for pin in change.before.problem.pins}
    for _, after in change.moved:
        pin = pins.get(after.id)
        if pin is not None and pin.pin_key != after.assignment.pin_key:
            yield f"{_name(after)} is pinned to {_place(pin)}; the move lifts the pin", [after]


def courses_whole(change: WeekChange) -> Broken:
    """A draft on its way may hold a part of a course; a release may not."""
    requests = {after.assignment.request for _, after in change.moved} - change.adrift
    sentences_before = {sentence for sentence, _ in all_or_none(_only(change.before, requests))}
    for sentence, sessions in all_or_none(_only(change.after, requests)):
        if sentence not in sentences_before:
            yield f"{sentence}; the week cannot be released before all are, or none", sessions


def _only(week: Week, requests: set[str]) -> Week:
    return Week(
        week.problem,
        tuple(session for session in week.sessions if session.assignment.request in requests),
        (),
    )


def continuity_kept(change: WeekChange) -> Broken:
    """What the last timetable told people stays as they know it."""
    promised = {assignment.continuity_key for assignment in change.before.problem.previous}
    for before, after in change.moved:
        if (
            before is not None
            and before.assignment.continuity_key in promised
            and after.assignment.continuity_key not in promised
        ):
            changed = " and ".join(_changed(before, after))
            yield (
                f"{before} is as people know it from the last timetable; the move changes the {changed}",
                [after],
            )


def _changed(before: PlacedSession, after: PlacedSession) -> Iterator[str]:
    if before.begin != after.begin:
        yield "time"
    if before.room.id != after.room.id:
        yield "room"
    if set(before.assignment.leads) != set(after.assignment.leads):
        yield "lead"


def preferred_times(change: WeekChange) -> Broken:
    """A session that lies where its community likes it best stays in such a time."""
    for before, after in change.moved:
        preferred = after.request.preferred
        if before is not None and before.within(preferred) and not after.within(preferred):
            yield f"{after} leaves the times that {after.request.id} prefers ({_spans(preferred)})", [after]


def functions_hosted(change: WeekChange) -> Broken:
    """One place, many functions: no place loses one."""
    lost = _hosted(change.before) - _hosted(change.after)
    for before, after in change.moved:
        if before is not None and (before.venue.id, before.request.function) in lost:
            yield (
                f"{before.venue.id} hosts no {before.request.function} any more without {_name(before)}",
                [after],
            )


def _hosted(week: Week) -> set[tuple[str, str]]:
    return {(session.venue.id, session.request.function) for session in week.sessions}


def ways_short(change: WeekChange) -> Broken:
    """Nobody of a session's own team is sent much farther from home than now."""
    for before, after in change.moved:
        for volunteer in before.team if before is not None else ():
            if before is None or volunteer.id not in {person.id for person in after.team}:
                continue
            now, then = (
                km(volunteer.location, before.venue.location),
                km(volunteer.location, after.venue.location),
            )
            if then - now > FARTHER_KM:
                yield (
                    f"{_name(after)} is {then:.1f} km from {volunteer.id}'s home in {after.venue.id}, now {now:.1f} km",
                    [after],
                )


def _name(session: PlacedSession) -> str:
    return f"{session.assignment.request}#{session.assignment.session}"


def _place(assignment: Assignment) -> str:
    led = f" led by {', '.join(assignment.leads)}" if assignment.leads else ""
    return f"{DAY_NAMES[assignment.day - 1]} {clock(assignment.start_min)} in {assignment.room}{led}"


def _spans(windows: Windows) -> str:
    return ", ".join(
        f"{DAY_NAMES[window.day - 1]} {clock(window.start_min % DAY_MIN)}-{clock(window.end_min % DAY_MIN or DAY_MIN)}"
        for window in windows[:4]
    ) + (" …" if len(windows) > 4 else "")
