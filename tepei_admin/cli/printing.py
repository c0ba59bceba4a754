"""What the commands print."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any


def show(value: Any) -> None:
    """One JSON value on standard output."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=1, default=str)
    print()


def table(rows: Iterable[Sequence[Any]]) -> None:
    """Rows, a tab between the cells."""
    for row in rows:
        print("\t".join("" if cell is None else str(cell) for cell in row))


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals."""
    return f"{fen // 100}.{fen % 100:02d}"
