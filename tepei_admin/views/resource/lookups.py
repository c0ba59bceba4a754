"""Finding the row that a foreign key means: a short list to choose from, or words that the server resolves."""

from __future__ import annotations

import functools
import operator
from typing import Any

from tepei_admin.database import rows
from tepei_admin.permissions import Actor
from tepei_admin.schema import Record
from tepei_admin.services.scope import scope
from tepei_admin.views.resource.listing import labels, of_year
from tepei_admin.views.resource.search import plain

SHORT = 50
"""Up to so many rows in scope are a <select>; more are a text box."""
OFFERED = 20
"""Rows that a look-up answers with at most."""

Option = tuple[int, str]


class Lookup:
    """The rows of one model that an actor may point at, in the programme in hand."""

    def __init__(
        self, model: type[Record], actor: Actor, programme: int | None, *, only: str | None = None
    ) -> None:
        """`only`: a tick of the model that a row must have to be chosen."""
        self.model, self.actor, self.programme, self.only = model, actor, programme, only

    @functools.cached_property
    def short(self) -> list[Option] | None:
        """All of them in order, in one query; None where they are too many to choose from."""
        found = self._options(self._query(), SHORT + 1)
        return found if len(found) <= SHORT else None

    def option(self, number: int) -> Option | None:
        """One row, if it is in scope. One that is out of use or of another year may stay where it is."""
        found = self._options(self._query(current=False).where(self.model.id == number), 1)
        return found[0] if found else None

    def find(self, text: str, limit: int = OFFERED) -> list[Option]:
        """The rows that a text may mean: the one of this very code or name, else all that contain every word."""
        words = plain(text).split()
        if not words or "\0" in text:
            return []
        exact = self._any(lambda field: field == " ".join(words))
        found = self._options(self._query().where(exact), 2)
        if len(found) == 1:
            return found
        every = (self._any(lambda field, word=word: field.contains(word)) for word in words)
        return self._options(self._query().where(*every), limit)

    def _any(self, test: Any) -> Any:
        names = dict.fromkeys((self.model.panel.label, *self.model.panel.search))
        fields = [self.model._meta.fields[name] for name in names if name != "id"]
        return functools.reduce(operator.or_, map(test, fields)) if fields else self.model.id == 0

    def _query(self, *, current: bool = True) -> Any:
        model = self.model
        query = model.select(model.id, model._meta.fields[model.panel.label])
        conditions = [scope(self.actor, model)]
        if current and "active" in model._meta.fields:
            conditions.append(model.active == True)  # noqa: E712
        if current and self.only:
            conditions.append(model._meta.fields[self.only] == True)  # noqa: E712
        if current and model.panel.year and self.programme:
            conditions.append(of_year(model, model.panel.year, self.programme))
        kept = [condition for condition in conditions if condition is not None]
        return query.where(*kept) if kept else query

    def _options(self, query: Any, limit: int) -> list[Option]:
        order = (self.model._meta.fields[name.lstrip("-")] for name in self.model.panel.order)
        keys = (
            key.desc() if name.startswith("-") else key
            for key, name in zip(order, self.model.panel.order, strict=True)
        )
        found = rows(query.order_by(*keys, self.model.id).limit(limit))
        title = f"{self.model.panel.title} " if self.model.panel.label == "id" else ""
        called = labels(self.model, [row[0] for row in found]) if self.model.panel.called else {}
        return [(row[0], called.get(row[0]) or f"{title}{row[1]}") for row in found]
