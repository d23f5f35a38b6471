"""Import of course requests: what communities order, and how far their requests have come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from uuid import UUID

from adapters.imports import columns as read
from adapters.imports.columns import Column
from adapters.imports.far_days import OVER, warn_of_day
from adapters.imports.import_kind import Kind, Values
from adapters.imports.import_run import Handle, ImportRun
from adapters.imports.room_import import check_word
from adapters.imports.venue_import import warn_of_point
from adapters.imports.weekly_hours import night_hours, write_weekly
from adapters.store.streams import AREAS, REQUESTS
from domain import catalogue, request
from domain.calendar import monday, shift_week, week_of
from domain.places import Location
from domain.recurrence import MAKE_UPS, Letter, MakeUp
from domain.request import CourseRequest, Order, Status, request_id
from domain.windows import Windows, covers

CROWD = 500
_WEEKS = ("weeks", "every_weeks", "week_letter", "on_weeks", "on_dates", "make_up_weeks", "status")
STEPS: tuple[Status, ...] = ("submitted", "screened", "accepted")
ENDS: tuple[Status, ...] = ("declined", "withdrawn")
WORDS: tuple[catalogue.Kind, ...] = ("function", "form", "audience")


@dataclass(frozen=True, slots=True)
class RequestRow:
    row: int
    key: str
    area: str
    lat: float | None
    lon: float | None
    title: str
    topic: str
    function: str
    form: str
    audience: str
    learners: int
    minors: bool
    priority: int
    first_week: str
    weeks: int
    sessions: int
    duration_minutes: int
    acceptable: Windows
    preferred: Windows
    equipment: tuple[str, ...]
    accessible: bool
    max_travel_km: float | None
    leads: int
    assistants: int
    cohorts: tuple[str, ...]
    max_sessions_per_day: int
    same_leads: bool
    partial: bool
    every_weeks: int
    week_letter: Letter | None
    on_weeks: tuple[str, ...]
    on_dates: tuple[date, ...]
    except_weeks: tuple[str, ...]
    make_up_weeks: tuple[str, ...]
    make_up: MakeUp
    status: Status
    why: str

    @property
    def order(self) -> Order:
        return Order(**{field.name: getattr(self, field.name) for field in fields(Order)})

    @property
    def location(self) -> Location | None:
        return None if self.lat is None or self.lon is None else (self.lat, self.lon)


COLUMNS = (
    Column(
        "key",
        "the natural key that the request keeps for ever",
        "r-001",
        required=True,
        always=True,
        key_of="requests",
        own_key=True,
    ),
    Column("area", "key, scheme:code or unique name of the community that asks", "500153", required=True),
    Column(
        "lat",
        "latitude where the course is wanted; blank: the point of the area",
        "",
        read.latitude,
        blank=None,
    ),
    Column("lon", "longitude; blank: as for lat", "", read.longitude, blank=None),
    Column("title", "what it is called", "Calligraphy for beginners", required=True),
    Column("topic", "the topic that a lead must know", "calligraphy", required=True),
    Column("function", "code of a function of the catalogue", "arts", required=True),
    Column("form", "code of a form of the catalogue; blank: class", "class", blank="class"),
    Column(
        "audience", "code of an audience of the catalogue; blank: everyone", "older_people", blank="everyone"
    ),
    Column("learners", "how many learners", "25", read.whole(1), required=True),
    Column("minors", "yes where minors learn; blank: no", "no", read.yes_no, blank=False),
    Column("priority", "weight from 1; blank: 1", "1", read.whole(1), blank=1),
    Column("first_week", "first ISO week", "2026-W49", read.week, required=True),
    Column("weeks", "for how many weeks; blank: 1", "8", read.whole(1), blank=1),
    Column("sessions", "sessions a week; blank: 1", "2", read.whole(1), blank=1),
    Column("duration_minutes", "length of a session", "90", read.whole(1), required=True),
    Column(
        "acceptable",
        "when a session may be, local time",
        "Mo-Fr 14:00-17:00; Sa 09:00-12:00",
        read.weekly_hours,
        required=True,
        blank=(),
    ),
    Column(
        "preferred",
        "when it is best, within the acceptable; blank: no wish",
        "Tu 14:00-17:00",
        read.weekly_hours,
        blank=(),
    ),
    Column("equipment", "words, separated by commas; blank: none", "projector", read.words, blank=()),
    Column("accessible", "yes where a wheelchair must get in; blank: no", "no", read.yes_no, blank=False),
    Column(
        "max_travel_km",
        "from there to the venue in a straight line; blank: anywhere",
        "5",
        read.number(0, 1e9, "7.5"),
        blank=None,
    ),
    Column("leads", "how many lead; blank: 1", "1", read.whole(0), blank=1),
    Column("assistants", "how many assist; blank: 0", "0", read.whole(0), blank=0),
    Column(
        "cohorts",
        "names of groups of learners who attend, separated by commas; blank: none",
        "",
        read.words,
        blank=(),
    ),
    Column("max_sessions_per_day", "most sessions on one day; blank: 1", "1", read.whole(1), blank=1),
    Column(
        "same_leads", "no where sessions may have different leads; blank: yes", "yes", read.yes_no, blank=True
    ),
    Column(
        "partial",
        "yes where some of its sessions are better than none; blank: no",
        "no",
        read.yes_no,
        blank=False,
    ),
    Column(
        "every_weeks",
        "2: every second week from the first on, and so on; blank: 1",
        "",
        read.whole(1),
        blank=1,
    ),
    Column(
        "week_letter",
        "A or B: in the A or B weeks of the area alone; blank: in both",
        "",
        read.letter,
        blank=None,
    ),
    Column(
        "on_weeks",
        "in these ISO weeks alone, separated by commas; weeks are then counted from the list",
        "",
        read.weeks,
        blank=(),
    ),
    Column(
        "on_dates",
        "on these dates alone, separated by commas, so many sessions on each; weeks are then counted from the list",
        "",
        read.days,
        blank=(),
    ),
    Column(
        "except_weeks",
        "ISO weeks in which it is not held, separated by commas",
        "",
        read.weeks,
        blank=(),
    ),
    Column(
        "make_up_weeks",
        "ISO weeks in which it is held once more, each later than a week that is left out",
        "",
        read.weeks,
        blank=(),
    ),
    Column(
        "make_up",
        "extend: weeks left out and not made up otherwise are made up at the end; blank: none",
        "",
        read.choice(*MAKE_UPS),
        blank="none",
    ),
    Column(
        "status",
        f"how far it is: {', '.join((*STEPS, *ENDS))}; at first accepted",
        "accepted",
        read.choice(*STEPS, *ENDS),
        blank="accepted",
        keeps=True,
    ),
    Column("why", f"the reason, for {' and '.join(ENDS)}", "", keeps=True),
)


def decide(run: ImportRun, rows: Iterable[Values]) -> None:
    """Submit what is new, change orders that are different, and move each request along to its status."""
    for values in rows:
        row = RequestRow(**values)
        with run.deciding(row.row, "key", row.key):
            _decide(run, row)


def _known(run: ImportRun, values: Values) -> Values | None:
    """The known record; a request that is scheduled or further counts as accepted, the last status of a table."""
    known = run.state(REQUESTS, request_id(values["key"]))
    if known is None:
        return None
    area = run.state(AREAS, known.area)
    lat, lon = known.location or (None, None)
    return {
        "area": area.key if area else "",
        "lat": lat,
        "lon": lon,
        **{field.name: getattr(known.order, field.name) for field in fields(Order)},
        "status": known.status if known.status in (*STEPS, *ENDS) else STEPS[-1],
        "why": known.why,
    }


def _decide(run: ImportRun, row: RequestRow) -> None:
    area = run.area(row.row, "area", row.area)
    if not _is_sound(run, row) or area is None:
        return
    _warn(run, row, area)
    handle = run.handle(REQUESTS, request_id(row.key), row.key)
    run.require_standing(area, handle.state.area if handle.state else None)
    if handle.state is None:
        handle.take(
            request.submit_request(
                None, run.metadata, key=row.key, area=area, location=row.location, order=row.order
            )
        )
    else:
        handle.take(
            request.change_order(
                handle.present, run.metadata, area=area, location=row.location, order=row.order
            )
        )
    _step(run, row, handle)


def _step(run: ImportRun, row: RequestRow, handle: Handle[CourseRequest]) -> None:
    """Take the steps up to the row's status; a request that is further along stays there."""
    if row.status in ENDS:
        handle.take(request.step(handle.present, run.metadata, row.status, row.why))
        return
    for status in STEPS[1 : STEPS.index(row.status) + 1]:
        if handle.present.status in STEPS and STEPS.index(handle.present.status) < STEPS.index(status):
            handle.take(request.step(handle.present, run.metadata, status))


def _is_sound(run: ImportRun, row: RequestRow) -> bool:
    before = len(run.errors)
    known = run.state(REQUESTS, request_id(row.key))
    for kind in WORDS:
        if known and getattr(known.order, kind) == getattr(row, kind):
            continue  # it was a word of the catalogue when it was ordered
        check_word(run, row.row, kind, kind, getattr(row, kind))
    if all(window.minutes < row.duration_minutes for window in row.acceptable):
        right = f"no window holds {row.duration_minutes} minutes; widen one"
        run.wrong(row.row, "acceptable", write_weekly(row.acceptable), right)
    elif any(not covers(row.acceptable, window) for window in row.preferred):
        run.wrong(row.row, "preferred", write_weekly(row.preferred), "must lie within the acceptable windows")
    if (row.lat is None) != (row.lon is None):
        column = "lat" if row.lat is None else "lon"
        run.wrong(row.row, column, "", "give both latitude and longitude, or neither")
    if row.status in ENDS and not row.why:
        run.wrong(row.row, "why", "", f"must not be empty where the status is {row.status}")
    return len(run.errors) == before


def _warn(run: ImportRun, row: RequestRow, area: UUID) -> None:
    if row.learners > CROWD:
        run.odd(
            row.row, "learners", str(row.learners), f"is more than {CROWD} learners in one session; check it"
        )
    column = "preferred" if row.preferred else "acceptable"
    if night := night_hours(getattr(row, column)):
        run.odd(row.row, column, night, "begins in the night, which is rarely meant; check the times")
    _warn_of_weeks(run, row)
    if row.location:
        warn_of_point(run, row.row, row.location, run.states(AREAS)[area].location, row.area)


def _warn_of_weeks(run: ImportRun, row: RequestRow) -> None:
    """Warn of an order whose weeks are long over, or far ahead."""
    apart = row.every_weeks * (2 if row.week_letter else 1)
    listed = (*row.on_weeks, *map(week_of, row.on_dates), *row.make_up_weeks)
    last = monday(max(shift_week(row.first_week, row.weeks * apart - 1), *listed, row.first_week))
    if run.today - last > OVER and row.status not in ENDS:
        until = f"its last week is {week_of(last)}" if row.weeks > 1 else "that week is over"
        run.odd(
            row.row,
            "first_week",
            row.first_week,
            f"{until}, so no plan will hold it; check the year",
            rests_on=_WEEKS,
        )
    else:
        first = monday(row.first_week)
        warn_of_day(run, row.row, "first_week", first, before=None, after=timedelta(days=2 * 366))


REQUEST = Kind(
    "requests",
    "Courses that communities order. A request is submitted, screened and accepted by the import, up to its status; "
    "one that is scheduled or further stays where it is, and its order changes as the row says.",
    COLUMNS,
    ("key",),
    decide,
    _known,
)
