"""Files that are kept: under random names, with their hash; the name they came with is text in the database."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from tepei_admin.errors import NotFound, Violation

folder: Path | None = None
"""Where files are kept; set once at start from the data directory. None: nothing is kept (tests)."""


def keep(data: bytes) -> tuple[str, str]:
    """Store the bytes; (name in the vault, SHA-256). The file is whole or not there."""
    digest = hashlib.sha256(data).hexdigest()
    if folder is None:
        return "", digest
    name = secrets.token_hex(16)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = folder / f"{name}.part"
    with open(draft, "wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    draft.rename(folder / name)
    return name, digest


def fetch(name: str) -> bytes:
    """The bytes of a kept file. Raises `NotFound`."""
    path = folder / name if folder and name.isalnum() else None
    if path is None or not path.is_file():
        raise NotFound(Violation("access.not_found"))
    return path.read_bytes()


def drop(name: str) -> None:
    """Throw a kept file away; one that is gone already is no error."""
    if folder and name.isalnum():
        (folder / name).unlink(missing_ok=True)
