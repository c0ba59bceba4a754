"""Six people, six endings, each walked in Chromium to its end, by two accounts where two must act.

The seventh, disqualified with instalments and a remission, is in `test_money`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk
from tests.exchange.documents.reading import pages
from tests.served import Server, filled

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BANK = {"bank_name": "农业银行赤峰分行", "bank_account": "6228480011112222333"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Six people with the notice sent: 清华大学, 2019-09-01 to 2020-08-31."""
    folder = tmp_path_factory.mktemp("endings")
    with filled(folder) as house:
        for name in ("王䶮", "傅强", "魏红", "赵离", "特木尔", "高娃"):
            house.notified(name=name, **BANK)
    with Server(folder) as running:
        yield running


@pytest.fixture
def desks(sign_in: Callable[..., Page]) -> tuple[Desk, Desk]:
    """The operator's and the approver's."""
    return Desk(sign_in("operator")), Desk(sign_in("approver"))


def begin(operator: Desk, approver: Desk, name: str, *, paid: bool = True) -> None:
    """Notice received, reported in, tuition proposed, approved by the other and paid."""
    operator.person(name)
    operator.act("登记收到通知", on="2019-07-09")
    operator.act("报到", on="2019-09-01")
    operator.status("在培")
    if paid:
        operator.propose("学费", 1, "33,000.00")
        approver.agree(f"学费和住宿费：{name} 33,000.00（清华大学）")
        operator.pay(count=1, on="2019-09-20", voucher=f"付-{name}")


def finish(operator: Desk, name: str, grade: str) -> None:
    """The grade is recorded and the year is over."""
    operator.person(name)
    operator.act("登记考核", assessment="completion", on="2020-08-20", grade=grade)
    operator.act("结业考核", on="2020-09-01")


def test_certified(desks: tuple[Desk, Desk]) -> None:
    operator, approver = desks
    begin(operator, approver, "王䶮")
    operator.person("王䶮")
    operator.act(
        "登记请假", leave_state="granted", starts="2019-10-08", ends="2019-10-12", host_approval="研究生院", on="2019-10-05"
    )  # fmt: skip
    finish(operator, "王䶮", "pass")
    operator.status("考核合格")

    operator.propose("生活补贴", 1, "满 12 个月，每月 600.00", "扣请假 5 天", "-100.00", "7,100.00")
    operator.page.goto("/requests/")
    operator.see("等待审批人员核准")
    expect(operator.page.get_by_role("button", name="同意", exact=True)).to_have_count(0)
    approver.page.goto("/requests/")
    approver.see("7,200.00", "-100.00", "7,100.00")
    approver.agree("生活补贴：王䶮 7,100.00")
    operator.pay(count=1, on="2020-09-10", voucher="付-2")

    operator.person("王䶮")
    operator.page.get_by_role("button", name="发证…").click()
    operator.look(on="2020-09-10")
    operator.see("编号 2019W0001；档案材料还缺：基本情况及单位推荐意见")
    operator.confirm("发证 1 人")
    paper = operator.download(lambda: operator.page.get_by_role("button", name="证书 PDF").click())
    assert "王䶮" in pages(paper)[0] and "2019W0001" in pages(paper)[0]
    operator.person("王䶮")
    operator.status("已发证")
    operator.see("2019W0001", "33,000.00", "7,100.00")
    for gone in ("报到", "结业考核", "登记请假", "登记考核", "终止或取消资格", "变更培养单位或专业"):
        expect(operator.page.get_by_text(f"{gone}…", exact=True)).to_have_count(0)
    operator.act("交付证书", on="2020-09-12")
    operator.see("2020年9月12日交付")


def test_failed(desks: tuple[Desk, Desk]) -> None:
    operator, approver = desks
    begin(operator, approver, "傅强")
    finish(operator, "傅强", "fail")
    operator.status("考核未通过")
    operator.see("2020年9月1日 考核未通过")
    operator.page.goto("/payments/")
    operator.page.get_by_role("button", name="提出生活补贴…").click()
    operator.look()
    row = operator.page.locator("tr", has_text="傅强")
    expect(row).to_contain_text("九（一）")
    expect(row).to_contain_text("不合格")
    operator.page.goto("/certificates/ready")
    operator.see("1 人考核未通过")


def test_withdrawn_after_the_notice_needs_the_departments_number(desks: tuple[Desk, Desk]) -> None:
    operator, _ = desks
    operator.person("魏红")
    operator.page.get_by_role("button", name="撤回…", exact=True).click()
    operator.look(reason="本人申请", on="2019-07-20")
    operator.see("请填写批准文号")
    expect(operator.page.locator("[name=reason]")).to_have_value("本人申请")
    expect(operator.page.get_by_role("button", name="撤回 1 人")).to_have_count(0)
    operator.look(approval_no="内人社函〔2019〕77号")
    operator.confirm("撤回 1 人")
    operator.page.get_by_role("link", name="回到此人").click()
    operator.status("已撤回")
    operator.see("2019年7月20日 已撤回（此前已通知）：本人申请（内人社函〔2019〕77号）", "已取消")


def test_no_show_with_nothing_paid(desks: tuple[Desk, Desk]) -> None:
    operator, approver = desks
    operator.person("赵离")
    operator.page.get_by_role("link", name="终止或取消资格…").click()
    operator.page.get_by_role("link", name="无故不报到").click()
    operator.see("还没有登记")
    operator.fill(facts="收到通知后未报到，多次联系不到")
    operator.page.get_by_role("button", name="立案").click()
    operator.see("还没有登记收到报到通知的日期，不能按无故不报到处理（六（六）1）")
    expect(operator.page.locator("[name=facts]")).to_have_value("收到通知后未报到，多次联系不到")

    operator.person("赵离")
    operator.act("登记收到通知", on="2019-07-09")
    operator.page.get_by_role("link", name="终止或取消资格…").click()
    operator.page.get_by_role("link", name="无故不报到").click()
    operator.see("没有支付过特培经费，无须追缴（六（六））", "2019年7月9日")
    operator.fill(facts="收到通知后未报到，多次联系不到", papers="三次电话记录")
    operator.page.get_by_role("button", name="立案").click()
    operator.page.wait_for_url("**/terminations/*")
    case = operator.page.url

    approver.decide("赵离")
    approver.see("还缺：决定文号，不能决定（六（六）1）")
    approver.agree("赵离", decision_no="内人社函〔2019〕90号", decided_on="2019-10-08")
    operator.page.goto(case)
    operator.see("已结清", "内人社函〔2019〕90号（2019年10月8日）")
    operator.page.goto("/recoveries/")
    row = operator.page.locator("tbody tr", has_text="赵离")
    expect(row.locator("td.n")).to_have_text(["0.00"] * 5)
    operator.person("赵离")
    operator.status("无故未报到")


def test_terminated_for_cause(desks: tuple[Desk, Desk]) -> None:
    operator, approver = desks
    begin(operator, approver, "特木尔")
    operator.person("特木尔")
    operator.page.get_by_role("link", name="终止或取消资格…").click()
    operator.page.get_by_role("link", name="因故终止").click()
    operator.see("经批准终止学习，不追缴（六（四））")
    operator.fill(facts="患病，无法继续学习", papers="诊断证明", actual_end="2019-08-31")
    operator.page.get_by_role("button", name="立案").click()
    operator.see("实际结束（2019年8月31日）早于实际报到（2019年9月1日）")
    operator.fill(actual_end="2020-03-31")
    operator.page.get_by_role("button", name="立案").click()
    operator.page.wait_for_url("**/terminations/*")
    case = operator.page.url
    operator.see("还缺：培养单位的确认")

    approver.decide("特木尔", decision_no="内人社函〔2020〕21号", decided_on="2020-04-10")
    approver.see("还缺：培养单位的确认，不能决定（六（四））")
    expect(
        approver.page.locator("article.matter", has_text="特木尔").locator("[name=decision_no]")
    ).to_have_value("内人社函〔2020〕21号")
    operator.page.goto(case)
    operator.fill(how="清华大学研究生院来函")
    operator.page.locator("form[action$='/confirm'] [name=on]").fill("2020-04-02")
    operator.page.get_by_role("button", name="登记确认").click()
    operator.see("2020年4月2日，清华大学研究生院来函")
    approver.agree("特木尔", decision_no="内人社函〔2020〕21号", decided_on="2020-04-10")

    operator.person("特木尔")
    operator.status("已终止")
    operator.see("2020年3月31日 结束")
    operator.page.get_by_role("link", name="登记退费…").click()
    expect(operator.page.locator("#placement")).to_contain_text("清华大学（已收 33,000.00）")
    operator.fill(amount="33,000.01")
    operator.page.get_by_role("button", name="提出", exact=True).click()
    expect(operator.page.locator("[name=amount]")).to_have_value("33,000.01")
    operator.fill(amount="8,000", reason="按比例退回")
    operator.page.get_by_role("button", name="提出", exact=True).click()
    approver.agree("退费：特木尔 8,000.00（清华大学）")
    operator.pay("特木尔", count=1, on="2020-04-30", voucher="收-9")
    operator.person("特木尔")
    operator.see("33,000.00", "8,000.00")
    operator.page.goto("/recoveries/")
    expect(operator.page.locator("tbody tr", has_text="特木尔")).to_have_count(0)


def test_reinstated_after_a_mistaken_end(desks: tuple[Desk, Desk]) -> None:
    operator, approver = desks
    begin(operator, approver, "高娃", paid=False)
    operator.page.get_by_role("link", name="终止或取消资格…").click()
    operator.page.get_by_role("link", name="无故停止学习").click()
    operator.fill(facts="1月6日起不到岗", actual_end="2020-01-05")
    operator.page.get_by_role("button", name="立案").click()
    operator.page.wait_for_url("**/terminations/*")
    case = operator.page.url
    approver.agree("高娃", decision_no="内人社函〔2020〕8号", decided_on="2020-02-01")
    operator.person("高娃")
    operator.status("已取消资格")
    operator.page.get_by_role("button", name="恢复…", exact=True).click()
    operator.look(on="2020-02-20", reason="经查系请假，手续补齐")
    operator.confirm("提出恢复 1 人")
    approver.agree("恢复：高娃 → 在培")
    operator.person("高娃")
    operator.status("在培")
    operator.see("2019年9月1日 报到")
    expect(operator.page.locator("#placement").get_by_text("2020年1月5日")).to_have_count(0)
    operator.page.goto(case)
    operator.see("已推翻")
