"""CSV and other delimited text: which encoding, which delimiter, which records."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata

from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.exchange.cells import EMPTY, MAX_COLUMNS, Row, Sheet, readable, text_cell, unguard

DELIMITERS = ",\t;"
_LINE = {"utf-16-le": "\n".encode("utf-16-le"), "utf-16-be": "\n".encode("utf-16-be")}


def sheet(data: bytes, filename: str) -> Sheet:
    """The records of a text file."""
    text, encoding = decode(data, filename)
    found = Sheet(None, encoding, [])
    for number, record in enumerate(records(text), 1):
        cells = [text_cell(unguard(value)) if value else EMPTY for value in record[:MAX_COLUMNS]]
        while cells and cells[-1] is EMPTY:
            cells.pop()
        if cells:
            found.add(Row(number, cells))
    return found


def decode(data: bytes, filename: str) -> tuple[str, str]:
    """(text without byte order marks, encoding). Undecodable bytes refuse the file, naming the line."""
    utf_32 = data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff"))
    ensure(not utf_32, "import.unknown_type", file=filename)
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return _checked(_strict(data, encoding.removesuffix("-sig")), filename), encoding
    ensure(b"\0" not in data, "import.unknown_type", file=filename)
    try:
        return _checked(data.decode("utf-8"), filename), "utf-8"
    except UnicodeDecodeError as error:
        damaged = sum(ord(char) > 0x2E7F for char in data[: error.start].decode("utf-8")) >= 3
        if damaged:  # so much valid UTF-8 is no accident: a damaged UTF-8 file, not GB 18030
            raise _undecodable(data, error, "utf-8") from None
    return _checked(_strict(data, "gb18030"), filename), "gb18030"


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _undecodable(data, error, encoding) from None


def _undecodable(data: bytes, error: UnicodeDecodeError, encoding: str) -> RuleViolation:
    before = data[: error.start]
    newline = _LINE.get(encoding, b"\n")
    line = before.count(newline) + 1 if newline in before else before.count(b"\r") + 1
    return RuleViolation(Violation("import.undecodable", None, {"line": line, "encoding": encoding}))


def _checked(text: str, filename: str) -> str:
    """Without marks; binary rubbish that happens to decode is no table."""
    text = text.lstrip("\ufeff")
    head = text[:20_000]
    odd = sum(unicodedata.category(char) in ("Cc", "Cn") and char not in "\t\r\n\f\v\x1a" for char in head)
    ensure("\0" not in text and odd * 50 <= len(head), "import.unknown_type", file=filename)
    return readable(text.rstrip("\x1a"))


def records(text: str) -> list[list[str]]:
    """The records, in the delimiter that the file shows (or says: Excel's `sep=;`)."""
    if text[:4].lower() == "sep=" and text[4:5] not in ("", "\r", "\n"):
        delimiter, rest = text[4], text[5:].lstrip(" ")
        return [[], *_parse(rest.removeprefix("\r\n").removeprefix("\n"), delimiter)]
    return _parse(text, _delimiter(text))


def _delimiter(text: str) -> str:
    """The one that makes the widest record of the first lines."""
    head = text[:200_000].splitlines(keepends=True)[:60]
    widths = {}
    for mark in DELIMITERS:
        try:
            widths[mark] = max((len(record) for record in csv.reader(head, delimiter=mark)), default=0)
        except csv.Error:
            widths[mark] = 0
    return max(DELIMITERS, key=lambda mark: widths[mark])


def _parse(text: str, delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        open_quote = "unexpected end" in str(error)
    found: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    start = 1
    try:
        for record in reader:
            found.append(record)
            if not open_quote or reader.line_num < text.count("\n"):
                start = reader.line_num + 1
    except csv.Error:
        raise RuleViolation(Violation("import.csv_broken", None, {"line": reader.line_num})) from None
    ensure(not open_quote, "import.csv_quote", line=start)
    return found
