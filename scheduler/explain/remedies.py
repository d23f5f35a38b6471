"""Remedies: a few changes by which a blocked request could be served, each tried out, checked and priced."""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.messages import message
from domain.windows import DAY_MIN, Window, Windows
from scheduler.documents.records import Assignment, Volunteer
from scheduler.explain.availability import OF_PEOPLE, AvailabilityCache, RelaxedRules
from scheduler.explain.cheapest import CheapestOptions, Option, conflicts
from scheduler.explain.editable_plan import EditablePlan, EditableSession
from scheduler.explain.edits import Edit, apply_edits, with_window
from scheduler.explain.free_starts import ALL_WEEK
from scheduler.explain.making_room import insert_and_eject, make_room, reinsert
from scheduler.explain.pricing import Price, TentativeChange
from scheduler.explain.required_edits import edits_for
from scheduler.explain.wording import Names, hours, say_edit, say_moves, say_price
from scheduler.instance.instance import Placement

_LIMITS = ("max_minutes_week", "max_minutes_day")
_TRIES = 6  # options tried out for one set of relaxed rules
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
        A rough price of asking, in minutes, by which the remedies of one request are ordered.
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
    """Search for remedies for one request; the plan is left as it was."""

    def __init__(
        self, plan: EditablePlan, request: int, names: Names, cache: AvailabilityCache | None = None
    ) -> None:
        self.plan, self.request_index, self.names = plan, request, names
        self.cache = cache or AvailabilityCache(plan, request)
        self.request = plan.instance.requests[request]

    def find(self, sets: list[RelaxedRules], limit: int = 5) -> list[Remedy]:
        """At most `limit` remedies, the cheapest first.

        The cheapest for each set of relaxed rules is among them, one that hands a session over, and one with newcomers.
        """
        tried = [self._cheapest(relaxed) for relaxed in sets if "skill" not in relaxed]
        handed = (self._handing_over(relaxed) for relaxed in sets if "load" in relaxed)
        tried.append(next(filter(None, handed), None))
        about_people = [relaxed for relaxed in sets if relaxed & set(OF_PEOPLE)]
        if about_people and self.request.leads:
            fewest = min(about_people, key=lambda relaxed: len(relaxed - set(OF_PEOPLE)))
            tried.append(self._with_newcomers(fewest))
        remedies = [remedy for remedy in tried if remedy]
        different = {remedy.sentence: remedy for remedy in sorted(remedies, key=_effort, reverse=True)}
        return sorted(different.values(), key=_effort)[:limit]

    def without_change(self, placements: list[Placement]) -> Remedy | None:
        """The remedy that changes nothing, for placements that keep every rule."""
        return self._try(Option(0.0, tuple(placements)), moves=0)

    def _options(self, relaxed: RelaxedRules) -> list[Option]:
        return CheapestOptions(self.plan, self.request_index, relaxed, cache=self.cache).options()[:_TRIES]

    def _cheapest(self, relaxed: RelaxedRules) -> Remedy | None:
        """The first option that works with moves of others, else the first that works with a loss."""
        options = self._options(relaxed)
        tried = (self._try(option, drop=drop) for drop in (False, True) for option in options)
        return next(filter(None, tried), None)

    def _try(
        self, option: Option, newcomers: tuple[Volunteer, ...] = (), *, moves: int = 2, drop: bool = False
    ) -> Remedy | None:
        """Edit, move or drop what an option takes, and undo it; None where that breaks a rule after all."""
        change = TentativeChange(self.plan)
        change.remember(self.request_index)
        apply_edits(self.plan, (), newcomers)
        edits = edits_for(self.plan, self.request_index, list(option.placements))
        apply_edits(self.plan, edits or ())
        fits = edits is not None and (
            self._drop(change, option)
            if drop
            else make_room(change, self.request_index, option.placements, moves)
        )
        return self._finish(change, option, edits if fits else None, newcomers)

    def _finish(
        self,
        change: TentativeChange,
        option: Option,
        edits: list[Edit] | None,
        newcomers: tuple[Volunteer, ...] = (),
    ) -> Remedy | None:
        """Price a change and undo it; it has failed where `edits` is None."""
        if edits is None:
            change.undo()
            return None
        price = change.price_and_undo()
        return None if price is None else self._remedy(option, tuple(edits), newcomers, price)

    def _handing_over(self, relaxed: RelaxedRules) -> Remedy | None:
        """A remedy in which somebody with too few minutes left hands another session of theirs over."""
        for option in self._options(relaxed):
            for session in self._sessions_of_overloaded(option):
                if remedy := self._handing_over_session(option, session):
                    return remedy
        return None

    def _sessions_of_overloaded(self, option: Option) -> list[EditableSession]:
        """Sessions of those in the team who would have too many minutes; pinned ones stay."""
        plan, minutes = self.plan, self.request.duration_min
        over = {
            person
            for placement in option.placements
            for person in placement.team
            if not plan.load_left(person, minutes) & plan.day(placement.start // DAY_MIN)
            or not plan.load_left_week(person, minutes * len(option.placements))
        }
        sessions = [session for person in sorted(over) for session in plan.of_person[person]]
        pinned = plan.timetable.pinned
        return [
            session
            for session in dict.fromkeys(sessions)
            if session.request != self.request_index
            and session.placement not in pinned.get(session.request, ())
        ]

    def _handing_over_session(self, option: Option, session: EditableSession) -> Remedy | None:
        change = TentativeChange(self.plan)
        change.remember(self.request_index)
        change.remember(session.request)
        self.plan.take(session.request, session.placement)
        edits = edits_for(self.plan, self.request_index, list(option.placements))
        if edits is None or any(edit.key in _LIMITS for edit in edits):
            return self._finish(change, option, None)
        apply_edits(self.plan, edits)
        fits = make_room(change, self.request_index, option.placements) and reinsert(change, session, 1)
        return self._finish(change, option, edits if fits else None)

    def _drop(self, change: TentativeChange, option: Option) -> bool:
        """Give up the requests in conflict with an option, if all of them weigh less."""
        instance = self.plan.instance
        losers = {
            session.request
            for placement in option.placements
            for session in conflicts(self.plan, self.request_index, placement)
        }
        placed = self.plan.timetable.placed
        lost = sum(instance.requests[loser].weight * len(placed[loser]) for loser in losers)
        if not losers or lost >= instance.requests[self.request_index].weight * len(option.placements):
            return False
        for loser in losers:
            change.remember(loser)
            for placement in list(placed[loser]):
                if placement in self.plan.timetable.pinned.get(loser, ()):
                    return False
                self.plan.take(loser, placement)
        return insert_and_eject(change, self.request_index, option.placements) == []

    def _remedy(
        self, option: Option, edits: tuple[Edit, ...], newcomers: tuple[Volunteer, ...], price: Price
    ) -> Remedy:
        asks = [self._say_newcomer(person) for person in newcomers]
        asks += [say_edit(self.names, edit) for edit in edits]
        moves = say_moves(self.names, price, self.request.id)
        withdrawn = {assignment.request for assignment in price.withdrawn}
        dropped = withdrawn - {assignment.request for assignment in price.placed}
        kinds = [*(["newcomer"] if newcomers else []), *(edit.key for edit in edits)]
        kinds += ["drop"] if dropped else ["move"] if moves else []
        own = (assignment for assignment in price.placed if assignment.request == self.request.id)
        places = "; ".join(map(self.names.describe, own))
        steps = [*asks, *moves] or [message("it fits as things are")]
        sentence = message("{steps:; }", steps=steps)
        return Remedy(
            tuple(kinds) or ("nothing",),
            message("{steps:capital}: then {places}.", steps=sentence, places=places),
            say_price(self.plan, price, self.request_index, edits),
            edits, newcomers, price.placed, price.withdrawn, price.goals,
            option.effort + _NEWCOMER * len(newcomers) + _LOSS * len(dropped) + 10 * len(moves),
        )  # fmt: skip

    def _say_newcomer(self, person: Volunteer) -> str:
        when = hours(person.available)
        if not person.skills and person.vetted:
            return message("one more vetted assistant on {hours}", hours=when)
        if not person.skills:
            return message("one more assistant on {hours}", hours=when)
        topic = self.request.topic
        if person.vetted:
            return message("one more vetted lead for {topic} on {hours}", topic=topic, hours=when)
        return message("one more lead for {topic} on {hours}", topic=topic, hours=when)

    # ---- Newcomers

    def _with_newcomers(self, relaxed: RelaxedRules) -> Remedy | None:
        """The remedy with the fewest newcomers, available at just the times of the sessions."""
        rest = relaxed - set(OF_PEOPLE)
        for count in range(1, self.request.leads + self.request.assistants + 1):
            people = [self._newcomer(index, rest) for index in range(count)]
            mark = self.plan.mark()
            apply_edits(self.plan, (), people)
            options = CheapestOptions(self.plan, self.request_index, rest).options(_TRIES)
            self.plan.undo(mark)
            for option in options:
                newcomers = tuple(
                    replace(person, available=self._hours(option, index))
                    for index, person in enumerate(people, len(self.plan.instance.volunteers))
                )
                everybody_comes = all(person.available for person in newcomers)
                if everybody_comes and (remedy := self._try(option, newcomers)):
                    return remedy
        return None

    def _hours(self, option: Option, person: int) -> Windows:
        windows: Windows = ()
        for placement in option.placements:
            if person in placement.team:
                session = Window(placement.start, placement.start + self.request.duration_min)
                windows = with_window(windows, session)
        return windows

    def _newcomer(self, number: int, relaxed: RelaxedRules) -> Volunteer:
        """A volunteer who lives where the request comes from; the first `leads` lead, the others assist."""
        leads = number < self.request.leads
        return Volunteer(
            f"newcomer-{number + 1}", f"newcomer {number + 1}", "newcomer", self.request.location,
            frozenset({self.request.topic} if leads else ()),
            ALL_WEEK if "acceptable" in relaxed else self.request.acceptable,
            frozenset({"lead", "assistant"} if leads else {"assistant"}), vetted=self.request.minors,
        )  # fmt: skip


def _effort(remedy: Remedy) -> float:
    return remedy.effort
