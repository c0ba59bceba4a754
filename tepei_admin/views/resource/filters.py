"""Filters by name: `unit=5`, `name.has=文`, `amount.min=100`, `status=applied,admitted`, `title_level.empty=1`.

A filter parses what stands in the address (anything else: no filter), makes a condition without joins, and
reads as words on its chip. `not` keeps rows without a value; `empty` means NULL and ''.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import peewee

from tepei_admin.services.scope import number_of
from tepei_admin.services.work import OFFICE
from tepei_admin.views.resource import words
from tepei_admin.views.resource.columns import Column, RefColumn
from tepei_admin.views.resource.search import WHOLE

OPERATIONS = {
    "": "是", "not": "不是", "has": "含", "min": "不小于", "max": "不大于", "empty": "为空",
}  # fmt: skip
_TEXT = ("has", "", "not", "empty")
_RANGE = ("min", "max", "", "not", "empty")
KINDS: dict[str, tuple[str, ...]] = {
    "text": _TEXT, "number": _RANGE, "money": _RANGE, "day": _RANGE, "partial": ("min", "max", "has", "empty"),
    "moment": ("min", "max", "empty"), "choice": ("", "not", "empty"), "bool": ("", "empty"),
    "ref": ("", "not", "has", "empty"), "json": (),
}  # fmt: skip
LARGEST = 2**63 - 1
MANY = 500
"""Values that one filter takes at most."""


@dataclass(frozen=True)
class Filter:
    """One operation on one column."""

    column: Column
    operation: str

    @property
    def key(self) -> str:
        return f"{self.column.name}.{self.operation}" if self.operation else self.column.name

    def tidy(self, text: str) -> str | None:
        """The value as it should stand in the address; None where it is none."""
        values = [value for part in _parts(self, text) if (value := self._tidy_one(part)) is not None]
        return ",".join(dict.fromkeys(values)) or None

    def _tidy_one(self, text: str) -> str | None:
        if self.operation == "empty":
            return text if text in ("0", "1") else None
        value = _value(self, text)
        return value.isoformat() if isinstance(value, dt.date) else text if value is not None else None

    def condition(self, text: str) -> Any:
        """The rows that it keeps."""
        field = self.column.field
        if self.operation == "empty":
            empty = field.is_null() | (field == "") if _textual(field) else field.is_null()
            return empty if text == "1" else ~empty
        values = [_value(self, part) for part in _parts(self, text)]
        return _CONDITIONS[self.operation](self.column, values)

    def words(self, text: str, names: dict[Any, str]) -> str:
        """What its chip says: 单位：赤峰市."""
        if self.operation == "empty":
            return f"{self.column.label}：{'未填' if text == '1' else '已填'}"
        shown = "、".join(self._word(part, names) for part in _parts(self, text))
        return f"{self.column.label}{OPERATIONS[self.operation] if self.operation else ''}：{shown}"

    def _word(self, text: str, names: dict[Any, str]) -> str:
        if self.operation == "has" or self.column.kind in (
            "money",
            "moment",
            "partial",
            "day",
            "number",
            "text",
        ):
            return text
        return self.column.words(_value(self, text), names)


def filters_of(column: Column) -> list[Filter]:
    """The filters that a column has. A sensitive one only tells whether it is filled in (A7), and so does a phone: it is
    searched by POST and never stands in an address."""
    operations = KINDS[column.kind]
    if column.sensitive or column.name in WHOLE:
        operations = ("empty",)
    if isinstance(column, RefColumn) and column.target.panel.label == "id":
        operations = ("", "not", "empty")  # its rows have no name to look for
    if not column.field.null and column.field.default != "":
        operations = tuple(operation for operation in operations if operation != "empty")
    return [Filter(column, operation) for operation in operations]


def _textual(field: peewee.Field) -> bool:
    return isinstance(field, peewee.CharField | peewee.TextField)


def _parts(item: Filter, text: str) -> list[str]:
    """Several values, by comma, where one of a list or a number is asked for."""
    listed = item.operation in ("", "not") and item.column.kind in ("choice", "ref", "number")
    return text.split(",")[:MANY] if listed else [text]


def _value(item: Filter, text: str) -> Any | None:
    if item.operation == "has":
        return text
    parse = _PARSERS.get(item.column.kind)
    return parse(item.column, text.strip()) if parse else text


def _choice(column: Column, text: str) -> str | None:
    return text if text in column.options else None


def _whole(column: Column, text: str) -> int | None:
    found = re.fullmatch(r"-?[0-9]{1,19}", text)
    largest = LARGEST if isinstance(column.field, peewee.BigIntegerField) else 2**31 - 1
    return int(text) if found and abs(int(text)) <= largest else None


def _fen(column: Column, text: str) -> int | None:
    try:
        amount = Decimal(text.replace(",", "").removeprefix("¥")) * 100
    except InvalidOperation:
        return None
    return int(amount) if amount.is_finite() and amount == int(amount) and abs(amount) < 10**15 else None


def _day(column: Column, text: str) -> dt.date | None:
    try:
        return dt.date(*words.day_parts(text, least=3))
    except ValueError:
        return None


def _stamped_day(column: Column, text: str) -> dt.date | None:
    """A day whose midnights can be told in UTC: the calendar's first and last cannot."""
    day = _day(column, text)
    return day if day and dt.date.min < day < dt.date.max else None


def _partial(column: Column, text: str) -> str | None:
    return text if re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", text, re.ASCII) else None


_PARSERS: dict[str, Callable[[Any, str], Any]] = {
    "choice": _choice,
    "bool": lambda column, text: {"1": True, "0": False}.get(text),
    "number": _whole,
    "money": _fen,
    "day": _day,
    "moment": _stamped_day,
    "partial": _partial,
    "ref": lambda column, text: number_of(text),
}


def _is(column: Column, values: list[Any]) -> Any:
    return column.field == values[0] if len(values) == 1 else column.field.in_(values)


def _not(column: Column, values: list[Any]) -> Any:
    """Also the rows that have no value: plain `<>` would drop them."""
    return ~_is(column, values) | column.field.is_null()


def _has(column: Column, values: list[Any]) -> Any:
    if isinstance(column, RefColumn):
        related = column.target
        label = related._meta.fields[related.panel.label]
        return column.field.in_(related.select(related.id).where(label.contains(values[0])))
    return column.field.contains(values[0])


def _min(column: Column, values: list[Any]) -> Any:
    return column.field >= (_midnight(values[0]) if column.kind == "moment" else values[0])


def _max(column: Column, values: list[Any]) -> Any:
    """A day counts whole; '2019-03' counts all of March."""
    if column.kind == "moment":
        return column.field < _midnight(values[0] + dt.timedelta(days=1))
    if column.kind == "partial":
        return (column.field != "") & ((column.field <= values[0]) | column.field.startswith(values[0]))
    return column.field <= values[0]


def _midnight(day: dt.date) -> dt.datetime:
    """The start of an office day as stamps are stored."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=OFFICE).astimezone(dt.UTC).replace(tzinfo=None)


_CONDITIONS: dict[str, Callable[[Any, list[Any]], Any]] = {
    "": _is, "not": _not, "has": _has, "min": _min, "max": _max,
}  # fmt: skip
