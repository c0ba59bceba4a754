"""Version, before and after, history: what `record` sees to for every row."""

from __future__ import annotations

import datetime as dt

import pytest

from tepei_admin.errors import NotFound, RuleViolation, Stale
from tepei_admin.models import AuditEntry, PovertyCounty, Programme, Trainee, Unit
from tepei_admin.permissions import Actor
from tepei_admin.services import record, work
from tepei_admin.services.command import command


@command(None)
def do(actor: Actor, action):
    return action()


def history(model: str) -> list[AuditEntry]:
    return list(AuditEntry.select().where(AuditEntry.model == model).order_by(AuditEntry.id))


def test_a_change_is_logged_with_only_the_columns_that_changed(house):
    unit = house.unit()
    do(house.cli, lambda: record.update(Unit, [unit.id], {"name": "新名", "phone": "", "code": unit.code}))
    entry = history("unit")[-1]
    assert (entry.action, entry.object_id, entry.before, entry.after) == (
        "update", unit.id, {"name": "赤峰市"}, {"name": "新名"},
    )  # fmt: skip
    assert entry.by_name == "命令行"
    assert house.unit().version == unit.version + 1


def test_a_row_that_would_not_change_is_neither_written_nor_logged(house):
    unit, before = house.unit(), len(history("unit"))
    changed = do(house.cli, lambda: record.update(Unit, [unit.id], {"name": unit.name}))
    assert changed == [] and len(history("unit")) == before and house.unit().version == unit.version


def test_an_older_version_is_stale_and_tells_the_values_of_today(house):
    unit = house.unit()
    do(house.cli, lambda: record.update(Unit, [unit.id], {"phone": "1"}))
    with pytest.raises(Stale) as refused:
        do(
            house.cli,
            lambda: record.update(Unit, [unit.id], {"phone": "2"}, versions={unit.id: unit.version}),
        )
    assert refused.value.theirs == {"phone": "1"}


def test_compare_and_set_refuses_a_row_with_another_value(house):
    unit = house.unit()
    with pytest.raises(Stale):
        do(house.cli, lambda: record.update(Unit, [unit.id], {"phone": "2"}, expect={"name": "别名"}))
    assert house.unit().phone == ""


def test_a_row_that_is_gone_is_not_found(house):
    with pytest.raises(NotFound):
        do(house.cli, lambda: record.update(Unit, [999_999], {"phone": "2"}))


@pytest.fixture(params=["few", "many"])
def either_way(request, monkeypatch):
    """Few rows go in by INSERT … RETURNING, many by executemany or COPY."""
    if request.param == "many":
        monkeypatch.setattr(record, "CHUNK", 0)


@pytest.mark.parametrize("count", [3, 40])
def test_many_rows_with_values_of_their_own(house, either_way, count):
    rows = [{"code": f"U{i}", "name": f"单位{i}"} for i in range(count)]
    ids = do(house.cli, lambda: record.insert_many(Unit, rows))
    assert [Unit.get_by_id(number).code for number in ids] == [row["code"] for row in rows]
    do(house.cli, lambda: record.update_each(Unit, {number: {"phone": str(number)} for number in ids}))
    assert [Unit.get_by_id(number).phone for number in ids] == [str(number) for number in ids]
    assert {Unit.get_by_id(number).version for number in ids} == {2}
    assert len(history("unit")) >= 2 * count


def test_dates_and_blanks_survive_the_way_through_executemany(house):
    codes = [row.id for row in PovertyCounty.select()][:12]
    days = {number: {"delisted_on": dt.date(2020, 1, index + 1)} for index, number in enumerate(codes)}
    do(house.cli, lambda: record.update_each(PovertyCounty, days))
    assert [PovertyCounty.get_by_id(number).delisted_on for number in codes] == [
        dt.date(2020, 1, index + 1) for index in range(len(codes))
    ]
    do(
        house.cli,
        lambda: record.update_each(PovertyCounty, {number: {"delisted_on": None} for number in codes}),
    )
    assert PovertyCounty.get_by_id(codes[0]).delisted_on is None


def test_however_many_rows_are_stored_the_same(house, monkeypatch):
    person = house.trainee().__data__
    kept = {name: value for name, value in person.items() if name not in ("id", "id_number", "updated_at")}
    kept = {name: value for name, value in kept.items() if name not in ("created_at", "version")}
    for way, numbers in ((400, ("a", "b")), (0, ("c", "d"))):
        monkeypatch.setattr(record, "CHUNK", way)
        rows = [{**kept, "id_number": number} for number in numbers]
        for number in do(house.cli, lambda rows=rows: record.insert_many(Trainee, rows)):
            stored = {name: house.reload(number).__data__[name] for name in kept}
            assert (stored, house.reload(number).version) == (kept, 1)


def test_a_constraint_is_a_refusal_however_many_rows_break_it(house, either_way):
    rows = [{"code": "U1", "name": "单位"}, {"code": "U1", "name": "单位"}]
    with pytest.raises(RuleViolation):
        do(house.cli, lambda: record.insert_many(Unit, rows))
    assert not Unit.select().where(Unit.code == "U1").exists()


def test_a_deleted_row_stays_whole_in_the_history_and_its_number_is_not_given_again(house, either_way):
    number = do(house.cli, lambda: record.insert(Unit, {"code": "U1", "name": "单位一"}))
    do(house.cli, lambda: record.delete(Unit, [number]))
    entry = history("unit")[-1]
    assert entry.action == "delete" and entry.before["name"] == "单位一"
    assert do(house.cli, lambda: record.insert(Unit, {"code": "U2", "name": "单位二"})) > number


def test_what_the_history_keeps_can_be_stored_again(house):
    values = {
        "materials_deadline": dt.date(2019, 3, 30),
        "year": 2019,
        "created_at": dt.datetime(2019, 1, 2, 3, 4, 5),
    }
    kept = {name: record.plain(value) for name, value in values.items()}
    assert record.restored(Programme, kept) == values


def test_effects_run_after_the_commit_and_not_after_a_failure(house):
    ran = []

    def act(fail: bool):
        work.in_hand().after_commit.append(lambda: ran.append(house.unit().phone))
        record.update(Unit, [house.unit().id], {"phone": "1"})
        if fail:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        do(house.cli, lambda: act(True))
    assert ran == []
    do(house.cli, lambda: act(False))
    assert ran == ["1"]


def test_a_command_inside_a_command_is_one_transaction(house):
    def act():
        do(house.cli, lambda: record.update(Unit, [house.unit().id], {"phone": "1"}))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        do(house.cli, act)
    assert house.unit().phone == ""
