"""Migrations: numbered, frozen, all or nothing. `upgrade()` brings the open database to the newest."""

from __future__ import annotations

from pathlib import Path

from playhouse.migrations import Runner

from tepei_admin import triggers
from tepei_admin.database import db

FOLDER = Path(__file__).parent


def known() -> list[str]:
    """The names of the migrations that this program has."""
    return sorted(path.stem for path in FOLDER.glob("[0-9]*.py"))


def pending() -> list[str]:
    """The names of the migrations that this database has not seen."""
    return [item.name for item in _runner().status() if item.applied is None]


def begun() -> bool:
    """Has this database seen any: is there something to lose?"""
    return bool(_runner().applied())


def upgrade() -> list[str]:
    """Apply what is pending, with the triggers made anew, in one transaction: all of it or nothing. The names applied."""
    with db.obj.alone(), db.obj.unguarded():
        runner = _runner()
        plan = [(item.name, item.load()) for item in runner.status() if item.applied is None]
        if not plan:
            return []
        with runner.migrator.migration_context():
            runner.History.create_table()
            for name, module in plan:
                module.up(runner.migrator, db.obj)
                runner.History.create(name=name)
            triggers.install()
            _check_links()
    return [name for name, _ in plan]


def _check_links() -> None:
    """SQLite checks no foreign keys while a migration runs, nor afterwards by itself."""
    if not db.obj.postgres:
        broken = db.execute_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"rows without their parent after a migration: {broken[:5]}")


def _runner() -> Runner:
    return Runner(db.obj, str(FOLDER))
