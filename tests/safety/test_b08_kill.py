"""B8: an import that is killed stores nobody; run again it stores everybody, and once more nobody."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tepei_admin.database import db
from tepei_admin.models import AuditEntry, Batch, BatchRow, Trainee, Upload
from tepei_admin.services import audit
from tests.exchange import making
from tests.safety.hostile import LINE

PATIENCE = 600
IMPORT = """
import os, signal, sys, threading
from tepei_admin.cli import main
from tepei_admin.services import nominations, progress
file, part, step, word, delay = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), float(sys.argv[5])
nominations.PART = part
words = 0
def tell(at, done, total):
    global words
    if at == step:
        if words == word:
            threading.Timer(delay, os.kill, (os.getpid(), signal.SIGKILL)).start()
        words += 1
progress.listener.set(tell)
sys.exit(main(["import", file, "--programme", "2019", "--track", "outside", "--json"]))
"""
"""`tepei-admin import` that kills itself a moment after the n-th word of a step (-1: never)."""


def table(count: int) -> bytes:
    """That many people, nobody twice."""
    rows = (
        making.person(
            at % 400 * 2 + 1, 出生年月=None, 身份证号=making.id_number(at % 400 * 2 + 1, _born(at // 400))
        )
        for at in range(count)
    )
    return making.shared([LINE, making.HEADER, *rows])


def _born(month: int) -> str:
    return f"{1975 + month // 12}{month % 12 + 1:02}15"


def run(
    house, file: Path, part: int, step: str = "", word: int = -1, delay: float = 0
) -> subprocess.CompletedProcess:
    env = {**os.environ, "TEPEI_DATA_DIR": str(file.parent), "TEPEI_DATABASE_URL": house.url}
    command = [sys.executable, "-c", IMPORT, str(file), str(part), step, str(word), str(delay)]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE)


def stored() -> dict[str, int]:
    """What there is of an import, its history included."""
    db.close()
    db.connect()
    counts = {model.__name__: model.select().count() for model in (Trainee, Batch, BatchRow, Upload)}
    people = AuditEntry.select().where(AuditEntry.model == "trainee").count()
    assert audit.verify() is None
    return {**counts, "history": people}


def moments(count: int, people: int, part: int) -> list[tuple[str, int, float]]:
    """(step, its n-th word, seconds after it): the half of them while people are being stored."""
    chance = random.Random(8)
    words = {"reading": 1, "checking": people // 250, "storing": people // part}
    steps = [*["storing"] * (count - count // 2), *chance.choices(["reading", "checking"], k=count // 2)]
    return [(step, chance.randrange(words[step]), chance.random() * 0.05) for step in steps]


def an_import_that_is_killed(house, folder: Path, people: int, part: int, times: int) -> None:
    file = folder / "汇总表.xlsx"
    file.write_bytes(table(people))
    nobody = stored()
    assert nobody["Trainee"] == 0
    for step, word, delay in moments(times, people, part):
        ended = run(house, file, part, step, word, delay)
        assert ended.returncode == -signal.SIGKILL, (step, word, delay, ended.stderr)
        assert stored() == nobody, (step, word, delay)
    first = run(house, file, part)
    assert (first.returncode, json.loads(first.stdout)["counts"]["new"]) == (0, people), first.stderr
    everybody = stored()
    assert everybody["Trainee"] == everybody["BatchRow"] == people
    again = run(house, file, part)
    assert json.loads(again.stdout)["counts"] == {
        "new": 0, "changed": 0, "same": people, "error": 0, "skipped": 1, "hidden": 0,
    }  # fmt: skip
    assert stored() == everybody


@pytest.mark.slow
def test_an_import_that_is_killed_at_three_moments_stores_nobody_then_everybody_then_nobody_new(
    house, tmp_path
):
    an_import_that_is_killed(house, tmp_path, people=500, part=50, times=3)


@pytest.mark.safety
def test_a_large_import_that_is_killed_at_ten_moments_stores_nobody_then_everybody_then_nobody_new(
    house, tmp_path
):
    an_import_that_is_killed(house, tmp_path, people=20_000, part=2_000, times=10)


def test_without_one_transaction_a_kill_leaves_a_part(sqlite_house, tmp_path):
    """The control: each statement its own transaction."""
    file = tmp_path / "汇总表.xlsx"
    file.write_bytes(table(500))
    loose = (
        "from contextlib import contextmanager\n"
        "from tepei_admin.database import GuardedSqlite\n"
        "@contextmanager\n"
        "def loose(self):\n"
        "    self.execute_sql(self.open_sql)\n"
        "    yield\n"
        "GuardedSqlite.write_transaction = loose\n"
    )
    env = {**os.environ, "TEPEI_DATA_DIR": str(tmp_path), "TEPEI_DATABASE_URL": sqlite_house.url}
    command = [sys.executable, "-c", loose + IMPORT, str(file), "50", "storing", "5", "0"]
    subprocess.run(command, env=env, capture_output=True, timeout=PATIENCE, check=False)
    assert stored()["Trainee"] > 0
