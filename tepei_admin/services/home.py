"""What the front page counts: a few grouped queries, however many people there are. Reads only."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from peewee import SQL, fn

from tepei_admin.choices import PaymentState, PlacementState, Result, Status
from tepei_admin.database import rows
from tepei_admin.models import Payment, Placement, Programme, Quota, Track, Trainee, Unit
from tepei_admin.permissions import Actor
from tepei_admin.rules.quota import TRACK_TAKING, UNIT_TAKING
from tepei_admin.schema import Record
from tepei_admin.services import programmes, requests
from tepei_admin.services.scope import scope

MANY = 1000
"""A badge counts up to here."""

_BEYOND_TRAINING = {Status.FAILED, Status.TERMINATED, Status.DISQUALIFIED}
GOT_TO: dict[Status, frozenset[Status]] = {
    Status.APPLIED: frozenset(Status),
    Status.RECOMMENDED: UNIT_TAKING | {Status.NO_SHOW},
    Status.ADMITTED: TRACK_TAKING | {Status.NO_SHOW},
    Status.NOTIFIED: TRACK_TAKING - {Status.ADMITTED} | {Status.NO_SHOW},
    Status.TRAINING: frozenset({Status.TRAINING, Status.COMPLETED, Status.CERTIFIED} | _BEYOND_TRAINING),
    Status.COMPLETED: frozenset({Status.COMPLETED, Status.CERTIFIED}),
    Status.CERTIFIED: frozenset({Status.CERTIFIED}),
}
"""Who has been at a step of the road, as far as the present status tells (withdrawn and rejected do not)."""


@dataclass(frozen=True)
class Group:
    """So many people of one kind. `signed`: a unit's attestation is on record."""

    track: int
    unit: int
    status: Status
    eligibility: str
    stale: bool
    signed: bool
    count: int


@dataclass(frozen=True)
class UnitQuota:
    track: int
    unit: int
    name: str
    places: int | None


@dataclass(frozen=True)
class Overview:
    """One programme as an actor sees it."""

    programme: Programme
    tracks: list[Track]
    groups: list[Group]
    quotas: list[UnitQuota]
    sums: dict[tuple[str, str], int]
    unplaced: list[int]
    waiting: int
    over: dict[tuple[int, int], int] = field(default_factory=dict)
    """People who hold a place by 特批, by track and unit; asked for where a unit is beyond its quota."""

    def people(self, test: Callable[[Group], bool]) -> int:
        return sum(group.count for group in self.groups if test(group))

    def taken(self, track: int, unit: int) -> int:
        """Places of the unit's quota in use: from `recommended` on."""
        return self.people(lambda g: (g.track, g.unit) == (track, unit) and g.status in UNIT_TAKING)

    def eligible_waiting(self, track: int, unit: int) -> int:
        return self.people(lambda g: (g.track, g.unit) == (track, unit) and may_be_recommended(g))

    def money(self, kind: str) -> tuple[int, int]:
        """(approved, paid) in fen; what is paid was approved before."""
        paid = self.sums.get((kind, PaymentState.PAID), 0)
        return paid + self.sums.get((kind, PaymentState.APPROVED), 0), paid


def may_be_recommended(group: Group) -> bool:
    return group.status == Status.APPLIED and group.eligibility == Result.ELIGIBLE


def overview(actor: Actor, programme: int) -> Overview:
    """Everything the front page shows. The number of queries does not depend on that of people."""
    found = Overview(
        programme=Programme.get_by_id(programme),
        tracks=programmes.tracks_of(programme),
        groups=_groups(actor, programme),
        quotas=_quotas(actor, programme),
        sums=_sums(actor, programme),
        unplaced=_unplaced(actor, programme),
        waiting=waiting(actor),
    )
    beyond = any(
        quota.places is not None and found.taken(quota.track, quota.unit) > quota.places
        for quota in found.quotas
    )
    return replace(found, over=_over(actor, programme)) if beyond else found


def _within(actor: Actor, model: type[Record], *conditions: Any) -> list[Any]:
    allowed = scope(actor, model)
    return [*conditions] if allowed is None else [*conditions, allowed]


def _groups(actor: Actor, programme: int) -> list[Group]:
    t = Trainee
    keys = (t.track, t.unit, t.status, t.eligibility, t.eligibility_stale, t.attested_signed.is_null(False))
    query = (
        t.select(*keys, fn.COUNT(SQL("*")))
        .where(*_within(actor, t, t.programme == programme))
        .group_by(*keys)
    )
    return [
        Group(track, unit, Status(status), result, bool(stale), bool(signed), count)
        for track, unit, status, result, stale, signed, count in rows(query)
    ]


def _quotas(actor: Actor, programme: int) -> list[UnitQuota]:
    query = (
        Quota.select(Quota.track, Quota.unit, Unit.name, Quota.places)
        .join(Unit, on=(Quota.unit == Unit.id))
        .switch(Quota)
        .join(Track, on=(Quota.track == Track.id))
        .where(*_within(actor, Quota, Track.programme == programme))
        .order_by(Unit.code, Track.position)
    )
    return [UnitQuota(*row) for row in rows(query)]


def _over(actor: Actor, programme: int) -> dict[tuple[int, int], int]:
    t = Trainee
    conditions = (t.programme == programme, t.over_quota, t.status.in_(sorted(UNIT_TAKING)))
    query = t.select(t.track, t.unit, fn.COUNT(SQL("*"))).where(*_within(actor, t, *conditions))
    return {(track, unit): count for track, unit, count in rows(query.group_by(t.track, t.unit))}


def _sums(actor: Actor, programme: int) -> dict[tuple[str, str], int]:
    """{(kind, state): fen}, without what was reversed."""
    conditions = _within(actor, Payment, Payment.programme == programme, Payment.reversed_by.is_null())
    query = Payment.select(Payment.kind, Payment.state, fn.SUM(Payment.amount)).where(*conditions)
    return {
        (kind, state): int(total) for kind, state, total in rows(query.group_by(Payment.kind, Payment.state))
    }


def _unplaced(actor: Actor, programme: int) -> list[int]:
    """Who is admitted and has no confirmed placement; no more than there are places."""
    ready = (PlacementState.CONFIRMED.value, PlacementState.CURRENT.value)
    placed = Placement.select(Placement.trainee).where(Placement.state.in_(ready))
    conditions = (
        Trainee.programme == programme,
        Trainee.status == Status.ADMITTED.value,
        Trainee.id.not_in(placed),
    )
    query = Trainee.select(Trainee.id).where(*_within(actor, Trainee, *conditions)).order_by(Trainee.id)
    return [row[0] for row in rows(query)]


def waiting(actor: Actor) -> int:
    """How many matters wait for a second person. One query."""
    parts = [
        matter.model.select(fn.COUNT(SQL("*"))).where(
            *_within(actor, matter.model, matter.model.state.in_(sorted(matter.open)))
        )
        for matter in requests.MATTERS.values()
    ]
    return sum(row[0] for row in rows(functools.reduce(lambda one, other: one.union_all(other), parts)))


def undecided(actor: Actor, programme: int) -> int:
    """How many applicants have no result, or a pending one; up to `MANY`. One query."""
    t = Trainee
    conditions = (
        t.programme == programme,
        t.status == Status.APPLIED.value,
        t.eligibility.in_(["", Result.PENDING.value]),
    )
    inner = t.select(t.id).where(*_within(actor, t, *conditions)).limit(MANY).alias("bounded")
    return rows(t.select(fn.COUNT(SQL("*"))).from_(inner))[0][0]
