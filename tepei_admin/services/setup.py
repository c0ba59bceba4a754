"""What a new house starts from: the command line's own row, the lists, what the house knows of itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tepei_admin.choices import Role
from tepei_admin.models import AuditEntry, House, User
from tepei_admin.permissions import Actor, P
from tepei_admin.schema import Record
from tepei_admin.services import record
from tepei_admin.services.accounts import CLI
from tepei_admin.services.command import command
from tepei_admin.services.record import Values

FOUNDER = Actor(0, "初始化", Role.ADMIN, system=True)
"""Who acts before there is anybody."""


@command(P.SETUP)
def add_cli_user(actor: Actor) -> None:
    """The row of the command line, which cannot sign in."""
    if not User.select().where(User.username == CLI).exists():
        record.insert(User, {"username": CLI, "name": "命令行", "role": Role.ADMIN.value, "system": True})


@command(P.SETUP)
def add_missing(actor: Actor, model: type[Record], key: Sequence[str], rows: Sequence[Values]) -> list[int]:
    """Add the rows whose `key` no row has; what the office changed, renamed or deleted stays as it left it."""
    fields = [model._meta.fields[name] for name in key]
    known = {tuple(row) for row in model.select(*fields).tuples()} | _former(model, key)
    missing = {tuple(row[name] for name in key): row for row in rows}
    return record.insert_many(model, [row for values, row in missing.items() if values not in known])


def _former(model: type[Record], key: Sequence[str]) -> set[tuple[Any, ...]]:
    """Keys that rows once had and lost, as the history tells; one column only, as our lists have it."""
    if len(key) > 1:
        return set()
    query = AuditEntry.select(AuditEntry.before).where(
        AuditEntry.model == model._meta.table_name, AuditEntry.action.in_(("update", "delete"))
    )
    return {(before[key[0]],) for (before,) in query.tuples() if before and key[0] in before}


@command(P.SETUP)
def note(actor: Actor, key: str, value: str) -> None:
    """Something that the house knows of itself (`House`)."""
    row = House.select(House.id).where(House.key == key).tuples().first()
    if row is None:
        record.insert(House, {"key": key, "value": value})
    else:
        record.update(House, [row[0]], {"value": value})


@command(P.ENTER)
def add_unlogged(actor: Actor, model: type[Record], rows: Sequence[Values]) -> None:
    """Many invented rows, for measuring; the history tells how many, not each of them."""
    record.insert_many(model, rows, logged=False)
    record.event("insert_many", model=model._meta.table_name, count=len(rows))
