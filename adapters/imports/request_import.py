"""Import of course requests: what communities order, and how far their requests have come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import timedelta
from uuid import UUID

from adapters.imports import columns as read
from adapters.imports.columns import Column
from adapters.imports.far_days import OVER, warn_of_day
from adapters.imports.import_kind import ImportKind, Values
from adapters.imports.import_run import Handle, ImportRun
from adapters.imports.record_columns import columns_of, known_values, record_values
from adapters.imports.room_import import check_word
from adapters.imports.venue_import import warn_of_point
from adapters.imports.weekly_hours import night_hours, write_weekly
from adapters.store.streams import AREAS, REQUESTS
from domain import catalogue, request
from domain.calendar import monday, shift_week, week_of
from domain.messages import message
from domain.places import Location
from domain.request import CourseRequest, Order, RequestStatus, request_id
from domain.windows import covers

CROWD = 500
_WEEKS = ("weeks", "every_weeks", "week_letter", "on_weeks", "on_dates", "make_up_weeks", "status")
STEPS: tuple[RequestStatus, ...] = ("submitted", "screened", "accepted")
ENDS: tuple[RequestStatus, ...] = ("declined", "withdrawn")
WORDS: tuple[catalogue.EntryKind, ...] = ("function", "form", "audience")


@dataclass(frozen=True, slots=True)
class RequestRow:
    row: int
    key: str
    area: str
    lat: float | None
    lon: float | None
    order: Order
    status: RequestStatus
    why: str

    @property
    def location(self) -> Location | None:
        return None if self.lat is None or self.lon is None else (self.lat, self.lon)


COLUMNS = columns_of(
    Order,
    (
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
        *("title", "topic", "function", "form", "audience", "learners", "minors", "priority"),
        *("first_week", "weeks", "sessions", "duration_minutes", "acceptable", ""),
        Column(
            "status",
            f"how far it is: {', '.join((*STEPS, *ENDS))}; at first accepted",
            "accepted",
            read.choice(*STEPS, *ENDS),
            blank="accepted",
            keeps=True,
        ),
        Column("why", f"the reason, for {' and '.join(ENDS)}", "", keeps=True),
    ),
)


def decide(run: ImportRun, rows: Iterable[Values]) -> None:
    """Submit what is new, change orders that are different, and move each request along to its status."""
    for values in rows:
        row = _row(values)
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
        **known_values(known.order),
        "status": known.status if known.status in (*STEPS, *ENDS) else STEPS[-1],
        "why": known.why,
    }


def _row(values: Values) -> RequestRow:
    own = {field.name: values[field.name] for field in fields(RequestRow) if field.name in values}
    return RequestRow(**own, order=Order(**record_values(Order, values)))


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
    before, order = len(run.errors), row.order
    known = run.state(REQUESTS, request_id(row.key))
    for kind in WORDS:
        if known and getattr(known.order, kind) == getattr(order, kind):
            continue  # it was a word of the catalogue when it was ordered
        check_word(run, row.row, kind, kind, getattr(order, kind))
    if all(window.minutes < order.duration_minutes for window in order.acceptable):
        right = message(
            "no window holds {duration_minutes} minutes; widen one", duration_minutes=order.duration_minutes
        )
        run.wrong(row.row, "acceptable", write_weekly(order.acceptable), right)
    elif any(not covers(order.acceptable, window) for window in order.preferred):
        run.wrong(
            row.row,
            "preferred",
            write_weekly(order.preferred),
            message("must lie within the acceptable windows"),
        )
    if (row.lat is None) != (row.lon is None):
        column = "lat" if row.lat is None else "lon"
        run.wrong(row.row, column, "", message("give both latitude and longitude, or neither"))
    if row.status in ENDS and not row.why:
        run.wrong(
            row.row, "why", "", message("must not be empty where the status is {status}", status=row.status)
        )
    return len(run.errors) == before


def _warn(run: ImportRun, row: RequestRow, area: UUID) -> None:
    order = row.order
    if order.learners > CROWD:
        run.odd(
            row.row,
            "learners",
            str(order.learners),
            message("is more than {crowd} learners in one session; check it", crowd=CROWD),
        )
    column = "preferred" if order.preferred else "acceptable"
    if night := night_hours(getattr(order, column)):
        run.odd(
            row.row, column, night, message("begins in the night, which is rarely meant; check the times")
        )
    _warn_of_weeks(run, row)
    if row.location:
        warn_of_point(run, row.row, row.location, run.states(AREAS)[area].location, row.area)


def _warn_of_weeks(run: ImportRun, row: RequestRow) -> None:
    """Warn of an order whose weeks are long over, or far ahead."""
    order = row.order
    apart = order.every_weeks * (2 if order.week_letter else 1)
    listed = (*order.on_weeks, *map(week_of, order.on_dates), *order.make_up_weeks)
    last = monday(max(shift_week(order.first_week, order.weeks * apart - 1), *listed, order.first_week))
    if run.today - last > OVER and row.status not in ENDS:
        until = (
            message("its last week is {week_of}", week_of=week_of(last))
            if order.weeks > 1
            else message("that week is over")
        )
        run.odd(
            row.row,
            "first_week",
            order.first_week,
            message("{until}, so no plan will hold it; check the year", until=until),
            rests_on=_WEEKS,
        )
    else:
        first = monday(order.first_week)
        warn_of_day(run, row.row, "first_week", first, before=None, after=timedelta(days=2 * 366))


REQUEST = ImportKind(
    "requests",
    message(
        "Courses that communities order. A request is submitted, screened and accepted by the "
        "import, up to its status; one that is scheduled or further stays where it is, and its order "
        "changes as the row says."
    ),
    COLUMNS,
    ("key",),
    decide,
    _known,
)
