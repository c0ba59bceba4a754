"""What the templates of a resource are given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from flask import flash

from tepei_admin.database import among
from tepei_admin.schema import STAMPS, Record
from tepei_admin.services import scope
from tepei_admin.views import year
from tepei_admin.views.resource import history, related, search
from tepei_admin.views.resource.columns import NO_NAMES, Column, JsonColumn, RefColumn
from tepei_admin.views.resource.forms import RecordForm
from tepei_admin.views.resource.listing import labels, names_of
from tepei_admin.views.resource.lookups import Lookup
from tepei_admin.views.resource.rows import Rows
from tepei_admin.views.resource.state import SIZES, State
from tepei_admin.views.rights import actor

if TYPE_CHECKING:
    from tepei_admin.views.resource.view import ResourceView


OFFERS = 4
"""Verbs that have a button in the bar; the rest are under 更多."""


def pairs(query: str) -> list[tuple[str, str]]:
    """The parameters of a posted query string."""
    return parse_qsl(query.removeprefix("?"), max_num_fields=100)


def list_page(view: ResourceView, state: State) -> dict[str, Any] | None:
    """One page of the list; None for a page beyond the last."""
    listing = view.listing(state)
    shown = [view.columns[name] for name in state.columns] or view.listed
    extra = [view.columns[name] for name in view.beneath.values()] if not state.columns else []
    columns = list(dict.fromkeys((*shown, *extra)))
    table, further = listing.page(columns)
    if not table and state.page:
        return None
    total, more = listing.total()
    names = names_of(columns, table, _asked(view, state))
    offers = view.offers()
    rows = Rows(
        columns,
        {} if state.columns else view.beneath,
        f"{view.url}/",
        state.query(),
        tick=bool(offers) or view.can_export,
        person=_person(columns),
    )
    return {
        "state": state,
        "rows": rows.draw(table, names),
        "headers": rows.headers(),
        "person": rows.person,
        "ticks": rows.tick,
        "shown": len(table),
        "total": total,
        "more": more,
        "unasked": listing.total_unasked() if state.filters or state.search else (total, more),
        "chips": [
            (view.filters[key].words(value, names.get(_name(key), {})), state.without(key))
            for key, value in state.filters
        ],
        "pager": pager(state, total, len(table), further=further),
        "offers": offers[:OFFERS],
        "offers_more": offers[OFFERS:],
        "searchable": view._search_supported,
    }


def _person(columns: list[Column]) -> int | None:
    """Where a row's person stands in it, for the way to 档案."""
    return next((place for place, column in enumerate(columns, start=1) if column.name == "trainee"), None)


def _name(key: str) -> str:
    return key.partition(".")[0]


def _asked(view: ResourceView, state: State) -> list[tuple[Column, int]]:
    """The foreign keys that the filters name, so that their chips can say 赤峰市; none that the actor may not see."""
    found: list[tuple[Column, int]] = []
    for key, value in state.filters:
        column = view.filters[key].column
        if isinstance(column, RefColumn) and view.filters[key].operation in ("", "not"):
            numbers = [number for part in value.split(",") if (number := scope.number_of(part))]
            found += [(column, number) for number in _visible(column.target, numbers)]
    return found


def _visible(model: type[Record], numbers: list[int]) -> list[int]:
    if actor().unit_id is None:
        return numbers
    query = scope.visible(actor(), model).where(among(model.id, numbers))
    return [number for (number,) in query.select(model.id).tuples()]


def pager(state: State, total: int, shown: int, *, further: bool) -> dict[str, Any]:
    """Previous and next, and where one is."""
    last = max(0, (total - 1) // state.page_size)
    return {
        "first": state.page * state.page_size + 1,
        "to": state.page * state.page_size + shown,
        "previous": state.query(page=state.page - 1) if state.page else None,
        "next": state.query(page=state.page + 1) if further else None,
        "pages": last + 1,
        "needed": total > SIZES[0],
    }


@dataclass(frozen=True)
class FilterGroup:
    """The boxes of one column in the filter form. `first`: not under 更多."""

    column: Column
    values: dict[str, str]
    options: list[tuple[Any, str]] | None
    first: bool

    @property
    def used(self) -> bool:
        return any(self.values.values())


BOXES = ("", "has", "min", "max", "empty")
"""Operations that the filter form has boxes for; the others are for those who write addresses."""


def filter_page(view: ResourceView, state: State) -> dict[str, Any]:
    """The filter form, filled in with what holds; also which columns are shown."""
    chosen, names = dict(state.filters), [column.name for column in view.listed]
    groups = []
    for column in sorted(
        view.columns.values(), key=lambda item: names.index(item.name) if item.name in names else 99
    ):
        keys = [
            key for key, item in view.filters.items() if item.column is column and item.operation in BOXES
        ]
        if keys and column.name not in STAMPS | {view.panel.year}:
            values = {key: chosen.pop(key, "") for key in keys}
            groups.append(FilterGroup(column, values, _options(column), column.name in names))
    return {
        "state": state,
        "groups": [group for group in groups if group.options is not None or _boxed(group)],
        "kept": list(chosen.items()),
        "shown": state.columns or names,
        "choosable": [column for column in view.columns.values() if not isinstance(column, JsonColumn)],
    }


def _boxed(group: FilterGroup) -> bool:
    return any(key.endswith((".has", ".min", ".empty")) for key in group.values)


def _options(column: Column) -> list[tuple[Any, str]] | None:
    """What a column's <select> offers; None where it is a box to type in."""
    if column.kind == "choice":
        return list(column.options.items())
    if column.kind == "bool":
        return [("1", "是"), ("0", "否")]
    if not isinstance(column, RefColumn):
        return None
    programme = year.current()
    return Lookup(column.target, actor(), programme and programme.id).short


def way_to(view: ResourceView, number: str) -> str:
    """The address for an ID number or phone: its person, or the few who share it (by their numbers)."""
    model = search.person_of(view.model)
    owner = related.view_of(model) or view
    found = search.people(actor(), model, number)
    if len(found) == 1:
        return f"{owner.url}/{found[0]}"
    if found:
        return f"{owner.url}/?id={','.join(map(str, found))}"
    flash("没有找到这个号码的人", "bad")
    return f"{view.url}/"


@dataclass(frozen=True)
class Section:
    title: str
    columns: list[Column]


def sections(view: ResourceView, names: list[str]) -> list[Section]:
    """The view's groups, as far as they have these columns; what is in no group comes last."""
    wanted, placed = dict.fromkeys(names), set()
    found = []
    for title, group in view.groups:
        columns = [view.columns[name] for name in group if name in wanted and name in view.columns]
        placed.update(column.name for column in columns)
        if columns:
            found.append(Section(title, columns))
    rest = [view.columns[name] for name in names if name in view.columns and name not in placed]
    return [*found, Section("其他" if found else view.panel.title, rest)] if rest else found


def details_page(view: ResourceView, row: Record, revealed: Mapping[str, str]) -> dict[str, Any]:
    """One row: its values in sections, what hangs on it, its history, its neighbours in the list one came from."""
    programme = year.current()
    values = {name: _raw(view.columns[name], row.__data__.get(name)) for name in view.columns}
    names = {
        column.name: labels(column.target, [values[column.name]])
        for column in view.columns.values()
        if isinstance(column, RefColumn) and values[column.name] is not None
    }
    shown = [name for name in view.columns if name not in STAMPS]
    return {
        "row": row,
        "title": _title(view, row, names),
        "sections": sections(view, shown),
        "texts": {
            name: revealed.get(name) or view.columns[name].text(values[name], names.get(name, NO_NAMES))
            for name in shown
        },
        "cells": {name: view.columns[name].cell(values[name], names.get(name, NO_NAMES)) for name in shown},
        "revealed": revealed,
        "links": _links(view, values),
        "children": related.children(actor(), view.model, row.id, programme.id if programme else None),
        "history": history.latest(view.model, row.id),
        "state": view.state(),
        "neighbours": neighbours(view, row.id),
    }


def _raw(column: Column, value: Any) -> Any:
    """As the database has it, which is what columns read."""
    return (
        json.dumps(value, ensure_ascii=False)
        if isinstance(column, JsonColumn) and value is not None
        else value
    )


def _title(view: ResourceView, row: Record, names: Mapping[str, Any]) -> str:
    """The row's own name; where it has none, whose it is: 王明 · 请假."""
    if view.panel.label != "id":
        return str(row)
    whose = names.get("trainee", {}).get(row.__data__.get("trainee"))
    return f"{whose} · {view.panel.title}" if whose else f"{view.panel.title} {row.id}"


def _links(view: ResourceView, values: Mapping[str, Any]) -> dict[str, str]:
    """Where a foreign key's value leads, if the actor may go there."""
    found = {}
    for column in view.columns.values():
        if isinstance(column, RefColumn) and values[column.name] is not None:
            target = related.view_of(column.target)
            if target and actor().may(column.target.panel.read):
                found[column.name] = f"{target.url}/{values[column.name]}"
    return found


def neighbours(view: ResourceView, number: int) -> dict[str, Any] | None:
    """Previous and next in the list that the address remembers, and the place in it."""
    state = view.state()
    ids = view.listing(state).ids(limit=10_000)
    if number not in ids:
        return None
    place = ids.index(number)
    return {
        "place": place + 1,
        "total": len(ids),
        "previous": ids[place - 1] if place else None,
        "next": ids[place + 1] if place + 1 < len(ids) else None,
        "query": state.query(),
    }


def form_page(
    view: ResourceView, form: RecordForm, row: Record | None, version: str | None
) -> dict[str, Any]:
    """The form in sections; where somebody else was faster, with their values beside ours."""
    fields = {field.name: field for field in form}
    for field in fields.values():
        target = getattr(field, "target", None)
        owner = related.view_of(target) if target else None
        field.source = f"{owner.url}/lookup" if owner and actor().may(target.panel.read) else ""
    return {
        "row": row,
        "form": form,
        "fields": fields,
        "sections": sections(view, list(fields)),
        "version": version or (row.version if row else ""),
        "theirs": _theirs(view, form),
        "back": f"{view.url}/{row.id}" if row else f"{view.url}/",
    }


def _theirs(view: ResourceView, form: RecordForm) -> dict[str, str]:
    """What stands in the row now, for the fields that somebody else has changed as well."""
    found = {}
    for name, value in form.theirs.items():
        column = view.columns[name]
        names = labels(column.target, [value]) if isinstance(column, RefColumn) and value else NO_NAMES
        found[name] = column.text(_raw(column, value), names) or "（空）"
    return found
