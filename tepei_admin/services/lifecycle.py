"""move(): the one place that assigns a status. Compare-and-set, and a row that tells who, when and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tepei_admin.choices import PlacementState, Status, Verb
from tepei_admin.database import among
from tepei_admin.models import Placement, StatusChange, Trainee
from tepei_admin.rules.quota import FREEING
from tepei_admin.services import record
from tepei_admin.services.plan import Args, Line
from tepei_admin.services.work import in_hand


def move(lines: Sequence[Line], verb: Verb, args: Args) -> None:
    """Give each line's person its new values. Raises `Stale` where a status is no longer what was planned."""
    before = dict(
        Trainee.select(Trainee.id, Trainee.status)
        .where(among(Trainee.id, [line.id for line in lines]))
        .tuples()
    )
    by_status: dict[str, dict[int, Mapping[str, Any]]] = {}
    for line in lines:
        by_status.setdefault(before[line.id], {})[line.id] = line.values
    for status, changes in by_status.items():
        record.update_each(Trainee, changes, expect={"status": status})
    moved = [
        (line.id, before[line.id], line.values["status"])
        for line in lines
        if line.values.get("status", before[line.id]) != before[line.id]
    ]
    _cancel_placements([person for person, _, target in moved if Status(target) in FREEING])
    work = in_hand()
    record.append(
        StatusChange,
        [
            {
                "trainee": person, "verb": verb.value, "from_status": source, "to_status": target, "on": args.on,
                "reason": args.reason, "approval_no": args.approval_no, "by": work.actor.id, "batch_id": work.batch_id,
            }
            for person, source, target in moved
        ],
    )  # fmt: skip


def _cancel_placements(people: Sequence[int]) -> None:
    """An exit before report-in cancels the placement."""
    open_states = (PlacementState.PROPOSED.value, PlacementState.CONFIRMED.value)
    query = Placement.select(Placement.id).where(
        among(Placement.trainee, list(people)), Placement.state.in_(open_states)
    )
    numbers = [row[0] for row in query.tuples()]
    record.update(Placement, numbers, {"state": PlacementState.CANCELLED.value})
