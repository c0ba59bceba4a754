"""What a sheet holds, what a reading says about it, and the text tricks of spreadsheets."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Literal

from tepei_admin.errors import ensure

MAX_ROWS = 50_000
MAX_COLUMNS = 1_000
MAX_CELLS = 2_000_000
MAX_TEXT = 30_000_000
"""How much one sheet may hold, texts in characters: more is no table of people and too much for the machine."""

Kind = Literal["text", "number", "date", "bool", "empty", "error", "formula"]
Level = Literal["error", "warning", "notice"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `error`: an error value (#N/A). `formula`: a picture, or a formula without a result."""

    value: str | float | int | date | datetime | bool | None = None
    kind: Kind = "empty"
    number_format: str = ""


EMPTY = Cell()


@dataclass(slots=True)
class Row:
    """One row by the sheet's own number (in a text file: a record, an empty line counts)."""

    number: int
    cells: list[Cell]
    hidden: bool = False
    filled: frozenset[int] = frozenset()  # columns whose value comes from a cell merged over several rows

    def cell(self, column: int) -> Cell:
        return self.cells[column] if column < len(self.cells) else EMPTY


@dataclass(frozen=True, slots=True)
class Span:
    """A merged range, by row number and column index (from 0), all inclusive."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class Sheet:
    """The rows that hold values. `sheet` is None for a text file, `encoding` for a workbook."""

    sheet: str | None
    encoding: str | None
    rows: list[Row]
    spans: list[Span] = dataclasses.field(default_factory=list)
    epoch_1904: bool = False
    cells: int = 0
    characters: int = 0

    def add(self, row: Row) -> None:
        """One row more. Refused where the sheet grows too large."""
        self.cells += len(row.cells)
        self.characters += sum(len(cell.value) for cell in row.cells if isinstance(cell.value, str))
        ensure(len(self.rows) < MAX_ROWS, "import.too_many_rows", rows=MAX_ROWS)
        ensure(self.cells <= MAX_CELLS and self.characters <= MAX_TEXT, "import.too_large")
        self.rows.append(row)


def fill(sheet: Sheet) -> None:
    """A cell merged over several rows counts for each of those that hold anything."""
    last = sheet.rows[-1].number if sheet.rows else 0
    covered = sum(max(0, min(span.bottom, last) - span.top) for span in sheet.spans)
    ensure(covered <= MAX_CELLS, "import.too_large")
    by_number = {row.number: row for row in sheet.rows}
    for span in sheet.spans:
        first = by_number.get(span.top)
        if span.bottom == span.top or first is None or (cell := first.cell(span.left)) is EMPTY:
            continue
        for number in range(span.top + 1, min(span.bottom, last) + 1):
            row = by_number.get(number)
            if row is not None and row.cell(span.left) is EMPTY:
                if span.left >= len(row.cells):
                    row.cells.extend([EMPTY] * (span.left + 1 - len(row.cells)))
                row.cells[span.left] = cell
                row.filled |= {span.left}


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be said about a cell. `code` names a sentence of messages: there "import.<code>"."""

    level: Level
    field: str | None
    code: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def text(self) -> str:
        from tepei_admin.messages import word

        return word(f"import.{self.code}", **self.params)


_PICTURE = re.compile(r"=\s*(?:_xlfn\.)?DISPIMG\(", re.IGNORECASE)
_WRAPPED = re.compile(r'="([^"]*)"')
_QUOTED_NUMBER = re.compile(r"""['‘’`´＇"“”\s\u200b\u2060\ufeff]+(?==?["“]?[+\d０-９])""")
_GUARDED = re.compile(r"'*\s*[=+\-@＝＋－＠]|'*[\t\r\n]")


_NO_TEXT = re.compile("[\ud800-\udfff\ufffe\uffff]")


def readable(text: str) -> str:
    """Without what is no character, and what no database keeps: half of a pair, U+FFFF, a zero byte."""
    return _NO_TEXT.sub("\ufffd", text).replace("\0", "")


ERRORS = frozenset(
    [
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#NAME?",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BLOCKED!",
        "#UNKNOWN!",
        "#CONNECT!",
        "#BUSY!",
        "#EXTERNAL!",
        "#PYTHON!",
        "#TIMEOUT!",
        "#GETTING_DATA",
    ]
)
"""What Excel shows for an error, and writes into a CSV as if it were text."""


def text_cell(text: str) -> Cell:
    """The cell of a written text; blank text is an empty cell, a WPS picture formula or an error value is no text."""
    if not text.strip():
        return EMPTY
    if text.strip() in ERRORS:
        return Cell(text, "error")
    if text[0] in "='" and _PICTURE.match(text.lstrip("'")):
        return Cell(text, "formula")
    return Cell(text, "text")


def error_cell(text: str) -> Cell:
    """An error value; one that nobody has heard of is #N/A, which says as much."""
    return Cell(text if text in ERRORS else "#N/A", "error")


def guard(text: str) -> str:
    """Text that Excel would take for a formula gets an apostrophe. `unguard` takes it off again."""
    return f"'{text}" if _GUARDED.match(text) else text


def unguard(text: str) -> str:
    return text[1:] if text.startswith("'") and _GUARDED.match(text) else text


def bare(text: str) -> str:
    """A number kept as text, without the trick that keeps it: `="150…"`, a leading apostrophe or tab."""
    if found := _QUOTED_NUMBER.match(text):
        text = text[found.end() :]
    if wrapped := _WRAPPED.fullmatch(text.strip()):
        return wrapped[1]
    return text.strip().rstrip("'’\"”") if text[:1].isdigit() else text


def number_text(value: float | int) -> str:
    """A number as Excel shows it in General: no ".0", and no more than the 15 digits that it keeps."""
    if float(value).is_integer() and abs(value) < 1e15:
        return str(int(value))
    return format(value, ".15g").upper()


def written(cell: Cell) -> str:
    """The cell as a person would read it."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time().isoformat() == "00:00:00" else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return number_text(value)


@cache
def shows(number_format: str) -> str:
    """Which of y, m, d a date format shows: 'yyyy"年"m"月"' gives "ym"."""
    plain = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.|_.', "", number_format).lower()
    return "".join(letter for letter in "ymd" if letter in plain)
