"""Records that the pages of a week show: the week, its sessions with the names of all that they refer to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from api.pages.labels import marked
from api.pages.languages import Language
from api.pages.page import MONDAY, Page, environment
from domain.calendar import week_of
from domain.windows import DAY_MIN

PAST = "at"  # in the query of a page: the moment that it is shown as of


WEEK_PAGES = (
    ("", marked("The week"), "weeks.draft.read"),
    ("/desk", marked("Desk"), "weeks.draft.read"),
    ("/list", marked("List"), "weeks.draft.read"),
    ("/unserved", marked("Without a place"), "weeks.draft.read"),
    ("/plan", marked("Plan"), "jobs.read"),
    ("/branches", marked("What if"), "branches.read"),
    ("/problems", marked("Problems"), "weeks.draft.read"),
    ("/release", marked("Release"), "weeks.draft.read"),
    ("/releases", marked("Releases"), "weeks.draft.read"),
    ("/exports", marked("Exports"), "exports.weeks"),
    ("/history", marked("History"), "events.read"),
)


@dataclass(frozen=True, slots=True)
class WeekPage:
    """The week of an area that a page is about. `version` is that of its timetable, as the tag has it."""

    page: Page
    area: Any
    summary: Mapping[str, Any]
    etag: str
    moment: str

    @property
    def week(self) -> str:
        return str(self.summary["week"])

    @property
    def path(self) -> str:
        """Of the pages, and below /v1 of the operations."""
        return week_path(self.area["key"], self.week)

    @property
    def name(self) -> str:
        return self.page.area_name(self.area)

    @property
    def first_day(self) -> date:
        return date.fromisoformat(self.summary["first_day"])

    @property
    def title(self) -> str:
        """Such as `Rongchang, 30 Nov – 6 Dec 2026`."""
        return f"{self.name}, {days_of_week(self.page.language, self.first_day)}"

    @property
    def before(self) -> str:
        return week_of(self.first_day - timedelta(days=7))

    @property
    def after(self) -> str:
        return week_of(self.first_day + timedelta(days=7))

    @property
    def past(self) -> dict[str, str]:
        return {PAST: self.moment} if self.moment else {}

    @property
    def is_past(self) -> bool:
        return bool(self.moment)

    @property
    def moment_words(self) -> str:
        try:
            return self.local(self.moment)
        except ValueError:
            return self.moment

    def local(self, text: str) -> str:
        """An instant in words, in the time zone of the area."""
        return self.page.language.instant(local_time(text, self.area["zone"]))

    @property
    def places(self) -> list[tuple[str, str]]:
        """The pages of this week, with their names."""
        words, viewer = self.page.language.gettext, self.page.viewer
        return [
            (self.path + path, words(name)) for path, name, permission in WEEK_PAGES if viewer.may(permission)
        ]

    @property
    def may_change(self) -> bool:
        return self.page.viewer.may("weeks.write") and not self.is_past

    def day(self, start_min: int) -> date:
        return self.first_day + timedelta(days=start_min // DAY_MIN)

    async def read(self, path: str = "", **query: Any) -> Any:
        """What an operation of this week answers, as of the page's moment. Raises OperationRefused."""
        return await self.page.read(self.path + path, **query, **self.past)


def week_path(area_key: str, week: str) -> str:
    return f"/weeks/{area_key}/{week}"


def days_of_week(language: Language, first_day: date) -> str:
    last = first_day + timedelta(days=6)
    return f"{language.day(first_day, 'medium')} – {language.day(last, 'medium')}"


async def week_page(page: Page, area: str, week: str) -> WeekPage:
    """The week that the address of a page names. Raises OperationRefused, also for who may not read its draft.

    How far a week is may be read by everybody, its pins only by those who plan there.
    """
    area_record = await page.area(area)
    moment = moment_of(page, area_record["zone"])
    reply = await page.client.read(week_path(area, week), {PAST: moment})
    reply.required()
    await page.read(week_path(area, week) + "/pins", **{PAST: moment})
    return WeekPage(page, area_record, reply.required(), reply.etag, moment)


def moment_of(page: Page, zone: str) -> str:
    """The moment that a page is asked as of, as the operations take it: a local time gets the zone of the area."""
    text = page.request.query_params.get(PAST, "").strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment.replace(tzinfo=moment.tzinfo or ZoneInfo(zone)).isoformat()


# ---- Sessions with names


@dataclass(frozen=True, slots=True)
class NamedSession:
    """A session of a draft or a release, in names. `start` and `end` are minutes from Monday 00:00.

    `pin` is the comment of its pin, `adjustment` what was last done to it by hand.
    """

    request: str
    number: int
    title: str
    community: str
    function: str
    function_name: str
    learners: int
    venue: str
    venue_name: str
    street: str
    room: str
    room_name: str
    start: int
    end: int
    record: Mapping[str, Any]
    pin: str | None = None
    adjustment: Mapping[str, Any] | None = None

    @property
    def passed(self) -> tuple[str, ...]:
        """The soft rules that somebody has passed for it."""
        return tuple(self.adjustment["accepted"]) if self.adjustment else ()

    @property
    def team(self) -> list[str]:
        return [*self.record["leads"], *self.record["assistants"]]

    @property
    def weekday(self) -> int:
        """0 is Monday."""
        return self.start // DAY_MIN

    @property
    def address(self) -> str:
        """Below that of its week."""
        return f"/sessions/{quote(self.request, safe='')}/{self.number}"

    @staticmethod
    def names(ids: Iterable[str], keys: Mapping[str, str], names: Mapping[str, str]) -> str:
        """People by what this person may read of them: their names, else their keys."""
        known = (keys.get(id, "…") for id in ids)
        return ", ".join(names.get(key, key) for key in known)

    def names_of_team(self, keys: Mapping[str, str], names: Mapping[str, str]) -> str:
        return self.names(self.team, keys, names)

    def fits(self, text: str) -> bool:
        """Whether a search text stands in what one reads of it."""
        words = (self.title, self.community, self.venue_name, self.room_name, self.request, self.venue)
        return text.casefold() in " ".join(words).casefold()


class RecordNames:
    """Names of requests, venues, rooms and areas of a week, by their ids."""

    def __init__(
        self,
        page: Page,
        requests: Iterable[Any],
        venues: Iterable[Any],
        areas: Iterable[Any],
        functions: Mapping[str, str],
    ) -> None:
        self.page, self.functions = page, functions
        self.requests = {request["id"]: request for request in requests}
        self.venues = {venue["id"]: venue for venue in venues}
        self.rooms = {room["id"]: room for venue in self.venues.values() for room in venue["rooms"]}
        self.areas = {area["id"]: page.area_name(area) for area in areas}

    def area(self, id: str) -> str:
        return self.areas.get(id, "")

    def ids_of(self, venue: str, room: str) -> tuple[str, str]:
        """The ids of a venue and a room that an operation names by keys, or by ids already."""
        for record in (self.venues[venue],) if venue in self.venues else self.venues.values():
            if venue in (record["id"], record["key"]):
                rooms = (each["id"] for each in record["rooms"] if room in (each["id"], each["key"]))
                return record["id"], next(rooms, room)
        return venue, room

    def session(
        self, record: Mapping[str, Any], pin: str | None = None, adjustment: Mapping[str, Any] | None = None
    ) -> NamedSession:
        request = self.requests.get(record["request"])
        venue = self.venues.get(record["venue"])
        room = self.rooms.get(record["room"])
        order = request["order"] if request else {}
        return NamedSession(
            request=request["key"] if request else record["request"],
            number=record["number"],
            title=order.get("title", record["request"]),
            community=self.area(request["area"]) if request else "",
            function=order.get("function", ""),
            function_name=self.functions.get(order.get("function", ""), order.get("function", "")),
            learners=order.get("learners", 0),
            venue=venue["key"] if venue else record["venue"],
            venue_name=venue["name"] if venue else record["venue"],
            street=self.area(venue["area"]) if venue else "",
            room=room["key"] if room else record["room"],
            room_name=room["name"] if room else record["room"],
            start=record["window"]["start_min"],
            end=record["window"]["end_min"],
            record=record,
            pin=pin,
            adjustment=adjustment,
        )


async def function_names(page: Page) -> dict[str, str]:
    """Kinds of learning by their codes, in the language of the page where they have a name in it."""
    entries = await page.all_items("/catalogue", kind="function")
    return {entry["code"]: _name_of(entry, page.language.code) for entry in entries}


def _name_of(entry: Mapping[str, Any], language: str) -> str:
    names = dict(entry["names"])
    return str(names.get(language) or next(iter(names.values()), entry["code"]))


async def names_of(week: WeekPage, sessions: Iterable[Mapping[str, Any]] = ()) -> RecordNames:
    """Names for a week, also of requests that no longer ask for it but have a session."""
    page, past = week.page, week.past
    requests, venues, areas, functions = await asyncio.gather(
        page.all_items("/requests", area=week.area["key"], week=week.week, **past),
        page.all_items("/venues", **past),
        page.all_items("/areas", **past),
        function_names(page),
    )
    known = {request["id"] for request in requests}
    missing = sorted({session["request"] for session in sessions} - known)
    more = await asyncio.gather(*(page.read_if_there(f"/requests/{id}", **past) for id in missing))
    return RecordNames(page, [*requests, *(request for request in more if request)], venues, areas, functions)


@dataclass(frozen=True, slots=True)
class DraftRecord:
    """The draft of a week, in names, in order of time."""

    record: Mapping[str, Any]
    etag: str
    names: RecordNames
    sessions: tuple[NamedSession, ...]

    def session(self, request: str, number: int) -> NamedSession | None:
        return next(
            (each for each in self.sessions if (each.request, each.number) == (request, number)), None
        )

    @property
    def last_adjustments(self) -> dict[tuple[str, int], Mapping[str, Any]]:
        return {(each["request"], each["number"]): each for each in self.record["adjustments"]}


async def draft_of(week: WeekPage, path: str = "/draft") -> DraftRecord | None:
    """The draft of the week, or of a branch by its path; None where there is none yet. Raises OperationRefused."""
    past = week.past if path == "/draft" else {}
    reply = await week.page.client.read(week.path + path, past)
    if reply.problem is not None and reply.problem.name == "no-draft":
        return None
    record = reply.required()
    names = await names_of(week, record["sessions"])
    pins = {(pin["session"]["request"], pin["session"]["number"]): pin["comment"] for pin in record["pins"]}
    adjustments = {(each["request"], each["number"]): each for each in record["adjustments"]}
    sessions = [
        names.session(session, pins.get(key), adjustments.get(key))
        for session in record["sessions"]
        for key in [(session["request"], session["number"])]
    ]
    sessions.sort(key=lambda each: (each.start, each.venue_name, each.room_name, each.request, each.number))
    return DraftRecord(record, reply.etag, names, tuple(sessions))


async def volunteer_keys(page: Page, ids: Iterable[str], **query: Any) -> dict[str, str]:
    """Keys of volunteers by their ids, as far as this person may read them."""
    unique = sorted(set(ids))
    records = await asyncio.gather(*(page.read_if_there(f"/volunteers/{id}", **query) for id in unique))
    return {id: record["key"] for id, record in zip(unique, records, strict=True) if record}


def local_time(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(ZoneInfo(zone))


def time_words(language: Language, start: int, end: int) -> str:
    """Such as 18:00–19:30."""
    day = start // DAY_MIN * DAY_MIN
    return f"{language.clock(start - day)}–{language.clock(end - day)}"


def when_words(language: Language, start: int, end: int) -> str:
    """Such as Tuesday 18:00–19:30."""
    day = language.weekday(MONDAY + timedelta(days=start // DAY_MIN))
    return f"{day} {time_words(language, start, end)}"


RULES: Mapping[str, str] = {
    "pin": marked("It was held where it is."),
    "whole": marked("Not all classes of the course are held."),
    "continuity": marked("People know it as it is from the last timetable."),
    "preferred": marked("It is outside the times that the community prefers."),
    "functions": marked("The venue would no longer host this kind of learning."),
    "travel": marked("Somebody has a longer way than before."),
}


def rule_of(rule: str) -> str:
    """A soft rule in words, in English; its own name where there are none."""
    return RULES.get(rule, rule)


GOALS: Mapping[str, str] = {
    "served": marked("People served"),
    "functions": marked("Kinds of learning in each venue"),
    "continuity": marked("As last week"),
    "preferred": marked("Preferred times"),
    "travel": marked("Short ways"),
}


def goal_of(goal: str) -> str:
    """A goal of a plan in words, in English."""
    return GOALS.get(goal, goal)


STEPS: Mapping[str, str] = {
    "pinned": marked("pin"),
    "lifted": marked("lifted pin"),
    "moved": marked("move"),
    "dropped": marked("taken out"),
}


def step_of(kind: str) -> str:
    """A step by hand in words, in English."""
    return STEPS.get(kind, kind)


PARTS: Mapping[str, str] = {
    "asked": marked("asked to come"),
    "moved": marked("moved to another time or place"),
    "freed": marked("no longer needed"),
}


def part_of(part: str) -> str:
    """What becomes of somebody who must be called, in English."""
    return PARTS.get(part, part)


def ordered(names: Iterable[str]) -> Sequence[str]:
    """RecordNames that a filter offers: each once, in order."""
    return sorted({name for name in names if name}, key=str.casefold)


environment.globals.update(
    goal_of=goal_of,
    local_time=local_time,
    part_of=part_of,
    rule_of=rule_of,
    step_of=step_of,
    time_words=time_words,
    when_words=when_words,
)
