"""Ask the whole interface what its own description allows and forbids, with schemathesis: every check, also stateful.

No answer may be a 5xx, and none may be one that the description does not tell.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.access.api_tokens import Credential, RoleGrant, credential_row
from adapters.application.application import Lyceum
from adapters.services.planning import Effort, plan_week
from adapters.services.releases import release_week
from bench.sections import ROOT
from bench.torture_servers import Running, serve
from domain.network import area_id
from tests.adapters.town import TOWN, WEEK, town

PROGRAM = Path(sys.executable).with_name("schemathesis")
CONFIG = ROOT / "bench" / "schemathesis.toml"
LONGEST_S = 900
WHO = {
    "administrator": (RoleGrant("administrator"),),
    "coordinator": (RoleGrant("coordinator", area_id("river")),),
    "nobody": (),
}


@dataclass
class Fuzz:
    """`cases` were sent; `wrong` are the failures, each with what makes it again."""

    who: str
    cases: int = 0
    operations: int = 0
    wrong: list[str] = field(default_factory=list)


def fill(url: str) -> None:
    """The town with a released week, and somebody of each role."""
    with town(url) as lyceum:
        plan_week(lyceum, TOWN, WEEK, effort=Effort(5, 1))
        release_week(lyceum, TOWN, WEEK, "First")
        enter(lyceum)


def enter(lyceum: Lyceum) -> None:
    rows = [credential_row(token(who), Credential(who, grants)) for who, grants in WHO.items() if grants]
    lyceum.store.save((), rows)


def token(who: str) -> str:
    return f"lyc_torture-{who}"


def fuzz(
    url: str,
    who: str,
    *,
    examples: int,
    seed: int,
    phases: str,
    start: Callable[[str], Running] = serve,
) -> Fuzz:
    """One person, up to so many cases for each operation and phase, on a database that is filled."""
    running = start(url)
    try:
        return _fuzzed(running, who, examples, seed, phases)
    finally:
        running.kill()


def _fuzzed(running: Running, who: str, examples: int, seed: int, phases: str) -> Fuzz:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        said = subprocess.run(  # noqa: S603 - our own words
            command(running, who, examples, seed, phases, report),
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST_S,
            cwd=folder,
        )
        if not report.exists():
            return Fuzz(
                who, wrong=[f"schemathesis ended with {said.returncode}: {said.stderr or said.stdout}"]
            )
        return judged(who, json.loads(report.read_text(encoding="utf-8")), said.returncode, said.stdout)


def command(running: Running, who: str, examples: int, seed: int, phases: str, report: Path) -> list[str]:
    own = ["-H", f"Authorization: Bearer {token(who)}"] if WHO[who] else []
    return [
        str(PROGRAM), "--config-file", str(CONFIG), "run", f"http://127.0.0.1:{running.port}/v1/openapi.json", *own,
        "--checks", "all", "--phases", phases, "--max-examples", str(examples), "--seed", str(seed),
        "--continue-on-failure", "--no-shrink", "--warnings", "off",
        "--report", "json", "--report-json-path", str(report),
    ]  # fmt: skip


def judged(who: str, report: dict[str, Any], code: int, said: str) -> Fuzz:
    """What the report says; of each failure, what it is and where, and at the end all that was printed."""
    failures = [f"{failure['title']}: {', '.join(failure['operations'])}" for failure in report["failures"]]
    counts = report["test_cases"]
    if not report["complete"] or counts["errored"] or (code and not failures):
        failures.append(f"schemathesis ended with {code} ({report['stop_reason']})")
    if failures:
        failures.append(said[-20_000:])
    return Fuzz(who, counts["generated"], report["operations"]["tested"], failures)
