"""The one mask of ID and account numbers, on pages and in files: stored values, cells as written, whole sentences."""

from __future__ import annotations

import re
from typing import Any

from tepei_admin.models import Trainee

SHORTEST_TAIL = 8
"""A masked value shows its last four characters only where they are the lesser part of it."""
LIKE_A_NUMBER = 8
"""Digits; a number with a slip (1501O2…) is masked as well as a right one."""
_NUMBERS = re.compile(
    r"(?<![0-9a-f])[0-9a-f]{32,}(?![0-9a-f])"  # a digest is nobody's number
    r"|(?<![0-9０-９])(?!(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}(?![0-9]))"  # nor are two dates
    r"[0-9０-９](?:[\s·.,，\-－—_]*[0-9０-９xXｘＸ]){13,}"
)
_AMOUNT = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)\.[0-9]{2}"
_AMOUNTS = re.compile(rf"{_AMOUNT}(?:[\s,，\-－—]+{_AMOUNT})+")
_ROUNDED = re.compile(r"\s*(\d)\.\d+([eE]\+?\d{2})\s*", re.ASCII)
"""1.50102198503159E+17: its first digits are the person's place and birth, and its last four are lost."""
_QUOTED = re.compile(r"“([^”]*)”")


def tail(value: Any) -> str:
    """A stored value: 尾号 9813."""
    text = "" if value is None else str(value)
    if not text:
        return ""
    return f"尾号 {text[-4:]}" if len(text) >= SHORTEST_TAIL and text.isascii() else "已遮盖"


def numbers(text: str) -> str:
    """A text with every long number in it masked, however it is written; sums of money are none."""
    return _NUMBERS.sub(lambda found: found[0] if _AMOUNTS.fullmatch(found[0]) else _tail(found[0]), text)


def sentence(text: str, field: str | None) -> str:
    """What is said about a cell of this field."""
    if field in Trainee.panel.sensitive:
        text = _QUOTED.sub(lambda found: f"“{_tail(found[1])}”", text)
    return numbers(text)


def value(text: str, field: str | None) -> str:
    """A cell's own text."""
    return _tail(text) if field in Trainee.panel.sensitive else numbers(text)


def _tail(text: str) -> str:
    """A cell as written; what is hardly a number says what is wrong with it, and stays."""
    if rounded := _ROUNDED.fullmatch(text):
        return f"{rounded[1]}…{rounded[2]}"
    plain = "".join(char for char in text if char.isalnum())
    digits = sum(map(str.isdigit, plain))
    digest = len(plain) >= 32 and digits < len(plain) and plain.isascii()
    return (
        f"尾号 {plain[-4:]}"
        if len(plain) >= SHORTEST_TAIL and digits >= LIKE_A_NUMBER and not digest
        else text
    )
