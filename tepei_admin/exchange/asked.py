"""A template's filter, in the language of the lists' addresses: `status=admitted,training&trainee.unit.code=150400`.

A key may lead over foreign keys; the address of a list can be pasted as it is. Never guessed: what a list would leave
out is refused here, for a file with more rows than meant is worse than none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import peewee

from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.schema import Record
from tepei_admin.services import conditions
from tepei_admin.services.conditions import Asked

OF_THE_LIST = {"sort", "columns", "page", "page_size"}
"""What a list's address says beside its filters."""


def pairs(text: str) -> list[tuple[str, str]]:
    """(key, value) of a filter, of what stands behind the "?", or of a whole address."""
    text = text.strip()
    query = urlsplit(text).query if "?" in text else text
    found = parse_qsl(query, keep_blank_values=True)
    return [(key.strip(), value.strip()) for key, value in found if key.strip() not in OF_THE_LIST]


def tidy(model: type[Record], text: str) -> str:
    """The filter as it is kept. Raises `RuleViolation` for what the model's list does not know."""
    kept = [(key, _found(model, key, value)[2]) for key, value in pairs(text)]
    return "&".join(f"{key}={_quoted(value)}" for key, value in kept)


def conditions_of(model: type[Record], text: str) -> Iterator[Any]:
    """The conditions of a filter on a model. Raises `RuleViolation`."""
    for key, value in pairs(text):
        subject, operation, tidied = _found(model, key, value)
        yield _along(model, key.split("."), conditions.condition(subject, operation, tidied))


def _quoted(value: str) -> str:
    return "".join(f"%{ord(char):02X}" if char in "%&+#?" else char for char in value)


def _found(model: type[Record], key: str, value: str) -> tuple[Asked, str, str]:
    """(column, operation, tidy value) of one condition."""
    if key == "search":
        raise RuleViolation(Violation("export.filter_search", "filter"))
    params = {"key": key, "resource": model.panel.title}
    end, name, operation = _end(model, key.split("."))
    if end is None or (subject := Asked.of(end, name)).kind == "json":
        raise RuleViolation(Violation("export.unknown_filter", "filter", params))
    if operation not in conditions.operations_of(subject):
        whole = subject.sensitive or name in conditions.WHOLE
        code = "export.filter_masked" if whole else "export.unknown_filter"
        raise RuleViolation(Violation(code, "filter", params))
    if (tidied := conditions.tidy(subject, operation, value)) is None:
        raise RuleViolation(Violation("export.filter_value", "filter", {**params, "value": value}))
    return subject, operation, tidied


def _end(model: type[Record], way: list[str]) -> tuple[type[Record] | None, str, str]:
    """(model, column, operation) that a key leads to."""
    field = model._meta.fields.get(way[0])
    if field is None or field.name in model.panel.hidden:
        return None, "", ""
    if len(way) == 1:
        return model, way[0], ""
    if len(way) == 2 and way[1] in conditions.OPERATIONS[1:]:
        return model, way[0], way[1]
    if not isinstance(field, peewee.ForeignKeyField) or field.rel_model.panel.read is not model.panel.read:
        return None, "", ""
    return _end(field.rel_model, way[1:])


def leads_to(model: type[Record], key: str) -> tuple[type[Record], str, str, list[str]] | None:
    """(model, column, operation, the columns on the way there in words); None for a key that leads nowhere."""
    end, name, operation = _end(model, key.split("."))
    if end is None:
        return None
    way, here = [], model
    for step in key.removesuffix(f".{operation}" if operation else "").split(".")[:-1]:
        field = here._meta.fields[step]
        way.append(str(field.verbose_name))
        here = field.rel_model
    return end, name, operation, way


def _along(model: type[Record], way: list[str], condition: Any) -> Any:
    """The condition of a related row, as nested sub-selects."""
    field = model._meta.fields[way[0]]
    if len(way) == 1 or (len(way) == 2 and way[1] in conditions.OPERATIONS[1:]):
        return condition
    related = field.rel_model
    return field.in_(related.select(related.id).where(_along(related, way[1:], condition)))
