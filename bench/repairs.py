"""What happens to a released week: a volunteer falls ill, a room closes for a day, an urgent request arrives.

Each change hits where it hurts: the volunteer with the most sessions, the room and day with the most sessions, and
a request for the topic that is served most. The same plan gives the same changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from bench.problems import Document

URGENT_PRIORITY = 5


def ill(problem: Document, plan: Document) -> Document:
    """Without any hour of the volunteer who has the most sessions."""
    sessions = Counter(
        name
        for assignment in plan["assignments"]
        for name in (*assignment["leads"], *assignment["assistants"])
    )
    name = _most(sessions)
    people = [
        {**volunteer, "available": []} if volunteer["id"] == name else volunteer
        for volunteer in problem["volunteers"]
    ]
    return {**problem, "volunteers": people}


def closed(problem: Document, plan: Document) -> Document:
    """Without the day of the room in which it has the most sessions."""
    room, day = _most(Counter((assignment["room"], assignment["day"]) for assignment in plan["assignments"]))

    def without(room: dict[str, Any]) -> dict[str, Any]:
        return {**room, "open": [window for window in room["open"] if window["day"] != day]}

    venues = [
        {
            **venue,
            "rooms": [
                without(candidate) if candidate["id"] == room else candidate for candidate in venue["rooms"]
            ],
        }
        for venue in problem["venues"]
    ]
    return {**problem, "venues": venues}


def urgent(problem: Document, plan: Document) -> Document:
    """With one more request, like a served one of the topic that is served most, of high priority."""
    requests = {request["id"]: request for request in problem["requests"]}
    topic = _most(Counter(requests[assignment["request"]]["topic"] for assignment in plan["assignments"]))
    model = next(
        requests[assignment["request"]]
        for assignment in plan["assignments"]
        if requests[assignment["request"]]["topic"] == topic
    )
    new = {
        **model,
        "id": "urgent",
        "title": "Urgent",
        "priority": URGENT_PRIORITY,
        "sessions": 1,
        "cohorts": [],
    }
    return {**problem, "requests": [*problem["requests"], new]}


def _most(counted: Counter[Any]) -> Any:
    """The most frequent; of several the first by name."""
    return min(counted, key=lambda key: (-counted[key], key))


CHANGES: dict[str, Callable[[Document, Document], Document]] = {
    "one volunteer falls ill": ill,
    "one room closes for a day": closed,
    "one urgent request arrives": urgent,
}
