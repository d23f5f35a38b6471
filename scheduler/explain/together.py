"""Decide whether the sessions of one course keep the rules between them while they are placed together."""

from __future__ import annotations

from domain.windows import DAY_MIN
from scheduler.explain.left import Left
from scheduler.instance import Placement


class Together:
    """The rules between the sessions of one request that are being placed together."""

    def __init__(self, left: Left, chosen: list[Placement]) -> None:
        self.left, self.chosen = left, chosen
        self.instance, self.minutes = left.board.instance, left.minutes

    def allows(self, at: Placement) -> bool:
        aside = self.left.aside
        return (
            ("per_day" in aside or self._day(at))
            and ("room_clash" in aside or all(self._rooms_apart(at, other) for other in self.chosen))
            and ("venue_cap" in aside or self._venue(at))
            and ("cohort_clash" in aside or all(self._learners_apart(at, other) for other in self.chosen))
            and ("volunteer_clash" in aside or all(self._people_apart(at, other) for other in self.chosen))
            and ("load" in aside or all(map(self._bearable, at.team, [at] * len(at.team))))
        )

    def _day(self, at: Placement) -> bool:
        return self.left.room_on_day(at.start // DAY_MIN, self.chosen) > 0

    def _rooms_apart(self, at: Placement, other: Placement) -> bool:
        gap = dict(self.instance.related[at.room]).get(other.room)
        return gap is None or abs(at.start - other.start) >= self.minutes + gap

    def _venue(self, at: Placement) -> bool:
        venue = self.instance.room_venue[at.room]
        here = 1 + sum(self.instance.room_venue[other.room] == venue for other in self.chosen)
        return self.left.board.timetable.venue_has(venue, here * self.minutes)

    def _learners_apart(self, at: Placement, other: Placement) -> bool:
        return not self.left.wanted.cohorts or abs(at.start - other.start) >= self.minutes

    def _people_apart(self, at: Placement, other: Placement) -> bool:
        if not set(at.team) & set(other.team):
            return True
        same_day = at.start // DAY_MIN == other.start // DAY_MIN
        places = self.instance.room_venue[at.room], self.instance.room_venue[other.room]
        way = self.instance.way_min(*places) if same_day else 0
        return abs(at.start - other.start) >= self.minutes + way

    def _bearable(self, one: int, at: Placement) -> bool:
        mine = [other for other in self.chosen if one in other.team]
        today = sum(other.start // DAY_MIN == at.start // DAY_MIN for other in mine)
        board, volunteer = self.left.board, self.instance.volunteers[one]
        day, limit = at.start // DAY_MIN, volunteer.max_min_day
        return board.load_left_week(one, self.minutes * (len(mine) + 1)) and (
            limit is None or board.timetable.day_load.get((one, day), 0) + self.minutes * (today + 1) <= limit
        )
