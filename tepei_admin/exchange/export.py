"""Files out: a list or a template as CSV or XLSX. Whole in the vault and on record before its first byte leaves.

ID and account numbers are masked unless an actor with the right to reveal asks for them whole; the command
line's own actor, which nobody looks over the shoulder of, gets them whole unless it asks for masks.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple

from tepei_admin.choices import Encoding, FileFormat
from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.exchange import differences
from tepei_admin.exchange.manuscript import COMPARED, Manuscript
from tepei_admin.exchange.tables import Table, Tee, list_table, template_table
from tepei_admin.exchange.workbook import write_xlsx
from tepei_admin.exchange.writers import LAST_ROW, csv_chunks
from tepei_admin.models import ExportRecord, ExportTemplate, Programme
from tepei_admin.permissions import Actor, P
from tepei_admin.schema import Record
from tepei_admin.services import clock, exports, programmes, vault
from tepei_admin.services.scope import get

CONTENT_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
PIECE = 1 << 16


class Download(NamedTuple):
    file_name: str
    content_type: str
    chunks: Iterator[bytes]


@dataclass(frozen=True)
class Order:
    """One file that somebody asks for."""

    table: Table
    asked: Mapping[str, Any]
    fmt: str
    encoding: str
    masked: bool
    programme: Programme | None = None
    template: ExportTemplate | None = None

    @property
    def content_type(self) -> str:
        if self.fmt == "xlsx":
            return CONTENT_TYPES["xlsx"]
        return f"text/csv; charset={'utf-8' if self.encoding == 'utf-8-sig' else self.encoding}"


class Made(NamedTuple):
    """A file that is whole and on record; `handle` stands at its beginning."""

    number: int
    file_name: str
    rows: int
    handle: IO[bytes]


# ---- what can be exported


def names() -> list[str]:
    """The templates there are."""
    return [row[0] for row in ExportTemplate.select(ExportTemplate.name).order_by(ExportTemplate.id).tuples()]


def find(name: str) -> ExportTemplate:
    """A template by name. Raises `RuleViolation` naming those there are."""
    found = ExportTemplate.get_or_none(ExportTemplate.name == name)
    known = "、".join(names()) if found is None else ""
    ensure(found is not None, "export.unknown_template", "template", template=name, templates=known or "无")
    return found


# ---- handing out


def to_file(
    actor: Actor,
    template_name: str,
    programme_id: int,
    path: str | os.PathLike[str],
    *,
    track: str | None = None,
    fmt: str | None = None,
    encoding: str | None = None,
    masked: bool | None = None,
) -> int:
    """Write a template's file; how many rows. A file of that name is replaced when the new one is whole."""
    target = Path(path)
    ending = target.suffix.removeprefix(".").lower()
    fmt = fmt or (ending if ending in CONTENT_TYPES else None)
    order = _of_template(actor, template_name, programme_id, track, fmt, encoding, masked)
    part = target.with_name(f".{target.name}.part")
    try:
        try:
            with open(part, "wb") as out:
                made = _make(actor, order, target.name)
                with made.handle:
                    shutil.copyfileobj(made.handle, out, PIECE)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        params = {"path": str(path), "why": error.strerror or type(error).__name__}
        raise RuleViolation(Violation("export.cannot_write", "path", params)) from error
    return made.rows


def stream(
    actor: Actor,
    template_name: str,
    programme_id: int,
    *,
    track: str | None = None,
    fmt: str | None = None,
    encoding: str | None = None,
    masked: bool | None = None,
) -> Download:
    """A template as a download."""
    return _download(actor, _of_template(actor, template_name, programme_id, track, fmt, encoding, masked))


def list_stream(
    actor: Actor,
    model: type[Record],
    query: Any,
    columns: Iterable[str],
    *,
    asked: Mapping[str, Any],
    fmt: str = "csv",
    encoding: str = "utf-8-sig",
    masked: bool | None = None,
    programme: int | None = None,
) -> Download:
    """A list as a download, in its filter and order. `asked` is what the record says of the filter."""
    actor.require(P.EXPORT)
    masks = _masks(actor, masked)
    table = list_table(actor, model, columns, query, masked=masks)
    year = get(actor, Programme, programme) if programme else None
    return _download(actor, Order(table, asked, fmt, encoding, masks, year))


def changes(actor: Actor, row: ExportRecord, *, masked: bool = True) -> Download:
    """What has changed since a file went out, a line a cell, as a workbook. Raises `RuleViolation`."""
    actor.require(P.EXPORT)
    if not masked:
        actor.require(P.REVEAL)
    found = differences.since(actor, row, masked=masked)
    file_name = _file_name(
        f"{row.template}变化", row.programme.year if row.programme_id else None, "xlsx", masked=masked
    )
    with vault.draft() as copy:
        written = write_xlsx(differences.OUTPUTS, differences.lines(found), copy.handle, "变化")
        stored_as, digest, size = copy.keep()
        exports.note(
            actor, template=f"{row.template[:60]}变化", file_name=file_name, format="xlsx", row_count=written, masked=masked,
            filter={"since": row.id},
            kept=exports.Kept(None, row.resource, row.programme_id, digest, size, stored_as),
        )  # fmt: skip
    return Download(file_name, CONTENT_TYPES["xlsx"], _pieces(copy.handle))


def _of_template(
    actor: Actor,
    name: str,
    programme: int,
    track_code: str | None,
    fmt: str | None,
    encoding: str | None,
    masked: bool | None,
) -> Order:
    """What is asked for. Raises `RuleViolation` for what does not fit."""
    actor.require(P.EXPORT)
    masks = _masks(actor, masked)
    template, year = find(name), get(actor, Programme, programme)
    code = track_code or template.track_code
    track = programmes.find_track(programme, code) if code else None
    if template.track_code and track and track.code != template.track_code:
        own = programmes.find_track(programme, template.track_code).label
        params = {"template": name, "track": own, "asked": track.label}
        raise RuleViolation(Violation("export.other_track", "track", params))
    table = template_table(actor, template, programme, track, masked=masks)
    asked = {
        "resource": template.resource, "programme": year.year, "track": track.code if track else "",
        "filter": template.filter,
    }  # fmt: skip
    return Order(table, asked, fmt or template.format, encoding or template.encoding, masks, year, template)


def _masks(actor: Actor, masked: bool | None) -> bool:
    """Masked by default, but for the command line's own actor. Raises `NotAllowed` without the right to reveal."""
    if masked is None:
        return not actor.system
    if not masked:
        actor.require(P.REVEAL)
    return masked


def _make(actor: Actor, order: Order, file_name: str) -> Made:
    """The file, written whole into the vault, then put on record; nothing has left the house before."""
    table, expected = order.table, _checked(order)
    with ExitStack() as drafts:
        copy = drafts.enter_context(vault.draft())
        beside = drafts.enter_context(vault.draft()) if order.template and expected <= COMPARED else None
        manuscript = Manuscript(beside.handle, table) if beside else None
        written = _write(table, copy.handle, order.fmt, order.encoding, manuscript)
        stored_as, digest, size = copy.keep()
        rows_as = beside.keep()[0] if beside else ""
        number = exports.note(
            actor,
            template=table.title,
            file_name=file_name,
            format=order.fmt,
            filter=order.asked,
            row_count=written,
            masked=order.masked,
            kept=exports.Kept(
                order.template.id if order.template else None, table.model._meta.table_name,
                order.programme.id if order.programme else None, digest, size, stored_as, rows_as,
            ),
        )  # fmt: skip
    if beside:
        beside.handle.close()
    return Made(number, file_name, written, copy.handle)


def _checked(order: Order) -> int:
    """How many rows it will have, where everything fits."""
    formats, encodings = [item.value for item in FileFormat], [item.value for item in Encoding]
    ensure(
        order.fmt in formats,
        "export.unknown_format",
        "format",
        format=order.fmt,
        formats="、".join(sorted(formats)),
    )
    ensure(
        order.encoding in encodings, "export.unknown_encoding", "encoding",
        encoding=order.encoding, encodings="、".join(encodings),
    )  # fmt: skip
    number = order.table.count()
    ensure(order.fmt != "xlsx" or number < LAST_ROW, "export.too_many_rows", rows=LAST_ROW - 1)
    return number


def _download(actor: Actor, order: Order) -> Download:
    year = order.programme.year if order.programme else None
    made = _make(actor, order, _file_name(order.table.title, year, order.fmt, masked=order.masked))
    return Download(made.file_name, order.content_type, _pieces(made.handle))


def _file_name(title: str, year: int | None, fmt: str, *, masked: bool = False) -> str:
    """学员-2019年度-20191227.csv; 学员-2019年度-20191227-遮盖.csv: not to be taken for the one that goes out whole."""
    plain = re.sub(r'[\\/:*?"<>|\s\x00-\x1f]+', "_", title).strip("._") or "导出"
    parts = [plain, f"{year}年度" if year else "", f"{clock.today():%Y%m%d}", "遮盖" if masked else ""]
    return "-".join(part for part in parts if part) + f".{fmt}"


def _write(table: Table, handle: IO[bytes], fmt: str, encoding: str, manuscript: Manuscript | None) -> int:
    """The whole file; how many rows, lines with sums not among them."""
    counter = _Counter(manuscript)
    if fmt == "xlsx":
        write_xlsx(table.outputs, table.written(counter), handle, table.title)
    else:
        for chunk in csv_chunks(table.outputs, table.written(counter), encoding):
            handle.write(chunk)
    if manuscript is not None:
        manuscript.close()
    return counter.number


class _Counter:
    """Rows, counted as they pass to the manuscript."""

    def __init__(self, beyond: Tee | None) -> None:
        self.beyond, self.number = beyond, 0

    def __call__(self, numbers: Any, batch: Any) -> None:
        self.number += len(batch)
        if self.beyond is not None:
            self.beyond(numbers, batch)


def _pieces(handle: IO[bytes]) -> Iterator[bytes]:
    read: Callable[[], bytes] = lambda: handle.read(PIECE)  # noqa: E731
    with handle:
        yield from iter(read, b"")
