"""恢复: a backup laid out again in a new place, and compared; or the place is as empty as it was."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import peewee

from tepei_admin import migrations
from tepei_admin.config import sqlite_file, sqlite_url
from tepei_admin.database import db, of_url, open_database
from tepei_admin.errors import Busy, Violation, ensure
from tepei_admin.services import archive, audit, backups, emptying, fingerprint, pgtools
from tepei_admin.services.archive import DATABASES, Manifest
from tepei_admin.services.backups import opened, sound
from tepei_admin.services.fingerprint import Table

SCRATCH = ".restore-"


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


def restore(file: Path, place: Place) -> Manifest:
    """Nothing is touched before the whole file has been read and found sound. Raises `RuleViolation`; `Busy` where there
    is no room."""
    manifest = archive.read(file)
    ensure(manifest.database == ("postgresql" if place.postgres else "sqlite"), "backup.other_database", "into",
           kind={"sqlite": "SQLite", "postgresql": "PostgreSQL"}[manifest.database])  # fmt: skip
    newer = sorted(set(manifest.migrations) - set(migrations.known()))
    ensure(not newer, "backup.newer", "file", file=file.name)
    _must_be_new(place)
    try:
        with ExitStack() as undo:
            _lay_out(file, manifest, place, undo)
            undo.pop_all()
    except OSError as error:
        params = {"folder": str(place.data_dir), "why": error.strerror or str(error)}
        raise Busy(Violation("backup.no_place", "into", params)) from error
    return manifest


def _must_be_new(place: Place) -> None:
    """A place where nothing is that could be lost, or taken for the house's own."""
    there = place.files.iterdir() if place.files.is_dir() else ()
    ensure(all(path.name.startswith(SCRATCH) for path in there), "backup.place_has_files", "into",
           folder=str(place.files))  # fmt: skip
    if not place.postgres:
        ensure(not place.path.exists(), "backup.place_taken", "into", place=str(place.path))
        return
    with _connected(place.url) as database:
        taken = database.database.rpartition("@")[2]
        ensure(not database.get_tables(), "backup.place_taken", "into", place=taken)


@contextlib.contextmanager
def _connected(url: str) -> Iterator[peewee.Database]:
    database = of_url(url)
    with database.connection_context():
        yield database


def _lay_out(file: Path, manifest: Manifest, place: Place, undo: ExitStack) -> None:
    """Each part beside where it is wanted, so that it gets its name on the same disk; `undo` takes back what was done."""
    beside = place.data_dir if place.postgres else place.path.parent
    with _scratch(place.files, undo) as papers, _scratch(beside, undo) as room:
        database = room / DATABASES[manifest.database]
        archive.unpack(file, manifest, database, papers)
        if place.postgres:
            _load(database, manifest, place, undo)
        else:
            with opened(database) as copy:
                _must_equal(sound(copy), manifest)
        for path in papers.iterdir():
            undo.callback((place.files / path.name).unlink, missing_ok=True)
            path.rename(place.files / path.name)
        if not place.postgres:  # last: a house that opens has all its papers
            _move_in(database, place)


@contextlib.contextmanager
def _scratch(folder: Path, undo: ExitStack) -> Iterator[Path]:
    for path in reversed((folder, *folder.parents)):
        if not path.exists():
            undo.callback(_rmdir, path)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=folder, prefix=SCRATCH) as room:
        yield Path(room)


def _rmdir(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def _load(dump: Path, manifest: Manifest, place: Place, undo: ExitStack) -> None:
    with _connected(place.url) as database:
        before = emptying.there(database)
    undo.callback(_take_back, place.url, before)
    pgtools.load(place.url, dump)
    with _connected(place.url) as database:
        _must_equal(fingerprint.tables(database), manifest)


def _take_back(url: str, before: emptying.Objects) -> None:
    with _connected(url) as database:
        emptying.back_to(database, before)


def _move_in(database: Path, place: Place) -> None:
    """The proved file gets its name; what an earlier database left beside that name would be read into it."""
    for ending in ("-wal", "-shm", "-journal"):
        place.path.with_name(place.path.name + ending).unlink(missing_ok=True)
    os.replace(database, place.path)


def _must_equal(found: dict[str, Table], manifest: Manifest) -> None:
    wrong = sorted(
        name for name in {*found, *manifest.tables} if found.get(name) != manifest.tables.get(name)
    )
    ensure(not wrong, "backup.not_equal", tables="、".join(wrong))


def checked(place: Place, manifest: Manifest) -> list[str]:
    """What is not as it should be in the restored house. The head of the history that the backup carries is its own
    from now on."""
    audit.head = place.data_dir / audit.HEAD
    audit.keep_head(manifest.head, begins=True)
    open_database(place.url)
    with db.obj.connection_context():
        return backups.findings(manifest, at_work=False)
