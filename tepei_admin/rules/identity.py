"""Resident identity numbers (GB 11643): form, check digit, and what the number itself says.

The county in a number is a hint only: numbers are kept for life while districts change, so python-stdnum's
region test, which refuses numbers older than a county's name, is not asked.
"""

from __future__ import annotations

import re
from datetime import date

from stdnum.cn import ric

from tepei_admin.errors import Violation

_FORM = re.compile(r"\d{17}[\dX]")
_OLD_FORM = re.compile(r"\d{15}")


def problem(number: str, today: date) -> Violation | None:
    """What is wrong with a number in its normal form (18 characters, capital X); None: it holds."""
    if _OLD_FORM.fullmatch(number):
        return Violation("identity.fifteen", "id_number", {"value": number})
    if not _FORM.fullmatch(number):
        return Violation("identity.form", "id_number", {"value": number})
    born = birth_date(number)
    if born is None or born > today:
        return Violation("identity.birth", "id_number", {"value": number})
    if ric.calc_check_digit(number) != number[-1]:
        return Violation("identity.check_digit", "id_number", {"value": number})
    return None


def birth_date(number: str) -> date | None:
    """The birth date in an 18-digit number; None where it is no date."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def sex(number: str) -> str:
    """GB/T 2261.1: '1' for an odd sequence number, '2' for an even one."""
    return "1" if int(number[16]) % 2 else "2"
