"""Number formats of workbooks: which are dates, and what day a serial number is."""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta
from functools import cache

from tepei_admin.exchange.cells import Cell

_YEAR_MONTH, _MONTH_DAY, _FULL = 'yyyy"年"m"月"', 'm"月"d"日"', 'yyyy"年"m"月"d"日"'
_NUMBERS = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 37: "#,##0;-#,##0", 38: "#,##0;[Red]-#,##0", 39: "#,##0.00;-#,##0.00",
    40: "#,##0.00;[Red]-#,##0.00", 48: "##0.0E+0", 49: "@",
}  # fmt: skip
_DATES = {
    14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm",
    21: "h:mm:ss", 22: "m/d/yy h:mm", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mmss.0",
}  # fmt: skip
CHINESE = {27: _YEAR_MONTH, 28: _MONTH_DAY, 29: _MONTH_DAY, 30: "m-d-yy", 31: _FULL, 36: _YEAR_MONTH} | {
    50: _YEAR_MONTH, 51: _MONTH_DAY, 52: _YEAR_MONTH, 53: _MONTH_DAY, 54: _MONTH_DAY,
    57: _YEAR_MONTH, 58: _MONTH_DAY,
}  # fmt: skip
"""What a Chinese Excel means by these numbers; no file spells them out."""

BUILT_IN = _NUMBERS | _DATES | CHINESE
EPOCH_1900, EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
_LEAP_DAY = 60
"""The serial number of 1900-02-29, a day that only Excel knows."""

_PLAIN = re.compile(r'"[^"]*"|\[(?!(?:h+|m+|s+)\])[^\]]*\]|\\.|_.|\*.', re.IGNORECASE)


@cache
def is_date(code: str) -> bool:
    """Does a number format show a date or a time?"""
    first = _PLAIN.sub("", code).partition(";")[0]
    return first.lower() != "general" and re.search("[ymdhs]", first, re.IGNORECASE) is not None


def from_serial(number: float, epoch_1904: bool) -> datetime | None:
    """The moment that a serial number counts to, to the second. None: there is no such day."""
    if not epoch_1904 and number < _LEAP_DAY:
        number += 1
    try:
        return (EPOCH_1904 if epoch_1904 else EPOCH_1900) + timedelta(seconds=round(number * 86_400))
    except (OverflowError, ValueError):
        return None


def number_cell(number: float, code: str, dated: bool, epoch_1904: bool) -> Cell:
    """A number, or the date that its format makes of it. What is no number (1e999) is an error of the sheet."""
    if not math.isfinite(number):
        return Cell("#NUM!", "error")
    if dated and number >= 1 and (moment := from_serial(number, epoch_1904)) is not None:
        return Cell(moment, "date", code)
    return Cell(number, "number", code)
