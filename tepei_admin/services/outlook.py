"""A unit's outlook in a track: its places, how many are taken, and who waits for one. Information, no rule.

Nothing is reserved here; the places are given by `recommend`, under the lock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from peewee import JOIN, SQL, Case, fn

from tepei_admin.choices import Result, Status
from tepei_admin.database import among
from tepei_admin.messages import word
from tepei_admin.models import Batch, BatchRow, Quota, Track, Trainee, Unit, Upload, UploadRow
from tepei_admin.rules.quota import UNIT_TAKING


@dataclass(frozen=True)
class Outlook:
    """`places` None: not allocated. `eligible`: applied, with a result that says so. `new`: in a file, not stored."""

    unit: str
    name: str
    places: int | None
    taken: int
    eligible: int
    new: int = 0

    @property
    def left(self) -> int:
        return max((self.places or 0) - self.taken, 0)

    @property
    def find(self) -> int:
        """How many of those who wait can find a place at most."""
        return min(self.left, self.eligible + self.new)

    @property
    def short(self) -> bool:
        """More wait than there are places."""
        return self.places is not None and self.eligible + self.new > self.left

    @property
    def text(self) -> str:
        if self.places is None:
            return word("outlook.unallocated", waiting=self._waiting)
        params = {"places": self.places, "taken": self.taken, "left": self.left, "find": self.find}
        return word("outlook.places", waiting=self._waiting, **params)

    @property
    def _waiting(self) -> str:
        known = word("outlook.eligible", count=self.eligible)
        return known + word("outlook.new", count=self.new) if self.new else known

    def as_dict(self) -> dict[str, Any]:
        names = ("unit", "name", "places", "taken", "eligible", "new", "find", "text")
        return {name: getattr(self, name) for name in names}


def of_units(track: int, units: Iterable[int], new: Mapping[int, int] | None = None) -> list[Outlook]:
    """The outlook of these units, by code; `new`: how many of a file each would get. One query, whatever the size."""
    numbers = sorted(set(units) | set(new or ()))
    if not numbers:
        return []
    waits = (
        (Trainee.status == Status.APPLIED)
        & (Trainee.eligibility == Result.ELIGIBLE)
        & (Trainee.eligibility_stale == False)  # noqa: E712
    )
    query = (
        Unit.select(
            Unit.id, Unit.code, Unit.name, Quota.places,
            fn.COUNT(Case(None, [(Trainee.status.in_(sorted(UNIT_TAKING)), 1)])),
            fn.COUNT(Case(None, [(waits, 1)])),
        )
        .join(Quota, JOIN.LEFT_OUTER, on=(Quota.unit == Unit.id) & (Quota.track == track))
        .switch(Unit)
        .join(Trainee, JOIN.LEFT_OUTER, on=(Trainee.unit == Unit.id) & (Trainee.track == track))
        .where(among(Unit.id, numbers))
        .group_by(Unit.id, Unit.code, Unit.name, Quota.places)
        .order_by(Unit.code)
    )  # fmt: skip
    counts = new or {}
    return [
        Outlook(code, name, places, taken, eligible, counts.get(number, 0))
        for number, code, name, places, taken, eligible in query.tuples()
    ]


def of_upload(upload: Upload) -> list[tuple[str, list[Outlook]]]:
    """(track's label, outlook of the units) of a table that is being looked at. Two queries, whatever the size."""
    kept = UploadRow.select(UploadRow.places, UploadRow.outcome, fn.COUNT(SQL("*")))
    kept = kept.where(UploadRow.upload == upload.id, UploadRow.outcome.in_(("new", "changed", "same")))
    new: Counter[int] = Counter()
    for places, outcome, count in kept.group_by(UploadRow.places, UploadRow.outcome).tuples():
        if places:
            new[places[0]] += count if outcome == "new" else 0
    return [(upload.track.label, of_units(upload.track_id, new, new))]


def of_batch(batch: Batch) -> list[tuple[str, list[Outlook]]]:
    """(track's label, outlook of the units) of an import that has been stored."""
    if batch.verb != "import":
        return []
    rows = BatchRow.select(BatchRow.object_id).where(BatchRow.batch == batch.id, BatchRow.done)
    query = Trainee.select(Trainee.track, Trainee.unit).distinct().where(Trainee.id.in_(rows))
    units: dict[int, set[int]] = {}
    for track, unit in query.tuples():
        units.setdefault(track, set()).add(unit)
    labels = dict(Track.select(Track.id, Track.label).where(among(Track.id, sorted(units))).tuples())
    return [(labels[track], of_units(track, found)) for track, found in sorted(units.items())]
