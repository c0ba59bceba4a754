from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tepei_admin.choices import PaymentKind, PaymentState
from tepei_admin.rules.money import Entry, Line, half_up, never_below_zero, parse, plain, summed, total, yuan

FEN = st.integers(1, 10**15 - 1)


@pytest.mark.parametrize(
    ("fen", "screen", "file"),
    [
        (0, "0.00", "0.00"),
        (5, "0.05", "0.05"),
        (60000, "600.00", "600.00"),
        (3300000, "33,000.00", "33000.00"),
        (196000000, "1,960,000.00", "1960000.00"),
        (-26667, "-266.67", "-266.67"),
        (-1, "-0.01", "-0.01"),
    ],
)
def test_fen_are_shown_as_yuan(fen, screen, file):
    assert (yuan(fen), plain(fen)) == (screen, file)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("33000", 3300000),
        ("33000.00", 3300000),
        ("33,000.00", 3300000),
        ("33，000", 3300000),
        ("３３０００．５元", 3300050),
        (" ¥ 600 ", 60000),
        ("￥600.1", 60010),
        ("人民币600元", 60000),
        ("600.", 60000),
        (".5", 50),
        ("+1", 100),
        ("0.01", 1),
        ("1,960,000", 196000000),
        ("9,999,999,999,999.99", 10**15 - 1),
    ],
)
def test_an_amount_is_read_as_people_type_it(text, fen):
    assert parse(text) == fen


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"), ("  ", "empty"), ("元", "empty"), ("¥", "empty"),
        ("0", "zero"), ("0.00", "zero"),
        ("-5", "negative"), ("－5元", "negative"), ("-abc", "not_amount"), ("-", "not_amount"),
        ("1.005", "decimals"), ("600.000", "decimals"), ("33,000.001", "decimals"),
        ("33,00", "commas"), ("3,3000", "commas"), (",300", "commas"), ("33000,000", "commas"), ("1,2", "commas"),
        ("3.3万", "unit"), ("3万元", "unit"),
        ("六百", "unit"), ("abc", "not_amount"), ("1e3", "not_amount"), ("33²", "not_amount"), ("1.2.3", "not_amount"),
        ("٣٣", "not_amount"), (".", "not_amount"), ("NaN", "not_amount"), ("600元整", "not_amount"), ("--1", "not_amount"),
        ("10,000,000,000,000", "too_large"), ("9" * 400, "too_large"), ("9" * 9000, "too_large"),
    ],
)  # fmt: skip
def test_what_is_no_amount_is_refused_and_nothing_is_rounded(text, code):
    refusal = parse(text, "amount")
    assert (refusal.code, refusal.field) == (f"money.{code}", "amount")


@given(FEN)
def test_what_is_shown_can_be_typed_again(fen):
    assert parse(yuan(fen)) == parse(plain(fen)) == parse(f"{plain(fen)}元") == fen


@given(st.text(max_size=12))
def test_any_text_is_an_amount_or_a_refusal(text):
    found = parse(text)
    assert found > 0 if isinstance(found, int) else found.code.startswith("money.")


@pytest.mark.parametrize(
    ("amount", "parts", "expected"), [(1, 2, 1), (-1, 2, -1), (1, 3, 0), (2, 3, 1), (0, 7, 0)]
)
def test_halves_go_up(amount, parts, expected):
    assert half_up(amount, parts) == expected


@given(st.integers(-(10**12), 10**12), st.integers(1, 400))
def test_rounding_is_that_of_decimal(amount, parts):
    exact = (Decimal(amount) / parts).quantize(Decimal(1), ROUND_HALF_UP)
    assert half_up(amount, parts) == exact


@given(st.lists(st.integers(-(10**6), 10**6), max_size=6))
def test_lines_that_would_fall_below_zero_get_one_that_lifts_them(amounts):
    lines = never_below_zero([Line("x", {}, amount) for amount in amounts], "floor")
    assert summed(lines) == max(sum(amounts), 0)
    assert len(lines) - len(amounts) == (sum(amounts) < 0)


def test_only_paid_and_not_reversed_payments_add_up():
    tuition, stipend = PaymentKind.TUITION, PaymentKind.STIPEND
    entries = [
        Entry(1, tuition, 100),
        Entry(2, tuition, 1000, PaymentState.APPROVED),
        Entry(3, tuition, 2000, PaymentState.DRAFT),
        Entry(4, tuition, 4000, PaymentState.VOID),
        Entry(5, tuition, 8000, reversed=True),
        Entry(6, PaymentKind.REVERSAL, 8000),
        Entry(7, stipend, 7),
    ]
    assert total(entries, tuition) == 100
    assert total(entries, tuition, stipend) == 107


def test_a_remission_counts_once_approved():
    def remitted(state):
        return total([Entry(1, PaymentKind.REMISSION, 5, state)], PaymentKind.REMISSION)

    assert [remitted(state) for state in ("draft", "void")] == [0, 0]
    assert [remitted(state) for state in (PaymentState.APPROVED, PaymentState.PAID)] == [5, 5]


def test_a_line_is_stored_in_words_and_figures():
    line = Line("tuition.line.rate", {}, 3300000)
    assert line.as_dict() == {
        "code": "tuition.line.rate", "params": {}, "text": "学费和住宿费，每人每年标准", "amount": "33000.00", "fen": 3300000,
    }  # fmt: skip
