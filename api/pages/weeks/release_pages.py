"""Release of a draft: what it changes and whom it concerns, then the button; and the releases that there were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from api.pages.labels import marked
from api.pages.page import Page
from api.pages.routes import Fields, Pages
from api.pages.weeks.week_forms import FormState, first_row, send
from api.pages.weeks.week_records import (
    NamedSession,
    RecordNames,
    WeekPage,
    draft_of,
    names_of,
    volunteer_keys,
    week_page,
)

pages = Pages()

SHOWN_CHANGES = 100
SHOWN_SESSIONS = 120
CHANGE_WORDS: Mapping[str, str] = {
    "new": marked("New"),
    "moved": marked("Moved"),
    "cancelled": marked("Cancelled"),
    "unchanged": marked("Unchanged"),
}


@dataclass(frozen=True, slots=True)
class ChangedSession:
    """A session that differs: before None where it is new, after None where it is cancelled."""

    change: str
    session: NamedSession
    before: NamedSession | None
    after: NamedSession | None

    @property
    def people(self) -> set[str]:
        """Whom it concerns: all who were or are in it."""
        return {person for session in (self.before, self.after) if session for person in session.team}


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between two sides, and whom that concerns. `after` 0 is the draft."""

    before: int
    after: int
    counts: Mapping[str, int]
    sessions: tuple[ChangedSession, ...]

    @property
    def is_none(self) -> bool:
        return not self.sessions

    @property
    def people(self) -> list[str]:
        return sorted({person for changed in self.sessions for person in changed.people})

    @property
    def learners(self) -> int:
        """Of each request once, as those are whom one tells."""
        requests = {changed.session.request: changed.session.learners for changed in self.sessions}
        return sum(requests.values())

    @property
    def communities(self) -> int:
        return len({changed.session.community for changed in self.sessions})


def changes_of(record: Mapping[str, Any], names: RecordNames) -> Changes:
    """A comparison as an operation answers it, without what is unchanged, in names."""
    sessions = tuple(
        ChangedSession(
            each["change"],
            names.session(each["after"] or each["before"]),
            names.session(each["before"]) if each["before"] else None,
            names.session(each["after"]) if each["after"] else None,
        )
        for each in record["changes"]
        if each["change"] != "unchanged"
    )
    return Changes(record.get("before", 0), record.get("after", 0), record["counts"], sessions)


def compared_sessions(changes: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """All sessions that a comparison names, for their names."""
    return [session for change in changes for session in (change["before"], change["after"]) if session]


# ---- Release


@pages.get("/weeks/{area}/{week}/release", may="weeks.draft.read")
async def release(page: Page, area: str, week: str) -> Response:
    return await _release(await week_page(page, area, week), FormState())


@pages.post("/weeks/{area}/{week}/release", may="weeks.release")
async def give_release(page: Page, fields: Fields, area: str, week: str) -> Response:
    about = await week_page(page, area, week)
    reply, state = await send(page, fields, f"{about.path}/release", {"name": fields.get("name", "").strip()})
    if reply is not None and reply.problem is None:
        return page.go(f"{about.path}/releases/{reply.document['number']}", saved=True)
    return await _release(about, state)


async def _release(about: WeekPage, state: FormState) -> Response:
    page = about.page
    draft = await draft_of(about)
    changes, people = None, dict[str, str]()
    if draft is not None:
        record = await about.read("/differences", draft="true")
        gone = [
            session
            for session in compared_sessions(record["changes"])
            if session["request"] not in draft.names.requests
        ]
        names = await names_of(about, gone) if gone else draft.names
        changes = changes_of(record, names)
        people = await volunteer_keys(page, changes.people[:SHOWN_CHANGES], **about.past)
    return page.show(
        "weeks/release.html",
        state.problem.status if state.problem else 200,
        about=about,
        draft=draft,
        changes=changes,
        people=people,
        shown=SHOWN_CHANGES,
        state=state,
        may_release=page.viewer.may("weeks.release") and not about.is_past,
        change_words=CHANGE_WORDS,
    )


# ---- Releases


@pages.get("/weeks/{area}/{week}/releases", may="weeks.draft.read")
async def releases(page: Page, area: str, week: str) -> Response:
    """All releases, and the difference between two of them where the address names them."""
    about = await week_page(page, area, week)
    query = page.request.query_params
    changes, state = None, FormState()
    if query.get("after"):
        sides = {name: query.get(name, "") for name in ("before", "after")}
        reply = await page.client.read(f"{about.path}/differences", {**sides, **about.past})
        if reply.problem is None:
            names = await names_of(about, compared_sessions(reply.document["changes"]))
            changes = changes_of(reply.document, names)
        else:
            state = FormState("compare", dict(sides), reply.problem)
    return page.show(
        "weeks/releases.html",
        state.problem.status if state.problem else 200,
        about=about,
        changes=changes,
        shown=SHOWN_CHANGES,
        state=state,
        may_branch=page.viewer.may("branches.write"),
        change_words=CHANGE_WORDS,
    )


@pages.get("/weeks/{area}/{week}/releases/{number}", may="weeks.draft.read")
async def release_as_it_is(page: Page, area: str, week: str, number: str) -> Response:
    """A release as people read it, to look at and to print."""
    about = await week_page(page, area, week)
    record = await about.read(f"/releases/{number}")
    names = await names_of(about, record["sessions"])
    sessions = sorted(
        (names.session(session) for session in record["sessions"]),
        key=lambda each: (each.start, each.venue_name, each.room_name, each.request),
    )
    first = first_row(page, len(sessions), SHOWN_SESSIONS)
    return page.show(
        "weeks/release_sessions.html",
        about=about,
        release=record,
        sessions=sessions[first : first + SHOWN_SESSIONS],
        count=len(sessions),
        first=first,
        size=SHOWN_SESSIONS,
    )


# ---- Problems and exports


@pages.get("/weeks/{area}/{week}/problems", may="weeks.draft.read")
async def problems(page: Page, area: str, week: str) -> Response:
    """What a coordinator should look at. The judges take seconds, so they are asked only where the address says so."""
    about = await week_page(page, area, week)
    look = page.request.query_params.get("look", "")
    warnings = await about.read("/warnings") if look in ("draft", "all") else None
    findings = (await about.read("/findings"))["items"] if look == "all" else None
    return page.show("weeks/problems.html", about=about, warnings=warnings, findings=findings)


@pages.get("/weeks/{area}/{week}/exports", may="exports.weeks")
async def exports(page: Page, area: str, week: str) -> Response:
    about = await week_page(page, area, week)
    return page.show("weeks/exports.html", about=about, may_name=page.viewer.may("exports.named"))


@pages.get("/weeks/{area}/{week}/exports/week.zip", may="exports.weeks")
async def week_file(page: Page, area: str, week: str) -> Response:
    return await _file(page, area, week, "")


@pages.get("/weeks/{area}/{week}/exports/named.zip", may="exports.named")
async def named_file(page: Page, area: str, week: str) -> Response:
    return await _file(page, area, week, "/named")


async def _file(page: Page, area: str, week: str, which: str) -> Response:
    query = page.request.query_params
    chosen = {name: query.get(name, "") for name in ("release", "language")}
    return await page.client.response(f"/exports/weeks/{area}/{week}{which}", chosen)
