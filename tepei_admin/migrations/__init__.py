"""Migrations: numbered, frozen, all or nothing. `upgrade()` brings the open database to the newest."""

from __future__ import annotations

from pathlib import Path

from playhouse.migrations import Runner

from tepei_admin import triggers
from tepei_admin.database import db

FOLDER = Path(__file__).parent


def pending() -> list[str]:
    """The names of the migrations that this database has not seen."""
    return [item.name for item in _runner().status() if item.applied is None]


def upgrade() -> list[str]:
    """Apply what is pending, each in one transaction; the names applied. Triggers are made anew after it."""
    with db.obj.unguarded():
        applied = _runner().up()
        if applied:
            with db.obj.atomic():
                triggers.install()
                _check_links()
    return applied


def _check_links() -> None:
    """SQLite checks no foreign keys while a migration runs, nor afterwards by itself."""
    if not db.obj.postgres:
        broken = db.execute_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"rows without their parent after a migration: {broken[:5]}")


def _runner() -> Runner:
    return Runner(db.obj, str(FOLDER))
