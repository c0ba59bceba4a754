"""The training year walked in Chromium on the demo: assign, confirm, notify, report in, leave, grade, complete."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_one_person_from_the_host_to_the_completion(sign_in: Callable[..., Page]) -> None:
    page = sign_in("operator")
    page.goto("/trainees/?status=admitted&track=1&sort=id")
    person = None
    for link in page.locator("tbody tr td a[href^='/trainees/']").evaluate_all(
        "links => links.map(l => l.getAttribute('href'))"
    ):
        page.goto(link)
        if page.get_by_text("还没有拟定培养单位").count():
            person = link.partition("?")[0]
            break
    assert person is not None

    def act(name: str, then: str | None = None, **fields: str) -> None:
        """From the person's page through the look to the result and back."""
        page.goto(person)
        page.get_by_role("button", name=f"{name}…", exact=True).click()
        page.wait_for_url("**/batches/look/*")
        for field, value in fields.items():
            box = page.locator(f"[name={field}]")
            if box.evaluate("box => box.tagName") == "SELECT":
                box.select_option(value=value) if not value.startswith("#") else box.select_option(
                    index=int(value[1:])
                )
            else:
                box.fill(value)
        page.locator("button[name=look]").click() if page.locator("button[name=look]").count() else None
        page.wait_for_load_state()
        expect(page.get_by_text("1 可执行")).to_be_visible()
        page.get_by_role("button", name=f"{name} 1 人").click()
        page.wait_for_url("**/batches/*")
        expect(page.get_by_text("已办").first).to_be_visible()
        page.goto(person)
        if then:
            expect(page.get_by_text(then).first).to_be_visible()

    act(
        "拟定培养单位",
        "2019年1月7日 至 2020年1月6日",
        host="#1",
        planned_start="2019-01-07",
        supervisor="陈立新",
    )
    act("落实培养单位", "已落实", on="2018-12-20")
    act("通知报到", "尚未登记收到", on="2018-12-21")
    act("登记收到通知", "2018年12月25日 收到", on="2018-12-25")
    act("报到", "2019年1月7日 报到", on="2019-01-07")
    page.get_by_role("link", name="填写导师和方案").click()
    page.fill("#plan", "跟班学习，参加课题组")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("培养方案和任务")).to_be_visible()
    act(
        "登记请假",
        "已批准",
        leave_state="granted",
        starts="2019-03-04",
        ends="2019-03-08",
        host_approval="研究生院",
        on="2019-03-01",
    )
    page.get_by_role("link", name="销假…").click()
    page.fill("#back_on", "2019-03-07")
    page.get_by_role("button", name="销假").click()
    expect(page.locator("#leaves").get_by_text("已销假")).to_be_visible()
    page.goto("/leaves/calendar?month=2019-03")
    expect(page.get_by_text("请假月历")).to_be_visible()
    act("登记考核", "优秀", assessment="completion", grade="excellent", on="2019-12-20")
    page.get_by_role("button", name="结业考核…").click()
    page.wait_for_url("**/batches/look/*")
    page.fill("#on", "2020-01-06")
    page.locator("button[name=look]").click()
    page.get_by_role("button", name="结业考核 1 人").click()
    page.wait_for_url("**/batches/*")
    page.goto(person)
    expect(page.locator("header.page .chip")).to_have_text("考核合格")


def test_a_groups_grades_on_one_page(sign_in: Callable[..., Page]) -> None:
    page = sign_in("operator")
    page.goto("/assessments/")
    page.get_by_role("link", name="按培养单位登记").click()
    rows = page.locator("table.entry tbody tr")
    assert rows.count() >= 3
    for number, grade in enumerate(("excellent", "pass")):
        rows.nth(number).locator("select").select_option(grade)
        rows.nth(number).locator("input[type=date]").fill("2020-08-20")
    page.get_by_role("button", name="全部保存").click()
    page.wait_for_url("**/batches/*")
    expect(page.get_by_text("已办").first).to_be_visible()
