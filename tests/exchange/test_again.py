"""The file again: what a corrected table may still change, status by status and column by column; what it never does."""

from __future__ import annotations

import datetime as dt

import pytest

from tepei_admin.choices import Status
from tepei_admin.exchange import intake
from tepei_admin.models import AuditEntry, Batch, PastTrainee, Trainee, Unit
from tepei_admin.services import crud
from tests.exchange.making import HEADER, id_number, person, xlsx
from tests.services.cast import put_into

DAY = dt.date(2019, 3, 20)
MORE = {
    "政治面貌": "中共党员", "毕业院校": "内蒙古大学", "所学专业": "教育学", "参加工作时间": "2008-07", "从事专业": "教育",
    "从事专业时间": "2008-07", "取得时间": "2015-12", "工作单位": "赤峰学院", "职务": "系主任", "旗县": "松山区",
    "培养专业": "课程与教学论", "意向培养单位": "北京师范大学", "意向导师": "李明", "办公电话": "0476-8300001",
    "邮箱": "a@example.cn", "推荐顺序": "1", "其他手机": "13900000001", "开户银行": "农行赤峰分行",
    "银行账号": "6222020200011234567", "户名": "王伟",
}  # fmt: skip
OTHER = {
    "姓名": "王玮", "性别": "女", "民族": "满族", "学历": "博士研究生", "学位": "博士", "专业技术职务": "教授",
    "手机": "13700000003", "备注": "补充", "政治面貌": "群众", "毕业院校": "内蒙古师范大学", "所学专业": "心理学",
    "参加工作时间": "2007-07", "从事专业": "心理", "从事专业时间": "2009-07", "取得时间": "2016-12", "工作单位": "赤峰二中",
    "职务": "教师", "旗县": "红山区", "培养专业": "心理学", "意向培养单位": "北京大学", "意向导师": "张华",
    "办公电话": "0476-8300002", "邮箱": "b@example.cn", "推荐顺序": "2", "其他手机": "13900000002",
    "开户银行": "工行赤峰分行", "银行账号": "6222020200017654321", "户名": "王玮",
}  # fmt: skip
"""Another good value for every column but the ID number (whose month the birth date follows)."""
CONTACT = {"手机", "其他手机", "办公电话", "邮箱", "开户银行", "银行账号", "户名"}


def table(**changes) -> bytes:
    row = [*person(1), *MORE.values()]
    columns = [*HEADER, *MORE]
    for name, value in changes.items():
        row[columns.index(name)] = value
    return xlsx([["单位（盖章）：赤峰市人力资源和社会保障局"], columns, row])


def check(house, data, *, track="outside", unit=None):
    chosen = Unit.get(Unit.code == unit) if unit else None
    return intake.check(
        house.cli, data, "汇总表.xlsx", track=house.track(track), unit=chosen, received=DAY, sealed=True
    )


def load(house, data, **options):
    made = check(house, data, **options)
    return made, intake.store(house.cli, made)


def told(made):
    """What the one row would do, and what is said beside notices."""
    row = made.report.rows[0]
    return row.outcome, [message.code for message in row.messages if message.level != "notice"]


@pytest.fixture
def stored(sqlite_house):
    """One person, brought in by a table with every column filled."""
    _, outcome = load(sqlite_house, table())
    return sqlite_house.reload(outcome.done[0])


def test_every_column_is_tried():
    assert {*HEADER, *MORE} - {"序号", "身份证号", "出生年月"} == set(OTHER)


@pytest.mark.parametrize("status", [Status.APPLIED, Status.RECOMMENDED])
def test_of_a_person_still_applied_or_recommended_every_column_may_change(sqlite_house, stored, status):
    put_into(stored, status.value)
    warned = ["record.recommended"] if status is Status.RECOMMENDED else []
    for column, value in OTHER.items():
        outcome, codes = told(check(sqlite_house, table(**{column: value})))
        assert outcome == "changed", column
        assert [code for code in codes if code == "record.recommended"] == warned, column


LATER = [status for status in Status if status not in (Status.APPLIED, Status.RECOMMENDED)]


@pytest.mark.parametrize("status", LATER)
def test_later_only_contact_and_bank_may_change_and_anything_else_is_an_error(sqlite_house, stored, status):
    put_into(stored, status.value)
    left = status in (Status.REJECTED, Status.WITHDRAWN, Status.NO_SHOW)
    for column, value in OTHER.items():
        outcome, codes = told(check(sqlite_house, table(**{column: value})))
        if column in CONTACT:
            assert (outcome, codes) == ("changed", ["record.gone"] if left else []), column
        else:
            assert outcome == "error" and codes[-1] == ("record.gone" if left else "record.too_late"), column


@pytest.mark.parametrize("status", list(Status))
def test_the_same_table_again_does_nothing_whatever_the_status(sqlite_house, stored, status):
    put_into(stored, status.value)
    before = AuditEntry.select().count(), Batch.select().count()
    made, outcome = load(sqlite_house, table())
    assert (told(made)[0], outcome.batch) == ("same", None)
    assert (AuditEntry.select().count(), Batch.select().count()) == before


@pytest.mark.parametrize("status", [Status.APPLIED, Status.RECOMMENDED, Status.TRAINING])
def test_a_blank_cell_erases_nothing_whatever_the_status(sqlite_house, stored, status):
    put_into(stored, status.value)
    before = dict(sqlite_house.reload(stored).__data__)
    blank = dict.fromkeys([*OTHER, "出生年月"])
    for name in ("姓名", "民族"):  # these must be there
        del blank[name]
    made, outcome = load(sqlite_house, table(**blank))
    assert (told(made)[0], outcome.batch) == ("same", None)
    assert dict(sqlite_house.reload(stored).__data__) == before


def test_a_correction_touches_nothing_else_and_the_history_has_one_row_for_it(house):
    _, first = load(house, table())
    before = dict(house.reload(first.done[0]).__data__)
    _, second = load(house, table(手机="13700000003", 职务="教师"))
    after = dict(house.reload(first.done[0]).__data__)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"mobile", "post", "version", "updated_at"}
    rows = list(AuditEntry.select().where(AuditEntry.batch_id == second.batch, AuditEntry.model == "trainee"))
    assert [(row.action, set(row.after)) for row in rows] == [("update", {"mobile", "post"})]


@pytest.mark.parametrize(
    ("status", "change", "stale", "result"),
    [("applied", {"民族": "汉族"}, False, "ineligible"), ("applied", {"手机": "13700000003"}, False, "eligible"),
     ("recommended", {"民族": "汉族"}, True, "eligible"), ("recommended", {"手机": "13700000003"}, False, "eligible"),
     ("training", {"手机": "13700000003"}, False, "eligible")],
)  # fmt: skip
def test_a_result_is_computed_afresh_while_applied_and_out_of_date_after(
    sqlite_house, stored, status, change, stale, result
):
    put_into(stored, status)
    load(sqlite_house, table(**change))
    now = sqlite_house.reload(stored)
    assert (now.status, now.eligibility_stale, now.eligibility) == (status, stale, result)


@pytest.mark.parametrize("column", ["手机", "专业技术职务", None])
def test_a_row_from_another_unit_is_an_error_naming_the_record_whatever_it_says(sqlite_house, stored, column):
    data = table(**({column: OTHER[column]} if column else {}))
    made = check(sqlite_house, data, unit="150700")
    outcome, codes = told(made)
    assert (outcome, codes) == ("error", ["unit.differs", "record.other_unit"])
    text = made.report.rows[0].messages[-1].text
    assert "赤峰市" in text and "批次" in text and "请从本表删去" in text


def test_another_name_under_the_same_number_is_asked_about(sqlite_house, stored):
    made = check(sqlite_house, table(姓名="王玮"))
    assert told(made) == ("changed", ["record.name_changes"])
    assert "现为“王伟”，本表“王玮”" in made.report.rows[0].messages[-2].text


@pytest.mark.parametrize(
    ("outcome", "code"),
    [*((one, "record.earlier") for one in ("certified", "failed", "terminated", "no_show", "disqualified")),
     ("applied", "record.applied_earlier")],
)  # fmt: skip
def test_an_earlier_part_is_told_with_what_became_of_it(sqlite_house, outcome, code):
    row = {"id_number": id_number(1), "name": "王伟", "year": 2017, "outcome": outcome}
    crud.create(sqlite_house.cli, PastTrainee, row)
    made = check(sqlite_house, table())
    assert told(made) == ("new", [code]) and "2017年度" in made.report.rows[0].messages[-1].text
    assert Trainee.select().count() == 0
