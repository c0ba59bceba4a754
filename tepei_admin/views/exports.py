"""导出: the templates, what was handed out last, and every download of a table (POST, always on record)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Blueprint, Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tepei_admin.choices import Encoding
from tepei_admin.errors import RuleViolation
from tepei_admin.exchange import design, export
from tepei_admin.messages import say_all
from tepei_admin.models import ExportRecord, ExportTemplate, Track
from tepei_admin.permissions import P
from tepei_admin.services import exports, scope
from tepei_admin.views import year
from tepei_admin.views.resource import words
from tepei_admin.views.rights import actor, needs

if TYPE_CHECKING:
    from tepei_admin.views.resource.state import State
    from tepei_admin.views.resource.view import ResourceView

pages = Blueprint("exports", __name__)
LAST = 20


@pages.get("/exports/")
@needs(P.EXPORT)
def index() -> ResponseReturnValue:
    """What can be handed out, in which form, and what was."""
    programme = year.current()
    tracks = Track.select(Track.code, Track.label).where(Track.programme == (programme and programme.id))
    return render_template(
        "exports/index.html",
        templates=_templates(programme),
        tracks=list(tracks.order_by(Track.position, Track.id).tuples()),
        encodings=Encoding.choices(),
        may_reveal=actor().may(P.REVEAL),
        may_design=actor().may(P.SETUP),
        records=[described(row) for row in exports.visible(actor()).order_by(-ExportRecord.id).limit(LAST)],
    )


def _templates(programme: year.Year | None) -> list[dict[str, Any]]:
    """Every template, with the newest file of it that was sent in the programme in hand."""
    rows = list(ExportTemplate.select().order_by(ExportTemplate.id))
    sent = exports.last_sent(actor(), [row.id for row in rows], programme.id) if programme else {}
    return [
        {
            "id": row.id, "name": row.name, "note": row.note,
            "headers": "、".join([*(["序号"] if row.numbered else []), *(column[0] for column in row.columns)]),
            "edited": bool(row.shipped) and not design.as_shipped(row),
            "sent": described(sent[row.id]) if row.id in sent else None,
        }
        for row in rows
    ]  # fmt: skip


def described(row: ExportRecord) -> dict[str, Any]:
    """A record as pages show it."""
    return {
        "id": row.id, "file": row.file_name, "title": row.template, "rows": row.row_count, "masked": row.masked,
        "at": words.moment(row.at), "by": row.by.name or row.by.username, "sent_on": words.partial_day(row.sent_on),
        "sent_to": row.sent_to,
    }  # fmt: skip


@pages.post("/exports/<int(max=2147483647):number>")
@needs(P.EXPORT)
def download(number: int) -> ResponseReturnValue:
    """A template as a file; what is refused is told on the page it came from."""
    template, programme = scope.get(actor(), ExportTemplate, number), year.current()
    try:
        found = export.stream(
            actor(),
            template.name,
            programme.id if programme else 0,
            track=request.form.get("track") or None,
            fmt=request.form.get("format") or None,
            encoding=request.form.get("encoding") or None,
            masked=masked(),
        )
    except RuleViolation as refusal:
        flash(say_all(refusal), "bad")
        return redirect("/exports/", 303)
    return attachment(found)


def send_list(view: ResourceView, state: State, fmt: str) -> Response:
    """A list as it stands: its columns, filter and order, all its pages."""
    shown = list(state.columns) or [column.name for column in view.listed]
    if not state.columns:
        shown += [name for name in view.beneath.values() if name not in shown]
    programme = year.current()
    return attachment(
        export.list_stream(
            actor(),
            view.model,
            view.listing(state).query(()),
            shown,
            asked={"query": state.query()},
            fmt=fmt,
            encoding=request.form.get("encoding", "utf-8-sig"),
            masked=masked(),
            programme=programme.id if programme and view.panel.year else None,
        )
    )


def masked() -> bool:
    """Whole ID and account numbers go out only where the form says so, and the right is there."""
    return request.form.get("masked", "1") != "0"


def attachment(found: export.Download) -> Response:
    """A download under its Chinese name, with a plain one beside it for old browsers (RFC 6266)."""
    ending = found.file_name.rpartition(".")[2]
    response = Response(found.chunks, content_type=found.content_type)
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"export.{ending}\"; filename*=UTF-8''{quote(found.file_name, safe='')}"
    )
    return response
