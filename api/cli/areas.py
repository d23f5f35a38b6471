"""Commands for an area's calendar: when its sessions may start, and which of its weeks are A weeks."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.changes import DryRun, carry_out
from api.cli.shell import Usage, changing, day_of, say, week_and_day
from api.cli.weeks import Area


def register(app: typer.Typer) -> None:
    for command in (starts, letter):
        app.command()(command)


def starts(
    area: Area,
    why: Annotated[str, typer.Option(help="Why; kept in the history.")],
    grid: Annotated[
        int | None, typer.Option(help="Every so many minutes after midnight: 5, 10, 15 or 30.")
    ] = None,
    bells: Annotated[
        str | None, typer.Option(help="At these times alone, such as 08:05,08:55,10:10.")
    ] = None,
    as_around: Annotated[bool, typer.Option("--as-around", help="As in the area around it.")] = False,
    first: Annotated[str | None, typer.Option("--from", help="From this day on; default: today.")] = None,
) -> None:
    """Set when sessions that an area asks for may start; areas below that set nothing of their own follow.

    Examples: `lyceum starts --area town --grid 15 --why "short courses"`,
    `lyceum starts --area town --bells 17:05,17:55,19:10 --from 2026-12-07 --why "the bells of the school"`
    """
    from adapters.queries.area_queries import network
    from adapters.services import areas
    from adapters.week.week_snapshot import find_area
    from domain import area_times
    from domain.starts import Starts
    from domain.windows import clock, clock_min

    if (grid is not None) + (bells is not None) + as_around != 1:
        raise Usage("give one of --grid, --bells and --as-around")
    own = None if as_around else Starts(grid or Starts().grid_min)
    if bells is not None:
        texts = filter(None, map(str.strip, bells.split(",")))
        own = Starts(bells=tuple(clock_min(text.zfill(5)) for text in texts))
        if not own.bells:
            raise Usage("--bells names no time; write them as 08:05,08:55,10:10")
    with changing() as lyceum:
        from_day = day_of(first) if first else lyceum.metadata().at.date()
        area_id = find_area(lyceum.views, area, from_day).id
        areas.set_starts(lyceum, area_id, own, from_day, why)
        in_force = area_times.starts_on(network(lyceum.views), area_id, from_day)
    when = (
        f"at {', '.join(map(clock, in_force.bells))}"
        if in_force.bells
        else f"every {in_force.grid_min} minutes"
    )
    say(f"sessions of {area} start {when} from {from_day} on; plan the weeks concerned again")


def letter(
    area: Area,
    week: Annotated[str, typer.Option(help="An ISO week, such as 2026-W36.")],
    letter: Annotated[str, typer.Option("--is", help="A or B.")],
    why: Annotated[str, typer.Option(help="Why; kept in the history.")],
    dry_run: DryRun = False,
) -> None:
    """Say whether a week is an A or a B week; from it on they alternate, over the end of a year too.

    Say it again where the count starts afresh, as after holidays.

    Example: `lyceum letter --area town --week 2026-W49 --is A --why "the first week of the winter courses"`
    """
    from adapters.services import areas
    from adapters.week.week_snapshot import find_area
    from domain.calendar import shift_week
    from domain.recurrence import LETTERS

    named_letter = next((known for known in LETTERS if known == letter.upper()), None)
    if named_letter is None:
        raise Usage(f"--is {letter!r} is no letter of a week; it may be A or B")
    week, first = week_and_day(week)
    with changing() as lyceum:
        area_state = find_area(lyceum.views, area, first)
        this, following = _a(named_letter), _a(LETTERS[1 - LETTERS.index(named_letter)])
        carry_out(
            lyceum,
            lambda unit: areas.letter_week(unit, area_state.id, week, named_letter, why),
            f"{week} is {this} week of {area}, {shift_week(week, 1)} {following} week, and so on in turn",
            dry_run,
        )


def _a(letter: str) -> str:
    return "an A" if letter == "A" else "a B"
