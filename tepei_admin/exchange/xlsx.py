"""XLSX: the visible sheets of a workbook with row numbers, number formats, hidden marks and merged ranges.

The usual libraries forget what the checks need (whether an empty cell is a formula without a result, Chinese built-in
date formats, `_x000D_`) or are slow, so the parts are read here.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO

from tepei_admin.errors import ensure
from tepei_admin.exchange.archive import local, make_parser, scan, without_blanks
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
from tepei_admin.exchange.formats import BUILT_IN, is_date, number_cell

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)")
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""What a sheet of Excel has."""
_ON = ("1", "true", "on")


def sheets(archive: zipfile.ZipFile) -> Iterator[Sheet]:
    """Each visible sheet of the workbook, read when asked for."""
    book = _Workbook(archive)
    for name, path in book.visible:
        found = Sheet(name, None, [], epoch_1904=book.epoch_1904)
        with book.part(path) as source:
            xml = without_blanks(source)
        _SheetReader(book, found).read(xml)
        fill(found)
        del xml
        yield found


def unescape(text: str) -> str:
    """`_x000D_` and its like; `_x005F_` is the underline that begins a literal one."""
    if "_x" not in text:
        return text
    plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    whole = plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")  # 𠮷 in two halves
    return readable(whole).replace("\r\n", "\n").replace("\r", "\n")


def column_index(letters: str) -> int:
    """A -> 0. Raises ValueError for what is no column."""
    index = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            raise ValueError(letters)
        index = index * 26 + ord(letter) - 64
    if not 0 < index <= LAST_COLUMN:
        raise ValueError(letters)
    return index - 1


class _Workbook:
    """The parts that all sheets share."""

    def __init__(self, archive: zipfile.ZipFile):
        self.archive = archive
        self.names = {name.lower().lstrip("/"): name for name in archive.namelist()}
        self.visible: list[tuple[str, str]] = []
        self.epoch_1904 = False
        ensure("xl/workbook.xml" in self.names, "import.not_xlsx")
        self._read_book(self._read_links())
        self.strings = self._read_strings()
        self.formats = self._read_formats()

    def part(self, name: str) -> IO[bytes]:
        """One part of the archive, whatever the case of its name. Raises KeyError."""
        return self.archive.open(self.names[name.lower()])

    def _read_links(self) -> dict[str, str]:
        links: dict[str, str] = {}

        def start(tag: str, given: dict[str, str]) -> None:
            if tag == "Relationship" and given.get("Type", "").endswith("/worksheet"):
                target = given.get("Target", "")
                links[given.get("Id", "")] = target[1:] if target.startswith("/") else f"xl/{target}"

        with self.part("xl/_rels/workbook.xml.rels") as source:
            scan(source, start)
        return links

    def _read_book(self, links: dict[str, str]) -> None:
        def start(tag: str, given: dict[str, str]) -> None:
            if tag == "workbookPr":
                self.epoch_1904 = given.get("date1904") in _ON
            elif tag == "sheet" and given.get("state", "visible") == "visible":
                link = next((value for name, value in given.items() if local(name) == "id"), "")
                if link in links:
                    self.visible.append((given.get("name", ""), links[link]))

        with self.part("xl/workbook.xml") as source:
            scan(source, start)

    def _read_strings(self) -> list[Cell]:
        if "xl/sharedstrings.xml" not in self.names:
            return []
        found: list[Cell] = []
        item = _StringItem()

        def start(tag: str, given: dict[str, str]) -> None:
            if tag == "si":
                item.clear()
            else:
                item.start(tag, parser)

        def end(tag: str) -> None:
            if tag == "si":
                found.append(text_cell(item.text()))
            else:
                item.end(tag, parser)

        parser = make_parser(start, end)
        with self.part("xl/sharedStrings.xml") as source:
            parser.ParseFile(source)
        return found

    def _read_formats(self) -> list[tuple[str, bool]]:
        """(format, is it a date) by style number."""
        codes = dict(BUILT_IN)
        found: list[tuple[str, bool]] = []
        inside = False

        def start(tag: str, given: dict[str, str]) -> None:
            nonlocal inside
            if tag == "numFmt":
                codes[int(given.get("numFmtId", "0"))] = given.get("formatCode", "")
            elif tag == "cellXfs":
                inside = True
            elif tag == "xf" and inside:
                code = codes.get(int(given.get("numFmtId", "0")), "General")
                found.append((code, is_date(code)))

        def end(tag: str) -> None:
            nonlocal inside
            inside = inside and tag != "cellXfs"

        if "xl/styles.xml" in self.names:
            with self.part("xl/styles.xml") as source:
                scan(source, start, end)
        return found


class _StringItem:
    """The text of a string item, plain or in runs, without its phonetic guide."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.parts: list[str] = []
        self.guide = False

    def start(self, tag: str, parser: object) -> None:
        if tag == "t" and not self.guide:
            parser.CharacterDataHandler = self.parts.append  # type: ignore[attr-defined]
        elif tag == "rPh":
            self.guide = True

    def end(self, tag: str, parser: object) -> None:
        if tag == "t":
            parser.CharacterDataHandler = None  # type: ignore[attr-defined]
        elif tag == "rPh":
            self.guide = False

    def text(self) -> str:
        return unescape("".join(self.parts))


class _SheetReader:
    """One sheet's XML, element by element; `cells` is the row in hand, the other names the cell in hand.

    Rows and cells must stand in order, each at a place of its own: from a sheet that Excel itself would have to repair
    nobody could say which row a message means. ValueError refuses the file as damaged.
    """

    def __init__(self, book: _Workbook, sheet: Sheet):
        self.book, self.sheet = book, sheet
        self.columns: dict[str, int] = {}
        self.number, self.hidden, self.cells, self.column = 0, False, [], -1  # type: tuple[int, bool, list[Cell], int]
        self.row, self.numbered, self.placed = "", None, True  # type: tuple[str, bool | None, bool]
        self.kind, self.style = "n", ""
        self.value: list[str] | None = None
        self.formula: list[str] | None = None
        self.inline: _StringItem | None = None
        self.parser = make_parser(self._start, self._end)

    def read(self, xml: bytes) -> None:
        self.parser.Parse(xml, True)

    def _start(self, tag: str, given: dict[str, str]) -> None:
        if tag == "c":
            self.column = self._place(given.get("r"))
            self.kind, self.style = given.get("t", "n"), given.get("s", "")
            self.value = self.formula = self.inline = None
        elif tag == "v":
            self.value = []
            self.parser.CharacterDataHandler = self.value.append
        elif tag == "f":
            self.formula = []
            self.parser.CharacterDataHandler = self.formula.append
        elif tag == "row":
            self.number = self._number(given.get("r"))
            self.row = str(self.number)
            self.hidden = given.get("hidden") in _ON or given.get("ht") == "0"
            self.cells, self.column = [], -1
        elif tag == "is":
            self.inline = _StringItem()
        elif tag == "mergeCell":
            self._merge(given.get("ref", ""))
        elif self.inline is not None:
            self.inline.start(tag, self.parser)

    def _end(self, tag: str) -> None:
        if tag in ("v", "f"):
            self.parser.CharacterDataHandler = None
        elif tag == "c":
            cell = self._cell()
            if cell is not EMPTY and self.column < MAX_COLUMNS:
                self._put(cell)
        elif tag == "row":
            if self.cells:
                self.sheet.add(Row(self.number, self.cells, self.hidden))
        elif self.inline is not None:
            self.inline.end(tag, self.parser)

    def _number(self, given: str | None) -> int:
        """The number of the next row. Without one it is the next; but then no row has one, for blank rows that say
        theirs have been left out."""
        number = float(given) if given else self.number + 1
        if self.numbered not in (None, bool(given)) or not self.number < number <= LAST_ROW or number % 1:
            raise ValueError(given)
        self.numbered = bool(given)
        return int(number)

    def _place(self, reference: str | None) -> int:
        """The column of the next cell of the row. Without a reference it is the next; but then no cell has one."""
        if reference is None:
            if self.columns:
                raise ValueError
            self.placed = False
            return self.column + 1
        if (found := self.columns.get(letters := reference[: -len(self.row)])) is not None:
            column = found
        else:
            column = self.columns[letters] = column_index(letters)
        if column <= self.column or not self.placed or not reference.endswith(self.row):
            raise ValueError(reference)
        return column

    def _put(self, cell: Cell) -> None:
        missing = self.column - len(self.cells)
        if missing:
            self.cells.extend([EMPTY] * missing)
        self.cells.append(cell)

    def _merge(self, reference: str) -> None:
        ends = _REFERENCE.findall(reference)
        if len(ends) == 2:
            (left, top), (right, bottom) = ends
            self.sheet.spans.append(Span(int(top), column_index(left), int(bottom), column_index(right)))

    def _cell(self) -> Cell:
        if self.inline is not None:
            return text_cell(self.inline.text())
        value = "".join(self.value) if self.value else ""
        if not value:
            if self.formula is None or (self.kind == "str" and self.value is not None):
                return EMPTY
            return Cell("=" + "".join(self.formula), "formula")
        if self.kind == "s":
            return self.book.strings[_index(value)]
        if self.kind == "str":
            return text_cell(unescape(value))
        if self.kind == "b":
            return Cell(value.strip() in _ON, "bool")
        if self.kind == "e":
            return error_cell(value)
        code, dated = self._format()
        if self.kind == "d":
            return _moment_cell(value, code)
        return number_cell(float(value), code, dated, self.book.epoch_1904)

    def _format(self) -> tuple[str, bool]:
        at = _index(self.style or "0")
        return self.book.formats[at] if at < len(self.book.formats) else ("General", False)


def _index(text: str) -> int:
    """A place in a list of the workbook. Python would count a negative one from the end."""
    at = int(text)
    if at < 0:
        raise ValueError(text)
    return at


def _moment_cell(value: str, code: str) -> Cell:
    """A date written out (strict Open XML); before 1900 it is a text, as everywhere in Excel."""
    moment = datetime.fromisoformat(value.rstrip("Z")).replace(tzinfo=None)
    return Cell(moment, "date", code) if moment.year >= 1900 else text_cell(value)
