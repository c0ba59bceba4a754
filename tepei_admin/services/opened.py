"""A row as somebody opened it, read back from the history: what has changed since, and from what."""

from __future__ import annotations

from typing import Any

from tepei_admin.models import AuditEntry
from tepei_admin.schema import Record
from tepei_admin.services import record

UNVERSIONED = frozenset({"eligibility", "eligibility_cause", "eligibility_stale", "failures", "locked_until"})
"""Columns that the house reckons or counts by itself; a change of nothing else is no new version."""


def before(model: type[Record], number: int, version: int) -> dict[str, Any] | None:
    """The columns that have changed since that version, as they were in it.

    None where the history does not tell of every version since.
    """
    now = model.select(model.version).where(model.id == number).tuples().first()
    query = AuditEntry.select(AuditEntry.before).where(
        AuditEntry.model == model._meta.table_name,
        AuditEntry.object_id == number,
        AuditEntry.action == "update",
    )
    steps = now[0] - version if now else 0
    found: dict[str, Any] = {}
    for (values,) in query.order_by(AuditEntry.id.desc()).tuples().iterator():
        if steps <= 0:
            break
        if set(values) - UNVERSIONED:
            found |= record.restored(model, values)
            steps -= 1
    return None if steps else found
