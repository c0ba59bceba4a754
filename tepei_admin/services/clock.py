"""Today, for the office: Asia/Shanghai's, or the day that `demo` wrote into its database."""

from __future__ import annotations

import datetime as dt

from tepei_admin.models import House
from tepei_admin.services.work import OFFICE

override: dt.date | None = None
"""`TEPEI_TODAY`, set at start; only ever used on a database that `demo` filled."""


def demo_day() -> dt.date | None:
    """The invented today of a demo database; None in real life."""
    row = House.select(House.value).where(House.key == "today").tuples().first()
    return (override or dt.date.fromisoformat(row[0])) if row else None


def today() -> dt.date:
    return demo_day() or dt.datetime.now(OFFICE).date()


def day_of(stamp: dt.datetime) -> dt.date:
    """The office's day of a stamp (UTC, as they are stored): after four in the afternoon UTC it is the next one."""
    return in_office(stamp).date()


def in_office(stamp: dt.datetime) -> dt.datetime:
    """A stamp (UTC, as they are stored) by the office's clock."""
    return stamp.replace(tzinfo=dt.UTC).astimezone(OFFICE)
