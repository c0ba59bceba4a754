"""A fault at the n-th statement that is sent to the database: an error, or the end of the process."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tepei_admin.database import db


class Injected(Exception):
    """What is raised in place of the statement."""


def fail() -> None:
    raise Injected


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


_WORK = re.compile(r"(?!PRAGMA|ROLLBACK|BEGIN)")
"""All but statements that open, close and give up: not the work itself. COMMIT counts: it is the last that can fail."""


@contextmanager
def at(number: int, fault: Callable[[], None] = fail, *, writing: str = "") -> Iterator[list[str]]:
    """Let `number` - 1 statements pass, then do the fault. Yields what was sent. `writing`: to this table alone."""
    sent: list[str] = []
    whole = db.obj.cursor
    counted = re.compile(rf'(INSERT INTO|UPDATE|COPY) "?{writing}\b') if writing else _WORK

    def count(sql: Any) -> None:
        text = str(sql)
        if counted.match(text):
            sent.append(text)
            if len(sent) == number:
                fault()

    class Counting:
        def __init__(self, cursor: Any) -> None:
            self._cursor = cursor

        def execute(self, sql: Any, *args: Any) -> Any:
            count(sql)
            self._cursor.execute(sql, *args)
            return self

        def executemany(self, sql: Any, *args: Any) -> Any:
            count(sql)
            return self._cursor.executemany(sql, *args)

        def copy(self, sql: Any, *args: Any) -> Any:
            count(sql)
            return self._cursor.copy(sql, *args)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._cursor, name)

        def __iter__(self) -> Any:
            return iter(self._cursor)

    db.obj.cursor = lambda *args: Counting(whole(*args))
    try:
        yield sent
    finally:
        del db.obj.cursor
