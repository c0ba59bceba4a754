"""The work in hand: who does what, what has been written so far, what to do when it stands and when it does not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from tepei_admin.permissions import Actor

OFFICE = ZoneInfo("Asia/Shanghai")
"""Dates of the office are its own; stamps are UTC."""


def now() -> dt.datetime:
    """This moment in UTC, without a zone, as stamps are stored."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


@dataclass
class Change:
    """One row of the history to be written at the end of the transaction."""

    action: str
    model: str = ""
    object_id: int | None = None
    label: str = ""
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


@dataclass
class Work:
    """One command's transaction."""

    actor: Actor
    verb: str
    at: dt.datetime
    reason: str = ""
    batch_id: int | None = None
    changes: list[Change] = field(default_factory=list)
    computed: dict[int, int] = field(default_factory=dict)
    """Whose eligibility this work has computed, and after how many changes."""
    head: str = ""
    """The last hash of the history when this work is done; '' where it has written none."""
    begins: bool = False
    """Is this the history's beginning, so that its head has never been kept?"""
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    after_rollback: list[Callable[[], None]] = field(default_factory=list)
    """What takes back what no database can: a file that was kept. Not where the work may stand after all (`Unsure`)."""


current: ContextVar[Work | None] = ContextVar("work", default=None)


def in_hand() -> Work:
    """The open work. Raises RuntimeError outside a command: nothing is written without one."""
    work = current.get()
    if work is None:
        raise RuntimeError("no command is open")
    return work
