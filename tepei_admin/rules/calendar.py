"""Dates as people know them (to the year, the month or the day), and whole years between dates."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

# Other centuries are slips of the pen; the limit also keeps "plus 46 years" inside what `date` can hold.
_SHAPE = re.compile(r"(19\d\d|2[01]\d\d)(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)


@dataclass(frozen=True)
class PartialDate:
    """A date of which perhaps only the year, or the year and month, is known. Stored as 'YYYY[-MM[-DD]]'."""

    year: int
    month: int | None = None
    day: int | None = None

    @staticmethod
    @lru_cache(maxsize=65536)  # one check reads each of its dates several times, and dates repeat
    def parse(text: str) -> PartialDate | None:
        """The date that a stored text says; None where it says none ('') or is not such a text."""
        match = _SHAPE.fullmatch(text)
        if match is None:
            return None
        year, month, day = (int(part) if part else None for part in match.groups())
        assert year is not None
        if month and day and day > monthrange(year, month)[1]:
            return None
        return PartialDate(year, month, day)

    @property
    def precision(self) -> str:
        """'year', 'month' or 'day'."""
        if self.month is None:
            return "year"
        return "month" if self.day is None else "day"

    @property
    def earliest(self) -> date:
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        month = self.month or 12
        return date(self.year, month, self.day or monthrange(self.year, month)[1])

    @property
    def ends(self) -> tuple[date, ...]:
        """The days at which a rule is tried: one if the day is known, else the first and the last."""
        return (self.earliest,) if self.day else (self.earliest, self.latest)

    @property
    def chinese(self) -> str:
        """1985年, 1985年3月 or 1985年3月15日."""
        month = f"{self.month}月" if self.month else ""
        day = f"{self.day}日" if self.day else ""
        return f"{self.year}年{month}{day}"

    def __str__(self) -> str:
        month = f"-{self.month:02}" if self.month else ""
        day = f"-{self.day:02}" if self.day else ""
        return f"{self.year:04}{month}{day}"


def chinese(day: date) -> str:
    """2019年3月30日, as it stands in a sentence."""
    return f"{day.year}年{day.month}月{day.day}日"


def completed_years(since: date, on: date) -> int:
    """Whole years from `since` to `on`, negative where `on` comes first.

    Serves age and years in the profession alike. Since 29 February, a year is complete on 1 March of
    common years: (2, 28) < (2, 29) < (3, 1).
    """
    return on.year - since.year - ((on.month, on.day) < (since.month, since.day))


def add_years(day: date, years: int) -> date:
    """The first day on which `years` are complete: 29 February becomes 1 March in common years."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def minus_years(day: date, years: int) -> date:
    """The same day `years` earlier; 29 February becomes 1 March in common years, as in `add_years`."""
    return add_years(day, -years)
