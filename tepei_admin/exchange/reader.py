"""A file that somebody sent -> its rows. What cannot be read is refused in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

from tepei_admin.errors import ensure
from tepei_admin.exchange import isolated
from tepei_admin.exchange.cells import Sheet

sheets = isolated.sheets
"""The visible sheets of a file. (Tests of what is in them read without a process of its own.)"""


def read(
    data: bytes,
    filename: str,
    rank: Callable[[Sheet], Any] = lambda sheet: bool(sheet.rows),
    aside: Callable[[Sheet], None] = lambda sheet: None,
) -> Sheet:
    """The visible sheet of the highest rank, of equals the first. Each of the others is shown to `aside`, then gone."""
    best: Sheet | None = None
    highest: Any = None
    with closing(sheets(data, filename)) as found:  # type: ignore[type-var]
        for sheet in found:
            here = rank(sheet)
            if best is None:
                best, highest = sheet, here
            elif here > highest:
                aside(best)
                best, highest = sheet, here
            else:
                aside(sheet)
    ensure(best is not None, "import.no_sheet")
    assert best is not None
    return best
