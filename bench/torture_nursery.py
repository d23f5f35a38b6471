"""Fork processes that serve a database on one port, and one that works for them.

A line of JSON in, the id of their process group out.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys

import uvicorn

from adapters.application.application import Lyceum
from adapters.workers.job_worker import Worker
from api.cli import serving
from api.http import server  # noqa: F401 - read before the first fork

LEASE_S = 1.5


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are nobody's business
    for line in sys.stdin:
        print(start(**json.loads(line)), flush=True)


def start(url: str, port: int, processes: int, settings: dict[str, str], workers: int) -> int:
    """The group of the new processes; they share a socket, as those of `lyceum serve` do."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    group = 0
    os.environ["LYCEUM_DATABASE"] = url
    for number in range(
        processes + workers
    ):  # one that serves leads the group: a worker may have ended by then
        child = os.fork()
        if child == 0:
            os.environ.update(settings)
            os.setpgid(0, group)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                serve(listener) if number < processes else work(url)
            finally:
                os._exit(0)
        group = group or child
        os.setpgid(child, group)
    listener.close()
    return group


def serve(listener: socket.socket) -> None:
    """As `lyceum serve` does it in each of its processes."""
    config = uvicorn.Config(serving.application, factory=True, log_level="critical", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


def work(url: str) -> None:
    """As `lyceum work` does it; a job whose worker was killed is taken over soon."""
    with Lyceum(url) as lyceum:
        Worker(lyceum, f"worker-{os.getpid()}", lease_s=LEASE_S).run()


if __name__ == "__main__":
    main()
