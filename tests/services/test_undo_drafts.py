"""A batch that proposed payments is taken back: what is still a draft becomes void, what is not says why."""

from __future__ import annotations

import pytest

from tepei_admin.choices import PaymentKind
from tepei_admin.errors import NotAllowed, RuleViolation
from tepei_admin.messages import say
from tepei_admin.models import Batch, BatchRow, Payment
from tepei_admin.services import batch
from tests.services.money_cast import completed, in_training, paid, propose, state, step

WORDS = "提出的款项{state}，不能撤销；未支付的请“作废”，已支付的请“冲正”"


def _state(row):
    return Payment.get_by_id(row.id).state


def _last():
    return Batch.select().order_by(-Batch.id).get()


@pytest.mark.parametrize(("kind", "people"), [("tuition", in_training), ("stipend", completed)])
def test_untouched_drafts_become_void_and_can_be_proposed_again(house, kind, people):
    one, two = people(house), people(house)
    first = propose(house, kind, one, two)
    number = _last().id
    undone = batch.undo(house.actor("operator"), number)
    assert set(undone.done) == {one.id, two.id} and not undone.skipped
    told = BatchRow.select(BatchRow.text).where(BatchRow.batch == undone.batch).tuples()
    assert all(f"{PaymentKind(kind).label} " in text for (text,) in told)
    assert {_state(row) for row in first} == {"void"}
    assert Batch.get_by_id(number).state == "undone"
    again = propose(house, kind, one, two)
    assert [row.amount for row in again] == [row.amount for row in first]


def test_an_approved_draft_is_named_and_the_others_go(house):
    one, two = in_training(house), in_training(house)
    first, second = propose(house, "tuition", one, two)
    number = _last().id
    step(house, "approve", second)
    undone = batch.undo(house.actor("operator"), number)
    assert undone.done == (one.id,)
    assert say(undone.skipped[0].refused) == WORDS.format(state="已核准")
    assert (_state(first), _state(second)) == ("void", "approved")
    assert Batch.get_by_id(number).state == "partly_undone"
    kept = BatchRow.select(BatchRow.name, BatchRow.done).where(BatchRow.batch == undone.batch)
    assert sorted(kept.tuples()) == sorted([(one.name, True), (two.name, False)])


@pytest.mark.parametrize("steps", [("approve", "pay"), ("void",)])
def test_what_is_paid_or_void_stays_as_it_is(house, steps):
    (row,) = propose(house, "tuition", in_training(house))
    number = _last().id
    for name in steps:
        step(house, name, row, reason="重复", voucher="V")
    before = _state(row)
    undone = batch.undo(house.actor("operator"), number)
    assert undone.batch is None and undone.skipped[0].refused.code == "undo.draft_gone"
    assert _state(row) == before and Batch.get_by_id(number).state == "done"


def test_a_reversal_that_waits_is_taken_back(house):
    (row,) = paid(house, "tuition", in_training(house))
    opened = step(house, "reverse", row, reason="金额有误")
    reversal = Payment.get(Payment.reverses == row.id)
    undone = batch.undo(house.actor("operator"), opened.batch)
    assert undone.done == (row.id,) and _state(reversal) == "void"
    assert Payment.get_by_id(row.id).reversed_by_id is None
    assert step(house, "reverse", row, reason="金额有误").done == (row.id,)


def test_a_reversal_that_was_approved_is_not(house):
    (row,) = paid(house, "tuition", in_training(house))
    opened = step(house, "reverse", row, reason="金额有误")
    step(house, "approve", Payment.get(Payment.reverses == row.id))
    undone = batch.undo(house.actor("operator"), opened.batch)
    assert undone.batch is None and undone.skipped[0].refused.params == {"state": "已支付"}


def test_another_operator_may_not_and_an_approver_may(house):
    propose(house, "tuition", in_training(house))
    number = _last().id
    with pytest.raises(NotAllowed):
        batch.undo(house.actor("operator", name="other"), number)
    assert batch.undo(house.actor("approver"), number).done


@pytest.mark.parametrize(
    ("name", "words"),
    [("approve", "未支付的请“作废”，已支付的请“冲正”"), ("pay", "已支付的请“冲正”"), ("void", "请重新提出")],
)
def test_a_step_of_money_is_not_undone_and_says_what_to_do(house, name, words):
    (row,) = propose(house, "tuition", in_training(house))
    if name == "pay":
        step(house, "approve", row)
    done = step(house, name, row, reason="重复", voucher="V")
    with pytest.raises(RuleViolation) as refused:
        batch.undo(house.actor("approver"), done.batch)
    assert words in say(refused.value.violations[0])


def test_a_decided_end_is_not_undone_and_says_what_to_do(house):
    from tests.services.money_cast import case, decide

    number = case(house, in_training(house))
    done = decide(house, number)
    assert state(number) == "settled"
    with pytest.raises(RuleViolation) as refused:
        batch.undo(house.actor("admin"), done.batch)
    assert "请办理“恢复”" in say(refused.value.violations[0])
