"""Ranked suggestions of placements for a session of a draft.

Every suggestion has been judged as a whole, so that it breaks no hard rule; see `_rank` for the order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from domain.messages import message
from scheduler.documents.records import Assignment
from scheduler.explain.editable_plan import BareInstance, EditablePlan, EditableSession
from scheduler.explain.wording import Names
from scheduler.instance.instance import Placement
from scheduler.rules.check import Breach
from scheduler.rules.moves import Judge
from scheduler.suggest.move_pairs import MovePairs
from scheduler.suggest.placements import ANYWHERE, PlacementSearch, Where
from scheduler.suggest.similarity import distance, nearness

Involvement: TypeAlias = Literal["asked", "moved", "freed"]
_WEIGHED = 200  # places for one session alone that are weighed, the nearest first


class UnknownSession(LookupError):
    """A session that its request does not have, or a request that the week does not have."""


@dataclass(frozen=True, slots=True)
class Move:
    """One session: where it is, None where it has no place, and where it would go."""

    before: Assignment | None
    after: Assignment


@dataclass(frozen=True, slots=True)
class ConcernedVolunteer:
    """A volunteer to call: asked to come, asked to come to another time or place, or freed."""

    volunteer: str
    request: str
    session: int
    part: Involvement


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One placement for a session, and what it takes.

    Attributes
    ----------
    moves : tuple of Move
        The session that was asked about, and at most one other.
    warnings : tuple of Breach
        The soft rules that it breaks; it breaks no hard one.
    goals : dict
        What each goal of the problem gains; below 0 it loses.
    people : tuple of Concerned
    learners : int
        How many learners have to be told.
    sentence : str
    """

    moves: tuple[Move, ...]
    warnings: tuple[Breach, ...]
    goals: dict[str, int]
    people: tuple[ConcernedVolunteer, ...]
    learners: int
    sentence: str


@dataclass(frozen=True, slots=True)
class _Option:
    """Moves before they are weighed: request, number, where it was and where it goes."""

    steps: tuple[tuple[int, int, Placement | None, Placement], ...]


def suggest(
    judge: Judge, request: str, session: int, where: Where = ANYWHERE, *, moves: int = 2, limit: int = 10
) -> tuple[Suggestion, ...]:
    """Rank placements for one session of a draft; the same draft and question give the same answer.

    Parameters
    ----------
    judge : Judge
        Holds the problem and the draft.
    session : int
        Its number; it may have no place yet.
    moves : int
        1: nothing else moves. 2: one other session may make room, or go with it.
    limit : int
        How many suggestions at most.

    Raises
    ------
    UnknownSession
        If the week has no such request, or the request no such session.
    """
    return Suggester(judge).suggest(request, session, where, moves=moves, limit=limit)


class Suggester:
    """An editable plan of a draft, to be asked about one session after the other."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        known_requests = {request.id for request in judge.problem.requests}
        placed_now = [assignment for assignment in judge.draft if assignment.request in known_requests]
        self.plan = EditablePlan(BareInstance(replace(judge.problem, pins=())), placed_now)
        self.instance = self.plan.instance
        self.names = Names(judge.problem)
        self.placed = {(assignment.request, assignment.session): assignment for assignment in placed_now}
        pinned = {(pin.request, pin.session) for pin in judge.problem.pins}
        self.fixed = frozenset(
            EditableSession(
                self.instance.request_index[assignment.request], self.instance.placement(assignment)
            )
            for assignment in placed_now
            if (assignment.request, assignment.session) in pinned
        )

    def suggest(
        self, request: str, session: int, where: Where = ANYWHERE, *, moves: int = 2, limit: int = 10
    ) -> tuple[Suggestion, ...]:
        """As `scheduler.suggest.suggest` does for the draft of the judge."""
        index = self.instance.request_index.get(request)
        if index is None or not 1 <= session <= self.instance.requests[index].sessions:
            raise UnknownSession(
                message(
                    "the week has no session {session} of request {request}", session=session, request=request
                )
            )
        now = self.placed.get((request, session))
        near = None if now is None else self.instance.placement(now)
        mark = self.plan.mark()
        if near is not None:
            self.plan.take(index, near)
        options = list(self._options(index, session, near, where, moves))
        self.plan.undo(mark)
        return tuple(self._best(options, where, limit))

    def _options(
        self, request: int, session: int, near: Placement | None, where: Where, moves: int
    ) -> Iterator[_Option]:
        search = PlacementSearch(self.plan, request, near, where)
        singles = sorted(
            search,
            key=lambda placement: (
                nearness(self.plan, request, near, placement),
                placement.room,
                placement.leads,
            ),
        )
        yield from (_Option(((request, session, near, placement),)) for placement in singles[:_WEIGHED])
        for pair in MovePairs(self.plan, request, near, where, self.fixed) if moves > 1 else ():
            number = self._number(pair.partner, pair.was, session)
            yield _Option(
                ((request, session, near, pair.placement), (pair.partner, number, pair.was, pair.then))
            )

    def _number(self, request: int, was: Placement | None, session: int) -> int:
        """The number of the session with that placement; of two the one that is not `session`, where none has."""
        for number, placement in self.plan.numbered[request]:
            if placement == was:
                return number
        return 3 - session

    def _best(self, options: list[_Option], where: Where, limit: int) -> Iterator[Suggestion]:
        """In order of rank; one that overlaps a better one at the same venue with the same leads is left out.

        Where a venue was asked for, its rooms are told apart.
        """
        weighed = sorted((self._weighed(option) for option in options), key=lambda option: option[0])
        taken: list[Placement] = []
        for _, option, suggestion in weighed:
            if len(taken) == limit:
                return
            request, _, _, placement = option.steps[0]
            minutes = self.instance.requests[request].duration_min
            comparable = (
                taken
                if where.venue is None
                else [suggested for suggested in taken if suggested.room == placement.room]
            )
            if any(self._alike(placement, second, minutes) for second in comparable):
                continue
            if not self.judge.judge(move.after for move in suggestion.moves).broken:
                taken.append(placement)
                yield suggestion

    def _alike(self, placement: Placement, second: Placement, minutes: int) -> bool:
        venues = self.instance.room_venue
        same = venues[placement.room] == venues[second.room] and set(placement.leads) == set(second.leads)
        return same and abs(placement.start - second.start) < minutes

    def _weighed(self, option: _Option) -> tuple[tuple[object, ...], _Option, Suggestion]:
        suggestion = self._suggestion(option)
        return self._rank(option, suggestion), option, suggestion

    def _rank(self, option: _Option, suggestion: Suggestion) -> tuple[object, ...]:
        """Fewest soft rules, moves and new people; then least distance, most of the goals, least shift and seats."""
        shift = [
            nearness(self.plan, request, near, placement)[3:] for request, _, near, placement in option.steps
        ]
        return (
            len(suggestion.warnings),
            len(suggestion.moves),
            sum(concerned.part == "asked" for concerned in suggestion.people),
            sum(distance(self.plan, near, placement) for _, _, near, placement in option.steps),
            tuple(-suggestion.goals[goal] for goal in self.judge.problem.goals),
            tuple(shift),
            tuple((placement.start, placement.room, placement.team) for _, _, _, placement in option.steps),
        )

    def _suggestion(self, option: _Option) -> Suggestion:
        moves = tuple(self._move(*step) for step in option.steps)
        change = self.judge.change(move.after for move in moves)
        people = tuple(concerned for move in moves for concerned in _concerned(move))
        requests = {move.after.request for move in moves}
        learners = sum(self.names.requests[request].learners for request in requests)
        warnings, goals = self.judge.warnings(change), self.judge.gains(change)
        return Suggestion(moves, warnings, goals, people, learners, self._sentence(moves))

    def _move(self, request: int, session: int, near: Placement | None, placement: Placement) -> Move:
        before = None if near is None else self.instance.assignment(request, session, near)
        return Move(before, self.instance.assignment(request, session, placement))

    def _sentence(self, moves: tuple[Move, ...]) -> str:
        first, *others = moves
        phrases = [self.names.describe(first.after)]
        for move in others:
            session, after = self.names.session(move.after), self.names.describe(move.after)
            phrases.append(
                message(
                    "{session} goes from {before} to {after}",
                    session=session,
                    before=self.names.describe(move.before),
                    after=after,
                )
                if move.before
                else message("{session} goes to {after}", session=session, after=after)
            )
        return message("{phrases:; }.", phrases=phrases)


def _concerned(move: Move) -> Iterator[ConcernedVolunteer]:
    before = {*move.before.leads, *move.before.assistants} if move.before else set()
    after = {*move.after.leads, *move.after.assistants}
    still = move.before is not None and (move.before.begin_min, move.before.room) == (
        move.after.begin_min,
        move.after.room,
    )
    for name in sorted(before | after):
        part: Involvement = "freed" if name not in after else "asked" if name not in before else "moved"
        if part != "moved" or not still:
            yield ConcernedVolunteer(name, move.after.request, move.after.session, part)
