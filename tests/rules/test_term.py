from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tepei_admin.choices import LeaveKind, LeaveState
from tepei_admin.errors import Violation
from tepei_admin.rules.term import (
    Away,
    DaysAway,
    Period,
    add_months,
    check_leave,
    days_away,
    is_over,
    months_and_days,
    planned_end,
    returned,
    whole,
)

DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
YEAR = Period(date(2019, 9, 1), date(2020, 8, 31))


def period(start: str, end: str) -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2019-09-01", 12, "2020-08-31"),
        ("2019-09-16", 12, "2020-09-15"),
        ("2019-08-31", 12, "2020-08-30"),
        ("2019-08-31", 6, "2020-02-28"),
        ("2018-08-31", 6, "2019-02-27"),
        ("2020-02-29", 12, "2021-02-27"),
        ("2019-03-01", 12, "2020-02-29"),
        ("2018-03-01", 12, "2019-02-28"),
        ("2019-12-15", 1, "2020-01-14"),
        ("2019-09-01", 24, "2021-08-31"),
    ],
)
def test_a_term_ends_the_day_before_its_anniversary(start, months, end):
    assert planned_end(date.fromisoformat(start), months) == date.fromisoformat(end)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2019-09-01", "2020-08-31", (12, 0)),
        ("2019-09-16", "2020-08-31", (11, 16)),
        ("2019-08-31", "2020-02-28", (6, 0)),
        ("2019-08-31", "2020-02-29", (6, 1)),
        ("2019-09-01", "2019-09-10", (0, 10)),
        ("2019-09-01", "2019-09-01", (0, 1)),
        ("2019-09-01", "2019-09-29", (0, 29)),
        ("2019-09-01", "2019-09-30", (1, 0)),
        ("2019-10-01", "2019-10-30", (0, 30)),
        ("2019-10-01", "2019-10-31", (1, 0)),
        ("2019-01-31", "2019-02-27", (1, 0)),
        ("2019-01-31", "2019-03-29", (1, 30)),
        ("2019-01-31", "2019-03-30", (2, 0)),
        ("2019-09-02", "2019-09-01", (0, 0)),
        ("2019-09-01", "2020-10-31", (14, 0)),
    ],
)
def test_months_run_day_to_day(start, end, expected):
    assert months_and_days(period(start, end)) == expected


@given(DAYS, st.integers(1, 60))
def test_a_term_is_its_months_exactly(start, months):
    assert months_and_days(Period(start, planned_end(start, months))) == (months, 0)


@given(DAYS, st.integers(0, 1500))
def test_a_day_more_is_a_day_or_a_month_more(start, length):
    end = start + timedelta(length)
    months, days = months_and_days(Period(start, end))
    later = months_and_days(Period(start, end + timedelta(1)))
    assert later in ((months, days + 1), (months + 1, 0))
    assert days <= 30
    assert add_months(start, months) + timedelta(days - 1) == end


@given(DAYS, DAYS, DAYS, DAYS)
def test_periods_share_the_days_of_their_clip(a, b, c, d):
    one, two = Period(min(a, b), max(a, b)), Period(min(c, d), max(c, d))
    shared = one.clip(two)
    assert (shared is not None) == one.overlaps(two) == two.overlaps(one)
    assert shared == two.clip(one)
    if shared:
        assert one.holds(shared) and two.holds(shared)
        assert shared.days <= min(one.days, two.days)


def test_days_are_inclusive():
    assert period("2019-10-01", "2019-10-01").days == 1
    assert YEAR.days == 366
    assert period("2019-10-02", "2019-10-01").days == 0


@pytest.mark.parametrize(
    ("on", "over"), [(date(2020, 8, 30), False), (date(2020, 8, 31), True), (date(2020, 9, 1), True)]
)
def test_a_term_is_over_on_its_last_day(on, over):
    assert is_over(YEAR.end, on) is over


@pytest.mark.parametrize(
    ("spells", "expected"),
    [
        ([], (None, None)),
        ([(None, None)], (None, None)),
        ([(YEAR.start, None)], (YEAR.start, None)),
        ([(YEAR.start, date(2020, 1, 5)), (date(2020, 1, 20), YEAR.end)], (YEAR.start, YEAR.end)),
        ([(date(2020, 1, 20), None), (YEAR.start, date(2020, 1, 5))], (YEAR.start, None)),
        ([(YEAR.start, YEAR.end), (None, None)], (YEAR.start, YEAR.end)),
    ],
)
def test_training_runs_from_the_first_start_to_the_last_end(spells, expected):
    assert whole(spells) == expected


# --- Leave


def leave(start: str, end: str, state: LeaveState = LeaveState.GRANTED) -> Away:
    return Away(period(start, end), state=state)


def absence(start: str, end: str) -> Away:
    return Away(period(start, end), LeaveKind.ABSENCE, LeaveState.ASKED)


@pytest.mark.parametrize(
    ("aways", "expected"),
    [
        ([], DaysAway()),
        ([leave("2019-10-01", "2019-10-20")], DaysAway(20)),
        ([leave("2019-10-01", "2019-10-01")], DaysAway(1)),
        ([leave("2019-10-01", "2019-10-20", LeaveState.ASKED)], DaysAway()),
        ([leave("2019-10-01", "2019-10-20", LeaveState.REFUSED)], DaysAway()),
        ([leave("2019-10-01", "2019-10-20", LeaveState.RETURNED)], DaysAway(20)),
        ([leave("2019-08-20", "2019-09-02")], DaysAway(2)),
        ([leave("2020-08-30", "2020-09-10")], DaysAway(2)),
        ([leave("2020-09-01", "2020-09-10")], DaysAway()),
        ([absence("2019-10-01", "2019-10-03")], DaysAway(0, 3)),
        ([leave("2019-10-01", "2019-10-05"), leave("2019-10-05", "2019-10-06")], DaysAway(6)),
        ([leave("2019-10-01", "2019-10-05"), absence("2019-10-05", "2019-10-07")], DaysAway(5, 2)),
    ],
)
def test_days_away_inside_the_term_count_once(aways, expected):
    assert days_away(aways, YEAR) == expected


def codes(*args) -> list[tuple[str, str | None]]:
    return [(violation.code, violation.field) for violation in check_leave(*args)]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2019-09-01", "2019-09-01", []),
        ("2020-08-31", "2020-08-31", []),
        ("2019-09-01", "2020-08-31", []),
        ("2019-08-31", "2019-09-01", [("leave.outside_term", "starts")]),
        ("2020-08-31", "2020-09-01", [("leave.outside_term", "ends")]),
        ("2020-09-01", "2020-09-01", [("leave.outside_term", "starts")]),
        ("2019-10-02", "2019-10-01", [("leave.ends_before_starts", "ends")]),
    ],
)
def test_leave_lies_inside_the_term(start, end, expected):
    assert codes(leave(start, end), YEAR) == expected


def test_leave_without_a_term_is_refused():
    assert codes(leave("2019-10-01", "2019-10-01"), None) == [("leave.no_term", "starts")]


@pytest.mark.parametrize(
    ("other", "refused"),
    [
        (leave("2019-10-05", "2019-10-08"), True),
        (leave("2019-09-28", "2019-10-01"), True),
        (leave("2019-10-06", "2019-10-08"), False),
        (leave("2019-09-28", "2019-09-30"), False),
        (leave("2019-10-02", "2019-10-03", LeaveState.RETURNED), True),
        (leave("2019-10-02", "2019-10-03", LeaveState.REFUSED), False),
        (leave("2019-10-02", "2019-10-03", LeaveState.ASKED), False),
        (absence("2019-10-02", "2019-10-03"), True),
    ],
)
def test_leave_does_not_overlap_with_another_granted_one(other, refused):
    found = codes(leave("2019-10-01", "2019-10-05"), YEAR, [other])
    assert found == ([("leave.overlaps", "starts")] if refused else [])


@pytest.mark.parametrize(
    ("back", "end"),
    [("2019-10-02", "2019-10-01"), ("2019-10-05", "2019-10-04"), ("2019-10-06", "2019-10-05")],
)
def test_returned_early_counts_to_the_day_before_the_return(back, end):
    found = returned(leave("2019-10-01", "2019-10-05"), date.fromisoformat(back))
    assert found == leave("2019-10-01", end, LeaveState.RETURNED)


@pytest.mark.parametrize(
    ("away", "back", "code"),
    [
        (leave("2019-10-01", "2019-10-05"), "2019-10-01", "leave.back_before_start"),
        (leave("2019-10-01", "2019-10-05"), "2019-10-07", "leave.back_late"),
        (leave("2019-10-01", "2019-10-05", LeaveState.ASKED), "2019-10-03", "leave.not_granted"),
        (leave("2019-10-01", "2019-10-05", LeaveState.RETURNED), "2019-10-03", "leave.not_granted"),
        (absence("2019-10-01", "2019-10-05"), "2019-10-03", "leave.not_granted"),
    ],
)
def test_a_return_that_cannot_be_is_refused(away, back, code):
    found = returned(away, date.fromisoformat(back))
    assert isinstance(found, Violation) and found.code == code


def test_a_late_return_says_by_how_many_days():
    assert returned(leave("2019-10-01", "2019-10-05"), date(2019, 10, 8)).params["days"] == 2
