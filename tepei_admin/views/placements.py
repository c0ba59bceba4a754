"""培养安排: the form of one placement (导师, 方案, 任务, 食宿), reached from the person's page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tepei_admin.choices import PlacementState
from tepei_admin.errors import Mendable, Violation
from tepei_admin.messages import say
from tepei_admin.models import Placement
from tepei_admin.permissions import P
from tepei_admin.services import placements, scope
from tepei_admin.views import sent
from tepei_admin.views.resource import ResourceView
from tepei_admin.views.rights import actor, needs
from tepei_admin.views.sent import VERSION, carries

pages = Blueprint("placement_pages", __name__)
PK = "<int(max=2147483647):pk>"
BLOCKS = ("plan", "tasks")


class PlacementView(ResourceView):
    groups = (
        ("安排", ("trainee", "host", "major", "supervisor", "supervisor_title", "arranged_by", "state")),
        ("日期", ("planned_start", "planned_end", "actual_start", "actual_end", "notified_on", "notice_received_on")),
        ("方案", ("plan", "tasks", "lodging")),
        ("落实和变更", ("approval_no", "approved_on", "replaces", "change_reason")),
    )  # fmt: skip
    beneath = {
        "host": "major",
        "supervisor": "supervisor_title",
        "planned_start": "planned_end",
        "actual_start": "actual_end",
    }


@pages.route(f"/placements/{PK}/plan", methods=("GET", "POST"))
@needs(P.WORK)
@carries(VERSION)
def plan(pk: int) -> ResponseReturnValue:
    """Supervisor, plan, tasks, lodging; before the report-in the planned start too."""
    row = scope.get(actor(), Placement, pk)
    if request.method == "GET":
        return _page(
            row, {name: getattr(row, name) or "" for name in (*placements.FORM, "planned_start")}, ()
        )
    given = {name: request.form.get(name, "") for name in (*placements.FORM, "planned_start")}
    values: dict[str, Any] = {name: given[name] for name in placements.FORM}
    try:
        values["planned_start"] = (
            dt.date.fromisoformat(given["planned_start"]) if given["planned_start"] else None
        )
    except ValueError:
        wrong = Violation(
            "record.not_date", "planned_start", {"label": "计划开始", "value": given["planned_start"][:40]}
        )
        return _page(row, given, (wrong,)), 422
    try:
        placements.edit(actor(), pk, sent.version(), values)
    except Mendable as refusal:
        return _page(scope.get(actor(), Placement, pk), given, refusal.violations), refusal.status
    flash("已保存", "ok")
    return redirect(f"/trainees/{row.trainee_id}#placement", 303)


def _page(row: Placement, given: dict[str, Any], wrong: tuple[Violation, ...]) -> str:
    fields = [
        (
            name,
            Placement._meta.fields[name],
            given[name],
            next((say(item) for item in wrong if item.field == name), ""),
            placements.LIMITS.get(name, 2000),
        )
        for name in placements.FORM
    ]
    return render_template(
        "training/plan.html",
        row=row,
        fields=fields,
        blocks=BLOCKS,
        start=str(given["planned_start"] or ""),
        start_wrong=next((say(item) for item in wrong if item.field == "planned_start"), ""),
        may_move=row.state in (PlacementState.PROPOSED, PlacementState.CONFIRMED),
        top=[say(item) for item in wrong if item.field not in (*placements.FORM, "planned_start")],
    )
