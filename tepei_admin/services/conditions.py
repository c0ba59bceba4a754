"""Which rows are asked for, as it stands in an address: `unit=5`, `name.has=文`, `amount.min=100`, `status=applied,admitted`.

The lists of the panel and the export templates speak the same language. A condition parses its value (anything else:
none) and needs no join. `not` keeps rows without a value; `empty` means NULL and ''.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

import peewee

from tepei_admin import schema
from tepei_admin.services.scope import number_of
from tepei_admin.services.work import OFFICE

OPERATIONS = ("", "not", "has", "min", "max", "empty")
_TEXT = ("has", "", "not", "empty")
_RANGE = ("min", "max", "", "not", "empty")
KINDS: dict[str, tuple[str, ...]] = {
    "text": _TEXT, "number": _RANGE, "money": _RANGE, "day": _RANGE, "partial": ("min", "max", "has", "empty"),
    "moment": ("min", "max", "empty"), "choice": ("", "not", "empty"), "bool": ("", "empty"),
    "ref": ("", "not", "has", "empty"), "json": (),
}  # fmt: skip
WHOLE = ("id_number", "mobile")
"""Columns that are found by their whole value."""
LARGEST = 2**63 - 1
MANY = 500
"""Values that one condition takes at most."""

_KINDS: dict[type[peewee.Field], str] = {
    peewee.AutoField: "number", peewee.IntegerField: "number", peewee.DecimalField: "number", peewee.FloatField: "number",
    peewee.ForeignKeyField: "ref", peewee.BooleanField: "bool", peewee.DateField: "day", peewee.DateTimeField: "moment",
    schema.FenField: "money", schema.PartialDateField: "partial", schema.JsonField: "json",
}  # fmt: skip


def kind_of(field: peewee.Field) -> str:
    """What a column holds. A field type of tomorrow is of the kind of the type that it is made from."""
    if field.choices:
        return "choice"
    return next((_KINDS[base] for base in type(field).__mro__ if base in _KINDS), "text")


class Subject(Protocol):
    """A column that is asked about: a list's column, or a field alone."""

    @property
    def field(self) -> Any: ...
    @property
    def kind(self) -> str: ...
    @property
    def sensitive(self) -> bool: ...
    @property
    def options(self) -> dict[Any, str]: ...


@dataclass(frozen=True)
class Asked:
    """A field alone as a subject."""

    field: Any
    kind: str
    sensitive: bool
    options: dict[Any, str]

    @classmethod
    def of(cls, model: type[schema.Record], name: str) -> Asked:
        field = model._meta.fields[name]
        return cls(field, kind_of(field), name in model.panel.sensitive, dict(field.choices or ()))


def operations_of(subject: Subject) -> tuple[str, ...]:
    """What can be asked of a column. A sensitive one only tells whether it is filled in (A7), and so does a phone: it is
    searched by POST and never stands in an address."""
    found = ("empty",) if subject.sensitive or subject.field.name in WHOLE else KINDS[subject.kind]
    if subject.kind == "ref" and not subject.sensitive and subject.field.rel_model.panel.label == "id":
        found = ("", "not", "empty")  # its rows have no name to look for
    if not subject.field.null and subject.field.default != "":
        found = tuple(operation for operation in found if operation != "empty")
    return found


def tidy(subject: Subject, operation: str, text: str) -> str | None:
    """The value as it should stand in the address; None where it is none."""
    found = [
        value
        for part in parts(subject, operation, text)
        if (value := _tidy_one(subject, operation, part)) is not None
    ]
    return ",".join(dict.fromkeys(found)) or None


def _tidy_one(subject: Subject, operation: str, text: str) -> str | None:
    if operation == "empty":
        return text if text in ("0", "1") else None
    found = value(subject, operation, text)
    return found.isoformat() if isinstance(found, dt.date) else text if found is not None else None


def condition(subject: Subject, operation: str, text: str) -> Any:
    """The rows that it keeps; `text` is tidy."""
    field = subject.field
    if operation == "empty":
        empty = field.is_null() | (field == "") if _textual(field) else field.is_null()
        return empty if text == "1" else ~empty
    values = [value(subject, operation, part) for part in parts(subject, operation, text)]
    return _CONDITIONS[operation](subject, values)


def _textual(field: peewee.Field) -> bool:
    return isinstance(field, peewee.CharField | peewee.TextField)


def parts(subject: Subject, operation: str, text: str) -> list[str]:
    """Several values, by comma, where one of a list or a number is asked for."""
    listed = operation in ("", "not") and subject.kind in ("choice", "ref", "number")
    return text.split(",")[:MANY] if listed else [text]


def value(subject: Subject, operation: str, text: str) -> Any | None:
    if operation == "has":
        return text
    parse = _PARSERS.get(subject.kind)
    return parse(subject, text.strip()) if parse else text


def _choice(subject: Subject, text: str) -> str | None:
    return text if text in subject.options else None


def _whole(subject: Subject, text: str) -> int | None:
    found = re.fullmatch(r"-?[0-9]{1,19}", text)
    largest = LARGEST if isinstance(subject.field, peewee.BigIntegerField) else 2**31 - 1
    return int(text) if found and abs(int(text)) <= largest else None


def _fen(subject: Subject, text: str) -> int | None:
    try:
        amount = Decimal(text.replace(",", "").removeprefix("¥")) * 100
    except InvalidOperation:
        return None
    return int(amount) if amount.is_finite() and amount == int(amount) and abs(amount) < 10**15 else None


def _day(subject: Subject, text: str) -> dt.date | None:
    try:
        return dt.date(*day_parts(text, least=3))
    except ValueError:
        return None


def _stamped_day(subject: Subject, text: str) -> dt.date | None:
    """A day whose midnights can be told in UTC: the calendar's first and last cannot."""
    day = _day(subject, text)
    return day if day and dt.date.min < day < dt.date.max else None


def _partial(subject: Subject, text: str) -> str | None:
    return text if re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", text, re.ASCII) else None


_PARSERS: dict[str, Callable[[Any, str], Any]] = {
    "choice": _choice,
    "bool": lambda subject, text: {"1": True, "0": False}.get(text),
    "number": _whole,
    "money": _fen,
    "day": _day,
    "moment": _stamped_day,
    "partial": _partial,
    "ref": lambda subject, text: number_of(text),
}


def _is(subject: Subject, values: list[Any]) -> Any:
    return subject.field == values[0] if len(values) == 1 else subject.field.in_(values)


def _not(subject: Subject, values: list[Any]) -> Any:
    """Also the rows that have no value: plain `<>` would drop them."""
    return ~_is(subject, values) | subject.field.is_null()


def _has(subject: Subject, values: list[Any]) -> Any:
    if subject.kind == "ref":
        related = subject.field.rel_model
        label = related._meta.fields[related.panel.label]
        return subject.field.in_(related.select(related.id).where(label.contains(values[0])))
    return subject.field.contains(values[0])


def _min(subject: Subject, values: list[Any]) -> Any:
    return subject.field >= (_midnight(values[0]) if subject.kind == "moment" else values[0])


def _max(subject: Subject, values: list[Any]) -> Any:
    """A day counts whole; '2019-03' counts all of March."""
    if subject.kind == "moment":
        return subject.field < _midnight(values[0] + dt.timedelta(days=1))
    if subject.kind == "partial":
        return (subject.field != "") & ((subject.field <= values[0]) | subject.field.startswith(values[0]))
    return subject.field <= values[0]


def _midnight(day: dt.date) -> dt.datetime:
    """The start of an office day as stamps are stored."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=OFFICE).astimezone(dt.UTC).replace(tzinfo=None)


_CONDITIONS: dict[str, Callable[[Any, list[Any]], Any]] = {
    "": _is, "not": _not, "has": _has, "min": _min, "max": _max,
}  # fmt: skip


def day_parts(text: str, *, least: int) -> list[int]:
    """Year, month, day of a date as people write it. Raises ValueError."""
    if found := re.fullmatch(r"([0-9]{4})([0-9]{2})([0-9]{2})?", text):
        parts = [int(part) for part in found.groups() if part]
    else:
        tidy = re.sub(r"[年月./．]", "-", text.replace(" ", "")).rstrip("日号-")
        if not re.fullmatch(r"[0-9]{4}(-[0-9]{1,2}){0,2}", tidy):
            raise ValueError(text)
        parts = [int(part) for part in tidy.split("-")]
    if len(parts) < least:
        raise ValueError(text)
    return parts
