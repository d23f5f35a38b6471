"""What every benchmark shares: where its data lie, what the machine is, and its own section of docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import re
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn, TypeVar

T = TypeVar("T")

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"
SHARED = "LYCEUM_SHARED"  # names the folder with bench/ and data/; without it ../shared beside the repository


def shared(*parts: str) -> Path:
    """A file of the shared folder; without it the program ends with one sentence and exit code 2."""
    folder = Path(os.environ.get(SHARED) or ROOT.parent / "shared")
    file = folder.joinpath(*parts)
    if not file.exists():
        give_up(
            f"this benchmark needs {'/'.join(parts)}, which is not shipped: put it into ../shared, or name the folder "
            f"that holds it in {SHARED}"
        )
    return file


def give_up(sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    raise SystemExit(2)


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def timed(what: Callable[[], T]) -> tuple[T, float]:
    """The result, and the seconds of wall time that it took."""
    began = time.perf_counter()
    result = what()
    return result, time.perf_counter() - began


def machine() -> str:
    """The machine in one line: processor, cores, memory, system, Python."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return ", ".join(
        filter(
            None,
            (
                processor(_text("/proc/cpuinfo")) or platform.processor() or platform.machine(),
                f"{cores} cores",
                memory(_text("/proc/meminfo")),
                system(_text("/etc/os-release")) or platform.system(),
                f"Python {platform.python_version()}",
            ),
        )
    )


def processor(cpuinfo: str) -> str:
    """The model that Linux tells; "" where it tells none."""
    match = re.search(r"^model name\s*:\s*(.+)$", cpuinfo, re.MULTILINE)
    return match[1].strip() if match else ""


def memory(meminfo: str) -> str:
    match = re.search(r"^MemTotal:\s*(\d+) kB", meminfo, re.MULTILINE)
    return f"{round(int(match[1]) / 2**20)} GiB memory" if match else ""


def system(os_release: str) -> str:
    match = re.search(r'^PRETTY_NAME="?([^"\n]+)"?', os_release, re.MULTILINE)
    return match[1] if match else ""


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""


def table(header: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    lines: list[Sequence[object]] = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def write_section(name: str, body: str, page: Path = PAGE, command: str = "") -> None:
    """Put a benchmark's text between its two markers, and print it; `command` is how it was called."""
    called = command or f"python bench/{name}.py"
    text = f"`{called}`, measured on {today()}: {machine()}.\n\n{body.strip()}"
    print(text)
    page.write_text(replaced(page.read_text(encoding="utf-8"), name, text), encoding="utf-8")


def replaced(page: str, name: str, text: str) -> str:
    """The page with a new section. Raises ValueError where it has no markers of that name."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, marker, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not marker or not closed:
        raise ValueError(f"docs/benchmarks.md has no markers {begin} and {end}; put both back")
    return f"{before}{begin}\n\n{text}\n\n{end}{after}"
