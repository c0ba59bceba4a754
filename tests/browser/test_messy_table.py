"""A messy league table walked through the import's pages in Chromium: named, put right, stored, undone."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk
from tests.browser.messy import league_table
from tests.exchange.making import id_number

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Shoot = Callable[[str], None]


def hand_in(page: Page, table: Path) -> None:
    page.goto("/import/")
    page.set_input_files("input[type=file]", table)
    page.get_by_label("培养类别").select_option(label="区外")
    page.get_by_role("button", name="核对文件").click()
    page.wait_for_url("**/import/*")


def walk(page: Page, table: Path, shoot: Shoot, strange: str = "公民证件编码") -> None:
    """From the file to the batch, and back."""
    desk = Desk(page)
    hand_in(page, table)
    desk.see("没有认出必需的列：身份证号")
    shoot("columns")
    page.get_by_label(strange).select_option(label="身份证号")
    page.get_by_role("button", name="按此重新核对").click()
    desk.see("有 5 行错误", "那仁高娃", "经办人指明")
    shoot("preview")

    page.get_by_role("link", name="错误 5").click()
    page.get_by_label("第 8 行 身份证号 改为").fill(id_number(904))
    page.get_by_label("第 9 行 民族 改为").fill("达斡尔族")
    page.locator("#r13 + tr").get_by_label("不导入此行").check()
    shoot("mending")
    page.get_by_role("button", name="保存改正并重新核对").click()
    desk.see("已改正 2 处，已改 1 行的勾选，并重新核对", "有 1 行错误")

    page.get_by_role("link", name="全部", exact=False).first.click()
    desk.see("只保存没有错误的", "身份证号已由“尾号 5991”改正为")
    page.get_by_role("link", name="问题清单").click()
    desk.see("被 Excel 存成数值")
    shoot("messages")
    page.get_by_role("link", name="返回核对").click()

    errors = desk.download(lambda: page.get_by_role("button", name="下载错误行").click())
    sheet = openpyxl.load_workbook(io.BytesIO(errors)).active
    assert [cell.value for cell in sheet[sheet.max_row]][1] == "王伟"

    page.locator("#r10").get_by_role("link", name="改正").click()
    page.get_by_label("身份证号", exact=True).fill(id_number(906))
    shoot("row")
    page.get_by_role("button", name="保存改正并重新核对").click()
    expect(page.get_by_text("行错误")).to_have_count(0)
    page.locator("#r11 + tr").get_by_label("导入此隐藏行").check()
    page.get_by_role("button", name="保存改正并重新核对").click()
    shoot("ready")

    page.get_by_role("button", name="全部保存（7 人）").click()
    page.wait_for_url("**/batches/*")
    desk.see("那仁高娃", "改正 3 处", "SHA-256", "经办人选择不导入此行")
    shoot("batch")
    page.get_by_role("link", name="撤销…").click()
    page.wait_for_url("**/undo")
    shoot("undo")
    page.locator("main form button").first.click()
    page.wait_for_url("**/batches/*")
    page.goto("/trainees/?search=那仁高娃&employer=赤峰学院")
    expect(page.locator("tbody tr td a", has_text="那仁高娃")).to_have_count(0)


def test_a_messy_table_is_put_right_on_the_page_stored_and_undone(
    sign_in: Callable[..., Page], tmp_path: Path
) -> None:
    walk(sign_in("operator"), league_table(tmp_path / "赤峰市汇总表.xlsx"), lambda _: None)


def test_what_was_said_of_a_column_is_remembered_for_the_next_table_of_that_unit(
    sign_in: Callable[..., Page], tmp_path: Path
) -> None:
    page = sign_in("operator")
    hand_in(page, league_table(tmp_path / "赤峰市再报.xlsx"))
    Desk(page).see("按上次为赤峰市指明的列识别", "公民证件编码→身份证号")
    page.locator(".noted").get_by_role("button", name="恢复自动识别").click()
    Desk(page).see("列的对应已恢复为自动识别", "没有认出必需的列：身份证号")


def test_the_pages_work_without_scripts(sign_in: Callable[..., Page], tmp_path: Path) -> None:
    page = sign_in("operator", java_script_enabled=False)
    walk(page, league_table(tmp_path / "赤峰市无脚本.xlsx", "证件代码"), lambda _: None, "证件代码")


@pytest.mark.pictures
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_of_the_import(
    sign_in: Callable[..., Page], tmp_path: Path, handbook: Path, scheme: str
) -> None:
    page = sign_in("operator", color_scheme=scheme)
    tail, strange = ("", "公民证件编码") if scheme == "light" else ("-dark", "公民证件代码")
    walk(
        page,
        league_table(tmp_path / "赤峰市汇总表.xlsx", strange),
        lambda name: page.screenshot(path=handbook / f"import-{name}{tail}.png"),
        strange,
    )
