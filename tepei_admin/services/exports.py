"""What an export leaves behind: that it was handed out, the copy that was kept, when and to whom it was sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from peewee import JOIN

from tepei_admin.errors import NotFound, Violation, ensure
from tepei_admin.models import ExportRecord, ExportTemplate, User
from tepei_admin.permissions import Actor, P
from tepei_admin.schema import all_models
from tepei_admin.services import clock, record, scope
from tepei_admin.services.command import command
from tepei_admin.services.work import in_hand

LONGEST_ADDRESSEE = 128


@dataclass(frozen=True)
class Kept:
    """What is known of a file that was kept, by the columns of `ExportRecord`."""

    source: int | None
    resource: str
    programme: int | None
    sha256: str
    size: int
    stored_as: str
    rows_as: str = ""


@command(P.EXPORT)
def note(
    actor: Actor,
    *,
    template: str,
    file_name: str,
    format: str,
    filter: Mapping[str, Any],
    row_count: int,
    masked: bool,
    kept: Kept | None = None,
    own: bool = False,
) -> int:
    """Put an export on record, before its first byte leaves; its number. Unmasked values need the right to reveal.

    `own`: what this actor has brought in goes back whole.
    """
    if not masked and not own:
        actor.require(P.REVEAL)
    values = {
        "template": template, "file_name": file_name, "format": format, "filter": dict(filter),
        "row_count": row_count, "masked": masked,
    }  # fmt: skip
    row = {
        **values,
        **(asdict(kept) if kept else {}),
        "unit": actor.unit_id,
        "by": actor.id,
        "at": in_hand().at,
    }
    number = record.insert_many(ExportRecord, [row], logged=False)[0]
    told = {**values, "sha256": kept.sha256} if kept else values
    record.event("export", model=ExportRecord._meta.table_name, object_id=number, label=file_name, **told)
    return number


# ---- who may read what was handed out


def visible(actor: Actor) -> Any:
    """The records that an actor may know of, as the actor is now, not as when the file was made.

    The office's are the office's; a clerk has the own ones of the own unit. Lists of what only some may read (accounts,
    history) are theirs when handed out, too.
    """
    query = ExportRecord.select(ExportRecord, User).join(
        User, JOIN.LEFT_OUTER, on=(ExportRecord.by == User.id)
    )
    names = {model._meta.table_name: actor.may(model.panel.read) for model in all_models()}
    own = (ExportRecord.by == actor.id) | actor.may(P.ACCOUNTS)
    query = query.where(
        ExportRecord.resource.in_([name for name, may in names.items() if may])
        | (ExportRecord.resource.not_in(list(names)) & own)
    )
    if actor.unit_id is None:
        return query
    return query.where(ExportRecord.by == actor.id, ExportRecord.unit == actor.unit_id)


def get(actor: Actor, number: object) -> ExportRecord:
    """A record. Raises `NotFound` for none, or one that is not the actor's to know of."""
    found = visible(actor).where(ExportRecord.id == (scope.number_of(number) or 0)).first()
    if found is None:
        raise NotFound(Violation("access.not_found"))
    return found


def may_open(actor: Actor, row: ExportRecord) -> bool:
    """May this actor have the kept copy? Whole numbers are for who has the right to see them."""
    return bool(row.stored_as) and (row.masked or actor.may(P.REVEAL))


@command(P.EXPORT)
def open_copy(actor: Actor, number: int) -> str:
    """The name in the vault of a kept copy, which is handed out again: on record each time."""
    row = get(actor, number)
    if not row.masked:
        actor.require(P.REVEAL)
    if not row.stored_as:
        raise NotFound(Violation("access.not_found"))
    record.event(
        "export_copy", model=ExportRecord._meta.table_name, object_id=row.id, label=row.file_name,
        masked=row.masked, sha256=row.sha256,
    )  # fmt: skip
    return str(row.stored_as)


# ---- templates


@command(P.SETUP)
def save_template(actor: Actor, number: int | None, values: Mapping[str, Any], version: int | None) -> int:
    """A new template, or another state of one that was seen in `version`. What it says is checked by `exchange.design`."""
    if number is None:
        return record.insert(ExportTemplate, values)
    record.update(ExportTemplate, [number], values, versions={number: version or 0})
    return number


@command(P.SETUP)
def remove_template(actor: Actor, number: int, version: int | None = None) -> None:
    """Take away a template that no record speaks of."""
    row: Any = scope.get(actor, ExportTemplate, number)
    used = ExportRecord.select().where(ExportRecord.source == row.id).count()
    ensure(not used, "record.has_dependants", name=row.name, counts=f"{used} 条{ExportRecord.panel.title}")
    record.delete(ExportTemplate, [row.id], versions=None if version is None else {row.id: version})


# ---- sent


@command(P.WORK)
def mark_sent(actor: Actor, number: int, *, on: dt.date | None, to: str, version: int) -> None:
    """That this very file left the office: when, and to whom. May be put right; both empty takes it back."""
    row, to = get(actor, number), to.strip()
    if on is None and not to:
        values: dict[str, Any] = {"sent_on": None, "sent_to": "", "sent_by": None}
    else:
        ensure(on is not None, "export.sent_without_day", "sent_on")
        ensure(bool(to), "export.sent_to_nobody", "sent_to")
        ensure(len(to) <= LONGEST_ADDRESSEE, "record.too_long", "sent_to",
               label="报送对象", limit=LONGEST_ADDRESSEE, length=len(to))  # fmt: skip
        ensure(on is not None and on <= clock.today(), "export.sent_in_future", "sent_on")
        values = {"sent_on": on, "sent_to": to, "sent_by": actor.id}
    record.update(ExportRecord, [row.id], values, versions={row.id: version})


def last_sent(actor: Actor, sources: list[int], programme: int) -> dict[int, ExportRecord]:
    """The newest file of each of these templates that was sent in a programme."""
    query = visible(actor).where(
        ExportRecord.source.in_(sources),
        ExportRecord.programme == programme,
        ExportRecord.sent_on.is_null(False),
    )
    return {row.source_id: row for row in query.order_by(ExportRecord.sent_on, ExportRecord.id)}
