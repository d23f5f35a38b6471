"""Why a request is not served: the smallest sets of rules that block it, and remedies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from domain.messages import message
from scheduler.documents.codec import MalformedDocument, read_plan, read_problem
from scheduler.explain.blocking import Blocked, Blocking
from scheduler.explain.blocking_facts import BlockingFact, blocking_fact, impossible_fact
from scheduler.explain.editable_plan import BareInstance, EditablePlan, EditableSession
from scheduler.explain.edits import Document
from scheduler.explain.remedies import Remedy, RemedySearch
from scheduler.explain.why_this import Alternatives, Competitor, WhyThis
from scheduler.explain.wording import Names
from scheduler.rules.check import check, check_pins


class UnknownRequest(KeyError):
    """A request that the problem does not have."""

    def __str__(self) -> str:
        return message("the problem has no request {request!r}", request=self.args[0])


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why a request is not served.

    Attributes
    ----------
    request, title, learners
        Of the request.
    missing : int
        How many of its sessions are not placed; 0 where it is served.
    facts : tuple of BlockingFact
        A minimal correction set beside the rest of the plan: with all of these rules relaxed it can be placed, and
        as long as any one of them stands it cannot. Empty where it fits as things are.
    others : tuple of tuple of str
        Further minimal sets, by the codes of their rules.
    whatever_is_planned : tuple of BlockingFact
        The same in an otherwise empty plan, where no better plan would help; empty where it only competes.
    ways : tuple of Remedy
        At most five remedies, each tried out, the cheapest first.
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
    """Answers questions about one plan of a problem, both as documents; they are read and indexed once.

    Raises
    ------
    MalformedDocument
        If a document is not in the format, or the plan breaks a rule.
    """

    def __init__(self, problem: Document, plan: Document) -> None:
        self.problem = read_problem(problem)
        check_pins(self.problem)
        self.assignments = read_plan(plan, self.problem).assignments
        breaches = check(self.problem, self.assignments)
        if breaches:
            raise MalformedDocument(
                message("assignments: the plan breaks a rule: {breach}", breach=breach) for breach in breaches
            )
        self.document = problem
        self.names = Names(self.problem)
        self.instance = BareInstance(self.problem)
        self.plan = EditablePlan(self.instance, self.assignments)
        self.empty_plan = EditablePlan(self.instance, ())

    def index_of(self, request: str) -> int:
        """The index of a request in the document.

        Raises
        ------
        UnknownRequest
        """
        try:
            return self.instance.request_index[request]
        except KeyError:
            raise UnknownRequest(request) from None

    def is_placed(self, request: str) -> bool:
        """Whether any of its sessions is in the plan."""
        return bool(self.plan.timetable.placed.get(self.index_of(request)))

    def why_this(self, request: str, session: int = 1) -> WhyThis:
        """What a placed session competes with, and what it would cost elsewhere.

        Raises
        ------
        UnknownRequest
            If the problem does not have the request, or the plan has no such session of it.
        """
        index = self.index_of(request)
        numbered = dict(self.plan.numbered.get(index, ()))
        if session not in numbered:
            raise UnknownRequest(message("{request}#{session}", request=request, session=session))
        placement = numbered[session]
        alternatives = Alternatives(self.plan, self.names, EditableSession(index, placement))
        rivals = alternatives.competitors([self.index_of(name) for name in self.unserved()])
        pinned = placement in self.plan.timetable.pinned.get(index, ())
        requests = self.problem.requests
        return WhyThis(
            request, requests[index].title, session, self.instance.assignment(index, session, placement), pinned,
            tuple(Competitor(requests[rival].id, requests[rival].title, requests[rival].learners) for rival in rivals),
            () if pinned else tuple(alternatives.elsewhere(rivals)),
        )  # fmt: skip

    def unserved(self) -> list[str]:
        """Ids of the requests without any placed session, in the document's order."""
        placed = {assignment.request for assignment in self.assignments}
        return [request.id for request in self.problem.requests if request.id not in placed]

    def why_not(self, request: str) -> WhyNot:
        """Why a request, or what is missing of it, is not placed.

        Raises
        ------
        UnknownRequest
        """
        index = self.index_of(request)
        record, missing = self.problem.requests[index], self.plan.missing(index)
        blocking = Blocking(self.plan, index)
        blocked = blocking.find() if missing else Blocked()
        is_blocked = missing and not blocked.fits
        blocked_always = Blocking(self.empty_plan, index).smallest() if is_blocked else Blocked()
        search = RemedySearch(self.plan, index, self.names, blocking.cache)
        remedies = search.find(blocked.sets)
        if blocked.fits and (simple := search.without_change(blocked.fits)):
            remedies = [simple]
        return WhyNot(
            record.id, record.title, record.learners, missing,
            self._facts(index, blocked),
            tuple(tuple(sorted(rules)) for rules in blocked.sets[1:]),
            self._facts(index, blocked_always),
            tuple(remedies),
            blocked.sure and blocked_always.sure,
        )  # fmt: skip

    def _facts(self, index: int, blocked: Blocked) -> tuple[BlockingFact, ...]:
        if blocked.never:
            return (impossible_fact(self.plan, index),)
        rules = sorted(blocked.sets[0]) if blocked.sets else ()
        return tuple(blocking_fact(self.plan, index, code) for code in rules)

    def all_unserved(self, on_progress: Callable[[int, int], None] | None = None) -> Iterator[WhyNot]:
        """Explain every unserved request, in the document's order.

        `on_progress` is called with how many are done and how many there are.
        """
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
    """How many requests each rule blocks, by its code, the commonest first."""
    counts: dict[str, int] = {}
    for answer in answers:
        for fact in answer.facts:
            counts[fact.code] = counts.get(fact.code, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
