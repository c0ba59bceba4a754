"""备份: the whole house in one file, taken while it is at work (`restoring` lays it out again).

SQLite is copied by its own backup interface, PostgreSQL by pg_dump: one state of the house, never a copied file.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import peewee

from tepei_admin import __version__
from tepei_admin.database import db
from tepei_admin.errors import Busy, RuleViolation, Violation, ensure
from tepei_admin.models import House, Trainee
from tepei_admin.permissions import Actor, P
from tepei_admin.services import archive, audit, fingerprint, pgtools, record, sums, vault
from tepei_admin.services.archive import DATABASES, Manifest
from tepei_admin.services.command import command
from tepei_admin.services.fingerprint import Table
from tepei_admin.services.work import OFFICE, in_hand, now

folder: Path | None = None
"""Where backups are kept unless told otherwise; set once at start from the data directory."""

DAYS = 7
TRIES = 5
LAST = "backup"
"""The row of `House` that tells of the last one."""


# --- Making one


def make(actor: Actor, target: Path | None = None) -> tuple[Path, Manifest]:
    """A backup of the open house. Raises `RuleViolation`; `Busy` where there is no room for it."""
    actor.require(P.ACCOUNTS)
    made, manifest = take(target or _named("tepei"))
    _note(actor, made.name, made.stat().st_size)
    return made, manifest


def findings(manifest: Manifest, *, at_work: bool = True) -> list[str]:
    """What is not as it should be in the open house, and so in its backup too: a paper that is missing or altered, a
    broken history. The backup is made all the same, it is what there is; but nobody may throw an older one away.

    `at_work`: the house has gone on since; else it has come out of this very backup."""
    return [*sums.packed(manifest.hashes, vault.folder if at_work else None), *audit.findings()]


def take(target: Path) -> tuple[Path, Manifest]:
    """The file alone, without a word in the history: also before a migration."""
    ensure(not target.exists(), "backup.exists", "file", file=str(target))
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return target, _packed(target)
    except (OSError, sqlite3.OperationalError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise Busy(Violation("backup.no_room", "file", {"folder": str(target.parent), "why": why})) from error


def _packed(target: Path) -> Manifest:
    """Once more where an attachment went while it was packed: the database of that moment may speak of it."""
    for _ in range(TRIES):
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as room:
            scratch = Path(room) / DATABASES["postgresql" if db.obj.postgres else "sqlite"]
            there = archive.names(vault.folder)
            manifest = _dumped(scratch) if db.obj.postgres else _copied(scratch)
            with contextlib.suppress(archive.Gone):
                return archive.write(target, manifest, scratch, vault.folder, there)
    raise Busy(Violation("backup.files_in_motion", "file"))


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
    with opened(path) as database:
        return _told(database, "sqlite", sound(database))


@contextlib.contextmanager
def opened(path: Path) -> Iterator[peewee.SqliteDatabase]:
    database = peewee.SqliteDatabase(str(path), pragmas={"query_only": 1})
    try:
        with database.connection_context():
            yield database
    except peewee.DatabaseError as error:
        raise RuleViolation(Violation("backup.broken_database", params={"why": str(error)})) from error


def sound(database: peewee.SqliteDatabase) -> dict[str, Table]:
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
