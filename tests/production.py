"""The part of `constraints.txt` that an installation needs: what runs, and what builds the package, with the same pins.

`python -m tests.production` writes it to `constraints-production.txt`; a test compares the two.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
FILE = ROOT / "constraints-production.txt"
PIN = re.compile(r"(?P<name>[a-z0-9-]+)==\S+ \\")
NAME = re.compile(r"[A-Za-z0-9._-]+")


def canonical(text: str) -> str:
    """The name of a distribution in the registry's spelling, of a requirement."""
    found = NAME.match(text)
    return re.sub(r"[-_.]+", "-", found[0]).lower() if found else ""


def wanted() -> set[str]:
    """What pyproject.toml asks for to run and to build."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {canonical(one) for one in (*project["dependencies"], *project["optional-dependencies"]["build"])}


def blocks(text: str) -> dict[str, str]:
    """Each pin with its hashes and who asks for it, by name."""
    parts = re.split(r"^(?=[a-z0-9-]+==)", text, flags=re.MULTILINE)
    return {found["name"]: part for part in parts if (found := PIN.match(part))}


def production() -> str:
    """The pins that are needed, in the order of the whole list."""
    all_of_them = blocks((ROOT / "constraints.txt").read_text("utf-8"))
    needed = wanted()
    while more := {
        name for name, part in all_of_them.items() if name not in needed and askers(part) & needed
    }:
        needed |= more
    return "".join(_hashed(part) for name, part in all_of_them.items() if name in needed)


def askers(part: str) -> set[str]:
    """Who asks for a distribution, by what the compiler wrote beside it."""
    said = part.partition("# via")[2].replace("#", " ")
    return {canonical(line.strip()) for line in said.splitlines() if line.strip()}


def _hashed(part: str) -> str:
    """Without who asks for it, which the whole list tells."""
    return part.partition("    # via")[0]


if __name__ == "__main__":
    FILE.write_text(production(), "utf-8")
