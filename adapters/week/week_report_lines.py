"""Plain-text rendering of a week's report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from statistics import median

from rich.cells import set_cell_size

from adapters.week.week_report import Report


def lines(report: Report, limit: int = 12) -> Iterator[str]:
    """The report as a coordinator reads it; at most so many lines of each list."""
    state = f"release {report.release}" if report.state == "released" else "draft, not released yet"
    yield f"{report.area}, week {report.week} ({report.zone}): {state}"
    yield ""
    yield from _served_lines(report)
    yield ""
    if report.broken:
        yield from _broken_lines(report, limit)
        yield ""
    yield from _place_lines(report, limit)
    yield ""
    yield from _load_lines(report, limit)
    yield ""
    yield from _unserved_lines(report, limit)
    yield from (f"warning: {warning}" for warning in report.warnings)


def _served_lines(report: Report) -> Iterator[str]:
    yield f"Requests served     {report.served:>9,} of {report.asked:,} ({_percent(report.served, report.asked)})"
    yield (
        f"Sessions            {report.sessions:>9,} of {report.sessions_asked:,} "
        f"({_percent(report.sessions, report.sessions_asked)})"
    )
    if report.elsewhere:
        yield f"  of these {report.elsewhere:,} in released timetables of other areas"
    yield (
        f"Learner-hours       {report.learner_hours:>9,.0f} of {report.learner_hours_asked:,.0f} "
        f"({_percent(report.learner_hours, report.learner_hours_asked)})"
    )
    yield (
        f"Communities served  {report.communities_served:>9,} of {report.communities_asking:,} that ask "
        f"({_percent(report.communities_served, report.communities_asking)})"
    )
    for goal in report.goals:
        bound = "no bound known" if goal.bound is None else f"proven bound {goal.bound:,.0f}"
        share = f", {goal.value / goal.bound:.1%} of it" if goal.bound and goal.bound > 0 else ""
        yield f"  goal {goal.goal:<12} {goal.value:>12,.0f}   {bound}{share}"


def _broken_lines(report: Report, limit: int) -> Iterator[str]:
    yield (
        f"{len(report.broken)} of {report.released} released sessions are broken: they can no longer take place as "
        "they stand"
    )
    for broken_session in report.broken[:limit]:
        yield f"  {broken_session.text()}"
    if len(report.broken) > limit:
        yield f"  … and {len(report.broken) - limit} more; `--json` lists all"


def _place_lines(report: Report, limit: int) -> Iterator[str]:
    used = [use for use in report.places if use.sessions]
    opened = sum(use.open_minutes for use in report.places)
    taken = sum(use.used_minutes for use in report.places)
    pairs = sum(len(use.functions) for use in used)
    yield "One place, many functions"
    yield f"  {len(used)} of {len(report.places)} places host sessions, {pairs} functions in all"
    yield f"  {taken / 60:,.0f} of {opened / 60:,.0f} opened room-hours are in use ({_percent(taken, opened)})"
    yield f"  {'place':<34} {'functions':>9} {'sessions':>8} {'open h':>7} {'in use':>7}  which"
    for use in used[:limit]:
        yield (
            f"  {_cut(use.name, 34)} {len(use.functions):>9} {use.sessions:>8} {use.open_minutes / 60:>7.1f} "
            f"{use.share:>7.1%}  {', '.join(use.functions)}"
        )
    if len(used) > limit:
        yield f"  … and {len(used) - limit} more; `--json` lists all"


def _load_lines(report: Report, max_lines: int) -> Iterator[str]:
    busy = [load for load in report.loads if load.sessions]
    yield "Volunteers"
    yield f"  {len(busy)} of {len(report.loads)} who offer hours have sessions"
    if not busy:
        return
    hours = [load.minutes / 60 for load in busy]
    full = [load for load in busy if load.limit is not None and load.minutes >= load.limit]
    offered = sum(load.offered for load in report.loads) / 60
    yield f"  {sum(hours):,.1f} h planned of {offered:,.1f} h offered"
    yield f"  median {median(hours):.1f} h, most {max(hours):.1f} h each"
    yield f"  {len(full)} are at the limit that they gave for the week"
    for load in busy[: min(max_lines, 5)]:
        limit = "no limit" if load.limit is None else f"limit {load.limit / 60:.1f} h"
        yield f"  {_cut(load.key, 34)} {load.sessions:>3} sessions {load.minutes / 60:>5.1f} h ({limit})"


def _unserved_lines(report: Report, limit: int) -> Iterator[str]:
    yield f"Not served: {len(report.unserved)}"
    why = Counter(reason for request in report.unserved for reason in request.reasons)
    for reason, count in why.most_common(6):
        yield f"  {count:>4} × {reason}"
    for unserved in report.unserved[:limit]:
        yield (
            f"  {_cut(unserved.key, 16)} {_cut(unserved.title, 40)} {unserved.learners:>3} learners, "
            f"{unserved.community}"
        )
    if len(report.unserved) > limit:
        yield f"  … and {len(report.unserved) - limit} more; `--json` lists all"


def _percent(part: float, whole: float) -> str:
    return f"{part / whole:.1%}" if whole else "nothing asked"


def _cut(text: str, width: int) -> str:
    """The text in a column; a wide (Chinese) character takes two places of it."""
    return set_cell_size(text, width)
