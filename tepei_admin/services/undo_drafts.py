"""Undo of a batch that opened payments: what is still a draft becomes void; the ledger keeps the row.

A draft is touched when it is none any more: approved, paid, void.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tepei_admin.choices import PaymentKind, PaymentState
from tepei_admin.database import among
from tepei_admin.errors import Violation
from tepei_admin.messages import word
from tepei_admin.models import AuditEntry, Batch, BatchRow, Payment, Trainee
from tepei_admin.permissions import Actor
from tepei_admin.rules.money import yuan
from tepei_admin.schema import Record
from tepei_admin.services import clock, money, record, scope
from tepei_admin.services.plan import Args, Line, Plan

OPENED_BY: Mapping[str, tuple[type[Record], str]] = {
    "propose_tuition": (Trainee, "trainee"),
    "propose_stipend": (Trainee, "trainee"),
    "reverse_payment": (Payment, "reverses"),
}
"""The verbs that open drafts: what their lines are, and the column of the draft that leads to the line."""


@dataclass(frozen=True)
class Draft:
    """A payment that the batch opened, as it stands now."""

    id: int
    trainee: int
    state: PaymentState
    kind: PaymentKind
    amount: int
    payee: str

    @property
    def told(self) -> str:
        return word("payment.told_of", kind=self.kind.label, amount=yuan(self.amount), payee=self.payee)


def plan(actor: Actor, batch: Batch) -> Plan:
    """Which drafts of the batch can become void, and what has become of the others."""
    model, way = OPENED_BY[batch.verb]
    drafts = _drafts(actor, batch.id, way)
    money.lock_people(draft.trainee for draft in drafts.values())
    drafts = _drafts(actor, batch.id, way)
    rows = BatchRow.select().where(BatchRow.batch == batch.id, BatchRow.done).order_by(BatchRow.id)
    numbers = [row.object_id for row in rows]
    versions = dict(model.select(model.id, model.version).where(among(model.id, numbers)).tuples())

    def line(number: int, name: str) -> Line:
        draft = drafts.get(number)
        values = {"result": draft.told} if draft else {}
        return Line(number, name, versions.get(number, 0), _hindrance(draft), values)

    lines = tuple(line(row.object_id, row.name) for row in rows)
    args = Args(clock.today(), reason=f"撤销批次 {batch.id}")
    return Plan("undo", args, lines, extra={"drafts": drafts})


def _drafts(actor: Actor, batch: int, way: str) -> dict[int, Draft]:
    """The payments that the batch opened, by the line they belong to. Two queries."""
    opened = AuditEntry.select(AuditEntry.object_id).where(
        AuditEntry.batch_id == batch,
        AuditEntry.model == Payment._meta.table_name,
        AuditEntry.action == "insert",
    )
    numbers = [row[0] for row in opened.tuples()]
    query = scope.visible(actor, Payment).where(among(Payment.id, numbers))
    columns = (
        Payment._meta.fields[way], Payment.id, Payment.trainee, Payment.state, Payment.kind, Payment.amount,
        Payment.payee,
    )  # fmt: skip
    return {
        key: Draft(number, trainee, PaymentState(state), PaymentKind(kind), *rest)
        for key, number, trainee, state, kind, *rest in query.select(*columns).tuples()
    }


def _hindrance(draft: Draft | None) -> Violation | None:
    if draft is None:
        return Violation("undo.gone")
    if draft.state is PaymentState.DRAFT:
        return None
    return Violation("undo.draft_gone", params={"state": draft.state.label})


def apply(made: Plan) -> None:
    """The untouched drafts become void."""
    drafts: Mapping[int, Draft] = made.extra["drafts"]
    numbers = [drafts[line.id].id for line in made.doable]
    draft, void = PaymentState.DRAFT.value, PaymentState.VOID.value
    record.update(Payment, numbers, {"state": void}, expect={"state": draft})
