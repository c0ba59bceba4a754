"""经费: approved by a second person, paid with voucher and date, void, reversed.

Every step is a verb on a set of payments (see `verbs.SPECS`): a plan, then the same plan under the lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tepei_admin.choices import PaymentKind as Kind
from tepei_admin.choices import PaymentState as State
from tepei_admin.choices import Switch
from tepei_admin.database import among
from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.messages import word
from tepei_admin.models import Payment, Programme, Trainee
from tepei_admin.permissions import Actor
from tepei_admin.rules.money import yuan
from tepei_admin.rules.recovery import check_reversal, check_step
from tepei_admin.services import batches, clock, drafts, entries, money, proposals, record, scope, work
from tepei_admin.services.money import OF_CASE, Row
from tepei_admin.services.plan import Args, Ids, Line, Outcome, Plan
from tepei_admin.services.proposals import Account, Due
from tepei_admin.services.second import Decision, Matter, digest
from tepei_admin.services.work import in_hand

VOUCHER = 64


@dataclass(frozen=True)
class Held:
    """A payment under the lock. `others`: the person's payments that are not void."""

    row: Payment
    name: str
    programme: int
    others: list[Row]

    @property
    def kind(self) -> Kind:
        return Kind(self.row.kind)

    @property
    def state(self) -> State:
        return State(self.row.state)

    def line(self, refused: Violation | None, **values: Any) -> Line:
        told = word(
            "payment.told_of", kind=self.kind.label, amount=yuan(self.row.amount), payee=self.row.payee
        )
        return Line(self.row.id, self.name, self.row.version, refused, {**values, "result": told})


def _held(actor: Actor, ids: Ids) -> list[Held]:
    """These payments as far as the actor may see them, in order of number; their people locked, then they."""
    numbers = sorted(set(ids))
    chosen = scope.visible(actor, Payment).where(among(Payment.id, numbers)).order_by(Payment.id)
    if work.current.get() is not None:
        money.lock_people(row[0] for row in chosen.select(Payment.trainee).tuples())
    rows = list(record.locked(chosen))
    people = {row.trainee_id for row in rows}
    names = dict(Trainee.select(Trainee.id, Trainee.name).where(among(Trainee.id, sorted(people))).tuples())
    others = money.rows_of(people)
    return [
        Held(row, names[row.trainee_id], row.programme_id, others.get(row.trainee_id, [])) for row in rows
    ]


def plan_approve(actor: Actor, ids: Ids, args: Args) -> Plan:
    """核准: by another person than the maker, for the very thing that was shown."""
    held = _held(actor, ids)
    solo = {
        year.id: year.solo == Switch.ON
        for year in Programme.select().where(among(Programme.id, sorted({item.programme for item in held})))
    }
    due = _due_again(held)

    def line(item: Held) -> Line:
        mine = item.row.opened_by_id == actor.id
        refused = _not_draft(item)
        if refused is None and mine and not solo[item.programme]:
            refused = Violation("access.same_person")
        refused = refused or _changed(item, due) or _against(item, when="approve")
        state = State.PAID if item.kind is Kind.REVERSAL else State.APPROVED
        values: dict[str, Any] = {"state": state.value, "solo": mine}
        if item.kind is Kind.REVERSAL:
            values["paid_on"] = args.on
        return item.line(refused, **values)

    return Plan("approve_payment", args, tuple(line(item) for item in held), extra={"held": held})


def _not_draft(item: Held) -> Violation | None:
    if item.state is State.DRAFT:
        return None
    return Violation("payment.not_draft", params={"state": item.state.label})


def _due_again(held: Sequence[Held]) -> dict[int, Due]:
    """What is proposed now for each draft that the house computed, by the payment's number."""
    found: dict[int, Due] = {}
    for kind in proposals.KINDS:
        drafts = [item.row for item in held if item.kind is kind and item.state is State.DRAFT]
        if drafts:
            again = proposals.due(
                kind, {row.trainee_id for row in drafts}, without=[row.id for row in drafts]
            )
            found |= {row.id: again[row.trainee_id] for row in drafts}
    return found


def _changed(item: Held, due: Mapping[int, Due]) -> Violation | None:
    """Is this still what was shown when it was opened? The rule's own refusal comes first."""
    row = item.row
    if row.id in due:
        now = due[row.id]
        if now.refused is not None and now.refused.code == "tuition.nothing_due" and row.reason:
            now = entries.beyond(now)
        if now.refused is not None:
            return now.refused
        shown = drafts.shown(now, row.amount, row.reason)
    elif item.kind is Kind.REVERSAL:
        shown = _reversal_shown(Payment.get_by_id(row.reverses_id), row.reason)
    else:
        columns = ("kind", "amount", "payee", "reason", "bank_name", "bank_account", "bank_holder")
        shown = drafts.own(
            {name: getattr(row, name) for name in columns}
            | {
                name: row.__data__.get(name)
                for name in ("payee_unit", "placement", "termination", "reverses")
            }
        )
    if row.digest == digest(shown):
        return None
    return Violation("request.changed_since", params={"name": item.name})


def _against(item: Held, *, when: str) -> Violation | None:
    """What the ledgers have against a payment that is to be approved or paid."""
    row, kind = item.row, item.kind
    if kind in OF_CASE:
        return next(
            iter(entries.check_step(row.termination_id, kind, row.amount, row.reason, without=[row.id])), None
        )
    if kind is Kind.REFUND:
        others = [other for other in item.others if other.id != row.id]
        return entries.check_refund(others, row.payee_unit_id, row.amount, waiting=when == "approve")
    if kind is Kind.REVERSAL:
        return _hindrance_of_reversal(Payment.get_by_id(row.reverses_id), item.others)
    return None


def approve(made: Plan) -> None:
    """What the plan says; a reversal takes effect with it."""
    held: dict[int, Held] = {item.row.id: item for item in made.extra["held"]}
    decided = {"decided_by": in_hand().actor.id, "decided_at": in_hand().at}
    changes = {line.id: {**_columns(line), **decided} for line in made.doable}
    record.update_each(Payment, changes, expect={"state": State.DRAFT.value})
    reversals = {
        held[line.id].row.reverses_id: {"reversed_by": line.id}
        for line in made.doable
        if held[line.id].kind is Kind.REVERSAL
    }
    record.update_each(Payment, reversals, expect={"reversed_by": None})
    _resettle(held[line.id] for line in made.doable)


def _columns(line: Line) -> dict[str, Any]:
    return {name: value for name, value in line.values.items() if name != "result"}


def _resettle(items: Iterable[Held]) -> None:
    """Cases that a step, a refund or a reversal may have settled or reopened."""
    money.resettle(item.row.trainee_id for item in items if item.kind not in proposals.KINDS)


def plan_pay(actor: Actor, ids: Ids, args: Args) -> Plan:
    """登记支付 with voucher and date: only what was approved."""
    held = _held(actor, ids)
    voucher = str(args.get("voucher") or "").strip()
    fits = len(voucher) <= VOUCHER and "\0" not in voucher
    ensure(fits, "record.too_long", "voucher", label="凭证号", limit=VOUCHER, length=len(voucher))
    room: dict[tuple[int, Kind], int] = {}

    def line(item: Held) -> Line:
        refused = None
        if item.kind is Kind.REMISSION:
            refused = Violation("payment.moves_no_money", params={"kind": item.kind.label})
        elif item.state is not State.APPROVED:
            refused = Violation("payment.not_approved", params={"state": item.state.label})
        refused = refused or _no_room(item, room)
        return item.line(refused, state=State.PAID.value, paid_on=args.on, voucher=voucher)

    return Plan("pay_payment", args, tuple(line(item) for item in held), extra={"held": held})


def _no_room(item: Held, room: dict[tuple[int, Kind], int]) -> Violation | None:
    """Asked again when it takes effect: what is received or given back never exceeds what is owed.

    `room` is what this very batch has used up before this line.
    """
    row, kind = item.row, item.kind
    if kind in OF_CASE:
        before = room.get((row.termination_id, kind), 0)
        book = money.book(row.termination_id)
        if book is None:
            return Violation("payment.case_not_decided", params={"state": "", "kind": kind.label})
        gone = {Kind.RECOVERY: "received", Kind.REPAYMENT: "repaid"}[kind]
        so_far = replace(book.ledger, **{gone: getattr(book.ledger, gone) + before})
        refused = next(iter(check_step(so_far, kind, row.amount, row.reason)), None)
        key = (row.termination_id, kind)
    elif kind is Kind.REFUND:
        before = room.get((row.trainee_id, kind), 0)
        refused = entries.check_refund(item.others, row.payee_unit_id, row.amount + before, waiting=False)
        key = (row.trainee_id, kind)
    else:
        return None
    if refused is None:
        room[key] = before + row.amount
    return refused


def pay(made: Plan) -> None:
    held: dict[int, Held] = {item.row.id: item for item in made.extra["held"]}
    changes = {line.id: _columns(line) for line in made.doable}
    record.update_each(Payment, changes, expect={"state": State.APPROVED.value})
    _resettle(held[line.id] for line in made.doable)


def plan_void(actor: Actor, ids: Ids, args: Args) -> Plan:
    """作废 what is not paid; needs no second person."""

    def line(item: Held) -> Line:
        refused = None
        if item.kind is Kind.REMISSION and item.state is State.APPROVED:
            refused = Violation("payment.remission_stands")
        elif item.state not in money.UNPAID:
            refused = Violation("payment.not_voidable", params={"state": item.state.label})
        return item.line(refused, state=State.VOID.value)

    held = _held(actor, ids)
    return Plan("void_payment", args, tuple(line(item) for item in held), extra={"held": held})


def void(made: Plan) -> None:
    held: dict[int, Held] = {item.row.id: item for item in made.extra["held"]}
    for state in money.UNPAID:
        changes = {line.id: _columns(line) for line in made.doable if held[line.id].state is state}
        record.update_each(Payment, changes, expect={"state": state.value})


def plan_reverse(actor: Actor, ids: Ids, args: Args) -> Plan:
    """冲正: opened here, done when another person approves it."""

    def line(item: Held) -> Line:
        return item.line(_hindrance_of_reversal(item.row, item.others, opening=True))

    held = _held(actor, ids)
    return Plan("reverse_payment", args, tuple(line(item) for item in held), extra={"held": held})


def _hindrance_of_reversal(row: Payment, others: Sequence[Row], *, opening: bool = False) -> Violation | None:
    kind, state = Kind(row.kind), State(row.state)
    if kind is Kind.REVERSAL:
        return Violation("payment.reversal_final")
    if row.reversed_by_id is not None:
        return Violation("payment.already_reversed")
    if not (state is State.PAID or (kind is Kind.REMISSION and state is State.APPROVED)):
        return Violation("payment.not_reversible", params={"state": state.label})
    if opening:
        query = Payment.select().where(Payment.reverses == row.id, Payment.state != State.VOID.value)
        if query.exists():
            return Violation("payment.reversal_waiting")
    if kind is Kind.TUITION:
        return _refunded(row, others)
    if kind in OF_CASE:
        book = money.book(row.termination_id)
        return check_reversal(book.ledger, kind, row.amount) if book else None
    return None


def _refunded(row: Payment, others: Sequence[Row]) -> Violation | None:
    """A host cannot have given back more than it then ever got."""
    of_host = [other for other in others if other.payee_unit == row.payee_unit_id and other.entry.counts]
    held = sum(other.amount for other in of_host if other.kind is Kind.TUITION and other.id != row.id)
    refunded = sum(other.amount for other in of_host if other.kind is Kind.REFUND)
    if refunded <= held:
        return None
    return Violation("payment.refund_first", params={"host": row.payee, "refunded": yuan(refunded)})


def _reversal_shown(row: Payment, reason: str) -> dict[str, Any]:
    return {
        "reverses": row.id,
        "kind": row.kind,
        "amount": row.amount,
        "state": row.state,
        "voucher": row.voucher,
        "reversed_by": row.reversed_by_id,
        "reason": reason,
    }


def open_reversals(made: Plan) -> None:
    held: dict[int, Held] = {item.row.id: item for item in made.extra["held"]}
    rows = []
    for line in made.doable:
        row = held[line.id].row
        account = Account(row.bank_name, row.bank_account, row.bank_holder)
        draft = drafts.new(
            row.trainee_id, row.programme_id, Kind.REVERSAL, row.amount, row.payee, payee_unit=row.payee_unit_id,
            placement=row.placement_id, termination=row.termination_id, reverses=row.id, account=account,
            reason=made.args.reason,
        )  # fmt: skip
        rows.append({**draft, "digest": digest(_reversal_shown(row, made.args.reason))})
    record.insert_many(Payment, rows)


# --- One of them, in 待核准


def _decide(row: Payment, decision: Decision) -> Outcome:
    """Yes approves; no makes it void, decided by this person."""
    if not decision.yes:
        money.lock_people([row.trainee_id])
        values = {"state": State.VOID.value, **decision.columns()}
        record.update(Payment, [row.id], values, expect={"state": State.DRAFT.value})
        return Outcome(None)
    args = Args(clock.today(), reason=decision.reason)
    made = plan_approve(decision.actor, [row.id], args)
    refused = made.lines[0].refused
    if refused is not None:
        raise RuleViolation(refused)
    batch = batches.begin(
        decision.actor, made.verb, f"核准经费 {len(made.doable)} 笔", made, programme=row.programme_id
    )
    approve(made)
    batches.close(batch, made, Payment)
    return Outcome(batch, done=(row.id,))


def told(row: Payment) -> str:
    """Its line in 待核准."""
    kind, amount = Kind(row.kind), yuan(row.amount)
    if kind is Kind.REVERSAL:
        was = Payment.get_by_id(row.reverses_id)
        return f"{kind.label}：{row.trainee.name} {Kind.label_of(was.kind)} {amount}（{row.payee}）"
    other = f"（{row.payee}）" if row.payee != row.trainee.name else ""
    return f"{kind.label}：{row.trainee.name} {amount}{other}"


def shown(row: Payment) -> list[tuple[str, int]]:
    """How the amount came about, in words."""
    return [(line["text"], line["fen"]) for line in row.lines or ()]


MATTER = Matter("payment", Payment, frozenset({State.DRAFT.value}), told, _decide, shown, page="/payments")

PLANNERS: dict[str, Callable[[Actor, Ids, Args], Plan]] = {
    "approve": plan_approve,
    "pay": plan_pay,
    "void": plan_void,
    "reverse": plan_reverse,
}
STARTS: dict[str, tuple[State, ...]] = {
    "approve": (State.DRAFT,),
    "pay": (State.APPROVED,),
    "void": money.UNPAID,
    "reverse": (State.PAID,),
}
"""The states that a step starts from: what `--kind` means."""


def candidates(actor: Actor, programme: int, kind: Kind, step: str) -> list[int]:
    """All payments of a kind in the state that the step starts from."""
    query = scope.visible(actor, Payment).where(
        Payment.programme == programme,
        Payment.kind == kind.value,
        Payment.state.in_([state.value for state in STARTS[step]]),
        Payment.reversed_by.is_null(),
    )
    return [row[0] for row in query.select(Payment.id).order_by(Payment.id).tuples()]
