"""Reading a list: few queries, none per row, raw tuples, the count on the bare table, a firm order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from peewee import Case, Ordering, fn

from tepei_admin.database import among, rows
from tepei_admin.permissions import Actor
from tepei_admin.schema import Record
from tepei_admin.services.scope import scope
from tepei_admin.views.resource import search
from tepei_admin.views.resource.columns import ChoiceColumn, Column, RefColumn
from tepei_admin.views.resource.columns import column as column_of
from tepei_admin.views.resource.state import State

if TYPE_CHECKING:
    from tepei_admin.views.resource.view import ResourceView

BOUND = 10_000
"""Totals are counted up to here; beyond, the page says 超过."""
FAR = 1000
"""From this offset on, the numbers are found first and their rows after."""


def of_year(model: type[Record], way: str, number: int) -> Any:
    """The rows of one programme, and those of none where a row need not have one."""
    first, _, rest = way.partition(".")
    field = model._meta.fields[first]
    if rest:
        related = field.rel_model
        inside = field.in_(related.select(related.id).where(of_year(related, rest, number)))
    else:
        inside = field == number
    return inside | field.is_null() if field.null else inside


class Listing:
    """The rows that an actor asks for by a state."""

    def __init__(self, view: ResourceView, actor: Actor, state: State, programme: int | None) -> None:
        self.view, self.model, self.actor, self.state = view, view.model, actor, state
        self.programme = programme

    @cached_property
    def limits(self) -> list[Any]:
        """What holds for the list however it is filtered: the actor's rows, the programme in hand."""
        way, asked = self.model.panel.year, {key for key, _ in self.state.filters}
        year = way and self.programme and way not in asked and "id" not in asked
        found = [scope(self.actor, self.model), of_year(self.model, way, self.programme) if year else None]
        return [condition for condition in found if condition is not None]

    @cached_property
    def asked(self) -> list[Any]:
        """What the person asks for: filters and search."""
        found = [self.view.filters[key].condition(value) for key, value in self.state.filters]
        words = search.condition(self.model, self.state.search) if self.state.search else None
        return found if words is None else [*found, words]

    def total(self) -> tuple[int, bool]:
        """How many rows, and whether there are more than are counted."""
        return self._count([*self.limits, *self.asked])

    def total_unasked(self) -> tuple[int, bool]:
        """How many rows without filters and search."""
        return self._count(self.limits)

    def _count(self, conditions: Sequence[Any]) -> tuple[int, bool]:
        inner = self._where(self.model.select(self.model.id), conditions).limit(BOUND + 1)
        count = rows(self.model.select(fn.COUNT(1)).from_(inner.alias("bounded")))[0][0]
        return min(count, BOUND), count > BOUND

    def rows(self, columns: Iterable[Column]) -> list[tuple[Any, ...]]:
        """One page: the number of each row, then its columns, as the database has them."""
        return self.page(columns)[0]

    def page(self, columns: Iterable[Column]) -> tuple[list[tuple[Any, ...]], bool]:
        """One page, and whether there is another one after it."""
        start, size = self.state.page * self.state.page_size, self.state.page_size
        numbers = self._ordered(self.model.select(self.model.id)).limit(size + 1).offset(start)
        found = self._read(numbers, [self.model.id, *(column.field for column in columns)], far=start >= FAR)
        return found[:size], len(found) > size

    def _read(self, numbers: Any, fields: list[Any], *, far: bool) -> list[tuple[Any, ...]]:
        if not far:
            return rows(numbers.select(*fields))
        wanted = [row[0] for row in rows(numbers)]
        found = {row[0]: row for row in rows(self.model.select(*fields).where(among(self.model.id, wanted)))}
        return [found[number] for number in wanted if number in found]

    def query(self, columns: Iterable[Column]) -> Any:
        """All rows, in the list's order, without their numbers: for export."""
        return self._ordered(self.model.select(*(column.field for column in columns)))

    def ids(self, limit: int | None = None) -> list[int]:
        """The numbers of all rows, in the list's order."""
        query = self._ordered(self.model.select(self.model.id))
        return [row[0] for row in rows(query.limit(limit) if limit else query)]

    def _ordered(self, query: Any) -> Any:
        return self._where(query, [*self.limits, *self.asked]).order_by(*self.order())

    def _where(self, query: Any, conditions: Sequence[Any]) -> Any:
        return query.where(*conditions) if conditions else query

    def order(self) -> list[Any]:
        """The chosen order, or the model's own; the number breaks ties, so that no row changes pages."""
        names = [self.state.sort] if self.state.sort else [*self.model.panel.order]
        if not any(name.lstrip("-") == "id" for name in names):
            names.append("-id" if names[0].startswith("-") else "id")
        return [self._sort_key(name) for name in names]

    def _sort_key(self, name: str) -> Any:
        down, name = name.startswith("-"), name.lstrip("-")
        field = self.model._meta.fields[name]
        key: Any = field
        if self.state.sort.lstrip("-") == name:
            field = self.model._meta.fields[self.view.sort_as.get(name, name)]
            key = self._read_order(self.view.columns[name], field)
        return Ordering(key, "DESC" if down else "ASC", nulls="LAST" if field.null else None)

    def _read_order(self, column: Column, field: Any) -> Any:
        """As a person reads it: a status along its road, a foreign key by its name."""
        if isinstance(column, RefColumn):
            related = column.target.alias()
            label = getattr(related, column.target.panel.label)
            return related.select(label).where(related.id == field)
        if isinstance(column, ChoiceColumn) and hasattr(field, "members"):
            return Case(
                field, [(value, place) for place, value in enumerate(column.options)], len(column.options)
            )
        return field


def names_of(
    columns: Iterable[Column], table: Sequence[Sequence[Any]], more: Iterable[tuple[Column, int]] = ()
) -> Any:
    """{column: {number: name}} of the foreign keys in some rows: one query a foreign key, however many rows."""
    wanted: dict[str, set[int]] = {}
    targets: dict[str, RefColumn] = {}
    for place, column in enumerate(columns, start=1):
        if isinstance(column, RefColumn):
            targets[column.name] = column
            wanted.setdefault(column.name, set()).update(
                row[place] for row in table if row[place] is not None
            )
    for column, number in more:
        targets[column.name] = column
        wanted.setdefault(column.name, set()).add(number)
    return {name: labels(targets[name].target, numbers) for name, numbers in wanted.items()}


def labels(model: type[Record], numbers: Iterable[int]) -> dict[int, str]:
    """What some rows are called; none where a model's rows have only a number."""
    wanted, panel = sorted(set(numbers)), model.panel
    if not wanted or (panel.called or panel.label) == "id":
        return {}
    fields = [model._meta.fields[name] for name in (panel.label, panel.called or panel.label)]
    found = rows(model.select(model.id, *fields).where(among(model.id, wanted)))
    if panel.called:
        said = _said(column_of(model, panel.called), {row[2] for row in found})
        found = [(number, said.get(value) or label) for number, label, value in found]
    return {row[0]: str(row[1]) for row in found if panel.label != "id" or isinstance(row[1], str)}


def _said(called: Column, values: set[Any]) -> dict[Any, str]:
    """These values of a column as they read."""
    if isinstance(called, RefColumn):
        return labels(called.target, [value for value in values if value is not None])
    return {value: called.words(value) for value in values}
