"""经费 entered by hand, one at a time: another tuition than proposed, a refund, a step of a recovery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from tepei_admin.choices import PaymentKind as Kind
from tepei_admin.choices import PaymentState as State
from tepei_admin.choices import RecoveryPayer, TerminationState
from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.models import Payment, Placement, Termination, Trainee, Unit
from tepei_admin.permissions import Actor, P
from tepei_admin.rules import recovery
from tepei_admin.rules import tuition as tuition_rule
from tepei_admin.rules.money import yuan
from tepei_admin.rules.recovery import Ledger
from tepei_admin.services import drafts, money, proposals, record, scope
from tepei_admin.services.command import command
from tepei_admin.services.money import OF_CASE, Row
from tepei_admin.services.plan import Args, sound
from tepei_admin.services.proposals import Account, Due
from tepei_admin.services.second import digest


@command(P.OPEN)
def open_tuition(actor: Actor, trainee: object, *, amount: int, reason: str = "", key: str = "") -> int:
    """Tuition of another amount than is proposed; more needs a reason (九（一）). The number of the draft."""
    person = scope.get(actor, Trainee, trainee)
    _sound(reason)
    money.lock_people([person.id])
    item = proposals.due(Kind.TUITION, [person.id])[person.id]
    if item.refused is not None and item.refused.code == "tuition.nothing_due":
        item = beyond(item)
    if item.refused is not None:
        raise RuleViolation(item.refused)
    refused = tuition_rule.check_tuition(amount, item.amount, reason)
    if refused is not None:
        raise RuleViolation(refused)
    return record.insert(Payment, drafts.draft(item, amount=amount, reason=reason.strip()))


def beyond(item: Due) -> Due:
    """Nothing is due by the rule; what is paid beyond it still goes to the host of the placement."""
    place = proposals.place_of(proposals.spells_of(item.person.id))
    if place is None:
        return replace(item, refused=Violation("payment.no_placement"))
    taken = Payment.select().where(
        Payment.placement == place.id, Payment.kind == Kind.TUITION.value, Payment.state != State.VOID.value,
        Payment.reversed_by.is_null(),
    )  # fmt: skip
    refused = None
    if taken.exists():
        refused = Violation("payment.placement_has_tuition", params={"host": place.host_name})
    return replace(
        item, payee=place.host_name, payee_unit=place.host, placement=place.id, account=place.account, refused=refused
    )  # fmt: skip


@command(P.OPEN)
def open_refund(
    actor: Actor, trainee: object, *, placement: object, amount: int, reason: str = "", key: str = ""
) -> int:
    """退费: what a host gives back after an early end or a change of host. The number of the draft."""
    person = scope.get(actor, Trainee, trainee)
    _sound(reason)
    money.lock_people([person.id])
    place = scope.get(actor, Placement, placement)
    ensure(place.trainee_id == person.id, "access.not_found")
    rows = money.rows_of([person.id]).get(person.id, [])
    refused = check_refund(rows, place.host_id, amount)
    if refused is not None:
        raise RuleViolation(refused)
    row = drafts.new(
        person.id, person.programme_id, Kind.REFUND, amount, place.host.name, payee_unit=place.host_id,
        placement=place.id, account=_account_of(place.host), reason=reason.strip(),
    )  # fmt: skip
    return record.insert(Payment, {**row, "digest": digest(drafts.own(row))})


def check_refund(
    rows: Iterable[Row], host: int | None, amount: int, waiting: bool = True
) -> Violation | None:
    """`waiting`: what has been opened and is not paid yet is counted as given back."""
    of_host = [row for row in rows if row.payee_unit == host]
    if waiting:
        pending = sum(row.amount for row in of_host if row.kind is Kind.REFUND and row.state in money.UNPAID)
        refused = tuition_rule.check_refund(amount + pending, money.entries(of_host))
        if refused is not None and refused.code == "tuition.refund_above_paid":
            return replace(refused, params={**refused.params, "amount": yuan(amount + pending)})
        return refused if amount > 0 else tuition_rule.check_refund(amount, money.entries(of_host))
    return tuition_rule.check_refund(amount, money.entries(of_host))


def _account_of(unit: Unit) -> Account:
    return Account(unit.bank_name, unit.bank_account, unit.bank_holder or unit.name)


@command(P.OPEN)
def open_step(actor: Actor, case: object, *, kind: str, amount: int, reason: str = "", key: str = "") -> int:
    """An instalment received, a remission, or the return of what was received too much (六（六）). The draft's number."""
    found = scope.get(actor, Termination, case)
    ensure(kind in OF_CASE, "payment.bad_kind", "kind", kind=kind)
    _sound(reason)
    money.lock_people([found.trainee_id])
    row_kind, person = Kind(kind), found.trainee
    refused = check_step(found.id, row_kind, amount, reason)
    if refused:
        raise RuleViolation(refused)
    payer = person.unit if person.programme.recovery_payer == RecoveryPayer.UNIT else None
    account = (
        _account_of(payer)
        if payer
        else Account(person.bank_name, person.bank_account, person.bank_holder or person.name)
    )
    row = drafts.new(
        person.id, person.programme_id, row_kind, amount, payer.name if payer else person.name,
        payee_unit=payer.id if payer else None, termination=found.id, reason=reason.strip(),
        account=account if row_kind is Kind.REPAYMENT else Account(),
    )  # fmt: skip
    return record.insert(Payment, {**row, "digest": digest(drafts.own(row))})


def check_step(
    case: int, kind: Kind, amount: int, reason: str, without: Iterable[int] = ()
) -> list[Violation]:
    """Against the ledger, and against what else is on its way."""
    book = money.book(case, without=without)
    if book is None:
        state = TerminationState.label_of(Termination.get_by_id(case).state)
        return [Violation("payment.case_not_decided", params={"state": state, "kind": kind.label})]
    return recovery.check_step(_expected(book), kind, amount, reason)


def _expected(book: money.Book) -> Ledger:
    """The ledger as it will be when all that waits is done."""
    waiting = book.waiting
    return replace(
        book.ledger,
        received=book.ledger.received + waiting.get(Kind.RECOVERY, 0),
        remitted=book.ledger.remitted + waiting.get(Kind.REMISSION, 0),
        repaid=book.ledger.repaid + waiting.get(Kind.REPAYMENT, 0),
    )


def _sound(reason: str) -> None:
    sound(Args(dt.date.min, reason=reason))
