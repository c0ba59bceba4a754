"""Putting an upload right on the page: its cells, its rows, its columns."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tepei_admin.errors import Mendable, NotFound, Violation
from tepei_admin.exchange import masking, mending
from tepei_admin.exchange.columns import BY_FIELD
from tepei_admin.messages import say_all
from tepei_admin.models import Upload, UploadRow
from tepei_admin.permissions import P
from tepei_admin.services import scope
from tepei_admin.views import preview
from tepei_admin.views.paths import local
from tepei_admin.views.preview import OUTCOMES, PK
from tepei_admin.views.rights import actor, needs

pages = Blueprint("mending", __name__)
_CELL = re.compile(r"cell\.(\d{1,9})\.(\w+)", re.ASCII)
_COLUMN = re.compile(r"column\.(\d{1,4})", re.ASCII)


@pages.get(f"/import/{PK}/rows/<int(max=2147483647):row>")
@needs(P.ENTER)
def one(number: int, row: int) -> ResponseReturnValue:
    """All cells of a row, to be put right."""
    return _one(scope.get(actor(), Upload, number), row)


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
        boxes=[(name, preview.box(row, name, at, typed or {}), said.get(name, [])) for name in names],
        wrong={item["field"] for item in row.messages if item["level"] == "error"},
        top=said.get("", []),
        tick="take" if row.hidden else "skip",
        ticked=f"tick.{row.number}" in typed if typed else bool(row.choice),
        back=local((typed or request.args).get("next") or f"/import/{upload.id}"),
        refused=refused,
    )


@pages.post(f"/import/{PK}/cells")
@needs(P.ENTER)
def cells(number: int) -> ResponseReturnValue:
    """Take what was typed, check again; back to where one was."""
    upload, given = scope.get(actor(), Upload, number), request.form
    typed, choices = _typed(given), _choices(upload, given)
    version = scope.number_of(given.get("version", "")) or 0
    try:
        count = mending.mend(actor(), number, version, typed, choices)
    except Mendable as refusal:
        kept = scope.get(actor(), Upload, number)
        told = masking.sentence(say_all(refusal), None)
        row = scope.number_of(given.get("row", ""))
        page = _one(kept, row, told, given) if row else preview.page(kept, told, given)
        return page, refusal.status
    flash(f"已改正 {count} 处，并重新核对" if count else "没有改动", "ok" if count else "wait")
    return redirect(local(given.get("next") or f"/import/{number}"), 303)


def _typed(given: Mapping[str, str]) -> dict[tuple[int, str], str]:
    """(row, field) -> text. An empty box of a masked cell says nothing."""
    found: dict[tuple[int, str], str] = {}
    for key, value in given.items():
        if parts := _CELL.fullmatch(key):
            text = "\n".join(value.replace("\0", "").splitlines()).strip()
            if text or parts[2] not in preview.Trainee.panel.sensitive:
                found[int(parts[1]), parts[2]] = text
    return found


def _choices(upload: Upload, given: Mapping[str, str]) -> dict[int, str]:
    """What was ticked of the rows that had a tick; one that had none is left alone."""
    shown = [number for text in request.form.getlist("ticks") if (number := scope.number_of(text))]
    query = UploadRow.select(UploadRow.number, UploadRow.hidden).where(
        UploadRow.upload == upload.id, UploadRow.number.in_(shown[:1000])
    )
    return {
        number: ("take" if hidden else "skip") if f"tick.{number}" in given else ""
        for number, hidden in query.tuples()
    }


@pages.post(f"/import/{PK}/columns")
@needs(P.ENTER)
def columns(number: int) -> ResponseReturnValue:
    """Say what the columns are; or take back what was said."""
    given = request.form
    version = scope.number_of(given.get("version", "")) or 0
    try:
        if "forget" in given:
            mending.forget_columns(actor(), number, version)
            flash("列的对应已恢复为自动识别", "ok")
        else:
            mending.set_columns(
                actor(), number, version, _fields(given), remembers=given.get("remember") == "1"
            )
            flash("已按新的列重新核对", "ok")
    except Mendable as refusal:
        kept = scope.get(actor(), Upload, number)
        return preview.columns_page(kept, masking.sentence(say_all(refusal), None), given), refusal.status
    return redirect(f"/import/{number}", 303)


def _fields(given: Mapping[str, str]) -> dict[int, str | None]:
    """index -> field; None: not imported, "": the serial number."""
    found: dict[int, str | None] = {}
    for key, value in given.items():
        if (parts := _COLUMN.fullmatch(key)) and (value in ("", "#") or value in BY_FIELD):
            found[int(parts[1])] = None if value == "" else "" if value == "#" else value
    return found
