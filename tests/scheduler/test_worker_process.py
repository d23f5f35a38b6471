"""Worker processes: called and followed, ended with their parent, replaced when lost, held to their limits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scheduler.processes import (
    Done,
    Json,
    Mistake,
    ProcessLimits,
    ProcessLost,
    WorkerPool,
    WorkerProcess,
    WorkerSpec,
)

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
WORKER = """
import os, sys, time

def main(connection, *arguments):
    while True:
        match connection.recv():
            case "arguments":
                connection.send(arguments)
            case "count", steps:
                for step in range(steps):
                    connection.send(("step", step))
                connection.send("done")
            case "sleep", seconds:
                time.sleep(seconds)
                connection.send("awake")
            case "fill", megabytes:
                connection.send(len(bytearray(megabytes << 20)))
            case "policy":
                connection.send((os.sched_getscheduler(0), os.nice(0)))
            case "path":
                connection.send((sys.flags.safe_path, os.getcwd(), sys.path))
            case "exit":
                os._exit(3)
            case message:
                connection.send(message)
"""
PARENT = """
import sys
from scheduler.processes import WorkerProcess, WorkerSpec
process = WorkerProcess(WorkerSpec(target=sys.argv[1]))
process.call("hello")
print(process.process.pid, flush=True)
process.call(("sleep", 60))
"""


@pytest.fixture
def target(tmp_path: Path) -> str:
    file = tmp_path / "worker.py"
    file.write_text(WORKER, "utf-8")
    return str(file)


@pytest.fixture
def worker(target: str) -> Iterator[WorkerProcess]:
    process = WorkerProcess(WorkerSpec(target=target, arguments=["a", "b c"], title="the echo"))
    yield process
    process.close()


def pid_of(worker: WorkerProcess) -> int:
    assert worker.process is not None
    return worker.process.pid


def is_running(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text("utf-8")
    except FileNotFoundError:
        return False


def ends_soon(pid: int) -> bool:
    deadline = time.monotonic() + 20
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_running(pid)


def test_it_begins_when_it_is_first_called_and_answers_again_and_again(worker: WorkerProcess) -> None:
    assert (worker.alive, worker.returncode) == (False, None)

    assert worker.call("arguments") == ("a", "b c")
    first = pid_of(worker)
    assert worker.call({"x": (1, None)}) == {"x": (1, None)}

    assert (worker.alive, pid_of(worker)) == (True, first)


def test_messages_larger_than_a_pipe_arrive_whole(worker: WorkerProcess) -> None:
    message = [bytes(range(256)) * 4096] * 5

    assert worker.call(message) == message


def test_progress_comes_before_the_answer(worker: WorkerProcess) -> None:
    worker.start()
    worker.send(("count", 3))

    assert [worker.receive() for _ in range(4)] == [("step", 0), ("step", 1), ("step", 2), "done"]


def test_who_waits_in_vain_may_wait_on(worker: WorkerProcess) -> None:
    worker.start()
    worker.send(("sleep", 1.0))

    with pytest.raises(TimeoutError):
        worker.receive(timeout_s=0.01)

    assert worker.receive(timeout_s=30) == "awake"


def test_call_that_is_late_ends_the_process_and_the_next_begins_another(worker: WorkerProcess) -> None:
    worker.call("hello")
    first = worker.process
    assert first is not None

    with pytest.raises(TimeoutError):
        worker.call(("sleep", 60), timeout_s=0.2)

    assert first.returncode == -signal.SIGKILL
    assert worker.call("hello") == "hello"


def test_killed_process_is_replaced_by_the_next_call(worker: WorkerProcess) -> None:
    worker.call("hello")
    first = pid_of(worker)
    os.kill(first, signal.SIGKILL)

    assert worker.call("again", tries=2) == "again"
    assert pid_of(worker) != first


def test_one_that_ends_at_each_call_is_lost_after_the_last_try(worker: WorkerProcess) -> None:
    with pytest.raises(ProcessLost, match=r"^the echo has ended by itself$"):
        worker.call("exit", tries=2)

    assert worker.returncode == 3


def test_ask_replaces_nothing(worker: WorkerProcess) -> None:
    worker.call("hello")
    worker.kill()

    with pytest.raises(ProcessLost):
        worker.ask("again")

    assert worker.returncode == -signal.SIGKILL


def test_close_lets_an_idle_process_end_by_itself_and_kills_one_that_goes_on(worker: WorkerProcess) -> None:
    worker.call("hello")
    worker.close(grace_s=30)
    assert worker.returncode == 0

    worker.start()
    worker.send(("sleep", 60))
    worker.close(grace_s=0.2)
    assert worker.returncode == -signal.SIGKILL


def test_program_that_cannot_be_begun_is_lost() -> None:
    with pytest.raises(ProcessLost):
        WorkerProcess(WorkerSpec(command=["/nowhere/at all"])).start()


@LINUX
def test_process_ends_with_a_killed_parent_whatever_it_is_at(target: str) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, target], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert is_running(pid)

    parent.kill()
    parent.wait()
    parent.stdout.close()

    assert ends_soon(pid)


def test_interrupt_is_left_to_the_parent(worker: WorkerProcess) -> None:
    worker.call("hello")
    os.kill(pid_of(worker), signal.SIGINT)

    assert worker.call("hello") == "hello"
    assert worker.alive


@LINUX
def test_idle_process_takes_only_what_nobody_wants(target: str) -> None:
    worker = WorkerProcess(WorkerSpec(target=target, limits=ProcessLimits(idle=True)))
    try:
        policy, _ = worker.call("policy")
    finally:
        worker.close()

    assert policy == os.SCHED_IDLE
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


def test_lowest_priority_stands_in_where_there_is_no_idle_one(monkeypatch: pytest.MonkeyPatch) -> None:
    nice: list[int] = []
    monkeypatch.delattr(os, "sched_setscheduler", raising=False)
    monkeypatch.setattr(os, "nice", nice.append)

    ProcessLimits(idle=True).apply()

    assert nice == [19]


@LINUX
def test_process_that_wants_more_memory_than_it_may_have_is_lost_in_one_sentence(
    target: str, capfd: pytest.CaptureFixture[str]
) -> None:
    worker = WorkerProcess(WorkerSpec(target=target, title="the echo", limits=ProcessLimits(memory_mb=300)))
    try:
        assert worker.call(("fill", 10)) == 10 << 20
        with pytest.raises(ProcessLost, match=r"^the echo has ended by itself; it may use 300 MB of memory$"):
            worker.call(("fill", 1000))
    finally:
        worker.close()

    assert capfd.readouterr().err == f"{target} has no memory left; it may use 300 MB of memory\n"


def test_one_that_says_too_much_is_lost(target: str) -> None:
    worker = WorkerProcess(WorkerSpec(target=target, max_bytes=1000))
    try:
        assert worker.call("x" * 500) == "x" * 500
        with pytest.raises(ProcessLost):
            worker.call("x" * 500)
    finally:
        worker.close()


@pytest.mark.parametrize("module", ["worker_of_a_package", None])
def test_no_file_of_the_current_folder_is_imported(
    target: str, module: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    (packages / "worker_of_a_package.py").write_text(WORKER, "utf-8")
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in ("json", "pickle", "struct", "scheduler", "worker_of_a_package", "sitecustomize"):
        (folder / f"{name}.py").write_text("raise SystemExit(99)", "utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(packages))
    monkeypatch.setattr(sys, "path", ["", ".", *sys.path])

    worker = WorkerProcess(WorkerSpec(target=module or target))
    try:
        safe, where, path = worker.call("path")
    finally:
        worker.close()

    assert (safe, where) == (True, str(folder))
    assert all(Path(entry).is_absolute() and Path(entry) != folder for entry in path)
    assert (str(packages) in path) is bool(module)


def test_command_speaks_in_lines() -> None:
    program = "import sys\nfor line in sys.stdin: print(line.upper(), end='', flush=True)"
    worker = WorkerProcess(WorkerSpec(command=[sys.executable, "-c", program], codec=Json))
    try:
        assert worker.call({"a": "b" * 100_000}) == {"A": "B" * 100_000}
        worker.close(grace_s=30)
        assert worker.returncode == 0
    finally:
        worker.close()


def test_command_that_says_nothing_whole_is_lost() -> None:
    worker = WorkerProcess(WorkerSpec(command=[sys.executable, "-c", "print('{}', end='')"], codec=Json))
    try:
        with pytest.raises(ProcessLost):
            worker.call({})
    finally:
        worker.close()


def test_end_of_a_call_has_the_result_the_expected_error_or_the_kind_of_a_mistake(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(error: Exception) -> Any:
        raise error

    assert Done.of(lambda: 7, ()).value() == 7
    with pytest.raises(KeyError, match="seven"):
        Done.of(lambda: fail(KeyError("seven")), (LookupError,)).value()
    with pytest.raises(Mistake, match=r"^ZeroDivisionError$"):
        Done.of(lambda: fail(ZeroDivisionError("secret")), (LookupError,)).value()
    assert "secret" in capsys.readouterr().err


def test_pool_replaces_a_process_that_is_lost_and_raises_what_the_work_raised(target: str) -> None:
    pool = WorkerPool(WorkerSpec(target=target, silent=True), 2)
    try:
        pool.begin("lost", lambda worker: worker.ask("exit"))
        pool.begin("echo", lambda worker: worker.ask("hello"))
        assert pool.free == 0
        assert {pool.next(30), pool.next(30)} == {("lost", None), ("echo", "hello")}
        assert (pool.free, pool.next(0)) == (2, None)
        assert all(worker.alive for worker in pool.workers)

        pool.begin("wrong", lambda _: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            pool.next(30)
        assert pool.free == 2
    finally:
        pool.close()

    assert not any(worker.alive for worker in pool.workers)


def test_pool_that_is_closed_waits_for_nothing(target: str) -> None:
    pool = WorkerPool(WorkerSpec(target=target), 1)
    pool.begin("long", lambda worker: worker.ask(("sleep", 600)))
    began = time.monotonic()

    pool.close()

    assert time.monotonic() - began < 60
