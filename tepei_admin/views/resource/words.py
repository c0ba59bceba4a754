"""How values look in the office: 2019年3月30日, ¥33,000.00, 尾号 9813. Takes raw database values of both databases."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tepei_admin.choices import Verb
from tepei_admin.exchange.masking import tail as tail  # one mask for pages and files
from tepei_admin.services.conditions import (
    day_parts as day_parts,  # one reading of dates in addresses and forms
)
from tepei_admin.services.verbs import SPECS
from tepei_admin.services.work import OFFICE

OWN = {
    "import": "导入",
    "past_load": "导入往年学员",
    "undo": "撤销批次",
    "edit": "修改",
    "check": "核查资格",
    "decide_leave": "请假答复",
    "return_leave": "销假",
}
"""Batches that are no verb of the registry."""


def verb(name: str) -> str:
    """What a batch did, in a word: 推荐."""
    return SPECS[name].label if name in SPECS else OWN.get(name) or Verb.label_of(name)


def partial_day(value: Any) -> str:
    """'2019-03-30', '2019-03' or '2019', and dates."""
    if not value:
        return ""
    year, *rest = str(value)[:10].split("-")
    return f"{year}年" + "".join(f"{int(part)}{unit}" for part, unit in zip(rest, "月日", strict=False))


def moment(value: Any) -> str:
    """A stamp (UTC) in the office's time."""
    if not value:
        return ""
    stamp = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    local = stamp.replace(tzinfo=dt.UTC).astimezone(OFFICE)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def yuan(fen: Any) -> str:
    """1234567 -> 12,345.67"""
    if fen is None:
        return ""
    sign, rest = ("-" if fen < 0 else ""), abs(int(fen))
    return f"{sign}{rest // 100:,}.{rest % 100:02d}"


def yes_no(value: Any) -> str:
    return "" if value is None else "是" if value else "否"
