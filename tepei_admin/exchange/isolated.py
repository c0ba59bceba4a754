"""Files from outside are opened in a process of their own, with limits (decision 0020).

Whatever a file does to that process (memory, time, a crash of a library) is a refusal in one sentence.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.exchange import wire, worker
from tepei_admin.exchange.cells import Sheet

AT_ONCE = 2
"""Files opened at the same time by one server process; the others wait."""

COMMAND = (sys.executable, "-P", "-m", worker.__name__)
PATIENCE = 4 * worker.SECONDS
"""Seconds by the clock; the process has `worker.SECONDS` of the processor's time, which a busy machine gives slowly."""
LONGEST_ANSWER = 400 * 1024 * 1024
"""Bytes; more than a sheet within the limits can be."""

_turn = threading.BoundedSemaphore(AT_ONCE)


def sheets(data: bytes, filename: str) -> Iterator[Sheet]:
    """The visible sheets of a file, one after another. Raises RuleViolation for a file that is no table."""
    with _turn, _Reader(filename) as reader:
        reader.send(data)
        yield from wire.unpack(reader.lines())


class _Reader:
    """The process, its clock, and what it says. Leaving the `with` ends it."""

    def __init__(self, filename: str):
        self.filename = filename
        self.process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
        )
        self.clock = threading.Timer(PATIENCE, self.process.kill)
        self.clock.daemon = True

    def __enter__(self) -> _Reader:
        self.clock.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.clock.cancel()
        self.process.kill()
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                stream.close()  # type: ignore[union-attr]
        self.process.wait()

    def send(self, data: bytes) -> None:
        """Hand over the file. The process reads it whole before it answers."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):  # it has died: `lines` will say so
            self.process.stdin.write(json.dumps(self.filename).encode() + b"\n")
            self.process.stdin.write(data)
            self.process.stdin.close()

    def lines(self) -> Iterator[dict[str, Any]]:
        """What the process says, up to its end. Raises RuleViolation for a refusal, or where it died."""
        assert self.process.stdout is not None
        left = LONGEST_ANSWER
        while left > 0 and (text := self.process.stdout.readline(left)).endswith(b"\n"):
            left -= len(text)
            try:
                line = json.loads(text)
            except ValueError:
                break
            if "refused" in line:
                raise RuleViolation(Violation(line["refused"], line["field"], line["params"]))
            if "end" in line:
                return
            yield line
        ensure(False, "import.reader_died", file=self.filename)


def _environment() -> dict[str, str]:
    """Where the code is, and nothing of what the panel knows."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
