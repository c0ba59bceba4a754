"""What a person's page reads of the training year: placements, leaves, grades, and which steps are open. Reads only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from tepei_admin.choices import (
    AssessmentKind,
    Grade,
    LeaveKind,
    LeaveState,
    PlacementState,
    RequestState,
    Status,
    WaiverKind,
)
from tepei_admin.database import among
from tepei_admin.models import Assessment, Leave, Placement, Trainee, Unit, Waiver
from tepei_admin.permissions import Actor
from tepei_admin.rules.term import NOT_AWAY, Away, DaysAway, Period, days_away
from tepei_admin.services import assessments, leaves
from tepei_admin.services.stays import OPEN
from tepei_admin.services.verbs import SPECS, VerbSpec

SHOWN = 20


@dataclass(frozen=True)
class Stayed:
    """A placement with its host's name."""

    row: Placement
    host: str

    @property
    def state(self) -> PlacementState:
        return PlacementState(self.row.state)


@dataclass(frozen=True)
class Year:
    """One person's training year."""

    now: Stayed | None
    before: list[Stayed]
    leaves: list[Leave]
    away: DaysAway
    assessments: list[Assessment]
    grade: str
    """Of a held completion grade: "" (not held), "held", "asked", "passed", "refused"."""
    ref: str


def of(person: Trainee) -> Year:
    """A handful of queries."""
    stays = _stays(person.id)
    opened = [stay for stay in stays if stay.state in OPEN]
    away = list(
        Leave.select().where(Leave.trainee == person.id).order_by(Leave.starts.desc(), Leave.id.desc())
    )
    grades = list(
        Assessment.select()
        .where(Assessment.trainee == person.id)
        .order_by(Assessment.on.desc(), Assessment.id.desc())
    )
    now = (
        opened[-1] if opened else next((s for s in reversed(stays) if s.state is PlacementState.ENDED), None)
    )
    grade, ref = _held(person, grades)
    return Year(
        now,
        [stay for stay in reversed(stays) if stay is not now],
        away,
        _days(person.id, stays, away),
        grades,
        grade,
        ref,
    )


def _stays(trainee: int) -> list[Stayed]:
    rows = list(Placement.select().where(Placement.trainee == trainee).order_by(Placement.id))
    names = dict(
        Unit.select(Unit.id, Unit.name).where(among(Unit.id, sorted({row.host_id for row in rows}))).tuples()
        if rows
        else ()
    )
    return [Stayed(row, names[row.host_id]) for row in rows]


def _days(trainee: int, stays: list[Stayed], rows: list[Leave]) -> DaysAway:
    """Days of leave and of absence inside the training so far on record."""
    begun = [stay.row for stay in stays if stay.row.actual_start]
    if not begun or not rows:
        return NOT_AWAY
    last = begun[-1].actual_end or begun[-1].planned_end
    if last is None:
        return NOT_AWAY
    within = Period(begun[0].actual_start, last)
    spells = [Away(Period(row.starts, row.ends), LeaveKind(row.kind), LeaveState(row.state)) for row in rows]
    return days_away(spells, within)


def _held(person: Trainee, grades: list[Assessment]) -> tuple[str, str]:
    """How it stands with a completion grade that does not pass by itself."""
    final = next((row for row in grades if row.kind == AssessmentKind.COMPLETION), None)
    if final is None or final.grade != Grade.BASIC:
        return "", ""
    if Grade.BASIC in assessments.passing([person.programme_id])[person.programme_id]:
        return "", ""
    decided = assessments.waived([person.id]).get(person.id)
    if decided is not None:
        return ("passed" if decided else "refused"), ""
    open_one = (
        Waiver.select(Waiver.id)
        .where(
            Waiver.trainee == person.id,
            Waiver.kind == WaiverKind.GRADE.value,
            Waiver.state == RequestState.OPEN.value,
        )
        .tuples()
        .first()
    )
    if open_one:
        return "asked", f"waiver-{open_one[0]}"
    return ("held" if person.status == Status.TRAINING else ""), ""


def offers(actor: Actor, person: Trainee, year: Year) -> dict[str, list[VerbSpec]]:
    """The steps that can be taken now, by the section they stand in."""
    state = year.now.state if year.now else None
    received = bool(year.now and year.now.row.notice_received_on)
    wanted: dict[str, list[str]] = {
        "placement": [
            *(["confirm_placement"] if state is PlacementState.PROPOSED else []),
            *(["assign_host"] if state not in (PlacementState.CONFIRMED, PlacementState.CURRENT) else []),
            *(["receive_notice"] if state is PlacementState.CONFIRMED and not received else []),
            *(["change_host"] if state in (PlacementState.CONFIRMED, PlacementState.CURRENT) else []),
        ],
        "leave": ["record_leave", "record_absence"],
        "assessment": ["assess"],
    }
    return {
        section: [
            SPECS[name]
            for name in names
            if Status(person.status) in SPECS[name].statuses and actor.may(SPECS[name].right)
        ]
        for section, names in wanted.items()
    }


def premature(verb: str, year: Year) -> bool:
    """A verb of the life cycle that waits for a confirmed placement, or for the completion grade: no button yet."""
    if verb == "notify":
        return year.now is None or year.now.state is not PlacementState.CONFIRMED
    return verb == "complete" and all(row.kind != AssessmentKind.COMPLETION for row in year.assessments)


# --- A host's group, for its page of grades


@dataclass(frozen=True)
class Member:
    """Somebody in training at a host."""

    id: int
    name: str
    major: str
    supervisor: str
    start: dt.date | None
    end: dt.date | None
    grade: str
    on: dt.date | None
    opinion: str


def group(programme: int, host: int) -> list[Member]:
    """Who is in training at this host, with the completion grade on record. Two queries."""
    query = (
        Placement.select(
            Trainee.id,
            Trainee.name,
            Placement.major,
            Placement.supervisor,
            Placement.actual_start,
            Placement.planned_end,
        )
        .join(Trainee, on=(Placement.trainee == Trainee.id))
        .where(
            Placement.host == host,
            Placement.state == PlacementState.CURRENT.value,
            Trainee.programme == programme,
            Trainee.status == Status.TRAINING.value,
        )
        .order_by(Trainee.pinyin, Trainee.id)
    )
    rows = list(query.tuples())
    known = Assessment.select(Assessment.trainee, Assessment.grade, Assessment.on, Assessment.opinion).where(
        among(Assessment.trainee, [row[0] for row in rows]),
        Assessment.kind == AssessmentKind.COMPLETION.value,
    )
    grades: dict[int, tuple[Any, ...]] = {row[0]: row[1:] for row in known.tuples()}
    return [Member(*row, *grades.get(row[0], ("", None, ""))) for row in rows]


def hosts_in_use(programme: int) -> list[tuple[int, str, int]]:
    """(number, name, people) of the hosts at which somebody of the year is or was in training."""
    query = (
        Placement.select(Unit.id, Unit.name, Placement.trainee)
        .join(Unit, on=(Placement.host == Unit.id))
        .switch(Placement)
        .join(Trainee, on=(Placement.trainee == Trainee.id))
        .where(Trainee.programme == programme, Placement.state.in_(leaves.BEGUN))
        .order_by(Unit.code)
    )
    found: dict[int, tuple[str, set[int]]] = {}
    for number, name, trainee in query.tuples():
        found.setdefault(number, (name, set()))[1].add(trainee)
    return [(number, name, len(people)) for number, (name, people) in found.items()]
