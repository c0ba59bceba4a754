"""Rows of one file beside each other: the same row twice is skipped, one person told in two ways is an error."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any

from tepei_admin.exchange.cells import Level, Message

if TYPE_CHECKING:
    from tepei_admin.exchange.sheet_report import PersonRow

# Two rows of one person that differ only here are the same row sent twice.
APART = frozenset(("unit_rank",))


def by_number(row: PersonRow) -> Hashable | None:
    """What makes two rows the same person; None: cannot be told."""
    return row.values.get("id_number")


def compare(rows: Sequence[PersonRow], same: Callable[[PersonRow], Hashable | None] = by_number) -> None:
    """The same row twice is skipped; one ID number with any difference is an error on all its rows."""
    groups: dict[Hashable, list[PersonRow]] = {}
    for row in rows:
        if known := same(row):
            groups.setdefault(known, []).append(row)
    for group in groups.values():
        if len(group) > 1:
            _compare_group([row for row in group if not row.hidden], [row for row in group if row.hidden])


def _compare_group(shown: list[PersonRow], hidden: list[PersonRow]) -> None:
    first = _content(shown[0]) if shown else None
    if any(_content(row) != first for row in shown):
        for row in shown:
            others = [other for other in shown if other is not row]
            row.add(_about(row, "error", "id_number.same_with_difference", others))
    else:
        for row in shown[1:]:
            row.outcome = "skipped"
            row.messages = [_about(row, "notice", "id_number.same_row", shown[:1])]
    for row in hidden:
        if shown:
            row.add(_about(row, "warning", "id_number.same_as_shown", shown))


def _content(row: PersonRow) -> dict[str, Any]:
    """What counts as the same: the stored values, and the written ones of cells that could not be read."""
    wrong = {message.field for message in row.messages if message.level == "error"}
    stored = {
        name: value
        for name, value in row.values.items()
        if name not in APART and not name.endswith("_written")
    }
    return stored | {f"?{name}": row.written.get(name) for name in wrong if name}


def _about(row: PersonRow, level: Level, code: str, others: list[PersonRow]) -> Message:
    numbers = "、".join(str(other.number) for other in others)
    value = row.written.get("id_number", "").strip()
    return Message(level, "id_number", code, {"rows": numbers, "value": value, "column": "身份证号"})
