"""What scripts add, seen in Chromium: the bar that rises, keys, the filter as a dialog, look-ups while typing.

Also that the policy holds: not one violation in the browser's console.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from waitress.server import create_server

from tepei_admin.database import db
from tests.chromium import PATIENCE, launch
from tests.factories import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
def address(sqlite_house, sqlite_app) -> Iterator[str]:
    """The panel, served."""
    for name in ("甲", "乙", "丙"):
        sqlite_house.trainee(name=f"白嘎力{name}")
    sqlite_house.actor("admin")
    db.close()
    server = create_server(sqlite_app, host="127.0.0.1", port=0, threads=2)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(timeout=10)


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
def scripts(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def page(address: str, scripts: bool) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        context = browser.new_context(
            viewport={"width": 1366, "height": 768}, java_script_enabled=scripts, base_url=address
        )
        page, complaints = context.new_page(), []
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.set_default_timeout(PATIENCE)
        page.goto("/login")
        page.fill("#username", "admin")
        page.fill("#password", PASSWORD)
        page.click("button.main")
        page.goto("/trainees/")
        yield page
        browser.close()
        assert complaints == []


def test_ticked_rows_are_proposed(page: Page, scripts: bool) -> None:
    bar = page.locator("[data-rise]")
    expect(bar).to_be_hidden() if scripts else expect(bar).to_be_visible()
    page.locator("td.tick input").nth(0).check()
    page.locator("td.tick input").nth(1).check()
    expect(bar).to_be_visible()
    if scripts:
        expect(bar).to_contain_text("已选本页 2 人")
    bar.get_by_role("button", name="核查资格").click()
    assert "/batches/look/" in page.url


def test_a_list_is_filtered(page: Page, scripts: bool) -> None:
    page.get_by_role("link", name="筛选").click()
    if scripts:
        expect(page.locator("dialog")).to_be_visible()
    page.fill("input[name='name.has']", "甲")
    page.get_by_role("button", name="查看").click()
    page.wait_for_url("**/trainees/?name.has=*")
    expect(page.locator("table.list tbody tr")).to_have_count(1)
    page.get_by_role("link", name="姓名含：甲").click()
    expect(page.locator("table.list tbody tr")).to_have_count(3)


def test_a_name_is_searched(page: Page) -> None:
    page.fill("input[name=search]", "嘎力 乙")
    page.press("input[name=search]", "Enter")
    expect(page.locator("table.list tbody tr")).to_have_count(1)


def test_a_region_is_found_by_part_of_its_name(page: Page, scripts: bool) -> None:
    page.goto("/trainees/1/edit")
    box = page.get_by_label("旗县")
    if scripts:
        box.press_sequentially("松山")
        expect(page.locator("#county-list option")).to_have_count(1)
    else:
        box.fill("松山")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已保存")).to_be_visible()


@pytest.mark.parametrize("scripts", [True], ids=["scripts"], indirect=True)
def test_the_keyboard_goes_everywhere(page: Page) -> None:
    page.keyboard.press("/")
    expect(page.locator("input[name=search]")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    expect(page.locator("td.tick input").nth(1)).to_be_checked()
    expect(page.locator("[data-rise]")).to_contain_text("已选本页 1 人")
    page.keyboard.press("Escape")
    expect(page.locator("[data-rise]")).to_be_hidden()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/trainees/3")


@pytest.mark.parametrize("scripts", [True], ids=["scripts"], indirect=True)
def test_no_page_is_wider_than_the_window(page: Page) -> None:
    for path in (
        "/trainees/",
        "/trainees/1/edit",
        "/trainees/filter",
        "/units/1",
        "/programmes/1/edit",
        "/payments/",
    ):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 1366, path
