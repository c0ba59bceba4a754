"""Dates in every spelling -> ISO text as exact as the written: 1985-03-15, 1985-03, 1985. Never a guess."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from functools import lru_cache

from tepei_admin.characters import ordinary, squeeze, trimmed
from tepei_admin.exchange.cells import Cell, number_text, shows, written
from tepei_admin.exchange.formats import from_serial
from tepei_admin.exchange.near import asked
from tepei_admin.exchange.reading import PLACEHOLDERS, Reading

FIRST_YEAR, LAST_YEAR = 1900, 2100
_SEPARATED = re.compile(r"(\d{4})(?:[-./·・•]|年)(\d{1,2})(?:(?:[-./·・•]|月)(\d{1,2})[日号]?[.。]?|月)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_YEAR = re.compile(r"(\d{4})年?")
_CLOCK = re.compile(r"(?<=\d)(?:T|\s+)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s*[AaPp][Mm])?$")
_SINCE = re.compile(
    r"^(?:自|从|于)(?=\d{4})|(?<=[\d月日号年])[-—~至]*(?:至今|今|起|开始|参加工作|以来|出生|生|取得|获得|评定|评聘|聘任|评|聘)$"
)
_DASHES = re.compile(r"[‐‑‒–—―−－─]")
_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_HAN_DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")
_MIXED = re.compile(r"(\d{4})(年[一二三四五六七八九十]{1,3}月.*)")
"""1985年三月."""
_HAN_YEAR = re.compile(
    r"([〇零○一二三四五六七八九]{4})年(?:([一二三四五六七八九十]{1,3})月(?:([一二三四五六七八九十]{1,3})[日号])?)?"
)
_COUNT = re.compile(r"满?(\d{1,2})(?:整?年(?:整|半|零?(?:\d{1,2})个月|零\d{1,2}月|以上)?)?|(\d{1,2})\.\d年")


def han_number(text: str) -> int | None:
    """一 .. 九十九, or digits."""
    if text.isascii() and text.isdecimal():
        return int(text) if len(text) < 10 else None
    head, ten, tail = text.rpartition("十")
    if not ten:
        plain = text.translate(_DIGITS)
        return int(plain) if len(plain) == 1 and plain.isdecimal() else None
    tens = head.translate(_DIGITS) if head else "1"
    ones = tail.translate(_DIGITS) if tail else "0"
    return int(tens + ones) if len(tens + ones) == 2 and (tens + ones).isdecimal() else None


def iso(year: int, month: int | None = None, day: int | None = None) -> str | None:
    """Partial ISO text of a real date in a plausible year, else None."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        date(year, month or 1, 1 if day is None else day)
    except ValueError:
        return None
    if month is None:
        return f"{year:04}"
    if month == 0:
        return None
    return f"{year:04}-{month:02}" if day is None else f"{year:04}-{month:02}-{day:02}"


@lru_cache(maxsize=4096)
def from_text(text: str) -> str | None:
    """The date that a text says beyond doubt."""
    text = _DASHES.sub("-", trimmed(unicodedata.normalize("NFKC", ordinary(text))).lstrip("'‘’`"))
    text = squeeze(_CLOCK.sub("", text))
    text = _SINCE.sub("", text)
    if re.fullmatch(r"\d{6}(?:\d\d)?\.0+|\d{4}\.00", text):
        text = text.partition(".")[0]
    if found := _SEPARATED.fullmatch(text) or _COMPACT.fullmatch(text) or _YEAR.fullmatch(text):
        return iso(*(None if part is None else int(part) for part in found.groups()))  # type: ignore[arg-type]
    if found := _MIXED.fullmatch(text):
        text = f"{found[1].translate(_HAN_DIGITS)}{found[2]}"
    if found := _HAN_YEAR.fullmatch(text):
        year, month, day = found.groups()
        parts = [None if part is None else han_number(part) for part in (month, day)]
        if (month and parts[0] is None) or (day and parts[1] is None):
            return None
        return iso(int(year.translate(_DIGITS)), *parts)
    return None


def _from_number(number: float, cell: Cell, row: Reading, month_hint: int | None) -> str | None:
    """A number in a date column: 198503, 19850315, 1985.3, or a date that lost its format."""
    text = number_text(number)
    if re.fullmatch(r"\d{4}\.\d{1,2}", text):
        if text.endswith(".1"):  # 1985.1 is January, or October that lost its zero
            year = int(text[:4])
            if month_hint in (1, 10):
                row.notice("date.month_from_id", month=f"{year}-{month_hint:02}")
                return iso(year, month_hint)
            row.error("date.month_lost", october=f"{year}-10", january=f"{year}-01")
            return None
        return from_text(text) or _unclear(row)
    if re.fullmatch(r"\d{4}|\d{6}|\d{8}", text):
        return from_text(text) or _unclear(row)
    if 10_000 <= number < 80_000:
        moment = from_serial(float(int(number)), row.setting.epoch_1904)
        if moment is not None:
            row.notice("date.excel_serial", stored=moment.date().isoformat())
            return moment.date().isoformat()
    return _unclear(row, near_date(text, row))


def _unclear(row: Reading, near: str = "") -> str | None:
    row.error("date.start_unclear" if row.field == "profession_start" else "date.unclear", near=near)
    return None


_SHORT_YEAR = re.compile(r"(\d{2})(?:[-./]|年)(\d{1,2})((?:[-./]|月).*)?")


def near_date(text: str, row: Reading) -> str:
    """What a remedy may ask of an unclear text: a year without its century, a day counted by Excel."""
    plain = squeeze(unicodedata.normalize("NFKC", text))
    meant: str | None = None
    if found := _SHORT_YEAR.fullmatch(plain):
        this = row.setting.today.year
        centuries = [century for century in ("19", "20") if this - 90 <= int(century + found[1]) <= this]
        meant = from_text(centuries[0] + plain) if len(centuries) == 1 else None
    elif re.fullmatch(r"\d{5}(?:\.0)?", plain, re.ASCII) and 10_000 <= float(plain) < 80_000:
        moment = from_serial(float(plain), row.setting.epoch_1904)
        meant = moment.date().isoformat() if moment else None
    return asked(meant) if meant else ""


def exact(cell: Cell) -> str | None:
    """A date cell as a text no more exact than its format shows. None: it shows a time only, and may be a month."""
    moment = cell.value
    assert isinstance(moment, datetime)
    shown = shows(cell.number_format)
    if shown == "y":
        return f"{moment.year:04}"
    if "d" in shown or (not shown and moment.day != 1):
        return moment.date().isoformat()
    return f"{moment.year:04}-{moment.month:02}" if shown else None


def _from_date(cell: Cell, moment: datetime, row: Reading) -> str:
    """A real date as its format shows it. (An .xls tells none: the 1st may be a month.)"""
    if (text := exact(cell)) is not None:
        return text
    row.notice("date.month_assumed", stored=f"{moment.year:04}-{moment.month:02}")
    return f"{moment.year:04}-{moment.month:02}"


def partial(cell: Cell, row: Reading, month_hint: int | None = None) -> str | None:
    """The cell's date, or None after saying why not."""
    value = cell.value
    if isinstance(value, datetime):
        found: str | None = _from_date(cell, value, row)
        if not FIRST_YEAR <= value.year <= LAST_YEAR:
            found = _unclear(row)
    elif cell.kind == "number" and isinstance(value, int | float):
        found = _from_number(float(value), cell, row, month_hint)
    else:
        found = from_text(written(cell))
        if found is None:
            _unclear(row, near_date(written(cell), row))
    if found is not None and found > row.setting.today.isoformat()[: len(found)]:
        row.error("date.future")
        return None
    return found


def read_date(cell: Cell, row: Reading) -> None:
    if written(cell).strip() not in PLACEHOLDERS and cell.kind != "empty":
        row.store(partial(cell, row))


def read_profession_start(cell: Cell, row: Reading) -> None:
    """The start in this profession, or a count of whole years (8, 8年, 8年3个月)."""
    text = squeeze(unicodedata.normalize("NFKC", written(cell)))
    if found := _COUNT.fullmatch(text.removesuffix(".0")):
        years = int(found[1] or found[2])
        if 1 <= years <= 60:
            row.store(years, "profession_years")
            return
    if (found := re.fullmatch(r"满?([一二三四五六七八九十]{1,3})整?年半?", text)) and (
        count := han_number(found[1])
    ):
        row.store(count, "profession_years")
        return
    read_date(cell, row)


def read_birth_date(cell: Cell, row: Reading) -> None:
    """The day comes from a valid ID number; the month must agree, another written day is a warning."""
    number = row.values.get("id_number", "")
    by_number = f"{number[6:10]}-{number[10:12]}-{number[12:14]}" if number else ""
    if cell.kind == "empty":
        row.store(by_number)
        return
    found = partial(cell, row, int(by_number[5:7]) if by_number else None)
    if found is None:
        return
    if len(found) == 4:
        row.error("birth_date.year_only")
    elif not by_number:
        row.store(found)
    elif found[:7] != by_number[:7]:
        row.error("birth_date.other_month", number=by_number)
    else:
        row.store(by_number)
        if len(found) == 10 and found != by_number:
            row.warning("birth_date.other_day", number=by_number)
            row.store(found, "birth_date_written")
