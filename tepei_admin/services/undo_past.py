"""Undo of a list of 往年学员: what it added goes again, what it corrected gets its old values back."""

from __future__ import annotations

from tepei_admin.database import among
from tepei_admin.errors import Violation
from tepei_admin.models import AuditEntry, Batch, BatchRow, PastTrainee
from tepei_admin.services import clock, record, undo_since
from tepei_admin.services.past import VERB
from tepei_admin.services.plan import Args, Line, Plan

LINES = {VERB: PastTrainee}


def plan(batch: Batch) -> Plan:
    """Which parts of the batch are untouched. A part is touched when its version is no longer the batch's."""
    rows = list(BatchRow.select().where(BatchRow.batch == batch.id, BatchRow.done).order_by(BatchRow.id))
    numbers = [row.object_id for row in rows]
    query = PastTrainee.select(PastTrainee.id, PastTrainee.version).where(among(PastTrainee.id, numbers))
    versions = dict(record.locked(query.order_by(PastTrainee.id)).tuples())
    before = _before(batch.id)
    later = [
        row.object_id for row in rows if versions.get(row.object_id, row.object_version) != row.object_version
    ]
    since = undo_since.touched(PastTrainee, batch.id, later)

    def line(row: BatchRow) -> Line:
        version = versions.get(row.object_id)
        refused = Violation("undo.gone") if version is None else since.get(row.object_id)
        old = before.get(row.object_id)
        values = {"delete": True} if old is None else old
        return Line(row.object_id, row.name, version or 0, refused, values)

    args = Args(clock.today(), reason=f"撤销批次 {batch.id}")
    return Plan("undo", args, tuple(map(line, rows)))


def _before(batch: int) -> dict[int, dict[str, object]]:
    """What the batch changed, as it was."""
    query = AuditEntry.select(AuditEntry.object_id, AuditEntry.before).where(
        AuditEntry.batch_id == batch,
        AuditEntry.model == PastTrainee._meta.table_name,
        AuditEntry.action == "update",
    )
    return {number: dict(before or {}) for number, before in query.tuples()}


def apply(made: Plan) -> None:
    added = [line.id for line in made.doable if "delete" in line.values]
    corrected = {line.id: line.values for line in made.doable if "delete" not in line.values}
    record.update_each(PastTrainee, corrected, versions={line.id: line.version for line in made.doable})
    if added:
        record.delete(PastTrainee, added)
