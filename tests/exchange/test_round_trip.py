"""Out, through a spreadsheet program, and in again: untouched nothing changes, edited exactly the edits do."""

from __future__ import annotations

import openpyxl
import pytest

from tepei_admin.exchange import intake
from tepei_admin.exchange.columns import COLUMNS
from tepei_admin.models import Trainee
from tepei_admin.services import nominations
from tests.exchange import demo_house
from tests.exchange.demo_house import SUMMARIES, changed, read_back, written
from tests.factories import id_number

HEADERS = [column.header for column in COLUMNS]


@pytest.fixture(scope="module")
def demo(sqlite_template, tmp_path_factory):
    yield from demo_house.filled(sqlite_template, tmp_path_factory.mktemp("demo"))


@pytest.fixture
def seen(demo):
    return demo_house.again(demo)


def edited(path, **cells):
    """The workbook with some cells written anew, as a spreadsheet program saves it: {name: {header: text}}."""
    book = openpyxl.load_workbook(path)
    for row in book.active.iter_rows(min_row=2):
        for header, text in cells.get(row[HEADERS.index("姓名")].value, {}).items():
            row[HEADERS.index(header)].value = text
    book.save(path)
    return path


@pytest.mark.parametrize("track", SUMMARIES)
@pytest.mark.parametrize(
    ("ending", "encoding"), [("csv", "utf-8-sig"), ("csv", "gb18030"), ("xlsx", "utf-8-sig")]
)
def test_the_demos_tables_come_back_without_a_change(seen, tmp_path, track, ending, encoding):
    found = read_back(seen, track, written(seen, track, tmp_path / f"a.{ending}", encoding))
    assert len(found.report.rows) > 50 and changed(found) == []


@pytest.mark.parametrize("track", SUMMARIES)
def test_saved_by_another_program_they_still_do(seen, tmp_path, track):
    assert changed(read_back(seen, track, edited(written(seen, track, tmp_path / "a.xlsx")))) == []


def test_without_care_for_our_own_words_every_row_would_change(seen, tmp_path, monkeypatch):
    monkeypatch.setattr(nominations, "_our_own_words", lambda *_: False)
    found = read_back(seen, "outside", written(seen, "outside", tmp_path / "a.xlsx"))
    assert len(changed(found)) > 50


def test_an_edited_table_gives_exactly_the_edits(house, tmp_path):
    people = {name: house.trainee(name=name) for name in ("其其格", "乙某", "丙某")}
    path = edited(
        written(house, "outside", tmp_path / "a.xlsx"),
        其其格={"手机": "13900000001", "职务": "主任"},
        丙某={"专业技术职务": "教授", "备注": "加急"},
    )
    found = read_back(house, "outside", path)
    assert sorted((row.values["name"], row.outcome) for row in found.report.rows) == [
        ("丙某", "changed"), ("乙某", "same"), ("其其格", "changed"),
    ]  # fmt: skip
    before = {name: dict(house.reload(person).__data__) for name, person in people.items()}
    intake.store(house.cli, found)
    after = {name: dict(house.reload(person).__data__) for name, person in people.items()}
    differ = {
        name: {key: after[name][key] for key in after[name] if after[name][key] != before[name][key]}
        for name in people
    }
    for values in differ.values():
        for machine in ("version", "updated_at", "eligibility", "eligibility_cause"):
            values.pop(machine, None)
    assert differ["其其格"] == {"mobile": "13900000001", "post": "主任"} and differ["乙某"] == {}
    assert set(differ["丙某"]) == {"title", "title_level", "remarks"}
    assert (differ["丙某"]["title"], differ["丙某"]["remarks"]) == ("教授", "加急")


def test_a_removed_cell_changes_nothing_and_a_new_line_is_a_new_person(house, tmp_path):
    house.trainee(name="其其格", post="主任")
    path = written(house, "outside", tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = book.active
    row = [cell.value for cell in sheet[2]]
    sheet[2][HEADERS.index("职务")].value = None
    fresh = {"姓名": "新来的", "身份证号": id_number(300, born="19850512"), "单位所在盟市": "赤峰市"}
    sheet.append([fresh.get(header, value) for header, value in zip(HEADERS, row, strict=True)])
    book.save(path)
    found = read_back(house, "outside", path)
    assert [(row.values["name"], row.outcome) for row in found.report.rows] == [
        ("其其格", "same"),
        ("新来的", "new"),
    ]


@pytest.mark.parametrize("words", ["大学", "大本", "大学本科", "本科"])
def test_what_a_sheet_said_of_schooling_is_kept_through_our_own_words_for_it(house, tmp_path, words):
    person = house.trainee(track="inside", education="21", education_written=words)
    found = read_back(house, "inside", written(house, "inside", tmp_path / "a.xlsx"))
    assert changed(found) == []
    assert Trainee.get_by_id(person.id).education_written == words


def test_other_words_for_the_same_schooling_are_a_change(house, tmp_path):
    house.trainee(name="其其格", track="inside", education="21", education_written="大学")
    path = edited(written(house, "inside", tmp_path / "a.xlsx"), 其其格={"学历": "大本"})
    assert [row.outcome for row in read_back(house, "inside", path).report.rows] == ["changed"]


def test_people_whose_unit_no_column_tells_stay_with_it(house, tmp_path):
    from tepei_admin.models import Region

    house.trainee(name="无盟市", region=None)
    house.trainee(name="在别处上班", unit="150700", region=Region.get(Region.code == "150400").id)
    assert changed(read_back(house, "outside", written(house, "outside", tmp_path / "a.xlsx"))) == []


def test_somebody_of_another_unit_under_another_place_is_still_an_error(house, tmp_path):
    from tepei_admin.models import Region

    house.trainee(name="其其格", region=Region.get(Region.code == "150400").id)
    path = edited(written(house, "outside", tmp_path / "a.xlsx"), 其其格={"单位所在盟市": "呼伦贝尔市"})
    (row,) = read_back(house, "outside", path).report.rows
    assert (row.outcome, [message.code for message in row.messages]) == ("error", ["record.other_unit"])
