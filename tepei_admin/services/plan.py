"""What a verb would do to a set of people, before it is done and while it is done: the same plan.

Planning reads and decides, writes nothing and holds no lock; a command plans again under the lock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from tepei_admin.errors import RuleViolation, Violation

Ids = Iterable[int]


@dataclass(frozen=True)
class Args:
    """What a verb may be told. `reason` of `attest` names the paper."""

    on: dt.date
    reason: str = ""
    approval_no: str = ""
    unit: int | None = None
    track: int | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    """What only some verbs ask, by the names of `asks.ASKS`; dates as ISO text."""

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON, without what was left empty."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        values["on"] = self.on.isoformat()
        values["more"] = dict(self.more)
        return {name: value for name, value in values.items() if value not in (None, "", {})}

    def get(self, name: str) -> Any:
        """An argument by its name, wherever it stands."""
        return self.more[name] if name in self.more else getattr(self, name, None)

    def day(self, name: str) -> dt.date | None:
        """A date among `more`."""
        value = self.more.get(name)
        return dt.date.fromisoformat(value) if value else None

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Args:
        return cls(**{**values, "on": dt.date.fromisoformat(values["on"])})


@dataclass(frozen=True)
class Line:
    """One person of a plan: refused for a reason, or to be given new `values`."""

    id: int
    name: str
    version: int
    refused: Violation | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    note: Violation | None = None

    @property
    def doable(self) -> bool:
        return self.refused is None


@dataclass(frozen=True)
class Plan:
    """A verb on a set: the lines in the order in which places are given."""

    verb: str
    args: Args
    lines: tuple[Line, ...]
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def doable(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.doable)

    @property
    def skipped(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if not line.doable)


@dataclass(frozen=True)
class Outcome:
    """What was done: the batch's number, who, who not and why, what now waits for a second person."""

    batch: int | None
    done: tuple[int, ...] = ()
    skipped: tuple[Line, ...] = ()
    requests: tuple[int, ...] = ()


LONGEST = {"reason": 2000, "approval_no": 64}
"""Characters that are taken: those of a column, or those of a page."""


def sound(args: Args) -> None:
    """Raise for words that no column could hold: too long, or with a NUL in them."""
    wrong = []
    for name, limit in LONGEST.items():
        text = getattr(args, name)
        if len(text) > limit:
            params = {"label": _LABELS[name], "limit": limit, "length": len(text)}
            wrong.append(Violation("record.too_long", name, params))
        elif "\0" in text:
            wrong.append(Violation("record.nul", name, {"label": _LABELS[name]}))
    if wrong:
        raise RuleViolation(wrong)


_LABELS = {"reason": "事由", "approval_no": "批准文号"}


def needs(args: Args, *names: str) -> None:
    """Raise with one violation for each argument that the rule asks for and nobody gave."""
    missing = [Violation(f"verb.{name}_required", name) for name in names if not args.get(name)]
    if missing:
        raise RuleViolation(missing)
