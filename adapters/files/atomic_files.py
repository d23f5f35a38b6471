"""Put a file into place whole, for its owner alone: nobody ever sees half of it, and nobody else reads it.

What is written here holds names, or ids of people, or may one day; whoever publishes some of it says so to the system.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import mkstemp


def put_in_place(aside: Path, file: Path) -> None:
    """Move a file made aside, in the same folder, to its name, unless another program was faster."""
    try:
        os.link(aside, file)
    except FileExistsError:
        aside.unlink()
    except OSError:  # a file system without links
        aside.replace(file)
    else:
        aside.unlink()


def private_folder(path: Path) -> None:
    """Make a folder and those above it that are missing; one that is there keeps its rights."""
    missing = [one for one in (path, *path.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)
    path.mkdir(exist_ok=True)  # raises where it is no folder


def write_private(path: Path, content: bytes) -> None:
    """Write a file in one step; what is no file, such as a pipe, is written to as it is."""
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    path = path.resolve()
    handle, temporary = mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")  # for its owner alone
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
