"""A whole file: people beside each other, and the report that is printed."""

from __future__ import annotations

import json

import pytest

from tepei_admin.exchange.cells import Message
from tepei_admin.exchange.sheet_report import OUTCOMES, as_json
from tests.exchange import making
from tests.exchange.making import HEADER, codes, id_number, person, report


def outcomes(rows, **more):
    return {row.number: row.outcome for row in report(making.xlsx([HEADER, *rows]), **more).rows}


def test_a_row_without_fault_is_new():
    found = report(making.xlsx([HEADER, person(1)]))
    assert found.rows[0].messages == []
    assert found.rows[0].values == {
        "name": "王伟",
        "sex": "1",
        "ethnicity": "02",
        "birth_date": "1985-03-15",
        "id_number": id_number(1),
        "education": "14",
        "education_written": "硕士研究生",
        "degree": "3",
        "degree_written": "硕士",
        "title": "副教授",
        "title_level": "412",
        "mobile": "13800000991",
    }
    assert found.rows[0].written["birth_date"] == "1985-03"


def test_two_people_of_one_name_are_two_people():
    assert outcomes([person(1), person(3)]) == {2: "new", 3: "new"}


@pytest.mark.parametrize(
    "change", [{"姓名": "王玮"}, {"手机": "13900000992"}, {"备注": "一"}, {"学位": None}]
)
def test_one_number_with_any_difference_is_an_error_on_both(change):
    found = report(making.xlsx([HEADER, person(1), person(3), person(1, **change)]))
    assert {row.number: row.outcome for row in found.rows} == {2: "error", 3: "new", 4: "error"}
    assert [codes(row, "error") for row in found.rows if row.outcome == "error"] == [
        ["id_number.same_with_difference"]
    ] * 2
    assert "第 4 行" in found.rows[0].messages[0].text
    assert "第 2 行" in found.rows[2].messages[0].text


@pytest.mark.parametrize(
    "change", [{}, {"序号": 9}, {"姓名": "王 伟"}, {"身份证号": f" {id_number(1)}"}, {"民族": "蒙"}]
)
def test_the_same_row_again_is_skipped_with_a_notice(change):
    found = report(making.xlsx([HEADER, person(1), person(1, **change)]))
    assert [row.outcome for row in found.rows] == ["new", "skipped"]
    assert codes(found.rows[1]) == ["id_number.same_row"]
    assert found.counts()["skipped"] == 1


def test_another_order_of_recommendation_is_no_difference():
    header = [*HEADER, "推荐顺序"]
    found = report(making.xlsx([header, [*person(1), 1], [*person(1), 2]]))
    assert [row.outcome for row in found.rows] == ["new", "skipped"]


def test_three_rows_of_one_number_are_all_errors_where_one_differs():
    assert outcomes([person(1), person(1), person(1, 姓名="王玮")]) == {2: "error", 3: "error", 4: "error"}


def test_a_cell_that_cannot_be_read_is_a_difference_too():
    rows = [person(1, 出生年月="85.3"), person(1, 出生年月="85.4")]
    found = report(making.xlsx([HEADER, *rows]))
    assert all("id_number.same_with_difference" in codes(row) for row in found.rows)


def test_a_hidden_row_is_shown_and_makes_nobody_else_an_error():
    book = making.workbook([HEADER, person(1), person(1, 姓名="王玮"), person(2)])
    book.active.row_dimensions[3].hidden = True
    found = report(making.saved(book))
    assert [row.outcome for row in found.rows] == ["new", "hidden", "new"]
    assert codes(found.rows[1], "warning") == ["id_number.same_as_shown"]
    assert found.counts()["hidden"] == 1


def test_a_file_of_the_other_track_is_full_of_errors():
    rows = [[*HEADER, "培养类别"], [*person(1), "区外"], [*person(2), "区内"], [*person(3), None]]
    found = report(making.xlsx(rows), track="inside")
    assert [row.outcome for row in found.rows] == ["error", "new", "new"]
    assert [message.field for message in found.rows[0].messages] == ["track"]


def test_a_degree_decides_wherever_its_column_stands():
    rows = [["学历", "姓名", "民族", "身份证号", "学位"], ["研究生", "王伟", "蒙古族", id_number(1), "博士"]]
    assert report(making.xlsx(rows)).rows[0].values["education"] == "11"


def test_an_absent_column_leaves_the_fact_unknown_without_a_word():
    found = report(making.xlsx([["姓名", "身份证号"], ["王伟", id_number(1)]]))
    assert found.rows[0].messages == []
    assert found.rows[0].values == {
        "name": "王伟",
        "id_number": id_number(1),
        "birth_date": "1985-03-15",
    }


def test_a_merged_cell_counts_for_each_of_its_people():
    book = making.workbook([[*HEADER, "工作单位"], [*person(1), "赤峰学院"], person(2), person(3)])
    book.active.merge_cells("L2:L4")
    assert [row.values["employer"] for row in report(making.saved(book)).rows] == ["赤峰学院"] * 3


def test_the_printed_report_has_every_key_and_its_own_texts():
    data = making.xlsx(
        [["汇总表（区外）"], [*HEADER, "QQ号"], [*person(1, 姓名="王 伟"), "1"], ["合计", "1人"]]
    )
    printed = json.loads(json.dumps(as_json(report(data)), ensure_ascii=False))
    assert list(printed) == [
        "file", "encoding", "sheet", "header_rows", "columns", "ignored_columns", "rows", "counts",
    ]  # fmt: skip
    assert (printed["encoding"], printed["sheet"], printed["header_rows"]) == (None, "汇总表", [2])
    assert printed["ignored_columns"] == ["QQ号"]
    assert "序号" not in printed["columns"]
    assert printed["counts"] == dict.fromkeys(OUTCOMES, 0) | {"new": 1, "skipped": 2}
    assert [(row["row"], row["outcome"]) for row in printed["rows"]] == [
        (1, "skipped"),
        (3, "new"),
        (4, "skipped"),
    ]
    assert printed["rows"][1]["messages"] == [
        {
            "level": "notice",
            "field": "name",
            "code": "name.spaces_removed",
            "text": "姓名“王 伟”中的空格已去除，存为“王伟”",
        }
    ]
    values = printed["rows"][1]["values"]
    assert (values["sex"], values["ethnicity"], values["education"]) == ("男", "蒙古族", "硕士研究生")
    assert values["title_level"] == "412"


def test_a_text_file_has_an_encoding_and_no_sheet():
    printed = as_json(report(making.text_file([HEADER, person(1)], "gb18030"), "汇总表.csv"))
    assert (printed["encoding"], printed["sheet"]) == ("gb18030", None)


def test_whoever_comes_after_may_add_an_error():
    row = report(making.xlsx([HEADER, person(1)])).rows[0]
    row.add(Message("warning", "name", "name.hyphen"))
    assert row.outcome == "new"
    row.add(Message("error", "id_number", "id_number.missing"))
    assert row.outcome == "error"


@pytest.mark.parametrize(
    "rows",
    [
        [HEADER, person(1, 姓名="王\ue863", 民族="达翰尔", 备注="一\n二"), person(2, 专业技术职务="专家")],
        [HEADER, person(1, 学历="研究生", 手机="13800000991/13900000992")],
    ],
)
def test_every_door_gives_the_same_people(rows):
    doors = [
        report(making.xlsx(rows)),
        report(making.shared(rows)),
        report(making.xls(rows), "汇总表.xls"),
        report(making.text_file(rows), "汇总表.csv"),
        report(making.text_file(rows, "utf-16", "\t"), "汇总表.txt"),
    ]
    first = [(row.number, row.values) for row in doors[0].rows]
    assert all([(row.number, row.values) for row in door.rows] == first for door in doors)
    assert all(row.outcome == "new" for row in doors[0].rows)


def test_a_text_that_is_too_long_for_its_column_is_an_error_and_is_not_stored():
    [row] = report(making.xlsx([HEADER, person(1, 学历="某" * 65, 备注="注" * 3000)])).rows
    assert [(message.field, message.code) for message in row.messages if message.level == "error"] == [
        ("education", "cell.too_long"), ("remarks", "cell.too_long"),
    ]  # fmt: skip
    assert any("最多 64 个字" in item.text for item in row.messages)
    assert not {"education_written", "remarks"} & set(row.values)
