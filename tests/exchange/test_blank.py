"""The blank table: filled in by its own drop-downs it is imported without a word; the example is nobody."""

from __future__ import annotations

import io

import openpyxl
import pytest

from tepei_admin.errors import NotAllowed, RuleViolation
from tepei_admin.exchange import blank
from tepei_admin.exchange.columns import COLUMNS
from tests.exchange.making import id_number
from tests.exchange.test_intake import check

CROSSED = ("sex.differs_from_id", "place.elsewhere", "unit.differs")
"""Every word in turn, whatever stands beside it: a place of one league beside another league."""


def book(house, track="outside"):
    return openpyxl.load_workbook(io.BytesIO(blank.build(house.cli, house.track(track))))


def filled(house, *people, track="outside"):
    """People as {header: text}, below the example."""
    made = book(house, track)
    sheet = made["汇总表"]
    for row, values in enumerate(people, blank.HEADER + 3):
        for place, column in enumerate(COLUMNS, 1):
            if column.header in values:
                sheet.cell(row, place).value = values[column.header]
    out = io.BytesIO()
    made.save(out)
    return check(house, out.getvalue(), track=track, unit="150400")


def test_the_headers_are_the_imports_and_all_that_has_text_is_text_down_to_the_spare_rows(house):
    sheet = book(house)["汇总表"]
    assert [cell.value for cell in sheet[blank.HEADER + 1]] == [column.header for column in COLUMNS]
    for place, column in enumerate(COLUMNS, 1):
        last = sheet.cell(blank.HEADER + 2 + blank.SPARE, place)
        assert (last.number_format == "@") == column.text, column.header


@pytest.mark.parametrize("track", ["outside", "inside"])
def test_an_empty_table_has_nobody_in_it_for_the_example_is_ignored(house, track):
    with pytest.raises(RuleViolation) as refused:
        filled(house, track=track)
    assert refused.value.violations[0].code == "import.no_person"
    made = filled(house, {"姓名": "王伟", "民族": "蒙古族", "身份证号": id_number(1)}, track=track)
    assert [row.values["name"] for row in made.report.rows] == ["王伟"]
    assert "example" in [row.kind for row in made.report.skipped]


def test_every_word_that_a_drop_down_offers_is_read_without_a_message(house):
    offered = blank.options(house.track())
    assert len(offered["county"]) == 103 and len(offered["region"]) == 12
    longest = max(map(len, offered.values()))
    header = {column.field: column.header for column in COLUMNS}
    people = [
        {"姓名": "王伟", "民族": "蒙古族", "身份证号": id_number(2 * n + 1)}
        | {header[name]: values[n % len(values)] for name, values in offered.items()}
        for n in range(longest)
    ]
    made = filled(house, *people)
    said = {
        message.text
        for row in made.report.rows
        for message in row.messages
        if message.field in offered and message.code not in CROSSED
    }
    assert said == set()


def test_the_drop_downs_stand_on_a_list_sheet_that_nobody_sees(house):
    made = book(house)
    assert made["选项"].sheet_state == "hidden"
    found = {str(item.sqref): item.formula1 for item in made["汇总表"].data_validations.dataValidation}
    assert len(found) == len(blank.options(house.track()))
    assert all(formula.startswith("选项!$") for formula in found.values())
    assert all(f"{blank.HEADER + 2 + blank.SPARE}" in cells for cells in found)


def test_the_sheet_of_help_has_a_line_for_every_column(house):
    told = {row[0].value: row[1].value for row in book(house)["填写说明"].iter_rows()}
    assert all(told.get(column.header) for column in COLUMNS)
    assert "必填" in told["身份证号"]


def test_a_viewer_needs_none(house):
    with pytest.raises(NotAllowed):
        blank.build(house.actor("viewer"), house.track())
