"""The process that opens a file from outside: python -m tepei_admin.exchange.worker (see `isolated`).

Reads from standard input one line of JSON, the file's name, then the file; answers in lines of JSON. It sets itself
limits first, imports little, knows no database and no settings, and may die: nobody else does.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from typing import Any

from tepei_admin.errors import RuleViolation
from tepei_admin.exchange import wire

MEMORY = 1024 * 1024 * 1024
SECONDS = 30
FILES = 32


def limit() -> None:
    """Memory, time, and no file of its own. Where the system knows no limits, the parent's clock must do."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, FILES),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def answer(name: str, data: bytes) -> Iterator[Any]:
    """The lines that tell of a file: its sheets, or why it is refused."""
    from tepei_admin.exchange import filetypes

    try:
        for sheet in filetypes.sheets(data, name):
            yield from wire.pack(sheet)
            del sheet  # or two would be held while the next is read
        yield {"end": True}
    except RuleViolation as refusal:
        first = refusal.violations[0]
        yield {"refused": first.code, "field": first.field, "params": dict(first.params)}


def main() -> None:
    limit()
    name = json.loads(sys.stdin.buffer.readline())
    out = sys.stdout.buffer
    for line in answer(name, sys.stdin.buffer.read()):
        out.write(json.dumps(line).encode() + b"\n")
        out.flush()


if __name__ == "__main__":
    main()
