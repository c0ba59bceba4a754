"""What became of one row: who, when, before → after. Labels for names, masks over what is sensitive."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tepei_admin.database import rows
from tepei_admin.models import AuditEntry, Trainee
from tepei_admin.schema import Record, all_models
from tepei_admin.services.crud import COMPUTED
from tepei_admin.services.person import verbs_of
from tepei_admin.views.resource import related, words
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
    """`action`: what was done, by the batch's verb where it has one. `about`, `url`: of what hangs on a person."""

    at: str
    by: str
    action: str
    reason: str
    batch: int | None
    differences: list[Difference]
    about: str = ""
    url: str = ""


def latest(model: type[Record], number: int, limit: int = LATEST) -> list[Entry]:
    """The newest entries of one row: one query, one for the batches, one for each foreign key that was changed."""
    a = AuditEntry
    entries = _entries((a.model == model._meta.table_name) & (a.object_id == number), limit)
    return [replace(entry, about="", url="") for entry in entries]


def of_person(number: int, limit: int = LATEST) -> list[Entry]:
    """The newest entries of a person and of all that hangs on this person."""
    return _entries(about(number), limit)


def about(number: int) -> Any:
    """The entries of a person and of all that hangs on this person: placements, leaves, payments, papers."""
    a = AuditEntry
    condition = (a.model == Trainee._meta.table_name) & (a.object_id == number)
    for field, child in Trainee._meta.backrefs.items():
        if child not in COMPUTED:
            own = child.select(child.id).where(field == number)
            condition |= (a.model == child._meta.table_name) & a.object_id.in_(own)
    return condition


def _entries(condition: Any, limit: int) -> list[Entry]:
    a = AuditEntry
    query = a.select(a.at, a.by_name, a.action, a.reason, a.batch_id, a.model, a.object_id, a.before, a.after)
    found = [
        (*row[:7], _json(row[7]), _json(row[8]))
        for row in rows(query.where(condition).order_by(a.id.desc()).limit(limit))
    ]
    verbs = verbs_of(sorted({row[4] for row in found if row[4]}))
    names = {
        table: _names(model, [values for row in found if row[5] == table for values in row[7:]])
        for table in {row[5] for row in found}
        if (model := model_named(table)) is not None
    }
    return [_entry(row, verbs, names) for row in found]


def _entry(row: tuple[Any, ...], verbs: Mapping[int, str], names: Mapping[str, Any]) -> Entry:
    at, by, action, reason, batch, table, number, before, after = row
    model = model_named(table)
    changed = differences(model, before, after, names.get(table))
    about, url = "", ""
    if model is not None and "trainee" in model._meta.fields:
        view = related.view_of(model)
        about, url = model.panel.title, f"{view.url}/{number}" if view and action != "delete" else ""
        changed = [item for item in changed if item.label != Trainee.panel.title]
    did = words.verb(verbs[batch]) if batch in verbs else Action.label_of(action)
    return Entry(words.moment(at), by, did, reason, batch, changed, about, url)


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
    return {"column": "栏目", "what": "内容"}.get(key, key)


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
