"""The whole of 2019: the notice's 80 places, a full year each, to the fen, on both databases; and the books agree."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from tepei_admin.choices import Status
from tepei_admin.exchange import export
from tepei_admin.models import Certificate, Document, Payment, Programme, Termination, Trainee
from tepei_admin.seed import demo, fullyear
from tepei_admin.services import audit, clock, money
from tests.factories import House
from tests.views.browser import Browser
from tests.views.conftest import panel


def exported(house: House, name: str, folder: Path) -> list[list[str]]:
    path = folder / f"{name}.csv"
    export.to_file(house.cli, name, house.programme().id, path)
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.reader(handle))


def browser(house: House, folder: Path) -> Browser:
    """The demo's viewer."""
    seen = Browser(panel(house, folder))
    assert seen.post("/login", username="viewer", password=demo.PASSWORD, at="/login").status_code == 303
    return seen


def yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}"


def test_eighty_people_a_full_year_to_the_fen(house, tmp_path):
    demo.fill_full_year()
    assert [row.status for row in Trainee.select()] == [Status.CERTIFIED] * 80
    assert clock.today() == fullyear.DAY and audit.verify() is None
    paid: Counter[tuple[str, str, str]] = Counter()
    for item in money.sums(house.cli, house.programme().id):
        paid[item.track, item.kind.value, item.state.value] += item.amount
    assert paid == {
        ("区外", "tuition", "paid"): 40 * 33_000_00, ("区内", "tuition", "paid"): 40 * 16_000_00,
        ("区外", "stipend", "paid"): 40 * 600_00 * 12, ("区内", "stipend", "paid"): 40 * 400_00 * 12,
    }  # fmt: skip
    assert sum(paid.values()) == 2_440_000_00
    assert not Payment.select().where(Payment.decided_by == Payment.opened_by).exists()
    numbers = sorted(row.number for row in Certificate.select())
    assert numbers == [f"2019{letter}{serial:04d}" for letter in "NW" for serial in range(1, 41)]
    assert Document.select().where(Document.archived_on.is_null()).count() == 0

    assert exported(house, "学费汇款清单", tmp_path)[-1][-1] == "1960000.00"
    assert exported(house, "生活补贴发放表", tmp_path)[-1][-1] == "480000.00"
    register = exported(house, "结业证书名册", tmp_path)
    assert len(register) == 81 and {row[1] for row in register[1:]} == set(numbers)
    page = browser(house, tmp_path).get("/payments/totals").text
    assert "1,960,000.00" in page and "480,000.00" in page and "2,440,000.00" in page


def of_kind(kind: str, *states: str) -> int:
    """Straight from the rows: what stands of a kind, in fen."""
    rows = Payment.select().where(
        Payment.kind == kind, Payment.programme == year(), Payment.reversed_by.is_null()
    )
    return sum(row.amount for row in rows if row.state in states)


def year() -> int:
    return Programme.get(Programme.year == 2019).id


def test_ledger_pages_and_exports_of_the_mixed_demo_agree(house, tmp_path):
    demo.fill()
    due = sum(
        row.due
        for row in Termination.select().join(Trainee).where(Trainee.programme == year(), Termination.due > 0)
    )
    received, remitted = of_kind("recovery", "paid"), of_kind("remission", "approved")
    assert (due, received, remitted) == (12_000_00, 5_000_00, 0)
    total = money.total_of(money.of_year(house.cli, year()))
    assert (total.due, total.received, total.remitted) == (due, received, remitted)
    assert total.outstanding == due - received - remitted

    seen = browser(house, tmp_path)
    ledger = seen.get("/recoveries/").text
    for amount in (due, received, total.outstanding):
        assert yuan(amount) in ledger
    sheet = exported(house, "追缴台账", tmp_path)
    assert sheet[-1][4:] == [f"{amount / 100:.2f}" for amount in (due, received, remitted, total.outstanding)]
    assert [sum(float(row[at]) for row in sheet[1:-1]) for at in range(4, 8)] == [
        float(cell) for cell in sheet[-1][4:]
    ]

    tuition = of_kind("tuition", "approved", "paid")
    assert exported(house, "学费汇款清单", tmp_path)[-1][-1] == f"{tuition / 100:.2f}"
    totals = seen.get("/payments/totals").text
    for state in ("draft", "approved", "paid"):
        assert yuan(of_kind("tuition", state)) in totals
    assert yuan(of_kind("refund", "paid")) in totals and of_kind("refund", "paid") == 24_000_00
    front = re.sub(r"<[^>]+>", " ", seen.get("/").text)
    assert yuan(tuition) in front and yuan(of_kind("tuition", "paid")) in front
    book = tmp_path / "t.xlsx"
    export.to_file(house.cli, "学费汇款清单", house.programme().id, book, fmt="xlsx")
    assert list(openpyxl.load_workbook(book).active.values)[-1][-1] == pytest.approx(tuition / 100)
