"""Files out: a list or a template as CSV or XLSX. Put on record before the first byte leaves.

ID and account numbers are masked unless an actor with the right to reveal asks for them whole; the command
line's own actor, which nobody looks over the shoulder of, gets them whole unless it asks for masks.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO, Any, NamedTuple

from peewee import fn

from tepei_admin.database import rows
from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.exchange.sources import Joined, NoSuchColumn, Source, fetch
from tepei_admin.exchange.totals import Totals
from tepei_admin.exchange.workbook import write_xlsx
from tepei_admin.exchange.writers import ENCODINGS, LAST_ROW, Output, csv_chunks
from tepei_admin.models import ExportTemplate, Programme, Track
from tepei_admin.permissions import Actor, P
from tepei_admin.schema import JsonField, Record, all_models
from tepei_admin.services import clock, exports, programmes
from tepei_admin.services.scope import along, get, scope

FORMATS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
PIECE = 1 << 16


class Download(NamedTuple):
    file_name: str
    content_type: str
    chunks: Iterator[bytes]


@dataclass(frozen=True)
class Table:
    """What is to be written. `bare`: the rows alone, without joins, to be counted. `totals`: lines with sums."""

    title: str
    sources: Sequence[Source]
    query: Any
    bare: Any
    numbered: bool = False
    totals: Totals | None = None

    @property
    def outputs(self) -> list[Output]:
        first = [Output("序号", "int", 6)] if self.numbered else []
        return [*first, *(source.output for source in self.sources)]

    def count(self) -> int:
        model = self.bare.model
        bare = self.bare.select(model.id).order_by()
        return int(rows(model.select(fn.COUNT(1)).from_(bare.alias("bare")))[0][0])

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The values as they read, row by row, from one state of the house."""
        numbers = count(1)
        for batch in fetch(self.query):
            columns = list(zip(*batch, strict=True))
            shown = [source.show(*(columns[place] for place in source.places)) for source in self.sources]
            if self.numbered:
                shown.insert(0, [next(numbers) for _ in batch])
            yield from zip(*shown, strict=True)

    def written(self) -> Iterator[tuple[Any, ...]]:
        """The rows, and the lines with sums between and after them."""
        return self.totals.among(self.rows()) if self.totals else self.rows()


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


def list_table(
    actor: Actor, model: type[Record], columns: Iterable[str], query: Any, *, masked: bool
) -> Table:
    """A list's rows: `query` has its filter and order and selects from `model`; the actor's scope is added."""
    actor.require(model.panel.read)
    limit = scope(actor, model)
    bare = query if limit is None else query.where(limit)
    joined = Joined(model, bare, masked=masked)
    sources = [joined.source(field.verbose_name or name, name) for name, field in _exportable(model, columns)]
    return Table(model.panel.title, sources, joined.select(), bare)


def _exportable(model: type[Record], columns: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Without hidden columns, and without JSON: it may hold inside what masks hide outside."""
    for name in columns:
        field = model._meta.fields[name]
        if name not in model.panel.hidden and not isinstance(field, JsonField):
            yield name, field


def template_table(
    actor: Actor, template: ExportTemplate, programme: int, track: Track | None, *, masked: bool
) -> Table:
    """A template's rows of one programme, within the actor's scope. Raises `RuleViolation` for a wrong template."""
    try:
        model = _model(template.resource)
        actor.require(model.panel.read)
        bare = model.select().where(True, *_conditions(actor, model, template, programme, track))
        joined = Joined(model, bare, masked=masked)
        sources = [joined.source(header, path) for header, path, *_ in template.columns]
        order = [joined.order(path) for path in (template.order or "id").split(",")]
    except NoSuchColumn as error:
        params = {"template": template.name, "column": str(error), "resource": template.resource}
        raise RuleViolation(Violation("export.unknown_column", "template", params)) from error
    query = joined.select().order_by(*order, model._meta.fields["id"])
    totals = Totals.of(template.columns, template.numbered)
    return Table(template.name, sources, query, bare, template.numbered, totals)


def _model(resource: str) -> type[Record]:
    for model in all_models():
        if model._meta.table_name == resource:
            return model
    raise NoSuchColumn(resource)


def _conditions(
    actor: Actor, model: type[Record], template: ExportTemplate, programme: int, track: Track | None
) -> list[Any]:
    found = [scope(actor, model)]
    if model.panel.year:
        found.append(along(model, model.panel.year, programme))
    if track is not None:
        found.append(_among(model, "track" if "track" in model._meta.fields else "trainee.track", track.id))
    found += [_among(model, path, wanted) for path, wanted in (template.filter or {}).items()]
    return [condition for condition in found if condition is not None]


def _among(model: type[Record], path: str, wanted: Any) -> Any:
    """`track.code` is (one of) the wanted, as nested sub-selects."""
    first, _, rest = path.partition(".")
    field = model._meta.fields.get(first)
    if field is None or (rest and not hasattr(field, "rel_model")):
        raise NoSuchColumn(path)
    if rest:
        related = field.rel_model
        return field.in_(related.select(related.id).where(_among(related, rest, wanted)))
    if wanted is None:
        return field.is_null()
    return field.in_(wanted) if isinstance(wanted, list) else field == wanted


# ---- handing out


def to_file(
    actor: Actor,
    template_name: str,
    programme_id: int,
    path: str | os.PathLike[str],
    *,
    track: str | None = None,
    fmt: str = "csv",
    encoding: str = "utf-8-sig",
    masked: bool | None = None,
) -> int:
    """Write a template's file; how many rows. A file of that name is replaced when the new one is whole."""
    table, asked, masks = _of_template(actor, template_name, programme_id, track, masked)
    target = Path(path)
    _note(actor, table, asked, target.name, fmt, encoding, masks)
    part = target.with_name(f".{target.name}.part")
    try:
        try:
            with open(part, "wb") as handle:
                written = _write(table, handle, fmt, encoding)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        params = {"path": str(path), "why": error.strerror or type(error).__name__}
        raise RuleViolation(Violation("export.cannot_write", "path", params)) from error
    return written


def stream(
    actor: Actor,
    template_name: str,
    programme_id: int,
    *,
    track: str | None = None,
    fmt: str = "csv",
    encoding: str = "utf-8-sig",
    masked: bool | None = None,
) -> Download:
    """A template as a download."""
    table, asked, masks = _of_template(actor, template_name, programme_id, track, masked)
    return _download(actor, table, asked, fmt, encoding, masks, asked["programme"])


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
    year: int | None = None,
) -> Download:
    """A list as a download, in its filter and order. `asked` is what the record says of the filter."""
    actor.require(P.EXPORT)
    masks = _masks(actor, masked)
    table = list_table(actor, model, columns, query, masked=masks)
    return _download(actor, table, asked, fmt, encoding, masks, year)


def _of_template(
    actor: Actor, name: str, programme: int, track_code: str | None, masked: bool | None
) -> tuple[Table, dict[str, Any], bool]:
    """(what is to be written, what is asked for, is it masked). Raises `RuleViolation` for what does not fit."""
    actor.require(P.EXPORT)
    masks = _masks(actor, masked)
    template, year = find(name), get(actor, Programme, programme).year
    code = track_code or template.track_code
    track = programmes.find_track(programme, code) if code else None
    if template.track_code and track and track.code != template.track_code:
        own = programmes.find_track(programme, template.track_code).label
        params = {"template": name, "track": own, "asked": track.label}
        raise RuleViolation(Violation("export.other_track", "track", params))
    table = template_table(actor, template, programme, track, masked=masks)
    return table, {"programme": year, "track": track.code if track else ""}, masks


def _masks(actor: Actor, masked: bool | None) -> bool:
    """Masked by default, but for the command line's own actor. Raises `NotAllowed` without the right to reveal."""
    if masked is None:
        return not actor.system
    if not masked:
        actor.require(P.REVEAL)
    return masked


def _note(
    actor: Actor,
    table: Table,
    asked: Mapping[str, Any],
    file_name: str,
    fmt: str,
    encoding: str,
    masked: bool,
) -> None:
    """Check what was asked for, and put it on record."""
    ensure(fmt in FORMATS, "export.unknown_format", "format", format=fmt, formats="、".join(FORMATS))
    known = "、".join(ENCODINGS)
    ensure(encoding in ENCODINGS, "export.unknown_encoding", "encoding", encoding=encoding, encodings=known)
    number = table.count()
    ensure(fmt != "xlsx" or number < LAST_ROW, "export.too_many_rows", rows=LAST_ROW - 1)
    exports.note(
        actor,
        template=table.title,
        file_name=file_name,
        format=fmt,
        filter=asked,
        row_count=number,
        masked=masked,
    )


def _download(
    actor: Actor,
    table: Table,
    asked: Mapping[str, Any],
    fmt: str,
    encoding: str,
    masked: bool,
    year: int | None,
) -> Download:
    """UTF-8 is sent as it is read; what may still be refused, or must be whole first, waits in a temporary file."""
    file_name = _file_name(table.title, year, fmt)
    _note(actor, table, asked, file_name, fmt, encoding, masked)
    if fmt == "csv" and encoding == "utf-8-sig":
        return Download(file_name, "text/csv; charset=utf-8", csv_chunks(table.outputs, table.written()))
    handle = tempfile.TemporaryFile()  # noqa: SIM115 (closed by who reads it, or below)
    try:
        _write(table, handle, fmt, encoding)
    except BaseException:
        handle.close()
        raise
    handle.seek(0)
    kind = FORMATS[fmt] if fmt == "xlsx" else f"text/csv; charset={encoding}"
    return Download(file_name, kind, _pieces(handle))


def _file_name(title: str, year: int | None, fmt: str) -> str:
    """学员-2019年度-20191227.csv"""
    plain = re.sub(r'[\\/:*?"<>|\s\x00-\x1f]+', "_", title).strip("._") or "导出"
    parts = [plain, f"{year}年度" if year else "", f"{clock.today():%Y%m%d}"]
    return "-".join(part for part in parts if part) + f".{fmt}"


def _write(table: Table, handle: IO[bytes], fmt: str, encoding: str) -> int:
    """The whole file; how many rows."""
    if fmt == "xlsx":
        return write_xlsx(table.outputs, table.written(), handle, table.title)
    counted = _Counted(table.written())
    for chunk in csv_chunks(table.outputs, counted, encoding):
        handle.write(chunk)
    return counted.number


class _Counted:
    """Rows, counted as they pass."""

    def __init__(self, source: Iterator[tuple[Any, ...]]) -> None:
        self.source, self.number = source, 0

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for row in self.source:
            self.number += 1
            yield row


def _pieces(handle: IO[bytes]) -> Iterator[bytes]:
    read: Callable[[], bytes] = lambda: handle.read(PIECE)  # noqa: E731
    with handle:
        yield from iter(read, b"")
