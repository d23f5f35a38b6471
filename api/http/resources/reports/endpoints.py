"""Reports: how a week stands in figures, and how evenly a plan serves."""

from __future__ import annotations

from typing import Any

import orjson

from adapters.week.plan_documents import read_document
from adapters.week.week_report import Report, week_report
from api.http.framework.contexts import Answer, RequestContext, json_response
from api.http.framework.etags import of_content
from api.http.framework.operations import Operations
from api.http.framework.parameters import At, Key, Week
from api.http.resources.weeks.endpoints import area_and_week
from domain.messages import message
from domain.timetable import NoDraft
from scheduler.explain import fairness, serialise

operations = Operations("reports")

SHARES: dict[str, Any] = {
    "type": "object",
    "required": ["communities", "audiences", "left_out"],
    "properties": {
        "communities": {"type": "array", "items": {"type": "object"}},
        "audiences": {"type": "array", "items": {"type": "object"}},
        "left_out": {"type": "array", "items": {"type": "string"}},
    },
}


@operations.read(
    "/reports/{area}/{week}",
    lane="slow",
    may="reports.read",
    answers=Report,
    summary="Report on a week",
    example={
        "area": "Town",
        "week": "2026-W49",
        "zone": "Asia/Shanghai",
        "state": "released",
        "release": "1 (First timetable)",
        "asked": 4,
        "served": 3,
        "sessions_asked": 5,
        "sessions": 4,
        "learner_hours_asked": 187.5,
        "learner_hours": 172.5,
        "goals": [{"goal": "served", "value": 172.5, "bound": 172.5}],
        "unserved": [],
        "places": [],
        "loads": [],
        "communities_asking": 2,
        "communities_served": 2,
        "warnings": [],
        "released": 4,
        "broken": [],
        "elsewhere": 0,
    },
)
def read_report(context: RequestContext, area: Key, week: Week, at: At = None) -> Answer:
    """The latest release, or the draft where nothing is released yet; 404 where there is neither.

    `broken` are released sessions that can no longer take place as they stand, as the facts are now.
    """
    area_state, _ = area_and_week(context, area, week, at)
    answer = json_response(week_report(context.app_state.lyceum, context.views(at), area_state.id, week))
    return Answer(answer.body, etag=of_content(answer.body))


@operations.read(
    "/reports/{area}/{week}/fairness",
    lane="slow",
    may="reports.read",
    answers=SHARES,
    summary="Say how evenly a week's plan serves",
    example={"communities": [], "audiences": [], "left_out": []},
)
def read_fairness(context: RequestContext, area: Key, week: Week, at: At = None) -> Answer:
    """For each community and audience what it asked for, what it got, and what could be served."""
    _, timetable = area_and_week(context, area, week, at)
    if timetable.origin is None:
        raise NoDraft(message("there is no draft of {week} yet; plan the week first", week=week))
    store = context.app_state.lyceum.store
    shares = fairness(
        read_document(store, timetable.origin.problem), read_document(store, timetable.origin.plan)
    )
    body = orjson.dumps(serialise(shares))
    return Answer(body, etag=of_content(body))
