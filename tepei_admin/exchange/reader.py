"""A file that somebody sent -> its rows, typed by content. What cannot be read is refused in one sentence."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from tepei_admin.errors import ensure
from tepei_admin.exchange import textfile, xlsx
from tepei_admin.exchange.cells import EMPTY, Cell, Row, Sheet, Span, text_cell

__all__ = ["EMPTY", "Cell", "Row", "Sheet", "Span", "read", "read_sheets"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = (b"<html", b"<!doctype", b"<table", b"<meta", b"<head", b"<body", b"<?xml", b"<style", b"<!--")
_BINARY = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf")


def read(data: bytes, filename: str, wanted: Callable[[Sheet], bool] = lambda sheet: True) -> Sheet:
    """The first visible sheet that is wanted; else the first that holds anything."""
    first: Sheet | None = None
    for sheet in read_sheets(data, filename):
        if wanted(sheet):
            return sheet
        if first is None or (sheet.rows and not first.rows):
            first = sheet
    ensure(first is not None, "import.no_sheet")
    assert first is not None
    return first


def read_sheets(data: bytes, filename: str) -> Iterator[Sheet]:
    """The visible sheets, one after another. Raises RuleViolation for a file that is no table."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    ensure(not name.startswith("~$"), "import.lock_file", file=name)
    ensure(data.strip(b" \t\r\n\x1a\xef\xbb\xbf"), "import.empty_file", file=name)
    ensure(not name.lower().endswith((".et", ".ett", ".wps")), "import.wps_format", file=name)
    if data.startswith(b"PK"):
        _check_zip(data, name)
        yield from xlsx.sheets(data)
    elif data.startswith(_OLE):
        yield from _xls(data, name)
    else:
        start = data[:2000].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").replace(b"\0", b"").lower()
        ensure(not start.startswith(_MARKUP), "import.html", file=name)
        ensure(not data.startswith(_BINARY), "import.unknown_type", file=name)
        yield textfile.sheet(data, name)


def _check_zip(data: bytes, name: str) -> None:
    """A workbook, and not something else that comes in a zip."""
    try:
        parts = {part.lower() for part in zipfile.ZipFile(io.BytesIO(data)).namelist()}
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        ensure(False, "import.damaged")
    ensure("xl/workbook.bin" not in parts, "import.not_xlsx")
    ensure(any(part.startswith("xl/") for part in parts), "import.unknown_type", file=name)


def _xls(data: bytes, name: str) -> Iterator[Sheet]:
    """An old workbook. It tells neither number formats nor hidden rows."""
    from python_calamine import (
        CalamineError,
        CalamineWorkbook,
        PasswordError,
        SheetTypeEnum,
        SheetVisibleEnum,
    )

    ensure("EncryptedPackage".encode("utf-16-le") not in data, "import.encrypted")
    ensure("WordDocument".encode("utf-16-le") not in data, "import.unknown_type", file=name)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for about in book.sheets_metadata:
            if about.visible == SheetVisibleEnum.Visible and about.typ == SheetTypeEnum.WorkSheet:
                yield _calamine_sheet(about.name, book.get_sheet_by_name(about.name))
    except PasswordError:
        ensure(False, "import.encrypted")
    except (CalamineError, OSError, ValueError):
        ensure(False, "import.damaged")


def _calamine_sheet(name: str, source: Any) -> Sheet:
    found = Sheet(name, None, [])
    top, left = source.start or (0, 0)
    for number, values in enumerate(source.to_python(skip_empty_area=True), top + 1):
        cells = [EMPTY] * left + [_calamine_cell(value) for value in values]
        while cells and cells[-1] is EMPTY:
            cells.pop()
        if cells:
            ensure(len(found.rows) < xlsx.MAX_ROWS, "import.too_many_rows", rows=xlsx.MAX_ROWS)
            found.rows.append(Row(number, cells))
    for (first_row, first_column), (last_row, last_column) in source.merged_cell_ranges or ():
        found.spans.append(Span(first_row + 1, first_column, last_row + 1, last_column))
    xlsx.fill(found)
    return found


def _calamine_cell(value: object) -> Cell:
    if isinstance(value, str):
        return text_cell(value)
    if isinstance(value, bool):
        return Cell(value, "bool")
    if isinstance(value, int | float):
        return Cell(value, "number")
    if isinstance(value, datetime):
        return Cell(value, "date")
    if isinstance(value, date):
        return Cell(datetime(value.year, value.month, value.day), "date")
    return EMPTY if value is None else text_cell(str(value))
