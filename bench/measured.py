"""What has been measured of the targets, kept from run to run, so that a table or a plot can be written anew.

The file holds one run for each key such as `Rongchang, 60 s`, with the day on which it was measured.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bench.runs import Point, Run
from bench.sections import ROOT, today

FILE = ROOT / "docs" / "plots" / "measured.json"
KEPT_POINTS = 150


@dataclass(frozen=True)
class Measured:
    """A run, its time limit and its day; `sessions` is the size of the document."""

    run: Run
    limit_s: float
    day: str


def read(file: Path = FILE) -> dict[str, Measured]:
    if not file.exists():
        return {}
    document = json.loads(file.read_text(encoding="utf-8"))
    return {key: _one(**value) for key, value in document.items()}


def _one(run: dict[str, object], limit_s: float, day: str) -> Measured:
    trace = [Point(*point) for point in run.pop("trace")]  # type: ignore[attr-defined]
    return Measured(Run(**run, trace=trace), limit_s, day)  # type: ignore[arg-type]


def keep(key: str, run: Run, limit_s: float, file: Path = FILE) -> None:
    """Put one run in place of an earlier one under the same key."""
    known = read(file)
    known[key] = Measured(replace(run, trace=thinned(run.trace)), limit_s, today())
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        f"{json.dumps(name)}: {json.dumps(_plain(measured))}" for name, measured in sorted(known.items())
    ]
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _plain(measured: Measured) -> dict[str, object]:
    run = asdict(measured.run)
    run["trace"] = [[point.seconds, point.served, point.bound] for point in measured.run.trace]
    return {"run": run, "limit_s": measured.limit_s, "day": measured.day}


def thinned(trace: Sequence[Point], limit: int = KEPT_POINTS) -> list[Point]:
    """The first and last point and some between them; of the value that ends highest none is lost."""
    if len(trace) <= limit:
        return list(trace)
    step = (len(trace) - 1) / (limit - 1)
    return [trace[round(number * step)] for number in range(limit)]
