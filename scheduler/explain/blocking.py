"""Minimal correction sets: the smallest sets of rules that, relaxed together, let a request be placed.

With all rules of such a set relaxed there is a placement, and with any one of them kept there is none. They are found
as minimum hitting sets of cores (Reiter 1987; the implicit hitting sets of Davies and Bacchus 2011): a set of relaxed
rules under which the request is still blocked is grown as far as it stays blocked, and any answer contains a rule of
the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations

from scheduler.explain.availability import (
    NOTHING,
    RELAXABLE,
    Availability,
    AvailabilityCache,
    RelaxedRules,
    fit_violations,
)
from scheduler.explain.broken_rules import broken_rules
from scheduler.explain.editable_plan import EditablePlan
from scheduler.explain.feasibility_search import FeasibilitySearch
from scheduler.instance.instance import Placement

# Among sets of one size the rule that is most easily met comes first: by another plan, other hours, then anything else.
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
        Minimal correction sets, the smallest first; empty where nothing blocks it or nothing could help.
    fits : list of Placement or None
        Placements that keep every rule, where there are any.
    never : bool
        No relaxation helps: it asks for more people than there are, or for more than a day.
    sure : bool
        False where a search gave up, so that a smaller set may exist.
    """

    sets: list[RelaxedRules] = field(default_factory=list)
    fits: list[Placement] | None = None
    never: bool = False
    sure: bool = True


class Blocking:
    """Search for the rules that block one request in a plan."""

    def __init__(self, plan: EditablePlan, request_index: int) -> None:
        self.plan, self.request_index = plan, request_index
        self.rules = sorted(_relevant(plan, request_index), key=_RANK.index)
        self.cache = AvailabilityCache(plan, request_index)
        self.availability = Availability(plan, request_index, NOTHING, self.cache)
        self.seen: list[RelaxedRules] = []  # the rules that the placements found so far break
        self.sure = True

    def find(self, limit: int = 6) -> Blocked:
        """The smallest sets, up to `limit` of them, and those of the next size where they are few."""
        fits, gave_up = self._look(NOTHING)
        if fits is not None:
            return Blocked(fits=fits)
        possible = self._possible(frozenset(self.rules))
        self.sure = not gave_up and possible is not None
        if not possible:
            return Blocked(never=True, sure=self.sure)
        sets: list[RelaxedRules] = []
        cores = [self._core(NOTHING)]
        for size in range(1, len(self.rules) + 1):
            before = len(sets)
            self._of_size(size, sets, cores, limit)
            if sets and (before or len(sets) >= min(limit, _ENOUGH)):
                break
        return Blocked(sets[:limit], sure=self.sure)

    def smallest(self) -> Blocked:
        """One smallest set only."""
        return self.find(1)

    def _of_size(self, size: int, sets: list[RelaxedRules], cores: list[RelaxedRules], limit: int) -> None:
        for chosen in combinations(self.rules, size):
            relaxed = frozenset(chosen)
            if len(sets) >= limit:
                return
            if any(smaller <= relaxed for smaller in sets) or any(not core & relaxed for core in cores):
                continue
            possible = self._possible(relaxed)
            if possible:
                sets.append(relaxed)
            elif possible is None:
                self.sure = False
            else:
                cores.append(self._core(relaxed))

    def _core(self, relaxed: RelaxedRules) -> RelaxedRules:
        """A core: rules of which at least one more has to be relaxed, the rest once the set cannot grow further.

        Where a search gives up the set does not grow, so that the core is larger and still true.
        """
        grown = relaxed
        for rule in self.rules:
            if rule not in grown and self._possible(grown | {rule}) is False:
                grown |= {rule}
        return frozenset(self.rules) - grown

    def _possible(self, relaxed: RelaxedRules) -> bool | None:
        """Whether there is a placement with these rules relaxed; None where the search gave up."""
        if any(broken <= relaxed for broken in self.seen):
            return True
        placements, gave_up = self._look(relaxed)
        if placements is not None:
            self.seen.append(broken_rules(self.availability, placements))
        return None if placements is None and gave_up else placements is not None

    def _look(self, relaxed: RelaxedRules) -> tuple[list[Placement] | None, bool]:
        search = FeasibilitySearch(self.plan, self.request_index, relaxed, self.cache)
        placements = search.find()
        return placements, search.gave_up


def _relevant(plan: EditablePlan, request_index: int) -> set[str]:
    """The rules that can block this request at all."""
    instance, request = plan.instance, plan.instance.requests[request_index]
    rules = {"acceptable", "open", "room_clash"}
    for room in instance.rooms:
        rules.update(fit_violations(request, room))
    if request.max_travel_km is not None:
        rules.add("reach")
    if any(venue.weekly_cap_min is not None for venue in instance.venues):
        rules.add("venue_cap")
    if request.cohorts:
        rules.add("cohort_clash")
    if request.sessions > 1:
        rules.add("per_day")
        rules.update(["same_leads"] if request.same_leads and request.leads else [])
    if request.leads + request.assistants:
        rules.update(("available", "volunteer_clash", "load", "skill", "home"))
        any_minor = any(volunteer.minor for volunteer in instance.volunteers)
        rules.update(["minors"] if request.minors or any_minor else [])
    return rules & set(RELAXABLE)
