"""What LibreOffice makes of every file that goes out: opened without a window, saved again, looked at, imported.

`make office` runs this; it needs `soffice`.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from tepei_admin.exchange import blank, export
from tepei_admin.models import Payment, Trainee
from tepei_admin.services import record, vault
from tepei_admin.services.command import command
from tests.exchange import demo_house
from tests.exchange.demo_house import SUMMARIES, changed, read_back
from tests.safety.formulas import PAYLOADS, live_parts

pytestmark = pytest.mark.office

AS_TEXT = "CSV:44,34,76,1," + "/".join(f"{place}/2" for place in range(1, 60))
"""The text import as a careful person sets it: comma, quotes, UTF-8, from line 1, every column as text."""

BLANK = "空白汇总表"
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
    vault.folder = None
    (folder / f"{BLANK}.xlsx").write_bytes(blank.build(house.cli, house.track()))
    for name in export.names():
        for fmt in ("csv", "xlsx"):
            export.to_file(house.cli, name, house.programme().id, folder / f"{name}.{fmt}", fmt=fmt)
    return folder


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
    assert set(books) - {BLANK} == set(texts) == set(export.names()) and len(texts) >= 9


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


def test_money_stays_a_number(house, books):
    book = openpyxl.load_workbook(books["学费汇款清单"]).active
    paid = sum(row.amount for row in Payment.select().where(Payment.kind == "tuition", Payment.state.in_(("approved", "paid")), Payment.reversed_by.is_null(), Payment.programme == house.programme().id))  # fmt: skip
    assert round(list(book.values)[-1][-1] * 100) == paid > 0


def test_the_bytes_of_a_csv_begin_with_a_mark_that_it_takes_for_utf_8(files):
    assert all(path.read_bytes().startswith(b"\xef\xbb\xbf") for path in files.glob("*.csv"))
