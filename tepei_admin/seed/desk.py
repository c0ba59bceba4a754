"""The office at work in the demo: whoever hands in, acts and decides, through the same commands as everybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tepei_admin.choices import PaymentState, Status
from tepei_admin.database import among
from tepei_admin.models import Payment, Programme, Region, Track, Trainee, Unit
from tepei_admin.permissions import Actor
from tepei_admin.seed.cast import Person
from tepei_admin.services import nominations, programmes, requests, verbs
from tepei_admin.services.plan import Args, Outcome


@dataclass(frozen=True)
class Desk:
    """An operator's and an approver's work on one programme year."""

    operator: Actor
    approver: Actor
    year: int

    def day(self, month: int, day: int, *, after: int = 0) -> dt.date:
        """A day of the programme's year, or so many years after it."""
        return dt.date(self.year + after, month, day)

    def track(self, code: str) -> Track:
        return programmes.find_track(programmes.find(self.year).id, code)

    def hand_in(
        self, unit: str, track: str, people: Sequence[Person], on: dt.date, *, sealed: bool = True
    ) -> list[int]:
        """A unit's summary table, stored as an import stores it."""
        regions = dict(Region.select(Region.code, Region.id).tuples())
        sender, target = programmes.find_unit(unit), self.track(track)
        items = [
            nominations.Nomination(row, sender.id, _numbered(person, row, regions))
            for row, person in enumerate(people, 4)
        ]
        source = nominations.Source(f"{sender.name}{target.label}学员汇总表.xlsx", on, sealed)
        shown = nominations.match(target.programme_id, target, items, sealed=sealed)
        expected = {made.nomination.row: ("new", 0, made.said) for made in shown}
        return list(nominations.store(self.operator, target, items, expected, source).done)

    def people(self, status: Status = Status.APPLIED, *, result: str = "", **where: str) -> list[int]:
        """Who stands there this year, by `track` and `unit`, in order of arrival."""
        query = (
            Trainee.select(Trainee.id).join(Unit).switch(Trainee).join(Track).switch(Trainee).join(Programme)
        )
        query = query.where(Programme.year == self.year, Trainee.status == status)
        for name, model in (("unit", Unit), ("track", Track)):
            if name in where:
                query = query.where(model.code == where[name])
        if result:
            query = query.where(Trainee.eligibility == result)
        return [row[0] for row in query.order_by(Trainee.id).tuples()]

    def attempt(self, verb: str, people: Sequence[int], on: dt.date, **args: Any) -> Outcome:
        """By the operator, for whomever it can be done."""
        return verbs.perform(self.operator, verb, people, Args(on, **args))

    def do(
        self, verb: str, people: Sequence[int], on: dt.date, by: Actor | None = None, **args: Any
    ) -> Outcome:
        """For every one of them. Raises RuntimeError where somebody is refused: the demo itself is wrong then."""
        outcome = verbs.perform(by or self.operator, verb, people, Args(on, **args))
        if outcome.skipped:
            raise RuntimeError(f"{verb}: {outcome.skipped[0]}")
        return outcome

    def decide(self, ref: str, *, yes: bool = True, reason: str = "", **more: str) -> None:
        """By the approver."""
        requests.decide(self.approver, ref, yes=yes, reason=reason, more=more)

    # --- Money

    def propose(self, kind: str, people: Sequence[int], on: dt.date) -> list[int]:
        """The drafts of tuition or stipend for these people."""
        self.do(f"propose_{kind}", people, on)
        query = Payment.select(Payment.id).where(
            among(Payment.trainee, list(people)),
            Payment.kind == kind,
            Payment.state == PaymentState.DRAFT.value,
        )
        return [row[0] for row in query.order_by(Payment.id).tuples()]

    def approve(self, payments: Sequence[int], on: dt.date) -> None:
        self.do("approve_payment", payments, on, by=self.approver)

    def settle(self, payments: Sequence[int], approved: dt.date, paid: dt.date, voucher: str) -> None:
        """Approved by the second person and paid."""
        self.approve(payments, approved)
        self.do("pay_payment", payments, paid, more={"voucher": voucher})


def _numbered(person: Person, row: int, regions: Mapping[str, int]) -> Person:
    places: Person = {name: regions[person[name]] for name in ("region", "county") if name in person}
    return {**person, "unit_rank": row - 3, **places}
