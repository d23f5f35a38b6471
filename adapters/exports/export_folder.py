"""Folder of exports: only what differs is written, and only what was written before is removed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath

from adapters.files.atomic_files import private_folder, write_private
from domain.events import Refused
from domain.messages import message

MANIFEST = "manifest.json"


class NotAFolder(Refused):
    """The path for exports is no folder, or cannot be written to."""


def write_folder(
    out: Path,
    files: Mapping[str, bytes],
    about: Mapping[str, object],
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Make the folder hold these files, by their path in it, and return those that changed, gone ones included.

    Each file is replaced in one step. The manifest, written last, lists them with what they are `about`; only files
    that the manifest before listed are ever removed, so a folder with other things in it keeps them.
    """
    listed = _listed(out)
    manifest = _manifest(files, about)
    changed: list[Path] = []
    try:
        private_folder(out)
        for done, (name, content) in enumerate(sorted(files.items()), 1):
            changed += _write(out / name, content)
            if progress:
                progress(done, len(files))
        changed += [path for name in sorted(listed - set(files)) for path in _remove(out, name)]
        changed += _write(out / MANIFEST, manifest)
    except OSError as error:
        raise NotAFolder(
            message(
                "cannot write to {out}: {strerror}; choose another folder", out=out, strerror=error.strerror
            )
        ) from error
    return changed


def _manifest(files: Mapping[str, bytes], about: Mapping[str, object]) -> bytes:
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    return (json.dumps({**about, "files": hashes}, ensure_ascii=False, indent=1) + "\n").encode()


def _listed(out: Path) -> set[str]:
    """The files that an earlier run wrote; names that lead out of the folder are ignored."""
    try:
        content = json.loads((out / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return set()
    files = content.get("files") if isinstance(content, dict) else None
    return {name for name in files if _is_inside(name)} if isinstance(files, dict) else set()


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts and "\\" not in name


def _write(path: Path, content: bytes) -> list[Path]:
    if path.is_file() and path.read_bytes() == content:
        return []
    private_folder(path.parent)
    write_private(path, content)
    return [path]


def _remove(out: Path, name: str) -> list[Path]:
    path = out / name
    if not path.is_file():
        return []
    path.unlink()
    with suppress(OSError):  # the folder holds more
        path.parent.rmdir()
    return [path]


def write_file(path: Path, content: bytes) -> list[Path]:
    """Write one file, in one step, where its content differs."""
    try:
        return _write(path, content)
    except OSError as error:
        raise NotAFolder(
            message(
                "cannot write {path}: {strerror}; choose another place", path=path, strerror=error.strerror
            )
        ) from error
