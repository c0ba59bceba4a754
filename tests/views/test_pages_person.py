"""学员档案: what a person's page shows and offers, and to whom."""

from __future__ import annotations

import re

import pytest

from tepei_admin.models import AuditEntry, EligibilityCheck, Leave, Proposal, Trainee, Waiver
from tests.factories import ROLES, id_number
from tests.services.cast import place, put_into
from tests.views.browser import Browser


def buttons(page: str) -> list[str]:
    return re.findall(r'name="verb" value="(\w+)"', page)


def test_it_shows_the_road_the_findings_and_the_masks(house, admin):
    house.quota(3)
    person = house.trainee(bank_account="6222020602001234567", bank_name="工商银行")
    house.do("recommend", person)
    page = admin.get(f"/trainees/{person.id}").text
    for words in (
        "已推荐",
        "2019年3月20日",
        "二（一）2",
        "年龄 33 周岁，不超过 45",
        "尾号",
        "基准日 2019年3月30日",
        "1 / 3",
    ):
        assert words in page
    assert person.id_number not in page and "6222020602001234567" not in page
    assert 'aria-current="step">推荐' in page


def test_one_sensitive_value_is_revealed_by_post_and_logged(house, client_as):
    person = house.trainee(bank_account="6222020602001234567")
    page = client_as("operator").post(f"/trainees/{person.id}/reveal", column="id_number").text
    assert person.id_number in page and "6222020602001234567" not in page
    assert AuditEntry.select().where(AuditEntry.action == "reveal").count() == 1
    assert client_as("viewer").post(f"/trainees/{person.id}/reveal", column="id_number").status_code == 403


@pytest.mark.parametrize(
    ("role", "status", "offered"),
    [
        ("viewer", "applied", []),
        ("clerk", "applied", ["attest"]),
        ("operator", "applied", ["recommend", "attest", "transfer", "reject", "withdraw"]),
        ("operator", "recommended", ["admit", "transfer", "reject", "withdraw"]),
        ("admin", "withdrawn", ["reinstate"]),
        ("admin", "certified", ["void_certificate", "revoke_certificate"]),
    ],
)
def test_only_what_is_legal_and_allowed_is_offered(role, status, offered, house, client_as):
    person = house.trainee()
    put_into(person, status)
    assert buttons(client_as(role).get(f"/trainees/{person.id}").text) == offered


def test_a_button_leads_to_the_look_first_page(house, client_as):
    person = house.trainee()
    operator = client_as("operator")
    answer = operator.post(f"/trainees/{person.id}/do", verb="withdraw")
    assert answer.status_code == 303 and re.fullmatch(r"/batches/look/\d+", answer.location)
    assert house.reload(person).status == "applied"
    assert f'href="/trainees/{person.id}"' in operator.get(answer.location).text


def test_a_verb_beyond_the_right_is_forbidden_and_keeps_nothing(house, client_as):
    person = house.trainee()
    for role in ("viewer", "clerk"):
        assert client_as(role).post(f"/trainees/{person.id}/do", verb="recommend").status_code == 403
    unknown = client_as("operator").post(f"/trainees/{person.id}/do", verb="promote")
    assert unknown.location == f"/trainees/{person.id}"
    assert Proposal.select().count() == 0


def test_a_side_exit_is_told_in_words(house, admin):
    person = house.trainee()
    house.do("withdraw", person, reason="本人另有安排")
    page = admin.get(f"/trainees/{person.id}").text
    assert "2019年3月20日 已撤回（此前已申报）：本人另有安排" in page


def test_previous_and_next_are_those_of_the_list_one_came_from(house, admin):
    people = [house.trainee(name=name, unit="150400") for name in ("甲一", "乙二", "丙三")]
    house.trainee(unit="150700")
    unit = people[0].unit_id
    page = admin.get(f"/trainees/{people[1].id}?unit={unit}&sort=id").text
    assert "第 2 / 3 人" in page
    assert f'rel="prev" href="/trainees/{people[0].id}?unit={unit}&amp;sort=id"' in page
    assert f'rel="next" href="/trainees/{people[2].id}?unit={unit}&amp;sort=id"' in page


def test_never_checked_has_a_button_and_out_of_date_a_mark(house, client_as):
    person = house.trainee()
    operator = client_as("operator")
    assert "还没有核查过" in operator.get(f"/trainees/{person.id}").text
    assert operator.post(f"/trainees/{person.id}/check").location == f"/trainees/{person.id}#eligibility"
    assert EligibilityCheck.get().result == "eligible"
    operator.save(f"/trainees/{person.id}/edit", title="讲师", title_level="420")
    assert "需重新核查" in operator.get(f"/trainees/{person.id}").text
    operator.post(f"/trainees/{person.id}/check")
    assert "需重新核查" not in operator.get(f"/trainees/{person.id}").text


def test_a_viewer_does_not_check(house, client_as):
    person = house.trainee()
    viewer = client_as("viewer")
    assert "核查资格" not in viewer.get(f"/trainees/{person.id}").text
    assert viewer.post(f"/trainees/{person.id}/check").status_code == 403


def test_a_waiver_is_asked_for_on_a_page_of_its_own(house, client_as):
    person = house.trainee(id_number=id_number(400, born="19700512"))
    house.do("check", person)
    operator, path = client_as("operator"), f"/trainees/{person.id}/waive"
    assert f'href="{path}?rule=age"' in operator.get(f"/trainees/{person.id}").text
    assert "年龄 48 周岁" in operator.get(f"{path}?rule=age").text
    empty = operator.post(path, rule="age", kind="finding", reason=" ")
    assert empty.status_code == 422 and "请填写事由" in empty.text
    done = operator.post(path, rule="age", kind="finding", reason="急需", approval_no="批3")
    assert done.location == f"/trainees/{person.id}"
    assert (Waiver.get().rule, Waiver.get().reason, Waiver.get().state) == ("age", "急需", "open")
    assert "已提出特批" in operator.get(f"/trainees/{person.id}").text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"rule": "minority", "reason": "x"}, "并不妨碍"),
        ({"rule": "", "reason": "x"}, "并不妨碍"),
        ({"rule": "age", "reason": "长" * 2001}, "至多 2000 个字"),
        ({"rule": "age", "reason": "x", "approval_no": "9" * 65}, "至多 64 个字"),
        ({"rule": "age", "reason": "a\0b"}, "不可用的字符"),
    ],
)
def test_a_waiver_that_makes_no_sense_is_refused_in_place(values, words, house, client_as):
    person = house.trainee(id_number=id_number(400, born="19700512"))
    answer = client_as("operator").post(f"/trainees/{person.id}/waive", kind="finding", **values)
    assert answer.status_code == 422 and words in answer.text
    assert Waiver.select().count() == 0


def test_a_full_quota_leads_to_its_waiver(house, client_as):
    house.quota(0)
    person = house.trainee()
    operator = client_as("operator")
    assert "waive?kind=quota" in operator.get(f"/trainees/{person.id}").text
    operator.post(f"/trainees/{person.id}/waive", kind="quota", reason="自治区追加")
    assert Waiver.get().kind == "quota"


def test_sections_stand_where_there_are_rows(house, admin):
    person = house.trainee()
    assert "北京师范大学" not in admin.get(f"/trainees/{person.id}").text
    place(house, person, state="confirmed", major="课程论")
    page = admin.get(f"/trainees/{person.id}").text
    assert f'href="/placements/?trainee={person.id}"' in page and "北京师范大学" in page and "课程论" in page


def test_the_history_names_the_verb_and_keeps_the_masks(house, admin):
    house.quota(1)
    person = house.trainee()
    house.do("recommend", person)
    page = admin.get(f"/trainees/{person.id}").text
    assert re.search(r"<b>推荐</b> <a href=\"/batches/\d+\">", page)
    assert person.id_number not in page


@pytest.mark.parametrize("role", ROLES)
def test_every_role_reads_it(role, house, client_as):
    person = house.trainee()
    assert client_as(role).get(f"/trainees/{person.id}").status_code == 200


@pytest.mark.parametrize("path", ["", "/do", "/check"])
def test_another_units_person_is_not_there_for_a_clerk(path, house, client_as):
    person = house.trainee(unit="150700", name="看不见")
    clerk = client_as("clerk")
    answer = (
        clerk.post(f"/trainees/{person.id}{path}", verb="attest")
        if path
        else clerk.get(f"/trainees/{person.id}")
    )
    assert answer.status_code == 404 and "看不见" not in answer.text


def test_its_queries_do_not_grow(sqlite_house, sqlite_admin: Browser, count_queries):
    house = sqlite_house
    person = house.trainee()
    house.do("check", person)
    with count_queries() as few:
        sqlite_admin.get(f"/trainees/{person.id}")
    for _ in range(8):
        other = house.trainee()
        house.do("check", other)
        house.do("check", person)
    with count_queries() as many:
        sqlite_admin.get(f"/trainees/{person.id}")
    assert len(many) <= len(few) + 2 and len(many) <= 42  # thirteen sections, the road, the shell


def test_names_are_text_not_markup(house, admin):
    person = house.trainee(name="<script>alert(1)</script>", remarks="<img src=x onerror=alert(1)>")
    page = admin.get(f"/trainees/{person.id}").text
    assert "<script>alert" not in page and "<img src=x" not in page
    assert Trainee.get_by_id(person.id).name.startswith("<script>")


def test_the_history_tells_of_all_that_hangs_on_the_person_by_the_verb(house, admin):
    (person,), (other,) = house.trained(), house.trained()
    more = {
        "starts": "2019-10-08",
        "ends": "2019-10-12",
        "leave_state": "granted",
        "host_approval": "研究生院",
    }
    house.do("record_leave", person, more={**more, "leave_reason": "阑尾手术"})
    house.do("record_leave", other, more=more)
    page = admin.get(f"/trainees/{person.id}").text
    history = page.partition("历史 <small>")[2]
    leave = Leave.get(Leave.trainee == person.id)
    for verb, what, url in (
        ("登记请假", "请假", f"/leaves/{leave.id}"),
        ("报到", "培养安排", f"/placements/{house.placement(person).id}"),
    ):
        assert f'<b>{verb}</b> <a href="{url}">{what}</a>' in history
    assert history.count("登记请假") == 1 and "阑尾" not in history
    assert '<b>报到</b> <a href="/batches/' in admin.get(f"/placements/{house.placement(person).id}").text
