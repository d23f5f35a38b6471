"""Placements that one session could have: each keeps every rule, with the people who would come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, islice

from domain.windows import DAY_MIN
from scheduler.explain.availability import NOTHING, Availability, RelaxedRules
from scheduler.explain.editable_plan import EditablePlan
from scheduler.instance.instance import Placement
from scheduler.instance.numbering import same_place

_MAX_TEAMS = 30  # sets of leads tried at a venue, where more than one leads


@dataclass(frozen=True, slots=True)
class Where:
    """What somebody says about the placement that is looked for.

    `venue` and `room` are ids, `day` an ISO weekday, 1 = Monday, `start_min` a minute of the week; None is anywhere, at
    any time. `keep_` and `other_` compare with where the session is now, and say nothing of one that has no place.
    """

    venue: str | None = None
    day: int | None = None
    other_day: bool = False
    keep_room: bool = False
    other_room: bool = False
    keep_lead: bool = False
    other_lead: bool = False
    room: str | None = None
    start_min: int | None = None

    @property
    def is_one_place(self) -> bool:
        """Whether only the people are left to choose."""
        return self.room is not None and self.start_min is not None


ANYWHERE = Where()


class PlacementSearch:
    """Iterates over placements of one session of a request but its present one, on a plan that does not hold it.

    Parameters
    ----------
    near : Placement or None
        Where it was: who came then comes again if they can.
    relaxed : frozenset of str
        Rules that are not looked at; see `Availability`.
    """

    def __init__(
        self,
        plan: EditablePlan,
        r: int,
        near: Placement | None = None,
        where: Where = ANYWHERE,
        relaxed: RelaxedRules = NOTHING,
    ) -> None:
        self.plan, self.instance, self.near, self.where = plan, plan.instance, near, where
        self.left = Availability(plan, r, relaxed)
        self.demand = self.left.request
        self._metres = self.instance.metres

    def __iter__(self) -> Iterator[Placement]:
        """One place for each venue and start, or for each room of a venue that was asked for.

        Where somebody else is to lead it, there is one for each who could do so where and when it is now. Where a room
        and a start were asked for, there is one for each who could lead it there.
        """
        for venue in self.venues:
            todo = self.mask(venue)
            for leads in self.line_ups(venue):
                starts = todo & self.free(leads, venue)
                for start in self.plan.grid.starts(starts):
                    placements = list(self._at(venue, start, leads))
                    yield from placements
                    if placements and not self._needs_each_lead(venue, start):
                        todo &= ~self.left.bit(start)
                if not todo:
                    break

    @cached_property
    def venues(self) -> list[int]:
        """The venues that `where` allows, with a room that is left."""
        if self.where.keep_room and self.near is not None:
            here = self.instance.room_venue[self.near.room]
            return [here] if here in self.left.at_venue and self._is_asked(here) else []
        return [venue for venue in self.left.at_venue if self._is_asked(venue)]

    def _is_asked(self, venue: int) -> bool:
        return self.where.venue in (None, self.instance.venues[venue].id)

    def mask(self, venue: int) -> int:
        """The mask of starts that rooms of the venue leave on the days, or at the time, that was asked for."""
        starts = self.left.at_venue[venue] & self._asked_starts
        if self.where.day is not None:
            starts &= self.plan.day(self.where.day - 1)
        if self.where.other_day and self.near is not None:
            starts &= ~self.plan.day(self.near.start // DAY_MIN)
        return starts

    @cached_property
    def _asked_starts(self) -> int:
        """The mask of the start that was asked for, 0 where no session can start then; without one that of all."""
        start = self.where.start_min
        if start is None:
            return -1
        bit = self.left.bit(start)
        return bit if start in self.plan.grid.starts(bit) else 0

    def free(self, leads: Iterable[int], venue: int) -> int:
        """The mask of starts at which all of them could come."""
        starts = -1
        for lead in leads:
            starts &= self.left.person_starts(lead, venue)
        return starts

    def line_ups(self, venue: int) -> Iterator[tuple[int, ...]]:
        """Sets of leads who could come to the venue: who leads it now, then those who live nearest."""
        own = self._own_leads
        if own is not None and not (self.where.other_lead and self._led_before(own)):
            yield own
        if self._is_led_by_its_own:
            return
        people = sorted(
            (lead for lead, _ in self.left.leads_at(venue)),
            key=lambda lead: (self._metres(lead, venue), lead),
        )
        many = combinations(people, self.demand.leads)
        for leads in islice(many, None if self.demand.leads < 2 else _MAX_TEAMS):
            if (own is None or set(leads) != set(own)) and not (
                self.where.other_lead and self._led_before(leads)
            ):
                yield leads

    @cached_property
    def _own_leads(self) -> tuple[int, ...] | None:
        """Who leads the course's other sessions where these must be the same, else who led this one and may still."""
        if self.demand.same_leads and self.left.own:
            return self.left.own[0].leads
        if not self.demand.leads:
            return ()
        if self.near is None:
            return None
        able, leads = set(self.left.leads), self.near.leads
        return leads if len(leads) == self.demand.leads and able.issuperset(leads) else None

    @cached_property
    def _is_led_by_its_own(self) -> bool:
        bound = self.demand.same_leads and bool(self.left.own)
        return bound or (self.where.keep_lead and self.near is not None) or not self.demand.leads

    def _led_before(self, leads: Iterable[int]) -> bool:
        return self.near is not None and set(leads) == set(self.near.leads)

    def _needs_each_lead(self, venue: int, start: int) -> bool:
        return self.where.is_one_place or (self.where.other_lead and self._is_where_it_was(venue, start))

    def _is_where_it_was(self, venue: int, start: int) -> bool:
        near = self.near
        return near is not None and (start, venue) == (near.start, self.instance.room_venue[near.room])

    def _at(self, venue: int, start: int, leads: tuple[int, ...]) -> Iterator[Placement]:
        """The best room at that time with these leads, or each room where the venue was asked for.

        In its present room it has other assistants where nothing else would change.
        """
        rooms = self.rooms(venue, start)
        assistants = self.assistants(venue, start, leads) if rooms else None
        if assistants is None:
            return
        placements = [Placement(start, room, leads, assistants) for room in rooms]
        others = [placement for placement in placements if not self.is_present(placement)]
        if len(others) < len(placements):
            assistants = self.assistants(venue, start, leads, other_than=assistants)
            if assistants is not None:
                others.append(Placement(start, rooms[0], leads, assistants))
        yield from others if self.where.venue is not None else others[:1]

    def is_present(self, placement: Placement) -> bool:
        """Whether it is where the session is now, with the same people."""
        return self.near is not None and same_place(placement, self.near)

    def rooms(self, venue: int, start: int) -> list[int]:
        """The rooms that will do: the present one first, then those with the fewest seats to spare."""
        bit = self.left.bit(start)
        here = self.near.room if self.near is not None else None
        target, records = self.where.room, self.instance.rooms
        rooms = [
            room
            for room, mask in self.left.rooms[venue]
            if mask & bit and (target is None or records[room].id == target)
        ]
        if here is not None and self.where.keep_room:
            rooms = [room for room in rooms if room == here]
        if here is not None and self.where.other_room:
            rooms = [room for room in rooms if room != here]
        return sorted(rooms, key=lambda room: (room != here, self.instance.rooms[room].capacity, room))

    def assistants(
        self, venue: int, start: int, leads: tuple[int, ...], *, other_than: tuple[int, ...] | None = None
    ) -> tuple[int, ...] | None:
        """The assistants: who assists now, then who lives nearest; None where there are too few.

        They are another set of people than `other_than`.
        """
        count, bit = self.demand.assistants, self.left.bit(start)
        before = self.near.assistants if self.near is not None and count else ()
        again = [
            person
            for person in before
            if self._may_assist(person) and self.left.person_starts(person, venue) & bit
        ]

        def will_do(team: tuple[int, ...]) -> bool:
            is_other = other_than is None or set(team) != set(other_than)
            return is_other and self.left.safe((*leads, *team))

        if len(again) == count and not set(again) & set(leads) and will_do(tuple(again)):
            return tuple(again)
        if not count:
            return None
        # `assistants_at` would leave out the starts at which another session has the room.
        able = [
            person
            for person in self.left.assistants
            if person not in leads and self.left.person_starts(person, venue) & bit
        ]
        able.sort(key=lambda person: (person not in again, self._metres(person, venue), person))
        people = self.instance.volunteers
        # With adults first, the first team has the most adults, and the second the most of all others.
        orders = able, sorted(able, key=lambda person: people[person].minor)
        teams = (team for order in orders for team in islice(combinations(order, count), 2))
        return next(filter(will_do, teams), None)

    def _may_assist(self, volunteer: int) -> bool:
        return self.demand.may_assist(self.instance.volunteers[volunteer])
