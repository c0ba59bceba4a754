"""What came after a batch, so that a refusal to take it back can name it."""

from __future__ import annotations

from collections.abc import Sequence

from tepei_admin.database import among
from tepei_admin.errors import Violation
from tepei_admin.models import AuditEntry
from tepei_admin.schema import Record
from tepei_admin.services.opened import UNVERSIONED


def touched(model: type[Record], batch: int, numbers: Sequence[int]) -> dict[int, Violation]:
    """Why these rows, which have been touched, cannot go back: the last batch that changed each, where one did."""
    if not numbers:
        return {}
    query = AuditEntry.select(AuditEntry.object_id, AuditEntry.batch_id, AuditEntry.before, AuditEntry.after)
    query = query.where(
        AuditEntry.model == model._meta.table_name,
        among(AuditEntry.object_id, sorted(numbers)),
        AuditEntry.action.in_(("insert", "update")),
        AuditEntry.batch_id.is_null() | (AuditEntry.batch_id != batch),
    )
    last: dict[int, int | None] = {}
    for number, by, before, after in query.order_by(AuditEntry.id).tuples():
        if {*(before or ()), *(after or ())} - UNVERSIONED:
            last[number] = by
    return {number: refusal(last.get(number)) for number in numbers}


def refusal(batch: int | None = None) -> Violation:
    """It was changed since: by that batch, or by itself."""
    return Violation("undo.touched", params={"by": f"（批次 {batch}）" if batch else ""})
