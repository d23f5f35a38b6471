"""Decide whether a request can be placed into what is left: an exact little search.

The model is one request against the rest of the plan: its missing sessions, each with a start, a room and a team.
Every rule that can be in the way is a *fact* with a name; a fact set aside is a slack that the search may use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import combinations, combinations_with_replacement, islice

from domain.windows import DAY_MIN
from scheduler.explain.availability import NOTHING, Known, Left, RelaxedRules, either
from scheduler.explain.course_rules import Together
from scheduler.explain.editable_plan import EditablePlan
from scheduler.instance.instance import Placement

_NODES = 2_000  # placements tried for sessions that depend on each other, before the search gives up
Team = tuple[tuple[int, ...], tuple[int, ...]]


class FeasibilitySearch:
    """Looks for places for the missing sessions of one request.

    `gave_up` says whether the search ended before it had seen everything: then "no" proves nothing. `effort` ranks
    assistants, given as volunteer, start and venue, where there is a choice.
    """

    def __init__(
        self, board: EditablePlan, request: int, aside: RelaxedRules = NOTHING, known: Known | None = None
    ) -> None:
        self.left = Left(board, request, aside, known)
        self.board, self.wanted, self.need = board, self.left.wanted, self.left.need
        self.gave_up = False
        self.effort: Callable[[int, int, int], float] = lambda *_: 0.0
        self._nodes = 0
        self._helpers: dict[tuple[int, int], list[int]] = {}
        self._known: dict[tuple[tuple[int, ...], int], bool] = {}
        self._masks: dict[tuple[int, tuple[int, ...] | None], int] = {}

    def find(self) -> list[Placement] | None:
        """Places for the missing sessions, which keep every rule that is not set aside; None where there are none."""
        if self.need <= 0 or not self.left.at_venue or self._too_few_adults():
            return None
        if self.need == 1:
            return self._alone()
        for teams in self._line_ups():
            placements = self._extend([], list(teams))
            if placements is not None or self._tired():
                return placements
        return None

    def _alone(self) -> list[Placement] | None:
        leads = self.left.own[0].leads if self._same and self.left.own else None
        for venue in self.left.at_venue:
            for start in self.board.grid.starts(self._mask(venue, leads)):
                return [next(self._places(venue, start, leads, []))]
        return None

    def _too_few_adults(self) -> bool:
        return self.wanted.team_too_small and "minors" not in self.left.aside

    @property
    def _same(self) -> bool:
        return self.wanted.same_leads and "same_leads" not in self.left.aside and self.wanted.leads > 0

    def _line_ups(self) -> Iterator[tuple[tuple[int, ...], ...]]:
        """The leads of each session, as far as days, hours and weekly loads could allow them."""
        teams: Iterable[tuple[int, ...]] = combinations(self.left.leads, self.wanted.leads)
        if self._same:
            teams = [self.left.own[0].leads] if self.left.own else teams
            yield from ((team,) * self.need for team in teams if self._could(team, self.need))
            return
        everybody = list(teams)
        yield from ((team,) * self.need for team in everybody if self._could(team, self.need))
        able = [team for team in everybody if self._could(team, 1)]
        masks = {team: either(self.starts_of(team).values()) for team in able}
        if self._days(either(masks.values())) < self.need and "per_day" not in self.left.aside:
            return
        for line_up in combinations_with_replacement(able, self.need):
            if self._tired():
                return
            if len(set(line_up)) == 1:
                continue
            days = (
                "per_day" in self.left.aside
                or self._days(either(map(masks.__getitem__, line_up))) >= self.need
            )
            if days and all(self._could(team, times) for team, times in Counter(line_up).items()):
                yield line_up

    def _could(self, team: tuple[int, ...], times: int) -> bool:
        """Whether a team could hold so many sessions, if no other team were there: needed, not sufficient."""
        key = team, times
        if key not in self._known:
            loads = all(self.left.load_allows(one, times) for one in team)
            self._known[key] = loads and self._roughly(team, times) and self._somehow(team, times)
        return self._known[key]

    def _roughly(self, team: tuple[int, ...], times: int) -> bool:
        """The same, asked of the team's hours alone, wherever they would have to go."""
        mask = self._somewhere
        for one in team:
            mask &= self.left.base(one)
        return mask != 0 if "per_day" in self.left.aside else self._days(mask) >= times

    @cached_property
    def _somewhere(self) -> int:
        return either(self.left.at_venue.values())

    def _days(self, mask: int) -> int:
        return sum(room for whole, room in self._rooms_on_days if mask & whole)

    @cached_property
    def _rooms_on_days(self) -> list[tuple[int, int]]:
        """For each day its starts, and how many sessions more may be on it."""
        return [(self.board.day(day), self.left.room_on_day(day, ())) for day in range(7)]

    def _somehow(self, team: tuple[int, ...], times: int) -> bool:
        """The same, asked venue by venue as long as it takes."""
        simple = times == 1 or (self.wanted.max_sessions_per_day == 1 and "per_day" not in self.left.aside)
        mask = 0
        for venue in self._venues_of(team):
            mask |= self._mask(venue, team)
            if mask and simple and (times == 1 or self._days(mask) >= times):
                return True
        return not simple and self._sittings(team, times, mask) >= times

    def _venues_of(self, team: tuple[int, ...]) -> Iterable[int]:
        if "home" in self.left.aside or not team:
            return self.left.at_venue
        near = self.board.instance.comes_to[team[0]]
        return [venue for venue in self.left.at_venue if venue in near]

    def _sittings(self, team: tuple[int, ...], most: int, mask: int) -> int:
        """How many sessions fit one after the other into the team's starts, earliest first, which is the most."""
        apart = bool(team) and "volunteer_clash" not in self.left.aside
        ready, days = 0, Counter[int]()
        for start in self.board.grid.starts(mask):
            day = start // DAY_MIN
            most_today = self._a_day(day, team)
            if start >= ready and days[day] < most_today:
                days[day] += 1 if apart else most_today
                ready = start + self.left.minutes
            if days.total() >= most:
                break
        return days.total()

    def _a_day(self, day: int, team: tuple[int, ...]) -> int:
        """How many sessions a team may have on a day, by the request's limit and their own."""
        most = self.need if "per_day" in self.left.aside else self.left.room_on_day(day, ())
        for one in team if "load" not in self.left.aside else ():
            limit, given = self.board.instance.volunteers[one].max_min_day, self.board.timetable.day_load
            if limit is not None:
                most = min(most, (limit - given.get((one, day), 0)) // self.left.minutes)
        return most

    def starts_of(self, team: tuple[int, ...]) -> dict[int, int]:
        """The starts of a team at each venue where it has any."""
        masks = {venue: self._mask(venue, team) for venue in self._venues_of(team)}
        return {venue: mask for venue, mask in masks.items() if mask}

    def _mask(self, venue: int, leads: tuple[int, ...] | None) -> int:
        """The starts at which a room and a team are there at once."""
        key = venue, leads
        if key not in self._masks:
            self._masks[key] = self._fresh_mask(venue, leads)
        return self._masks[key]

    def _fresh_mask(self, venue: int, leads: tuple[int, ...] | None) -> int:
        mask = self.left.at_venue[venue]
        if leads is not None:
            for lead in leads:
                mask &= self.left.person(lead, venue)
        elif self.wanted.leads:
            mask &= self.left.leads_count(venue)[self.wanted.leads - 1]
        return self._with_helpers(venue, mask, leads) if mask and self.wanted.assistants else mask

    def _with_helpers(self, venue: int, mask: int, leads: tuple[int, ...] | None) -> int:
        """The starts with assistants too; only where they are scarce does it matter that leads cannot be assistants."""
        team = self.wanted.leads + self.wanted.assistants
        anybody, adults = self.left.helpers_count(venue)
        grown = 0 if "minors" in self.left.aside else self.wanted.adult_assistants_needed
        enough = mask & anybody[team - 1] & (adults[grown + self.wanted.leads - 1] if grown else -1)
        scarce = mask & anybody[self.wanted.assistants - 1] & ~enough
        for start in self.board.grid.starts(scarce):
            if self.team_at(venue, start, leads):
                enough |= self.left.bit(start)
        return enough

    def team_at(self, venue: int, start: int, leads: tuple[int, ...] | None) -> Team | None:
        """A team for one session by itself; leads who cannot assist first, and adults among those who assist."""
        helpers = self._helpers_at(venue, start) if self.wanted.assistants else []
        if leads is None:
            able = self._able(self.left.leads_at(venue), self.left.bit(start)) if self.wanted.leads else []
            known = set(helpers)
            leads = tuple(sorted(able, key=known.__contains__)[: self.wanted.leads])
            if len(leads) < self.wanted.leads:
                return None
        others = tuple(islice((helper for helper in helpers if helper not in leads), self.wanted.assistants))
        complete = len(others) == self.wanted.assistants and self.left.safe(leads + others)
        return (leads, others) if complete else None

    def _helpers_at(self, venue: int, start: int) -> list[int]:
        """Who could assist there, adults first and then by effort."""
        key = venue, start
        if key not in self._helpers:
            people = self.board.instance.volunteers
            able = self._able(self.left.helpers_at(venue), self.left.bit(start))
            ranked = sorted(able, key=lambda one: (people[one].minor, self.effort(one, start, venue)))
            self._helpers[key] = ranked
        return self._helpers[key]

    def _able(self, people: list[tuple[int, int]], bit: int) -> list[int]:
        return [one for one, starts in people if starts & bit]

    def _extend(self, chosen: list[Placement], teams: list[tuple[int, ...]]) -> list[Placement] | None:
        """Place the sessions in order of time, backtracking over everything that could matter to the others."""
        if not teams:
            return chosen
        for placement in self._next(chosen, dict.fromkeys(teams)):
            rest = list(teams)
            rest.remove(placement.leads)
            placements = self._extend([*chosen, placement], rest)
            if placements is not None or self._tired():
                return placements
        return None

    def _next(self, chosen: list[Placement], teams: Iterable[tuple[int, ...]]) -> Iterator[Placement]:
        earliest = chosen[-1].start if chosen else 0
        for team in teams:
            seen: set[int] = set()
            for venue in self._venues_of(team):
                for start in self.board.grid.starts(self._mask(venue, team)):
                    if start < earliest or start in seen or self._full(start, chosen):
                        continue
                    for placement in self._places(venue, start, team, chosen):
                        yield placement
                        if self._loose:
                            seen.update([] if self.wanted.assistants else [start])
                            break

    def _full(self, start: int, chosen: list[Placement]) -> bool:
        """Whether the day has all the sessions that may be on it."""
        return "per_day" not in self.left.aside and self.left.room_on_day(start // DAY_MIN, chosen) <= 0

    @cached_property
    def _loose(self) -> bool:
        """Whether it makes no difference to the other sessions which room one session has."""
        left, instance = self.left, self.board.instance
        rooms = [room for rooms in left.rooms.values() for room, _ in rooms]
        latest = max(start % DAY_MIN for start in self.board.grid.starts(either(left.at_venue.values())))
        gap = max(gap for room in rooms for _, gap in instance.related[room])
        lent = all(self.board.timetable.venue_has(venue, self.need * left.minutes) for venue in left.at_venue)
        return (
            self.wanted.max_sessions_per_day == 1
            and "per_day" not in left.aside
            and latest + left.minutes + gap <= DAY_MIN
            and ("venue_cap" in left.aside or lent)
        )

    def _places(
        self, venue: int, start: int, leads: tuple[int, ...] | None, chosen: list[Placement]
    ) -> Iterator[Placement]:
        bit, beside = self.left.bit(start), Together(self.left, chosen)
        for team in self._teams(venue, start, leads):
            for room, mask in self.left.rooms[venue]:
                placement = Placement(start, room, *team)
                if mask & bit and beside.allows(placement):
                    yield placement
            if self._tired():
                return

    def _teams(self, venue: int, start: int, leads: tuple[int, ...] | None) -> Iterator[Team]:
        first, bit = self.team_at(venue, start, leads), self.left.bit(start)
        if first is None:
            return
        yield first
        sets: Iterable[tuple[int, ...]] = (
            [leads]
            if leads is not None
            else combinations(
                self._able(self.left.leads_at(venue), bit) if self.wanted.leads else [], self.wanted.leads
            )
        )
        helpers = self._able(self.left.helpers_at(venue), bit) if self.wanted.assistants else []
        for team in sets:
            for others in combinations(
                [helper for helper in helpers if helper not in team], self.wanted.assistants
            ):
                if (team, others) != first and self.left.safe(team + others):
                    yield team, others
                if self._tired():
                    return

    def _tired(self) -> bool:
        self._nodes += 1
        self.gave_up = self.gave_up or self._nodes > _NODES
        return self.gave_up
