"""The search box: words in some columns, or one whole ID number or phone that leads to its person."""

from __future__ import annotations

import functools
import operator
import unicodedata
from typing import Any

from tepei_admin.database import rows
from tepei_admin.permissions import Actor
from tepei_admin.schema import Record
from tepei_admin.services.scope import scope
from tepei_admin.views.resource.state import WHOLE_NUMBER

DOTS = dict.fromkeys(map(ord, "•・‧･．∙⋅●﹒⸱\u0387᛫⦁"), "·")
"""Every middle dot that people type in 阿拉坦·乌拉."""
WHOLE = ("id_number", "mobile")
"""Columns that are found by their whole value."""


def plain(text: str) -> str:
    """Half-width letters, one kind of dot, no invisible characters."""
    dotted = text.translate(DOTS)
    halved = "".join(chr(ord(char) - 0xFEE0) if "！" <= char <= "～" else char for char in dotted)
    return "".join(
        char for char in halved if unicodedata.category(char) not in ("Cf", "Cc") or char.isspace()
    )


def person_of(model: type[Record]) -> type[Record]:
    """Whose names a list is searched by: its own, or those of the people that its rows belong to."""
    way = model._meta.fields.get("trainee")
    return way.rel_model if way is not None and not model.panel.search else model


def searchable(model: type[Record]) -> bool:
    return bool(person_of(model).panel.search)


def condition(model: type[Record], text: str) -> Any | None:
    """All words must be found, each in one of the columns. A sub-select, so that the count needs no join."""
    related = person_of(model)
    found = [_word(related, word) for word in plain(text).split()]
    if not found:
        return None
    every = functools.reduce(operator.and_, found)
    return every if related is model else model.trainee.in_(related.select(related.id).where(every))


def _word(model: type[Record], word: str) -> Any:
    fields = (model._meta.fields[name] for name in model.panel.search)
    return functools.reduce(operator.or_, (field.contains(word) for field in fields))


def whole_number(text: str) -> str | None:
    """The ID number or phone that the box holds, and nothing else; None for any other text."""
    squeezed = "".join(plain(text).split()).replace("-", "").upper()
    return squeezed if WHOLE_NUMBER.fullmatch(squeezed) else None


def people(actor: Actor, model: type[Record], number: str) -> list[int]:
    """The rows with this ID number or phone, among those that the actor may see."""
    fields = [model._meta.fields[name] for name in WHOLE if name in model._meta.fields]
    if not fields:
        return []
    query = model.select(model.id).where(
        functools.reduce(operator.or_, (field == number for field in fields))
    )
    allowed = scope(actor, model)
    query = query if allowed is None else query.where(allowed)
    return [row[0] for row in rows(query.order_by(-model.id).limit(20))]
