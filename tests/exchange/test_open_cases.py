"""The field's own cases, each as a file that somebody sends.

The cells by themselves: `test_cells`; a league's sheet with merged headers and footers (O13): `test_layout`; what goes out
(O02, O06, O19): `test_export`; the database (O18): `test_intake`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.exchange import making
from tests.exchange.making import HEADER, codes, id_number, person, report

NUMBER = id_number(991)


def read(*rows: list[Any], header: tuple[str, ...] = HEADER) -> list[Any]:
    return report(making.xlsx([header, *rows])).rows


def one(**cells: Any) -> Any:
    return read(person(991, **cells))[0]


def errors(row: Any) -> list[tuple[str | None, str]]:
    return [(message.field, message.code) for message in row.messages if message.level == "error"]


@pytest.mark.parametrize("lost", [1.50102198503159e17, 150102198503159000.0, "1.50102E+17"])
def test_o01_a_number_that_lost_its_digits_is_an_error_and_other_rows_go_on(lost):
    bad, good = read(person(991, 身份证号=lost), person(2))
    assert errors(bad) == [("id_number", "id_number.stored_as_number")] and "id_number" not in bad.values
    assert good.outcome == "new"


@pytest.mark.parametrize("last", ["x", "Ｘ", "×", "Х", "Ⅹ"])
def test_o03_two_spellings_of_one_number_are_one_person(last):
    number = "15072319860609987"
    same = person(1, 姓名="何丽", 性别="男", 出生年月=None)
    rows = read(
        [*same[:5], f"{number}X", *same[6:]],
        [*same[:5], f"{number}{last}", *same[6:]],
    )
    assert [row.values["id_number"] for row in rows] == [f"{number}X"] * 2
    assert [row.outcome for row in rows] == ["new", "skipped"]


def test_o04_an_old_number_is_asked_for_and_never_stored():
    row = one(身份证号="150102850315991")
    assert errors(row) == [("id_number", "id_number.fifteen")] and "id_number" not in row.values


@pytest.mark.parametrize("region", ["150404", "152701", "150603", "239999"])
def test_o05_districts_change_while_numbers_are_kept_for_life(region):
    row = one(身份证号=id_number(991, region=region))
    assert row.outcome == "new"
    assert ("id_number.region_unknown" in codes(row)) is (region == "239999")


@pytest.mark.parametrize("marks", [1, 2])
def test_o06_marks_at_the_start_are_no_part_of_the_first_header(marks):
    found = report(b"\xef\xbb\xbf" * marks + making.text_file([HEADER, person(1)]), "汇总表.csv")
    assert found.columns["姓名"] == "name" and not found.ignored_columns


@pytest.mark.parametrize(("encoding", "delimiter"), [("gb18030", ","), ("utf-16", "\t")])
def test_o07_what_a_chinese_excel_saves_is_read_without_asking(encoding, delimiter):
    data = making.text_file([HEADER, person(1, 姓名="王䶮")], encoding, delimiter)
    assert report(data, "汇总表.txt").rows[0].values["name"] == "王\u4dae"


@pytest.mark.parametrize(
    ("written", "stored"),
    [("王䶮", "王䶮"), ("李𬭎", "李𬭎"), ("张𠮷", "张𠮷"), ("王\ue863", "王䶮"), ("\uf9e1娜", "李娜")],
)
def test_o08_rare_characters_come_through(written, stored):
    assert one(姓名=written).values["name"] == stored


@pytest.mark.parametrize("dot", "·•・‧･．∙⋅●.")
def test_o09_every_dot_is_one_dot_and_one_person(dot):
    rows = read(person(1, 姓名="阿不都·热合曼"), person(1, 姓名=f"阿不都 {dot} 热合曼"))
    assert [row.values["name"] for row in rows] == ["阿不都·热合曼"] * 2
    assert [row.outcome for row in rows] == ["new", "skipped"]


@pytest.mark.parametrize("written", ["王  伟", "王　伟", "王\u00a0伟", "\u200b王伟\ufeff", "王\n伟"])
def test_o10_spaces_that_nobody_sees_make_no_other_person(written):
    rows = read(person(1), person(1, 姓名=written, 身份证号=f" {id_number(1)[:6]} {id_number(1)[6:]}\u200b"))
    assert rows[1].values["name"] == "王伟" and rows[1].outcome == "skipped"


def test_o11_a_date_is_read_by_its_cells_format_and_a_serial_with_a_word():
    book = making.workbook([HEADER, *(person(1) for _ in range(4))])
    sheet = book.active
    for row, (value, code) in enumerate(
        [
            (datetime(1985, 3, 15), "yyyy-mm-dd"),
            (datetime(1985, 3, 1), 'yyyy"年"m"月"'),
            (31121, "General"),
            (198503, "General"),
        ],
        2,
    ):
        sheet.cell(row, 5, value).number_format = code
        sheet.cell(row, 6, id_number(row))
    rows = report(making.saved(book)).rows
    assert [errors(row) for row in rows] == [[], [], [], []]
    assert "date.excel_serial" in codes(rows[2]) and "date.excel_serial" not in codes(rows[3])


@pytest.mark.parametrize(
    ("born", "outcome"), [("19851012", "new"), ("19850315", "error"), ("19850112", "new")]
)
def test_o12_a_month_that_may_have_lost_its_zero_is_decided_by_the_number(born, outcome):
    assert one(出生年月=1985.1, 身份证号=id_number(991, born)).outcome == outcome


@pytest.mark.parametrize(
    "written", [13800000991, "13800000991.0", "1.3800000991E10", "138-0000-0991", "13800000991/13900000992"]
)
def test_o14_a_mobile_is_eleven_digits_however_it_was_written(written):
    assert one(手机=written).values["mobile"] == "13800000991"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("蒙", "02"),
        ("蒙族", "02"),
        ("02-蒙古族", "02"),
        ("达翰尔族", "31"),
        ("满族（正黄旗）", "11"),
        ("汉", "01"),
    ],
)
def test_o15_ethnic_groups_are_one_code(written, code):
    assert one(民族=written).values["ethnicity"] == code


def test_o15_what_cannot_be_told_is_an_error_with_the_remedy():
    assert [errors(one(民族=written))[0][0] for written in ("穿青人", "蒙古族/汉族")] == ["ethnicity"] * 2


@pytest.mark.parametrize(
    ("written", "degree", "held"), [("研究生", "硕士", False), ("研究生", None, True), ("硕士", None, True)]
)
def test_o16_schooling_is_held_where_it_is_not_shown(written, degree, held):
    row = one(学历=written, 学位=degree)
    assert row.outcome == "new" and bool(codes(row, "warning")) is held


def test_o17_a_level_comes_from_the_list_and_a_date_from_its_brackets():
    header = (*HEADER, "取得时间")
    known, unknown = read(
        [*person(1, 专业技术职务="副教授（2018.12）"), None],
        [*person(2, 专业技术职务="高级某某"), None],
        header=header,
    )
    assert (known.values["title_level"], known.values["title_date"]) == ("412", "2018-12")
    assert not unknown.values.get("title_level") and unknown.outcome == "new"


def test_o18_same_name_two_numbers_are_two_and_two_names_on_one_number_are_none():
    rows = read(person(1), person(3), person(5), person(5, 姓名="王玮"))
    assert [row.outcome for row in rows] == ["new", "new", "error", "error"]


def test_o19_tricks_and_formulas_on_the_way_in():
    book = making.workbook([HEADER, person(1, 身份证号=f"'{id_number(1)}"), person(3), person(5)])
    sheet = book.active
    sheet["F3"] = f'="{id_number(3)}"'
    sheet["F3"].data_type = "s"
    sheet["K4"] = "=NA()"
    rows = report(making.saved(book)).rows
    assert [row.values["id_number"] for row in rows] == [id_number(1), id_number(3), id_number(5)]
    assert rows[2].outcome == "new" and "remarks" not in rows[2].values and codes(rows[2], "warning")


@pytest.mark.parametrize(
    "name", ["赤峰市 2019年度学员汇总表（区外）.xlsx", "汇总表.XLSX", "../../汇总表.xlsx", "汇总表.csv"]
)
def test_o25_a_file_is_what_it_holds_whatever_its_name(name):
    assert report(making.xlsx([HEADER, person(1)]), name).counts()["new"] == 1
