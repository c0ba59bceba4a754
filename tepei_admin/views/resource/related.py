"""What hangs on a row: the lists of its children, filtered by it, with counts. Instead of inline forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app
from peewee import fn

from tepei_admin.database import rows
from tepei_admin.permissions import Actor
from tepei_admin.schema import Record
from tepei_admin.services.scope import scope
from tepei_admin.views.resource.listing import of_year


@dataclass(frozen=True)
class Child:
    title: str
    url: str
    count: int


def view_of(model: type[Record]) -> Any | None:
    """The view of a model in this app."""
    return current_app.extensions["resources"].get(model)


def children(actor: Actor, model: type[Record], number: int, programme: int | None) -> list[Child]:
    """The lists that have rows for this one, as far as the actor may read them; one count each."""
    found = []
    for field, child in model._meta.backrefs.items():
        view = view_of(child)
        if view is None or not actor.may(child.panel.read) or field.name not in view.filters:
            continue
        conditions = [field == number, scope(actor, child)]
        if child.panel.year and programme and child.panel.year != field.name:
            conditions.append(of_year(child, child.panel.year, programme))
        kept = [condition for condition in conditions if condition is not None]
        count = rows(child.select(fn.COUNT(1)).where(*kept))[0][0]
        if count:
            several = sum(other is child for other in model._meta.backrefs.values()) > 1
            title = f"{child.panel.title}（{field.verbose_name}）" if several else child.panel.title
            found.append(Child(title, f"{view.url}/?{field.name}={number}", count))
    return found
