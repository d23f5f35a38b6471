"""Card of a session: all that is known of it, who changed it and why, and everything that can be done with it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from api.http.errors import HttpProblem
from api.pages.page import Page
from api.pages.routes import Fields, Pages
from api.pages.weeks.event_words import EventLine, about_sessions, event_part, line_of
from api.pages.weeks.undo_forms import REDO, UNDO, UndoSteps, take_back, undo_steps
from api.pages.weeks.week_forms import ACTION, FormState, send, shown_again, whole_number
from api.pages.weeks.week_records import (
    DraftRecord,
    NamedSession,
    WeekPage,
    draft_of,
    volunteer_keys,
    week_page,
    when_words,
)
from domain.messages import message

pages = Pages()

CARD = "/weeks/{area}/{week}/sessions/{request}/{session}"
REASONS_OFFERED = 5
EVENTS_READ = 2000  # of the week, the newest


@dataclass(frozen=True, slots=True)
class SessionPage:
    """The session of a draft that a page is about; `placed` is None where it has no place."""

    about: WeekPage
    draft: DraftRecord | None
    request: Mapping[str, Any]
    number: int
    placed: NamedSession | None

    @property
    def key(self) -> str:
        return str(self.request["key"])

    @property
    def title(self) -> str:
        return str(self.request["order"]["title"])

    @property
    def path(self) -> str:
        """Of the card, and below /v1 of the operations about it."""
        return f"{self.about.path}/sessions/{self.key}/{self.number}"

    @property
    def moved_from(self) -> dict[str, Any]:
        """Where it was when the page was made, as commands take it; empty where it had no place."""
        if self.placed is None:
            return {}
        record = self.placed.record
        return {"venue": record["venue"], "room": record["room"], "start_min": self.placed.start}

    def words_of(self, placing: Mapping[str, Any]) -> str:
        """A place that a command names by ids, in words."""
        length = self.request["order"]["duration_minutes"]
        names, start = self.draft.names if self.draft else None, placing["start_min"]
        venue = names.venues.get(placing["venue"]) if names else None
        room = names.rooms.get(placing["room"]) if names else None
        when = when_words(self.about.page.language, start, start + length)
        return ", ".join([when, venue["name"] if venue else "", room["name"] if room else ""])

    @property
    def reasons(self) -> list[str]:
        """The last reasons that this person gave for a change by hand in this week, the newest first."""
        if self.draft is None:
            return []
        own = [
            each
            for each in self.draft.record["adjustments"]
            if each["by"] == self.about.page.viewer.actor and each["why"]
        ]
        newest = sorted(own, key=lambda each: str(each["at"]), reverse=True)
        return list(dict.fromkeys(each["why"] for each in newest))[:REASONS_OFFERED]


async def session_page(page: Page, area: str, week: str, request: str, session: str) -> SessionPage:
    """The session that the address of a page names. Raises OperationRefused."""
    about = await week_page(page, area, week)
    record, draft = await asyncio.gather(page.read(f"/requests/{request}", **about.past), draft_of(about))
    number = whole_number(session)
    placed = draft.session(record["key"], number) if draft else None
    if placed is None and not 1 <= number <= record["order"]["sessions"]:
        raise HttpProblem(
            "not-found", message("the request has no such class in a week; look at its classes")
        )
    return SessionPage(about, draft, record, number, placed)


@pages.get(CARD, may="weeks.draft.read")
async def card(page: Page, area: str, week: str, request: str, session: str) -> Response:
    return await _shown(await session_page(page, area, week, request, session), FormState())


@pages.post(CARD, may="weeks.write")
async def change(page: Page, fields: Fields, area: str, week: str, request: str, session: str) -> Response:
    """Pin, lift, drop, undo and redo, as the field `action` says."""
    subject = await session_page(page, area, week, request, session)
    action = fields.get(ACTION, "")
    if action in (UNDO, REDO):
        state = await take_back(subject.about, fields)
        return page.go(subject.path, saved=True) if state is None else await _shown(subject, state)
    path, body = _command(subject, action, fields)
    if not path:
        return await _shown(subject, shown_again(fields))
    reply, state = await send(page, fields, path, body)
    if reply is not None and reply.problem is None:
        return page.go(subject.path, saved=True)
    return await _shown(await session_page(page, area, week, request, session), state)


def _command(subject: SessionPage, action: str, fields: Fields) -> tuple[str, Any]:
    """The path and the body of the command of a form; "" where there is no such form."""
    week, named = subject.about.path, {"request": subject.key, "session": subject.number}
    guard = moved_from(fields)
    match action:
        case "pin":
            return f"{week}/pins", {**named, "comment": fields.get("comment", "").strip(), **guard}
        case "lift":
            return f"{week}/pins/{subject.key}/{subject.number}/lift", None
        case "drop":
            return f"{week}/drops", {**named, "why": fields.get("why", "").strip(), **guard}
    return "", None


def moved_from(fields: Fields) -> dict[str, Any]:
    """Where the session was when the form was made, for the command; empty where it had no place."""
    start = whole_number(fields.get("from.start_min", ""))
    if start < 0:
        return {}
    origin = {
        "venue": fields.get("from.venue", ""),
        "room": fields.get("from.room", ""),
        "start_min": start,
    }
    return {"moved_from": origin}


async def _shown(subject: SessionPage, state: FormState) -> Response:
    about, page = subject.about, subject.about.page
    people, steps, lines, areas = await asyncio.gather(
        volunteer_keys(page, subject.placed.team if subject.placed else (), **about.past),
        undo_steps(about) if about.may_change else _no_steps(),
        _history(subject),
        page.area_names({subject.request["area"]}),
    )
    return page.show(
        "weeks/card.html",
        state.problem.status if state.problem else 200,
        about=about,
        subject=subject,
        people=people,
        steps=steps,
        lines=lines,
        community=areas[subject.request["area"]],
        state=state,
    )


async def _no_steps() -> UndoSteps:
    return UndoSteps()


async def _history(subject: SessionPage) -> list[EventLine]:
    """What happened to this session, the newest first, as far as this person may read it."""
    about = subject.about
    if not about.page.viewer.may("events.read"):
        return []
    part = await event_part(about.page, {"area": about.area["key"], "week": about.week}, EVENTS_READ)
    key = subject.request["id"], subject.number
    names = subject.draft.names if subject.draft else None
    return [line_of(about.page, event, names) for event in part.events if key in about_sessions(event)]
