"""Atomic writes of private files: nobody ever sees half of a file, and only its owner can read it."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import mkstemp


def put_in_place(temporary: Path, file: Path) -> None:
    """Move a temporary file of the same folder to its name, unless another program was faster."""
    try:
        os.link(temporary, file)
    except FileExistsError:
        temporary.unlink()
    except OSError:  # a file system without links
        temporary.replace(file)
    else:
        temporary.unlink()


def private_folder(path: Path) -> None:
    """Make a folder and those above it that are missing; one that is there keeps its rights."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, exist_ok=True)
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
