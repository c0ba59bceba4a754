"""A file that somebody sent -> its rows. What cannot be read is refused in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from tepei_admin.errors import ensure
from tepei_admin.exchange import isolated
from tepei_admin.exchange.cells import Sheet

sheets = isolated.sheets
"""The visible sheets of a file. (Tests of what is in them read without a process of its own.)"""


def read(data: bytes, filename: str, wanted: Callable[[Sheet], bool] = lambda sheet: True) -> Sheet:
    """The first visible sheet that is wanted; else the first that holds anything."""
    first: Sheet | None = None
    with closing(sheets(data, filename)) as found:  # type: ignore[type-var]
        for sheet in found:
            if wanted(sheet):
                return sheet
            if first is None or (sheet.rows and not first.rows):
                first = sheet
    ensure(first is not None, "import.no_sheet")
    assert first is not None
    return first
