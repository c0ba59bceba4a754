"""B9: after a power cut or a kill the database holds a prefix of what was committed, and all that was acknowledged."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from tepei_admin.database import db, open_database
from tepei_admin.models import Unit
from tepei_admin.services import audit
from tests.safety.load import add_unit, writers
from tests.safety.racing import PATIENCE

CUTS = 150


def test_every_connection_waits_until_the_disk_has_it(house):
    if db.obj.postgres:
        # Ours to leave alone: the server's own setting stands (the tests' server has it off).
        assert "synchronous_commit" not in str(db.obj.connect_params)
        return
    assert db.execute_sql("PRAGMA synchronous").fetchone() == (2,)
    assert db.execute_sql("PRAGMA journal_mode").fetchone() == ("wal",)


def codes(path: Path) -> tuple[list[str], list[str], int]:
    """The units in order, what is half done, and how long the history is; of a database that is sound."""
    with sqlite3.connect(path) as found:
        assert found.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert found.execute("PRAGMA foreign_key_check").fetchall() == []
        rows = found.execute("SELECT code, contact FROM unit WHERE code LIKE 'P%' ORDER BY id").fetchall()
        (history,) = found.execute("SELECT count(*) FROM audit_entry").fetchone()
    found.close()
    return [code for code, _ in rows], [code for code, contact in rows if code != contact], history


def test_cut_anywhere_the_log_leaves_a_prefix_of_the_commits(sqlite_house, tmp_path):
    house, path = sqlite_house, tmp_path / "tepei.sqlite3"
    db.execute_sql("PRAGMA wal_autocheckpoint=0")
    db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    (first,) = db.execute_sql("SELECT count(*) FROM audit_entry").fetchone()
    wanted = [f"P{number:03d}" for number in range(40)]
    for code in wanted:
        add_unit(house.cli, code)
    wal = path.with_name("tepei.sqlite3-wal").read_bytes()
    chance, lengths = random.Random(1919), set()
    for number in range(CUTS):
        place = tmp_path / f"cut-{number}.sqlite3"
        shutil.copy(path, place)
        at = chance.randrange(len(wal) + 1)
        torn = (
            wal[:at] if number % 2 else wal[:at] + bytes(len(wal) - at)
        )  # ends there, or holds nothing from there on
        place.with_name(f"{place.name}-wal").write_bytes(torn)
        found, halves, history = codes(place)
        assert found == wanted[: len(found)] and halves == [] and history == first + 2 * len(found)
        lengths.add(len(found))
        place.unlink()
    assert len(lengths) > 20


def test_the_same_cut_of_the_database_itself_is_no_prefix(sqlite_house, tmp_path):
    """The control: what the log saves from."""
    for number in range(40):
        add_unit(sqlite_house.cli, f"P{number:03d}")
    db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    path = tmp_path / "cut.sqlite3"
    data = (tmp_path / "tepei.sqlite3").read_bytes()
    path.write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises((AssertionError, sqlite3.DatabaseError)):
        codes(path)


@pytest.mark.parametrize("times", [1, pytest.param(10, marks=pytest.mark.safety)])
def test_killed_under_load_nothing_acknowledged_is_lost(house, tmp_path, times):
    audit.head = head = tmp_path / audit.HEAD
    audit.keep_head(audit.last_hash(), begins=True)
    before = Unit.select().count()
    for number in range(times):
        folder = tmp_path / f"round-{number}"
        folder.mkdir()
        db.close()
        with writers(house.url, folder, 4, label=f"R{number}", head=head) as logs:
            _wait_for(logs, 10)
            for pid in logs.pids:
                os.kill(pid, signal.SIGKILL)
        open_database(house.url)
        db.connect()
        told = [line for log in logs for line in log.read_text().splitlines()]
        there = {row.code: row.contact for row in Unit.select(Unit.code, Unit.contact)}
        assert len(told) >= 40 and set(told) <= set(there)
        assert all(there[code] == code for code in there if code.startswith("R"))
        audit.head = head
        assert audit.findings() == []
        if not db.obj.postgres:
            assert db.execute_sql("PRAGMA integrity_check").fetchone() == ("ok",)
    assert Unit.select().count() > before


def _wait_for(logs: list[Path], lines: int) -> None:
    """Until everybody has been told so often."""
    limit = time.monotonic() + PATIENCE
    while any(not log.exists() or log.read_text().count("\n") < lines for log in logs):
        assert time.monotonic() < limit
        time.sleep(0.02)
