"""Tuition and stipends from the proposal to the voucher, through the database, on both databases."""

from __future__ import annotations

import datetime as dt

import peewee
import pytest

from tepei_admin.database import db
from tepei_admin.errors import NotAllowed, RuleViolation
from tepei_admin.models import Batch, Payment, Placement, Trainee, Unit
from tepei_admin.rules.money import yuan
from tepei_admin.services import entries, money, programmes, requests, verbs
from tepei_admin.services.plan import Args
from tests.services.cast import put_into
from tests.services.money_cast import (
    END,
    START,
    away,
    change,
    completed,
    host,
    in_training,
    paid,
    placed,
    propose,
    refusals,
    setting,
    step,
)

D = dt.date


# --- What is proposed


def test_tuition_goes_to_the_host_with_its_account(house):
    outside, inside = in_training(house), in_training(house, track="inside")
    first, second = propose(house, "tuition", outside, inside)
    assert (first.amount, second.amount) == (3_300_000, 1_600_000)
    assert (first.payee, first.bank_name, first.bank_account) == (
        "北京师范大学",
        "工商银行",
        "6222000011112222",
    )
    assert first.state == "draft" and first.opened_by.username == "operator" and first.decided_by is None
    assert [(line["text"], line["amount"]) for line in first.lines] == [
        ("学费和住宿费，每人每年标准", "33000.00")
    ]


@pytest.mark.parametrize(
    ("track", "start", "end", "amount"),
    [
        ("outside", D(2019, 9, 1), D(2020, 8, 31), "7,200.00"),
        ("inside", D(2019, 9, 16), D(2020, 8, 31), "4,613.33"),
        ("inside", D(2019, 8, 31), D(2020, 2, 29), "2,413.33"),
        ("outside", D(2019, 9, 1), D(2019, 9, 10), "200.00"),
    ],
)
def test_a_stipend_is_that_of_the_domain(house, track, start, end, amount):
    person = completed(house, track=track, start=start, end=end, planned_end=end)
    (row,) = propose(house, "stipend", person)
    assert yuan(row.amount) == amount
    assert sum(line["fen"] for line in row.lines) == row.amount
    assert (row.payee, row.bank_account) == (person.name, "6228480011112222333")


def test_twenty_days_of_leave_are_a_line_of_their_own(house):
    person = completed(house, track="inside", start=D(2019, 9, 16), planned_end=END)
    away(house, person, D(2020, 1, 1), D(2020, 1, 20))
    away(house, person, D(2020, 3, 1), D(2020, 3, 9), state="refused")
    (row,) = propose(house, "stipend", person)
    assert yuan(row.amount) == "4,346.66"
    assert [line["amount"] for line in row.lines] == ["4400.00", "213.33", "-266.67"]


def test_fourteen_months_are_capped_before_leave_is_taken_off(house):
    person = completed(house, start=D(2019, 9, 1), end=D(2020, 10, 31), planned_end=D(2020, 10, 31))
    away(house, person, D(2020, 1, 1), D(2020, 1, 20))
    (row,) = propose(house, "stipend", person)
    assert yuan(row.amount) == "6,800.00"


def test_a_change_of_host_does_not_split_the_stipend(house):
    person = completed(house, start=D(2019, 9, 1), end=D(2020, 2, 29))
    change(house, Placement, Placement.get(Placement.trainee == person.id).id, state="replaced")
    placed(
        house,
        person,
        actual_start=D(2020, 3, 10),
        actual_end=END,
        state="ended",
        host=host(house, "H2", "上海交通大学"),
    )
    (row,) = propose(house, "stipend", person)
    assert yuan(row.amount) == "7,200.00"


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda h: completed(h, grade=None), "stipend.no_grade"),
        (lambda h: completed(h, grade="fail", status="failed"), "stipend.grade_not_passing"),
        (lambda h: completed(h, grade="basic"), "stipend.grade_not_passing"),
        (lambda h: in_training(h), "stipend.no_grade"),
        (lambda h: completed(h, end=None, status="training"), "stipend.not_ended"),
        (lambda h: h.trainee(), "payment.not_in_training"),
    ],
)
def test_no_stipend_before_the_grade_or_without_a_passing_one(house, make, code):
    person = make(house)
    outcome = house.do("propose_stipend", person)
    assert refusals(outcome) == [code] and outcome.batch is None
    assert not Payment.select().exists()


def test_a_dry_run_names_everybody_and_writes_nothing(house):
    person = completed(house)
    plan = verbs.plan(house.cli, "propose_stipend", [person.id], Args(END))
    (found,) = plan.extra["due"].values()
    assert (found.payee, found.amount, len(found.lines)) == (person.name, 720_000, 1)
    assert not Payment.select().exists()


def test_who_lacks_an_account_is_named(house):
    person = completed(house, bank_account="")
    plan = verbs.plan(house.cli, "propose_stipend", [person.id], Args(END))
    assert "没有收款账户" in plan.lines[0].values["result"]


def test_tuition_waits_for_report_in_unless_the_setting_says_admission(house):
    person = house.trainee()
    placed(house, person, state="confirmed", actual_start=None)
    put_into(person, "admitted")
    assert refusals(house.do("propose_tuition", person)) == ["tuition.not_reported_in"]
    setting(house, tuition_when="admission")
    assert house.do("propose_tuition", person).done == (person.id,)


def test_without_a_host_there_is_nobody_to_pay(house):
    setting(house, tuition_when="admission")
    person = house.trainee()
    put_into(person, "admitted")
    assert refusals(house.do("propose_tuition", person)) == ["payment.no_placement"]


def test_after_a_change_of_host_the_rest_of_the_years_rate_is_proposed(house):
    person = in_training(house)
    (first,) = paid(house, "tuition", person)
    assert refusals(house.do("propose_tuition", person)) == ["tuition.nothing_due"]
    old = Placement.get(Placement.trainee == person.id)
    change(house, Placement, old.id, state="replaced", actual_end=D(2020, 1, 31))
    placed(house, person, actual_start=D(2020, 2, 1), host=host(house, "H2", "上海交通大学"))
    refund = entries.open_refund(house.actor("operator"), person.id, placement=old.id, amount=800_000)
    step(house, "approve", refund)
    assert refusals(house.do("propose_tuition", person)) == ["tuition.nothing_due"]
    step(house, "pay", refund)
    (second,) = propose(house, "tuition", person)
    assert (second.amount, second.payee) == (800_000, "上海交通大学")
    assert [line["amount"] for line in second.lines] == ["33000.00", "-33000.00", "8000.00"]
    assert first.payee == "北京师范大学"


def test_after_an_early_end_what_the_host_gave_back_is_not_paid_again(house):
    person = in_training(house)
    paid(house, "tuition", person)
    place = Placement.get(Placement.trainee == person.id)
    change(house, Placement, place.id, state="ended", actual_end=D(2020, 1, 5))
    put_into(person, "terminated")
    refund = entries.open_refund(house.actor("operator"), person.id, placement=place.id, amount=800_000)
    step(house, "approve", refund)
    step(house, "pay", refund)
    assert refusals(house.do("propose_tuition", person)) == ["payment.not_due_after_end"]


@pytest.mark.parametrize(
    ("amount", "reason", "code"),
    [
        (3_300_001, "", "tuition.more_needs_reason"),
        (3_300_001, "上级批准", None),
        (3_000_000, "", None),
        (0, "", "money.zero"),
        (-5, "", "money.zero"),
    ],
)
def test_another_amount_than_proposed(house, amount, reason, code):
    person = in_training(house)
    if code:
        with pytest.raises(RuleViolation) as refused:
            entries.open_tuition(house.actor("operator"), person.id, amount=amount, reason=reason)
        assert refused.value.violations[0].code == code
        return
    row = Payment.get_by_id(
        entries.open_tuition(house.actor("operator"), person.id, amount=amount, reason=reason)
    )
    assert row.amount == amount == sum(line["fen"] for line in row.lines)
    assert step(house, "approve", row).done == (row.id,)


@pytest.mark.parametrize(("amount", "fits"), [(3_300_000, True), (3_300_001, False)])
def test_a_host_gives_back_at_most_what_it_got(house, amount, fits):
    person = in_training(house)
    paid(house, "tuition", person)
    place = Placement.get(Placement.trainee == person.id).id

    def give_back() -> int:
        return entries.open_refund(house.actor("operator"), person.id, placement=place, amount=amount)

    if not fits:
        with pytest.raises(RuleViolation) as refused:
            give_back()
        assert refused.value.violations[0].code == "tuition.refund_above_paid"
        return
    first = give_back()
    with pytest.raises(RuleViolation):  # the first one waits, and counts
        give_back()
    step(house, "approve", first)
    assert step(house, "pay", first).done == (first,)


# --- Two persons


def test_the_maker_never_approves(house):
    approver = house.actor("approver")
    people = [in_training(house) for _ in range(10)]
    rows = propose(house, "tuition", *people, actor=approver)
    outcome = step(house, "approve", *rows)
    assert outcome.done == () and refusals(outcome) == ["access.same_person"] * 10
    with pytest.raises(RuleViolation) as refused:
        requests.decide(approver, f"payment-{rows[0].id}", yes=True)
    assert refused.value.violations[0].code == "access.same_person"
    admin = house.actor("admin")
    mine = propose(house, "tuition", in_training(house), actor=admin)
    assert refusals(step(house, "approve", *mine, role="admin")) == ["access.same_person"]
    assert not Payment.select().where(Payment.state != "draft").exists()


def test_the_database_itself_refuses_one_person_for_both(house):
    (row,) = propose(house, "tuition", in_training(house))
    with pytest.raises(RuleViolation) as refused:
        change(house, Payment, row.id, decided_by=row.opened_by_id, state="approved")
    assert refused.value.violations[0].code == "constraint.payment_two_persons"


def test_an_office_of_one_marks_every_such_payment(house):
    setting(house, solo="on")
    approver = house.actor("approver")
    (row,) = propose(house, "tuition", in_training(house), actor=approver)
    assert step(house, "approve", row).done == (row.id,)
    assert Payment.get_by_id(row.id).solo


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_only_approvers_approve(house, role):
    (row,) = propose(house, "tuition", in_training(house))
    with pytest.raises(NotAllowed):
        step(house, "approve", row, role=role)


def test_the_command_line_opens_but_does_not_approve(house):
    outcome = house.do("propose_tuition", in_training(house), actor=house.cli)
    row = Payment.get(Payment.trainee == outcome.done[0])
    with pytest.raises(NotAllowed) as refused:
        verbs.perform(house.cli, "approve_payment", [row.id], Args(END))
    assert refused.value.violations[0].code == "access.system_cannot_decide"


def test_a_decision_on_what_has_changed_is_refused_and_stays_open(house):
    person = completed(house)
    (row,) = propose(house, "stipend", person)
    away(house, person, D(2020, 1, 1), D(2020, 1, 3))
    with pytest.raises(RuleViolation) as refused:
        requests.decide(house.actor("approver"), f"payment-{row.id}", yes=True)
    assert refused.value.violations[0].code == "request.changed_since"
    assert Payment.get_by_id(row.id).state == "draft"
    assert [item.ref for item in requests.waiting(house.actor("approver"))] == [f"payment-{row.id}"]
    assert step(house, "void", row).done == (row.id,)
    (again,) = propose(house, "stipend", person)
    assert again.amount == 714_000
    assert step(house, "approve", again).done == (again.id,)


def test_a_new_account_since_is_a_change_too(house):
    (row,) = propose(house, "tuition", in_training(house))
    change(house, Unit, row.payee_unit_id, bank_account="9999")
    assert refusals(step(house, "approve", row)) == ["request.changed_since"]


def test_not_agreeing_makes_it_void(house):
    (row,) = propose(house, "tuition", in_training(house))
    requests.decide(house.actor("approver"), f"payment-{row.id}", yes=False, reason="账号不对")
    row = Payment.get_by_id(row.id)
    assert (row.state, row.decided_by.username) == ("void", "approver")
    assert requests.waiting(house.actor("approver")) == []


def test_what_waits_shows_its_figures(house):
    person = completed(house, track="inside", start=D(2019, 9, 16))
    propose(house, "stipend", person)
    (item,) = requests.waiting(house.actor("approver"))
    assert item.text == f"生活补贴：{person.name} 4,613.33"
    assert [fen for _, fen in item.shown] == [440_000, 21_333]


# --- Their life


def test_only_what_was_approved_is_paid(house):
    (row,) = propose(house, "tuition", in_training(house))
    assert refusals(step(house, "pay", row)) == ["payment.not_approved"]
    step(house, "approve", row)
    assert step(house, "pay", row, voucher="记-12", on=D(2019, 10, 8)).done == (row.id,)
    row = Payment.get_by_id(row.id)
    assert (row.state, row.voucher, row.paid_on, row.decided_by.username) == (
        "paid",
        "记-12",
        D(2019, 10, 8),
        "approver",
    )
    assert refusals(step(house, "pay", row)) == ["payment.not_approved"]
    assert refusals(step(house, "void", row)) == ["payment.not_voidable"]


@pytest.mark.parametrize("approved", [False, True])
def test_what_is_not_paid_can_be_made_void_by_one_person(house, approved):
    person = in_training(house)
    (row,) = propose(house, "tuition", person)
    if approved:
        step(house, "approve", row)
    assert step(house, "void", row, reason="重复").done == (row.id,)
    assert len(propose(house, "tuition", person)) == 1


def test_eighty_at_once_are_approved_and_paid_as_batches(house):
    people = [in_training(house) for _ in range(80)]
    before = Batch.select().count()
    rows = propose(house, "tuition", *people)
    assert len(step(house, "approve", *rows).done) == 80
    outcome = step(house, "pay", *rows)
    assert len(outcome.done) == 80 and Batch.select().count() == before + 3
    assert Batch.get_by_id(outcome.batch).title == "登记支付 80 笔"
    assert Payment.select().where(Payment.state == "paid").count() == 80


def test_a_second_tuition_or_stipend_is_refused_in_words(house):
    person = completed(house)
    propose(house, "stipend", person)
    assert refusals(house.do("propose_stipend", person)) == ["payment.stipend_exists"]
    propose(house, "tuition", person)
    assert refusals(house.do("propose_tuition", person)) == ["tuition.waiting"]


@pytest.mark.parametrize("kind", ["stipend", "tuition"])
def test_the_database_refuses_a_second_one_in_words(house, kind):
    from tepei_admin.services import record
    from tests.services.cast import _write

    person = completed(house)
    (row,) = propose(house, kind, person)
    copied = {
        name: value
        for name, value in row.__data__.items()
        if name not in ("id", "version", "created_at", "updated_at")
    }
    with pytest.raises(RuleViolation) as refused:
        _write(house.cli, lambda: record.insert(Payment, copied))
    assert refused.value.violations[0].code == f"constraint.payment_one_{kind}"


# --- Paid is final


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE payment SET amount = amount + 1",
        "UPDATE payment SET state = 'void'",
        "UPDATE payment SET voucher = 'x'",
        "UPDATE payment SET paid_on = '2020-01-01'",
        "UPDATE payment SET bank_account = ''",
        "UPDATE payment SET lines = '[]'",
        "DELETE FROM payment",
    ],
)
def test_a_paid_row_takes_no_change_in_the_database(house, sql):
    (row,) = paid(house, "tuition", in_training(house))
    with pytest.raises(peewee.DatabaseError) as refused, db.obj.unguarded():
        db.execute_sql(f"{sql} WHERE id = {row.id}")
    assert "payment_paid_final" in str(refused.value)
    assert Payment.get_by_id(row.id).__data__ == row.__data__


def test_the_one_change_it_takes_is_the_number_of_its_reversal_once(house):
    first, second = paid(house, "tuition", in_training(house), in_training(house))
    with db.obj.unguarded():
        db.execute_sql(f"UPDATE payment SET reversed_by_id = {second.id} WHERE id = {first.id}")
        with pytest.raises(peewee.DatabaseError):
            db.execute_sql(f"UPDATE payment SET reversed_by_id = NULL WHERE id = {first.id}")
    assert Payment.get_by_id(first.id).reversed_by_id == second.id


def test_a_reversal_is_opened_by_one_and_done_by_another(house):
    person = in_training(house)
    (row,) = paid(house, "tuition", person)
    assert step(house, "reverse", row, reason="金额有误").done == (row.id,)
    assert refusals(step(house, "reverse", row)) == ["payment.reversal_waiting"]
    reversal = Payment.get(Payment.kind == "reversal")
    assert (reversal.amount, reversal.state, reversal.reverses_id) == (3_300_000, "draft", row.id)
    assert Payment.get_by_id(row.id).reversed_by is None
    with pytest.raises(RuleViolation):
        _decide_own(house, reversal)
    requests.decide(house.actor("approver"), f"payment-{reversal.id}", yes=True)
    assert Payment.get_by_id(row.id).reversed_by_id == reversal.id
    assert Payment.get_by_id(reversal.id).state == "paid"
    assert refusals(step(house, "reverse", row)) == ["payment.already_reversed"]
    assert refusals(step(house, "reverse", reversal)) == ["payment.reversal_final"]
    (again,) = propose(house, "tuition", person)
    assert again.amount == 3_300_000


def _decide_own(house, reversal):
    change(house, Payment, reversal.id, opened_by=house.actor("approver").id)
    try:
        requests.decide(house.actor("approver"), f"payment-{reversal.id}", yes=True)
    finally:
        change(house, Payment, reversal.id, opened_by=house.actor("operator").id)


def test_a_refused_reversal_can_be_asked_for_again(house):
    (row,) = paid(house, "tuition", in_training(house))
    step(house, "reverse", row)
    requests.decide(
        house.actor("approver"), f"payment-{Payment.get(Payment.kind == 'reversal').id}", yes=False
    )
    assert step(house, "reverse", row).done == (row.id,)


def test_a_tuition_is_not_reversed_below_what_the_host_gave_back(house):
    person = in_training(house)
    (row,) = paid(house, "tuition", person)
    refund = entries.open_refund(
        house.actor("operator"), person.id, placement=row.placement_id, amount=800_000
    )
    step(house, "approve", refund)
    step(house, "pay", refund)
    assert refusals(step(house, "reverse", row)) == ["payment.refund_first"]


# --- The same form twice


def test_a_form_sent_twice_opens_one_payment(house):
    person, operator = in_training(house), house.actor("operator")
    first = entries.open_tuition(operator, person.id, amount=3_000_000, key="k" * 24)
    again = entries.open_tuition(operator, person.id, amount=3_000_000, key="k" * 24)
    assert first == again and Payment.select().count() == 1


# --- The whole year


def test_the_whole_programme_comes_to_the_notices_sums(house):
    outside = [completed(house) for _ in range(40)]
    inside = [completed(house, track="inside") for _ in range(40)]
    paid(house, "tuition", *outside, *inside)
    paid(house, "stipend", *outside, *inside)
    found = money.sums(house.cli, house.programme().id)
    total = {kind: sum(item.amount for item in found if item.kind == kind) for kind in ("tuition", "stipend")}
    assert (yuan(total["tuition"]), yuan(total["stipend"])) == ("1,960,000.00", "480,000.00")
    assert all(item.state == "paid" for item in found)
    by_track = {(item.track, item.kind.value): item.amount for item in found}
    assert by_track["区外", "tuition"] == 132_000_000 and by_track["区内", "stipend"] == 19_200_000
    assert programmes.find(2019).year == 2019 and Trainee.select().count() == 80
    assert START < END
