"""The end of the year in Chromium: issue for several, download, check as a stranger, void with two accounts."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.exchange.documents.reading import pages
from tests.served import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FILL = """
import sys
from tepei_admin.database import db, open_database
from tests.factories import House
from tepei_admin.models import Unit
from tests.services.paper_cast import case, completed, confirmed, today_is, write
open_database(sys.argv[1])
db.connect()
house = House(sys.argv[1])
for number in range(100):
    next(house.serial)
today_is(house)
write(Unit, code="H1", name="北京大学第一医院", host=True, address="北京市西城区西什库大街8号", contact="张老师", phone="010-66551122")
completed(house, name="王䶮", unit="150400")
completed(house, name="阿拉坦其其格·巴特尔苏", unit="150500")
completed(house, name="包宝音", unit="150500", papers=False)
completed(house, name="王𠮷", unit="150400")
completed(house, name="斯琴高娃", grade="basic")
for name in ("那仁高娃", "白云"):
    confirmed(house, name=name)
case(house, completed(house, name="赵离", papers=False))
db.close()
"""


@pytest.fixture(scope="module")
def server(demo_folder: Path) -> Iterator[Server]:
    """The demo with some who have passed; its day is after the year's end."""
    with Server(demo_folder, "--demo") as running:
        url = f"sqlite:///{demo_folder / 'demo.sqlite3'}"
        subprocess.run([sys.executable, "-c", FILL, url], check=True, cwd=Path(__file__).parents[2])
        yield running


def download(page: Page, press: Callable[[], None]) -> bytes:
    with page.expect_download() as waiting:
        press()
    return Path(waiting.value.path()).read_bytes()


def test_from_passing_to_the_check_page_and_a_void(sign_in: Callable[..., Page]) -> None:
    page = sign_in("operator")
    page.goto("/certificates/ready")
    expect(page.get_by_text("3 人可以发证")).to_be_visible()
    expect(page.get_by_text("“𠮷”没有字体可印")).to_be_visible()
    page.get_by_role("button", name="发证…").click()
    page.wait_for_url("**/batches/look/*")
    expect(page.get_by_text("编号 2019W0001")).to_be_visible()
    specimen = download(page, lambda: page.get_by_role("button", name="看样张（PDF）").click())
    assert len(pages(specimen)) == 3
    page.get_by_role("button", name="发证 3 人").click()
    page.wait_for_url(re.compile(r"/batches/\d+$"))
    data = download(page, lambda: page.get_by_role("button", name="证书 PDF").click())
    assert "王䶮" in pages(data)[0] and "阿拉坦其其格·巴特尔苏" in "".join(pages(data))

    page.goto("/certificates/")
    page.locator("thead input[type=checkbox]").check()
    assert (
        len(
            pages(
                download(
                    page, lambda: page.locator("[data-rise]").get_by_role("button", name="证书 PDF").click()
                )
            )
        )
        == 3
    )
    page.get_by_role("link", name="2019W0001").click()
    way = page.locator("a[href*='/verify/']").get_attribute("href")
    stranger = page.context.browser.new_context().new_page()
    stranger.goto(way)
    expect(stranger.get_by_text("有效", exact=True)).to_be_visible()
    expect(stranger.get_by_text("王*")).to_be_visible()
    stranger.get_by_role("link", name="查验另一份").click()
    stranger.get_by_label("证书编号").fill("2019w0001")
    code = re.search(r"/([0-9A-Z]{26})$", way)[1]
    stranger.get_by_label("查验码").fill(f"{code[:5]} {code[5:]}".lower())
    stranger.get_by_role("button", name="查验").click()
    expect(stranger.get_by_text("有效", exact=True)).to_be_visible()

    page.get_by_role("button", name="证书作废…").click()
    page.wait_for_url("**/batches/look/*")
    page.get_by_label("事由").fill("姓名印错")
    page.get_by_role("button", name=re.compile("预览")).click()
    page.get_by_role("button", name="提出证书作废 1 人").click()
    page.wait_for_url(re.compile(r"/batches/\d+$"))
    approver = sign_in("approver")
    approver.goto("/requests/")
    matter = approver.locator("section, article, .matter", has_text="证书作废：王䶮").last
    matter.get_by_role("button", name="同意", exact=True).click()
    approver.wait_for_url(re.compile(r"/batches/\d+"))
    stranger.goto(way)
    expect(stranger.get_by_text("已作废", exact=True)).to_be_visible()
    page.goto("/certificates/ready")
    expect(page.get_by_text("1 人可以发证")).to_be_visible()


def test_a_notice_and_a_paper_from_the_persons_page(sign_in: Callable[..., Page], tmp_path: Path) -> None:
    page = sign_in("operator")
    page.goto("/trainees/?name.has=那仁高娃&training_major.empty=1")
    page.locator("tbody tr td a", has_text="那仁高娃").first.click()
    page.get_by_role("link", name="报到通知…").click()
    data = download(page, lambda: page.get_by_role("button", name="打印 1 份（PDF）").click())
    assert "那仁高娃" in "".join(pages(data))
    page.goto("/documents/missing")
    page.get_by_role("link", name="包宝音").click()
    scan = tmp_path / "身份证.pdf"
    scan.write_bytes(b"%PDF-1.4\n")
    page.get_by_label("材料", exact=False).first.select_option(label="考核表")
    page.set_input_files("input[type=file]", scan)
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_text("已登记")).to_be_visible()
    assert download(page, lambda: page.get_by_role("button", name="身份证.pdf").click()) == b"%PDF-1.4\n"


@pytest.mark.pictures
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_for_the_handbook(sign_in: Callable[..., Page], handbook: Path, scheme: str) -> None:
    page = sign_in("operator", color_scheme=scheme)
    tail = "" if scheme == "light" else "-dark"
    page.goto("/documents/missing")
    page.screenshot(path=handbook / f"missing{tail}.png")
    page.get_by_role("link", name="包宝音").click()
    page.screenshot(path=handbook / f"documents{tail}.png")
    page.goto("/certificates/ready")
    page.screenshot(path=handbook / f"ready{tail}.png")
    if page.get_by_role("button", name="发证…").count():
        page.get_by_role("button", name="发证…").click()
        page.wait_for_url("**/batches/look/*")
        page.screenshot(path=handbook / f"certify{tail}.png")
        if tail:
            page.get_by_role("button", name=re.compile(r"发证 \d+ 人")).click()
            page.wait_for_url(re.compile(r"/batches/\d+$"))
    page.goto("/certificates/")
    page.screenshot(path=handbook / f"certificates{tail}.png")
    if page.locator("tbody tr td a").count():
        page.locator("tbody tr td a").first.click()
        way = page.locator("a[href*='/verify/']").get_attribute("href")
        page.screenshot(path=handbook / f"certificate{tail}.png")
        page.get_by_role("link", name="学员档案").first.click()
        page.screenshot(path=handbook / f"person-certified{tail}.png", full_page=True)
        page.goto(way)
        page.screenshot(path=handbook / f"verify{tail}.png")
