"""What all matters of two persons share: who may decide, what was shown, one row of the list."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tepei_admin.choices import Switch
from tepei_admin.errors import RuleViolation, Stale, Violation
from tepei_admin.models import Programme
from tepei_admin.permissions import Actor
from tepei_admin.schema import Record
from tepei_admin.services.plan import Outcome
from tepei_admin.services.work import in_hand


@dataclass(frozen=True)
class Decision:
    """Yes or no, by whom, with which words. `solo`: one person did both, under the setting of that name."""

    actor: Actor
    yes: bool
    reason: str
    solo: bool
    more: Mapping[str, str] = field(default_factory=dict)
    """What this kind of matter asks of the decider: a decision number, a date."""

    def columns(self) -> dict[str, Any]:
        """What every matter records of its decision."""
        return {"decided_by": self.actor.id, "decided_at": in_hand().at, "solo": self.solo}


@dataclass(frozen=True)
class Matter:
    """A kind of thing that waits for a second person.

    `open`: the states in which it waits. `text`: its line in 待核准 (rows come with trainee and opener).
    `decide`: does it, or refuses and leaves it open.
    `page`: the list where such a matter has a page of its own. `shown`: the figures before the decider's eyes, (words, fen) line by line. `asks`: what the decider is asked for.
    """

    kind: str
    model: type[Record]
    open: frozenset[str]
    text: Callable[[Any], str]
    decide: Callable[[Any, Decision], Outcome]
    shown: Callable[[Any], Sequence[tuple[str, int]]] | None = None
    asks: Callable[[Any], Mapping[str, str]] | None = None
    page: str = ""


@dataclass(frozen=True)
class Waiting:
    """A row of 待核准. `ref` is "request-3", "waiver-12", "payment-7" or "termination-2"."""

    ref: str
    text: str
    reason: str
    trainee: int
    opened_by: str
    opened_by_id: int
    opened_at: dt.datetime
    shown: Sequence[tuple[str, int]] = ()
    asks: Mapping[str, str] = field(default_factory=dict)
    url: str = ""


def solo(actor: Actor, row: Any) -> bool:
    """Refuse the opener; under the setting `solo` (一人办理) let it pass, marked. True where it is marked."""
    if row.opened_by_id != actor.id:
        return False
    setting = Programme.select(Programme.solo).where(Programme.id == row.trainee.programme_id)
    if setting.tuples().first()[0] != Switch.ON:
        raise RuleViolation(Violation("access.same_person"))
    return True


def digest(values: Mapping[str, Any], version: int = 0) -> str:
    """The fingerprint of what was shown to whoever opens and decides."""
    shown = json.dumps([dict(values), version], ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(shown.encode()).hexdigest()


def unchanged(kept: str, values: Mapping[str, Any], version: int, name: str) -> None:
    """Raise `Stale` where what would be decided now is not what was shown."""
    if kept != digest(values, version):
        raise Stale(Violation("request.changed_since", params={"name": name}))
