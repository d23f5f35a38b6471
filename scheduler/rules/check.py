"""Check of a list of assignments by the hard rules of docs/format.md, apart from all models and searches.

No model or search shares code with this module and `rules`, so that a mistake there cannot hide here. It judges a
solver's plan before it leaves, and a coordinator's moves by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from domain.messages import message
from scheduler.documents.codec import MalformedDocument
from scheduler.documents.labels import Labels
from scheduler.documents.records import Assignment, Problem
from scheduler.rules import people, sessions
from scheduler.rules.week import Rule, SessionId, Week, lay_out


@dataclass(frozen=True, slots=True)
class Breach:
    """A broken rule: its name in docs/format.md, a sentence that names both sides, and the sessions concerned."""

    rule: str
    sentence: str
    sessions: tuple[SessionId, ...]

    def __str__(self) -> str:
        return message("{rule}: {sentence}", rule=self.rule, sentence=self.sentence)


def check(problem: Problem, assignments: Iterable[Assignment]) -> tuple[Breach, ...]:
    """Name every breach of the hard rules, in the rules' order.

    Parameters
    ----------
    problem : Problem
        As `read_problem` gives it.
    assignments : iterable of Assignment
        The whole plan: `whole` and `pin` judge what is missing too.

    Raises
    ------
    MalformedDocument
        If an assignment names a room or a volunteer that the problem does not know.
    """
    return breaches(lay_out(problem, assignments), RULES)


def check_with_labels(problem: Problem, assignments: Iterable[Assignment]) -> tuple[Breach, ...]:
    """As `check`, with titles and names in the sentences instead of ids, where the problem has them."""
    assignments = tuple(assignments)
    broken, labels = check(problem, assignments), Labels(problem)
    labelled = check(labels.problem(), labels.assignments(assignments))
    expected = [
        (breach.rule, tuple((labels.request(id), number) for id, number in breach.sessions))
        for breach in broken
    ]
    if [(breach.rule, breach.sessions) for breach in labelled] != expected:
        return broken  # a label is the id of another thing
    return tuple(
        replace(breach, sentence=twin.sentence) for breach, twin in zip(broken, labelled, strict=True)
    )


def check_pins(problem: Problem) -> None:
    """Refuse a problem whose pins break a rule; `whole` is not asked of the pins alone.

    Raises
    ------
    MalformedDocument
        Naming each rule and both sides.
    """
    rules = {name: rule for name, rule in RULES.items() if name not in ("whole", "pin")}
    broken = breaches(lay_out(problem, problem.pins), rules)
    if broken:
        raise MalformedDocument(message("pins: {breach}", breach=breach) for breach in broken)


def breaches(week: Week, rules: Mapping[str, Rule]) -> tuple[Breach, ...]:
    """Every breach of some of the rules, in their order."""
    return tuple(
        Breach(name, sentence, tuple(session.id for session in concerned))
        for name, rule in rules.items()
        for sentence, concerned in rule(week)
    )


RULES: dict[str, Rule] = {
    "session": sessions.session_exists,
    "whole": sessions.all_or_none,
    "per_day": sessions.few_a_day,
    "grid": sessions.on_grid,
    "acceptable": sessions.at_acceptable_time,
    "open": sessions.while_open,
    "fit": sessions.in_fitting_room,
    "reach": sessions.in_reach,
    "room_clash": sessions.rooms_free,
    "venue_cap": sessions.venues_within_cap,
    "team": people.team_complete,
    "skill": people.skilled,
    "available": people.people_available,
    "home": people.near_home,
    "volunteer_clash": people.volunteers_free,
    "load": people.load_bearable,
    "minors": people.minors_safe,
    "same_leads": people.led_by_the_same,
    "cohort_clash": people.cohorts_free,
    "pin": sessions.pins_kept,
}
