"""Which rows an actor may see. One expression a model, without joins, that every door asks.

It fits list, count, update, export and look-up alike: an indirect owner is a sub-select.
"""

from __future__ import annotations

from typing import Any, TypeVar

from peewee import SQL, ForeignKeyField

from tepei_admin.errors import NotFound, Violation
from tepei_admin.permissions import Actor
from tepei_admin.schema import Record

M = TypeVar("M", bound=Record)
LARGEST_ID = 2_147_483_647


def scope(actor: Actor, model: type[Record]) -> Any | None:
    """The condition on `model` for this actor; None: all rows."""
    if actor.unit_id is None or model.panel.shared:
        return None
    owner = model.panel.owner
    if owner is None:
        return SQL("1 = 0")
    if owner == "self":
        return model.id == actor.unit_id
    return along(model, owner, actor.unit_id)


def sees_none(actor: Actor, model: type[Record]) -> bool:
    """Is there no row of this model that such an actor could ever see?"""
    return actor.unit_id is not None and not model.panel.shared and model.panel.owner is None


def along(model: type[Record], way: str, value: Any) -> Any:
    """`trainee.unit` = value, as nested sub-selects: the same for owners and for years."""
    first, _, rest = way.partition(".")
    field = model._meta.fields[first]
    if not rest:
        return field == value
    if not isinstance(field, ForeignKeyField):
        raise TypeError(f"{model.__name__}.{first} leads nowhere")
    related = field.rel_model
    return field.in_(related.select(related.id).where(along(related, rest, value)))


def visible(actor: Actor, model: type[M]) -> Any:
    """All rows of a model that the actor may see, as a query."""
    query = model.select()
    condition = scope(actor, model)
    return query if condition is None else query.where(condition)


def get(actor: Actor, model: type[M], number: object) -> M:
    """The row of that number. Raises `NotFound` for none, one beyond the actor's scope, or no number."""
    parsed = number_of(number)
    row = visible(actor, model).where(model.id == parsed).first() if parsed else None
    if row is None:
        raise NotFound(Violation("access.not_found"))
    return row


def number_of(value: object) -> int | None:
    """A row's number from an address or a form; None for anything that is not one."""
    text = str(value)
    if not (text.isascii() and text.isdigit()):
        return None
    number = int(text[:11])
    return number if 0 < number <= LARGEST_ID else None
