"""Models -> what a certificate depends on, batched: the bridge to `rules.certificates`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tepei_admin.choices import (
    AssessmentKind,
    CertificateState,
    DocumentsRule,
    Grade,
    PaymentKind,
    PaymentState,
    RequestState,
    Status,
    TerminationState,
    WaiverKind,
)
from tepei_admin.database import among
from tepei_admin.errors import Violation
from tepei_admin.fonts import missing_glyphs
from tepei_admin.models import (
    Assessment,
    Certificate,
    Document,
    Payment,
    Programme,
    Termination,
    Track,
    Trainee,
    Unit,
    Waiver,
)
from tepei_admin.rules import documents, recovery
from tepei_admin.rules.certificates import CertificateFacts, CertificatePolicy
from tepei_admin.rules.money import Entry
from tepei_admin.rules.stipend import passing_grades
from tepei_admin.services import trainings

Numbers = list[int]


@dataclass(frozen=True)
class Case:
    """One person's case. `order`: the place in a batch. `parts`: glyphs of host and major that no font has."""

    facts: CertificateFacts
    policy: CertificatePolicy
    track: int
    order: tuple[str, str, str, int]
    parts: tuple[Violation, ...] = ()


def gather(people: Iterable[int]) -> dict[int, Case]:
    """What decides about each person's certificate; the number of queries does not grow with people."""
    numbers = sorted(set(people))
    trained, grades, waived = trainings.of(numbers), _grades(numbers), _waived(numbers)
    owing, papers, having = _outstanding(numbers), received(numbers), _having(numbers)
    query = (
        Trainee.select(
            Trainee.id, Trainee.name, Trainee.pinyin, Trainee.status, Trainee.track, Unit.code,
            Programme.passing_certificate, Programme.documents,
        )
        .join(Unit, on=(Trainee.unit == Unit.id))
        .switch(Trainee)
        .join(Programme, on=(Trainee.programme == Programme.id))
        .where(among(Trainee.id, numbers))
    )  # fmt: skip
    found = {}
    for number, name, pinyin, status, track, unit, passing, rule in query.tuples():
        training = trained.get(number)
        facts = CertificateFacts(
            status=Status(status),
            term_end=training.end if training else None,
            grade=grades.get(number),
            waived=waived.get(number),
            outstanding_fen=owing.get(number, 0),
            missing=documents.missing(papers.get(number, {})),
            unprintable=missing_glyphs(name),
            has_certificate=number in having,
        )
        policy = CertificatePolicy(passing_grades(passing), DocumentsRule(rule))
        order = (unit, pinyin or name, name, number)
        found[number] = Case(facts, policy, track, order, _parts(training))
    return found


def _parts(training: trainings.Training | None) -> tuple[Violation, ...]:
    parts = (("培养单位", training.host), ("培养专业", training.major)) if training else ()
    return tuple(
        Violation("certificate.unprintable_part", None, {"part": part, "glyphs": "、".join(glyphs)})
        for part, text in parts
        if (glyphs := missing_glyphs(text))
    )


def _grades(people: Numbers) -> dict[int, Grade]:
    query = Assessment.select(Assessment.trainee, Assessment.grade).where(
        among(Assessment.trainee, people), Assessment.kind == AssessmentKind.COMPLETION.value
    )
    return {person: Grade(grade) for person, grade in query.tuples()}


def _waived(people: Numbers) -> dict[int, bool]:
    """What was decided on a held grade; the last word counts."""
    query = Waiver.select(Waiver.trainee, Waiver.state).where(
        among(Waiver.trainee, people),
        Waiver.kind == WaiverKind.GRADE.value,
        Waiver.state != RequestState.OPEN.value,
    )
    return {person: state == RequestState.APPROVED for person, state in query.order_by(Waiver.id).tuples()}


def _outstanding(people: Numbers) -> dict[int, int]:
    """What is still to be recovered of decided cases, in fen."""
    query = Termination.select(Termination.id, Termination.trainee, Termination.due, Termination.lines).where(
        among(Termination.trainee, people), Termination.state == TerminationState.DECIDED.value
    )
    cases = list(query.tuples())
    if not cases:
        return {}
    paid = _entries([person for _, person, _, _ in cases])
    found: dict[int, int] = {}
    for _, person, due, lines in cases:
        decided = recovery.Decided.read(due or 0, [line for line in lines or () if "params" in line])
        left = recovery.ledger(decided, paid.get(person, ())).outstanding
        found[person] = found.get(person, 0) + left
    return found


def _entries(people: Numbers) -> dict[int, list[Entry]]:
    query = Payment.select(
        Payment.trainee, Payment.id, Payment.kind, Payment.amount, Payment.state, Payment.reversed_by
    ).where(among(Payment.trainee, people))
    found: dict[int, list[Entry]] = {}
    for person, number, kind, amount, state, reversed_by in query.tuples():
        entry = Entry(number, PaymentKind(kind), amount, PaymentState(state), reversed_by is not None)
        found.setdefault(person, []).append(entry)
    return found


def received(people: Iterable[int]) -> dict[int, dict[str, int]]:
    """Which papers are there: {person: {kind: copies}}."""
    query = Document.select(Document.trainee, Document.kind, Document.copies).where(
        among(Document.trainee, list(people)), Document.received_on.is_null(False)
    )
    found: dict[int, dict[str, int]] = {}
    for person, kind, copies in query.tuples():
        kinds = found.setdefault(person, {})
        kinds[kind] = kinds.get(kind, 0) + copies
    return found


def _having(people: Numbers) -> set[int]:
    query = Certificate.select(Certificate.trainee).where(
        among(Certificate.trainee, people), Certificate.state == CertificateState.ISSUED.value
    )
    return {row[0] for row in query.tuples()}


def letters(tracks: Iterable[int]) -> dict[int, tuple[int, str, str]]:
    """How a track's certificates are numbered: year, letter, the setting."""
    query = Track.select(Track.id, Programme.year, Track.letter, Programme.certificate_number).join(
        Programme, on=(Track.programme == Programme.id)
    )
    rows: Any = query.where(among(Track.id, sorted(set(tracks)))).tuples()
    return {track: (year, letter, text) for track, year, letter, text in rows}
