"""汇总表导入: choose a file; it is checked and kept, and shown by `preview` before anybody is stored."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tepei_admin.errors import Mendable, Refusal, RuleViolation, Violation, ensure
from tepei_admin.exchange import jobs, long_work, masking
from tepei_admin.messages import say, word
from tepei_admin.models import Track, Unit, Upload, User
from tepei_admin.permissions import P
from tepei_admin.services import accounts, clock, scope, uploads
from tepei_admin.services.work import now
from tepei_admin.views import year
from tepei_admin.views.rights import actor, needs

pages = Blueprint("intake", __name__)
RECENT = 8
LONGEST_NAME = 200
LARGE = 150_000
"""Bytes of a file that takes longer than a request should: about two thousand people."""


# --- The form


@pages.route("/import/", methods=("GET", "POST"))
@needs(P.ENTER)
def form() -> ResponseReturnValue:
    given = request.form if request.method == "POST" else {}
    if request.method == "GET":
        return _form({"sealed": "1", **request.args.to_dict()})
    try:
        where = _receive(given)
    except Mendable as refusal:
        return _form(given, refusal), refusal.status
    return redirect(where, 303)


def _form(given: Mapping[str, str], refusal: Refusal | None = None) -> str:
    programme = year.current()
    fields = ("file", "track", "unit", "received")
    violations = refusal.violations if refusal else ()
    return render_template(
        "intake/form.html",
        tracks=_tracks(),
        units=_units(),
        own=Unit.get_by_id(actor().unit_id).name if actor().unit_id else "",
        given=given,
        received=given.get("received") or clock.today().isoformat(),
        wrong={
            item.field: masking.sentence(say(item), item.field) for item in violations if item.field in fields
        },
        top=[masking.sentence(say(item), None) for item in violations if item.field not in fields],
        past=programme is not None
        and programme != year.years()[0]
        and word("import.past_year", year=programme.year),
        recent=_recent(),
        days=current_app.config["TEPEI"].upload_days,
    )


def _tracks() -> list[Track]:
    programme = year.current()
    return list(
        Track.select()
        .where(Track.programme == (programme and programme.id))
        .order_by(Track.position, Track.id)
    )


def _units() -> list[tuple[int, str]]:
    if actor().unit_id is not None:
        return []
    query = Unit.select(Unit.id, Unit.name).where(Unit.sending == True, Unit.active == True)  # noqa: E712
    return list(query.order_by(Unit.code).tuples())


def _recent() -> list[Upload]:
    programme = year.current()
    return recent(Upload.programme == (programme and programme.id))


def recent(condition: Any) -> list[Upload]:
    """The newest files, with what became of them."""
    query = scope.visible(actor(), Upload).where(condition)
    names = (
        Upload.id,
        Upload.file_name,
        Upload.at,
        Upload.batch,
        Track.label,
        Unit.name.alias("unit"),
        User.name,
    )
    query = query.select(*names).left_outer_join(Track).switch(Upload).left_outer_join(Unit)
    query = query.switch(Upload).join(User)
    return list(query.order_by(Upload.id.desc()).limit(RECENT).namedtuples())


def _receive(given: Mapping[str, str]) -> str:
    """Check the file and keep it with what was found, a large one in a job; where to look. Nobody is stored yet."""
    sent = request.files.get("file")
    name = re.split(r"[\\/]", sent.filename or "")[-1].replace("\0", "")[-LONGEST_NAME:] if sent else ""
    if not sent or not name:
        raise RuleViolation(Violation("record.required", "file", {"label": "文件"}))
    track = next((item for item in _tracks() if str(item.id) == given.get("track")), None)
    if track is None:
        raise RuleViolation(Violation("record.required", "track", {"label": "培养类别"}))
    sweep()
    unit = _unit(given.get("unit", ""))
    order = {
        "name": name, "track": track.id, "unit": unit.id if unit else None,
        "received": _received(given.get("received", "")).isoformat(), "sealed": given.get("sealed") == "1",
    }  # fmt: skip
    data = sent.read()
    if len(data) > LARGE:
        return f"/import/jobs/{jobs.start(current_app.config['TEPEI'], actor(), 'check', order, data)}"
    return f"/import/{long_work.check(actor(), order, data)['upload']}"


def sweep() -> None:
    """Files that nobody stored for long go when the next one comes."""
    before = now() - dt.timedelta(days=current_app.config["TEPEI"].upload_days)
    if Upload.select(Upload.id).where(uploads.left_since(before)).exists():
        uploads.sweep(accounts.cli_actor(), before)


def checked(job: jobs.Job) -> ResponseReturnValue:
    """A file that was checked in a job: its preview, or the form with the reason."""
    if "upload" in job.result:
        return redirect(f"/import/{job.result['upload']}", 303)
    given = {
        name: str(value or "") for name, value in job.order.items() if name in ("track", "unit", "received")
    }
    given["sealed"] = "1" if job.order["sealed"] else ""
    refusal = job.refusal() or RuleViolation(Violation("import.job.check_lost"))
    return _form(given, refusal), refusal.status


def _unit(text: str) -> Unit | None:
    """The unit chosen; a clerk's own whatever was posted."""
    if actor().unit_id is not None:
        return Unit.get_by_id(actor().unit_id)
    if not text.strip():
        return None
    unit = Unit.get_or_none(Unit.id == (scope.number_of(text) or 0))
    ensure(unit is not None, "unit.unknown", "unit", unit=text)
    return unit


def _received(text: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(text.strip()) if text.strip() else clock.today()
    except ValueError:
        raise RuleViolation(
            Violation("record.not_date", "received", {"label": "收到日期", "value": text[:40]})
        ) from None
    return day
