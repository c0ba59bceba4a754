"""往年学员: the list, and a file of them: look first, then store as one batch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tepei_admin.errors import Mendable, Refusal, RuleViolation, Violation, ensure
from tepei_admin.exchange import masking, past_intake, past_list
from tepei_admin.messages import say, say_all
from tepei_admin.permissions import P
from tepei_admin.views.resource import ResourceView, words
from tepei_admin.views.rights import actor, needs

pages = Blueprint("past_pages", __name__)
PK = "<int(max=2147483647):number>"
OUTCOMES = {
    "new": ("新增", "ok"), "changed": ("变更", "done"), "same": ("无变化", "plain"), "error": ("错误", "bad"),
    "skipped": ("跳过", "plain"), "hidden": ("隐藏", "wait"),
}  # fmt: skip
LONGEST_NAME = 200
SHOWN = 1000
"""Rows that the page lists; the others are counted."""


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
    )


def _receive(given: Mapping[str, str]) -> int:
    """Check the file and keep it; the number of what is to be looked at."""
    sent = request.files.get("file")
    name = re.split(r"[\\/]", sent.filename or "")[-1].replace("\0", "")[-LONGEST_NAME:] if sent else ""
    if not sent or not name:
        raise RuleViolation(Violation("record.required", "file", {"label": "文件"}))
    year, data = _year(given.get("year", "")), sent.read()
    found = past_intake.check(actor(), data, name, year=year)
    return past_intake.hand_in(actor(), data, found, year)


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
    """What the list would do, as things are now. Reads only."""
    return _look(number)


def _look(number: int, refused: str = "", status: int = 200) -> ResponseReturnValue:
    made, batch = past_intake.resume(actor(), number)
    report = made.as_json()
    page = render_template(
        "past/look.html",
        number=number,
        file=made.file,
        batch=batch,
        counts=report["counts"],
        storable=made.storable,
        shown=past_intake.digest(made),
        rows=[_row(row) for row in report["rows"][:SHOWN]],
        hidden=max(0, len(report["rows"]) - SHOWN),
        refused=refused,
    )
    return page, status


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    values: Mapping[str, str] = row["values"]
    label, chip = OUTCOMES[row["outcome"]]
    number = values.get("id_number", "")
    return {
        "number": row["row"],
        "label": label,
        "chip": chip,
        "cells": [
            values.get("name", ""), words.tail(number) if number else "", values.get("year", ""),
            values.get("outcome", ""), values.get("note", ""),
        ],
        "messages": [(item["level"], masking.sentence(item["text"], item["field"])) for item in row["messages"]],
    }  # fmt: skip


@pages.post(f"/past-trainees/load/{PK}")
@needs(P.WORK)
def store(number: int) -> ResponseReturnValue:
    """One transaction, one batch; what was shown, or shown anew where things have changed since."""
    given = request.form
    try:
        outcome = past_intake.confirm(
            actor(), number, shown=given.get("shown", ""), accept_good=given.get("accept") == "good"
        )
    except Mendable as refusal:
        return _look(number, say_all(refusal), refusal.status)
    if outcome.batch is None:
        return _look(number, say(Violation("import.nothing_to_store")), 422)
    flash(f"已保存 {len(outcome.done)} 条", "ok")
    return redirect(f"/batches/{outcome.batch}", 303)
