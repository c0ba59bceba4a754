"""生活补贴 (九（一）): by the month for the time actually trained, once, after a passing assessment.

Whole months day to day, remaining days at rate/30; capped at the programme's months; then days away at
rate/30 as lines of their own. Each line is rounded half-up to the fen, the total is their sum.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from tepei_admin.choices import Grade, LeaveDeduction, TerminationPath
from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.rules.calendar import chinese
from tepei_admin.rules.money import Line, half_up, never_below_zero, summed, yuan
from tepei_admin.rules.term import NOT_AWAY, Away, DaysAway, Period, days_away, months_and_days

DAYS_OF_A_MONTH = 30  # a day's share of the monthly rate


@dataclass(frozen=True)
class LeaveRule:
    """The setting `leave_deduction`: all, off, beyond:N (only the days above N)."""

    mode: LeaveDeduction = LeaveDeduction.ALL
    free_days: int = 0

    @classmethod
    def parse(cls, text: str) -> LeaveRule:
        """Raises `RuleViolation` for a text that is no such setting."""
        written = text.strip().lower().replace("：", ":")
        if written == LeaveDeduction.ALL:
            return cls(LeaveDeduction.ALL)
        if written == LeaveDeduction.OFF:
            return cls(LeaveDeduction.OFF)
        found = re.fullmatch(r"beyond: ?([0-9]{1,3})", written)
        if found is None:
            raise RuleViolation(Violation("stipend.bad_leave_deduction", "leave_deduction", {"value": text}))
        return cls(LeaveDeduction.BEYOND, int(found[1]))

    def deducted(self, days: int) -> int:
        """How many of so many days of leave are taken off."""
        if self.mode is LeaveDeduction.OFF:
            return 0
        return max(days - self.free_days, 0)


DEDUCT_ALL = LeaveRule()


def passing_grades(text: str, field: str = "passing_stipend") -> frozenset[Grade]:
    """The setting `passing_stipend` or `passing_certificate`: labels (优秀,合格) or values, separated.

    Raises `RuleViolation` where one is no grade, or is 不合格, which can never pass (九（一）, 六（五）).
    """
    known = {name: grade for grade in Grade for name in (grade.label, grade.value)}
    names = [name for name in re.split(r"[,，、;；\s]+", text) if name]
    if not names:
        raise RuleViolation(Violation("stipend.no_passing_grades", field))
    for name in names:
        if known.get(name, Grade.FAIL) is Grade.FAIL:
            raise RuleViolation(Violation("stipend.bad_passing_grade", field, {"value": name}))
    return frozenset(known[name] for name in names)


@dataclass(frozen=True)
class StipendPolicy:
    """What the track and the programme's settings say."""

    rate_fen: int  # a month
    cap_months: int = 12
    leave: LeaveRule = DEDUCT_ALL
    passing: frozenset[Grade] = frozenset({Grade.EXCELLENT, Grade.PASS})
    on_early_end: bool = False


@dataclass(frozen=True)
class StipendFacts:
    """One person's training. `start` and `end` are the first and last actual day over all hosts (`term.whole`)."""

    start: date | None
    end: date | None
    grade: Grade | None = None  # of the completion assessment
    ended_by: TerminationPath | None = None  # a decided early end
    aways: tuple[Away, ...] = ()
    term_end: date | None = None  # planned; days away after it do not count


@dataclass(frozen=True)
class Stipend:
    """The amount and how it came about. `months` and `days` are what is paid for, after the cap."""

    lines: tuple[Line, ...]
    amount_fen: int
    months: int = 0
    days: int = 0
    away: DaysAway = NOT_AWAY

    @property
    def gross_fen(self) -> int:
        """Before days away are taken off."""
        return sum(line.amount_fen for line in self.lines if line.code in _EARNED)

    @property
    def deducted_fen(self) -> int:
        return self.gross_fen - self.amount_fen

    @property
    def nothing(self) -> Violation | None:
        """Why there is nothing to pay, where the amount came to 0.00."""
        return None if self.amount_fen else Violation("stipend.nothing")


_EARNED = ("stipend.line.months", "stipend.line.capped", "stipend.line.days")


def stipend(facts: StipendFacts, policy: StipendPolicy) -> Stipend | Violation:
    """What is to be paid, line by line, or the reason why nothing may be."""
    refusal = _not_due(facts, policy)
    if refusal:
        return refusal
    if facts.start is None:
        return Violation("stipend.not_started", "actual_start")
    if facts.end is None:
        return Violation("stipend.not_ended", "actual_end")
    if facts.end < facts.start:
        params = {"start": chinese(facts.start), "end": chinese(facts.end)}
        return Violation("stipend.end_before_start", "actual_end", params)
    return _computed(Period(facts.start, facts.end), facts, policy)


def _not_due(facts: StipendFacts, policy: StipendPolicy) -> Violation | None:
    early = facts.ended_by is TerminationPath.FOR_CAUSE
    if facts.ended_by and not early:
        return Violation("stipend.disqualified", params={"path": facts.ended_by.label})
    if early and not policy.on_early_end:
        return Violation("stipend.early_end")
    if facts.grade is None:
        # Who ended early by leave of the Department has no completion assessment to wait for.
        return None if early else Violation("stipend.no_grade", "grade")
    if facts.grade not in policy.passing:
        passing = "、".join(grade.label for grade in Grade if grade in policy.passing)
        params = {"grade": facts.grade.label, "passing": passing}
        return Violation("stipend.grade_not_passing", "grade", params)
    return None


def _computed(trained: Period, facts: StipendFacts, policy: StipendPolicy) -> Stipend:
    months, days = months_and_days(trained)
    capped = (months, days) > (policy.cap_months, 0)
    paid_months, paid_days = (policy.cap_months, 0) if capped else (months, days)
    counted = Period(trained.start, min(trained.end, facts.term_end or trained.end))
    away = days_away(facts.aways, counted)
    lines = never_below_zero(
        (
            *_earned(trained, (months, days), (paid_months, paid_days), policy.rate_fen),
            *_taken_off(away, policy),
        ),
        "stipend.line.floor",
    )
    return Stipend(lines, summed(lines), paid_months, paid_days, away)


def _earned(trained: Period, actual: tuple[int, int], paid: tuple[int, int], rate: int) -> Iterator[Line]:
    params = {"start": chinese(trained.start), "end": chinese(trained.end), "rate": yuan(rate)}
    months, days = paid
    if paid != actual:
        cap = {"months": months, "actual_months": actual[0], "actual_days": actual[1]}
        yield Line("stipend.line.capped", params | cap, months * rate)
        return
    if months:
        yield Line("stipend.line.months", params | {"months": months}, months * rate)
    if days:
        yield Line("stipend.line.days", params | {"days": days}, _of_days(days, rate))


def _taken_off(away: DaysAway, policy: StipendPolicy) -> Iterator[Line]:
    rate, rule = policy.rate_fen, policy.leave
    if away.leave:
        days = rule.deducted(away.leave)
        params = {"leave": away.leave, "days": days, "free": rule.free_days, "rate": yuan(rate)}
        yield Line(f"stipend.line.leave_{rule.mode.value}", params, -_of_days(days, rate))
    if away.absence:
        params = {"days": away.absence, "rate": yuan(rate)}
        yield Line("stipend.line.absence", params, -_of_days(away.absence, rate))


def _of_days(days: int, rate: int) -> int:
    return half_up(days * rate, DAYS_OF_A_MONTH)
