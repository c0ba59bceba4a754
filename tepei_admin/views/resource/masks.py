"""Sensitive values inside JSON (history, reports, arguments): masked by their name, and by what they look like."""

from __future__ import annotations

from functools import cache
from typing import Any

import peewee

from tepei_admin.exchange import masking
from tepei_admin.schema import all_models
from tepei_admin.views.resource import words

_SECRET = "已遮盖"
_ASKED = frozenset({"leave_reason"})
"""What a look-first page asks for that may speak of somebody's health; a proposal keeps it among its arguments."""


@cache
def _names() -> tuple[frozenset[str], frozenset[str], dict[str, str]]:
    """Sensitive names, hidden names, and the label of each name, over all models."""
    models = all_models()
    sensitive = frozenset(
        name
        for model in models
        for name in model.panel.sensitive
        if not isinstance(
            model._meta.fields[name], peewee.TextField
        )  # 事由 is a health matter of a leave only
    )
    hidden = frozenset().union(*(model.panel.hidden for model in models))
    labels = {
        name: field.verbose_name or name for model in models for name, field in model._meta.fields.items()
    }
    return sensitive | _ASKED, hidden, labels


def masked(value: Any, name: str = "") -> Any:
    """The same value with every sensitive part under its mask."""
    sensitive, hidden, _ = _names()
    if isinstance(value, dict):
        return {key: masked(item, str(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item, name) for item in value]
    if name in hidden and value not in (None, ""):
        return _SECRET
    if name in sensitive:
        return words.tail(value)
    return masking.numbers(value) if isinstance(value, str) else value


def masked_json(value: Any) -> str:
    """`姓名：王明；身份证号：尾号 9813`, nested parts in brackets. Never a \\u escape."""
    return _read(masked(value))


def _read(value: Any) -> str:
    labels = _names()[2]
    match value:
        case dict():
            return "；".join(f"{labels.get(str(key), key)}：{_read(item)}" for key, item in value.items())
        case list():
            return "、".join(
                f"（{_read(item)}）" if isinstance(item, dict | list) else _read(item) for item in value
            )
        case None:
            return "无"
        case bool():
            return words.yes_no(value)
    return str(value)
