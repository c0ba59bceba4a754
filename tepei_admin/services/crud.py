"""New, edit, delete by hand: the same for every model; `checks` adds what a model's own rules ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tepei_admin.errors import NotAllowed, RuleViolation, Violation
from tepei_admin.models import CertificateCounter, EligibilityCheck, Programme, StatusChange, Trainee, User
from tepei_admin.permissions import Actor
from tepei_admin.schema import STAMPS, Record, all_models
from tepei_admin.services import record, scope
from tepei_admin.services.checks import CHECKS
from tepei_admin.services.command import command

COMPUTED: tuple[type[Record], ...] = (EligibilityCheck, StatusChange, CertificateCounter)
"""What the house computed of a row; it goes with the row and hinders no deletion by itself."""


def fields_for(actor: Actor, model: type[Record]) -> list[str]:
    """The columns that this actor may set in the model's form, in order; none without the right."""
    panel = model.panel
    if panel.edit is None or not actor.may(panel.edit):
        return []
    closed = panel.machine | panel.hidden | STAMPS
    return [name for name in model._meta.sorted_field_names if name not in closed]


@command(None)
def create(
    actor: Actor, model: type[Record], values: Mapping[str, Any], *, programme: int | None = None
) -> int:
    """Add a row. A trainee is added to `programme` (default: the newest year)."""
    wanted = _permitted(actor, model, values)
    if model is Trainee:
        wanted["programme"] = programme or _newest_year()
        if actor.unit_id is not None:
            wanted["unit"] = actor.unit_id
    check = CHECKS.get(model)
    if check:
        check(actor, None, wanted, {})
    return record.insert(model, wanted)


def _newest_year() -> int | None:
    found = Programme.select(Programme.id).order_by(Programme.year.desc()).tuples().first()
    return found[0] if found else None


@command(None)
def edit(
    actor: Actor, model: type[Record], number: object, version: int | None, values: Mapping[str, Any]
) -> None:
    """Change a row that the actor saw in `version`. Raises `Stale` with the values as they are now."""
    row: Any = scope.get(actor, model, number)
    wanted = _permitted(actor, model, values)
    stored = dict(row.__data__)
    check = CHECKS.get(model)
    if check:
        check(actor, row.id, wanted, stored)
    versions = {row.id: version} if version is not None else None
    record.update(model, [row.id], wanted, versions=versions)


@command(None)
def remove(actor: Actor, model: type[Record], number: object, version: int | None = None) -> None:
    """Delete a row that nothing depends on, as it was seen. Raises `RuleViolation` naming what does, with counts."""
    row: Any = scope.get(actor, model, number)
    panel = model.panel
    if not panel.delete or panel.edit is None:
        raise RuleViolation(Violation("record.not_deletable", params={"title": panel.title}))
    actor.require(panel.edit)
    counts = "、".join(f"{count} {_counted(child)}" for child, count in dependants(model, row.id))
    if counts:
        raise RuleViolation(Violation("record.has_dependants", params={"name": str(row), "counts": counts}))
    record.delete(model, [row.id], versions=None if version is None else {row.id: version})


def dependants(model: type[Record], number: int) -> list[tuple[type[Record], int]]:
    """(model, how many rows) that point at this row."""
    found = []
    for child in all_models():
        if child in COMPUTED:
            continue
        links = [field for field in child._meta.refs if child._meta.refs[field] is model]
        for field in links:
            count = child.select().where(field == number).count()
            if count:
                found.append((child, count))
    return found


def _counted(model: type[Record]) -> str:
    """What rows are counted in: 名学员, 个账号, 条请假."""
    if model is User:
        return "个账号"
    return f"{'名' if model is Trainee else '条'}{model.panel.title}"


def _permitted(actor: Actor, model: type[Record], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that this actor may set; the rest of a form is not even looked at."""
    allowed = fields_for(actor, model)
    if not allowed:
        if model.panel.edit is not None:
            actor.require(model.panel.edit)
        raise NotAllowed(Violation("record.not_editable", params={"title": model.panel.title}))
    return {name: values[name] for name in allowed if name in values}
