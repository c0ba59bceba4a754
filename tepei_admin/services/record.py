"""The only hands that write. Each sees to version, before and after, and the history, for a set of rows.

A row that would not change is neither written nor logged. Before-images are read under the lock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

import peewee

from tepei_admin.database import among, db, writing
from tepei_admin.errors import NotFound, Stale, Violation
from tepei_admin.schema import Record
from tepei_admin.services import columnar
from tepei_admin.services.work import Change, current, in_hand

Ids = Iterable[int]
Values = Mapping[str, Any]
CHUNK = 400
"""Rows an INSERT: well below the parameter limits of both databases for our widest table."""


def insert(model: type[Record], values: Values) -> int:
    """Add one row; its number."""
    return insert_many(model, [values])[0]


def insert_many(model: type[Record], rows: Sequence[Values], *, logged: bool = True) -> list[int]:
    """Add rows that all have the same columns; their numbers, in order."""
    if not rows:
        return []
    work = in_hand()
    numbers = _insert_few(model, rows) if len(rows) <= CHUNK else _insert_many(model, rows)
    if logged:
        for number, row in zip(numbers, rows, strict=True):
            after = {key: plain(value) for key, value in row.items() if value not in (None, "")}
            work.changes.append(_change("insert", model, number, row.get(_label(model)), None, after))
    return numbers


def _insert_few(model: type[Record], rows: Sequence[Values]) -> list[int]:
    at = in_hand().at
    with _pen():
        query = model.insert_many([{**row, "created_at": at, "updated_at": at} for row in rows])
        return sorted(row[0] for row in query.returning(model.id).tuples().execute())


def _insert_many(model: type[Record], rows: Sequence[Values]) -> list[int]:
    """Numbers first, then the rows with them: a tenth of the time and memory of INSERT … RETURNING."""
    numbers = _reserved(model, len(rows))
    _fill(model, rows, numbers)
    return numbers


def _reserved(model: type[Record], count: int) -> list[int]:
    """Numbers that nobody else gets. SQLite's writer is alone: they follow the last one, as they would by themselves."""
    table = model._meta.table_name
    if db.obj.postgres:
        sql = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        return [row[0] for row in db.execute_sql(sql, (table, count)).fetchall()]
    last = db.execute_sql("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone() or (0,)
    return list(range(last[0] + 1, last[0] + 1 + count))


def append(model: type[Record], rows: Sequence[Values]) -> None:
    """Add rows whose numbers nobody needs and that are a record themselves, in one statement however many."""
    if rows:
        _fill(model, rows)


def _fill(model: type[Record], rows: Sequence[Values], numbers: Sequence[int] = ()) -> None:
    """Rows that all have the same columns, in one statement: COPY on PostgreSQL, executemany on SQLite."""
    stamp = in_hand().at
    meta = model._meta
    given = {**_defaults(model), **rows[0], "version": 1, "created_at": stamp, "updated_at": stamp}
    columns = ", ".join(f'"{meta.fields[name].column_name}"' for name in given)
    values: Iterable[Sequence[Any]] = columnar.stored(model, given, rows)
    if numbers:
        columns += ', "id"'
        values = ((*row, number) for row, number in zip(values, numbers, strict=True))
    if not db.obj.postgres:
        marks = ", ".join("?" * (columns.count(",") + 1))
        return _many(f'INSERT INTO "{meta.table_name}" ({columns}) VALUES ({marks})', values)
    sql = f'COPY "{meta.table_name}" ({columns}) FROM STDIN'
    with _pen(), peewee.__exception_wrapper__, db.obj.cursor().copy(sql) as copy:
        for row in values:
            copy.write_row(row)
    return None


def _defaults(model: type[Record]) -> dict[str, Any]:
    """What a row has where nothing is said, its number apart."""
    return {name: item.default for name, item in model._meta.fields.items() if name != "id"}


def update(
    model: type[Record],
    ids: Ids,
    changes: Values,
    *,
    versions: Mapping[int, int] | None = None,
    expect: Values | None = None,
    versioned: bool = True,
) -> list[int]:
    """Give all these rows the same new values; the numbers of those that changed.

    `versions` are what the person saw: another version is `Stale`. `expect` are values that must still hold
    (compare-and-set): a row that has others is `Stale` too. `versioned=False` is for computed results.
    """
    return update_each(
        model, dict.fromkeys(ids, changes), versions=versions, expect=expect, versioned=versioned
    )


def update_each(
    model: type[Record],
    changes: Mapping[int, Values],
    *,
    versions: Mapping[int, int] | None = None,
    expect: Values | None = None,
    versioned: bool = True,
) -> list[int]:
    """Give each row its own new values (see `update`)."""
    if not changes:
        return []
    work = in_hand()
    columns = sorted({name for values in changes.values() for name in values} | set(expect or ()))
    seen = _locked(model, changes, columns)
    if len(seen) != len(changes):
        raise NotFound(Violation("access.not_found"))
    groups: dict[tuple[tuple[str, Any], ...], list[int]] = {}
    for number, (version, label, stored) in seen.items():
        if (versions and versions.get(number, version) != version) or any(
            stored[name] != value for name, value in (expect or {}).items()
        ):
            raise _stale(label or number, stored)
        dirty = {name: value for name, value in changes[number].items() if stored[name] != value}
        if dirty:
            groups.setdefault(
                tuple(sorted((name, _hashable(value)) for name, value in dirty.items())), []
            ).append(number)
            before = {name: plain(stored[name]) for name in dirty}
            after = {name: plain(value) for name, value in dirty.items()}
            work.changes.append(_change("update", model, number, label, before, after))
    _write_groups(model, groups, changes, versioned)
    return [number for numbers in groups.values() for number in numbers]


def _stale(name: object, stored: Values) -> Stale:
    return Stale(Violation("record.changed_meanwhile", params={"name": name}), theirs=stored)


def delete(
    model: type[Record], ids: Ids, *, versions: Mapping[int, int] | None = None, logged: bool = True
) -> int:
    """Delete rows; the history keeps them whole. Dependants are refused by the database (RESTRICT), another version than
    in `versions` is `Stale`."""
    work = in_hand()
    numbers = sorted(set(ids))
    if logged:
        names = list(model._meta.fields)
        for number, (version, label, stored) in _locked(model, numbers, names).items():
            if (versions or {}).get(number, version) != version:
                raise _stale(label or number, stored)
            before = {name: plain(value) for name, value in stored.items() if value not in (None, "")}
            work.changes.append(_change("delete", model, number, label, before, None))
    with _pen():
        return cast(int, model.delete().where(among(model.id, numbers)).execute())


def put_computed(model: type[Record], key: str, rows: Sequence[Values]) -> None:
    """Store computed results, one a `key` (a unique column), in one statement however many.

    They carry their own facts, so the history only names what changed on the record they belong to.
    """
    if not rows:
        return
    stamp = in_hand().at
    meta = model._meta
    given = {**rows[0], "version": 1, "created_at": stamp, "updated_at": stamp}
    columns = [meta.fields[name].column_name for name in given]
    target = meta.fields[key].column_name
    quoted = ", ".join(f'"{column}"' for column in columns)
    changed = ", ".join(f'"{column}" = excluded."{column}"' for column in columns if column != target)
    marks = ", ".join([db.obj.param] * len(columns))
    sql = (
        f'INSERT INTO "{meta.table_name}" ({quoted}) VALUES ({marks}) '
        f'ON CONFLICT ("{target}") DO UPDATE SET {changed}'
    )
    _many(sql, columnar.stored(model, given, rows))


def mark(model: type[Record], condition: Any, **values: Any) -> int:
    """Set a computed mark on all rows of a condition; not a change that the history tells."""
    with _pen():
        return cast(int, model.update(**values).where(condition).execute())


def event(
    action: str, *, model: str = "", object_id: int | None = None, label: str = "", **details: Any
) -> None:
    """Log something that changes no row: a sign-in, an export, a look at a full ID number."""
    after = {key: plain(value) for key, value in details.items()} or None
    in_hand().changes.append(Change(action, model, object_id, label, None, after))


def locked(query: Any) -> Any:
    """The query with its rows locked while a command is at work; a look before it locks nothing."""
    return query if current.get() is None else db.obj.lock_rows(query)


def plain(value: Any) -> Any:
    """A value as the history keeps it: JSON, whole (masked when shown; undo needs it)."""
    return value.isoformat() if isinstance(value, dt.date) else value


def restored(model: type[Record], values: Values) -> dict[str, Any]:
    """What `plain` wrote, as values to store again."""
    result: dict[str, Any] = {}
    for name, value in values.items():
        kind = model._meta.fields[name]
        if isinstance(value, str) and isinstance(kind, peewee.DateTimeField):
            result[name] = dt.datetime.fromisoformat(value)
        elif isinstance(value, str) and isinstance(kind, peewee.DateField):
            result[name] = dt.date.fromisoformat(value)
        else:
            result[name] = value
    return result


@contextmanager
def _pen():  # type: ignore[no-untyped-def]
    """While the pen is held the guard lets writes through."""
    in_hand()
    token = writing.set(True)
    try:
        yield
    finally:
        writing.reset(token)


def _label(model: type[Record]) -> str:
    return model.panel.label


def _change(action: str, model: type[Record], number: int, label: Any, before: Any, after: Any) -> Change:
    name = "" if model.panel.label == "id" or label is None else str(label)
    return Change(action, model._meta.table_name, number, name[:128], before, after)


def _locked(
    model: type[Record], ids: Iterable[int], columns: Sequence[str]
) -> dict[int, tuple[int, str, dict[str, Any]]]:
    """id -> (version, label, {column: value}), locked for this transaction in order of id."""
    fields = [_stored(model, name) for name in columns]
    query = model.select(model.id, model.version, _stored(model, _label(model)), *fields)
    query = db.obj.lock_rows(query.where(among(model.id, sorted(ids))).order_by(model.id))
    return {
        row[0]: (row[1], row[2], dict(zip(columns, row[3:], strict=True))) for row in query.tuples().execute()
    }


def _stored(model: type[Record], name: str) -> Any:
    return model._meta.fields[name]


def _hashable(value: Any) -> Any:
    return repr(value) if isinstance(value, list | dict) else value


def _write_groups(
    model: type[Record],
    groups: Mapping[tuple[tuple[str, Any], ...], list[int]],
    changes: Mapping[int, Values],
    versioned: bool,
) -> None:
    """One UPDATE for rows that get the same values; executemany where nearly each row has its own."""
    step: dict[str, Any] = {"updated_at": in_hand().at}
    if versioned:
        step["version"] = model.version + 1
    if len(groups) <= 8:
        with _pen():
            for key, numbers in groups.items():
                values = {name: changes[numbers[0]][name] for name, _ in key}
                model.update({**values, **step}).where(among(model.id, numbers)).execute()
        return
    by_columns: dict[tuple[str, ...], list[list[Any]]] = {}
    meta = model._meta
    stamp = columnar.put(meta.fields["updated_at"])(in_hand().at)
    for key, numbers in groups.items():
        names = tuple(name for name, _ in key)
        for number in numbers:
            stored = [columnar.put(meta.fields[name])(changes[number][name]) for name in names]
            by_columns.setdefault(names, []).append([*stored, stamp, number])
    mark = db.obj.param
    bump = ', "version" = "version" + 1' if versioned else ""
    for names, parameters in by_columns.items():
        sets = ", ".join(f'"{meta.fields[name].column_name}" = {mark}' for name in names)
        _many(
            f'UPDATE "{meta.table_name}" SET {sets}, "updated_at" = {mark}{bump} WHERE "id" = {mark}',
            parameters,
        )


def _many(sql: str, parameters: Iterable[Sequence[Any]]) -> None:
    """executemany; the values are as the database keeps them."""
    with _pen(), peewee.__exception_wrapper__:
        db.obj.cursor().executemany(sql, parameters)
