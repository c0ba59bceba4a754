"""Files from outside: what they are by their content, and the name they came with, as text."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass

from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.services import vault

LIMIT_MB = 20
LIMIT = LIMIT_MB * 1024 * 1024
LONGEST_NAME = 255
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ENDINGS: dict[str, tuple[str, ...]] = {
    "application/pdf": (".pdf",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    DOCX: (".docx",),
    XLSX: (".xlsx",),
    "application/msword": (".doc",),
    "application/vnd.ms-excel": (".xls",),
}
"""The types that are kept, with the endings that their names may have; the first is added where none fits."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS = {
    "application/msword": ("WordDocument",),
    "application/vnd.ms-excel": ("Workbook", "Book"),
}
_PARTS = {DOCX: "word/document.xml", XLSX: "xl/workbook.xml"}


@dataclass(frozen=True)
class Kept:
    """A file in the vault, as the columns of `Document` hold it."""

    file_name: str
    stored_as: str
    content_type: str
    size: int
    sha256: str


def keep(name: str, data: bytes) -> Kept:
    """Check the file and keep it. Raises `RuleViolation` for what is empty, too large or of another type."""
    shown = tidy(name)
    if not data:
        raise RuleViolation(Violation("document.empty", "file", {"name": shown}))
    if len(data) > LIMIT:
        params = {"name": shown, "size": -(-len(data) // (1024 * 1024)), "limit": LIMIT_MB}
        raise RuleViolation(Violation("document.too_large", "file", params))
    kind = type_of(data)
    if kind is None:
        raise RuleViolation(Violation("document.wrong_type", "file", {"name": shown}))
    stored, digest = vault.keep(data)
    return Kept(shown, stored, kind, len(data), digest)


def type_of(data: bytes) -> str | None:
    """The type by the first bytes and, for containers, by what they contain; None for any other."""
    if data.startswith(b"%PDF-"):
        return "application/pdf"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(_OLE):
        return next((kind for kind, names in _STREAMS.items() if any(map(_holds(data), names))), None)
    return _zipped(data) if data.startswith(b"PK\x03\x04") else None


def _holds(data: bytes):  # type: ignore[no-untyped-def]
    """Does a compound file have a stream of that name? Names stand in its directory as UTF-16, at 64 bytes each."""
    return lambda name: (name.encode("utf-16-le") + b"\0\0") in data


def _zipped(data: bytes) -> str | None:
    """docx and xlsx by their main part. Only the directory of the zip is read; one with macros is none of ours."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    if "[Content_Types].xml" not in names or any(name.lower().endswith("vbaproject.bin") for name in names):
        return None
    return next((kind for kind, part in _PARTS.items() if part in names), None)


def tidy(name: str) -> str:
    """The written name as text: no control characters, not longer than its column, its ending kept."""
    text = "".join(
        char for char in name if unicodedata.category(char) not in ("Cc", "Cs", "Co", "Cn")
    ).strip()
    if len(text) <= LONGEST_NAME:
        return text or "未命名"
    stem, dot, ending = text.rpartition(".")
    tail = dot + ending if dot and len(ending) <= 8 else ""
    return (stem if tail else text)[: LONGEST_NAME - len(tail)] + tail


def download_name(name: str, content_type: str) -> str:
    """A name for somebody's disk: no folders, no devices, and the ending that the content has."""
    plain = re.sub(r'[\\/:*?"<>|\x00-\x1f\u200e\u200f\u202a-\u202e\u2066-\u2069]+', "_", name).strip("._ ")
    endings = ENDINGS.get(content_type, ())
    if not endings or plain.lower().endswith(endings):
        return plain or "文件"
    return (plain or "文件") + endings[0]
