"""档案材料: a person's checklist with files, the missing list, the ZIP for the personnel archive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tepei_admin.choices import DocumentKind, Status
from tepei_admin.errors import Mendable, Refusal, RuleViolation, Violation
from tepei_admin.exchange import papers
from tepei_admin.exchange.export import Download
from tepei_admin.messages import say, say_all
from tepei_admin.models import Document, Trainee
from tepei_admin.permissions import P
from tepei_admin.rules.documents import ENDED
from tepei_admin.schema import Record
from tepei_admin.services import clock, documents, person, scope
from tepei_admin.services.attachments import ENDINGS, LIMIT_MB
from tepei_admin.services.documents import Upload
from tepei_admin.views import sent, year
from tepei_admin.views.exports import attachment
from tepei_admin.views.resource import ResourceView
from tepei_admin.views.resource.chips import colour
from tepei_admin.views.rights import actor, needs
from tepei_admin.views.sent import VERSION, carries
from tepei_admin.views.typed import problem

pages = Blueprint("document_pages", __name__)
PK = "<int(max=2147483647):pk>"
ACCEPT = ",".join(ending for endings in ENDINGS.values() for ending in endings)
ASKED = ("kind", "received_on", "copies", "note", "file")


class DocumentView(ResourceView):
    counted = "件"
    list_template = "documents/list.html"
    details_template = "documents/details.html"

    def details(self, row: Record, revealed: Mapping[str, str]) -> dict[str, Any]:
        return {
            **super().details(row, revealed),
            "title": f"{row.trainee.name} · {DocumentKind.label_of(row.kind)}",
            "may_work": actor().may(P.WORK),
            "may_fetch": actor().may(P.REVEAL),
        }


@pages.get("/documents/missing")
@needs(P.READ)
def missing() -> ResponseReturnValue:
    """Who lacks which papers; of those in training, what should be there from the start."""
    programme = year.current()
    found = documents.missing(actor(), programme.id) if programme else {}
    wanted = request.args.get("kind", "")
    label = DocumentKind.label_of(wanted) if wanted in set(DocumentKind) else ""
    kept = {
        number: labels
        for number, labels in found.items()
        if not label or any(item.startswith(label) for item in labels)
    }
    where = person.whereabouts(actor(), list(kept))
    order = sorted(kept, key=lambda number: (where[number].unit, where[number].name, number))
    return render_template(
        "documents/missing.html",
        people=[(number, where[number], kept[number]) for number in order],
        chips={status.value: colour(Status, status.value) or "plain" for status in Status},
        words=Status.label_of,
        kinds=[(kind.value, kind.label) for kind in documents.rules.REQUIRED],
        wanted=wanted,
        all=len(found),
        may_work=actor().may(P.WORK),
    )


# --- One person's


@pages.get(f"/trainees/{PK}/documents")
@needs(P.READ)
def checklist(pk: int) -> ResponseReturnValue:
    return _page(scope.get(actor(), Trainee, pk))


@pages.post(f"/trainees/{PK}/documents")
@needs(P.WORK)
def add(pk: int) -> ResponseReturnValue:
    """A paper, received or with its file; what is refused is told beside the field."""
    row = scope.get(actor(), Trainee, pk)
    try:
        documents.add(actor(), pk, kind=request.form.get("kind", ""), **_given(), upload=_upload())
    except Mendable as refusal:
        return _page(row, refusal), refusal.status
    flash("已登记", "ok")
    return redirect(f"/trainees/{pk}/documents", 303)


def _page(row: Trainee, refusal: Refusal | None = None) -> str:
    given = request.form if refusal else {}
    kind = given.get("kind") or request.args.get("kind", "")
    found = documents.checklist(row.id)
    return render_template(
        "documents/person.html",
        row=row,
        status=Status.label_of(row.status),
        chip=colour(Status, row.status) or "plain",
        papers=found,
        missing=[item.kind.label for item in found if not item.complete],
        files=sum(1 for item in found for one in item.rows if one.stored_as),
        may_archive=row.status in ENDED,
        **_form(given, refusal, kind),
    )


def _form(given: Mapping[str, str], refusal: Refusal | None, kind: str) -> dict[str, Any]:
    wrong = refusal.violations if refusal else ()
    return {
        "given": given,
        "kind": kind,
        "kinds": DocumentKind.choices(),
        "today": clock.today(),
        "wrong": {item.field: say(item) for item in wrong if item.field in ASKED},
        "top": [say(item) for item in wrong if item.field not in ASKED],
        "accept": ACCEPT,
        "limit": LIMIT_MB,
        "may_work": actor().may(P.WORK),
        "may_fetch": actor().may(P.REVEAL),
    }


def _given() -> dict[str, Any]:
    """The small fields; refused in words where a column could not hold them."""
    found: list[Violation] = []
    text, copies = request.form.get("received_on", "").strip(), request.form.get("copies", "1").strip()
    day = None
    try:
        day = dt.date.fromisoformat(text) if text else None
    except ValueError:
        found.append(Violation("record.not_date", "received_on", {"label": "收到日期", "value": text[:40]}))
    if day and day > clock.today():
        params = {"on": text, "today": clock.today().isoformat()}
        found.append(Violation("certificate.in_future", "received_on", params))
    number = int(copies) if copies.isascii() and copies.isdigit() and len(copies) < 4 else 0
    if wrong := problem("note", "说明", request.form.get("note", ""), documents.LONGEST_NOTE):
        found.append(wrong)
    if found:
        raise RuleViolation(found)
    return {"received_on": day, "copies": number, "note": request.form.get("note", "")}


def _upload() -> Upload | None:
    file = request.files.get("file")
    return Upload(file.filename, file.read()) if file and file.filename else None


@pages.route(f"/documents/{PK}/change", methods=("GET", "POST"))
@needs(P.WORK)
@carries(VERSION)
def change(pk: int) -> ResponseReturnValue:
    """Change a paper. A file that is refused leaves the old one where it is."""
    row = scope.get(actor(), Document, pk)
    if request.method == "GET":
        return _change(row)
    try:
        documents.edit(actor(), pk, sent.version(), **_given(), upload=_upload())
    except Mendable as refusal:
        return _change(row, refusal), refusal.status
    flash("已保存", "ok")
    return redirect(f"/trainees/{row.trainee_id}/documents", 303)


def _change(row: Document, refusal: Refusal | None = None) -> str:
    stored = {"received_on": row.received_on or "", "copies": row.copies, "note": row.note}
    given = request.form if refusal else stored
    version = (
        scope.get(actor(), Document, row.id).version if refusal and refusal.status == 409 else row.version
    )
    return render_template(
        "documents/change.html", row=row, version=version, label=DocumentKind.label_of(row.kind),
        **_form(given, refusal, row.kind),
    )  # fmt: skip


@pages.post(f"/documents/{PK}/remove")
@needs(P.WORK)
@carries(VERSION)
def remove(pk: int) -> ResponseReturnValue:
    row = scope.get(actor(), Document, pk)
    whose = row.trainee_id
    try:
        documents.remove(actor(), pk, sent.version())
        flash("已删除", "ok")
    except Mendable as refusal:
        flash(say_all(refusal), "bad")
    return redirect(f"/trainees/{whose}/documents", 303)


@pages.post(f"/documents/{PK}/file")
@needs(P.REVEAL)
def fetch(pk: int) -> ResponseReturnValue:
    """Always an attachment, never shown by the browser as a page of ours."""
    found = documents.fetch(actor(), pk)
    return attachment(Download(found.name, found.content_type, iter([found.data])))


@pages.post(f"/trainees/{PK}/documents.zip")
@needs(P.REVEAL)
def folder(pk: int) -> ResponseReturnValue:
    return attachment(papers.folder(actor(), pk))
