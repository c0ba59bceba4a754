"""How often somebody may try something, counted by all workers of this machine together.

The counts lie in one small file of the data directory, mapped into memory: a public page writes nothing to the database.
Whoever tries is kept as a hash. A place of the file is taken over by another one when its time is up, or by force when
thousands try at once; the one with the fewest tries goes first.
"""

from __future__ import annotations

import hashlib
import math
import mmap
import os
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, where there is one worker only
    fcntl = None  # type: ignore[assignment]

folder: Path | None = None
"""Where the file lies; set once at start. None: this process counts for itself (tests)."""

LONGEST = 600.0
"""Seconds after which no count matters any more; no limit lasts longer."""

_SLOT = struct.Struct("<16sdI4x")  # who, when the count began (system-wide monotonic clock), how many
_WAYS, _SETS = 4, 4096
SIZE = _SLOT.size * _WAYS * _SETS

_lock = threading.Lock()
_open: tuple[Path | None, mmap.mmap, int] | None = None


@dataclass(frozen=True)
class Limit:
    """So many tries in so many seconds, from the first of them."""

    name: str
    tries: int
    seconds: float

    def wait(self, who: str, now: float | None = None) -> int:
        """0, and the try is counted; or how many seconds to wait."""
        return self._ask(who, now, count=True)

    def blocked(self, who: str, now: float | None = None) -> int:
        """How many seconds to wait, without counting a try."""
        return self._ask(who, now, count=False)

    def _ask(self, who: str, now: float | None, *, count: bool) -> int:
        moment = time.monotonic() if now is None else now
        key = hashlib.blake2b(f"{self.name}\0{who}".encode(errors="replace"), digest_size=16).digest()
        with _table() as table:
            place, began, tries = self._place(table, key, moment)
            if tries >= self.tries:
                return math.ceil(self.seconds - (moment - began))
            if count:
                _SLOT.pack_into(table, place, key, began if tries else moment, tries + 1)
            return 0

    def _place(self, table: mmap.mmap, key: bytes, moment: float) -> tuple[int, float, int]:
        """Where this one's count stands, or will stand: (place, began, tries)."""
        first = int.from_bytes(key[:4], "little") % _SETS * _WAYS * _SLOT.size
        places = range(first, first + _WAYS * _SLOT.size, _SLOT.size)
        found = [(place, *_SLOT.unpack_from(table, place)) for place in places]
        for place, kept, began, tries in found:
            if kept == key:
                return (place, began, tries) if 0 <= moment - began < self.seconds else (place, moment, 0)
        fewest = min(found, key=lambda slot: slot[3] if 0 <= moment - slot[2] < LONGEST else 0)
        return fewest[0], moment, 0


def clear() -> None:
    """Forget everything (tests)."""
    with _table() as table:
        table[:] = bytes(SIZE)


@contextmanager
def _table() -> Iterator[mmap.mmap]:
    """The counts, for this thread of this process alone."""
    with _lock:
        table, handle = _mapped()
        if handle >= 0 and fcntl:
            fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            yield table
        finally:
            if handle >= 0 and fcntl:
                fcntl.flock(handle, fcntl.LOCK_UN)


def _mapped() -> tuple[mmap.mmap, int]:
    global _open
    if _open is not None and _open[0] != folder:
        _open[1].close()
        if _open[2] >= 0:
            os.close(_open[2])
        _open = None
    if _open is None:
        _open = (folder, *_map())
    return _open[1], _open[2]


def _map() -> tuple[mmap.mmap, int]:
    if folder is None:
        return mmap.mmap(-1, SIZE), -1
    handle = -1
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(folder / "limits", os.O_RDWR | os.O_CREAT, 0o600)
        _make_room(handle)
        return mmap.mmap(handle, SIZE), handle
    except OSError:  # a full disk, or one that takes nothing: this process counts for itself
        if handle >= 0:
            os.close(handle)
        return mmap.mmap(-1, SIZE), -1


def _make_room(handle: int) -> None:
    """Real blocks: writing into a hole of a mapped file ends the process when the disk is full."""
    if os.fstat(handle).st_size != SIZE:
        os.ftruncate(handle, SIZE)
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(handle, 0, SIZE)
