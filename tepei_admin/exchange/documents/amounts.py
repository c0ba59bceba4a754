"""Money as papers write it out: 贰万伍仟元整."""

from __future__ import annotations

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("仟", "佰", "拾", "")
_GROUPS = ("万亿", "亿", "万", "")


def capital(fen: int) -> str:
    """An amount in Chinese capital numerals (支付结算办法, 附一): 零 inside, 整 unless it ends with 分."""
    if not 0 <= fen < 10**18:
        raise ValueError("an amount between zero and ten thousand million million yuan")
    yuan, jiao, rest = fen // 100, fen // 10 % 10, fen % 10
    text = f"{_whole(yuan)}元" if yuan else ""
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif rest and yuan:
        text += "零"
    return text + f"{_DIGITS[rest]}分" if rest else (text or "零元") + "整"


def _whole(yuan: int) -> str:
    """Groups of four digits, with one 零 where a group, or what lies between two, begins with zeros."""
    digits = f"{yuan:016d}"
    text, gap = "", False
    for start, name in zip(range(0, 16, 4), _GROUPS, strict=True):
        group = digits[start : start + 4]
        if group == "0000":
            gap = bool(text)
            continue
        text += "零" if text and (gap or group[0] == "0") else ""
        text += _group(group) + _named(name, digits, start)
        gap = False
    return text


def _named(name: str, digits: str, start: int) -> str:
    """万亿 is said as 万 where a group of 亿 follows: 壹万贰仟亿 is one figure before one 亿."""
    return "万" if name == "万亿" and digits[4:8] != "0000" else name


def _group(group: str) -> str:
    text, gap = "", False
    for digit, place in zip(map(int, group), _PLACES, strict=True):
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + place
        gap = not digit
    return text
