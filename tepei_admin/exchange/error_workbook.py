"""The rows that failed, back to whoever sent them: their own columns and order, red cells with notes, 错误信息.

Every cell is text, so that no number loses digits on the way and no text becomes a formula. Put right, the file is
imported like any other.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tepei_admin.exchange import wire
from tepei_admin.exchange.cells import written
from tepei_admin.exchange.columns import BY_FIELD
from tepei_admin.models import Upload, UploadRow

TITLE = "错误行"
MESSAGES = "错误信息"
WIDEST = 40
LONGEST = 32_000
"""Characters of a cell that Excel takes."""


@dataclass(frozen=True)
class Failed:
    """A row with errors. `cells`: as JSON keeps them; `errors`: field ("": of no column) -> sentences."""

    number: int
    cells: Sequence[Any]
    corrections: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)


def of_upload(upload: Upload) -> bytes:
    """The workbook of an upload's rows with errors."""
    query = UploadRow.select().where(UploadRow.upload == upload.id, UploadRow.outcome == "error")
    rows = [
        Failed(
            row.number, row.cells, {name: item["text"] for name, item in row.corrections.items()}, errors(row.messages)
        )
        for row in query.order_by(UploadRow.number)
    ]  # fmt: skip
    unit = upload.unit.name if upload.unit_id else upload.report.get("unit_line", "")
    return build(upload.report["headings"], rows, unit)


def errors(messages: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """field -> what is wrong with it."""
    found: dict[str, list[str]] = {}
    for item in messages:
        if item["level"] == "error":
            found.setdefault(item["field"] or "", []).append(item["text"])
    return found


def build(headings: Sequence[Sequence[Any]], rows: Sequence[Failed], unit: str) -> bytes:
    """`headings`: (column of the file, header as written, label, field recognised, field) in the file's order."""
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(TITLE)
        look = {
            "text": book.add_format({"num_format": "@", "valign": "top"}),
            "bad": book.add_format({"num_format": "@", "valign": "top", "bg_color": "#FFC7CE", "font_color": "#9C0006"}),
            "head": book.add_format({"num_format": "@", "bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
            "said": book.add_format({"num_format": "@", "text_wrap": True, "valign": "top", "font_color": "#9C0006"}),
        }  # fmt: skip
        top = _preface(sheet, look, unit)
        _head(sheet, look, headings, top)
        for place, row in enumerate(rows, top + 1):
            _row(sheet, look, headings, row, place)
        sheet.freeze_panes(top + 1, 0)
        for place, heading in enumerate(headings):
            sheet.set_column(place, place, _width(heading, rows), look["text"])
        sheet.set_column(len(headings), len(headings), 60, look["said"])
    return out.getvalue()


def _preface(sheet: Any, look: Mapping[str, Any], unit: str) -> int:
    """Who sends it, and what to do with it; the row of the header."""
    told = f"说明：只含有错误的行。请改正标红的格（批注说明原因），保存后重新导入；“{MESSAGES}”一列不必删除"
    sheet.write_string(0, 0, told)
    if unit:
        sheet.write_string(1, 0, f"单位（盖章）：{unit}")
    return 2 if unit else 1


def _head(sheet: Any, look: Mapping[str, Any], headings: Sequence[Sequence[Any]], top: int) -> None:
    """The sender's own headers; ours where the office has said what a column is, with the sender's as a note."""
    for place, (_, header, _, own, name) in enumerate(headings):
        ours = name and name != own
        sheet.write_string(top, place, BY_FIELD[name].header if ours else header, look["head"])
        if ours:
            sheet.write_comment(top, place, f"原表头：{header}")
    sheet.write_string(top, len(headings), MESSAGES, look["head"])


def _row(
    sheet: Any, look: Mapping[str, Any], headings: Sequence[Sequence[Any]], row: Failed, place: int
) -> None:
    for at, (index, _, _, _, name) in enumerate(headings):
        text = _text(row, index, name)
        wrong = row.errors.get(name or "", ()) if name else ()
        sheet.write_string(place, at, text[:LONGEST], look["bad" if wrong else "text"])
        if wrong:
            sheet.write_comment(place, at, "\n".join(wrong)[:LONGEST], {"x_scale": 2})
    said = [text for texts in row.errors.values() for text in texts]
    sheet.write_string(
        place, len(headings), f"原第 {row.number} 行：" + "；".join(said)[:LONGEST], look["said"]
    )


def _text(row: Failed, index: int, name: str | None) -> str:
    if name and name in row.corrections:
        return row.corrections[name]
    return written(wire.cell_of(row.cells[index], {})) if index < len(row.cells) else ""


def _width(heading: Sequence[Any], rows: Sequence[Failed]) -> int:
    """Wide enough for the longest of the first texts; a Han character takes two."""
    texts = [str(heading[1]), *(_text(row, heading[0], heading[4]) for row in rows[:50])]
    return min(WIDEST, 2 + max(sum(1 + (ord(char) > 0x2E7F) for char in text) for text in texts))
