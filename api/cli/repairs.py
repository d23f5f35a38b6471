"""Command that repairs a released week after changes, within a change budget."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from api.cli.shell import Usage, bounded_number, errors, opened, say, show_json, week_and_day
from api.cli.weeks import Area, Json, Seed, Week, show_change

MostSessions = Annotated[int | None, typer.Option(min=0, help="Change so many released sessions at most.")]
MostPeople = Annotated[int | None, typer.Option(min=0, help="Tell so many volunteers something new at most.")]
Notice = Annotated[
    float,
    typer.Option(
        min=0,
        max=9_000,
        callback=bounded_number,
        metavar="HOURS",
        help="Leave as it is what begins within so many hours.",
    ),
]


def register(app: typer.Typer) -> None:
    app.command()(repair)


def repair(
    area: Area,
    week: Week,
    most_sessions: MostSessions = None,
    most_people: MostPeople = None,
    notice: Notice = 0,
    moment: Annotated[
        str | None,
        typer.Option("--at", metavar="NOW", help="Count the notice from this local time; default: from now."),
    ] = None,
    time_limit: Annotated[
        float, typer.Option(min=0.1, callback=bounded_number, help="Search for so many seconds at most.")
    ] = 1,
    seed: Seed = 0,
    json_: Json = False,
) -> None:
    """Make a draft of a released week after something has changed, and change no more than must.

    What has begun stays as it is. What can no longer take place changes whatever the budget, and counts.

    Example: `lyceum repair --area town --week 2026-W49 --most-sessions 2 --notice 24`
    """
    from adapters.services.planning import Effort
    from adapters.services.repairing import RepairLimits, repair_week
    from adapters.week.week_snapshot import find_area, snapshot_of
    from scheduler import ChangeBudget

    week, day = week_and_day(week)
    with opened() as lyceum:
        area_state = find_area(lyceum.views, area, day)
        repaired = repair_week(
            lyceum,
            area_state.id,
            week,
            limits=RepairLimits(budget=ChangeBudget(most_sessions, most_people), notice_hours=notice),
            moment=_instant(moment, area_state.zone),
            effort=Effort(time_limit, 1, seed),
        )
        snapshot = snapshot_of(lyceum.views, area_state.id, week)
    draft, changes = repaired.draft, repaired.draft.plan["repair"]
    for warning in draft.problem.warnings:
        errors.print(f"warning: {warning}", markup=False)
    if json_:
        show_json({"draft": draft.number, "made": draft.made, "release": repaired.release, **changes})
        return
    counts = ", ".join(f"{len(changes[kind])} {kind}" for kind in ("moved", "dropped", "added"))
    say(
        f"draft {draft.number} repairs release {repaired.release}: {changes['kept']} kept, {counts}; "
        f"{len(changes['people'])} people affected"
    )
    for difference in repaired.changes:
        if difference.change != "unchanged":
            show_change(snapshot, difference)
    if not draft.made:
        say("the draft was the same already")


def _instant(text: str | None, zone: str) -> datetime | None:
    """The instant of a local time such as 2026-12-01T18:00, or of one with an offset."""
    from domain.calendar import bounded_instant, instant

    if text is None:
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise Usage(f"--at {text!r} is not a time such as 2026-12-01T18:00") from None
    bounded_instant(read)
    return read if read.tzinfo else instant(read.date(), read.hour * 60 + read.minute, zone)
