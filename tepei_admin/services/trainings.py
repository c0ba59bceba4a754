"""What a person's year was, over all placements: from when to when, where, what. Batched; reads only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from tepei_admin.choices import PlacementState
from tepei_admin.database import among
from tepei_admin.models import Placement, Trainee, Unit

TRAINED = (PlacementState.REPLACED, PlacementState.CURRENT, PlacementState.ENDED)


@dataclass(frozen=True)
class Training:
    """From the first actual start to the last end, actual or planned; host and major are the last ones."""

    start: dt.date | None
    end: dt.date | None
    host: str
    major: str


def of(people: Iterable[int]) -> dict[int, Training]:
    """The training of each person who has begun one. One query."""
    query = (
        Placement.select(
            Placement.trainee, Placement.state, Placement.actual_start, Placement.planned_start,
            Placement.actual_end, Placement.planned_end, Unit.name, Placement.major, Trainee.training_major,
        )
        .join(Unit, on=(Placement.host == Unit.id))
        .switch(Placement)
        .join(Trainee, on=(Placement.trainee == Trainee.id))
        .where(among(Placement.trainee, list(people)), Placement.state.in_([state.value for state in TRAINED]))
        .order_by(Placement.id)
    )  # fmt: skip
    found: dict[int, Training] = {}
    for person, state, began, planned, ended, until, host, major, wished in query.tuples():
        before = found.get(person)
        if state == PlacementState.REPLACED and began is None:
            continue
        start = before.start if before and before.start else began or planned
        found[person] = Training(start, ended or until, host, major or wished)
    return found
