"""Decide integer programmes in a process of its own: requests come in on standard input, outcomes go out.

A message is its length in eight bytes, then its pickle. Run as `python -m scheduler.processes.solver_worker`
by a solver pool only.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import sys
from threading import Thread
from time import sleep
from typing import Any, BinaryIO

_LENGTH = struct.Struct("<Q")
_LOOK_S = 1.0


def send(stream: BinaryIO, message: Any) -> None:
    """Write one message."""
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(body)))
    stream.write(body)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """Read one message; EOFError where the other side has gone."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    return pickle.loads(stream.read(_LENGTH.unpack(head)[0]))  # noqa: S301 - from our own process


def end_with_parent() -> None:
    """End this process, whatever it is at, soon after the one that asks was killed: nobody waits for the answer.

    The first argument of the program says who asks; without one it is whoever is the parent now.
    """
    parent = int(sys.argv[1]) if len(sys.argv) > 1 else os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            sleep(_LOOK_S)
        os._exit(1)

    Thread(target=watch, name="parent", daemon=True).start()


def main() -> None:
    """Answer until nobody asks any more; an interrupt is the business of the process that asks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    from scheduler.processes.highs import maximise  # noqa: PLC0415 - only after the signal is out of the way

    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while True:
        try:
            program, objective, options = receive(source)
        except EOFError:
            return
        send(sink, maximise(program, objective, **options))


if __name__ == "__main__":
    main()
