"""Putting an upload right on the page: its cells, its rows, its columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tepei_admin.database import among
from tepei_admin.errors import Mendable, NotFound, Refusal, RuleViolation, Stale, Violation
from tepei_admin.exchange import jobs, long_work, masking, mending
from tepei_admin.exchange.cells import readable
from tepei_admin.exchange.columns import BY_FIELD
from tepei_admin.messages import say_all, word
from tepei_admin.models import Upload, UploadRow
from tepei_admin.permissions import P
from tepei_admin.services import scope, uploads
from tepei_admin.views import intake, preview, sent
from tepei_admin.views.paths import local
from tepei_admin.views.preview import OUTCOMES, PK
from tepei_admin.views.rights import actor, needs
from tepei_admin.views.sent import VERSION, carries

pages = Blueprint("mending", __name__)
SHOWN = 20
"""Cells that a refusal names at most."""
_CELL = re.compile(r"cell\.(\d{1,9})\.(\w+)", re.ASCII)
_COLUMN = re.compile(r"column\.(\d{1,4})", re.ASCII)


@pages.get(f"/import/{PK}/rows/<int(max=2147483647):row>")
@needs(P.ENTER)
def one(number: int, row: int) -> ResponseReturnValue:
    """All cells of a row, to be put right."""
    return _one(uploads.table_of(actor(), number), row)


def _one(upload: Upload, number: int, refused: str = "", typed: Mapping[str, str] | None = None) -> str:
    row = UploadRow.get_or_none(UploadRow.upload == upload.id, UploadRow.number == number)
    if row is None or not row.cells or upload.batch_id is not None:
        raise NotFound(Violation("access.not_found"))
    at = mending.columns_of(upload)
    said: dict[str, list[tuple[str, str]]] = {}
    for item in row.messages:
        text = masking.sentence(item["text"], item["field"])
        said.setdefault(item["field"] if item["field"] in BY_FIELD else "", []).append((item["level"], text))
    names = [name for name in BY_FIELD if name in at or name in said or name in row.corrections]
    label, chip = OUTCOMES[row.outcome]
    return render_template(
        "intake/row.html",
        upload=upload,
        row=row,
        label=label,
        chip=chip,
        boxes=[
            (name, preview.box(row, BY_FIELD[name], at, typed or {}), said.get(name, [])) for name in names
        ],
        wrong={item["field"] for item in row.messages if item["level"] == "error"},
        top=said.get("", []),
        tick="take" if row.hidden else "skip",
        ticked=f"tick.{row.number}" in typed if typed else bool(row.choice),
        back=local((typed or request.args).get("next") or f"/import/{upload.id}"),
        refused=refused,
    )


@pages.post(f"/import/{PK}/cells")
@needs(P.ENTER)
@carries(VERSION)
def cells(number: int) -> ResponseReturnValue:
    """Take what was typed, check again; back to where one was."""
    upload, given = uploads.table_of(actor(), number), request.form
    typed, choices = typed_of(given), choices_of(upload, given)
    version = sent.version()
    try:
        count = mending.mend(actor(), number, version, typed, choices)
    except Mendable as refusal:
        kept = uploads.table_of(actor(), number)
        row = scope.number_of(given.get("row", ""))
        told = refusal_of(kept, refusal, typed, boxed=bool(row))
        page = _one(kept, row, told, given) if row else preview.page(kept, told, given)
        return page, refusal.status
    return mended(count, len(choices), f"/import/{number}")


def refusal_of(
    upload: Upload, refusal: Refusal, typed: Mapping[tuple[int, str], str], *, boxed: bool = False
) -> str:
    """Why what was typed could not be taken; where somebody else was faster, what has become of it.

    It stays in its box, or where the other has put that cell right (it has no box then) it stands beside the other's.
    `boxed`: every cell has its box on that page.
    """
    told = masking.sentence(say_all(refusal), None)
    if not isinstance(refusal, Stale):
        return told
    kept, beside = False, []
    for row, name, mine, now in _differing(upload, typed):
        if boxed or any(item["level"] == "error" and item["field"] == name for item in row.messages):
            kept = True
            continue
        shown = {"now": masking.value(now, name), "mine": masking.value(mine, name)}
        header = preview.fields_of(upload)[name].header
        beside.append(word("import.typed.beside", row=row.number, column=header, **shown))
    return "；".join([told, *beside[:SHOWN], *([word("import.typed.kept")] if kept else [])])


def _differing(
    upload: Upload, typed: Mapping[tuple[int, str], str]
) -> Iterator[tuple[UploadRow, str, str, str]]:
    """(row, field, what was typed, what stands there now) where somebody typed what is neither there nor in the file."""
    at, known = mending.columns_of(upload), preview.fields_of(upload)
    numbers = sorted({number for number, _ in typed})
    query = UploadRow.select().where(UploadRow.upload == upload.id, among(UploadRow.number, numbers))
    rows = {row.number: row for row in query}
    for (number, name), mine in typed.items():
        row = rows.get(number)
        if row is None or not row.cells or name not in known:
            continue
        was = mending.as_sent(row, at, name)
        now = row.corrections[name]["text"] if name in row.corrections else was
        if mine not in (was, now):
            yield row, name, mine, now


def mended(count: int, ticks: int, page: str) -> ResponseReturnValue:
    """Back to where one was, with how many cells were put right, and how many rows were taken or left out by a tick."""
    cells = count - ticks if count else 0
    told = [f"已改正 {cells} 处"] if cells else []
    told += [f"已改 {ticks} 行的勾选"] if count and ticks else []
    flash("，".join([*told, "并重新核对"]) if told else "没有改动", "ok" if told else "wait")
    return redirect(local(request.form.get("next") or page), 303)


def typed_of(given: Mapping[str, str]) -> dict[tuple[int, str], str]:
    """(row, field) -> text. An empty box of a masked cell says nothing."""
    found: dict[tuple[int, str], str] = {}
    for key, value in given.items():
        if parts := _CELL.fullmatch(key):
            text = readable(value.replace("\r\n", "\n").replace("\r", "\n")).strip()
            if text or parts[2] not in preview.Trainee.panel.sensitive:
                found[int(parts[1]), parts[2]] = text
    return found


def choices_of(upload: Upload, given: Mapping[str, str]) -> dict[int, str]:
    """What a tick changes in the rows that had one; one that had none is left alone."""
    shown = [number for text in request.form.getlist("ticks") if (number := scope.number_of(text))]
    query = UploadRow.select(UploadRow.number, UploadRow.hidden, UploadRow.choice).where(
        UploadRow.upload == upload.id, UploadRow.number.in_(shown[:1000])
    )
    found = {
        number: (("take" if hidden else "skip") if f"tick.{number}" in given else "", was)
        for number, hidden, was in query.tuples()
    }
    return {number: choice for number, (choice, was) in found.items() if choice != was}


@pages.post(f"/import/{PK}/columns")
@needs(P.ENTER)
@carries(VERSION)
def columns(number: int) -> ResponseReturnValue:
    """Say what the columns are, or take back what was said; the file is read anew, a large one in a job."""
    given = request.form
    upload = uploads.table_of(actor(), number)
    order = {
        "name": upload.file_name, "upload": number, "version": sent.version(),
        "forget": "forget" in given, "remember": given.get("remember") == "1",
        "fields": {key: value for key, value in given.items() if _COLUMN.fullmatch(key)},
    }  # fmt: skip
    if upload.size > intake.LARGE:
        job = jobs.start(current_app.config["TEPEI"], actor(), "columns", order)
        return redirect(f"/import/jobs/{job}", 303)
    try:
        long_work.columns(actor(), order, b"")
    except Mendable as refusal:
        return _unnamed(order, refusal)
    return _named(order)


def named(job: jobs.Job) -> ResponseReturnValue:
    """A file whose columns were named in a job. One that was killed has done all of it or nothing."""
    upload = scope.get(actor(), Upload, job.order["upload"])
    if job.result or (job.lost and upload.version != job.order["version"]):
        return _named(job.order)
    return _unnamed(job.order, job.refusal() or RuleViolation(Violation("import.job.columns_lost")))


def _named(order: Mapping[str, Any]) -> ResponseReturnValue:
    flash("列的对应已恢复为自动识别" if order["forget"] else "已按新的列重新核对", "ok")
    return redirect(f"/import/{order['upload']}", 303)


def _unnamed(order: Mapping[str, Any], refusal: Refusal) -> ResponseReturnValue:
    """The columns as somebody has named them, with the reason why that could not be taken."""
    upload = scope.get(actor(), Upload, order["upload"])
    told = masking.sentence(say_all(refusal), None)
    return preview.columns_page(upload, told, order["fields"]), refusal.status
