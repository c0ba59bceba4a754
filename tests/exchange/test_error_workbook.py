"""The rows that failed go back as a workbook; put right, they are imported."""

from __future__ import annotations

import io
from datetime import datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tepei_admin.exchange import error_workbook, filetypes, intake, wire
from tepei_admin.exchange.cells import EMPTY, Cell, error_cell, readable, text_cell, written
from tepei_admin.exchange.columns import ALL_COLUMNS
from tepei_admin.exchange.formats import number_cell
from tepei_admin.exchange.layout import Heading, match
from tepei_admin.exchange.reading import Setting
from tepei_admin.exchange.sheet_report import FileReport, Sent, read_again
from tepei_admin.models import Trainee, Upload, UploadRow
from tepei_admin.services import vault
from tests.exchange import making
from tests.exchange.making import HEADER, codes, id_number, person, xlsx
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


def of_file(house, data: bytes) -> Upload:
    return Upload.get_by_id(intake.hand_in(house.cli, data, check(house, data), None))


def book_bytes(upload: Upload) -> bytes:
    return error_workbook.of_upload(Upload.get_by_id(upload.id))


def book(upload: Upload):
    return openpyxl.load_workbook(io.BytesIO(book_bytes(upload)))


def rows(sheet) -> list[list[object]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def again(house, workbook, unit=None):
    data = workbook if isinstance(workbook, bytes) else making.saved(workbook)
    return check(house, data, unit=unit, name="错误行.xlsx")


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


def test_the_faulty_cell_is_red_with_a_note_and_whatever_is_typed_into_a_cell_stays_text(house):
    upload = hand_in(house, person(1, 身份证号=BAD, 备注="=1+1", 出生年月=1985.03, 手机=13800000991))
    sheet = book(upload).active
    header = {cell.value: cell.column for row in sheet.iter_rows() for cell in row if cell.value in HEADER}
    wrong = sheet.cell(sheet.max_row, header["身份证号"])
    assert wrong.fill.start_color.rgb == "FFFFC7CE" and "18 位" in wrong.comment.text
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert "f" not in {cell.data_type for cell in cells}
    assert {cell.number_format for cell in cells if cell.column != header["序号"] and cell.row > 2} == {"@"}
    assert sheet.cell(sheet.max_row, header["手机"]).value == "13800000991"
    assert sheet.cell(sheet.max_row, header["备注"]).value == "=1+1"


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


def report_of(upload: Upload) -> list[tuple[str, dict[str, object], list[str]]]:
    """(outcome, values, codes) of the rows with errors, as the page shows them."""
    query = UploadRow.select().where(UploadRow.upload == upload.id, UploadRow.outcome == "error")
    return [
        (row.outcome, row.values, [item["code"] for item in row.messages])
        for row in query.order_by(UploadRow.number)
    ]


def told(made) -> list[tuple[str, dict[str, object], list[str]]]:
    return [(row.outcome, row.values, codes(row)) for row in made.report.rows]


MONTH = 'yyyy"年"m"月"'
UNTOUCHED = {
    "first-generation ID number": {"身份证号": BAD},
    "ID number that lost its digits": {"身份证号": 150102198503159919.0},
    "ID number that lost its digits, with zeros": {"身份证号": 150102198503159000.0},
    "ID number in scientific text": {"身份证号": "1.52E+17"},
    "unknown ethnic group": {"民族": "火星族"},
    "October or January": {"出生年月": 1985.1, "身份证号": id_number(1, "19850615")},
    "a month, and no ID number": {"出生年月": (31107.0, MONTH), "身份证号": BAD},
    "a day that lost its format": {"出生年月": 31121.0, "身份证号": BAD},
    "a year shown of a day": {"出生年月": (31121.0, "yyyy"), "身份证号": BAD},
    "a number for a name": {"姓名": 12.0},
    "a day for a name": {"姓名": (31121.0, "yyyy-mm-dd")},
    "telephone that lost its digits": {"手机": 1.38000009911390000e21},
    "error value": {"民族": "#N/A"},
    "nothing but a name": dict.fromkeys([name for name in HEADER if name != "姓名"]),
    "a name and a sex": dict.fromkeys([name for name in HEADER if name not in ("姓名", "性别")]),
    "no name": {"姓名": None},
    "neither name nor number": {"姓名": None, "身份证号": None},
    "two groups": {"民族": "蒙古族/汉族"},
    "a lost character": {"姓名": "王？"},
}


@pytest.mark.parametrize("kind", UNTOUCHED)
@pytest.mark.parametrize("made_as", [making.xlsx, making.xls, making.text_file], ids=["xlsx", "xls", "csv"])
def test_sent_back_untouched_the_same_rows_fail(sqlite_house, kind, made_as):
    row = person(1, **UNTOUCHED[kind])
    if made_as is making.text_file:
        row = [making.as_csv(cell) for cell in row]
    upload = of_file(sqlite_house, made_as([LINE, HEADER, row]))
    before = report_of(upload)
    assert [outcome for outcome, *_ in before] == ["error"]
    assert told(again(sqlite_house, book_bytes(upload))) == before


def test_a_formula_without_result_and_a_picture_are_no_values_afterwards(sqlite_house):
    data = making.replaced(
        making.xlsx([LINE, HEADER, person(1, 民族="A", 学历="B")]),
        "xl/worksheets/sheet1.xml",
        ('t="inlineStr"><is><t>A</t></is></c>', "><f>A9</f><v></v></c>"),
        ("<t>B</t>", "<t>=DISPIMG(&quot;ID_1&quot;,1)</t>"),
    )
    upload = of_file(sqlite_house, data)
    before = report_of(upload)
    assert {"cell.formula_without_result", "cell.picture"} <= set(before[0][2])
    assert told(again(sqlite_house, book_bytes(upload))) == before


def test_a_day_of_a_workbook_that_counts_from_1904_stays_that_day(sqlite_house):
    rows = [LINE, HEADER, person(1, 出生年月=29659.0, 身份证号=BAD)]
    upload = of_file(sqlite_house, making.xls(rows, epoch_1904=True))
    assert told(again(sqlite_house, book_bytes(upload))) == report_of(upload)
    assert report_of(upload)[0][1]["birth_date"] == "1985-03-15"


# A row of every column, each with any cell that a file can hold.

moments = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)).map(lambda day: day.replace(microsecond=0))
texts = st.text(st.characters(blacklist_categories=("Cs",)), max_size=30) | st.sampled_from(
    [
        *("'=1+1", "#N/A", "1985.10", "_x000D_", "TRUE", "1.52E+17", '=DISPIMG("ID",1)', " 王 伟 "),
        "a\r\nb",
    ]
)
numbers = (
    st.floats(-1e300, 1e300).map(lambda number: float(f"{number:.15g}"))  # what Excel keeps of it
    | st.integers(-10, 10**18).map(float)
    | st.sampled_from([1985.1, 198503.0, 31121.0, 1985.0, 85.3, 13800000991.0, 4716290991.0, 1.52e17, 1e15])
)
date_formats = st.sampled_from(["yyyy-mm-dd", MONTH, "yyyy", "mmm-yy", "h:mm", "mm-dd", "[$-804]yyyy/m/d"])
cells = (
    st.just(EMPTY)
    | texts.map(lambda text: text_cell(readable(text)))
    | st.builds(number_cell, numbers, st.sampled_from(["General", "0", "0.00", "@"]), st.just(False), st.just(False))
    | st.builds(lambda moment, shown: Cell(moment, "date", shown), moments, date_formats)
    | st.sampled_from([Cell(True, "bool"), Cell(False, "bool"), Cell("=A1", "formula"), error_cell("#SPILL!")])
    | st.sampled_from([error_cell("#WHO?"), text_cell("副教授"), text_cell("蒙古族"), text_cell(id_number(1))])
)  # fmt: skip
HEADINGS = [[at, item.header, item.header, item.field, item.field] for at, item in enumerate(ALL_COLUMNS)]
SETTING = Setting("outside", making.LABELS, making.LOOKUPS, making.TODAY)


def read_row(cells_of: list[Cell]) -> tuple[dict[str, object], list[tuple[str | None, str, str]]]:
    """(values, (field, level, code) of what is said) of a row with these cells."""
    report = FileReport("", None, None, [1], {}, [], headings=[Heading(*one) for one in HEADINGS])
    read_again(report, [Sent(2, False, list(map(wire.plain, cells_of)))], SETTING)
    [row] = report.rows
    return row.values, [(item.field, item.level, item.code) for item in row.messages]


@settings(deadline=None)
@given(st.lists(cells, min_size=len(ALL_COLUMNS), max_size=len(ALL_COLUMNS)))
def test_whatever_a_cell_is_it_is_read_the_same_from_the_error_workbook(row):
    failed = error_workbook.Failed(2, list(map(wire.plain, row)), {}, {"name": ["错"]})
    data = error_workbook.build(HEADINGS, [failed], "")
    [sheet] = filetypes.sheets(data, "错误行.xlsx")
    came_back = sheet.rows[-1].cells[: len(ALL_COLUMNS)]
    assert read_row(came_back) == read_row(row)
    if row[0].kind != "formula":  # 序号 is not imported: it keeps its look; nobody's formula goes anywhere
        own = came_back[0]
        assert (written(own), own.kind) == (
            written(row[0]).replace("\r\n", "\n").replace("\r", "\n"),
            row[0].kind,
        )


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


def test_a_column_that_the_office_does_not_import_is_not_imported_when_it_comes_back(house):
    upload = hand_in(house, person(1, 身份证号=BAD))
    set_columns(house, upload, remembers=False, 手机=None)
    made = again(house, book(upload), unit="150400")
    assert "mobile" not in made.report.columns.values()


@pytest.mark.parametrize(
    "header", sorted({name for item in ALL_COLUMNS for name in (item.header, *item.aliases)})
)
def test_no_header_that_is_not_imported_is_recognised_again(header):
    column = error_workbook._sent([0, header, header, match(header), None])
    assert match(column.header) is None


def test_what_was_put_right_in_a_column_that_the_file_lacks_goes_along_in_a_column_of_its_own(house):
    header = [name for name in HEADER if name != "出生年月"] + ["单位所在盟市"]
    row = [cell for name, cell in zip(HEADER, person(1, 民族="火星族"), strict=True) if name != "出生年月"]
    upload = hand_in(house, [*row, "赤峰市"], header=header)
    mend(house, upload, r3_employer="赤峰学院")
    lines = rows(book(upload).active)
    at = next(place for place, line in enumerate(lines) if "姓名" in line)
    assert lines[at][-2:] == ["工作单位", "错误信息"] and lines[-1][-2] == "赤峰学院"
    made = again(house, book(upload), unit="150400")
    assert made.report.rows[0].values["employer"] == "赤峰学院"


def test_a_column_that_the_file_lacks_and_that_something_is_wrong_with_is_there_to_be_filled_in(house):
    header = [*HEADER, "旗县"]
    data = xlsx([header, [*person(1), "满洲里市"], [*person(2), None]])
    upload = of_file(house, data)
    workbook = book(upload)
    lines = rows(workbook.active)
    assert lines[-2][-2] == "单位所在盟市" and not lines[-1][-2] and id_number(2) in lines[-1]
    workbook.active.cell(workbook.active.max_row, len(header) + 1).value = "赤峰市"
    assert [row.outcome for row in again(house, workbook).report.rows] == ["new"]


def test_a_note_is_never_what_damages_the_file(house):
    data = making.text_file([LINE, HEADER, person(1, 民族="火\x0b星\x07族")])
    sheet = book(of_file(house, data)).active
    assert "火 星 族" in sheet.cell(sheet.max_row, 4).comment.text
