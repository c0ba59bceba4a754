"""Payments as the rules see them, many people at once; ledgers of decided cases; sums. Reads, but for `resettle`."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from peewee import JOIN, fn

from tepei_admin.choices import PaymentKind, PaymentState, TerminationPath, TerminationState
from tepei_admin.database import among
from tepei_admin.models import Payment, Programme, Termination, Track, Trainee, Unit
from tepei_admin.permissions import Actor
from tepei_admin.rules.money import Entry
from tepei_admin.rules.recovery import Decided, Ledger, ledger
from tepei_admin.services import record, work
from tepei_admin.services.scope import scope

STANDING = (TerminationState.DECIDED.value, TerminationState.SETTLED.value)
"""A case that has been decided and not overturned."""
OPEN_CASE = (TerminationState.OPENED.value, TerminationState.CONFIRMED.value)
OF_CASE = (PaymentKind.RECOVERY, PaymentKind.REMISSION, PaymentKind.REPAYMENT)
UNPAID = (PaymentState.DRAFT, PaymentState.APPROVED)


@dataclass(frozen=True)
class Row:
    """A payment that is not void."""

    id: int
    trainee: int
    kind: PaymentKind
    state: PaymentState
    amount: int
    reversed: bool
    paid_on: dt.date | None
    payee: str
    payee_unit: int | None
    placement: int | None
    termination: int | None

    @property
    def entry(self) -> Entry:
        return Entry(self.id, self.kind, self.amount, self.state, self.reversed, self.paid_on, self.payee)


_COLUMNS = (
    Payment.id, Payment.trainee, Payment.kind, Payment.state, Payment.amount, Payment.reversed_by, Payment.paid_on,
    Payment.payee, Payment.payee_unit, Payment.placement, Payment.termination,
)  # fmt: skip


def rows_of(people: Iterable[int], without: Iterable[int] = ()) -> dict[int, list[Row]]:
    """The payments of these people that are not void, in order of number. `without`: some that do not count."""
    left_out = set(without)
    query = Payment.select(*_COLUMNS).where(
        among(Payment.trainee, list(people)), Payment.state != PaymentState.VOID.value
    )
    found: dict[int, list[Row]] = defaultdict(list)
    for number, person, kind, state, amount, reversed_by, *rest in query.order_by(Payment.id).tuples():
        if number not in left_out:
            row = Row(
                number,
                person,
                PaymentKind(kind),
                PaymentState(state),
                amount,
                reversed_by is not None,
                *rest,
            )
            found[person].append(row)
    return found


def entries(rows: Iterable[Row]) -> tuple[Entry, ...]:
    return tuple(row.entry for row in rows)


def lock_people(people: Iterable[int]) -> None:
    """Who moves money of a person holds the person first: two of one person's never run side by side."""
    if work.current.get() is None:
        return
    query = Trainee.select(Trainee.id).where(among(Trainee.id, sorted(set(people)))).order_by(Trainee.id)
    list(record.locked(query).tuples())


# --- Ledgers


@dataclass(frozen=True)
class Book:
    """A decided case and where it stands. `waiting`: what is opened or approved and not yet done, by kind."""

    id: int
    trainee: int
    name: str
    unit: str
    path: TerminationPath
    state: TerminationState
    decided_on: dt.date | None
    decision_no: str
    ledger: Ledger
    waiting: Mapping[PaymentKind, int]


def books(condition: Any, *, without: Iterable[int] = ()) -> list[Book]:
    """The ledgers of the standing cases of a condition. Four queries, however many."""
    query = (
        Termination.select(
            Termination.id,
            Termination.trainee,
            Trainee.name,
            Unit.name,
            Termination.path,
            Termination.state,
            Termination.decided_on,
            Termination.decision_no,
            Termination.due,
            Termination.lines,
        )
        .join(Trainee, on=(Termination.trainee == Trainee.id))
        .join(Unit, on=(Trainee.unit == Unit.id))
        .where(Termination.state.in_(STANDING), condition)
        .order_by(Termination.id)
    )
    cases = list(query.tuples())
    people = rows_of({case[1] for case in cases}, without)
    return [_book(case, people.get(case[1], [])) for case in cases]


def _book(case: tuple[Any, ...], rows: list[Row]) -> Book:
    number, trainee, name, unit, path, state, decided_on, decision_no, due, lines = case
    own = [row for row in rows if row.kind not in OF_CASE or row.termination == number]
    waiting: dict[PaymentKind, int] = defaultdict(int)
    for row in own:
        if row.kind in OF_CASE and row.state in UNPAID and not row.entry.counts and not row.reversed:
            waiting[row.kind] += row.amount
    found = ledger(Decided.read(due or 0, lines or ()), entries(own))
    return Book(
        number, trainee, name, unit, TerminationPath(path), TerminationState(state), decided_on, decision_no, found,
        waiting,
    )  # fmt: skip


def book(case: int, *, without: Iterable[int] = ()) -> Book | None:
    """The ledger of one case; None where it is not decided, or overturned."""
    return next(iter(books(Termination.id == case, without=without)), None)


def of_year(actor: Actor, programme: int) -> list[Book]:
    """Every recovery of a programme within the actor's sight: the cases of 六（六）."""
    allowed = scope(actor, Termination)
    condition = Termination.trainee.in_(Trainee.select(Trainee.id).where(Trainee.programme == programme))
    condition &= Termination.path != TerminationPath.FOR_CAUSE.value
    return books(condition if allowed is None else condition & allowed)


@dataclass(frozen=True)
class Total:
    """Some ledgers together, in fen. `reduced`: taken off by later refunds and reversals."""

    due: int = 0
    reduced: int = 0
    received: int = 0
    repaid: int = 0
    remitted: int = 0
    outstanding: int = 0
    overpaid: int = 0


def total_of(found: Iterable[Book]) -> Total:
    ledgers = [item.ledger for item in found]
    reduced = sum(item.refunds + item.corrections for item in ledgers)
    names = ("due", "received", "repaid", "remitted", "outstanding", "overpaid")
    return Total(reduced=reduced, **{name: sum(getattr(item, name) for item in ledgers) for name in names})


def resettle(people: Iterable[int]) -> None:
    """A case is settled while nothing is outstanding, and decided again where a reversal has reopened it."""
    changes = {}
    for found in books(among(Termination.trainee, sorted(set(people)))):
        state = TerminationState.SETTLED if found.ledger.settled else TerminationState.DECIDED
        if state is not found.state:
            changes[found.id] = {"state": state.value}
    record.update_each(Termination, changes)


# --- Sums


@dataclass(frozen=True)
class Sum:
    """So much of one kind and state, of one track, to or from one host ('' for what is none's)."""

    track: str
    kind: PaymentKind
    state: PaymentState
    host: str
    count: int
    amount: int
    host_id: int | None = None


def sums(actor: Actor, programme: int) -> list[Sum]:
    """What counts and what is on its way, without what is void, what was reversed, and the reversals. One query."""
    allowed = scope(actor, Payment)
    conditions = [
        Payment.programme == programme,
        Payment.state != PaymentState.VOID.value,
        Payment.reversed_by.is_null(),
        Payment.kind != PaymentKind.REVERSAL.value,
    ]
    keys = (Track.position, Track.label, Payment.kind, Payment.state, Unit.name, Unit.id)
    query = (
        Payment.select(*keys, fn.COUNT(Payment.id), fn.SUM(Payment.amount))
        .join(Trainee, on=(Payment.trainee == Trainee.id))
        .join(Track, on=(Trainee.track == Track.id))
        .switch(Payment)
        .join(Unit, JOIN.LEFT_OUTER, on=(Payment.payee_unit == Unit.id))
        .where(*conditions, *([] if allowed is None else [allowed]))
        .group_by(*keys)
        .order_by(Track.position, Track.label, Unit.name)
    )
    return [
        Sum(track, PaymentKind(kind), PaymentState(state), host or "", count, int(amount), number)
        for _, track, kind, state, host, number, count, amount in query.tuples()
    ]


SPENT = (PaymentKind.TUITION, PaymentKind.STIPEND)
"""What the programme spends: its check figures are of these (九（一）)."""


@dataclass(frozen=True)
class Planned:
    """What a track costs in fen when every place is filled for the whole term."""

    track: int
    label: str
    amounts: Mapping[PaymentKind, int]


def planned(tracks: Iterable[Track], months: int) -> list[Planned]:
    """Places x rate, and for the stipend x the months of a term, track by track."""
    return [
        Planned(
            track.id,
            track.label,
            {
                PaymentKind.TUITION: track.places * track.tuition,
                PaymentKind.STIPEND: track.places * track.stipend * months,
            },
        )
        for track in tracks
    ]


def by_year(actor: Actor) -> dict[int, dict[PaymentState, int]]:
    """What each programme year has spent or is about to, by state. One query."""
    allowed = scope(actor, Payment)
    query = (
        Payment.select(Programme.year, Payment.state, fn.SUM(Payment.amount))
        .join(Programme, on=(Payment.programme == Programme.id))
        .where(
            Payment.kind.in_([kind.value for kind in SPENT]),
            Payment.state != PaymentState.VOID.value,
            Payment.reversed_by.is_null(),
            *([] if allowed is None else [allowed]),
        )
        .group_by(Programme.year, Payment.state)
        .order_by(Programme.year.desc())
    )
    found: dict[int, dict[PaymentState, int]] = {}
    for year, state, amount in query.tuples():
        found.setdefault(year, {})[PaymentState(state)] = int(amount)
    return found
