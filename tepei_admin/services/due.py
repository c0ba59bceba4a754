"""What the training year asks of the office today: who, or which row, for each matter. One query. Reads only."""

from __future__ import annotations

import datetime as dt
import functools
from collections import defaultdict
from typing import Any

from peewee import SQL

from tepei_admin.choices import (
    AssessmentKind,
    Grade,
    LeaveKind,
    LeaveState,
    PaymentKind,
    PaymentState,
    PlacementState,
    RequestState,
    Status,
    TerminationPath,
    TerminationState,
    WaiverKind,
)
from tepei_admin.database import rows
from tepei_admin.models import Assessment, Leave, Payment, Placement, Programme, Termination, Trainee, Waiver
from tepei_admin.permissions import Actor
from tepei_admin.rules.stipend import passing_grades
from tepei_admin.schema import Record
from tepei_admin.services.scope import scope

LEAVE_ENDS, TERM_ENDS = dt.timedelta(days=7), dt.timedelta(days=30)
"""How long before its end a leave, or a term, is worth a word."""


def of(actor: Actor, programme: Programme, today: dt.date) -> dict[str, list[int]]:
    """Numbers of rows by matter, within the actor's sight: of leaves, payments and cases their own, else of people."""
    parts = [
        *_arrivals(programme.id, today), *_leaves(programme.id, today), *_grades(programme.id, today),
        *_money(programme), *_cases(programme.id),
    ]  # fmt: skip
    seen = [_within(actor, *part) for part in parts]
    found: dict[str, list[int]] = defaultdict(list)
    for matter, number in rows(functools.reduce(lambda one, other: one.union_all(other), seen)):
        found[matter].append(number)
    return {matter: sorted(set(numbers)) for matter, numbers in found.items()}


Part = tuple[str, type[Record], Any, tuple[Any, ...]]
"""(matter, model, the column asked for, conditions)"""


def _within(actor: Actor, matter: str, model: type[Record], column: Any, conditions: tuple[Any, ...]) -> Any:
    allowed = scope(actor, model)
    where = conditions if allowed is None else (*conditions, allowed)
    return model.select(SQL(f"'{matter}'"), column).where(*where)


def _people(programme: int, *statuses: Status) -> Any:
    """The numbers of this year's people who stand there."""
    values = [status.value for status in statuses]
    return Trainee.select(Trainee.id).where(Trainee.programme == programme, Trainee.status.in_(values))


def _arrivals(programme: int, today: dt.date) -> list[Part]:
    p = Placement
    notified = (p.trainee.in_(_people(programme, Status.NOTIFIED)), p.state == PlacementState.CONFIRMED.value)
    return [
        ("receipt", p, p.trainee, (*notified, p.notice_received_on.is_null())),
        ("arrival", p, p.trainee, (*notified, p.planned_start < today)),
    ]


def _leaves(programme: int, today: dt.date) -> list[Part]:
    training = (Leave.trainee.in_(_people(programme, Status.TRAINING)), Leave.kind == LeaveKind.LEAVE.value)
    ending = (Leave.state == LeaveState.GRANTED.value, Leave.starts <= today, Leave.ends >= today)
    return [
        ("leave_asked", Leave, Leave.id, (*training, Leave.state == LeaveState.ASKED.value)),
        ("leave_ending", Leave, Leave.id, (*training, *ending, Leave.ends <= today + LEAVE_ENDS)),
    ]


def _grades(programme: int, today: dt.date) -> list[Part]:
    """Whose completion assessment is due, who may be completed, whose held grade nobody has decided."""
    training, p = _people(programme, Status.TRAINING), Placement
    current = (p.trainee.in_(training), p.state == PlacementState.CURRENT.value)
    graded = Assessment.select(Assessment.trainee).where(Assessment.kind == AssessmentKind.COMPLETION.value)
    held = (
        Assessment.trainee.in_(training),
        Assessment.kind == AssessmentKind.COMPLETION.value,
        Assessment.grade == Grade.BASIC.value,
    )
    decided = Waiver.select(Waiver.trainee).where(
        Waiver.kind == WaiverKind.GRADE.value,
        Waiver.opened_at >= Assessment.updated_at,
        Waiver.state.in_([RequestState.OPEN.value, RequestState.APPROVED.value, RequestState.REFUSED.value]),
    )
    return [
        ("assess", p, p.trainee, (*current, p.planned_end <= today + TERM_ENDS, p.trainee.not_in(graded))),
        ("complete", p, p.trainee, (*current, p.planned_end <= today, p.trainee.in_(graded))),
        ("held", Assessment, Assessment.trainee, (*held, Assessment.trainee.not_in(decided))),
    ]


def _money(programme: Programme) -> list[Part]:
    """Who has no tuition yet, who has passed and has no stipend yet; what is approved and not paid."""
    year = programme.id

    def without(kind: PaymentKind, people: Any) -> tuple[Any, ...]:
        standing = Payment.select(Payment.trainee).where(
            Payment.programme == year,
            Payment.kind == kind.value,
            Payment.state != PaymentState.VOID.value,
            Payment.reversed_by.is_null(),
        )
        return Trainee.id.in_(people), Trainee.id.not_in(standing)

    passed = Assessment.select(Assessment.trainee).where(
        Assessment.kind == AssessmentKind.COMPLETION.value,
        Assessment.grade.in_([grade.value for grade in passing_grades(programme.passing_stipend)]),
    )
    ended = _people(year, Status.COMPLETED, Status.CERTIFIED).where(Trainee.id.in_(passed))
    to_pay = (
        Payment.programme == year,
        Payment.state == PaymentState.APPROVED.value,
        Payment.kind.in_([kind.value for kind in PaymentKind if kind is not PaymentKind.REMISSION]),
        Payment.reversed_by.is_null(),
    )
    return [
        ("tuition", Trainee, Trainee.id, without(PaymentKind.TUITION, _people(year, Status.TRAINING))),
        ("stipend", Trainee, Trainee.id, without(PaymentKind.STIPEND, ended)),
        (
            "to_approve",
            Payment,
            Payment.id,
            (Payment.programme == year, Payment.state == PaymentState.DRAFT.value),
        ),
        ("to_pay", Payment, Payment.id, to_pay),
    ]


def _cases(programme: int) -> list[Part]:
    mine = Termination.trainee.in_(Trainee.select(Trainee.id).where(Trainee.programme == programme))
    open_ones = [TerminationState.OPENED.value, TerminationState.CONFIRMED.value]
    owing = (
        Termination.state == TerminationState.DECIDED.value,
        Termination.path != TerminationPath.FOR_CAUSE.value,
    )
    return [
        ("case", Termination, Termination.id, (mine, Termination.state.in_(open_ones))),
        ("recovery", Termination, Termination.id, (mine, *owing)),
    ]


__all__ = ["of"]
