"""What a person's page reads of one trainee, beside the row itself. Reads only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tepei_admin.choices import ROAD, SIDE_EXITS, Status, WaiverKind
from tepei_admin.database import among
from tepei_admin.models import (
    Batch,
    EligibilityCheck,
    Region,
    StatusChange,
    Track,
    Trainee,
    Unit,
    User,
    Waiver,
)
from tepei_admin.permissions import Actor
from tepei_admin.services import clock, eligibility, gather, places
from tepei_admin.services.scope import scope

MARKS = {
    "met": ("✓", "ok"),
    "not_met": ("✗", "bad"),
    "unknown": ("!", "wait"),
    "needs_decision": ("!", "wait"),
}


@dataclass(frozen=True)
class Step:
    """A step of the road: `past`, `now` or '' (not yet), and when it was taken."""

    status: Status
    when: dt.date | None
    state: str


@dataclass(frozen=True)
class Exit:
    """A side exit: where to, from where, when, why."""

    to: Status
    source: Status
    on: dt.date
    reason: str
    approval_no: str


@dataclass(frozen=True)
class Found:
    """A finding as it reads. `hinders`: it counts, is not met, and nobody has waived it."""

    rule: str
    mark: str
    colour: str
    word: str
    text: str
    clause: str
    counts: bool
    waived: bool
    hinders: bool
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Checked:
    result: str
    reference_date: str
    checked_at: dt.datetime
    findings: list[Found]


def checked(trainee: int) -> Checked | None:
    """The last eligibility result, in words; None where there was no check yet."""
    row = EligibilityCheck.get_or_none(EligibilityCheck.trainee == trainee)
    if row is None:
        return None
    return Checked(
        row.result,
        row.policy.get("reference_date", ""),
        row.checked_at,
        [_found(item) for item in row.findings],
    )


def _found(item: Mapping[str, Any]) -> Found:
    verdict, counts, waived = item["verdict"], item["counts"], item["waived"]
    mark, colour = MARKS[verdict]
    if not counts:
        mark, colour = ("·", "note")
    elif waived:
        mark, colour = ("✓", "ok")
    text = eligibility.worded(item)
    return Found(
        item["rule"], mark, colour, _word(verdict, counts, waived), text, item["clause"], counts, waived,
        counts and verdict != "met" and not waived, item["facts"],
    )  # fmt: skip


def _word(verdict: str, counts: bool, waived: bool) -> str:
    words = {"met": "符合", "not_met": "不符合", "unknown": "未填报", "needs_decision": "待认定"}
    return "特批" if waived else words[verdict] if counts else "仅提示"


def journey(person: Trainee) -> tuple[list[Step], Exit | None]:
    """The road with its dates, and the side exit where one was taken."""
    query = StatusChange.select().where(StatusChange.trainee == person.id).order_by(StatusChange.id)
    moves = list(query)
    now, left = Status(person.status), None
    if now in SIDE_EXITS and moves:
        last = moves[-1]
        left = Exit(now, Status(last.from_status), last.on, last.reason, last.approval_no)
    at = left.source if left else now
    place = ROAD.index(at) if at in ROAD else -1
    days = {move.to_status: move.on for move in moves}
    days[Status.APPLIED.value] = person.received_on or (person.created_at and clock.day_of(person.created_at))
    steps = []
    for number, status in enumerate(ROAD):
        state = "past" if number < place or (number == place and left) else "now" if number == place else ""
        steps.append(Step(status, days.get(status.value) if number <= place else None, state))
    return steps, left


@dataclass(frozen=True)
class Place:
    """Where a person belongs: names, and the quota's use."""

    unit: str
    track: str
    region: str
    county: str
    poor: bool
    taken: int
    places: int | None

    @property
    def full(self) -> bool:
        return self.places is not None and self.taken >= self.places


def belonging(person: Trainee, reference: dt.date) -> Place:
    """Names of unit, track and places; on the list of poverty counties or not; the unit's quota."""
    numbers = [number for number in (person.region_id, person.county_id) if number]
    known = {
        row[0]: row[1:]
        for row in Region.select(Region.id, Region.name, Region.code)
        .where(among(Region.id, numbers))
        .tuples()
    }
    region, county = known.get(person.region_id, ("", "")), known.get(person.county_id, ("", ""))
    quota = places.of_units([(person.track_id, person.unit_id)])[person.track_id, person.unit_id]
    poor = bool(county[1] and gather.poor([county[1]], reference))
    return Place(quota.unit, quota.track, region[0], county[0], poor, quota.taken, quota.limit)


@dataclass(frozen=True)
class Ask:
    """A waiver of this person, open or decided."""

    ref: str
    kind: str
    rule: str
    state: str
    reason: str
    opened_by: str
    opened_at: dt.datetime


def waivers(trainee: int) -> list[Ask]:
    query = (
        Waiver.select(
            Waiver.id,
            Waiver.kind,
            Waiver.rule,
            Waiver.state,
            Waiver.reason,
            User.name,
            User.username,
            Waiver.opened_at,
        )
        .join(User, on=(Waiver.opened_by == User.id))
        .where(Waiver.trainee == trainee)
        .order_by(Waiver.id.desc())
    )
    return [
        Ask(f"waiver-{number}", kind, rule, state, reason, name or user, at)
        for number, kind, rule, state, reason, name, user, at in query.tuples()
    ]


def asked_for(asks: list[Ask], rule: str = "") -> Ask | None:
    """The open waiver of a rule, or of the quota where no rule is given."""
    kind = WaiverKind.FINDING if rule else WaiverKind.QUOTA
    return next((ask for ask in asks if ask.state == "open" and (ask.kind, ask.rule) == (kind, rule)), None)


@dataclass(frozen=True)
class Where:
    """How a person of a plan stands now."""

    name: str
    unit: str
    track: str
    status: str


def whereabouts(actor: Actor, ids: list[int]) -> dict[int, Where]:
    """Name, unit, track and status of these people, as far as the actor may see them. One query."""
    allowed = scope(actor, Trainee)
    query = (
        Trainee.select(Trainee.id, Trainee.name, Unit.name, Track.label, Trainee.status)
        .join(Unit, on=(Trainee.unit == Unit.id))
        .switch(Trainee)
        .join(Track, on=(Trainee.track == Track.id))
        .where(among(Trainee.id, ids), *([] if allowed is None else [allowed]))
    )
    return {row[0]: Where(*row[1:]) for row in query.tuples()}


def verbs_of(batches: list[int]) -> dict[int, str]:
    """Which verb each batch was. One query."""
    return dict(Batch.select(Batch.id, Batch.verb).where(among(Batch.id, batches)).tuples())
