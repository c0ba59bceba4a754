"""Files of the kinds that leagues send, made here: a clone has no samples."""

from __future__ import annotations

import csv
import io
import struct
import zipfile
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

import openpyxl
import xlsxwriter
from stdnum.cn import ric

from tepei_admin.exchange.cells import EMPTY, Cell, text_cell
from tepei_admin.exchange.columns import BY_FIELD
from tepei_admin.exchange.formats import from_serial
from tepei_admin.exchange.lookups import Lookups
from tepei_admin.exchange.reading import Reading, Setting
from tepei_admin.exchange.sheet_report import FileReport, read_report

TODAY = date(2019, 3, 30)
LABELS = {"outside": "区外", "inside": "区内"}
LOOKUPS = Lookups.from_files()
HEADER = (
    "序号",
    "姓名",
    "性别",
    "民族",
    "出生年月",
    "身份证号",
    "学历",
    "学位",
    "专业技术职务",
    "手机",
    "备注",
)


def id_number(serial: int = 1, born: str = "19850315", region: str = "150102") -> str:
    """An invented number with a right check digit; an odd serial is a man's."""
    body = f"{region}{born}{serial:03}"
    return body + ric.calc_check_digit(body + "0")


def person(serial: int = 1, **changes: Any) -> list[Any]:
    """A row under HEADER, without fault unless asked for."""
    cells: dict[str, Any] = {
        "序号": serial,
        "姓名": "王伟",
        "性别": "男" if serial % 2 else "女",
        "民族": "蒙古族",
        "出生年月": "1985-03",
        "身份证号": id_number(serial),
        "学历": "硕士研究生",
        "学位": "硕士",
        "专业技术职务": "副教授",
        "手机": "13800000991",
        "备注": None,
    }
    return list((cells | changes).values())


def workbook(rows: Iterable[Sequence[Any]], title: str = "汇总表") -> openpyxl.Workbook:
    """Texts, numbers, (number, format)."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            value, code = value if isinstance(value, tuple) else (value, "")
            if value is not None:
                cell = sheet.cell(number, column, value)
                cell.number_format = code or cell.number_format
                if isinstance(value, str):
                    cell.data_type = "s"
    return book


def as_csv(cell: Any) -> Any:
    """What Excel writes into a CSV of a cell: a date as it is shown, a long number with its digits gone."""
    if isinstance(cell, tuple):
        moment, code = from_serial(cell[0], False), cell[1]
        assert moment is not None
        shows = {"yyyy": f"{moment.year}", "yyyy-mm-dd": f"{moment:%Y-%m-%d}"}
        return shows.get(code, f"{moment.year}年{moment.month}月")
    return f"{cell:.5E}" if isinstance(cell, float) and cell >= 1e11 else cell


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xlsx(rows: Iterable[Sequence[Any]]) -> bytes:
    return saved(workbook(rows))


def shared(rows: Iterable[Sequence[Any]]) -> bytes:
    """A workbook whose texts stand in a shared table, as Excel writes them (openpyxl writes them inline)."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet("汇总表")
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, column, value)
            elif value is not None:
                sheet.write_number(number, column, value)
    book.close()
    return out.getvalue()


def replaced(data: bytes, part: str, *changes: tuple[str, str]) -> bytes:
    """The workbook with text of one part replaced: what openpyxl itself cannot write."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == part:
                text = content.decode("utf-8")
                for before, after in changes:
                    assert before in text, before
                    text = text.replace(before, after)
                content = text.encode("utf-8")
            new.writestr(name, content)
    return out.getvalue()


def text_file(rows: Iterable[Sequence[Any]], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([["" if v is None else v for v in row] for row in rows])
    return out.getvalue().encode(encoding)


def xls(
    rows: Iterable[Sequence[Any]],
    *,
    hidden: Collection[int] = (),
    epoch_1904: bool = False,
    visible: bool = True,
) -> bytes:
    """A small Excel 97 workbook: one sheet, labels, numbers, (number, format), errors as #N/A.

    `hidden`: the rows that are, by their numbers from 1."""

    def record(kind: int, body: bytes) -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def text(value: str, width: str = "<H") -> bytes:
        return struct.pack(width, len(value)) + b"\x01" + value.encode("utf-16-le")

    formats: dict[str, int] = {"General": 0}
    sheet = record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 1996, 0, 6))
    for number, row in enumerate(rows):
        options = 0x20 if number + 1 in hidden else 0
        sheet += record(0x208, struct.pack("<HHHHHHI", number, 0, len(row), 300, 0, 0, options))
        for column, value in enumerate(row):
            value, code = value if isinstance(value, tuple) else (value, "General")
            head = struct.pack("<HHH", number, column, formats.setdefault(code, len(formats)))
            if isinstance(value, int | float):
                sheet += record(0x203, head + struct.pack("<d", value))
            elif value == "#N/A":
                sheet += record(0x205, head + b"\x2a\x01")
            elif value is not None:
                sheet += record(0x204, head + text(value))
    sheet += record(0xA, b"")
    start = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 1996, 0, 6))
    start += record(0x22, struct.pack("<H", epoch_1904))
    start += record(0x31, struct.pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 0, 0) + text("宋体", "<B"))
    for code, number in formats.items():
        start += record(0x41E, struct.pack("<H", 164 + number) + text(code)) if number else b""
    for number in formats.values():
        start += record(0xE0, struct.pack("<HH", 0, 164 + number if number else 0) + b"\0" * 16)
    name = text("汇总表", "<B")
    size = len(start) + 4 + 6 + len(name) + 4
    listed = record(0x85, struct.pack("<IBB", size, not visible, 0) + name)
    return compound("Workbook", start + listed + record(0xA, b"") + sheet)


def compound(name: str, stream: bytes) -> bytes:
    """An OLE file with one stream (padded over the size where a mini stream would be used)."""
    stream = stream.ljust(4096, b"\0")
    sectors = -(-len(stream) // 512)
    chain = [*range(1, sectors), 0xFFFFFFFE]
    fat = [*chain, 0xFFFFFFFE]  # the directory
    fat_sectors = 1
    while len(fat) + fat_sectors > 128 * fat_sectors:
        fat_sectors += 1
    first_fat = len(fat)
    fat += [0xFFFFFFFD] * fat_sectors
    fat += [0xFFFFFFFF] * (128 * fat_sectors - len(fat))

    def entry(title: str, kind: int, child: int, begin: int, length: int) -> bytes:
        encoded = title.encode("utf-16-le") + b"\0\0"
        links = struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child)
        head = encoded.ljust(64, b"\0") + struct.pack("<HBB", len(encoded), kind, 1) + links
        return head + b"\0" * 36 + struct.pack("<IQ", begin, length)

    directory = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry(name, 2, 0xFFFFFFFF, 0, len(stream))
    difat = [*range(first_fat, first_fat + fat_sectors)]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += b"\0" * 6 + struct.pack("<IIIII", 0, fat_sectors, sectors, 0, 4096)
    header += struct.pack("<IIII", 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", *difat, *[0xFFFFFFFF] * (109 - len(difat)))
    body = stream.ljust(sectors * 512, b"\0") + directory.ljust(512, b"\0")
    return header + body + struct.pack(f"<{len(fat)}I", *fat)


def report(data: bytes, name: str = "汇总表.xlsx", track: str = "outside", today: date = TODAY) -> FileReport:
    return read_report(data, name, track_code=track, track_labels=LABELS, lookups=LOOKUPS, today=today)


def read_cell(field: str, value: Any, epoch_1904: bool = False, **before: Any) -> Reading:
    """One cell read on its own, beside the stored values that stand in its row already."""
    row = Reading(Setting("outside", LABELS, LOOKUPS, TODAY, epoch_1904))
    row.values.update(before)
    BY_FIELD[field].read(as_cell(value), row)
    return row


def as_cell(value: Any) -> Cell:
    if value is None:
        return EMPTY
    if isinstance(value, Cell):
        return value
    return text_cell(value) if isinstance(value, str) else Cell(float(value), "number", "General")


def codes(row: Any, level: str = "") -> list[str]:
    return [message.code for message in row.messages if level in ("", message.level)]
