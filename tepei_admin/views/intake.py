"""汇总表导入: choose a file, see what it would do, row by row, then store it as one batch."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tepei_admin.errors import Mendable, Refusal, RuleViolation, Stale, Violation, ensure
from tepei_admin.exchange import jobs, long_work
from tepei_admin.exchange.columns import BESIDE, BY_FIELD
from tepei_admin.exchange.sources import SHORTEST_TAIL
from tepei_admin.messages import say, say_all, word
from tepei_admin.models import Track, Trainee, Unit, Upload
from tepei_admin.permissions import P
from tepei_admin.services import clock, scope
from tepei_admin.views import year
from tepei_admin.views.resource import words
from tepei_admin.views.rights import actor, needs

pages = Blueprint("intake", __name__)
PK = "<int(max=2147483647):number>"
PAGE = 100
RECENT = 8
LONGEST_NAME = 200
LARGE = 150_000
"""Bytes of a file that takes longer than a request should: about two thousand people."""
TABS = (
    ("", "全部"), ("new", "新增"), ("changed", "变更"), ("same", "无变化"), ("error", "错误"), ("skipped", "跳过"),
    ("hidden", "隐藏"),
)  # fmt: skip
OUTCOMES = {
    "new": ("新增", "ok"), "changed": ("变更", "done"), "same": ("无变化", "plain"), "error": ("错误", "bad"),
    "skipped": ("跳过", "plain"), "hidden": ("隐藏", "wait"),
}  # fmt: skip
FIRST = ("name", "ethnicity", "birth_date", "id_number", "education", "title", "employer")
"""The values that have a column of their own; the others stand in a list below the row."""

_NUMBERS = re.compile(r"[0-9０-９](?:[\s·.,，\-－—_]*[0-9０-９xXｘＸ]){13,}")
_QUOTED = re.compile(r"“([^”]*)”")


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
        wrong={item.field: _masked(say(item), item.field) for item in violations if item.field in fields},
        top=[_masked(say(item), None) for item in violations if item.field not in fields],
        past=programme is not None
        and programme != year.years()[0]
        and word("import.past_year", year=programme.year),
        recent=_recent(),
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
    query = scope.visible(actor(), Upload).where(Upload.programme == (programme and programme.id))
    names = (Upload.id, Upload.file_name, Upload.at, Upload.batch, Track.label)
    return list(query.select(*names).join(Track).order_by(Upload.id.desc()).limit(RECENT).namedtuples())


def _receive(given: Mapping[str, str]) -> str:
    """Check the file and keep it with its report, a large one in a job; where to look. Nobody is stored yet."""
    sent = request.files.get("file")
    name = re.split(r"[\\/]", sent.filename or "")[-1].replace("\0", "")[-LONGEST_NAME:] if sent else ""
    if not sent or not name:
        raise RuleViolation(Violation("record.required", "file", {"label": "文件"}))
    track = next((item for item in _tracks() if str(item.id) == given.get("track")), None)
    if track is None:
        raise RuleViolation(Violation("record.required", "track", {"label": "培养类别"}))
    unit = _unit(given.get("unit", ""))
    order = {
        "name": name, "track": track.id, "unit": unit.id if unit else None,
        "received": _received(given.get("received", "")).isoformat(), "sealed": given.get("sealed") == "1",
    }  # fmt: skip
    data = sent.read()
    if len(data) > LARGE:
        return f"/import/jobs/{jobs.start(current_app.config['TEPEI'], actor(), 'check', order, data)}"
    return f"/import/{long_work.check(actor(), order, data)['upload']}"


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


# --- The preview


@pages.get(f"/import/{PK}")
@needs(P.ENTER)
def preview(number: int) -> ResponseReturnValue:
    """What the file would do. Reads only: the report was made when it came in."""
    return _preview(scope.get(actor(), Upload, number))


def _preview(upload: Upload, refused: str = "") -> str:
    report, show = upload.report, request.args.get("show", "")
    counts = {"": len(report["rows"]), **report["counts"]}
    chosen = [row for row in report["rows"] if show not in OUTCOMES or row["outcome"] == show]
    pages_of = max(1, -(-len(chosen) // PAGE))
    page = min(scope.number_of(request.args.get("page", "")) or 0, pages_of - 1)
    return render_template(
        "intake/preview.html",
        upload=upload,
        report=report,
        columns=[
            (header, BY_FIELD[name].header) for header, name in report["columns"].items() if name in BY_FIELD
        ],
        counts=counts,
        tabs=TABS,
        show=show if show in OUTCOMES else "",
        first=[(name, BY_FIELD[name].header) for name in FIRST],
        rows=[_row(row) for row in chosen[page * PAGE : (page + 1) * PAGE]],
        page=page,
        pages=pages_of,
        refused=refused,
        storable=counts["new"] + counts["changed"],
        missing=upload.stored_as == "",
    )


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    values = row["values"]
    label, chip = OUTCOMES[row["outcome"]]
    return {
        "number": row["row"],
        "blank": not values,
        "label": label,
        "chip": chip,
        "first": [_value(name, values) for name in FIRST],
        "rest": [(_header(name), _value(name, values)) for name in values if name not in FIRST],
        "messages": [
            (item["level"], _masked(item["text"], item["field"]))
            for item in sorted(
                row["messages"], key=lambda item: ("error", "warning", "notice").index(item["level"])
            )
        ],
        "wrong": {item["field"] for item in row["messages"] if item["level"] == "error"},
    }


def _header(name: str) -> str:
    if name in BY_FIELD:
        return BY_FIELD[name].header
    return Trainee._meta.fields[name].verbose_name if name in (*BESIDE,) else name


def _value(name: str, values: Mapping[str, Any]) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if name in Trainee.panel.sensitive:
        return words.tail(value)
    if name.endswith(("_date", "_start", "_date_written")):
        return words.partial_day(value) if "-" in str(value) else str(value)
    choices = dict(Trainee._meta.fields[name].choices or ()) if name in BESIDE else {}
    return str(choices.get(value, value))


def _masked(text: str, name: str | None) -> str:
    """A sentence about a cell, without whole ID and account numbers however they were written."""
    if name in Trainee.panel.sensitive:
        text = _QUOTED.sub(lambda found: f"“{_tail(found[1])}”", text)
    return _NUMBERS.sub(lambda found: _tail(found[0]), text)


def _tail(text: str) -> str:
    plain = "".join(char for char in text if char.isalnum())
    return f"尾号 {plain[-4:]}" if len(plain) >= SHORTEST_TAIL and plain[:8].isdigit() else text


# --- Storing


@pages.post(f"/import/{PK}")
@needs(P.ENTER)
def store(number: int) -> ResponseReturnValue:
    """One transaction, one batch; what was shown, or shown anew where the data have changed since."""
    kept = scope.get(actor(), Upload, number)
    if kept.batch_id is not None:
        flash(word("import.already_stored", batch=kept.batch_id), "wait")
        return redirect(f"/batches/{kept.batch_id}", 303)
    order = {"name": kept.file_name, "upload": number, "accept_good": request.form.get("accept") == "good"}
    if kept.size > LARGE:
        return redirect(
            f"/import/jobs/{jobs.start(current_app.config['TEPEI'], actor(), 'store', order)}", 303
        )
    try:
        return _told(number, long_work.store(actor(), order, b""))
    except (RuleViolation, Stale) as refusal:
        return _preview(kept, _masked(say_all(refusal), None)), refusal.status


def _told(number: int, result: Mapping[str, Any]) -> ResponseReturnValue:
    """Where storing led to: the batch, the preview anew, or the preview with the reason."""
    if result["upload"]:
        rows = "第 " + "、".join(map(str, result["moved"][:20])) + " 行"
        flash(word("import.changed_since_preview", rows=rows), "bad")
        return redirect(f"/import/{result['upload']}", 303)
    if result["batch"] is None:
        kept = scope.get(actor(), Upload, number)
        return _preview(kept, word("import.nothing_to_store")), 422
    flash(f"已保存 {result['done']} 人", "ok")
    return redirect(f"/batches/{result['batch']}", 303)


def stored(job: jobs.Job) -> ResponseReturnValue:
    """A file that was stored in a job. One that was killed has stored everybody or nobody."""
    number = job.order["upload"]
    if job.result:
        return _told(number, job.result)
    kept = scope.get(actor(), Upload, number)
    if kept.batch_id is not None:
        return redirect(f"/batches/{kept.batch_id}", 303)
    refusal = job.refusal() or RuleViolation(Violation("import.job.store_lost"))
    return _preview(kept, _masked(say_all(refusal), None)), refusal.status
