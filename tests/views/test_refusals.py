"""What bad input gets in the training year: one sentence with rule, clause and remedy; what was typed is kept, nothing stored."""

from __future__ import annotations

import io
import re
from html import unescape

import pytest

from tepei_admin.models import Assessment, Document, Leave, Payment, Placement, Termination
from tepei_admin.services import vault
from tests.services.money_cast import case, completed, disqualified, in_training, paid, propose, step

LEAVE = {
    "leave_state": "granted",
    "host_approval": "研究生院",
    "on": "2019-10-05",
    "leave_reason": "家中有事",
}


def alerts(page: str) -> list[str]:
    """Every sentence that a page refuses with, on top, beside a field or on a person's line."""
    found = re.findall(
        r'role="alert">(.*?)</p>|<small class="wrong"[^>]*>(.*?)</small>|<li><b>\d+</b> (.*?)</li>', page
    )
    return [unescape(re.sub("<[^>]+>", "", "".join(parts))) for parts in found]


def boxes(page: str) -> dict[str, str]:
    """What stands in the boxes of a page."""
    tags = [dict(re.findall(r'(\w+)="([^"]*)"', tag)) for tag in re.findall(r"<input [^>]*>", page)]
    found = {tag["id"]: tag.get("value", "") for tag in tags if "id" in tag}
    return found | dict(re.findall(r'<textarea id="(\w+)"[^>]*>(.*?)</textarea>', page, re.DOTALL))


def look(browser, person, verb, **given):
    """The look-first page of one person's verb with these arguments."""
    address = browser.post(f"/trainees/{person.id}/do", verb=verb).location
    return browser.post(address.replace("look", "confirm"), look="1", **given)


@pytest.mark.parametrize(
    ("starts", "ends", "said"),
    [
        (
            "2019-10-12",
            "2019-10-08",
            "结束日期（2019年10月8日）早于开始日期（2019年10月12日），请改日期（六（四））",
        ),
        ("2019-08-30", "2019-09-02", "不在培养期内（2019年9月1日至2020年8月31日），请改日期（六（四））"),
        ("2020-08-30", "2020-09-01", "不在培养期内（2019年9月1日至2020年8月31日），请改日期（六（四））"),
        ("", "2019-10-08", "请填写开始日期"),
    ],
)
def test_a_leave_that_cannot_be(house, client_as, starts, ends, said):
    (person,) = house.trained()
    page = look(client_as("operator"), person, "record_leave", starts=starts, ends=ends, **LEAVE)
    assert any(text.endswith(said) for text in alerts(page.text)), alerts(page.text)
    kept = boxes(page.text)
    assert (kept["starts"], kept["ends"], kept["leave_reason"]) == (starts, ends, "家中有事")
    assert not Leave.select().exists()


def test_a_leave_over_another_one(house, client_as):
    (person,) = house.trained()
    operator = client_as("operator")
    more = {name: value for name, value in LEAVE.items() if name != "on"}
    house.do("record_leave", person, more={**more, "starts": "2019-10-08", "ends": "2019-10-12"})
    page = look(operator, person, "record_leave", starts="2019-10-12", ends="2019-10-14", **LEAVE)
    assert alerts(page.text) == [
        "2019年10月12日至2019年10月14日与已登记的请假（2019年10月8日至2019年10月12日）重叠，请改日期或先更正原记录（六（四））"
    ]


def test_a_training_that_ends_before_it_starts(house, client_as):
    (person,) = house.trained()
    house.graded(person)
    operator = client_as("operator")
    page = look(operator, person, "complete", on="2020-09-01", actual_end="2019-08-01")
    assert alerts(page.text) == ["实际结束（2019年8月1日）早于实际报到（2019年9月1日），请改日期"]
    assert boxes(page.text)["actual_end"] == "2019-08-01"
    early = look(operator, person, "complete", on="2020-08-30")
    assert alerts(early.text) == ["培训到2020年8月31日期满，期满后才能办理（六（五））"]
    assert house.reload(person).status == "training" and house.placement(person).actual_end is None


def test_a_case_that_ends_before_the_start(house, client_as):
    (person,) = house.trained()
    operator, at = client_as("operator"), f"/trainees/{person.id}/end"
    given = {"path": "left", "facts": "离岗", "papers": "来函", "actual_end": "2019-08-31"}
    answer = operator.client.post(
        at, data={"csrf_token": operator.token("/units/"), "key": "k" * 24, **given}
    )
    assert answer.status_code == 422
    assert alerts(answer.text) == ["实际结束（2019年8月31日）早于实际报到（2019年9月1日），请改日期"]
    assert boxes(answer.text)["facts"] == "离岗" and not Termination.select().exists()


def test_a_grade_without_its_date(house, client_as):
    one, two = house.trained(2)
    operator = client_as("operator")
    given = {f"grade-{one.id}": "pass", f"opinion-{one.id}": "勤奋", f"grade-{two.id}": "good"}
    page = operator.post("/assessments/group", host=house.host().id, kind="completion", **given)
    assert page.status_code == 422 and "请填写考核日期（七（六））" in page.text and "勤奋" in page.text
    single = operator.post(f"/trainees/{one.id}/do", verb="assess").location
    kept = operator.post(
        single.replace("look", "confirm"), look="1", assessment="completion", grade="pass", on="2019-08-01"
    )
    assert alerts(kept.text) == ["考核日期（2019年8月1日）早于实际报到（2019年9月1日），请改日期（七（六））"]
    assert not Assessment.select().exists()


def test_a_second_tuition(house, client_as):
    person = in_training(house)
    operator = client_as("operator")
    propose(house, "tuition", person)
    address = operator.post("/payments/propose", kind="tuition").location
    assert alerts(operator.get(address).text) == [
        "已有学费和住宿费 33,000.00 待支付，请先支付或作废，再提出新的"
    ]
    row = Payment.get()
    step(house, "approve", row)
    step(house, "pay", row)
    again = operator.get(address).text
    assert alerts(again) == [
        "学费和住宿费每人每年 33,000.00，已付 33,000.00，已退 0.00，无须再付（九（一））"
    ]
    by_hand = operator.post(f"/trainees/{person.id}/tuition", amount="100", reason="补付", key="k")
    assert by_hand.status_code == 422 and boxes(by_hand.text)["amount"] == "100"
    assert alerts(by_hand.text) == [
        "在北京师范大学的培养安排已有一笔学费和住宿费，不能再提；有误的请先作废或冲正"
    ]
    assert Payment.select().count() == 1


@pytest.mark.parametrize(
    ("grade", "said"),
    [
        (None, "还没有结业考核等次，生活补贴在考核合格后发放（九（一））；请先登记考核"),
        ("fail", "结业考核为不合格，须为优秀、合格才发放生活补贴（九（一））"),
    ],
)
def test_a_stipend_before_the_grade(house, client_as, grade, said):
    completed(house, grade=grade, status="failed" if grade else "completed")
    operator = client_as("operator")
    address = operator.post("/payments/propose", kind="stipend").location
    assert alerts(operator.get(address).text) == [said]
    answer = operator.post(address.replace("look", "confirm"))
    assert answer.status_code in (200, 422) and not Payment.select().exists()


def test_approval_by_the_maker(house, client_as):
    approver = house.actor("approver")
    (row,) = propose(house, "tuition", in_training(house), actor=approver)
    browser = client_as("approver")
    assert "是您提出的，须由另一位核准" in browser.get("/requests/").text
    answer = browser.post(f"/requests/payment-{row.id}", decide="yes", reason="同意付")
    assert answer.status_code == 422
    assert alerts(answer.text) == ["不能核准自己提出的事项，请由另一位核准"]
    address = browser.post("/payments/act", verb="approve_payment", ids=[row.id]).location
    assert alerts(browser.get(address).text) == ["不能核准自己提出的事项，请由另一位核准"]
    assert Payment.get().state == "draft"


def test_a_recovery_decided_on_a_figure_that_has_changed_since(house, client_as):
    person = in_training(house)
    (tuition,) = paid(house, "tuition", person)
    number = case(house, person)
    step(house, "reverse", tuition, reason="重复支付")
    step(house, "approve", Payment.get(Payment.kind == "reversal"))
    answer = client_as("approver").post(
        f"/requests/termination-{number}",
        decide="yes",
        reason="同意",
        decision_no="内人社函〔2020〕8号",
        decided_on="2020-02-01",
    )
    assert answer.status_code in (409, 422)
    assert alerts(answer.text) == ["应追缴金额已由 33,000.00 变为 0.00，请重新查看后再决定（六（六））"]
    assert 'value="内人社函〔2020〕8号"' in answer.text and "同意</textarea>" in answer.text
    row = Termination.get_by_id(number)
    assert (row.state, row.due, house.reload(person).status) == ("opened", 3_300_000, "training")
    told = client_as("operator").get(f"/terminations/{number}").text
    assert "情况已有变化，现在应追缴 0.00。须由提出人重新计算后才能核准。" in told


def test_an_approved_unpaid_sum_blocks_the_decision(house, client_as):
    person = in_training(house)
    (row,) = propose(house, "tuition", person)
    step(house, "approve", row)
    number = case(house, person)
    answer = client_as("approver").post(f"/requests/termination-{number}", decide="yes", decision_no="8号")
    assert alerts(answer.text) == [
        "学费和住宿费 33,000.00 已核准未支付，请先支付或作废，再作决定（六（六））"
    ]


def test_more_than_is_owed_and_a_remission_without_a_reason(house, client_as):
    _, number = disqualified(house)
    operator = client_as("operator")
    for kind, amount, said in (
        ("recovery", "33000.01", "追缴 33,000.01 多于未收的 33,000.00，不能登记（六（六））"),
        ("remission", "100", "减免须写明理由（六（六））"),
        ("recovery", "三万", "“三万”请换算成元填写，如 3.3万 填 33000"),
    ):
        answer = operator.post(f"/terminations/{number}/step", kind=kind, amount=amount, key="k")
        assert alerts(answer.text) == [said] and boxes(answer.text)["amount"] == amount
    assert Payment.select().where(Payment.termination == number).count() == 0


def test_a_host_in_the_wrong_region_and_a_change_without_approval(house, client_as):
    (person,) = house.admitted(track="inside")
    operator, host = client_as("operator"), house.host().id
    page = look(
        operator, person, "assign_host", host=str(host), planned_start="2019-09-01", supervisor="王教授"
    )
    assert alerts(page.text) == ["“清华大学”不在自治区内，区内学员须在自治区内培养（三）"]
    assert boxes(page.text)["supervisor"] == "王教授" and not Placement.select().exists()
    (trained,) = house.trained()
    other = house.host("H102", "北京师范大学").id
    page = look(
        operator,
        trained,
        "change_host",
        host=str(other),
        changed_on="2020-01-15",
        on="2020-01-10",
        reason="导师出国",
    )
    assert alerts(page.text) == ["请填写批准文号"] and boxes(page.text)["reason"] == "导师出国"
    page = look(
        operator,
        trained,
        "change_host",
        host=str(other),
        changed_on="2020-01-05",
        on="2020-01-10",
        reason="导师出国",
        approval_no="3号",
    )
    assert alerts(page.text) == [
        "变更日期（2020年1月5日）早于批准日期（2020年1月10日）：须先经批准（六（一））"
    ]
    assert Placement.select().where(Placement.trainee == trained.id).count() == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "成绩单.pdf",
            b"<html><script>alert(1)</script>",
            "“成绩单.pdf”不是可以保存的文件：只收 PDF、JPG、PNG、Word",
        ),
        ("成绩单.exe", b"MZ\x90", "“成绩单.exe”不是可以保存的文件"),
        ("空.pdf", b"", "“空.pdf”是空文件"),
        ("大.pdf", b"%PDF-1.4\n" + b"x" * (20 * 1024 * 1024), "“大.pdf”有 21 MB，每个文件至多 20 MB"),
    ],
)
def test_a_file_that_cannot_be_kept(sqlite_house, sqlite_admin, tmp_path, monkeypatch, name, content, said):
    monkeypatch.setattr(vault, "folder", tmp_path / "kept")
    (person,) = sqlite_house.trained()
    at = f"/trainees/{person.id}/documents"
    given = {"kind": "transcript", "received_on": "2019-12-20", "copies": "3", "note": "补交"}

    def send(name: str, content: bytes):
        data = {"csrf_token": sqlite_admin.token("/units/"), **given, "file": (io.BytesIO(content), name)}
        return sqlite_admin.client.post(at, data=data, content_type="multipart/form-data")

    answer = send(name, content)
    assert answer.status_code == 422 and len(alerts(answer.text)) == 1
    assert alerts(answer.text)[0].startswith(said)
    kept = boxes(answer.text)
    assert (kept["received_on"], kept["copies"], kept["note"]) == ("2019-12-20", "3", "补交")
    assert not Document.select().exists() and not [*tmp_path.glob("kept/**/*.*")]
    assert send("好.pdf", b"%PDF-1.4\n").status_code == 303
