"""XLS (Excel 95 to 2003): the visible sheets of an old workbook, with formats, hidden rows and merged ranges."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Any

from tepei_admin.errors import ensure
from tepei_admin.exchange.cells import (
    EMPTY,
    MAX_COLUMNS,
    Cell,
    Row,
    Sheet,
    Span,
    error_cell,
    fill,
    readable,
    text_cell,
)
from tepei_admin.exchange.formats import CHINESE, is_date, number_cell

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OTHERS = ("WordDocument", "PowerPoint Document")


def sheets(data: bytes, filename: str) -> Iterator[Sheet]:
    """Each visible sheet, read when asked for. Refuses what else comes in this container."""
    from xlrd.biffh import XLRDError
    from xlrd.compdoc import CompDocError

    ensure(not _has_stream(data, "EncryptedPackage"), "import.encrypted")
    ensure(not any(_has_stream(data, name) for name in _OTHERS), "import.unknown_type", file=filename)
    ensure(not filename.lower().endswith((".et", ".ett")), "import.wps_format", file=filename)
    try:
        yield from _Workbook(data).sheets()
    except (XLRDError, CompDocError, struct.error, AssertionError, ValueError, LookupError, TypeError,
            AttributeError, OverflowError, NotImplementedError) as error:  # fmt: skip
        ensure("encrypted" not in str(error), "import.encrypted")
        ensure(False, "import.damaged")


def _has_stream(data: bytes, name: str) -> bool:
    return name.encode("utf-16-le") in data


class _Workbook:
    def __init__(self, data: bytes):
        import xlrd

        self.book: Any = xlrd.open_workbook(
            file_contents=data, formatting_info=True, ragged_rows=True, on_demand=True, logfile=io.StringIO()
        )
        self.epoch_1904 = bool(self.book.datemode)
        self.formats = [self._code(style.format_key) for style in self.book.xf_list]

    def sheets(self) -> Iterator[Sheet]:
        for at in range(self.book.nsheets):
            source = self.book.sheet_by_index(at)
            if source.visibility == 0:
                yield self._sheet(source)
            self.book.unload_sheet(at)

    def _sheet(self, source: Any) -> Sheet:
        found = Sheet(source.name, None, [], epoch_1904=self.epoch_1904)
        for top, bottom, left, right in source.merged_cells:
            found.spans.append(Span(top + 1, left, bottom, right - 1))
        for at in range(source.nrows):
            cells = [self._cell(cell) for cell in source.row(at)[:MAX_COLUMNS]]
            while cells and cells[-1] is EMPTY:
                cells.pop()
            if cells:
                about = source.rowinfo_map.get(at)
                hidden = about is not None and bool(about.hidden or about.height == 0)
                found.add(Row(at + 1, cells, hidden))
        fill(found)
        return found

    def _code(self, key: int) -> str:
        known = self.book.format_map.get(key)
        return CHINESE.get(key) or (known.format_str if known else "General")

    def _cell(self, cell: Any) -> Cell:
        from xlrd import biffh

        if cell.ctype == biffh.XL_CELL_TEXT:
            return text_cell(readable(cell.value))
        if cell.ctype in (biffh.XL_CELL_NUMBER, biffh.XL_CELL_DATE):
            code = self.formats[cell.xf_index]
            return number_cell(float(cell.value), code, is_date(code), self.epoch_1904)
        if cell.ctype == biffh.XL_CELL_BOOLEAN:
            return Cell(bool(cell.value), "bool")
        if cell.ctype == biffh.XL_CELL_ERROR:
            return error_cell(biffh.error_text_from_code.get(cell.value, ""))
        return EMPTY
