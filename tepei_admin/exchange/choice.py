"""Which sheet of a workbook is read: one with people, if there is one; and which others hold people and are not read."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from typing import Any

from tepei_admin.characters import key
from tepei_admin.exchange.cells import Sheet
from tepei_admin.exchange.layout import Layout, classify
from tepei_admin.exchange.reader import read
from tepei_admin.messages import word

Understood = Callable[[Sheet], Layout | None]
"""The layout of a sheet; None where it has no header that we know."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A visible sheet that was not read, and how many people stand in it."""

    sheet: str
    people: int

    @property
    def text(self) -> str:
        return word("import.sheet_unread", sheet=self.sheet, count=self.people)

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "text": self.text}


def choose(
    data: bytes, filename: str, understood: Understood, track: str = "", tracks: Collection[str] = ()
) -> tuple[Sheet, list[Unread]]:
    """The first visible sheet with people; rather one named after this track, of `tracks`, than one of another."""
    unread: list[Unread] = []

    def rank(sheet: Sheet) -> tuple[int, int]:
        layout = understood(sheet)
        if layout is None:
            return (0 if sheet.rows else -1), 0
        if not any(_people(sheet, layout)):
            return 1, 0
        return 2, _named(sheet, track, tracks)

    def aside(sheet: Sheet) -> None:
        layout = understood(sheet)
        if layout is not None and (count := sum(_people(sheet, layout))):
            unread.append(Unread(sheet.sheet or "", count))

    return read(data, filename, rank, aside), unread


def _people(sheet: Sheet, layout: Layout) -> Any:
    return (classify(row, layout) == "person" for row in sheet.rows)


def _named(sheet: Sheet, track: str, tracks: Collection[str]) -> int:
    """1: after this track, -1: after another, 0: after none or several."""
    name = key(sheet.sheet or "")
    others = any(key(other) in name for other in tracks if other != track)
    return bool(track and key(track) in name) - others
