"""The process that opens files from outside: what it answers, and that only it dies."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tepei_admin.errors import RuleViolation
from tepei_admin.exchange import isolated, wire
from tepei_admin.exchange.cells import EMPTY, Cell, Row, Sheet, Span
from tests.exchange import making
from tests.exchange.making import HEADER, person

texts = st.text(min_size=1)
numbers = st.floats(allow_nan=False)
moments = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1))
cells = (
    st.just(EMPTY)
    | texts.map(lambda value: Cell(value, "text"))
    | numbers.map(lambda value: Cell(value, "number", "0.00"))
    | moments.map(lambda value: Cell(value, "date", 'yyyy"年"m"月"'))
    | st.sampled_from([Cell(True, "bool"), Cell("#N/A", "error"), Cell("=A1", "formula")])
)


def refused(data: bytes = b"x", name: str = "汇总表.xlsx") -> str:
    with pytest.raises(RuleViolation) as caught:
        list(isolated.sheets(data, name))
    return caught.value.violations[0].code


def becomes(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """The reading process is that program instead."""
    monkeypatch.setattr(isolated, "COMMAND", (sys.executable, "-c", program))


def test_a_workbook_comes_through_whole():
    [sheet] = isolated.sheets(making.xlsx([HEADER, person(1, 姓名="王䶮")]), "汇总表.xlsx")
    assert sheet.sheet == "汇总表"
    assert [row.cell(1).value for row in sheet.rows] == ["姓名", "王䶮"]


@given(st.lists(st.lists(cells, max_size=4), max_size=5))
def test_any_sheet_arrives_as_it_was_sent(rows):
    sheet = Sheet("表", None, [], [Span(1, 0, 2, 0)], epoch_1904=True)
    for number, row in enumerate(rows, 1):
        sheet.add(Row(number, row, number % 2 == 0, frozenset({0})))
    assert list(wire.unpack(wire.pack(sheet))) == [sheet]


def test_a_refusal_comes_through_with_its_words():
    with pytest.raises(RuleViolation) as caught:
        list(isolated.sheets(b"", "../空.xlsx"))
    assert caught.value.violations[0].code == "import.empty_file"
    assert caught.value.violations[0].params == {"file": "空.xlsx"}


def test_sheets_are_read_when_asked_for():
    book = making.workbook([["甲"]], "一")
    book.create_sheet("二")["A1"] = "乙"
    found = isolated.sheets(making.saved(book), "a.xlsx")
    assert next(found).sheet == "一"
    found.close()


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.abort()",
        "import os; os._exit(0)",
        "import sys; sys.stdin.buffer.read(); print('{\"sheet\": null')",
        "raise SystemExit(1)",
    ],
)
def test_whatever_the_process_dies_of_is_a_refusal(program, monkeypatch):
    becomes(monkeypatch, program)
    assert refused() == "import.reader_died"
    assert refused(b"x" * 1_000_000) == "import.reader_died"


def test_a_process_that_never_answers_is_ended(monkeypatch):
    becomes(monkeypatch, "import time; time.sleep(600)")
    monkeypatch.setattr(isolated, "PATIENCE", 0.2)
    before = time.monotonic()
    assert refused() == "import.reader_died"
    assert time.monotonic() - before < 300


def test_memory_is_limited(monkeypatch):
    pytest.importorskip("resource")
    becomes(monkeypatch, "from tepei_admin.exchange import worker; worker.limit(); b' ' * worker.MEMORY")
    assert refused() == "import.reader_died"


def test_the_process_learns_nothing_of_the_panel(monkeypatch):
    monkeypatch.setenv("TEPEI_SECRET_KEY", "x" * 40)
    assert not [name for name in isolated._environment() if name.startswith("TEPEI_")]


def test_no_process_is_left_behind(monkeypatch):
    started = []

    class Noted(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            started.append(self)

    monkeypatch.setattr(isolated.subprocess, "Popen", Noted)
    found = isolated.sheets(making.xlsx([HEADER]), "a.xlsx")
    next(found)
    found.close()  # nobody asked for the rest
    refused(b"%PDF")
    assert [process.returncode is None for process in started] == [False, False]
