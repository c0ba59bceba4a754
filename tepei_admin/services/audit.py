"""The history: append-only rows, chained by hash, written at the end of the transaction they belong to.

Each row's hash covers the row and the hash before it, so a row that was changed or taken out is noticed
by `verify`. On PostgreSQL one advisory lock, taken last, keeps the chain a chain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tepei_admin.database import db, writing
from tepei_admin.models import AuditEntry
from tepei_admin.services.work import Work

_LOCK = 7_203_114
"""The advisory lock's number; any, but always the same."""

_COLUMNS = (
    "at", "by_id", "by_name", "action", "model", "object_id", "label", "before", "after", "reason", "batch_id",
)  # fmt: skip


def flush(work: Work) -> None:
    """Write the work's changes to the history."""
    if not work.changes:
        return
    if db.obj.postgres:
        db.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
    _insert(_chained(work, last_hash()))


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


def last_hash() -> str:
    """The hash of the last row; '' at the very start."""
    row = db.execute_sql("SELECT hash FROM audit_entry ORDER BY id DESC LIMIT 1").fetchone()
    return row[0] if row else ""


def link(previous: str, row: Sequence[Any]) -> str:
    """The hash of a row that follows `previous`."""
    text = json.dumps([previous, *row], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def verify() -> int | None:
    """The number of the first row that does not fit the chain; None when all do."""
    last = ""
    for number, *row, stored in _all():
        last = link(last, row)
        if last != stored:
            return number
    return None


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
