"""Places of units and tracks (一（二）, 四（二）), counted as they are taken: pure arithmetic, no lock."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from tepei_admin.choices import Status
from tepei_admin.errors import Violation

Key = TypeVar("Key", bound=Hashable)

# A place is given back only by leaving before report-in; an end during training frees nothing.
FREEING = frozenset({Status.REJECTED, Status.WITHDRAWN, Status.NO_SHOW})
UNIT_TAKING = frozenset(Status) - FREEING - {Status.APPLIED}
TRACK_TAKING = UNIT_TAKING - {Status.RECOMMENDED}


@dataclass(frozen=True)
class Places:
    """The places of one unit in one track, or of one track as a whole (`unit` empty).

    `limit` None: not allocated yet, so none may be taken. `unit` and `track` are labels for the refusal.
    """

    limit: int | None
    taken: int = 0
    unit: str = ""
    track: str = ""

    @property
    def left(self) -> int:
        return 0 if self.limit is None else max(self.limit - self.taken, 0)

    @property
    def full(self) -> bool:
        """Not one more can be taken."""
        return self.left == 0

    def refusal(self, over: bool = False) -> Violation | None:
        """Why one more cannot be taken; None if it can. `over`: a waiver of the full quota is on record."""
        if self.limit is None:
            # A waiver is of a full quota; where nothing is allocated there is nothing to go over.
            params = {"unit": self.unit, "track": self.track}
            return Violation("quota.unallocated", params=params)
        if over or not self.full:
            return None
        counts = {"taken": self.taken, "places": self.limit}
        if self.unit:
            return Violation("quota.full", params=counts)
        return Violation("track.full", params={"track": self.track, **counts})


class Ledger(Generic[Key]):
    """Places by key, counted down while a plan goes through its people in order.

    Every key that will be asked for must be given, unallocated ones too (`Places(None, ...)`).
    """

    def __init__(self, places: Mapping[Key, Places]) -> None:
        self._places = dict(places)

    def __getitem__(self, key: Key) -> Places:
        return self._places[key]

    def take(self, key: Key, over: bool = False) -> Violation | None:
        """Take one place, or say why not. With a waiver (`over`) a full quota lets pass, counted too."""
        refusal = self._places[key].refusal(over)
        if refusal is None:
            self._count(key, 1)
        return refusal

    def give_back(self, key: Key) -> None:
        """One place is free again, as when somebody is transferred away."""
        self._count(key, -1)

    def _count(self, key: Key, change: int) -> None:
        now = self._places[key]
        self._places[key] = replace(now, taken=max(now.taken + change, 0))
