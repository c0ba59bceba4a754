"""The rows that failed go back as a workbook; put right, they are imported."""

from __future__ import annotations

import io

import openpyxl
import pytest

from tepei_admin.exchange import error_workbook, intake
from tepei_admin.models import Trainee, Upload
from tepei_admin.services import vault
from tests.exchange.making import HEADER, id_number, person, xlsx
from tests.exchange.test_intake import LINE, check
from tests.exchange.test_mending import mend, set_columns, unread

BAD = "150102850315991"


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    monkeypatch.setattr(vault, "folder", tmp_path / "files")


def hand_in(house, *rows, header=HEADER, unit="150400") -> Upload:
    data = xlsx([LINE, header, *rows])
    made = check(house, data, unit=unit)
    return Upload.get_by_id(intake.hand_in(house.cli, data, made, house.unit(unit) if unit else None))


def book(upload: Upload):
    return openpyxl.load_workbook(io.BytesIO(error_workbook.of_upload(Upload.get_by_id(upload.id))))


def rows(sheet) -> list[list[object]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def again(house, workbook, unit=None):
    out = io.BytesIO()
    workbook.save(out)
    return check(house, out.getvalue(), unit=unit, name="错误行.xlsx")


def test_only_the_rows_that_failed_in_the_senders_own_columns(house):
    header = ["QQ号", *HEADER[1:3], "民族", "身份证号", "出生年月"]
    upload = hand_in(
        house,
        ["1", "王伟", "男", "蒙古族", id_number(1), "1985-03"],
        ["2", "王玮", "男", "火星族", id_number(3), "1985-03"],
        header=header,
    )
    lines = rows(book(upload).active)
    at = next(place for place, line in enumerate(lines) if line[0] == "QQ号")
    assert lines[at] == [*header, "错误信息"]
    assert [line[:6] for line in lines[at + 1 :]] == [["2", "王玮", "男", "火星族", id_number(3), "1985-03"]]
    assert "原第 4 行：民族“火星族”不在国家标准的 56 个民族之内" in lines[-1][6]


def test_the_faulty_cell_is_red_with_a_note_and_nothing_is_a_number_or_a_formula(house):
    upload = hand_in(house, person(1, 身份证号=BAD, 备注="=1+1", 出生年月=1985.03, 手机=13800000991))
    sheet = book(upload).active
    header = {cell.value: cell.column for row in sheet.iter_rows() for cell in row if cell.value in HEADER}
    wrong = sheet.cell(sheet.max_row, header["身份证号"])
    assert wrong.fill.start_color.rgb == "FFFFC7CE" and "18 位" in wrong.comment.text
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert sheet.cell(sheet.max_row, header["手机"]).value == "13800000991"
    assert sheet.cell(sheet.max_row, header["备注"]).value == "=1+1"
    assert wrong.number_format == "@"


def test_put_right_it_is_imported_and_takes_just_those_rows(house):
    upload = hand_in(house, person(1), person(2, 身份证号=BAD), person(3, 民族="火星族"))
    intake.store_kept(house.cli, upload.id, upload.version, accept_good=True)
    workbook = book(upload)
    sheet = workbook.active
    header = {cell.value: cell.column for row in sheet.iter_rows() for cell in row if cell.value in HEADER}
    sheet.cell(sheet.max_row - 1, header["身份证号"]).value = id_number(2)
    sheet.cell(sheet.max_row, header["民族"]).value = "蒙古族"
    made = again(house, workbook)
    assert [row.outcome for row in made.report.rows] == ["new", "new"]
    assert "错误信息" in made.report.ignored_columns and made.report.sender == "150400"
    assert intake.store(house.cli, made).done and Trainee.select().count() == 3


def test_sent_back_untouched_the_same_rows_fail(house):
    upload = hand_in(house, person(1, 身份证号=BAD), person(2, 民族="火星族"), unit=None)
    made = again(house, book(upload))
    assert [row.outcome for row in made.report.rows] == ["error", "error"]


def test_what_the_office_has_put_right_goes_along(house):
    upload = hand_in(house, person(1, 身份证号=BAD, 民族="火星族"))
    mend(house, upload, r3_ethnicity="蒙古族")
    assert "蒙古族" in rows(book(upload).active)[-1] and "火星族" not in rows(book(upload).active)[-1]


def test_a_header_in_two_rows_comes_back_in_one_and_is_understood(house):
    from tests.exchange.making import saved, workbook

    made = workbook([
        LINE, ["姓名", "身份证号", "民族", "联系方式", None], [None, None, None, "手机", "办公"],
        ["王伟", BAD, "蒙古族", "13800000991", "0471-6290991"],
    ])  # fmt: skip
    for span in ("A2:A3", "B2:B3", "C2:C3", "D2:E2"):
        made.active.merge_cells(span)
    data = saved(made)
    upload = Upload.get_by_id(intake.hand_in(house.cli, data, check(house, data), None))
    found = again(house, book(upload), unit="150400")
    assert found.report.columns["联系方式/办公"] == "office_phone"
    assert found.report.columns["联系方式/手机"] == "mobile"


def test_a_column_that_the_office_has_named_comes_back_under_our_name(house):
    upload = unread(house, person(1, 身份证号=BAD))
    set_columns(house, upload, remembers=False, 证号="id_number")
    made = again(house, book(upload), unit="150400")
    assert made.report.columns["身份证号"] == "id_number"
