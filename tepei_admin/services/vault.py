"""Files that are kept: under random names, with their hash; the name they came with is text in the database.

A file belongs to a row. One that is kept inside a command goes again where the command does not stand; one whose last
row is gone is taken away after the commit (`kept_files`).
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from tepei_admin.errors import Busy, NotFound, Unsure, Violation
from tepei_admin.services.work import in_hand

log = logging.getLogger(__name__)

folder: Path | None = None
"""Where files are kept; set once at start from the data directory. None: nothing is kept (tests)."""


def keep(data: bytes) -> tuple[str, str]:
    """Store the bytes in a command, with its rows or not at all; (name in the vault, SHA-256).

    The file is whole or not there. Raises `Busy` without room.
    """
    work = in_hand()
    digest = hashlib.sha256(data).hexdigest()
    if folder is None:
        return "", digest
    name = secrets.token_hex(16)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / f"{name}.part"
    try:
        with open(draft, "wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        draft.rename(folder / name)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise Busy(Violation("access.disk_full")) from error
    work.after_rollback.append(partial(forget, name))
    return name, digest


@dataclass
class Draft:
    """A file on its way in: written in pieces, kept when it is whole; can be read from `handle` in any case."""

    handle: IO[bytes]
    path: Path | None
    name: str = ""

    def keep(self) -> tuple[str, str, int]:
        """(name in the vault, SHA-256, bytes). Afterwards the handle stands at the beginning."""
        self.handle.flush()
        self.handle.seek(0)
        digest = hashlib.file_digest(self.handle, "sha256").hexdigest()  # type: ignore[arg-type]
        size = self.handle.tell()
        self.handle.seek(0)
        if self.path is not None:
            os.fsync(self.handle.fileno())
            self.name = self.path.stem
            self.path.rename(self.path.with_suffix(""))
        return self.name, digest, size


@contextmanager
def draft() -> Iterator[Draft]:
    """A place to write a file in pieces. What is not kept is gone; the handle is the caller's to close if it is."""
    if folder is None:
        found = Draft(tempfile.TemporaryFile(), None)  # noqa: SIM115 (see above)
    else:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f"{secrets.token_hex(16)}.part"
        found = Draft(open(path, "x+b"), path)  # noqa: SIM115
    try:
        yield found
    except Unsure:
        found.handle.close()  # the record may stand, and then it needs its file
        raise
    except BaseException:
        found.handle.close()
        forget(found.name)
        raise
    finally:
        if found.path is not None:
            found.path.unlink(missing_ok=True)


def forget(name: str) -> None:
    """Take a kept file away: one whose record was never written, or is gone."""
    if folder and name.isalnum():
        take_away(folder / name)


def take_away(path: Path) -> None:
    """What cannot be deleted is a stray from now on (`kept_files`), no reason to call done work a failure."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("%s could not be deleted: %s", path, error.strerror)


def pieces(name: str, size: int = 1 << 16) -> Iterator[bytes]:
    """A kept file, a piece at a time. Raises `NotFound` before the first."""
    handle = _open(name)
    return iter(lambda: handle.read(size) or handle.close() or b"", b"")


def _open(name: str) -> IO[bytes]:
    path = folder / name if folder and name.isalnum() else None
    if path is None or not path.is_file():
        raise NotFound(Violation("access.not_found"))
    return path.open("rb")


def fetch(name: str) -> bytes:
    """The bytes of a kept file. Raises `NotFound`."""
    with _open(name) as handle:
        return handle.read()
