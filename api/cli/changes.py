"""Commands that change requests, venues and volunteers, and warnings about what such changes break.

Each command names the released sessions that it breaks; with --dry-run it changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from api.cli.shell import (
    Exit,
    Usage,
    changing,
    day_of,
    fail,
    opened,
    say,
    seen_at,
    show_json,
    week_and_day,
    within,
)
from api.cli.weeks import Area, At, Json, Week

if TYPE_CHECKING:
    from adapters.application.unit_of_work import Application, UnitOfWork
    from domain.request import CourseRequest

T = TypeVar("T")
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say which released sessions this would break, and do nothing.")
]


def register(app: typer.Typer) -> None:
    for command in (warnings, step, leave_out, retire, merge, forget):
        app.command()(command)


# ---- What is broken


def warnings(area: Area, week: Week, moment: At = None, json_: Json = False) -> None:
    """List what a coordinator should look at: doubtful facts, and sessions that can no longer take place.

    A released session is listed whatever has broken it since: a closure, an import, somebody who has left.

    Example: `lyceum warnings --area town --week 2026-W49`
    """
    from adapters.week.week_report import week_warnings
    from adapters.week.week_snapshot import find_area

    week, day = week_and_day(week)
    with opened() as lyceum:
        views = seen_at(lyceum, moment)
        findings = week_warnings(lyceum, views, find_area(views, area, day).id, week)
    if json_:
        show_json(findings)
        return
    for sentence in findings.problem:
        say(sentence)
    for sentence in findings.draft:
        say(f"draft: {sentence}")
    for broken_session in findings.released:
        say(f"released: {broken_session.text()}")
    if not (findings.problem or findings.draft or findings.released):
        say(f"nothing in {week} asks for attention")


# ---- Facts


def carry_out(
    lyceum: Application, command: Callable[[UnitOfWork], T], summary: str | Callable[[T], str], dry_run: bool
) -> None:
    """Run a command, or try it in a dry run, and print a summary and the released sessions that it breaks.

    `summary` is a sentence, or makes one of the command's answer.
    """
    from adapters.week.release_validity.broken_sessions import lines
    from adapters.week.release_validity.impact import execute

    answer, broken = execute(lyceum, command, dry_run=dry_run)
    done = summary if isinstance(summary, str) else summary(answer)
    say(f"dry run, nothing was changed: {done}" if dry_run else done)
    for line in lines(broken, dry_run=dry_run, remedy=_remedy):
        say(line)


def _remedy(area: str, week: str) -> str:
    from adapters.week.release_validity.broken_sessions import usual_remedy

    branch = within()
    if branch is None:
        return usual_remedy(area, week)
    if (area, week) == (branch.area, branch.week):
        return f"mend it in the branch with `lyceum branch repair {branch.where}`"
    return f"once the branch is adopted, {usual_remedy(area, week)}"


def step(
    request: Annotated[str, typer.Option(help="The request, by its key.")],
    to: Annotated[str, typer.Option(help="screened, accepted, running, completed, declined or withdrawn.")],
    why: Annotated[str, typer.Option(help="Why; asked for when a request is declined or withdrawn.")] = "",
    dry_run: DryRun = False,
) -> None:
    """Move a request along its life: submitted, screened, accepted, scheduled, running, completed.

    Example: `lyceum step --request watercolour --to withdrawn --why "too few people signed up"`
    """
    from adapters.services.requests import step_request
    from domain.request import STATUSES, request_id

    status = next((known for known in STATUSES if known == to), None)
    if status is None:
        raise Usage(f"--to {to!r} is no status; it may be {', '.join(STATUSES)}")
    with changing() as lyceum:
        carry_out(
            lyceum,
            lambda unit: step_request(unit, request_id(request), status, why),
            f"request {request} is {status}",
            dry_run,
        )


def leave_out(
    request: Annotated[str, typer.Option(help="The request, by its key.")],
    week: Annotated[str, typer.Option(help="The week in which it is not held, such as 2026-W52.")],
    instead: Annotated[str | None, typer.Option(help="Make it up in this later week.")] = None,
    extend: Annotated[
        bool, typer.Option("--extend", help="Make it up at the end, by going on for longer.")
    ] = False,
    dry_run: DryRun = False,
) -> None:
    """Hold a course not in a week, as when its house is closed, and make it up in another week or at the end.

    Example: `lyceum leave-out --request watercolour --week 2026-W50 --instead 2026-W52`
    """
    from adapters.queries.area_queries import letters, network
    from adapters.services import requests
    from domain.recurrence import held_weeks
    from domain.request import request_id

    def dates_of(after: CourseRequest) -> str:
        weeks = held_weeks(after.order.course, letters(network(lyceum.views), after.area))
        return f"request {request} is held {len(weeks)} times: {', '.join(weeks)}; plan the weeks concerned again"

    with changing() as lyceum:
        carry_out(
            lyceum,
            lambda unit: requests.leave_out(unit, request_id(request), week, instead, extend=extend),
            dates_of,
            dry_run,
        )


def retire(
    venue: Annotated[str, typer.Option(help="The venue, by its key.")],
    why: Annotated[str, typer.Option(help="Why; people who have a session there will ask.")],
    on: Annotated[str | None, typer.Option(help="The first day on which it lends nothing any more.")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="It lends again.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Note that a venue lends nothing any more; the answer names each released session that this breaks.

    Its rooms, rules and history stay. A second call with another day corrects the first.

    Example: `lyceum retire --venue school --on 2027-01-31 --why "the school moves out"`
    """
    from adapters.services.closures import retire_venue

    if undo == (on is not None):
        raise Usage("give either --on with a day, or --undo")
    day = None if on is None else day_of(on)
    summary = f"{venue} lends again" if day is None else f"{venue} lends nothing from {day} on"
    with changing() as lyceum:
        carry_out(lyceum, lambda unit: retire_venue(unit, venue, day, why), summary, dry_run)


def merge(
    volunteer: Annotated[str, typer.Option(help="The record that goes, by key.")],
    into: Annotated[str, typer.Option(help="The record of the same person that remains, by key.")],
    why: Annotated[str, typer.Option(help="Why, without anything private: it is kept in the history.")],
    on: Annotated[str | None, typer.Option(help="The first day without it; default: today.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; there is no way back.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Merge two records of one volunteer: the one that remains gains the skills, hours and pauses of the other.

    Of the personal record it gains what it lacks; the rest of the other one is erased.

    Example: `lyceum merge --volunteer anna-2 --into anna --why "registered twice" --dry-run`
    """
    from uuid import uuid4

    from adapters.services.volunteer_merging import MergedVolunteer, merge_volunteers

    if not (yes or dry_run):
        fail(f"merging {volunteer} into {into} cannot be undone; add --yes to do it", Exit.USAGE)

    def summary(merged: MergedVolunteer) -> str:
        text = f"{volunteer} is merged into {into}; plan the weeks concerned again"
        if merged.accounts:
            text += f"; {', '.join(merged.accounts)} had its role: give them the role of {into}"
        return text

    with opened() as lyceum:
        day = lyceum.clock().date() if on is None else day_of(on)
        carry_out(
            lyceum, lambda unit: merge_volunteers(unit, volunteer, into, day, why, uuid4), summary, dry_run
        )


def forget(
    volunteer: Annotated[str, typer.Option(help="The volunteer, by key.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; there is no way back.")] = False,
    dry_run: DryRun = False,
) -> None:
    """Erase a volunteer's personal record: name, phone, e-mail, address, home, and a guardian's with it.

    The events stay, without the person, who leaves with this day; feeds of the person end, and an account that is
    theirs alone is closed.

    Example: `lyceum forget --volunteer anna --yes`
    """
    from uuid import uuid4

    from adapters.services.erasure import erase_volunteer
    from domain.volunteer import volunteer_id

    if not (yes or dry_run):
        fail(f"erasing the personal record of {volunteer} cannot be undone; add --yes to do it", Exit.USAGE)
    with opened() as lyceum:
        person_id = volunteer_id(volunteer)
        if lyceum.person(person_id) is None:
            fail(f"there is no personal record of {volunteer}; it may be erased already")
        carry_out(
            lyceum,
            lambda unit: erase_volunteer(unit, person_id, volunteer, uuid4),
            f"the personal record of {volunteer} is erased",
            dry_run,
        )
