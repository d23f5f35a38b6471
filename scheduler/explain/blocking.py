"""Decide what blocks a request: the smallest sets of facts that, set aside together, let it be placed.

Such a set is a minimal correction set: with all of it set aside there is a place, and with any one of its facts kept
there is none. They are found as minimum hitting sets of cores (Reiter 1987; the implicit hitting sets of Davies and
Bacchus 2011): whatever is still blocked is grown as far as it stays blocked, and any answer has to touch the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations

from scheduler.explain.availability import FACTS, NOTHING, Known, Left, RelaxedRules, room_lacks
from scheduler.explain.breaks import broken_facts
from scheduler.explain.editable_plan import EditablePlan
from scheduler.explain.feasibility_search import FeasibilitySearch
from scheduler.instance.instance import Placement

# Among sets of one size the fact that is most often changed is named first: a plan, then hours, then everything else.
_RANK = (
    "volunteer_clash", "room_clash", "load", "venue_cap", "cohort_clash", "available", "open", "acceptable", "capacity",
    "same_leads", "per_day", "home", "reach", "equipment", "minors", "skill", "welcome", "access",
)  # fmt: skip
_ENOUGH = 2  # sets of the smallest size, after which no larger ones are looked for


@dataclass(slots=True)
class Blocked:
    """What blocks one request.

    Attributes
    ----------
    sets : list of frozenset of str
        Minimal sets of facts, the smallest first; empty where nothing blocks it or nothing could help.
    fits : list of Placement or None
        A place for it as things are, where there is one.
    never : bool
        No rule set aside would help: it asks for more people than there are, or for more than a day.
    sure : bool
        False where a search gave up, so that a smaller set may exist.
    """

    sets: list[RelaxedRules] = field(default_factory=list)
    fits: list[Placement] | None = None
    never: bool = False
    sure: bool = True


class Blocking:
    """Finds out what blocks one request on a board."""

    def __init__(self, board: EditablePlan, request: int) -> None:
        self.board, self.request = board, request
        self.facts = sorted(_relevant(board, request), key=_RANK.index)
        self.known = Known(board, request)
        self.free = Left(board, request, NOTHING, self.known)
        self.seen: list[RelaxedRules] = []  # facts that the places found so far break
        self.sure = True

    def find(self, most: int = 6) -> Blocked:
        """The smallest sets, up to `most` of them, and the next larger ones where they are few."""
        fits, gave_up = self._look(NOTHING)
        if fits is not None:
            return Blocked(fits=fits)
        possible = self._possible(frozenset(self.facts))
        self.sure = not gave_up and possible is not None
        if not possible:
            return Blocked(never=True, sure=self.sure)
        found: list[RelaxedRules] = []
        cores = [self._core(NOTHING)]
        for size in range(1, len(self.facts) + 1):
            before = len(found)
            self._of_size(size, found, cores, most)
            if found and (before or len(found) >= min(most, _ENOUGH)):
                break
        return Blocked(found[:most], sure=self.sure)

    def smallest(self) -> Blocked:
        """One smallest set only."""
        return self.find(1)

    def _of_size(self, size: int, found: list[RelaxedRules], cores: list[RelaxedRules], most: int) -> None:
        for chosen in combinations(self.facts, size):
            aside = frozenset(chosen)
            if len(found) >= most:
                return
            if any(known <= aside for known in found) or any(not core & aside for core in cores):
                continue
            possible = self._possible(aside)
            if possible:
                found.append(aside)
            elif possible is None:
                self.sure = False
            else:
                cores.append(self._core(aside))

    def _core(self, aside: RelaxedRules) -> RelaxedRules:
        """Facts of which at least one more has to be set aside: what is left once the set cannot grow further.

        Where a search gives up the set does not grow, so that what is left is larger and still true.
        """
        grown = aside
        for fact in self.facts:
            if fact not in grown and self._possible(grown | {fact}) is False:
                grown |= {fact}
        return frozenset(self.facts) - grown

    def _possible(self, aside: RelaxedRules) -> bool | None:
        """Whether there is a place with these facts set aside; None where the search gave up."""
        if any(known <= aside for known in self.seen):
            return True
        placements, gave_up = self._look(aside)
        if placements is not None:
            self.seen.append(broken_facts(self.free, placements))
        return None if placements is None and gave_up else placements is not None

    def _look(self, aside: RelaxedRules) -> tuple[list[Placement] | None, bool]:
        seeker = FeasibilitySearch(self.board, self.request, aside, self.known)
        placements = seeker.find()
        return placements, seeker.gave_up


def _relevant(board: EditablePlan, request: int) -> set[str]:
    """The facts that can be in this request's way at all."""
    instance, wanted = board.instance, board.instance.requests[request]
    facts = {"acceptable", "open", "room_clash"}
    for room in instance.rooms:
        facts.update(room_lacks(wanted, room))
    if wanted.max_travel_km is not None:
        facts.add("reach")
    if any(venue.weekly_cap_min is not None for venue in instance.venues):
        facts.add("venue_cap")
    if wanted.cohorts:
        facts.add("cohort_clash")
    if wanted.sessions > 1:
        facts.add("per_day")
        facts.update(["same_leads"] if wanted.same_leads and wanted.leads else [])
    if wanted.leads + wanted.assistants:
        facts.update(("available", "volunteer_clash", "load", "skill", "home"))
        facts.update(["minors"] if wanted.minors or _led_by_minors(board, wanted.topic) else [])
    return facts & set(FACTS)


def _led_by_minors(board: EditablePlan, topic: str) -> bool:
    """Whether a minor would lead it, if minors led; somebody new to the topic may be one too."""
    del topic
    return any(volunteer.minor for volunteer in board.instance.volunteers)
