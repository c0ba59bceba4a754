"""Numbers that are names: the ID number, telephones, accounts. Lost digits are never made up."""

from __future__ import annotations

import re
from functools import lru_cache

from tepei_admin.characters import HYPHENS, half_width, squeeze
from tepei_admin.exchange.cells import Cell, bare, written
from tepei_admin.exchange.dates import han_number
from tepei_admin.exchange.reading import PLACEHOLDERS, Reading
from tepei_admin.rules import identity

_SCIENTIFIC = re.compile(r"\d(?:\.(\d+))?[eE]\+?(\d+)")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_MOBILE_ALONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)", re.ASCII)
_AREA = re.compile(r"\((0\d{2,3})\)-?(?=\d{7,8})")
_SPLIT = re.compile(r"[/、,，;；\n|或和]|\s{2,}")
_DASH = re.compile(f"[{re.escape(HYPHENS)}]")
EXACT = 10**15  # from here on a number has lost digits


def plain_digits(text: str) -> str:
    """Half-width, without any space or invisible character, out of the tricks that keep it text."""
    return squeeze(bare(half_width(bare(bare(text)))))


def lost_digits(cell: Cell, text: str) -> bool:
    """Was this long number once a spreadsheet number?"""
    if cell.kind == "number" and isinstance(cell.value, int | float):
        return abs(cell.value) >= EXACT
    if re.fullmatch(r"\d{16,}\.0+", text, re.ASCII):
        return True
    if found := _SCIENTIFIC.fullmatch(text):
        return len(found[1] or "") < int(found[2])
    return False


def exact(text: str) -> str:
    """`13800000991.0` and `1.3800000991E10` as the number they are."""
    if found := _SCIENTIFIC.fullmatch(text):
        decimals, power = found[1] or "", int(found[2])
        return text[0] + decimals.ljust(power, "0") if len(decimals) == power else text
    return re.sub(r"(?<=\d)\.0+$", "", text)


# ---- the ID number


def read_id_number(cell: Cell, row: Reading) -> None:
    """The 18-digit number in its normal form, or an error: a wrong ID pays the wrong person."""
    raw = written(cell)
    text = identity.normal_form(bare(bare(raw)))
    if not text or raw.strip() in PLACEHOLDERS:
        row.error("id_number.missing")
    elif cell.kind == "date":
        row.error("id_number.format", near="")
    elif lost_digits(cell, text):
        row.error("id_number.stored_as_number")
    elif problem := identity.problem(text, row.setting.today):
        if problem == "checksum" and text.endswith("000"):
            problem = "stored_as_number"
        suggestion = identity.from_fifteen(text) if problem == "fifteen" else ""
        near = identity.near(text, row.setting.today) if problem == "format" else ""
        row.error(f"id_number.{problem}", suggestion=suggestion, near=near)
    else:
        if text != raw:
            row.notice("id_number.normalised", stored=text)
        if text.endswith("000"):
            row.warning("id_number.zeros")
        if not _region_known(text[:6]):
            row.notice("id_number.region_unknown", region=text[:6])
        row.store(text)


@lru_cache(maxsize=4096)
def _region_known(code: str) -> bool:
    """Does python-stdnum know the county? Only a hint: its list ends, and counties come and go."""
    from stdnum import numdb

    return any("county" in about for _, about in numdb.get("cn/loc").info(code))


# ---- telephones


def read_mobile(cell: Cell, row: Reading) -> None:
    """The first number is the mobile, others go beside it; a land line is kept as text."""
    raw = written(cell)
    if raw.strip() in PLACEHOLDERS or cell.kind == "empty":
        return
    if lost_digits(cell, plain_digits(raw)):
        row.error("mobile.lost_digits")
        return
    numbers = [number for part in _parts(raw) if (number := _telephone(part))]
    if not numbers:
        return
    first, others = numbers[0], numbers[1:]
    row.store(first)
    row.store("、".join(others), "mobile_other")
    if others:
        row.notice("mobile.several", first=first, others="、".join(others))
    elif first != raw:
        row.notice("mobile.normalised", stored=first)
    for number in numbers:
        _judge(number, row)


def _parts(raw: str) -> list[str]:
    """The numbers of a cell: separated, or two mobiles with only a space between them."""
    beside = _MOBILE_ALONE.findall(half_width(raw))
    if len(beside) > 1 and not re.search(r"\d", _MOBILE_ALONE.sub("", half_width(raw))):
        return beside
    parts: list[str] = []
    for part in _SPLIT.split(raw.strip()):
        digits = plain_digits(part)
        if re.fullmatch(r"(?:1[3-9]\d{9}){2,}", digits):
            parts.extend(digits[at : at + 11] for at in range(0, len(digits), 11))
        elif part.strip():
            parts.append(part)
    return parts if sum(map(_numeric, parts)) > 1 or len(parts) == 1 else [raw]


def _numeric(part: str) -> bool:
    return sum(char.isdecimal() for char in part) >= 7


def _telephone(part: str) -> str:
    """A mobile in its eleven digits; anything else as written, without spaces."""
    text = _AREA.sub(r"\1-", exact(_DASH.sub("-", plain_digits(part))))
    digits = re.sub(r"^(?:\+|00)?86(?=1[3-9]\d{9}$)", "", text.replace("-", ""))
    if _MOBILE.fullmatch(digits):
        return digits
    inside = re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)", text.replace("-", ""))
    return inside[0] if len(inside) == 1 else text


def _judge(number: str, row: Reading) -> None:
    if _MOBILE.fullmatch(number):
        return
    if re.fullmatch(r"4(?:7\d|8[23])-?\d{7}", number):
        row.warning("phone.zero_lost", area=f"0{number[:3]}")
    elif not re.fullmatch(r"0\d{2,3}-?\d{7,8}(?:(?:-|转)\d{1,6})?", number):
        row.warning("mobile.unusual")
    else:
        row.warning("mobile.land_line")


def read_office_phone(cell: Cell, row: Reading) -> None:
    raw = written(cell)
    if raw.strip() in PLACEHOLDERS or cell.kind == "empty":
        return
    text = plain_digits(raw)
    if lost_digits(cell, text):
        row.error("mobile.lost_digits")
        return
    text = _AREA.sub(r"\1-", exact(_DASH.sub("-", text)))
    if re.fullmatch(r"4(?:7\d|8[23])-?\d{7}", text):
        row.warning("phone.zero_lost", area=f"0{text[:3]}")
    beside = row.values.get(row.field)  # the further numbers of 手机 are there already
    row.store("、".join(dict.fromkeys(filter(None, (beside, text)))))
    _noted(raw, text, row)


def _noted(raw: str, stored: str, row: Reading) -> None:
    """A notice where the stored form is not what stands in the cell."""
    if stored and stored != raw.strip():
        row.notice("cell.normalised", stored=stored)


# ---- accounts, addresses, ranks


def read_bank_account(cell: Cell, row: Reading) -> None:
    raw = written(cell)
    if raw.strip() in PLACEHOLDERS or cell.kind == "empty":
        return
    text = plain_digits(raw)
    if lost_digits(cell, text):
        row.error("bank_account.stored_as_number")
        return
    text = exact(text).replace("-", "")
    if not re.fullmatch(r"\d{8,32}", text, re.ASCII):
        row.warning("bank_account.unusual")
    row.store(text)
    _noted(raw, text, row)


def read_email(cell: Cell, row: Reading) -> None:
    raw = written(cell)
    text = squeeze(half_width(raw)).replace("。", ".").removeprefix("mailto:")
    if text in PLACEHOLDERS:
        return
    if text and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", text):
        row.warning("email.unusual")
        row.store(" ".join(raw.split()))
        return
    row.store(text)
    _noted(raw, text, row)


def read_rank(cell: Cell, row: Reading) -> None:
    """推荐顺序: a whole number, 第一 too."""
    raw = written(cell)
    text = exact(plain_digits(raw)).strip("()、.").removeprefix("第").removesuffix("名").removesuffix("位")
    if not text or text in PLACEHOLDERS:
        return
    rank = han_number(text)
    if rank is None or not 1 <= rank <= 9999:
        row.warning("unit_rank.unclear")
    else:
        row.store(rank)
        if cell.kind == "text":
            _noted(raw.strip().removesuffix(".0"), str(rank), row)
