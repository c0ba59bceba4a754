"""The database: one proxy, a connection by URL, the guard against stray writes, the writers' queue.

A connection is read-only until a command (`services.command`) opens it for one transaction, and even then
only `services.record` may send a write: `writing` says so. Migrations and `restore` use `unguarded()`.
"""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

try:
    import fcntl
except ImportError:  # Windows: between processes SQLite's own waiting must do
    fcntl = None  # type: ignore[assignment]

import peewee
from peewee import SQL, DatabaseProxy, EnclosedNodeList, Node

from tepei_admin.config import sqlite_file
from tepei_admin.errors import Busy, Refusal, Unsure, Violation

db = DatabaseProxy()

writing: ContextVar[bool] = ContextVar("writing", default=False)
"""True while `services.record` sends a write, or while `unguarded()` lifts the guard."""

QUEUE_SECONDS = 5.0
"""How long a writer waits for its turn before it is told to try again (safety B12)."""


class Interrupted(Exception):
    """The database broke a transaction off before its commit; nothing of it stands, it may be run again."""


class UnguardedWrite(RuntimeError):
    """A write that did not come through a command: a bug of ours, never a user's fault."""


class _Guarded:
    """Refuses peewee's write queries outside `services.record`; the connection itself refuses raw ones."""

    open_sql: str
    close_sql: str
    """What lets the connection write, and what forbids it again."""

    def execute(self, query: Any, **options: Any) -> Any:
        if isinstance(query, peewee._WriteQuery) and not writing.get():
            raise UnguardedWrite(f"{type(query).__name__} outside a command")
        return super().execute(query, **options)  # type: ignore[misc]

    @contextmanager
    def unguarded(self) -> Iterator[None]:
        """The guard lifted, for migrations and for filling a new database."""
        database: Any = self
        database.execute_sql(self.open_sql)
        token = writing.set(True)
        try:
            yield
        finally:
            writing.reset(token)
            if not database.is_closed():
                database.execute_sql(self.close_sql)


class GuardedSqlite(_Guarded, peewee.SqliteDatabase):
    """SQLite in WAL mode; `query_only` is on but for the time of a write transaction."""

    postgres = False
    open_sql, close_sql = "PRAGMA query_only=0", "PRAGMA query_only=1"

    def __init__(self, path: str) -> None:
        super().__init__(
            path,
            pragmas=[
                ("journal_mode", "wal"),
                ("synchronous", "full"),
                ("foreign_keys", 1),
                ("recursive_triggers", 1),  # or REPLACE would delete a row without its trigger
                ("cache_size", -16000),
                ("query_only", 1),
            ],
            timeout=QUEUE_SECONDS,
        )
        self.queue = _WritersQueue(Path(path + ".lock")) if path != ":memory:" else _WritersQueue(None)

    def _connect(self) -> Any:
        """A new file is its owner's alone; what SQLite puts beside it takes after it."""
        if self.database != ":memory:" and not os.path.exists(self.database):
            os.close(os.open(self.database, os.O_CREAT | os.O_RDWR, 0o600))
        return super()._connect()

    @contextmanager
    def write_transaction(self) -> Iterator[None]:
        """BEGIN IMMEDIATE, so that what is read inside cannot change before it is written."""
        with self.queue.turn():
            self.execute_sql(self.open_sql)
            try:
                with self.atomic("immediate"):
                    yield
            except peewee.DatabaseError as error:
                if refusal := self.refusal(error):
                    raise refusal from error
                raise
            finally:
                self.execute_sql(self.close_sql)

    def refusal(self, error: BaseException) -> Refusal | None:
        """What a fault of the file, and no bug, is to whoever asked; None for anything else."""
        if _no_room(error):
            return Busy(Violation("access.disk_full"))
        faults = [str(item) for item in _chain(error) if isinstance(item, sqlite3.Error)]
        if any("is locked" in text for text in faults):
            return Busy(Violation("access.busy"))
        if any(word in text for text in faults for word in _FULL):
            return Busy(Violation("access.disk_full"))
        return None

    def lock_word(self, word: str) -> None:
        """BEGIN IMMEDIATE has locked the whole file already."""

    @contextmanager
    def read_snapshot(self) -> Iterator[None]:
        """Several reads that see one state of the house."""
        with self.atomic():
            yield

    def kind(self) -> str:
        """For people: which database, which version."""
        return f"SQLite {sqlite3.sqlite_version}"

    def alone(self) -> AbstractContextManager[None]:
        """Nobody else writes or migrates meanwhile."""
        return self.queue.turn()

    def among(self, field: Node, ids: Iterable[int | str]) -> Node:
        """`field IN ids` with one parameter, however many ids (2 to 7 times faster than a list)."""
        return field.in_(EnclosedNodeList([SQL("SELECT value FROM json_each(?)", [_json_list(ids)])]))  # type: ignore[attr-defined]

    def lock_rows(self, query: Any) -> Any:
        """BEGIN IMMEDIATE has locked the whole file already."""
        return query


_FULL = ("disk is full", "disk I/O error", "unable to open database file")
_MIGRATION = 7_203_115
"""The advisory lock of whoever migrates; any number, but always the same."""
_BROKEN_OFF = {"40001", "40P01"}
"""Serialization failure, deadlock: the server asks for the whole transaction again."""


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _no_room(error: BaseException) -> bool:
    """A file of our own that could not grow: an attachment, an upload on its way, a temporary file."""
    numbers = {item.errno for item in _chain(error) if isinstance(item, OSError)}
    return bool(numbers & {errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def _states(error: BaseException) -> set[str]:
    """PostgreSQL's five letters of an error and of what it came from."""
    return {state for item in _chain(error) if (state := getattr(item, "sqlstate", None))}


class GuardedPostgres(_Guarded, peewee.PostgresqlDatabase):
    """PostgreSQL through psycopg 3; transactions are read-only unless a command says READ WRITE."""

    postgres = True
    open_sql = "SET default_transaction_read_only=off"
    close_sql = "SET default_transaction_read_only=on"

    def __init__(self, url: str) -> None:
        super().__init__(
            url,
            prefer_psycopg3=True,
            options="-c default_transaction_read_only=on -c lock_timeout=5000 -c timezone=UTC",
        )

    @contextmanager
    def write_transaction(self) -> Iterator[None]:
        """Raises `Interrupted` where the server broke it off; `Unsure` where nobody knows whether it stands."""
        done = False
        try:
            with self.atomic():
                self.execute_sql("SET TRANSACTION READ WRITE")
                yield
                done = True
        except peewee.PeeweeException as error:
            lost = self.drop_lost()
            if done and lost:
                raise Unsure(Violation("access.unsure")) from error
            if lost or _states(error) & _BROKEN_OFF:
                raise Interrupted from error
            if refusal := self.refusal(error):
                raise refusal from error
            raise

    def refusal(self, error: BaseException) -> Refusal | None:
        """What a fault of the server, and no bug, is to whoever asked; None for anything else."""
        states = _states(error)
        if "55P03" in states:  # lock_timeout
            return Busy(Violation("access.busy"))
        if _no_room(error) or states & {"53100", "58030"}:  # disk full, input or output error
            return Busy(Violation("access.disk_full"))
        if self.drop_lost() or self.is_closed() or any(state[:2] in ("08", "57") for state in states):
            return Busy(Violation("access.unreachable"))
        return None

    def drop_lost(self) -> bool:
        """Let go of a connection that the server has ended; the next statement makes a new one."""
        connection = None if self.is_closed() else self.connection()
        if connection is None or not connection.closed:
            return False
        contexts = self._state.ctx
        self._state.reset()
        self._state.ctx = contexts
        return True

    def connect(self, reuse_if_open: bool = False) -> bool:
        """Whoever is inside a `connection_context` stays there, on the new connection."""
        contexts = self._state.ctx
        made: bool = super().connect(reuse_if_open)
        self._state.ctx = contexts
        return made

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """Outside a transaction a connection only reads: a lost one is replaced, and nobody notices."""
        try:
            return super().execute_sql(sql, params)
        except peewee.PeeweeException:
            if self.in_transaction() or not self.drop_lost():
                raise
            return super().execute_sql(sql, params)

    def begin(self, *args: Any) -> None:
        try:
            super().begin(*args)
        except peewee.PeeweeException:
            if not self.drop_lost():
                raise
            super().begin(*args)

    def lock_word(self, word: str) -> None:
        """Whoever locks the same word waits for the end of this transaction."""
        self.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (word,))

    @contextmanager
    def read_snapshot(self) -> Iterator[None]:
        with self.atomic():
            self.execute_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield

    def kind(self) -> str:
        return f"PostgreSQL {self.execute_sql('SHOW server_version').fetchone()[0]}"

    @contextmanager
    def alone(self) -> Iterator[None]:
        try:
            self.execute_sql("SELECT pg_advisory_lock(%s)", (_MIGRATION,))
        except peewee.PeeweeException as error:
            if refusal := self.refusal(error):
                raise refusal from error
            raise
        try:
            yield
        finally:
            if not self.is_closed():
                self.execute_sql("SELECT pg_advisory_unlock(%s)", (_MIGRATION,))

    def among(self, field: Node, ids: Iterable[int | str]) -> Node:
        kind = "text" if isinstance(field, peewee.CharField) else "bigint"
        return peewee.Expression(field, "=", SQL(f"ANY(%s::{kind}[])", [list(ids)]))

    def lock_rows(self, query: Any) -> Any:
        """`FOR UPDATE`; the caller orders by id, so that two never wait for each other."""
        return query.for_update()


def _json_list(ids: Iterable[int | str]) -> str:
    return json.dumps(list(ids))


class _WritersQueue:
    """One writer at a time, over threads (a lock) and processes (a lock file), before BEGIN IMMEDIATE.

    Without it SQLite's writers poll each other and some starve. The first in line holds a second file while it waits for
    its turn, so that who has just written and wants to write again does not come before it.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.threads = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        deadline = time.monotonic() + QUEUE_SECONDS
        if not self.threads.acquire(timeout=QUEUE_SECONDS):
            raise Busy(Violation("access.busy"))
        try:
            if self.path is None:
                yield
                return
            with open(self.path, "ab", opener=_private) as handle:
                with open(self.path.with_suffix(".queue"), "ab", opener=_private) as place:
                    _lock_file(place, deadline)
                    _lock_file(handle, deadline)
                yield
        finally:
            self.threads.release()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _lock_file(handle: Any, deadline: float) -> None:
    """Take the file's lock, which the system releases with the handle (also after kill -9)."""
    if fcntl is None:
        return
    pause = 0.0005
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise Busy(Violation("access.busy")) from None
            time.sleep(pause)
            pause = min(pause * 1.5, 0.004)


def of_url(url: str) -> GuardedSqlite | GuardedPostgres:
    """A database by its address, `sqlite:///path` or any libpq URI, not connected yet."""
    if path := sqlite_file(url):
        return GuardedSqlite(str(path))
    if urlsplit(url).scheme in ("postgresql", "postgres"):
        return GuardedPostgres(url)
    raise ValueError(url)


def open_database(url: str) -> GuardedSqlite | GuardedPostgres:
    """Point the proxy at a database. Does not connect yet."""
    database = of_url(url)
    db.initialize(database)
    return database


def among(field: Any, ids: Iterable[int | str]) -> Any:
    """`field IN ids`, one parameter, either database."""
    return db.obj.among(field, ids)


def rows(query: Any) -> list[tuple[Any, ...]]:
    """The raw rows of a query, unconverted: what lists and bulk work read."""
    return cast(list[tuple[Any, ...]], db.execute_sql(*query.sql()).fetchall())
