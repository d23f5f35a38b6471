"""Examples that stand in the interface's description, made from the records themselves so that they stay true."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from adapters.store.mapper import json_of
from domain import catalogue, diary, network, request, timetable, venue, volunteer
from domain.effective_dates import Since
from domain.events import stream_id
from domain.messages import document, message_key, message_of
from domain.opening import weekly
from domain.windows import on_day

POINT = (29.4, 105.6)


def plain(record: Any) -> Any:
    """A record in the types of JSON."""
    return json_of(type(record)).dump_python(record, mode="json")


def page(*items: Any) -> dict[str, Any]:
    return {"items": list(items), "next": None}


_RIVER = network.area_id("river")
_HALL = venue.Room(venue.room_id("school", "hall"), "hall", "Hall", 60, ("projector",), turnaround_minutes=15)
VENUE = plain(
    venue.Venue(
        id=venue.venue_id("school"),
        version=4,
        key="school",
        name="River School",
        kind="school",
        area=_RIVER,
        location=POINT,
        terms=venue.LendingTerms(weekly_cap_minutes=600),
        rooms=(_HALL,),
        hours=(venue.RoomHours(None, weekly(((1, 2, 3, 4, 5), "17:00", "21:00"))),),
    )
)
ROOM = plain(_HALL)
CLOSURE = plain(
    venue.Closure(stream_id("closure", "school", "2026-12-02"), date(2026, 12, 2), date(2026, 12, 2))
)
AREA = plain(
    network.Area(
        id=_RIVER,
        version=1,
        key="river",
        level="street",
        names=(Since(date(2020, 1, 1), (("en", "River"), ("zh", "河街"))),),
        codes=(Since(date(2020, 1, 1), (network.Code("cn-nbs", "500153001"),)),),
        parents=(Since(date(2020, 1, 1), network.area_id("town")),),
        location=POINT,
        zone="Asia/Shanghai",
        calendar="CN",
        founded=date(2020, 1, 1),
    )
)
ENTRY = plain(catalogue.Entry("topic", "calligraphy", (("en", "Calligraphy"),), "arts"))
CALENDAR = {"key": "CN", "version": 1, "days": 39, "first": "2026-01-01", "last": "2026-10-10"}
VOLUNTEER = plain(
    volunteer.Volunteer(
        id=volunteer.volunteer_id("v-17"),
        version=2,
        key="v-17",
        profile=volunteer.Profile("retiree", _RIVER, (volunteer.Skill("calligraphy"),), max_travel_km=5),
        offer=(on_day(1, "17:00", "21:00"),),
    )
)
_ORDER = request.Order(
    title="Calligraphy for beginners",
    topic="calligraphy",
    function="arts",
    learners=20,
    duration_minutes=90,
    acceptable=(on_day(1, "17:00", "21:00"),),
    first_week="2026-W49",
    weeks=4,
)
ORDER = plain(_ORDER)
REQUEST = plain(
    request.CourseRequest(request.request_id("r-42"), 3, "r-42", _RIVER, None, _ORDER, "accepted")
)
_PLACED = timetable.Session(
    request.request_id("r-42"),
    1,
    on_day(1, "18:00", "19:30"),
    venue.venue_id("school"),
    _HALL.id,
    (volunteer.volunteer_id("v-17"),),
)
PLACED = plain(_PLACED)
_RELEASED = datetime(2026, 11, 21, 9, tzinfo=UTC)
RELEASE = plain(timetable.Release(1, "First timetable", 1, (_PLACED,), _RELEASED))
RELEASE_NOTE = {**RELEASE, "sessions": 1}
_ORIGIN = timetable.Origin(
    "9f2c" * 16,
    "41d7" * 16,
    812,
    0,
    (("ortools", "9.15"),),
    "optimal",
    (timetable.GoalValue("served", 1800, 1800),),
)
DRAFT = {
    "number": 1,
    "version": 1,
    "origin": plain(_ORIGIN),
    "sessions": [PLACED],
    "pins": [],
    "moves": [PLACED],
    "dropped": [],
    "adjustments": [
        plain(
            timetable.Adjustment(
                _PLACED.request,
                1,
                "moved",
                "the hall is being painted",
                ("preferred",),
                "coordinator-7",
                _RELEASED,
            )
        )
    ],
}
SESSION = {
    "request": "r-42",
    "number": 1,
    "title": _ORDER.title,
    "topic": "calligraphy",
    "function": "arts",
    "form": "class",
    "audience": "everyone",
    "community": "River",
    "day": "2026-11-30",
    "start": "18:00",
    "end": "19:30",
    "venue": "school",
    "venue_name": "River School",
    "room": "hall",
    "room_name": "Hall",
    "accessible": False,
}
DIARY = plain(
    diary.Diary(
        id=diary.diary_id(_HALL.id, "2026-W49"),
        version=1,
        kind="room",
        resource=_HALL.id,
        week="2026-W49",
        promises=(
            diary.Booking(
                timetable.timetable_id(_RIVER, "2026-W49"),
                _PLACED.request,
                1,
                _PLACED.window,
                _PLACED.venue,
                _HALL.id,
                POINT,
                15,
            ),
        ),
    )
)
DESK = {
    "area": "town",
    "week": "2026-W49",
    "zone": "Asia/Shanghai",
    "version": 12,
    "draft": 3,
    "step_min": 30,
    "days": [{"date": "2026-11-30", "type": "school_day", "name": None}],
    "venues": [{"key": "school", "name": "River School", "street": "river", "street_name": "River"}],
    "rooms": [
        {
            "venue": 0,
            "key": "hall",
            "name": "Hall",
            "capacity": 60,
            "functions": None,
            "open": [[1020, 1260]],
            "closed": [[2460, 2700, "the heating is out"]],
        }
    ],
    "people": [{"key": "v-17", "name": None}],
    "sessions": [
        {
            "request": "r-42",
            "session": 1,
            "title": "Choir",
            "community": "river",
            "function": "leisure",
            "learners": 20,
            "room": 0,
            "start": 1080,
            "end": 1170,
            "leads": [0],
            "assistants": [],
            "pin": "the choir needs the piano",
            "moved": True,
            "warnings": ["preferred"],
            "by": "p-17",
        }
    ],
    "unserved": [
        {
            "request": "r-7",
            "title": "Robots",
            "community": "river",
            "function": "science",
            "learners": 12,
            "missing": 1,
            "sessions": 2,
            "weight": 1080,
            "duration_min": 90,
            "numbers": [2],
        }
    ],
    "undo": {
        "label": {
            "request": "r-42",
            "session": 1,
            "kind": "moved",
            "title": "Choir",
            "why": "the hall is being painted",
        },
        "left": 1,
    },
    "redo": {"label": None, "left": 0},
}


def with_messages(fields: dict[str, Any], *names: str) -> dict[str, Any]:
    """The example of a record with the messages of its sentences, which are texts or lists of texts."""
    example = dict(fields)
    for name in names:
        if isinstance(fields[name], list):
            example[message_key(name, several=True)] = [document(message_of(text)) for text in fields[name]]
        else:
            example[message_key(name)] = document(message_of(fields[name]))
    return example
