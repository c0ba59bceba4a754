"""Recovery (六（六）), every line of the rule; and the ledger under any sequence of legal steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tepei_admin.choices import PaymentKind, PaymentState, RecoveryRule, TerminationPath
from tepei_admin.rules.money import Entry, stored, summed
from tepei_admin.rules.recovery import (
    Case,
    Decided,
    Ledger,
    check_decision,
    check_overturn,
    check_reversal,
    check_step,
    ledger,
    recovery,
    to_void,
)
from tepei_admin.rules.term import Period
from tepei_admin.rules.tuition import check_refund

K, S, P = PaymentKind, PaymentState, TerminationPath
TERM = Period(date(2019, 9, 1), date(2020, 8, 31))

TUITION = Entry(1, K.TUITION, 33_000_00, on=date(2019, 9, 10), party="大学")
STIPEND = Entry(2, K.STIPEND, 600_00, on=date(2019, 12, 1), party="王明")
REFUND = Entry(3, K.REFUND, 8_000_00, on=date(2020, 1, 5), party="大学")
LEFT = Case(P.LEFT, (TUITION,), term=TERM, ended_on=date(2019, 12, 31))


def case(*entries: Entry, **changed) -> Case:
    return replace(LEFT, entries=entries, **changed)


@pytest.mark.parametrize(
    ("found", "lines"),
    [
        (case(TUITION), [33_000_00]),
        (case(TUITION, REFUND), [33_000_00, -8_000_00]),
        (case(TUITION, STIPEND, REFUND), [33_000_00, 600_00, -8_000_00]),
        (case(TUITION, path=P.DISCIPLINE), [33_000_00]),
        (case(TUITION, path=P.NO_SHOW, ended_on=None), [33_000_00]),
        (case(TUITION, path=P.FOR_CAUSE), [0]),
        (case(path=P.NO_SHOW, ended_on=None), [0]),
        (case(replace(TUITION, reversed=True)), [0]),
        (case(TUITION, replace(REFUND, reversed=True)), [33_000_00]),
        (case(replace(TUITION, state=S.DRAFT)), [0]),
        (case(replace(TUITION, state=S.APPROVED)), [0]),
        (case(replace(TUITION, amount_fen=100), replace(REFUND, amount_fen=150)), [100, -150, 50]),
        (
            case(TUITION, Entry(9, K.REPAYMENT, 5), Entry(8, K.REMISSION, 5), Entry(7, K.RECOVERY, 5)),
            [33_000_00],
        ),
    ],
)
def test_due_is_what_was_paid_less_the_refunds(found, lines):
    computed = recovery(found)
    assert [line.amount_fen for line in computed.lines] == lines
    assert computed.due_fen == sum(lines)


@pytest.mark.parametrize(
    ("changed", "due"),
    [
        ({}, 22_000_00),  # 122 of 366 days trained
        ({"ended_on": date(2019, 9, 1)}, 32_909_84),
        ({"ended_on": date(2020, 8, 31)}, 0),
        ({"ended_on": date(2020, 9, 30)}, 0),
        ({"ended_on": date(2019, 8, 20)}, 33_000_00),
        ({"path": P.NO_SHOW, "ended_on": None}, 33_000_00),
        ({"term": None}, 33_000_00),
        ({"ended_on": None}, 33_000_00),
    ],
)
def test_by_days_the_days_not_trained_are_due(changed, due):
    computed = recovery(replace(LEFT, rule=RecoveryRule.PRO_RATA, **changed))
    assert computed.due_fen == due == summed(computed.lines)


def test_the_steps_are_in_words():
    computed = recovery(case(TUITION, STIPEND, REFUND, rule=RecoveryRule.PRO_RATA))
    assert [line.text for line in computed.lines] == [
        "已付学费和住宿费（大学，2019年9月10日）",
        "已付生活补贴（王明，2019年12月1日）",
        "减退费（大学，2020年1月5日）",
        "按已培天数折算：计划 366 天，已培 122 天，只追缴余下 244 天的部分",
    ]
    assert computed.formula == (
        "学费和住宿费 33,000.00 + 生活补贴 600.00 - 退费 8,000.00 - 已培部分 8,533.33 = 17,066.67"
    )
    assert recovery(case(TUITION, REFUND)).formula == "学费和住宿费 33,000.00 - 退费 8,000.00 = 25,000.00"
    assert recovery(case(TUITION)).formula == "学费和住宿费 33,000.00"
    assert recovery(case()).formula == "0.00"
    assert recovery(case(Entry(1, K.TUITION, 1))).lines[0].text == "已付学费和住宿费"


DRAFT, APPROVED = replace(TUITION, id=5, state=S.DRAFT), replace(STIPEND, id=6, state=S.APPROVED)


def test_draft_payments_are_voided_by_the_decision():
    assert to_void(case(TUITION, DRAFT, APPROVED, replace(REFUND, state=S.DRAFT))) == (DRAFT,)
    assert to_void(case(DRAFT, path=P.FOR_CAUSE)) == ()


@pytest.mark.parametrize(
    ("found", "shown", "codes"),
    [
        (LEFT, None, []),
        (LEFT, 33_000_00, []),
        (LEFT, 33_000_01, ["recovery.changed"]),
        (case(TUITION, APPROVED), 33_000_00, ["recovery.approved_unpaid"]),
        (case(TUITION, DRAFT), 33_000_00, []),
        (replace(LEFT, ended_on=None), None, ["recovery.no_end"]),
        (replace(LEFT, term=None), None, []),
        (replace(LEFT, term=None, rule=RecoveryRule.PRO_RATA), None, ["recovery.no_term"]),
        (case(path=P.NO_SHOW, ended_on=None, term=None), 0, []),
        (case(APPROVED, path=P.FOR_CAUSE, ended_on=None), 0, []),
    ],
)
def test_what_keeps_a_decision_from_being_taken(found, shown, codes):
    assert [violation.code for violation in check_decision(found, shown)] == codes


def test_the_payment_that_blocks_is_named():
    assert check_decision(case(APPROVED))[0].params == {"kind": "生活补贴", "amount": "600.00"}


# --- The ledger


def book(*later: Entry, of: Case = LEFT) -> Ledger:
    return ledger(Decided.of(recovery(of)), (*of.entries, *later))


def received(amount: int, id: int = 20, **changed) -> Entry:
    return Entry(id, K.RECOVERY, amount, **changed)


def test_two_instalments_and_a_remission_settle_it():
    steps = [received(10_000_00), received(13_000_00, 21), Entry(22, K.REMISSION, 10_000_00, S.APPROVED)]
    assert [book(*steps[:n]).outstanding for n in range(4)] == [33_000_00, 23_000_00, 10_000_00, 0]
    assert [book(*steps[:n]).settled for n in range(4)] == [False, False, False, True]


def test_what_is_not_paid_or_reversed_does_not_count():
    steps = (
        received(1, state=S.APPROVED),
        received(2, 21, reversed=True),
        Entry(22, K.REMISSION, 4, S.DRAFT),
    )
    assert book(*steps).outstanding == 33_000_00


def test_a_later_refund_reduces_what_is_outstanding():
    now = book(REFUND)
    assert (now.due, now.refunds, now.outstanding) == (33_000_00, 8_000_00, 25_000_00)
    assert [(line.text, line.amount_fen) for line in now.lines] == [
        ("应收", 33_000_00),
        ("退费冲减", -8_000_00),
    ]


def test_a_refund_before_the_decision_is_not_counted_twice():
    now = book(of=case(TUITION, REFUND))
    assert (now.due, now.refunds, now.outstanding) == (25_000_00, 0, 25_000_00)


def test_what_a_later_refund_makes_too_much_is_paid_back():
    full = received(33_000_00)
    now = book(full, REFUND)
    assert (now.outstanding, now.overpaid, now.settled) == (0, 8_000_00, True)
    after = book(full, REFUND, Entry(30, K.REPAYMENT, 8_000_00))
    assert (after.outstanding, after.overpaid, after.kept) == (0, 0, 25_000_00)


def test_a_remission_that_a_refund_overtakes_is_not_paid_out():
    now = book(Entry(22, K.REMISSION, 33_000_00), REFUND)
    assert (now.outstanding, now.overpaid) == (0, 0)


def test_a_counted_payment_that_is_reversed_afterwards_is_no_longer_claimed():
    decided = Decided.of(recovery(case(TUITION, STIPEND, REFUND)))
    now = ledger(decided, (replace(TUITION, reversed=True), STIPEND, replace(REFUND, reversed=True)))
    assert (now.due, now.corrections, now.outstanding) == (25_600_00, 25_000_00, 600_00)
    again = ledger(decided, (TUITION, STIPEND, replace(REFUND, reversed=True)))
    assert (again.corrections, again.outstanding) == (-8_000_00, 33_600_00)


def test_by_days_a_refund_weighs_the_same_before_and_after_the_decision():
    by_days = replace(LEFT, rule=RecoveryRule.PRO_RATA)
    before = recovery(replace(by_days, entries=(TUITION, REFUND))).due_fen
    assert book(REFUND, of=by_days).outstanding == before == 16_666_67


def test_a_due_of_nothing_is_settled_at_once():
    for nothing in (case(), case(TUITION, path=P.FOR_CAUSE), case(replace(TUITION, reversed=True))):
        assert book(of=nothing).settled
        assert not book(of=nothing).overpaid


def test_the_record_is_read_back_from_its_stored_lines():
    computed = recovery(case(TUITION, STIPEND, REFUND, rule=RecoveryRule.PRO_RATA))
    decided = Decided.read(computed.due_fen, stored(computed.lines))
    assert decided == Decided.of(computed) == Decided(17_066_67, frozenset({1, 2, 3}), 244, 366)


@pytest.mark.parametrize(
    ("kind", "amount", "reason", "codes"),
    [
        (K.RECOVERY, 100, "", []),
        (K.RECOVERY, 101, "", ["recovery.above_outstanding"]),
        (K.RECOVERY, 0, "", ["money.zero"]),
        (K.REMISSION, 100, "困难", []),
        (K.REMISSION, 101, "困难", ["recovery.above_outstanding"]),
        (K.REMISSION, 100, " ", ["recovery.remission_needs_reason"]),
        (K.REPAYMENT, 1, "", ["recovery.above_overpaid"]),
    ],
)
def test_no_step_goes_beyond_what_is_outstanding(kind, amount, reason, codes):
    assert [violation.code for violation in check_step(Ledger(100), kind, amount, reason)] == codes


def test_a_repayment_is_at_most_what_is_overpaid():
    over = Ledger(100, refunds=40, received=100)
    assert check_step(over, K.REPAYMENT, 40) == []
    assert check_step(over, K.REPAYMENT, 41)[0].code == "recovery.above_overpaid"
    assert check_step(over, K.RECOVERY, 1)[0].code == "recovery.above_outstanding"


def test_a_receipt_that_was_paid_back_is_not_reversed_first():
    repaid = Ledger(100, refunds=40, received=100, repaid=40)
    assert check_reversal(repaid, K.RECOVERY, 60) is None
    assert check_reversal(repaid, K.RECOVERY, 61).code == "recovery.repayment_first"
    assert check_reversal(repaid, K.REPAYMENT, 40) is None


def test_a_case_is_overturned_only_when_nothing_was_received_or_remitted():
    assert check_overturn(Ledger(100, refunds=40)) == []
    assert check_overturn(Ledger(100, received=1))[0].code == "recovery.reverse_first"
    assert check_overturn(Ledger(100, remitted=1))[0].code == "recovery.reverse_first"


# --- What holds of any sequence of legal steps

AMOUNTS = st.integers(1, 2000)
STEPS = st.lists(
    st.tuples(st.sampled_from([K.RECOVERY, K.REMISSION, K.REFUND, K.REPAYMENT, K.REVERSAL]), AMOUNTS),
    max_size=25,
)


@st.composite
def paid_cases(draw) -> Case:
    tuition = draw(st.integers(0, 5000))
    entries = [Entry(1, K.TUITION, tuition)] if tuition else []
    if draw(st.booleans()):
        entries.append(Entry(2, K.STIPEND, draw(AMOUNTS)))
    if tuition and draw(st.booleans()):
        entries.append(Entry(3, K.REFUND, draw(st.integers(1, tuition))))
    path = draw(st.sampled_from(list(P)))
    end = date(2019, 9, 1) if path is P.NO_SHOW else draw(st.dates(date(2019, 8, 1), date(2020, 10, 1)))
    return Case(path, tuple(entries), draw(st.sampled_from(list(RecoveryRule))), TERM, end)


def spent(entries) -> int:
    out = sum(e.amount_fen for e in entries if e.counts and e.kind in (K.TUITION, K.STIPEND))
    return out - sum(e.amount_fen for e in entries if e.counts and e.kind is K.REFUND)


@given(paid_cases())
def test_recovery_never_exceeds_what_was_paid(found):
    computed = recovery(found)
    assert 0 <= computed.due_fen == summed(computed.lines) <= spent(found.entries)
    if found.path is P.FOR_CAUSE:
        assert computed.due_fen == 0
    if found.rule is RecoveryRule.FULL and found.path is not P.FOR_CAUSE:
        assert computed.due_fen == spent(found.entries)


@given(paid_cases(), STEPS)
def test_the_ledger_holds_under_any_legal_steps(found, steps):
    decided, entries = Decided.of(recovery(found)), list(found.entries)
    for number, (kind, amount) in enumerate(steps, 100):
        before = ledger(decided, entries)
        if kind is K.REVERSAL:
            entries = _reversed(before, entries, amount)
        elif kind is K.REFUND:
            entries += [] if check_refund(amount, entries) else [Entry(number, kind, amount)]
        elif not check_step(before, kind, amount, "理由"):
            entries.append(Entry(number, kind, amount))
        _holds(ledger(decided, entries), entries)


def _reversed(now: Ledger, entries: list[Entry], pick: int) -> list[Entry]:
    """One of the case's own payments, or a later refund, taken back where that is legal."""
    ours = [entry for entry in entries if entry.counts and entry.id >= 100]
    if not ours:
        return entries
    chosen = ours[pick % len(ours)]
    if check_reversal(now, chosen.kind, chosen.amount_fen):
        return entries
    return [replace(entry, reversed=True) if entry is chosen else entry for entry in entries]


def _holds(now: Ledger, entries: list[Entry]) -> None:
    assert min(now.outstanding, now.overpaid) == 0 <= max(now.outstanding, now.overpaid)
    assert now.outstanding - now.overpaid == now.claim - (now.received - now.repaid)
    assert now.settled == (now.outstanding == 0)
    assert now.kept >= 0
    assert now.outstanding <= now.claim <= max(spent(entries), 0)
    assert summed(now.lines) == now.due - now.refunds - now.corrections - now.remitted - now.kept
    if now.due == 0:
        assert now.settled
