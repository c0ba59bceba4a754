"""待核准: one opens, another decides; what is refused stays."""

from __future__ import annotations

import pytest

from tepei_admin.models import Request, Trainee, Waiver
from tepei_admin.services import crud, programmes, requests
from tests.factories import ROLES, id_number


@pytest.fixture
def left(house):
    """Somebody who withdrew, and the operator's open request to bring them back."""
    person = house.trainee(name="萨仁")
    house.do("withdraw", person, reason="个人原因")
    (request,) = house.do("reinstate", person, actor=house.actor("operator"), reason="误办").requests
    return house.reload(person), f"request-{request}"


@pytest.fixture
def waived(house):
    """Somebody too old, and the approver's open waiver."""
    person = house.trainee(name="敖敏", id_number=id_number(400, born="19700512"))
    number = requests.open_waiver(
        house.actor("approver"), person.id, kind="finding", rule="age", reason="急需", approval_no="批3"
    )
    return house.reload(person), f"waiver-{number}"


@pytest.mark.parametrize("role", ROLES)
def test_everybody_sees_what_waits_and_only_two_roles_decide(role, left, client_as):
    page = client_as(role).get("/requests/")
    assert page.status_code == 200 and "恢复：萨仁 → 已申报" in page.text and "误办" in page.text
    assert ('name="decide" value="yes"' in page.text) == (role in ("approver", "admin"))


@pytest.mark.parametrize("role", ROLES)
def test_deciding_needs_the_right(role, left, house, client_as):
    person, ref = left
    answer = client_as(role).post(f"/requests/{ref}", decide="yes", reason="同意恢复")
    allowed = role in ("approver", "admin")
    assert answer.status_code == (303 if allowed else 403)
    assert house.reload(person).status == ("applied" if allowed else "withdrawn")


def test_agreeing_does_it_and_leads_to_the_batch(left, client_as):
    approver = client_as("approver")
    answer = approver.post(f"/requests/{left[1]}", decide="yes", reason="同意恢复")
    assert "恢复 1 人" in approver.get(answer.location).text
    assert (Request.get().state, Request.get().decision) == ("approved", "同意恢复")
    assert "没有待核准的事项" in approver.get("/requests/").text


def test_not_agreeing_is_kept_with_its_opinion(left, house, client_as):
    answer = client_as("approver").post(f"/requests/{left[1]}", decide="no", reason="理由不足")
    assert answer.location == "/requests/"
    assert (Request.get().state, Request.get().decision) == ("refused", "理由不足")
    assert house.reload(left[0]).status == "withdrawn"


def test_the_opener_is_told_and_refused(waived, client_as):
    approver = client_as("approver")
    page = approver.get("/requests/").text
    assert "是您提出的，须由另一位核准" in page and 'name="decide"' not in page
    answer = approver.post(f"/requests/{waived[1]}", decide="yes")
    assert answer.status_code == 422 and "请由另一位核准" in answer.text
    assert Waiver.get().state == "open"


def test_an_office_of_one_may(waived, house, client_as):
    programmes.set_setting(house.cli, 2019, "solo", "on")
    approver = client_as("approver")
    assert 'name="decide"' in approver.get("/requests/").text
    assert approver.post(f"/requests/{waived[1]}", decide="yes").status_code == 303
    assert Waiver.get().solo


def test_a_matter_that_changed_stays_open_and_keeps_the_opinion(waived, house, client_as):
    crud.edit(house.cli, Trainee, waived[0].id, None, {"post": "主任"})
    answer = client_as("admin").post(f"/requests/{waived[1]}", decide="yes", reason="同意特批")
    assert answer.status_code == 409 and "敖敏 的情况在提出之后已有变化" in answer.text
    assert "同意特批</textarea>" in answer.text and Waiver.get().state == "open"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "请选择同意或不同意"),
        ({"decide": "maybe"}, "请选择同意或不同意"),
        ({"decide": "yes", "reason": "长" * 256}, "至多 255 个字"),
        ({"decide": "no", "reason": "a\0"}, "不可用的字符"),
    ],
)
def test_half_an_answer_is_refused_in_place(values, words, left, admin):
    answer = admin.post(f"/requests/{left[1]}", **values)
    assert answer.status_code == 422 and words in answer.text and Request.get().state == "open"


def test_what_is_closed_or_unknown_is_said(left, admin):
    admin.post(f"/requests/{left[1]}", decide="no")
    again = admin.post(f"/requests/{left[1]}", decide="yes")
    assert again.status_code == 422 and "不能再核准" in again.text
    assert admin.post("/requests/party-1", decide="yes").status_code == 422
    assert admin.post("/requests/request-999", decide="yes").status_code == 404


def test_a_clerk_sees_what_concerns_the_own_unit(left, client_as):
    assert "萨仁" in client_as("clerk").get("/requests/").text
    assert "萨仁" not in client_as("clerk", "150700").get("/requests/").text


def test_queries_do_not_grow(sqlite_house, sqlite_admin, count_queries):
    house = sqlite_house

    def open_one():
        person = house.trainee()
        house.do("withdraw", person, reason="个人原因")
        house.do("reinstate", person, actor=house.actor("operator"), reason="误办")

    open_one()
    with count_queries() as few:
        sqlite_admin.get("/requests/")
    for _ in range(5):
        open_one()
    with count_queries() as many:
        sqlite_admin.get("/requests/")
    assert len(few) == len(many)


def test_a_refusal_stands_on_its_own_matter(waived, left, client_as):
    page = client_as("approver").post(f"/requests/{waived[1]}", decide="yes").text
    matters = page.split('<article class="card matter')[1:]
    assert ['role="alert"' in matter for matter in matters] == [waived[1] in matter for matter in matters]
