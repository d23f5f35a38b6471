"""Soft rules: wishes of people that a change by hand may break with a reason.

A soft rule looks at the change, not at the week: what was not kept before cannot be broken again.
`scheduler.rules.moves` has the list of them in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from domain.messages import message
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
            yield (
                message(
                    "{session} is pinned to {pin}; the move lifts the pin",
                    session=_name(after),
                    pin=_place(pin),
                ),
                [after],
            )


def courses_whole(change: WeekChange) -> Broken:
    """A draft on its way may hold a part of a course; a release may not."""
    requests = {after.assignment.request for _, after in change.moved} - change.adrift
    sentences_before = {sentence for sentence, _ in all_or_none(_only(change.before, requests))}
    for sentence, sessions in all_or_none(_only(change.after, requests)):
        if sentence not in sentences_before:
            yield (
                message("{sentence}; the week cannot be released before all are, or none", sentence=sentence),
                sessions,
            )


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
            changed = tuple(_changed(before, after))
            yield (
                message(
                    "{before} is as people know it from the last timetable; the move changes the {changed: and }",
                    before=before,
                    changed=changed,
                ),
                [after],
            )


def _changed(before: PlacedSession, after: PlacedSession) -> Iterator[str]:
    if before.begin != after.begin:
        yield message("time")
    if before.room.id != after.room.id:
        yield message("room")
    if set(before.assignment.leads) != set(after.assignment.leads):
        yield message("lead")


def preferred_times(change: WeekChange) -> Broken:
    """A session that lies where its community likes it best stays in such a time."""
    for before, after in change.moved:
        preferred = after.request.preferred
        if before is not None and before.within(preferred) and not after.within(preferred):
            yield (
                message(
                    "{after} leaves the times that {request} prefers ({spans})",
                    after=after,
                    request=after.request.id,
                    spans=_spans(preferred),
                ),
                [after],
            )


def functions_hosted(change: WeekChange) -> Broken:
    """One place, many functions: no place loses one."""
    lost = _hosted(change.before) - _hosted(change.after)
    for before, after in change.moved:
        if before is not None and (before.venue.id, before.request.function) in lost:
            yield (
                message(
                    "{venue} hosts no {function} any more without {session}",
                    venue=before.venue.id,
                    function=before.request.function,
                    session=_name(before),
                ),
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
                    message(
                        "{session} is {then:.1f} km from {volunteer}'s home in {venue}, now {now:.1f} km",
                        session=_name(after),
                        then=then,
                        volunteer=volunteer.id,
                        venue=after.venue.id,
                        now=now,
                    ),
                    [after],
                )


def _name(session: PlacedSession) -> str:
    return f"{session.assignment.request}#{session.assignment.session}"


def _place(assignment: Assignment) -> str:
    day, start, room = DAY_NAMES[assignment.day - 1], clock(assignment.start_min), assignment.room
    if assignment.leads:
        return message(
            "{day} {start} in {room} led by {leads}", day=day, start=start, room=room, leads=assignment.leads
        )
    return message("{day} {start} in {room}", day=day, start=start, room=room)


def _spans(windows: Windows) -> str:
    spans = [
        message(
            "{day} {start}-{end}",
            day=DAY_NAMES[window.day - 1],
            start=clock(window.start_min % DAY_MIN),
            end=clock(window.end_min % DAY_MIN or DAY_MIN),
        )
        for window in windows[:4]
    ]
    return message("{spans} …", spans=spans) if len(windows) > 4 else message("{spans}", spans=spans)
