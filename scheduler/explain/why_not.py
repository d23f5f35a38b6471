"""Decide why a request is not served, and what would serve it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from scheduler.documents.codec import MalformedDocument, read_plan, read_problem
from scheduler.explain.blocking import Blocked, Blocking
from scheduler.explain.blocking_facts import BlockingFact, never, tell
from scheduler.explain.editable_plan import Bare, EditablePlan, PlacedSession
from scheduler.explain.edits import Document
from scheduler.explain.remedies import Remedy, Ways
from scheduler.explain.why_this import Competitor, Places, WhyThis
from scheduler.explain.wording import Names
from scheduler.rules.check import check, check_pins


class UnknownRequest(KeyError):
    """A request that the problem does not have."""

    def __str__(self) -> str:
        return f"the problem has no request {self.args[0]!r}"


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why a request is not served.

    Attributes
    ----------
    request, title, learners
        Of the request.
    missing : int
        How many of its sessions are not placed; 0 where it is served.
    facts : tuple of Fact
        A smallest set of facts that block it beside the rest of the plan: were all of them different it could be
        placed, and as long as any one of them stands it cannot. Empty where it fits as things are.
    others : tuple of tuple of str
        Other smallest sets, by the codes of their facts.
    whatever_is_planned : tuple of Fact
        The same for an otherwise empty week: what no better plan would help against. Empty where it only competes.
    ways : tuple of WayOut
        At most five ways to serve it, each tried out, the cheapest first.
    sure : bool
        False where a search gave up, so that a smaller set may exist.
    """

    request: str
    title: str
    learners: int
    missing: int
    facts: tuple[BlockingFact, ...]
    others: tuple[tuple[str, ...], ...]
    whatever_is_planned: tuple[BlockingFact, ...]
    ways: tuple[Remedy, ...]
    sure: bool


class Explainer:
    """Explains one plan; the week is laid out once and used for every question.

    Raises
    ------
    MalformedDocument
        If a document is not in the format, or the plan breaks a rule.
    """

    def __init__(self, problem: Document, plan: Document) -> None:
        self.problem = read_problem(problem)
        check_pins(self.problem)
        self.plan = read_plan(plan, self.problem)
        broken = check(self.problem, self.plan.assignments)
        if broken:
            raise MalformedDocument(f"assignments: the plan breaks a rule: {breach}" for breach in broken)
        self.document = problem
        self.names = Names(self.problem)
        self.instance = Bare(self.problem)
        self.board = EditablePlan(self.instance, self.plan.assignments)
        self.empty = EditablePlan(self.instance, ())

    def at(self, request: str) -> int:
        """The place of a request in the document."""
        try:
            return self.instance.request_index[request]
        except KeyError:
            raise UnknownRequest(request) from None

    def is_placed(self, request: str) -> bool:
        """Whether any of its sessions is in the plan."""
        return bool(self.board.timetable.placed.get(self.at(request)))

    def why_this(self, request: str, session: int = 1) -> WhyThis:
        """What a placed session competes with, and what it would cost elsewhere.

        Raises
        ------
        UnknownRequest
            If the problem does not have the request, or the plan has no such session of it.
        """
        at = self.at(request)
        numbered = dict(self.board.numbered.get(at, ()))
        if session not in numbered:
            raise UnknownRequest(f"{request}#{session}")
        placement = numbered[session]
        looked = Places(self.board, self.names, PlacedSession(at, placement))
        rivals = looked.competitors([self.at(name) for name in self.unserved()])
        pinned = placement in self.board.timetable.pinned.get(at, ())
        requests = self.problem.requests
        return WhyThis(
            request, requests[at].title, session, self.instance.assignment(at, session, placement), pinned,
            tuple(Competitor(requests[rival].id, requests[rival].title, requests[rival].learners) for rival in rivals),
            () if pinned else tuple(looked.elsewhere(rivals)),
        )  # fmt: skip

    def unserved(self) -> list[str]:
        """Requests none of whose sessions is placed, in the document's order."""
        placed = {assignment.request for assignment in self.plan.assignments}
        return [request.id for request in self.problem.requests if request.id not in placed]

    def why_not(self, request: str) -> WhyNot:
        """Why a request, or what is missing of it, is not placed.

        Raises
        ------
        UnknownRequest
            If the problem does not have it.
        """
        at = self.at(request)
        wanted, missing = self.problem.requests[at], self.board.missing(at)
        blocking = Blocking(self.board, at)
        blocked = blocking.find() if missing else Blocked()
        always = Blocking(self.empty, at).smallest() if missing and not blocked.fits else Blocked()
        ways = Ways(self.board, at, self.names, blocking.known)
        remedies = ways.find(blocked.sets)
        if blocked.fits and (simple := ways.as_it_is(blocked.fits)):
            remedies = [simple]
        return WhyNot(
            wanted.id, wanted.title, wanted.learners, missing,
            self._facts(at, blocked),
            tuple(tuple(sorted(one)) for one in blocked.sets[1:]),
            self._facts(at, always),
            tuple(remedies),
            blocked.sure and always.sure,
        )  # fmt: skip

    def _facts(self, at: int, blocked: Blocked) -> tuple[BlockingFact, ...]:
        if blocked.never:
            return (never(self.board, at),)
        return tuple(tell(self.board, at, code) for code in sorted(blocked.sets[0])) if blocked.sets else ()

    def all_unserved(self, on_progress: Callable[[int, int], None] | None = None) -> Iterator[WhyNot]:
        """Every unserved request explained, in the document's order."""
        names = self.unserved()
        for done, name in enumerate(names):
            if on_progress is not None:
                on_progress(done, len(names))
            yield self.why_not(name)


def why_not(problem: Document, plan: Document, request: str) -> WhyNot:
    """Why one request of a plan is not served; `Explainer` answers many questions about one plan faster."""
    return Explainer(problem, plan).why_not(request)


def why_this(problem: Document, plan: Document, request: str, session: int = 1) -> WhyThis:
    """What one placed session of a plan competes with, and what pinning it elsewhere would cost."""
    return Explainer(problem, plan).why_this(request, session)


def most_common(answers: Iterable[WhyNot]) -> dict[str, int]:
    """How many requests each fact is in the way of, the commonest first."""
    counts: dict[str, int] = {}
    for answer in answers:
        for fact in answer.facts:
            counts[fact.code] = counts.get(fact.code, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
