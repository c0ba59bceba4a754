"""Columns that are worked out: what a payment's kept calculation says, where a recovery stands.

A path names one with a colon: `lines:period`, `lines:months`, `lines:days`, `lines:deducted`, `id:due`, `id:received`,
`id:remitted`, `id:outstanding`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tepei_admin.database import among
from tepei_admin.exchange.writers import Kind
from tepei_admin.models import Payment, Termination
from tepei_admin.schema import Record
from tepei_admin.services import money

Values = Sequence[Any]
Lines = list[Mapping[str, Any]]


def _each(work: Callable[[Lines], Any]) -> Callable[..., Values]:
    """One value of each kept calculation, which is JSON."""

    def show(values: Values) -> Values:
        return [work(json.loads(value) if isinstance(value, str) else value or []) for value in values]

    return show


def _param(lines: Lines, name: str) -> Any:
    return next((line["params"][name] for line in lines if name in line.get("params", {})), None)


def _period(lines: Lines) -> str:
    start, end = _param(lines, "start"), _param(lines, "end")
    return f"{start}至{end}" if start and end else ""


def _months(lines: Lines) -> int:
    return int(_param(lines, "months") or 0)


def _days(lines: Lines) -> int:
    """The days beyond whole months, not those that are taken off."""
    found = (line["params"]["days"] for line in lines if line["code"] == "stipend.line.days")
    return int(next(found, 0))


def _deducted(lines: Lines) -> int:
    return -sum(line["fen"] for line in lines if line["fen"] < 0)


def _of_ledger(name: str) -> Callable[..., Values]:
    """A figure of the ledgers of these cases; nothing for one that is not decided."""

    def show(values: Values) -> Values:
        books = {book.id: book.ledger for book in money.books(among(Termination.id, list(values)))}
        return [getattr(books[number], name) if number in books else None for number in values]

    return show


FORMS: dict[str, tuple[Kind, str, str, Callable[..., Values]]] = {
    "period": ("text", "lines", "起止日期", _each(_period)),
    "months": ("int", "lines", "月数", _each(_months)),
    "days": ("int", "lines", "天数", _each(_days)),
    "deducted": ("money", "lines", "扣减", _each(_deducted)),
    **{
        name: ("money", "id", label, _of_ledger(name))
        for name, label in (
            ("due", "应收"),
            ("received", "已收"),
            ("remitted", "减免"),
            ("outstanding", "未收"),
            ("refunds", "退费冲减"),
        )
    },
}
"""(kind of the column, the model's own column that it is worked out from, what it is called, how)."""

OF: dict[type[Record], tuple[str, ...]] = {
    Payment: ("period", "months", "days", "deducted"),
    Termination: ("due", "received", "remitted", "outstanding", "refunds"),
}
"""Which of them a model has."""
