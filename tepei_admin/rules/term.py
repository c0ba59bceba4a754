"""Terms of training: planned end, months day to day, days away (三, 六（四）, 九（一）)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from tepei_admin.choices import LeaveKind, LeaveState
from tepei_admin.errors import Violation
from tepei_admin.rules.calendar import chinese

_DAY = timedelta(days=1)
GRANTED = frozenset({LeaveState.GRANTED, LeaveState.RETURNED})


@dataclass(frozen=True)
class Period:
    """From one day to another, both included."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """Inclusive; 0 where the end lies before the start."""
        return max((self.end - self.start).days + 1, 0)

    def overlaps(self, other: Period) -> bool:
        return self.start <= other.end and other.start <= self.end

    def holds(self, other: Period) -> bool:
        return self.start <= other.start and other.end <= self.end

    def clip(self, to: Period) -> Period | None:
        """The part that lies inside `to`; None where there is none."""
        start, end = max(self.start, to.start), min(self.end, to.end)
        return Period(start, end) if start <= end else None

    @property
    def chinese(self) -> str:
        return f"{chinese(self.start)}至{chinese(self.end)}"


# --- Months


def add_months(day: date, months: int) -> date:
    """The same day `months` later; a day that the month lacks becomes its last one (31 August -> 29 February)."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def planned_end(start: date, months: int = 12) -> date:
    """The last day of a term: start + 1 year - 1 day (三), for any number of months."""
    return add_months(start, months) - _DAY


def months_and_days(period: Period) -> tuple[int, int]:
    """Whole months, day to day from the start, and the days that remain (at most 30)."""
    if not period.days:
        return 0, 0
    start, after = period.start, period.end + _DAY
    months = (after.year - start.year) * 12 + after.month - start.month
    if add_months(start, months) > after:
        months -= 1
    return months, (after - add_months(start, months)).days


def is_over(end: date, on: date) -> bool:
    """Is a term over on this day? Its last day counts: certificates are handed out on it."""
    return on >= end


def whole(spells: Iterable[tuple[date | None, date | None]]) -> tuple[date | None, date | None]:
    """First actual start and last actual end over a person's placements: a change of host does not split.

    Placements that never started are left out; the end is None while the latest is going on.
    """
    begun = [(start, end) for start, end in spells if start is not None]
    if not begun:
        return None, None
    latest = max(start for start, _ in begun)
    ends = [end for start, end in begun if start == latest]
    return min(start for start, _ in begun), None if None in ends else max(end for end in ends if end)


# --- Days away


@dataclass(frozen=True)
class Away:
    """Days away, both ends included: a leave, or an absence without the host's approval."""

    period: Period
    kind: LeaveKind = LeaveKind.LEAVE
    state: LeaveState = LeaveState.GRANTED

    @property
    def granted(self) -> bool:
        return self.kind is LeaveKind.LEAVE and self.state in GRANTED

    @property
    def absent(self) -> bool:
        """Away without approval, whatever became of a request for it."""
        return self.kind is LeaveKind.ABSENCE


@dataclass(frozen=True)
class DaysAway:
    leave: int = 0
    absence: int = 0


NOT_AWAY = DaysAway()


def days_away(aways: Iterable[Away], within: Period) -> DaysAway:
    """Days inside the term or the training, each counted once; a day of granted leave is no absence."""
    leave: set[int] = set()
    absence: set[int] = set()
    for away in aways:
        part = away.period.clip(within)
        if part and (away.granted or away.absent):
            days = range(part.start.toordinal(), part.end.toordinal() + 1)
            (leave if away.granted else absence).update(days)
    return DaysAway(len(leave), len(absence - leave))


def check_leave(new: Away, term: Period | None, others: Iterable[Away] = ()) -> list[Violation]:
    """May this leave or absence be recorded? `term`: the placement's; `others`: the person's other ones."""
    if new.period.end < new.period.start:
        params = {"start": chinese(new.period.start), "end": chinese(new.period.end)}
        return [Violation("leave.ends_before_starts", "ends", params)]
    found = []
    if term is None:
        found.append(Violation("leave.no_term", "starts"))
    elif not term.holds(new.period):
        at = "starts" if new.period.start < term.start or new.period.start > term.end else "ends"
        found.append(Violation("leave.outside_term", at, {"leave": new.period.chinese, "term": term.chinese}))
    for other in others:
        if (other.granted or other.absent) and other.period.overlaps(new.period):
            params = {"leave": new.period.chinese, "other": other.period.chinese, "kind": other.kind.label}
            found.append(Violation("leave.overlaps", "starts", params))
    return found


def returned(leave: Away, back_on: date) -> Away | Violation:
    """The leave as it counts once the person is back: to the day before. Later than granted is absence."""
    period = leave.period
    params = {"leave": period.chinese, "back": chinese(back_on)}
    if leave.kind is not LeaveKind.LEAVE or leave.state is not LeaveState.GRANTED:
        return Violation("leave.not_granted", "state", {"state": leave.state.label})
    if back_on <= period.start:
        return Violation("leave.back_before_start", "ends", params)
    late = (back_on - period.end).days - 1
    if late > 0:
        return Violation("leave.back_late", "ends", params | {"days": late})
    return replace(leave, period=Period(period.start, back_on - _DAY), state=LeaveState.RETURNED)
