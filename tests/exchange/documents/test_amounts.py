from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tepei_admin.exchange.documents.amounts import capital


@pytest.mark.parametrize(
    ("yuan", "said"),
    [
        ("0.00", "零元整"),
        ("0.05", "伍分"),
        ("0.10", "壹角整"),
        ("0.15", "壹角伍分"),
        ("1.00", "壹元整"),
        ("10.00", "壹拾元整"),
        ("100.05", "壹佰元零伍分"),
        ("101.50", "壹佰零壹元伍角整"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("4346.66", "肆仟叁佰肆拾陆元陆角陆分"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("7200.00", "柒仟贰佰元整"),
        ("10000.00", "壹万元整"),
        ("10005.00", "壹万零伍元整"),
        ("10500.00", "壹万零伍佰元整"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("25000.00", "贰万伍仟元整"),
        ("33000.00", "叁万叁仟元整"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("1960000.00", "壹佰玖拾陆万元整"),
        ("10000000.00", "壹仟万元整"),
        ("100000000.00", "壹亿元整"),
        ("100005000.00", "壹亿零伍仟元整"),
        ("100050000.00", "壹亿零伍万元整"),
        ("1000000000000.00", "壹万亿元整"),
        ("1234500000000.00", "壹万贰仟叁佰肆拾伍亿元整"),
    ],
)
def test_an_amount_is_written_in_capitals(yuan, said):
    assert capital(int(yuan.replace(".", ""))) == said


@pytest.mark.parametrize("fen", [-1, 10**18])
def test_no_amount_is_made_up_for_what_cannot_be_written(fen):
    with pytest.raises(ValueError):
        capital(fen)


VALUES = {**{c: n for n, c in enumerate("零壹贰叁肆伍陆柒捌玖")}, "拾": 10, "佰": 100, "仟": 1000}


def read_back(text: str) -> int:
    """Fen from capitals, by another way than they were made."""
    whole, _, rest = text.removesuffix("整").rpartition("元")
    total = group = digit = 0
    for char in whole:
        if char in "万亿":
            total, group, digit = (total + group + digit) * {"万": 10**4, "亿": 10**8}[char], 0, 0
        elif (value := VALUES[char]) < 10:
            digit = value
        else:
            group, digit = group + digit * value, 0
    fen = 0
    for char, place in pairwise(rest):
        fen += VALUES[char] * {"角": 10, "分": 1}[place] if place in "角分" else 0
    return (total + group + digit) * 100 + fen


@given(st.integers(0, 10**10 - 1))
def test_what_is_written_means_the_amount_below_a_hundred_million(fen):
    assert read_back(capital(fen)) == fen


@given(st.integers(0, 10**18 - 1))
def test_a_zero_is_never_doubled_nor_left_at_the_end(fen):
    said = capital(fen)
    assert "零零" not in said
    assert not said.rstrip("整").rstrip("元").endswith("零") or said == "零元整"
