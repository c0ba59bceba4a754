"""A template edited with a live look, a file sent, and what has changed since, in the browser."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk

pytestmark = pytest.mark.browser
RECORD = re.compile(r"/exports/records/\d+$")


@pytest.fixture
def admin(sign_in):
    return Desk(sign_in("admin", locale="zh-CN"))


def open_template(desk, name):
    desk.page.goto("/exports/")
    desk.page.get_by_role("link", name=f"修改{name}", exact=True).click()
    expect(desk.page.locator("header.page .count")).to_contain_text(name)


def send(desk, name, to):
    """Export with whole numbers, and mark as sent: the workbook."""
    desk.page.goto("/exports/")
    desk.page.select_option("#masked", "0")
    data = desk.download(lambda: desk.page.get_by_role("button", name=f"导出{name}", exact=True).click())
    desk.page.goto("/exports/")
    desk.page.get_by_role("link", name=re.compile(f"^{name}-2019年度")).first.click()
    desk.page.wait_for_url(RECORD)
    desk.fill(sent_to=to)
    desk.page.get_by_role("button", name="登记", exact=True).click()
    desk.see("已登记", to)
    return openpyxl.load_workbook(io.BytesIO(data)).active


def test_a_template_is_edited_with_a_live_look_and_a_change_is_told_after_it_was_sent(admin):
    open_template(admin, "报到名册")
    page, look = admin.page, admin.page.locator("#look")
    card, box = (
        page.locator("fieldset:has(table.design)").bounding_box(),
        page.locator("[name=path]").first.bounding_box(),
    )
    assert box["width"] >= 200 and card["x"] < box["x"] < card["x"] + card["width"] - box["width"]
    page.locator("[name=header]").first.fill("学员姓名")
    expect(look.locator("th").nth(1)).to_have_text("学员姓名")
    page.fill("#filter", "status=gone")
    expect(look).to_contain_text("筛选“status”不能是“gone”")
    page.fill("#filter", "/trainees/?status=training&sort=-name")
    expect(look.locator("tbody tr")).to_have_count(10)
    page.locator("[name=form]").nth(3).select_option("chinese")
    expect(look.locator("tbody tr").first).to_contain_text(re.compile(r"\d{4}年\d+月\d+日"))
    page.locator("[name=path]").nth(13).fill("身份证号")
    expect(look.locator("th").last).to_have_text("身份证号")
    expect(look.locator("tbody tr").first).to_contain_text("尾号")
    page.get_by_role("button", name="保存", exact=True).click()
    admin.see("已保存", "恢复出厂设置")

    sheet = send(admin, "报到名册", "人力资源社会保障部")
    headers, first = [cell.value for cell in sheet[1]], [cell.value for cell in sheet[2]]
    assert headers[1] == "学员姓名" and len(first[headers.index("身份证号")]) == 18
    record = page.url
    admin.see("内容至今没有变化")

    page.goto(f"/trainees/?status=training&name={first[1]}")
    page.locator("tbody").get_by_role("link", name=first[1], exact=True).click()
    page.goto(re.sub(r"\?.*", "", page.url) + "/edit")
    page.fill("[name=mobile]", "13912345678")
    page.get_by_role("button", name="保存", exact=True).first.click()
    page.goto(record)
    admin.see("变更 1，新增 0，减少 0", "13912345678", first[headers.index("手机")])
    changes = admin.download(lambda: page.get_by_role("button", name="下载变化（xlsx）").click())
    told = list(openpyxl.load_workbook(io.BytesIO(changes)).active.values)
    assert told[1] == ("变更", first[1], "手机", first[headers.index("手机")], "13912345678")
    page.goto("/exports/")
    admin.see("此后的变化")


def test_without_scripts_the_form_does_the_same(sign_in):
    desk = Desk(sign_in("admin", java_script_enabled=False, locale="zh-CN"))
    open_template(desk, "录取名单")
    desk.page.locator("[name=header]").first.fill("学员姓名")
    desk.page.get_by_role("button", name="刷新预览").click()
    expect(desk.page.locator("#look th").nth(1)).to_have_text("学员姓名")
    desk.page.get_by_role("button", name="第 1 列下移").click()
    expect(desk.page.locator("#look th").nth(2)).to_have_text("学员姓名")
    desk.page.get_by_role("button", name="保存", exact=True).click()
    desk.see("已保存")


@pytest.mark.pictures
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures(sign_in, handbook, scheme):
    desk = Desk(sign_in("admin", color_scheme=scheme, locale="zh-CN"))
    dark = "-dark" if scheme == "dark" else ""
    open_template(desk, "在培情况统计表")
    desk.page.screenshot(path=handbook / f"export-template{dark}.png")
    if scheme == "light":
        send(desk, "录取名单", "人力资源社会保障部")
    desk.page.goto("/exports/")
    desk.page.screenshot(path=handbook / f"exports{dark}.png")
