"""Characters that look alike: private-use, compatibility and radical forms, invisible ones, dots."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# GB 18030-2000 left these in the private-use area; Unicode has had the characters since 4.1.
_LATE = {
    0xE816: 0x20087, 0xE817: 0x20089, 0xE818: 0x200CC, 0xE81E: 0x9FB4, 0xE826: 0x9FB5, 0xE82B: 0x9FB6,
    0xE82C: 0x9FB7, 0xE831: 0x215D7, 0xE832: 0x9FB8, 0xE83B: 0x2298F, 0xE843: 0x9FB9, 0xE854: 0x9FBA,
    0xE855: 0x241FE, 0xE864: 0x9FBB,
}  # fmt: skip


def _private_use() -> dict[int, int]:
    """GBK's FE50-FEA0 as Windows put it into E815-E864: \\ue863 is 䶮."""
    found = dict(_LATE)
    trails = [byte for byte in range(0x50, 0xA1) if byte != 0x7F]
    for index, trail in enumerate(trails):
        target = ord(bytes((0xFE, trail)).decode("gb18030"))
        if not 0xE000 <= target <= 0xF8FF:
            found[0xE815 + index] = target
    return found


# EquivalentUnifiedIdeograph of Unicode, for the radicals and strokes that have no decomposition.
_RADICALS = dict(
    zip(
        "⺁⺂⺃⺄⺅⺆⺉⺊⺋⺌⺍⺎⺏⺒⺓⺔⺖⺗⺘⺙⺛⺜⺝⺞⺠⺡⺢⺣⺤⺦⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺴⺶⺹⺺⺻⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻈⻉⻋⻌⻍⻎"
        "⻐⻑⻒⻓⻔⻕⻖⻗⻙⻚⻛⻜⻝⻟⻠⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳㇐㇑㇒㇔㇠",
        "厂乛乚乙亻冂刂卜㔾小小尢尣巳幺彑忄㣺扌攵旡日月歺民氵氺灬爫丬犭王疋目示礻竹糹纟罓罒网羊耂肀聿臼艹艹艹虎衤覀西见角讠贝车辶辶辶"
        "钅長镸长门阜阝雨韦页风飞食飠饣马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟一丨丿丶乙",
        strict=True,
    )
)
_BLOCKS = ((0x2E9F, 0x2E9F), (0x2EF3, 0x2EF3), (0x2F00, 0x2FD5), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F))


def _ordinary() -> dict[int, str]:
    """Each unusual form -> the ordinary character."""
    table = {ord(odd): plain for odd, plain in _RADICALS.items()}
    for first, last in _BLOCKS:
        for code in range(first, last + 1):
            plain = unicodedata.normalize("NFKC", chr(code))
            if plain != chr(code):
                table[code] = plain
    for code, target in _private_use().items():
        table[code] = table.get(target, chr(target))
    return table


ORDINARY = _ordinary()
_ODD = frozenset(ORDINARY)
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0\u2800\u034f"
DOTS = "·•・‧･．∙⋅●.﹒⸱\u0387᛫⦁"
HYPHENS = "-‐‑‒–—―－﹣−─"


def ordinary(text: str) -> str:
    """Compatibility ideographs, radicals and the known private-use characters as ordinary characters."""
    if text.isascii() or _ODD.isdisjoint(map(ord, text)):
        return text
    return text.translate(ORDINARY)


def is_han(char: str) -> bool:
    code = ord(char)
    return (
        0x4E00 <= code <= 0x9FFF
        or 0x3400 <= code <= 0x4DBF
        or 0x20000 <= code <= 0x3FFFF
        or 0xF900 <= code <= 0xFAFF
        or code == 0x3007
    )


def is_mongolian(char: str) -> bool:
    return 0x1800 <= ord(char) <= 0x18AF or 0x11660 <= ord(char) <= 0x1167F


def is_invisible(char: str) -> bool:
    """Spaces, format and control characters, variation selectors, blank letters."""
    return (
        unicodedata.category(char) in ("Zs", "Zl", "Zp", "Cf", "Cc")
        or 0xFE00 <= ord(char) <= 0xFE0F
        or 0xE0100 <= ord(char) <= 0xE01EF
        or char in _BLANK_LETTERS
    )


def squeeze(text: str) -> str:
    """Without any space or invisible character."""
    if text.isascii() and text.isalnum():
        return text
    return "".join(char for char in text if not is_invisible(char))


def trimmed(text: str) -> str:
    """Without spaces and invisible characters before and behind."""
    while text and is_invisible(text[0]):
        text = text[1:]
    while text and is_invisible(text[-1]):
        text = text[:-1]
    return text


def _halve(char: str) -> str:
    return chr(ord(char) - 0xFEE0) if "！" <= char <= "～" else char


@lru_cache(maxsize=8192)
def key(text: str) -> str:
    """How names of headers, code lists, titles and places are compared: ordinary, half-width, squeezed."""
    return "".join(map(_halve, squeeze(ordinary(text))))


# ---- names


_DOTTED = re.compile(f"(?<=[^\\W\\d_])\\s*[{re.escape(DOTS)}]+\\s*(?=[^\\W\\d_])")


def spaced(text: str) -> str:
    """Han names lose every space and invisible character, Latin ones keep single spaces."""
    if any(map(is_mongolian, text)):
        return text.strip().strip("\u200b\ufeff")
    if any(map(is_han, text)):
        return "".join(char for char in text if not is_invisible(char))
    even = "".join(" " if char.isspace() else char for char in text)
    return " ".join("".join(char for char in even if char == " " or not is_invisible(char)).split())


def dotted(text: str) -> str:
    """Every dot between two Han characters is U+00B7."""

    def one(found: re.Match[str]) -> str:
        before, after = text[found.start() - 1], text[found.end()]
        return "·" if is_han(before) and is_han(after) else found[0]

    return _DOTTED.sub(one, text)


def name(text: str) -> str:
    """The stored form of a person's name, for forms, search and comparison."""
    return dotted(spaced(ordinary(text)))


@lru_cache(maxsize=8192)
def _plain_form(char: str) -> str:
    plain = unicodedata.normalize("NFKC", char)
    return plain if plain.isascii() else char


def half_width(text: str) -> str:
    """Full-width, circled and raised letters and digits as plain ones; all else as it is.

    NFKC over a whole text would take ´ apart, and put it together with the letter before it the next time.
    """
    return text if text.isascii() else "".join(map(_plain_form, text))
