"""What an export leaves behind: that it was handed out, written down before its first byte."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tepei_admin.models import ExportRecord
from tepei_admin.permissions import Actor, P
from tepei_admin.services import record
from tepei_admin.services.command import command
from tepei_admin.services.work import in_hand


@command(P.EXPORT)
def note(
    actor: Actor,
    *,
    template: str,
    file_name: str,
    format: str,
    filter: Mapping[str, Any],
    row_count: int,
    masked: bool,
    own: bool = False,
) -> int:
    """Put an export on record; its number. Unmasked values need the right to reveal.

    `own`: what this actor has brought in goes back whole.
    """
    if not masked and not own:
        actor.require(P.REVEAL)
    values = {
        "template": template, "file_name": file_name, "format": format, "filter": dict(filter),
        "row_count": row_count, "masked": masked,
    }  # fmt: skip
    row = {**values, "by": actor.id, "at": in_hand().at}
    number = record.insert_many(ExportRecord, [row], logged=False)[0]
    table = ExportRecord._meta.table_name
    record.event("export", model=table, object_id=number, label=file_name, **values)
    return number
