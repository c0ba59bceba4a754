"""An upload put right before it is stored: cells, rows, columns; and what is remembered of a sender's columns."""

from __future__ import annotations

import pytest

from tepei_admin.errors import NotFound, RuleViolation, Stale
from tepei_admin.exchange import intake, mending
from tepei_admin.models import AuditEntry, BatchRow, HeaderChoice, PastTrainee, Trainee, Upload, UploadRow
from tepei_admin.services import crud, uploads, vault
from tests.exchange.making import HEADER, id_number, person, saved, workbook, xlsx
from tests.exchange.test_intake import LINE, check

OTHER = [header if header != "身份证号" else "证号" for header in HEADER]
"""A header under which nobody would look for the ID number."""


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    monkeypatch.setattr(vault, "folder", tmp_path / "files")


def hand_in(house, *rows, header=HEADER, unit="150400", actor=None) -> Upload:
    data = xlsx([LINE, header, *rows])
    made = check(house, data, unit=unit, actor=actor)
    return upload_of(intake.hand_in(actor or house.cli, data, made, house.unit(unit) if unit else None))


def unread(house, *rows, header=OTHER, actor=None) -> Upload:
    """A table that lacks a column which is there under another name."""
    data = xlsx([LINE, header, *rows])
    with pytest.raises(RuleViolation) as refused:
        check(house, data, actor=actor)
    reason = refused.value.violations[0]
    assert intake.may_be_named(reason)
    source = intake.Source("表.xlsx", house.track().programme.materials_deadline, True)
    return upload_of(intake.hand_in_unread(actor or house.cli, data, reason, house.track(), None, source))


def upload_of(number: int) -> Upload:
    return Upload.get_by_id(number)


def row(upload: Upload, number: int) -> UploadRow:
    return UploadRow.get(UploadRow.upload == upload.id, UploadRow.number == number)


def outcomes(upload: Upload) -> dict[int, str]:
    rows = UploadRow.select().where(UploadRow.upload == upload.id, UploadRow.number > 1)
    return {item.number: item.outcome for item in rows}


def mend(house, upload: Upload, actor=None, choices=None, **cells: str) -> int:
    """`r3_id_number="…"` puts that cell of row 3 right."""
    named = {(int(key[1:].split("_")[0]), key.split("_", 1)[1]): text for key, text in cells.items()}
    version = upload_of(upload.id).version
    return mending.mend(actor or house.cli, upload.id, version, named, choices)


def store(house, upload: Upload, **options):
    return intake.store_kept(house.cli, upload.id, upload_of(upload.id).version, **options)


# --- Cells


def test_a_cell_put_right_is_checked_again_and_stored_as_corrected(house):
    upload = hand_in(house, person(1, 身份证号="150102850315991"), person(2))
    assert outcomes(upload) == {3: "error", 4: "new"}
    assert mend(house, upload, r3_id_number=id_number(1)) == 1
    assert outcomes(upload) == {3: "new", 4: "new"} and upload_of(upload.id).report["counts"]["new"] == 2
    kept = row(upload, 3).corrections["id_number"]
    assert (kept["was"], kept["text"], kept["by"]) == ("150102850315991", id_number(1), house.cli.name)
    outcome = store(house, upload)
    assert Trainee.select().where(Trainee.id_number == id_number(1)).count() == 1
    told = BatchRow.get(BatchRow.batch == outcome.batch, BatchRow.object_id == outcome.done[0]).text
    assert "改正为" in told and "尾号" in told and id_number(1) not in told


def test_line_ends_as_a_browser_sends_them_are_no_correction_and_a_line_end_taken_out_is_one(house):
    upload = hand_in(house, person(1, 备注="甲\n乙", 民族="火星族"))
    mend(house, upload, r3_remarks="甲\r\n乙", r3_ethnicity="蒙古族")
    assert set(row(upload, 3).corrections) == {"ethnicity"}
    mend(house, upload, r3_remarks="甲乙")
    assert row(upload, 3).values["remarks"] == "甲乙"
    mend(house, upload, r3_remarks="甲\r乙")
    assert set(row(upload, 3).corrections) == {"ethnicity"}


def test_a_correction_that_is_wrong_again_stays_an_error(house):
    upload = hand_in(house, person(1, 民族="火星族"))
    mend(house, upload, r3_ethnicity="水星族")
    assert outcomes(upload) == {3: "error"}
    mend(house, upload, r3_ethnicity="达斡尔族")
    assert outcomes(upload) == {3: "new"} and row(upload, 3).values["ethnicity"] == "31"


def test_the_text_as_it_was_sent_takes_a_correction_back(house):
    upload = hand_in(house, person(1))
    assert mend(house, upload, r3_name="王玮") == 1 and row(upload, 3).values["name"] == "王玮"
    assert mend(house, upload, r3_name="王玮") == 0
    assert mend(house, upload, r3_name="王伟") == 1
    assert row(upload, 3).corrections == {} and row(upload, 3).values["name"] == "王伟"


def test_a_correction_mends_the_rows_that_stood_against_it(house):
    """Two people under one number: when one of them gets the own number, both are well."""
    upload = hand_in(house, person(1), person(1, 姓名="王玮"))
    assert outcomes(upload) == {3: "error", 4: "error"}
    mend(house, upload, r4_id_number=id_number(3))
    assert outcomes(upload) == {3: "new", 4: "new"}


def test_a_column_that_the_file_lacks_can_be_filled_in_a_row(house):
    upload = hand_in(house, person(1))
    mend(house, upload, r3_employer="赤峰学院")
    store(house, upload)
    assert Trainee.get().employer == "赤峰学院"


@pytest.mark.parametrize(("cells", "code"), [
    ({"r3_status": "admitted"}, "import.unknown_field"),
    ({"r3_name": "王" * (mending.LONGEST + 1)}, "record.too_long"),
])  # fmt: skip
def test_what_is_no_cell_is_refused(house, cells, code):
    upload = hand_in(house, person(1))
    with pytest.raises(RuleViolation) as refused:
        mend(house, upload, **cells)
    assert refused.value.violations[0].code == code


def test_two_who_put_the_same_file_right_do_not_overwrite_each_other(house):
    upload = hand_in(house, person(1, 民族="火星族"), person(2, 民族="火星族"))
    mend(house, upload, r3_ethnicity="蒙古族")
    with pytest.raises(Stale) as refused:
        mending.mend(house.cli, upload.id, upload.version, {(4, "ethnicity"): "蒙古族"})
    assert refused.value.violations[0].code == "import.upload_revised"
    assert outcomes(upload) == {3: "new", 4: "error"}


def test_what_was_put_right_after_the_look_is_not_stored_unseen(house):
    upload = hand_in(house, person(1), person(2, 民族="火星族"))
    mend(house, upload, r4_ethnicity="汉族")
    with pytest.raises(Stale):
        intake.store_kept(house.cli, upload.id, upload.version)
    assert Trainee.select().count() == 0


def test_a_stored_upload_is_not_put_right_any_more(house):
    upload = hand_in(house, person(1))
    store(house, upload)
    with pytest.raises(RuleViolation) as refused:
        mend(house, upload, r3_name="王玮")
    assert refused.value.violations[0].code == "import.already_stored"


def test_putting_right_is_in_the_history(house):
    upload = hand_in(house, person(1))
    mend(house, upload, r3_name="王玮")
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    assert (entry.action, entry.model, entry.object_id) == ("correct", "upload", upload.id)
    assert "第 3 行 姓名" in entry.after["what"]


# --- Rows


def test_a_hidden_row_is_stored_when_it_is_taken(house):
    book = workbook([LINE, HEADER, person(1), person(2)])
    book.active.row_dimensions[4].hidden = True
    data = saved(book)
    upload = upload_of(intake.hand_in(house.cli, data, check(house, data), None))
    assert outcomes(upload) == {3: "new", 4: "hidden"}
    mend(house, upload, choices={4: "take"})
    assert outcomes(upload) == {3: "new", 4: "new"}
    mend(house, upload, choices={4: ""})
    assert outcomes(upload) == {3: "new", 4: "hidden"}


def test_a_row_left_out_is_not_stored_and_frees_its_twin(house):
    upload = hand_in(house, person(1), person(1, 姓名="王玮"))
    mend(house, upload, choices={4: "skip"})
    assert outcomes(upload) == {3: "new", 4: "skipped"}
    outcome = store(house, upload)
    assert [item.name for item in Trainee.select()] == ["王伟"]
    left = BatchRow.get(BatchRow.batch == outcome.batch, BatchRow.code == "skipped")
    assert (left.name, left.done) == ("王玮", False) and "不导入此行" in left.text


def test_the_rows_with_errors_that_were_left_out_are_told_in_the_batch(house):
    upload = hand_in(house, person(1), person(2, 身份证号="150102850315991"))
    outcome = store(house, upload, accept_good=True)
    left = BatchRow.get(BatchRow.batch == outcome.batch, ~BatchRow.done)
    assert left.text.startswith("第 4 行：错误，未保存：身份证号") and "150102850315991" not in left.text
    assert [item.code for item in BatchRow.select().order_by(BatchRow.id)] == ["new", "error"]


# --- The database in between


def test_a_person_who_came_in_meanwhile_is_looked_at_again(house):
    upload = hand_in(house, person(1))
    other = hand_in(house, person(1, 手机="13900000001"))
    store(house, other)
    with pytest.raises(Stale) as refused:
        store(house, upload)
    assert refused.value.violations[0].code == "import.changed_since_preview"
    assert mending.recheck(house.cli, upload.id) == [3]
    assert outcomes(upload) == {3: "changed"}
    store(house, upload)
    assert Trainee.get().mobile == "13800000991"


def test_a_record_that_was_edited_meanwhile_is_looked_at_again(house):
    store(house, hand_in(house, person(1)))
    upload = hand_in(house, person(1, 手机="13900000001"))
    crud.edit(house.cli, Trainee, Trainee.get().id, None, {"mobile": "13700000001"})
    with pytest.raises(Stale):
        store(house, upload)
    mending.recheck(house.cli, upload.id)
    assert "13700000001" in row(upload, 3).messages[-1]["text"]


def test_a_part_in_an_earlier_year_that_came_up_meanwhile_is_looked_at_again(house):
    upload = hand_in(house, person(1), person(2))
    past_year(house, year=2017)
    with pytest.raises(Stale):
        store(house, upload)
    assert mending.recheck(house.cli, upload.id) == [3]
    assert [one["code"] for one in row(upload, 3).messages if one["level"] == "warning"] == ["record.earlier"]
    assert len(store(house, upload).done) == 2


def test_another_earlier_part_than_the_one_that_was_told_is_looked_at_again(house):
    past_year(house, year=2017)
    upload = hand_in(house, person(1))
    past_year(house, year=2016)
    with pytest.raises(Stale):
        store(house, upload)


def past_year(house, year: int) -> None:
    """A part of person(1) in that year, after which the office must decide."""
    values = {"id_number": id_number(1), "name": "王伟", "year": year, "outcome": "disqualified"}
    crud.create(house.cli, PastTrainee, values)


# --- Columns


def column(upload: Upload, header: str) -> int:
    return next(item[0] for item in upload_of(upload.id).report["headings"] if item[1] == header)


def set_columns(house, upload: Upload, actor=None, remembers=True, **fields) -> None:
    """`证号="id_number"`: that column is this field; None: not imported."""
    said = {column(upload, header): name for header, name in fields.items()}
    version = upload_of(upload.id).version
    mending.set_columns(actor or house.cli, upload.id, version, said, remembers=remembers)


def test_a_column_under_an_unknown_name_is_named_by_the_office_and_remembered_of_that_sender(house):
    upload = unread(house, person(1))
    assert upload.report["missing"] == "身份证号" and upload.report["sender"] == "150400"
    set_columns(house, upload, 证号="id_number")
    assert outcomes(upload) == {3: "new"}
    choice = HeaderChoice.get()
    assert (choice.unit.code, choice.written, choice.field) == ("150400", "证号", "id_number")
    made = check(house, xlsx([LINE, OTHER, person(5)]))
    assert made.report.columns["证号"] == "id_number" and dict(made.report.choices) == {"证号": "id_number"}
    with pytest.raises(RuleViolation):
        check(house, xlsx([["单位：通辽市"], OTHER, person(5)]))


def test_a_choice_can_be_taken_back(house):
    upload = unread(house, person(1))
    set_columns(house, upload, 证号="id_number")
    other = hand_in(house, person(2))
    set_columns(house, other, 备注="post")
    assert HeaderChoice.select().count() == 2
    mending.forget_columns(house.cli, other.id, upload_of(other.id).version)
    assert [item.written for item in HeaderChoice.select()] == ["证号"]
    assert "remarks" in upload_of(other.id).report["columns"].values()


def test_taken_back_a_choice_without_which_the_file_cannot_be_read_is_asked_for_again(house):
    upload = unread(house, person(1))
    set_columns(house, upload, 证号="id_number")
    mending.forget_columns(house.cli, upload.id, upload_of(upload.id).version)
    assert upload_of(upload.id).report["missing"] == "身份证号" and outcomes(upload) == {}
    assert HeaderChoice.select().count() == 0
    with pytest.raises(RuleViolation):
        store(house, upload)


def test_a_choice_for_this_file_only_is_not_remembered(house):
    upload = unread(house, person(1))
    set_columns(house, upload, remembers=False, 证号="id_number")
    assert outcomes(upload) == {3: "new"} and HeaderChoice.select().count() == 0


def test_a_column_may_be_left_out_and_another_take_its_field(house):
    upload = hand_in(house, person(1, 手机="不接", 备注="13900000001"))
    set_columns(house, upload, 手机=None, 备注="mobile")
    assert row(upload, 3).values["mobile"] == "13900000001"
    assert {item.written: item.field for item in HeaderChoice.select()} == {"手机": "", "备注": "mobile"}


def test_two_columns_cannot_be_the_same(house):
    upload = hand_in(house, person(1))
    with pytest.raises(RuleViolation) as refused:
        set_columns(house, upload, 手机="post", 备注="post")
    assert refused.value.violations[0].code == "import.column_twice"


def test_a_required_column_cannot_be_left_out(house):
    upload = hand_in(house, person(1))
    with pytest.raises(RuleViolation) as refused:
        set_columns(house, upload, 姓名=None)
    assert refused.value.violations[0].code == "import.columns_missing" and HeaderChoice.select().count() == 0


def test_what_was_put_right_in_the_rows_holds_when_the_columns_change(house):
    upload = hand_in(house, person(1, 民族="火星族"))
    mend(house, upload, r3_ethnicity="蒙古族")
    set_columns(house, upload, 备注="post")
    assert outcomes(upload) == {3: "new"} and "ethnicity" in row(upload, 3).corrections


def test_a_clerk_neither_sees_nor_makes_the_choices_of_others(house):
    set_columns(house, hand_in(house, person(1)), 备注="post")
    clerk = house.actor("clerk", "150700")
    assert uploads.remembered(clerk) == {}
    with pytest.raises(RuleViolation) as refused:
        uploads.remember(clerk, "150400", {"备注": ""}, {"备注": "备注"}, ())
    assert refused.value.violations[0].code == "import.choice_not_yours"


def test_another_units_upload_is_not_there_for_a_clerk(house):
    upload = hand_in(house, person(1))
    with pytest.raises(NotFound):
        mend(house, upload, actor=house.actor("clerk", "150700"), r3_name="王玮")


def test_after_a_correction_the_head_says_what_a_check_of_the_whole_file_would_say(house):
    """Only the rows that are concerned are checked again; the counts follow."""
    people = [
        person(1),
        person(1, 姓名="王玮"),
        person(2, 民族="火星族"),
        person(3, 身份证号=None),
        person(4),
    ]
    upload = hand_in(house, *people)
    mend(house, upload, r4_id_number=id_number(6), r5_ethnicity="蒙古族")
    mend(house, upload, r6_id_number=id_number(6))  # now 4 and 6 stand against each other
    assert outcomes(upload) == {3: "new", 4: "error", 5: "new", 6: "error", 7: "new"}
    mend(house, upload, choices={6: "skip"})
    told = {name: upload_of(upload.id).report[name] for name in ("counts", "trouble", "corrected")}
    mending.recheck(house.cli, upload.id)
    assert told == {name: upload_of(upload.id).report[name] for name in told}
    assert told["counts"]["new"] == 4 and told["corrected"] == 3


def test_sheets_that_were_not_read_are_told_as_long_as_the_upload_is_there(house):
    book = workbook([HEADER, person(1)])
    book.copy_worksheet(book.active).title = "乙"
    made = check(house, saved(book), unit="150400")
    upload = upload_of(intake.hand_in(house.cli, b"x", made, house.unit("150400")))
    mending.recheck(house.cli, upload.id)
    assert [one["sheet"] for one in upload_of(upload.id).report["unread_sheets"]] == ["乙"]
