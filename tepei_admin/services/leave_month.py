"""A month of leaves: who is at a host, who is away on which day. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from peewee import fn

from tepei_admin.choices import LeaveKind, LeaveState
from tepei_admin.database import among
from tepei_admin.models import Leave, Placement, Trainee
from tepei_admin.permissions import Actor
from tepei_admin.rules.term import Period
from tepei_admin.services import scope
from tepei_admin.services.leaves import BEGUN


@dataclass(frozen=True)
class Spell:
    """A leave or absence in the month's table."""

    id: int
    period: Period
    kind: LeaveKind
    state: LeaveState


@dataclass(frozen=True)
class Row:
    """A person of the month: name, term, what is on record."""

    trainee: int
    name: str
    term: Period
    aways: tuple[Spell, ...]


def away_at(actor: Actor, programme: int, days: Period) -> dict[int, int]:
    """How many of each host's people are away on some of these days, or ask to be; none: not in it. One query."""
    allowed = scope.scope(actor, Trainee)
    counts = (Leave.state != LeaveState.REFUSED.value) | (Leave.kind == LeaveKind.ABSENCE.value)
    query = (
        Leave.select(Placement.host, fn.COUNT(Leave.trainee.distinct()))
        .join(Placement, on=(Leave.placement == Placement.id))
        .switch(Leave)
        .join(Trainee, on=(Leave.trainee == Trainee.id))
        .where(
            Leave.starts <= days.end,
            Leave.ends >= days.start,
            Trainee.programme == programme,
            counts,
            *([] if allowed is None else [allowed]),
        )
        .group_by(Placement.host)
    )
    return dict(query.tuples())


def month(actor: Actor, programme: int, host: int, days: Period) -> list[Row]:
    """Who is at this host in these days, and who is away when. Two queries."""
    allowed = scope.scope(actor, Trainee)
    query = (
        Placement.select(
            Trainee.id,
            Trainee.name,
            Placement.id,
            Placement.actual_start,
            Placement.actual_end,
            Placement.planned_end,
        )
        .join(Trainee, on=(Placement.trainee == Trainee.id))
        .where(
            Placement.host == host,
            Placement.state.in_(BEGUN),
            Trainee.programme == programme,
            *([] if allowed is None else [allowed]),
        )
    )
    found: dict[int, tuple[int, str, Period]] = {}
    for trainee, name, number, start, ended, end in query.order_by(Trainee.pinyin, Trainee.id).tuples():
        last = ended or end or days.end
        term = Period(start, last) if start and start <= last else None
        if term and term.overlaps(days):
            found[number] = (trainee, name, term)
    by_person: dict[int, list[Spell]] = {}
    people = [trainee for trainee, _, _ in found.values()]
    columns = (Leave.id, Leave.trainee, Leave.starts, Leave.ends, Leave.kind, Leave.state)
    leaves = Leave.select(*columns).where(
        among(Leave.trainee, people), Leave.starts <= days.end, Leave.ends >= days.start
    )
    for number, trainee, starts, ends, kind, state in leaves.order_by(Leave.starts).tuples():
        away = Spell(number, Period(starts, ends), LeaveKind(kind), LeaveState(state))
        by_person.setdefault(trainee, []).append(away)
    return [
        Row(trainee, name, term, tuple(by_person.get(trainee, ()))) for trainee, name, term in found.values()
    ]
