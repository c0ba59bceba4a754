"""The files of money: by host with subtotals, with the calculation's figures, the ledger; sums as on the pages."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from tepei_admin.exchange import export
from tepei_admin.services import money
from tests.services.money_cast import away, completed, disqualified, host, in_training, paid, received


def table(house, name: str, folder: Path) -> list[list[str]]:
    path = folder / f"{name}.csv"
    export.to_file(house.cli, name, house.programme().id, path)
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.reader(handle))


def test_tuition_goes_out_by_host_with_subtotals_and_a_total(house, tmp_path):
    other = host(house, "H2", "上海交通大学", "6217001111222233")
    people = [in_training(house), in_training(house, track="inside"), in_training(house, host=other)]
    paid(house, "tuition", *people)
    rows = table(house, "学费汇款清单", tmp_path)
    assert rows[0] == ["序号", "培养单位", "户名", "开户银行", "银行账号", "姓名", "培养类别", "金额"]
    by_label = {row[1]: row[-1] for row in rows if not row[0]}
    assert by_label == {"上海交通大学小计": "33000.00", "北京师范大学小计": "49000.00", "合计": "82000.00"}
    assert [row[0] for row in rows[1:] if row[0]] == ["1", "2", "3"] and rows[-1][1] == "合计"
    assert sum(i.amount for i in money.sums(house.cli, house.programme().id)) == 8_200_000


def test_the_stipend_sheet_has_the_calculations_figures(house, tmp_path):
    person = completed(house, track="inside", start=dt.date(2019, 9, 16))
    away(house, person, dt.date(2020, 1, 1), dt.date(2020, 1, 20))
    paid(house, "stipend", person)
    rows = table(house, "生活补贴发放表", tmp_path)
    assert rows[1][1:3] == [person.name, person.id_number]
    assert rows[1][5:] == ["2019年9月16日至2020年8月31日", "11", "16", "266.67", "4346.66"]
    assert rows[2][1] == "合计" and rows[2][-2:] == ["266.67", "4346.66"]


def test_the_ledger_goes_out_as_the_page_has_it(house, tmp_path):
    person, number = disqualified(house)
    disqualified(house)
    received(house, number, 1_000_000)
    received(house, number, 300_000, kind="remission")
    rows = table(house, "追缴台账", tmp_path)
    assert rows[0] == ["序号", "姓名", "单位", "情形", "应收", "已收", "减免", "未收"]
    assert rows[1][1] == person.name and rows[1][4:] == ["33000.00", "10000.00", "3000.00", "20000.00"]
    total = money.total_of(money.of_year(house.cli, house.programme().id))
    assert rows[-1][4:] == ["66000.00", "10000.00", "3000.00", "53000.00"]
    assert (total.due, total.outstanding) == (6_600_000, 5_300_000)


@pytest.mark.parametrize("name", ["学费汇款清单", "生活补贴发放表", "追缴台账"])
def test_a_year_without_money_is_an_empty_sheet_with_a_zero_total(house, tmp_path, name):
    rows = table(house, name, tmp_path)
    assert len(rows) == 2 and rows[1][1] == "合计" and rows[1][-1] == "0.00"
    path = tmp_path / "t.xlsx"
    export.to_file(house.cli, name, house.programme().id, path, fmt="xlsx")
    assert openpyxl.load_workbook(path).active.max_row == 2
