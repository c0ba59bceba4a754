"""A cell of a workbook written so that reading finds it again (see `error_workbook`), and its looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tepei_admin.exchange import dates
from tepei_admin.exchange.cells import Cell, text_cell, written
from tepei_admin.exchange.columns import BY_FIELD
from tepei_admin.exchange.numbers import EXACT

LONGEST = 16_000
"""Characters of a cell; Excel takes 32,767 units, and some characters are two."""


class Look:
    """The formats of a book, each made once."""

    KINDS: Mapping[str, Mapping[str, Any]] = {
        "": {},
        "bad": {"bg_color": "#FFC7CE", "font_color": "#9C0006"},
        "head": {"bold": True, "bottom": 1, "text_wrap": True},
        "said": {"text_wrap": True, "font_color": "#9C0006"},
    }

    def __init__(self, book: Any):
        self.book, self.made = book, {}  # type: tuple[Any, dict[tuple[str, str], Any]]

    def __call__(self, kind: str = "", number_format: str = "@") -> Any:
        key = (kind, number_format if number_format.isprintable() else "General")
        if key not in self.made:
            shape = {"num_format": key[1], "valign": "top", **self.KINDS[kind]}
            self.made[key] = self.book.add_format(shape)
        return self.made[key]


def write(sheet: Any, look: Look, kind: str, place: tuple[int, int], cell: Cell, name: str | None) -> None:
    """A cell of a field (None: of a column that is not imported); as text where the text says the same."""
    own = "@" if name else cell.number_format or "@"
    if cell.kind == "formula" and text_cell(str(cell.value)).kind != "formula":
        # Without a result, as it was; never the sender's own formula.
        sheet.write_formula(*place, "=NA()", look(kind), "")
    elif cell.kind == "bool":
        sheet.write_boolean(*place, cell.value, look(kind, own))
    elif (text := _text(cell, name)) is not None:
        sheet.write_string(*place, text[:LONGEST], look(kind))
    elif cell.kind == "number":
        sheet.write_number(*place, cell.value, look(kind, own))
    else:
        sheet.write_datetime(*place, cell.value, look(kind, cell.number_format))


def _text(cell: Cell, name: str | None) -> str | None:
    """The text that reads as the cell does; None: no text does."""
    if cell.kind not in ("number", "date"):
        return written(cell)
    column = BY_FIELD.get(name or "")
    if column is None or not column.text:
        return None
    if cell.kind == "date":
        return dates.exact(cell) if column.dated else written(cell)
    whole = float(cell.value).is_integer() and abs(cell.value) < EXACT  # type: ignore[arg-type]
    return written(cell) if whole and not column.dated else None


def note(sheet: Any, place: tuple[int, int], text: str, wide: int = 1) -> None:
    """A note; control characters would make a damaged file of it."""
    plain = "".join(char if char >= " " or char == "\n" else " " for char in text)
    sheet.write_comment(*place, plain[:LONGEST], {"x_scale": wide})
