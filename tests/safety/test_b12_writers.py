"""B12: many write at once: each waits for its turn; who waits too long is told so, with what was typed."""

from __future__ import annotations

import csv
import io
import json
import time
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import psycopg
import pytest

# isort: split

import peewee

from tepei_admin import database
from tepei_admin.config import Config
from tepei_admin.database import db, of_url
from tepei_admin.errors import Busy
from tepei_admin.exchange import intake, long_work
from tepei_admin.models import AuditEntry, Track, Trainee, Unit
from tepei_admin.services import accounts, audit, backups, pgtools, surroundings
from tests import postgres
from tests.exchange import making
from tests.factories import DAY
from tests.safety.load import add_unit
from tests.safety.racing import RACERS, pressing_again, race
from tests.safety.test_b08_kill import looked_at
from tests.safety.test_b08_kill import table as people_of
from tests.views.browser import Browser
from tests.views.conftest import panel

QUICK = 0.5
"""Seconds: what ninety-nine of a hundred who write wait at most, on a quiet machine."""
BUSY = 5
"""As many times over on one that does other things too."""


def work(job: tuple[str, Any, int]) -> str:
    """A writer's transactions, an import, a backup. Of a writer: how long each took."""
    what, given, count = job
    if what == "import":
        made = checked(table(count), given)
        done = pressing_again(lambda: intake.store(accounts.cli_actor(), made, accept_good=True).done)
        return f"{len(done)} people"
    if what == "backup":
        pgtools.folder = postgres.programs()
        backups.take(Path(str(given)))
        return "backed up"
    took = [timed(lambda code=f"W{given}-{number}": pressing_again(lambda: add_unit(accounts.cli_actor(), code))) for number in range(count)]  # fmt: skip
    return " ".join(["written", *(f"{seconds:.3f}" for seconds in took)])


def checked(rows: list[list[object]], track: int) -> intake.Intake:
    return intake.check(
        accounts.cli_actor(), _csv(rows), "赤峰.csv", track=Track.get_by_id(track), unit=Unit.get(Unit.code == "150400"),
        received=DAY, sealed=True,
    )  # fmt: skip


def table(count: int) -> list[list[object]]:
    return [making.HEADER, *(making.person(serial) for serial in range(1, count + 1))]


def _csv(rows: list[list[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def timed(do: Callable[[], object]) -> float:
    began = time.monotonic()
    do()
    return time.monotonic() - began


def waits(told: Counter[str], word: str) -> list[float]:
    """What the writers said after that word, in order."""
    return sorted(float(text) for line in told for text in line.partition(word)[2].partition(";")[0].split())


def at_ninety_nine(seconds: list[float]) -> float:
    return seconds[len(seconds) * 99 // 100] if seconds else 0.0


LONG = pytest.param(60, 500, marks=[pytest.mark.safety, pytest.mark.measured])


@pytest.mark.parametrize(("each", "people"), [(8, 60), LONG])
def test_eight_writers_an_import_and_a_backup_all_get_through(house, tmp_path, each, people):
    jobs = [("write", mine, each) for mine in range(RACERS)]
    jobs += [("import", house.track().id, people), ("backup", str(tmp_path / "b.zip"), 0)]
    told = race(house.url, work, [jobs])[0]
    took = waits(told, "written")
    assert len(took) == RACERS * each and told[f"{people} people"] == told["backed up"] == 1, told
    assert Unit.select().where(Unit.code.startswith("W")).count() == RACERS * each
    assert Trainee.select().count() == people and audit.verify() is None
    units = AuditEntry.select().where(AuditEntry.action == "insert", AuditEntry.model == "unit")
    assert units.count() >= RACERS * each
    print(f"p99 of {len(took)} writes: {at_ninety_nine(took):.3f} s, the longest {took[-1]:.3f} s")
    if each > 8:
        assert at_ninety_nine(took) < QUICK * BUSY


def beside_an_import(job: tuple[str, Any, str]) -> str:
    """Store a large upload; or write until it is stored, and tell how long each waited who was served, who refused."""
    what, given, mark = job
    if what == "store":
        pressing_again(lambda: long_work.store(accounts.cli_actor(), given, b""))
        Path(mark).touch()
        return "stored"
    served: list[str] = []
    refused: list[str] = []
    while not Path(mark).exists():
        began, code = time.monotonic(), f"W{given}-{len(served)}"
        try:
            add_unit(accounts.cli_actor(), code)
            where = served
        except Busy:
            where = refused
        where.append(f"{time.monotonic() - began:.3f}")
        time.sleep(0.01)
    return " ".join([f"{given}: served", *served, "; refused", *refused])


@pytest.mark.safety
@pytest.mark.measured
def test_while_a_large_import_is_stored_each_is_served_or_told_and_nothing_is_lost(house, tmp_path):
    surroundings.settle(Config(data_dir=tmp_path, database_url=house.url))
    order = json.loads(looked_at(house, people_of(20_000)))
    mark = str(tmp_path / "stored")
    jobs = [("store", order, mark), *(("write", mine, mark) for mine in range(RACERS))]
    told = race(house.url, beside_an_import, [jobs])[0]
    served, refused = waits(told, "served"), waits(told, "refused")
    assert told["stored"] == 1 and len(told) == RACERS + 1 and served, told
    assert Trainee.select().count() == 20_000 and audit.verify() is None
    assert Unit.select().where(Unit.code.startswith("W")).count() == len(served)
    longest = max([*served, *refused])
    print(f"{len(served)} served, p99 {at_ninety_nine(served):.3f} s; {len(refused)} refused; the longest {longest:.2f} s")  # fmt: skip
    assert longest < database.QUEUE_SECONDS * BUSY


def test_without_the_queue_the_database_is_locked(sqlite_house, monkeypatch):
    """The control: no queue, and SQLite's own patience taken away, beside somebody who writes."""
    with somebody_writes(sqlite_house):
        monkeypatch.setattr(db.obj.queue, "turn", nullcontext)
        monkeypatch.setattr(db.obj, "refusal", lambda error: None)
        db.execute_sql("PRAGMA busy_timeout=0")
        with pytest.raises(peewee.OperationalError, match="locked"):
            add_unit(accounts.cli_actor(), "U")


# --- Somebody writes for long


@contextmanager
def somebody_writes(house):
    """Another process's long transaction, as its lock looks from here; five seconds' patience made short."""
    if house.url.startswith("sqlite"):
        other = of_url(house.url)
        with other.connection_context(), other.write_transaction():
            yield
        return
    with psycopg.connect(house.url) as other:
        other.execute("LOCK TABLE unit, trainee, programme, payment, termination IN SHARE MODE")
        yield
        other.rollback()


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(database, "QUEUE_SECONDS", 0.2)
    whole_url = database.GuardedPostgres.__init__

    def quick(self, url: str) -> None:
        whole_url(self, url)
        options = self.connect_params["options"].replace("lock_timeout=5000", "lock_timeout=200")
        self.connect_params["options"] = options

    monkeypatch.setattr(database.GuardedPostgres, "__init__", quick)


def test_who_waits_too_long_is_told_so_and_keeps_what_was_typed(house, impatient, tmp_path):
    number = house.unit().id
    admin = Browser(panel(house, tmp_path)).sign_in(house, "admin")
    boxes = admin.boxes(f"/units/{number}/edit")
    boxes.pop("next", None)
    with somebody_writes(house):
        answer = admin.client.post(f"/units/{number}/edit", data={**boxes, "contact": "额尔敦"})
    assert answer.status_code == 503 and "正在导入，请稍后再试" in answer.text
    assert 'value="额尔敦"' in answer.text and "locked" not in answer.text
    again = admin.client.post(f"/units/{number}/edit", data={**boxes, "contact": "额尔敦"})
    assert again.status_code == 303


def test_a_page_that_only_reads_waits_for_nobody(house, impatient, tmp_path):
    viewer = Browser(panel(house, tmp_path)).sign_in(house, "viewer")
    with somebody_writes(house):
        assert viewer.get("/units/").status_code == 200
