"""Resident identity numbers (GB 11643): form, check digit, and what the number itself says.

The county in a number is a hint only: numbers are kept for life while districts change, so python-stdnum's
region test, which refuses numbers older than a county's name, is not asked.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from stdnum.cn import ric

from tepei_admin.characters import squeeze
from tepei_admin.messages import word

_X = "xX×✕✖хХχΧⅹⅩⲭⲬ╳"
_GROUPED = re.compile(r"\d{6}-?\d{8}-?\d{3}-?.")
_FORM = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
_MASKED = re.compile(r"\d[\d*＊xX●]*[*＊●][\d*＊xX●]*")


_TAIL = re.compile(r"尾号.{0,8}|已遮盖")
"""What our own masked exports write."""


def normal_form(text: str) -> str:
    """The number as stored: half-width, without spaces or hyphens, X for every X-like last character."""
    text = squeeze(unicodedata.normalize("NFKC", text)).rstrip(".。,、;")
    if "-" in text and _GROUPED.fullmatch(text):
        text = text.replace("-", "")
    return text[:-1] + "X" if len(text) == 18 and text[-1] in _X else text


def problem(number: str, today: date) -> str:
    """What is wrong with a number in normal form; empty if nothing.

    One of `fifteen` (a first-generation number), `tail` (of a masked export), `masked`, `format`, `birth_impossible`, `birth_future`,
    `checksum`.
    """
    if re.fullmatch(r"\d{15}", number, re.ASCII):
        return "fifteen" if _day("19" + number[6:12]) else "format"
    if _TAIL.fullmatch(number):
        return "tail"
    if _MASKED.fullmatch(number):
        return "masked"
    if not _FORM.fullmatch(number):
        return "format"
    born = _day(number[6:14])
    if born is None or born.year < 1900:
        return "birth_impossible"
    if born > today:
        return "birth_future"
    return "" if ric.calc_check_digit(number) == number[-1] else "checksum"


def birth_date(number: str) -> date | None:
    """The birth date in an 18-digit number; None where it is no date."""
    return _day(number[6:14])


def from_fifteen(number: str) -> str:
    """The 18-digit number that a first-generation one would have become: to be shown, never stored."""
    longer = f"{number[:6]}19{number[6:]}"
    return longer + str(ric.calc_check_digit(longer + "0"))


_LIKE_DIGITS = str.maketrans("OoQDlIi|ZzSsB", "0000111122558")


def near(text: str, today: date) -> str:
    """What a remedy may add about a text that is no number: how many digits there are, or the sound number in it.

    Offered, never taken: letters that look like digits, a number with words around it.
    """
    if text.isascii() and text.isdecimal():
        return word("import.digits", count=len(text))
    candidates = {text[:-1].translate(_LIKE_DIGITS) + text[-1:], text.translate(_LIKE_DIGITS)}
    candidates |= set(re.findall(r"(?<!\d)\d{17}[\dXx](?![\dXx])", text, re.ASCII))
    sound = {number for one in candidates if not problem(number := normal_form(one), today)}
    return word("import.near", names=sound.pop()) if len(sound) == 1 else ""


def _day(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
