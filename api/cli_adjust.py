"""Adjusting a draft by hand on the command line: pin, unpin, move, drop."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from api.cli_shell import Exit, fail, opened, week_and_day
from api.cli_week import Area, Week, id_of, room_of

Request = Annotated[str, typer.Option(help="The request, by its key.")]
Number = Annotated[int, typer.Option("--session", min=1, help="Which of its sessions in the week.")]


def register(app: typer.Typer) -> None:
    for command in (pin, unpin, move, drop):
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
    from adapters.adjusting import find_session
    from adapters.adjusting import pin as pin_it
    from adapters.weeks import find_area

    week, day = week_and_day(week)
    with opened() as lyceum:
        place = find_area(lyceum.views, area, day).id
        found = find_session(lyceum, place, week, id_of("request", request), session)
        changed = pin_it(lyceum, place, week, found, comment)
    typer.echo(f"{request}#{session} is pinned" if changed else f"{request}#{session} was pinned so already")


def unpin(area: Area, week: Week, request: Request, session: Number = 1) -> None:
    """Let the next plan move a pinned session again.

    Example: `lyceum unpin --area town --week 2026-W49 --request choir`
    """
    from adapters.adjusting import unpin as unpin_it
    from adapters.weeks import find_area

    week, day = week_and_day(week)
    with opened() as lyceum:
        changed = unpin_it(
            lyceum, find_area(lyceum.views, area, day).id, week, id_of("request", request), session
        )
    typer.echo(f"{request}#{session} is free again" if changed else f"{request}#{session} was not pinned")


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
) -> None:
    """Move a session of the draft by hand. A hard rule is never broken; the answer names each one that would be.

    Example: `lyceum move --area town --week 2026-W49 --request smartphones --lead cora --why "Ben is away"`
    """
    from adapters.adjusting import find_session
    from adapters.adjusting import move as move_it
    from adapters.weeks import find_area
    from domain.venue import venue_id
    from domain.volunteer import volunteer_id
    from domain.windows import DAY_MIN, Window, clock_min

    week, monday = week_and_day(week)
    with opened() as lyceum:
        place = find_area(lyceum.views, area, monday).id
        found = find_session(lyceum, place, week, id_of("request", request), session)
        of_day = found.window.start_min % DAY_MIN if start is None else clock_min(start)
        begin = ((day or found.window.day) - 1) * DAY_MIN + of_day
        moved = replace(found, window=Window(begin, begin + found.window.minutes))
        if room is not None:
            moved = replace(moved, room=room_of(room), venue=venue_id(room.partition("/")[0]))
        if lead:
            moved = replace(moved, leads=tuple(sorted(map(volunteer_id, lead))))
        changed = move_it(lyceum, place, week, moved, why)
    typer.echo(
        f"{request}#{session} is moved in the draft" if changed else f"{request}#{session} is there already"
    )


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
    from adapters.adjusting import drop as drop_it
    from adapters.weeks import find_area

    week, day = week_and_day(week)
    with opened() as lyceum:
        place = find_area(lyceum.views, area, day).id
        if not drop_it(lyceum, place, week, id_of("request", request), session, why):
            fail(f"{request}#{session} is not in the draft", Exit.REFUSED)
    typer.echo(f"{request}#{session} is out of the draft; `lyceum plan --again` may place it anew")
