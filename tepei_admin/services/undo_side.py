"""Undo of what hangs on a person: placements, leaves and grades that a batch added or changed.

What the batch did is read from the history. Such a row is touched when the history tells of a later change of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tepei_admin.choices import PaymentState, TerminationState
from tepei_admin.database import among
from tepei_admin.errors import Violation
from tepei_admin.models import (
    Assessment,
    AuditEntry,
    Leave,
    Payment,
    Placement,
    StatusChange,
    Termination,
)
from tepei_admin.schema import Record
from tepei_admin.services import record, undo_since

MODELS: dict[str, type[Record]] = {model._meta.table_name: model for model in (Leave, Assessment, Placement)}
"""In the order in which rows go again: what depends on a placement first."""
STEPS = frozenset(
    {
        "assign_host", "confirm_placement", "receive_notice", "change_host", "record_leave", "record_absence",
        "decide_leave", "return_leave", "assess",
    }
)  # fmt: skip
"""Batches that move nobody and can be undone."""
UNPAID = frozenset({"assign_host", "confirm_placement", "change_host", "report_in"})
"""What is undone only while there is no payment."""


@dataclass(frozen=True)
class SideRow:
    """What a batch did to one row: added it, or changed these columns from these values."""

    model: type[Record]
    number: int
    added: bool
    before: Mapping[str, Any]


@dataclass(frozen=True)
class Side:
    """What a batch did beside the people themselves, and what hinders taking it back."""

    rows: Mapping[int, Sequence[SideRow]]
    refused: Mapping[int, Violation]

    def hindrance(self, person: int) -> Violation | None:
        return self.refused.get(person)

    def revert(self, people: Iterable[int]) -> None:
        """Take back what was done for these people: what was added goes, what was changed is as before."""
        wanted = [row for person in people for row in self.rows.get(person, ())]
        for model in MODELS.values():
            record.delete(model, [row.number for row in wanted if row.model is model and row.added])
        for model in MODELS.values():
            changes = {
                row.number: record.restored(model, row.before)
                for row in wanted
                if row.model is model and not row.added
            }
            record.update_each(model, changes)


def read(batch: int, verb: str, people: list[int]) -> Side:
    """A handful of queries, however many people."""
    done = _done(batch)
    owners = _owners(done)
    rows: dict[int, list[SideRow]] = {}
    for (name, number), (_, added, before, trainee) in done.items():
        person = trainee or owners.get((name, number))
        if person is not None:
            rows.setdefault(person, []).append(SideRow(MODELS[name], number, added, before))
    refused: dict[int, Violation] = {}
    for person in _depended_on(verb, rows, people):
        refused[person] = Violation("undo.depends")
    if verb in UNPAID:
        for person in _paid(people):
            refused[person] = Violation("undo.paid")
    touched = _touched(batch, done)
    moved = _moved(batch, list(rows)) if verb in STEPS else set()
    for person, own in rows.items():
        later = [touched[key] for row in own if (key := (row.model._meta.table_name, row.number)) in touched]
        if person in moved or later:
            received = verb == "notify" and person in _received(own)
            last = undo_since.refusal(next(filter(None, later), None))
            refused[person] = Violation("undo.notice_received") if received else last
    return Side(rows, refused)


Done = dict[tuple[str, int], tuple[int, bool, dict[str, Any], int | None]]
"""(table, number) -> (first entry, added, values before, whose)."""


def _done(batch: int) -> Done:
    columns = (
        AuditEntry.id, AuditEntry.model, AuditEntry.object_id, AuditEntry.action, AuditEntry.before, AuditEntry.after,
    )  # fmt: skip
    query = AuditEntry.select(*columns).where(
        AuditEntry.batch_id == batch, AuditEntry.model.in_(list(MODELS))
    )
    found: Done = {}
    for entry, name, number, action, before, after in query.order_by(AuditEntry.id).tuples():
        first, added, known, trainee = found.get((name, number), (entry, False, {}, None))
        trainee = trainee or (after or {}).get("trainee")
        found[name, number] = (first, added or action == "insert", {**(before or {}), **known}, trainee)
    return found


def _owners(done: Done) -> dict[tuple[str, int], int]:
    found: dict[tuple[str, int], int] = {}
    for name, model in MODELS.items():
        numbers = [number for key, number in done if key == name]
        if numbers:
            query = model.select(model.id, model.trainee).where(among(model.id, numbers))
            found |= {(name, number): trainee for number, trainee in query.tuples()}
    return found


def _touched(batch: int, done: Done) -> dict[tuple[str, int], int | None]:
    """Whose history goes on after the batch, and the last batch in it."""
    if not done:
        return {}
    numbers = sorted({number for _, number in done})
    query = AuditEntry.select(AuditEntry.model, AuditEntry.object_id, AuditEntry.batch_id).where(
        AuditEntry.model.in_(list(MODELS)),
        among(AuditEntry.object_id, numbers),
        AuditEntry.id > min(first for first, *_ in done.values()),
        AuditEntry.batch_id.is_null() | (AuditEntry.batch_id != batch),
    )
    return {(name, number): by for name, number, by in query.order_by(AuditEntry.id).tuples()}


def _moved(batch: int, people: list[int]) -> set[int]:
    """Who has moved on since."""
    query = StatusChange.select(StatusChange.trainee).where(
        among(StatusChange.trainee, people), StatusChange.batch_id > batch
    )
    return {row[0] for row in query.tuples()}


def _paid(people: list[int]) -> set[int]:
    query = Payment.select(Payment.trainee).where(
        among(Payment.trainee, people),
        Payment.state != PaymentState.VOID.value,
        Payment.reversed_by.is_null(),
    )
    return {row[0] for row in query.tuples()}


def _depended_on(verb: str, rows: Mapping[int, Sequence[SideRow]], people: list[int]) -> set[int]:
    """Who has something on record that would hang in the air."""
    found: set[int] = set()
    if verb in ("notify", "report_in"):
        open_ones = [TerminationState.OPENED.value, TerminationState.CONFIRMED.value]
        cases = Termination.select(Termination.trainee).where(
            among(Termination.trainee, people), Termination.state.in_(open_ones)
        )
        found |= {row[0] for row in cases.tuples()}
    if verb == "report_in":
        for model in (Leave, Assessment):
            query = model.select(model.trainee).where(among(model.trainee, people))
            found |= {row[0] for row in query.tuples()}
    owners = {
        row.number: person
        for person, own in rows.items()
        for row in own
        if row.added and row.model is Placement
    }
    if owners:
        for child in (Leave, Payment):
            query = child.select(child.placement).where(among(child.placement, list(owners)))
            found |= {owners[row[0]] for row in query.tuples()}
    return found


def _received(own: Sequence[SideRow]) -> set[int]:
    numbers = [row.number for row in own if row.model is Placement]
    query = Placement.select(Placement.trainee).where(
        among(Placement.id, numbers), Placement.notice_received_on.is_null(False)
    )
    return {row[0] for row in query.tuples()}
