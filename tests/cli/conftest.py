"""The command line over a fresh house: `run("user", "list")` gives (exit status, what was printed)."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tepei_admin.cli import main
from tepei_admin.database import db, open_database
from tepei_admin.services import clock, vault
from tests.factories import House


class Ran(NamedTuple):
    """One call: exit status, standard output, standard error."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as the one JSON value that it must be."""
        return json.loads(self.out)


class Line:
    """A command line and the house behind it."""

    def __init__(self, house: House, folder: Path, capsys: Any, monkeypatch: Any) -> None:
        self.house, self.folder, self.capsys, self.monkeypatch = house, folder, capsys, monkeypatch

    def __call__(self, *words: object, typed: str | None = None) -> Ran:
        """Run a command; its database connection is its own, as in a process of its own."""
        if db.obj is not None and not db.is_closed():
            db.close()
        if typed is not None:
            self.monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        self.capsys.readouterr()
        status = main([str(word) for word in words])
        out, err = self.capsys.readouterr()
        open_database(self.house.url)
        db.connect()
        return Ran(status, out, err)

    def file(self, name: str, data: bytes | str) -> Path:
        path = self.folder / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path


@pytest.fixture
def run(house: House, tmp_path: Path, capsys: Any, monkeypatch: Any) -> Iterator[Callable[..., Ran]]:
    """The command line on both databases."""
    yield from _line(house, tmp_path, capsys, monkeypatch)


@pytest.fixture
def quick(sqlite_house: House, tmp_path: Path, capsys: Any, monkeypatch: Any) -> Iterator[Callable[..., Ran]]:
    """The same on SQLite only."""
    yield from _line(sqlite_house, tmp_path, capsys, monkeypatch)


def _line(house: House, folder: Path, capsys: Any, monkeypatch: Any) -> Iterator[Line]:
    monkeypatch.setenv("TEPEI_DATA_DIR", str(folder / "var"))
    monkeypatch.setenv("TEPEI_DATABASE_URL", house.url)
    monkeypatch.setattr(vault, "folder", None)
    monkeypatch.setattr(clock, "override", None)
    yield Line(house, folder, capsys, monkeypatch)
