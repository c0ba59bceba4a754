"""What was sent, and what has changed since: row by row, cell by cell."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tepei_admin.errors import NotAllowed, NotFound, RuleViolation, Stale
from tepei_admin.exchange import design, differences, export
from tepei_admin.exchange.design import Draft
from tepei_admin.exchange.manuscript import Column
from tepei_admin.models import AuditEntry, ExportRecord, ExportTemplate, Trainee, User
from tepei_admin.permissions import Role
from tepei_admin.services import crud, exports, vault
from tests.exchange.test_export import OUTSIDE

DAY = dt.date(2019, 6, 3)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(vault, "folder", tmp_path / "files")
    return tmp_path / "files"


def sent(house, actor=None, masked=None, name=OUTSIDE, fmt="xlsx"):
    """A file handed out: (its record, its bytes)."""
    found = export.stream(actor or house.cli, name, house.programme().id, fmt=fmt, masked=masked)
    data = b"".join(found.chunks)
    return ExportRecord.select().order_by(-ExportRecord.id).first(), data


def edit(house, person, **values):
    crud.edit(house.cli, Trainee, person.id, None, values)


def test_the_copy_that_is_kept_is_the_very_file(house, folder):
    import hashlib

    house.trainee()
    for fmt in ("csv", "xlsx"):
        row, data = sent(house, fmt=fmt)
        assert (row.sha256, row.size) == (hashlib.sha256(data).hexdigest(), len(data))
        assert vault.fetch(exports.open_copy(house.cli, row.id)) == data
        assert AuditEntry.select().order_by(-AuditEntry.id).first().action == "export_copy"
    assert not list(folder.glob("*.part"))


def test_a_file_that_is_refused_leaves_nothing_in_the_vault(house, folder):
    house.trainee(remarks="长" * 32_768)
    with pytest.raises(RuleViolation, match="too_long"):
        sent(house)
    assert list(folder.iterdir()) == [] and ExportRecord.select().count() == 0


def test_nothing_changed_is_nothing(house):
    house.trainee(), house.trainee()
    row, _ = sent(house)
    found = differences.since(house.cli, row)
    assert (found.any, found.same) == (False, 2)


def test_a_change_is_told_cell_by_cell_and_people_come_and_go(house):
    first, second = (
        house.trainee(name="甲某", post="教师", unit_rank=1),
        house.trainee(name="乙某", unit_rank=2),
    )
    row, _ = sent(house)
    edit(house, first, post="主任", unit_rank=3)
    third = house.trainee(name="丙某")
    house.do("transfer", second, reason="调整", track=house.track("inside").id)
    found = differences.since(house.cli, row)
    told = {(change.kind, change.who) for change in found.rows}
    assert told == {("新增", "丙某"), ("变更", "甲某"), ("减少", "乙某")}
    cells = next(change.cells for change in found.rows if change.kind == "变更")
    assert [(cell.header, cell.old, cell.new) for cell in cells] == [
        ("职务", "教师", "主任"),
        ("推荐顺序", "1", "3"),
    ]
    assert third.id in {change.number for change in found.rows}


def test_another_header_or_order_is_no_change_and_another_column_is_said(house):
    house.trainee()
    row, _ = sent(house)
    template = ExportTemplate.get(ExportTemplate.name == OUTSIDE)
    draft = Draft.of(template)
    columns = [["名字", "name"], *draft.columns[:2:-1], ["状态", "status"]]
    design.save(
        house.cli,
        Draft(**{**draft.__dict__, "columns": columns}),
        number=template.id,
        version=template.version,
    )
    found = differences.since(house.cli, ExportRecord.get_by_id(row.id))
    assert found.rows == [] and found.columns_added == ["状态"]
    assert found.columns_gone == ["性别", "民族"]


def test_a_number_that_changed_is_seen_and_shown_masked(house):
    person = house.trainee(bank_account="6217000010001234567")
    design.save(house.cli, Draft(name="账户", columns=[["姓名", "name"], ["账号", "bank_account"]]))
    row, _ = sent(house, name="账户")
    edit(house, person, bank_account="6217000010009994567")
    (change,) = differences.since(house.cli, row).rows
    assert [(cell.old, cell.new) for cell in change.cells] == [("尾号 4567", "尾号 4567")]
    (whole,) = differences.since(house.cli, row, masked=False).rows
    assert whole.cells[0].new == "6217000010009994567"


def test_the_changes_go_out_as_a_workbook_and_on_record(house):
    person = house.trainee(name="甲某", post="教师")
    row, _ = sent(house)
    edit(house, person, post="=1+1")
    found = export.changes(house.actor("operator"), row)
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(found.chunks))).active
    assert list(sheet.values) == [
        ("情况", "姓名或名称", "栏目", "原值", "现值"),
        ("变更", "甲某", "职务", "教师", "=1+1"),
    ]
    assert sheet["E2"].data_type == "s" and "变化" in found.file_name
    assert ExportRecord.select().order_by(-ExportRecord.id).first().filter == {"since": row.id}
    with pytest.raises(NotAllowed):
        export.changes(house.actor("viewer"), row, masked=False)


def test_a_list_has_no_manuscript_and_says_so(house):
    found = export.list_stream(house.cli, Trainee, Trainee.select(), ("name",), asked={})
    assert b"".join(found.chunks)
    with pytest.raises(RuleViolation, match="no_manuscript"):
        differences.since(house.cli, ExportRecord.get())


COLUMNS = [
    Column("", "序号", "int", False),
    Column("name", "姓名", "text", False),
    Column("fen", "金额", "money", False),
]
TABLES = st.dictionaries(
    st.integers(1, 30), st.tuples(st.integers(), st.text(max_size=3), st.none() | st.integers(0, 10**7))
)


@given(TABLES, TABLES)
def test_the_differences_of_two_tables_account_for_every_row(old, new):
    found = differences.compared(COLUMNS, old, COLUMNS, new, masked=True)
    kinds = {
        kind: {row.number for row in found.rows if row.kind == kind} for kind in ("新增", "减少", "变更")
    }
    assert kinds["新增"] == new.keys() - old.keys() and kinds["减少"] == old.keys() - new.keys()
    assert found.same + len(kinds["变更"]) == len(old.keys() & new.keys())
    for number in old.keys() & new.keys():
        same = [value or None if value == "" else value for value in old[number][1:]] == [
            value or None if value == "" else value for value in new[number][1:]
        ]
        assert (number in kinds["变更"]) != same


@given(TABLES)
def test_a_table_does_not_differ_from_itself(table):
    assert not differences.compared(COLUMNS, table, COLUMNS, table, masked=True).any


# --- like with like


def test_a_filter_that_the_template_got_later_changes_nobody(house):
    house.trainee(name="甲某"), house.trainee(name="乙某")
    row, _ = sent(house)
    template = ExportTemplate.get(ExportTemplate.name == OUTSIDE)
    narrowed = replace(Draft.of(template), filter="name=甲某")
    design.save(house.cli, narrowed, number=template.id, version=template.version)
    assert not differences.since(house.cli, ExportRecord.get_by_id(row.id)).any
    newer, _ = sent(house)
    design.save(house.cli, replace(narrowed, filter=""), number=template.id, version=2)
    found = differences.since(house.cli, ExportRecord.get_by_id(newer.id))
    assert (found.any, found.same) == (False, 1)


def test_the_office_compares_a_clerks_file_with_that_units_people_only(house):
    house.trainee(name="甲某", unit="150400"), house.trainee(name="乙某", unit="150700")
    row, _ = sent(house, actor=house.actor("clerk", unit="150400"), masked=True)
    assert row.unit_id == house.unit("150400").id
    found = differences.since(house.cli, row)
    assert (found.any, found.same) == (False, 1)
    house.trainee(name="丙某", unit="150400"), house.trainee(name="丁某", unit="150700")
    assert [change.who for change in differences.since(house.cli, row).rows] == ["丙某"]


def test_a_template_of_other_data_now_is_not_compared(house):
    house.trainee()
    row, _ = sent(house)
    template = ExportTemplate.get(ExportTemplate.name == OUTSIDE)
    other = Draft(name=OUTSIDE, resource="payment", columns=[["金额", "amount"]])
    design.save(house.cli, other, number=template.id, version=template.version)
    with pytest.raises(RuleViolation, match="other_resource"):
        differences.since(house.cli, ExportRecord.get_by_id(row.id))


# --- who may read it later


def test_a_clerk_who_has_moved_opens_no_copy_of_the_old_unit(house):
    house.trainee(unit="150400")
    clerk = house.actor("clerk", unit="150400")
    row, _ = sent(house, actor=clerk, masked=True)
    assert exports.open_copy(clerk, row.id) == row.stored_as
    moved = replace(clerk, unit_id=house.unit("150700").id)
    for ask in (exports.get, exports.open_copy):
        with pytest.raises(NotFound):
            ask(moved, row.id)
    assert list(exports.visible(moved)) == [] and exports.open_copy(clerk, row.id)


def test_who_was_an_operator_opens_as_a_clerk_none_of_the_offices_files(house):
    house.trainee(unit="150700")
    operator = house.actor("operator")
    row, _ = sent(house, actor=operator, masked=False)
    clerk = replace(operator, role=Role.CLERK, unit_id=house.unit("150400").id)
    with pytest.raises(NotFound):
        exports.open_copy(clerk, row.id)
    with pytest.raises(NotAllowed):  # a viewer knows of it, but of no whole numbers
        exports.open_copy(replace(operator, role=Role.VIEWER), row.id)


def test_who_was_an_administrator_opens_no_list_of_accounts(house):
    admin = house.actor("admin")
    assert b"".join(export.list_stream(admin, User, User.select(), ("username",), asked={}).chunks)
    row = ExportRecord.get()
    assert exports.get(admin, row.id).id == row.id
    former = replace(admin, role=Role.OPERATOR)
    with pytest.raises(NotFound):
        exports.get(former, row.id)
    assert list(exports.visible(former)) == []


# --- sent


def test_a_file_is_marked_as_sent_put_right_and_taken_back(house):
    house.trainee()
    row, _ = sent(house)
    operator = house.actor("operator")
    exports.mark_sent(operator, row.id, on=DAY, to=" 人社部 ", version=1)
    kept = ExportRecord.get_by_id(row.id)
    assert (kept.sent_on, kept.sent_to, kept.sent_by_id) == (DAY, "人社部", operator.id)
    assert exports.last_sent(operator, [row.source_id], house.programme().id)[row.source_id].id == row.id
    with pytest.raises(Stale):
        exports.mark_sent(operator, row.id, on=DAY, to="厅里", version=1)
    exports.mark_sent(operator, row.id, on=None, to="", version=kept.version)
    assert ExportRecord.get_by_id(row.id).sent_on is None


@pytest.mark.parametrize(
    ("on", "to", "code"),
    [
        (None, "人社部", "without_day"),
        (DAY, " ", "to_nobody"),
        (dt.date(2999, 1, 1), "人社部", "in_future"),
        (DAY, "长" * 129, "too_long"),
    ],
)
def test_sent_when_and_to_whom_must_both_make_sense(house, on, to, code):
    row, _ = sent(house)
    with pytest.raises(RuleViolation, match=code):
        exports.mark_sent(house.cli, row.id, on=on, to=to, version=1)


def test_who_may_mark_and_who_may_open(house):
    house.trainee()
    whole, _ = sent(house, masked=False)
    masked, _ = sent(house, masked=True)
    viewer, clerk = house.actor("viewer"), house.actor("clerk", unit="150400")
    with pytest.raises(NotAllowed):
        exports.mark_sent(viewer, masked.id, on=DAY, to="人社部", version=1)
    assert exports.open_copy(viewer, masked.id) == masked.stored_as
    with pytest.raises(NotAllowed):
        exports.open_copy(viewer, whole.id)
    assert exports.open_copy(house.actor("operator"), whole.id) == whole.stored_as
    for row in (whole, masked):
        with pytest.raises(NotFound):
            exports.open_copy(clerk, row.id)


def test_a_list_of_what_only_some_may_read_is_theirs_when_handed_out_too(house):
    admin = house.actor("admin")
    found = export.list_stream(admin, AuditEntry, AuditEntry.select(), ("at", "by_name"), asked={})
    assert b"".join(found.chunks)
    row = ExportRecord.get()
    assert exports.get(admin, row.id).id == row.id
    with pytest.raises(NotFound):
        exports.open_copy(house.actor("operator"), row.id)
