"""A sheet on its way from the process that read it: lines of JSON, data and nothing else.

A cell is kept with its upload in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from tepei_admin.exchange.cells import EMPTY, Cell, Row, Sheet, Span

ROWS = 1_000
"""Rows a line."""


def pack(sheet: Sheet) -> Iterator[dict[str, Any]]:
    """The head, the rows some at a time, and the end of a sheet."""
    yield {"sheet": sheet.sheet, "encoding": sheet.encoding, "epoch_1904": sheet.epoch_1904}
    for start in range(0, len(sheet.rows), ROWS):
        yield {"rows": [_packed(row) for row in sheet.rows[start : start + ROWS]]}
    yield {"spans": [(span.top, span.left, span.bottom, span.right) for span in sheet.spans]}


def unpack(lines: Iterable[dict[str, Any]]) -> Iterator[Sheet]:
    """The sheets that lines tell of, each when it is whole."""
    found = Sheet(None, None, [])
    texts: dict[str, Cell] = {}
    for line in lines:
        if "sheet" in line:
            found = Sheet(line["sheet"], line["encoding"], [], epoch_1904=line["epoch_1904"])
        elif "rows" in line:
            for number, hidden, filled, cells in line["rows"]:
                row = [cell_of(cell, texts) for cell in cells]
                found.add(Row(number, row, hidden, frozenset(filled)))
        elif "spans" in line:
            found.spans = [Span(*span) for span in line["spans"]]
            yield found


def _packed(row: Row) -> tuple[int, bool, list[int], list[Any]]:
    return row.number, row.hidden, sorted(row.filled), [plain(cell) for cell in row.cells]


def plain(cell: Cell) -> Any:
    """A text as it is, an empty cell as null, anything else with its kind and format."""
    if cell.kind == "text":
        return cell.value
    if cell is EMPTY:
        return None
    value = cell.value
    return [cell.kind, value.isoformat() if isinstance(value, datetime) else value, cell.number_format]


def cell_of(plain: Any, texts: dict[str, Cell]) -> Cell:
    """Many cells say the same: each text is one cell."""
    if plain is None:
        return EMPTY
    if isinstance(plain, str):
        found = texts.get(plain)
        if found is None:
            found = texts[plain] = Cell(plain, "text")
        return found
    kind, value, number_format = plain
    return Cell(datetime.fromisoformat(value) if kind == "date" else value, kind, number_format)
