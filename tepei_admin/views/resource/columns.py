"""One column of a model: its label, how its raw values read, and whether it is masked. Found by the field's type.

A view's columns are shared by threads and hold nothing of a request: a foreign key's names come as `names`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import peewee
from markupsafe import Markup, escape

from tepei_admin import schema
from tepei_admin.services.conditions import kind_of
from tepei_admin.views.resource import words
from tepei_admin.views.resource.chips import colour
from tepei_admin.views.resource.masks import masked_json
from tepei_admin.views.resource.spelling import SPELT

Names = Mapping[Any, str]
NO_NAMES: Names = {}


class Column:
    """Text, and whatever has no better class."""

    number = False
    kind = "text"
    options: dict[Any, str] = {}

    def __init__(self, model: type[schema.Record], field: peewee.Field) -> None:
        self.model, self.field = model, field
        self.name: str = field.name
        self.label: str = field.verbose_name or field.name
        self.help: str = field.help_text or ""
        self.sensitive = field.name in model.panel.sensitive
        self.whole = self.sensitive or self.kind in ("day", "partial") or field.name in ("name", "ethnicity")
        """Kept on one line in a list."""

    def words(self, value: Any, names: Names = NO_NAMES) -> str:
        """The value as it reads, without a mask."""
        return "" if value is None else str(value)

    def text(self, value: Any, names: Names = NO_NAMES) -> str:
        """The value as everybody may read it: details, history, exports without the right to reveal."""
        return words.tail(value) if self.sensitive else self.words(value, names)

    def cell(self, value: Any, names: Names = NO_NAMES) -> Markup:
        """The value in a list."""
        return escape(self.text(value, names))


class NumberColumn(Column):
    number = True
    kind = "number"


class IdColumn(NumberColumn):
    """A row's own number, or the number of a row that is kept without a foreign key."""

    number = False


class MoneyColumn(NumberColumn):
    kind = "money"

    def words(self, value: Any, names: Names = NO_NAMES) -> str:
        return f"¥{words.yuan(value)}" if value is not None else ""


class BoolColumn(Column):
    kind = "bool"

    def words(self, value: Any, names: Names = NO_NAMES) -> str:
        return words.yes_no(value)


class DayColumn(Column):
    kind = "day"

    def words(self, value: Any, names: Names = NO_NAMES) -> str:
        return words.partial_day(value)


class PartialDayColumn(DayColumn):
    kind = "partial"


class MomentColumn(Column):
    kind = "moment"

    def words(self, value: Any, names: Names = NO_NAMES) -> str:
        return words.moment(value)


class ChoiceColumn(Column):
    """One of a list, its own or one of `SPELT`; a status is a chip."""

    kind = "choice"

    def __init__(self, model: type[schema.Record], field: peewee.Field) -> None:
        super().__init__(model, field)
        self.options: dict[Any, str] = dict(field.choices or SPELT[field.name]())
        members = getattr(field, "members", None)
        self._cells = {
            value: Markup('<span class="chip {}">{}</span>').format(paint, label)
            for value, label in self.options.items()
            if members and (paint := colour(members, value))
        }

    def words(self, value: Any, names: Names = NO_NAMES) -> str:
        return self.options.get(value) or ("" if value is None else str(value))

    def cell(self, value: Any, names: Names = NO_NAMES) -> Markup:
        return self._cells.get(value) or super().cell(value, names)


class RefColumn(Column):
    """A foreign key, by the name of the row it leads to."""

    kind = "ref"

    @property
    def target(self) -> type[schema.Record]:
        return self.field.rel_model

    def words(self, value: Any, names: Names = NO_NAMES) -> str:
        return "" if value is None else names.get(value) or f"{self.target.panel.title} {value}"


class JsonColumn(Column):
    """A JSON value in readable lines, its sensitive parts masked wherever they are."""

    kind = "json"

    def words(self, value: Any, names: Names = NO_NAMES) -> str:
        if value in (None, ""):
            return ""
        return masked_json(json.loads(value) if isinstance(value, str) else value)


KINDS: dict[str, type[Column]] = {
    kind.kind: kind
    for kind in (
        Column, NumberColumn, MoneyColumn, BoolColumn, DayColumn, PartialDayColumn, MomentColumn, RefColumn, JsonColumn,
    )
}  # fmt: skip


def column(model: type[schema.Record], name: str) -> Column:
    """The column of a field. A field type of tomorrow gets the class of the type it is made from."""
    field = model._meta.fields[name]
    if field.choices or (name in SPELT and isinstance(field, peewee.CharField)):
        return ChoiceColumn(model, field)
    own_or_others = isinstance(field, peewee.AutoField) or name.endswith("_id")
    if isinstance(field, peewee.IntegerField) and own_or_others:
        return IdColumn(model, field)
    return KINDS[kind_of(field)](model, field)
