"""The history: append-only rows, chained by hash, written at the end of the transaction they belong to.

Each row's hash covers the row and the hash before it, so a row that was changed or taken out is noticed
by `verify`. The last hash is also kept outside the database, so that an end cut off is noticed as well.
On PostgreSQL one advisory lock, taken last, keeps the chain a chain.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tepei_admin.database import db, writing
from tepei_admin.messages import word
from tepei_admin.models import AuditEntry
from tepei_admin.services.work import Work

_LOCK = 7_203_114
"""The advisory lock's number; any, but always the same."""

HEAD = "audit.head"
head: Path | None = None
"""Where the last hash is also kept; set once at start from the data directory. None: nowhere (tests)."""

log = logging.getLogger("tepei_admin")

_COLUMNS = (
    "at", "by_id", "by_name", "action", "model", "object_id", "label", "before", "after", "reason", "batch_id",
)  # fmt: skip


def flush(work: Work) -> None:
    """Write the work's changes to the history."""
    if not work.changes:
        return
    if db.obj.postgres:
        db.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
    last = last_hash()
    work.begins = work.begins or not last
    _insert(_chained(work, last))


def _chained(work: Work, last: str) -> Iterator[list[Any]]:
    """The rows of a work, one after another, each with its hash."""
    actor, at = work.actor, work.at.isoformat(sep=" ", timespec="microseconds")
    for change in work.changes:
        row = [
            at, actor.id, actor.name, change.action, change.model, change.object_id, change.label,
            _json(change.before), _json(change.after), work.reason, work.batch_id,
        ]  # fmt: skip
        last = link(last, row)
        yield [*row, last, 1]
    work.head = last


def keep_head(last: str, *, begins: bool = False) -> None:
    """After the commit. It may lag behind by whole transactions, after a crash or a race; it is never ahead.

    One that is gone is not made again, or who cuts the end off had only to take it away: see `headless`.
    """
    if head is None or not last or not (begins or head.exists()):
        return
    draft = head.with_name(f"{head.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        with open(
            os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii"
        ) as file:
            file.write(f"{last}\n")
        draft.replace(head)
    except OSError as error:  # no room: what is stored is stored, the head lags
        log.warning("%s could not be written: %s", head, error.strerror)


def last_hash() -> str:
    """The hash of the last row; '' at the very start."""
    row = db.execute_sql("SELECT hash FROM audit_entry ORDER BY id DESC LIMIT 1").fetchone()
    return row[0] if row else ""


def link(previous: str, row: Sequence[Any]) -> str:
    """The hash of a row that follows `previous`."""
    text = json.dumps([previous, *row], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Broken:
    """The first row that does not fit the chain; `cut`: it and what followed it are gone."""

    row: int
    cut: bool = False

    def told(self) -> str:
        return word("audit.cut" if self.cut else "audit.broken", row=self.row)


def findings() -> list[str]:
    """What is wrong with the history, in words."""
    broken = verify()
    found = [broken.told()] if broken else []
    return [*found, word("audit.headless", file=str(head))] if headless() else found


def verify() -> Broken | None:
    """None when every row fits, and the head that was kept is one of them."""
    kept = _kept_head()  # read first: what is written meanwhile comes after it
    last, number, met = "", 0, not kept
    for number, *row, stored in _all():
        last = link(last, row)
        if last != stored:
            return Broken(number)
        met = met or last == kept
    return None if met else Broken(number + 1, cut=True)


def headless() -> bool:
    """Is the head gone that was kept from the first row on? Then nobody can tell whether the end was cut off."""
    return head is not None and not head.exists() and bool(last_hash())


def _kept_head() -> str:
    try:
        return head.read_text(encoding="ascii").strip() if head else ""
    except FileNotFoundError:
        return ""
    except ValueError:
        return "?"


def _all() -> Iterator[tuple[Any, ...]]:
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    cursor = db.execute_sql(f"SELECT id, {names}, hash FROM audit_entry ORDER BY id")
    while batch := cursor.fetchmany(1000):
        for number, at, *rest in batch:
            stamp = at if isinstance(at, str) else at.isoformat(sep=" ", timespec="microseconds")
            yield number, stamp, *rest


def _json(value: Any) -> str | None:
    return AuditEntry.before.db_value(value)


def _insert(rows: Iterable[list[Any]]) -> None:
    names = ", ".join(f'"{name}"' for name in (*_COLUMNS, "hash", "version"))
    token = writing.set(True)
    try:
        cursor = db.obj.cursor()
        if db.obj.postgres:
            with cursor.copy(f"COPY audit_entry ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join("?" * (len(_COLUMNS) + 2))
            cursor.executemany(f"INSERT INTO audit_entry ({names}) VALUES ({marks})", rows)
    finally:
        writing.reset(token)
