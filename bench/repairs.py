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
    sessions = Counter(name for one in plan["assignments"] for name in (*one["leads"], *one["assistants"]))
    name = _most(sessions)
    people = [{**one, "available": []} if one["id"] == name else one for one in problem["volunteers"]]
    return {**problem, "volunteers": people}


def closed(problem: Document, plan: Document) -> Document:
    """Without the day of the room in which it has the most sessions."""
    room, day = _most(Counter((one["room"], one["day"]) for one in plan["assignments"]))

    def without(one: dict[str, Any]) -> dict[str, Any]:
        return {**one, "open": [window for window in one["open"] if window["day"] != day]}

    venues = [
        {**venue, "rooms": [without(one) if one["id"] == room else one for one in venue["rooms"]]}
        for venue in problem["venues"]
    ]
    return {**problem, "venues": venues}


def urgent(problem: Document, plan: Document) -> Document:
    """With one more request, like a served one of the topic that is served most, of high priority."""
    requests = {one["id"]: one for one in problem["requests"]}
    topic = _most(Counter(requests[one["request"]]["topic"] for one in plan["assignments"]))
    model = next(
        requests[one["request"]] for one in plan["assignments"] if requests[one["request"]]["topic"] == topic
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
