"""Which rows speak of which files in the vault; a file that none speaks of is taken away, here alone."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from tepei_admin.database import among
from tepei_admin.models import Document, ExportRecord, Upload
from tepei_admin.permissions import Actor, P
from tepei_admin.services import record, vault
from tepei_admin.services.command import command
from tepei_admin.services.work import in_hand

SAFE_SECONDS = 24 * 3600
"""A younger file may be one whose row is about to be stored: it is let alone."""
COLUMNS: tuple[tuple[Any, Any], ...] = (
    (Document.stored_as, Document.sha256), (Upload.stored_as, Upload.sha256),
    (ExportRecord.stored_as, ExportRecord.sha256), (ExportRecord.rows_as, None),
)  # fmt: skip
"""Where the names stand, with the hash that the file must have; None: the file (gzip) checks itself."""


class Told(NamedTuple):
    """A file as a row speaks of it."""

    stored_as: str
    sha256: str | None
    label: str


def told() -> Iterator[Told]:
    """Every file that there should be."""
    for name, digest in COLUMNS:
        model = name.model
        columns = [name, *([digest] if digest else []), model.file_name]
        for stored_as, *hashes, label in model.select(*columns).where(name != "").tuples():
            yield Told(stored_as, hashes[0] if hashes else None, label)


def unused(names: Iterable[str]) -> set[str]:
    """Those of these files that no row speaks of."""
    left = {name for name in names if name}
    for column, _ in COLUMNS:
        query = column.model.select(column).where(among(column, sorted(left)))
        left -= {row[0] for row in query.tuples()}
    return left


def drop(names: Iterable[str]) -> None:
    """These files' rows have gone in this work: those that no other row speaks of go after the commit."""
    in_hand().after_commit.extend(partial(vault.forget, name) for name in unused(names))


# ---- files that no row speaks of


def strays() -> list[Path]:
    """Files that nobody speaks of, and beginnings of files, older than a day."""
    if vault.folder is None or not vault.folder.is_dir():
        return []
    before = time.time() - SAFE_SECONDS
    old = [path for path in vault.folder.iterdir() if path.is_file() and path.stat().st_mtime < before]
    free = unused(path.name for path in old)
    return sorted(path for path in old if path.name in free)


@command(P.ACCOUNTS)
def clear(actor: Actor) -> tuple[int, int]:
    """Take the strays away: (how many, bytes)."""
    found = [(path, path.stat().st_size) for path in strays()]
    size = sum(item for _, item in found)
    if found:
        record.event("clear_files", count=len(found), size=size)
        in_hand().after_commit.extend(partial(vault.take_away, path) for path, _ in found)
    return len(found), size
