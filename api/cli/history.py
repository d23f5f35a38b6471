"""Commands for the event history, and for rebuilding the read models from it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.shell import Steps, Usage, day_of, fail, opened, say, seen_at, show_json, week_and_day
from api.cli.weeks import At, Json

if TYPE_CHECKING:
    from adapters.branches.adopting import BroughtBy
    from adapters.store.views import Views

Only = Annotated[str | None, typer.Option(help="Only this one, by its key.")]


def register(app: typer.Typer) -> None:
    for command in (history, rebuild):
        app.command()(command)


def history(
    area: Only = None,
    venue: Only = None,
    volunteer: Only = None,
    request: Only = None,
    week: Annotated[str | None, typer.Option(help="With --area: the timetable of that week.")] = None,
    on: Annotated[str | None, typer.Option(help="With --area: which areas it lay in on this date.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Only events after this position.")] = 0,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the last ones.")] = 50,
    moment: At = None,
    json_: Json = False,
) -> None:
    """Tell what happened: who did what, when and why, as events with their positions.

    What came by a what-if branch names it, and who wrote the change there.

    Examples: `lyceum history`, `lyceum history --area town --week 2026-W49`,
    `lyceum history --area mill-street --on 2025-09-01`
    """
    from adapters.branches.adopting import brought_by_branches

    if on is not None:
        _show_path(area, on, moment, json_)
        return
    stream = _stream(area, venue, volunteer, request, week)
    with opened() as lyceum:
        until = seen_at(lyceum, moment).position
        records = [
            record
            for record in lyceum.store.history(after, until)
            if stream in (None, record.event.originator_id)
        ]
        keys, brought = _keys(lyceum.views), brought_by_branches(lyceum.store)
    rows = [dict(_row(record, keys, brought)) for record in records[-limit:]]
    if json_:
        show_json(rows)
        return
    for row in rows:
        about = f"{row['event']:<26} {row['about']:<16} {row['what']}"
        branch = row["branch"]
        way = f" (by branch {branch['name']}, written by {branch['by']})" if branch else ""
        say(f"{row['position']:>8}  {row['at'][:19]}  {row['by']:<12}  {about}{way}")
    if not rows:
        say("no event yet; `lyceum import` and `lyceum plan` make some")


def _stream(
    area: str | None, venue: str | None, volunteer: str | None, request: str | None, week: str | None
) -> Any:
    from adapters.week.week_snapshot import find_area
    from domain.request import request_id
    from domain.timetable import timetable_id
    from domain.venue import venue_id
    from domain.volunteer import volunteer_id

    if sum(key is not None for key in (area, venue, volunteer, request)) > 1:
        raise Usage("give one of --area, --venue, --volunteer and --request, not several")
    if week is not None and area is None:
        raise Usage("--week needs --area: a timetable is that of an area and a week")
    if area is not None:
        from adapters.application.unit_of_work import now

        day = week_and_day(week)[1] if week else now().date()
        with opened() as lyceum:
            area_id = find_area(lyceum.views, area, day).id
        return timetable_id(area_id, week) if week else area_id
    for key, id_of in ((venue, venue_id), (volunteer, volunteer_id), (request, request_id)):
        if key is not None:
            return id_of(key)
    return None


def _keys(views: Views) -> dict[Any, str]:
    """The key of the area, venue, volunteer or request of each stream."""
    from adapters.queries.area_queries import network
    from adapters.queries.request_queries import requests_by_id
    from adapters.queries.venue_queries import venues_by_id
    from adapters.queries.volunteer_queries import volunteers_by_id

    collections: tuple[Mapping[Any, Any], ...] = (
        network(views),
        venues_by_id(views),
        volunteers_by_id(views),
        requests_by_id(views),
    )
    return {id: state.key for states in collections for id, state in states.items()}


def _row(recorded: Any, keys: dict[Any, str], brought: Mapping[Any, BroughtBy]) -> Iterator[tuple[str, Any]]:
    from adapters.store.event_names import topic_of
    from adapters.store.mapper import ENVELOPE, json_of

    event = recorded.event
    body = json_of(type(event)).dump_python(event, mode="json", exclude={*ENVELOPE, "at", "by"})
    yield "position", recorded.position
    yield "at", event.at.isoformat()
    yield "by", event.by
    yield "event", topic_of(type(event)).partition("/")[0]
    yield "about", keys.get(event.originator_id, "")
    yield "stream", str(event.originator_id)
    yield "version", event.originator_version
    way = brought.get((event.originator_id, event.originator_version))
    yield "branch", None if way is None else {"name": way.branch, "by": way.by}
    yield "what", _brief(body)
    yield "body", body


def _brief(body: dict[str, Any]) -> str:
    """The scalar fields of an event in one line; lists are counted, except for the soft rules of a move."""
    parts = []
    for key, value in body.items():
        if isinstance(value, str | int | float) and value != "":
            parts.append(f"{key}={value}")
        elif key == "accepted" and value:
            parts.append(f"accepted={' '.join(value)}")
        elif isinstance(value, list) and value:
            parts.append(f"{key}: {len(value)}")
    return ", ".join(parts)[:160]


def _show_path(area: str | None, on: str, moment: str | None, json_: bool) -> None:
    """Print the areas in which an area lay on a date."""
    from adapters.queries.area_queries import network as network_of
    from adapters.week.week_snapshot import find_area
    from domain.network import name_on, path_on

    if area is None:
        raise Usage("--on needs --area: it tells where that area lay on the date")
    day = day_of(on)
    with opened() as lyceum:
        views = seen_at(lyceum, moment)
        network = network_of(views)
        path = path_on(network, find_area(views, area, day).id, day)
    rows = [
        {"level": network[area_id].level, "key": network[area_id].key, "name": name_on(network[area_id], day)}
        for area_id in path
    ]
    if json_:
        show_json(rows)
        return
    say(f"on {day}: " + ", in ".join(f"{row['name']} ({row['level']} {row['key']})" for row in rows))


def rebuild(json_: Json = False) -> None:
    """Drop every read model and make it again from the events; say whether it came out the same.

    Then the diaries are mended: promises that no release holds any more are freed.

    Example: `lyceum rebuild`
    """
    from adapters.week.release_validity.diary_repair import mend_diaries

    with opened(None) as lyceum, Steps("rebuilding") as steps:
        before, last = lyceum.views.digest(), lyceum.store.position()
        began = time.monotonic()
        reached = lyceum.views.rebuild(
            lambda position: steps(position, last, f"{position:,} of {last:,} events")
        )
        seconds = time.monotonic() - began
        after = lyceum.views.digest()
        freed = mend_diaries(lyceum)
    same = before == after
    if json_:
        show_json(
            {
                "events": reached,
                "seconds": round(seconds, 3),
                "same": same,
                "digest": after,
                "freed": freed,
            }
        )
    else:
        outcome = "the same" if same else "different"
        say(f"{reached:,} events read again in {seconds:.1f} s; the read models are {outcome}")
        if freed:
            say(f"{freed} promises that no release holds any more were freed")
    if not same:
        fail("the read models had gone wrong; they are right now, and please report this")
