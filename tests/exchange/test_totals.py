"""Sums between and after the rows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tepei_admin.exchange.totals import Totals
from tepei_admin.exchange.writers import Output

TEXT, MONEY, COUNT = Output("培养单位"), Output("金额", "money"), Output("人数", "int")


def lines(outputs, marks, rows):
    return list(Totals.of(outputs, marks).among(iter(rows)))


def test_a_table_that_sums_nothing_has_no_totals():
    assert Totals.of([TEXT, MONEY], ["group", ""]) is None


def test_groups_within_groups_close_from_the_inside():
    rows = [("甲", "区外", 1), ("甲", "区内", 2), ("乙", "区内", 4), ("乙", "区内", 8)]
    assert lines([TEXT, Output("类别"), MONEY], ["group", "group", "sum"], rows) == [
        ("甲", "区外", 1), ("区外小计", None, 1), ("甲", "区内", 2), ("区内小计", None, 2), ("甲小计", None, 3),
        ("乙", "区内", 4), ("乙", "区内", 8), ("区内小计", None, 12), ("乙小计", None, 12), ("合计", None, 15),
    ]  # fmt: skip


def test_the_label_stands_in_a_column_of_text_and_never_among_numbers():
    assert lines([COUNT, TEXT, MONEY], ["", "", "sum"], [(1, "甲", 5)])[-1] == (None, "合计", 5)
    assert lines([COUNT, MONEY], ["", "sum"], [(1, 5)])[-1] == (None, 5)


def test_no_rows_sum_to_nought():
    assert lines([TEXT, MONEY], ["group", "sum"], []) == [("合计", 0)]


def test_a_group_without_a_name_is_summed_as_well():
    assert lines([TEXT, MONEY], ["group", "sum"], [(None, 5)]) == [(None, 5), ("小计", 5), ("合计", 5)]


@given(
    st.lists(
        st.tuples(
            st.sampled_from("甲乙丙"), st.sampled_from("子丑"), st.integers(-(10**9), 10**9) | st.none()
        )
    )
)
def test_subtotals_of_each_level_add_up_to_the_total(rows):
    rows.sort(key=lambda row: row[:2])
    outputs = [TEXT, Output("类别"), MONEY]
    found = lines(outputs, ["group", "group", "sum"], rows)
    total = sum(row[2] or 0 for row in rows)
    outer = sum(row[2] for row in found if row[0] in ("甲小计", "乙小计", "丙小计"))
    inner = sum(row[2] for row in found if row[0] in ("子小计", "丑小计"))
    assert found[-1] == ("合计", None, total) and outer == inner == total
    assert [row for row in found if row[1] is not None] == rows
