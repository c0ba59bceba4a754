"""B12: many write at once: each waits for its turn; who waits too long is told so, with what was typed."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tepei_admin import database
from tepei_admin.database import db, of_url
from tepei_admin.models import AuditEntry, Trainee, Unit
from tepei_admin.services import accounts, audit, backups, pgtools
from tests import postgres
from tests.safety.load import add_unit
from tests.safety.racing import RACERS, race
from tests.views.browser import Browser
from tests.views.conftest import panel


def work(job: tuple[str, object, int]) -> str:
    """A writer's transactions, an import, a backup."""
    what, given, count = job
    if what == "import":
        from tepei_admin.exchange import intake
        from tepei_admin.models import Track
        from tests.exchange import making
        from tests.factories import DAY

        whole_table = [making.HEADER, *(making.person(serial) for serial in range(1, count + 1))]
        made = intake.check(
            accounts.cli_actor(), _csv(whole_table), "赤峰.csv", track=Track.get_by_id(given), unit=Unit.get(Unit.code == "150400"),
            received=DAY, sealed=True,
        )  # fmt: skip
        return f"{len(intake.store(accounts.cli_actor(), made, accept_good=True).done)} people"
    if what == "backup":
        pgtools.folder = postgres.programs()
        backups.take(Path(str(given)))
        return "backed up"
    for number in range(count):
        add_unit(accounts.cli_actor(), f"W{given}-{number}")
    return "written"


def _csv(rows) -> bytes:
    import csv
    import io

    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


@pytest.mark.parametrize(("each", "people"), [(8, 60), pytest.param(60, 500, marks=pytest.mark.safety)])
def test_eight_writers_an_import_and_a_backup_all_get_through(house, tmp_path, each, people):
    jobs = [("write", mine, each) for mine in range(RACERS)]
    jobs += [("import", house.track().id, people), ("backup", str(tmp_path / "b.zip"), 0)]
    told = race(house.url, work, [jobs])[0]
    assert told == {"written": RACERS, f"{people} people": 1, "backed up": 1}, told
    assert Unit.select().where(Unit.code.startswith("W")).count() == RACERS * each
    assert Trainee.select().count() == people and audit.verify() is None
    assert (
        AuditEntry.select().where(AuditEntry.action == "insert", AuditEntry.model == "unit").count()
        >= RACERS * each
    )


def unqueued(job: int) -> str:
    """The control: no queue, and SQLite's own patience taken away."""

    @contextmanager
    def at_once():
        yield

    db.obj.queue.turn = at_once
    db.obj.refusal = lambda error: None
    db.execute_sql("PRAGMA busy_timeout=0")
    for number in range(10):
        add_unit(accounts.cli_actor(), f"U{job}-{number}")
    return "written"


def test_without_the_queue_the_database_is_locked(sqlite_house):
    told = race(sqlite_house.url, unqueued, [list(range(RACERS))])[0]
    assert any("locked" in word for word in told), told


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
