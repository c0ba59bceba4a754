"""追缴 (六（六）): programme money to be paid back after a disciplinary end, and its ledger.

What is due is computed before the decision and recorded with it, lines and all. Later refunds and
reversals never touch that figure: they are lines of the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tepei_admin.choices import PaymentKind, PaymentState, RecoveryRule, TerminationPath
from tepei_admin.errors import Violation
from tepei_admin.messages import word
from tepei_admin.rules.calendar import chinese
from tepei_admin.rules.money import Entry, Line, half_up, never_below_zero, summed, total, yuan
from tepei_admin.rules.term import Period

Kind, State = PaymentKind, PaymentState

SPENT = (Kind.TUITION, Kind.STIPEND)
DISCIPLINARY = frozenset(TerminationPath) - {TerminationPath.FOR_CAUSE}
_AFTER_REPORT_IN = (TerminationPath.LEFT, TerminationPath.DISCIPLINE)


# --- What is due


@dataclass(frozen=True)
class Case:
    """The path, always an explicit choice, and what the due depends on."""

    path: TerminationPath
    entries: tuple[Entry, ...] = ()  # every payment of the person
    rule: RecoveryRule = RecoveryRule.FULL
    term: Period | None = None  # planned
    ended_on: date | None = None  # last day of training; none for who never came


@dataclass(frozen=True)
class Recovery:
    lines: tuple[Line, ...]
    due_fen: int

    @property
    def formula(self) -> str:
        """学费和住宿费 33,000.00 - 退费 8,000.00 = 25,000.00"""
        return formula((line.code, line.amount_fen) for line in self.lines)


def formula(steps: Iterable[tuple[str, int]]) -> str:
    """The steps of a recovery, (code, fen), added up in words; one alone needs no sum."""
    sums: dict[str, int] = {}
    for code, fen in steps:
        if fen:
            sums[code] = sums.get(code, 0) + fen
    text = ""
    for code, fen in sums.items():
        sign = (" - " if fen < 0 else " + ") if text else ""
        text += f"{sign}{word(_SHORT[code])} {yuan(abs(fen))}"
    due = yuan(sum(sums.values()))
    return due if not text else text if len(sums) == 1 else f"{text} = {due}"


_LINE = {
    Kind.TUITION: "recovery.line.tuition",
    Kind.STIPEND: "recovery.line.stipend",
    Kind.REFUND: "recovery.line.refund",
}
_SHORT = {
    "recovery.line.tuition": "recovery.short.tuition",
    "recovery.line.stipend": "recovery.short.stipend",
    "recovery.line.refund": "recovery.short.refund",
    "recovery.line.pro_rata": "recovery.short.pro_rata",
    "recovery.line.floor": "recovery.short.floor",
}


def recovery(case: Case) -> Recovery:
    """What is due, line by line: tuition and stipend paid - refunds; none where the end was for cause."""
    if case.path not in DISCIPLINARY:
        return Recovery((Line("recovery.line.for_cause"),), 0)
    lines = never_below_zero(_moved(case.entries), "recovery.line.floor")
    if not lines:
        return Recovery((Line("recovery.line.nothing_paid"),), 0)
    if case.rule is RecoveryRule.PRO_RATA:
        lines = (*lines, _pro_rata(case, summed(lines)))
    return Recovery(lines, summed(lines))


def _moved(entries: Iterable[Entry]) -> Iterator[Line]:
    kept = [entry for entry in entries if entry.counts and entry.kind in _LINE]
    for kind in _LINE:
        for entry in (entry for entry in kept if entry.kind is kind):
            params = {"payment": entry.id, "detail": _detail(entry)}
            yield Line(_LINE[kind], params, _signed(entry))


def _detail(entry: Entry) -> str:
    known = [text for text in (entry.party, chinese(entry.on) if entry.on else "") if text]
    return word("recovery.detail", known=word("recovery.comma").join(known)) if known else ""


def _signed(entry: Entry) -> int:
    return entry.amount_fen if entry.kind in SPENT else -entry.amount_fen


def _pro_rata(case: Case, base: int) -> Line:
    """The share of the days trained, taken off. Days are those of the planned term up to the actual end."""
    if case.term is None or not case.term.days or (case.ended_on is None and case.path in _AFTER_REPORT_IN):
        return Line("recovery.line.not_counted_by_days")
    days = case.term.days
    trained = Period(case.term.start, case.ended_on).days if case.ended_on else 0
    remaining = max(days - trained, 0)
    params = {"days": days, "trained": days - remaining, "remaining": remaining}
    return Line("recovery.line.pro_rata", params, half_up(base * remaining, days) - base)


def check_decision(case: Case, shown_fen: int | None = None) -> list[Violation]:
    """What keeps the decision from being taken. `shown_fen`: the due that the decider was shown."""
    if case.path not in DISCIPLINARY:
        return []
    found = [
        Violation(
            "recovery.approved_unpaid", None, {"kind": entry.kind.label, "amount": yuan(entry.amount_fen)}
        )
        for entry in case.entries
        if entry.kind in SPENT and entry.state is State.APPROVED
    ]
    if case.path in _AFTER_REPORT_IN and case.ended_on is None:
        found.append(Violation("recovery.no_end", "actual_end"))
    elif case.rule is RecoveryRule.PRO_RATA and (case.term is None or not case.term.days):
        found.append(Violation("recovery.no_term", "term"))
    due = recovery(case).due_fen
    if shown_fen is not None and shown_fen != due:
        found.append(Violation("recovery.changed", "due", {"shown": yuan(shown_fen), "due": yuan(due)}))
    return found


def to_void(case: Case) -> tuple[Entry, ...]:
    """The draft payments of programme money that the decision voids."""
    if case.path not in DISCIPLINARY:
        return ()
    return tuple(entry for entry in case.entries if entry.kind in SPENT and entry.state is State.DRAFT)


# --- The ledger of a decided case


@dataclass(frozen=True)
class Decided:
    """What the decision recorded: the due, the payments it counted, the share of the days not trained."""

    due_fen: int
    counted: frozenset[int] = frozenset()
    remaining: int = 1
    days: int = 1

    @classmethod
    def of(cls, found: Recovery) -> Decided:
        return cls.read(found.due_fen, [{"code": line.code, "params": line.params} for line in found.lines])

    @classmethod
    def read(cls, due_fen: int, lines: Iterable[Mapping[str, Any]]) -> Decided:
        """From `Termination.due` and `Termination.lines`, as `money.stored` gave them."""
        counted, remaining, days = set(), 1, 1
        for line in lines:
            params = line["params"]
            if "payment" in params:
                counted.add(params["payment"])
            if line["code"] == "recovery.line.pro_rata":
                remaining, days = params["remaining"], params["days"]
        return cls(due_fen, frozenset(counted), remaining, days)

    def share(self, base_fen: int) -> int:
        return half_up(max(base_fen, 0) * self.remaining, self.days)


@dataclass(frozen=True)
class Ledger:
    """应收 已收 减免 未收, and what later refunds and reversals have changed."""

    due: int
    refunds: int = 0  # 退费冲减: taken off by refunds that came after the decision
    corrections: int = 0  # 冲正冲减: taken off since a counted payment was reversed; negative for a refund
    remitted: int = 0
    received: int = 0
    repaid: int = 0

    @property
    def claim(self) -> int:
        """What has to be received in all, as things stand."""
        return max(self.due - self.refunds - self.corrections - self.remitted, 0)

    @property
    def kept(self) -> int:
        return self.received - self.repaid

    @property
    def outstanding(self) -> int:
        return max(self.claim - self.kept, 0)

    @property
    def overpaid(self) -> int:
        """Received beyond what is due: to be paid back (退还多收)."""
        return max(self.kept - self.claim, 0)

    @property
    def settled(self) -> bool:
        return self.outstanding == 0

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every part that is not nothing, the due always; what reduces the claim is negative."""
        parts = (
            Line("recovery.ledger.due", {}, self.due),
            Line("recovery.ledger.refunds", {}, -self.refunds),
            Line("recovery.ledger.corrections", {}, -self.corrections),
            Line("recovery.ledger.remitted", {}, -self.remitted),
            Line("recovery.ledger.received", {}, -self.received),
            Line("recovery.ledger.repaid", {}, self.repaid),
        )
        return parts[:1] + tuple(line for line in parts[1:] if line.amount_fen)


def ledger(decided: Decided, entries: Iterable[Entry]) -> Ledger:
    """Where a decided case stands. `entries`: the person's tuition, stipend and refunds, and the case's own."""
    known = tuple(entries)
    ours = [entry for entry in known if entry.id in decided.counted]
    then = sum(_signed(entry) for entry in ours)
    later = [e for e in known if e.kind is Kind.REFUND and e.counts and e.id not in decided.counted]
    refunded = then - total(later, Kind.REFUND)
    now = refunded - sum(_signed(entry) for entry in ours if not entry.counts)
    at_first, after_refunds = decided.share(then), decided.share(refunded)
    return Ledger(
        due=decided.due_fen,
        refunds=at_first - after_refunds,
        corrections=after_refunds - decided.share(now),
        remitted=total(known, Kind.REMISSION),
        received=total(known, Kind.RECOVERY),
        repaid=total(known, Kind.REPAYMENT),
    )


def check_step(book: Ledger, kind: PaymentKind, amount_fen: int, reason: str = "") -> list[Violation]:
    """May this be received, remitted or paid back? Asked when it is opened, and again when it takes effect."""
    if amount_fen <= 0:
        return [Violation("money.zero", "amount", {"value": yuan(amount_fen)})]
    limit = book.overpaid if kind is Kind.REPAYMENT else book.outstanding
    found = []
    if amount_fen > limit:
        params = {"kind": kind.label, "amount": yuan(amount_fen), "limit": yuan(limit)}
        above = "recovery.above_overpaid" if kind is Kind.REPAYMENT else "recovery.above_outstanding"
        found.append(Violation(above, "amount", params))
    if kind is Kind.REMISSION and not reason.strip():
        found.append(Violation("recovery.remission_needs_reason", "reason"))
    return found


def check_reversal(book: Ledger, kind: PaymentKind, amount_fen: int) -> Violation | None:
    """What was received cannot be taken back while part of it has been paid back to the payer."""
    if kind is Kind.RECOVERY and book.received - amount_fen < book.repaid:
        return Violation("recovery.repayment_first", params={"repaid": yuan(book.repaid)})
    return None


def check_overturn(book: Ledger) -> list[Violation]:
    """Reinstating overturns the case: what was received or remitted in it must be reversed first."""
    if not (book.received or book.remitted):
        return []
    params = {"received": yuan(book.received), "remitted": yuan(book.remitted)}
    return [Violation("recovery.reverse_first", params=params)]
