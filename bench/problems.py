"""Make problem documents with the reference generator, and have plans judged by the reference checker."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.sections import shared

Document = dict[str, Any]


def made_problem(*options: str) -> Document:
    """What make_problem.py prints, such as for `--district 500153 --seed 1`."""
    script = str(shared("bench", "make_problem.py"))
    done = subprocess.run([sys.executable, script, *options], check=True, capture_output=True)  # noqa: S603 - our own script
    document: Document = json.loads(done.stdout)
    return document


def judged(problem: Document, plan: Document) -> Document:
    """The verdict of check_plan.py: `ok`, `broken` and the values of all goals."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("problem.json", "plan.json")]
        for file, document in zip(files, (problem, plan), strict=True):
            file.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        script = str(shared("bench", "check_plan.py"))
        done = subprocess.run([sys.executable, script, *map(str, files)], check=False, capture_output=True)  # noqa: S603 - our own script
    verdict: Document = json.loads(done.stdout.splitlines()[-1])
    return verdict
