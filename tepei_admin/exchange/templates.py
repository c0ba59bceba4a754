"""The export templates that a house starts with. They are data: the office edits the rows made of them.

A column is [header, path], or [header, path, "sum" | "group"]: see `totals`. A path leads over foreign keys
(`unit.code`); one that ends at a foreign key gives its label; `placement` is the placement that counts, `completion`
the completion assessment; `a~b` reads as a period; `a|b` takes the first that is filled; `birth_date:month`
says 1985-03. `filter` is in the language of the lists' addresses (`asked`), `order` paths by comma, "-" before one
descending.
"""

from __future__ import annotations

from typing import Any

from tepei_admin.choices import Status
from tepei_admin.exchange.catalogue import TALLY
from tepei_admin.exchange.columns import COLUMNS
from tepei_admin.models import ExportTemplate
from tepei_admin.permissions import Actor
from tepei_admin.rules.quota import TRACK_TAKING
from tepei_admin.services import accounts, setup

_SUMMARY = [
    [column.header, "birth_date:month" if column.field == "birth_date" else column.field]
    for column in COLUMNS
    if column.field
]

_ADMITTED = [
    ["姓名", "name"],
    ["性别", "sex"],
    ["民族", "ethnicity"],
    ["出生年月", "birth_date:month"],
    ["工作单位", "employer"],
    ["专业技术职务", "title"],
    ["培养类别", "track"],
    ["培养专业", "placement.major|training_major"],
    ["培养单位", "placement.host"],
    ["批准文号", "approval_no"],
]
_REPORTING = TRACK_TAKING - {Status.ADMITTED}


def _summary(name: str, track: str) -> dict[str, Any]:
    """附件3 as the units nominated: everybody of the track, whatever became of him or her since."""
    return {
        "name": name, "resource": "trainee", "track_code": track, "columns": _SUMMARY, "filter": "",
        "note": "附件3：各单位推荐的全部人员，不含银行账户",
        "order": "unit.code,unit_rank,pinyin", "numbered": True,
    }  # fmt: skip


TEMPLATES: tuple[dict[str, Any], ...] = (
    _summary("区外学员汇总表", "outside"),
    _summary("区内学员汇总表", "inside"),
    {  # who holds a place of the track (rules.quota)
        "name": "录取名单",
        "resource": "trainee",
        "track_code": "",
        "columns": _ADMITTED,
        "filter": f"status={','.join(sorted(TRACK_TAKING))}",
        "note": "占用类别名额的人员",
        "order": "track.position,unit.code,pinyin",
        "numbered": True,
    },
    {
        "name": "报到名册",
        "resource": "trainee",
        "track_code": "",
        "columns": [
            *_ADMITTED,
            ["手机", "mobile"],
            ["导师", "placement.supervisor"],
            ["报到日期", "placement.actual_start"],
        ],
        "filter": f"status={','.join(status for status in Status if status in _REPORTING)}",
        "note": "已通知报到的和已报到的人员",
        "order": "track.position,placement.host,pinyin",
        "numbered": True,
    },
    {
        "name": "在培情况统计表",
        "resource": TALLY,
        "track_code": "",
        "columns": [
            ["单位", "unit", "group"],
            ["培养类别", "track"],
            *([status.label, f"count:{status.value}", "sum"] for status in Status),
            ["合计", "count", "sum"],
        ],
        "filter": "",
        "note": "每个单位、每个类别各状态的人数",
        "order": "unit.code,track.position",
        "numbered": False,
    },
    {  # what is approved and waits to be paid, by host
        "name": "学费汇款清单",
        "resource": "payment",
        "track_code": "",
        "columns": [
            ["培养单位", "payee", "group"],
            ["户名", "bank_holder"],
            ["开户银行", "bank_name"],
            ["银行账号", "bank_account"],
            ["姓名", "trainee.name"],
            ["培养类别", "trainee.track"],
            ["金额", "amount", "sum"],
        ],
        "filter": "kind=tuition&state=approved,paid&reversed_by.empty=1",
        "note": "按培养单位小计：已核准和已支付的学费和住宿费",
        "order": "payee,trainee.track.position,trainee.pinyin",
        "numbered": True,
    },
    {
        "name": "生活补贴发放表",
        "resource": "payment",
        "track_code": "",
        "columns": [
            ["姓名", "trainee.name"],
            ["身份证号", "trainee.id_number"],
            ["开户银行", "bank_name"],
            ["银行账号", "bank_account"],
            ["起止日期", "lines:period"],
            ["月数", "lines:months"],
            ["天数", "lines:days"],
            ["扣减", "lines:deducted", "sum"],
            ["金额", "amount", "sum"],
        ],
        "filter": "kind=stipend&state=approved,paid&reversed_by.empty=1",
        "note": "已核准和已支付的生活补贴",
        "order": "trainee.track.position,trainee.unit.code,trainee.pinyin",
        "numbered": True,
    },
    {
        "name": "追缴台账",
        "resource": "termination",
        "track_code": "",
        "columns": [
            ["姓名", "trainee.name"],
            ["单位", "trainee.unit"],
            ["情形", "path"],
            ["应收", "id:due", "sum"],
            ["已收", "id:received", "sum"],
            ["减免", "id:remitted", "sum"],
            ["未收", "id:outstanding", "sum"],
        ],
        "filter": "state=decided,settled&path=no_show,left,discipline",
        "note": "已决定追缴的人员",
        "order": "decided_on,id",
        "numbered": True,
    },
    {  # the register for the Ministry; void numbers are no certificates
        "name": "结业证书名册",
        "resource": "certificate",
        "track_code": "",
        "columns": [
            ["证书编号", "number"],
            ["姓名", "trainee.name"],
            ["性别", "trainee.sex"],
            ["民族", "trainee.ethnicity"],
            ["身份证号", "trainee.id_number"],
            ["工作单位", "trainee.employer"],
            ["培养类别", "trainee.track"],
            ["培养专业", "trainee.placement.major|trainee.training_major"],
            ["培养单位", "trainee.placement.host"],
            ["培养起止", "trainee.placement.actual_start~trainee.placement.actual_end"],
            ["考核等次", "trainee.completion.grade"],
            ["发证日期", "issued_on"],
        ],
        "filter": "state=issued",
        "note": "报部里的名册；作废的编号不在内",
        "order": "number",
        "numbered": True,
    },
)


SHIPPED: dict[str, dict[str, Any]] = {
    row["name"]: {"format": "xlsx", "encoding": "utf-8-sig", **row, "shipped": row["name"]}
    for row in TEMPLATES
}
"""Every shipped template by its name, whole: what a house gets, and what 恢复出厂设置 gives back."""


def install(actor: Actor | None = None) -> None:
    """Add what is missing, by name; what the office edited or took away stays so. May join an open command."""
    setup.add_missing(actor or accounts.cli_actor(), ExportTemplate, ("name",), tuple(SHIPPED.values()))
