"""Make the places and people that are fought over: nested areas that share rooms, and drafts that want the same."""

from __future__ import annotations

import csv
import io
import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.access.api_tokens import Credential, RoleGrant, credential_row
from adapters.application.application import Lyceum
from adapters.imports.importing import ImportOptions, run_import
from adapters.store.store import document_row
from adapters.store.streams import TIMETABLES
from adapters.week.plan_documents import canonical
from adapters.week.problem_document import WrittenProblem, write_problem
from adapters.week.week_snapshot import snapshot_of
from domain.calendar import shift_week
from domain.network import area_id
from domain.request import request_id
from domain.timetable import DraftMade, Origin, blank, make_draft, timetable_id
from domain.venue import room_id
from domain.volunteer import volunteer_id
from domain.windows import DAY_NAMES

FIRST_WEEK = "2027-W01"
TOPICS = ("choir", "chess", "phones", "robots", "dance", "law")
PARTS = {"east": "hall", "west": "hall"}
Row = dict[str, Any]


def imported(lyceum: Lyceum, kind: str, rows: Sequence[Row]) -> None:
    """Import rows as a table, as people do. Raises ValueError where it is refused."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{kind}.csv")
        path.write_text(text.getvalue(), encoding="utf-8")
        report = run_import(lyceum, kind, path, ImportOptions(accept_warnings=True))
    if report.errors:
        raise ValueError(report.text())


@dataclass(frozen=True)
class Placement:
    """The session of a numbered request, in a room of the place, led by a numbered volunteer."""

    request: int
    room: str
    day: int
    start: str
    lead: int

    @property
    def assignment(self) -> Row:
        return {
            "request": str(request_id(f"r{self.request:02}")),
            "session": 1,
            "day": self.day,
            "start": self.start,
            "room": str(room_id("place", self.room)),
            "leads": [str(volunteer_id(f"v{self.lead:02}"))],
            "assistants": [],
        }


@dataclass(frozen=True)
class Chain:
    """`size` areas, each inside the one before: each may plan with the rooms of the innermost one.

    In each area lives one volunteer and one community with one request, for `weeks` weeks from `first_week` on.
    """

    size: int
    rooms: tuple[str, ...] = ("room",)
    weeks: int = 200
    first_week: str = FIRST_WEEK

    def area(self, number: int) -> str:
        return f"c{number:02}"

    def fill(self, lyceum: Lyceum) -> None:
        numbers = range(self.size)
        last = self.area(self.size - 1)
        imported(lyceum, "network", [self._area(number) for number in numbers])
        point = {"lat": 51.75, "lon": -1.25}
        imported(
            lyceum, "venues", [{"key": "place", "name": "Place", "kind": "school", "area": last, **point}]
        )
        rooms = [
            {"venue": "place", "key": room, "name": room, "capacity": 30, "part_of": PARTS.get(room, "")}
            for room in self.rooms
        ]
        imported(lyceum, "rooms", rooms)
        imported(lyceum, "hours", [{"venue": "place", "hours": "Mo-Su 08:00-22:00"}])
        imported(lyceum, "volunteers", [self._volunteer(number) for number in numbers])
        imported(lyceum, "requests", [self._request(number) for number in numbers])

    def _area(self, number: int) -> Row:
        key = self.area(number)
        parent = self.area(number - 1) if number else ""
        position = {"lat": 51.75, "lon": -1.25, "zone": "Europe/London", "since": "2020-01-01"}
        return {
            "key": key,
            "level": "ring",
            "name": f"Ring {number}",
            "language": "en",
            "parent": parent,
            **position,
        }

    def _volunteer(self, number: int) -> Row:
        own = {"key": f"v{number:02}", "name": f"Volunteer {number}", "home_area": self.area(number)}
        hours = {"hours": "Mo-Su 08:00-22:00", "max_travel_km": 5}
        return {**own, "kind": "retiree", "topics": "choir", "roles": "lead", **hours}

    def _request(self, number: int) -> Row:
        own = {"key": f"r{number:02}", "area": self.area(number), "title": f"Choir {number}"}
        order = {"topic": "choir", "function": "arts", "learners": 20, "first_week": self.first_week}
        when = {"weeks": self.weeks, "duration_minutes": 60, "acceptable": "Mo-Su 08:00-22:00"}
        return {**own, **order, **when, "max_travel_km": 5}

    def week(self, number: int) -> str:
        return shift_week(self.first_week, number)

    def problem(self, lyceum: Lyceum) -> WrittenProblem:
        """What the outermost area plans from as long as nothing has changed."""
        return write_problem(lyceum, snapshot_of(lyceum.views, area_id(self.area(0)), self.first_week))

    def draft(
        self, lyceum: Lyceum, problem: WrittenProblem, week: str, plans: Mapping[int, Sequence[Placement]]
    ) -> None:
        """Draft these sessions in each of the areas named, whatever the rules say of them."""
        digest, problem_row = document_row(canonical(problem.document))
        events: list[DraftMade] = []
        rows = [problem_row]
        for number, places in plans.items():
            assignments = [placement.assignment for placement in places]
            plan = {"format": "plan/1", "status": "feasible", "goals": {}, "assignments": assignments}
            plan_digest, plan_row = document_row(canonical(plan))
            rows.append(plan_row)
            area = area_id(self.area(number))
            timetable = lyceum.load(TIMETABLES, timetable_id(area, week)) or blank(area, week)
            origin = Origin(digest, plan_digest, problem.position, 0, (), "feasible", ())
            events += make_draft(timetable, lyceum.metadata(), origin)
        lyceum.commit(events, rows)


@dataclass(frozen=True)
class Crowd:
    """One area that asks for more than there is, so that its week takes a solver all the time that it is given."""

    requests: int = 70

    def fill(self, lyceum: Lyceum, seed: int) -> None:
        chance = random.Random(seed)
        area = {"key": "crowd", "level": "ring", "name": "Crowd", "language": "en", "zone": "Europe/London"}
        imported(lyceum, "network", [{**area, "lat": 52.75, "lon": -1.25, "since": "2020-01-01"}])
        venue = {"key": "barn", "name": "Barn", "kind": "school", "area": "crowd", "lat": 52.75, "lon": -1.25}
        imported(lyceum, "venues", [venue])
        rooms = [
            {"venue": "barn", "key": f"b{number}", "name": f"B{number}", "capacity": 30}
            for number in range(4)
        ]
        imported(lyceum, "rooms", rooms)
        imported(lyceum, "hours", [{"venue": "barn", "hours": "Mo-Su 08:00-22:00"}])
        imported(lyceum, "volunteers", [self._volunteer(number, chance) for number in range(15)])
        imported(lyceum, "requests", [self._request(number, chance) for number in range(self.requests)])

    def _volunteer(self, number: int, chance: random.Random) -> Row:
        own = {"key": f"w{number:02}", "name": f"Worker {number}", "home_area": "crowd", "kind": "retiree"}
        topics = ", ".join(chance.sample(TOPICS, 3))
        return {
            **own,
            "topics": topics,
            "roles": "lead",
            "hours": self._hours(chance, 5),
            "max_minutes_week": 600,
        }

    def _request(self, number: int, chance: random.Random) -> Row:
        own = {"key": f"q{number:02}", "area": "crowd", "title": f"Course {number}", "function": "arts"}
        order = {"topic": chance.choice(TOPICS), "learners": chance.randint(8, 30), "weeks": 8}
        when = {
            "first_week": FIRST_WEEK,
            "sessions": chance.randint(1, 3),
            "acceptable": self._hours(chance, 4),
        }
        return {**own, **order, **when, "duration_minutes": chance.choice((60, 90, 120)), "max_travel_km": 5}

    def _hours(self, chance: random.Random, days: int) -> str:
        """Some days of the week, each with hours of its own."""
        spans = []
        for day in sorted(chance.sample(range(7), days)):
            start = chance.randint(8, 16)
            spans.append(f"{DAY_NAMES[day][:2]} {start:02}:00-{start + chance.randint(3, 6):02}:00")
        return "; ".join(spans)


def tokens(lyceum: Lyceum, count: int) -> list[str]:
    """As many people who may do everything, each with a token."""
    issued = [f"lyc_torture-{number:03}" for number in range(count)]
    held = [
        credential_row(token, Credential(f"client-{number}", (RoleGrant("administrator"),)))
        for number, token in enumerate(issued)
    ]
    lyceum.store.save((), held)
    return issued
