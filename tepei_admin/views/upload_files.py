"""What leaves an upload again: its list of trouble, its error rows, the file itself; and the blank table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from tepei_admin.errors import NotAllowed, Violation, ensure
from tepei_admin.exchange import blank, error_workbook, masking
from tepei_admin.exchange.export import Download
from tepei_admin.exchange.writers import Output, csv_chunks
from tepei_admin.models import Track, Upload, UploadRow
from tepei_admin.permissions import P
from tepei_admin.services import exports, scope, uploads, vault
from tepei_admin.views import preview
from tepei_admin.views.exports import attachment
from tepei_admin.views.preview import LEVELS, PK, Filter
from tepei_admin.views.rights import actor, needs

pages = Blueprint("upload_files", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMATS = {XLSX: "xlsx", "text/csv": "csv"}
PAGE = 100
TROUBLE = ("error", "warning")
"""What the list holds unless somebody asks for one level."""


@pages.get(f"/import/{PK}/messages")
@needs(P.ENTER)
def messages(number: int) -> ResponseReturnValue:
    """Every row of trouble in one list: row, column, what is written, what to do."""
    upload = scope.get(actor(), Upload, number)
    ensure("counts" in upload.report, "import.columns_unknown", missing=upload.report.get("missing"))
    chosen = Filter.asked(upload, request.args)
    query = _troubled(chosen)
    pages_of = max(1, -(-query.count() // PAGE))
    at = min(chosen.page, pages_of - 1)
    trouble = upload.report["trouble"]
    return render_template(
        "intake/messages.html",
        upload=upload,
        mends=upload.batch_id is None and upload.track_id is not None,
        report=upload.report,
        filter=chosen,
        address=partial(chosen.address, "/messages"),
        levels=[
            (name, label, sum(trouble[name].values())) for name, label in LEVELS.items() if name in trouble
        ],
        in_trouble=preview.columns_in_trouble(preview.fields_of(upload), trouble),
        rows=list(_lines(query.limit(PAGE).offset(at * PAGE), upload, chosen)),
        page=at,
        pages=pages_of,
        labels=LEVELS,
    )


def _troubled(chosen: Filter) -> Any:
    """The rows that something of the chosen level and column is said about."""
    query = UploadRow.select(UploadRow.number, UploadRow.name, UploadRow.messages).where(
        UploadRow.upload == chosen.upload, uploads.SOMEBODY
    )
    marks = [f"|{level}:{chosen.column + '|' if chosen.column else ''}" for level in _levels(chosen)]
    condition = UploadRow.marks.contains(marks[0])
    for mark in marks[1:]:
        condition |= UploadRow.marks.contains(mark)
    return query.where(condition).order_by(UploadRow.number)


def _levels(chosen: Filter) -> tuple[str, ...]:
    return (chosen.level,) if chosen.level else TROUBLE


def _lines(query: Any, upload: Upload, chosen: Filter) -> Iterator[tuple[int, str, str, str, str, str]]:
    """(row, name, level, column, what is written, what is wrong and what to do), whole numbers hidden."""
    known = preview.fields_of(upload)
    for row in query:
        for item in row.messages:
            name = item["field"]
            if item["level"] in _levels(chosen) and chosen.column in ("", name):
                header = known[name].header if name in known else ""
                text = masking.sentence(item["text"], name)
                yield row.number, row.name, item["level"], header, masking.value(item["value"], name), text


@pages.post(f"/import/{PK}/messages")
@needs(P.ENTER)
def messages_file(number: int) -> ResponseReturnValue:
    """The list as it stands, as a file."""
    upload = scope.get(actor(), Upload, number)
    chosen = Filter.asked(upload, request.form)
    sheet = upload.report.get("sheet") or ""
    lines = [
        (sheet, at, name, LEVELS[level], header, value, text)
        for at, name, level, header, value, text in _lines(_troubled(chosen), upload, chosen)
    ]
    outputs = [
        Output("工作表"),
        Output("行", "int"),
        *map(Output, ("姓名", "轻重", "列", "填写的值", "问题和办法")),
    ]
    name = f"{_stem(upload)}-问题清单.csv"
    data = b"".join(csv_chunks(outputs, lines))
    found = Download(name, "text/csv", iter([data]))
    _note(upload, "问题清单", found, data, len(lines), masked=True)
    return attachment(found)


@pages.post(f"/import/{PK}/errors")
@needs(P.ENTER)
def error_rows(number: int) -> ResponseReturnValue:
    """The rows that failed, for the sender to put right and send again."""
    upload = _whole(number)
    count = upload.report.get("counts", {}).get("error", 0)
    ensure(count, "import.no_errors")
    name = f"{_stem(upload)}-错误行.xlsx"
    data = error_workbook.of_upload(upload)
    found = Download(name, XLSX, iter([data]))
    _note(upload, "错误行", found, data, count)
    return attachment(found)


@pages.post(f"/import/{PK}/file")
@needs(P.ENTER)
def file(number: int) -> ResponseReturnValue:
    """The file as it came in, never opened by the browser as a page of ours."""
    upload = _whole(number)
    data = vault.fetch(upload.stored_as)
    found = Download(upload.file_name, "application/octet-stream", iter([data]))
    _note(upload, "导入原文件", found, data)
    return attachment(found)


def _whole(number: int) -> Upload:
    """An upload whose whole numbers this actor may take away."""
    upload = scope.get(actor(), Upload, number)
    if not preview.may_fetch(upload):
        raise NotAllowed(
            Violation("access.no_right", params={"role": actor().role.label, "right": P.REVEAL.value})
        )
    return upload


def _note(
    upload: Upload, what: str, file: Download, data: bytes, count: int = 0, *, masked: bool = False
) -> None:
    """Put on record what is handed out, by its hash. No copy: what nobody stores is cleared away, and a copy would stay
    (decision 0021)."""
    known = exports.Kept(None, "", upload.programme_id, hashlib.sha256(data).hexdigest(), len(data), "")
    exports.note(
        actor(), template=what, file_name=file.file_name[:255], format=_FORMATS.get(file.content_type, "file"),
        filter={"upload": upload.id}, row_count=count, masked=masked, kept=known, own=upload.by_id == actor().id,
    )  # fmt: skip


def _stem(upload: Upload) -> str:
    return upload.file_name.rpartition(".")[0] or upload.file_name


@pages.get("/import/template/<int(max=2147483647):track>")
@needs(P.ENTER)
def template(track: int) -> ResponseReturnValue:
    """The blank table of a track. Nobody's data are in it."""
    row = scope.get(actor(), Track, track)
    return attachment(Download(blank.file_name(row), XLSX, iter([blank.build(actor(), row)])))
