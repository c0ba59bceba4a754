"""Files by content: what is read, and what is refused in one sentence."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime

import pytest

from tepei_admin.errors import RuleViolation
from tepei_admin.exchange import archive as archives
from tepei_admin.exchange import cells, sheet_report
from tepei_admin.exchange.reader import read
from tests.exchange import making
from tests.exchange.making import HEADER, person

ROWS = [HEADER, person(1, 姓名="王䶮"), person(2)]


def refusal(data: bytes, name: str = "汇总表.xlsx") -> str:
    with pytest.raises(RuleViolation) as caught:
        read(data, name)
    return caught.value.violations[0].code


def values(data: bytes, name: str = "汇总表.csv") -> list[list[object]]:
    return [[cell.value for cell in row.cells] for row in read(data, name).rows]


@pytest.mark.parametrize(
    ("encoding", "reported"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16-le"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_is_read_in_every_encoding_with_every_delimiter(encoding, reported, delimiter):
    sheet = read(making.text_file(ROWS, encoding, delimiter), "a.csv")
    assert (sheet.encoding, sheet.sheet) == (reported, None)
    assert sheet.rows[0].cell(0).value == "序号"
    assert sheet.rows[1].cell(1).value == "王䶮"


def test_several_byte_order_marks_are_taken_off():
    data = b"\xef\xbb\xbf\xef\xbb\xbf" + making.text_file(ROWS)
    assert values(data)[0][0] == "序号"


def test_big_endian_utf_16():
    data = b"\xfe\xff" + making.text_file(ROWS).decode().encode("utf-16-be")
    assert read(data, "a.txt").encoding == "utf-16-be"


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ("姓名,民族\n王伟,".encode() + b"\xff\xff\n", 2),
        ("姓名,民族\n王伟,蒙古族\n李,".encode("gb18030") + b"\xff\xff\n", 3),
        (b"\xef\xbb\xbf" + "姓名\n王".encode() + b"\xe4\n", 2),
        (b"\xff\xfe" + "姓名\n王\n".encode("utf-16-le") + b"\x00\xdc\x41\x00", 3),
    ],
)
def test_undecodable_bytes_refuse_the_file_and_name_the_line(data, line):
    with pytest.raises(RuleViolation) as caught:
        read(data, "a.csv")
    assert caught.value.violations[0].code == "import.undecodable"
    assert caught.value.violations[0].params["line"] == line


def test_in_a_text_file_a_row_is_a_record():
    data = '姓名,备注\n\n王伟,"一\n二"\n李娜,\n'.encode()
    sheet = read(data, "a.csv")
    assert [row.number for row in sheet.rows] == [1, 3, 4]
    assert sheet.rows[1].cell(1).value == "一\n二"


def test_a_quote_that_never_closes_is_refused():
    assert refusal('姓名,备注\n王伟,"一\n李娜,二\n'.encode(), "a.csv") == "import.csv_quote"


def test_the_line_that_names_the_delimiter_is_a_record_without_values():
    sheet = read("sep=;\n姓名;民族\n".encode(), "a.csv")
    assert [(row.number, row.cell(1).value) for row in sheet.rows] == [(2, "民族")]


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.xlsx", "import.empty_file"),
        (b"\xef\xbb\xbf\r\n ", "a.csv", "import.empty_file"),
        (making.xlsx(ROWS), "~$汇总表.xlsx", "import.lock_file"),
        (making.xls(ROWS), "汇总表.et", "import.wps_format"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "汇总表.xls", "import.html"),
        ("\ufeff<!DOCTYPE html>".encode(), "汇总表.xls", "import.html"),
        (
            b"<?xml version='1.0'?><?mso-application progid='x'?><Workbook xmlns='urn:schemas-microsoft-com:office:"
            b"spreadsheet'/>",
            "汇总表.xls",
            "import.xml_table",
        ),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related", "汇总表.xls", "import.html"),
        (b"Rar!\x1a\x07\x00", "汇总表.xlsx", "import.packed"),
        (b"%PDF-1.4\n...", "汇总表.xlsx", "import.unknown_type"),
        (b"\x00\x01\x02\x03" * 50, "汇总表.csv", "import.unknown_type"),
        (bytes(range(1, 9)) * 50, "汇总表.csv", "import.unknown_type"),
        (making.xlsx(ROWS)[:900], "汇总表.xlsx", "import.damaged"),
        (making.compound("EncryptedPackage", b"x"), "汇总表.xlsx", "import.encrypted"),
        (making.compound("WordDocument", b"x"), "汇总表.xls", "import.unknown_type"),
        (making.compound("Workbook", b"x"), "汇总表.xls", "import.damaged"),
        (making.xls(ROWS, visible=False), "汇总表.xls", "import.no_sheet"),
        (making.xls(ROWS)[:700], "汇总表.xls", "import.damaged"),
    ],
)
def test_what_is_no_table_is_refused(data, name, code):
    assert refusal(data, name) == code


def zipped(*parts: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return out.getvalue()


def test_a_zip_that_is_no_workbook_is_refused():
    assert (
        refusal(zipped(("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<w/>")))
        == "import.unknown_type"
    )
    assert refusal(zipped(("汇总表.xlsx", making.xlsx(ROWS)))) == "import.packed"
    assert (
        refusal(zipped(("mimetype", b"x"), ("content.xml", b"<x/>")), "汇总表.ods") == "import.open_document"
    )
    assert refusal(zipped(("xl/workbook.bin", b"x"))) == "import.not_xlsx"
    assert refusal(zipped(("xl/workbook.xml", b"<workbook"))) == "import.damaged"


def test_a_bomb_is_refused_by_its_directory():
    bomb = zipped(("xl/workbook.xml", b"<x/>"), ("xl/worksheets/sheet1.xml", b"0" * (30 * 1024 * 1024)))
    assert refusal(bomb) == "import.too_large"
    many = zipped(*((f"xl/{number}", b"") for number in range(archives.MAX_PARTS + 1)))
    assert refusal(many) == "import.too_large"


def test_a_document_type_is_refused():
    data = making.replaced(
        making.xlsx(ROWS), "xl/workbook.xml", ("<workbook", '<!DOCTYPE x [<!ENTITY a "b">]><workbook')
    )
    assert refusal(data) == "import.unsafe_xml"


def test_type_is_by_content_not_by_name():
    assert read(making.xlsx(ROWS), "汇总表.csv").sheet == "汇总表"
    assert read(making.xls(ROWS), "汇总表.xlsx").sheet == "汇总表"
    assert read(making.text_file(ROWS), "汇总表.XLSX").encoding == "utf-8"


def test_an_old_workbook_is_read():
    sheet = read(making.xls([*ROWS, [3, "李娜"]]), "汇总表.xls")
    assert sheet.encoding is None
    assert [row.number for row in sheet.rows] == [1, 2, 3, 4]
    assert (sheet.rows[3].cell(0).kind, sheet.rows[3].cell(0).value) == ("number", 3)
    assert sheet.rows[1].cell(1).value == "王䶮"


@pytest.mark.parametrize(("epoch_1904", "serial"), [(False, 31121), (True, 31121 - 1462)])
def test_an_old_workbook_tells_dates_by_their_formats_hidden_rows_and_errors(epoch_1904, serial):
    rows = [["甲", "乙"], [(serial, 'yyyy"年"m"月"'), (serial, "0.00")], ["#N/A"]]
    sheet = read(making.xls(rows, hidden=[3], epoch_1904=epoch_1904), "汇总表.xls")
    dated, number = sheet.rows[1].cells
    assert (dated.kind, dated.value, dated.number_format) == ("date", datetime(1985, 3, 15), 'yyyy"年"m"月"')
    assert (number.kind, number.value) == ("number", serial)
    assert (sheet.rows[2].cell(0).kind, sheet.rows[2].cell(0).value) == ("error", "#N/A")
    assert [row.hidden for row in sheet.rows] == [False, False, True]
    assert sheet.epoch_1904 is epoch_1904


def test_hidden_rows_are_marked_and_hidden_sheets_are_not_read():
    book = making.workbook([HEADER, person(1), person(2), person(3)])
    book.active.row_dimensions[3].hidden = True
    secret = book.create_sheet("旧表", 0)
    secret["A1"] = "姓名"
    secret.sheet_state = "hidden"
    sheet = read(making.saved(book), "a.xlsx")
    assert sheet.sheet == "汇总表"
    assert [row.hidden for row in sheet.rows] == [False, False, True, False]


def test_the_first_wanted_sheet_is_taken():
    book = making.workbook([["封面"]], "封面")
    other = book.create_sheet("名单")
    other["A1"] = "姓名"
    wanted = read(making.saved(book), "a.xlsx", lambda sheet: sheet.rows[0].cell(0).value == "姓名")
    assert wanted.sheet == "名单"


def test_a_cell_merged_over_several_rows_counts_for_each_that_holds_anything():
    book = making.workbook(
        [["姓名", "单位"], ["王伟", "赤峰学院"], ["李娜", None], [None, None], ["白音", None]]
    )
    book.active.merge_cells("B2:B5")
    sheet = read(making.saved(book), "a.xlsx")
    assert [(row.number, row.cell(1).value) for row in sheet.rows[1:]] == [
        (2, "赤峰学院"),
        (3, "赤峰学院"),
        (5, "赤峰学院"),
    ]
    assert [sorted(row.filled) for row in sheet.rows[1:]] == [[], [1], [1]]


def test_formats_to_the_last_row_and_a_stray_far_cell_do_no_harm():
    book = making.workbook(ROWS)
    book.active["XFD1048576"] = "x"
    book.active["A1048570"].number_format = "@"
    sheet = read(making.saved(book), "a.xlsx")
    assert len(sheet.rows) == 3


def test_blank_cells_with_formats_are_left_out_before_they_are_read():
    ghost = b'<row r="5" spans="1:2"><c r="A5" s="1"/><c r="B5" s="1"></c></row><row r="6" ht="20"/>'
    kept = b'<sheetData><row r="4"><c r="A4" t="s"><v>0</v></c></row></sheetData>'
    assert (
        archives.without_blanks(io.BytesIO(kept.replace(b"</sheetData>", ghost * 3 + b"</sheetData>")))
        == kept
    )


def sheet_of(*rows: str) -> bytes:
    """A workbook whose sheet is just these rows, as XML."""
    data = making.xlsx([["甲"]])
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        xml = book.read("xl/worksheets/sheet1.xml").decode()
    [whole] = re.findall("<sheetData>.*</sheetData>", xml)
    return making.replaced(
        data, "xl/worksheets/sheet1.xml", (whole, f"<sheetData>{''.join(rows)}</sheetData>")
    )


def row_of(number: object, *cells: str) -> str:
    return f'<row r="{number}">' + "".join(f'<c r="{at}"><v>1</v></c>' for at in cells) + "</row>"


def test_row_numbers_may_leave_gaps_and_rows_and_cells_without_a_place_follow_one_another():
    assert [row.number for row in read(sheet_of(row_of(2, "A2"), row_of(7, "B7")), "a.xlsx").rows] == [2, 7]
    cell = "<c><v>1</v></c>"
    sheet = read(sheet_of(f"<row>{cell}</row>", f"<row>{cell}{cell}</row>"), "a.xlsx")
    assert [(row.number, len(row.cells)) for row in sheet.rows] == [(1, 1), (2, 2)]
    assert [
        row.number
        for row in read(
            sheet_of(
                row_of(
                    1_048_576,
                    "XFD1048576",
                )
            ),
            "a.xlsx",
        ).rows
    ] == []


@pytest.mark.parametrize(
    "rows",
    [
        [row_of(3, "A3"), row_of(2, "A2")],
        [row_of(3, "A3"), row_of(3, "B3")],
        [row_of(0, "A0")],
        [row_of(-1, "A1")],
        [row_of("2.5", "A2")],
        [row_of("nan", "A2")],
        [row_of("二", "A2")],
        [row_of(1_048_577, "A1048577")],
        [row_of(2, "B2", "A2")],
        [row_of(2, "A2", "A2")],
        [row_of(2, "A3")],
        [row_of(2, "A12")],
        [row_of(12, "A2")],
        [row_of(2, "XFE2")],
        [row_of(2, "AAAA2")],
        [row_of(2, "2")],
        [row_of(2, "甲2")],
        [row_of(1, "A1"), '<row r="5"/>', '<row><c r="A6"><v>1</v></c></row>'],
        ['<row><c r="A1"><v>1</v></c></row>', row_of(2, "A2")],
        ['<row r="2"><c r="A2" s="1"/><c><v>1</v></c><c r="C2"><v>1</v></c></row>'],
        ['<row r="2"><c r="A2"><v>1</v></c><c r="B2" s="1"/><c><v>1</v></c></row>'],
        ['<row r="2"><c r="A2" t="s"><v>-1</v></c></row>'],
        ['<row r="2"><c r="A2" s="-1"><v>1</v></c></row>'],
    ],
)
def test_a_sheet_of_which_nobody_can_say_which_row_is_which_is_refused_as_damaged(rows):
    assert refusal(sheet_of(*rows)) == "import.damaged"


def test_names_of_elements_may_have_a_prefix():
    data = making.xlsx(ROWS)
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        xml = book.read("xl/worksheets/sheet1.xml").decode()
    prefixed = re.sub(r"<(/?)(\w)", r"<\1x:\2", xml).replace("xmlns=", "xmlns:x=")
    assert values(making.replaced(data, "xl/worksheets/sheet1.xml", (xml, prefixed)), "a.xlsx") == values(
        data, "a.xlsx"
    )


@pytest.mark.parametrize("limit", ["MAX_CELLS", "MAX_TEXT"])
def test_a_sheet_that_holds_too_much_is_refused(limit, monkeypatch):
    monkeypatch.setattr(cells, limit, 20)
    assert refusal(making.xlsx(ROWS)) == "import.too_large"
    assert refusal(making.xls(ROWS)) == "import.too_large"
    assert refusal(making.text_file(ROWS)) == "import.too_large"


def test_formulas_give_their_result_and_say_when_they_have_none():
    book = making.workbook([["甲", "乙", "丙", "丁"]])
    book.active["A2"] = "=1+1"
    data = making.saved(book)
    sheet = read(data, "a.xlsx")
    assert sheet.rows[1].cell(0).kind == "formula"
    stored = making.replaced(data, "xl/worksheets/sheet1.xml", ("<v />", "<v>2</v>"))
    assert (read(stored, "a.xlsx").rows[1].cell(0).kind, read(stored, "a.xlsx").rows[1].cell(0).value) == (
        "number",
        2,
    )


def test_error_values_are_told_apart():
    book = making.workbook([["甲"]])
    book.active["A2"] = "#N/A"
    cell = read(making.saved(book), "a.xlsx").rows[1].cell(0)
    assert (cell.kind, cell.value) == ("error", "#N/A")


@pytest.mark.parametrize("text", ['=DISPIMG("ID_1",1)', '=_xlfn.DISPIMG("ID_1",1)'])
def test_a_wps_picture_is_no_text(text):
    assert read(making.xlsx([["甲"], [text]]), "a.xlsx").rows[1].cell(0).kind == "formula"
    assert read(making.text_file([["甲"], [text]]), "a.csv").rows[1].cell(0).kind == "formula"


def test_escapes_in_cell_text_are_undone():
    data = making.replaced(
        making.shared([["甲"], ["一换行二"], ["一下划二"]]),
        "xl/sharedStrings.xml",
        ("一换行二", "一_x000D_\n二"),
        ("一下划二", "一_x005F_x000D_二"),
    )
    assert [row.cell(0).value for row in read(data, "a.xlsx").rows[1:]] == ["一\n二", "一_x000D_二"]


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        ("李_xD842__xDFB7_", "李𠮷"),  # in two halves, as Excel escapes what is beyond the first plane
        ("李_xD842_", "李\ufffd"),
        ("李_xFFFF_", "李\ufffd"),
        ("李_x0000_明", "李明"),
    ],
)
def test_what_is_no_character_is_unreadable_and_not_a_fault_later(escaped, text):
    data = making.replaced(making.shared([["甲"]]), "xl/sharedStrings.xml", ("甲", escaped))
    assert values(data, "a.xlsx") == [[text]]


def test_what_is_no_character_is_unreadable_in_a_text_file():
    text = "姓名\n李\uffff\n" + "王伟\n" * 50
    assert values(text.encode())[1] == ["李\ufffd"]


@pytest.mark.parametrize(("written", "error"), [("1e999", "#NUM!"), ("-INF", "#NUM!"), ("NaN", "#NUM!")])
def test_what_is_no_number_is_an_error_value(written, error):
    data = making.replaced(
        making.shared([[7]]), "xl/worksheets/sheet1.xml", ("<v>7</v>", f"<v>{written}</v>")
    )
    assert [(cell.kind, cell.value) for cell in read(data, "a.xlsx").rows[0].cells] == [("error", error)]


@pytest.mark.parametrize("shown", ["#SPILL!", "#CALC!", "#N/A"])
def test_error_values_of_every_excel_are_errors_in_a_text_file_too(shown):
    assert read(f"姓名\n{shown}".encode(), "a.csv").rows[1].cell(0).kind == "error"


def test_phonetic_guides_are_no_text():
    data = making.replaced(
        making.shared([["王伟"]]),
        "xl/sharedStrings.xml",
        (
            "<si><t>王伟</t></si>",
            '<si><r><t>王</t></r><r><t>伟</t></r><rPh sb="0" eb="1"><t>wang</t></rPh></si>',
        ),
    )
    assert values(data, "a.xlsx") == [["王伟"]]


@pytest.mark.parametrize(
    ("number_format", "kind"),
    [("yyyy-mm-dd", "date"), ('yyyy"年"m"月"', "date"), ("General", "number"), ("0.00", "number")],
)
def test_a_date_is_a_date_by_its_format(number_format, kind):
    book = making.workbook([["甲"], [31121]])
    book.active["A2"].number_format = number_format
    cell = read(making.saved(book), "a.xlsx").rows[1].cell(0)
    assert (cell.kind, cell.number_format) == (kind, number_format)
    if kind == "date":
        assert cell.value == datetime(1985, 3, 15)


def test_dates_count_from_the_workbooks_own_epoch():
    from openpyxl.utils.datetime import MAC_EPOCH

    book = making.workbook([["甲"]])
    book.epoch = MAC_EPOCH
    book.active["A2"] = datetime(1985, 3, 15)
    sheet = read(making.saved(book), "a.xlsx")
    assert sheet.epoch_1904
    assert sheet.rows[1].cell(0).value == datetime(1985, 3, 15)


def test_the_date_formats_of_a_chinese_excel_are_known():
    book = making.workbook([["甲"], [31121]])
    book.active["A2"].number_format = "mm-dd-yy"
    data = making.replaced(making.saved(book), "xl/styles.xml", ('numFmtId="14"', 'numFmtId="57"'))
    cell = read(data, "a.xlsx").rows[1].cell(0)
    assert (cell.kind, cell.number_format) == ("date", 'yyyy"年"m"月"')


def test_a_workbook_with_too_many_rows_is_refused(monkeypatch):
    monkeypatch.setattr(cells, "MAX_ROWS", 2)
    assert refusal(making.xlsx(ROWS)) == "import.too_many_rows"


def two_sheets(**of: list) -> bytes:
    """A workbook with a visible sheet of each name."""
    book = making.workbook([])
    book.remove(book.active)
    for name, rows in of.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return making.saved(book)


def read_and_not(data: bytes, track: str = "outside") -> tuple[str | None, int, list[tuple[str, int]]]:
    found = making.report(data, track=track)
    return found.sheet, len(found.rows), [(one.sheet, one.people) for one in found.unread_sheets]


PEOPLE = [HEADER, person(1), person(2)]
HERS = [HEADER, person(4)]


def test_a_further_sheet_with_people_is_not_read_and_the_report_says_so():
    data = two_sheets(甲=PEOPLE, 乙=HERS, 说明=[["填表说明"]], 空表=[HEADER])
    assert read_and_not(data) == ("甲", 2, [("乙", 1)])
    told = sheet_report.as_json(making.report(data))["unread_sheets"]
    assert told == [
        {"sheet": "乙", "people": 1, "text": "工作表“乙”也有 1 行人员，未读；请单独另存为一个文件导入"}
    ]


@pytest.mark.parametrize("first", [[HEADER], [HEADER, person(1, 序号="示例", 身份证号="15010219850315992X")]])
def test_a_sheet_with_nobody_in_it_is_passed_over_for_one_with_people(first):
    assert read_and_not(two_sheets(空表=first, 名单=PEOPLE)) == ("名单", 2, [])


def test_a_workbook_in_which_nobody_stands_is_refused():
    with pytest.raises(RuleViolation) as caught:
        making.report(two_sheets(空表=[HEADER], 另一空表=[HEADER]))
    assert caught.value.violations[0].code == "import.no_person"


@pytest.mark.parametrize(
    ("track", "read_one"),
    [("outside", ("区外", 2, [("区内名单", 1)])), ("inside", ("区内名单", 1, [("区外", 2)]))],
)
def test_of_sheets_named_after_the_tracks_the_chosen_ones_is_read(track, read_one):
    assert read_and_not(two_sheets(区外=PEOPLE, 区内名单=HERS), track) == read_one


def test_a_name_that_names_both_tracks_or_none_decides_nothing():
    assert read_and_not(two_sheets(区外区内=HERS, 备选=PEOPLE), "inside")[0] == "区外区内"
    assert read_and_not(two_sheets(备选=PEOPLE, 区外区内=HERS), "inside")[0] == "备选"


def test_a_hidden_sheet_is_neither_read_nor_told():
    book = making.workbook(PEOPLE)
    hidden = book.create_sheet("旧名单")
    for row in HERS:
        hidden.append(row)
    hidden.sheet_state = "hidden"
    assert read_and_not(making.saved(book)) == ("汇总表", 2, [])
