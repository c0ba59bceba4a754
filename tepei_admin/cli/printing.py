"""What the commands print."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.messages import say
from tepei_admin.services.plan import Line
from tepei_admin.services.work import OFFICE


def show(value: Any) -> None:
    """One JSON value on standard output."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=1, default=str)
    print()


def table(rows: Iterable[Iterable[Any]]) -> None:
    """Rows, a tab between the cells."""
    for row in rows:
        print("\t".join(map(_told, row)))


def _told(cell: Any) -> str:
    """A stamp as the office's clock shows it."""
    if isinstance(cell, dt.datetime):
        return f"{cell.replace(tzinfo=dt.UTC).astimezone(OFFICE):%Y-%m-%d %H:%M}"
    return "" if cell is None else str(cell)


def listed(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    """A list as JSON, or as a table of the same values."""
    show(rows) if as_json else table(row.values() for row in rows)


def yuan(fen: int) -> str:
    """Fen as yuan with two decimals."""
    return f"{fen // 100}.{fen % 100:02d}"


def refused(line: Line) -> dict[str, Any]:
    """A line of a plan that was not done."""
    violation = line.refused
    text = say(violation) if violation else ""
    return {"id": line.id, "name": line.name, "code": violation.code if violation else "", "text": text}


def file_bytes(path: str) -> bytes:
    """A file's bytes. Raises `RuleViolation` naming a file that cannot be read."""
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise RuleViolation(Violation("command.no_file", "file", {"file": path, "why": why})) from None


def write_file(name: str, data: bytes) -> None:
    """The whole file or none. Raises `RuleViolation` naming a place that cannot be written."""
    path = Path(name)
    part = path.with_name(f".{path.name}.part")
    try:
        try:
            part.write_bytes(data)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise RuleViolation(Violation("export.cannot_write", "output", {"path": name, "why": why})) from error
