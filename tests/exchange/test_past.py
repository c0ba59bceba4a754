"""往年学员: a list read, matched, stored as one batch, taken back; and what it means for the rule `once`."""

from __future__ import annotations

import datetime as dt
import hashlib
import io

import openpyxl
import pytest

from tepei_admin.choices import PastOutcome
from tepei_admin.errors import NotAllowed, NotFound, RuleViolation, Stale
from tepei_admin.exchange import error_workbook, mending, past_intake, past_list
from tepei_admin.models import (
    AuditEntry,
    Batch,
    BatchRow,
    EligibilityCheck,
    PastTrainee,
    Programme,
    Upload,
    UploadRow,
)
from tepei_admin.services import batch, crud, uploads, vault
from tests.exchange.making import TODAY, codes, id_number, text_file, xlsx
from tests.safety import faults

HEADER = ("姓名", "身份证号", "年度", "结果", "备注")


def part(serial: int = 1, year="2017", outcome="已结业", name="王伟", note=None, number=None):
    return [name, number or id_number(serial), year, outcome, note]


def read(*rows, header=HEADER, year=None):
    return past_list.read_list(xlsx([header, *rows]), "名单.xlsx", year=year, today=TODAY)


def check(house, *rows, actor=None, **options):
    return past_intake.check(actor or house.cli, xlsx([HEADER, *rows]), "往年名单.xlsx", **options)


def load(house, *rows, good=False, **options):
    made = check(house, *rows, **options)
    return made, past_intake.store(options.get("actor") or house.cli, made, accept_good=good)


def outcomes(made):
    return [row.outcome for row in made.report.rows]


# ---- reading


@pytest.mark.parametrize(
    "written", ["2017", 2017, "2017年", "2017年度", "２０１７", "2017.0", "二〇一七年", "2017 年"]
)
def test_a_year_in_every_spelling(written):
    row = read(part(year=written)).rows[0]
    assert (row.values["year"], row.outcome) == (2017, "new")


@pytest.mark.parametrize(
    "written", ["17", "2017-09", "2017/2018", "去年", 2020, "2099", "1949", 43000, "2017年9月"]
)
def test_a_year_that_is_unclear_or_not_over_is_an_error(written):
    row = read(part(year=written)).rows[0]
    assert codes(row, "error") == ["past.year_unclear"] and row.messages[0].field == "year"


@pytest.mark.parametrize(
    ("written", "outcome"),
    [("已结业", "certified"), ("结业", "certified"), ("合 格", "certified"), ("certified", "certified"),
     ("未通过", "failed"), ("不合格", "failed"), ("终止", "terminated"), ("未报到", "no_show"),
     ("取消资格", "disqualified"), ("未录取", "applied"), ("落选", "applied")],
)  # fmt: skip
def test_an_outcome_in_the_words_of_offices(written, outcome):
    row = read(part(outcome=written)).rows[0]
    assert row.values["outcome"] == outcome
    plain = written in (PastOutcome(outcome).label, outcome)
    assert codes(row) == ([] if plain else ["past.outcome_normalised"])


@pytest.mark.parametrize("outcome", PastOutcome)
def test_every_outcome_is_read_as_it_is_shown(outcome):
    row = read(part(outcome=outcome.label)).rows[0]
    assert (row.values["outcome"], row.messages) == (outcome.value, [])


@pytest.mark.parametrize("written", ["肄业", "基本合格", "中途退出", "在培", "取消"])
def test_an_outcome_that_does_not_say_which_is_asked_about(written):
    row = read(part(outcome=written)).rows[0]
    assert codes(row, "error") == ["past.outcome_unknown"]
    assert all(item.label in row.messages[0].text for item in PastOutcome)


def test_a_slip_of_the_pen_is_offered_the_near_word_and_not_taken():
    row = read(part(outcome="未报道")).rows[0]
    assert "outcome" not in row.values and "是否应为 未报到" in row.messages[0].text


def test_a_list_without_a_year_column_takes_the_year_that_is_given():
    header, rows = HEADER[:2] + HEADER[3:], [[*part(1)[:2], "已结业", None]]
    assert read(*rows, header=header, year=2016).rows[0].values["year"] == 2016
    with pytest.raises(RuleViolation) as refused:
        read(*rows, header=header)
    assert refused.value.violations[0].code == "import.past.no_year"


def test_a_year_in_the_row_goes_before_the_given_one_and_an_empty_one_takes_it():
    rows = read(part(1, year="2015"), part(3, year=None), year=2016).rows
    assert [row.values["year"] for row in rows] == [2015, 2016]
    assert codes(read(part(1, year=None), part(3)).rows[0], "error") == ["past.year_missing"]


@pytest.mark.parametrize("gone", ["身份证号", "结果", "姓名"])
def test_a_list_without_a_needed_column_is_refused_with_the_headers_looked_for(gone):
    at = HEADER.index(gone)
    row = part()
    with pytest.raises(RuleViolation) as refused:
        read([*row[:at], *row[at + 1 :]], header=[*HEADER[:at], *HEADER[at + 1 :]])
    assert "结果" in refused.value.violations[0].params["looked_for"]


def test_title_totals_and_signature_are_nobody_and_columns_stand_in_any_order():
    rows = [
        ["2017年度往年学员名单"], [], ["序号", "结业情况", "年份", "公民身份号码", "学员姓名"],
        [1, "结业", "2017", id_number(1), "王 伟"], ["合计", None, None, None, "1人"], ["填表人：李明"],
    ]  # fmt: skip
    found = past_list.read_list(xlsx(rows), "名单.xlsx", year=None, today=TODAY)
    assert [row.values["name"] for row in found.rows] == ["王伟"] and found.rows[0].number == 4
    assert [row.kind for row in found.skipped] == ["title", "totals", "signature"]
    assert found.ignored_columns == ["序号"]


def test_a_text_file_is_read_like_a_workbook():
    data = text_file([HEADER, part()], "gb18030")
    found = past_list.read_list(data, "名单.csv", year=None, today=TODAY)
    assert (found.encoding, found.rows[0].outcome) == ("gb18030", "new")


def test_the_same_part_twice_is_skipped_and_two_years_of_one_person_are_two_parts():
    found = read(part(1), part(1), part(1, year="2015", outcome="未录取"))
    assert [row.outcome for row in found.rows] == ["new", "skipped", "new"]


def test_one_part_told_in_two_ways_is_an_error_on_both_rows():
    found = read(part(1), part(1, outcome="取消资格"))
    assert [codes(row, "error") for row in found.rows] == [["id_number.same_with_difference"]] * 2


# ---- storing


def test_a_list_is_stored_as_one_batch(house):
    made, outcome = load(house, part(1), part(3, year="2015", outcome="未录取", note="差额未录"))
    assert outcomes(made) == ["new", "new"] and len(outcome.done) == 2
    rows = PastTrainee.select().order_by(PastTrainee.year).tuples()
    assert [(row.year, row.outcome, row.note) for row in rows.namedtuples()] == [
        (2015, "applied", "差额未录"),
        (2017, "certified", ""),
    ]
    stored = Batch.get_by_id(outcome.batch)
    assert (stored.verb, stored.done, stored.arguments["file"]) == ("past_load", 2, "往年名单.xlsx")


def test_looking_stores_nothing(sqlite_house):
    before = AuditEntry.select().count()
    check(sqlite_house, part(1))
    assert (PastTrainee.select().count(), AuditEntry.select().count()) == (0, before)


def test_the_same_list_twice_does_nothing(house):
    load(house, part(1))
    before = AuditEntry.select().count()
    made, outcome = load(house, part(1))
    assert (outcomes(made), outcome.batch) == (["same"], None)
    assert AuditEntry.select().count() == before and Batch.select().count() == 1


def test_a_corrected_list_changes_what_differs_and_a_blank_cell_nothing(house):
    load(house, part(1, note="甲"), part(3))
    made, outcome = load(house, part(1, outcome="取消资格", note=None), part(3))
    assert outcomes(made) == ["changed", "same"] and len(outcome.done) == 1
    assert made.report.rows[0].messages[-1].text == "结果由“已结业”改为“已取消资格”"
    stored = PastTrainee.get(PastTrainee.id_number == id_number(1))
    assert (stored.outcome, stored.note) == ("disqualified", "甲")


def test_errors_store_nothing_unless_the_good_rows_may_go(sqlite_house):
    rows = [part(1), part(3, outcome="不详")]
    with pytest.raises(RuleViolation) as refused:
        load(sqlite_house, *rows)
    assert refused.value.violations[0].code == "import.has_errors" and not PastTrainee.select().exists()
    _, outcome = load(sqlite_house, *rows, good=True)
    assert len(outcome.done) == 1 and PastTrainee.select().count() == 1


@pytest.mark.parametrize(("year", "outcome"), [("2018", "new"), ("2019", "error")])
def test_a_part_is_of_a_year_before_the_newest(sqlite_house, year, outcome, monkeypatch):
    from tepei_admin.services import clock

    monkeypatch.setattr(clock, "today", lambda: TODAY.replace(year=2020))
    made = check(sqlite_house, part(1, year=year))
    assert outcomes(made) == [outcome]
    assert codes(made.report.rows[0]) == ([] if outcome == "new" else ["past.year_not_past"])


@pytest.fixture
def two_years(sqlite_house):
    """2018 and 2019, both of the panel."""
    from tepei_admin.services import programmes

    programmes.new_year(sqlite_house.cli, 2018, source=2019)
    return sqlite_house


def test_somebody_whom_the_panel_has_in_that_year_is_an_error_naming_the_record(two_years):
    person = two_years.trainee(year=2018)
    made = check(two_years, part(year="2018", name=person.name, number=person.id_number))
    text = made.report.rows[0].messages[-1].text
    assert outcomes(made) == ["error"] and "赤峰市" in text and "已申报" in text


def test_a_year_that_the_panel_keeps_without_that_person_is_asked_about(two_years):
    made = check(two_years, part(1, year="2018"))
    assert (outcomes(made), codes(made.report.rows[0], "warning")) == (["new"], ["past.year_kept_here"])


def test_another_name_for_the_same_number_is_asked_about(sqlite_house):
    person = sqlite_house.trainee(name="王玮")
    made = check(sqlite_house, part(number=person.id_number))
    assert (
        codes(made.report.rows[0], "warning") == ["past.other_name"]
        and "王玮" in made.report.rows[0].messages[-1].text
    )


def test_another_name_for_a_part_on_the_list_is_asked_about(sqlite_house):
    load(sqlite_house, part(name="王玮"))
    made = check(sqlite_house, part(name="王伟"))
    assert (outcomes(made), codes(made.report.rows[0], "warning")) == (["changed"], ["record.name_changes"])


def test_by_hand_the_same_holds_as_by_list(sqlite_house):
    row = {"id_number": id_number(1), "name": "王伟", "year": 2019, "outcome": "certified"}
    with pytest.raises(RuleViolation) as refused:
        crud.create(sqlite_house.cli, PastTrainee, row)
    assert refused.value.violations[0].code == "import.past.year_not_past"
    crud.create(sqlite_house.cli, PastTrainee, {**row, "year": 2018})


@pytest.mark.parametrize(
    ("role", "may"), [("viewer", False), ("clerk", False), ("operator", True), ("admin", True)]
)
def test_the_list_is_the_offices(sqlite_house, role, may):
    actor = sqlite_house.actor(role, unit="150400" if role == "clerk" else None)
    if may:
        assert load(sqlite_house, part(1), actor=actor)[1].batch
    else:
        with pytest.raises(NotAllowed):
            check(sqlite_house, part(1), actor=actor)


def test_what_changed_after_the_look_stores_nothing(house):
    made = check(house, part(1), part(3))
    load(house, part(1))
    with pytest.raises(Stale):
        past_intake.store(house.cli, made)
    assert PastTrainee.select().count() == 1


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.setattr(vault, "folder", tmp_path / "files")
    return tmp_path / "files"


def hand_in(house, *rows, **options) -> Upload:
    data = xlsx([HEADER, *rows])
    made = past_intake.check(house.cli, data, "往年名单.xlsx", **options)
    return Upload.get_by_id(past_intake.hand_in(house.cli, data, made))


def confirm(house, upload, *, good=False):
    version = Upload.get_by_id(upload.id).version
    return past_intake.confirm(house.cli, upload.id, version, accept_good=good)


def test_a_list_handed_in_is_kept_with_its_rows_and_stored_once(house, files):
    upload = hand_in(house, part(1), part(3, outcome="不详"))
    assert (upload.track_id, upload.sha256) == (
        None,
        hashlib.sha256(vault.fetch(upload.stored_as)).hexdigest(),
    )
    rows = list(UploadRow.select().order_by(UploadRow.number))
    assert [(row.number, row.outcome, row.name) for row in rows] == [(2, "new", "王伟"), (3, "error", "王伟")]
    assert upload.report["trouble"] == {"error": {"outcome": 1}} and not PastTrainee.select().exists()
    with pytest.raises(RuleViolation, match="has_errors"):
        confirm(house, upload)
    stored = confirm(house, upload, good=True)
    assert stored.done == 1 and Upload.get_by_id(upload.id).batch_id == stored.batch
    with pytest.raises(RuleViolation, match="already_stored"):
        confirm(house, upload, good=True)


def test_the_batch_tells_every_row_also_those_that_were_left_out(house, files):
    upload = hand_in(house, part(1), part(1), part(3, outcome="不详"), ["合计"])
    batch_ = Batch.get_by_id(confirm(house, upload, good=True).batch)
    lines = BatchRow.select().where(BatchRow.batch == batch_.id).order_by(BatchRow.id)
    told = [(line.done, line.code, line.text.partition("：")[0]) for line in lines]
    assert told == [(True, "new", "第 2 行"), (False, "skipped", "第 3 行"), (False, "error", "第 4 行")]
    assert "结果“不详”无法识别" in lines[2].text and (batch_.done, batch_.skipped) == (1, 2)


def test_storing_what_was_kept_parses_no_file(house, files, monkeypatch):
    upload = hand_in(house, part(1))
    monkeypatch.setattr(past_list, "read_list", None)
    vault.forget(upload.stored_as)
    assert confirm(house, upload).done == 1


def test_what_has_changed_since_is_checked_again_and_shown_before_anything_is_stored(house, files):
    upload = hand_in(house, part(1, note="乙"), part(3), ["合计"])
    load(house, part(1, note="甲"))
    told = confirm(house, upload)
    assert (told.batch, told.moved) == (None, (2,))
    rows = list(UploadRow.select().order_by(UploadRow.number))
    assert [row.outcome for row in rows] == ["changed", "new", "skipped"]
    assert confirm(house, upload).done == 2 and PastTrainee.select().count() == 2


def test_a_list_of_one_year_keeps_it_when_it_is_checked_again(house, files):
    upload = hand_in(house, part(1, year=None), part(3, year=None), year=2016)
    load(house, part(1, year="2016"))
    assert confirm(house, upload).moved == (2,) and confirm(house, upload).done == 1
    assert {row.year for row in PastTrainee.select()} == {2016}


def test_the_file_goes_where_it_could_not_be_put_on_record(house, files):
    clerk = house.actor("clerk", unit="150400")
    data = xlsx([HEADER, part(1)])
    with pytest.raises(NotAllowed):
        past_intake.hand_in(clerk, data, check(house, part(1)))
    with faults.at(1), pytest.raises(faults.Injected):
        past_intake.hand_in(house.cli, data, check(house, part(1)))
    assert not files.exists() or list(files.iterdir()) == []


def test_a_list_that_nobody_stores_is_swept_with_its_file(house, files):
    upload, stored = hand_in(house, part(1)), hand_in(house, part(3))
    confirm(house, stored)
    assert uploads.sweep(house.cli, dt.datetime(2999, 1, 1)) == 1
    assert [path.name for path in files.iterdir()] == [stored.stored_as]
    assert not UploadRow.select().where(UploadRow.upload == upload.id).exists()


def test_neither_kind_of_file_is_taken_for_the_other(house, files):
    upload = hand_in(house, part(1))
    for ask in (uploads.open_upload, uploads.table_of):
        with pytest.raises(NotFound):
            ask(house.cli, upload.id)
    with pytest.raises(NotFound):
        mending.mend(house.cli, upload.id, 1, {(2, "name"): "王玮"})


def test_at_the_command_line_the_file_is_kept_too_and_goes_when_nothing_is_stored(house, files):
    data, made = xlsx([HEADER, part(1)]), check(house, part(1))
    outcome = past_intake.take_in(house.cli, data, made)
    upload = Upload.get()
    assert upload.batch_id == outcome.batch and vault.fetch(upload.stored_as) == data
    assert past_intake.take_in(house.cli, data, check(house, part(1))).batch is None
    late = check(house, part(3))
    load(house, part(3))
    with pytest.raises(Stale):
        past_intake.take_in(house.cli, data, late)
    assert [path.name for path in files.iterdir()] == [upload.stored_as] and Upload.select().count() == 1


def mend(house, upload, cells, choices=None):
    version = Upload.get_by_id(upload.id).version
    return past_intake.mend(house.cli, upload.id, version, cells, choices)


def test_a_cell_put_right_on_the_page_is_stored_and_told(house, files):
    upload = hand_in(house, part(1), part(3, outcome="不详"), part(5, year="去年"))
    assert mend(house, upload, {(3, "outcome"): "已结业", (4, "year"): "2016", (2, "name"): "王伟"}) == 2
    rows = list(UploadRow.select().order_by(UploadRow.number))
    assert [row.outcome for row in rows] == ["new"] * 3 and Upload.get().report["corrected"] == 2
    assert AuditEntry.select().order_by(-AuditEntry.id).first().action == "correct"
    stored = confirm(house, upload)
    line = BatchRow.get(BatchRow.batch == stored.batch, BatchRow.text.startswith("第 3 行"))
    assert line.text == "第 3 行：2017 年度，新增；结果由“不详”改正为“已结业”"
    assert {row.year for row in PastTrainee.select()} == {2016, 2017}


def test_a_correction_is_taken_back_and_a_row_left_out(house, files):
    upload = hand_in(house, part(1), part(3, outcome="不详"))
    mend(house, upload, {(3, "outcome"): "落选"})
    assert mend(house, upload, {(3, "outcome"): "不详"}) == 1
    assert UploadRow.get(UploadRow.number == 3).outcome == "error"
    mend(house, upload, {}, {3: "skip"})
    assert UploadRow.get(UploadRow.number == 3).outcome == "skipped" and confirm(house, upload).done == 1


def test_a_correction_that_makes_two_parts_one_is_seen(house, files):
    upload = hand_in(house, part(1), part(3, outcome="未录取"))
    mend(house, upload, {(3, "id_number"): id_number(1)})
    assert {row.outcome for row in UploadRow.select()} == {"error"}


def test_a_correction_of_what_another_has_put_right_meanwhile_is_refused(house, files):
    upload = hand_in(house, part(3, outcome="不详"))
    mend(house, upload, {(2, "outcome"): "落选"})
    with pytest.raises(Stale):
        past_intake.mend(house.cli, upload.id, upload.version, {(2, "outcome"): "已结业"})


def test_error_rows_put_right_come_in_again(house, files):
    upload = hand_in(house, part(1), part(3, outcome="不详"), part(5, year="今年"))
    book = openpyxl.load_workbook(io.BytesIO(error_workbook.of_upload(upload)))
    sheet = book.active
    head = next(row for row in sheet.iter_rows() if row[0].value == "姓名")
    at = {cell.value: cell.column for cell in head}
    assert sheet.max_row == head[0].row + 2 and "错误信息" in at
    sheet.cell(head[0].row + 1, at["结果"]).value = "已结业"
    sheet.cell(head[0].row + 2, at["年度"]).value = "2016"
    out = io.BytesIO()
    book.save(out)
    made = past_intake.check(house.cli, out.getvalue(), "错误行.xlsx")
    assert outcomes(made) == ["new", "new"] and past_intake.store(house.cli, made).batch


def test_storing_many_takes_a_number_of_queries_that_does_not_grow(house, count_queries):
    def queries(count: int, start: int) -> int:
        made = check(house, *(part(start + 2 * n) for n in range(count)))
        with count_queries() as counted:
            past_intake.store(house.cli, made)
        return len(counted)

    few = queries(3, 1)
    assert queries(40, 101) <= few + 1


# ---- taking it back


def test_undo_takes_new_parts_away_and_gives_corrected_ones_their_values_back(house):
    load(house, part(1, note="甲"))
    _, second = load(house, part(1, outcome="终止", note="乙"), part(3))
    undone = batch.undo(house.cli, second.batch)
    assert len(undone.done) == 2
    rows = list(PastTrainee.select().namedtuples())
    assert [(row.id_number, row.outcome, row.note) for row in rows] == [(id_number(1), "certified", "甲")]


def test_undo_leaves_what_was_touched_since_and_says_so(house):
    _, first = load(house, part(1), part(3))
    load(house, part(1, outcome="终止"))
    undone = batch.undo(house.cli, first.batch)
    assert len(undone.done) == 1 and undone.skipped[0].refused.code == "undo.touched"
    assert [row.outcome for row in PastTrainee.select()] == ["terminated"]


# ---- what it means for the rule `once`

GRAVE = ("certified", "failed", "terminated", "no_show", "disqualified")


@pytest.mark.parametrize(
    ("outcome", "setting", "result"),
    [
        *((item, "decide", "pending") for item in GRAVE),
        ("applied", "decide", "eligible"),
        ("certified", "note", "eligible"),
    ],
)
def test_an_earlier_part_that_reached_training_is_decided_about_a_mere_application_is_noted(
    sqlite_house, outcome, setting, result
):
    if setting != "decide":
        crud.edit(
            sqlite_house.cli, Programme, sqlite_house.programme().id, None, {"earlier_participation": setting}
        )
    person = sqlite_house.trainee()
    load(sqlite_house, part(number=person.id_number, name=person.name, outcome=outcome))
    sqlite_house.do("check", person)
    check = EligibilityCheck.get(EligibilityCheck.trainee == person.id)
    finding = next(item for item in check.findings if item["rule"] == "once")
    assert check.result == result and "2017年度" in str(finding["facts"])
    assert finding["verdict"] == ("met" if result == "eligible" else "needs_decision")


def test_results_stored_earlier_are_out_of_date_when_the_list_changes(house):
    person, other = house.trainee(), house.trainee()
    house.do("check", person, other)
    rows = [part(number=person.id_number, name=person.name)]

    def stale():
        return [house.reload(item).eligibility_stale for item in (person, other)]

    assert stale() == [False, False]
    load(house, *rows)
    assert stale() == [True, False]
    house.do("check", person, other)
    assert house.reload(person).eligibility == "pending" and stale() == [False, False]
    load(house, part(number=person.id_number, name=person.name, outcome="未录取"))
    assert stale() == [True, False]
    house.do("check", person)
    batch.undo(house.cli, Batch.select().order_by(-Batch.id).where(Batch.verb == "past_load").first().id)
    assert stale() == [True, False]
