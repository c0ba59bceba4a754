"""Where the columns of a file come from: paths over a model, one joined query, raw values made readable in bulk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import peewee
from peewee import JOIN, SQL, Case, NodeList, fn

from tepei_admin import schema
from tepei_admin.choices import AssessmentKind, PlacementState, Status
from tepei_admin.database import db
from tepei_admin.exchange import reckoned
from tepei_admin.exchange.columns import BY_FIELD
from tepei_admin.exchange.masking import tail
from tepei_admin.exchange.writers import Kind, Output
from tepei_admin.models import Assessment, Placement, Trainee
from tepei_admin.permissions import P
from tepei_admin.schema import Record
from tepei_admin.services.work import OFFICE

Values = Sequence[Any]
Show = Callable[..., Values]
"""Columns of raw values -> one column as it reads: a column at a time costs half of a value at a time."""

FETCH = 1000
COUNTING = (PlacementState.CURRENT, PlacementState.CONFIRMED, PlacementState.ENDED)
"""The placement that counts for a person: the first of these."""

BESIDE = {
    "education": "education_written",
    "degree": "degree_written",
    "profession_start": "profession_years",
}
"""What stands in where the column itself says nothing (附件3)."""


LINKS: dict[tuple[type[Record], str], tuple[type[Record], str]] = {
    (Trainee, "placement"): (Placement, "培养安排"),
    (Trainee, "completion"): (Assessment, "结业考核"),
}
"""Ways that are no foreign keys: a person's placement that counts, and the completion assessment."""


@dataclass(frozen=True)
class Source:
    """One column of a file. `places`: which columns of the query `show` makes it of."""

    output: Output
    places: tuple[int, ...]
    show: Show
    sensitive: bool = False


class NoSuchColumn(Exception):
    """A path that leads nowhere, or to something that nobody may export."""


class Joined:
    """One query over a model that grows with the paths asked for; each foreign key is joined once.

    The first column of the query is the row's number.
    """

    def __init__(self, model: type[Record], query: Any, *, masked: bool) -> None:
        self.model, self.query, self.masked = model, query, masked
        self._aliases: dict[tuple[str, ...], tuple[type[Record], Any]] = {(): (model, model)}
        self._selected: list[Any] = [model.id]

    def select(self) -> Any:
        """The query, with all that was asked for."""
        return self.query.select(*self._selected)

    def source(self, header: str, path: str) -> Source:
        """The column of a path (see `templates`). Raises `NoSuchColumn`."""
        if "~" in path:
            return _period(header, [self._source(header, part) for part in path.split("~")])
        parts = [self._source(header, part) for part in path.split("|")]
        return parts[0] if len(parts) == 1 else _first_filled(parts)

    def order(self, path: str) -> Any:
        """The sort key of a path, "-" before it for descending; what is not filled comes last.

        As a person reads it: a status along its road, a track by its place, a text the same on both databases.
        """
        down, path = path.startswith("-"), path.lstrip("-")
        model, field, key = self._end(tuple(path.split(".")), placed=True)
        if field.name in model.panel.sensitive:
            raise NoSuchColumn(path)  # the order would tell what the mask hides (safety A7)
        if hasattr(field, "members"):
            key = Case(
                key, [(value, place) for place, (value, _) in enumerate(field.choices)], len(field.choices)
            )
        elif db.obj.postgres and isinstance(field, peewee.CharField | peewee.TextField):
            key = NodeList((key, SQL('COLLATE "C"')))
        return peewee.Ordering(key, "DESC" if down else "ASC", nulls="LAST")

    def _source(self, header: str, path: str) -> Source:
        path, _, form = path.partition(":")
        if form in reckoned.FORMS:
            kind, name, _, show = reckoned.FORMS[form]
            if path != name or form not in reckoned.OF.get(self.model, ()):
                raise NoSuchColumn(f"{path}:{form}")
            place = self._place(getattr(self.model, name))
            return Source(Output(header, kind, 12), (place,), show)
        model, field, expression = self._end(tuple(path.split(".")))
        sensitive = field.name in model.panel.sensitive
        kind, show = _reads(field)
        expressions = [expression]
        beside = BESIDE.get(field.name) if model is Trainee and "." not in path else None
        if beside:
            expressions.append(model._meta.fields[beside])
            kind, show = "text", _together(field.name, beside)
        if form:
            kind, show = "text", _formed(field, form, f"{path}:{form}")
            expressions = expressions[:1]
        if sensitive and self.masked:
            kind, show = "text", _tails
        places = tuple(self._place(item) for item in expressions)
        return Source(Output(header, kind, _width(model, field, kind)), places, show, sensitive)

    def _place(self, expression: Any) -> int:
        self._selected.append(expression)
        return len(self._selected) - 1

    def _end(self, way: tuple[str, ...], *, placed: bool = False) -> tuple[type[Record], peewee.Field, Any]:
        """(model, field, expression) at the end of a path; a foreign key gives the label of its row, or its place.

        Of a row that only some may read (a user's) there is its label.
        """
        model, alias = self._at(way[:-1])
        field = model._meta.fields.get(way[-1])
        if field is None or field.name in model.panel.hidden or isinstance(field, schema.JsonField):
            raise NoSuchColumn(".".join(way))
        if len(way) > 1 and model.panel.read is not P.READ and field.name != model.panel.label:
            raise NoSuchColumn(".".join(way))
        if isinstance(field, peewee.ForeignKeyField) and field.rel_model.panel.label != "id":
            known = placed and "position" in field.rel_model._meta.fields
            return self._end((*way, "position" if known else field.rel_model.panel.label))
        return model, field, getattr(alias, field.name)

    def _at(self, way: tuple[str, ...]) -> tuple[type[Record], Any]:
        """The model and alias that a path leads to, joined."""
        if way not in self._aliases:
            model, alias = self._at(way[:-1])
            if (model, way[-1]) in LINKS:
                related = LINKS[model, way[-1]][0]
                target, on = _placement(alias) if related is Placement else _completion(alias)
            else:
                field = model._meta.fields.get(way[-1])
                if not isinstance(field, peewee.ForeignKeyField):
                    raise NoSuchColumn(".".join(way))
                related = field.rel_model
                target = related.alias()
                on = getattr(alias, field.name) == target.id
            self._aliases[way] = (related, target)
            self.query = self.query.join_from(alias, target, JOIN.LEFT_OUTER, on=on)
        return self._aliases[way]


class Tally(Joined):
    """People counted by unit and track: `count`, `count:training`; beside it only what unit and track say."""

    def __init__(self, model: type[Record], query: Any, *, masked: bool) -> None:
        super().__init__(model, query, masked=masked)
        self._groups: list[Any] = [model.unit, model.track]
        self._selected = [_pair(model)]

    def select(self) -> Any:
        return super().select().group_by(*self._groups)

    def order(self, path: str) -> Any:
        self._known(path.lstrip("-"))
        self._groups.append(self._end(tuple(path.lstrip("-").split(".")), placed=True)[2])
        return super().order(path)

    def _source(self, header: str, path: str) -> Source:
        name, _, status = path.partition(":")
        if name != "count":
            self._known(name)
            return super()._source(header, path)
        if status and status not in set(Status):
            raise NoSuchColumn(path)
        counted = fn.SUM(Case(None, [(self.model.status == status, 1)], 0)) if status else fn.COUNT(1)
        self._selected.append(counted)
        return Source(Output(header, "int", 8), (len(self._selected) - 1,), _same)

    def _place(self, expression: Any) -> int:
        self._groups.append(expression)
        return super()._place(expression)

    def _known(self, path: str) -> None:
        if path.partition(".")[0] not in ("unit", "track", "programme"):
            raise NoSuchColumn(path)


def _pair(model: Any) -> Any:
    """The number of a line of the tally: unit and track in one."""
    return model.unit * 100_000 + model.track


def _placement(person: Any) -> tuple[Any, Any]:
    """A trainee's placement that counts, as a join that never doubles a row."""
    target, inner = Placement.alias(), Placement.alias()
    first = Case(inner.state, [(state.value, place) for place, state in enumerate(COUNTING)], len(COUNTING))
    numbers = inner.select(inner.id).where(inner.trainee == person.id, inner.state.in_(COUNTING))
    return target, target.id == numbers.order_by(first, inner.id.desc()).limit(1)


def _completion(person: Any) -> tuple[Any, Any]:
    """A trainee's completion assessment; the database lets there be one."""
    target = Assessment.alias()
    return target, (target.trainee == person.id) & (target.kind == AssessmentKind.COMPLETION.value)


def fetch(query: Any) -> Iterator[list[tuple[Any, ...]]]:
    """The raw rows of a query in batches, of one state of the house, never all at once."""
    sql, parameters = query.sql()
    with db.obj.read_snapshot():
        if not db.obj.postgres:
            cursor = db.execute_sql(sql, parameters)
            while batch := cursor.fetchmany(FETCH):
                yield batch
            return
        with db.obj.connection().cursor(name="tepei_export") as cursor:
            cursor.execute(sql, parameters)
            while batch := cursor.fetchmany(FETCH):
                yield batch


# ---- how raw values of both databases read


def _reads(field: peewee.Field) -> tuple[Kind, Show]:
    if field.choices:
        labels = dict(field.choices)
        return "text", lambda values: [labels.get(value, value) for value in values]
    if isinstance(field, peewee.BooleanField):
        return "text", lambda values: [None if value is None else "是" if value else "否" for value in values]
    if isinstance(field, peewee.DateTimeField):
        return "date", _moments
    if isinstance(field, peewee.DateField):
        return "date", lambda values: [value and str(value)[:10] for value in values]
    if isinstance(field, schema.PartialDateField):
        return "date", _same
    if isinstance(field, schema.FenField):
        return "money", _same
    if isinstance(field, peewee.ForeignKeyField):
        title = field.rel_model.panel.title
        return "text", lambda values: [None if value is None else f"{title} {value}" for value in values]
    if isinstance(field, peewee.IntegerField):
        return "int", _same
    return "text", _same


def _same(values: Values) -> Values:
    return values


FORMS = {"month": "1985-03", "chinese": "1985年3月12日", "code": "代码"}
"""How a column may be written otherwise than it is by itself."""


def _formed(field: peewee.Field, form: str, path: str) -> Show:
    """The column in one of these forms. Raises `NoSuchColumn` where it has none such."""
    dated = isinstance(field, peewee.DateField | schema.PartialDateField)
    if form == "month" and dated:
        return lambda values: [value and str(value)[:7] for value in values]
    if form == "chinese" and dated:
        return lambda values: [value and _in_chinese(str(value)[:10]) for value in values]
    if form == "code" and field.choices:
        return _same
    raise NoSuchColumn(path)


@lru_cache(4096)
def _in_chinese(day: str) -> str:
    """1985-03-12 -> 1985年3月12日, as far as it is known."""
    return "".join(f"{int(part)}{unit}" for part, unit in zip(day.split("-"), "年月日", strict=False))


def _moments(values: Values) -> Values:
    return [value and _moment(str(value)[:16]) for value in values]


@lru_cache(4096)
def _moment(minute: str) -> str:
    """A stamp (UTC) in the office's time, to the minute."""
    stamp = dt.datetime.fromisoformat(minute).replace(tzinfo=dt.UTC)
    return stamp.astimezone(OFFICE).strftime("%Y-%m-%d %H:%M")


def _tails(values: Values) -> Values:
    return list(map(tail, values))


def _together(name: str, beside: str) -> Show:
    """Two columns as one, in the words of 附件3."""
    render = BY_FIELD[name].render
    one = lru_cache(4096)(lambda value, other: render({name: value, beside: other}))
    return lambda values, others: list(map(one, values, others))


def _period(header: str, parts: Sequence[Source]) -> Source:
    """2019-09-01 至 2020-08-31, as far as the two dates are known."""
    first, last = parts

    def show(starts: Values, ends: Values) -> Values:
        return [
            f"{start or ''} 至 {end or ''}" if start or end else None
            for start, end in zip(first.show(starts), last.show(ends), strict=True)
        ]

    return Source(Output(header, "text", 26), (*first.places, *last.places), show)


def _first_filled(parts: Sequence[Source]) -> Source:
    """The first of several columns that says something; all of one kind, text and dates counting as one."""
    if len({part.output.kind.replace("date", "text") for part in parts}) > 1:
        raise NoSuchColumn(parts[0].output.header)
    counts = [len(part.places) for part in parts]

    def show(*columns: Values) -> Values:
        rest, shown = list(columns), []
        for part, count in zip(parts, counts, strict=True):
            shown.append(part.show(*rest[:count]))
            del rest[:count]
        return [
            next((value for value in row if value not in (None, "")), None)
            for row in zip(*shown, strict=True)
        ]

    places = tuple(place for part in parts for place in part.places)
    return Source(parts[0].output, places, show, any(part.sensitive for part in parts))


def _width(model: type[Record], field: peewee.Field, kind: Kind) -> int:
    if model is Trainee and field.name in BY_FIELD:
        return BY_FIELD[field.name].width
    if kind != "text":
        return 16 if isinstance(field, peewee.DateTimeField) else 12
    return (
        24 if isinstance(field, peewee.TextField) or (getattr(field, "max_length", None) or 0) > 100 else 14
    )
