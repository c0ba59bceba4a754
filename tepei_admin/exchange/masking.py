"""Sentences about cells without whole ID and account numbers, however these were written."""

from __future__ import annotations

import re

from tepei_admin.exchange.sources import SHORTEST_TAIL
from tepei_admin.models import Trainee

LIKE_A_NUMBER = 8
"""Digits; a number with a slip (1501O2…) is masked as well as a right one."""
_NUMBERS = re.compile(r"[0-9０-９](?:[\s·.,，\-－—_]*[0-9０-９xXｘＸ]){13,}")
_QUOTED = re.compile(r"“([^”]*)”")


def sentence(text: str, field: str | None) -> str:
    """What is said about a cell of this field."""
    if field in Trainee.panel.sensitive:
        text = _QUOTED.sub(lambda found: f"“{_tail(found[1])}”", text)
    return _NUMBERS.sub(lambda found: _tail(found[0]), text)


def value(text: str, field: str | None) -> str:
    """A cell's own text."""
    return (
        _tail(text) if field in Trainee.panel.sensitive else _NUMBERS.sub(lambda found: _tail(found[0]), text)
    )


def _tail(text: str) -> str:
    plain = "".join(char for char in text if char.isalnum())
    return (
        f"尾号 {plain[-4:]}"
        if len(plain) >= SHORTEST_TAIL and sum(map(str.isdigit, plain)) >= LIKE_A_NUMBER
        else text
    )
