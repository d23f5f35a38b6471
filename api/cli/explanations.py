"""Questions to a problem and its plan on the command line: check, check-plan, explain, gaps, fairness."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from api.cli.shell import Exit, Steps, Usage, bounded_number, say, show_json
from api.cli.weeks import read_json

if TYPE_CHECKING:
    from scheduler import Breach
    from scheduler.explain import MinimumPrice, Share, WhyNot, WhyThis

Problem = Annotated[Path, typer.Argument(help="A problem document, .json or .json.gz.")]
Plan = Annotated[Path, typer.Argument(help="The plan document that was made for it.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program.")]


def register(app: typer.Typer) -> None:
    for command in (check, check_plan, explain, gaps, fairness):
        app.command()(command)


# ---- check


def check(problem: Problem, json_: Json = False) -> None:
    """Say what is known of a problem without search: what is wrong with it, and what can never be served.

    Ends with 0 where nothing is wrong, else with 1.

    Example: `lyceum check problem.json`
    """
    from scheduler.precheck import precheck

    findings = precheck(read_json(problem))
    if json_:
        counts = {severity: len(findings.of(severity)) for severity in ("error", "warning", "note")}
        show_json({"counts": counts, "findings": [asdict(finding) for finding in findings.all]})
    else:
        for finding in findings.all:
            say(f"{finding.severity}: {finding.path}: {finding.sentence} [{finding.code}]")
        say(
            f"{len(findings.errors)} errors, {len(findings.warnings)} warnings, {len(findings.of('note'))} notes"
        )
    if findings.errors:
        raise typer.Exit(Exit.REFUSED)


# ---- check-plan


def check_plan(problem: Problem, plan: Plan, json_: Json = False) -> None:
    """Say whether a plan keeps every hard rule and states nothing false, and the values of its goals.

    The values are reckoned again from its sessions; the plan's own values, bounds and status, and the requests that it
    lists as not served, are judged by them. Ends with 0 where nothing is wrong, else with 1.

    Example: `lyceum check-plan problem.json plan.json`
    """
    import scheduler

    def read_checked(document: Any) -> scheduler.Problem:
        checked = scheduler.read_problem(document)
        scheduler.check_pins(checked)
        return checked

    week = _in_format(problem, "problem/1", read_checked)
    stated = _in_format(plan, "plan/1", lambda document: scheduler.read_plan(document, week))
    breaches = scheduler.check_with_labels(week, stated.assignments)
    values = scheduler.goal_values(week, stated.assignments)
    wrong = {goal: claim.value for goal, claim in stated.goals.items() if claim.value != values[goal]}
    claims = scheduler.false_claims(week, stated, values, keeps_rules=not breaches)
    if json_:
        show_json(
            {
                "ok": not (breaches or wrong or claims),
                "assignments": len(stated.assignments),
                "breaches": [_plain(breach) for breach in breaches],
                "goals": {goal: values[goal] for goal in week.goals},
                "misstated": wrong,
                "claims": claims,
                "unstated": [goal for goal in week.goals if goal not in stated.goals],
            }
        )
    else:
        _echo(_verdict_lines(breaches, len(stated.assignments)))
        goals = [*week.goals, *(goal for goal in wrong if goal not in week.goals)]
        _echo(f"{goal}: {values[goal]:,}{_misstated(wrong.get(goal))}" for goal in goals)
        _echo(claims)
        _echo(_unstated_lines(week.goals, stated.goals))
    if breaches or wrong or claims:
        raise typer.Exit(Exit.REFUSED)


T = TypeVar("T")


def _in_format(path: Path, kind: str, read: Callable[[Any], T]) -> T:
    """What is read from a file; one sentence names the file where it is no document of that kind."""
    from scheduler import ForeignPlan, MalformedDocument

    try:
        document = read_json(path)
    except Usage as unreadable:
        raise Usage(
            f"{path} is no JSON document ({unreadable.__context__}); give a {kind} document"
        ) from None
    actual = document.get("format") if isinstance(document, dict) else None
    if actual != kind and actual in ("problem/1", "plan/1"):
        raise Usage(f"{path} is a {actual} document; give the problem first, then the plan made for it")
    try:
        return read(document)
    except ForeignPlan as foreign:
        raise Usage(f"{path}: {foreign}") from None
    except MalformedDocument as malformed:
        more = f", and {len(malformed.errors) - 1} more" if len(malformed.errors) > 1 else ""
        raise Usage(f"{path} is no {kind} document: {malformed.errors[0]}{more}") from None


def _verdict_lines(breaches: Sequence[Breach], sessions: int) -> Iterator[str]:
    yield from map(str, breaches)
    count = f"{len(breaches)} breach" + ("" if len(breaches) == 1 else "es")
    verdict = f"breaks hard rules ({count})" if breaches else "keeps every hard rule"
    yield f"The plan {verdict}; it places {sessions} session{'' if sessions == 1 else 's'}."


def _misstated(value: float | None) -> str:
    return "" if value is None else f", but the plan states {value:,}"


def _unstated_lines(goals: Sequence[str], stated: Container[str]) -> Iterator[str]:
    """A plan may leave goals out, so this is no fault."""
    if unstated := [goal for goal in goals if goal not in stated]:
        yield f"The plan states nothing of {', '.join(unstated)}; it need not."


# ---- explain


def explain(
    problem: Problem,
    plan: Plan,
    request: Annotated[str | None, typer.Argument(help="The id of a request; none with --all.")] = None,
    session: Annotated[int, typer.Option(min=1, help="Which session of a placed request.")] = 1,
    all_: Annotated[bool, typer.Option("--all", help="Every request that is not served.")] = False,
    json_: Json = False,
) -> None:
    """Say why a request is not served and what would serve it, or why a placed session is where it is.

    Every way out was tried on a copy of the plan and keeps every rule. The cheapest comes first.

    Example: `lyceum explain problem.json plan.json --all`
    """
    from scheduler.explain import Explainer, UnknownRequest, WhyNot

    if all_ == (request is not None):
        raise Usage("give the id of one request, or --all")
    explainer = Explainer(read_json(problem), read_json(plan))
    if request is None:
        with Steps("explaining") as steps:
            answers = list(explainer.all_unserved(lambda done, total: steps(done, total, "requests")))
        _show_all(answers, json_=json_)
        return
    try:
        placed = explainer.is_placed(request)
        answer = explainer.why_this(request, session) if placed else explainer.why_not(request)
    except UnknownRequest as unknown:
        raise Usage(str(unknown)) from None
    if json_:
        show_json(_plain(answer))
    else:
        _echo(_not_lines(answer) if isinstance(answer, WhyNot) else _this_lines(answer))


def _show_all(answers: list[WhyNot], *, json_: bool) -> None:
    from scheduler.explain import most_common

    common = most_common(answers)
    if json_:
        show_json({"facts": common, "requests": [_plain(answer) for answer in answers]})
        return
    for why_not in answers:
        _echo(_not_lines(why_not))
        say()
    counts = ", ".join(f"{code} {count}" for code, count in common.items())
    say(f"{len(answers)} requests are not served{'; in the way: ' + counts if counts else ''}.")


def _plain(answer: Any) -> dict[str, Any]:
    """A record as plain values, assignments and volunteers in the documents' own form."""
    from scheduler.explain import serialise

    written: dict[str, Any] = serialise(answer)
    return written


def _echo(lines: Iterable[str]) -> None:
    for line in lines:
        say(line)


def _not_lines(answer: WhyNot) -> Iterator[str]:
    yield f"{answer.request} “{answer.title}”, {answer.learners} learners: not served."
    if not answer.facts and answer.ways:
        yield "  Nothing is in its way."
    for fact in answer.facts:
        yield f"  - {fact.sentence}"
    if answer.whatever_is_planned:
        yield "  It cannot be served whatever else is planned."
    if not answer.sure:
        yield "  The search was cut short: there may be a simpler reason."
    if not answer.ways:
        yield "  No small change was found that serves it."
    for number, way in enumerate(answer.ways, 1):
        yield f"  {number}. {way.sentence}"
        yield f"     It {way.price}."


def _this_lines(answer: WhyThis) -> Iterator[str]:
    held = ", pinned" if answer.pinned else ""
    yield f"{answer.request} “{answer.title}”, session {answer.session}{held}."
    for rival in answer.competitors:
        yield f"  - In its place “{rival.title}” ({rival.request}, {rival.learners} learners) would fit."
    if not answer.competitors:
        yield "  Nobody who waits would fit in its place."
    for number, elsewhere in enumerate(answer.elsewhere, 1):
        yield f"  {number}. {elsewhere.sentence}"
        yield f"     It {elsewhere.price}."
    if not answer.elsewhere and not answer.pinned:
        yield "  No other place was found for it."


# ---- gaps, fairness


def gaps(problem: Problem, plan: Plan, json_: Json = False) -> None:
    """Say what is short: the volunteers, opened hours and seats that would serve most of those who wait.

    Each was tried out on the plan; the sentences are ready for a call.

    Example: `lyceum gaps problem.json plan.json`
    """
    from scheduler.explain import Explainer, report

    explainer = Explainer(read_json(problem), read_json(plan))
    with Steps("looking for gaps") as steps:
        gap_report = report(explainer, lambda done, total: steps(done, total, "steps"))
    if json_:
        show_json(_plain(gap_report))
        return
    say(f"{gap_report.waiting} requests wait. What would serve most learner-hours of them:")
    for number, gap in enumerate(gap_report.top, 1):
        say(f"  {number}. {gap.learner_hours:g} learner-hours: {gap.sentence}")
    if not gap_report.top:
        say("  No single volunteer, hour or seat would serve any of them.")


def fairness(
    problem: Problem,
    plan: Plan,
    price: Annotated[
        float | None,
        typer.Option(
            min=1,
            callback=bounded_number,
            help="Also plan with and without a minimum for each community, so many seconds each.",
        ),
    ] = None,
    json_: Json = False,
) -> None:
    """Say how evenly a plan serves: for each community and audience what it asked for and got.

    With --price the problem is planned twice, with and without one session for each community before all else.

    Example: `lyceum fairness problem.json plan.json`
    """
    from scheduler.explain import fairness as fairness_of
    from scheduler.explain import price_of_minimum

    document = read_json(problem)
    shares_of_plan = fairness_of(document, read_json(plan))
    known = None
    if price is not None:
        known = price_of_minimum(document, time_limit_s=price, workers=2, seed=0, clock=time.monotonic)
    if json_:
        show_json(_plain(shares_of_plan) | ({} if known is None else {"minimum": _priced(known)}))
        return
    for title, shares in (("community", shares_of_plan.communities), ("audience", shares_of_plan.audiences)):
        if shares:
            _echo(_share_lines(title, shares))
    names = ", ".join(shares_of_plan.left_out) or "none"
    say(f"Communities with a request that could be served and nothing served: {names}.")
    if known is not None:
        _echo(_price_lines(known))


def _priced(known: MinimumPrice) -> dict[str, Any]:
    return _plain(known) | {"price": known.price, "at_least": known.at_least, "at_most": known.at_most}


def _price_lines(known: MinimumPrice) -> Iterator[str]:
    before, after = known.served_before, known.served
    yield f"With a session for each community that can have one: {known.communities} of them, served {after.value:,}."
    yield f"Without: {known.communities_before} of them, served {before.value:,}."
    upper = "" if known.at_most is None else f" and at most {known.at_most:,}"
    yield (
        f"The minimum costs {known.price:,} of served between these two plans; "
        f"by the bounds at least {known.at_least:,}{upper}."
    )


def _share_lines(title: str, shares: Iterable[Share]) -> Iterator[str]:
    rows = list(shares)
    width = max(len(title), *(len(row.name) for row in rows))
    yield f"{title:<{width}}  share  requests  learners  could be served"
    for share in rows:
        requests, learners = (
            f"{share.served}/{share.asked}",
            f"{share.learners_served}/{share.learners_asked}",
        )
        yield f"{share.name:<{width}}  {share.share:>5.0%}  {requests:>8}  {learners:>8}  {share.servable:>15}"
