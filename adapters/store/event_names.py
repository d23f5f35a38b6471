"""Stored names and versions of events, and the upcasters of their old versions.

A stored name never changes and is never used again. To change an event: raise its version here, write an upcaster
from the version before, and keep the golden file of the old one under `tests/events/`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from domain import account, catalogue, day_types, diary, network, request, timetable, venue, volunteer
from domain.events import Event
from domain.messages import message

NAMES: dict[type[Event], tuple[str, int]] = {
    network.AreaFounded: ("area.founded", 1),
    network.AreaRenamed: ("area.renamed", 1),
    network.AreaRecoded: ("area.recoded", 1),
    network.AreaMoved: ("area.moved", 1),
    network.AreaLocated: ("area.located", 1),
    network.AreaMerged: ("area.merged", 1),
    network.AreaDissolved: ("area.dissolved", 2),
    network.AreaStartsSet: ("area.starts_set", 1),
    network.AreaWeekLettered: ("area.week_lettered", 1),
    catalogue.EntryAdded: ("catalogue.entry_added", 1),
    catalogue.EntryRetired: ("catalogue.entry_retired", 1),
    day_types.DaysTyped: ("calendar.days_typed", 1),
    venue.VenueRegistered: ("venue.registered", 1),
    venue.VenueDescribed: ("venue.described", 1),
    venue.LendingTermsSet: ("venue.lending_terms_set", 1),
    venue.RoomOpened: ("venue.room_opened", 1),
    venue.RoomChanged: ("venue.room_changed", 1),
    venue.RoomWithdrawn: ("venue.room_withdrawn", 1),
    venue.OpeningHoursSet: ("venue.opening_hours_set", 2),
    venue.OpeningHoursRemoved: ("venue.opening_hours_removed", 1),
    venue.VenueClosed: ("venue.closed", 1),
    venue.ClosureLifted: ("venue.closure_lifted", 1),
    venue.VenueRetired: ("venue.retired", 1),
    volunteer.VolunteerEnrolled: ("volunteer.enrolled", 1),
    volunteer.ProfileChanged: ("volunteer.profile_changed", 1),
    volunteer.HoursOffered: ("volunteer.hours_offered", 2),
    volunteer.OfferExcepted: ("volunteer.offer_excepted", 1),
    volunteer.OfferPaused: ("volunteer.offer_paused", 1),
    volunteer.ConsentRecorded: ("volunteer.consent_recorded", 1),
    volunteer.CheckRecorded: ("volunteer.check_recorded", 1),
    volunteer.VolunteerLeft: ("volunteer.left", 1),
    volunteer.VolunteerMerged: ("volunteer.merged", 1),
    request.RequestSubmitted: ("request.submitted", 2),
    request.OrderChanged: ("request.order_changed", 2),
    request.RequestStepped: ("request.stepped", 1),
    timetable.DraftMade: ("timetable.draft_made", 1),
    timetable.SessionPinned: ("timetable.session_pinned", 1),
    timetable.SessionUnpinned: ("timetable.session_unpinned", 1),
    timetable.SessionMoved: ("timetable.session_moved", 2),
    timetable.StepUndone: ("timetable.step_undone", 1),
    timetable.StepRedone: ("timetable.step_redone", 1),
    timetable.SessionDropped: ("timetable.session_dropped", 1),
    timetable.TimetableReleased: ("timetable.released", 1),
    diary.PromisesChanged: ("diary.promises_changed", 1),
    diary.TimeBlocked: ("diary.time_blocked", 1),
    diary.BlockLifted: ("diary.block_lifted", 1),
    account.AccountOpened: ("account.opened", 2),
    account.RoleOffered: ("account.role_offered", 1),
    account.OfferEnded: ("account.offer_ended", 1),
    account.RoleGranted: ("account.role_granted", 2),
    account.RoleWithdrawn: ("account.role_withdrawn", 1),
    account.AccountClosed: ("account.closed", 1),
}

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]  # the JSON of one version to that of the next


def _nothing_accepted(state: dict[str, Any]) -> dict[str, Any]:
    """Before version 2 a move could not pass a soft rule, because none was judged."""
    return {**state, "accepted": []}


def _no_successor_named(state: dict[str, Any]) -> dict[str, Any]:
    """Before version 2 a dissolved area could not name who takes over what belongs to it."""
    return {**state, "into": None}


def _by_nobody_known(state: dict[str, Any]) -> dict[str, Any]:
    """Before version 2 it was not kept by whose right an account was opened, or a role given."""
    return {**state, "authority": None}


def _no_seasons(state: dict[str, Any]) -> dict[str, Any]:
    """Before version 2 no period recurred and no rule named weeks; their defaults say so."""
    return state


def _every_week(state: dict[str, Any]) -> dict[str, Any]:
    """Before version 2 an offer held in each week."""
    return {**state, "rhythm": {"every_weeks": 1, "first_week": "", "week_letter": None}, "otherwise": []}


def _on_end(state: dict[str, Any]) -> dict[str, Any]:
    """Before version 2 a course was held in so many weeks on end."""
    lists: dict[str, list[str]] = {"on_weeks": [], "on_dates": [], "except_weeks": [], "make_up_weeks": []}
    order = {**state["order"], "every_weeks": 1, "week_letter": None, **lists, "make_up": "none"}
    return {**state, "order": order}


# (name, version that it reads)
UPCASTERS: dict[tuple[str, int], Upcaster] = {
    ("area.dissolved", 1): _no_successor_named,
    ("timetable.session_moved", 1): _nothing_accepted,
    ("account.opened", 1): _by_nobody_known,
    ("account.role_granted", 1): _by_nobody_known,
    ("venue.opening_hours_set", 1): _no_seasons,
    ("volunteer.hours_offered", 1): _every_week,
    ("request.submitted", 1): _on_end,
    ("request.order_changed", 1): _on_end,
}

_CLASSES = {name: (cls, version) for cls, (name, version) in NAMES.items()}


class UnknownEvent(LookupError):
    """A stored event that this version of the program has no class for."""


def topic_of(cls: type[Event]) -> str:
    """The stored type, such as "area.founded/1"."""
    name, version = NAMES[cls]
    return f"{name}/{version}"


def in_words(name: str) -> str:
    """A stored name as people say it, such as "venue closed" or "timetable session pinned"."""
    return name.replace(".", " ").replace("_", " ")


def class_of(topic: str) -> tuple[type[Event], tuple[Upcaster, ...]]:
    """The class that reads a stored type today, and the upcasters to apply to its JSON first, in order."""
    name, _, stored = topic.partition("/")
    if name not in _CLASSES or not stored.isdecimal() or not 1 <= int(stored) <= _CLASSES[name][1]:
        raise UnknownEvent(
            message(
                "event {topic!r} comes from a newer version of the program; upgrade to read it", topic=topic
            )
        )
    cls, version = _CLASSES[name]
    return cls, tuple(UPCASTERS[name, step] for step in range(int(stored), version))
