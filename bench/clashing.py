"""Weeks in which learners' clashes and rooms bind, made so that every session can be placed.

They are of the family of ITC-2007's track 2: each class of learners picks some of the sessions of a hidden
timetable, at most one in each hour.

`python bench/clashing.py --sessions 400 --rooms 10 --seed 1` writes a problem document.
"""

from __future__ import annotations

import argparse
import json
import random
from typing import Any

Document = dict[str, Any]
HOURS = [(day, hour) for day in range(1, 6) for hour in range(8, 17)]
_PLACE = [29.56, 106.55]
_CLASS, _LOYAL = 12, 0.93  # learners of a class, and how often they attend what their class does


def clashing_week(
    *, sessions: int, rooms: int, learners: int = 500, each: int = 20, share: float = 0.55, seed: int = 1
) -> Document:
    """A problem document whose sessions all fit into 45 hours.

    Parameters
    ----------
    sessions, rooms : int
        At most 45 sessions for each room.
    learners, each : int
        How many learners there are, and about how many sessions each attends.
    share : float
        The part of the 45 hours that a session accepts, besides the one of the hidden timetable.
    """
    rng = random.Random(seed)
    seats = rng.sample([(hour, room) for hour in HOURS for room in range(rooms)], sessions)
    attended = _attendance(rng, seats, learners, each)
    kit = [f"kit{number}" for number in range(10)]
    owned = [sorted(rng.sample(kit, rng.randrange(3, 8))) for _ in range(rooms)]
    held = [
        [session for session, (_, seat_room) in enumerate(seats) if seat_room == room]
        for room in range(rooms)
    ]
    sizes = [
        max((len(attended[session]) for session in sessions_of_room), default=1) for sessions_of_room in held
    ]
    return {
        "format": "problem/1",
        "name": f"clashing-{sessions}-{rooms}-{seed}",
        "timezone": "Europe/Rome",
        "week": "2026-W49",
        "grid_minutes": 60,
        "goals": ["served"],
        "venues": [_venue(sizes, owned)],
        "volunteers": [],
        "requests": [
            _request(rng, session, hour, sorted(attended[session]), owned[room], share)
            for session, (hour, room) in enumerate(seats)
        ],
    }


def _attendance(
    rng: random.Random, seats: list[tuple[tuple[int, int], int]], learners: int, each: int
) -> list[set[str]]:
    """Who attends each session, never two in one hour; a class follows much the same sessions."""
    attended: list[set[str]] = [set() for _ in seats]
    by_hour: dict[tuple[int, int], list[int]] = {}
    for session, (hour, _) in enumerate(seats):
        by_hour.setdefault(hour, []).append(session)
    programme: list[int] = []
    for learner in range(learners):
        if learner % _CLASS == 0:
            hours = rng.sample(sorted(by_hour), min(len(by_hour), round(1.2 * each)))
            programme = [rng.choice(by_hour[hour]) for hour in hours]
        for session in rng.sample(programme, min(len(programme), max(1, round(rng.gauss(each, each / 8))))):
            own = session if rng.random() < _LOYAL else rng.choice(by_hour[seats[session][0]])
            attended[own].add(f"s{learner}")
    for audience in attended:
        if not audience:
            audience.add(f"s{rng.randrange(learners, 2 * learners)}")
    return attended


def _venue(sizes: list[int], owned: list[list[str]]) -> Document:
    rooms = [
        {
            "id": f"room{room}",
            "name": f"room{room}",
            "capacity": size,
            "equipment": kit,
            "open": [_window(*hour) for hour in HOURS],
        }
        for room, (size, kit) in enumerate(zip(sizes, owned, strict=True))
    ]
    return {"id": "site", "name": "site", "kind": "school", "location": _PLACE, "rooms": rooms}


def _window(day: int, hour: int) -> Document:
    return {"day": day, "start": f"{hour:02}:00", "end": f"{hour + 1:02}:00"}


def _request(
    rng: random.Random, session: int, hour: tuple[int, int], attended: list[str], kit: list[str], share: float
) -> Document:
    accepted = [accepted_hour for accepted_hour in HOURS if accepted_hour == hour or rng.random() < share]
    return {
        "id": f"e{session}",
        "title": f"e{session}",
        "area": "a",
        "location": _PLACE,
        "topic": "t",
        "function": "civic",
        "learners": len(attended),
        "duration_minutes": 60,
        "acceptable": [_window(*accepted_hour) for accepted_hour in accepted],
        "equipment": sorted(rng.sample(kit, rng.randrange(0, 3))),
        "cohorts": attended,
        "leads": 0,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in {"sessions": 400, "rooms": 10, "learners": 500, "each": 20, "seed": 1}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--share", type=float, default=0.55)
    print(json.dumps(clashing_week(**vars(parser.parse_args()))))


if __name__ == "__main__":
    main()
