"""What a database holds, as one hash a table: the same rows give the same hashes on SQLite and on PostgreSQL.

The tables and columns are those of the database's own catalogue, so that one that waits for a migration can be read too.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MIGRATIONS = "schema_migration"
"""Which migrations were applied, and when: not of the house's own data."""

_POSTGRES_COLUMNS = (
    "SELECT column_name FROM information_schema.columns "
    "WHERE table_schema = current_schema() AND table_name = %s ORDER BY column_name"
)


@dataclass(frozen=True)
class Table:
    """How many rows a table has, and their hash."""

    rows: int
    sha256: str


def tables(database: Any) -> dict[str, Table]:
    """Every table of this database but the list of migrations. Call inside one snapshot."""
    return {name: _table(database, name) for name in sorted(names(database))}


def names(database: Any) -> set[str]:
    """The tables that hold the house's data."""
    return {name for name in database.get_tables() if name != MIGRATIONS and not name.startswith("sqlite_")}


def _table(database: Any, name: str) -> Table:
    columns = _columns(database, name)
    listed = ", ".join(f'"{column}"' for column in columns)
    cursor = database.execute_sql(f'SELECT {listed} FROM "{name}" ORDER BY "id"')
    plain = list(columns.values())
    found, count = hashlib.sha256(repr(list(columns)).encode()), 0
    while batch := cursor.fetchmany(2000):
        count += len(batch)
        for row in batch:
            values = [same(value) for same, value in zip(plain, row, strict=True)]
            found.update(repr(values).encode("utf-8", "surrogatepass"))
    return Table(count, found.hexdigest())


def _columns(database: Any, name: str) -> dict[str, Callable[[Any], Any]]:
    """The columns in order of name, each with what makes its values alike on both databases."""
    if isinstance(getattr(database, "postgres", False), bool) and getattr(database, "postgres", False):
        return {row[0]: _plain for row in database.execute_sql(_POSTGRES_COLUMNS, (name,)).fetchall()}
    rows = database.execute_sql(f'PRAGMA table_info("{name}")').fetchall()
    return {row[1]: _moment if row[2].upper() == "DATETIME" else _plain for row in sorted(rows, key=_name)}


def _name(row: tuple[Any, ...]) -> str:
    return str(row[1])


def _plain(value: Any) -> Any:
    """PostgreSQL's values as SQLite keeps them."""
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="microseconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    return int(value) if isinstance(value, bool) else value


def _moment(value: str | None) -> str | None:
    """A stamp as SQLite keeps it, with its microseconds even where they are none."""
    return f"{value}.000000" if value and len(value) == 19 else value
