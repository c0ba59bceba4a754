"""备份: the whole house in one file, taken while it is at work; the file laid out again in a new place, and compared.

SQLite is copied by its own backup interface, PostgreSQL by pg_dump: one state of the house, never a copied file.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import peewee

from tepei_admin import __version__, migrations
from tepei_admin.config import sqlite_file, sqlite_url
from tepei_admin.database import db, of_url, open_database
from tepei_admin.errors import Busy, RuleViolation, Violation, ensure
from tepei_admin.models import House, Trainee
from tepei_admin.permissions import Actor, P
from tepei_admin.services import archive, audit, fingerprint, pgtools, record, vault
from tepei_admin.services.archive import DATABASES, Manifest
from tepei_admin.services.command import command
from tepei_admin.services.fingerprint import Table
from tepei_admin.services.work import OFFICE, in_hand, now

folder: Path | None = None
"""Where backups are kept unless told otherwise; set once at start from the data directory."""

DAYS = 7
LAST = "backup"
"""The row of `House` that tells of the last one."""


@dataclass(frozen=True)
class Place:
    """Where a house is: its database and its data directory."""

    url: str
    data_dir: Path

    @property
    def postgres(self) -> bool:
        return sqlite_file(self.url) is None

    @property
    def path(self) -> Path:
        """The SQLite file."""
        found = sqlite_file(self.url)
        assert found is not None
        return found

    @property
    def files(self) -> Path:
        return self.data_dir / "files"

    @classmethod
    def of(cls, into: str, data_dir: Path) -> Place:
        """A folder becomes a data directory; an address keeps the attachments in the one that is set."""
        if "://" in into:
            return cls(into, data_dir)
        return cls(sqlite_url(Path(into) / "tepei.sqlite3"), Path(into))


# --- Making one


def make(actor: Actor, target: Path | None = None) -> tuple[Path, Manifest]:
    """A backup of the open house. Raises `RuleViolation`; `Busy` where there is no room for it."""
    actor.require(P.ACCOUNTS)
    made, manifest = take(target or _named("tepei"))
    _note(actor, made.name, made.stat().st_size)
    return made, manifest


def take(target: Path) -> tuple[Path, Manifest]:
    """The file alone, without a word in the history: also before a migration."""
    ensure(not target.exists(), "backup.exists", "file", file=str(target))
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as room:
            scratch = Path(room) / DATABASES["postgresql" if db.obj.postgres else "sqlite"]
            manifest = _dumped(scratch) if db.obj.postgres else _copied(scratch)
            return target, archive.write(target, manifest, scratch, vault.folder)
    except (OSError, sqlite3.OperationalError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise Busy(Violation("backup.no_room", "file", {"folder": str(target.parent), "why": why})) from error


def before(name: str) -> Path:
    """Where the backup goes that is taken before a migration."""
    return _named(f"before-{name}")


def _named(stem: str) -> Path:
    assert folder is not None, "backups.folder is set at start"
    return folder / f"{stem}-{dt.datetime.now(OFFICE):%Y%m%d-%H%M%S-%f}.zip"


def _copied(path: Path) -> Manifest:
    """SQLite: one step of the online backup; writers go on meanwhile."""
    with closing(sqlite3.connect(db.obj.database)) as source, closing(sqlite3.connect(path)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    with _opened(path) as database:
        return _told(database, "sqlite", _sound(database))


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[peewee.SqliteDatabase]:
    database = peewee.SqliteDatabase(str(path), pragmas={"query_only": 1})
    try:
        with database.connection_context():
            yield database
    except peewee.DatabaseError as error:
        raise RuleViolation(Violation("backup.broken_database", params={"why": str(error)})) from error


def _sound(database: peewee.SqliteDatabase) -> dict[str, Table]:
    (result,) = database.execute_sql("PRAGMA integrity_check(1)").fetchone()
    ensure(result == "ok", "backup.broken_database", why=result)
    return fingerprint.tables(database)


def _dumped(path: Path) -> Manifest:
    """PostgreSQL: pg_dump and our own reading see one exported snapshot."""
    with db.obj.read_snapshot():
        (snapshot,) = db.execute_sql("SELECT pg_export_snapshot()").fetchone()
        pgtools.dump(db.obj.database, path, snapshot)
        return _told(db.obj, "postgresql", fingerprint.tables(db.obj))


def _told(database: peewee.Database, kind: str, tables: dict[str, Table]) -> Manifest:
    last = database.execute_sql("SELECT hash FROM audit_entry ORDER BY id DESC LIMIT 1").fetchone()
    applied = database.execute_sql(f"SELECT name FROM {fingerprint.MIGRATIONS} ORDER BY name").fetchall()
    return Manifest(
        kind,
        f"{now():%Y-%m-%dT%H:%M:%SZ}",
        __version__,
        last[0] if last else "",
        [row[0] for row in applied],
        tables,
    )


@command(P.ACCOUNTS)
def _note(actor: Actor, name: str, size: int) -> None:
    """When the last one was taken, and by whom."""
    record.event("backup", label=name, bytes=size)
    stamp = now().isoformat(timespec="seconds")
    row = House.select(House.id).where(House.key == LAST).tuples().first()
    if row is None:
        record.insert(House, {"key": LAST, "value": stamp})
    else:
        record.update(House, [row[0]], {"value": stamp})


def last_taken() -> dt.datetime | None:
    """UTC; None if never."""
    row = House.select(House.value).where(House.key == LAST).tuples().first()
    return dt.datetime.fromisoformat(row[0]) if row else None


def is_old() -> bool:
    """Has there been none for a week, in a house that has something to lose?"""
    last = last_taken()
    if last is not None:
        return now() - last > dt.timedelta(days=DAYS)
    return Trainee.select().exists()


# --- Those that lie in the folder


@dataclass(frozen=True)
class Kept:
    """A backup in the folder."""

    name: str
    size: int
    at: dt.datetime


def kept() -> list[Kept]:
    """Newest first."""
    if folder is None or not folder.is_dir():
        return []
    found = [(path, path.stat()) for path in folder.glob("*.zip")]
    rows = [
        Kept(path.name, seen.st_size, dt.datetime.fromtimestamp(seen.st_mtime, dt.UTC).replace(tzinfo=None))
        for path, seen in found
    ]
    return sorted(rows, key=lambda item: (item.at, item.name), reverse=True)


def find(name: str) -> Path:
    """One of them. Raises `RuleViolation`."""
    ensure(any(item.name == name for item in kept()), "backup.unknown", "name", name=name[:80])
    assert folder is not None
    return folder / name


@command(P.ACCOUNTS)
def hand_out(actor: Actor, name: str) -> None:
    """Before the first byte goes out, the history has it."""
    record.event("backup_download", label=find(name).name)


@command(P.ACCOUNTS)
def discard(actor: Actor, name: str) -> None:
    """Delete an old one; the history keeps its name. The newest stays."""
    ensure(name != (kept() or [Kept("", 0, dt.datetime.min)])[0].name, "backup.newest_stays", "name")
    path = find(name)
    record.event("backup_delete", label=path.name)
    in_hand().after_commit.append(path.unlink)


# --- Laying it out again


def restore(file: Path, place: Place) -> Manifest:
    """Into a new place, compared row by row. Nothing is touched before the whole file has been read and found sound."""
    manifest = archive.read(file)
    ensure(manifest.database == ("postgresql" if place.postgres else "sqlite"), "backup.other_database", "into",
           kind={"sqlite": "SQLite", "postgresql": "PostgreSQL"}[manifest.database])  # fmt: skip
    newer = sorted(set(manifest.migrations) - set(migrations.known()))
    ensure(not newer, "backup.newer", "file", file=file.name)
    _must_be_new(place)
    place.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=place.data_dir, prefix=".restore-") as room:
        database, files = Path(room) / DATABASES[manifest.database], Path(room) / "files"
        archive.unpack(file, manifest, database, files)
        if place.postgres:
            pgtools.load(place.url, database)
            _compare(place, manifest)
        else:
            with _opened(database) as copy:
                _must_equal(_sound(copy), manifest)
        if place.files.exists():
            place.files.rmdir()  # it was found empty
        files.rename(place.files)
        if not place.postgres:  # last: a house that opens has all its papers
            _move_in(database, place)
    return manifest


def _must_be_new(place: Place) -> None:
    """A place where nothing is that could be lost, or taken for the house's own."""
    ensure(not (place.files.is_dir() and any(place.files.iterdir())), "backup.place_has_files", "into",
           folder=str(place.files))  # fmt: skip
    if not place.postgres:
        ensure(not place.path.exists(), "backup.place_taken", "into", place=str(place.path))
        return
    with _connected(place.url) as database:
        ensure(
            not database.get_tables(),
            "backup.place_taken",
            "into",
            place=database.database.rpartition("@")[2],
        )


@contextlib.contextmanager
def _connected(url: str) -> Iterator[peewee.Database]:
    database = of_url(url)
    with database.connection_context():
        yield database


def _move_in(database: Path, place: Place) -> None:
    """The proved file gets its name; what an earlier database left beside that name would be read into it."""
    place.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for ending in ("-wal", "-shm", "-journal"):
        place.path.with_name(place.path.name + ending).unlink(missing_ok=True)
    os.replace(database, place.path)


def _compare(place: Place, manifest: Manifest) -> None:
    with _connected(place.url) as database:
        _must_equal(fingerprint.tables(database), manifest)


def _must_equal(found: dict[str, Table], manifest: Manifest) -> None:
    wrong = sorted(
        name for name in {*found, *manifest.tables} if found.get(name) != manifest.tables.get(name)
    )
    ensure(not wrong, "backup.not_equal", tables="、".join(wrong))


def checked(place: Place, manifest: Manifest) -> audit.Broken | None:
    """The restored house's history against the head that the backup carries, which is its own from now on."""
    audit.head = place.data_dir / audit.HEAD
    audit.keep_head(manifest.head, begins=True)
    open_database(place.url)
    with db.obj.connection_context():
        return audit.verify()
