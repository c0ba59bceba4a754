"""Look first, do, see, take back."""

from __future__ import annotations

import csv
import re

import pytest

from tepei_admin.models import Batch, ExportRecord, Proposal, Request, Trainee
from tepei_admin.services import audit, batch, crud
from tests.factories import ROLES
from tests.views.browser import Browser


@pytest.fixture
def operator(client_as) -> Browser:
    return client_as("operator")


def propose(house, verb: str, *people, role: str = "operator") -> str:
    number = batch.propose(house.actor(role), verb, [person.id for person in people], {})
    return str(number)


def confirm(browser: Browser, number: str, **values):
    return browser.post(f"/batches/confirm/{number}", **values)


def look_and_confirm(browser: Browser, number: str, **values):
    """As a person does: the page's boxes, changed, looked at, sent."""
    boxes = {
        key: value
        for key, value in browser.boxes(f"/batches/look/{number}").items()
        if key not in ("next", "programme")
    }
    boxes.pop("shown", None)
    shown = browser.client.post(f"/batches/confirm/{number}", data={**boxes, **values, "look": "1"})
    digest = re.search(r'name="shown" value="(\w+)"', shown.text)
    assert shown.status_code == 200 and digest, shown.text
    return browser.client.post(f"/batches/confirm/{number}", data={**boxes, **values, "shown": digest[1]})


def test_from_the_list_to_the_result(house, operator):
    house.quota(2)
    people = [house.trainee() for _ in range(3)] + [house.trainee(ethnicity="01")]
    ids = [str(person.id) for person in people]
    token = operator.token("/trainees/")
    answer = operator.client.post(
        "/trainees/act", data={"csrf_token": token, "verb": "recommend", "ids": ids}
    )
    page = operator.get(answer.location).text
    assert "2 可执行</b>，2 跳过" in page and "名额已满（2/2）" in page and "资格不符合（少数民族" in page
    done = confirm(operator, answer.location.rpartition("/")[2], on="2019-03-28")
    assert done.status_code == 303 and re.fullmatch(r"/batches/\d+", done.location)
    result = operator.get(done.location).text
    assert "推荐 2 人" in result and result.count("已办</span>") == 2 and result.count("跳过</span>") == 2
    assert [house.reload(person).status for person in people] == [
        "recommended",
        "recommended",
        "applied",
        "applied",
    ]


def test_looking_writes_nothing(house, operator):
    house.quota(2)
    number = propose(house, "recommend", house.trainee())
    before = (audit.last_hash(), Batch.select().count())
    for query in ("", "?on=2019-03-28", "?on=gestern"):
        assert operator.get(f"/batches/look/{number}{query}").status_code == 200
    operator.post(f"/batches/confirm/{number}", on="2019-03-28", look="1")
    assert (audit.last_hash(), Batch.select().count()) == before


def test_missing_arguments_are_told_at_their_fields(house, operator):
    person = house.trainee(name="萨仁")
    number = propose(house, "withdraw", person)
    first = operator.get(f"/batches/look/{number}")
    assert first.status_code == 200 and "请填写事由" in first.text and "萨仁" in first.text
    sent = confirm(operator, number, on="2019-03-28", reason=" ")
    assert sent.status_code == 422 and 'class="wrong" id="reason-wrong">请填写事由' in sent.text
    assert house.reload(person).status == "applied"


def test_arguments_may_stand_in_the_address(house, operator):
    number = propose(house, "withdraw", house.trainee())
    page = operator.get(f"/batches/look/{number}?on=2019-04-01&reason=另有安排").text
    assert "1 可执行" in page and "另有安排</textarea>" in page and 'value="2019-04-01"' in page


def test_changed_arguments_are_shown_before_they_are_done(house, operator):
    person = house.trainee()
    number = propose(house, "withdraw", person)
    page = operator.get(f"/batches/look/{number}?on=2019-04-01&reason=甲").text
    shown = re.search(r'name="shown" value="(\w+)"', page)[1]
    again = confirm(operator, number, on="2019-04-01", reason="乙", shown=shown)
    assert again.status_code == 200 and "请看过下面的结果再确认" in again.text
    assert house.reload(person).status == "applied"
    assert look_and_confirm(operator, number, on="2019-04-01", reason="第一行\r\n第二行").status_code == 303
    assert house.reload(person).status == "withdrawn"


@pytest.mark.parametrize(
    ("verb", "values", "words"),
    [
        ("withdraw", {"on": "2019-02-30", "reason": "x"}, "应为日期"),
        ("withdraw", {"on": "2019-03-30", "reason": "长" * 2001}, "至多 2000 个字"),
        ("attest", {"on": "2019-03-30", "reason": "长" * 256}, "至多 255 个字"),
        ("withdraw", {"on": "2019-03-30", "reason": "x", "approval_no": "9" * 65}, "至多 64 个字"),
        ("withdraw", {"on": "2019-03-30", "reason": "a\0b"}, "不可用的字符"),
    ],
)
def test_what_no_column_can_hold_is_refused_at_its_field(verb, values, words, house, operator):
    person = house.trainee()
    answer = confirm(operator, propose(house, verb, person), **values)
    assert answer.status_code == 422 and words in answer.text
    assert house.reload(person).status == "applied"


def test_confirming_twice_does_it_once_and_leads_to_the_same_batch(house, operator):
    house.quota(5)
    number = propose(house, "recommend", house.trainee())
    first, second = confirm(operator, number), confirm(operator, number)
    assert first.location == second.location and second.status_code == 303
    assert Batch.select().where(Batch.verb == "recommend").count() == 1
    assert operator.get(f"/batches/look/{number}").location == first.location


def test_somebody_changed_in_between_is_skipped_by_name(house, operator):
    house.quota(5)
    kept, moved = house.trainee(), house.trainee()
    number = propose(house, "recommend", kept, moved)
    crud.edit(house.cli, Trainee, moved.id, None, {"post": "主任"})
    page = operator.get(confirm(operator, number).location).text
    assert "在您查看之后已被别人修改" in page and house.reload(moved).status == "applied"


def test_nobody_to_be_done_leads_back_with_the_reasons(house, operator):
    number = propose(house, "recommend", house.trainee())
    answer = confirm(operator, number)
    assert answer.status_code == 422
    assert "没有一人可以办理" in answer.text and "赤峰市区外名额尚未分配" in answer.text
    assert Proposal.get_by_id(int(number)).batch_id is None


def test_a_proposal_is_its_makers_own(house, client_as):
    number = propose(house, "recommend", house.trainee())
    for role in ROLES:
        if role != "operator":
            browser = client_as(role)
            assert browser.get(f"/batches/look/{number}").status_code == 404
            assert confirm(browser, number).status_code == 404


def test_a_right_that_was_lost_meanwhile_is_forbidden(house, client_as):
    from tepei_admin.models import User

    operator = client_as("operator")
    number = propose(house, "recommend", house.trainee())
    user = User.get(User.username == "operator")
    crud.edit(house.actor("admin"), User, user.id, None, {"role": "viewer"})
    assert confirm(client_as("viewer"), number).status_code == 404
    assert operator.get(f"/batches/look/{number}").status_code == 302  # the session has ended


def test_transfer_offers_the_units_and_tracks(house, operator):
    person = house.trainee()
    number = propose(house, "transfer", person)
    page = operator.get(f"/batches/look/{number}").text
    assert "呼伦贝尔市</option>" in page and "区内</option>" in page
    answer = look_and_confirm(
        operator, number, on="2019-03-28", unit=str(house.unit("150700").id), reason="报错单位"
    )
    assert answer.status_code == 303 and house.reload(person).unit.code == "150700"
    assert "呼伦贝尔市" in operator.get(answer.location).text


def test_what_waits_for_a_second_person_says_so(house, operator):
    person = house.trainee()
    house.do("withdraw", person, reason="个人原因")
    answer = look_and_confirm(
        operator, propose(house, "reinstate", house.reload(person)), on="2019-03-28", reason="误办"
    )
    page = operator.get(answer.location).text
    assert (
        "等待另一位核准" in page
        and Request.select().count() == 1
        and house.reload(person).status == "withdrawn"
    )


def test_what_another_has_decided_no_longer_waits(house, operator, client_as):
    person = house.trainee()
    house.do("withdraw", person, reason="个人原因")
    opened = look_and_confirm(
        operator, propose(house, "reinstate", house.reload(person)), on="2019-03-28", reason="误办"
    )
    done = client_as("approver").post(f"/requests/request-{Request.get().id}", decide="yes", reason="同意")
    approved, proposed = operator.get(done.location).text, operator.get(opened.location).text
    assert "等待另一位核准" not in approved and "看待核准" not in approved and "已提出" not in approved
    assert "等待另一位核准" not in proposed and "看待核准" not in proposed
    assert "已提出 1 件，均已有决定" in proposed


def test_many_people_are_listed_up_to_a_bound(house, operator, monkeypatch):
    from tepei_admin.views import batches

    monkeypatch.setattr(batches, "SHOWN", 2)
    number = propose(house, "check", *[house.trainee() for _ in range(5)])
    page = operator.get(f"/batches/look/{number}").text
    assert "5 可执行" in page and "另有 3 人没有列出" in page


# --- The batch's page


def test_the_result_is_paged_and_filtered(house, operator, monkeypatch):
    from tepei_admin.views import batches

    monkeypatch.setattr(batches, "PAGE", 2)
    house.quota(3)
    people = [house.trainee() for _ in range(3)] + [house.trainee(ethnicity="01")]
    done = house.do("recommend", *people, actor=house.actor("operator"))
    path = f"/batches/{done.batch}"
    assert "第 1 / 2 页" in operator.get(path).text and "第 2 / 2 页" in operator.get(f"{path}?page=1").text
    assert operator.get(f"{path}?show=skipped").text.count('<td class="who"><a') == 1
    assert operator.get(f"{path}?page=99").status_code == 200


def test_the_result_is_a_file(house, operator):
    house.quota(1)
    people = [house.trainee(name="=1+1"), house.trainee(ethnicity="01")]
    done = house.do("recommend", *people, actor=house.actor("operator"))
    answer = operator.post(f"/batches/{done.batch}/result")
    lines = list(csv.reader(answer.get_data().decode("utf-8-sig").splitlines()))
    assert answer.headers["Content-Type"].startswith("text/csv") and len(lines) == 3
    assert {line[2] for line in lines[1:]} == {"已办", "跳过"}
    assert not any(line[1].startswith("=") for line in lines)
    assert ExportRecord.get().row_count == 2


def test_undo_looks_first_then_goes_back(house, operator):
    house.quota(5)
    kept, touched = house.trainee(), house.trainee()
    done = house.do("recommend", kept, touched, actor=house.actor("operator"))
    house.do("admit", touched, approval_no="批1")
    path = f"/batches/{done.batch}/undo"
    assert f'href="{path}"' in operator.get(f"/batches/{done.batch}").text
    before = audit.last_hash()
    page = operator.get(path).text
    assert "1 可撤销</b>，1 不能" in page and "之后又有修改" in page and audit.last_hash() == before
    answer = operator.post(path)
    assert answer.status_code == 303 and "撤销批次" in operator.get(answer.location).text
    assert (house.reload(kept).status, house.reload(touched).status) == ("applied", "admitted")
    assert "撤销一部分" in operator.get(f"/batches/{done.batch}").text


def test_undo_is_once_and_for_whom_it_is_allowed(house, client_as):
    house.quota(5)
    done = house.do("recommend", house.trainee(), actor=house.actor("approver"))
    path = f"/batches/{done.batch}/undo"
    for role in ("viewer", "operator"):
        browser = client_as(role)
        assert browser.get(path).status_code == 403 and browser.post(path).status_code == 403
        assert f'href="{path}"' not in browser.get(f"/batches/{done.batch}").text
    assert client_as("clerk").get(path).status_code == 404
    admin = client_as("admin")
    assert admin.post(path).status_code == 303
    again = admin.post(path)
    assert again.status_code == 422 and "已经撤销" in again.text


def test_what_cannot_be_undone_says_why(house, admin):
    done = house.do("check", house.trainee(), actor=house.actor("admin"))
    page = admin.get(f"/batches/{done.batch}/undo")
    assert page.status_code == 200 and "不能整批撤销" in page.text
    assert admin.post(f"/batches/{done.batch}/undo").status_code == 422


def test_a_clerk_sees_own_batches_only(house, client_as):
    person = house.trainee(attested=False, unit="150700")
    own = house.do("attest", person, actor=house.actor("clerk", "150700"), reason="汇总表")
    office = house.do("check", person, actor=house.actor("operator"))
    clerk = client_as("clerk", "150700")
    assert clerk.get(f"/batches/{own.batch}").status_code == 200
    for path in ("", "/undo"):
        assert clerk.get(f"/batches/{office.batch}{path}").status_code == 404
        assert client_as("clerk").get(f"/batches/{own.batch}{path}").status_code == 404
    assert client_as("clerk").post(f"/batches/{own.batch}/result").status_code == 404


@pytest.mark.parametrize(
    "path", ["/batches/look/1", "/batches/1/undo", "/batches/99999999999999999999", "/batches/look/x"]
)
def test_what_is_not_there_is_not_found(path, admin):
    assert admin.get(path).status_code == 404


def test_queries_of_the_look_do_not_grow(sqlite_house, sqlite_app, count_queries):
    house = sqlite_house
    house.quota(50)
    operator = Browser(sqlite_app).sign_in(house, "operator")
    few, many = (
        propose(house, "recommend", house.trainee()),
        propose(house, "recommend", *[house.trainee() for _ in range(12)]),
    )
    with count_queries() as one:
        operator.get(f"/batches/look/{few}")
    with count_queries() as twelve:
        operator.get(f"/batches/look/{many}")
    assert len(one) == len(twelve)
