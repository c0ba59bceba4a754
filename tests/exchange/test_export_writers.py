"""What stands in the files: text as text, numbers as numbers, nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from tepei_admin.errors import RuleViolation
from tepei_admin.exchange.textfile import sheet
from tepei_admin.exchange.workbook import write_xlsx
from tepei_admin.exchange.writers import Output, csv_chunks
from tepei_admin.messages import say_all
from tests.safety.formulas import PAYLOADS

NAME, REMARKS = Output("姓名"), Output("备注", width=20)
COLUMNS = [NAME, REMARKS, Output("推荐顺序", "int"), Output("金额", "money"), Output("日期", "date")]

HARMLESS = [
    "王明",
    "'引号",
    "1+1",
    "a=b",
    "x@y.cn",
    "0471-6290991",
    "150102198503159919",
    "a\nb",
    'a"b',
    "a,b",
    "_x0041_",
]


def written(rows, outputs=COLUMNS, encoding="utf-8-sig"):
    return b"".join(csv_chunks(outputs, rows, encoding))


def workbook(rows, outputs=COLUMNS):
    out = io.BytesIO()
    write_xlsx(outputs, rows, out, "表")
    return openpyxl.load_workbook(io.BytesIO(out.getvalue()))


def test_there_are_forty_payloads():
    assert len(PAYLOADS) == len(set(PAYLOADS)) == 40


@pytest.mark.parametrize("text", PAYLOADS)
def test_a_formula_in_a_csv_gets_one_apostrophe_and_comes_back_without(text):
    data = written([(text, None, None, None, None)])
    cells = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1]
    assert cells[0] == f"'{text}"
    back = sheet(data, "x.csv").rows
    if text.strip():
        assert back[1].cells[0].value == text


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stays_as_it_is_in_a_csv(text):
    data = written([(text, text, 1, None, None)])
    assert list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1][:2] == [text, text]


@pytest.mark.parametrize("text", PAYLOADS + HARMLESS)
def test_every_text_is_a_text_cell_in_a_workbook(text):
    cell = workbook([(text, text, None, None, None)]).active["A2"]
    assert unescape(cell.value) == text  # openpyxl leaves _x000D_ in inline strings, Excel does not
    assert (cell.data_type, cell.number_format, cell.hyperlink) == ("s", "@", None)


def test_a_payload_in_a_header_is_guarded_too():
    outputs = [Output("=1+1")]
    assert written([("x",)], outputs).decode("utf-8-sig").startswith("'=1+1\r\n")
    assert workbook([("x",)], outputs).active["A1"].data_type == "s"


def test_a_csv_has_a_byte_order_mark_and_windows_line_ends():
    data = written([("王明", "", 1, 3_300_000, "1985-03")])
    assert data == "\ufeff姓名,备注,推荐顺序,金额,日期\r\n王明,,1,33000.00,1985-03\r\n".encode()


@pytest.mark.parametrize(
    ("fen", "text"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (461_333, "4613.33"), (-120_000, "-1200.00")]
)
def test_money_is_a_number_in_yuan(fen, text):
    row = ("王明", "", None, fen, None)
    assert written([row]).decode("utf-8-sig").splitlines()[1] == f"王明,,,{text},"
    cell = workbook([row]).active["D2"]
    assert (f"{cell.value:.2f}", cell.data_type, cell.number_format) == (text, "n", "0.00")


def test_a_workbook_has_a_bold_frozen_header_widths_and_text_columns_to_the_end():
    book = workbook([("王明", "x", 7, 1, "1985-03")])
    sheet_ = book.active
    assert sheet_.title == "表" and sheet_.freeze_panes == "A2" and sheet_["A1"].font.bold
    assert [cell.value for cell in sheet_[1]] == [output.header for output in COLUMNS]
    assert 19 < sheet_.column_dimensions["B"].width < 22
    assert [cell.data_type for cell in sheet_[2]] == ["s", "s", "n", "n", "s"]
    assert sheet_.column_dimensions["A"]._style and sheet_["E2"].number_format == "@"


@pytest.mark.parametrize("number", ["150102198503159919", "6217000010001234567", "0471-6290991", "00123"])
def test_a_number_that_is_a_name_keeps_every_digit(number):
    assert workbook([(number, None, None, None, None)]).active["A2"].value == number


@pytest.mark.parametrize("name", ["王䶮", "李𬭎", "张𠮷", "阿不都·热合曼", "ᠮᠣᠩᠭᠣᠯ"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_rare_characters_come_through(name, encoding):
    data = written([(name, None, None, None, None)], encoding=encoding)
    assert data.decode(encoding).splitlines()[1] == f"{name},,,,"
    assert data.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")
    assert workbook([(name, None, None, None, None)]).active["A2"].value == name


def test_a_character_that_gb18030_lacks_is_refused_by_name_and_not_replaced():
    rows = [("王明", "", None, None, None)] * 1500 + [("乌兰", "坏\ud842字", None, None, None)]
    with pytest.raises(RuleViolation) as refused:
        written(rows, encoding="gb18030")
    text = say_all(refused.value)
    assert "第 1502 行 乌兰 的“备注”" in text and "U+D842" in text and "GB18030" in text
    text.encode()  # can itself be shown


def test_a_header_that_gb18030_lacks_is_refused_too():
    with pytest.raises(RuleViolation, match="cannot_encode_header"):
        written([], [Output("列\ud842")], "gb18030")


def test_text_too_long_for_a_cell_is_refused_and_not_cut():
    with pytest.raises(RuleViolation) as refused:
        workbook([("王明", "长" * 32_768, None, None, None)])
    assert "第 2 行 王明 的“备注”" in say_all(refused.value)
    assert len(workbook([("王明", "长" * 32_767, None, None, None)]).active["B2"].value) == 32_767


@pytest.mark.parametrize("title", ["", "a/b[c]:*?", "'x'", "很" * 40])
def test_any_title_makes_a_sheet_name(title):
    out = io.BytesIO()
    write_xlsx([NAME], [], out, title)
    assert 1 <= len(openpyxl.load_workbook(io.BytesIO(out.getvalue())).active.title) <= 31
