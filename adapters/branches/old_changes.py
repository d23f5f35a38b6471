"""Conversion of changes that branches stored before they held commands: operation, path and body of the interface.

Nothing writes this form any more. Bodies were checked when they were given, so they are read as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias
from uuid import UUID

import orjson

from adapters.branches.branch_commands import not_in_branch
from adapters.branches.branches import BranchChange, StoredCommand
from adapters.branches.overlay import BranchUnit
from adapters.opening_hours import read_with_questions
from adapters.services.adjusting import find_session, new_session
from adapters.store.mapper import json_of
from adapters.store.streams import VENUES, VOLUNTEERS
from domain.network import area_id
from domain.request import request_id
from domain.timetable import NotPlaced, Session
from domain.venue import Closure, Venue, closure_id, room_id, venue_id
from domain.volunteer import Volunteer, volunteer_id
from domain.windows import DAY_MIN, Window, clock_min

Arguments: TypeAlias = dict[str, Any]
STEPS = {
    "screen_request": "screened",
    "accept_request": "accepted",
    "start_request": "running",
    "complete_request": "completed",
    "decline_request": "declined",
    "withdraw_request": "withdrawn",
}


def converted(unit: BranchUnit, change: BranchChange) -> tuple[StoredCommand, ...]:
    """The commands of a change of the old form, in a unit inside the branch before it.

    Raises NotInBranch for an operation that no branch has ever held, and NotThere.
    """
    operation = OLD_OPERATIONS.get(change.operation)
    if operation is None:
        raise not_in_branch(change.operation)
    name, arguments_of = operation
    arguments = arguments_of(_OldChange(unit, change))
    if name == "set_opening_hours" and arguments["hours"] is None:
        name, arguments = "remove_opening_hours", {key: arguments[key] for key in ("venue", "room")}
    return (StoredCommand(name, orjson.loads(orjson.dumps(arguments))),)


class _OldChange:
    """What a change of the old form says, as arguments of commands."""

    def __init__(self, unit: BranchUnit, change: BranchChange) -> None:
        self.unit, self.operation, self.path, self.body = (
            unit,
            change.operation,
            change.path,
            change.body or {},
        )

    # ---- Areas and words

    def founding(self) -> Arguments:
        return {"new": {**self.body, **self.names(), "parent": self._area(self.body.get("parent"))}}

    def of_area(self) -> Arguments:
        """The body, about the area of the path."""
        return {"area": self._area(self.path["area"]), **self.body}

    def renaming(self) -> Arguments:
        return {**self.of_area(), **self.names()}

    def names(self) -> Arguments:
        return {"names": [[name["language"], name["name"]] for name in self.body["names"]]}

    def moving(self) -> Arguments:
        return {**self.of_area(), "parent": self._area(self.body["parent"])}

    def ending(self) -> Arguments:
        return {**self.of_area(), "into": self._area(self.body.get("into"))}

    def starts(self) -> Arguments:
        grid, bells = self.body.get("grid_minutes"), self.body.get("bell_times")
        own = None if grid is None else {"grid_min": grid}
        if bells is not None:
            own = {"bells": [*map(clock_min, bells)]}
        return {
            "area": self._area(self.path["area"]),
            "starts": own,
            "on": self.body["on"],
            "why": self.body["why"],
        }

    def entry(self) -> Arguments:
        return {"entry": {**self.body, **self.names()}}

    def retired_entry(self) -> Arguments:
        return {**self.path, **self.body}

    def day_types(self) -> Arguments:
        days = [{"kind": None, **day} for day in self.body["days"]]
        return {"calendar": self.path["calendar"], **self.body, "days": days}

    # ---- Venues

    def registration(self) -> Arguments:
        described = {name: value for name, value in self.body.items() if name != "key"}
        return {"key": self.body["key"], "described": {**described, "area": self._area(self.body["area"])}}

    def description(self) -> Arguments:
        described = {**self.body, "area": self._area(self.body["area"])}
        return {"venue": self._venue_id(), "described": described}

    def terms(self) -> Arguments:
        return {"venue": self._venue_id(), "terms": self.body}

    def room(self) -> Arguments:
        part_of = self.body.get("part_of")
        ids = {"id": self._room(self.body["key"]), "part_of": part_of and self._room(part_of)}
        return {"venue": self._venue_id(), "room": {**self.body, **ids}}

    def withdrawal(self) -> Arguments:
        return {"venue": self._venue_id(), "room": self._room(self.path["room"]), "why": self.body["why"]}

    def opening(self) -> Arguments:
        """`hours` None: the room keeps those of its venue again."""
        room, periods = self.body.get("room"), self.body.get("periods") or ()
        hours: Any = {"periods": [{"name": "", "first": None, "last": None, **period} for period in periods]}
        if self.body.get("osm") is not None:
            read = read_with_questions(self.body["osm"]).hours
            hours = json_of(type(read)).dump_python(read, mode="json")
        if self.body.get("as_venue"):
            hours = None
        return {"venue": self._venue_id(), "room": room and self._room(room), "hours": hours}

    def closure(self) -> Arguments:
        key = self._venue().key
        ordered: Closure = json_of(Closure).validate_python(
            {
                "id": UUID(int=0),
                "first": self.body["first"],
                "last": self.body.get("last") or self.body["first"],
                "rooms": [room_id(key, room) for room in self.body.get("rooms", ())],
                "start_min": self.body.get("start_min", 0),
                "end_min": self.body.get("end_min", DAY_MIN),
            }
        )
        closure = replace(ordered, id=closure_id(key, ordered))
        return {
            "venue_key": key,
            "closure": json_of(Closure).dump_python(closure, mode="json"),
            "why": self.body["why"],
            "emergency": self.body.get("emergency", False),
        }

    def lifting(self) -> Arguments:
        return {"venue_key": self._venue().key, "closure": self.path["closure"], **self.body}

    def retirement(self) -> Arguments:
        return {"venue_key": self._venue().key, **self.body}

    # ---- Volunteers

    def enrolment(self) -> Arguments:
        return {"key": self.body["key"], "profile": self._profile(self.body["profile"])}

    def profile(self) -> Arguments:
        return {"volunteer": self._volunteer_id(), "profile": self._profile(self.body)}

    def _profile(self, profile: Mapping[str, Any]) -> Arguments:
        skills = [{"level": "intermediate", **skill} for skill in profile.get("skills", ())]
        return {**profile, "skills": skills, "home_area": self._area(profile["home_area"])}

    def consent(self) -> Arguments:
        return {"volunteer": self._volunteer_id(), "consent": self.body["given"]}

    def check(self) -> Arguments:
        return {"volunteer": self._volunteer_id(), "check": self.body}

    def offer(self) -> Arguments:
        rhythm = {
            "every_weeks": self.body.get("every_weeks", 1),
            "first_week": self.body.get("first_week") or "",
            "week_letter": self.body.get("week_letter"),
        }
        hours, otherwise = self.body["windows"], self.body.get("otherwise", ())
        return {
            "volunteer": self._volunteer_id(),
            "hours": hours,
            "rhythm": rhythm,
            "otherwise": otherwise,
        }

    def exception(self) -> Arguments:
        return {"volunteer": self._volunteer_id(), "exception": self.body}

    def pause(self) -> Arguments:
        first, last = self.body["first"], self.body.get("last")
        return {
            "volunteer_key": self._volunteer().key,
            "pause": {"first": first, "last": last or first},
            "why": self.body["why"],
        }

    def leaving(self) -> Arguments:
        return {"volunteer_key": self._volunteer().key, **self.body}

    # ---- Requests

    def order(self) -> Arguments:
        return {"location": None, **self.body, "area": self._area(self.body["area"])}

    def changed_order(self) -> Arguments:
        return {"request": self._request(self.path["request"]), **self.order()}

    def of_request(self) -> Arguments:
        return {"request": self._request(self.path["request"]), **self.body}

    def step(self) -> Arguments:
        return {**self.of_request(), "status": STEPS[self.operation]}

    # ---- The draft

    def pin(self) -> Arguments:
        session = find_session(self.unit, *self._week(), self._request(self.body["request"]), self._number())
        return {**self.of_week(), "session": _written(session), "comment": self.body["comment"]}

    def of_week(self) -> Arguments:
        area, week = self._week()
        return {"area": area, "week": week}

    def unpinning(self) -> Arguments:
        return {
            **self.of_week(),
            "request": self._request(self.path["request"]),
            "number": int(self.path["session"]),
        }

    def drop(self) -> Arguments:
        request = self._request(self.body["request"])
        return {**self.of_week(), "request": request, "number": self._number(), "why": self.body["why"]}

    def move(self) -> Arguments:
        first, *also = (self._moved(form) for form in (self.body, *self.body.get("also", ())))
        return {
            **self.of_week(),
            "session": _written(first),
            "why": self.body["why"],
            "accept": self.body.get("accept", ()),
            "also": [*map(_written, also)],
        }

    def _moved(self, form: Mapping[str, Any]) -> Session:
        named = (*self._week(), self._request(form["request"]), form.get("session", 1))
        start, room = form.get("start_min"), form.get("room")
        try:
            session = find_session(self.unit, *named)
        except NotPlaced:
            if start is None or room is None or form.get("venue") is None:
                raise
            session = new_session(self.unit, *named, start)
        if start is not None:
            session = replace(session, window=Window(start, start + session.window.minutes))
        if room is not None:
            venue = form.get("venue") or self.unit.must_load(VENUES, session.venue).key
            session = replace(
                session, venue=_id(venue, venue_id), room=_id(room, lambda key: room_id(venue, key))
            )
        leads, assistants = form.get("leads"), form.get("assistants")
        return replace(
            session,
            leads=session.leads if leads is None else _people(leads),
            assistants=session.assistants if assistants is None else _people(assistants),
        )

    # ---- Keys

    def _week(self) -> tuple[UUID, str]:
        return _id(self.path["area"], area_id), self.path["week"]

    def _number(self) -> int:
        return int(self.body.get("session", 1))

    def _area(self, key: str | None) -> UUID | None:
        return None if key is None else _id(key, area_id)

    def _request(self, key: str) -> UUID:
        return _id(key, request_id)

    def _venue_id(self) -> UUID:
        return _id(self.path["venue"], venue_id)

    def _venue(self) -> Venue:
        return self.unit.must_load(VENUES, self._venue_id())

    def _room(self, key: str) -> UUID:
        venue = self._venue().key
        return _id(key, lambda text: room_id(venue, text))

    def _volunteer_id(self) -> UUID:
        return _id(self.path["volunteer"], volunteer_id)

    def _volunteer(self) -> Volunteer:
        return self.unit.must_load(VOLUNTEERS, self._volunteer_id())


def _id(text: str, id_of: Callable[[str], UUID]) -> UUID:
    """The id of a natural key; an id is taken as it is."""
    try:
        return UUID(text) if len(text) == 36 else id_of(text)
    except ValueError:
        return id_of(text)


def _people(keys: Iterable[str]) -> tuple[UUID, ...]:
    return tuple(sorted({_id(key, volunteer_id) for key in keys}))


def _written(session: Session) -> Any:
    return json_of(Session).dump_python(session, mode="json")


# The operations that a branch could hold, with the commands that they gave.
OLD_OPERATIONS: Mapping[str, tuple[str, Callable[[_OldChange], Arguments]]] = {
    "found_area": ("found_area", _OldChange.founding),
    "rename_area": ("rename_area", _OldChange.renaming),
    "recode_area": ("recode_area", _OldChange.of_area),
    "move_area": ("move_area", _OldChange.moving),
    "locate_area": ("locate_area", _OldChange.of_area),
    "set_starts": ("set_starts", _OldChange.starts),
    "letter_week": ("letter_week", _OldChange.of_area),
    "merge_area": ("merge_area", _OldChange.ending),
    "dissolve_area": ("dissolve_area", _OldChange.ending),
    "add_entry": ("add_entry", _OldChange.entry),
    "retire_entry": ("retire_entry", _OldChange.retired_entry),
    "type_days": ("type_days", _OldChange.day_types),
    "register_venue": ("register_venue", _OldChange.registration),
    "describe_venue": ("describe_venue", _OldChange.description),
    "lend_venue": ("set_lending_terms", _OldChange.terms),
    "open_room": ("open_room", _OldChange.room),
    "withdraw_room": ("withdraw_room", _OldChange.withdrawal),
    "set_opening_rules": ("set_opening_hours", _OldChange.opening),
    "close_venue": ("close_venue", _OldChange.closure),
    "lift_closure": ("reopen_venue", _OldChange.lifting),
    "retire_venue": ("retire_venue", _OldChange.retirement),
    "enrol_volunteer": ("enrol_volunteer", _OldChange.enrolment),
    "describe_volunteer": ("change_profile", _OldChange.profile),
    "record_consent": ("record_consent", _OldChange.consent),
    "record_check": ("record_check", _OldChange.check),
    "offer_hours": ("offer_hours", _OldChange.offer),
    "except_offer": ("except_offer", _OldChange.exception),
    "pause_volunteer": ("pause_volunteer", _OldChange.pause),
    "let_go": ("let_go", _OldChange.leaving),
    "submit_request": ("submit_request", _OldChange.order),
    "change_order": ("change_order", _OldChange.changed_order),
    "leave_out": ("leave_out", _OldChange.of_request),
    **dict.fromkeys(STEPS, ("step_request", _OldChange.step)),
    "pin_session": ("pin", _OldChange.pin),
    "lift_pin": ("unpin", _OldChange.unpinning),
    "move_session": ("move", _OldChange.move),
    "drop_session": ("drop", _OldChange.drop),
}
