"""学费和住宿费 (九（一）): one sum a person-year, direct to the host; what a host gives back after a change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tepei_admin.choices import PaymentKind, PaymentState, TuitionWhen
from tepei_admin.errors import Violation
from tepei_admin.rules.money import Entry, Line, total, yuan


@dataclass(frozen=True)
class TuitionFacts:
    """One person-year: the track's rate and what has moved of it, over all hosts."""

    rate_fen: int
    entries: tuple[Entry, ...] = ()
    reported_in: bool = True
    when: TuitionWhen = TuitionWhen.REPORT_IN


@dataclass(frozen=True)
class Tuition:
    lines: tuple[Line, ...]
    amount_fen: int


def tuition(facts: TuitionFacts) -> Tuition | Violation:
    """What is proposed: rate - (paid - refunded); or why nothing is."""
    if facts.when is TuitionWhen.REPORT_IN and not facts.reported_in:
        return Violation("tuition.not_reported_in")
    waiting = _waiting(facts.entries)
    if waiting:
        return Violation("tuition.waiting", params={"amount": yuan(waiting)})
    paid, refunded = total(facts.entries, PaymentKind.TUITION), total(facts.entries, PaymentKind.REFUND)
    amount = facts.rate_fen - (paid - refunded)
    if amount <= 0:
        params = {"rate": yuan(facts.rate_fen), "paid": yuan(paid), "refunded": yuan(refunded)}
        return Violation("tuition.nothing_due", params=params)
    lines = [Line("tuition.line.rate", {}, facts.rate_fen)]
    if paid:
        lines.append(Line("tuition.line.paid", {}, -paid))
    if refunded:
        lines.append(Line("tuition.line.refunded", {}, refunded))
    return Tuition(tuple(lines), amount)


def _waiting(entries: Iterable[Entry]) -> int:
    """Opened or approved and not paid: a second proposal beside it would pay twice."""
    unpaid = (PaymentState.DRAFT, PaymentState.APPROVED)
    return sum(e.amount_fen for e in entries if e.kind is PaymentKind.TUITION and e.state in unpaid)


def check_tuition(amount_fen: int, proposed_fen: int, reason: str = "") -> Violation | None:
    """May another amount than the proposed one be opened? Less may; more needs a reason."""
    if amount_fen <= 0:
        return Violation("money.zero", "amount", {"value": yuan(amount_fen)})
    if amount_fen > proposed_fen and not reason.strip():
        params = {"amount": yuan(amount_fen), "proposed": yuan(proposed_fen)}
        return Violation("tuition.more_needs_reason", "reason", params)
    return None


def check_refund(amount_fen: int, entries: Iterable[Entry]) -> Violation | None:
    """A host gives back at most what was paid to it and not yet given back. `entries`: those of that host."""
    known = tuple(entries)
    held = total(known, PaymentKind.TUITION) - total(known, PaymentKind.REFUND)
    if amount_fen <= 0:
        return Violation("money.zero", "amount", {"value": yuan(amount_fen)})
    if amount_fen > held:
        return Violation(
            "tuition.refund_above_paid", "amount", {"amount": yuan(amount_fen), "held": yuan(held)}
        )
    return None
