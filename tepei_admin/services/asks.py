"""What a verb may ask of the person at the desk: one list for the look-first page, the command line and the plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tepei_admin.choices import AssessmentKind, Choice, DocumentKind, Grade, LeaveAnswer
from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.services import clock
from tepei_admin.services.plan import Args
from tepei_admin.services.scope import number_of

Kind = Literal["day", "line", "block", "unit", "host", "track", "choice"]


@dataclass(frozen=True)
class Ask:
    """One argument. `limit`: characters that its column holds. `members`: the values of a choice."""

    name: str
    label: str
    kind: Kind = "line"
    limit: int = 255
    members: type[Choice] | None = None


ASKS: dict[str, Ask] = {
    ask.name: ask
    for ask in (
        Ask("on", "日期", "day"),
        Ask("reason", "事由", "block", 2000),
        Ask("approval_no", "批准文号", limit=64),
        Ask("unit", "调整到单位", "unit"),
        Ask("track", "调整到类别", "track"),
        # 培养
        Ask("host", "培养单位", "host"),
        Ask("major", "培养专业", limit=128),
        Ask("supervisor", "导师", limit=64),
        Ask("supervisor_title", "导师职称", limit=64),
        Ask("planned_start", "计划开始日期", "day"),
        Ask("changed_on", "到新单位（或改专业）日期", "day"),
        Ask("actual_end", "实际结束日期", "day"),
        Ask("leave_state", "培养单位意见", "choice", members=LeaveAnswer),
        Ask("starts", "开始日期", "day"),
        Ask("ends", "结束日期", "day"),
        Ask("host_approval", "培养单位批准人或文件", limit=128),
        Ask("leave_reason", "请假事由", "block", 2000),
        Ask("assessment", "考核类别", "choice", members=AssessmentKind),
        Ask("grade", "等次", "choice", members=Grade),
        Ask("opinion", "鉴定意见", "block", 2000),
        Ask("voucher", "凭证号", limit=64),
        Ask("document", "材料", "choice", members=DocumentKind),
        Ask("archived_to", "归入"),
    )
}
PLAIN = ("on", "reason", "approval_no", "unit", "track")
"""The arguments that `Args` has as its own; the others stand in `Args.more`."""


def args_of(values: Mapping[str, Any], asked: Iterable[str] = ASKS) -> Args:
    """Arguments from a form or a kept proposal. Raises `RuleViolation` for a date or a choice that is none."""
    wrong: list[Violation] = []
    read: dict[str, Any] = {}
    for name in asked:
        try:
            read[name] = _read(ASKS[name], values.get(name))
        except ValueError:
            code = "record.not_date" if ASKS[name].kind == "day" else "record.not_choice"
            wrong.append(
                Violation(code, name, {"label": ASKS[name].label, "value": str(values.get(name))[:40]})
            )
            continue
        if name not in PLAIN and (problem := _unfit(ASKS[name], read[name])):
            wrong.append(problem)
    if wrong:
        raise RuleViolation(wrong)
    more = {name: value for name, value in read.items() if name not in PLAIN and value not in (None, "")}
    return Args(
        on=read.get("on") or clock.today(),
        reason=read.get("reason") or "",
        approval_no=read.get("approval_no") or "",
        unit=read.get("unit"),
        track=read.get("track"),
        more=more,
    )


def _unfit(ask: Ask, value: Any) -> Violation | None:
    """Words that no column could hold (`plan.sound` looks after the plain arguments)."""
    if not isinstance(value, str):
        return None
    if len(value) > ask.limit:
        params = {"label": ask.label, "limit": ask.limit, "length": len(value)}
        return Violation("record.too_long", ask.name, params)
    return Violation("record.nul", ask.name, {"label": ask.label}) if "\0" in value else None


def _read(ask: Ask, value: Any) -> Any:
    """A value as `Args` keeps it: a date, a number of a row, a text. Raises ValueError."""
    text = "" if value is None else str(value).strip()  # a date of the command line reads as ISO
    if ask.kind == "day":
        day = dt.date.fromisoformat(text) if text else None
        return day if day is None or ask.name in PLAIN else day.isoformat()
    if ask.kind in ("unit", "host", "track"):
        return number_of(text) if text else None
    if ask.kind == "choice" and text and ask.members is not None:
        by_label = {member.label: member.value for member in ask.members}
        return by_label.get(text) or ask.members(text).value
    return text
