"""经费: proposing, the list and a payment's page, what a person's page says of money, the year's totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tepei_admin import models as m
from tepei_admin.choices import PaymentKind, PaymentState, Status
from tepei_admin.errors import Mendable, RuleViolation, Violation
from tepei_admin.messages import say, say_all
from tepei_admin.permissions import P
from tepei_admin.rules import money as amounts
from tepei_admin.services import (
    batch,
    drafts,
    entries,
    money,
    payments,
    person,
    proposals,
    scope,
    terminations,
    verbs,
)
from tepei_admin.services.plan import Plan
from tepei_admin.views import sent, year
from tepei_admin.views.resource import ResourceView
from tepei_admin.views.rights import actor, needs
from tepei_admin.views.sent import KEY, carries

pages = Blueprint("money", __name__)
PK = "<int(max=2147483647):pk>"
BY_STATE = {
    PaymentState.DRAFT: ("approve_payment", "void_payment"),
    PaymentState.APPROVED: ("pay_payment", "void_payment"),
    PaymentState.PAID: ("reverse_payment",),
}
"""The buttons of a payment, by its state."""


# --- Look first


@dataclass(frozen=True)
class Group:
    """Those whose money goes to one payee."""

    payee: str
    account: proposals.Account
    lines: list[proposals.Due]

    @property
    def amount(self) -> int:
        return sum(line.amount for line in self.lines)


@dataclass(frozen=True)
class Looked:
    """What a plan moves: proposals by payee, or payments by their sum."""

    lines: list[Group]
    amount: int
    count: int
    lacking: list[str]


def proposes(verb: str) -> bool:
    return verb.startswith("propose_")


def groups_of(plan: Plan) -> Looked | None:
    """The money of a look-first page; None where the verb moves none."""
    if "held" in plan.extra:
        held = {item.row.id: item.row.amount for item in plan.extra["held"]}
        return Looked([], sum(held[line.id] for line in plan.doable), len(plan.doable), [])
    if "due" not in plan.extra:
        return None
    due = [plan.extra["due"][line.id] for line in plan.doable]
    hosts: dict[str, list[proposals.Due]] = {}
    for item in due:
        hosts.setdefault(item.payee if item.payee_unit else "", []).append(item)
    groups = [Group(name, lines[0].account, lines) for name, lines in sorted(hosts.items())]
    lacking = list(dict.fromkeys(item.payee for item in due if item.lacks_account))
    return Looked(groups, sum(item.amount for item in due), len(due), lacking)


@pages.post("/payments/propose")
@needs(P.OPEN)
def propose() -> ResponseReturnValue:
    """Everybody for whom it may be due, to be looked at first."""
    programme, kind = year.current(), request.form.get("kind", "")
    try:
        if kind not in proposals.KINDS:
            raise RuleViolation(Violation("payment.bad_kind", "kind", {"kind": kind}))
        found = drafts.concerned(actor(), programme.id if programme else 0, PaymentKind(kind))
        number = batch.propose(actor(), f"propose_{kind}", found, {})
    except RuleViolation as refusal:
        flash(say_all(refusal), "bad")
        return redirect("/payments/", 303)
    return redirect(f"/batches/look/{number}", 303)


# --- The list and a payment


class PaymentView(ResourceView):
    counted = "笔"
    list_template = "money/payments.html"
    details_template = "money/payment.html"
    groups = (
        ("经费", ("trainee", "kind", "amount", "state", "payee", "reason")),
        ("收款账户", ("bank_name", "bank_account", "bank_holder")),
        ("办理", ("opened_by", "opened_at", "decided_by", "decided_at", "solo", "paid_on", "voucher", "reverses",
                 "reversed_by")),
        ("所属", ("programme", "placement", "termination", "payee_unit")),
    )  # fmt: skip

    def details(self, row: m.Payment, revealed: Mapping[str, str]) -> dict[str, Any]:
        page = super().details(row, revealed)
        for section in page["sections"]:  # the calculation stands above, line by line
            section.columns[:] = [column for column in section.columns if column.name != "lines"]
        return page | {
            "sections": [section for section in page["sections"] if section.columns],
            "title": f"{PaymentKind.label_of(row.kind)} {amounts.yuan(row.amount)}",
            "person": row.trainee,
            "lines": payments.shown(row),
            "offers": [verbs.SPECS[name] for name in legal(row) if actor().may(verbs.SPECS[name].right)],
            "own": row.opened_by_id == actor().id and row.state == PaymentState.DRAFT,
            "waiting": m.Payment.get_or_none(
                m.Payment.reverses == row.id, m.Payment.state == PaymentState.DRAFT.value
            ),
        }


def legal(row: m.Payment) -> tuple[str, ...]:
    """What may happen to a payment next."""
    state, kind = PaymentState(row.state), PaymentKind(row.kind)
    if row.reversed_by_id is not None or (kind is PaymentKind.REVERSAL and state is PaymentState.PAID):
        return ()
    if kind is PaymentKind.REMISSION and state is PaymentState.APPROVED:
        return ("reverse_payment",)
    return BY_STATE.get(state, ())


@pages.post(f"/payments/{PK}/do")
@needs(P.READ)
def do(pk: int) -> ResponseReturnValue:
    """A proposal of one payment; it is looked at before anything happens."""
    scope.get(actor(), m.Payment, pk)
    try:
        verbs.spec(request.form.get("verb", ""), m.Payment)
        number = batch.propose(actor(), request.form.get("verb", ""), [pk], {})
    except RuleViolation as refusal:
        flash(say_all(refusal), "bad")
        return redirect(f"/payments/{pk}", 303)
    return redirect(f"/batches/look/{number}", 303)


# --- Of one person


@dataclass(frozen=True)
class Entry:
    """A payment as a person's page lists it."""

    row: money.Row
    voucher: str


@dataclass(frozen=True)
class OfPerson:
    """Money and early ends on a person's page. `may_end`: an early end may be begun from here."""

    sums: list[tuple[str, int]]
    lacks_account: bool
    actions: list[tuple[str, str]]
    may_end: bool
    case: m.Termination | None
    book: money.Book | None

    @property
    def shown(self) -> bool:
        return bool(self.sums or self.actions or self.case or self.book)


def of_person(row: m.Trainee) -> OfPerson:
    rows = money.rows_of([row.id]).get(row.id, [])
    status = Status(row.status)
    sums = [
        (kind.label, total)
        for kind in PaymentKind
        if (total := amounts.total(money.entries(rows), kind)) or any(item.kind is kind for item in rows)
        if kind is not PaymentKind.REVERSAL
    ]
    case = terminations.open_of([row.id]).get(row.id)
    book = next(iter(money.books(m.Termination.trainee == row.id)), None)
    return OfPerson(
        sums,
        not row.bank_account and status in proposals.TRAINED,
        _actions(row, status, rows),
        case is None and actor().may(P.OPEN) and bool(terminations.paths_for(status)),
        case,
        book,
    )


def _actions(row: m.Trainee, status: Status, rows: list[money.Row]) -> list[tuple[str, str]]:
    """(address, label) of what may be begun from the page."""
    if not actor().may(P.OPEN):
        return []
    found = []
    if status in proposals.TRAINED:
        found.append((f"/trainees/{row.id}/tuition", "另定学费金额…"))
    if any(item.kind is PaymentKind.TUITION and item.entry.counts for item in rows):
        found.append((f"/trainees/{row.id}/refund", "登记退费…"))
    return found


@dataclass(frozen=True)
class Form:
    """A form that moves money."""

    amount: str
    reason: str
    placement: str
    errors: Mapping[str, str]
    refused: str


def form_of(errors: tuple[Violation, ...] = (), amount: str = "") -> Form:
    given = request.form
    fields = ("amount", "reason", "placement")
    return Form(
        given.get("amount", amount),
        given.get("reason", ""),
        given.get("placement", ""),
        {item.field: say(item) for item in errors if item.field in fields},
        "；".join(say(item) for item in errors if item.field not in fields),
    )


def amount_of(text: str) -> int:
    """Fen from what was typed. Raises `RuleViolation`."""
    read = amounts.parse(text[:64], "amount")
    if isinstance(read, Violation):
        raise RuleViolation(read)
    return read


@pages.route(f"/trainees/{PK}/tuition", methods=("GET", "POST"))
@needs(P.OPEN)
@carries(KEY)
def tuition(pk: int) -> ResponseReturnValue:
    """Tuition of another amount than proposed; more needs a reason."""
    row = scope.get(actor(), m.Trainee, pk)
    due = proposals.due(PaymentKind.TUITION, [pk])[pk]
    if request.method == "GET":
        return _entry(
            "tuition", row, form_of(amount=amounts.plain(due.amount) if due.amount else ""), due=due
        )
    try:
        number = entries.open_tuition(
            actor(), pk, amount=amount_of(request.form.get("amount", "")), reason=request.form.get("reason", ""),
            key=sent.key(),
        )  # fmt: skip
    except Mendable as refusal:
        return _entry("tuition", row, form_of(refusal.violations), due=due), refusal.status
    flash("已提出，等待另一位核准", "ok")
    return redirect(f"/payments/{number}", 303)


@pages.route(f"/trainees/{PK}/refund", methods=("GET", "POST"))
@needs(P.OPEN)
@carries(KEY)
def refund(pk: int) -> ResponseReturnValue:
    """退费: what a host gives back."""
    row = scope.get(actor(), m.Trainee, pk)
    held = _held(pk)
    if request.method == "GET":
        return _entry("refund", row, form_of(), held=held)
    try:
        number = entries.open_refund(
            actor(), pk, placement=request.form.get("placement", ""), amount=amount_of(request.form.get("amount", "")),
            reason=request.form.get("reason", ""), key=sent.key(),
        )  # fmt: skip
    except Mendable as refusal:
        return _entry("refund", row, form_of(refusal.violations), held=held), refusal.status
    flash("已登记退费，等待另一位核准；到账后再登记日期和凭证", "ok")
    return redirect(f"/payments/{number}", 303)


def _held(trainee: int) -> list[tuple[int, str, int]]:
    """(placement, host, what it still holds of this person's tuition)."""
    rows = money.rows_of([trainee]).get(trainee, [])
    found = []
    for row in rows:
        if row.kind is PaymentKind.TUITION and row.entry.counts and row.placement:
            of_host = [item.entry for item in rows if item.payee_unit == row.payee_unit]
            left = amounts.total(of_host, PaymentKind.TUITION) - amounts.total(of_host, PaymentKind.REFUND)
            found.append((row.placement, row.payee, left))
    return found


def _why(due: proposals.Due | None) -> str:
    """Why nothing is proposed; where nothing is due any more, more may be paid for a reason."""
    if due is None or due.refused is None:
        return ""
    beyond = due.refused.code == "tuition.nothing_due"
    return say(due.refused) + ("；确需多付的，请写明理由" if beyond else "")


def _entry(kind: str, row: m.Trainee, form: Form, **more: Any) -> str:
    return render_template(
        "money/entry.html",
        kind=kind,
        row=row,
        form=form,
        why=_why(more.get("due")),
        **{"due": None, "held": [], **more},
    )


@pages.app_context_processor
def words() -> dict[str, object]:
    """`yuan(fen)` for every page that shows money."""
    return {"yuan": amounts.yuan}


__all__ = ["PaymentView", "form_of", "groups_of", "of_person", "pages", "person"]
