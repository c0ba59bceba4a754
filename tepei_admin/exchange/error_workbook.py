"""The rows that failed, back to whoever sent them: their own columns and order, red cells with notes, 错误信息.

Sent back as it is, it fails as before: a cell that the reading asks about must not become an answer on its way. Put
right, it is imported like any other. Cells have text format, so that what is typed into them stays as it is typed.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tepei_admin.exchange import wire
from tepei_admin.exchange.cells import EMPTY, Cell, text_cell, written
from tepei_admin.exchange.columns import BY_FIELD
from tepei_admin.exchange.error_cells import LONGEST, Look, note, write
from tepei_admin.models import Upload, UploadRow

TITLE = "错误行"
MESSAGES = "错误信息"
WIDEST = 40


@dataclass(frozen=True)
class Failed:
    """A row with errors. `cells`: as JSON keeps them; `errors`: field ("": of no column) -> sentences."""

    number: int
    cells: Sequence[Any]
    corrections: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)


def of_upload(upload: Upload) -> bytes:
    """The workbook of an upload's rows with errors."""
    query = UploadRow.select().where(UploadRow.upload == upload.id, UploadRow.outcome == "error")
    rows = [
        Failed(
            row.number, row.cells, {name: item["text"] for name, item in row.corrections.items()}, errors(row.messages)
        )
        for row in query.order_by(UploadRow.number)
    ]  # fmt: skip
    unit = upload.unit.name if upload.unit_id else upload.report.get("unit_line", "")
    return build(upload.report["headings"], rows, unit, epoch_1904=upload.report["epoch_1904"])


def errors(messages: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """field -> what is wrong with it."""
    found: dict[str, list[str]] = {}
    for item in messages:
        if item["level"] == "error":
            found.setdefault(item["field"] or "", []).append(item["text"])
    return found


@dataclass(frozen=True)
class _Column:
    """`index`: of the file (None: the file has no such column); `note`: what is to be said of the header."""

    index: int | None
    header: str
    name: str | None
    note: str = ""


def build(
    headings: Sequence[Sequence[Any]], rows: Sequence[Failed], unit: str, *, epoch_1904: bool = False
) -> bytes:
    """`headings`: (column of the file, header as written, label, field recognised, field) in the file's order."""
    import xlsxwriter

    out = io.BytesIO()
    columns = [*map(_sent, headings), *_added(headings, rows)]
    options = {"in_memory": True, "strings_to_formulas": False, "date_1904": epoch_1904}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(TITLE)
        top = _preface(sheet, unit)
        look = Look(book)
        _head(sheet, look, columns, top)
        for place, row in enumerate(rows, top + 1):
            _row(sheet, look, columns, row, place)
        sheet.freeze_panes(top + 1, 0)
        for place, column in enumerate(columns):
            sheet.set_column(place, place, _width(column, rows), look())
        sheet.set_column(len(columns), len(columns), 60, look("said"))
    return out.getvalue()


# --- Columns


def _sent(heading: Sequence[Any]) -> _Column:
    """A column of the sender's under its own header; under another where the office has said what it is, or is not."""
    index, header, _, own, name = heading
    if name == own or (own is None and name is None):
        return _Column(index, header, name)
    ours = BY_FIELD[name].header if name else f"不导入 {header.replace('/', ' ')}"
    return _Column(index, ours, name, f"原表头：{header}")


def _added(headings: Sequence[Sequence[Any]], rows: Sequence[Failed]) -> Iterator[_Column]:
    """Columns that the file lacks and that something is wrong with, or was put right in."""
    there = {name for *_, name in headings}
    wanted = {name for row in rows for name in (*row.errors, *row.corrections)}
    for name, column in BY_FIELD.items():
        if name in wanted - there:
            yield _Column(None, column.header, name, "原表没有这一列，可在此填写")


# --- Lines


def _preface(sheet: Any, unit: str) -> int:
    """Who sends it, and what to do with it; the row of the header."""
    told = f"说明：只含有错误的行。请改正标红的格（批注说明原因），保存后重新导入；“{MESSAGES}”一列不必删除"
    sheet.write_string(0, 0, told)
    if unit:
        sheet.write_string(1, 0, f"单位（盖章）：{unit}")
    return 2 if unit else 1


def _head(sheet: Any, look: Look, columns: Sequence[_Column], top: int) -> None:
    for place, column in enumerate(columns):
        sheet.write_string(top, place, column.header[:LONGEST], look("head"))
        if column.note:
            note(sheet, (top, place), column.note)
    sheet.write_string(top, len(columns), MESSAGES, look("head"))


def _row(sheet: Any, look: Look, columns: Sequence[_Column], row: Failed, place: int) -> None:
    for at, column in enumerate(columns):
        wrong = row.errors.get(column.name, ()) if column.name else ()
        write(sheet, look, "bad" if wrong else "", (place, at), _cell(row, column), column.name)
        if wrong:
            note(sheet, (place, at), "\n".join(wrong), wide=2)
    said = "；".join(text for texts in row.errors.values() for text in texts)
    sheet.write_string(place, len(columns), f"原第 {row.number} 行：{said}"[:LONGEST], look("said"))


def _cell(row: Failed, column: _Column) -> Cell:
    """What the reading saw: the cell as it was sent, or as it was put right."""
    if column.name and column.name in row.corrections:
        return text_cell(row.corrections[column.name])
    if column.index is None or column.index >= len(row.cells):
        return EMPTY
    return wire.cell_of(row.cells[column.index], {})


def _width(column: _Column, rows: Sequence[Failed]) -> int:
    """Wide enough for the longest of the first texts; a Han character takes two."""
    texts = [column.header, *(written(_cell(row, column)) for row in rows[:50])]
    return min(WIDEST, 2 + max(sum(1 + (ord(char) > 0x2E7F) for char in text) for text in texts))
