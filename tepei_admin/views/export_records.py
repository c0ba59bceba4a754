"""导出记录: a file that went out, its kept copy, when and to whom it was sent, and what has changed since."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tepei_admin.errors import Mendable, RuleViolation
from tepei_admin.exchange import differences, export
from tepei_admin.messages import say, say_all
from tepei_admin.models import ExportRecord
from tepei_admin.permissions import P
from tepei_admin.services import clock, exports, vault
from tepei_admin.views import chosen
from tepei_admin.views.exports import attachment, described, masked
from tepei_admin.views.rights import actor, needs
from tepei_admin.views.sent import VERSION, carries, version

pages = Blueprint("export_record_pages", __name__)
PK = "/exports/records/<int(max=2147483647):number>"
MOST = 200
"""Changed rows on a page; the file has all of them."""


@pages.get(PK)
@needs(P.EXPORT)
def show(number: int) -> ResponseReturnValue:
    return _page(exports.get(actor(), number), {})


def _page(row: ExportRecord, given: Any, refusal: Mendable | None = None) -> str:
    wrong = {item.field or "": say(item) for item in refusal.violations} if refusal else {}
    return render_template(
        "exports/record.html",
        record=described(row),
        row=row,
        asked=chosen.lines(row),
        wrong=wrong,
        may_open=exports.may_open(actor(), row),
        may_send=actor().may(P.WORK),
        on=given.get("sent_on", row.sent_on or clock.today()),
        to=given.get("sent_to", row.sent_to or _usual(row)),
        **_changes(row),
    )


def _usual(row: ExportRecord) -> str:
    """To whom the last file of this template went."""
    if row.source_id is None:
        return ""
    query = exports.visible(actor()).where(ExportRecord.source == row.source_id, ExportRecord.sent_to != "")
    last = query.order_by(-ExportRecord.sent_on, -ExportRecord.id).first()
    return last.sent_to if last else ""


def _changes(row: ExportRecord) -> dict[str, Any]:
    """What has changed since; or why nobody can say."""
    if not row.rows_as:
        return {"found": None, "refused": ""}
    try:
        found = differences.since(actor(), row)
        asked: Any = row.filter
        return {
            "found": found,
            "refused": "",
            "most": MOST,
            "refiltered": row.source.filter != asked["filter"],
        }
    except RuleViolation as refusal:
        return {"found": None, "refused": say_all(refusal)}


@pages.post(f"{PK}/copy")
@needs(P.EXPORT)
def copy(number: int) -> ResponseReturnValue:
    """The very bytes that went out."""
    row = exports.get(actor(), number)
    pieces = vault.pieces(exports.open_copy(actor(), number))
    return attachment(
        export.Download(row.file_name, export.CONTENT_TYPES.get(row.format, "text/csv"), pieces)
    )


@pages.post(f"{PK}/sent")
@needs(P.WORK)
@carries(VERSION)
def sent(number: int) -> ResponseReturnValue:
    try:
        exports.mark_sent(
            actor(), number,
            on=_day(request.form.get("sent_on", "")), to=request.form.get("sent_to", ""),
            version=version(),
        )  # fmt: skip
    except Mendable as refusal:
        return _page(exports.get(actor(), number), request.form, refusal), refusal.status
    flash("已登记", "ok")
    return redirect(f"/exports/records/{number}", 303)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        return None


@pages.post(f"{PK}/changes")
@needs(P.EXPORT)
def changes(number: int) -> ResponseReturnValue:
    """What has changed since, a line a cell, as a workbook."""
    try:
        return attachment(export.changes(actor(), exports.get(actor(), number), masked=masked()))
    except RuleViolation as refusal:
        flash(say_all(refusal), "bad")
        return redirect(f"/exports/records/{number}", 303)
