"""What the database refuses, as a refusal in words: every constraint of ours has a name."""

from __future__ import annotations

import re
from typing import Any

import peewee
from peewee import SQL

from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.messages import MESSAGES
from tepei_admin.schema import all_models

_SQLITE_UNIQUE = re.compile(r"UNIQUE constraint failed: (?:index '(?P<index>\w+)'|(?P<columns>[\w., ]+))")
_SQLITE_CHECK = re.compile(r"CHECK constraint failed: (?P<name>\w+)")

_DECLARED = re.compile(r"CREATE UNIQUE INDEX (?P<name>\w+) ON \w+ \((?P<columns>[^)]+)\)")


def refusal(error: peewee.IntegrityError) -> RuleViolation:
    """The refusal that stands for a breach; an unworded one still says that the data do not fit."""
    name = _name(error)
    code = f"constraint.{name}"
    if code not in MESSAGES:
        code = (
            "record.in_use"
            if "foreign" in name
            else "record.duplicate"
            if "unique" in name
            else "record.constraint"
        )
    return RuleViolation(Violation(code, params={"constraint": name}))


def _name(error: peewee.IntegrityError) -> str:
    cause = error.__cause__ or error.__context__
    diagnosis = getattr(cause, "diag", None)
    if diagnosis is not None:
        state = getattr(cause, "sqlstate", "")
        name = diagnosis.constraint_name or ""
        if f"constraint.{name}" in MESSAGES:
            return name
        return {"23503": "foreign_key", "23505": "unique"}.get(state, name)
    text = str(error)
    if found := _SQLITE_CHECK.search(text):
        return found["name"]
    if found := _SQLITE_UNIQUE.search(text):
        return found["index"] or _index_of(found["columns"]) or "unique"
    return "foreign_key" if "FOREIGN KEY" in text else "constraint"


def _index_of(columns: str) -> str | None:
    """The unique index over `table.column, table.column`; SQLite names the columns only."""
    table = columns.partition(".")[0]
    names = [part.partition(".")[2] for part in columns.split(", ")]
    for model in all_models():
        if model._meta.table_name == table:
            for index in model._meta.fields_to_index():
                name, listed = _described(index)
                if listed == names:
                    return name
    return None


def _described(index: Any) -> tuple[str, list[str]]:
    """A unique index's name and columns; the partial ones are declared in SQL."""
    if isinstance(index, SQL):
        found = _DECLARED.search(index.sql)
        return (found["name"], found["columns"].split(", ")) if found else ("", [])
    if not getattr(index, "_unique", False):
        return "", []
    return str(index._name), [getattr(item, "column_name", "") for item in index._expressions]
