"""List of the sessions of a draft, day by day: the twin of the desk for who reads rather than looks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from api.pages.labels import choice_of, marked
from api.pages.page import Page
from api.pages.routes import Fields, Pages
from api.pages.tables import DOWNLOAD, csv_response
from api.pages.weeks.undo_forms import UndoSteps, take_back, undo_steps
from api.pages.weeks.week_forms import FormState, first_row
from api.pages.weeks.week_records import (
    PAST,
    DraftRecord,
    NamedSession,
    WeekPage,
    draft_of,
    ordered,
    volunteer_keys,
    week_page,
)
from domain.windows import DAY_MIN

pages = Pages()

ROWS = 80  # a page; each row is about 14 nodes
FILTERS = ("day", "street", "venue", "function", "text", "marks")


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """What a list is narrowed to; "" and None leave nothing out. `marks` is `warnings` or `hand` or `pins`."""

    day: int | None = None
    street: str = ""
    venue: str = ""
    function: str = ""
    text: str = ""
    marks: str = ""

    def fits(self, session: NamedSession) -> bool:
        return (
            self.day in (None, session.weekday)
            and self.street in ("", session.street)
            and self.venue in ("", session.venue)
            and self.function in ("", session.function)
            and session.fits(self.text)
            and self._is_marked(session)
        )

    def _is_marked(self, session: NamedSession) -> bool:
        match self.marks:
            case "warnings":
                return bool(session.passed)
            case "hand":
                return session.adjustment is not None
            case "pins":
                return session.pin is not None
        return True


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters of a list offer."""

    streets: tuple[str, ...] = ()
    venues: tuple[tuple[str, str], ...] = ()
    functions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListPart:
    """The rows of one page, by day, and the addresses of the pages around it."""

    days: tuple[tuple[int, tuple[NamedSession, ...]], ...]
    count: int
    first: int
    before: str = ""
    after: str = ""
    download: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)


def filter_of(query: Mapping[str, str]) -> SessionFilter:
    day = query.get("day", "")
    return SessionFilter(
        int(day) if day in tuple("0123456") and day else None,
        *(query.get(name, "").strip() for name in FILTERS[1:]),
    )


def choices_of(sessions: Iterable[NamedSession]) -> Choices:
    sessions = tuple(sessions)
    venues = {session.venue: session.venue_name for session in sessions}
    return Choices(
        tuple(ordered(session.street for session in sessions)),
        tuple(sorted(venues.items(), key=lambda pair: pair[1].casefold())),
        tuple(ordered(session.function for session in sessions)),
    )


def chosen_in(page: Page) -> dict[str, str]:
    """What the address of the list narrows it to."""
    query = page.request.query_params
    return {name: query[name] for name in (*FILTERS, PAST) if query.get(name)}


def list_part(page: Page, sessions: Iterable[NamedSession]) -> ListPart:
    """The page of the list that its address asks for."""
    chosen = chosen_in(page)
    narrowed = filter_of(chosen)
    fitting = [session for session in sessions if narrowed.fits(session)]
    first = first_row(page, len(fitting), ROWS)
    rows = fitting[first : first + ROWS]
    path = page.request.url.path

    def address(number: int) -> str:
        return f"{path}?{urlencode({**chosen, 'page': number})}"

    return ListPart(
        tuple((day, tuple(group)) for day, group in groupby(rows, key=lambda session: session.weekday)),
        len(fitting),
        first,
        address(first // ROWS) if first else "",
        address(first // ROWS + 2) if first + ROWS < len(fitting) else "",
        f"{path}?{urlencode({**chosen, DOWNLOAD: 'csv'})}",
        chosen,
    )


@pages.get("/weeks/{area}/{week}/list", may="weeks.draft.read")
async def session_list(page: Page, area: str, week: str) -> Response:
    about = await week_page(page, area, week)
    draft = await draft_of(about)
    if draft and page.request.query_params.get(DOWNLOAD) == "csv":
        return await _file(about, draft)
    steps = await undo_steps(about) if draft else UndoSteps()
    return await _shown(about, draft, steps, FormState())


@pages.post("/weeks/{area}/{week}/list", may="weeks.write")
async def change_list(page: Page, fields: Fields, area: str, week: str) -> Response:
    """Undo and redo."""
    about = await week_page(page, area, week)
    state = await take_back(about, fields)
    if state is None:
        return page.go(f"{about.path}/list", saved=True)
    return await _shown(about, await draft_of(about), await undo_steps(about), state)


async def _shown(about: WeekPage, draft: DraftRecord | None, steps: UndoSteps, state: FormState) -> Response:
    page = about.page
    part = list_part(page, draft.sessions if draft else ())
    shown = [session for _, rows in part.days for session in rows]
    people = await volunteer_keys(page, _teams(shown), **about.past)
    return page.show(
        "weeks/list.html",
        state.problem.status if state.problem else 200,
        about=about,
        draft=draft,
        part=part,
        choices=choices_of(draft.sessions if draft else ()),
        people=people,
        steps=steps,
        state=state,
    )


HEADINGS = (
    marked("Class"),
    marked("Class of the week"),
    marked("Day"),
    marked("From"),
    marked("Until"),
    marked("Venue"),
    marked("Room"),
    marked("Community"),
    marked("Kind of learning"),
    marked("Learners"),
    marked("People"),
    marked("Pinned"),
)


async def _file(about: WeekPage, draft: DraftRecord) -> Response:
    """All rows that fit the filter as CSV."""
    page, language = about.page, about.page.language
    narrowed = filter_of(chosen_in(page))
    sessions = [session for session in draft.sessions if narrowed.fits(session)]
    people = await volunteer_keys(page, _teams(sessions), **about.past)
    rows = [
        [
            session.title,
            str(session.number),
            about.day(session.start).isoformat(),
            language.clock(session.start % DAY_MIN),
            language.clock(session.end - session.start // DAY_MIN * DAY_MIN),
            session.venue_name,
            session.room_name,
            session.community,
            language.gettext(choice_of(session.function)),
            str(session.learners),
            session.names_of_team(people, {}),
            session.pin or "",
        ]
        for session in sessions
    ]
    headings = [language.gettext(heading) for heading in HEADINGS]
    return csv_response(f"{about.area['key']}-{about.week}", [headings, *rows])


def _teams(sessions: Iterable[NamedSession]) -> Iterator[Any]:
    for session in sessions:
        yield from session.team
