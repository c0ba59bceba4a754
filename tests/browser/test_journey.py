"""The main job, walked in Chromium on the demo: from signing in to the file for the Ministry."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.exchange.making import HEADER, person, xlsx
from tests.served import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_accounts_that_were_printed_open_the_panel(server: Server, sign_in: Callable[..., Page]) -> None:
    assert any("operator" in line and "demo-2019" in line for line in server.told)
    page = sign_in("operator")
    expect(page.get_by_role("heading", name="工作台")).to_be_visible()
    expect(page.get_by_text("演示数据")).to_be_visible()
    bar = page.locator("table.quotas progress").first.bounding_box()
    assert bar is not None and bar["width"] > 0


def test_from_the_list_to_a_person_and_the_clauses(sign_in: Callable[..., Page]) -> None:
    page = sign_in("operator")
    page.get_by_role("link", name="学员").first.click()
    page.goto("/trainees/?eligibility=ineligible")
    page.locator("tbody tr td a").first.click()
    expect(page.get_by_text("不符合").first).to_be_visible()
    expect(page.get_by_text("基准日 2019年3月30日")).to_be_visible()
    expect(page.get_by_text("二（").first).to_be_visible()
    expect(page.get_by_text("尾号").first).to_be_visible()


def test_a_bulk_recommend_with_a_full_unit_in_it(sign_in: Callable[..., Page]) -> None:
    page = sign_in("operator")
    page.goto("/trainees/?status=applied&eligibility=eligible")
    page.locator("thead input[type=checkbox]").check()
    expect(page.locator("[data-rise]")).to_contain_text("已选本页")
    page.locator("[data-rise]").get_by_role("button", name="推荐").click()
    page.wait_for_url("**/batches/look/*")
    expect(page.get_by_text("可执行").first).to_be_visible()
    expect(page.get_by_text("名额已满").first).to_be_visible()
    page.get_by_role("button", name="推荐").click()
    page.wait_for_url("**/batches/*")
    expect(page.get_by_text("名额已满").first).to_be_visible()
    expect(page.get_by_text("撤销").first).to_be_visible()


def test_a_leagues_table_is_looked_at_stored_and_undone(sign_in: Callable[..., Page], tmp_path: Path) -> None:
    page = sign_in("operator")
    table = tmp_path / "赤峰市汇总表.xlsx"
    rows = [person(801, 姓名="那仁 高娃"), person(802), person(803, 身份证号="150102850315991")]
    table.write_bytes(xlsx([["单位（盖章）：赤峰市人力资源和社会保障局"], HEADER, *rows]))
    page.goto("/import/")
    page.set_input_files("input[type=file]", table)
    page.get_by_label("培养类别").select_option(label="区外")
    page.locator("main form button.main").click()
    page.wait_for_url("**/import/*")
    expect(page.get_by_text("18 位").first).to_be_visible()
    expect(page.get_by_text("那仁高娃").first).to_be_visible()
    page.get_by_role("button", name="只保存没有错误的").click()
    page.wait_for_url("**/batches/*")
    expect(page.get_by_text("那仁高娃").first).to_be_visible()
    page.get_by_role("link", name="撤销").first.click()
    page.wait_for_url("**/undo")
    page.locator("main form button").first.click()
    page.wait_for_url("**/batches/*")
    page.goto("/trainees/?search=那仁高娃&employer.empty=1")
    expect(page.locator("tbody tr td a", has_text="那仁高娃")).to_have_count(0)


@pytest.mark.parametrize("fmt", ["CSV", "XLSX"])
def test_the_list_goes_out_as_it_stands(sign_in: Callable[..., Page], fmt: str) -> None:
    page = sign_in("operator")
    page.goto("/trainees/?status=admitted")
    page.get_by_text("导出 ▾").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name=fmt).first.click()
    data = Path(waiting.value.path()).read_bytes()
    assert waiting.value.suggested_filename.startswith("学员")
    if fmt == "CSV":
        assert data.startswith(b"\xef\xbb\xbf") and "已录取" in data.decode("utf-8-sig")
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(data)).active
        assert sheet.max_row > 10
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


@pytest.mark.parametrize("username", ["viewer", "clerk", "operator", "approver", "admin"])
def test_every_page_of_the_menu_opens_without_a_complaint(
    sign_in: Callable[..., Page], username: str
) -> None:
    page = sign_in(username)
    addresses = page.eval_on_selector_all("nav a", "links => links.map(link => link.getAttribute('href'))")
    assert len(addresses) > 10
    for address in dict.fromkeys(addresses):
        if address.startswith("/"):
            answer = page.goto(address)
            assert answer is not None and answer.status == 200, address
            page.go_back()


def test_a_second_person_decides(sign_in: Callable[..., Page]) -> None:
    operator, approver = sign_in("operator"), sign_in("approver")
    operator.goto("/requests/")
    expect(operator.get_by_role("button", name="不同意")).to_have_count(0)
    approver.goto("/requests/")
    refuse = approver.get_by_role("button", name="不同意")
    before = refuse.count()
    refuse.first.click()
    approver.wait_for_load_state()
    approver.goto("/requests/")
    expect(refuse).to_have_count(before - 1)


@pytest.mark.pictures
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_for_the_handbook(sign_in: Callable[..., Page], handbook: Path, scheme: str) -> None:
    page = sign_in("operator", color_scheme=scheme)
    tail = "" if scheme == "light" else "-dark"
    for name, address in (
        ("home", "/"),
        ("trainees", "/trainees/"),
        ("requests", "/requests/"),
        ("import", "/import/"),
    ):
        page.goto(address)
        if name == "trainees":
            for row in range(3):
                page.locator("td.tick input").nth(row).check()
        page.screenshot(path=handbook / f"{name}{tail}.png")
    page.goto("/trainees/?status=admitted")
    page.locator("tbody tr td a").first.click()
    page.screenshot(path=handbook / f"person{tail}.png")
