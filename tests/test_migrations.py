"""A database made by the migrations is the one that the models describe, to the last CHECK and trigger."""

from __future__ import annotations

from pathlib import Path

import pytest

from tepei_admin import migrations, triggers
from tepei_admin.database import db, open_database
from tepei_admin.schema import all_models
from tests import postgres

SQLITE = (
    "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name"
)
POSTGRES = {
    "columns": (
        "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default "
        "FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
    ),
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2",
    "triggers": "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger "
    "WHERE NOT tgisinternal ORDER BY 1, 2",
}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_urls(request, tmp_path: Path):
    if request.param == "sqlite":
        yield [f"sqlite:///{tmp_path / name}.sqlite3" for name in ("models", "migrations")]
        return
    urls = [postgres.new_database(), postgres.new_database()]
    yield urls
    for url in urls:
        postgres.drop(url)


def catalogue() -> list[tuple[str, ...]]:
    history = "schema_migration"
    if not db.obj.postgres:
        return [row for row in db.execute_sql(SQLITE).fetchall() if row[2] != history]
    return [
        (kind, *map(str, row))
        for kind, sql in POSTGRES.items()
        for row in db.execute_sql(sql).fetchall()
        if row[0] != history
    ]


def test_models_and_migrations_make_the_same_database(empty_urls):
    by_models, by_migrations = empty_urls
    open_database(by_models)
    with db.obj.connection_context():
        with db.obj.unguarded():
            db.create_tables(all_models(), safe=False)
            triggers.install()
        wanted = catalogue()
    open_database(by_migrations)
    with db.obj.connection_context():
        assert migrations.upgrade()
        assert catalogue() == wanted
        assert any("payment_paid_final" in str(row) for row in wanted)


def test_upgrading_twice_does_nothing(empty_urls):
    open_database(empty_urls[0])
    with db.obj.connection_context():
        assert migrations.upgrade()
        assert migrations.pending() == [] and migrations.upgrade() == []


def test_a_migration_that_fails_leaves_nothing(empty_urls, monkeypatch, tmp_path):
    (tmp_path / "0001_half.py").write_text(
        "def up(migrator, db):\n"
        "    db.execute_sql('CREATE TABLE half (id INTEGER PRIMARY KEY)')\n"
        "    raise RuntimeError('in the middle')\n"
    )
    monkeypatch.setattr(migrations, "FOLDER", tmp_path)
    open_database(empty_urls[0])
    with db.obj.connection_context():
        with pytest.raises(RuntimeError):
            migrations.upgrade()
        assert "half" not in db.get_tables() and migrations.pending() == ["0001_half"]
