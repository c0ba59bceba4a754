"""C4: nothing that goes out runs in a spreadsheet, and no number that is a name loses a digit."""

from __future__ import annotations

import io

import openpyxl
import pytest
import xlsxwriter
from openpyxl.utils.escape import unescape
from python_calamine import CalamineWorkbook

from tepei_admin.exchange import blank, error_workbook, export, writers
from tepei_admin.models import Payment, Trainee
from tepei_admin.services import record, vault
from tepei_admin.services.command import command
from tests.exchange import making
from tests.exchange.test_error_workbook import hand_in
from tests.safety.formulas import LONG_NUMBERS, PAYLOADS, live_cells, live_parts, table

TEXTS = ("employer", "remarks", "school", "bank_account")


@command(None)
def _write(actor, model, number, values):
    record.update(model, [number], values)


@pytest.fixture
def people(house):
    """Somebody for each payload, with the payload wherever text goes, and somebody for each long number."""
    found = []
    for text in PAYLOADS:
        person = house.trainee(unit_rank=len(found) + 1)
        _write(house.cli, Trainee, person.id, dict.fromkeys(TEXTS, text))
        found.append(text)
    for number in LONG_NUMBERS:
        person = house.trainee(unit_rank=len(found) + 1)
        _write(house.cli, Trainee, person.id, dict.fromkeys(TEXTS, number))
        found.append(number)
    return found


def sent(house, fmt, columns=(*TEXTS, "unit_rank", "id_number"), encoding="utf-8-sig"):
    query = Trainee.select().order_by(Trainee.unit_rank)
    found = export.list_stream(house.cli, Trainee, query, columns, asked={}, fmt=fmt, encoding=encoding)
    return b"".join(found.chunks)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_no_cell_of_a_csv_is_taken_for_a_formula(house, people, encoding):
    rows = table(sent(house, "csv", encoding=encoding), encoding)
    assert live_cells(rows) == []
    for text, row in zip(people, rows[1:], strict=True):
        assert row[: len(TEXTS)] == [f"'{text}" if text in PAYLOADS else text] * len(TEXTS)


def test_without_the_guard_they_would_be(house, people, monkeypatch):
    monkeypatch.setattr(writers, "guard", lambda text: text)
    assert len(live_cells(table(sent(house, "csv")))) > 30 * len(TEXTS)


def test_a_workbook_has_no_formula_no_link_and_every_text_whole(house, people):
    data = sent(house, "xlsx")
    assert live_parts(data) == []
    rows = list(openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows(min_row=2))
    for text, row in zip(people, rows, strict=True):
        for cell in row[: len(TEXTS)]:
            assert (unescape(cell.value), cell.data_type, cell.hyperlink) == (text, "s", None)


def test_a_stock_writer_makes_formulas_and_links_of_them_and_we_see_it():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for place, text in enumerate([*PAYLOADS, "http://x"]):
            sheet.write(place, 0, text)
    found = live_parts(out.getvalue())
    assert any("<f" in part for part in found) and any("<hyperlink" in part for part in found)


def test_numbers_that_are_names_keep_every_digit_and_numbers_stay_numbers(house, people):
    data = sent(house, "xlsx")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()[1:]
    for number, row in list(zip(people, rows, strict=True))[len(PAYLOADS) :]:
        assert row[: len(TEXTS)] == [number] * len(TEXTS)
    ranks = [row[len(TEXTS)] for row in rows]
    assert ranks == list(range(1, len(people) + 1)) and {type(rank) for rank in ranks} <= {int, float}
    assert {row[len(TEXTS) + 1] for row in rows} == {person.id_number for person in Trainee.select()}


def test_money_below_nought_is_a_number_and_no_formula(house):
    person = house.trainee()

    @command(None)
    def pay(actor):
        row = {
            "programme": house.programme().id, "trainee": person.id, "kind": "stipend", "amount": 461_333,
            "opened_by": actor.id, "opened_at": "2019-12-26 17:30:00", "payee": "=1+1",
        }  # fmt: skip
        record.insert_many(Payment, [row], logged=False)

    pay(house.cli)
    found = export.list_stream(
        house.cli, Payment, Payment.select(), ("payee", "amount"), asked={}, fmt="xlsx"
    )
    data = b"".join(found.chunks)
    payee, amount = openpyxl.load_workbook(io.BytesIO(data)).active[2]
    assert (payee.value, payee.data_type, amount.value, amount.data_type) == ("=1+1", "s", 4613.33, "n")
    assert live_parts(data) == []


def test_a_csv_begins_with_a_byte_order_mark(house, people):
    assert sent(house, "csv").startswith(b"\xef\xbb\xbf")


# --- files that go back for correction


def error_workbook_of(house, monkeypatch, folder):
    """The rows of a sender's file that failed, with a payload in the remarks of each."""
    monkeypatch.setattr(vault, "folder", folder)
    rows = [
        [text, f"王{'甲乙丙丁'[place % 4]}某", "男", "火星族", making.id_number(place * 2 + 1)]
        for place, text in enumerate(PAYLOADS)
    ]
    upload = hand_in(house, *rows, header=["备注", "姓名", "性别", "民族", "身份证号"])
    return error_workbook.of_upload(upload)


def test_an_error_workbook_gives_back_what_was_sent_as_text(house, monkeypatch, tmp_path):
    data = error_workbook_of(house, monkeypatch, tmp_path / "files")
    assert live_parts(data) == []
    cells = [row[0] for row in openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows()]
    assert {cell.data_type for cell in cells if cell.value} == {"s"}
    told = {unescape(cell.value) for cell in cells if cell.value}
    assert len(told & set(PAYLOADS)) > 20


def test_a_blank_table_has_no_formula_and_no_link(house):
    assert live_parts(blank.build(house.cli, house.track())) == []
