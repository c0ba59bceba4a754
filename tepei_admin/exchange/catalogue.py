"""What a template's columns can be: every column of the data it is made of, and of what is joined to it, in words.

A path (`trainee.placement.host`) is how a template keeps a column; `label_of` reads it (学员 · 培养安排 · 培养单位), and
`path_of` finds it again by what was chosen or typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import peewee

from tepei_admin.choices import Status
from tepei_admin.exchange import reckoned
from tepei_admin.exchange.sources import FORMS, LINKS
from tepei_admin.models import (
    ExportRecord,
    ExportTemplate,
    House,
    Placement,
    Proposal,
    SavedView,
    Trainee,
    Upload,
)
from tepei_admin.permissions import P
from tepei_admin.schema import JsonField, Record, all_models

BETWEEN, THEN, OR = " · ", " 至 ", "；空则 "
"""How a path reads over its foreign keys, a period, and a column that stands in for an empty one."""

TALLY = "tally"
FURTHER = {Trainee: ("unit", "track", "programme", "placement", "completion"), Placement: ("host",)}
"""Where a path goes on to from what it has come to; from the data itself it goes everywhere, one step."""

_OWN_AFFAIRS = (ExportRecord, ExportTemplate, House, Proposal, SavedView, Upload)
_PERIODS = (("planned_start", "planned_end"), ("actual_start", "actual_end"), ("starts", "ends"))
_STAMPS = ("version", "created_at", "updated_at")


class Entry(NamedTuple):
    path: str
    label: str


@cache
def resources() -> dict[str, str]:
    """What a template may be made of: {table's name: what the office calls it}. People come first."""
    models = [
        model
        for model in all_models()
        if model.panel.read is P.READ and model not in _OWN_AFFAIRS and model.panel.columns
    ]
    models.sort(key=lambda model: model is not Trainee)
    return {
        **{model._meta.table_name: model.panel.title for model in models},
        TALLY: "人数统计（单位 × 类别 × 状态）",
    }


def model_of(resource: str) -> type[Record] | None:
    if resource == TALLY:
        return Trainee
    return next((model for model in all_models() if model._meta.table_name == resource), None)


@cache
def entries(resource: str) -> tuple[Entry, ...]:
    """The catalogue of a resource."""
    model = model_of(resource)
    if model is None:
        return ()
    if resource == TALLY:
        return tuple(_tally(model))
    return tuple(dict.fromkeys(_columns(model, "", "", 0)))


def _tally(model: type[Record]) -> Iterator[Entry]:
    for name in ("unit", "track"):
        field = model._meta.fields[name]
        yield Entry(name, field.verbose_name)
        yield from _columns(field.rel_model, f"{name}.", f"{field.verbose_name}{BETWEEN}", 3)
    yield Entry("count", "人数")
    for status in Status:
        yield Entry(f"count:{status.value}", f"人数{BETWEEN}{status.label}")


def _columns(model: type[Record], way: str, said: str, depth: int) -> Iterator[Entry]:
    """A model's columns, what is worked out of them, then those of what it leads to."""
    fields = [field for field in model._meta.sorted_fields if _open(model, field)]
    for field in fields:
        if not (depth and field.name in ("id", *_STAMPS)) and field.name != "version":
            yield Entry(f"{way}{field.name}", f"{said}{field.verbose_name or field.name}")
    names = model._meta.fields
    for start, end in _PERIODS:
        if start in names and end in names:
            label = f"{said}{names[start].verbose_name}{THEN}{said}{names[end].verbose_name}"
            yield Entry(f"{way}{start}~{way}{end}", label)
    if not depth:
        for form in reckoned.OF.get(model, ()):
            yield Entry(f"{reckoned.FORMS[form][1]}:{form}", reckoned.FORMS[form][2])
    yield from _beyond(model, way, said, depth)


def _beyond(model: type[Record], way: str, said: str, depth: int) -> Iterator[Entry]:
    further = FURTHER.get(model, ()) if depth else None
    if depth > 2:
        return
    ways = {
        field.name: (field.rel_model, field.verbose_name)
        for field in model._meta.sorted_fields
        if isinstance(field, peewee.ForeignKeyField) and _open(model, field)
    }
    ways |= {name: found for (start, name), found in LINKS.items() if start is model}
    for name, (related, label) in ways.items():
        back = related is model or (depth and related is Trainee)
        if related.panel.read is P.READ and not back and (further is None or name in further):
            yield from _columns(related, f"{way}{name}.", f"{said}{label}{BETWEEN}", depth + 1)


def _open(model: type[Record], field: peewee.Field) -> bool:
    return field.name not in model.panel.hidden and not isinstance(field, JsonField)


# ---- words and paths


@cache
def _labels(resource: str) -> dict[str, str]:
    return dict(entries(resource))


@cache
def _paths(resource: str) -> dict[str, str]:
    """By label; of two with one label the first."""
    return {label: path for path, label in reversed(entries(resource))}


def label_of(resource: str, path: str) -> str:
    """A path in words; what is not in the catalogue, as it stands."""
    known = _labels(resource)
    if path in known:
        return known[path]
    for mark, word in (("|", OR), ("~", THEN)):
        if mark in path:
            return word.join(label_of(resource, part) for part in path.split(mark))
    return path


def path_of(resource: str, text: str) -> str:
    """The path of what was chosen or typed: words of the catalogue, or a path; anything else as it stands."""
    text = text.strip()
    known = _paths(resource)
    if text in known:
        return known[text]
    for mark, word in (("|", OR.strip()), ("~", THEN)):
        if word in text:
            return mark.join(path_of(resource, part) for part in text.split(word))
    return text


# ---- how a column is written

_FORM = re.compile(rf":({'|'.join(FORMS)})(?=$|[~|])")


def split_form(path: str) -> tuple[str, str]:
    """(the path alone, the form it is written in): `birth_date:month` -> birth_date, month."""
    found = _FORM.search(path)
    return _FORM.sub("", path), found[1] if found else ""


def with_form(path: str, form: str) -> str:
    """The path written in a form; each of its parts, where it has several."""
    return re.sub(r"(?=$|[~|])", f":{form}", path) if form else path
