"""Rules between the sessions of one request that are placed together."""

from __future__ import annotations

from collections.abc import Iterator

from domain.windows import DAY_MIN
from scheduler.explain.availability import Availability
from scheduler.instance.instance import Placement


class CourseRules:
    """Judges one more session beside the `chosen` ones of the same request."""

    def __init__(self, availability: Availability, chosen: list[Placement]) -> None:
        self.availability, self.chosen = availability, chosen
        self.instance, self.minutes = availability.plan.instance, availability.minutes

    def allows(self, placement: Placement) -> bool:
        """Whether one more session keeps all rules between them that are not relaxed."""
        relaxed = self.availability.relaxed
        return all(rule in relaxed or holds(self, placement) for rule, holds in _BETWEEN.items())

    def broken(self, placement: Placement) -> Iterator[str]:
        """The rules between them that one more session breaks, relaxed or not."""
        return (rule for rule, holds in _BETWEEN.items() if not holds(self, placement))

    def day_has_room(self, placement: Placement) -> bool:
        return self.availability.room_on_day(placement.start // DAY_MIN, self.chosen) > 0

    def rooms_apart(self, placement: Placement) -> bool:
        return all(self._room_apart(placement, sibling) for sibling in self.chosen)

    def _room_apart(self, placement: Placement, sibling: Placement) -> bool:
        gap = dict(self.instance.related[placement.room]).get(sibling.room)
        return gap is None or abs(placement.start - sibling.start) >= self.minutes + gap

    def venue_lends(self, placement: Placement) -> bool:
        venue = self.instance.room_venue[placement.room]
        here = 1 + sum(self.instance.room_venue[sibling.room] == venue for sibling in self.chosen)
        return self.availability.plan.timetable.venue_has(venue, here * self.minutes)

    def learners_apart(self, placement: Placement) -> bool:
        return not self.availability.request.cohorts or all(
            abs(placement.start - sibling.start) >= self.minutes for sibling in self.chosen
        )

    def people_apart(self, placement: Placement) -> bool:
        return all(self._team_apart(placement, sibling) for sibling in self.chosen)

    def _team_apart(self, placement: Placement, sibling: Placement) -> bool:
        if not set(placement.team) & set(sibling.team):
            return True
        same_day = placement.start // DAY_MIN == sibling.start // DAY_MIN
        venues = self.instance.room_venue[placement.room], self.instance.room_venue[sibling.room]
        travel_min = self.instance.way_min(*venues) if same_day else 0
        return abs(placement.start - sibling.start) >= self.minutes + travel_min

    def loads_bearable(self, placement: Placement) -> bool:
        return all(self._bearable(person, placement) for person in placement.team)

    def _bearable(self, person: int, placement: Placement) -> bool:
        mine = [sibling for sibling in self.chosen if person in sibling.team]
        today = sum(sibling.start // DAY_MIN == placement.start // DAY_MIN for sibling in mine)
        plan, volunteer = self.availability.plan, self.instance.volunteers[person]
        day, limit = placement.start // DAY_MIN, volunteer.max_min_day
        return plan.load_left_week(person, self.minutes * (len(mine) + 1)) and (
            limit is None
            or plan.timetable.day_load.get((person, day), 0) + self.minutes * (today + 1) <= limit
        )


_BETWEEN = {
    "per_day": CourseRules.day_has_room,
    "room_clash": CourseRules.rooms_apart,
    "venue_cap": CourseRules.venue_lends,
    "cohort_clash": CourseRules.learners_apart,
    "volunteer_clash": CourseRules.people_apart,
    "load": CourseRules.loads_bearable,
}
