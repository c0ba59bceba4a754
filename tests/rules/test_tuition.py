from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tepei_admin.choices import PaymentKind, PaymentState, TuitionWhen
from tepei_admin.rules.money import Entry, summed
from tepei_admin.rules.tuition import Tuition, TuitionFacts, check_refund, check_tuition, tuition

OUTSIDE, INSIDE = TuitionFacts(33_000_00), TuitionFacts(16_000_00)


def paid(amount: int, state: PaymentState = PaymentState.PAID, reversed: bool = False) -> Entry:
    return Entry(1, PaymentKind.TUITION, amount, state, reversed)


def refunded(amount: int, state: PaymentState = PaymentState.PAID) -> Entry:
    return Entry(2, PaymentKind.REFUND, amount, state)


def with_entries(*entries: Entry) -> TuitionFacts:
    return replace(OUTSIDE, entries=entries)


@pytest.mark.parametrize(
    ("facts", "lines"),
    [
        (OUTSIDE, [33_000_00]),
        (INSIDE, [16_000_00]),
        (with_entries(paid(33_000_00), refunded(8_000_00)), [33_000_00, -33_000_00, 8_000_00]),
        (with_entries(paid(20_000_00)), [33_000_00, -20_000_00]),
        (with_entries(paid(33_000_00, reversed=True)), [33_000_00]),
        (with_entries(paid(33_000_00, PaymentState.VOID)), [33_000_00]),
        (replace(OUTSIDE, reported_in=False, when=TuitionWhen.ADMISSION), [33_000_00]),
    ],
)
def test_tuition_is_the_rate_less_what_the_hosts_have(facts, lines):
    found = tuition(facts)
    assert [line.amount_fen for line in found.lines] == lines
    assert found.amount_fen == sum(lines)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (replace(OUTSIDE, reported_in=False), "tuition.not_reported_in"),
        (with_entries(paid(33_000_00)), "tuition.nothing_due"),
        (with_entries(paid(40_000_00)), "tuition.nothing_due"),
        (with_entries(paid(33_000_00), refunded(8_000_00, PaymentState.DRAFT)), "tuition.nothing_due"),
        (with_entries(paid(33_000_00, PaymentState.DRAFT)), "tuition.waiting"),
        (with_entries(paid(33_000_00, PaymentState.APPROVED)), "tuition.waiting"),
        (TuitionFacts(0), "tuition.nothing_due"),
    ],
)
def test_nothing_is_proposed_that_is_not_due(facts, code):
    assert tuition(facts).code == code


def test_less_may_be_opened_and_more_with_a_reason():
    assert check_tuition(16_000_00, 16_000_00) is None
    assert check_tuition(10_000_00, 16_000_00) is None
    assert check_tuition(16_000_01, 16_000_00).code == "tuition.more_needs_reason"
    assert check_tuition(16_000_01, 16_000_00, "  ").field == "reason"
    assert check_tuition(16_000_01, 16_000_00, "新单位标准高") is None
    assert check_tuition(0, 16_000_00).code == "money.zero"


def test_a_refund_is_at_most_what_the_host_holds():
    entries = [paid(33_000_00), refunded(8_000_00)]
    assert check_refund(25_000_00, entries) is None
    assert check_refund(25_000_01, entries).code == "tuition.refund_above_paid"
    assert check_refund(1, []).code == "tuition.refund_above_paid"
    assert check_refund(0, entries).code == "money.zero"


def test_the_whole_programme_of_2019():
    assert 40 * tuition(OUTSIDE).amount_fen + 40 * tuition(INSIDE).amount_fen == 1_960_000_00


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**7))
def test_what_is_proposed_makes_up_the_rate(rate, out, back):
    found = tuition(TuitionFacts(rate, (paid(out), refunded(min(back, out)))))
    held = out - min(back, out)
    if isinstance(found, Tuition):
        assert found.amount_fen == summed(found.lines) > 0
        assert held + found.amount_fen == rate
    else:
        assert held >= rate
