"""A tiny week for the benchmarks' own planners: three rooms, three volunteers, four requests."""

from __future__ import annotations

from typing import Any


def window(day: int, start: str, end: str) -> dict[str, Any]:
    return {"day": day, "start": start, "end": end}


def room(id: str, *, part_of: str | None = None, turnaround: int = 0) -> dict[str, Any]:
    return {
        "id": id,
        "name": id,
        "capacity": 30,
        "open": [window(1, "09:00", "12:00"), window(2, "09:00", "11:00")],
        "part_of": part_of,
        "turnaround_minutes": turnaround,
    }


def venue(id: str, location: list[float], *rooms: dict[str, Any]) -> dict[str, Any]:
    return {"id": id, "name": id, "kind": "library", "location": location, "rooms": list(rooms)}


def volunteer(id: str, *skills: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "name": id,
        "kind": "retiree",
        "location": [29.4, 105.6],
        "skills": list(skills),
        "vetted": True,
        "available": [window(1, "09:00", "12:00"), window(2, "09:00", "12:00")],
        **more,
    }


def request(id: str, topic: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "title": id,
        "area": "river",
        "location": [29.4, 105.6],
        "topic": topic,
        "function": "arts",
        "learners": 10,
        "duration_minutes": 60,
        "acceptable": [window(1, "09:00", "12:00"), window(2, "09:00", "12:00")],
        **more,
    }


def tiny() -> dict[str, Any]:
    """Both venues are 10 km apart, forty minutes of way."""
    return {
        "format": "problem/1",
        "name": "tiny",
        "timezone": "Asia/Shanghai",
        "week": "2026-W49",
        "venues": [
            venue("near", [29.4, 105.6], room("hall", turnaround=15), room("half", part_of="hall")),
            venue("far", [29.49, 105.6], room("attic")),
        ],
        "volunteers": [
            volunteer("ann", "piano", "tea"),
            volunteer("bob", "tea", max_minutes_day=60),
            volunteer("cy", minor=True, roles=["assistant"], max_travel_km=1),
        ],
        "requests": [
            request("piano", "piano", sessions=2, cohorts=["seniors"]),
            request("tea", "tea", sessions=2, minors=True, assistants=1, cohorts=["seniors"]),
            request("more-tea", "tea", partial=True, sessions=3),
            request("chess", "chess"),
        ],
    }
