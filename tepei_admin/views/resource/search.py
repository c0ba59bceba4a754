"""The search box: words in some columns, or one whole ID number or phone that leads to its person."""

from __future__ import annotations

import functools
import operator
import unicodedata
from typing import Any

from tepei_admin.database import rows
from tepei_admin.permissions import Actor
from tepei_admin.schema import Record
from tepei_admin.services.conditions import WHOLE as WHOLE  # one list for addresses and the box
from tepei_admin.services.scope import scope
from tepei_admin.views.resource.state import WHOLE_NUMBER

DOTS = dict.fromkeys(map(ord, "•・‧･．∙⋅●﹒⸱\u0387᛫⦁"), "·")
"""Every middle dot that people type in 阿拉坦·乌拉."""


def plain(text: str) -> str:
    """Half-width letters, one kind of dot, no invisible characters."""
    dotted = text.translate(DOTS)
    halved = "".join(chr(ord(char) - 0xFEE0) if "！" <= char <= "～" else char for char in dotted)
    return "".join(
        char for char in halved if unicodedata.category(char) not in ("Cf", "Cc") or char.isspace()
    )


def person_of(model: type[Record]) -> type[Record]:
    """Whose names and numbers a list is searched by: its own, or those of the people that its rows belong to."""
    way = model._meta.fields.get("trainee")
    return model if way is None else way.rel_model


def searchable(model: type[Record]) -> bool:
    return bool(person_of(model).panel.search)


def condition(model: type[Record], text: str) -> Any | None:
    """All words must be found, each in one of the columns of the row, or all in those of its person.

    A sub-select, so that the count needs no join.
    """
    words, related = plain(text).split(), person_of(model)
    if not words:
        return None
    own = _every(model, words)
    if related is model:
        return own
    theirs = model.trainee.in_(related.select(related.id).where(_every(related, words)))
    return theirs if own is None else own | theirs


def _every(model: type[Record], words: list[str]) -> Any | None:
    """Every word in one of the model's columns; None where it has none to search."""
    fields = [model._meta.fields[name] for name in model.panel.search]
    if not fields:
        return None
    any_of = (functools.reduce(operator.or_, (field.contains(word) for field in fields)) for word in words)
    return functools.reduce(operator.and_, any_of)


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
