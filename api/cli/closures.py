"""Commands for closures of venues and rooms, and for pauses of volunteers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.changes import DryRun, carry_out
from api.cli.shell import Usage, changing, day_of, fail, say, within

if TYPE_CHECKING:
    from adapters.application.unit_of_work import UnitOfWork
    from domain.venue import Closure, Venue

Emergency = Annotated[
    bool, typer.Option("--emergency", help="Without the notice that the lending terms ask for.")
]


def register(app: typer.Typer) -> None:
    for command in (close, reopen, pause):
        app.command()(command)


def close(
    venue: Annotated[str, typer.Option(help="The venue, by its key.")],
    first: Annotated[
        str, typer.Option("--from", help="First day, such as 2026-12-01; with a time: '2026-12-01 13:00'.")
    ],
    why: Annotated[str, typer.Option(help="Why; people who have a session there will ask.")],
    last: Annotated[
        str | None,
        typer.Option(
            "--to", "--until", help="Last day, or the moment at which it opens again; default: the first day."
        ),
    ] = None,
    start: Annotated[
        str | None, typer.Option(help="Time of day from which it is closed, on each of the days.")
    ] = None,
    end: Annotated[
        str | None, typer.Option(help="Time of day until which it is closed, on each of the days.")
    ] = None,
    room: Annotated[
        list[str] | None, typer.Option(help="Only this room, by its key; may be repeated.")
    ] = None,
    emergency: Emergency = False,
    dry_run: DryRun = False,
) -> None:
    """Close a venue, or some of its rooms, for some days or a part of a day.

    The answer names each released session that this breaks.

    Example: `lyceum close --venue school --from 2026-12-01 --why "the heating is out"`
    """
    from adapters.services.closures import close_venue
    from domain.venue import closure_id, room_id

    rooms = tuple(room_id(venue, key) for key in room or ())
    parts = [replace(part, rooms=rooms) for part in _parts(first, last, start, end)]
    what = f"{', '.join(room)} of {venue}" if room else venue
    with changing() as lyceum:
        for part in parts:
            closure = replace(part, id=closure_id(venue, part))
            command = partial(close_venue, venue_key=venue, closure=closure, why=why, emergency=emergency)
            carry_out(lyceum, command, f"{what} is closed {_when(part)}", dry_run)


def _parts(first: str, last: str | None, start: str | None, end: str | None) -> Iterator[Closure]:
    """The closures of a span: one for the same hours of each day, or first day, whole days between, and last day."""
    from uuid import UUID

    from domain.venue import Closure
    from domain.windows import DAY_MIN

    begin, from_min = _moment(first)
    until, until_min = _moment(last, begin) if last else (begin, None)
    if (start or end) and (from_min, until_min) != (None, None):
        raise Usage("give times beside the days, or --start and --end for each day, not both")
    if until < begin:
        raise Usage(f"--to {until} lies before --from {begin}; swap the two days")
    opens, closes = _time(end) if end else DAY_MIN, _time(start) if start else 0
    if from_min is None and until_min is None:
        yield Closure(UUID(int=0), begin, until, (), closes, opens)
        return
    starts, ends = from_min or 0, DAY_MIN if until_min is None else until_min
    if ends == 0 and until > begin:  # until midnight: the day before is the last
        until, ends = until - timedelta(days=1), DAY_MIN
    if begin == until:
        if ends <= starts:
            raise Usage("the closure ends before it starts; swap the two times")
        yield Closure(UUID(int=0), begin, until, (), starts, ends)
        return
    yield Closure(UUID(int=0), begin, begin, (), starts, DAY_MIN)
    if (until - begin).days > 1:
        yield Closure(UUID(int=0), begin + timedelta(days=1), until - timedelta(days=1))
    yield Closure(UUID(int=0), until, until, (), 0, ends)


def _moment(text: str, day: date | None = None) -> tuple[date, int | None]:
    """A day and, where it is written, a time of it in minutes; a time alone is of `day`."""
    if day is not None and ":" in text and "-" not in text:
        return day, _time(text)
    written, _, time = text.strip().replace("T", " ").partition(" ")
    return day_of(written), _time(time) if time.strip() else None


def _time(text: str) -> int:
    from adapters.opening_hours import UnsupportedHours, read_time

    try:
        return read_time(text)
    except UnsupportedHours:
        raise Usage(f"{text!r} is no time of day; write it as 13:00, from 00:00 to 24:00") from None


def reopen(
    venue: Annotated[str, typer.Option(help="The venue, by its key.")],
    first: Annotated[str, typer.Option("--from", help="First day of the closure to lift.")],
    why: Annotated[str, typer.Option(help="Why; kept in the history.")],
    last: Annotated[str | None, typer.Option("--to", help="Last day of the closure to lift.")] = None,
    room: Annotated[
        list[str] | None, typer.Option(help="The rooms of the closure to lift, by key; may be repeated.")
    ] = None,
    closure: Annotated[
        str | None,
        typer.Option(help="The closure by its id, or the beginning of it, where days are not enough."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Lift every closure that begins on the day.")] = False,
) -> None:
    """Lift a closure of a venue; where more than one begins on the day, they are listed, and nothing is lifted.

    Example: `lyceum reopen --venue school --from 2026-12-01 --why "the heating works again"`
    """
    from adapters.services.closures import lift_closures
    from adapters.store.streams import VENUES
    from domain.venue import room_id, venue_id

    begin, end = day_of(first), day_of(last) if last else None
    rooms = {room_id(venue, key) for key in room or ()}

    def is_meant(candidate: Closure) -> bool:
        return (
            end in (None, candidate.last)
            and (not rooms or set(candidate.rooms) == rooms)
            and str(candidate.id).startswith(closure or "")
        )

    def lift(unit: UnitOfWork) -> tuple[Venue, list[Closure]]:
        venue_state = unit.must_load(VENUES, venue_id(venue))
        chosen = _chosen(venue_state, begin, is_meant, every=every)
        lift_closures(unit, venue, [candidate.id for candidate in chosen], why)
        return venue_state, chosen

    with changing() as lyceum:
        venue_state, chosen = lyceum.execute(lift)
    for candidate in chosen:
        say(f"lifted: {_named(venue_state, candidate)}")
    if stay := _adjoining(venue_state.closures, chosen):
        say(f"still closed: {_listed(venue_state, stay)}; plan the weeks concerned again")
    else:
        say(f"{venue} is open again as usual; plan the weeks concerned again")


def _chosen(venue: Venue, begin: date, is_meant: Callable[[Closure], bool], *, every: bool) -> list[Closure]:
    """The closures to lift: one, or with `every` all that are meant; ends with a sentence where that is unclear."""
    begins = [candidate for candidate in venue.closures if candidate.first == begin]
    chosen = [candidate for candidate in begins if is_meant(candidate)]
    if not chosen and begins:
        fail(f"{venue.key} has no such closure; on {begin} begin: {_listed(venue, begins)}")
    if not chosen:
        known = f"; it has: {_listed(venue, venue.closures)}" if venue.closures else ""
        branch = within()
        see = f"branch show {branch.where}" if branch else f"history --venue {venue.key}"
        fail(f"{venue.key} has no closure that begins on {begin}{known}; see `lyceum {see}`")
    if len(chosen) > 1 and not every:
        fail(
            f"{len(chosen)} closures of {venue.key} begin on {begin}: {_listed(venue, chosen)}; "
            "say which with --to, --room or --closure, or lift them with --all"
        )
    return chosen


def _adjoining(closures: Iterable[Closure], lifted: list[Closure]) -> list[Closure]:
    """The other closures that share a day with the lifted ones or follow from day to day, as `close` writes them."""
    joined = list(lifted)
    for closure in joined:  # it grows as it goes
        joined += [second for second in closures if second not in joined and _meet(closure, second)]
    return joined[len(lifted) :]


def _meet(first: Closure, second: Closure) -> bool:
    return first.first <= second.last + timedelta(days=1) and second.first <= first.last + timedelta(days=1)


def _listed(venue: Venue, closures: tuple[Closure, ...] | list[Closure]) -> str:
    ordered = sorted(closures, key=lambda closure: (closure.first, closure.last, str(closure.id)))
    return "; ".join(f"{_named(venue, closure)} (closure {str(closure.id)[:8]})" for closure in ordered[:10])


def _named(venue: Venue, closure: Closure) -> str:
    keys = {room.id: room.key for room in (*venue.former, *venue.rooms)}
    rooms = ", ".join(keys.get(id, str(id)) for id in closure.rooms) or f"all of {venue.key}"
    return f"{rooms} {_when(closure)}"


def _when(closure: Closure) -> str:
    from domain.windows import DAY_MIN, clock

    days = (
        f"from {closure.first} to {closure.last}" if closure.last > closure.first else f"on {closure.first}"
    )
    if (closure.start_min, closure.end_min) == (0, DAY_MIN):
        return f"from {closure.first} to {closure.last}"
    return f"{days}, {clock(closure.start_min)} to {clock(closure.end_min)}"


def pause(
    volunteer: Annotated[str, typer.Option(help="The volunteer, by key.")],
    first: Annotated[str, typer.Option("--from", help="First day, such as 2026-12-01.")],
    why: Annotated[str, typer.Option(help="Why, without anything private: it is kept in the history.")],
    last: Annotated[str | None, typer.Option("--to", help="Last day; default: the first.")] = None,
    dry_run: DryRun = False,
) -> None:
    """Note that a volunteer is away; the answer names each released session that this breaks.

    Example: `lyceum pause --volunteer anna --from 2026-12-01 --to 2026-12-05 --why "away"`
    """
    from adapters.services.closures import pause_volunteer
    from domain.volunteer import Pause

    begin, end = day_of(first), day_of(last or first)
    with changing() as lyceum:
        carry_out(
            lyceum,
            lambda unit: pause_volunteer(unit, volunteer, Pause(begin, end), why),
            f"{volunteer} is away from {begin} to {end}",
            dry_run,
        )
