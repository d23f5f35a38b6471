"""Places map of a session: for each room and start of the week whether it may go there, or the rule in the way.

A cell is judged as `Judge` judges a move of the session alone, there and then with the same people. The masks are those
of `FreeStarts`: bit sets over the starts of the week's grid.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from domain.windows import DAY_MIN
from scheduler.documents.records import Assignment, Volunteer
from scheduler.explain.availability import Availability, at_least, fit_violations
from scheduler.explain.editable_plan import EditablePlan
from scheduler.rules.moves import HARD_RULES, Judge
from scheduler.rules.week import PlacedSession

SAME, OTHERS, UNKNOWN, SEVERAL = "same", "others", "unknown", "several"
VERDICTS = (SAME, OTHERS, *HARD_RULES, UNKNOWN, SEVERAL)
_INDEX = {verdict: index for index, verdict in enumerate(VERDICTS)}
ADULTS = 2  # in a team with minors
_NAMED = 4  # a sentence about many sessions names the first few


@dataclass(frozen=True, slots=True)
class RoomPlaces:
    """One room, by ids; `runs` are pairs (first slot, index of its verdict), each until the next pair or the end."""

    venue: str
    room: str
    runs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PlacesMap:
    """Verdicts on all rooms and starts of a week.

    Attributes
    ----------
    step_min : int
        Minutes from one slot to the next; slot 0 is Monday 00:00.
    slots : int
    verdicts : tuple of str
        `same`: the same people can be there then. `others`: only rules about people are in their way, and others can.
        The name of a hard rule: it alone is broken. `several`: more than one is. `unknown`: somebody of the team is
        not in the week.
    rooms : tuple of RoomPlaces
        In the order of the problem.
    """

    step_min: int
    slots: int
    verdicts: tuple[str, ...]
    rooms: tuple[RoomPlaces, ...]


def places_map(
    judge: Judge, plan: EditablePlan, request: str, session: int, now: Assignment | None
) -> PlacesMap:
    """Judge all rooms and starts for one session of a draft.

    A session that has no place has no people either: its verdict is about times and rooms, then `others` or `team`.

    Parameters
    ----------
    judge : Judge
        Of the draft.
    plan : EditablePlan
        The same draft, without pins. It is as before afterwards.
    request, session
        The id of a request of the problem, and one of the numbers of its sessions.
    now : Assignment or None
        Where it is, even where its room or people are not in the week any more; None where it has no place.
    """
    index = plan.instance.request_index[request]
    held = [placement for number, placement in plan.numbered.get(index, ()) if number == session]
    mark = plan.mark()
    for placement in held:
        plan.take(index, placement)
    try:
        cells = _Cells(judge, plan, index, session, now)
        rooms = tuple(cells.room(room) for room in range(len(plan.instance.rooms)))
    finally:
        plan.undo(mark)
    return PlacesMap(plan.grid.grid_min, plan.grid.size, VERDICTS, rooms)


Broken = Mapping[str, int]  # under a rule the mask of the starts at which it is broken


class _Cells:
    """The rules that each cell breaks, on a plan that does not hold the session."""

    def __init__(
        self, judge: Judge, plan: EditablePlan, index: int, session: int, now: Assignment | None
    ) -> None:
        self.plan, self.instance, self.index, self.now = plan, plan.instance, index, now
        self.request = plan.instance.requests[index]
        self.minutes = self.request.duration_min
        self.whole = (1 << plan.grid.size) - 1
        self.left = Availability(plan, index)
        team = (*now.leads, *now.assistants) if now else ()
        self.is_known = all(person in plan.instance.volunteer_index for person in team)
        has_team = now is not None or not (self.request.leads or self.request.assistants)
        self.judges_team = self.is_known and has_team
        self.names = tuple(dict.fromkeys(team)) if self.is_known else ()
        self.team = [plan.instance.volunteer_index[person] for person in self.names]
        key = self.request.id, session
        self.before = judge.week.sessions
        self.staying = [placed for placed in self.before if placed.id != key]
        self.siblings = [placed for placed in self.staying if placed.assignment.request == self.request.id]
        self.position = next((rank for rank, placed in enumerate(self.before) if placed.id == key), None)
        self._of_venue: dict[int, tuple[Broken, Broken, int]] = {}

    def room(self, room: int) -> RoomPlaces:
        """The verdicts on one room."""
        venue = self.instance.room_venue[room]
        of_places, of_people, others = self._at(venue)
        of_room = {**self._of_starts, **of_places, **self._of_room(room)}
        in_the_way, _ = _counts(of_room.values())
        masks = {OTHERS: others & ~in_the_way}
        if not self.is_known:
            masks[UNKNOWN] = self.whole & ~masks[OTHERS]
        else:
            of_people = of_people if self.judges_team else {"team": self.whole & ~in_the_way}
            masks |= self._judged({**of_room, **of_people}, masks[OTHERS])
        if self.now is not None and self.now.room == self.instance.rooms[room].id:
            masks = self._staying_put(masks, self.now.begin_min)
        return RoomPlaces(self.instance.venues[venue].id, self.instance.rooms[room].id, _runs(masks))

    def _judged(self, broken: Broken, others: int) -> dict[str, int]:
        once, twice = _counts(broken.values())
        masks = {rule: mask & ~twice & ~others for rule, mask in broken.items()}
        return {**masks, SAME: self.whole & ~once, OTHERS: others & once, SEVERAL: twice & ~others}

    def _staying_put(self, masks: Mapping[str, int], begin_min: int) -> dict[str, int]:
        """Where it is already it may stay, whatever is broken there."""
        if begin_min % DAY_MIN % self.plan.grid.grid_min:
            return dict(masks)
        bit = self.left.bit(begin_min)
        return {**{verdict: mask & ~bit for verdict, mask in masks.items()}, SAME: masks.get(SAME, 0) | bit}

    # ---- Times

    @cached_property
    def _of_starts(self) -> Broken:
        request, plan = self.request, self.plan
        return {
            "per_day": self._too_many_on_a_day(),
            "grid": self.whole & ~plan.grid.allowed(request),
            "acceptable": self.whole & ~plan.mask(request.acceptable, self.minutes),
            "cohort_clash": self.whole & ~plan.learners_free(self.index),
        }

    def _too_many_on_a_day(self) -> int:
        days = [day for day in range(7) if self.left.room_on_day(day, ()) <= 0]
        mask = sum(self.plan.day(day) for day in days)
        now = self._now
        if now is None or now.begin // DAY_MIN not in days:
            return mask
        day = now.begin // DAY_MIN
        own = (placed for placed in self.before if placed.assignment.request == self.request.id)
        on_day = self._as_broken_as_now(placed for placed in own if placed.begin // DAY_MIN == day)
        return mask & ~(self.plan.day(day) & on_day)

    @property
    def _now(self) -> PlacedSession | None:
        return None if self.position is None else self.before[self.position]

    def _as_broken_as_now(self, group: Iterable[PlacedSession]) -> int:
        """The starts at which the sentence about a group that is too large stays as it is, so that it is not new.

        It names the first few of the group in order of time, and the session is not and will not be one of them.
        """
        group, now = list(group), self._now
        rank = next((rank for rank, placed in enumerate(group) if placed is now), 0)
        staying = [placed for placed in group if placed is not now]
        return self._from(staying[_NAMED - 1].begin) if rank >= _NAMED else 0

    def _from(self, begin_min: int) -> int:
        """The starts at a minute or later."""
        return self.whole & ~self.plan.between(-1, begin_min)

    # ---- Venues and rooms

    def _at(self, venue: int) -> tuple[Broken, Broken, int]:
        """At a venue the broken rules about it, those about the team, and the starts at which others can."""
        if venue not in self._of_venue:
            of_people = {**self._of_team, **self._of_team_at(venue)} if self.judges_team else {}
            self._of_venue[venue] = self._of_place(venue), of_people, self._others(venue)
        return self._of_venue[venue]

    def _of_place(self, venue: int) -> Broken:
        in_reach = self.plan.in_reach(self.index, venue)
        has_minutes = self.plan.timetable.venue_has(venue, self.minutes)
        return {
            "reach": 0 if in_reach else self.whole,
            "venue_cap": 0 if has_minutes else self.whole & ~self._over_cap_as_now(venue),
        }

    def _over_cap_as_now(self, venue: int) -> int:
        now, id = self._now, self.instance.venues[venue].id
        if now is None or now.venue.id != id:
            return 0
        return self._as_broken_as_now(placed for placed in self.before if placed.venue.id == id)

    def _of_room(self, room: int) -> Broken:
        fits = not any(fit_violations(self.request, self.instance.rooms[room]))
        return {
            "fit": 0 if fits else self.whole,
            "open": self.whole & ~self.plan.open(room, self.minutes),
            "room_clash": self.whole & ~self.plan.room_free(room, self.minutes),
        }

    # ---- The same people

    @cached_property
    def _of_team(self) -> Broken:
        """The broken rules about the team wherever it goes."""
        request, leads, assistants = self.request, self._leads, self._assistants
        is_complete = (len(leads), len(assistants)) == (request.leads, request.assistants)
        is_different = len(self.team) == len(leads) + len(assistants)
        can_lead = all("lead" in lead.roles and request.topic in lead.skills for lead in leads)
        can_assist = all("assistant" in assistant.roles for assistant in assistants)
        return {
            "team": 0 if is_complete and is_different else self.whole,
            "skill": 0 if can_lead and can_assist else self.whole,
            "available": self._anybody(~self.plan.available(person, self.minutes) for person in self.team),
            "load": self._anybody(self._overloaded(person) for person in self.team),
            "minors": 0 if self._is_safe(leads) else self.whole,
            "same_leads": self._led_differently(),
        }

    @property
    def _leads(self) -> list[Volunteer]:
        return self._people(self.now.leads if self.now else ())

    @property
    def _assistants(self) -> list[Volunteer]:
        return self._people(self.now.assistants if self.now else ())

    def _people(self, names: Iterable[str]) -> list[Volunteer]:
        return [self.instance.volunteers[self.instance.volunteer_index[name]] for name in names]

    def _is_safe(self, leads: Iterable[Volunteer]) -> bool:
        people = [self.instance.volunteers[person] for person in self.team]
        adults = sum(not person.minor for person in people)
        is_guarded = not self.request.minors or not people or adults >= ADULTS
        return is_guarded and all(map(self.request.trusts, people)) and not any(lead.minor for lead in leads)

    def _anybody(self, masks: Iterable[int]) -> int:
        mask = 0
        for starts in masks:
            mask |= starts
        return self.whole & mask

    def _overloaded(self, person: int) -> int:
        """The starts at which somebody of the team would have more than they said, and it is this session's doing."""
        mask = self.whole & ~self.plan.load_left(person, self.minutes)
        now = self._now
        if not mask or now is None:
            return mask
        id, day = self.instance.volunteers[person].id, now.begin // DAY_MIN
        own = [placed for placed in self.before if any(member.id == id for member in placed.team)]
        fits_week = self.plan.load_left_week(person, self.minutes)
        of_week = 0 if fits_week else self.whole & ~self._as_broken_as_now(own)
        of_days = self._over_a_day(person) & ~(
            self.plan.day(day)
            & self._as_broken_as_now(placed for placed in own if placed.begin // DAY_MIN == day)
        )
        return of_week | of_days

    def _over_a_day(self, person: int) -> int:
        limit = self.instance.volunteers[person].max_min_day
        load = self.plan.timetable.day_load
        if limit is None:
            return 0
        return sum(
            self.plan.day(day) for day in range(7) if load.get((person, day), 0) + self.minutes > limit
        )

    def _led_differently(self) -> int:
        """The starts at which its leads are not those of the course's other sessions: the first one counts."""
        if not self.request.same_leads or not self.siblings or self.now is None:
            return 0
        own, first = set(self.now.leads), self.siblings[0]
        later = self._from(first.begin)
        is_first = self.whole & ~later
        differs = any(set(sibling.assignment.leads) != own for sibling in self.siblings)
        return (later if set(first.assignment.leads) != own else 0) | (is_first if differs else 0)

    def _of_team_at(self, venue: int) -> Broken:
        comes = all(venue in self.instance.comes_to[person] for person in self.team)
        return {
            "home": 0 if comes else self.whole,
            "volunteer_clash": self._anybody(
                ~self.plan.idle(person, venue, self.minutes) for person in self.team
            ),
        }

    # ---- Others

    def _others(self, venue: int) -> int:
        """The starts at which a team could be there, whoever that is."""
        if venue not in self.left.at_venue or self.request.team_too_small:
            return 0
        request, fixed = self.request, self._fixed_leads
        if fixed is not None:
            return self._others_led_by(fixed, venue)
        starts = self.left.at_venue[venue]
        leads, assistants = dict(self.left.leads_at(venue)), dict(self.left.assistants_at(venue))
        adults = self._adults(assistants)
        either = {person: leads.get(person, 0) | assistants.get(person, 0) for person in leads | assistants}
        with_adults = {person: leads.get(person, 0) | adults.get(person, 0) for person in leads | adults}
        needed = request.adult_assistants_needed
        # Hall's condition: each set of places in the team finds as many people (Hall 1935).
        for people, count in (
            (leads, request.leads),
            (assistants, request.assistants),
            (adults, needed),
            (either, request.leads + request.assistants),
            (with_adults, request.leads + needed),
        ):
            if count:
                starts &= at_least(people.values(), count, self.left.at_venue[venue])[-1]
        return starts

    def _adults(self, assistants: Mapping[int, int]) -> dict[int, int]:
        people = self.instance.volunteers
        return {person: mask for person, mask in assistants.items() if not people[person].minor}

    @cached_property
    def _fixed_leads(self) -> tuple[int, ...] | None:
        """Who leads the other sessions of the course, where these must be the same; None where anybody may."""
        if not (self.request.same_leads and self.siblings):
            return None
        return tuple(self.instance.volunteer_index[name] for name in self.siblings[0].assignment.leads)

    def _others_led_by(self, leads: tuple[int, ...], venue: int) -> int:
        request, people = self.request, self.instance.volunteers
        able = len(set(leads)) == len(leads) == request.leads and all(
            request.may_lead(people[lead]) for lead in leads
        )
        starts = self.left.at_venue[venue] if able else 0
        first = set(self.siblings[0].assignment.leads)
        if any(set(sibling.assignment.leads) != first for sibling in self.siblings):
            starts &= self._from(self.siblings[0].begin)
        for lead in leads:
            starts &= self.left.person_starts(lead, venue)
        assistants = (
            {person: mask for person, mask in self.left.assistants_at(venue) if person not in leads}
            if starts and request.assistants
            else {}
        )
        for candidates, count in (
            (assistants, request.assistants),
            (self._adults(assistants), request.adult_assistants_needed),
        ):
            if count and starts:
                starts &= at_least(candidates.values(), count, self.left.at_venue[venue])[-1]
        return starts


# ---- Masks


def _counts(masks: Iterable[int]) -> tuple[int, int]:
    """The starts in at least one of the masks, and in at least two."""
    once = twice = 0
    for mask in masks:
        twice |= once & mask
        once |= mask
    return once, twice


def _runs(masks: Mapping[str, int]) -> tuple[int, ...]:
    """Pairs (first slot, index of the verdict) in order of the slots; the masks divide all slots among them."""
    runs = sorted(
        (slot, _INDEX[verdict]) for verdict, mask in masks.items() for slot in _bits(mask & ~(mask << 1))
    )
    return tuple(number for run in runs for number in run)


def _bits(mask: int) -> Iterator[int]:
    """The numbers of the bits that are set, ascending."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
