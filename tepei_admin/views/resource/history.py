"""What became of one row: who, when, before → after. Labels for names, masks over what is sensitive."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tepei_admin.database import rows
from tepei_admin.models import AuditEntry
from tepei_admin.schema import Record, all_models
from tepei_admin.views.resource import words
from tepei_admin.views.resource.columns import NO_NAMES, Column, RefColumn, column
from tepei_admin.views.resource.listing import labels
from tepei_admin.views.resource.masks import masked_json
from tepei_admin.views.resource.spelling import Action

LATEST = 50


@dataclass(frozen=True)
class Difference:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    at: str
    by: str
    action: str
    reason: str
    batch: int | None
    differences: list[Difference]


def latest(model: type[Record], number: int, limit: int = LATEST) -> list[Entry]:
    """The newest entries of one row: one query, and one for each foreign key that was changed."""
    a = AuditEntry
    query = a.select(a.at, a.by_name, a.action, a.reason, a.batch_id, a.before, a.after)
    query = (
        query.where(a.model == model._meta.table_name, a.object_id == number)
        .order_by(a.id.desc())
        .limit(limit)
    )
    found = [(*row[:5], _json(row[5]), _json(row[6])) for row in rows(query)]
    names = _names(model, [values for row in found for values in row[5:]])
    return [
        Entry(
            words.moment(at),
            by,
            Action.label_of(action),
            reason,
            batch,
            differences(model, before, after, names),
        )
        for at, by, action, reason, batch, before, after in found
    ]


def differences(
    model: type[Record] | None,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    names: Mapping[str, Any] | None = None,
) -> list[Difference]:
    """Each value that changed, as it reads. Of a model that is no more, and of events, as JSON under its masks."""
    keys = list(dict.fromkeys((*before, *after)))
    if model is None:
        return [
            Difference(key, masked_json({key: before.get(key)}), masked_json({key: after.get(key)}))
            for key in keys
        ]
    names = _names(model, [before, after]) if names is None else names
    found = []
    for key in keys:
        if key not in model._meta.fields:
            found.append(Difference(_event_word(model, key, after), "", _event_value(model, key, after)))
        elif key not in model.panel.hidden:
            shown = column(model, key)
            found.append(
                Difference(shown.label, _read(shown, before, key, names), _read(shown, after, key, names))
            )
    return found


def model_named(table: str) -> type[Record] | None:
    return next((model for model in all_models() if model._meta.table_name == table), None)


def _event_word(model: type[Record], key: str, values: Mapping[str, Any]) -> str:
    return {"column": "栏目"}.get(key, key)


def _event_value(model: type[Record], key: str, values: Mapping[str, Any]) -> str:
    if key == "column" and values.get(key) in model._meta.fields:
        return column(model, values[key]).label
    return masked_json(values.get(key))


def _read(shown: Column, values: Mapping[str, Any], key: str, names: Mapping[str, Any]) -> str:
    return shown.text(values[key], names.get(key, NO_NAMES)) if key in values else ""


def _names(model: type[Record], many: list[Mapping[str, Any]]) -> dict[str, dict[Any, str]]:
    wanted: dict[str, set[int]] = {}
    for values in many:
        for key, value in values.items():
            if (
                key in model._meta.fields
                and isinstance(value, int)
                and isinstance(column(model, key), RefColumn)
            ):
                wanted.setdefault(key, set()).add(value)
    return {key: labels(model._meta.fields[key].rel_model, numbers) for key, numbers in wanted.items()}


def _json(value: Any) -> dict[str, Any]:
    return json.loads(value) if isinstance(value, str) else value or {}
