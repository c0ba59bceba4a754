"""What the database itself refuses, on both databases; made anew after every migration.

The history is append-only, a paid payment takes no change but the number of its reversal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tepei_admin.database import db
from tepei_admin.models import AuditEntry, Payment
from tepei_admin.schema import Record

_OPEN = {"reversed_by_id", "version", "updated_at"}
"""What may still change on a paid row: the one link to its reversal, and our own stamps with it."""


def install() -> None:
    """Drop and make every trigger. Call with the guard lifted, inside or outside a transaction."""
    for sql in _postgres() if db.obj.postgres else _sqlite():
        db.execute_sql(sql)


def _frozen() -> list[str]:
    return [field.column_name for field in Payment._meta.sorted_fields if field.column_name not in _OPEN]


def _sqlite() -> list[str]:
    changed = " OR ".join(f'OLD."{column}" IS NOT NEW."{column}"' for column in _frozen())
    audit, payment = AuditEntry._meta.table_name, Payment._meta.table_name
    rules = {
        "audit_no_update": f"BEFORE UPDATE ON {audit} BEGIN {_abort('audit_append_only')}; END",
        "audit_no_delete": f"BEFORE DELETE ON {audit} BEGIN {_abort('audit_append_only')}; END",
        "payment_paid_final": (
            f"BEFORE UPDATE ON {payment} WHEN OLD.state = 'paid' AND "
            f"({changed} OR OLD.reversed_by_id IS NOT NULL) BEGIN {_abort('payment_paid_final')}; END"
        ),
        "payment_paid_stays": (
            f"BEFORE DELETE ON {payment} WHEN OLD.state = 'paid' BEGIN {_abort('payment_paid_final')}; END"
        ),
        "payment_not_renumbered": (
            f"BEFORE UPDATE OF id ON {payment} WHEN OLD.id <> NEW.id BEGIN {_abort('payment_paid_final')}; END"
        ),
        **dict(_not_replaced(AuditEntry, "audit_append_only", "TRUE")),
        **dict(_not_replaced(Payment, "payment_paid_final", "kept.state = 'paid'")),
    }
    there = db.execute_sql(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN (?, ?)", (audit, payment)
    ).fetchall()
    return [
        *(f'DROP TRIGGER "{name}"' for (name,) in there),
        *(f"CREATE TRIGGER {name} {body}" for name, body in rules.items()),
    ]


def _abort(text: str) -> str:
    quoted = text.replace("'", "''")
    return f"SELECT RAISE(ABORT, '{quoted}')"


def _not_replaced(model: type[Record], code: str, stays: str) -> Iterator[tuple[str, str]]:
    """OR REPLACE deletes the row in its way, and fires no trigger for it on a connection that is not ours: so whoever
    comes is asked, for each unique index that there is, whether a row that stays holds the place."""
    table = model._meta.table_name
    yield (
        f"{table}_id_stays",
        f"BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} AS kept WHERE {stays} AND kept.id = NEW.id) "
        f"BEGIN {_abort(code)}; END",
    )
    for index, columns, condition in _unique(table):
        same = " AND ".join(f'kept."{column}" = NEW."{column}"' for column in columns)
        counted = f"(SELECT * FROM {table} WHERE {condition})" if condition else table
        clash = f"EXISTS (SELECT 1 FROM {counted} AS kept WHERE {stays} AND {same}"
        counts = (
            f" AND EXISTS (SELECT 1 FROM ({_new(model, condition)}) WHERE {condition})" if condition else ""
        )
        refuses = "BEGIN " + _abort(f"{code}: UNIQUE constraint failed: index '{index}'") + "; END"
        yield f"{index}_stays", f"BEFORE INSERT ON {table} WHEN {clash}){counts} {refuses}"
        yield (
            f"{index}_stays_too",
            f"BEFORE UPDATE ON {table} WHEN {clash} AND kept.id <> OLD.id){counts} {refuses}",
        )


def _unique(table: str) -> list[tuple[str, list[str], str]]:
    """The table's unique indexes as the database has them: name, columns, and the condition of those that have one."""
    found = db.execute_sql(
        "SELECT list.name, master.sql FROM pragma_index_list(?) AS list "
        'JOIN sqlite_master AS master ON master.name = list.name WHERE list."unique" ORDER BY list.name',
        (table,),
    ).fetchall()
    return [(name, _columns(name), sql.partition(" WHERE ")[2]) for name, sql in found]


def _columns(index: str) -> list[str]:
    return [row[0] for row in db.execute_sql("SELECT name FROM pragma_index_info(?)", (index,)).fetchall()]


def _new(model: type[Record], condition: str) -> str:
    """The new row as a table of the columns that a condition speaks of."""
    names = [field.column_name for field in model._meta.sorted_fields]
    spoken = [name for name in names if re.search(rf"\b{name}\b", condition)]
    return "SELECT " + ", ".join(f'NEW."{name}" AS "{name}"' for name in spoken)


def _postgres() -> list[str]:
    changed = " OR ".join(f'OLD."{column}" IS DISTINCT FROM NEW."{column}"' for column in _frozen())
    audit, payment = AuditEntry._meta.table_name, Payment._meta.table_name
    return [
        _function("audit_append_only", "RAISE EXCEPTION 'audit_append_only';"),
        _function(
            "payment_paid_final",
            "IF OLD.state = 'paid' THEN IF TG_OP = 'DELETE' THEN RAISE EXCEPTION 'payment_paid_final'; END IF; "
            f"IF {changed} OR OLD.reversed_by_id IS NOT NULL THEN RAISE EXCEPTION 'payment_paid_final'; END IF; END IF; "
            "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;",
        ),
        f"DROP TRIGGER IF EXISTS audit_append_only ON {audit}",
        f"CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON {audit} "
        "FOR EACH ROW EXECUTE FUNCTION audit_append_only()",
        f"DROP TRIGGER IF EXISTS payment_paid_final ON {payment}",
        f"CREATE TRIGGER payment_paid_final BEFORE UPDATE OR DELETE ON {payment} "
        "FOR EACH ROW EXECUTE FUNCTION payment_paid_final()",
        *_never_truncated(audit, "audit_append_only"),
        *_never_truncated(payment, "payment_paid_final"),
    ]


def _never_truncated(table: str, code: str) -> list[str]:
    """TRUNCATE fires no trigger of rows."""
    return [
        _function(f"{code}_whole", f"RAISE EXCEPTION '{code}';"),
        f"DROP TRIGGER IF EXISTS {code}_whole ON {table}",
        f"CREATE TRIGGER {code}_whole BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {code}_whole()",
    ]


def _function(name: str, body: str) -> str:
    return f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"
