"""What a file is, by its content; its name only ever adds what the content cannot say."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

from tepei_admin.errors import ensure
from tepei_admin.exchange import archive, textfile, xls, xlsx
from tepei_admin.exchange.cells import Sheet

_XML_TABLE = (b"urn:schemas-microsoft-com:office:spreadsheet", b'progid="excel.sheet"')
_MARKUP = (
    b"<html",
    b"<!doctype",
    b"<table",
    b"<meta",
    b"<head",
    b"<body",
    b"<?xml",
    b"<style",
    b"<!--",
    b"mime-version:",
)
_BINARY = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf")
_PACKED = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")


def sheets(data: bytes, filename: str) -> Iterator[Sheet]:
    """The visible sheets, one after another. Raises RuleViolation for a file that is no table."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    ensure(not name.startswith("~$"), "import.lock_file", file=name)
    ensure(data.strip(b" \t\r\n\x1a\xef\xbb\xbf"), "import.empty_file", file=name)
    ensure(not data.startswith(_PACKED), "import.packed", file=name)
    if data.startswith(b"PK"):
        with archive.opened(data) as opened:
            _check_workbook(opened, name)
            yield from xlsx.sheets(opened)
    elif data.startswith(xls.MAGIC):
        yield from xls.sheets(data, name)
    else:
        _check_text(data, name)
        yield textfile.sheet(data, name)


def _check_workbook(opened: zipfile.ZipFile, name: str) -> None:
    """A workbook, and not something else that comes in a zip."""
    parts = {part.lower().lstrip("/") for part in opened.namelist()}
    ensure("content.xml" not in parts or "mimetype" not in parts, "import.open_document", file=name)
    ensure("xl/workbook.bin" not in parts, "import.not_xlsx")
    if not any(part.startswith("xl/") for part in parts):
        ensure("[content_types].xml" in parts, "import.packed", file=name)
        ensure(False, "import.unknown_type", file=name)


def _check_text(data: bytes, name: str) -> None:
    start = data[:2000].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").replace(b"\0", b"").lower()
    ensure(not any(mark in start for mark in _XML_TABLE), "import.xml_table", file=name)
    ensure(not start.startswith(_MARKUP), "import.html", file=name)
    ensure(not data.startswith(_BINARY), "import.unknown_type", file=name)
