"""The pages of the training year: the person's sections, leaves, a month, a group's grades, the placement's form."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from tepei_admin.models import Assessment, Leave, Placement, Waiver
from tests.factories import ROLES

WORKS = {"operator", "approver", "admin"}


def buttons(page: str) -> list[str]:
    return re.findall(r'name="verb" value="(\w+)"', page)


def away(house, person, state="granted", **more):
    values = {
        "leave_state": state,
        "starts": "2019-10-08",
        "ends": "2019-10-12",
        "host_approval": "研究生院",
        **more,
    }
    assert house.do("record_leave", person, on=dt.date(2019, 9, 30), more=values).done
    return Leave.select().order_by(Leave.id.desc()).get()


# --- The person's page


@pytest.mark.parametrize("step,offered", [
    ("admitted", ["transfer", "withdraw", "assign_host"]),
    ("placed", ["notify", "transfer", "withdraw", "change_host"]),
    ("notified", ["report_in", "withdraw", "receive_notice", "change_host"]),
    ("trained", ["change_host", "record_leave", "record_absence", "assess"]),
])  # fmt: skip
def test_only_the_steps_that_are_open_have_buttons(sqlite_house, sqlite_admin, step, offered):
    (person,) = getattr(sqlite_house, step)()
    assert [
        name for name in buttons(sqlite_admin.get(f"/trainees/{person.id}").text) if name not in LATER
    ] == offered


LATER = {"no_show", "terminate", "disqualify", "open_case", "certify"}
"""Buttons of other rooms."""


def test_a_proposal_is_confirmed_or_proposed_anew(sqlite_house, sqlite_admin):
    (person,) = sqlite_house.admitted()
    sqlite_house.do(
        "assign_host", person, more={"host": sqlite_house.host().id, "planned_start": "2019-09-01"}
    )
    page = sqlite_admin.get(f"/trainees/{person.id}").text
    assert {"confirm_placement", "assign_host"} <= set(buttons(page)) and "notify" not in buttons(page)
    assert "清华大学" in page and "2019年9月1日 至 2020年8月31日" in page


@pytest.mark.parametrize("role", ["viewer", "clerk"])
def test_who_only_reads_has_no_buttons(house, client_as, role):
    (person,) = house.trained()
    away(house, person, "asked")
    page = client_as(role).get(f"/trainees/{person.id}").text
    assert buttons(page) == [] and "登记答复" not in page and "填写导师" not in page
    assert "清华大学" in page and "待批准" in page


def test_the_grade_brings_the_button_of_the_completion(house, admin):
    (person,) = house.trained()
    house.graded(person)
    page = admin.get(f"/trainees/{person.id}").text
    assert "complete" in buttons(page) and "2020年8月20日" in page


def test_a_lacking_bank_account_is_asked_for(house, client_as):
    (person,) = house.trained()
    operator = client_as("operator")
    assert "尚无银行账号" in operator.get(f"/trainees/{person.id}").text
    operator.save(f"/trainees/{person.id}/edit", bank_account="6222020602001234567")
    assert "尚无银行账号" not in operator.get(f"/trainees/{person.id}").text


def test_the_reason_of_a_leave_is_not_on_the_page(house, client_as):
    (person,) = house.trained()
    row = away(house, person, leave_reason="阑尾手术")
    for role in ROLES:
        browser = client_as(role)
        for path in (f"/trainees/{person.id}", f"/leaves/{row.id}", "/leaves/", "/leaves/calendar?month=2019-10",
                     "/batches/", f"/batches/{_last_batch()}"):  # fmt: skip
            assert "阑尾" not in browser.get(path).text, (role, path)
    assert "阑尾手术" in client_as("operator").post(f"/leaves/{row.id}/reveal", column="reason").text


def _last_batch() -> int:
    from tepei_admin.models import Batch

    return Batch.select(Batch.id).order_by(Batch.id.desc()).scalar()


def test_its_queries_do_not_grow_with_leaves(sqlite_house, sqlite_admin, count_queries):
    (person,) = sqlite_house.trained()
    sqlite_admin.get(f"/trainees/{person.id}")
    away(sqlite_house, person)
    with count_queries() as few:
        sqlite_admin.get(f"/trainees/{person.id}")
    for day in range(1, 9):
        away(sqlite_house, person, starts=f"2019-11-0{day}", ends=f"2019-11-0{day}")
    with count_queries() as many:
        sqlite_admin.get(f"/trainees/{person.id}")
    assert len(many) == len(few)


# --- Look first


def test_a_host_is_assigned_to_many_and_the_refused_are_named(house, client_as):
    outside, inside = house.admitted()[0], house.admitted(track="inside")[0]
    operator = client_as("operator")
    answer = operator.post("/trainees/act", verb="assign_host", ids=[outside.id, inside.id])
    page = operator.get(answer.location).text
    assert "请选择培养单位" in page and "请填写计划开始日期" in page
    assert f'<option value="{house.host().id}">清华大学（区外）' in operator.get(answer.location).text
    path = answer.location.replace("look", "confirm")
    host = str(house.host().id)
    shown = operator.post(path, host=host, planned_start="2019-09-01", look="1").text
    assert (
        "清华大学，2019年9月1日至2020年8月31日" in shown
        and "不在自治区内，区内学员须在自治区内培养（三）" in shown
    )
    digest = re.search(r'name="shown" value="(\w+)"', shown)[1]
    empty = {"major": "", "supervisor": "", "supervisor_title": ""}
    done = operator.post(path, host=host, planned_start="2019-09-01", shown=digest, **empty)
    assert done.status_code == 303 and Placement.select().count() == 1
    result = operator.get(done.location).text
    assert "清华大学" in result and "撤销" in result


def test_a_word_too_long_is_told_under_its_field(house, client_as):
    (person,) = house.admitted()
    operator = client_as("operator")
    answer = operator.post(f"/trainees/{person.id}/do", verb="assign_host")
    path = answer.location.replace("look", "confirm")
    page = operator.post(path, host=str(house.host().id), planned_start="2019-09-01", supervisor="长" * 65)
    assert page.status_code in (200, 422) and "至多 64 个字" in page.text and Placement.select().count() == 0


def test_the_bar_offers_first_what_the_status_allows(house, client_as):
    house.notified()
    page = client_as("operator").get("/trainees/?status=notified").text
    assert buttons(page)[0] == "report_in"


# --- The placement's form


@pytest.mark.parametrize("role", ROLES)
def test_who_may_open_the_forms(role, house, client_as):
    (person,) = house.trained()
    row = away(house, person, "asked")
    browser, want = client_as(role), 200 if role in WORKS else 403
    number = house.placement(person).id
    for path in (
        f"/placements/{number}/plan",
        f"/leaves/{row.id}/answer",
        f"/leaves/{row.id}/return",
        "/assessments/group",
    ):
        assert browser.get(path).status_code == want, path
        if want == 403:
            assert browser.post(path).status_code == 403
    assert browser.get("/leaves/calendar").status_code == 200


def test_the_form_keeps_what_was_typed_when_it_is_refused(house, client_as):
    (person,) = house.placed()
    row = house.placement(person)
    operator, path = client_as("operator"), f"/placements/{row.id}/plan"
    wrong = operator.post(
        path, version=row.version, supervisor="长" * 65, plan="跟班学习", planned_start="2019-09-01"
    )
    assert wrong.status_code == 422 and "至多 64 个字" in wrong.text and "跟班学习" in wrong.text
    bad = operator.post(path, version=row.version, planned_start="2019-13-01")
    assert bad.status_code == 422 and "应为日期" in bad.text
    done = operator.post(
        path, version=row.version, supervisor="王教授", plan="跟班学习", planned_start="2019-10-08"
    )
    assert done.location == f"/trainees/{person.id}#placement"
    assert house.placement(person).planned_end == dt.date(2020, 10, 7)
    stale = operator.post(path, version=row.version, supervisor="李教授", planned_start="")
    assert stale.status_code == 409 and "已被别人修改" in stale.text


# --- Leaves


def test_a_leave_is_answered_and_given_back_in_its_forms(house, client_as):
    (person,) = house.trained()
    row = away(house, person, "asked")
    operator, path = client_as("operator"), f"/leaves/{row.id}"
    assert "2019年10月8日至2019年10月12日，5 天" in operator.get(f"{path}/answer").text
    empty = operator.post(f"{path}/answer", answer="yes", on="2019-10-07", host_approval="")
    assert empty.status_code == 422 and "批准人或文件" in empty.text
    assert operator.post(f"{path}/answer", on="2019-10-07", host_approval="x").status_code == 422
    assert operator.post(f"{path}/answer", answer="yes", on="昨天", host_approval="x").status_code == 422
    done = operator.post(f"{path}/answer", answer="yes", on="2019-10-07", host_approval="研究生院")
    assert done.location == f"/trainees/{person.id}#leaves" and Leave.get().state == "granted"
    late = operator.post(f"{path}/return", back_on="2019-10-20")
    assert late.status_code == 422 and "超出 7 天" in late.text
    assert operator.post(f"{path}/return", back_on="").status_code == 422
    assert operator.post(f"{path}/return", back_on="2019-10-11").status_code == 303
    assert (Leave.get().state, Leave.get().ends) == ("returned", dt.date(2019, 10, 10))


def test_another_units_leave_is_not_there(house, client_as):
    (person,) = house.trained(unit="150700")
    row = away(house, person, "asked")
    assert client_as("clerk").get(f"/leaves/{row.id}").status_code == 404


def test_a_month_is_a_table_of_people_and_days(house, client_as):
    (person,) = house.trained(name="乌云")
    away(house, person)
    house.do("record_absence", person, more={"starts": "2019-10-15", "ends": "2019-10-16"})
    away(house, person, "asked", starts="2019-10-30", ends="2019-11-02")
    away(house, person, "refused", starts="2019-10-24", ends="2019-10-25")
    page = client_as("viewer").get(f"/leaves/calendar?host={house.host().id}&month=2019-10").text
    assert "乌云" in page and "2019年10月" in page
    assert tuple(page.count(f">{mark}<span") for mark in "假缺待") == (5, 2, 2)
    assert "10月8日 请假，已批准" in page and "month=2019-09" in page and "month=2019-11" in page
    august = client_as("viewer").get(f"/leaves/calendar?host={house.host().id}&month=2019-08").text
    assert "这个月没有人在此培养" in august


@pytest.mark.parametrize("query", ["", "?month=2019-13", "?month=x&host=y", "?host=99999", "?month=9999-01"])
def test_a_month_that_is_none_is_this_month(query, house, client_as):
    house.trained()
    assert client_as("viewer").get(f"/leaves/calendar{query}").status_code == 200


def test_a_clerk_sees_its_own_people_in_the_month(house, client_as):
    house.trained(name="自己的人")
    house.trained(unit="150700", name="别家的人")
    page = client_as("clerk").get(f"/leaves/calendar?host={house.host().id}&month=2019-10").text
    assert "自己的人" in page and "别家的人" not in page


# --- A group's grades


def test_a_groups_grades_are_entered_on_one_page(house, client_as):
    first, second, third = house.trained(3)
    operator, host = client_as("operator"), house.host().id
    page = operator.get(f"/assessments/group?host={host}").text
    assert page.count("的等次") == 3
    given = {
        "host": host, "kind": "completion", "on": "2020-08-20", f"grade-{first.id}": "pass", f"grade-{second.id}": "basic",
        f"on-{second.id}": "2020-08-21", f"opinion-{second.id}": "尚可", f"grade-{third.id}": "",
    }  # fmt: skip
    done = operator.post("/assessments/group", **given)
    assert re.fullmatch(r"/batches/\d+", done.location)
    rows = {row.trainee_id: (row.grade, row.on.isoformat(), row.opinion) for row in Assessment.select()}
    assert rows == {first.id: ("pass", "2020-08-20", ""), second.id: ("basic", "2020-08-21", "尚可")}
    again = operator.post("/assessments/group", host=host, kind="completion", **{
        f"grade-{second.id}": "basic", f"on-{second.id}": "2020-08-21", f"opinion-{second.id}": "尚可"})  # fmt: skip
    assert "/assessments/group" in again.location


def test_a_wrong_row_is_told_under_its_person_and_nothing_is_stored(house, client_as):
    people = house.trained(4)
    operator, host = client_as("operator"), house.host().id
    one, two, three, four = (person.id for person in people)
    answer = operator.post("/assessments/group", host=host, kind="completion", **{
        f"grade-{one}": "pass", f"on-{one}": "2020-08-20", f"grade-{two}": "pass", f"opinion-{three}": "没有等次",
        f"grade-{four}": "pass", f"on-{four}": "2019-08-01"})  # fmt: skip
    assert answer.status_code == 422 and Assessment.select().count() == 0
    for words in ("有 3 人需要改正", "请填写考核日期", "请选择等次", "早于实际报到", "没有等次"):
        assert words in answer.text
    assert 'value="2020-08-20"' in answer.text


def test_a_held_grade_is_asked_for_from_the_persons_page(house, client_as):
    (person,) = house.trained()
    house.graded(person, grade="basic")
    operator, approver = client_as("operator"), client_as("approver")
    assert f"/trainees/{person.id}/waive?kind=grade" in operator.get(f"/trainees/{person.id}").text
    assert "基本合格" in operator.get(f"/trainees/{person.id}/waive?kind=grade").text
    assert operator.post(f"/trainees/{person.id}/waive", kind="grade", reason="课题完成").status_code == 303
    number = Waiver.get().id
    assert f"/requests/#waiver-{number}" in operator.get(f"/trainees/{person.id}").text
    assert "考核等次认定" in approver.get("/requests/").text
    approver.post(f"/requests/waiver-{number}", decide="yes", reason="同意")
    assert "等次已认定" in operator.get(f"/trainees/{person.id}").text


# --- What the office looks for first


def test_the_month_opens_at_a_host_with_somebody_away(house, client_as):
    house.trained(name="在岗的人")
    (person,) = house.trained(track="inside", name="离开的人")
    away(house, person)
    viewer = client_as("viewer")
    page = viewer.get("/leaves/calendar?month=2019-10").text
    assert "离开的人" in page and "在岗的人" not in page and "内蒙古大学（1 人，本月 1 人离开）" in page
    assert "在岗的人" in viewer.get(f"/leaves/calendar?month=2019-10&host={house.host().id}").text
    assert "离开的人" in viewer.get("/leaves/calendar?month=2019-10&host=99999").text


def test_a_leave_is_listed_with_its_host(house, client_as):
    (person,) = house.trained()
    away(house, person)
    page = client_as("viewer").get("/leaves/").text
    assert "<td>清华大学" in page and "培养安排 " not in page


def test_an_early_end_is_begun_from_the_head_of_the_page(house, client_as):
    (person,) = house.trained()
    page = client_as("operator").get(f"/trainees/{person.id}").text
    head = page.partition('<header class="page">')[2].partition("</header>")[0]
    assert f'href="/trainees/{person.id}/end"' in head
    assert f"/trainees/{person.id}/end" not in client_as("viewer").get(f"/trainees/{person.id}").text
