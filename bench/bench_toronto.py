"""Plan Toronto's real week of community programmes anew, with its real rooms and a generated pool of volunteers."""

from __future__ import annotations

import csv
import random
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import scheduler
from adapters.application.application import Lyceum
from adapters.imports.importing import ImportOptions, run_import
from adapters.services.planning import Effort, WeekDraft, plan_week
from adapters.store.streams import REQUESTS, VENUES
from adapters.week.week_report import Report, week_report
from adapters.week.week_snapshot import WeekSnapshot, snapshot_of
from bench.problems import judged
from bench.sections import give_up, shared, table, timed, write_section
from domain.network import area_id
from domain.request import CourseRequest
from domain.windows import clock, within_days

WEEK = "2026-W02"  # Monday 2026-01-05
SEED = 2026
TIME_LIMIT_S = 180
WORKERS = 2
SESSIONS_PER_VOLUNTEER = 3
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
KM_PER_DEGREE = 111.195
TOP = 10

Row = dict[str, Any]


# ---- What is generated


def opening_rows(sessions: Iterable[Mapping[str, str]], known: set[str]) -> Iterator[Row]:
    """Each place on each day from the start of its first programme to the end of its last, all programmes counted."""
    days: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for programme in sessions:
        key, day = f"toronto-{programme['location_id']}", programme["weekday"][:2]
        first, last = days[key].get(day, (programme["start"], programme["end"]))
        days[key][day] = min(first, programme["start"]), max(last, programme["end"])
    for key in sorted(known & set(days)):
        spans = (f"{day} {'-'.join(days[key][day])}" for day in DAYS if day in days[key])
        yield {"venue": key, "hours": "; ".join(spans)}


def pool(requests: list[CourseRequest], seed: int) -> Iterator[Row]:
    """About one volunteer for three sessions.

    Each lives within 3 km of a session that is drawn, knows its topic and up to two others of the same place, and
    offers three to five windows of four hours that begin half an hour before a session of that place.
    """
    rng = random.Random(seed)
    at_place: dict[str, list[CourseRequest]] = defaultdict(list)
    for request in requests:
        at_place[place_of(request)].append(request)
    drawn_from = [request for request in requests if request.order.leads]
    for number in range(1, round(len(requests) / SESSIONS_PER_VOLUNTEER) + 1):
        first = rng.choice(drawn_from)
        there = [request for request in at_place[place_of(first)] if request.order.leads]
        yield {
            "key": f"generated-{number:04}",
            "name": f"Volunteer {number} (generated)",
            "kind": rng.choice(("retiree", "student", "professional")),
            "home_area": "toronto",
            **_home(rng, first),
            "topics": ", ".join(
                sorted({first.order.topic, *(rng.choice(there).order.topic for _ in range(2))})
            ),
            "hours": "; ".join(_windows(rng, first, there)),
            "max_minutes_week": rng.choice((240, 360, 480)),
            "max_travel_km": rng.choice((5, 8)),
            "check_result": "passed" if rng.random() < 0.9 else "",
            "check_date": "2025-09-01",
            "check_expires": "2026-08-31",
            "check_unit": "generated",
        }


def place_of(request: CourseRequest) -> str:
    """The key of the place at which the session really is: the first two parts of the request's own key."""
    return "-".join(request.key.split("-")[:2])


def _home(rng: random.Random, near: CourseRequest) -> Row:
    lat, lon = near.location or (0, 0)
    return {
        "home_lat": f"{lat + rng.uniform(-2, 2) / KM_PER_DEGREE:.5f}",
        "home_lon": f"{lon + rng.uniform(-2, 2) / KM_PER_DEGREE * 1.38:.5f}",  # a degree is shorter up there
    }


def _windows(rng: random.Random, first: CourseRequest, there: list[CourseRequest]) -> Iterator[str]:
    for programme in (first, *(rng.choice(there) for _ in range(rng.choice((2, 3, 4))))):
        for day, start, _ in within_days(programme.order.preferred):
            begin = min(max(0, start - 30), 20 * 60)
            yield f"{DAYS[day - 1]} {clock(begin)}-{clock(begin + 240)}"


# ---- The week


@dataclass(frozen=True)
class Outcome:
    """`known` are the places with at least one known room; `real` counts the functions that each really hosts."""

    requests: list[CourseRequest]
    known: set[str]
    rooms: int
    volunteers: int
    real: dict[str, int]
    draft: WeekDraft
    seconds: float
    report: Report
    breaches: int
    verdict: Mapping[str, Any]


def planned(lyceum: Lyceum, folder: Path) -> Outcome:
    week, facilities = (
        shared("data", "toronto", f"{name}.csv") for name in ("week_2026-01-05", "facilities")
    )
    imported(lyceum, "venues", week, "toronto-places")
    imported(lyceum, "rooms", facilities, "toronto-rooms")
    imported(lyceum, "requests", week, "toronto-week")
    venues = {venue.key: venue for venue in lyceum.views.all(VENUES)}
    requests = sorted(lyceum.views.all(REQUESTS), key=lambda request: request.key)
    with week.open(encoding="utf-8-sig", newline="") as lines:
        hours = list(opening_rows(csv.DictReader(lines), set(venues)))
    people = list(pool(requests, SEED))
    imported(lyceum, "hours", written(folder / "hours.csv", hours))
    imported(lyceum, "volunteers", written(folder / "volunteers.csv", people))
    area = area_id("toronto")
    draft, seconds = timed(lambda: plan_week(lyceum, area, WEEK, effort=Effort(TIME_LIMIT_S, WORKERS, 0)))
    problem = scheduler.read_problem(draft.problem.document)
    breaches = scheduler.check(problem, scheduler.read_plan(draft.plan, problem).assignments)
    known = {key for key, venue in venues.items() if venue.rooms}
    return Outcome(
        requests=requests,
        known=known,
        rooms=sum(len(venue.rooms) for venue in venues.values()),
        volunteers=len(people),
        real=real_functions(requests, known),
        draft=draft,
        seconds=seconds,
        report=week_report(lyceum, lyceum.views, area, WEEK),
        breaches=len(breaches),
        verdict=judged(draft.problem.document, draft.plan),
    )


def _facts(lyceum: Lyceum) -> WeekSnapshot:
    return snapshot_of(lyceum.views, area_id("toronto"), WEEK)


def imported(lyceum: Lyceum, kind: str, file: Path, profile: str | None = None) -> None:
    report = run_import(lyceum, kind, file, ImportOptions(profile=profile, accept_warnings=True))
    print(report.text(), flush=True)
    if not report.imported:
        give_up(f"{file.name} could not be imported as {kind}; the lines above say why")


def written(file: Path, rows: list[Row]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as out:
        lines = csv.DictWriter(out, list(rows[0]))
        lines.writeheader()
        lines.writerows(rows)
    return file


def real_functions(requests: Iterable[CourseRequest], known: set[str]) -> dict[str, int]:
    """How many functions the real week's sessions bring to each place with known rooms."""
    hosted: dict[str, set[str]] = {key: set() for key in known}
    for request in requests:
        if place_of(request) in known:
            hosted[place_of(request)].add(request.order.function)
    return {key: len(functions) for key, functions in hosted.items()}


# ---- What is said about it


def body(outcome: Outcome) -> str:
    return "\n\n".join(
        (
            assumptions(outcome),
            results(outcome),
            functions_table(outcome),
            top_table(outcome),
            judgement(outcome),
        )
    )


def assumptions(outcome: Outcome) -> str:
    return (
        f"The city's own files, imported as they are with the built-in profiles: {len(outcome.requests):,} sessions "
        f"of the week from 2026-01-05 that are not swimming, skating or ball games, {outcome.rooms} indoor rooms at "
        f"{len(outcome.known)} places. A session may be moved by two hours either way on its day, to a room within "
        "3 km of its real place. Gymnasiums count as free, although the ball games that are left out really use them. "
        "**Assumed**, because the files do not say it: a place is open on each day from the "
        "start of its first programme of any kind to the end of its last; a room holds as many as its type suggests "
        "(10 to 150) and is accessible; 15 learners a session (8 in a recording studio); one lead, none where people "
        "use equipment by themselves, and one assistant where minors learn; function and topic by the words of "
        f"section and title. **Generated** with seed {SEED}: {outcome.volunteers} volunteers, one for three sessions, "
        "each within about 3 km of a drawn session, with its topic and up to two more of that place, offering three "
        "to five windows of four hours in which that place has sessions, for at most four to eight hours a week."
    )


def results(outcome: Outcome) -> str:
    report = outcome.report
    served = {assignment["request"] for assignment in outcome.draft.plan["assignments"]}
    here = [request for request in outcome.requests if place_of(request) in outcome.known]
    rows = [
        ("sessions served", *share(report.sessions, len(outcome.requests))),
        (
            "of those whose real place has known rooms",
            *share(sum(str(request.id) in served for request in here), len(here)),
        ),
        ("learner-hours", *share(round(report.learner_hours), round(report.learner_hours_asked))),
        *(_bounded(goal, value) for goal, value in outcome.draft.plan["goals"].items() if goal != "travel"),
    ]
    unserved = Counter(_sort_of(entry.reasons[0]) for entry in report.unserved if entry.reasons)
    why = "; ".join(f"{reason} ({count})" for reason, count in unserved.most_common(5))
    return (
        f"Planned in {outcome.seconds:.0f} s (limit {TIME_LIMIT_S} s, {WORKERS} workers).\n\n"
        f"{table(('what', 'reached', 'asked or bound', 'share'), rows)}\n\n"
        f"The most frequent first reasons of the {len(report.unserved)} sessions that are not served: {why}."
    )


def share(part: int, whole: int) -> tuple[str, str, str]:
    return f"{part:,}", f"{whole:,}", f"{part / whole:.1%}" if whole else ""


def _bounded(goal: str, value: Mapping[str, Any]) -> tuple[str, str, str, str]:
    if value["bound"] is None:
        return f"goal `{goal}`", f"{value['value']:,}", "none", ""
    return (f"goal `{goal}`", *share(value["value"], value["bound"]))


def _sort_of(reason: str) -> str:
    """A reason without the numbers and topics in it, so that alike ones are counted together."""
    words = ("…" if any(letter.isdigit() for letter in word) else word for word in reason.split())
    return re.sub(r"with the topic \S+", "with the topic", " ".join(words))


def functions_table(outcome: Outcome) -> str:
    planned_ = Counter(len(venue.functions) for venue in outcome.report.places if venue.key in outcome.known)
    real = Counter(outcome.real.values())
    counts = range(max([*planned_, *real]) + 1)
    rows = [
        ("real week", *(real[count] for count in counts), f"{mean(real):.2f}"),
        ("planned", *(planned_[count] for count in counts), f"{mean(planned_):.2f}"),
    ]
    header = ("places by functions hosted", *counts, "mean")
    intro = f"One place, many functions: how many of the {len(outcome.known)} places with known rooms host 0, 1, 2, …"
    return f"{intro} of the eight functions.\n\n{table(header, rows)}"


def mean(counts: Mapping[int, int]) -> float:
    return sum(value * count for value, count in counts.items()) / max(1, sum(counts.values()))


def top_table(outcome: Outcome) -> str:
    rows = [
        (
            place_report.name,
            len(place_report.functions),
            outcome.real[place_report.key],
            place_report.sessions,
            f"{place_report.used_minutes / 60:.0f} of {place_report.open_minutes / 60:.0f} h",
        )
        for place_report in outcome.report.places
        if place_report.key in outcome.known
    ][:TOP]
    return table(
        ("place", "functions planned", "really", "sessions", "room-hours in use of those open"), rows
    )


def judgement(outcome: Outcome) -> str:
    ours = "no rule broken" if not outcome.breaches else f"**{outcome.breaches} breaches**"
    theirs = "accepted" if outcome.verdict["ok"] else f"**refused, {outcome.verdict['broken']} lines**"
    return f"Our own check: {ours}; reference checker: {theirs}."


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Lyceum(f"sqlite:///{Path(folder, 'toronto.db')}") as lyceum:
        outcome = planned(lyceum, Path(folder))
    write_section("bench_toronto", body(outcome))


if __name__ == "__main__":
    main()
