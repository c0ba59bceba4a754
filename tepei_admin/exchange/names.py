"""Names as on the ID card, and free text."""

from __future__ import annotations

import re
import unicodedata

from tepei_admin.characters import HYPHENS, dotted, is_han, is_mongolian, ordinary, spaced
from tepei_admin.exchange.cells import Cell, written
from tepei_admin.exchange.reading import PLACEHOLDERS, Reading

_LOST = "?？\ufffd"
_ADDRESS = re.compile(r"..+(?:先生|女士|同志|老师)$|.+某|曾用名|原名")
_NOBODY = frozenset(("无", "待定", "不详", "未定", "暂缺", "空缺", "暂无", "姓名"))


def read_name(cell: Cell, row: Reading) -> None:
    """The name: odd characters, spaces and dots put right with a notice each, the unclear asked about."""
    raw = written(cell)
    if cell.kind == "empty" or raw.strip() in PLACEHOLDERS | _NOBODY:
        row.error("name.missing")
        return
    if cell.kind != "text":
        row.error("name.not_text")
        return
    name = _characters(raw, row)
    name = _spaces(name, row)
    name = _dots(name, row)
    if _check(name, row):
        row.store(name)


def _characters(text: str, row: Reading) -> str:
    plain = ordinary(text)
    if plain != text:
        changed = "、".join(f"{new}（U+{ord(old):04X}）" for old, new in _changes(text))
        row.notice("name.characters_mapped", changed=changed)
    return plain


def _changes(text: str) -> list[tuple[str, str]]:
    return [(char, ordinary(char)) for char in text if ordinary(char) != char]


def _spaces(text: str, row: Reading) -> str:
    plain = spaced(text)
    if plain != text:
        row.notice("name.spaces_removed", value=text.replace("\n", "↵"), stored=plain)
    return plain


def _dots(text: str, row: Reading) -> str:
    plain = dotted(text)
    if plain != text:
        row.notice("name.dot_unified", stored=plain)
    return plain


def _check(name: str, row: Reading) -> bool:
    """False for what cannot be a name; a warning for what hardly is one."""
    private = [char for char in name if unicodedata.category(char) in ("Co", "Cn", "Cs")]
    if private:
        row.error("name.private_character", characters="、".join(f"U+{ord(char):04X}" for char in private))
        return False
    if any(char in _LOST for char in name):
        row.error("name.unreadable")
        return False
    if not any(unicodedata.category(char).startswith("L") for char in name):
        row.error("name.no_letter")
        return False
    if any(char in HYPHENS for char in name):
        row.warning("name.hyphen")
    odd = any(not _usual(char) for char in name if char not in HYPHENS)
    if odd or _ADDRESS.match(name) or name.strip("·") != name:
        row.warning("name.unusual")
    elif len(name) == 1:
        row.warning("name.short")
    return True


def _usual(char: str) -> bool:
    return char == "·" or is_han(char) or is_mongolian(char) or char in "\u180e\u200d\u202f\u200c "


def tidy(text: str) -> str:
    """Free text without outer space and control characters; its line ends stay, as \\n."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isprintable():
        text = "".join(char for char in text if char in "\n\t" or unicodedata.category(char) != "Cc")
    return text.strip().strip("\u200b\ufeff\u2060").strip()


def read_text(cell: Cell, row: Reading) -> None:
    row.store(tidy(written(cell)))


def read_remarks(cell: Cell, row: Reading) -> None:
    """Remarks stay as they are, so that our own export comes back the same."""
    text = written(cell).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    row.store(text if text.strip() else "")
