"""A row of any model, made from its declarations alone, so that tests can walk models that are not there yet."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import peewee

from tepei_admin.database import db
from tepei_admin.models import LetterText, Quota, Trainee, Unit, User
from tepei_admin.schema import FenField, JsonField, PartialDateField, Record

_serial = itertools.count(1)

# What a CHECK asks beyond the types.
EXTRA: dict[str, dict[str, Any]] = {
    "batch": {"unit": lambda: _parent(Unit)},
    "upload": {"unit": lambda: _parent(Unit)},
    "header_choice": {"unit": lambda: _parent(Unit)},
    "upload_row": {"choice": ""},
    "waiver": {"kind": "quota", "rule": ""},
    "payment": {"kind": "stipend", "amount": 720000},
    "programme": {"year": lambda: 2030 + next(_serial) % 70},
    "route": {"min_years": 5},
    "track": {"age_limit": 45},
}


def row(model: type[Record], /, **values: Any) -> Any:
    """Store a row with everything it needs, past the guard."""
    if not values and model is Unit:
        return _parent(Unit)
    if not values and model is Quota:  # every unit has its rows from the start
        return Quota.get(Quota.unit == _parent(Unit))
    if not values and model is LetterText:  # one of each kind, from the start
        return LetterText.get()
    with db.obj.unguarded():
        return _make(model, values)


def _make(model: type[Record], values: dict[str, Any]) -> Any:
    extra = {
        key: value() if callable(value) else value
        for key, value in EXTRA.get(model._meta.table_name, {}).items()
    }
    given = {**extra, **values}
    for name, field in model._meta.fields.items():
        if name not in given and not field.null and field.default is None and name != "id":
            given[name] = _value(field)
    return model.create(**given)


def _value(field: peewee.Field) -> Any:
    if isinstance(field, peewee.ForeignKeyField):
        return _parent(field.rel_model)
    if field.choices:
        return field.choices[0][0]
    if isinstance(field, JsonField):
        return {}
    if isinstance(field, peewee.DateTimeField):
        return dt.datetime(2019, 3, 20, 1, 2, 3, 456)
    if isinstance(field, peewee.DateField):
        return dt.date(2019, 3, 20)
    if isinstance(field, PartialDateField):
        return "1980-05"
    if isinstance(field, FenField | peewee.IntegerField):
        return next(_serial)
    if isinstance(field, peewee.BooleanField):
        return False
    return f"样{next(_serial)}"[-(getattr(field, "max_length", None) or 32) :]


def _parent(model: type[Record]) -> Any:
    """What a row hangs on: 赤峰市's people, so that its clerk may see them."""
    if model is Unit:
        return Unit.get(Unit.code == "150400")
    if model is User:
        return User.get(User.username == "cli")
    if model is not Trainee and (found := model.select().first()):
        return found
    return _make(model, {})
