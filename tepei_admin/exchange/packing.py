"""A row's cells as JSON, so that they are kept with the upload: text as text, the rest as [kind, value, format]."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tepei_admin.exchange.cells import EMPTY, Cell, text_cell


def pack(cells: Sequence[Cell]) -> list[Any]:
    """Ready for JSON."""
    return [_packed(cell) for cell in cells]


def _packed(cell: Cell) -> Any:
    if cell.kind == "empty":
        return None
    if cell.kind == "text":
        return cell.value
    value = cell.value.isoformat() if cell.kind == "date" else cell.value  # type: ignore[union-attr]
    return [cell.kind, value, cell.number_format]


def unpack(packed: Sequence[Any]) -> list[Cell]:
    """The cells again, as the reader gave them."""
    return [_unpacked(item) for item in packed]


def _unpacked(item: Any) -> Cell:
    if item is None:
        return EMPTY
    if isinstance(item, str):
        return text_cell(item)
    kind, value, number_format = item
    return Cell(datetime.fromisoformat(value) if kind == "date" else value, kind, number_format)
