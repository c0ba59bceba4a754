"""What came into an empty PostgreSQL database and does not stay: its tables and functions go again, and nothing else."""

from __future__ import annotations

from typing import Any, NamedTuple

_FUNCTIONS = "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND prokind = 'f'"


class Objects(NamedTuple):
    """Tables and functions by name."""

    tables: frozenset[str]
    functions: frozenset[str]


def there(database: Any) -> Objects:
    functions = database.execute_sql(_FUNCTIONS).fetchall()
    return Objects(frozenset(database.get_tables()), frozenset(row[0] for row in functions))


def back_to(database: Any, before: Objects) -> None:
    """Drop what was not there before, in one transaction."""
    now = there(database)
    tables = ", ".join(f'"{name}"' for name in sorted(now.tables - before.tables))
    with database.unguarded(), database.atomic():
        if tables:
            database.execute_sql(f"DROP TABLE {tables}")
        for function in sorted(now.functions - before.functions):
            database.execute_sql(f"DROP FUNCTION {function}")
