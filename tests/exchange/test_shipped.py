"""The shipped templates on the demo: their columns as the notice has them, their figures as pages and commands say."""

from __future__ import annotations

import csv
import io
from collections import Counter

import pytest

from tepei_admin.choices import Status
from tepei_admin.cli import year
from tepei_admin.exchange import export
from tepei_admin.exchange.columns import COLUMNS
from tepei_admin.models import Placement, Trainee
from tepei_admin.services import programmes
from tests.exchange import demo_house

ADMITTED = "序号 姓名 性别 民族 出生年月 工作单位 专业技术职务 培养类别 培养专业 培养单位 批准文号"
HEADERS = {
    "区外学员汇总表": " ".join(column.header for column in COLUMNS),
    "区内学员汇总表": " ".join(column.header for column in COLUMNS),
    "录取名单": ADMITTED,
    "报到名册": f"{ADMITTED} 手机 导师 报到日期",
    "在培情况统计表": f"单位 培养类别 {' '.join(status.label for status in Status)} 合计",
    "学费汇款清单": "序号 培养单位 户名 开户银行 银行账号 姓名 培养类别 金额",
    "生活补贴发放表": "序号 姓名 身份证号 开户银行 银行账号 起止日期 月数 天数 扣减 金额",
    "追缴台账": "序号 姓名 单位 情形 应收 已收 减免 未收",
    "结业证书名册": "序号 证书编号 姓名 性别 民族 身份证号 工作单位 培养类别 培养专业 培养单位 培养起止 考核等次 发证日期",
}


@pytest.fixture(scope="module")
def demo(sqlite_template, tmp_path_factory):
    yield from demo_house.filled(sqlite_template, tmp_path_factory.mktemp("demo"))


@pytest.fixture
def seen(demo):
    return demo_house.again(demo)


@pytest.fixture
def rows(seen):
    def of(name, of_year=2019):
        data = b"".join(export.stream(seen.cli, name, seen.programme(of_year).id, fmt="csv").chunks)
        return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))

    return of


def statuses(*wanted):
    return (
        Trainee.select()
        .join(programmes.Programme)
        .where(programmes.Programme.year == 2019, Trainee.status.in_(wanted))
    )


@pytest.mark.parametrize("name", HEADERS)
def test_the_header_row_is_that_of_the_notice(seen, name):
    data = b"".join(export.stream(seen.cli, name, seen.programme().id, fmt="csv").chunks)
    assert data.decode("utf-8-sig").splitlines()[0].split(",") == HEADERS[name].split()


def test_there_is_no_other_and_the_summary_has_29_columns_and_no_account(seen):
    assert set(export.names()) == set(HEADERS)
    assert len(COLUMNS) == 29 and "银行" not in HEADERS["区外学员汇总表"]


def test_the_two_summaries_have_everybody_once(rows):
    names = [row["身份证号"] for track in ("区外", "区内") for row in rows(f"{track}学员汇总表")]
    assert len(names) == len(set(names)) == statuses(*(status.value for status in Status)).count()


def test_the_admitted_are_those_who_hold_a_place_of_the_track(seen, rows):
    shown = year.overview(seen.cli, programmes.find(2019))
    taken = {"区外": 0, "区内": 0} | Counter(row["培养类别"] for row in rows("录取名单"))
    held = (
        "admitted",
        "notified",
        "training",
        "completed",
        "certified",
        "failed",
        "terminated",
        "disqualified",
    )
    assert sum(taken.values()) == statuses(*held).count() > 50
    told = {track["track"]: track["taken"] for track in shown["tracks"]}
    assert told == {"outside": taken["区外"], "inside": taken["区内"]}


def test_who_is_notified_or_came_is_on_the_list_for_report_in(rows):
    found = rows("报到名册")
    came = [row for row in found if row["报到日期"]]
    assert len(came) == Placement.select().join(Trainee).join(programmes.Programme).where(
        programmes.Programme.year == 2019, Placement.actual_start.is_null(False), Placement.state.in_(("current", "ended"))
    ).count()  # fmt: skip
    assert all(row["培养单位"] for row in found)


def test_the_statistics_add_up_to_the_people_by_status(seen, rows):
    found = rows("在培情况统计表")
    lines = [row for row in found if row["培养类别"]]
    shown = year.overview(seen.cli, programmes.find(2019))["statuses"]
    for status in Status:
        count = statuses(status.value).count()
        told = sum(int(row[status.label]) for row in lines)
        assert told == int(found[-1][status.label]) == count == shown[status.value]
    assert all(int(row["合计"]) == sum(int(row[status.label]) for status in Status) for row in found)
    subtotals = [row for row in found if row["单位"].endswith("小计")]
    assert sum(int(row["合计"]) for row in subtotals) == int(found[-1]["合计"])


def test_the_register_of_the_finished_year_has_every_standing_certificate(rows):
    found = rows("结业证书名册", 2018)
    assert found and all(
        row["培养起止"].count(" 至 ") == 1 and row["考核等次"] and row["发证日期"] for row in found
    )
