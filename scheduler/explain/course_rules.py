"""Decide whether the sessions of one course keep the rules between them while they are placed together."""

from __future__ import annotations

from collections.abc import Iterator

from domain.windows import DAY_MIN
from scheduler.explain.availability import Left
from scheduler.instance.instance import Placement


class Together:
    """The rules between the sessions of one request that are being placed together."""

    def __init__(self, left: Left, chosen: list[Placement]) -> None:
        self.left, self.chosen = left, chosen
        self.instance, self.minutes = left.board.instance, left.minutes

    def allows(self, at: Placement) -> bool:
        """Whether one more session keeps all rules between them that are not set aside."""
        return all(fact in self.left.aside or kept(self, at) for fact, kept in _BETWEEN.items())

    def broken(self, at: Placement) -> Iterator[str]:
        """The facts by which one more session meets the others, set aside or not."""
        return (fact for fact, kept in _BETWEEN.items() if not kept(self, at))

    def day_has_room(self, at: Placement) -> bool:
        return self.left.room_on_day(at.start // DAY_MIN, self.chosen) > 0

    def rooms_apart(self, at: Placement) -> bool:
        return all(self._room_apart(at, placement) for placement in self.chosen)

    def _room_apart(self, at: Placement, other: Placement) -> bool:
        gap = dict(self.instance.related[at.room]).get(other.room)
        return gap is None or abs(at.start - other.start) >= self.minutes + gap

    def venue_lends(self, at: Placement) -> bool:
        venue = self.instance.room_venue[at.room]
        here = 1 + sum(self.instance.room_venue[placement.room] == venue for placement in self.chosen)
        return self.left.board.timetable.venue_has(venue, here * self.minutes)

    def learners_apart(self, at: Placement) -> bool:
        return not self.left.wanted.cohorts or all(
            abs(at.start - placement.start) >= self.minutes for placement in self.chosen
        )

    def people_apart(self, at: Placement) -> bool:
        return all(self._team_apart(at, placement) for placement in self.chosen)

    def _team_apart(self, at: Placement, other: Placement) -> bool:
        if not set(at.team) & set(other.team):
            return True
        same_day = at.start // DAY_MIN == other.start // DAY_MIN
        places = self.instance.room_venue[at.room], self.instance.room_venue[other.room]
        way = self.instance.way_min(*places) if same_day else 0
        return abs(at.start - other.start) >= self.minutes + way

    def loads_bearable(self, at: Placement) -> bool:
        return all(self._bearable(one, at) for one in at.team)

    def _bearable(self, one: int, at: Placement) -> bool:
        mine = [placement for placement in self.chosen if one in placement.team]
        today = sum(placement.start // DAY_MIN == at.start // DAY_MIN for placement in mine)
        board, volunteer = self.left.board, self.instance.volunteers[one]
        day, limit = at.start // DAY_MIN, volunteer.max_min_day
        return board.load_left_week(one, self.minutes * (len(mine) + 1)) and (
            limit is None or board.timetable.day_load.get((one, day), 0) + self.minutes * (today + 1) <= limit
        )


_BETWEEN = {
    "per_day": Together.day_has_room,
    "room_clash": Together.rooms_apart,
    "venue_cap": Together.venue_lends,
    "cohort_clash": Together.learners_apart,
    "volunteer_clash": Together.people_apart,
    "load": Together.loads_bearable,
}
