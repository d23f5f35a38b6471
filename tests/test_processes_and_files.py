"""What the program begins and writes: no process imports from the current folder, no file is for others to read."""

from __future__ import annotations

import ast
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from adapters.application.application import Lyceum
from adapters.files.atomic_files import private_folder, write_private
from api.cli.shell import holds_password
from scheduler.processes.worker_process import module_command, module_environment

ROOT = Path(__file__).parents[1]
PACKAGES = ("adapters", "api", "domain", "scheduler")
STARTS = {
    "Popen",
    "run",
    "call",
    "check_call",
    "check_output",
    "execv",
    "execve",
    "spawnv",
    "create_subprocess_exec",
}
WRITES = {"write_bytes", "write_text", "mkdir", "makedirs", "mkstemp", "copyfile", "chmod"}
OURS = {  # who writes files, and why that is right
    "adapters/files/atomic_files.py": "the one that writes for the owner alone",
    "adapters/maintenance/backups.py": "into a file of mkstemp, which is for its owner alone",
    "adapters/store/connections.py": "into a file of mkstemp",
    "adapters/imports/import_templates.py": "an empty table: columns and one made-up row",
    "adapters/access/keyring.py": "os.open with 0o600",
    "scheduler/documentation/__main__.py": "pages and schemas of this repository, for everybody to read",
    "api/http/resources/imports/endpoints.py": "into a TemporaryDirectory, which is for its owner alone",
    "adapters/wording/extraction.py": "the catalogues of the sources, with nothing of people in them",
}


def calls(names: set[str]) -> Iterator[tuple[str, ast.Call]]:
    """Each call of one of these, with its file."""
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in names:
                    yield file.relative_to(ROOT).as_posix(), node


def begins_processes() -> dict[str, str]:
    """Where a process is begun: the file, and its source."""
    own = ("subprocess.", "os.exec", "os.spawn", "asyncio.create_subprocess")
    found = {file for file, node in calls(STARTS) if ast.unparse(node.func).startswith(own)}
    return {file: (ROOT / file).read_text("utf-8") for file in found}


def test_every_process_of_ours_is_begun_by_one_module_without_the_current_folder() -> None:
    files = begins_processes()

    ours = {file for file, source in files.items() if "sys.executable" in source}
    assert ours == {"scheduler/processes/worker_process.py"}
    assert all("pg_" in files[file] for file in set(files) - ours)
    assert not [file for file, source in files.items() if file not in ours and '"-m"' in source]


def test_process_of_ours_reads_no_file_of_the_folder_it_is_begun_in(tmp_path: Path) -> None:
    for name in ("json", "struct", "adapters", "scheduler"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(99)", "utf-8")
    done = subprocess.run(
        module_command("adapters.processes.part_process"),
        cwd=tmp_path,
        env=module_environment(),
        input=b"",
        check=False,
    )

    assert done.returncode == 0


def test_processes_of_the_server_are_begun_without_the_current_folder(tmp_path: Path) -> None:
    """The library begins those that answer by itself; what they inherit keeps the folder out."""
    (tmp_path / "struct.py").write_text("raise SystemExit(99)", "utf-8")
    program = (
        "from multiprocessing import get_context as c; p = c('spawn').Process(target=print); p.start(); "
    )
    (tmp_path / "main.py").write_text(
        f"if __name__ == '__main__':\n    {program}p.join(); raise SystemExit(p.exitcode)\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", str(tmp_path / "main.py")],
        cwd=tmp_path, env=module_environment(), check=False, capture_output=True,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert 'os.environ["PYTHONSAFEPATH"] = "1"' in (ROOT / "api/cli/main.py").read_text("utf-8")


def test_only_those_that_are_known_to_write_for_the_owner_alone_write_files() -> None:
    opened = {
        file
        for file, node in calls({"open", "fdopen"})
        for one in (*node.args, *(key.value for key in node.keywords))
        if isinstance(one, ast.Constant) and one.value in {"w", "wb", "a", "ab", "x", "xb", "r+", "w+"}
    }

    assert {file for file, _ in calls(WRITES)} | opened == set(OURS)


@pytest.mark.parametrize("umask", [0, 0o022, 0o077])
def test_file_and_its_folders_are_for_the_owner_alone(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        private_folder(tmp_path / "a/b")
        write_private(tmp_path / "a/b/people.csv", b"name")
        write_private(tmp_path / "a/b/people.csv", b"other")
    finally:
        os.umask(before)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "a").rglob("*")}
    assert modes == {"b": 0o700, "people.csv": 0o600}
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700
    assert (tmp_path / "a/b/people.csv").read_bytes() == b"other"


def test_link_is_followed_and_a_pipe_is_written_to(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_private(tmp_path / "link", b"text")
    read, write = os.pipe()
    write_private(Path(f"/dev/fd/{write}"), b"text")

    assert (tmp_path / "real").read_bytes() == b"text"
    assert (tmp_path / "link").is_symlink()
    assert os.read(read, 10) == b"text"
    os.close(read)
    os.close(write)


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("postgresql://lyceum:secret@host/name", True),
        ("postgres://lyceum:se/cr@et@host/name", True),
        ("postgresql://lyceum@host:5432/name", False),
        ("postgresql://host/name?password=secret", True),
        ("postgresql://host:5432/name?connect_timeout=5", False),
        ("sqlite:////srv/a:b@c.db", False),
        ("memory:", False),
    ],
)
def test_address_with_a_password_is_known(url: str, secret: bool) -> None:
    assert holds_password(url) is secret


@pytest.mark.postgres
def test_password_of_the_database_may_stand_in_a_file(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = urlsplit(postgres_url).password
    file = tmp_path / "pgpass"
    write_private(file, f"*:*:*:*:{password}\n".encode())
    monkeypatch.setenv("PGPASSFILE", str(file))
    bare = postgres_url.replace(f":{password}@", "@")
    assert not holds_password(bare)

    with Lyceum(bare) as lyceum:
        assert lyceum.store.position() == 0
