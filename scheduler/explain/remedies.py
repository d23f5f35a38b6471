"""Decide how a blocked request could be served after all: a few changes, each tried out, checked and priced."""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.windows import DAY_MIN, Window, Windows
from scheduler.documents.records import Assignment, Volunteer
from scheduler.explain.availability import OF_PEOPLE, AvailabilityCache, RelaxedRules
from scheduler.explain.cheapest import Candidate, CheapestCandidates, conflicts
from scheduler.explain.editable_plan import EditablePlan, PlacedSession
from scheduler.explain.edits import Edit, apply_edits, with_window
from scheduler.explain.free_starts import ALL_WEEK
from scheduler.explain.making_room import insert_and_eject, make_room, reinsert
from scheduler.explain.pricing import Price, TentativeChange
from scheduler.explain.required_edits import edits_for
from scheduler.explain.wording import Names, hours, say_edit, say_moves, say_price
from scheduler.instance.instance import Placement

_LIMITS = ("max_minutes_week", "max_minutes_day")
_TRIES = 6  # candidates tried out for one set of facts
_NEWCOMER = 150.0  # the effort of finding one more volunteer, beside those in `cheapest`
_LOSS = 1000.0  # what makes giving up a session the last resort


@dataclass(frozen=True, slots=True)
class Remedy:
    """One way to serve a request, tried out on a copy of the plan.

    Attributes
    ----------
    kinds : tuple of str
        What is asked for: the keys edited, "newcomer", "move", "drop", or "nothing" where it fits as things are.
    sentence, price : str
        For people: what to do; what is gained and lost.
    edits, newcomers
        What changes in the problem.
    placed, withdrawn : tuple of Assignment
        What changes in the plan: sessions that are new or have moved, and those no longer there.
    goals : dict
        For each goal of the problem how much it gains, below 0 how much it loses.
    effort : float
        A rough price of asking, by which ways of one request are ordered.
    """

    kinds: tuple[str, ...]
    sentence: str
    price: str
    edits: tuple[Edit, ...]
    newcomers: tuple[Volunteer, ...]
    placed: tuple[Assignment, ...]
    withdrawn: tuple[Assignment, ...]
    goals: dict[str, int]
    effort: float


class RemedySearch:
    """Finds ways out for one request on a board, which is left as it was."""

    def __init__(
        self, plan: EditablePlan, request: int, names: Names, cache: AvailabilityCache | None = None
    ) -> None:
        self.plan, self.request_index, self.names = plan, request, names
        self.cache = cache or AvailabilityCache(plan, request)
        self.request = plan.instance.requests[request]

    def find(self, sets: list[RelaxedRules], limit: int = 5) -> list[Remedy]:
        """The cheapest way for each set of facts, and one with a newcomer; at most `most`, the cheapest first."""
        remedies = [remedy for relaxed in sets if "skill" not in relaxed if (remedy := self._for(relaxed))]
        remedies += [
            remedy for relaxed in sets if "load" in relaxed if (remedy := self._handing_over(relaxed))
        ][:1]
        about_people = [relaxed for relaxed in sets if relaxed & set(OF_PEOPLE)]
        if about_people and self.request.leads:
            newcomer = self._with_newcomer(
                min(about_people, key=lambda relaxed: len(relaxed - set(OF_PEOPLE)))
            )
            remedies += [newcomer] if newcomer else []
        different = {remedy.sentence: remedy for remedy in sorted(remedies, key=_effort, reverse=True)}
        return sorted(different.values(), key=_effort)[:limit]

    def without_change(self, placements: list[Placement]) -> Remedy | None:
        """The way that changes nothing, where there is one."""
        return self._try(Candidate(0.0, tuple(placements)), (), moves=0)

    def _for(self, relaxed: RelaxedRules) -> Remedy | None:
        candidates = CheapestCandidates(self.plan, self.request_index, relaxed, cache=self.cache).candidates()
        for candidate in candidates[:_TRIES]:
            if remedy := self._try(candidate, ()):
                return remedy
        return next(
            (remedy for candidate in candidates[:_TRIES] if (remedy := self._try(candidate, (), drop=True))),
            None,
        )

    def _try(
        self, candidate: Candidate, newcomers: tuple[Volunteer, ...], *, moves: int = 2, drop: bool = False
    ) -> Remedy | None:
        """Do it on the board, take it back, and say what it was worth; None where it breaks a rule after all."""
        edits = edits_for(self.plan, self.request_index, list(candidate.placements))
        if edits is None:
            return None
        change = TentativeChange(self.plan)
        change.remember(self.request_index)
        apply_edits(self.plan, edits, newcomers)
        if not (
            self._drop(change, candidate)
            if drop
            else make_room(change, self.request_index, candidate.placements, moves)
        ):
            change.undo()
            return None
        price = change.price_and_undo()
        return None if price is None else self._remedy(candidate, tuple(edits), newcomers, price)

    def _handing_over(self, relaxed: RelaxedRules) -> Remedy | None:
        """A way in which somebody with too few minutes left gives another session of theirs to somebody else."""
        for candidate in CheapestCandidates(
            self.plan, self.request_index, relaxed, cache=self.cache
        ).candidates()[:_TRIES]:
            for session in self._sessions_of_overloaded(candidate):
                if remedy := self._handing_over_session(candidate, session):
                    return remedy
        return None

    def _sessions_of_overloaded(self, candidate: Candidate) -> list[PlacedSession]:
        """Sessions of those in the team who would have too many minutes; pinned ones stay."""
        plan, minutes = self.plan, self.request.duration_min
        over = {
            person
            for placement in candidate.placements
            for person in placement.team
            if not plan.load_left(person, minutes) & plan.day(placement.start // DAY_MIN)
            or not plan.load_left_week(person, minutes * len(candidate.placements))
        }
        sessions = [session for person in sorted(over) for session in plan.of_person[person]]
        pinned = plan.timetable.pinned
        return [
            session
            for session in dict.fromkeys(sessions)
            if session.request != self.request_index
            and session.placement not in pinned.get(session.request, ())
        ]

    def _handing_over_session(self, candidate: Candidate, session: PlacedSession) -> Remedy | None:
        change = TentativeChange(self.plan)
        change.remember(self.request_index)
        change.remember(session.request)
        self.plan.take(session.request, session.placement)
        edits = edits_for(self.plan, self.request_index, list(candidate.placements))
        if edits is None or any(edit.key in _LIMITS for edit in edits):
            change.undo()
            return None
        apply_edits(self.plan, edits)
        if not (make_room(change, self.request_index, candidate.placements) and reinsert(change, session, 1)):
            change.undo()
            return None
        price = change.price_and_undo()
        return None if price is None else self._remedy(candidate, tuple(edits), (), price)

    def _drop(self, change: TentativeChange, candidate: Candidate) -> bool:
        """Give up what is in the way, if all of it weighs less."""
        instance = self.plan.instance
        losers = {
            session.request
            for placement in candidate.placements
            for session in conflicts(self.plan, self.request_index, placement)
        }
        lost = sum(
            instance.requests[loser].weight * len(self.plan.timetable.placed[loser]) for loser in losers
        )
        if not losers or lost >= instance.requests[self.request_index].weight * len(candidate.placements):
            return False
        for loser in losers:
            change.remember(loser)
            for placement in list(self.plan.timetable.placed[loser]):
                if placement in self.plan.timetable.pinned.get(loser, ()):
                    return False
                self.plan.take(loser, placement)
        return insert_and_eject(change, self.request_index, candidate.placements) == []

    def _remedy(
        self, candidate: Candidate, edits: tuple[Edit, ...], newcomers: tuple[Volunteer, ...], price: Price
    ) -> Remedy:
        asks = [self._say_newcomer(person) for person in newcomers]
        asks += [say_edit(self.names, edit) for edit in edits]
        moves = say_moves(self.names, price, self.request.id)
        dropped = {assignment.request for assignment in price.withdrawn} - {
            assignment.request for assignment in price.placed
        }
        kinds = [*(["newcomer"] if newcomers else []), *(edit.key for edit in edits)]
        kinds += ["drop"] if dropped else ["move"] if moves else []
        places = "; ".join(
            self.names.describe(assignment)
            for assignment in price.placed
            if assignment.request == self.request.id
        )
        sentence = "; ".join([*asks, *moves]) or "it fits as things are"
        return Remedy(
            tuple(kinds) or ("nothing",),
            f"{sentence[0].upper()}{sentence[1:]}: then {places}.",
            say_price(self.plan, price, self.request_index, edits),
            edits, newcomers, price.placed, price.withdrawn, price.goals,
            candidate.effort + _NEWCOMER * len(newcomers) + _LOSS * len(dropped) + 10 * len(moves),
        )  # fmt: skip

    def _say_newcomer(self, person: Volunteer) -> str:
        vetted = "vetted " if person.vetted else ""
        topic = f"lead for {self.request.topic}" if person.skills else "assistant"
        return f"one more {vetted}{topic} on {hours(person.available)}"

    # ---- Somebody new

    def _with_newcomer(self, relaxed: RelaxedRules) -> Remedy | None:
        """As few new people as will do, free at just the times of the sessions."""
        rest = relaxed - set(OF_PEOPLE)
        for count in range(1, self.request.leads + self.request.assistants + 1):
            people = [self._newcomer(index, rest) for index in range(count)]
            mark = self.plan.mark()
            apply_edits(self.plan, (), people)
            options = CheapestCandidates(self.plan, self.request_index, rest).candidates(_TRIES)
            self.plan.undo(mark)
            for option in options:
                used = tuple(
                    replace(person, available=self._hours(option, len(self.plan.instance.volunteers) + index))
                    for index, person in enumerate(people)
                )
                if all(person.available for person in used) and (remedy := self._try_with(option, used)):
                    return remedy
        return None

    def _try_with(self, option: Candidate, used: tuple[Volunteer, ...]) -> Remedy | None:
        mark = self.plan.mark()
        apply_edits(self.plan, (), used)
        edits = edits_for(self.plan, self.request_index, list(option.placements))
        self.plan.undo(mark)
        if edits is None:
            return None
        change = TentativeChange(self.plan)
        change.remember(self.request_index)
        apply_edits(self.plan, edits, used)
        if not make_room(change, self.request_index, option.placements):
            change.undo()
            return None
        price = change.price_and_undo()
        return None if price is None else self._remedy(option, tuple(edits), used, price)

    def _hours(self, option: Candidate, person: int) -> Windows:
        windows: Windows = ()
        for placement in option.placements:
            if person in placement.team:
                windows = with_window(
                    windows, Window(placement.start, placement.start + self.request.duration_min)
                )
        return windows

    def _newcomer(self, number: int, relaxed: RelaxedRules) -> Volunteer:
        """Somebody who lives where the request comes from; the first ones lead, the others assist."""
        leads = number < self.request.leads
        return Volunteer(
            f"newcomer-{number + 1}", f"newcomer {number + 1}", "newcomer", self.request.location,
            frozenset({self.request.topic} if leads else ()),
            ALL_WEEK if "acceptable" in relaxed else self.request.acceptable,
            frozenset({"lead", "assistant"} if leads else {"assistant"}), vetted=self.request.minors,
        )  # fmt: skip


def _effort(remedy: Remedy) -> float:
    return remedy.effort
