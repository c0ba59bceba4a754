"""考核: the list, and the grades of a host's whole group on one page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tepei_admin.choices import AssessmentKind, Grade
from tepei_admin.errors import Mendable, Violation
from tepei_admin.messages import say
from tepei_admin.permissions import P
from tepei_admin.services import assessments, clock, scope, training
from tepei_admin.services.assessments import Entry, GroupRefused
from tepei_admin.views import sent, year
from tepei_admin.views.resource import ResourceView
from tepei_admin.views.rights import actor, needs
from tepei_admin.views.sent import KEY, carries

pages = Blueprint("assessment_pages", __name__)


class AssessmentView(ResourceView):
    list_template = "training/assessments.html"


@dataclass(frozen=True)
class Row:
    """A person of the group, with what stands in the boxes."""

    member: training.Member
    on: str
    grade: str
    opinion: str
    wrong: str


@pages.route("/assessments/group", methods=("GET", "POST"))
@needs(P.WORK)
@carries(KEY)
def group() -> ResponseReturnValue:
    """A row a person: date, grade, opinion. All of it is stored, or nothing."""
    programme = year.current()
    hosts = training.hosts_in_use(programme.id) if programme else []
    host = scope.number_of(request.values.get("host", "")) or (hosts[0][0] if hosts else None)
    kind = AssessmentKind.YEARLY if request.values.get("kind") == "yearly" else AssessmentKind.COMPLETION
    members = training.group(programme.id, host) if programme and host else []
    page: dict[str, Any] = {
        "hosts": hosts,
        "host": host,
        "title": next((name for number, name, _ in hosts if number == host), ""),
        "kind": kind,
        "kinds": list(AssessmentKind),
        "grades": list(Grade),
        "refused": "",
        "today": clock.today(),
    }
    if request.method == "GET":
        return render_template("training/group.html", **page, rows=[_shown(item, kind) for item in members])
    given = request.form
    entries, wrong = _read(members, kind, given)
    try:
        if wrong:
            raise GroupRefused({**assessments.check_group(actor(), entries)[1], **wrong})
        outcome = assessments.record_group(actor(), entries, key=sent.key())
    except GroupRefused as refusal:
        reasons = refusal.rows
        page["refused"] = say(Violation("assessment.group_refused", params={"count": len(reasons)}))
        rows = [_typed(item, given, reasons) for item in members]
        return render_template("training/group.html", **page, rows=rows), 422
    except Mendable as refusal:
        page["refused"] = "；".join(say(item) for item in refusal.violations)
        return render_template(
            "training/group.html", **page, rows=[_typed(m, given, {}) for m in members]
        ), refusal.status
    if outcome.batch is None:
        flash("没有填写任何等次，什么都没有改动", "wait")
        return redirect(f"/assessments/group?host={host}&kind={kind.value}", 303)
    flash(f"已登记 {len(outcome.done)} 人的{kind.label}", "ok")
    return redirect(f"/batches/{outcome.batch}", 303)


def _shown(member: training.Member, kind: AssessmentKind) -> Row:
    """Empty boxes; of the completion what is on record."""
    if kind is AssessmentKind.YEARLY:
        return Row(member, "", "", "", "")
    return Row(member, str(member.on or ""), member.grade, member.opinion, "")


def _typed(member: training.Member, given: Mapping[str, str], wrong: Mapping[int, Violation]) -> Row:
    on, grade, opinion = _boxes(member.id, given)
    reason = wrong.get(member.id)
    return Row(member, on, grade, opinion, say(reason) if reason else "")


def _boxes(number: int, given: Mapping[str, str]) -> tuple[str, str, str]:
    return tuple(given.get(f"{name}-{number}", "").strip() for name in ("on", "grade", "opinion"))  # type: ignore[return-value]


def _read(
    members: list[training.Member], kind: AssessmentKind, given: Mapping[str, str]
) -> tuple[dict[int, Entry], dict[int, Violation]]:
    """Who has something in the row, and what is wrong with it. The date above stands for an empty one."""
    entries: dict[int, Entry] = {}
    wrong: dict[int, Violation] = {}
    for member in members:
        on, grade, opinion = _boxes(member.id, given)
        opinion = opinion.replace("\r\n", "\n")
        if not (grade or opinion or (on and kind is AssessmentKind.YEARLY)):
            continue
        if kind is AssessmentKind.COMPLETION and (on, grade, opinion) == _known(member):
            continue
        on = on or given.get("on", "").strip()
        if not grade or grade not in set(Grade):
            wrong[member.id] = Violation("assessment.no_grade", "grade")
        elif not on:
            wrong[member.id] = Violation("assessment.no_date", "on")
        else:
            try:
                entries[member.id] = Entry(kind, dt.date.fromisoformat(on), Grade(grade), opinion)
            except ValueError:
                params = {"label": "考核日期", "value": on[:40]}
                wrong[member.id] = Violation("record.not_date", "on", params)
    return entries, wrong


def _known(member: training.Member) -> tuple[str, str, str]:
    return str(member.on or ""), member.grade, member.opinion
