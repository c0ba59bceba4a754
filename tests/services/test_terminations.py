"""An early end from the case to the settled ledger, with two persons, on both databases."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tepei_admin.errors import NotAllowed, Refusal, RuleViolation
from tepei_admin.models import Payment, Placement, StatusChange, Termination
from tepei_admin.services import entries, money, requests, terminations, verbs
from tepei_admin.services.plan import Args
from tests.services.cast import put_into
from tests.services.money_cast import (
    END,
    case,
    change,
    completed,
    decide,
    disqualified,
    in_training,
    ledger,
    paid,
    placed,
    propose,
    received,
    refusals,
    setting,
    state,
    step,
)

D = dt.date


def code_of(error) -> str:
    return error.value.violations[0].code


def notified(house, **values):
    person = house.trainee()
    placed(
        house,
        person,
        **{"state": "confirmed", "actual_start": None, "notice_received_on": D(2019, 7, 8), **values},
    )
    put_into(person, "notified")
    return house.reload(person)


def place(person) -> Placement:
    return Placement.get(Placement.trainee == person.id)


# --- Opening


@pytest.mark.parametrize(
    ("make", "path", "values", "code"),
    [
        (in_training, "rumour", {}, "termination.bad_path"),
        (in_training, "no_show", {}, "termination.wrong_status"),
        (in_training, "left", {"facts": " "}, "termination.facts_required"),
        (in_training, "left", {"actual_end": None}, "termination.actual_end_required"),
        (in_training, "left", {"actual_end": D(2019, 8, 31)}, "termination.end_before_start"),
        (in_training, "left", {"facts": "长" * 2001}, "record.too_long"),
        (notified, "left", {}, "termination.wrong_status"),
        (lambda h: notified(h, notice_received_on=None), "no_show", {}, "termination.no_receipt"),
        (lambda h: h.trainee(), "for_cause", {}, "termination.wrong_status"),
    ],
)
def test_an_incomplete_case_is_not_opened(house, make, path, values, code):
    person = make(house)
    with pytest.raises(RuleViolation) as refused:
        case(house, person, path, **values)
    assert code_of(refused) == code and not Termination.select().exists()


def test_one_open_case_a_person(house):
    person = in_training(house)
    case(house, person)
    with pytest.raises(RuleViolation) as refused:
        case(house, person, "discipline")
    assert code_of(refused) == "termination.exists"


def test_the_same_form_twice_opens_one_case(house):
    person = in_training(house)
    assert case(house, person, key="c" * 24) == case(house, person, key="c" * 24)


def test_the_recovery_is_computed_when_the_case_is_opened(house):
    person = in_training(house)
    paid(house, "tuition", person)
    refund = entries.open_refund(
        house.actor("operator"), person.id, placement=place(person).id, amount=800_000
    )
    step(house, "approve", refund)
    step(house, "pay", refund)
    row = Termination.get_by_id(case(house, person))
    assert (row.due, row.state) == (2_500_000, "opened")
    assert [line["amount"] for line in row.lines] == ["33000.00", "-8000.00"]
    (item,) = [
        item for item in requests.waiting(house.actor("approver")) if item.ref.startswith("termination")
    ]
    assert "25,000.00" in item.text and [fen for _, fen in item.shown] == [3_300_000, -800_000]


# --- Deciding


def test_disqualifying_records_the_recovery_and_ends_the_placement(house):
    person, number = disqualified(house)
    row = Termination.get_by_id(number)
    assert (person.status, row.state, row.due) == ("disqualified", "decided", 3_300_000)
    assert (row.decision_no, row.decided_on, row.decided_by.username) == (
        "内人社函〔2020〕8号",
        D(2020, 2, 1),
        "approver",
    )
    assert (place(person).state, place(person).actual_end) == ("ended", D(2020, 1, 5))
    move = StatusChange.get(StatusChange.trainee == person.id, StatusChange.to_status == "disqualified")
    assert (move.approval_no, move.on, move.verb) == ("内人社函〔2020〕8号", D(2020, 2, 1), "disqualify")
    assert ledger(number) == (3_300_000, 0, 0, 3_300_000)


def test_for_cause_the_host_confirms_first_and_nothing_is_recovered(house):
    person = in_training(house)
    paid(house, "tuition", person)
    number = case(house, person, "for_cause")
    with pytest.raises(RuleViolation) as refused:
        decide(house, number)
    assert code_of(refused) == "termination.incomplete" and state(number) == "opened"
    assert "培养单位的确认" in refused.value.violations[0].params["missing"]
    terminations.confirm_host(house.actor("operator"), number, on=D(2020, 1, 10), how="来函同意")
    assert state(number) == "confirmed"
    decide(house, number)
    row = Termination.get_by_id(number)
    assert (house.reload(person).status, row.state, row.due) == ("terminated", "settled", 0)


def test_a_no_show_with_nothing_paid_is_settled_at_once(house):
    person = notified(house)
    number = case(house, person, "no_show", actual_end=None)
    decide(house, number)
    assert (house.reload(person).status, state(number)) == ("no_show", "settled")
    assert place(person).state == "cancelled"


def test_by_its_opener_it_is_refused(house):
    person = in_training(house)
    approver = house.actor("approver")
    number = terminations.open_case(approver, person.id, path="left", facts="离岗", actual_end=D(2020, 1, 5))
    with pytest.raises(RuleViolation) as refused:
        decide(house, number)
    assert code_of(refused) == "access.same_person"
    outcome = house.do("disqualify", person, actor=approver, approval_no="8号")
    assert refusals(outcome) == ["access.same_person"] and state(number) == "opened"


def test_an_office_of_one_marks_the_case(house):
    setting(house, solo="on")
    person, approver = in_training(house), house.actor("approver")
    number = terminations.open_case(approver, person.id, path="left", facts="离岗", actual_end=D(2020, 1, 5))
    decide(house, number)
    assert Termination.get_by_id(number).solo


@pytest.mark.parametrize(
    ("verb", "path", "code"),
    [("terminate", None, "termination.no_case"), ("terminate", "left", "termination.no_case"),
     ("disqualify", "for_cause", "termination.no_case"), ("no_show", "left", "verb.wrong_status"),
     ("terminate", "for_cause", "termination.incomplete")],
)  # fmt: skip
def test_the_verb_decides_the_open_case_or_says_what_is_missing(house, verb, path, code):
    person = in_training(house)
    if path:
        case(house, person, path)
    outcome = house.do(verb, person, actor=house.actor("approver"), approval_no="8号")
    assert refusals(outcome) == [code] and outcome.batch is None
    assert house.reload(person).status == "training"


def test_without_a_decision_number_nothing_is_decided(house):
    person = in_training(house)
    number = case(house, person)
    outcome = house.do("disqualify", person, actor=house.actor("approver"))
    assert refusals(outcome) == ["termination.incomplete"]
    with pytest.raises(RuleViolation) as refused:
        requests.decide(house.actor("approver"), f"termination-{number}", yes=True)
    assert "决定文号" in refused.value.violations[0].params["missing"]


def test_the_verb_with_its_number_and_date_decides(house):
    person = in_training(house)
    number = case(house, person)
    outcome = house.do(
        "disqualify", person, actor=house.actor("approver"), approval_no="8号", on=D(2020, 2, 3)
    )
    assert outcome.done == (person.id,) and outcome.batch
    row = Termination.get_by_id(number)
    assert (row.decision_no, row.decided_on, house.reload(person).status) == (
        "8号",
        D(2020, 2, 3),
        "disqualified",
    )


def test_a_number_recorded_with_the_case_is_enough(house):
    person = in_training(house)
    number = case(house, person, decision_no="9号", decided_on=D(2020, 2, 9))
    requests.decide(house.actor("approver"), f"termination-{number}", yes=True)
    row = Termination.get_by_id(number)
    assert (row.decision_no, row.decided_on) == ("9号", D(2020, 2, 9))


@pytest.mark.parametrize("actor", ["operator", "viewer"])
def test_only_an_approver_decides(house, actor):
    person = in_training(house)
    number = case(house, person)
    with pytest.raises(NotAllowed):
        decide(house, number, role=actor)
    with pytest.raises(NotAllowed):
        house.do("disqualify", person, actor=house.actor(actor), approval_no="8号")
    with pytest.raises(NotAllowed) as refused:
        house.do("disqualify", person, actor=house.cli, approval_no="8号")
    assert code_of(refused) == "access.system_cannot_decide"


def test_a_figure_that_changed_since_is_refused_and_the_case_stays_open(house):
    person = in_training(house)
    rows = propose(house, "tuition", person)
    number = case(house, person)
    assert Termination.get_by_id(number).due == 0
    step(house, "approve", *rows)
    step(house, "pay", *rows)
    with pytest.raises(Refusal) as refused:
        decide(house, number)
    assert code_of(refused) == "recovery.changed"
    assert refused.value.violations[0].params == {"shown": "0.00", "due": "33,000.00"}
    assert state(number) == "opened" and house.reload(person).status == "training"
    row = Termination.get_by_id(number)
    with pytest.raises(RuleViolation) as refused:
        terminations.amend_case(house.actor("approver"), number, facts=row.facts, actual_end=row.actual_end)
    assert code_of(refused) == "termination.not_opener"
    terminations.amend_case(house.actor("operator"), number, facts=row.facts, actual_end=row.actual_end)
    decide(house, number)
    assert Termination.get_by_id(number).due == 3_300_000


def test_the_same_sum_by_other_lines_is_a_change_too(house):
    person = in_training(house)
    (first,) = paid(house, "tuition", person)
    number = case(house, person)
    step(house, "reverse", first)
    requests.decide(
        house.actor("approver"), f"payment-{Payment.get(Payment.kind == 'reversal').id}", yes=True
    )
    paid(house, "tuition", person)
    with pytest.raises(Refusal) as refused:
        decide(house, number)
    assert code_of(refused) == "request.changed_since" and state(number) == "opened"


def test_drafts_are_voided_and_an_approved_one_blocks(house):
    person = in_training(house)
    (row,) = propose(house, "tuition", person)
    number = case(house, person)
    step(house, "approve", row)
    with pytest.raises(RuleViolation) as refused:
        decide(house, number)
    assert code_of(refused) == "recovery.approved_unpaid" and state(number) == "opened"
    step(house, "void", row)
    (draft,) = propose(house, "tuition", person)
    decide(house, number)
    assert Payment.get_by_id(draft.id).state == "void"
    assert refusals(house.do("propose_tuition", person)) == ["payment.disciplined"]
    assert refusals(house.do("propose_stipend", person)) == ["stipend.disqualified"]


def test_not_agreeing_drops_the_case(house):
    person = in_training(house)
    number = case(house, person)
    requests.decide(house.actor("approver"), f"termination-{number}", yes=False, reason="事实不清")
    assert state(number) == "dropped" and house.reload(person).status == "training"
    with pytest.raises(RuleViolation) as refused:
        terminations.drop_case(house.actor("operator"), number, reason="x")
    assert code_of(refused) == "termination.closed"
    assert case(house, person) > number


def test_a_case_is_dropped_with_a_reason(house):
    number = case(house, in_training(house))
    with pytest.raises(RuleViolation):
        terminations.drop_case(house.actor("operator"), number, reason=" ")
    terminations.drop_case(house.actor("operator"), number, reason="已返岗")
    assert state(number) == "dropped"


def test_the_circular_has_a_date_and_an_addressee(house):
    person, number = disqualified(house)
    operator = house.actor("operator")
    with pytest.raises(RuleViolation) as refused:
        terminations.circular(operator, number, on=D(2020, 2, 5), to="")
    assert code_of(refused) == "termination.circular_required"
    terminations.circular(operator, number, on=D(2020, 2, 5), to="赤峰市人社局")
    assert Termination.get_by_id(number).circular_to == "赤峰市人社局"
    assert person.status == "disqualified"


def test_pro_rata_takes_off_the_days_that_were_trained(house):
    setting(house, recovery="pro_rata")
    _, number = disqualified(house)
    # 2019-09-01 to 2020-08-31 are 366 days, 127 of them trained.
    assert Termination.get_by_id(number).due == round(3_300_000 * (366 - 127) / 366)


# --- The ledger


def test_two_instalments_and_a_remission_settle_it(house):
    _, number = disqualified(house)
    received(house, number, 1_000_000)
    assert ledger(number) == (3_300_000, 1_000_000, 0, 2_300_000) and state(number) == "decided"
    received(house, number, 800_000, kind="remission")
    received(house, number, 1_500_000)
    assert ledger(number) == (3_300_000, 2_500_000, 800_000, 0) and state(number) == "settled"


@pytest.mark.parametrize(
    ("kind", "amount", "reason", "code"),
    [
        ("recovery", 3_300_001, "", "recovery.above_outstanding"),
        ("remission", 3_300_001, "困难", "recovery.above_outstanding"),
        ("remission", 100, "", "recovery.remission_needs_reason"),
        ("repayment", 1, "", "recovery.above_overpaid"),
        ("recovery", 0, "", "money.zero"),
        ("tuition", 100, "", "payment.bad_kind"),
    ],
)
def test_a_step_beyond_what_is_due_is_refused(house, kind, amount, reason, code):
    _, number = disqualified(house)
    with pytest.raises(RuleViolation) as refused:
        entries.open_step(house.actor("operator"), number, kind=kind, amount=amount, reason=reason)
    assert code_of(refused) == code and ledger(number)[3] == 3_300_000


def test_what_waits_counts_against_the_next_step(house):
    _, number = disqualified(house)
    operator = house.actor("operator")
    entries.open_step(operator, number, kind="recovery", amount=2_000_000)
    with pytest.raises(RuleViolation) as refused:
        entries.open_step(operator, number, kind="recovery", amount=1_300_001)
    assert code_of(refused) == "recovery.above_outstanding"


def test_an_undecided_case_takes_no_instalment(house):
    number = case(house, in_training(house))
    with pytest.raises(RuleViolation) as refused:
        entries.open_step(house.actor("operator"), number, kind="recovery", amount=1)
    assert code_of(refused) == "payment.case_not_decided"


def test_a_remission_counts_when_it_is_approved_and_is_taken_back_by_a_reversal_only(house):
    _, number = disqualified(house)
    row = received(house, number, 3_300_000, kind="remission")
    assert (row.state, state(number)) == ("approved", "settled")
    assert refusals(step(house, "void", row)) == ["payment.remission_stands"]
    assert refusals(step(house, "pay", row)) == ["payment.moves_no_money"]
    step(house, "reverse", row, reason="有误")
    requests.decide(
        house.actor("approver"), f"payment-{Payment.get(Payment.kind == 'reversal').id}", yes=True
    )
    assert state(number) == "decided" and ledger(number)[3] == 3_300_000


def test_a_later_refund_reduces_what_is_outstanding_and_too_much_is_paid_back(house):
    person, number = disqualified(house)
    received(house, number, 3_000_000)
    operator = house.actor("operator")
    refund = entries.open_refund(operator, person.id, placement=place(person).id, amount=800_000)
    step(house, "approve", refund)
    step(house, "pay", refund)
    book = money.book(number)
    assert (book.ledger.refunds, book.ledger.overpaid, state(number)) == (800_000, 500_000, "settled")
    back = received(house, number, 500_000, kind="repayment")
    assert money.book(number).ledger.overpaid == 0 and back.bank_account == person.bank_account
    recovery = Payment.get(Payment.kind == "recovery")
    assert refusals(step(house, "reverse", recovery)) == ["recovery.repayment_first"]


def test_the_payer_may_be_the_unit(house):
    setting(house, recovery_payer="unit")
    person, number = disqualified(house)
    row = Payment.get_by_id(entries.open_step(house.actor("operator"), number, kind="recovery", amount=100))
    assert (row.payee, row.payee_unit_id) == (person.unit.name, person.unit_id)


# --- Back again


def test_reinstating_overturns_the_case_and_opens_the_placement_again(house):
    person, number = disqualified(house)
    operator = house.actor("operator")
    (request,) = house.do("reinstate", person, actor=operator, reason="复核").requests
    requests.decide(house.actor("approver"), f"request-{request}", yes=True)
    assert (house.reload(person).status, state(number)) == ("training", "overturned")
    assert (place(person).state, place(person).actual_end) == ("current", None)
    assert money.book(number) is None


def test_a_no_show_that_came_after_all_has_its_placement_as_before(house):
    house.quota(3)
    person = notified(house)
    number = case(house, person, "no_show", actual_end=None)
    decide(house, number)
    (request,) = house.do("reinstate", person, actor=house.actor("operator"), reason="已报到").requests
    requests.decide(house.actor("approver"), f"request-{request}", yes=True)
    assert (house.reload(person).status, place(person).state, state(number)) == (
        "notified",
        "confirmed",
        "overturned",
    )


@pytest.mark.parametrize("kind", ["recovery", "remission"])
def test_not_while_something_received_or_remitted_stands(house, kind):
    person, number = disqualified(house)
    row = received(house, number, 100_000, kind=kind)
    operator = house.actor("operator")
    assert refusals(house.do("reinstate", person, actor=operator, reason="复核")) == [
        "recovery.reverse_first"
    ]
    step(house, "reverse", row)
    assert refusals(house.do("reinstate", person, actor=operator, reason="复核")) == [
        "recovery.reverse_first"
    ]
    requests.decide(
        house.actor("approver"), f"payment-{Payment.get(Payment.kind == 'reversal').id}", yes=True
    )
    assert house.do("reinstate", person, actor=operator, reason="复核").requests


def test_not_while_a_step_is_on_its_way(house):
    person, number = disqualified(house)
    entries.open_step(house.actor("operator"), number, kind="recovery", amount=100)
    outcome = house.do("reinstate", person, actor=house.actor("operator"), reason="复核")
    assert refusals(outcome) == ["termination.pending_steps"]


def test_after_an_end_for_cause_a_stipend_only_by_the_setting(house):
    person = (
        completed(house, status="training", grade=None, end=None, state="current")
        if False
        else in_training(house)
    )
    number = case(house, person, "for_cause", actual_end=D(2020, 2, 29))
    terminations.confirm_host(house.actor("operator"), number, on=D(2020, 2, 20), how="同意")
    decide(house, number)
    assert refusals(house.do("propose_stipend", person)) == ["stipend.early_end"]
    setting(house, stipend_on_early_end="on")
    (row,) = propose(house, "stipend", person)
    assert row.amount == 6 * 60_000


# --- Laws


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    refund=st.integers(0, 3_300_000),
    steps=st.lists(
        st.tuples(st.sampled_from(["recovery", "remission"]), st.integers(1, 2_000_000)), max_size=4
    ),
    late=st.integers(0, 1_000_000),
)
def test_recovery_never_exceeds_what_was_paid(sqlite_house, refund, steps, late):
    house = sqlite_house
    person = in_training(house)
    paid(house, "tuition", person)
    number_of_place = place(person).id

    def give_back(amount: int) -> None:
        opened = entries.open_refund(
            house.actor("operator"), person.id, placement=number_of_place, amount=amount
        )
        step(house, "approve", opened)
        step(house, "pay", opened)

    if refund:
        give_back(refund)
    number = case(house, person)
    decide(house, number)
    due = Termination.get_by_id(number).due
    assert due == 3_300_000 - refund
    for kind, amount in steps:
        try:
            received(house, number, amount, kind=kind)
        except RuleViolation as error:
            assert error.violations[0].code == "recovery.above_outstanding"
    if 0 < late <= 3_300_000 - refund:
        give_back(late)
    found = money.book(number).ledger
    assert found.received + found.remitted <= due <= 3_300_000
    assert found.outstanding - found.overpaid == due - found.refunds - found.remitted - found.received or (
        found.claim == 0
    )
    assert (state(number) == "settled") == (found.outstanding == 0)
    assert verbs.plan(house.cli, "propose_tuition", [person.id], Args(END)).doable == ()
    change(house, Placement, number_of_place, lodging="x")
