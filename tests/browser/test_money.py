"""Disqualified, with the recovery in two instalments and a remission: walked in Chromium by two people."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tepei_admin.database import db
from tepei_admin.seed import demo
from tepei_admin.services import accounts
from tests.conftest import build
from tests.factories import House
from tests.services.money_cast import completed, host, in_training, paid

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SERVE = "import sys; from tepei_admin.cli import main; sys.exit(main(['serve', '--port', '0']))"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """A house of its own: seven people in training, one of them with tuition paid; served until the module is over."""
    folder = tmp_path_factory.mktemp("money")
    url = f"sqlite:///{folder / 'tepei.sqlite3'}"
    build(url)
    with db.obj.connection_context():
        house = House(url)
        for role in ("operator", "approver"):
            accounts.add(house.cli, role, role, password=demo.PASSWORD)
        paid(house, "tuition", in_training(house, name="那仁高娃"))
        other = host(house, "H2", "上海交通大学", "6217001111222233")
        for name in ("萨仁", "敖敏", "乌日娜"):
            in_training(house, name=name, host=other)
        in_training(house, name="苏和", track="inside")
        for name in ("巴特尔", "其其格"):
            completed(house, name=name, bank_account="")
    db.close()
    environment = {**os.environ, "TEPEI_DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
    environment.pop("TEPEI_DATABASE_URL", None)
    server = subprocess.Popen(
        [sys.executable, "-c", SERVE], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    lines = []
    for line in server.stdout:
        lines.append(line.strip())
        if "http://" in line:
            break
    yield lines
    server.terminate()
    server.wait(30)


def agree(approver: Page, words: str, **fields: str) -> None:
    """The second person agrees to the matter that says this."""
    approver.goto("/requests/")
    matter = approver.locator("article.matter", has_text=words).first
    for label, value in fields.items():
        matter.locator(f"[name={label}]").fill(value)
    matter.get_by_role("button", name="同意", exact=True).click()
    approver.wait_for_load_state()
    expect(approver.locator("[role=alert]")).to_have_count(0)


def enter(operator: Page, case: str, kind: str, amount: str, reason: str = "") -> None:
    operator.goto(case)
    operator.locator("[name=kind]").select_option(kind)
    operator.fill("[name=amount]", amount)
    form = operator.locator("form[action$='/step']")
    form.locator("[name=reason]").fill(reason)
    form.get_by_role("button", name="登记").click()
    expect(operator.get_by_text("等待另一位核准").first).to_be_visible()


def pay(operator: Page, case: str, amount: str, voucher: str) -> None:
    """Mark an approved instalment as received."""
    operator.goto(case)
    operator.locator("tr", has_text=amount).get_by_role("link").first.click()
    operator.get_by_role("button", name="登记支付…").click()
    operator.wait_for_url("**/batches/look/*")
    operator.fill("[name=voucher]", voucher)
    operator.get_by_role("button", name="重新预览").click()
    operator.get_by_role("button", name="登记支付 1 笔").click()
    operator.wait_for_url("**/batches/*")


def test_disqualified_with_two_instalments_and_a_remission(sign_in: Callable[..., Page]) -> None:
    operator, approver = sign_in("operator"), sign_in("approver")
    operator.goto("/trainees/?search=那仁高娃")
    operator.locator("tbody tr td a").first.click()
    operator.get_by_role("link", name="终止或取消资格").click()
    operator.get_by_role("link", name="无故停止学习").click()
    operator.fill("[name=facts]", "2020年1月6日起无故离岗，经多次联系不归")
    operator.fill("[name=papers]", "培养单位来函")
    operator.fill("[name=actual_end]", "2020-01-05")
    expect(operator.get_by_text("33,000.00").first).to_be_visible()
    operator.get_by_role("button", name="立案").click()
    operator.wait_for_url("**/terminations/*")
    case = operator.url
    expect(operator.get_by_text("等待另一位核准").first).to_be_visible()
    operator.goto("/requests/")
    expect(operator.get_by_role("button", name="同意", exact=True)).to_have_count(0)

    agree(approver, "那仁高娃", decision_no="内人社函〔2020〕8号", decided_on="2020-02-01")
    operator.goto(case)
    expect(operator.get_by_text("已决定").first).to_be_visible()

    enter(operator, case, "recovery", "10,000.00")
    agree(approver, "10,000.00")
    pay(operator, case, "10,000.00", "收-1")
    enter(operator, case, "remission", "8000", "家庭困难")
    agree(approver, "8,000.00")
    enter(operator, case, "recovery", "15000")
    operator.goto(case)
    agree(approver, "15,000.00")
    pay(operator, case, "15,000.00", "收-2")
    operator.goto("/recoveries/")
    row = operator.locator("tbody tr", has_text="那仁高娃")
    for text in ("33,000.00", "25,000.00", "8,000.00", "0.00", "已结清"):
        expect(row).to_contain_text(text)


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
