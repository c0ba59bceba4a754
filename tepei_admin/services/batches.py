"""Numbered batches: what was done to whom in one go, what was skipped and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tepei_admin.database import among
from tepei_admin.messages import say
from tepei_admin.models import Batch, BatchRow, Trainee
from tepei_admin.permissions import Actor
from tepei_admin.schema import Record
from tepei_admin.services import record
from tepei_admin.services.plan import Line, Plan
from tepei_admin.services.work import in_hand


@dataclass(frozen=True)
class LeftOut:
    """A row of an import that is not stored: its number and name, its outcome, and why."""

    row: int
    name: str
    outcome: str
    why: str

    def line(self) -> dict[str, Any]:
        """What the batch says of it."""
        return {
            "object_id": None, "name": self.name, "done": False, "code": self.outcome,
            "text": f"第 {self.row} 行：{self.why}", "object_version": None,
        }  # fmt: skip


def begin(
    actor: Actor,
    verb: str,
    title: str,
    made: Plan,
    *,
    undoes: int | None = None,
    programme: int | None = None,
) -> int:
    """A new batch for this plan; the work's changes carry its number from now on.

    `programme`: of lines that are no people.
    """
    first = made.lines[0].id if made.lines else 0
    year = (programme,) if programme else None
    if year is None:
        year = Trainee.select(Trainee.programme).where(Trainee.id == first).tuples().first()
    number = record.insert(
        Batch,
        {
            "verb": verb,
            "title": title,
            "programme": year[0] if year else None,
            "unit": actor.unit_id,
            "arguments": made.args.as_dict(),
            "reason": made.args.reason,
            "by": actor.id,
            "at": in_hand().at,
            "done": len(made.doable),
            "skipped": len(made.skipped),
            "undoes": undoes,
        },
    )
    in_hand().batch_id = number
    return number


def close(batch: int, made: Plan, model: type[Record] = Trainee) -> None:
    """What became of each line, with the version it was left at: a later change shows as another version."""
    ids = [line.id for line in made.doable]
    versions = dict(model.select(model.id, model.version).where(among(model.id, ids)).tuples())
    record.append(
        BatchRow,
        [
            {
                "batch": batch,
                "model": model._meta.table_name,
                "object_id": line.id,
                "name": line.name,
                "done": line.doable,
                "code": line.refused.code if line.refused else "",
                "text": told(line),
                "object_version": versions.get(line.id),
            }
            for line in made.lines
        ],
    )


def told(line: Line) -> str:
    """What a line says on the look-first page and in the batch."""
    if line.refused:
        return say(line.refused)
    return say(line.note) if line.note else str(line.values.get("result", ""))
