"""B5: what was paid is not changed, by nobody and in no way; it is put right by an entry that reverses it."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from peewee import DatabaseError, IntegrityError

from tepei_admin.choices import PaymentKind, PaymentState
from tepei_admin.database import db
from tepei_admin.errors import NotAllowed, Refusal
from tepei_admin.models import Payment, Termination
from tepei_admin.services import constraints, crud, entries, money, sums
from tests.services.cast import _write
from tests.services.money_cast import (
    completed,
    disqualified,
    in_training,
    ledger,
    paid,
    propose,
    received,
    step,
)
from tests.views.browser import Browser
from tests.views.conftest import panel

OPEN = {"id", "reversed_by", "version", "updated_at"}


def refused_by_the_database():
    return pytest.raises((DatabaseError, Refusal))


@pytest.fixture
def row(house) -> Payment:
    house.quota(5)
    return paid(house, "tuition", in_training(house))[0]


def test_every_column_of_a_paid_row_is_frozen_by_sql(house, row):
    for field in Payment._meta.sorted_fields:
        if field.name in OPEN:
            continue
        value = (
            "'2020-01-01'" if "DATE" in field.field_type else "7" if field.field_type != "VARCHAR" else "'x'"
        )
        if field.field_type == "BOOL":
            value = "true"
        with db.obj.unguarded(), pytest.raises(DatabaseError):
            db.execute_sql(f"UPDATE payment SET {field.column_name} = {value} WHERE id = {row.id}")
    assert Payment.get_by_id(row.id).__data__ == row.__data__


SQL = {
    "deleted": "DELETE FROM payment WHERE id = {row}",
    "all deleted": "DELETE FROM payment",
    "a fen more": "UPDATE payment SET amount = amount + 1 WHERE id = {row}",
    "unpaid again": "UPDATE payment SET state = 'approved', paid_on = NULL WHERE id = {row}",
    "void": "UPDATE payment SET state = 'void', paid_on = NULL WHERE id = {row}",
    "of another": "UPDATE payment SET trainee_id = trainee_id + 1 WHERE id = {row}",
    "another account": "UPDATE payment SET bank_account = '1' WHERE id = {row}",
}


# --- OR REPLACE, by a connection without our settings: it fires no trigger for the row that it deletes


def _reversed(house) -> Payment:
    row = paid(house, "tuition", in_training(house))[0]
    step(house, "reverse", row, reason="重复支付")
    step(house, "approve", Payment.get(Payment.reverses == row.id))
    return Payment.get_by_id(row.id)


HOLDING = {
    "id": lambda house: paid(house, "tuition", in_training(house))[0],
    "payment_one_tuition": lambda house: paid(house, "tuition", in_training(house))[0],
    "payment_one_stipend": lambda house: paid(house, "stipend", completed(house))[0],
    "payment_one_reversal": lambda house: Payment.get(Payment.reverses == _reversed(house).id),
    "payment_reversed_by_id": _reversed,
}
"""A paid row that holds a place in the table's own order, and in each unique index."""
ALL = [field.column_name for field in Payment._meta.sorted_fields]
LIKE_IT = ", ".join(name for name in ALL if name != "id")
REPLACED = {
    "by a new row": f"INSERT OR REPLACE INTO payment (id, {LIKE_IT}) SELECT {{number}}, {LIKE_IT} FROM payment WHERE id = {{like}}",
    "by a row that takes its place": (
        f"UPDATE OR REPLACE payment SET (id, {LIKE_IT}) = "
        f"(SELECT {{number}}, {LIKE_IT} FROM payment WHERE id = {{like}}) WHERE id = {{draft}}"
    ),
}  # fmt: skip


@pytest.fixture
def stranger(sqlite_house):
    """Opens the file with nothing but SQLite."""
    with closing(sqlite3.connect(db.obj.database)) as connection:
        yield connection


def replacing(house, index: str, way: str) -> tuple[Payment, str]:
    house.quota(5)
    row, draft = HOLDING[index](house), propose(house, "tuition", in_training(house))[0]
    number = row.id if index == "id" else "NULL" if way == "by a new row" else draft.id
    like = draft.id if index == "id" else row.id
    return row, REPLACED[way].format(like=like, draft=draft.id, number=number)


def test_no_unique_index_of_the_ledger_is_forgotten(sqlite_house):
    found = db.execute_sql("SELECT name FROM pragma_index_list('payment') WHERE \"unique\"").fetchall()
    assert {"id", *(name for (name,) in found)} == set(HOLDING)


@pytest.mark.parametrize("way", REPLACED)
@pytest.mark.parametrize("index", HOLDING)
def test_a_stranger_to_the_house_cannot_replace_a_paid_row(sqlite_house, stranger, index, way):
    row, words = replacing(sqlite_house, index, way)
    with pytest.raises(sqlite3.IntegrityError, match="payment_paid_final"):
        stranger.execute(words)
    assert Payment.get_by_id(row.id).__data__ == row.__data__


@pytest.mark.parametrize("way", REPLACED)
@pytest.mark.parametrize("index", HOLDING)
def test_without_the_index_s_own_trigger_a_stranger_replaces_it(sqlite_house, stranger, index, way):
    row, words = replacing(sqlite_house, index, way)
    own = "payment_id_stays" if index == "id" else f"{index}_stays"
    for name in (own, "payment_not_renumbered") if index == "id" else (own, f"{own}_too"):
        stranger.execute(f"DROP TRIGGER {name}")
    stranger.execute(words)
    found = stranger.execute("SELECT state FROM payment WHERE id = ?", (row.id,)).fetchall()
    assert found == ([("draft",)] if index == "id" else []), "the paid row is gone"


def test_who_comes_second_is_told_what_is_in_the_way(sqlite_house):
    """The same words, whether the index or its trigger was asked first."""
    _, words = replacing(sqlite_house, "payment_one_tuition", "by a new row")
    with db.obj.unguarded(), pytest.raises(IntegrityError) as error:
        db.execute_sql(words)
    assert constraints.refusal(error.value).violations[0].code == "constraint.payment_one_tuition"


@pytest.mark.parametrize("way", SQL)
def test_raw_sql_is_refused_by_a_trigger(house, row, way):
    with db.obj.unguarded(), pytest.raises(DatabaseError, match="payment_paid_final"):
        db.execute_sql(SQL[way].format(row=row.id))
    assert Payment.get_by_id(row.id).__data__ == row.__data__


def test_all_at_once_is_refused_as_well(house, row):
    if not db.obj.postgres:
        return
    with db.obj.unguarded(), pytest.raises(DatabaseError, match="payment_paid_final"):
        db.execute_sql("TRUNCATE payment CASCADE")


def test_without_the_trigger_sql_would_change_it(house, row):
    with db.obj.unguarded():
        db.execute_sql(
            "ALTER TABLE payment DISABLE TRIGGER ALL"
            if db.obj.postgres
            else "DROP TRIGGER payment_paid_final"
        )
        db.execute_sql(f"UPDATE payment SET amount = amount + 1 WHERE id = {row.id}")
    assert Payment.get_by_id(row.id).amount == row.amount + 1
    assert any("计算过程与金额不符" in text for text in sums.disagreements())


def test_a_command_that_would_change_it_is_refused(house, row):
    from tepei_admin.services import record

    for action in (
        lambda: record.update(Payment, [row.id], {"amount": 1}),
        lambda: record.delete(Payment, [row.id]),
    ):
        with refused_by_the_database():
            _write(house.cli, action)
    assert Payment.get_by_id(row.id).__data__ == row.__data__


def test_the_model_is_refused_outside_a_command(house, row):
    row.amount = 1
    for way in (row.save, row.delete_instance, lambda: Payment.update(amount=1).execute()):
        with pytest.raises(RuntimeError):
            way()


def test_forms_and_actions_leave_it_alone(house, row, tmp_path):
    for action in (
        lambda: crud.edit(house.cli, Payment, row.id, 1, {"amount": 1}),
        lambda: crud.remove(house.cli, Payment, row.id),
    ):
        with pytest.raises(Refusal):
            action()
    for name in ("pay", "void", "approve"):
        outcome = step(house, name, row, reason="重复")
        assert not outcome.done
    admin = Browser(panel(house, tmp_path)).sign_in(house, "admin")
    for path in ("edit", "delete"):
        assert admin.post(f"/payments/{row.id}/{path}", amount="1").status_code in (403, 404, 405, 422)
    assert Payment.get_by_id(row.id).__data__ == row.__data__


def test_a_reversal_puts_it_right_and_both_stand(house, row):
    step(house, "reverse", row, reason="重复支付")
    entry = Payment.get(Payment.reverses == row.id)
    step(house, "approve", entry)
    now = Payment.get_by_id(row.id)
    assert (now.amount, now.state, now.reversed_by_id) == (row.amount, "paid", entry.id)
    for other in (row.id, entry.id):
        with db.obj.unguarded(), pytest.raises(DatabaseError, match="payment_paid_final"):
            db.execute_sql(f"UPDATE payment SET reversed_by_id = NULL, voucher = 'x' WHERE id = {other}")
    assert not [item for item in money.sums(house.cli, house.programme().id) if item.amount]
    assert list(sums.disagreements()) == []


def test_what_the_pages_show_is_the_sum_of_the_rows(house, tmp_path):
    house.quota(5)
    person, number = disqualified(house)
    received(house, number, 1_000_000)
    received(house, number, 300_000, kind="remission")
    back = received(house, number, 200_000)
    step(house, "reverse", back, reason="退票")
    step(house, "approve", Payment.get(Payment.reverses == back.id))
    due, got, remitted, left = ledger(number)
    counted = [item for item in Payment.select() if item.reversed_by_id is None and item.kind != "reversal"]

    def of(kind: PaymentKind, *states: PaymentState) -> int:
        return sum(item.amount for item in counted if item.kind == kind and item.state in states)

    assert got == of(PaymentKind.RECOVERY, PaymentState.PAID) == 1_000_000
    assert remitted == of(PaymentKind.REMISSION, PaymentState.APPROVED) == 300_000
    assert (
        due
        == Termination.get_by_id(number).due
        == sum(line["fen"] for line in Termination.get_by_id(number).lines)
    )
    assert left == due - got - remitted
    shown = {(item.kind, item.state): item.amount for item in money.sums(house.cli, house.programme().id)}
    for (kind, state), amount in shown.items():
        assert amount == of(kind, state)
    page = Browser(panel(house, tmp_path)).sign_in(house, "viewer").get(f"/terminations/{number}").text
    assert all(text in page for text in ("33,000.00", "10,000.00", "3,000.00", "20,000.00")) and person.id
    assert list(sums.disagreements()) == []


def test_nobody_without_the_right_moves_money(house):
    person, number = disqualified(house)
    for role in ("viewer", "clerk"):
        with pytest.raises(NotAllowed):
            entries.open_step(
                house.actor(role, "150400" if role == "clerk" else None), number, kind="recovery", amount=1
            )
    assert person.id
