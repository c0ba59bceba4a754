"""Where people are placed, as the verbs look at it: placements, hosts, tracks, and what hinders a step. Reads only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tepei_admin.choices import HostRegion, PlacementState, Status
from tepei_admin.database import among
from tepei_admin.errors import Violation
from tepei_admin.models import Placement, Programme, Region, Track, Unit
from tepei_admin.permissions import Actor
from tepei_admin.services.people import Person, chosen
from tepei_admin.services.plan import Ids

OPEN = (PlacementState.PROPOSED, PlacementState.CONFIRMED, PlacementState.CURRENT)
OWN_REGION = "15"
"""How the codes of the autonomous region's places start (GB/T 2260)."""

STATUSES: Mapping[str, frozenset[Status]] = {
    "assign_host": frozenset({Status.ADMITTED}),
    "confirm_placement": frozenset({Status.ADMITTED}),
    "receive_notice": frozenset({Status.NOTIFIED}),
    "change_host": frozenset({Status.ADMITTED, Status.NOTIFIED, Status.TRAINING}),
}
"""Where a person may stand for a step that moves nobody."""
LABELS = {
    "assign_host": "拟定培养单位",
    "confirm_placement": "落实培养单位",
    "receive_notice": "登记收到通知",
    "change_host": "变更培养单位或专业",
}


@dataclass(frozen=True)
class Stay:
    """A placement as the verbs look at it."""

    id: int
    trainee: int
    host: int
    major: str
    state: PlacementState
    planned_start: dt.date | None
    planned_end: dt.date | None
    actual_start: dt.date | None
    notified_on: dt.date | None
    notice_received_on: dt.date | None


_STAY = (
    Placement.id, Placement.trainee, Placement.host, Placement.major, Placement.state, Placement.planned_start,
    Placement.planned_end, Placement.actual_start, Placement.notified_on, Placement.notice_received_on,
)  # fmt: skip


def open_of(people: Iterable[int]) -> dict[int, Stay]:
    """The placement of each person that is proposed, confirmed or current."""
    query = Placement.select(*_STAY).where(
        among(Placement.trainee, list(people)), Placement.state.in_([state.value for state in OPEN])
    )
    return {row[1]: _stay(*row) for row in query.order_by(Placement.id).tuples()}


def _stay(number: int, trainee: int, host: int, major: str, state: str, *days: Any) -> Stay:
    return Stay(number, trainee, host, major, PlacementState(state), *days)


@dataclass(frozen=True)
class Host:
    """A unit as a host. `region`: its code; '' where none is recorded."""

    id: int
    name: str
    host: bool
    active: bool
    region: str


def hosts(ids: Iterable[int]) -> dict[int, Host]:
    query = (
        Unit.select(Unit.id, Unit.name, Unit.host, Unit.active, Region.code)
        .left_outer_join(Region, on=(Unit.region == Region.id))
        .where(among(Unit.id, sorted(set(ids))))
    )
    return {
        number: Host(number, name, host, active, region or "")
        for number, name, host, active, region in query.tuples()
    }


def host_problem(host: Host | None, track: Track) -> Violation | None:
    """Is this a host in use, in the region that the track requires (三)?"""
    if host is None or not host.host or not host.active:
        return Violation("placement.not_host", "host", {"host": host.name if host else "（未选）"})
    wanted = HostRegion(track.host_region)
    if wanted is HostRegion.ANY:
        return None
    params = {"host": host.name, "track": track.label, "wanted": wanted.label}
    if not host.region:
        return Violation("placement.host_without_region", "host", params)
    if host.region.startswith(OWN_REGION) != (wanted is HostRegion.IN):
        return Violation("placement.host_elsewhere", "host", params)
    return None


@dataclass(frozen=True)
class Ground:
    """What a step knows of a set of people: their placements, tracks, years, and the hosts in question."""

    people: list[Person]
    stays: Mapping[int, Stay]
    hosts: Mapping[int, Host]
    tracks: Mapping[int, Track]
    months: Mapping[int, int]

    def problem(self, person: Person, host: int) -> Violation | None:
        return host_problem(self.hosts.get(host), self.tracks[person.track])

    def name(self, host: int) -> str:
        found = self.hosts.get(host)
        return found.name if found else ""


def ground(actor: Actor, ids: Ids, *also_hosts: int) -> Ground:
    """A handful of queries, however many people."""
    people = chosen(actor, ids)
    stays = open_of(person.id for person in people)
    tracks = Track.select().where(among(Track.id, sorted({person.track for person in people})))
    years = Programme.select(Programme.id, Programme.term_months)
    years = years.where(among(Programme.id, sorted({person.programme for person in people})))
    return Ground(
        people,
        stays,
        hosts([*(stay.host for stay in stays.values()), *also_hosts]),
        {track.id: track for track in tracks},
        dict(years.tuples()),
    )


def standing(person: Person, verb: str) -> Violation | None:
    """What the person's status has against a step that moves nobody."""
    if person.status in STATUSES[verb]:
        return None
    return Violation("verb.wrong_status", params={"status": person.status.label, "verb": LABELS[verb]})


def with_stay(stay: Stay | None, *states: PlacementState) -> Violation | None:
    """What hinders a step that needs a placement in one of these states."""
    if stay is None:
        return Violation("placement.none")
    if stay.state in states:
        return None
    if stay.state is PlacementState.PROPOSED:
        return Violation("placement.not_confirmed")
    return Violation("placement.wrong_state", params={"state": stay.state.label})
