"""The fonts that papers are set in, and which characters they can print."""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from tepei_admin.errors import RuleViolation, Violation

extra: Path | None = None
"""The office's own fonts (TEPEI_FONT_DIR). Set once at start, before anything is printed."""

SUFFIXES = (".otf", ".ttf", ".otc", ".ttc")
# Printed as nothing or as space, and needed to write Mongolian: spaces, joiners, variation selectors.
_SILENT = frozenset(" \u00a0\u3000\u200c\u200d\u202f\u180b\u180c\u180d\u180e\u180f")


def folders() -> list[Path]:
    """Where fonts are looked for: Noto Sans SC and Noto Serif SC, then the office's own folder."""
    import pylopdf_fonts_zh_cn

    return [Path(pylopdf_fonts_zh_cn.__file__).parent, *([extra] if extra else [])]


def missing_glyphs(text: str) -> tuple[str, ...]:
    """The characters of a text that no font has, each once, in the order of the text."""
    if text.isascii() and text.isprintable():
        return ()
    known = _coverage(tuple(folders()))
    return tuple(dict.fromkeys(char for char in text if ord(char) not in known and char not in _SILENT))


def ensure_printable(items: Iterable[tuple[str, str, str]]) -> None:
    """Refuse, for all items at once, what no font can print. An item: whose paper, which part, its text."""
    refused = [
        Violation("papers.glyph_missing", None, {"name": _shown(name), "part": part, "characters": described})
        for name, part, text in items
        if (described := "、".join(map(describe, missing_glyphs(text))))
    ]
    if refused:
        raise RuleViolation(refused)


def describe(char: str) -> str:
    """𠮷（U+20BB7）; the number alone where the character itself shows nothing."""
    number = f"U+{ord(char):04X}"
    return number if unicodedata.category(char)[0] in "CZ" else f"{char}（{number}）"


def _shown(name: str) -> str:
    plain = "".join(char if unicodedata.category(char)[0] != "C" else "\ufffd" for char in name)
    return plain if len(plain) <= 32 else plain[:32] + "…"


@cache
def _coverage(where: tuple[Path, ...]) -> frozenset[int]:
    """Every code point that some font in these folders has a glyph for."""
    paths = (
        path for folder in where for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES
    )
    return frozenset(code for path in paths for code in _characters(path))


def _characters(path: Path) -> set[int]:
    """The characters of a font file; none of one that is damaged (typst passes it over as well)."""
    found: set[int] = set()
    data = path.read_bytes()
    try:
        for cmap in _cmaps(data):
            for at in _subtables(data, cmap):
                found.update(_READERS.get(_short(data, at), _unread)(data, at))
    except (struct.error, IndexError, ValueError):
        return set()
    return found


def _short(data: bytes, at: int) -> int:
    return int(struct.unpack_from(">H", data, at)[0])


def _long(data: bytes, at: int) -> int:
    return int(struct.unpack_from(">L", data, at)[0])


def _cmaps(data: bytes) -> Iterator[int]:
    """Where the character map of each font of a file (a collection has several) begins."""
    fonts = [_long(data, 12 + 4 * i) for i in range(_long(data, 8))] if data[:4] == b"ttcf" else [0]
    for font in fonts:
        for entry in range(font + 12, font + 12 + 16 * _short(data, font + 4), 16):
            if data[entry : entry + 4] == b"cmap":
                yield _long(data, entry + 8)


def _subtables(data: bytes, cmap: int) -> Iterator[int]:
    """The Unicode tables of a character map: platform 0, and Windows' 1 and 10."""
    for entry in range(cmap + 4, cmap + 4 + 8 * _short(data, cmap + 2), 8):
        platform, encoding, offset = struct.unpack_from(">HHL", data, entry)
        if platform == 0 or (platform == 3 and encoding in (1, 10)):
            yield cmap + offset


def _segments(data: bytes, at: int) -> Iterator[int]:
    """Format 4: the Basic Multilingual Plane in segments; a glyph of 0 is none."""
    half = _short(data, at + 6)
    ends, starts = at + 14, at + 16 + half
    for i in range(0, half, 2):
        first, last = _short(data, starts + i), min(_short(data, ends + i), 0xFFFE)
        delta, jump = _short(data, starts + half + i), _short(data, starts + 2 * half + i)
        for code in range(first, last + 1):
            glyph = _short(data, starts + 2 * half + i + jump + 2 * (code - first)) if jump else code
            if glyph and (glyph + delta) & 0xFFFF:
                yield code


def _groups(data: bytes, at: int) -> Iterator[int]:
    """Format 12: all of Unicode in groups."""
    for entry in range(at + 16, at + 16 + 12 * _long(data, at + 12), 12):
        first, last, glyph = struct.unpack_from(">LLL", data, entry)
        if last > 0x10FFFF:
            raise ValueError("a group beyond Unicode")
        yield from range(first if glyph else first + 1, last + 1)


def _unread(data: bytes, at: int) -> Iterator[int]:
    """The other formats say nothing that a Chinese font needs (14 only chooses between forms)."""
    return iter(())


_READERS = {4: _segments, 12: _groups}
