"""What a password must be (safety A10): long enough, and none of those that are tried first."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

SHORTEST = 8
FEWEST = 4
"""Different characters."""
OURS = ("tepei", "tepeiadmin", "neimenggu", "rencaiban", "huhehaote", "hohhot", "zuzhibu")
"""Words of this office, which a list from outside does not have."""
_ENDS = "0123456789!@#$%^&*()-_=+.,?~ "


def weak(password: str, username: str) -> bool:
    """Short, of few characters, a row of neighbours, the user's own name, or a common one, also with a year behind it."""
    plain = password.casefold()
    core = plain.strip(_ENDS)
    return (
        len(password) < SHORTEST
        or len(set(plain)) < FEWEST
        or _row(plain)
        or plain in common()
        or core in common()
        or core in (*OURS, username.casefold())
    )


@cache
def common() -> frozenset[str]:
    """8,400 passwords of eight characters and more, in small letters: what Django ships, from leaked lists, and what is
    common in China beside them."""
    path = Path(__file__).parents[1] / "data" / "common_passwords.txt"
    return frozenset(path.read_text(encoding="utf-8").split("\n"))


def _row(text: str) -> bool:
    """12345678, hgfedcba."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps in ({1}, {-1})
