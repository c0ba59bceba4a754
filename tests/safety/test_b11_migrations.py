"""B11: a migration is done whole or not at all, whatever happens in its middle; what was there is backed up first."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tepei_admin import migrations, seed
from tepei_admin.config import Config
from tepei_admin.database import db, open_database
from tepei_admin.services import archive, backups, fingerprint
from tests import postgres
from tests.safety.racing import PATIENCE, _context, pressing_again
from tests.services.money_cast import disqualified

STEPS = (
    "migrator.migrate(migrator.drop_not_null('unit', 'contact'))",  # on SQLite the table is built anew, children and all
    "db.execute_sql('ALTER TABLE unit ADD COLUMN fax VARCHAR(64)')",
    "db.execute_sql(\"UPDATE unit SET fax = '0471'\")",
    "db.execute_sql('CREATE TABLE room (id INTEGER PRIMARY KEY, unit_id INTEGER REFERENCES unit (id))')",
    "db.execute_sql('INSERT INTO room SELECT id, id FROM unit')",
)


def after(step: int, fault: str) -> str:
    """The migration with a fault behind its step; behind the last: none."""
    lines = [*STEPS[:step], fault, *STEPS[step:]] if fault else list(STEPS)
    body = "".join(f"    {line.replace('migrator.migrate', 'migrate')}\n" for line in lines)
    return f"import os\nfrom playhouse.migrate import migrate\n\ndef up(migrator, db):\n{body}"


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The house's migrations, and room for more."""
    new = tmp_path / "migrations"
    new.mkdir()
    for path in migrations.FOLDER.glob("0*"):
        (new / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(migrations, "FOLDER", new)
    return new


@pytest.fixture
def config(house, tmp_path) -> Config:
    """A house with people, hosts, payments and a case; closed."""
    disqualified(house)
    return Config(data_dir=tmp_path / "var", database_url=house.url, pg_bin=postgres.programs())


def state() -> tuple[dict[str, fingerprint.Table], list[str], list[str]]:
    return fingerprint.tables(db.obj), migrations.pending(), sorted(triggers())


def triggers() -> list[str]:
    sql = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        if db.obj.postgres
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    return [row[0] for row in db.execute_sql(sql).fetchall()]


@pytest.mark.parametrize("step", range(len(STEPS) + 1))
def test_an_error_after_any_step_leaves_everything_as_it_was(house, config, folder, step):
    before = state()
    (folder / "0002_rooms.py").write_text(after(step, "raise RuntimeError('in the middle')"))
    with pytest.raises(RuntimeError):
        migrations.upgrade()
    tables, pending, guards = state()
    assert (tables, guards) == (before[0], before[2]) and pending == ["0002_rooms"]


def test_the_second_of_two_fails_and_the_first_goes_with_it(house, config, folder):
    before = state()
    (folder / "0002_rooms.py").write_text(after(0, ""))
    (folder / "0003_more.py").write_text("def up(migrator, db):\n    raise RuntimeError\n")
    with pytest.raises(RuntimeError):
        migrations.upgrade()
    assert state()[0] == before[0] and migrations.pending() == ["0002_rooms", "0003_more"]


def upgrade(url: str, folder: Path) -> None:
    open_database(url)
    migrations.FOLDER = folder
    with db.obj.connection_context():
        pressing_again(migrations.upgrade)


def run(url: str, folder: Path) -> int | None:
    worker = _context.Process(target=upgrade, args=(url, folder))
    worker.start()
    worker.join(PATIENCE)
    return worker.exitcode


KILLED = [3, *(pytest.param(step, marks=pytest.mark.safety) for step in (0, 1, 2, 4, 5))]


@pytest.mark.parametrize("step", KILLED)
def test_killed_after_any_step_it_can_be_run_again(house, config, folder, step):
    before = state()[0]
    db.close()
    (folder / "0002_rooms.py").write_text(after(step, "os.kill(os.getpid(), 9)"))
    assert run(house.url, folder) == -signal.SIGKILL
    db.connect()
    assert state()[0] == before and migrations.pending() == ["0002_rooms"]
    (folder / "0002_rooms.py").write_text(after(0, ""))
    db.close()
    assert run(house.url, folder) == 0
    db.connect()
    _is_whole(before)


def _is_whole(before: dict[str, fingerprint.Table]) -> None:
    """No row was lost, children included; the triggers are back and hold."""
    now = fingerprint.tables(db.obj)
    assert {name: now[name] for name in before if name != "unit"} == {
        name: table for name, table in before.items() if name != "unit"
    }
    assert now["unit"].rows == before["unit"].rows == now["room"].rows
    with db.obj.unguarded(), pytest.raises(Exception, match="audit_append_only"):
        db.execute_sql("DELETE FROM audit_entry")
    with db.obj.unguarded(), pytest.raises(Exception, match="payment_paid_final"):
        db.execute_sql("DELETE FROM payment WHERE state = 'paid'")


def test_without_the_runner_a_rebuilt_table_takes_its_children_along(sqlite_house):
    """The control: the same rebuild inside a transaction with foreign keys on."""
    db.obj.execute_sql("PRAGMA query_only=0")
    db.obj.execute_sql("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
    db.obj.execute_sql(
        "CREATE TABLE child (id INTEGER PRIMARY KEY, p INTEGER REFERENCES parent (id) ON DELETE CASCADE)"
    )
    db.obj.execute_sql("INSERT INTO parent VALUES (1)")
    db.obj.execute_sql("INSERT INTO child VALUES (1, 1)")
    with db.obj.atomic():
        db.obj.execute_sql("CREATE TABLE parent_new (id INTEGER PRIMARY KEY, x TEXT)")
        db.obj.execute_sql("INSERT INTO parent_new (id) SELECT id FROM parent")
        db.obj.execute_sql("DROP TABLE parent")
        db.obj.execute_sql("ALTER TABLE parent_new RENAME TO parent")
    assert db.obj.execute_sql("SELECT count(*) FROM child").fetchone() == (0,)


def test_run_twice_and_by_two_at_once_it_is_done_once(house, config, folder):
    before = state()[0]
    (folder / "0002_rooms.py").write_text(after(0, ""))
    db.close()
    workers = [_context.Process(target=upgrade, args=(house.url, folder)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(PATIENCE)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert run(house.url, folder) == 0
    db.connect()
    _is_whole(before)


def test_a_backup_is_taken_first_and_brings_the_old_house_back(house, config, folder, tmp_path):
    before = state()[0]
    db.close()
    (folder / "0002_rooms.py").write_text(after(0, ""))
    assert seed.prepare(config) == ["0002_rooms"]
    kept = [item.name for item in backups.kept()]
    assert len(kept) == 1 and kept[0].startswith("before-0002_rooms-")
    manifest = archive.read(backups.find(kept[0]))
    assert dict(manifest.tables) == before and manifest.migrations == ["0001_initial"]


def test_without_a_backup_nothing_is_migrated(house, config, folder, monkeypatch):
    db.close()
    (folder / "0002_rooms.py").write_text(after(0, ""))
    if not house.url.startswith("sqlite"):
        object.__setattr__(config, "pg_bin", folder)
    else:
        monkeypatch.setattr(archive, "write", _full)
    from tepei_admin.errors import Refusal

    with pytest.raises(Refusal):
        seed.prepare(config)
    db.connect(reuse_if_open=True)
    assert migrations.pending() == ["0002_rooms"]


def _full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_house_with_nothing_pending_is_not_backed_up(house, config):
    db.close()
    assert seed.prepare(config) == [] and backups.kept() == []
