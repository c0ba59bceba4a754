"""People who keep writing while something else goes on, and what they were told was stored."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.safety.racing import PATIENCE, _context

# isort: split

from tepei_admin.database import db, open_database
from tepei_admin.errors import Busy
from tepei_admin.models import Unit
from tepei_admin.permissions import Actor
from tepei_admin.services import accounts, audit, documents, record, vault
from tepei_admin.services.command import command
from tepei_admin.services.documents import Upload
from tests.factories import DAY


@command(None)
def add_unit(actor: Actor, code: str) -> int:
    """Two rows that belong together: a unit, and its code as its contact."""
    number = record.insert(Unit, {"code": code, "name": f"单位{code}", "host": True})
    record.update(Unit, [number], {"contact": code})
    return number


def write_on(
    url: str, label: str, log: Path, files: Path | None, person: int, head: Path | None, stop: Any
) -> None:
    """Units, and now and then an attachment; each is written to the log when it is acknowledged, never before."""
    vault.folder, audit.head = files, head
    open_database(url)
    db.connect()
    actor, number = accounts.cli_actor(), 0
    with open(log, "a", encoding="ascii", buffering=1) as told:
        while not stop.value:
            number += 1
            code = f"{label}-{number}"
            try:
                add_unit(actor, code)
            except Busy:
                continue
            told.write(f"{code}\n")
            if files is not None and number % 10 == 1:
                data = b"%PDF-1.4\n" + f"{code}\n".encode() * 200
                documents.add(
                    actor, person, kind="copies", received_on=DAY, upload=Upload(f"{code}.pdf", data)
                )
            time.sleep(0.002)
    db.close()


class Logs(list[Path]):
    """What each was told, and its process."""

    pids: list[int]


@contextmanager
def writers(
    url: str,
    folder: Path,
    count: int,
    *,
    label: str = "L",
    files: Path | None = None,
    person: int = 0,
    head: Path | None = None,
) -> Iterator[Logs]:
    """`count` of them, until the block ends."""
    # Not an Event: a writer that is killed while it looks would keep its lock for ever.
    stop = _context.RawValue("b", 0)
    logs = Logs(folder / f"told-{mine}.log" for mine in range(count))
    them = [
        _context.Process(target=write_on, args=(url, f"{label}{mine}", log, files, person, head, stop))
        for mine, log in enumerate(logs)
    ]
    for one in them:
        one.start()
    logs.pids = [one.pid for one in them if one.pid]
    try:
        yield logs
    finally:
        stop.value = 1
        for one in them:
            one.join(PATIENCE)
