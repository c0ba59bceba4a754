"""Many rows as a database takes them, turned column by column.

Nearly every column of a large insert holds values that are stored as they are. Asking that once a column and not once
a value is most of what there is to gain in Python.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import peewee

from tepei_admin.database import db
from tepei_admin.schema import JsonField, Record

PART = 1_000
"""Rows at a time: long texts are made only shortly before they go."""

_AS_IS: tuple[tuple[type[peewee.Field], frozenset[type]], ...] = (
    (JsonField, frozenset()),
    (peewee.BooleanField, frozenset({bool, type(None)})),
    (peewee.IntegerField, frozenset({int, type(None)})),
    (peewee.ForeignKeyField, frozenset({int, type(None)})),
    (peewee.CharField, frozenset({str, type(None)})),
    (peewee.TextField, frozenset({str, type(None)})),
)


def stored(
    model: type[Record], given: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Any, ...]]:
    """The values of these rows for the columns of `given`, whose values stand where a row has none."""
    fields = model._meta.fields
    for start in range(0, len(rows), PART):
        part = rows[start : start + PART]
        yield from zip(
            *(_column(fields[name], [row.get(name, value) for row in part]) for name, value in given.items()),
            strict=True,
        )


def put(field: peewee.Field) -> Callable[[Any], Any]:
    """How one value of this column is stored."""
    if db.obj.postgres or not isinstance(field, peewee.DateField | peewee.DateTimeField):
        return field.db_value
    return lambda value: _date(field.db_value(value))


def _column(field: peewee.Field, values: list[Any]) -> Sequence[Any]:
    kinds = next((kinds for kind, kinds in _AS_IS if isinstance(field, kind)), frozenset())
    return values if kinds.issuperset(map(type, values)) else list(map(put(field), values))


def _date(value: Any) -> Any:
    """A date or stamp as text, as peewee stores it on SQLite."""
    return str(value) if isinstance(value, dt.date) else value
