"""The zip around a workbook: looked at by its directory before anything is unpacked, then read as XML.

Every part goes through `scan`, which refuses a document type: no workbook has one, and entities come with it.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import IO, Any
from xml.parsers import expat

from tepei_admin.errors import ensure
from tepei_admin.exchange.cells import MAX_ROWS

MAX_PARTS = 5_000
MAX_BYTES = 1024 * 1024 * 1024  # of all parts; mostly blank cells with a format, which are never parsed
MAX_RATIO = 200
FREE_BYTES = 20 * 1024 * 1024  # under this the ratio does not matter
MAX_XML = 160 * 1024 * 1024  # of one part, blank cells apart
CHUNK = 1024 * 1024

_BLANK_CELL = re.compile(rb'<c r="[^"<>]*"[^<>]*?(?:/>|></c>)')
_BLANK_ROW = re.compile(rb'<row r="[^"<>]*"[^<>]*?(?:/>|></row>)')

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]


@contextmanager
def opened(data: bytes) -> Iterator[zipfile.ZipFile]:
    """The archive, its directory checked. Whatever is wrong with it, now or later, is one refusal."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            check(archive)
            yield archive
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zipfile.zlib.error, expat.ExpatError, KeyError, ValueError,  # type: ignore[attr-defined]
            IndexError, EOFError, NotImplementedError, OverflowError, AttributeError, TypeError, RuntimeError,
            OSError) as error:  # fmt: skip
        ensure("encrypted" not in str(error), "import.encrypted")
        ensure(False, "import.damaged")


def check(archive: zipfile.ZipFile) -> None:
    """Refuse a bomb by its directory. (A part never gives more than its directory says.)"""
    parts = archive.infolist()
    size, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    ensure(len(parts) <= MAX_PARTS and size <= MAX_BYTES, "import.too_large")
    ensure(size <= FREE_BYTES or size <= MAX_RATIO * max(packed, 1), "import.too_large")


def scan(source: IO[bytes], start: Start, end: End | None = None) -> None:
    """Read a part as XML. `start` and `end` get names without their prefix."""
    parser = make_parser(start, end)
    parser.ParseFile(source)


def make_parser(start: Start, end: End | None = None) -> Any:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = lambda name, attributes: start(local(name), attributes)
    if end is not None:
        parser.EndElementHandler = lambda name: end(local(name))
    return parser


def _refuse(*_: Any) -> None:
    ensure(False, "import.unsafe_xml")


@cache
def local(name: str) -> str:
    """A name without its prefix (some programs write `x:row`)."""
    return name.rpartition(":")[2]


def without_blanks(source: IO[bytes]) -> bytes:
    """A sheet's XML without blank cells and rows: formats down to the last row are millions of them.

    Refused where too many rows, or too much, remain.
    """
    kept, size, rows, rest = [], 0, 0, b""
    while chunk := source.read(CHUNK):
        rest += chunk
        end = rest.rfind(b"<")
        whole, rest = (rest[:end], rest[end:]) if end >= 0 else (rest, b"")
        whole = _BLANK_ROW.sub(b"", _BLANK_CELL.sub(b"", whole))
        rows += whole.count(b"</row>")
        size += len(whole)
        ensure(rows <= MAX_ROWS, "import.too_many_rows", rows=MAX_ROWS)
        ensure(size <= MAX_XML, "import.too_large")
        kept.append(whole)
    return b"".join(kept) + rest
