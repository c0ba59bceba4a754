"""导出模板: edited on screen, with a look at the first rows as they would be; copied, restored, taken away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tepei_admin.choices import Encoding, FileFormat
from tepei_admin.errors import Mendable, Refusal, Stale
from tepei_admin.exchange import catalogue, design
from tepei_admin.exchange.design import Draft
from tepei_admin.exchange.sources import FORMS
from tepei_admin.exchange.totals import GROUP, SUM
from tepei_admin.messages import say, say_all
from tepei_admin.models import ExportTemplate, Track
from tepei_admin.permissions import P
from tepei_admin.schema import all_models
from tepei_admin.services import exports, scope
from tepei_admin.views import chosen, year
from tepei_admin.views.resource import related
from tepei_admin.views.rights import actor, needs
from tepei_admin.views.sent import VERSION, carries, version

pages = Blueprint("export_template_pages", __name__)
PK = "/exports/templates/<int(max=2147483647):number>"
BLANK, KEYS = 3, 4
"""Empty lines for more columns; boxes for the order."""
MARKS = (("", "—"), (SUM, "合计"), (GROUP, "分组小计"))


@pages.route("/exports/templates/new", methods=("GET", "POST"))
@needs(P.SETUP)
def new() -> ResponseReturnValue:
    return _page(None)


@pages.route(PK, methods=("GET", "POST"))
@needs(P.SETUP)
@carries(VERSION)
def edit(number: int) -> ResponseReturnValue:
    """The form; `act` says what was pressed: save, look, or a column up or down."""
    return _page(scope.get(actor(), ExportTemplate, number))


def _page(row: ExportTemplate | None) -> ResponseReturnValue:
    if request.method == "GET":
        return _form(row, Draft.of(row) if row else Draft(), row.version if row else None)
    act, version = request.form.get("act", "save"), scope.number_of(request.form.get("version"))
    draft = _moved(_posted(), act)
    if act != "save":
        return _form(row, draft, version)
    try:
        number = design.save(actor(), draft, number=row.id if row else None, version=version)
    except Mendable as refusal:
        stale = isinstance(refusal, Stale) and row is not None
        now = scope.get(actor(), ExportTemplate, row.id).version if stale else version
        return _form(row, draft, now, refusal), refusal.status
    flash("已保存", "ok")
    return redirect(f"/exports/templates/{number}", 303)


def _posted() -> Draft:
    """What the form says. Lines without header and column are none."""
    form = request.form
    resource = form.get("resource", "")
    lines = zip(*(form.getlist(name) for name in ("header", "path", "form", "mark")), strict=False)
    keys = zip(form.getlist("key"), form.getlist("way"), strict=False)
    return Draft(
        name=form.get("name", "").strip(),
        note=form.get("note", "").strip(),
        resource=resource,
        track_code=form.get("track_code", ""),
        columns=[
            [header.strip() or text.strip().rpartition(catalogue.BETWEEN)[2],
             catalogue.with_form(catalogue.path_of(resource, text), form), mark]
            for header, text, form, mark in lines if header.strip() or text.strip()
        ],
        filter=form.get("filter", "").strip(),
        order=",".join(way + catalogue.path_of(resource, key) for key, way in keys if key.strip()),
        numbered=bool(form.get("numbered")),
        format=form.get("format", ""),
        encoding=form.get("encoding", ""),
    )  # fmt: skip


def _moved(draft: Draft, act: str) -> Draft:
    """A column one place up or down, where that was pressed."""
    step, _, text = act.partition("-")
    place, columns = scope.number_of(text) or 0, list(draft.columns)
    other = place - 1 if step == "up" else place + 1
    if step in ("up", "down") and min(place, other) >= 1 and max(place, other) <= len(columns):
        columns[place - 1], columns[other - 1] = columns[other - 1], columns[place - 1]
    return replace(draft, columns=columns)


def _form(
    row: ExportTemplate | None, draft: Draft, version: int | None, refusal: Refusal | None = None
) -> str:
    wrong: dict[str, str] = {}
    violations = [*(refusal.violations if refusal else ()), *_wrong(row, draft)]
    for item in violations:
        wrong.setdefault(item.field or "", say(item))
    keys = [key for key in draft.order.split(",") if key]
    return render_template(
        "exports/template.html",
        row=row,
        draft=draft,
        version=version,
        stale=isinstance(refusal, Stale),
        refused=refusal is not None,
        wrong=wrong,
        look=None if wrong else _look(draft),
        lines=[_line(draft, column) for column in draft.columns] + [("", "", "", "")] * BLANK,
        keys=[(catalogue.label_of(draft.resource, key.lstrip("-")), key.startswith("-")) for key in keys]
        + [("", False)] * max(1, KEYS - len(keys)),
        resources=catalogue.resources(),
        entries=catalogue.entries(draft.resource),
        forms=FORMS,
        marks=MARKS,
        tracks=dict(Track.select(Track.code, Track.label).order_by(Track.programme, Track.position).tuples()),
        formats=FileFormat.choices(),
        encodings=Encoding.choices(),
        list_url=_list_url(draft),
        filter_words=""
        if "filter" in wrong
        else chosen.words(catalogue.model_of(draft.resource), draft.filter),
        changed=row is not None and bool(row.shipped) and not design.as_shipped(row),
    )


def _wrong(row: ExportTemplate | None, draft: Draft) -> list[Any]:
    """What is wrong with it as it stands; an empty new one is only beginning."""
    if request.method == "GET" and row is None:
        return []
    return design.problems(draft, number=row.id if row else None)


def _look(draft: Draft) -> design.Look | None:
    programme = year.current()
    if programme is None or not draft.columns:
        return None
    return design.look(actor(), draft, programme.id)


def _line(draft: Draft, column: list[str]) -> tuple[str, str, str, str]:
    """(header, column in words, form, mark)."""
    header, path, *mark = column
    plain, form = catalogue.split_form(path)
    return header, catalogue.label_of(draft.resource, plain), form, mark[0] if mark else ""


def _list_url(draft: Draft) -> str:
    """The list whose addresses the filter speaks like."""
    model = next((model for model in all_models() if model._meta.table_name == draft.resource), None)
    view = related.view_of(model) if model else None
    return f"{view.url}/" if view else "/trainees/"


@pages.post(f"{PK}/copy")
@needs(P.SETUP)
def copy(number: int) -> ResponseReturnValue:
    made = design.copy(actor(), number)
    flash("已复制，请改名", "ok")
    return redirect(f"/exports/templates/{made}", 303)


@pages.post(f"{PK}/restore")
@needs(P.SETUP)
@carries(VERSION)
def restore(number: int) -> ResponseReturnValue:
    """Columns, filter and order as they were shipped; refused where somebody has changed it since it was seen."""
    return _done(number, "已恢复出厂设置", f"/exports/templates/{number}", lambda: design.restore(
        actor(), number, version()))  # fmt: skip


@pages.post(f"{PK}/delete")
@needs(P.SETUP)
@carries(VERSION)
def delete(number: int) -> ResponseReturnValue:
    return _done(number, "已删除", "/exports/", lambda: exports.remove_template(actor(), number, version()))


def _done(number: int, said: str, where: str, action: Any) -> ResponseReturnValue:
    try:
        action()
    except Mendable as refusal:
        flash(say_all(refusal), "bad")
        return redirect(f"/exports/templates/{number}", 303)
    flash(said, "ok")
    return redirect(where, 303)
