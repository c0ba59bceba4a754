"""搬迁: the whole house into another, empty database, SQLite or PostgreSQL, and compared before it counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tepei_admin import migrations
from tepei_admin.database import db, of_url, open_database
from tepei_admin.errors import ensure
from tepei_admin.schema import Record, all_models
from tepei_admin.services import emptying, fingerprint
from tepei_admin.services.fingerprint import Table

PIECE = 400


def move(url: str, target: str) -> dict[str, Table]:
    """Copy all rows of the house at `url`, which nobody may write meanwhile. Raises `RuleViolation`; then `target` is as
    empty as it was."""
    source = of_url(url)
    goal = open_database(target)
    with source.connection_context(), goal.connection_context():
        empty = emptying.there(goal) if goal.postgres else None
        ensure(not goal.get_tables(), "backup.place_taken", "to", place=goal.database.rpartition("@")[2])
        with _still(source):
            before = fingerprint.tables(source)
            migrations.upgrade()
            with db.obj.unguarded():
                try:
                    with db.obj.atomic():
                        _copy(source)
                        found = fingerprint.tables(db.obj)
                        wrong = sorted(
                            name for name in {*before, *found} if before.get(name) != found.get(name)
                        )
                        ensure(not wrong, "backup.not_equal", tables="、".join(wrong))
                except BaseException:
                    _emptied(empty)
                    raise
    return before


def _emptied(before: emptying.Objects | None) -> None:
    if before is not None:
        return emptying.back_to(db.obj, before)
    db.drop_tables(list(reversed(all_models())))
    db.execute_sql(f"DROP TABLE {fingerprint.MIGRATIONS}")
    return None


def _still(source: Any) -> Any:
    """One state of the source; on SQLite the writers also wait, and are told so after five seconds."""
    return source.read_snapshot() if source.postgres else source.write_transaction()


def _copy(source: Any) -> None:
    """Parents before children, numbers and all; a link to a later row of the same table is set at the end."""
    for model in all_models():
        names = list(model._meta.sorted_field_names)
        later: list[tuple[str, int, int]] = []
        for rows in _pieces(source, model, names):
            db.obj.execute(model.insert_many([_row(model, names, row, later) for row in rows]))
        for name, number, value in later:
            db.obj.execute(model.update({name: value}).where(model.id == number))
        _continue_numbers(source, model)


def _pieces(source: Any, model: type[Record], names: list[str]) -> Iterator[list[tuple[Any, ...]]]:
    columns = ", ".join(f'"{model._meta.fields[name].column_name}"' for name in names)
    cursor = source.execute_sql(f'SELECT {columns} FROM "{model._meta.table_name}" ORDER BY "id"')
    while rows := cursor.fetchmany(PIECE):
        yield rows


def _row(model: type[Record], names: list[str], row: tuple[Any, ...], later: list[Any]) -> dict[str, Any]:
    """The row with python's own values; what points further down its own table waits in `later`."""
    values = {
        name: model._meta.fields[name].python_value(value) for name, value in zip(names, row, strict=True)
    }
    for field, parent in model._meta.refs.items():
        value = values[field.name]
        if parent is model and value is not None and value > values["id"]:
            later.append((field.name, values["id"], value))
            values[field.name] = None
    return values


def _continue_numbers(source: Any, model: type[Record]) -> None:
    """No number is given out twice, not even one whose row is gone."""
    name = model._meta.table_name
    last = _last_number(source, name)
    if not last:
        return
    if db.obj.postgres:
        db.execute_sql("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", (f'"{name}"', last))
    else:
        db.execute_sql("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
        db.execute_sql("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, last))


def _last_number(source: Any, name: str) -> int:
    if source.postgres:
        (sequence,) = source.execute_sql("SELECT pg_get_serial_sequence(%s, 'id')", (f'"{name}"',)).fetchone()
        last, called = source.execute_sql(f"SELECT last_value, is_called FROM {sequence}").fetchone()
        return int(last) if called else 0
    row = source.execute_sql("SELECT seq FROM sqlite_sequence WHERE name = ?", (name,)).fetchone()
    return int(row[0]) if row else 0
