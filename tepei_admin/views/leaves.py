"""请假: the list, the host's answer, the return, and a month at a host as a table of people and days."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tepei_admin.choices import LeaveKind, LeaveState
from tepei_admin.errors import Mendable, RuleViolation, Violation
from tepei_admin.messages import say
from tepei_admin.models import Leave
from tepei_admin.permissions import P
from tepei_admin.rules.term import Away, Period, days_away
from tepei_admin.services import clock, leave_month, leaves, scope, training
from tepei_admin.views import sent, year
from tepei_admin.views.resource import ResourceView
from tepei_admin.views.rights import actor, needs
from tepei_admin.views.sent import KEY, VERSION, carries

pages = Blueprint("leave_pages", __name__)
PK = "<int(max=2147483647):pk>"
WEEKDAYS = "一二三四五六日"


class LeaveView(ResourceView):
    list_template = "training/leaves.html"


# --- One leave


@pages.route(f"/leaves/{PK}/answer", methods=("GET", "POST"))
@needs(P.WORK)
@carries(KEY, VERSION)
def answer(pk: int) -> ResponseReturnValue:
    """批准 or 不批准, by the host."""
    row = scope.get(actor(), Leave, pk)
    given = {
        "on": request.form.get("on", clock.today().isoformat()),
        "host_approval": request.form.get("host_approval", ""),
    }
    if request.method == "GET":
        return _form("answer", row, given)
    decision = request.form.get("answer")
    try:
        on = _day(given["on"], "on", "答复日期")
        if decision not in ("yes", "no"):
            raise RuleViolation(Violation("verb.leave_state_required", "answer"))
        outcome = leaves.decide(
            actor(), pk, granted=decision == "yes", host_approval=given["host_approval"], on=on,
            version=sent.version(), key=sent.key(),
        )  # fmt: skip
    except Mendable as refusal:
        return _refused("answer", row, given, refusal)
    flash(f"已登记{'批准' if decision == 'yes' else '未批准'}，见批次 {outcome.batch}", "ok")
    return redirect(f"/trainees/{row.trainee_id}#leaves", 303)


@pages.route(f"/leaves/{PK}/return", methods=("GET", "POST"))
@needs(P.WORK)
@carries(KEY, VERSION)
def come_back(pk: int) -> ResponseReturnValue:
    """销假: the day of the return is no day of leave."""
    row = scope.get(actor(), Leave, pk)
    given = {"back_on": request.form.get("back_on", (row.ends + dt.timedelta(days=1)).isoformat())}
    if request.method == "GET":
        return _form("return", row, given)
    try:
        outcome = leaves.come_back(
            actor(), pk, back_on=_day(given["back_on"], "back_on", "返回日期"),
            version=sent.version(), key=sent.key(),
        )  # fmt: skip
    except Mendable as refusal:
        return _refused("return", row, given, refusal)
    flash(f"已销假，见批次 {outcome.batch}", "ok")
    return redirect(f"/trainees/{row.trainee_id}#leaves", 303)


def _day(text: str, name: str, label: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        code = "record.not_date" if text.strip() else "record.required"
        raise RuleViolation(Violation(code, name, {"label": label, "value": text[:40]})) from None


def _refused(kind: str, row: Leave, given: dict[str, str], refusal: Mendable) -> ResponseReturnValue:
    return _form(kind, row, given, refusal.violations), refusal.status


def _form(kind: str, row: Leave, given: dict[str, str], wrong: tuple[Violation, ...] = ()) -> str:
    errors = {item.field: say(item) for item in wrong if item.field in given}
    return render_template(
        f"training/{kind}.html",
        row=row,
        kind=LeaveKind.label_of(row.kind),
        state=LeaveState.label_of(row.state),
        days=Period(row.starts, row.ends).days,
        given=given,
        errors=errors,
        top=[say(item) for item in wrong if item.field not in errors],
    )


# --- A month at a host


@dataclass(frozen=True)
class Day:
    on: dt.date
    weekday: str
    rest: bool
    today: bool


@dataclass(frozen=True)
class Cell:
    """A day of a person. `mark`: 假, 待, 缺 or nothing; `words`: the same said in full; `id`: the leave."""

    mark: str
    look: str
    words: str
    id: int | None = None


@dataclass(frozen=True)
class Line:
    trainee: int
    name: str
    cells: list[Cell]
    leave: int
    absence: int


NOTHING, OUTSIDE = Cell("", "", ""), Cell("", "out", "不在培养期")
MARKS = {
    LeaveState.GRANTED: ("假", "ok"),
    LeaveState.RETURNED: ("假", "done"),
    LeaveState.ASKED: ("待", "wait"),
}


@pages.get("/leaves/calendar")
@needs(P.READ)
def calendar() -> ResponseReturnValue:
    """A month: who of a host's group is away on which day. Without a host: the first that has somebody away."""
    programme, today = year.current(), clock.today()
    first = _month(request.args.get("month", ""), today)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    within = Period(first, last)
    hosts = training.hosts_in_use(programme.id) if programme else []
    away = leave_month.away_at(actor(), programme.id, within) if programme else {}
    host = _host(request.args.get("host", ""), [number for number, _, _ in hosts], away)
    rows = leave_month.month(actor(), programme.id, host, within) if programme and host else []
    return render_template(
        "training/calendar.html",
        hosts=hosts,
        away=away,
        host=host,
        title=next((name for number, name, _ in hosts if number == host), ""),
        first=first,
        before=(first - dt.timedelta(days=1)).strftime("%Y-%m"),
        after=(last + dt.timedelta(days=1)).strftime("%Y-%m"),
        days=[_head(first.replace(day=number), today) for number in range(1, last.day + 1)],
        lines=[_line(row, within) for row in rows],
    )


def _host(text: str, hosts: list[int], away: Mapping[int, int]) -> int | None:
    """The host that an address names, if it has people; else one with somebody away, else the first."""
    wanted = scope.number_of(text)
    if wanted in hosts:
        return wanted
    return next((host for host in hosts if host in away), hosts[0] if hosts else None)


def _month(text: str, today: dt.date) -> dt.date:
    """The first day of the month that an address names; this month for anything that is none."""
    try:
        found = dt.datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        return today.replace(day=1)
    return found if 2000 <= found.year <= 2100 else today.replace(day=1)


def _head(on: dt.date, today: dt.date) -> Day:
    return Day(on, WEEKDAYS[on.weekday()], on.weekday() > 4, on == today)


def _line(row: leave_month.Row, within: Period) -> Line:
    cells = [_cell(row, within.start + dt.timedelta(days=number)) for number in range(within.days)]
    part = row.term.clip(within)
    away = days_away([Away(item.period, item.kind, item.state) for item in row.aways], part) if part else None
    return Line(row.trainee, row.name, cells, away.leave if away else 0, away.absence if away else 0)


def _cell(row: leave_month.Row, on: dt.date) -> Cell:
    if not row.term.start <= on <= row.term.end:
        return OUTSIDE
    here = [item for item in row.aways if item.period.start <= on <= item.period.end]
    for item in here:
        if item.kind is LeaveKind.LEAVE and item.state in MARKS and item.state is not LeaveState.ASKED:
            return Cell(*MARKS[item.state], f"请假，{item.state.label}", item.id)
    for item in here:
        if item.kind is LeaveKind.ABSENCE:
            return Cell("缺", "bad", item.kind.label, item.id)
    for item in here:
        if item.state is LeaveState.ASKED:
            return Cell(*MARKS[item.state], f"请假，{item.state.label}", item.id)
    return NOTHING
