"""终止与追缴: the guided path of an early end, the case's page, the ledger of all recoveries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tepei_admin import models as m
from tepei_admin.choices import PaymentKind, PaymentState, Status, TerminationPath, TerminationState
from tepei_admin.errors import Mendable, Refusal, RuleViolation, Violation
from tepei_admin.messages import say
from tepei_admin.permissions import P
from tepei_admin.rules.money import plain
from tepei_admin.rules.recovery import DISCIPLINARY
from tepei_admin.services import clock, entries, money, scope, terminations
from tepei_admin.views import sent, year
from tepei_admin.views.money import amount_of, form_of
from tepei_admin.views.resource import ResourceView
from tepei_admin.views.rights import actor, needs
from tepei_admin.views.sent import KEY, VERSION, carries

pages = Blueprint("recoveries", __name__)
PK = "<int(max=2147483647):pk>"
FIELDS = (
    "path",
    "facts",
    "papers",
    "actual_end",
    "decision_no",
    "decided_on",
    "how",
    "on",
    "to",
    "reason",
    "amount",
)
TELLS = {
    TerminationPath.FOR_CAUSE: "先由培养单位确认，再报厅里批准；不追缴经费",
    TerminationPath.NO_SHOW: "收到报到通知后无故不报到；追缴已支付的特培经费",
    TerminationPath.LEFT: "报到后无故停止学习；追缴已支付的特培经费",
    TerminationPath.DISCIPLINE: "违反规章、影响恶劣；追缴已支付的特培经费",
}


# --- The guided path: the path first, then facts and papers


@pages.route(f"/trainees/{PK}/end", methods=("GET", "POST"))
@needs(P.OPEN)
@carries(KEY)
def end(pk: int) -> ResponseReturnValue:
    row = scope.get(actor(), m.Trainee, pk)
    case = terminations.open_of([pk]).get(pk)
    if case is not None and request.method == "GET":
        return redirect(f"/terminations/{case.id}", 303)
    if request.method == "GET":
        return _end(row)
    given = request.form
    try:
        number = terminations.open_case(
            actor(), pk, path=given.get("path", ""), facts=given.get("facts", ""), papers=given.get("papers", ""),
            actual_end=_day("actual_end", "实际结束日期"), decision_no=given.get("decision_no", ""),
            decided_on=_day("decided_on", "决定日期"), key=sent.key(),
        )  # fmt: skip
    except Mendable as refusal:
        return _end(row, refusal), refusal.status
    flash("已立案。请核对下面的追缴计算，补齐所缺，再由另一位核准", "ok")
    return redirect(f"/terminations/{number}", 303)


def _end(row: m.Trainee, refusal: Refusal | None = None) -> str:
    chosen = request.values.get("path", "")
    ways = terminations.paths_for(Status(row.status))
    path = TerminationPath(chosen) if chosen in ways else None
    return render_template(
        "money/end.html",
        row=row,
        ways=[(way, TELLS[way]) for way in ways],
        path=path,
        values=request.form,
        place=terminations.place_of(row.id),
        found=terminations.compute(row.id, path, None)[1] if path else None,
        **_said(refusal),
    )


def _said(refusal: Refusal | None) -> dict[str, Any]:
    """What is wrong, under its field or above all."""
    found = refusal.violations if refusal else ()
    return {
        "errors": {item.field: say(item) for item in found if item.field in FIELDS},
        "refused": "；".join(say(item) for item in found if item.field not in FIELDS),
    }


def _day(name: str, label: str) -> dt.date | None:
    """A date of the form; None where it is empty. Raises `RuleViolation`."""
    text = request.form.get(name, "").strip()
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise RuleViolation(
            Violation("record.not_date", name, {"label": label, "value": text[:40]})
        ) from None


# --- A case


class TerminationView(ResourceView):
    counted = "件"
    details_template = "money/case.html"

    def details(self, row: m.Termination, revealed: Mapping[str, str]) -> dict[str, Any]:
        return super().details(row, revealed) | case_page(row)


def case_page(row: m.Termination, refusal: Refusal | None = None, at: str = "") -> dict[str, Any]:
    """What the page of a case shows. `at`: the form that was refused."""
    is_open = row.state in money.OPEN_CASE
    path = TerminationPath(row.path)
    book = money.book(row.id)
    steps = m.Payment.select(m.Payment, m.User).join(m.User, on=m.Payment.opened_by)
    steps = steps.where(m.Payment.termination == row.id).order_by(m.Payment.id)
    outstanding = book.ledger.outstanding if book else 0
    return {
        "title": f"{row.trainee.name}：{path.label}",
        "person": row.trainee,
        "path": path,
        "is_open": is_open,
        "disciplinary": path in DISCIPLINARY,
        "steps": _strip(row, path),
        "now": terminations.now(row) if is_open else None,
        "lines": terminations.shown(row),
        "formula": terminations.formula(row),
        "book": book,
        "entries": list(steps),
        "kinds": PaymentKind,
        "states": PaymentState,
        "mine": row.opened_by_id == actor().id,
        "may_open": actor().may(P.OPEN),
        "may_work": actor().may(P.WORK),
        "may_decide": actor().may(P.DECIDE),
        "form": form_of(refusal.violations if refusal and at == "step" else (), amount=plain(outstanding)),
        "step_kind": request.form.get("kind", "recovery"),
        "values": request.form if at else {},
        "at": at,
        **_said(refusal),
    }


def _strip(row: m.Termination, path: TerminationPath) -> list[tuple[str, dt.date | None, str]]:
    """The steps of this case: (name, when, past | now | '')."""
    order = [
        TerminationState.OPENED,
        TerminationState.CONFIRMED,
        TerminationState.DECIDED,
        TerminationState.SETTLED,
    ]
    names = {
        TerminationState.OPENED: ("立案", row.opened_at and clock.day_of(row.opened_at)),
        TerminationState.CONFIRMED: ("培养单位确认", row.host_confirmed_on),
        TerminationState.DECIDED: ("决定", row.decided_on if row.decided_by_id else None),
        TerminationState.SETTLED: ("结清", None),
    }
    if path in DISCIPLINARY:
        order.remove(TerminationState.CONFIRMED)
    state = TerminationState(row.state)
    place = order.index(state) if state in order else -1
    return [
        (*names[item], "past" if number < place else "now" if number == place else "")
        for number, item in enumerate(order)
    ]


def _posted(pk: int, at: str, action: Callable[[], object], done: str) -> ResponseReturnValue:
    """Do what a form of the case's page asks; a refusal is told on that page, with what was typed."""
    row = scope.get(actor(), m.Termination, pk)
    try:
        action()
    except Mendable as refusal:
        return _refused(row, refusal, at), refusal.status
    flash(done, "ok")
    return redirect(f"/terminations/{pk}", 303)


def _refused(row: m.Termination, refusal: Refusal, at: str) -> str:
    from flask import current_app

    view = current_app.extensions["resources"][m.Termination]
    page = super(TerminationView, view).details(row, {}) | case_page(row, refusal, at)
    return view.render(view.details_template, **page)


@pages.post(f"/terminations/{PK}/amend")
@needs(P.OPEN)
@carries(KEY, VERSION)
def amend(pk: int) -> ResponseReturnValue:
    given = request.form

    def action() -> None:
        terminations.amend_case(
            actor(), pk, facts=given.get("facts", ""), papers=given.get("papers", ""),
            actual_end=_day("actual_end", "实际结束日期"), decision_no=given.get("decision_no", ""),
            decided_on=_day("decided_on", "决定日期"), version=sent.version(), key=sent.key(),
        )  # fmt: skip

    return _posted(pk, "amend", action, "已保存，追缴已重新计算")


@pages.post(f"/terminations/{PK}/confirm")
@needs(P.WORK)
@carries(KEY)
def confirm(pk: int) -> ResponseReturnValue:
    def action() -> None:
        terminations.confirm_host(
            actor(), pk, on=_day("on", "确认日期"), how=request.form.get("how", ""), key=sent.key()
        )

    return _posted(pk, "confirm", action, "已登记培养单位的确认")


@pages.post(f"/terminations/{PK}/drop")
@needs(P.OPEN)
@carries(KEY)
def drop(pk: int) -> ResponseReturnValue:
    def action() -> None:
        terminations.drop_case(actor(), pk, reason=request.form.get("reason", ""), key=sent.key())

    return _posted(pk, "drop", action, "已撤案")


@pages.post(f"/terminations/{PK}/circular")
@needs(P.WORK)
@carries(KEY)
def circular(pk: int) -> ResponseReturnValue:
    def action() -> None:
        terminations.circular(
            actor(), pk, on=_day("on", "通报日期"), to=request.form.get("to", ""), key=sent.key()
        )

    return _posted(pk, "circular", action, "已登记通报")


@pages.post(f"/terminations/{PK}/step")
@needs(P.OPEN)
@carries(KEY)
def step(pk: int) -> ResponseReturnValue:
    """An instalment, a remission, or the return of what was received too much."""
    given = request.form

    def action() -> None:
        entries.open_step(
            actor(), pk, kind=given.get("kind", ""), amount=amount_of(given.get("amount", "")),
            reason=given.get("reason", ""), key=sent.key(),
        )  # fmt: skip

    return _posted(pk, "step", action, "已登记，等待另一位核准")


# --- The ledger


@pages.get("/recoveries/")
@needs(P.READ)
def ledger() -> ResponseReturnValue:
    """追缴台账: 应收 已收 减免 未收, case by case and in all."""
    programme = year.current()
    books = money.of_year(actor(), programme.id) if programme else []
    show = request.args.get("show", "")
    wanted = [book for book in books if show != "open" or book.ledger.outstanding or book.ledger.overpaid]
    return render_template(
        "money/recoveries.html",
        books=wanted,
        total=money.total_of(wanted),
        counts={"": len(books), "open": sum(bool(b.ledger.outstanding or b.ledger.overpaid) for b in books)},
        show=show,
    )
