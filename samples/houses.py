"""Generate who lends rooms: schools outside lessons, libraries, culture stations, museums, village rooms."""  # noqa: INP001

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from places import Point, count, near

Row = dict[str, Any]

# Term: Monday to Friday 18:00-20:00 and weekends 09:00-17:00. A make-up work day is a school day like any other.
SCHOOL = "Mo-Fr 18:00-20:00; Sa-Su 09:00-17:00; PH off"
SCHOOL_EVENING = "18:00-20:00"
SCHOOL_BREAK = "Mo-Fr 09:00-20:00; Sa-Su 09:00-17:00; PH off"
WINTER_BREAK = ("2027-01-23", "2027-02-21")  # assumed: no source gives it
LIBRARY = (  # 54 hours a week
    "Tu-Su 09:00-18:00",
    "Mo-Sa 09:00-18:00",
    "Tu-Su 09:00-12:00,14:00-20:00",
    "Mo,We-Su 09:00-12:00,14:00-20:00",
)
STATION = (  # 35 hours a week
    "Mo-Fr 14:00-17:00,18:30-20:30; Sa-Su 09:00-12:00,14:00-16:00; PH off",
    "We-Su 09:00-12:00,14:00-18:00; PH off",
    "Tu-Fr 09:00-12:00,18:30-20:30; Sa-Su 09:00-12:00,13:30-18:00; PH off",
)
MUSEUM = "Tu-Su 09:00-17:00"
LEARNING_ROOM = (
    "Mo-Fr 09:00-12:00,14:00-17:30; PH off",
    "Mo-Fr 09:00-12:00,14:00-17:00; Sa[1,3] 09:00-12:00; PH off",
    "Mo-Fr 09:00-12:00,14:00-17:00; week 01-53/2 Sa 09:00-17:00; PH off",
    "Mo,We,Fr 09:00-12:00,14:00-17:00; Tu,Th 09:00-12:00,14:00-17:00,18:30-20:30; PH off",
    "Mo-Su 09:00-17:00; PH off",
)
SERVICE_CENTRE = "Mo-Fr 09:00-17:30; PH off"
DISTRICT_CENTRE = "Tu-Su 09:00-21:00"
STADIUM = "Mo-Fr 14:00-21:00; Sa-Su 09:00-21:00"

SPECIAL_ROOMS = (
    ("computers", "计算机教室", "电脑, 投影仪", 40),
    ("music", "音乐教室", "钢琴", 40),
    ("dance", "舞蹈教室", "镜墙, 瑜伽垫", 30),
    ("laboratory", "科学实验室", "实验台, 水池", 40),
    ("lecture", "阶梯教室", "投影仪", 60),
)
SCHOOL_NAMES = ("中心小学", "第二小学", "初级中学", "实验小学", "职业学校")
WELCOME_IN_MUSEUM = "civic, arts, science, leisure, early_years"


@dataclass
class Houses:
    """The tables of venues, rooms and hours, filled house by house."""

    makeup_days: list[str]
    venues: list[Row] = field(default_factory=list)
    rooms: list[Row] = field(default_factory=list)
    hours: list[Row] = field(default_factory=list)

    def venue(self, key: str, name: str, kind: str, area: str, at: Point, hours: str, **terms: object) -> str:
        full = f"sample-{key}"
        self.venues.append({"key": full, "name": name, "kind": kind, "area": area, "lat": f"{at[0]:.5f}",
                            "lon": f"{at[1]:.5f}", "price": "free", **terms})  # fmt: skip
        self.open(full, hours)
        return full

    def open(
        self, venue: str, hours: str, first: str = "", last: str = "", name: str = "", room: str = ""
    ) -> None:
        self.hours.append(
            {"venue": venue, "room": room, "hours": hours, "first": first, "last": last, "name": name}
        )

    def room(
        self, venue: str, key: str, name: str, capacity: int, equipment: str = "", *, accessible: bool = False,
        turnaround: int = 0, **more: str
    ) -> None:  # fmt: skip
        self.rooms.append({
            "venue": venue, "key": key, "name": name, "capacity": capacity, "equipment": equipment,
            "accessible": "yes" if accessible else "no", "turnaround_minutes": turnaround,
            **{"part_of": "", "functions": ""} | more,
        })  # fmt: skip

    # ---- A street

    def street(
        self, rng: random.Random, area: str, name: str, slug: str, centre: Point, communities: int
    ) -> None:
        for number in range(count(rng, communities / 5)):
            self._school(rng, area, name, f"{slug}-school-{number + 1}", number, near(rng, centre, 2.5))
        if rng.random() < 0.65:
            self._library(
                f"{slug}-library", f"{name}图书馆", area, near(rng, centre, 1), rng.choice(LIBRARY), rng
            )
        if rng.random() < 0.6:
            self._station(rng, f"{slug}-culture", f"{name}社区文化中心", area, near(rng, centre, 1))
        if rng.random() < 0.15:
            self._museum(f"{slug}-museum", f"{name}民俗陈列馆", area, near(rng, centre, 2))

    def community(self, rng: random.Random, area: str, name: str, slug: str, home: Point) -> None:
        if rng.random() < 0.42:
            hours = rng.choice(LEARNING_ROOM)
            venue = self.venue(slug, f"{name}学习点", "learning_room", area, near(rng, home, 0.4), hours)
            equipment = rng.choice(("", "投影仪", "投影仪", "瑜伽垫", "瑜伽垫, 投影仪"))
            self.room(
                venue, "room", "学习室", rng.choice((15, 20, 30)), equipment, accessible=rng.random() < 0.6
            )
        elif rng.random() < 0.08:
            venue = self.venue(
                f"{slug}-service", f"{name}党群服务中心", "other", area, near(rng, home, 0.3), SERVICE_CENTRE,
                weekly_cap_minutes=600, recall_notice_hours=24,
            )  # fmt: skip
            self.room(venue, "meeting", "会议室", 30, "投影仪", accessible=True, turnaround=15)

    def _school(self, rng: random.Random, area: str, name: str, key: str, number: int, at: Point) -> None:
        hours_lent = rng.choice((None, 20, 30))
        reduced = rng.random() < 0.2
        venue = self.venue(
            key, name + SCHOOL_NAMES[number % len(SCHOOL_NAMES)], "school", area, at, SCHOOL,
            price="reduced" if reduced else "free", price_per_hour=rng.choice((10, 20)) if reduced else "",
            weekly_cap_minutes=hours_lent * 60 if hours_lent else "", recall_notice_hours=48,
        )  # fmt: skip
        for day in self.makeup_days:
            weekday = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")[date.fromisoformat(day).weekday()]
            self.open(venue, f"{weekday} {SCHOOL_EVENING}", day, day, "调休上课日")
        self.open(venue, SCHOOL_BREAK, *WINTER_BREAK, "寒假（假定日期）")
        self.room(
            venue, "classroom", "普通教室", rng.choice((40, 45, 50)), "投影仪", accessible=rng.random() < 0.3
        )
        special, title, equipment, capacity = rng.choice(SPECIAL_ROOMS)
        self.room(venue, special, title, capacity, equipment, accessible=rng.random() < 0.3,
                  turnaround=rng.choice((0, 15)))  # fmt: skip

    def _library(self, key: str, name: str, area: str, at: Point, hours: str, rng: random.Random) -> None:
        venue = self.venue(key, name, "library", area, at, hours)
        self.room(venue, "reading", "阅览室", rng.choice((25, 40)), "投影仪", accessible=rng.random() < 0.9)
        self.room(venue, "media", "电子阅览室", 20, "电脑", accessible=True)
        self.room(
            venue, "lecture", "报告厅", rng.choice((60, 80)), "投影仪, 钢琴", accessible=True, turnaround=30
        )

    def _station(
        self, rng: random.Random, key: str, name: str, area: str, at: Point, hours: str = ""
    ) -> None:
        """A hall that divides, a teaching kitchen and a workshop."""
        venue = self.venue(key, name, "culture_centre", area, at, hours or rng.choice(STATION))
        self.room(venue, "hall", "多功能厅", 100, "镜墙, 钢琴, 投影仪", accessible=True, turnaround=15)
        self.room(
            venue, "hall-east", "多功能厅东厅", 45, "镜墙", accessible=True, turnaround=15, part_of="hall"
        )
        self.room(
            venue, "hall-west", "多功能厅西厅", 45, "钢琴", accessible=True, turnaround=15, part_of="hall"
        )
        self.room(
            venue, "kitchen", "厨艺教室", 20, "灶台, 水池", accessible=rng.random() < 0.7, turnaround=30
        )
        self.room(venue, "workshop", "手工坊", 24, "工具台", accessible=rng.random() < 0.7)

    def _museum(self, key: str, name: str, area: str, at: Point) -> None:
        venue = self.venue(
            key, name, "museum", area, at, MUSEUM, weekly_cap_minutes=24 * 60, recall_notice_hours=72
        )
        self.room(venue, "education", "教育活动室", 30, "投影仪, 水池", accessible=True, turnaround=15,
                  functions=WELCOME_IN_MUSEUM)  # fmt: skip
        self.room(venue, "auditorium", "报告厅", 100, "投影仪", accessible=True, turnaround=30)

    # ---- The district's own houses

    def district(self, rng: random.Random, area: str, name: str, slug: str, centre: Point) -> None:
        def at() -> Point:
            return near(rng, centre, 1.5)

        self._library(f"{slug}-district-library", f"{name}图书馆", area, at(), LIBRARY[2], rng)
        self._station(rng, f"{slug}-district-culture", f"{name}文化馆", area, at(), DISTRICT_CENTRE)
        self._museum(f"{slug}-district-museum", f"{name}博物馆", area, at())
        science = self.venue(f"{slug}-science", f"{name}科技馆", "science_museum", area, at(), MUSEUM)
        self.room(science, "laboratory", "科普实验室", 36, "实验台, 水池, 电脑", accessible=True, turnaround=15,
                  functions="science, early_years, vocational")  # fmt: skip
        self.room(science, "dome", "报告厅", 80, "投影仪", accessible=True, turnaround=30)
        stadium = self.venue(f"{slug}-stadium", f"{name}体育馆", "stadium", area, at(), STADIUM, price="reduced",
                             price_per_hour=30, weekly_cap_minutes=40 * 60, recall_notice_hours=24)  # fmt: skip
        for key, title, capacity, whole in (("hall", "综合馆", 120, ""), ("hall-a", "综合馆A区", 50, "hall"),
                                            ("hall-b", "综合馆B区", 50, "hall")):  # fmt: skip
            self.room(stadium, key, title, capacity, "瑜伽垫", accessible=True, turnaround=15, part_of=whole,
                      functions="sport, health, leisure")  # fmt: skip
