"""Import of areas: cities, districts, streets and communities, and which lies in which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from adapters.imports import columns as read
from adapters.imports.columns import AROUND, Cells, Column, completed
from adapters.imports.far_days import warn_of_day
from adapters.imports.import_kind import ImportKind, Values
from adapters.imports.import_run import Handle, ImportRun
from adapters.store.streams import AREAS
from domain import area_references, area_times, network
from domain.area_references import References
from domain.calendar import monday
from domain.effective_dates import held_on
from domain.messages import message
from domain.network import Area, Code, Location, Names, NewArea, area_id, parent_on
from domain.places import km
from domain.starts import DEFAULT_GRID_MIN, GRIDS, Starts

FAR_KM = 300


@dataclass(frozen=True, slots=True)
class AreaRow:
    """A row as it was read; None and () say nothing about an area that is there already."""

    row: int
    key: str
    level: str
    name: str
    language: str
    names: Names
    parent: str
    scheme: str
    code: str
    codes: tuple[Code, ...]
    lat: float | None
    lon: float | None
    zone: str
    calendar: str
    since: date | None
    grid_minutes: int | str | None
    bell_times: tuple[int, ...]
    a_week: str

    @property
    def starts(self) -> Starts | None:
        """The area's own grid or bells; None where those of the area around it hold."""
        own = self.grid_minutes if isinstance(self.grid_minutes, int) else None
        if not self.bell_times and own is None:
            return None
        return Starts(own or DEFAULT_GRID_MIN, self.bell_times)

    @property
    def all_names(self) -> Names:
        return ((self.language, self.name), *(name for name in self.names if name[0] != self.language))

    @property
    def all_codes(self) -> tuple[Code, ...]:
        own = (Code(self.scheme, self.code),) if self.code else ()
        return (*own, *(code for code in self.codes if code not in own))

    @property
    def location(self) -> Location | None:
        return None if self.lat is None or self.lon is None else (self.lat, self.lon)


COLUMNS = (
    Column(
        "key",
        "the natural key that the area keeps for ever",
        "500153",
        required=True,
        always=True,
        key_of="areas",
        own_key=True,
    ),
    Column(
        "level",
        "its level, such as city, district, street, community; it never changes",
        "district",
        required=True,
    ),
    Column("name", "its name in the main language", "荣昌区", required=True),
    Column("language", "the language of the name; at first en", "zh", blank="en", keeps=True),
    Column("names", "names in other languages", "en=Rongchang", read.names, blank=(), keeps=True),
    Column("parent", "key of the area around it; at first none", keeps=True, key_of="areas"),
    Column("scheme", "who gives the code; at first official", "cn-nbs", blank="official", keeps=True),
    Column("code", "its external code; at first none", "500153", keeps=True),
    Column("codes", "further codes by their schemes", "postal=402460", read.codes, blank=(), keeps=True),
    Column("lat", "latitude of its point; at first unknown", "29.41", read.latitude, blank=None, keeps=True),
    Column(
        "lon", "longitude of its point; at first unknown", "105.59", read.longitude, blank=None, keeps=True
    ),
    Column(
        "zone",
        "IANA time zone; at first that of the area around it, and while both are the same they change together",
        "Asia/Shanghai",
        read.zone,
        keeps=True,
    ),
    Column(
        "calendar",
        "key of its calendar of day types; at first the calendar of the area around it",
        "CN",
        keeps=True,
        key_of="calendars",
    ),
    Column(
        "since",
        "first day on which the row holds; blank: the day of the import",
        "2023-06-30",
        read.day,
        blank=None,
        keeps=True,
    ),
    Column(
        "grid_minutes",
        f"sessions start every so many minutes after midnight: {', '.join(map(str, GRIDS))}, or {AROUND}: as in the "
        "area around it; blank: unchanged",
        "15",
        read.grid,
        blank=None,
        keeps=True,
    ),
    Column(
        "bell_times",
        "sessions start when these bells ring, such as 08:05, 08:55, 10:10, and at no other time; "
        "blank: unchanged, but grid_minutes ends them",
        "",
        read.bells,
        blank=(),
        keeps=True,
    ),
    Column(
        "a_week",
        "an ISO week that is an A week, B and A weeks following in turn; blank: unchanged",
        "2026-W36",
        read.week,
        keeps=True,
    ),
)


def decide(run: ImportRun, rows: Iterable[Values]) -> None:
    """Found what is new, and rename, re-code, move or locate what is there, each on the row's date."""
    listed = [AreaRow(**values) for values in rows]
    own = {row.key: row for row in listed}
    _refuse_circles(run, own)
    references = References(run.states(AREAS).values())
    for row in _outside_in(listed, own):
        with run.deciding(row.row, "key", row.key):
            _decide(run, row, own, references)
    run.areas_changed()


def found_missing_areas(run: ImportRun, rows: Iterable[Cells]) -> None:
    """Found the areas that are not known yet; the others stay as they are."""
    known = run.states(AREAS)
    new = [cells for cells in rows if area_id(cells.values["key"]) not in known]
    decide(run, [{"row": cells.row, **completed(cells, COLUMNS, None)} for cells in new])


def _known(run: ImportRun, values: Values) -> Values | None:
    """What is known of the row's area on the day `since`; a row without it holds from today.

    Starts and letters of weeks are set where a row says so, and are here to be told as changed.
    """
    area = run.state(AREAS, area_id(values["key"]))
    if area is None:
        return None
    day = values.get("since") or max(run.today, area.founded)
    (language, name), *names = held_on(area.names, day) or area.names[0].value
    codes = held_on(area.codes, day) or ()
    parent = run.states(AREAS).get(around) if (around := parent_on(area, day)) else None
    return {
        "level": area.level,
        "name": name,
        "language": language,
        "names": tuple(names),
        "parent": parent.key if parent else "",
        "scheme": codes[0].scheme if codes else "official",
        "code": codes[0].code if codes else "",
        "codes": codes[1:],
        "lat": area.location[0] if area.location else None,
        "lon": area.location[1] if area.location else None,
        "zone": area.zone,
        "calendar": area.calendar or "",
        "starts": area.starts,
        "letters": area.letters,
    }


def _refuse_circles(run: ImportRun, own: Mapping[str, AreaRow]) -> None:
    for row in own.values():
        if row.key in _around(row, own):
            run.wrong(
                row.row,
                "parent",
                row.parent,
                message("area {row} would lie inside itself; correct one parent", row=row.key),
            )


def _around(row: AreaRow, own: Mapping[str, AreaRow]) -> Iterator[str]:
    """The keys of the areas around a row that are in the same file, from the inside out, each once."""
    seen: set[str] = set()
    key = row.parent
    while key in own and key not in seen:
        seen.add(key)
        yield key
        key = own[key].parent


def _outside_in(rows: Iterable[AreaRow], own: Mapping[str, AreaRow]) -> list[AreaRow]:
    """Areas after the areas around them, so that zones and calendars can be handed down."""
    return sorted(rows, key=lambda row: sum(1 for _ in _around(row, own)))


def _decide(run: ImportRun, row: AreaRow, own: Mapping[str, AreaRow], references: References) -> None:
    id = area_id(row.key)
    present = run.state(AREAS, id)
    if present is None and run.only_known == "key":
        run.missing(row.row, "key", row.key, "")
        return
    parent = run.state(AREAS, area_id(row.parent)) if row.parent else None
    if row.parent and parent is None:
        if row.parent not in own and row.parent not in run.unread:
            right = message(
                "no area of the database or of this file has this key; import it first or leave it blank"
            )
            run.missing(row.row, "parent", row.parent, right)
        return
    _check_location(run, row, parent)
    warn_of_day(run, row.row, "since", row.since, before=None)
    area = run.handle(AREAS, id, row.key)
    if present is None:
        _found_area(run, area, row, parent, references)
    else:
        _change(run, area, row, parent)
    if area.state is not None:
        references.add(area.state)


def _check_location(run: ImportRun, row: AreaRow, parent: Area | None) -> None:
    if (row.lat is None) != (row.lon is None):
        column = "lat" if row.lat is None else "lon"
        run.wrong(row.row, column, "", message("give both latitude and longitude, or neither"))
    elif row.location and not any(row.location):
        run.odd(
            row.row,
            "lat",
            "0",
            message("the point (0, 0) lies in the sea south of Ghana; leave an unknown point blank"),
            rests_on=("lon",),
        )
    elif row.location and parent and parent.location and km(row.location, parent.location) > FAR_KM:
        distance = km(row.location, parent.location)
        run.odd(
            row.row,
            "lat",
            str(row.lat),
            message(
                "its point is {distance:.0f} km from that of {parent} around it",
                distance=distance,
                parent=parent.key,
            ),
            rests_on=("lon", "parent"),
        )


def _found_area(
    run: ImportRun, area: Handle[Area], row: AreaRow, parent: Area | None, references: References
) -> None:
    if not row.zone and parent is None:
        run.wrong(
            row.row,
            "zone",
            "",
            message("an area without an area around it needs its time zone, such as Asia/Shanghai"),
        )
        return
    area.take(
        area_references.found_area(
            None,
            run.metadata,
            NewArea(
                key=row.key,
                level=row.level,
                names=row.all_names,
                on=row.since or run.today,
                parent=parent.id if parent else None,
                zone=row.zone or None,
                codes=row.all_codes,
                location=row.location,
                calendar=row.calendar or None,
            ),
            network=run.states(AREAS),
            references=references,
            around=parent,
        )
    )
    _set_times(run, area, row, row.since or run.today)


def _change(run: ImportRun, area: Handle[Area], row: AreaRow, parent: Area | None) -> None:
    metadata, why = run.metadata, run.why
    if row.level != area.present.level:
        right = message(
            "{row} is a {level}, and a level stays; write that, or found an area of another key",
            row=row.key,
            level=area.present.level,
        )
        run.wrong(row.row, "level", row.level, right)
        return
    on = row.since or max(run.today, area.present.founded)
    area.take(
        network.rename_area(area.present, metadata, names=_names(area.present, row, on), on=on, why=why)
    )
    if row.all_codes:
        area.take(
            area_references.recode_area(
                area.present, metadata, network=run.states(AREAS), codes=row.all_codes, on=on, why=why
            )
        )
    if parent:
        known = run.states(AREAS)
        area.take(network.move_area(area.present, metadata, parent=parent.id, on=on, why=why, network=known))
    zone, calendar = row.zone or area.present.zone, row.calendar or area.present.calendar
    location = row.location or area.present.location
    known = run.states(AREAS)
    area.take(
        network.hand_down_clock(
            area.present, metadata, zone=zone, calendar=calendar, on=run.today, network=known
        )
    )
    area.take(network.locate_area(area.present, metadata, location=location, zone=zone, calendar=calendar))
    _set_times(run, area, row, on)


def _set_times(run: ImportRun, area: Handle[Area], row: AreaRow, on: date) -> None:
    if row.grid_minutes is not None and row.bell_times:
        run.wrong(
            row.row,
            "grid_minutes",
            str(row.grid_minutes),
            message("give grid_minutes or bell_times, not both"),
        )
        return
    if row.grid_minutes is not None or row.bell_times:
        area.take(area_times.set_starts(area.present, run.metadata, starts=row.starts, on=on, why=run.why))
    if row.a_week:
        first = max(monday(row.a_week), area.present.founded)
        area.take(area_times.letter_week(area.present, run.metadata, letter="A", on=first, why=run.why))


def _names(area: Area, row: AreaRow, on: date) -> Names:
    """The row's names, and those in languages that it is silent about."""
    named = dict(row.all_names)
    others = tuple(name for name in held_on(area.names, on) or () if name[0] not in named)
    return (*row.all_names, *others)


AREA = ImportKind(
    "network",
    message(
        "Areas in a tree of any depth, each inside its parent. An area that is there already is "
        "renamed, re-coded, moved or located as the row says, from the row's date on; nothing is "
        "ever deleted. A blank cell says nothing."
    ),
    COLUMNS,
    ("key",),
    decide,
    _known,
)
