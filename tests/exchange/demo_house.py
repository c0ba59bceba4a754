"""The demo as a house that tests only look at, made once a module; and its tables as files and back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from tepei_admin.database import db, open_database
from tepei_admin.exchange import export, intake
from tepei_admin.exchange.intake import Intake
from tepei_admin.seed import demo
from tests.conftest import _open
from tests.factories import House

SUMMARIES = {"outside": "区外学员汇总表", "inside": "区内学员汇总表"}


def filled(template: Path, folder: Path) -> Iterator[House]:
    path = folder / "demo.sqlite3"
    path.write_bytes(template.read_bytes())
    for house in _open(f"sqlite:///{path}"):
        demo.fill()
        yield house


def again(house: House) -> House:
    """Point at the demo's database once more: another test may have opened its own."""
    if db.obj is not None and not db.is_closed():
        db.close()
    open_database(house.url)
    db.connect()
    return house


def written(house: House, track: str, path: Path, encoding: str = "utf-8-sig") -> Path:
    """The summary table of a track with whole numbers."""
    export.to_file(house.cli, SUMMARIES[track], house.programme().id, path, encoding=encoding)
    return path


def read_back(house: House, track: str, path: Path) -> Intake:
    """What an import would make of a file: as it came from us, not a signed and sealed paper."""
    return intake.check(
        house.cli, path.read_bytes(), path.name,
        track=house.track(track), unit=None, received=dt.date(2019, 12, 27), sealed=False,
    )  # fmt: skip


def changed(found: Intake) -> list[tuple[str, str, str]]:
    """(name, outcome, codes) of every row that is not the same. One of the demo's applicants has no ethnicity on record,
    which a table may not leave out: that row is an error and changes nothing."""
    return [
        (row.values.get("name", ""), row.outcome, ",".join(message.code for message in row.messages))
        for row in found.report.rows
        if row.outcome != "same" and [message.code for message in row.messages] != ["ethnicity.missing"]
    ]
