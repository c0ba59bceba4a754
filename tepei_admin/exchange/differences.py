"""What has changed since a file went out: row by row, cell by cell, against what the template would give today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.exchange import catalogue, manuscript
from tepei_admin.exchange.design import Draft
from tepei_admin.exchange.manuscript import Column
from tepei_admin.exchange.masking import tail
from tepei_admin.exchange.tables import template_table
from tepei_admin.exchange.writers import Output, yuan
from tepei_admin.models import ExportRecord
from tepei_admin.permissions import Actor
from tepei_admin.services import programmes

CHANGED, ADDED, GONE = "变更", "新增", "减少"


@dataclass(frozen=True)
class Cell:
    header: str
    old: str
    new: str


@dataclass(frozen=True)
class Change:
    """One row: changed with its cells, added (its new values), or gone (its old ones)."""

    kind: str
    number: int
    who: str
    cells: list[Cell]


@dataclass(frozen=True)
class Differences:
    rows: list[Change]
    same: int
    columns_added: list[str]
    columns_gone: list[str]

    def count(self, kind: str) -> int:
        return sum(row.kind == kind for row in self.rows)

    @property
    def any(self) -> bool:
        return bool(self.rows or self.columns_added or self.columns_gone)


def since(actor: Actor, row: ExportRecord, *, masked: bool = True) -> Differences:
    """What is other now than in that file. Raises `RuleViolation` where none can say.

    Like is compared with like: whoever asks and whatever has become of the template since, the rows are those of the
    file's own unit, year, track and filter, under its masks.

    `masked` hides the numbers in what is shown; whether they differ is told by the whole ones where the file had them.
    """
    if not row.rows_as or row.source is None:
        raise RuleViolation(
            Violation("export.no_manuscript", None, {"file": row.file_name, "most": manuscript.COMPARED})
        )
    old = manuscript.read(row.rows_as)
    asked: Any = row.filter or {}
    template = replace(Draft.of(row.source), filter=asked["filter"])
    if template.resource != asked["resource"]:
        names = catalogue.resources()
        params = {"was": names.get(asked["resource"], ""), "now": names.get(template.resource, "")}
        raise RuleViolation(Violation("export.other_resource", None, {"template": template.name, **params}))
    track = programmes.find_track(row.programme_id, asked["track"]) if asked["track"] else None
    whose = replace(actor, unit_id=row.unit_id)
    table = template_table(whose, template, row.programme_id, track, masked=row.masked)
    columns = manuscript.columns_of(table)
    now: dict[int, Sequence[Any]] = {}
    for numbers, batch in table.keyed():
        now.update(zip(numbers, batch, strict=True))
    return compared(old.columns, dict(old.rows), columns, now, masked=masked)


def compared(
    old_columns: Sequence[Column],
    old: dict[int, Sequence[Any]],
    columns: Sequence[Column],
    now: dict[int, Sequence[Any]],
    *,
    masked: bool,
) -> Differences:
    """Two states of a table, each {number of the row: values}. A column is the same by its path, not by its header."""
    before = {column.path: place for place, column in enumerate(old_columns) if column.path}
    after = {column.path: place for place, column in enumerate(columns) if column.path}
    shared = [(columns[place], before[path], place) for path, place in after.items() if path in before]
    found, same = [], 0
    for number, row in now.items():
        if number not in old:
            found.append(Change(ADDED, number, _who(columns, row), _whole(columns, row, masked, new=True)))
            continue
        cells = [
            _cell(column, old[number][was], row[place], masked)
            for column, was, place in shared
            if _plain(old[number][was]) != _plain(row[place])
        ]
        if cells:
            found.append(Change(CHANGED, number, _who(columns, row), cells))
        else:
            same += 1
    found += [
        Change(GONE, number, _who(old_columns, row), _whole(old_columns, row, masked, new=False))
        for number, row in old.items()
        if number not in now
    ]
    return Differences(
        found, same,
        [column.header for column in columns if column.path and column.path not in before],
        [column.header for column in old_columns if column.path and column.path not in after],
    )  # fmt: skip


def _plain(value: Any) -> Any:
    """An empty text and no value are the same cell."""
    return None if value == "" else value


def _cell(column: Column, old: Any, new: Any, masked: bool) -> Cell:
    return Cell(column.header, _shown(column, old, masked), _shown(column, new, masked))


def _whole(columns: Sequence[Column], row: Sequence[Any], masked: bool, *, new: bool) -> list[Cell]:
    """All that a row says, on one side."""
    shown = [
        (column, _shown(column, value, masked))
        for column, value in zip(columns, row, strict=True)
        if column.path
    ]
    return [Cell(column.header, *(("", text) if new else (text, ""))) for column, text in shown if text]


def _shown(column: Column, value: Any, masked: bool) -> str:
    if value is None or value == "":
        return ""
    if column.sensitive and masked:
        return value if str(value).startswith("尾号 ") else tail(value)
    return yuan(value) if column.kind == "money" else str(value)


def _who(columns: Sequence[Column], row: Sequence[Any]) -> str:
    """A row by its 姓名, else by its first text."""
    texts = [
        (column, value) for column, value in zip(columns, row, strict=True)
        if value and isinstance(value, str) and not column.sensitive
    ]  # fmt: skip
    named = (value for column, value in texts if column.path.rpartition(".")[2] == "name")
    return next(named, texts[0][1] if texts else "")


# ---- as a file

OUTPUTS = (
    Output("情况", width=8),
    Output("姓名或名称", width=20),
    Output("栏目", width=16),
    Output("原值", width=30),
    Output("现值", width=30),
)


def lines(found: Differences) -> list[tuple[str, ...]]:
    """A line a cell, to be handed out."""
    return [
        (row.kind, row.who, cell.header, cell.old, cell.new)
        for row in found.rows
        for cell in (row.cells or [Cell("", "", "")])
    ]
