"""People who keep writing while something else goes on, and what they were told was stored."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.safety import racing
from tests.safety.racing import PATIENCE, _context

# isort: split

from tepei_admin.database import db, open_database
from tepei_admin.errors import Busy
from tepei_admin.models import Unit
from tepei_admin.permissions import Actor
from tepei_admin.services import accounts, documents, record, vault
from tepei_admin.services.command import command
from tepei_admin.services.documents import Upload
from tests.factories import DAY

assert racing


@command(None)
def add_unit(actor: Actor, code: str) -> int:
    """Two rows that belong together: a unit, and its name on another."""
    number = record.insert(Unit, {"code": code, "name": f"单位{code}", "host": True})
    record.update(Unit, [number], {"contact": code})
    return number


def write_on(url: str, mine: int, log: Path, files: Path | None, person: int, stop: object) -> None:
    """Units, and now and then an attachment; each is written to the log when it is acknowledged, never before."""
    vault.folder = files
    open_database(url)
    db.connect()
    actor = accounts.cli_actor()
    number = 0
    with open(log, "a", encoding="ascii", buffering=1) as told:
        while not stop.is_set():  # type: ignore[attr-defined]
            number += 1
            code = f"L{mine}-{number}"
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


@contextmanager
def writers(
    url: str, folder: Path, count: int, *, files: Path | None = None, person: int = 0
) -> Iterator[list[Path]]:
    """`count` of them, until the block ends; the logs of what was acknowledged."""
    stop = _context.Event()
    logs = [folder / f"told-{mine}.log" for mine in range(count)]
    them = [
        _context.Process(target=write_on, args=(url, mine, log, files, person, stop))
        for mine, log in enumerate(logs)
    ]
    for one in them:
        one.start()
    try:
        yield logs
    finally:
        stop.set()
        for one in them:
            one.join(PATIENCE)
