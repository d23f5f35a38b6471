"""Moving a session: the places that are allowed, what one of them would take, suggestions, and the move itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.responses import Response

from api.pages.operation_client import ProblemDetails
from api.pages.page import Page
from api.pages.routes import Fields, Pages, is_shown_only
from api.pages.weeks.session_card import CARD, SessionPage, moved_from, session_page
from api.pages.weeks.week_forms import FormState, accepted_rules, send, shown_again, whole_number
from api.pages.weeks.week_records import RecordNames, volunteer_keys
from domain.windows import DAY_MIN

pages = Pages()

ALLOWED = ("same", "others")  # verdicts of places: the same people can, other people could
SUGGESTED = 10
LOOKED_AT = 50  # suggestions among which the one for a chosen place is found
PLACING = ("start_min", "venue", "room", "leads", "assistants", "also", "accept")


@dataclass(frozen=True, slots=True)
class AllowedPlace:
    """A room and a start where the session could be. `start` in minutes from Monday 00:00."""

    venue: str
    room: str
    start: int
    verdict: str

    @property
    def value(self) -> str:
        """As a form names it."""
        return f"{self.venue}/{self.room}/{self.start}"


@dataclass(frozen=True, slots=True)
class PlaceChoice:
    """What the page offers: how many places there are on each day and in each venue, and those of the chosen ones."""

    day: int
    venue: str
    days: tuple[tuple[int, int], ...]
    venues: tuple[tuple[str, str, int], ...]
    places: tuple[tuple[str, tuple[AllowedPlace, ...]], ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A move that somebody looks at before it is made, and what it takes.

    `placing` is the body of the command as far as the place decides it; `broken` are hard rules in its way.
    """

    placing: Mapping[str, Any]
    broken: tuple[Mapping[str, Any], ...] = ()
    warnings: tuple[Mapping[str, Any], ...] = ()
    people: tuple[Mapping[str, Any], ...] = ()
    learners: int = 0
    sentence: str = ""
    moves: tuple[Mapping[str, Any], ...] = ()

    @property
    def written(self) -> str:
        """The placing, as a hidden field has it."""
        return orjson.dumps(self.placing).decode()

    @property
    def rules(self) -> list[str]:
        return list(dict.fromkeys(warning["rule"] for warning in self.warnings))


# ---- Allowed places


def allowed_places(places: Mapping[str, Any], names: RecordNames) -> Iterator[AllowedPlace]:
    """Rooms and starts where the session could be, by ids."""
    verdicts, step, slots = places["verdicts"], places["step_min"], places["slots"]
    for room in places["rooms"]:
        runs, (venue_id, room_id) = room["runs"], names.ids_of(room["venue"], room["room"])
        for index in range(0, len(runs), 2):
            verdict = verdicts[runs[index + 1]]
            if verdict in ALLOWED:
                end = runs[index + 2] if index + 2 < len(runs) else slots
                for slot in range(runs[index], end):
                    yield AllowedPlace(venue_id, room_id, slot * step, verdict)


def choice_of_places(
    subject: SessionPage, names: RecordNames, places: Sequence[AllowedPlace], query: Mapping[str, str]
) -> PlaceChoice:
    """The allowed places by day and venue; without a choice those of the day and the venue where it is now."""
    placed = subject.placed
    day_text = query.get("day", "")
    by_day: dict[int, int] = defaultdict(int)
    for free in places:
        by_day[free.start // DAY_MIN] += 1
    usual = placed.weekday if placed and placed.weekday in by_day else min(by_day, default=0)
    day = int(day_text) if day_text and day_text in "0123456" else usual
    by_venue: dict[str, list[AllowedPlace]] = defaultdict(list)
    for free in places:
        if free.start // DAY_MIN == day:
            by_venue[free.venue].append(free)

    def venue_name(id: str) -> str:
        record = names.venues.get(id)
        return str(record["name"]) if record else id

    venues = sorted(
        ((id, venue_name(id), len(own)) for id, own in by_venue.items()), key=lambda row: row[1].casefold()
    )
    home = placed.record["venue"] if placed else ""
    venue = query.get("venue", "") or (home if home in by_venue else venues[0][0] if venues else "")
    rooms: dict[str, list[AllowedPlace]] = defaultdict(list)
    for free in by_venue.get(venue, ()):
        if placed is None or (free.room, free.start) != (placed.record["room"], placed.start):
            rooms[free.room].append(free)

    def room_name(id: str) -> str:
        record = names.rooms.get(id)
        return str(record["name"]) if record else id

    named = sorted(
        ((room_name(id), tuple(own)) for id, own in rooms.items()), key=lambda row: row[0].casefold()
    )
    return PlaceChoice(day, venue, tuple(sorted(by_day.items())), tuple(venues), tuple(named))


# ---- What a place would take


async def proposal_of(subject: SessionPage, value: str) -> Proposal | ProblemDetails | None:
    """A move to the place that a form names; None where it names none.

    Where the people of the session cannot come, those of the best suggestion for that place go with it.
    """
    venue, _, rest = value.partition("/")
    room, _, start = rest.partition("/")
    start_min = whole_number(start)
    if not (venue and room and 0 <= start_min < 7 * DAY_MIN):
        return None
    placing = {"start_min": start_min, "venue": venue, "room": room}
    named = {"request": subject.key, "session": subject.number}
    if subject.placed is not None:
        reply = await subject.about.page.client.command(
            f"{subject.about.path}/moves/try", {**named, **placing}
        )
        if reply.problem is not None:
            return reply.problem
        tried = reply.document
        if tried["allowed"]:
            return Proposal(
                placing,
                warnings=tuple(tried["warnings"]),
                people=tuple(tried.get("people", ())),
                learners=tried.get("learners", 0),
            )
        broken = tuple(tried["broken"])
    else:
        broken = ()
    day = subject.about.day(start_min).isoformat()
    reply = await subject.about.page.client.read(
        f"{subject.path}/suggestions", {"venue": venue, "day": day, "limit": LOOKED_AT}
    )
    if reply.problem is not None:
        return reply.problem
    fitting = [
        suggestion
        for suggestion in reply.document["items"]
        if (suggestion["command"]["room"], suggestion["command"]["start_min"]) == (room, start_min)
    ]
    return _suggested(fitting[0]) if fitting else Proposal(placing, broken=broken)


def _suggested(suggestion: Mapping[str, Any]) -> Proposal:
    command = suggestion["command"]
    return Proposal(
        {name: command[name] for name in PLACING},
        warnings=tuple(suggestion["warnings"]),
        people=tuple(suggestion["people"]),
        learners=suggestion["learners"],
        sentence=suggestion["sentence"],
        moves=tuple(suggestion["moves"]),
    )


# ---- Pages


@pages.get(CARD + "/move", may="weeks.write")
async def choose_place(page: Page, area: str, week: str, request: str, session: str) -> Response:
    """The allowed places of a day and a venue; with `to` in the address, what the move there takes."""
    subject = await session_page(page, area, week, request, session)
    value = page.request.query_params.get("to", "")
    proposal = await proposal_of(subject, value) if value else None
    if isinstance(proposal, ProblemDetails):
        return await _shown(subject, None, FormState("move", {}, proposal))
    return await _shown(subject, proposal, FormState())


@pages.post(CARD + "/move", may="weeks.write")
async def move(page: Page, fields: Fields, area: str, week: str, request: str, session: str) -> Response:
    subject = await session_page(page, area, week, request, session)
    placing = _placing(fields)
    state = shown_again(fields)
    if placing and not is_shown_only(fields):
        reply, state = await send(
            page, fields, f"{subject.about.path}/moves", _body(subject, placing, fields)
        )
        if reply is not None and reply.problem is None:
            return page.go(subject.path, saved=True)
        subject = await session_page(page, area, week, request, session)
    value = "/".join(str(placing.get(name, "")) for name in ("venue", "room", "start_min"))
    proposal = await proposal_of(subject, value)
    return await _shown(subject, None if isinstance(proposal, ProblemDetails) else proposal, state)


@pages.get(CARD + "/suggestions", may="weeks.draft.read")
async def suggestions(page: Page, area: str, week: str, request: str, session: str) -> Response:
    return await _suggestions(await session_page(page, area, week, request, session), FormState())


@pages.post(CARD + "/suggestions", may="weeks.write")
async def take_suggestion(
    page: Page, fields: Fields, area: str, week: str, request: str, session: str
) -> Response:
    subject = await session_page(page, area, week, request, session)
    placing = _placing(fields)
    if not placing or is_shown_only(fields):
        return await _suggestions(subject, shown_again(fields))
    accept = list(placing.get("accept", ()))
    body = _body(subject, placing, fields, accept)
    reply, state = await send(page, fields, f"{subject.about.path}/moves", body)
    if reply is not None and reply.problem is None:
        return page.go(subject.path, saved=True)
    return await _suggestions(await session_page(page, area, week, request, session), state)


def _placing(fields: Fields) -> dict[str, Any]:
    """The place that a form sends on, as the page wrote it; the operation judges it."""
    try:
        placing = orjson.loads(fields.get("placing", ""))
    except orjson.JSONDecodeError:
        return {}
    return {name: placing[name] for name in PLACING if name in placing} if isinstance(placing, dict) else {}


def _body(
    subject: SessionPage, placing: Mapping[str, Any], fields: Fields, accept: Sequence[str] | None = None
) -> dict[str, Any]:
    return {
        **{name: value for name, value in placing.items() if name != "accept"},
        "request": subject.key,
        "session": subject.number,
        "why": fields.get("why", "").strip(),
        "accept": accepted_rules(fields) if accept is None else accept,
        **moved_from(fields),
    }


async def _shown(subject: SessionPage, proposal: Proposal | None, state: FormState) -> Response:
    page, query = subject.about.page, subject.about.page.request.query_params
    places = await page.client.read(f"{subject.path}/places")
    choice = None
    if places.problem is None and subject.draft is not None:
        allowed = list(allowed_places(places.document, subject.draft.names))
        choice = choice_of_places(subject, subject.draft.names, allowed, query)
    elif places.problem is not None and state.problem is None:
        state = FormState("move", {}, places.problem)
    return page.show(
        "weeks/move.html",
        state.problem.status if state.problem else 200,
        about=subject.about,
        subject=subject,
        choice=choice,
        proposal=proposal,
        state=state,
        people=await _keys(page, proposal),
    )


async def _suggestions(subject: SessionPage, state: FormState) -> Response:
    page = subject.about.page
    query = {"limit": SUGGESTED, **subject.about.past}
    reply = await page.client.read(f"{subject.path}/suggestions", query)
    if reply.problem is not None and state.problem is None:
        state = FormState("suggest", {}, reply.problem)
    ranked = [_suggested(each) for each in reply.document["items"]] if reply.problem is None else []
    return page.show(
        "weeks/suggestions.html",
        state.problem.status if state.problem else 200,
        about=subject.about,
        subject=subject,
        ranked=ranked,
        state=state,
    )


async def _keys(page: Page, proposal: Proposal | None) -> dict[str, str]:
    """Keys of the people that a proposal brings."""
    ids = [*proposal.placing.get("leads", ()), *proposal.placing.get("assistants", ())] if proposal else []
    return await volunteer_keys(page, ids)
