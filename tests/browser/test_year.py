"""A whole year of a few people of each track by bulk actions, in Chromium by two people; every figure to the fen."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tepei_admin.models import Unit
from tepei_admin.services import crud
from tests.browser.desk import Desk
from tests.exchange.documents.reading import pages
from tests.served import Server, filled

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PEOPLE = {"outside": ("王䶮", "阿拉坦其其格·巴特尔苏"), "inside": ("苏和", "敖敏")}
BANK = {"bank_name": "农业银行赤峰分行", "bank_account": "6228480011112222333"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Two admitted people of each track, and a host for each with its account."""
    folder = tmp_path_factory.mktemp("year")
    with filled(folder) as house:
        for track, names in PEOPLE.items():
            for name in names:
                house.admitted(name=name, track=track, **BANK)
        for host in (house.host(), house.inside_host()):
            values = {"bank_name": "工商银行", "bank_account": "0200004509014432888"}
            crud.edit(house.cli, Unit, host.id, None, values)
    with Server(folder) as running:
        yield running


def of(track: str, status: str) -> str:
    """The list of a track's people in a status."""
    return f"/trainees/?status={status}&track={ {'outside': 1, 'inside': 2}[track] }"


def begin(desk: Desk) -> None:
    """Host, confirmation, notice, receipt and report-in, each for a whole track at once."""
    bar = desk.tick("/trainees/?status=admitted")
    bar.get_by_role("button", name="拟定培养单位…").click()
    desk.look(host="#1", planned_start="2019-09-01")
    desk.see("2 可执行", "“清华大学”不在自治区内，区内学员须在自治区内培养（三）")
    for track, host in (("outside", "#1"), ("inside", "#2")):
        desk.bulk(
            of(track, "admitted"),
            "拟定培养单位",
            2,
            host=host,
            planned_start="2019-09-01",
            major="课程与教学论",
        )
    desk.bulk("/trainees/?status=admitted", "落实培养单位", 4, on="2019-06-20")
    desk.bulk("/trainees/?status=admitted", "通知报到", 4, on="2019-07-03")
    desk.bulk("/trainees/?status=notified", "登记收到通知", 4, on="2019-07-09")
    desk.bulk(of("outside", "notified"), "报到", 2, on="2019-09-01")
    desk.bulk(of("inside", "notified"), "报到", 2, on="2019-09-16")


def grade(desk: Desk, host: str) -> None:
    """A host's group on one page."""
    desk.page.goto("/assessments/group")
    desk.page.locator("select[name=host]").select_option(label=host)
    desk.page.get_by_role("button", name="查看").click()
    rows = desk.page.locator("table.entry tbody tr")
    expect(rows).to_have_count(2)
    for number, value in enumerate(("excellent", "pass")):
        rows.nth(number).locator("select").select_option(value)
    desk.page.locator("form input[type=date]").last.fill("2020-08-20")
    desk.page.get_by_role("button", name="全部保存").click()
    desk.page.wait_for_url("**/batches/*")


def sheet(desk: Desk, template: str) -> list[list[str]]:
    """A file of the exports' page, line by line."""
    desk.page.goto("/exports/")
    desk.fill(format="csv")
    data = desk.download(lambda: desk.page.get_by_role("button", name=f"导出{template}").click())
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def test_a_year_from_the_host_to_the_certificate(sign_in: Callable[..., Page]) -> None:
    operator, approver = Desk(sign_in("operator")), Desk(sign_in("approver"))
    begin(operator)

    operator.propose("学费", 4, "98,000.00", "小计 66,000.00", "小计 32,000.00")
    approver.bulk("/payments/?state=draft", "核准", 4, "笔")
    operator.pay(count=4, on="2019-09-20", voucher="付-1")

    operator.bulk(
        of("inside", "training"), "登记请假", 1, names=("敖敏",), leave_state="granted", starts="2020-03-02",
        ends="2020-03-21", host_approval="研究生院", on="2020-02-28",
    )  # fmt: skip
    for host in ("清华大学（2 人）", "内蒙古大学（2 人）"):
        grade(operator, host)
    operator.bulk("/trainees/?status=training", "结业考核", 4, on="2020-09-01")

    # Full year outside; inside 11 months and 16 days, with 20 days' leave taken off for one (九（一）).
    operator.propose("生活补贴", 4, "7,200.00", "4,613.33", "4,346.66", "23,359.99", "满 11 个月", "16 天")
    approver.bulk("/payments/?state=draft", "核准", 4, "笔")
    operator.pay(count=4, on="2020-09-20", voucher="付-2")

    operator.page.goto("/payments/totals")
    operator.see("98,000.00", "23,359.99", "121,359.99", "14,400.00", "8,959.99", "66,000.00", "32,000.00")
    operator.see("2,440,000.00")  # the whole programme's check figure stands beside

    operator.page.goto("/certificates/ready")
    operator.see("4 人可以发证")
    operator.page.get_by_role("button", name="发证…").click()
    operator.look(on="2020-09-25")
    operator.see("编号 2019W0001", "编号 2019W0002", "编号 2019N0001", "编号 2019N0002")
    operator.confirm("发证 4 人")
    paper = pages(operator.download(lambda: operator.page.get_by_role("button", name="证书 PDF").click()))
    assert len(paper) == 4
    for name in (*PEOPLE["outside"], *PEOPLE["inside"]):
        assert sum(name in page for page in paper) == 1


@pytest.mark.parametrize(
    ("template", "sums"),
    [("学费汇款清单", ("66000.00", "32000.00", "98000.00")), ("生活补贴发放表", ("4346.66", "23359.99"))],
)
def test_the_files_say_what_the_pages_say(
    sign_in: Callable[..., Page], template: str, sums: tuple[str, ...]
) -> None:
    lines = sheet(Desk(sign_in("operator")), template)
    cells = {cell.replace(",", "") for line in lines for cell in line}
    assert set(sums) <= cells
