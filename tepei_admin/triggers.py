"""What the database itself refuses, on both databases; made anew after every migration.

The history is append-only, a paid payment takes no change but the number of its reversal.
"""

from __future__ import annotations

from tepei_admin.database import db
from tepei_admin.models import AuditEntry, Payment

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
        "audit_no_update": f"BEFORE UPDATE ON {audit} BEGIN SELECT RAISE(ABORT, 'audit_append_only'); END",
        "audit_no_replace": (
            f"BEFORE INSERT ON {audit} WHEN EXISTS (SELECT 1 FROM {audit} WHERE id = NEW.id) "
            "BEGIN SELECT RAISE(ABORT, 'audit_append_only'); END"
        ),
        "audit_no_delete": f"BEFORE DELETE ON {audit} BEGIN SELECT RAISE(ABORT, 'audit_append_only'); END",
        "payment_paid_final": (
            f"BEFORE UPDATE ON {payment} WHEN OLD.state = 'paid' AND "
            f"({changed} OR OLD.reversed_by_id IS NOT NULL) "
            "BEGIN SELECT RAISE(ABORT, 'payment_paid_final'); END"
        ),
        "payment_paid_stays": (
            f"BEFORE DELETE ON {payment} WHEN OLD.state = 'paid' "
            "BEGIN SELECT RAISE(ABORT, 'payment_paid_final'); END"
        ),
        # OR REPLACE deletes the row in its way, and fires no trigger for it on a connection that is not ours.
        "payment_paid_not_replaced": (
            f"BEFORE INSERT ON {payment} WHEN EXISTS "
            f"(SELECT 1 FROM {payment} WHERE id = NEW.id AND state = 'paid') "
            "BEGIN SELECT RAISE(ABORT, 'payment_paid_final'); END"
        ),
        "payment_not_renumbered": (
            f"BEFORE UPDATE OF id ON {payment} WHEN OLD.id <> NEW.id "
            "BEGIN SELECT RAISE(ABORT, 'payment_paid_final'); END"
        ),
    }
    return [
        sql
        for name, body in rules.items()
        for sql in (f"DROP TRIGGER IF EXISTS {name}", f"CREATE TRIGGER {name} {body}")
    ]


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
