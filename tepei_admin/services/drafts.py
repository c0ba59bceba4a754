"""经费 as drafts: what is proposed for all who are due, and what any draft looks like to opener and approver."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tepei_admin.choices import PaymentKind as Kind
from tepei_admin.choices import PaymentState as State
from tepei_admin.choices import Status
from tepei_admin.database import among
from tepei_admin.messages import word
from tepei_admin.models import Payment, Trainee
from tepei_admin.permissions import Actor
from tepei_admin.rules.money import Line as Step
from tepei_admin.rules.money import stored, yuan
from tepei_admin.services import money, proposals, record, scope
from tepei_admin.services.plan import Args, Ids, Line, Plan
from tepei_admin.services.proposals import Account, Due
from tepei_admin.services.second import digest
from tepei_admin.services.work import in_hand


def plan_tuition(actor: Actor, people: Ids, args: Args) -> Plan:
    """学费和住宿费, one sum a person-year, to the host (九（一）)."""
    return _plan_due(actor, people, args, Kind.TUITION)


def plan_stipend(actor: Actor, people: Ids, args: Args) -> Plan:
    """生活补贴, once, after a passing completion assessment (九（一）)."""
    return _plan_due(actor, people, args, Kind.STIPEND)


def _plan_due(actor: Actor, people: Ids, args: Args, kind: Kind) -> Plan:
    numbers = _visible(actor, people)
    money.lock_people(numbers)
    found = proposals.due(kind, numbers)
    lines = tuple(_due_line(item) for item in found.values())
    return Plan(f"propose_{kind.value}", args, lines, extra={"due": found})


def _visible(actor: Actor, people: Ids) -> list[int]:
    query = scope.visible(actor, Trainee).where(among(Trainee.id, sorted(set(people))))
    return [row[0] for row in query.select(Trainee.id).order_by(Trainee.id).tuples()]


def _due_line(item: Due) -> Line:
    values: dict[str, Any] = {}
    if item.refused is None:
        code = "payment.told_without_account" if item.lacks_account else "payment.told"
        values["result"] = word(code, payee=item.payee, amount=yuan(item.amount))
    return Line(item.person.id, item.person.name, item.person.version, item.refused, values)


def open_due(made: Plan) -> None:
    """The drafts of a plan."""
    due: Mapping[int, Due] = made.extra["due"]
    record.insert_many(Payment, [draft(due[line.id]) for line in made.doable])


def draft(item: Due, *, amount: int | None = None, reason: str = "") -> dict[str, Any]:
    """The row of what is proposed; `amount` is another one than proposed."""
    amount = item.amount if amount is None else amount
    lines = item.lines
    if amount != item.amount:
        lines = (*lines, Step("tuition.line.adjusted", {}, amount - item.amount))
    row = new(
        item.person.id, item.person.programme, item.kind, amount, item.payee, payee_unit=item.payee_unit,
        placement=item.placement, account=item.account, reason=reason,
    )  # fmt: skip
    return {**row, "lines": stored(lines), "digest": digest(shown(item, amount, reason))}


def new(
    trainee: int,
    programme: int,
    kind: Kind,
    amount: int,
    payee: str,
    *,
    payee_unit: int | None = None,
    placement: int | None = None,
    termination: int | None = None,
    reverses: int | None = None,
    account: Account = Account(),  # noqa: B008 (frozen)
    reason: str = "",
) -> dict[str, Any]:
    """A draft. All rows have the same columns, so that many go in at once."""
    return {
        "programme": programme, "trainee": trainee, "placement": placement, "termination": termination,
        "kind": kind.value, "amount": amount, "state": State.DRAFT.value, "payee": payee, "payee_unit": payee_unit,
        "bank_name": account.bank, "bank_account": account.number, "bank_holder": account.holder, "lines": None,
        "reason": reason, "reverses": reverses, "opened_by": in_hand().actor.id, "opened_at": in_hand().at,
        "digest": "",
    }  # fmt: skip


def shown(item: Due, amount: int, reason: str) -> dict[str, Any]:
    """What whoever opens and whoever approves must both have seen."""
    account = item.account
    return {
        "kind": item.kind.value,
        "amount": amount,
        "proposed": item.amount,
        "payee": item.payee,
        "unit": item.payee_unit,
        "placement": item.placement,
        "account": [account.bank, account.number, account.holder],
        "lines": [[line.code, line.amount_fen] for line in item.lines],
        "reason": reason,
    }


def concerned(actor: Actor, programme: int, kind: Kind) -> list[int]:
    """Everybody for whom such a payment may be proposed, or is refused for a reason worth telling."""
    wanted = proposals.TRAINED | proposals.DISCIPLINED
    if kind is Kind.TUITION:
        wanted |= {Status.ADMITTED, Status.NOTIFIED}
    query = scope.visible(actor, Trainee).where(
        Trainee.programme == programme, Trainee.status.in_([status.value for status in wanted])
    )
    return [row[0] for row in query.select(Trainee.id).order_by(Trainee.id).tuples()]


def own(row: Mapping[str, Any]) -> dict[str, Any]:
    """What is shown of a payment that was entered: itself."""
    names = ("kind", "amount", "payee", "payee_unit", "placement", "termination", "reverses", "reason")
    return {name: row[name] for name in names} | {
        "account": [row["bank_name"], row["bank_account"], row["bank_holder"]]
    }
