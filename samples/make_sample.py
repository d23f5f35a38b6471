#!/usr/bin/env python3
"""Make the sample district again: its areas are real, its venues, people and requests are drawn with a fixed seed.

    python samples/make_sample.py                  # writes samples/rongchang/
    python samples/make_sample.py --out elsewhere

Read from beside this script: `rongchang/network.csv` (real streets and communities) and `rongchang/day_types.csv`
(the official days of 2026). Everything else is generated, and its keys say so: they start with "sample-". The same
seed always gives the same bytes. Python 3.11, standard library only.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from houses import Houses
from people import People
from places import Point, near
from vocabulary import COURSES, TOPICS

HERE = Path(__file__).resolve().parent / "rongchang"
SEED = 2026
DISTRICT = "500153"
CENTRE = "500153001"  # the street in which the district's own houses stand
AUTUMN = "2026-09-01"  # the term that the sample's make-up work days are written out for

Row = dict[str, Any]


class Sample:
    """Every street and community draws from a generator of its own, so that a change to one leaves the others."""

    def __init__(self, seed: int, areas: list[Row], days: list[Row]) -> None:
        makeup = [row["date"] for row in days if row["kind"] == "makeup_workday" and row["date"] >= AUTUMN]
        self.seed = seed
        self.areas = {row["key"]: row for row in areas}
        self.houses = Houses(makeup)
        self.people = People()

    def rng(self, *what: str) -> random.Random:
        return random.Random("/".join((str(self.seed), *what)))

    def make(self) -> dict[str, list[Row]]:
        """The rows of each generated file."""
        streets = [row for row in self.areas.values() if row["level"] == "street"]
        for row in streets:
            self._street(row)
        self._district()
        return {
            "catalogue": _topics(),
            "venues": self.houses.venues,
            "rooms": self.houses.rooms,
            "hours": self.houses.hours,
            "volunteers": self.people.volunteers,
            "requests": self.people.requests,
        }

    def _street(self, row: Row) -> None:
        key, centre = row["key"], self._centre(row)
        communities = [one for one in self.areas.values() if one["parent"] == key]
        self.houses.street(self.rng("street", key), key, row["name"], _slug(row), centre, len(communities))
        for community in communities:
            self._community(community, f"{_slug(row)}-{_slug(community)}", centre)

    def _community(self, row: Row, slug: str, centre: Point) -> None:
        key = row["key"]
        home = near(self.rng("home", key), centre, 2.5)
        self.houses.community(self.rng("rooms", key), key, row["name"], slug, home)
        for number in range(4):
            rng = self.rng("volunteer", key, str(number))
            self.people.volunteer(rng, key, near(rng, home, 1))
        for number in range(self.rng("orders", key).choice((4, 4, 4, 4, 5))):
            rng = self.rng("request", key, str(number))
            self.people.request(rng, key, near(rng, home, 0.3))

    def _district(self) -> None:
        row = self.areas[DISTRICT]
        centre = self._centre(self.areas[CENTRE])
        self.houses.district(self.rng("district"), CENTRE, row["name"], _slug(row), centre)

    def _centre(self, row: Row) -> Point:
        """The street's own point; where it has none, one that is drawn around the district's."""
        if row["lat"]:
            return float(row["lat"]), float(row["lon"])
        district = self.areas[DISTRICT]
        return near(self.rng("centre", row["key"]), (float(district["lat"]), float(district["lon"])), 6)


def _topics() -> list[Row]:
    function = {course.topic: course.function for course in COURSES}
    return [
        {"kind": "topic", "code": code, "names": f"en={english}; zh={name}", "function": function[name]}
        for name, (code, english) in TOPICS.items()
    ]


def _slug(row: Row) -> str:
    """The first words of the English name: "Changyuan Subdistrict" is "changyuan"."""
    english = row["names"].removeprefix("en=").rpartition(" ")[0]
    return re.sub(r"[^a-z]+", "-", english.lower().replace("'", ""))


def read(file: Path) -> list[Row]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def write(file: Path, rows: Iterable[Row]) -> None:
    listed = list(rows)
    columns = dict.fromkeys(column for row in listed for column in row)
    with file.open("w", encoding="utf-8", newline="") as out:
        table = csv.DictWriter(out, list(columns), restval="", lineterminator="\n")
        table.writeheader()
        table.writerows(listed)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--seed", type=int, default=SEED, help=f"of everything that is drawn (default {SEED})"
    )
    parser.add_argument(
        "--out", type=Path, default=HERE, help="the folder to write (default: samples/rongchang)"
    )
    args = parser.parse_args()
    sample = Sample(args.seed, read(HERE / "network.csv"), read(HERE / "day_types.csv"))
    args.out.mkdir(parents=True, exist_ok=True)
    for name, rows in sample.make().items():
        write(args.out / f"{name}.csv", rows)


if __name__ == "__main__":
    main()
