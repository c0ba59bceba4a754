"""What a log may hold: where it happened, never what it happened to (safety A6).

A message of an exception can carry anything: a name that was typed, a row that the database quotes. `install` puts every
record of this process through `Clean`, whoever writes it and whoever keeps it, so that nobody has to think of it.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

LONGEST = 200
"""Letters of an exception's own words."""
_DRIVERS = ("sqlite3", "psycopg", "peewee")
_ELEVEN = re.compile(r"[0-9](?:[ .,·-]?[0-9]){10,}[Xx]?")
"""From a mobile number to a bank account."""
_QUOTED = re.compile(r"""(["'])(.*?)\1""")
_OURS = re.compile(r"[a-z_][a-z0-9_.]*|/[!-~]*")
"""A name of the program, a place on the disk: what may stay between quotes."""
_REST = re.compile(r"[^ -~]+|\S+@\S+|[0-9](?:[ .,-]?[0-9]){5,}[Xx]?")
"""Everything that is not ASCII, addresses of people, numbers."""
_NAMES = re.compile(r"[a-z0-9_., ]+")


class Clean(logging.LogRecord):
    """A record that no handler can make tell more than it may."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        error = self.exc_info[1] if self.exc_info else None
        self.exc_text = trace(error) if error else None
        self.exc_info = None
        self.msg, self.args = _ELEVEN.sub("…", self._words()), None

    def _words(self) -> str:
        given = self.args if isinstance(self.args, tuple) else ()
        try:
            if given:
                return str(self.msg) % tuple(
                    said(it) if isinstance(it, BaseException) else it for it in given
                )
            return said(self.msg) if isinstance(self.msg, BaseException) else self.getMessage()
        except (TypeError, ValueError):
            return str(self.msg)


def install() -> None:
    """For every log of this process, ours and those of others."""
    logging.setLogRecordFactory(Clean)


def hooks() -> None:
    """In a process of our own also for what nobody catches: it would be printed as it is."""
    install()
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def _uncaught(kind: type[BaseException], error: BaseException | None, place: TracebackType | None) -> None:
    if error is not None and not issubclass(kind, KeyboardInterrupt | SystemExit):
        logging.getLogger("tepei_admin").error("uncaught", exc_info=(kind, error, place))


def trace(error: BaseException) -> str:
    """The frames of an error and of those it came from, and of each its kind with what is safe of its words."""
    parts: list[str] = []
    for link in reversed(list(_chain(error))):
        parts += [*traceback.format_tb(link.__traceback__), said(link), "\n"]
    return "".join(parts).rstrip()


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def said(error: BaseException) -> str:
    """`KeyError: 'status'`; of a database's error the code and the names of table and constraint, never its words."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    words = _of_database(error) if kind.__module__.partition(".")[0] in _DRIVERS else _of_program(error)
    return f"{name}: {words}" if words else name


def _of_database(error: BaseException) -> str:
    if code := getattr(error, "sqlite_errorname", None):
        names = str(error).rpartition(": ")[2]
        return f"{code} {names if _NAMES.fullmatch(names) else ''}".rstrip()
    told = getattr(error, "diag", None)
    parts = ("sqlstate", "table_name", "column_name", "constraint_name")
    return " ".join(value for part in parts if (value := getattr(told, part, None)))


def _of_program(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:
        return ""
    lines = text.splitlines() or [""]
    kept = _QUOTED.sub(lambda found: found[0] if _OURS.fullmatch(found[2]) else "…", lines[0][:LONGEST])
    return _REST.sub("…", kept)
