"""Generate who offers hours and what communities order; names are drawn, and no telephone number can exist."""  # noqa: INP001

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from places import Point
from vocabulary import COURSES, ELDER_NAMES, SURNAMES, TOPICS, YOUNG_NAMES, Course

Row = dict[str, Any]
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
CODE = {name: code for name, (code, _) in TOPICS.items()}
CHECKED_FROM = date(2026, 1, 5)
UNIT = "荣昌区示例核查单位"
DEMO_WEEK = 49
FIRST_WEEKS = (43, 44, 45, 46, 47, 47, 48, 48, *[49] * 20, 50)
BANDS = {
    "morning": ("Mo-Fr 09:00-12:00", ("Mo", "Tu", "We", "Th", "Fr"), "09:00-12:00"),
    "afternoon": ("Mo-Fr 14:00-17:30", ("Mo", "Tu", "We", "Th", "Fr"), "14:00-17:30"),
    "evening": ("Mo-Fr 18:00-20:30", ("Mo", "Tu", "We", "Th", "Fr"), "18:00-20:30"),
    "weekend": ("Sa-Su 09:00-17:00", ("Sa", "Su"), "09:00-17:00"),
    "any": ("Mo-Su 09:00-20:30", DAYS, "09:00-20:30"),
}  # acceptable, days and time of a preference


@dataclass
class People:
    """The tables of volunteers and requests."""

    volunteers: list[Row] = field(default_factory=list)
    requests: list[Row] = field(default_factory=list)

    # ---- Volunteers

    def volunteer(self, rng: random.Random, area: str, home: Point) -> None:
        number = len(self.volunteers) + 1
        kind = rng.choices(("retiree", "student", "professional", "staff"), (50, 30, 14, 6))[0]
        minor = kind == "student" and rng.random() < 0.2
        self.volunteers.append({
            "key": f"sample-v{number:03}",
            "name": _name(rng, ELDER_NAMES if kind == "retiree" else YOUNG_NAMES),
            "phone": _phone(number),
            "email": f"sample-v{number:03}@example.org" if rng.random() < 0.5 else "",
            "address": "示例地址（生成数据）",
            "home_lat": f"{home[0]:.5f}",
            "home_lon": f"{home[1]:.5f}",
            "kind": kind,
            "home_area": area,
            "topics": "" if minor else _topics(rng, kind),
            "roles": "assistant" if minor else rng.choices(("lead, assistant", "lead"), (9, 1))[0],
            "languages": rng.choices(("zh", "zh, en", "zh, yue"), (17, 2, 1))[0],
            "hours": _hours(rng, kind),
            "max_minutes_day": rng.choice(("", 180)),
            "max_minutes_week": rng.choice((120, 180, 240, 360)),
            "max_travel_km": rng.choice((5, 8, 12)),
            "minor": "yes" if minor else "no",
            **(_guardian(rng, number) if minor else {}),
            **_check(rng),
        })  # fmt: skip

    # ---- Requests

    def request(self, rng: random.Random, area: str, at: Point) -> None:
        number = len(self.requests) + 1
        course = rng.choices(COURSES, [one.weight for one in COURSES])[0]
        acceptable, days, hours = BANDS[rng.choice(course.bands)]
        first = rng.choice(FIRST_WEEKS)
        shortest = max(4, DEMO_WEEK - first + 1)
        self.requests.append({
            "key": f"sample-r{number:03}",
            "area": area,
            "lat": f"{at[0]:.5f}",
            "lon": f"{at[1]:.5f}",
            "title": course.title,
            "topic": CODE[course.topic],
            "function": course.function,
            "form": course.form,
            "audience": course.audience,
            "learners": rng.choice(course.learners),
            "minors": "yes" if course.minors else "no",
            "priority": rng.choices((1, 2, 3), (8, 1, 1))[0],
            "first_week": f"2026-W{first}",
            "weeks": max(shortest, rng.choice((4, 6, 8, 8, 10, 12, 16))),
            "sessions": rng.choice((1, 1, 1, 2)),
            "duration_minutes": rng.choice(course.durations),
            "acceptable": acceptable,
            "preferred": _preferred(rng, days, hours) if rng.random() < 0.5 else "",
            "equipment": course.equipment,
            "accessible": "yes" if _is_accessible(rng, course) else "no",
            "max_travel_km": rng.choice((3, 5, 5, 8)),
            "leads": 1,
            "assistants": max(course.assistants, int(rng.random() < 0.04)),
            "cohorts": f"{area}-老年班" if course.audience == "older_people" and rng.random() < 0.3 else "",
            "status": rng.choices(("accepted", "screened", "submitted"), (96, 2, 2))[0],
        })  # fmt: skip


def _name(rng: random.Random, given: list[str]) -> str:
    return rng.choice(SURNAMES) + rng.choice(given)


def _phone(number: int) -> str:
    """No Chinese number begins with 000, so nobody can be called."""
    return f"000-{number // 10000:04}-{number % 10000:04}"


def _topics(rng: random.Random, kind: str) -> str:
    """Two to five topics, the popular ones more often; a course's bands say who is free when it is taught."""
    weekday = kind in ("retiree", "staff")
    weights = [one.weight * (3 if _is_by_day(one) == weekday else 1) for one in COURSES]
    drawn = rng.choices(COURSES, weights, k=rng.choice((2, 3, 4, 5)))
    levels = rng.choices(("beginner", "intermediate", "advanced"), (2, 5, 3), k=len(drawn))
    held = {CODE[one.topic]: level for one, level in zip(drawn, levels, strict=True)}
    return ", ".join(f"{topic}:{level}" for topic, level in sorted(held.items()))


def _is_by_day(course: Course) -> bool:
    return "evening" not in course.bands and "weekend" not in course.bands


def _hours(rng: random.Random, kind: str) -> str:
    """Retirees and staff by day on weekdays, students and professionals in the evening and at weekends."""
    if kind in ("retiree", "staff"):
        days = sorted(rng.sample(range(5), rng.choice((1, 2, 3))))
        return "; ".join(
            f"{DAYS[day]} {rng.choice(('09:00-12:00', '09:00-11:30', '14:00-17:00'))}" for day in days
        )
    days = sorted(rng.sample(range(7), rng.choice((2, 2, 3))))
    spans = {
        True: ("18:00-21:00", "18:30-20:30", "18:00-20:30"),
        False: ("09:00-12:00", "10:00-13:00", "14:00-17:00"),
    }
    return "; ".join(f"{DAYS[day]} {rng.choice(spans[day < 5])}" for day in days)


def _guardian(rng: random.Random, number: int) -> Row:
    given = rng.random() < 0.9
    return {
        "consent": "yes" if given else "no",
        "guardian_name": _name(rng, ELDER_NAMES),
        "guardian_phone": f"000-9{number // 10000:03}-{number % 10000:04}",
    }


def _check(rng: random.Random) -> Row:
    """Seven in ten have been checked; a check counts for a year, and some have run out."""
    if rng.random() >= 0.75:
        return {}
    checked = CHECKED_FROM + timedelta(days=rng.randrange(300))
    if rng.random() < 0.06:
        checked -= timedelta(days=340)
    expires = checked.replace(year=checked.year + 1) - timedelta(days=1)
    return {
        "check_result": "passed",
        "check_date": checked.isoformat(),
        "check_expires": expires.isoformat(),
        "check_unit": UNIT,
    }


def _preferred(rng: random.Random, days: tuple[str, ...], hours: str) -> str:
    chosen = sorted(rng.sample(range(len(days)), min(len(days), 2)))
    return f"{','.join(days[one] for one in chosen)} {hours}"


def _is_accessible(rng: random.Random, course: Course) -> bool:
    if course.audience == "people_with_disabilities":
        return True
    return not course.minors and rng.random() < 0.12
