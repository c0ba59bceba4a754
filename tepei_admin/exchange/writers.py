"""What a file that goes out has in each column, and the file as CSV, written as the rows come (`workbook`: XLSX)."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.exchange.cells import guard

Kind = Literal["text", "int", "money", "date"]
Row = Sequence[Any]

BATCH = 1000
LAST_ROW = 1_048_576
"""As many rows as a sheet of Excel has, its header among them."""

_MARKS = frozenset("'=+-@＝＋－＠\t\r\n") | {char for char in map(chr, range(0x3001)) if char.isspace()}
"""What a text may start with that `guard` has to look at; most texts cost one look at one character."""


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
            raise unknown_character(outputs, batch, done, codec) from error
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


def unknown_character(
    outputs: Sequence[Output], batch: Sequence[Row], done: int, codec: str
) -> RuleViolation:
    """The refusal that names the character, the column and the person; never a "?" in a name."""
    for number, row in enumerate(batch, start=done + 2):
        for output, value in zip(outputs, row, strict=True):
            for char in value if isinstance(value, str) else "":
                if not _encodable(char, codec):
                    return refusal("export.cannot_encode", outputs, row, number, output, char=_named(char),
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


def refusal(
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
