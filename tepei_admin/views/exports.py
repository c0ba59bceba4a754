"""导出: the templates, what was handed out last, and every download of a table (POST, always on record)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Blueprint, Response, flash, redirect, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from tepei_admin.errors import RuleViolation
from tepei_admin.exchange import export
from tepei_admin.exchange.writers import ENCODINGS
from tepei_admin.messages import say_all
from tepei_admin.models import ExportRecord, ExportTemplate, Track, User
from tepei_admin.permissions import P
from tepei_admin.services import scope
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
        templates=list(ExportTemplate.select().order_by(ExportTemplate.id)),
        tracks=list(tracks.order_by(Track.position, Track.id).tuples()),
        encodings=ENCODINGS,
        may_reveal=actor().may(P.REVEAL),
        records=_last(),
    )


def _last() -> list[dict[str, object]]:
    """The newest records: all of them for who may read the history, else one's own."""
    query = ExportRecord.select(
        ExportRecord.file_name, ExportRecord.template, ExportRecord.row_count, ExportRecord.masked, ExportRecord.at,
        User.name, User.username,
    ).join(User)  # fmt: skip
    if not actor().may(P.ACCOUNTS):
        query = query.where(ExportRecord.by == actor().id)
    return [
        {
            "file": file,
            "title": title,
            "rows": rows,
            "masked": masked,
            "at": words.moment(at),
            "by": name or username,
        }
        for file, title, rows, masked, at, name, username in query.order_by(-ExportRecord.id)
        .limit(LAST)
        .tuples()
    ]


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
            fmt=request.form.get("format", "xlsx"),
            encoding=request.form.get("encoding", "utf-8-sig"),
            masked=_masked(),
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
            masked=_masked(),
            year=programme.year if programme and view.panel.year else None,
        )
    )


def _masked() -> bool:
    """Whole ID and account numbers go out only where the form says so, and the right is there."""
    return request.form.get("masked", "1") != "0"


def attachment(found: export.Download) -> Response:
    """A download under its Chinese name, with a plain one beside it for old browsers (RFC 6266)."""
    ending = found.file_name.rpartition(".")[2]
    response = Response(stream_with_context(found.chunks), content_type=found.content_type)
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"export.{ending}\"; filename*=UTF-8''{quote(found.file_name, safe='')}"
    )
    return response
