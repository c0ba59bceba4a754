"""Lines with sums in a file: 小计 after each group, 合计 at the end.

A template's column says so with a third word: ["金额", "amount", "sum"], ["培养单位", "payee", "group"]. Several groups
lie within each other, in the order of their columns. The rows must come in the order of the groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tepei_admin.exchange.writers import Output

Row = tuple[Any, ...]
SUM, GROUP = "sum", "group"


@dataclass(frozen=True)
class Totals:
    """Which places of a row are summed, which make the groups (none: only a total), where a line says what it is."""

    sums: tuple[int, ...]
    groups: tuple[int, ...]
    label: int | None
    width: int

    @classmethod
    def of(cls, outputs: Sequence[Output], marks: Sequence[str]) -> Totals | None:
        """What the columns of a template ask for, each with its mark or ""; None where they sum nothing."""
        sums = tuple(place for place, mark in enumerate(marks) if mark == SUM)
        groups = tuple(place for place, mark in enumerate(marks) if mark == GROUP)
        texts = (place for place, output in enumerate(outputs) if output.kind == "text" and place not in sums)
        return cls(sums, groups, next(texts, None), len(outputs)) if sums else None

    def among(self, rows: Iterator[Row]) -> Iterator[Row]:
        """The rows with their sums."""
        whole, parts, at = self._zero(), [self._zero() for _ in self.groups], None
        for row in rows:
            now = [row[place] for place in self.groups]
            if at is not None and now != at:
                first = next(
                    level for level, (old, new) in enumerate(zip(at, now, strict=True)) if old != new
                )
                yield from self._closed(at, parts, first)
            at = now
            for sums in (whole, *parts):
                for place in self.sums:
                    sums[place] += row[place] or 0
            yield row
        if at is not None:
            yield from self._closed(at, parts, 0)
        yield self._line("合计", whole)

    def _closed(self, at: Sequence[Any], parts: list[dict[int, int]], first: int) -> Iterator[Row]:
        """The sums of the groups that end here, the innermost first; they begin anew."""
        for level in reversed(range(first, len(self.groups))):
            yield self._line(f"{'' if at[level] is None else at[level]}小计", parts[level])
            parts[level] = self._zero()

    def _zero(self) -> dict[int, int]:
        return dict.fromkeys(self.sums, 0)

    def _line(self, label: str, sums: dict[int, int]) -> Row:
        return tuple(label if place == self.label else sums.get(place) for place in range(self.width))
