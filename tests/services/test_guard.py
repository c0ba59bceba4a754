"""Nothing is written but by a command, and nothing by a command but through `record`."""

from __future__ import annotations

import peewee
import pytest

from tepei_admin.database import UnguardedWrite, db
from tepei_admin.models import AuditEntry, Unit
from tepei_admin.permissions import Actor
from tepei_admin.services import audit, record
from tepei_admin.services.command import command

WAYS = {
    "save": lambda unit: unit.save(),
    "insert": lambda unit: Unit.insert(code="X", name="X").execute(),
    "create": lambda unit: Unit.create(code="X", name="X"),
    "insert_many": lambda unit: Unit.insert_many([{"code": "X", "name": "X"}]).execute(),
    "insert_from": lambda unit: Unit.insert_from(
        Unit.select(peewee.Value("X"), peewee.Value("X")), [Unit.code, Unit.name]
    ).execute(),
    "bulk_create": lambda unit: Unit.bulk_create([Unit(code="X", name="X")]),
    "bulk_update": lambda unit: Unit.bulk_update([unit], [Unit.name]),
    "update": lambda unit: Unit.update(name="X").execute(),
    "set_by_id": lambda unit: Unit.set_by_id(unit.id, {"name": "X"}),
    "delete": lambda unit: Unit.delete().execute(),
    "delete_by_id": lambda unit: Unit.delete_by_id(unit.id),
    "delete_instance": lambda unit: unit.delete_instance(recursive=True),
}
RAW = "UPDATE unit SET name = 'X'"


@pytest.mark.parametrize("way", WAYS)
def test_no_way_of_peewee_writes_outside_a_command(house, way):
    with pytest.raises(UnguardedWrite):
        WAYS[way](house.unit())


def test_raw_sql_is_refused_by_the_connection_itself(house):
    with pytest.raises((peewee.OperationalError, peewee.InternalError), match=r"read-?only"):
        db.execute_sql(RAW)


def test_a_raw_cursor_is_refused_too(house):
    with pytest.raises(Exception, match=r"read-?only"):
        db.obj.cursor().execute(RAW)


@pytest.mark.parametrize("way", WAYS)
def test_inside_a_command_only_record_writes(house, way):
    @command(None)
    def careless(actor: Actor) -> None:
        WAYS[way](house.unit())

    with pytest.raises(UnguardedWrite):
        careless(house.cli)
    assert house.unit().name != "X"


def test_the_connection_is_read_only_again_after_a_command_that_failed(house):
    @command(None)
    def failing(actor: Actor) -> None:
        record.update(Unit, [house.unit().id], {"name": "X"})
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing(house.cli)
    assert house.unit().name == "赤峰市"
    with pytest.raises((peewee.OperationalError, peewee.InternalError)):
        db.execute_sql(RAW)


def test_record_writes_nothing_without_a_command(house):
    with pytest.raises(RuntimeError):
        record.insert(Unit, {"code": "X", "name": "X"})


@pytest.mark.parametrize("sql", ["UPDATE audit_entry SET reason = 'x'", "DELETE FROM audit_entry"])
def test_the_history_takes_no_change_even_with_the_guard_lifted(house, sql):
    with db.obj.unguarded(), pytest.raises(peewee.DatabaseError, match="audit_append_only"):
        db.execute_sql(sql)


def test_the_chain_names_the_first_row_that_was_forged(house):
    house.quota(3)
    house.quota(4)
    assert audit.verify() is None
    forged = AuditEntry.select().order_by(AuditEntry.id.desc()).offset(1).first().id
    with db.obj.unguarded():
        if db.obj.postgres:
            db.execute_sql("ALTER TABLE audit_entry DISABLE TRIGGER ALL")
        else:
            db.execute_sql("DROP TRIGGER audit_no_update")
        db.execute_sql(f"UPDATE audit_entry SET reason = 'x' WHERE id = {forged}")
    assert audit.verify() == audit.Broken(forged)
