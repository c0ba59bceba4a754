"""What LibreOffice makes of every file that goes out: opened without a window, saved again, looked at, imported.

`make office` runs this; it needs `soffice`.
"""

from __future__ import annotations

import csv
import datetime as dt
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from tepei_admin.exchange import blank, error_workbook, export, intake, past_intake
from tepei_admin.models import ExportRecord, Payment, Trainee, Upload
from tepei_admin.services import record, vault
from tepei_admin.services.command import command
from tests.exchange import demo_house, making
from tests.exchange.demo_house import SUMMARIES, changed, read_back
from tests.safety.formulas import PAYLOADS, live_parts

pytestmark = pytest.mark.office

AS_TEXT = "CSV:44,34,76,1," + "/".join(f"{place}/2" for place in range(1, 60))
"""The text import as a careful person sets it: comma, quotes, UTF-8, from line 1, every column as text."""

BLANK, ERRORS, PAST_ERRORS, CHANGES = "空白汇总表", "错误行", "往年学员错误行", "此后的变化"
OTHERS = {BLANK, ERRORS, PAST_ERRORS, CHANGES}
"""What goes out beside the templates' files."""
TIDY = [text for text in PAYLOADS if text == " ".join(text.split())]


def opened(files: list[Path], folder: Path, *options: str) -> dict[str, Path]:
    """The files as LibreOffice saves them, as xlsx, by their names without ending."""
    folder.mkdir()
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command_ = ["soffice", "--headless", profile, *options, "--convert-to", "xlsx", "--outdir", str(folder)]
    subprocess.run([*command_, *map(str, files)], check=True, stdout=subprocess.DEVNULL, timeout=300)
    return {file.stem: folder / f"{file.stem}.xlsx" for file in files}


@command(None)
def _write(actor, people):
    for number, text in people.items():
        record.update(Trainee, [number], {"remarks": text})


@pytest.fixture(scope="module")
def house(sqlite_template, tmp_path_factory):
    """The demo, with a payload in the remarks of some. White space at the ends is taken off on the way in, so payloads
    of white space cannot come back as they were."""
    assert shutil.which("soffice"), "LibreOffice is missing; `make office` says what to install"
    for found in demo_house.filled(sqlite_template, tmp_path_factory.mktemp("demo")):
        newest = Trainee.select(Trainee.id).order_by(Trainee.id.desc()).tuples()
        numbers = [row[0] for row in newest.limit(len(TIDY))]
        _write(found.cli, dict(zip(numbers, TIDY, strict=True)))
        yield found


@pytest.fixture(scope="module")
def files(house, tmp_path_factory):
    """Every template as both kinds of file."""
    folder = tmp_path_factory.mktemp("out")
    vault.folder = tmp_path_factory.mktemp("vault")
    (folder / f"{BLANK}.xlsx").write_bytes(blank.build(house.cli, house.track()))
    (folder / f"{ERRORS}.xlsx").write_bytes(error_rows(house))
    (folder / f"{PAST_ERRORS}.xlsx").write_bytes(past_error_rows(house))
    (folder / f"{CHANGES}.xlsx").write_bytes(changes(house))
    vault.folder = None
    for name in export.names():
        for fmt in ("csv", "xlsx"):
            export.to_file(house.cli, name, house.programme().id, folder / f"{name}.{fmt}", fmt=fmt)
    return folder


def error_rows(house) -> bytes:
    """A table of which all rows fail, with a payload each where a league may write one."""
    rows = [
        making.person(2 * place + 1, 民族="火星族", 备注=text, 职务=text)
        for place, text in enumerate(PAYLOADS)
    ]
    data = making.xlsx([["单位（盖章）：赤峰市"], making.HEADER, *rows])
    found = read_file(house, data)
    assert found.errors == len(PAYLOADS)
    return error_workbook.of_upload(Upload.get_by_id(intake.hand_in(house.cli, data, found, None)))


def past_error_rows(house) -> bytes:
    rows = [["王伟", making.id_number(1), "2017", "不详", text] for text in TIDY[:5]]
    data = making.xlsx([["姓名", "身份证号", "年度", "结果", "备注"], *rows])
    number = past_intake.hand_in(house.cli, data, past_intake.check(house.cli, data, "名单.xlsx"))
    return error_workbook.of_upload(Upload.get_by_id(number))


def changes(house) -> bytes:
    """What has changed since, in a house where somebody's post became a formula, and is afterwards what it was."""
    name = SUMMARIES["outside"]
    b"".join(export.stream(house.cli, name, house.programme().id).chunks)
    row = ExportRecord.select().order_by(-ExportRecord.id).first()
    person = Trainee.select().where(Trainee.track == house.track().id).order_by(Trainee.id).first()
    _write(house.cli, {person.id: '=HYPERLINK("http://x")'})
    data = b"".join(export.changes(house.cli, row).chunks)
    _write(house.cli, {person.id: person.remarks})
    return data


def read_file(house, data: bytes, name: str = "表.xlsx"):
    """A file as an import would take it."""
    day = dt.date(2019, 12, 27)
    return intake.check(house.cli, data, name, track=house.track(), unit=None, received=day, sealed=False)


@pytest.fixture(scope="module")
def books(files):
    return opened(sorted(files.glob("*.xlsx")), files / "books")


@pytest.fixture(scope="module")
def texts(files):
    return opened(sorted(files.glob("*.csv")), files / "texts", f"--infilter={AS_TEXT}")


def cells(path: Path) -> list[list[tuple[str, str]]]:
    """(kind, text) of every cell, in the rows that hold something: spare rows with a format may go."""
    rows = [
        [(cell.data_type, "" if cell.value is None else plain(cell.value)) for cell in row]
        for row in openpyxl.load_workbook(path).active.iter_rows()
    ]
    return [row for row in rows if any(text for _, text in row)]


def plain(value: object) -> str:
    """Line ends are the program's own matter, and so is whether 33000 is written with a point."""
    return (
        f"{value:.2f}"
        if isinstance(value, int | float)
        else unescape(str(value)).replace("\r\n", "\n").replace("\r", "\n")
    )


def test_there_is_a_file_for_every_template(house, books, texts):
    assert (
        set(books) > OTHERS and set(books) - OTHERS == set(texts) == set(export.names()) and len(texts) >= 9
    )


def test_a_workbook_is_the_same_cell_by_cell_after_libreoffice(files, books):
    for name, path in books.items():
        before, after = cells(files / f"{name}.xlsx"), cells(path)
        assert len(before) == len(after) and before[0] == after[0], name
        for old, new in zip(before, after, strict=True):
            assert [kind for kind, text in new if text] == [kind for kind, text in old if text], name
            assert [text for _, text in new] == [text for _, text in old], name


def test_a_csv_opened_as_text_is_the_same_cell_by_cell(files, texts):
    for name, path in texts.items():
        with (files / f"{name}.csv").open(encoding="utf-8-sig", newline="") as handle:
            rows = [[plain(cell) for cell in row] for row in csv.reader(handle)]
        assert [[text for _, text in row] for row in cells(path)] == rows, name
        assert {kind for row in cells(path) for kind, text in row if text} == {"s"}, name


def test_nothing_is_alive_in_what_it_saves(books, texts):
    for path in (*books.values(), *texts.values()):
        assert live_parts(path.read_bytes()) == [], path.name


@pytest.mark.parametrize("track", SUMMARIES)
def test_an_import_of_a_workbook_that_it_saved_finds_no_change(house, books, track):
    found = read_back(demo_house.again(house), track, books[SUMMARIES[track]])
    assert len(found.report.rows) > 50 and changed(found) == []


@pytest.mark.parametrize("track", SUMMARIES)
def test_an_import_of_a_csv_that_it_saved_finds_no_change_but_in_guarded_text(house, texts, track):
    """The apostrophe before a formula is then part of the cell: only who has such text is changed."""
    found = read_back(demo_house.again(house), track, texts[SUMMARIES[track]])
    guarded = {row.name for row in Trainee.select(Trainee.name).where(Trainee.remarks.in_(TIDY))}
    assert {name for name, *_ in changed(found)} <= guarded


def told(report):
    """All that a report says of its rows."""
    return [
        (row.values, row.outcome, [(item.field, item.code) for item in row.messages]) for row in report.rows
    ]


def test_error_rows_that_it_saved_are_read_as_they_were_sent(house, files, books):
    demo_house.again(house)
    sent, saved = (read_file(house, path.read_bytes()) for path in (files / f"{ERRORS}.xlsx", books[ERRORS]))
    assert told(saved.report) == told(sent.report) and len(saved.report.rows) == len(PAYLOADS)
    assert all(("ethnicity", "ethnicity.unknown") in said for _, _, said in told(saved.report))


def test_past_error_rows_that_it_saved_are_read_as_they_were_sent(house, files, books):
    demo_house.again(house)
    sent, saved = (
        past_intake.check(house.cli, path.read_bytes(), "名单.xlsx")
        for path in (files / f"{PAST_ERRORS}.xlsx", books[PAST_ERRORS])
    )
    assert told(saved.report) == told(sent.report) and len(saved.report.rows) == 5


def test_what_has_changed_stays_text(books):
    rows = list(openpyxl.load_workbook(books[CHANGES]).active.iter_rows())
    assert [cell.value for cell in rows[0]] == ["情况", "姓名或名称", "栏目", "原值", "现值"] and len(
        rows
    ) == 2
    assert rows[1][4].value == '=HYPERLINK("http://x")' and rows[1][4].data_type == "s"


def test_money_stays_a_number(house, books):
    book = openpyxl.load_workbook(books["学费汇款清单"]).active
    paid = sum(row.amount for row in Payment.select().where(Payment.kind == "tuition", Payment.state.in_(("approved", "paid")), Payment.reversed_by.is_null(), Payment.programme == house.programme().id))  # fmt: skip
    assert round(list(book.values)[-1][-1] * 100) == paid > 0


def test_the_bytes_of_a_csv_begin_with_a_mark_that_it_takes_for_utf_8(files):
    assert all(path.read_bytes().startswith(b"\xef\xbb\xbf") for path in files.glob("*.csv"))
