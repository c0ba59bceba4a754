"""A backup as a file: a ZIP of the database, the attachments and a manifest with the hash of each. Made whole, read whole."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.services.fingerprint import Table

FORMAT = 1
MANIFEST = "manifest.json"
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
FILES = "files/"
_PIECE = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. `members`: name -> SHA-256; `head`: the last hash of the history."""

    database: str
    made_at: str
    version: str
    head: str
    migrations: list[str]
    tables: Mapping[str, Table]
    members: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def files(self) -> list[str]:
        """The attachments' names in the vault."""
        return list(self.hashes)

    @property
    def hashes(self) -> dict[str, str]:
        """The attachments' hashes, by their names in the vault."""
        return {
            name.removeprefix(FILES): digest
            for name, digest in self.members.items()
            if name.startswith(FILES)
        }


class Gone(Exception):
    """An attachment that was there has been taken away before it was packed."""


def names(files: Path | None) -> set[str]:
    """The attachments that are there now."""
    return {path.name for path in _kept(files)}


def write(
    target: Path, manifest: Manifest, database: Path, files: Path | None, there: Set[str] = frozenset()
) -> Manifest:
    """Pack it. The file has its name when it is whole and has been read again; before that it is not there.

    `there`: the attachments before the database was copied. Raises `Gone` where one of them is no longer: the copy may
    speak of it.
    """
    draft = target.with_name(f"{target.name}.part")
    try:
        handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w+b") as sink, zipfile.ZipFile(sink, "w") as archive:
            members = {DATABASES[manifest.database]: _add(archive, DATABASES[manifest.database], database)}
            if lost := there - names(files):
                raise Gone(min(lost))
            for path in _kept(files):
                try:
                    members[FILES + path.name] = _add(archive, FILES + path.name, path)
                except FileNotFoundError as error:
                    raise Gone(path.name) from error
            whole = Manifest(**{**manifest.__dict__, "members": members})
            archive.writestr(MANIFEST, json.dumps(asdict(whole), ensure_ascii=False, indent=1))
        _to_disk(draft)
        read(draft)
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)
    return whole


def _kept(files: Path | None) -> Iterator[Path]:
    """The attachments; one that is just being written has another name."""
    if files is not None and files.is_dir():
        yield from sorted(path for path in files.iterdir() if path.is_file() and path.name.isalnum())


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> str:
    """Pack one file; its hash. Attachments are packed as they are, a database shrinks to a fifth."""
    how = zipfile.ZIP_STORED if name.startswith(FILES) else zipfile.ZIP_DEFLATED
    info = zipfile.ZipInfo(name)
    info.compress_type = how
    found = hashlib.sha256()
    with open(path, "rb") as source, archive.open(info, "w", force_zip64=True) as sink:
        while piece := source.read(_PIECE):
            found.update(piece)
            sink.write(piece)
    return found.hexdigest()


def _to_disk(path: Path) -> None:
    with open(path, "rb+") as handle:
        os.fsync(handle.fileno())


def read(path: Path) -> Manifest:
    """The manifest of a backup whose every byte is as it says. Raises `RuleViolation` for anything else."""
    with _sound(path) as archive:
        manifest = _manifest(path, archive)
        strange = not all(name.isalnum() for name in manifest.files)
        if strange or {*manifest.members, MANIFEST} != set(archive.namelist()):
            raise _bad(path, "多出或缺少文件")
        for name, digest in manifest.members.items():
            with archive.open(name) as member:
                if hashlib.file_digest(member, "sha256").hexdigest() != digest:  # type: ignore[arg-type]
                    raise _bad(path, f"{name} 与清单不符")
    return manifest


def _manifest(path: Path, archive: zipfile.ZipFile) -> Manifest:
    try:
        values: dict[str, Any] = json.loads(archive.read(MANIFEST))
        if values["format"] > FORMAT:
            raise RuleViolation(Violation("backup.newer", "file", {"file": path.name}))
        rows = {name: Table(**table) for name, table in values.pop("tables").items()}
        return Manifest(tables=rows, **values)
    except (KeyError, TypeError, ValueError) as error:
        raise _bad(path, "没有清单，或清单不完整") from error


def unpack(path: Path, manifest: Manifest, database: Path, files: Path) -> None:
    """Lay the parts of a backup that has been `read` to where they are wanted."""
    with _sound(path) as archive:
        _lay(archive, DATABASES[manifest.database], database)
        files.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in manifest.files:
            _lay(archive, FILES + name, files / name)


def _lay(archive: zipfile.ZipFile, name: str, target: Path) -> None:
    with (
        archive.open(name) as source,
        open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as sink,
    ):
        shutil.copyfileobj(source, sink, _PIECE)
        sink.flush()
        os.fsync(sink.fileno())


@contextmanager
def _sound(path: Path) -> Iterator[zipfile.ZipFile]:
    """The file as a ZIP; what is wrong with it is told, whenever it shows."""
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        ValueError,
        OverflowError,
    ) as error:
        raise _bad(path, "文件不完整或已损坏") from error
    except FileNotFoundError as error:
        raise RuleViolation(Violation("backup.absent", "file", {"file": str(path)})) from error
    except OSError as error:
        raise _bad(path, error.strerror or str(error)) from error


def _bad(path: Path, why: str) -> RuleViolation:
    return RuleViolation(Violation("backup.bad", "file", {"file": path.name, "why": why}))
