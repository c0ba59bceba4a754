"""What is due to whom: tuition to hosts, stipends to trainees, computed for many people at once. Reads only."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tepei_admin.choices import (
    AssessmentKind,
    Grade,
    LeaveKind,
    LeaveState,
    PaymentKind,
    PlacementState,
    Status,
    Switch,
    TerminationPath,
    TuitionWhen,
)
from tepei_admin.database import among
from tepei_admin.errors import Violation
from tepei_admin.models import Assessment, Leave, Placement, Programme, Termination, Track, Trainee, Unit
from tepei_admin.rules.money import Line, yuan
from tepei_admin.rules.stipend import LeaveRule, StipendFacts, StipendPolicy, passing_grades, stipend
from tepei_admin.rules.term import Away, Period, whole
from tepei_admin.rules.tuition import TuitionFacts, tuition
from tepei_admin.services import money
from tepei_admin.services.money import STANDING, Row, entries

KINDS = (PaymentKind.TUITION, PaymentKind.STIPEND)
"""What the house proposes by itself."""
ENDED = frozenset({Status.COMPLETED, Status.CERTIFIED, Status.FAILED, Status.TERMINATED})
TRAINED = ENDED | {Status.TRAINING}
DISCIPLINED = frozenset({Status.NO_SHOW, Status.DISQUALIFIED})
_STANDS = (PlacementState.CURRENT, PlacementState.CONFIRMED, PlacementState.ENDED)


@dataclass(frozen=True)
class Account:
    """Where money goes, as it is written on the payment."""

    bank: str = ""
    number: str = ""
    holder: str = ""


@dataclass(frozen=True)
class Spell:
    """A placement as money looks at it. `held`: one that counts (current, confirmed, ended)."""

    id: int
    host: int
    host_name: str
    account: Account
    state: PlacementState
    actual_start: dt.date | None
    actual_end: dt.date | None
    planned_end: dt.date | None


@dataclass(frozen=True)
class Person:
    """Whose money it is."""

    id: int
    name: str
    version: int
    status: Status
    programme: int
    account: Account
    track: int
    tuition: int
    stipend: int


@dataclass(frozen=True)
class Due:
    """What is proposed for one person, or why nothing is."""

    person: Person
    kind: PaymentKind
    payee: str = ""
    payee_unit: int | None = None
    placement: int | None = None
    account: Account = Account()
    lines: tuple[Line, ...] = ()
    amount: int = 0
    refused: Violation | None = None

    @property
    def lacks_account(self) -> bool:
        return not self.account.number


def people(ids: Iterable[int]) -> list[Person]:
    """In order of number."""
    query = (
        Trainee.select(
            Trainee.id, Trainee.name, Trainee.version, Trainee.status, Trainee.programme, Trainee.bank_name,
            Trainee.bank_account, Trainee.bank_holder, Trainee.track, Track.tuition, Track.stipend,
        )
        .join(Track, on=(Trainee.track == Track.id))
        .where(among(Trainee.id, list(ids)))
        .order_by(Trainee.id)
    )  # fmt: skip
    return [
        Person(
            number,
            name,
            version,
            Status(status),
            programme,
            Account(bank, account, holder or name),
            track,
            fee,
            rate,
        )
        for number, name, version, status, programme, bank, account, holder, track, fee, rate in query.tuples()
    ]


def due(kind: PaymentKind, ids: Iterable[int], *, without: Iterable[int] = ()) -> dict[int, Due]:
    """What is due to each of these people. `without`: payments that do not count (one that is being decided)."""
    persons = people(ids)
    numbers = [person.id for person in persons]
    rows, spells = money.rows_of(numbers, without), _spells(numbers)
    years = {item: Programme.get_by_id(item) for item in {person.programme for person in persons}}
    if kind is PaymentKind.TUITION:
        return {
            p.id: _tuition(p, years[p.programme], rows.get(p.id, []), spells.get(p.id, [])) for p in persons
        }
    grades, aways, ends = _grades(numbers), _aways(numbers), _ends(numbers)
    return {
        p.id: _stipend(
            p, years[p.programme], rows.get(p.id, []), spells.get(p.id, []), grades.get(p.id),
            tuple(aways.get(p.id, ())), ends.get(p.id),
        )
        for p in persons
    }  # fmt: skip


# --- Tuition


def place_of(spells: list[Spell]) -> Spell | None:
    """The placement that a person's tuition belongs to: the current one, else the confirmed, else the last."""
    for state in _STANDS:
        found = [spell for spell in spells if spell.state is state]
        if found:
            return found[-1]
    return None


def _tuition(person: Person, year: Programme, rows: list[Row], spells: list[Spell]) -> Due:
    blank = Due(person, PaymentKind.TUITION)
    if person.status in DISCIPLINED:
        return replace(blank, refused=_disciplined(person, PaymentKind.TUITION))
    when = TuitionWhen(year.tuition_when)
    if person.status not in TRAINED | {Status.ADMITTED, Status.NOTIFIED}:
        params = {"status": person.status.label, "kind": PaymentKind.TUITION.label}
        return replace(blank, refused=Violation("payment.not_in_training", params=params))
    place = place_of(spells)
    started = person.status in TRAINED or any(spell.actual_start for spell in spells)
    facts = TuitionFacts(person.tuition, entries(rows), started, when)
    made = tuition(facts)
    if isinstance(made, Violation):
        return replace(blank, refused=made, placement=place.id if place else None)
    if place is None:
        return replace(blank, refused=Violation("payment.no_placement"))
    found = replace(
        blank,
        payee=place.host_name,
        payee_unit=place.host,
        placement=place.id,
        account=place.account,
        lines=made.lines,
        amount=made.amount_fen,
    )
    paid = sum(
        row.amount for row in rows if row.kind is PaymentKind.TUITION and row.entry.counts
    )  # of any host
    if paid and person.status in ENDED:
        params = {"status": person.status.label, "paid": yuan(paid)}
        return replace(found, refused=Violation("payment.not_due_after_end", params=params))
    if _has_tuition(place.id, rows):
        return replace(
            found, refused=Violation("payment.placement_has_tuition", params={"host": place.host_name})
        )
    return found


def _has_tuition(placement: int, rows: list[Row]) -> bool:
    return any(
        row.kind is PaymentKind.TUITION and row.placement == placement and not row.reversed for row in rows
    )


def _disciplined(person: Person, kind: PaymentKind) -> Violation:
    return Violation("payment.disciplined", params={"status": person.status.label, "kind": kind.label})


# --- Stipend


def _stipend(
    person: Person,
    year: Programme,
    rows: list[Row],
    spells: list[Spell],
    grade: Grade | None,
    aways: tuple[Away, ...],
    ended_by: TerminationPath | None,
) -> Due:
    found = Due(person, PaymentKind.STIPEND, payee=person.name, account=person.account)
    if person.status not in TRAINED | DISCIPLINED:
        params = {"status": person.status.label, "kind": PaymentKind.STIPEND.label}
        return replace(found, refused=Violation("payment.not_in_training", params=params))
    had = next((row for row in rows if row.kind is PaymentKind.STIPEND and not row.reversed), None)
    if had is not None:
        params = {"state": had.state.label, "amount": yuan(had.amount)}
        return replace(found, refused=Violation("payment.stipend_exists", params=params))
    if person.status in DISCIPLINED and ended_by is None:
        return replace(found, refused=_disciplined(person, PaymentKind.STIPEND))
    start, end = whole((spell.actual_start, spell.actual_end) for spell in spells)
    planned = [spell.planned_end for spell in spells if spell.actual_start and spell.planned_end]
    policy = StipendPolicy(
        person.stipend,
        year.term_months,
        LeaveRule.parse(year.leave_deduction),
        passing_grades(year.passing_stipend),
        year.stipend_on_early_end == Switch.ON,
    )
    facts = StipendFacts(start, end, grade, ended_by, aways, max(planned, default=None))
    made = stipend(facts, policy)
    if isinstance(made, Violation):
        return replace(found, refused=made)
    place = place_of(spells)
    return replace(
        found,
        placement=place.id if place else None,
        lines=made.lines,
        amount=made.amount_fen,
        refused=made.nothing,
    )


# --- Gathering


def _spells(numbers: list[int]) -> dict[int, list[Spell]]:
    query = (
        Placement.select(
            Placement.trainee, Placement.id, Unit.id, Unit.name, Unit.bank_name, Unit.bank_account, Unit.bank_holder,
            Placement.state, Placement.actual_start, Placement.actual_end, Placement.planned_end,
        )
        .join(Unit, on=(Placement.host == Unit.id))
        .where(among(Placement.trainee, numbers), Placement.state != PlacementState.CANCELLED.value)
        .order_by(Placement.id)
    )  # fmt: skip
    found: dict[int, list[Spell]] = defaultdict(list)
    for person, number, host, name, bank, account, holder, state, *days in query.tuples():
        where = Account(bank, account, holder or name)
        found[person].append(Spell(number, host, name, where, PlacementState(state), *days))
    return found


def spells_of(person: int) -> list[Spell]:
    """One person's placements, the cancelled ones left out."""
    return _spells([person]).get(person, [])


def _grades(numbers: list[int]) -> dict[int, Grade]:
    query = Assessment.select(Assessment.trainee, Assessment.grade).where(
        among(Assessment.trainee, numbers), Assessment.kind == AssessmentKind.COMPLETION.value
    )
    return {person: Grade(grade) for person, grade in query.tuples()}


def _aways(numbers: list[int]) -> Mapping[int, list[Away]]:
    query = Leave.select(Leave.trainee, Leave.starts, Leave.ends, Leave.kind, Leave.state).where(
        among(Leave.trainee, numbers)
    )
    found: dict[int, list[Away]] = defaultdict(list)
    for person, starts, ends, kind, state in query.order_by(Leave.id).tuples():
        found[person].append(Away(Period(starts, ends), LeaveKind(kind), LeaveState(state)))
    return found


def _ends(numbers: list[int]) -> dict[int, Any]:
    """The path of each decided early end."""
    query = Termination.select(Termination.trainee, Termination.path).where(
        among(Termination.trainee, numbers), Termination.state.in_(STANDING)
    )
    return {person: TerminationPath(path) for person, path in query.order_by(Termination.id).tuples()}
