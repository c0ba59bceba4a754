"""Seeing one sensitive value in full: a right, and an entry in the history each time."""

from __future__ import annotations

from tepei_admin.errors import NotFound, Violation
from tepei_admin.permissions import Actor, P
from tepei_admin.schema import Record
from tepei_admin.services import record, scope
from tepei_admin.services.command import command


@command(P.REVEAL)
def reveal(actor: Actor, model: type[Record], number: object, column: str) -> str:
    """The whole value of a sensitive column of one row. Raises `NotFound` beyond the actor's scope."""
    actor.require(model.panel.read)
    row = scope.get(actor, model, number)
    if column not in model.panel.sensitive:
        raise NotFound(Violation("access.not_found"))
    record.event("reveal", model=model._meta.table_name, object_id=row.id, label=str(row), column=column)
    return str(getattr(row, column) or "")
