"""What a verb may ask of the person at the desk: one list for the look-first page, the command line and the plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tepei_admin.choices import Choice, DocumentKind
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


def _read(ask: Ask, value: Any) -> Any:
    """A value as `Args` keeps it: a date, a number of a row, a text. Raises ValueError."""
    text = "" if value is None else str(value).strip()  # a date of the command line reads as ISO
    if ask.kind == "day":
        day = dt.date.fromisoformat(text) if text else None
        return day if day is None or ask.name in PLAIN else day.isoformat()
    if ask.kind in ("unit", "host", "track"):
        return number_of(text) if text else None
    if ask.kind == "choice" and text and ask.members is not None:
        return ask.members(text).value
    return text
