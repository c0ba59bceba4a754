"""Every test's house: a fresh database, migrated and seeded, on SQLite and on a real PostgreSQL.

A template is made once a run and copied for each test, so that a fresh house costs milliseconds.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests import postgres  # first: it imports psycopg, which peewee then finds

# isort: split

from tepei_admin import fonts, migrations, seed
from tepei_admin.database import db, open_database
from tepei_admin.services import audit, backups, clock, limits, pgtools, vault
from tests.factories import House

# Speed is measured in the bench: a busy machine must not make a law fail.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    postgres.configure(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    postgres.unconfigure(config)


def build(url: str) -> None:
    """A migrated and seeded database at this address, with no connection left open."""
    open_database(url)
    with db.obj.connection_context():
        migrations.upgrade()
        seed.install()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "tepei.sqlite3"
    build(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "tepei.sqlite3"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url() -> Iterator[str]:
    url = postgres.new_database(postgres.template("tepei_seeded", build))
    yield url
    postgres.drop(url)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh house; the test runs once on each database."""
    return str(request.getfixturevalue(f"{request.param}_url"))


def _open(url: str) -> Iterator[House]:
    open_database(url)
    db.connect()
    try:
        yield House(url)
    finally:
        if not db.is_closed():
            db.close()


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """An open house on both databases, with people and accounts to be made at will."""
    yield from _open(database_url)


@pytest.fixture
def sqlite_house(sqlite_url: str) -> Iterator[House]:
    """The same on SQLite only, for what does not depend on the database."""
    yield from _open(sqlite_url)


class QueryCounter:
    """The SQL that ran inside a `with`."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def __enter__(self) -> QueryCounter:
        self._original = db.obj.execute_sql

        def counted(sql: str, *args: Any, **options: Any) -> Any:
            if not sql.startswith(("PRAGMA", "BEGIN", "SET TRANSACTION", "COMMIT")):
                self.statements.append(sql)
            return self._original(sql, *args, **options)

        db.obj.execute_sql = counted
        return self

    def __exit__(self, *_: object) -> None:
        del db.obj.execute_sql

    def __len__(self) -> int:
        return len(self.statements)


@pytest.fixture
def count_queries() -> Callable[[], QueryCounter]:
    return QueryCounter


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for room in (vault, backups, pgtools, limits):
        monkeypatch.setattr(room, "folder", None)  # put back after the test, whatever it has set
    for room, name in ((audit, "head"), (clock, "override"), (fonts, "extra")):
        monkeypatch.setattr(room, name, None)
    for name in list(os.environ):
        if name.startswith("TEPEI_") and not name.startswith("TEPEI_TEST_"):
            monkeypatch.delenv(name)
