"""往年学员: the list, and a file of them: look first, then store as one batch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tepei_admin.errors import Mendable, Refusal, RuleViolation, Violation, ensure
from tepei_admin.exchange import masking, past_intake, past_list
from tepei_admin.messages import say, say_all, word
from tepei_admin.models import Upload, UploadRow
from tepei_admin.permissions import P
from tepei_admin.views import intake, mending, preview, sent
from tepei_admin.views.resource import ResourceView, words
from tepei_admin.views.rights import actor, needs
from tepei_admin.views.sent import VERSION, carries

pages = Blueprint("past_pages", __name__)
PK = "<int(max=2147483647):number>"
LONGEST_NAME = 200
FIRST = {"name": "姓名", "id_number": "身份证号", "year": "年度", "outcome": "培养结果", "note": "说明"}
"""The columns of the look, which has a 结果 of its own."""


class PastView(ResourceView):
    list_template = "past/list.html"
    counted = "条"


@pages.route("/past-trainees/load", methods=("GET", "POST"))
@needs(P.WORK)
def form() -> ResponseReturnValue:
    if request.method == "GET":
        return _form({})
    try:
        number = _receive(request.form)
    except Mendable as refusal:
        return _form(request.form, refusal), refusal.status
    return redirect(f"/past-trainees/load/{number}", 303)


def _form(given: Mapping[str, str], refusal: Refusal | None = None) -> str:
    violations = refusal.violations if refusal else ()
    return render_template(
        "past/form.html",
        given=given,
        known=past_list.known_outcomes(),
        wrong={item.field: say(item) for item in violations if item.field in ("file", "year")},
        top=[say(item) for item in violations if item.field not in ("file", "year")],
        recent=intake.recent(Upload.track.is_null()),
        days=current_app.config["TEPEI"].upload_days,
    )


def _receive(given: Mapping[str, str]) -> int:
    """Check the file and keep it; the number of what is to be looked at."""
    sent = request.files.get("file")
    name = re.split(r"[\\/]", sent.filename or "")[-1].replace("\0", "")[-LONGEST_NAME:] if sent else ""
    if not sent or not name:
        raise RuleViolation(Violation("record.required", "file", {"label": "文件"}))
    year, data = _year(given.get("year", "")), sent.read()
    intake.sweep()
    return past_intake.hand_in(actor(), data, past_intake.check(actor(), data, name, year=year))


def _year(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    ensure(
        text.isascii() and text.isdecimal() and len(text) == 4,
        "import.past.year_unclear",
        "year",
        value=text[:40],
    )
    return int(text)


@pages.get(f"/past-trainees/load/{PK}")
@needs(P.WORK)
def look(number: int) -> ResponseReturnValue:
    """What the list would do. Reads only: it was checked when it came in."""
    return _page(past_intake.upload_of(actor(), number))


def _page(upload: Upload, refused: str = "", typed: Mapping[str, str] | None = None) -> str:
    chosen = preview.Filter.asked(upload, request.args if typed is None else typed)
    seen = preview.shown(upload, chosen)
    headings = [(written, field) for _, written, _, _, field in upload.report["headings"]]
    return render_template(
        "past/look.html",
        **{**seen, "rows": [_row(row, upload, typed or {}) for row in seen["rows"]]},
        first=list(FIRST.items()),
        understood=[(written, past_list.BY_FIELD[field].header) for written, field in headings if field],
        ignored=[written for written, field in headings if not field],
        refused=refused,
    )


def _row(row: UploadRow, upload: Upload, typed: Mapping[str, str]) -> dict[str, Any]:
    values = past_list.shown(row.values)
    if number := values.get("id_number", ""):
        values["id_number"] = words.tail(number)
    return {
        **preview.said(row, upload, typed),
        "first": [values.get(name, "") for name in FIRST],
        "rest": [],
    }


@pages.post(f"/past-trainees/load/{PK}/cells")
@needs(P.WORK)
@carries(VERSION)
def cells(number: int) -> ResponseReturnValue:
    """Take what was typed, check again; back to where one was."""
    upload, given = past_intake.upload_of(actor(), number), request.form
    typed, choices = mending.typed_of(given), mending.choices_of(upload, given)
    version = sent.version()
    try:
        count = past_intake.mend(actor(), number, version, typed, choices)
    except Mendable as refusal:
        kept = past_intake.upload_of(actor(), number)
        return _page(kept, mending.refusal_of(kept, refusal, typed), given), refusal.status
    return mending.mended(count, len(choices), preview.address_of(upload))


@pages.post(f"/past-trainees/load/{PK}")
@needs(P.WORK)
@carries(VERSION)
def store(number: int) -> ResponseReturnValue:
    """One transaction, one batch; what was shown, or shown anew where the data have changed since."""
    upload, given = past_intake.upload_of(actor(), number), request.form
    if upload.batch_id is not None:
        flash(word("import.already_stored", batch=upload.batch_id), "wait")
        return redirect(f"/batches/{upload.batch_id}", 303)
    version = sent.version()
    try:
        stored = past_intake.confirm(actor(), number, version, accept_good=given.get("accept") == "good")
    except Mendable as refusal:
        upload = past_intake.upload_of(actor(), number)
        return _page(upload, masking.sentence(say_all(refusal), None)), refusal.status
    if stored.moved is not None:
        rows = "第 " + "、".join(map(str, stored.moved[:20])) + " 行"
        flash(word("import.changed_since_preview", rows=rows), "bad")
        return redirect(f"/past-trainees/load/{number}", 303)
    if stored.batch is None:
        return _page(past_intake.upload_of(actor(), number), word("import.nothing_to_store")), 422
    flash(f"已保存 {stored.done} 条", "ok")
    return redirect(f"/batches/{stored.batch}", 303)
