"""The two files that go out, CSV and XLSX, written as the rows come. Text stays text, numbers stay numbers."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any, Literal

from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.exchange.cells import guard

Kind = Literal["text", "int", "money", "date"]
Row = Sequence[Any]

ENCODINGS = {"utf-8-sig": "UTF-8", "gb18030": "GB18030"}
BATCH = 1000
LAST_ROW = 1_048_576
"""As many rows as a sheet of Excel has, its header among them."""

_MARKS = frozenset("'=+-@＝＋－＠\t\r\n") | {char for char in map(chr, range(0x3001)) if char.isspace()}
"""What a text may start with that `guard` has to look at; most texts cost one look at one character."""

_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


@dataclass(frozen=True)
class Output:
    """A column of a file. Money comes in fen and goes out in yuan; dates are texts (1985-03 has no day)."""

    header: str
    kind: Kind = "text"
    width: int = 12


def yuan(fen: int) -> str:
    """3300000 -> 33000.00"""
    sign, rest = ("-" if fen < 0 else ""), abs(fen)
    return f"{sign}{rest // 100}.{rest % 100:02d}"


# ---- CSV


def csv_chunks(
    outputs: Sequence[Output], rows: Iterable[Row], encoding: str = "utf-8-sig"
) -> Iterator[bytes]:
    """The file in pieces. Raises `RuleViolation` for a character that the encoding does not have."""
    mark, codec = (codecs.BOM_UTF8, "utf-8") if encoding == "utf-8-sig" else (b"", encoding)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([guard(output.header) for output in outputs])
    batch: list[Row] = []
    rest, done = iter(rows), 0
    while True:
        try:
            yield mark + buffer.getvalue().encode(codec)
        except UnicodeEncodeError as error:
            raise _unknown_character(outputs, batch, done, codec) from error
        buffer.seek(0)
        buffer.truncate()
        mark, done = b"", done + len(batch)
        batch = list(islice(rest, BATCH))
        if not batch:
            return
        columns = zip(*batch, strict=True)
        shown = (_IN_CSV[output.kind](column) for output, column in zip(outputs, columns, strict=True))
        writer.writerows(zip(*shown, strict=True))


def _guarded(column: Sequence[str | None]) -> Sequence[str | None]:
    return [guard(text) if text and text[0] in _MARKS else text for text in column]


_IN_CSV: dict[Kind, Callable[[Sequence[Any]], Sequence[Any]]] = {
    "text": _guarded,
    "date": _guarded,
    "int": lambda column: column,
    "money": lambda column: [None if fen is None else yuan(fen) for fen in column],
}


def _unknown_character(
    outputs: Sequence[Output], batch: Sequence[Row], done: int, codec: str
) -> RuleViolation:
    """The refusal that names the character, the column and the person; never a "?" in a name."""
    for number, row in enumerate(batch, start=done + 2):
        for output, value in zip(outputs, row, strict=True):
            for char in value if isinstance(value, str) else "":
                if not _encodable(char, codec):
                    return _refusal("export.cannot_encode", outputs, row, number, output, char=_named(char),
                                    encoding=codec.upper())  # fmt: skip
    headers = "".join(output.header for output in outputs)
    char = next(char for char in headers if not _encodable(char, codec))
    return RuleViolation(
        Violation("export.cannot_encode_header", None, {"char": _named(char), "encoding": codec.upper()})
    )


def _encodable(char: str, codec: str) -> bool:
    try:
        return bool(char.encode(codec))
    except UnicodeEncodeError:
        return False


def _named(char: str) -> str:
    code = f"U+{ord(char):04X}"
    return f"“{char}”（{code}）" if char.isprintable() else code


def _refusal(
    code: str, outputs: Sequence[Output], row: Row, number: int, output: Output, **params: Any
) -> RuleViolation:
    """About one cell. The row is named by its 姓名, else by its first text."""
    texts = {
        item.header: value
        for item, value in zip(outputs, row, strict=True)
        if value and isinstance(value, str)
    }
    who = texts.get("姓名") or next(iter(texts.values()), "")
    who = "".join(char if char.isprintable() else "□" for char in who[:64])
    return RuleViolation(
        Violation(code, None, {"row": number, "who": who, "column": output.header, **params})
    )


# ---- XLSX


def write_xlsx(
    outputs: Sequence[Output], rows: Iterable[Row], target: str | IO[bytes], title: str = ""
) -> int:
    """A workbook of one sheet; how many rows. Row by row through a temporary file, memory stays flat."""
    import xlsxwriter

    with xlsxwriter.Workbook(target, _OPTIONS) as book:
        sheet = book.add_worksheet(_sheet_name(title))
        head = book.add_format(
            {"bold": True, "num_format": "@", "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        formats = [book.add_format({"num_format": _FORMATS[output.kind]}) for output in outputs]
        sheet.freeze_panes(1, 0)
        for place, output in enumerate(outputs):
            sheet.set_column(place, place, output.width, formats[place])
            sheet.write_string(0, place, output.header, head)
        texts = [output.kind in ("text", "date") for output in outputs]
        money = [output.kind == "money" for output in outputs]
        number = 0
        for number, row in enumerate(rows, start=1):
            for place, value in enumerate(row):
                if value is None or value == "":
                    continue
                if not texts[place]:
                    sheet.write_number(number, place, value / 100 if money[place] else value, formats[place])
                elif problem := sheet.write_string(number, place, value, formats[place]):
                    code = "export.too_long" if problem == -2 else "export.too_many_rows"
                    raise _refusal(code, outputs, row, number + 1, outputs[place], rows=LAST_ROW - 1)
    return number


_FORMATS: dict[Kind, str] = {"text": "@", "date": "@", "int": "0", "money": "0.00"}


def _sheet_name(title: str) -> str:
    """A name that Excel takes: no []:*?/\\, no apostrophe at the ends, at most 31 units."""
    name = "".join(char for char in title if char not in "[]:*?/\\" and char.isprintable()).strip("' ")
    while len(name.encode("utf-16-le")) > 62:
        name = name[:-1]
    return name or "导出"
