"""Where the table begins, which column is which, and who is a person."""

from __future__ import annotations

import pytest

from tepei_admin.errors import RuleViolation
from tepei_admin.exchange.columns import ALL_COLUMNS, COLUMNS
from tepei_admin.exchange.layout import find, lay_out, match
from tepei_admin.exchange.reader import read
from tepei_admin.messages import say
from tests.exchange import making
from tests.exchange.making import HEADER, id_number, person, report

ANNEX = [
    "序号",
    "姓名",
    "性别",
    "民族",
    "出生年月",
    "身份证号",
    "政治面貌",
    "学历",
    "学位",
    "毕业院校",
    "所学专业",
    "参加工作时间",
    "从事专业",
    "从事专业时间",
    "专业技术职务",
    "取得时间",
    "工作单位",
    "职务",
    "单位所在盟市",
    "旗县",
    "培养类别",
    "培养专业",
    "意向培养单位",
    "意向导师",
    "手机",
    "办公电话",
    "邮箱",
    "推荐顺序",
    "备注",
]


def league_sheet(**more):
    """Title, unit line, a header in two rows, an empty row, totals, signature."""
    book = making.workbook(
        [
            ["2019年度学员汇总表（区外）"],
            [
                more.get("unit", "单位（盖章）：呼伦贝尔市人力资源和社会保障局"),
                *[None] * 3,
                "填报日期：2019年3月20日",
            ],
            ["序号", "姓 名", "民族", "身份证\n号码", "出生年月\n（如1985.03）", "联系方式", None, "QQ号"],
            [None, None, None, None, None, "手机", "办公", None],
            [1, "那仁 高娃", "蒙古族", id_number(1), "1985.03", "13800000981", "0470-8810991", "1"],
            [None, "何丽", "蒙古族", id_number(2), "1985.03", "13800000982", None, None],
            [],
            [3, "斯琴", "蒙古", id_number(3), "1985.03", "13800000983", None, None],
            ["合计", "3人"],
            ["填表人：李某", None, None, None, "审核人：赵某"],
        ]
    )
    for span in ("A1:H1", "A3:A4", "B3:B4", "C3:C4", "D3:D4", "E3:E4", "F3:G3", "H3:H4"):
        book.active.merge_cells(span)
    return making.saved(book)


def test_the_columns_are_those_of_the_annex_in_its_order():
    assert [column.header for column in COLUMNS] == ANNEX


def test_every_header_and_alias_names_one_field():
    for column in ALL_COLUMNS:
        for name in (column.header, *column.aliases):
            parent, _, child = name.rpartition("/")
            if name != "区内/区外":
                assert match(child, parent) == column.field, name
            assert match(name) == column.field, name


def test_a_sheet_of_a_league_is_understood():
    found = report(league_sheet())
    assert found.header_rows == [3, 4]
    assert found.columns == {
        "姓 名": "name",
        "民族": "ethnicity",
        "身份证\n号码": "id_number",
        "出生年月\n（如1985.03）": "birth_date",
        "联系方式/手机": "mobile",
        "联系方式/办公": "office_phone",
    }
    assert found.ignored_columns == ["QQ号"]
    assert [row.number for row in found.rows] == [5, 6, 8]
    assert [(row.number, row.kind) for row in found.skipped] == [
        (1, "title"),
        (2, "unit_line"),
        (9, "totals"),
        (10, "signature"),
    ]
    assert found.unit_line == "呼伦贝尔市人力资源和社会保障局"
    assert found.rows[0].values["office_phone"] == "0470-8810991"


@pytest.mark.parametrize(
    ("line", "unit"),
    [
        ("单位：赤峰市人社局", "赤峰市人社局"),
        (
            "报送单位（公章）: 满洲里市人力资源和社会保障局   填报日期：2019年3月",
            "满洲里市人力资源和社会保障局",
        ),
        ("填报单位(盖章)：乌海市 填表人：李某", "乌海市"),
        ("填报日期：2019年3月20日", ""),
    ],
)
def test_the_unit_line_is_given_back(line, unit):
    assert report(league_sheet(unit=line)).unit_line == unit


def test_the_unit_may_stand_in_the_next_cell():
    rows = [["单位（盖章）：", None, "包头市"], HEADER, person(1)]
    assert report(making.xlsx(rows)).unit_line == "包头市"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("呼伦贝尔市人力资源和社会保障局", "150700"),
        ("呼伦贝尔", "150700"),
        ("兴安盟人社局", "152200"),
        ("满洲里市", "150781"),
        ("二连浩特市人力资源和社会保障局（盖章）", "152501"),
        ("150400", "150400"),
        ("松山区", ""),
        ("北京市", ""),
    ],
)
def test_reporting_places_are_known_by_code_and_name(text, code):
    assert making.LOOKUPS.unit(text) == code


def test_columns_may_stand_in_any_order():
    order = [5, 3, 1, 0, 9, 2, 4, 6, 7, 8, 10]
    rows = [[row[at] for at in order] for row in (list(HEADER), person(1))]
    values = report(making.xlsx(rows)).rows[0].values
    assert (values["name"], values["mobile"], values["ethnicity"]) == ("王伟", "13800000991", "02")


def test_a_header_in_two_rows_is_understood_in_a_text_file():
    rows = [
        ["学员汇总表"],
        ["姓名", "民族", "身份证号", "联系方式", "", "专业技术职务", ""],
        ["", "", "", "手机", "办公", "名称", "取得时间"],
        ["王伟", "蒙古族", id_number(1), "13800000991", "0471-6290991", "副教授", "2015.12"],
    ]
    found = report(making.text_file(rows), "a.csv")
    assert found.header_rows == [2, 3]
    assert found.rows[0].values["office_phone"] == "0471-6290991"
    assert (found.rows[0].values["title"], found.rows[0].values["title_date"]) == ("副教授", "2015-12")


def test_names_may_stand_in_the_second_row_of_a_header():
    book = making.workbook(
        [
            ["基本情况", None, None, "联系方式", None],
            ["姓名", "民族", "身份证号", "手机", "办公"],
            ["王伟", "蒙古族", id_number(1), "13800000991", None],
        ]
    )
    book.active.merge_cells("A1:C1")
    book.active.merge_cells("D1:E1")
    found = report(making.saved(book))
    assert [row.number for row in found.rows] == [3]
    assert set(found.columns.values()) == {"name", "ethnicity", "id_number", "mobile", "office_phone"}


@pytest.mark.parametrize(
    ("rows", "code", "named"),
    [
        ([["一", "二"], ["三", "四"]], "import.header_not_found", "身份证号"),
        ([["姓名", "民族", "学历"], ["王伟", "蒙古族", "本科"]], "import.columns_missing", "身份证号"),
        ([["身份证号", "民族"], [id_number(1), "蒙古族"]], "import.columns_missing", "姓名"),
        ([HEADER], "import.no_person", "身份证号"),
        ([HEADER, ["合计", "0人"]], "import.no_person", "姓名"),
    ],
)
def test_a_file_without_header_or_people_is_refused_with_what_was_looked_for(rows, code, named):
    with pytest.raises(RuleViolation) as caught:
        report(making.xlsx(rows))
    assert caught.value.violations[0].code == code
    assert named in say(caught.value.violations[0])


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["赤峰市"], "group"),
        (["一、赤峰市"], "group"),
        (["（一）区直单位"], "group"),
        (["一", "赤峰市"], "group"),
        (["赤峰市", "3人"], "group"),
        (["小计", None, None, "3"], "totals"),
        ([None, "合计", "3人"], "totals"),
        (["总计：3人"], "totals"),
        (["共3人"], "totals"),
        (["填表人：李某", None, None, "审核人：赵某", "2019年3月20日"], "signature"),
        (["单位负责人（签字）"], "signature"),
        (["联系电话：0471-6290991"], "signature"),
        (["注：身份证号按文本填写"], "hint"),
        (["填表说明：1.本表一式两份"], "hint"),
        ([None, "必填", "男/女", "填写全称", "如1985.03", "18位"], "hint"),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9], "hint"),
        (["例", "张三", "男", "蒙古族", "1985.03", id_number(9)], "example"),
        ([0, "张三（示例）", "男", "蒙古族", "1985.03", id_number(9)], "example"),
    ],
)
def test_rows_that_are_nobody_are_skipped_and_listed(cells, kind):
    found = report(making.xlsx([HEADER, person(1), cells]))
    assert [(row.number, row.kind) for row in found.skipped] == [(3, kind)]
    assert [row.number for row in found.rows] == [2]


@pytest.mark.parametrize("cells", [[], [5], [5, None, None, None, None, None], list(HEADER)])
def test_blank_rows_numbers_alone_and_the_header_again_are_not_listed(cells):
    found = report(making.xlsx([HEADER, person(1), cells, person(2)]))
    assert found.skipped == []
    assert [row.number for row in found.rows] == [2, 4]


@pytest.mark.parametrize(
    "cells",
    [
        [None, *person(2)[1:]],
        [2, "李娜", "女", "蒙古族", "1985-03", None, "本科"],
        [2, "李娜"],
        [2, None, "女", "蒙古族", "1985-03", None, "本科"],
        [2, None, None, None, None, id_number(2)],
    ],
)
def test_a_real_row_is_never_skipped(cells):
    found = report(making.xlsx([HEADER, person(1), cells]))
    assert [row.number for row in found.rows] == [2, 3]


def test_the_first_visible_sheet_with_a_header_is_read():
    book = making.workbook([["填表说明"], ["一、请按文本填写"]], "说明")
    sheet = book.create_sheet("区外")
    for row in (HEADER, person(1)):
        sheet.append(row)
    assert report(making.saved(book)).sheet == "区外"


def test_a_header_is_recognised_by_itself():
    assert find(read(making.xlsx([HEADER]), "a.xlsx"))
    assert find(read(making.xlsx([person(1)]), "a.xlsx")) is None
    assert lay_out(read(making.xlsx([HEADER]), "a.xlsx")).index("name") == 1


def test_somebody_in_the_row_of_the_example_is_asked_about_and_never_skipped():
    row = report(making.xlsx([HEADER, person(1, 序号="示例"), person(2)])).rows[0]
    assert (row.number, row.outcome) == (2, "error")
    assert [(item.field, item.code) for item in row.messages] == [("id_number", "row.example_filled")]


@pytest.mark.parametrize(
    "example",
    [
        person(1, 序号="示例", 身份证号="15010219850315992X"),
        person(1, 序号="例", 身份证号="123456789012345678"),
        person(1, 姓名="示例"),
        person(1, 序号="示例", 身份证号=None),
    ],
)
def test_an_example_with_the_number_of_nobody_is_skipped(example):
    found = report(making.xlsx([HEADER, example, person(2)]))
    assert [(one.number, one.kind) for one in found.skipped] == [(2, "example")]
    assert len(found.rows) == 1
