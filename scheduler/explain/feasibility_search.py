"""Feasibility of one request beside the rest of a plan: an exact backtracking search under relaxed rules.

Each missing session of the request gets a start, a room and a team. Each rule has a name; a relaxed rule may be broken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import combinations, combinations_with_replacement, islice

from domain.windows import DAY_MIN
from scheduler.explain.availability import NOTHING, Availability, AvailabilityCache, RelaxedRules, union
from scheduler.explain.course_rules import CourseRules
from scheduler.explain.editable_plan import EditablePlan
from scheduler.instance.instance import Placement

_NODES = 2_000  # placements tried for sessions that depend on each other, before the search gives up
Team = tuple[tuple[int, ...], tuple[int, ...]]


class FeasibilitySearch:
    """Search for placements of the missing sessions of one request.

    Parameters
    ----------
    relaxed : frozenset of str
        Rules that a placement may break, out of `RELAXABLE`.
    cache : AvailabilityCache, optional
        Shared by searches for the same request in the same plan.

    Attributes
    ----------
    need : int
        Sessions to place; see `Availability`.
    gave_up : bool
        True where the search ended before it had seen everything: then "no" proves nothing.
    effort : callable
        Ranks assistants by (volunteer, start, venue) where there is a choice, the least first.
    """

    def __init__(
        self,
        plan: EditablePlan,
        request_index: int,
        relaxed: RelaxedRules = NOTHING,
        cache: AvailabilityCache | None = None,
    ) -> None:
        self.availability = Availability(plan, request_index, relaxed, cache)
        self.plan, self.request, self.need = plan, self.availability.request, self.availability.need
        self.bit = self.availability.bit
        self.relaxed, self.gave_up = relaxed, False
        self.effort: Callable[[int, int, int], float] = lambda *_: 0.0
        self._nodes = 0
        self._assistants: dict[tuple[int, int], list[int]] = {}
        self._may_hold_cache: dict[tuple[tuple[int, ...], int], bool] = {}
        self._masks: dict[tuple[int, tuple[int, ...] | None], int] = {}

    def find(self) -> list[Placement] | None:
        """Placements that keep every rule that is not relaxed, `need` of them; None where there are none."""
        if self.need <= 0 or not self.availability.at_venue or self._too_few_adults():
            return None
        if self.need == 1:
            return self._find_single()
        for teams in self._team_combinations():
            placements = self._backtrack([], list(teams))
            if placements is not None or self._exhausted():
                return placements
        return None

    def _find_single(self) -> list[Placement] | None:
        leads = self.availability.own[0].leads if self._keeps_leads and self.availability.own else None
        for venue in self.availability.at_venue:
            for start in self.plan.grid.starts(self._mask(venue, leads)):
                return [next(self._places(venue, start, leads, []))]
        return None

    def _too_few_adults(self) -> bool:
        return self.request.team_too_small and "minors" not in self.relaxed

    @property
    def _keeps_leads(self) -> bool:
        return self.request.same_leads and "same_leads" not in self.relaxed and self.request.leads > 0

    def _team_combinations(self) -> Iterator[tuple[tuple[int, ...], ...]]:
        """The leads of each session, as far as days, hours and weekly loads could allow them."""
        teams: Iterable[tuple[int, ...]] = combinations(self.availability.leads, self.request.leads)
        if self._keeps_leads:
            teams = [self.availability.own[0].leads] if self.availability.own else teams
            yield from ((team,) * self.need for team in teams if self._may_hold(team, self.need))
            return
        everybody = list(teams)
        yield from ((team,) * self.need for team in everybody if self._may_hold(team, self.need))
        able = [team for team in everybody if self._may_hold(team, 1)]
        masks = {team: union(self.starts_of(team).values()) for team in able}
        days_needed = 0 if "per_day" in self.relaxed else self.need
        if self._days(union(masks.values())) < days_needed:
            return
        for line_up in combinations_with_replacement(able, self.need):
            if self._exhausted():
                return
            if len(set(line_up)) == 1 or self._days(union(masks[team] for team in line_up)) < days_needed:
                continue
            if all(self._may_hold(team, times) for team, times in Counter(line_up).items()):
                yield line_up

    def _may_hold(self, team: tuple[int, ...], times: int) -> bool:
        """Whether a team could lead so many sessions, were no other team there: necessary, not sufficient."""
        key = team, times
        if key not in self._may_hold_cache:
            loads = all(self.availability.load_allows(person, times) for person in team)
            may_hold = loads and self._has_hours(team, times) and self._has_places(team, times)
            self._may_hold_cache[key] = may_hold
        return self._may_hold_cache[key]

    def _has_hours(self, team: tuple[int, ...], times: int) -> bool:
        """Whether the team has hours for so many sessions at any venue; rooms and ways are not looked at."""
        mask = self._starts_anywhere
        for person in team:
            mask &= self.availability.base(person)
        return mask != 0 if "per_day" in self.relaxed else self._days(mask) >= times

    @cached_property
    def _starts_anywhere(self) -> int:
        return union(self.availability.at_venue.values())

    def _days(self, mask: int) -> int:
        return sum(capacity for day, capacity in self._capacity_of_days if mask & day)

    @cached_property
    def _capacity_of_days(self) -> list[tuple[int, int]]:
        """For each day the mask of its starts, and how many sessions more of the request may be on it."""
        return [(self.plan.day(day), self.availability.room_on_day(day, ())) for day in range(7)]

    def _has_places(self, team: tuple[int, ...], times: int) -> bool:
        """Whether the venues, one after another, have starts for so many sessions of the team."""
        simple = times == 1 or (self.request.max_sessions_per_day == 1 and "per_day" not in self.relaxed)
        mask = 0
        for venue in self._venues_of(team):
            mask |= self._mask(venue, team)
            if mask and simple and (times == 1 or self._days(mask) >= times):
                return True
        return not simple and self._session_count(team, times, mask) >= times

    def _venues_of(self, team: tuple[int, ...]) -> Iterable[int]:
        if "home" in self.relaxed or not team:
            return self.availability.at_venue
        near = self.plan.instance.comes_to[team[0]]
        return [venue for venue in self.availability.at_venue if venue in near]

    def _session_count(self, team: tuple[int, ...], limit: int, mask: int) -> int:
        """The largest number of sessions that fit into the team's starts, up to `limit`: the earliest first."""
        apart = bool(team) and "volunteer_clash" not in self.relaxed
        ready, days = 0, Counter[int]()
        for start in self.plan.grid.starts(mask):
            day = start // DAY_MIN
            limit_today = self._daily_limit(day, team)
            if start >= ready and days[day] < limit_today:
                days[day] += 1 if apart else limit_today
                ready = start + self.availability.minutes
            if days.total() >= limit:
                break
        return days.total()

    def _daily_limit(self, day: int, team: tuple[int, ...]) -> int:
        """How many sessions a team may have on a day, by the request's limit and their own."""
        day_load = self.plan.timetable.day_load
        limit = self.need if "per_day" in self.relaxed else self.availability.room_on_day(day, ())
        for person in team if "load" not in self.relaxed else ():
            day_limit = self.plan.instance.volunteers[person].max_min_day
            if day_limit is not None:
                limit = min(limit, (day_limit - day_load.get((person, day), 0)) // self.availability.minutes)
        return limit

    def starts_of(self, team: tuple[int, ...]) -> dict[int, int]:
        """For each venue the mask of the starts at which these people can lead; venues without any are left out."""
        masks = {venue: self._mask(venue, team) for venue in self._venues_of(team)}
        return {venue: mask for venue, mask in masks.items() if mask}

    def _mask(self, venue: int, leads: tuple[int, ...] | None) -> int:
        """The starts at which a room and a team are free at once; any leads where None are given."""
        key = venue, leads
        if key not in self._masks:
            self._masks[key] = self._fresh_mask(venue, leads)
        return self._masks[key]

    def _fresh_mask(self, venue: int, leads: tuple[int, ...] | None) -> int:
        mask = self.availability.at_venue[venue]
        if leads is not None:
            for lead in leads:
                mask &= self.availability.person_starts(lead, venue)
        elif self.request.leads:
            mask &= self.availability.leads_count(venue)[self.request.leads - 1]
        return self._with_assistants(venue, mask, leads) if mask and self.request.assistants else mask

    def _with_assistants(self, venue: int, mask: int, leads: tuple[int, ...] | None) -> int:
        """The starts with assistants too; only where they are scarce does it matter that leads cannot be assistants."""
        leads_count, team = self.request.leads, self.request.leads + self.request.assistants
        anybody, adults = self.availability.assistants_count(venue)
        adults_needed = 0 if "minors" in self.relaxed else self.request.adult_assistants_needed
        enough = mask & anybody[team - 1] & (adults[adults_needed + leads_count - 1] if adults_needed else -1)
        scarce = mask & anybody[self.request.assistants - 1] & ~enough
        for start in self.plan.grid.starts(scarce):
            if self.team_at(venue, start, leads):
                enough |= self.bit(start)
        return enough

    def team_at(self, venue: int, start: int, leads: tuple[int, ...] | None) -> Team | None:
        """A team for one session by itself; leads who cannot assist first, and adults among those who assist."""
        could_assist = self._assistants_at(venue, start) if self.request.assistants else []
        if leads is None:
            ranked = sorted(self._leads_at(venue, start), key=set(could_assist).__contains__)
            leads = tuple(ranked[: self.request.leads])
            if len(leads) < self.request.leads:
                return None
        others = (person for person in could_assist if person not in leads)
        assistants = tuple(islice(others, self.request.assistants))
        complete = len(assistants) == self.request.assistants and self.availability.safe(leads + assistants)
        return (leads, assistants) if complete else None

    def _leads_at(self, venue: int, start: int) -> list[int]:
        return self._free_at(self.availability.leads_at(venue), start) if self.request.leads else []

    def _assistants_at(self, venue: int, start: int) -> list[int]:
        """Who could assist there, adults first and then by effort."""
        key = venue, start
        if key not in self._assistants:
            people, efforts = self.plan.instance.volunteers, self.effort
            free = self._free_at(self.availability.assistants_at(venue), start)
            free.sort(key=lambda who: (people[who].minor, efforts(who, start, venue)))
            self._assistants[key] = free
        return self._assistants[key]

    def _free_at(self, people: list[tuple[int, int]], start: int) -> list[int]:
        bit = self.bit(start)
        return [person for person, starts in people if starts & bit]

    def _backtrack(self, chosen: list[Placement], teams: list[tuple[int, ...]]) -> list[Placement] | None:
        """Place the sessions in order of time, backtracking over every choice that could matter to the others."""
        if not teams:
            return chosen
        for placement in self._next(chosen, dict.fromkeys(teams)):
            rest = list(teams)
            rest.remove(placement.leads)
            placements = self._backtrack([*chosen, placement], rest)
            if placements is not None or self._exhausted():
                return placements
        return None

    def _next(self, chosen: list[Placement], teams: Iterable[tuple[int, ...]]) -> Iterator[Placement]:
        earliest = chosen[-1].start if chosen else 0
        for team in teams:
            seen: set[int] = set()
            for venue in self._venues_of(team):
                for start in self.plan.grid.starts(self._mask(venue, team)):
                    if start < earliest or start in seen or self._full(start, chosen):
                        continue
                    for placement in self._places(venue, start, team, chosen):
                        yield placement
                        if self._rooms_interchangeable:
                            seen.update([] if self.request.assistants else [start])
                            break

    def _full(self, start: int, chosen: list[Placement]) -> bool:
        """Whether the day has all the sessions that may be on it."""
        return "per_day" not in self.relaxed and self.availability.room_on_day(start // DAY_MIN, chosen) <= 0

    @cached_property
    def _rooms_interchangeable(self) -> bool:
        """Whether it makes no difference to the other sessions which room one session has."""
        availability, instance = self.availability, self.plan.instance
        rooms = [room for rooms in availability.rooms.values() for room, _ in rooms]
        latest = max(start % DAY_MIN for start in self.plan.grid.starts(self._starts_anywhere))
        gap = max(gap for room in rooms for _, gap in instance.related[room])
        total_min = self.need * availability.minutes
        venues_have = all(self.plan.timetable.venue_has(venue, total_min) for venue in availability.at_venue)
        return (
            self.request.max_sessions_per_day == 1
            and "per_day" not in self.relaxed
            and latest + availability.minutes + gap <= DAY_MIN
            and ("venue_cap" in self.relaxed or venues_have)
        )

    def _places(
        self, venue: int, start: int, leads: tuple[int, ...] | None, chosen: list[Placement]
    ) -> Iterator[Placement]:
        bit, course_rules = self.bit(start), CourseRules(self.availability, chosen)
        for team in self.teams_at(venue, start, leads):
            for room, mask in self.availability.rooms[venue]:
                placement = Placement(start, room, *team)
                if mask & bit and course_rules.allows(placement):
                    yield placement
            if self._exhausted():
                return

    def teams_at(self, venue: int, start: int, leads: tuple[int, ...] | None) -> Iterator[Team]:
        """Teams for one session by itself, that of `team_at` first, until the search is exhausted."""
        first = self.team_at(venue, start, leads)
        if first is None:
            return
        yield first
        any_leads = combinations(self._leads_at(venue, start), self.request.leads)
        sets: Iterable[tuple[int, ...]] = any_leads if leads is None else [leads]
        could_assist = (
            self._free_at(self.availability.assistants_at(venue), start) if self.request.assistants else []
        )
        for team in sets:
            others = [person for person in could_assist if person not in team]
            for assistants in combinations(others, self.request.assistants):
                if (team, assistants) != first and self.availability.safe(team + assistants):
                    yield team, assistants
                if self._exhausted():
                    return

    def _exhausted(self) -> bool:
        self._nodes += 1
        self.gave_up = self.gave_up or self._nodes > _NODES
        return self.gave_up
