"""Begin processes of our own modules: they import what this process does, and nothing from the current folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def module_command(module: str, *arguments: str) -> list[str]:
    """What runs a module. With -P nobody's file in the folder where somebody happens to be takes a library's place."""
    return [sys.executable, "-P", "-m", module, *arguments]


def module_environment(**more: str) -> dict[str, str]:
    """The environment of such a process: the same folders to import from, named in full; and `more`."""
    path = os.pathsep.join(entry for entry in sys.path if Path(entry).is_absolute())
    return {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1", **more}
