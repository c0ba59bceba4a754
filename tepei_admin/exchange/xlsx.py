"""XLSX: the visible sheets of a workbook with row numbers, number formats, hidden marks and merged ranges.

`openpyxl` forgets what the checks need (whether an empty cell is a formula without a result, Chinese built-in
date formats, `_x000D_`) and is slow, so the parts are read here and only its knowledge of formats is used.
The one door is `sheets`: bytes in, plain values out, so that a child process can stand behind it.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element, ParseError, iterparse

from tepei_admin.errors import ensure
from tepei_admin.exchange.cells import EMPTY, Cell, Row, Sheet, Span, text_cell

MAX_PARTS = 5_000
MAX_BYTES = 200 * 1024 * 1024
MAX_RATIO = 200
FREE_BYTES = 20 * 1024 * 1024  # under this the ratio does not matter
MAX_ROWS = 100_000
MAX_COLUMNS = 1_000

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)")
_YEAR_MONTH, _MONTH_DAY, _FULL = 'yyyy"年"m"月"', 'm"月"d"日"', 'yyyy"年"m"月"d"日"'
_CHINESE = {27: _YEAR_MONTH, 28: _MONTH_DAY, 29: _MONTH_DAY, 30: "m-d-yy", 31: _FULL, 36: _YEAR_MONTH} | {
    50: _YEAR_MONTH, 51: _MONTH_DAY, 52: _YEAR_MONTH, 53: _MONTH_DAY, 54: _MONTH_DAY,
    57: _YEAR_MONTH, 58: _MONTH_DAY,
}  # fmt: skip


def sheets(data: bytes) -> Iterator[Sheet]:
    """Each visible sheet of the workbook, read when asked for."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            check(archive)
            yield from _Workbook(archive).sheets()
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ParseError, KeyError, ValueError, IndexError, EOFError,
            NotImplementedError, OverflowError, AttributeError, TypeError, RuntimeError, OSError,
            zipfile.zlib.error) as error:  # type: ignore[attr-defined]  # fmt: skip
        ensure(not isinstance(error, RuntimeError) or "encrypted" not in str(error), "import.encrypted")
        ensure(False, "import.damaged")


def check(archive: zipfile.ZipFile) -> None:
    """Refuse a bomb by its directory, before anything is unpacked. (More than that is never read.)"""
    parts = archive.infolist()
    size, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    ensure(len(parts) <= MAX_PARTS and size <= MAX_BYTES, "import.too_large")
    ensure(size <= FREE_BYTES or size <= MAX_RATIO * max(packed, 1), "import.too_large")


@cache
def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _unescape(text: str) -> str:
    """`_x000D_` and its like; `_x005F_` is the underline that begins a literal one."""
    if "_x" not in text:
        return text
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text).replace("\r\n", "\n").replace("\r", "\n")


def _text(element: Element) -> str:
    """The text of a string item: plain or in runs, without phonetic guides."""
    parts = []
    for child in element:
        name = _local(child.tag)
        if name == "t":
            parts.append(child.text or "")
        elif name == "r":
            parts.extend(run.text or "" for run in child if _local(run.tag) == "t")
    return _unescape("".join(parts))


def column_index(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


class _Workbook:
    """The parts that all sheets share."""

    def __init__(self, archive: zipfile.ZipFile):
        self.archive = archive
        self.names = {name.lower(): name for name in archive.namelist()}
        self.base = "xl/"
        self.visible: list[tuple[str, str]] = []
        self.epoch_1904 = False
        self._read_book()
        self.strings = [text_cell(_text(item)) for item in self._items("xl/sharedStrings.xml", "si")]
        self.formats = self._read_formats()

    def _open(self, name: str) -> Any:
        stored = self.names.get(name.lower())
        if stored is None:
            return None
        with self.archive.open(stored) as part:
            ensure(b"<!DOCTYPE" not in part.read(4096), "import.damaged")
        return self.archive.open(stored)

    def _items(self, name: str, wanted: str) -> Iterator[Element]:
        """The elements of that name in a part, each gone from memory after its turn."""
        source = self._open(name)
        if source is None:
            return
        root: Element | None = None
        with source:
            for event, element in iterparse(source, ("start", "end")):
                if root is None:
                    root = element
                if event == "end" and _local(element.tag) == wanted:
                    yield element
                    root.clear()

    def _read_book(self) -> None:
        links = {}
        for link in self._items("xl/_rels/workbook.xml.rels", "Relationship"):
            if link.get("Type", "").endswith("/worksheet"):
                target = link.get("Target", "")
                links[link.get("Id")] = target[1:] if target.startswith("/") else "xl/" + target
        ensure("xl/workbook.xml" in self.names, "import.not_xlsx")
        for setting in self._items("xl/workbook.xml", "workbookPr"):
            self.epoch_1904 = setting.get("date1904") in ("1", "true", "on")
        for sheet in self._items("xl/workbook.xml", "sheet"):
            key = next((value for name, value in sheet.attrib.items() if _local(name) == "id"), None)
            if sheet.get("state", "visible") == "visible" and key in links:
                self.visible.append((sheet.get("name", ""), links[key]))

    def _read_formats(self) -> list[tuple[str, bool]]:
        """(format, is it a date) by style number."""
        from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

        codes: dict[int, str] = {**BUILTIN_FORMATS, **_CHINESE}
        for item in self._items("xl/styles.xml", "numFmt"):
            codes[int(item.get("numFmtId", "0"))] = item.get("formatCode", "")
        found: list[tuple[str, bool]] = []
        for styles in self._items("xl/styles.xml", "cellXfs"):
            for style in styles:
                code = codes.get(int(style.get("numFmtId", "0")), "General")
                found.append((code, bool(is_date_format(code))))
        return found

    def sheets(self) -> Iterator[Sheet]:
        for name, path in self.visible:
            yield self._sheet(name, path)

    def _sheet(self, name: str, path: str) -> Sheet:
        found = Sheet(name, None, [], epoch_1904=self.epoch_1904)
        source = self._open(path)
        ensure(source is not None, "import.damaged")
        holder: Element | None = None
        number = 0
        with source:
            for event, element in iterparse(source, ("start", "end")):
                tag = _local(element.tag)
                if event == "start":
                    if tag in ("sheetData", "mergeCells"):
                        holder = element
                elif tag == "row":
                    number = int(float(element.get("r") or number + 1))
                    cells = self._cells(element)
                    if cells:
                        ensure(len(found.rows) < MAX_ROWS, "import.too_many_rows", rows=MAX_ROWS)
                        hidden = element.get("hidden") in ("1", "true") or element.get("ht") == "0"
                        found.rows.append(Row(number, cells, hidden))
                    if holder is not None:
                        holder.clear()
                elif tag == "mergeCell":
                    self._merge(found, element.get("ref", ""))
        fill(found)
        return found

    def _merge(self, sheet: Sheet, reference: str) -> None:
        ends = _REFERENCE.findall(reference)
        if len(ends) == 2:
            (left, top), (right, bottom) = ends
            sheet.spans.append(Span(int(top), column_index(left), int(bottom), column_index(right)))

    def _cells(self, row: Element) -> list[Cell]:
        """The row's cells up to the last one that holds a value."""
        cells: list[Cell] = []
        column = -1
        for element in row:
            reference = element.get("r")
            column = column_index(reference.rstrip("0123456789")) if reference else column + 1
            if column >= MAX_COLUMNS:
                break
            if len(element) and (cell := self._cell(element)) is not EMPTY:
                if column > len(cells):
                    cells.extend([EMPTY] * (column - len(cells)))
                cells[column:] = [cell]
        return cells

    def _cell(self, element: Element) -> Cell:
        kind = element.get("t", "n")
        style = element.get("s")
        number_format, is_date = ("General", False)
        if style is not None and int(style) < len(self.formats):
            number_format, is_date = self.formats[int(style)]
        value: str | None = None
        formula: str | None = None
        has_value = False
        for child in element:
            tag = _local(child.tag)
            if tag == "v":
                value, has_value = child.text, True
            elif tag == "f":
                formula = "=" + (child.text or "")
            elif tag == "is":
                return text_cell(_text(child), number_format)
        if value is None or value == "":
            if formula is None or (kind == "str" and has_value):
                return EMPTY
            return Cell(formula, "formula", number_format)
        if kind == "s":
            return self.strings[int(value)]
        if kind == "str":
            return text_cell(_unescape(value), number_format)
        if kind == "b":
            return Cell(value.strip() in ("1", "true"), "bool", number_format)
        if kind == "e":
            return Cell(value, "error", number_format)
        if kind == "d":
            return Cell(datetime.fromisoformat(value.rstrip("Z")), "date", number_format)
        return number_cell(float(value), number_format, is_date, self.epoch_1904)


def number_cell(number: float, number_format: str, is_date: bool, epoch_1904: bool) -> Cell:
    """A number, or the date that its format makes of it."""
    if is_date:
        moment = from_serial(number, epoch_1904)
        if moment is not None and number >= 1:
            return Cell(moment, "date", number_format)
    return Cell(number, "number", number_format)


def from_serial(number: float, epoch_1904: bool) -> datetime | None:
    from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

    try:
        moment = from_excel(number, MAC_EPOCH if epoch_1904 else WINDOWS_EPOCH)
    except (OverflowError, ValueError):
        return None
    return moment if isinstance(moment, datetime) else None


def fill(sheet: Sheet) -> None:
    """A cell merged over several rows counts for each of those that hold anything."""
    by_number = {row.number: row for row in sheet.rows}
    for span in sheet.spans:
        first = by_number.get(span.top)
        if span.bottom == span.top or first is None or (cell := first.cell(span.left)) is EMPTY:
            continue
        for number in range(span.top + 1, min(span.bottom, sheet.rows[-1].number) + 1):
            row = by_number.get(number)
            if row is not None and row.cell(span.left) is EMPTY:
                if span.left >= len(row.cells):
                    row.cells.extend([EMPTY] * (span.left + 1 - len(row.cells)))
                row.cells[span.left] = cell
                row.filled |= {span.left}
