"""Pinyin for sorting and searching. A proposal only: surnames are often read otherwise, so it is editable."""

from __future__ import annotations

from functools import cache

# As surnames these are read otherwise than pypinyin says.
_SURNAMES = {
    "曾": "zeng",
    "单": "shan",
    "仇": "qiu",
    "区": "ou",
    "解": "xie",
    "任": "ren",
    "朴": "piao",
    "查": "zha",
}


@cache
def _reader():  # type: ignore[no-untyped-def]
    from pypinyin import lazy_pinyin  # 40 ms to import: only where a name is entered

    return lazy_pinyin


def of(name: str) -> tuple[str, str]:
    """("wang ya ru", "wyr") of 王雅茹."""
    syllables = [part for part in _reader()(name.replace("·", ""), errors="ignore") if part]
    if syllables and name[0] in _SURNAMES:
        syllables[0] = _SURNAMES[name[0]]
    return " ".join(syllables)[:128], "".join(part[0] for part in syllables)[:32]
