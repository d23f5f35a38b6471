"""Decide what the people of a released week ask for: which reads and commands, how often each, by whom."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from adapters.access.api_tokens import Credential, credential_row
from adapters.application.application import Lyceum
from adapters.store.streams import REQUESTS, VENUES, VOLUNTEERS
from bench.districts import DISTRICT
from bench.problems import Document
from domain.account import RoleGrant
from domain.calendar import date_of
from domain.network import area_id
from domain.venue import venue_id
from domain.volunteer import volunteer_id

READ_SHARE = 95
CONDITIONAL = 0.3  # so many of the reads come with the ETag that the client knows from before

# Reads by how often people look: residents at their library's day, hosts at their venue, coordinators at the draft.
READS: Mapping[str, int] = {
    "sessions at a venue": 25,
    "sessions of a day": 15,
    "sessions of a request": 8,
    "sessions, next page": 5,
    "week": 8,
    "venue": 7,
    "venues, next page": 3,
    "open hours of a room": 4,
    "request": 8,
    "requests of an area": 3,
    "diary": 8,
    "draft": 2,
    "catalogue": 2,
    "areas": 2,
}
COMMANDS: Mapping[str, int] = {
    "submit a request": 32,
    "change a room": 15,
    "set lending terms": 15,
    "offer hours": 15,
    "pin a session": 17,
    "lift a pin": 5,
    "try a move": 1,
}


@dataclass(frozen=True)
class Asked:
    """One request as it is sent; `etag` is what the client knows, "" where nothing."""

    kind: str
    method: str
    path: str
    token: str = ""
    etag: str = ""
    body: str = ""

    @property
    def line(self) -> str:
        return f"{self.kind}\t{self.method}\t{self.path}\t{self.token}\t{self.etag}\t{self.body}"


@dataclass(frozen=True)
class Town:
    """What is there to ask for: the keys of a problem document, and its sessions as they were released.

    `sessions` are (request, number, venue, room, lead), by keys.
    """

    week: str
    venues: Sequence[Document]
    volunteers: Sequence[str]
    requests: Sequence[Document]
    sessions: Sequence[tuple[str, int, str, str, str]]


def town_of(lyceum: Lyceum, problem: Document, plan: Document) -> Town:
    """Raises KeyError where plan and problem do not belong together."""
    views = lyceum.views
    records: tuple[Any, ...] = (*views.all(VENUES), *views.all(VOLUNTEERS), *views.all(REQUESTS))
    keys = {str(record.id): record.key for record in records}
    rooms = {str(room.id): (venue.key, room.key) for venue in views.all(VENUES) for room in venue.rooms}
    sessions = [
        (
            keys[assignment["request"]],
            assignment["session"],
            *rooms[assignment["room"]],
            keys[assignment["leads"][0]],
        )
        for assignment in plan["assignments"]
        if assignment["leads"]
    ]
    people = [volunteer["id"] for volunteer in problem["volunteers"]]
    return Town(problem["week"], problem["venues"], people, problem["requests"], sessions)


# ---- Who asks


def tokens(lyceum: Lyceum, town: Town) -> dict[str, str]:
    """A token for each coordinator, community, host and volunteer of the town; its name is who they are."""
    held: dict[str, tuple[RoleGrant, ...]] = {"coordinator": (RoleGrant("coordinator", area_id(DISTRICT)),)}
    for key in sorted({request["area"] for request in town.requests}):
        held[f"community {key}"] = (RoleGrant("community", area_id(key)),)
    for venue in town.venues:
        held[f"host {venue['id']}"] = (RoleGrant("host", venue_id(venue["id"])),)
    for key in town.volunteers:
        held[f"volunteer {key}"] = (RoleGrant("volunteer", volunteer_id(key)),)
    until = lyceum.clock() + timedelta(days=1)
    secrets = {name: f"lyc_bench_{number:06}_{'x' * 27}" for number, name in enumerate(held)}
    lyceum.store.save(
        (), [credential_row(secrets[name], Credential(_actor(name), held[name], until)) for name in held]
    )
    return secrets


def _actor(name: str) -> str:
    return name.replace(" ", "-")


# ---- What they ask


def reads(town: Town, tokens: Mapping[str, str], rng: random.Random, each: int = 200) -> list[Asked]:
    """Up to `each` requests of every kind of read."""
    week, whole = f"/v1/weeks/{DISTRICT}/{town.week}", tokens["coordinator"]
    functions = sorted({request["function"] for request in town.requests})
    days = [date_of(town.week, day).isoformat() for day in range(1, 8)]
    questions: list[Asked] = []

    def add(kind: str, path: str, token: str = "") -> None:
        questions.append(Asked(kind, "GET", path, token))

    for request, _, venue, room, lead in rng.choices(town.sessions, k=each):
        area = next(record["area"] for record in town.requests if record["id"] == request)
        day = rng.choice(days)
        add("sessions at a venue", f"{week}/sessions?venue={venue}")
        add("sessions of a day", f"{week}/sessions?day={day}&function={rng.choice(functions)}&limit=50")
        add("sessions of a request", f"{week}/sessions?request={request}")
        add("week", week)
        add("venue", f"/v1/venues/{venue}", tokens[f"host {venue}"])
        add(
            "open hours of a room",
            f"/v1/venues/{venue}/rooms/{room}/open/{town.week}",
            tokens[f"host {venue}"],
        )
        add("request", f"/v1/requests/{request}", tokens[f"community {area}"])
        add("requests of an area", f"/v1/requests?area={area}&limit=20", tokens[f"community {area}"])
        add("diary", f"/v1/diaries/rooms/{venue}/{room}/{town.week}", tokens[f"host {venue}"])
        add("diary", f"/v1/diaries/volunteers/{lead}/{town.week}", tokens[f"volunteer {lead}"])
    add("draft", f"{week}/draft", whole)
    add("catalogue", "/v1/catalogue?limit=50")
    add("areas", "/v1/areas?limit=20")
    add("sessions, next page", f"{week}/sessions?limit=50")
    add("venues, next page", f"/v1/venues?area={DISTRICT}&limit=20", whole)
    return questions


def commands(town: Town, tokens: Mapping[str, str], rng: random.Random, each: int = 200) -> list[Asked]:
    """Up to `each` requests of every kind of command."""
    week, whole = f"/v1/weeks/{DISTRICT}/{town.week}", tokens["coordinator"]
    questions: list[Asked] = []

    def add(kind: str, path: str, token: str, **body: Any) -> None:
        questions.append(Asked(kind, "POST", path, token, "", orjson.dumps(body).decode()))

    for request, number, venue, room, _ in rng.sample(list(town.sessions), min(each, len(town.sessions))):
        session = {"request": request, "session": number}
        chosen = next(candidate for candidate in town.requests if candidate["id"] == request)
        add("pin a session", f"{week}/pins", whole, **session, comment="the choir needs the piano %N%")
        add("lift a pin", f"{week}/pins/{request}/{number}/lift", whole)
        add("try a move", f"{week}/moves/try", whole, **session, start_min=rng.randrange(18, 40) * 30)
        add("submit a request", "/v1/requests", tokens[f"community {chosen['area']}"], **_order(town, chosen))
        add(
            "change a room",
            f"/v1/venues/{venue}/rooms",
            tokens[f"host {venue}"],
            **_room(town, venue, room, rng),
        )
        cap = rng.randrange(3000, 9000)
        add("set lending terms", f"/v1/venues/{venue}/lend", tokens[f"host {venue}"], weekly_cap_minutes=cap)
    for key in rng.sample(list(town.volunteers), min(each, len(town.volunteers))):
        start = rng.randrange(36, 40) * 30
        windows = [{"start_min": day * 1440 + start, "end_min": day * 1440 + start + 120} for day in range(5)]
        add("offer hours", f"/v1/volunteers/{key}/offer", tokens[f"volunteer {key}"], windows=windows)
    return questions


def _order(town: Town, request: Document) -> Document:
    order = {
        "title": request["title"],
        "topic": request["topic"],
        "function": request["function"],
        "learners": request["learners"],
        "duration_minutes": request["duration_minutes"],
        "acceptable": [{"start_min": 1080, "end_min": 1260}],
        "first_week": town.week,
    }
    return {"key": "new-%N%", "area": request["area"], "order": order}


def _room(town: Town, venue: str, room: str, rng: random.Random) -> Document:
    rooms = next(candidate["rooms"] for candidate in town.venues if candidate["id"] == venue)
    chosen = next(candidate for candidate in rooms if candidate["id"] == room)
    fields = ("name", "equipment", "accessible", "turnaround_minutes", "part_of", "functions")
    return {"key": room, "capacity": rng.randrange(20, 90), **{name: chosen[name] for name in fields}}


# ---- The file that wrk reads


def write_mix(file: Path, questions: Iterable[Asked], *, read_share: int = READ_SHARE) -> None:
    """All requests, with the share of each kind: together `read_share` percent of them are reads."""
    questions = list(questions)
    there = {question.kind for question in questions}
    lines = [
        f"share\t{kind}\t{share * part / sum(weight for name, weight in shares.items() if name in there)}"
        for shares, part in ((READS, read_share), (COMMANDS, 100 - read_share))
        for kind, share in shares.items()
        if kind in there and part
    ]
    file.write_text(
        "\n".join([*lines, *(question.line for question in questions if _wanted(question, read_share))])
        + "\n",
        "utf-8",
    )


def _wanted(question: Asked, read_share: int) -> bool:
    return bool(read_share if question.method == "GET" else 100 - read_share)


def known(questions: Sequence[Asked], etags: Mapping[str, str], rng: random.Random) -> list[Asked]:
    """The reads, a part of them by clients that know an answer; `etags` by path."""
    return [
        replace(question, etag=etags.get(question.path, "")) if rng.random() < CONDITIONAL else question
        for question in questions
    ]
