"""考核 (七（六）): yearly and completion, four grades, decided by the host; and `complete`, which the grade decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tepei_admin.choices import (
    AssessmentKind,
    Grade,
    PlacementState,
    RequestState,
    Status,
    Verb,
    WaiverKind,
)
from tepei_admin.database import among
from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.models import Assessment, Placement, Programme, Waiver
from tepei_admin.permissions import Actor, P
from tepei_admin.rules.calendar import chinese
from tepei_admin.rules.certificates import check_term, outcome
from tepei_admin.rules.stipend import passing_grades
from tepei_admin.services import batches, placements, record
from tepei_admin.services.command import command
from tepei_admin.services.people import Person, chosen, hindrance
from tepei_admin.services.plan import Args, Ids, Line, Outcome, Plan, needs
from tepei_admin.services.stays import Stay
from tepei_admin.services.stays import open_of as stays_of
from tepei_admin.services.work import in_hand

OPINION = 2000


@dataclass(frozen=True)
class Entry:
    """A grade to be put on record."""

    kind: AssessmentKind
    on: dt.date
    grade: Grade
    opinion: str = ""


@dataclass(frozen=True)
class Graded:
    """A grade on record."""

    id: int
    grade: Grade
    on: dt.date
    at: dt.datetime


def completions(people: Iterable[int]) -> dict[int, Graded]:
    """The completion assessment of each person."""
    columns = (Assessment.trainee, Assessment.id, Assessment.grade, Assessment.on, Assessment.updated_at)
    query = Assessment.select(*columns).where(
        among(Assessment.trainee, list(people)), Assessment.kind == AssessmentKind.COMPLETION.value
    )
    return {row[0]: Graded(row[1], Grade(row[2]), row[3], row[4]) for row in query.tuples()}


def waived(people: Iterable[int]) -> dict[int, bool]:
    """What a second person decided on a held grade: True 通过, False 不通过. A grade entered anew is undecided."""
    numbers = list(people)
    graded = completions(numbers)
    query = Waiver.select(Waiver.trainee, Waiver.state, Waiver.opened_at).where(
        among(Waiver.trainee, numbers),
        Waiver.kind == WaiverKind.GRADE.value,
        Waiver.state != RequestState.OPEN.value,
    )
    return {
        trainee: state == RequestState.APPROVED
        for trainee, state, opened in query.order_by(Waiver.id).tuples()
        if trainee in graded and opened >= graded[trainee].at
    }


def passing(programmes: Iterable[int]) -> dict[int, frozenset[Grade]]:
    """The grades that pass by themselves for the certificate, by programme (六（五）)."""
    query = Programme.select(Programme.id, Programme.passing_certificate)
    return {
        number: passing_grades(text, "passing_certificate")
        for number, text in query.where(among(Programme.id, sorted(set(programmes)))).tuples()
    }


# --- Recording


@dataclass
class _Ledger:
    """What is on record of a set of people, and when each began."""

    started: Mapping[int, dt.date | None]
    ids: dict[tuple[int, str, dt.date | None], tuple[int, Grade]] = field(default_factory=dict)

    def known(self, person: int, entry: Entry) -> tuple[int, Grade] | None:
        """The row that this entry corrects: the completion one, or the yearly one of that day."""
        return self.ids.get((person, entry.kind.value, _day(entry.kind, entry.on)))


def _day(kind: str, on: dt.date) -> dt.date | None:
    return None if kind == AssessmentKind.COMPLETION else on


def _ledger(people: Sequence[Person]) -> _Ledger:
    numbers = [person.id for person in people]
    query = Placement.select(Placement.trainee, Placement.actual_start).where(
        among(Placement.trainee, numbers), Placement.actual_start.is_null(False)
    )
    begun: dict[int, dt.date | None] = {}
    for trainee, start in query.order_by(Placement.actual_start.desc()).tuples():
        begun[trainee] = start
    ledger = _Ledger(begun)
    rows = Assessment.select(
        Assessment.trainee, Assessment.kind, Assessment.on, Assessment.id, Assessment.grade
    )
    for trainee, kind, on, number, grade in rows.where(among(Assessment.trainee, numbers)).tuples():
        ledger.ids[trainee, kind, _day(kind, on)] = (number, Grade(grade))
    return ledger


def _problem(person: Person, entry: Entry, started: dt.date | None) -> Violation | None:
    if person.status is not Status.TRAINING:
        params = {"status": person.status.label, "verb": "登记考核"}
        return Violation("verb.wrong_status", params=params)
    if started is None or entry.on < started:
        params = {"on": chinese(entry.on), "start": chinese(started) if started else "未报到"}
        return Violation("assessment.before_start", "on", params)
    return None


def _row(person: int, entry: Entry) -> dict[str, Any]:
    return {
        "trainee": person, "kind": entry.kind.value, "on": entry.on, "grade": entry.grade.value,
        "opinion": entry.opinion.strip(),
    }  # fmt: skip


def plan_assess(actor: Actor, people: Ids, args: Args) -> Plan:
    """One grade for everybody chosen; a completion grade that stands is corrected."""
    needs(args, "assessment", "grade")
    more = args.more
    entry = Entry(AssessmentKind(more["assessment"]), args.on, Grade(more["grade"]), more.get("opinion", ""))
    persons = chosen(actor, people)
    return _plan(args, [(person, entry) for person in persons])


def _plan(args: Args, entries: Sequence[tuple[Person, Entry]]) -> Plan:
    ledger = _ledger([person for person, _ in entries])
    writes: dict[int, tuple[int | None, dict[str, Any]]] = {}

    def line(person: Person, entry: Entry) -> Line:
        refused = _problem(person, entry, ledger.started.get(person.id))
        known = ledger.known(person.id, entry)
        writes[person.id] = (known[0] if known else None, _row(person.id, entry))
        note = None
        if known:
            params = {"before": known[1].label, "grade": entry.grade.label}
            note = Violation("assessment.corrects", params=params)
        return person.line(refused, note)

    lines = tuple(line(person, entry) for person, entry in entries)
    return Plan("assess", args, lines, extra={"assessments": writes})


def apply_assess(made: Plan) -> None:
    writes = [made.extra["assessments"][line.id] for line in made.doable]
    record.update_each(Assessment, {number: row for number, row in writes if number is not None})
    record.insert_many(Assessment, [row for number, row in writes if number is None])


class GroupRefused(RuleViolation):
    """A group's grades with something wrong in them: nothing is stored. `rows`: the reasons by person."""

    def __init__(self, rows: Mapping[int, Violation]):
        self.rows = dict(rows)
        super().__init__(tuple(rows.values()))


def check_group(actor: Actor, entries: Mapping[int, Entry]) -> tuple[Plan, dict[int, Violation]]:
    """What storing these grades would do, and what is wrong with them, by person."""
    persons = chosen(actor, entries)
    wrong = {number: Violation("access.not_found") for number in entries}
    for person in persons:
        wrong.pop(person.id)
    pairs = [(person, entries[person.id]) for person in persons]
    made = _plan(Args(max((entry.on for _, entry in pairs), default=dt.date.min)), pairs)
    wrong |= {line.id: line.refused for line in made.lines if line.refused is not None}
    for person, entry in pairs:
        if len(entry.opinion) > OPINION:
            params = {"label": "鉴定意见", "limit": OPINION, "length": len(entry.opinion)}
            wrong[person.id] = Violation("record.too_long", "opinion", params)
        elif "\0" in entry.opinion:
            wrong[person.id] = Violation("record.nul", "opinion", {"label": "鉴定意见"})
    return made, wrong


@command(P.WORK)
def record_group(actor: Actor, entries: Mapping[int, Entry], *, key: str = "") -> Outcome:
    """A host's whole group at once, all or nothing, as one batch. Raises `GroupRefused`."""
    made, wrong = check_group(actor, entries)
    if wrong:
        raise GroupRefused(wrong)
    if not made.lines:
        return Outcome(None)
    in_hand().verb = "assess"
    batch = batches.begin(actor, "assess", f"登记考核 {len(made.lines)} 人", made)
    apply_assess(made)
    batches.close(batch, made)
    return Outcome(batch, tuple(line.id for line in made.doable))


# --- complete


def plan_complete(actor: Actor, people: Ids, args: Args) -> Plan:
    """结业考核: the term is over and the grade decides: completed or failed; a held one waits for its waiver."""
    persons = chosen(actor, people)
    numbers = [person.id for person in persons]
    stays, graded, decided = stays_of(numbers), completions(numbers), waived(numbers)
    passes = passing(person.programme for person in persons)
    wanted = args.day("actual_end")
    writes: dict[int, list[placements.Write]] = {}

    def line(person: Person) -> Line:
        stay, grade = stays.get(person.id), graded.get(person.id)
        refused = hindrance(person, Verb.COMPLETE, args)
        if refused is None and (stay is None or stay.state is not PlacementState.CURRENT):
            refused = Violation("placement.none")
        if refused is not None or stay is None:
            return person.line(refused)
        refused = check_term(stay.planned_end, args.on) or _end_problem(stay, wanted, args.on)
        to = outcome(grade.grade if grade else None, passes[person.programme], decided.get(person.id))
        if isinstance(to, Violation):
            refused = refused or to
            return person.line(refused)
        ended = {"state": PlacementState.ENDED.value, "actual_end": wanted or stay.planned_end}
        writes[person.id] = [(stay.id, ended)]
        params = {"grade": grade.grade.label if grade else "", "status": to.label}
        return person.line(refused, Violation("assessment.leads_to", params=params), status=to.value)

    return Plan(Verb.COMPLETE, args, tuple(map(line, persons)), extra={"placements": writes})


def _end_problem(stay: Stay, end: dt.date | None, on: dt.date) -> Violation | None:
    if end is None:
        return None
    if stay.actual_start and end < stay.actual_start:
        params = {"end": chinese(end), "start": chinese(stay.actual_start)}
        return Violation("placement.end_before_start", "actual_end", params)
    if end > on:
        return Violation("placement.end_ahead", "actual_end", {"end": chinese(end), "on": chinese(on)})
    return None
