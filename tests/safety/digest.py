"""One hash over all rows of all tables but the history: whether anything has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from tepei_admin.database import db
from tepei_admin.schema import all_models

HISTORY = ("audit_entry",)


def tables(leaving_out: Collection[str] = HISTORY) -> dict[str, str]:
    """The hash of each table, by name."""
    found = {}
    for model in all_models():
        name = model._meta.table_name
        if name not in leaving_out:
            rows = db.execute_sql(f'SELECT * FROM "{name}" ORDER BY id').fetchall()
            found[name] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return found


def digest(leaving_out: Collection[str] = HISTORY) -> str:
    """The hash of them all."""
    return hashlib.sha256(repr(sorted(tables(leaving_out).items())).encode()).hexdigest()
