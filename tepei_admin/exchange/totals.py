"""Lines with sums in a file: 小计 after each group, 合计 at the end.

A template's column says so with a third word: ["金额", "amount", "sum"], ["培养单位", "payee", "group"]. The rows must
come in the order of the groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Totals:
    """Which places of a row are summed, which one makes the groups (None: only a total), how wide a row is."""

    sums: tuple[int, ...]
    group: int | None
    label: int
    width: int

    @classmethod
    def of(cls, columns: Sequence[Sequence[str]], numbered: bool) -> Totals | None:
        """What the columns of a template ask for; None where they sum nothing."""
        first = 1 if numbered else 0
        marks = [column[2] if len(column) > 2 else "" for column in columns]
        sums = tuple(place + first for place, mark in enumerate(marks) if mark == "sum")
        group = next((place + first for place, mark in enumerate(marks) if mark == "group"), None)
        return cls(sums, group, first, len(columns) + first) if sums else None

    def among(self, rows: Iterator[Row]) -> Iterator[Row]:
        """The rows with their sums."""
        whole, part, at, count = self._zero(), self._zero(), None, 0
        for row in rows:
            if self.group is not None and count and row[self.group] != at:
                yield self._line(f"{at or ''}小计", part)
                part = self._zero()
            at = row[self.group] if self.group is not None else None
            for place in self.sums:
                whole[place] += row[place] or 0
                part[place] += row[place] or 0
            count += 1
            yield row
        if self.group is not None and count:
            yield self._line(f"{at or ''}小计", part)
        yield self._line("合计", whole)

    def _zero(self) -> dict[int, int]:
        return dict.fromkeys(self.sums, 0)

    def _line(self, label: str, sums: dict[int, int]) -> Row:
        return tuple(label if place == self.label else sums.get(place) for place in range(self.width))
