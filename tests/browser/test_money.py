"""Disqualified, with a refund, the recovery in two instalments and a remission: walked in Chromium by two people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tepei_admin.models import LetterText
from tepei_admin.services import crud
from tests.browser.desk import Desk
from tests.exchange.documents.reading import pages
from tests.served import Server, filled
from tests.services.money_cast import completed, host, in_training, paid

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ACCOUNT = {
    "account_holder": "自治区人才开发基金", "account_bank": "中国银行呼和浩特分行", "account_no": "150000000001",
}  # fmt: skip
"""Where a recovery is to be paid."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Seven people in training, one of them with tuition paid."""
    folder = tmp_path_factory.mktemp("money")
    with filled(folder) as house:
        paid(house, "tuition", in_training(house, name="那仁高娃"))
        other = host(house, "H2", "上海交通大学", "6217001111222233")
        for name in ("萨仁", "敖敏", "乌日娜"):
            in_training(house, name=name, host=other)
        in_training(house, name="苏和", track="inside")
        for name in ("巴特尔", "其其格"):
            completed(house, name=name, bank_account="")
        text = LetterText.get(LetterText.kind == "recovery").id
        crud.edit(house.cli, LetterText, text, None, ACCOUNT)
    with Server(folder) as running:
        yield running


def enter(operator: Desk, case: str, kind: str, amount: str, reason: str = "") -> None:
    """An instalment or a remission on the case's page."""
    operator.page.goto(case)
    operator.fill(kind=kind, amount=amount)
    form = operator.page.locator("form[action$='/step']")
    form.locator("[name=reason]").fill(reason)
    form.get_by_role("button", name="登记").click()


def test_disqualified_with_a_refund_two_instalments_and_a_remission(sign_in: Callable[..., Page]) -> None:
    operator, approver = Desk(sign_in("operator")), Desk(sign_in("approver"))
    operator.person("那仁高娃")
    operator.page.get_by_role("link", name="登记退费…").click()
    operator.fill(amount="8,000.00", reason="住宿费退回")
    operator.page.get_by_role("button", name="提出", exact=True).click()
    operator.see("已登记退费，等待另一位核准")
    approver.agree("退费：那仁高娃 8,000.00（北京师范大学）")
    operator.pay("那仁高娃", count=1, on="2020-01-20", voucher="退-1")

    operator.person("那仁高娃")
    operator.page.get_by_role("link", name="终止或取消资格…").click()
    operator.page.get_by_role("link", name="无故停止学习").click()
    operator.fill(
        facts="2020年1月6日起无故离岗，经多次联系不归", papers="培养单位来函", actual_end="2020-01-05"
    )
    operator.see("学费和住宿费 33,000.00 - 退费 8,000.00 = 25,000.00")
    operator.page.get_by_role("button", name="立案").click()
    operator.page.wait_for_url("**/terminations/*")
    case = operator.page.url
    operator.see("等待另一位核准", "33,000.00", "-8,000.00", "25,000.00")

    approver.page.goto("/requests/")
    approver.see(
        "无故停止学习（六（六）2）：那仁高娃，应追缴 25,000.00", "减退费（北京师范大学，2020年1月20日）"
    )
    approver.agree("那仁高娃", decision_no="内人社函〔2020〕8号", decided_on="2020-02-01")
    operator.page.goto(case)
    operator.see("已决定", "内人社函〔2020〕8号（2020年2月1日）")

    enter(operator, case, "recovery", "25,000.01")
    operator.see("追缴 25,000.01 多于未收的 25,000.00，不能登记（六（六））")
    expect(operator.page.locator("[name=amount]")).to_have_value("25,000.01")
    enter(operator, case, "recovery", "10,000.00")
    approver.agree("追缴：那仁高娃 10,000.00")
    operator.pay("那仁高娃", count=1, on="2020-03-01", voucher="收-1")
    enter(operator, case, "remission", "6000")
    operator.see("减免须写明理由（六（六））")
    enter(operator, case, "remission", "6000", "家庭困难")
    approver.agree("减免：那仁高娃 6,000.00")
    enter(operator, case, "recovery", "9000")
    approver.agree("追缴：那仁高娃 9,000.00")
    operator.page.goto("/recoveries/?show=open")
    row = operator.page.locator("tbody tr", has_text="那仁高娃")
    expect(row.locator("td.n")).to_have_text(["25,000.00", "0.00", "10,000.00", "6,000.00", "9,000.00"])
    operator.pay("9,000.00", count=1, on="2020-04-01", voucher="收-2")
    operator.page.goto("/recoveries/")
    row = operator.page.locator("tbody tr", has_text="那仁高娃")
    expect(row.locator("td.n")).to_have_text(["25,000.00", "0.00", "19,000.00", "6,000.00", "0.00"])
    expect(row).to_contain_text("已结清")


def test_the_letters_of_a_case(sign_in: Callable[..., Page]) -> None:
    operator = Desk(sign_in("operator"))
    operator.page.goto("/recoveries/")
    operator.page.locator("tbody tr td a", has_text="那仁高娃").click()
    operator.page.locator("form[action$='/circular'] [name=to]").fill("赤峰市人力资源和社会保障局")
    operator.page.locator("form[action$='/circular'] [name=on]").fill("2020-02-10")
    operator.page.get_by_role("button", name="登记通报").click()
    operator.see("2020年2月10日，赤峰市人力资源和社会保障局")
    for kind, words in (("取消资格通报", "赤峰市人力资源和社会保障局"), ("追缴通知书", "25,000.00")):
        operator.person("那仁高娃")
        operator.page.get_by_role("link", name=f"{kind}…").click()
        paper = operator.download(
            lambda: operator.page.get_by_role("button", name="打印 1 份（PDF）").click()
        )
        text = "".join(pages(paper))
        assert "那仁高娃" in text and words in text


def test_the_sum_and_the_reason_of_a_refusal_stand_on_the_screen(sign_in: Callable[..., Page]) -> None:
    operator = sign_in("operator")
    operator.goto("/payments/")
    operator.get_by_role("button", name="提出学费…").click()
    operator.wait_for_url("**/batches/look/*")
    expect(operator.get_by_text("上海交通大学").first).to_be_visible()
    expect(operator.get_by_text("99,000.00").first).to_be_visible()
    operator.goto("/payments/")
    operator.get_by_role("button", name="提出生活补贴…").click()
    expect(operator.get_by_text("还没有结业考核等次").first).to_be_visible()
    expect(operator.get_by_text("14,400.00").first).to_be_visible()


def test_a_proposal_is_taken_back_while_nobody_has_approved_it(sign_in: Callable[..., Page]) -> None:
    operator, approver = Desk(sign_in("operator")), Desk(sign_in("approver"))
    operator.propose("学费", 6, "提出后由另一位核准才生效；核准前可在批次页撤销")
    batch = operator.page.url
    operator.see("已提出 6 件，等待另一位核准")
    approver.agree("学费和住宿费：苏和 16,000.00")
    operator.page.goto(batch)
    operator.page.get_by_role("link", name="撤销…").click()
    operator.see(
        "5 可撤销", "1 不能", "下列款项作废", "提出的款项已核准，不能撤销；未支付的请“作废”，已支付的请“冲正”"
    )
    operator.page.get_by_role("button", name="撤销 5 笔").click()
    operator.page.wait_for_url("**/batches/*")
    operator.page.goto("/payments/?state=draft")
    operator.see("没有符合条件的经费")


@pytest.mark.pictures
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_of_money(sign_in: Callable[..., Page], handbook: Path, scheme: str) -> None:
    page = sign_in("operator", color_scheme=scheme)
    tail = "" if scheme == "light" else "-dark"
    page.goto("/payments/")
    page.get_by_role("button", name="提出学费…").click()
    page.screenshot(path=handbook / f"money-propose{tail}.png")
    for name, address in (
        ("payments", "/payments/"),
        ("recoveries", "/recoveries/"),
        ("totals", "/payments/totals"),
        ("end", "/trainees/2/end?path=left"),
    ):
        page.goto(address)
        page.screenshot(path=handbook / f"money-{name}{tail}.png")
    page.goto("/recoveries/")
    page.locator("tbody tr td a").first.click()
    page.screenshot(path=handbook / f"money-case{tail}.png", full_page=True)
