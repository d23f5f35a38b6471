"""Tiny weeks with a plan, and every way to place a request in them: what explanations are compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from itertools import combinations, product

from hypothesis import strategies as st

from scheduler import Assignment, Problem, Volunteer, check, read_problem, write_assignment
from scheduler.explain import Edit
from scheduler.explain.edits import write_volunteer
from tests.scheduler.cases import Document, plan, problem, put, request, volunteer, window
from tests.scheduler.test_solve import tiny_problems, with_a_day_skipped

_FIT = {"do not fit": "capacity", "lacks": "equipment", "accessible": "access", "welcome": "welcome"}
NOT_FACTS = {"grid", "team", "session", "whole", "pin"}


# ---- Brute force: every way to place a request, and the rules that each breaks


def all_places(read: Problem, wanted_id: str) -> Iterator[list[Assignment]]:
    request = next(candidate for candidate in read.requests if candidate.id == wanted_id)
    rooms = [room.id for venue in read.venues for room in venue.rooms]
    people = [person.id for person in read.volunteers]
    starts = [(day, start) for day in range(1, 8) for start in range(0, 1440, read.grid_min)]
    starts = [(day, start) for day, start in starts if start + request.duration_min <= 1440]
    teams = [
        (leads, helpers)
        for leads in combinations(people, request.leads)
        for helpers in combinations(people, request.assistants)
        if not set(leads) & set(helpers)
    ]
    single = [(day, start, room, team) for (day, start), room, team in product(starts, rooms, teams)]
    count = 1 if request.partial else request.sessions
    for chosen in combinations(single, count) if count > 1 else ((session,) for session in single):
        yield [
            Assignment(wanted_id, number, day, start, room, *team)
            for number, (day, start, room, team) in enumerate(chosen, 1)
        ]


def broken_facts(read: Problem, others: list[Assignment], own: list[Assignment]) -> frozenset[str]:
    mine = own[0].request
    breaches = [
        breach for breach in check(read, [*others, *own]) if any(name == mine for name, _ in breach.sessions)
    ]
    facts = set()
    for breach in breaches:
        if breach.rule == "fit":
            facts.add(next(fact for word, fact in _FIT.items() if word in breach.sentence))
        elif breach.rule not in ("whole", "pin"):
            facts.add(breach.rule)
    return frozenset(facts)


def smallest_sets(read: Problem, others: list[Assignment], wanted_id: str) -> set[frozenset[str]]:
    """All minimal sets of facts whose setting aside lets the request be placed."""
    sets: set[frozenset[str]] = set()
    for own in all_places(read, wanted_id):
        facts = broken_facts(read, others, own)
        if facts & NOT_FACTS or any(known <= facts for known in sets):
            continue
        sets = {known for known in sets if not facts <= known} | {facts}
    return sets


# Few hours of one or two days, so that a full search is short; the rest of the week must stay out of reach.
_RARE = ["available", "open"]


@st.composite
def small_weeks(draw: st.DrawFn) -> tuple[Document, Document]:
    """A tiny problem on a coarse grid, and a plan for the request before the last one."""
    document = draw(tiny_problems())
    document["grid_minutes"] = 240
    document["bell_times"] = draw(st.sampled_from([[], [], ["08:00", "16:00"]]))
    document["goals"] = ["served", "functions", "continuity", "preferred", "travel"]
    for requested in document["requests"]:
        requested["acceptable"] = draw(
            st.sampled_from([[window("08:00", "14:00")], [window("12:00", "20:00", 2)]])
        )
        requested["leads"], requested["assistants"] = (
            min(requested["leads"], 1),
            min(requested["assistants"], 1),
        )
        requested["sessions"] = 1
        requested["grid_minutes"], requested["bell_times"] = 240, draw(st.sampled_from([[], [], ["12:00"]]))
        if draw(st.booleans()):
            del requested["grid_minutes"]
    for person in document["volunteers"]:
        person["skills"] = draw(st.sampled_from([["music"], ["music"], ["art"]]))
        person["available"] = draw(
            st.sampled_from(
                [[window("08:00", "20:00")], [window("08:00", "13:00", 2)], [window("12:00", "18:00")]]
            )
        )
    if draw(st.sampled_from([False, False, True])):
        document = with_a_day_skipped(document)
    placed: list[Document] = []
    read = read_problem(document)
    for requested in document["requests"][:-1]:
        ways = (
            own for own in all_places(read, requested["id"]) if not check(read, [*map(_read, placed), *own])
        )
        if own := next(ways, None):
            placed += map(write_assignment, own)
    return document, plan(*placed)


def _read(session: Document) -> Assignment:
    minutes = int(session["start"][:2]) * 60 + int(session["start"][3:])
    return Assignment(
        session["request"],
        session["session"],
        session["day"],
        minutes,
        session["room"],
        tuple(session["leads"]),
        tuple(session.get("assistants", ())),
    )


@st.composite
def small_courses(draw: st.DrawFn) -> tuple[Document, Document]:
    """Two sessions with one lead each, on a grid of half days; another request may be in the way."""
    days = st.sampled_from([[window("00:00", "24:00")], [window("00:00", "24:00", day) for day in (1, 2)]])
    hours = st.sampled_from([60, 720, None])
    people = [
        volunteer(name, available=draw(days), max_minutes_week=draw(hours), max_minutes_day=draw(hours),
                  skills=draw(st.sampled_from([["music"], ["music"], ["art"]])))
        for name in ("ann", "bob")
    ]  # fmt: skip
    open_rooms = [
        {"id": name, "name": name, "capacity": draw(st.sampled_from([5, 20])), "open": draw(days)}
        for name in "xy"
    ]
    venues = [
        {"id": f"v{number}", "name": f"v{number}", "kind": "school", "location": [50.0, 4.0 + number / 50],
         "rooms": [room],         "weekly_cap_minutes": draw(hours)}
        for number, room in enumerate(open_rooms)
    ]  # fmt: skip
    course = request(
        "a", sessions=2, acceptable=draw(days), same_leads=draw(st.booleans()),
        max_sessions_per_day=draw(st.integers(1, 2)), cohorts=draw(st.sampled_from([["k"], []])),
    )  # fmt: skip
    lead = draw(st.sampled_from(["", "ann"]))
    rival = request(
        "b", acceptable=draw(days), cohorts=draw(st.sampled_from([["k"], []])), leads=len(lead.split())
    )
    document = problem(course, rival, venues=venues, volunteers=people, grid_minutes=720)
    session = put("b", "12:00", "x", lead)
    return document, plan(session) if draw(st.booleans()) and _fits(document, session) else plan()


def _fits(document: Document, session: Document) -> bool:
    return check(read_problem(document), [_read(session)]) == ()


def edited_document(
    problem: Document, edits: Iterable[Edit], newcomers: Iterable[Volunteer] = ()
) -> Document:
    """A copy of a problem document with edits made and newcomers added to its volunteers."""
    document = deepcopy(problem)
    things = {
        "room": {room["id"]: room for venue in document["venues"] for room in venue["rooms"]},
        "venue": {venue["id"]: venue for venue in document["venues"]},
        "volunteer": {volunteer["id"]: volunteer for volunteer in document["volunteers"]},
        "request": {request["id"]: request for request in document["requests"]},
    }
    for edit in edits:
        things[edit.thing][edit.id][edit.key] = deepcopy(edit.after)
    document["volunteers"] += map(write_volunteer, newcomers)
    return document
