"""Commands that adjust a draft by hand: pin, unpin, move, suggest, drop, undo, redo."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.shell import Exit, Usage, changing, fail, say, show_json, week_and_day, within
from api.cli.weeks import Area, Json, Week, id_of, room_of
from domain.text import counted

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from adapters.application.unit_of_work import Application
    from adapters.services.suggesting import Suggested
    from adapters.services.undoing import UndoneStep

Request = Annotated[str, typer.Option(help="The request, by its key.")]
Number = Annotated[int, typer.Option("--session", min=1, help="Which of its sessions in the week.")]
Accept = Annotated[
    list[str] | None,
    typer.Option(
        help="A soft rule that the reason is good enough to pass, such as preferred; may be repeated."
    ),
]


def register(app: typer.Typer) -> None:
    for command in (pin, unpin, move, suggest, drop, undo, redo):
        app.command()(command)


def pin(
    area: Area,
    week: Week,
    request: Request,
    comment: Annotated[str, typer.Option(help="Why it must stay; others will read it.")],
    session: Number = 1,
) -> None:
    """Hold a session of the draft where it is, in every plan to come.

    Example: `lyceum pin --area town --week 2026-W49 --request choir --comment "the choir needs the piano"`
    """
    from adapters.services.adjusting import find_session
    from adapters.services.adjusting import pin as pin_it
    from adapters.week.week_snapshot import find_area

    week, day = week_and_day(week)
    with changing() as lyceum:
        area_id = find_area(lyceum.views, area, day).id
        placed = find_session(lyceum, area_id, week, id_of("request", request), session)
        is_changed = pin_it(lyceum, area_id, week, placed, comment)
    say(f"{request}#{session} is pinned" if is_changed else f"{request}#{session} was pinned so already")


def unpin(area: Area, week: Week, request: Request, session: Number = 1) -> None:
    """Let the next plan move a pinned session again.

    Example: `lyceum unpin --area town --week 2026-W49 --request choir`
    """
    from adapters.services.adjusting import unpin as unpin_it
    from adapters.week.week_snapshot import find_area

    week, day = week_and_day(week)
    with changing() as lyceum:
        changed = unpin_it(
            lyceum, find_area(lyceum.views, area, day).id, week, id_of("request", request), session
        )
    say(f"{request}#{session} is free again" if changed else f"{request}#{session} was not pinned")


def move(
    area: Area,
    week: Week,
    request: Request,
    why: Annotated[str, typer.Option(help="Why it moves; kept in the history.")],
    session: Number = 1,
    day: Annotated[int | None, typer.Option(min=1, max=7, help="To this ISO weekday, 1 = Monday.")] = None,
    start: Annotated[str | None, typer.Option(help="To this time, such as 14:30.")] = None,
    room: Annotated[str | None, typer.Option(help="To this room: VENUE/ROOM, by their keys.")] = None,
    lead: Annotated[
        list[str] | None, typer.Option(help="Led by this volunteer, by key; may be repeated.")
    ] = None,
    accept: Accept = None,
) -> None:
    """Move a session of the draft by hand. A hard rule is never broken; the answer names each one that would be.

    A soft rule is passed only where --accept names it; that is kept with the reason.

    Example: `lyceum move --area town --week 2026-W49 --request smartphones --lead cora --why "Ben is away"
    --accept continuity`
    """
    from adapters.services.adjusting import find_session
    from adapters.services.adjusting import move as move_it
    from adapters.week.week_snapshot import find_area
    from domain.venue import venue_id
    from domain.volunteer import volunteer_id
    from domain.windows import DAY_MIN, Window, clock_min

    week, monday = week_and_day(week)
    with changing() as lyceum:
        area_id = find_area(lyceum.views, area, monday).id
        placed = find_session(lyceum, area_id, week, id_of("request", request), session)
        minute_of_day = placed.window.start_min % DAY_MIN if start is None else clock_min(start)
        start_min = ((day or placed.window.day) - 1) * DAY_MIN + minute_of_day
        moved = replace(placed, window=Window(start_min, start_min + placed.window.minutes))
        if room is not None:
            moved = replace(moved, room=room_of(room), venue=venue_id(room.partition("/")[0]))
        if lead:
            moved = replace(moved, leads=tuple(sorted(map(volunteer_id, lead))))
        is_changed = move_it(lyceum, area_id, week, moved, why, accept=_accepted(accept))
    say(
        f"{request}#{session} is moved in the draft"
        if is_changed
        else f"{request}#{session} is there already"
    )


def _accepted(names: list[str] | None) -> list[str]:
    from scheduler import SOFT_RULES

    for name in names or ():
        if name not in SOFT_RULES:
            raise Usage(f"--accept {name!r} is no soft rule; there are {', '.join(SOFT_RULES)}")
    return names or []


def suggest(
    area: Area,
    week: Week,
    request: Request,
    session: Number = 1,
    day: Annotated[int | None, typer.Option(min=1, max=7, help="Only on this ISO weekday.")] = None,
    venue: Annotated[str | None, typer.Option(help="Only there, by key.")] = None,
    other_day: Annotated[bool, typer.Option("--other-day", help="Not on the day that it is on now.")] = False,
    other_room: Annotated[bool, typer.Option("--other-room", help="Not in its room.")] = False,
    other_lead: Annotated[bool, typer.Option("--other-lead", help="Led by somebody else.")] = False,
    keep_room: Annotated[bool, typer.Option("--keep-room", help="In its room.")] = False,
    keep_lead: Annotated[bool, typer.Option("--keep-lead", help="Led by who leads it now.")] = False,
    moves: Annotated[int, typer.Option(min=1, max=2, help="How many sessions may move.")] = 2,
    limit: Annotated[int, typer.Option(min=1, max=50, help="The most that are told.")] = 5,
    take: Annotated[int | None, typer.Option(min=1, help="Do the suggestion of this number.")] = None,
    why: Annotated[str, typer.Option(help="With --take: why it moves; kept in the history.")] = "",
    accept: Accept = None,
    json_: Json = False,
) -> None:
    """Suggest where a session of the draft could go, or where one without a place could; the least trouble first.

    None breaks a hard rule. Soft rules that one would break stand beside it. --take does one of them.

    Examples: `lyceum suggest --area town --week 2026-W49 --request choir --other-day`,
    `lyceum suggest --area town --week 2026-W49 --request choir --other-day --take 1
    --why "the hall is being painted" --accept continuity --accept preferred`
    """
    from adapters.services.adjusting import move as move_it
    from adapters.services.suggesting import suggested
    from adapters.week.week_snapshot import find_area
    from scheduler.suggest import Where

    venue_id = str(id_of("venue", venue)) if venue else None
    where = Where(venue_id, day, other_day, keep_room, other_room, keep_lead, other_lead)
    week, monday = week_and_day(week)
    with changing() as lyceum:
        area_id = find_area(lyceum.views, area, monday).id
        suggestions = suggested(
            lyceum,
            area_id,
            week,
            id_of("request", request),
            session,
            where,
            moves=moves,
            limit=max(limit, take or 1),
        )
        if take is None:
            _show(suggestions, request, session, json_=json_)
            return
        if take > len(suggestions):
            known = counted(len(suggestions), "suggestion")
            fail(f"there is no number {take}: {request}#{session} has {known}", Exit.REFUSED)
        first, *others = (step.after for step in suggestions[take - 1].moves)
        move_it(lyceum, area_id, week, first, why, accept=_accepted(accept), also=others)
    say(f"done in the draft: {suggestions[take - 1].sentence}")


def _show(suggestions: tuple[Suggested, ...], request: str, session: int, *, json_: bool) -> None:
    if json_:
        from adapters.services.suggesting import Suggested
        from adapters.store.mapper import json_of

        show_json([json_of(Suggested).dump_python(suggestion, mode="json") for suggestion in suggestions])
        return
    for number, suggestion in enumerate(suggestions, 1):
        say(f"{number}. {suggestion.sentence}")
        for warning in suggestion.warnings:
            say(f"     {warning}")
        calls = ", ".join(f"{who.key} ({who.part}, {who.request})" for who in suggestion.people) or "nobody"
        say(f"     call {calls}; tell {suggestion.learners} learners")
    if not suggestions:
        why = "" if within() else "; ask `lyceum explain` why"  # which knows the draft outside alone
        say(f"no other place was found for {request}#{session}{why}")


def drop(
    area: Area,
    week: Week,
    request: Request,
    why: Annotated[str, typer.Option(help="Why it is taken out; kept in the history.")],
    session: Number = 1,
) -> None:
    """Take a session out of the draft.

    Example: `lyceum drop --area town --week 2026-W49 --request choir --why "the community called it off"`
    """
    from adapters.services.adjusting import drop as drop_it
    from adapters.week.week_snapshot import find_area

    week, day = week_and_day(week)
    with changing() as lyceum:
        area_id = find_area(lyceum.views, area, day).id
        if not drop_it(lyceum, area_id, week, id_of("request", request), session, why):
            fail(f"{request}#{session} is not in the draft", Exit.REFUSED)
    branch = within()
    plan = f"branch plan {branch.where}" if branch else f"plan --area {area} --week {week}"
    say(f"{request}#{session} is out of the draft; `lyceum {plan} --again` may place it anew")


WeekHere = Annotated[str, typer.Argument(help="The ISO week, such as 2026-W49.")]
AreaHere = Annotated[str, typer.Argument(help="The area, by key, code or name.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]


def undo(area: AreaHere, week: WeekHere, dry_run: DryRun = False) -> None:
    """Take your last step by hand in a week's draft back: a pin, a lifted pin, a move or a drop.

    It is judged by the hard rules as a move is, and refused where somebody has changed the same session since.

    Example: `lyceum undo town 2026-W49`
    """
    from adapters.services.undoing import undo as undo_it

    week, day = week_and_day(week)
    with changing() as lyceum:
        undone = undo_it(lyceum, _area_id(lyceum, area, day), week, dry_run=dry_run)
    _say_turned("would be taken back" if dry_run else "is taken back", undone)


def redo(area: AreaHere, week: WeekHere, dry_run: DryRun = False) -> None:
    """Do the step again that you have taken back last; a new step by hand puts an end to that.

    Example: `lyceum redo town 2026-W49`
    """
    from adapters.services.undoing import redo as redo_it

    week, day = week_and_day(week)
    with changing() as lyceum:
        undone = redo_it(lyceum, _area_id(lyceum, area, day), week, dry_run=dry_run)
    _say_turned("would be done again" if dry_run else "is done again", undone)


def _area_id(lyceum: Application, area: str, day: date) -> UUID:
    from adapters.week.week_snapshot import find_area

    return find_area(lyceum.views, area, day).id


_STEPS = {
    "pinned": "the pin of",
    "lifted": "the lifted pin of",
    "moved": "the move of",
    "dropped": "the drop of",
}


def _say_turned(what: str, undone: UndoneStep) -> None:
    step = undone.step
    why = f" ({step.why})" if step.why else ""
    say(f"{_STEPS[step.kind]} {step.request}#{step.session} {what}{why}")
    calls = ", ".join(f"{who.key} ({who.part}, {who.request})" for who in undone.concern.people)
    if calls:
        say(f"call {calls}; tell {undone.concern.learners} learners")
