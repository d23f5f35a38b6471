"""Ways out of a request without a place, as commands for a what-if branch, so that one can be tried with a button."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from api.pages.form_fields import minute_of_clock
from api.pages.weeks.week_records import RULES, RecordNames, WeekPage
from domain.windows import DAY_MIN

Record = Mapping[str, Any]
ROOM_KEYS = ("capacity", "equipment", "accessible", "functions")
PROFILE_KEYS = ("max_minutes_week", "max_minutes_day", "max_travel_km", "roles")
NEWCOMER_KIND = "retiree"


@dataclass(frozen=True, slots=True)
class BranchCommand:
    """A command as `branches/{branch}/changes` takes it."""

    operation: str
    path: Mapping[str, str]
    body: Any

    @property
    def written(self) -> dict[str, Any]:
        return {"operation": self.operation, "path": self.path, "body": self.body}


class NoCommand(ValueError):
    """A way out that needs something for which there is no command in a branch, such as hours of a room for one day."""


def commands_of(
    way: Record, week: WeekPage, names: RecordNames, request: Record, people: Mapping[str, Record]
) -> list[BranchCommand]:
    """The facts that the way needs, then the sessions that leave their places, then those that are placed.

    `people` are the records of volunteers by id. Raises NoCommand.
    """
    newcomers = {each["id"]: f"{each['id']}-for-{request['key']}"[:80] for each in way["newcomers"]}
    commands = [
        command for each in way["newcomers"] for command in _newcomer(each, newcomers[each["id"]], request)
    ]
    commands += _edits(way["edits"], week, names, people)
    commands += _drops(way["withdrawn"], names)
    commands += [_placing(placed, names, newcomers, way["sentence"]) for placed in way["placed"]]
    return commands


def _newcomer(newcomer: Record, key: str, request: Record) -> Iterator[BranchCommand]:
    profile = {
        "kind": NEWCOMER_KIND,
        "home_area": request["area"],
        "skills": [{"topic": topic} for topic in newcomer["skills"]],
        "roles": newcomer["roles"],
        **{name: newcomer[name] for name in PROFILE_KEYS if name != "roles"},
    }
    yield BranchCommand("enrol_volunteer", {}, {"key": key, "profile": profile})
    yield BranchCommand("offer_hours", {"volunteer": key}, {"windows": _windows(newcomer["available"])})


def _windows(written: Iterable[Record]) -> list[dict[str, int]]:
    """Windows of a planning document in minutes from Monday 00:00."""
    return [
        {
            "start_min": (window["day"] - 1) * DAY_MIN + (minute_of_clock(window["start"]) or 0),
            "end_min": (window["day"] - 1) * DAY_MIN + (minute_of_clock(window["end"]) or 0),
        }
        for window in written
    ]


def _edits(
    edits: Sequence[Record], week: WeekPage, names: RecordNames, people: Mapping[str, Record]
) -> Iterator[BranchCommand]:
    by_record: dict[tuple[str, str], dict[str, Any]] = defaultdict(dict)
    for edit in edits:
        if (edit["thing"], edit["key"]) == ("volunteer", "available"):
            yield from _offers(edit, week, people)
        else:
            by_record[edit["thing"], edit["id"]][edit["key"]] = edit["after"]
    for (thing, id), values in by_record.items():
        match thing:
            case "request" if id in names.requests:
                yield _order(names.requests[id], values)
            case "room" if id in names.rooms and set(values) <= set(ROOM_KEYS):
                yield _room(names, id, values)
            case "venue" if id in names.venues:
                venue = names.venues[id]
                yield BranchCommand("lend_venue", {"venue": venue["key"]}, {**venue["terms"], **values})
            case "volunteer" if id in people and set(values) <= set(PROFILE_KEYS):
                person = people[id]
                yield BranchCommand(
                    "describe_volunteer", {"volunteer": person["key"]}, {**person["profile"], **values}
                )
            case _:
                raise NoCommand(", ".join(values))


def _offers(edit: Record, week: WeekPage, people: Mapping[str, Record]) -> Iterator[BranchCommand]:
    """Other hours on the days of this week where they differ; the weekly offer stays."""
    if edit["id"] not in people:
        raise NoCommand(edit["key"])
    for day in range(7):
        before, after = (
            [window for window in edit[side] if window["day"] == day + 1] for side in ("before", "after")
        )
        if before != after:
            windows = [
                {name: minute - day * DAY_MIN for name, minute in window.items()}
                for window in _windows(after)
            ]
            body = {"day": (week.first_day + timedelta(days=day)).isoformat(), "windows": windows}
            yield BranchCommand("except_offer", {"volunteer": people[edit["id"]]["key"]}, body)


def _order(request: Record, values: Mapping[str, Any]) -> BranchCommand:
    if "acceptable" in values:
        values = {**values, "acceptable": _windows(values["acceptable"])}
    body = {
        "area": request["area"],
        "location": request["location"],
        "order": {**request["order"], **values},
    }
    return BranchCommand("change_order", {"request": request["key"]}, body)


def _room(names: RecordNames, id: str, values: Mapping[str, Any]) -> BranchCommand:
    venue = next(venue for venue in names.venues.values() if any(room["id"] == id for room in venue["rooms"]))
    room = {name: value for name, value in names.rooms[id].items() if name != "id"}
    return BranchCommand("open_room", {"venue": venue["key"]}, {**room, **values})


def _drops(withdrawn: Iterable[Record], names: RecordNames) -> Iterator[BranchCommand]:
    for session in withdrawn:
        body = {"request": _key(session, names), "session": session["session"], "why": "makes room"}
        yield BranchCommand("drop_session", {}, body)


def _placing(placed: Record, names: RecordNames, newcomers: Mapping[str, str], why: str) -> BranchCommand:
    venue = next(
        (
            venue
            for venue in names.venues.values()
            if any(room["id"] == placed["room"] for room in venue["rooms"])
        ),
        None,
    )
    if venue is None:
        raise NoCommand("room")
    start = (placed["day"] - 1) * DAY_MIN + (minute_of_clock(placed["start"]) or 0)
    body = {
        "request": _key(placed, names),
        "session": placed["session"],
        "start_min": start,
        "venue": venue["id"],
        "room": placed["room"],
        "leads": [newcomers.get(id, id) for id in placed["leads"]],
        "assistants": [newcomers.get(id, id) for id in placed["assistants"]],
        "why": why[:1000],
        "accept": [*RULES],
    }
    return BranchCommand("move_session", {}, body)


def _key(session: Record, names: RecordNames) -> str:
    request = names.requests.get(session["request"])
    return str(request["key"] if request else session["request"])
