"""Decide how a blocked request could be served after all: a few changes, each tried out, checked and priced."""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.windows import DAY_MIN, Window, Windows
from scheduler.documents.records import Assignment, Volunteer
from scheduler.explain.availability import OF_PEOPLE, Known, RelaxedRules
from scheduler.explain.cheapest import Candidate, Cheapest, in_the_way
from scheduler.explain.editable_plan import EditablePlan, PlacedSession
from scheduler.explain.edits import Edit, do, with_window
from scheduler.explain.free_starts import ALL_WEEK
from scheduler.explain.making_room import clear, make_room, resettle
from scheduler.explain.pricing import Ledger, Price
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


class Ways:
    """Finds ways out for one request on a board, which is left as it was."""

    def __init__(self, board: EditablePlan, request: int, names: Names, known: Known | None = None) -> None:
        self.board, self.request, self.names = board, request, names
        self.known = known or Known(board, request)
        self.wanted = board.instance.requests[request]

    def find(self, sets: list[RelaxedRules], most: int = 5) -> list[Remedy]:
        """The cheapest way for each set of facts, and one with a newcomer; at most `most`, the cheapest first."""
        remedies = [way for aside in sets if "skill" not in aside if (way := self._for(aside))]
        remedies += [way for aside in sets if "load" in aside if (way := self._handing_over(aside))][:1]
        about_people = [aside for aside in sets if aside & set(OF_PEOPLE)]
        if about_people and self.wanted.leads:
            newcomer = self._with_newcomer(min(about_people, key=lambda aside: len(aside - set(OF_PEOPLE))))
            remedies += [newcomer] if newcomer else []
        different = {way.sentence: way for way in sorted(remedies, key=_effort, reverse=True)}
        return sorted(different.values(), key=_effort)[:most]

    def as_it_is(self, places: list[Placement]) -> Remedy | None:
        """The way that changes nothing, where there is one."""
        return self._try(Candidate(0.0, tuple(places)), (), moves=0)

    def _for(self, aside: RelaxedRules) -> Remedy | None:
        candidates = Cheapest(self.board, self.request, aside, known=self.known).candidates()
        for candidate in candidates[:_TRIES]:
            if way := self._try(candidate, ()):
                return way
        return next((way for one in candidates[:_TRIES] if (way := self._try(one, (), drop=True))), None)

    def _try(
        self, one: Candidate, newcomers: tuple[Volunteer, ...], *, moves: int = 2, drop: bool = False
    ) -> Remedy | None:
        """Do it on the board, take it back, and say what it was worth; None where it breaks a rule after all."""
        edits = edits_for(self.board, self.request, list(one.places))
        if edits is None:
            return None
        ledger = Ledger(self.board)
        ledger.touch(self.request)
        do(self.board, edits, newcomers)
        if not (self._drop(ledger, one) if drop else make_room(ledger, self.request, one.places, moves)):
            ledger.cancel()
            return None
        price = ledger.settle()
        return None if price is None else self._told(one, tuple(edits), newcomers, price)

    def _handing_over(self, aside: RelaxedRules) -> Remedy | None:
        """A way in which somebody with too few minutes left gives another session of theirs to somebody else."""
        for candidate in Cheapest(self.board, self.request, aside, known=self.known).candidates()[:_TRIES]:
            for sitting in self._too_much_for(candidate):
                if way := self._without(candidate, sitting):
                    return way
        return None

    def _too_much_for(self, one: Candidate) -> list[PlacedSession]:
        """Sessions of those in the team who would have too many minutes; pinned ones stay."""
        board, minutes = self.board, self.wanted.duration_min
        over = {
            person
            for placement in one.places
            for person in placement.team
            if not board.load_left(person, minutes) & board.day(placement.start // DAY_MIN)
            or not board.load_left_week(person, minutes * len(one.places))
        }
        sessions = [sitting for person in sorted(over) for sitting in board.of_person[person]]
        pinned = board.timetable.pinned
        return [
            sitting
            for sitting in dict.fromkeys(sessions)
            if sitting.request != self.request and sitting.at not in pinned.get(sitting.request, ())
        ]

    def _without(self, one: Candidate, sitting: PlacedSession) -> Remedy | None:
        ledger = Ledger(self.board)
        ledger.touch(self.request)
        ledger.touch(sitting.request)
        self.board.take(sitting.request, sitting.at)
        edits = edits_for(self.board, self.request, list(one.places))
        if edits is None or any(change.key in _LIMITS for change in edits):
            ledger.cancel()
            return None
        do(self.board, edits)
        if not (make_room(ledger, self.request, one.places) and resettle(ledger, sitting, 1)):
            ledger.cancel()
            return None
        price = ledger.settle()
        return None if price is None else self._told(one, tuple(edits), (), price)

    def _drop(self, ledger: Ledger, one: Candidate) -> bool:
        """Give up what is in the way, if all of it weighs less."""
        instance = self.board.instance
        losers = {
            sitting.request for at in one.places for sitting in in_the_way(self.board, self.request, at)
        }
        lost = sum(
            instance.requests[loser].weight * len(self.board.timetable.placed[loser]) for loser in losers
        )
        if not losers or lost >= instance.requests[self.request].weight * len(one.places):
            return False
        for loser in losers:
            ledger.touch(loser)
            for placement in list(self.board.timetable.placed[loser]):
                if placement in self.board.timetable.pinned.get(loser, ()):
                    return False
                self.board.take(loser, placement)
        return clear(ledger, self.request, one.places) == []

    def _told(
        self, one: Candidate, edits: tuple[Edit, ...], newcomers: tuple[Volunteer, ...], price: Price
    ) -> Remedy:
        asks = [self._say_newcomer(person) for person in newcomers]
        asks += [say_edit(self.names, change) for change in edits]
        others = say_moves(self.names, price, self.wanted.id)
        dropped = {assignment.request for assignment in price.withdrawn} - {
            assignment.request for assignment in price.placed
        }
        kinds = [*(["newcomer"] if newcomers else []), *(change.key for change in edits)]
        kinds += ["drop"] if dropped else ["move"] if others else []
        places = "; ".join(
            self.names.place(assignment)
            for assignment in price.placed
            if assignment.request == self.wanted.id
        )
        sentence = "; ".join([*asks, *others]) or "it fits as things are"
        return Remedy(
            tuple(kinds) or ("nothing",),
            f"{sentence[0].upper()}{sentence[1:]}: then {places}.",
            say_price(self.board, price, self.request, edits),
            edits, newcomers, price.placed, price.withdrawn, price.goals,
            one.effort + _NEWCOMER * len(newcomers) + _LOSS * len(dropped) + 10 * len(others),
        )  # fmt: skip

    def _say_newcomer(self, person: Volunteer) -> str:
        vetted = "vetted " if person.vetted else ""
        topic = f"lead for {self.wanted.topic}" if person.skills else "assistant"
        return f"one more {vetted}{topic} on {hours(person.available)}"

    # ---- Somebody new

    def _with_newcomer(self, aside: RelaxedRules) -> Remedy | None:
        """As few new people as will do, free at just the times of the sessions."""
        rest = aside - set(OF_PEOPLE)
        for count in range(1, self.wanted.leads + self.wanted.assistants + 1):
            people = [self._newcomer(at, rest) for at in range(count)]
            mark = self.board.mark()
            do(self.board, (), people)
            options = Cheapest(self.board, self.request, rest).candidates(_TRIES)
            self.board.undo(mark)
            for option in options:
                used = tuple(
                    replace(
                        person, available=self._hours(option, len(self.board.instance.volunteers) + index)
                    )
                    for index, person in enumerate(people)
                )
                if all(person.available for person in used) and (way := self._try_with(option, used)):
                    return way
        return None

    def _try_with(self, option: Candidate, used: tuple[Volunteer, ...]) -> Remedy | None:
        mark = self.board.mark()
        do(self.board, (), used)
        edits = edits_for(self.board, self.request, list(option.places))
        self.board.undo(mark)
        if edits is None:
            return None
        ledger = Ledger(self.board)
        ledger.touch(self.request)
        do(self.board, edits, used)
        if not make_room(ledger, self.request, option.places):
            ledger.cancel()
            return None
        price = ledger.settle()
        return None if price is None else self._told(option, tuple(edits), used, price)

    def _hours(self, option: Candidate, person: int) -> Windows:
        windows: Windows = ()
        for placement in option.places:
            if person in placement.team:
                windows = with_window(
                    windows, Window(placement.start, placement.start + self.wanted.duration_min)
                )
        return windows

    def _newcomer(self, number: int, rest: RelaxedRules) -> Volunteer:
        """Somebody who lives where the request comes from; the first ones lead, the others assist."""
        leads = number < self.wanted.leads
        return Volunteer(
            f"newcomer-{number + 1}", f"newcomer {number + 1}", "newcomer", self.wanted.location,
            frozenset({self.wanted.topic} if leads else ()),
            ALL_WEEK if "acceptable" in rest else self.wanted.acceptable,
            frozenset({"lead", "assistant"} if leads else {"assistant"}), vetted=self.wanted.minors,
        )  # fmt: skip


def _effort(way: Remedy) -> float:
    return way.effort
