"""The stipend to the fen: domain.md "Money", open case O24."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tepei_admin.choices import Grade, LeaveDeduction, LeaveKind, LeaveState, TerminationPath
from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.rules.money import half_up, plain, summed
from tepei_admin.rules.stipend import (
    LeaveRule,
    Stipend,
    StipendFacts,
    StipendPolicy,
    passing_grades,
    stipend,
)
from tepei_admin.rules.term import Away, DaysAway, Period, whole

OUTSIDE, INSIDE = StipendPolicy(600_00), StipendPolicy(400_00)
FULL = StipendFacts(date(2019, 9, 1), date(2020, 8, 31), Grade.PASS)


def leave(days: int, start: date = date(2019, 11, 1), kind: LeaveKind = LeaveKind.LEAVE) -> tuple[Away, ...]:
    return (Away(Period(start, start + timedelta(days - 1)), kind),) if days else ()


def absence(days: int, start: date = date(2020, 1, 1)) -> tuple[Away, ...]:
    return leave(days, start, LeaveKind.ABSENCE)


def trained(start: str, end: str, days: int = 0) -> StipendFacts:
    return StipendFacts(date.fromisoformat(start), date.fromisoformat(end), Grade.PASS, aways=leave(days))


@pytest.mark.parametrize(
    ("policy", "facts", "amount", "lines"),
    [
        (OUTSIDE, trained("2019-09-01", "2020-08-31"), "7200.00", ["7200.00"]),
        (INSIDE, trained("2019-09-16", "2020-08-31"), "4613.33", ["4400.00", "213.33"]),
        (INSIDE, trained("2019-09-16", "2020-08-31", 20), "4346.66", ["4400.00", "213.33", "-266.67"]),
        (INSIDE, trained("2019-08-31", "2020-02-29"), "2413.33", ["2400.00", "13.33"]),
        (OUTSIDE, trained("2019-09-01", "2019-09-10"), "200.00", ["200.00"]),
        (OUTSIDE, trained("2019-09-01", "2020-10-31"), "7200.00", ["7200.00"]),
        (OUTSIDE, trained("2019-09-01", "2020-10-31", 20), "6800.00", ["7200.00", "-400.00"]),
        (INSIDE, trained("2019-09-01", "2020-08-31"), "4800.00", ["4800.00"]),
        (OUTSIDE, trained("2019-09-01", "2020-09-01"), "7200.00", ["7200.00"]),
        (OUTSIDE, trained("2019-09-01", "2020-08-30"), "7200.00", ["6600.00", "600.00"]),
        (OUTSIDE, trained("2019-09-01", "2020-08-29"), "7180.00", ["6600.00", "580.00"]),
        (OUTSIDE, trained("2019-09-01", "2019-09-01"), "20.00", ["20.00"]),
        (OUTSIDE, trained("2019-11-01", "2019-11-10", 20), "0.00", ["200.00", "-200.00"]),
    ],
)
def test_the_check_values(policy, facts, amount, lines):
    found = stipend(facts, policy)
    assert plain(found.amount_fen) == amount
    assert [plain(line.amount_fen) for line in found.lines] == lines


def test_the_lines_say_how_it_came_about():
    found = stipend(trained("2019-09-16", "2020-08-31", 20), INSIDE)
    assert [line.text for line in found.lines] == [
        "2019年9月16日至2020年8月31日，满 11 个月，每月 400.00",
        "2019年9月16日至2020年8月31日，不足一个月的 16 天，每天按 400.00 的三十分之一",
        "扣请假 20 天，每天按 400.00 的三十分之一",
    ]
    assert (found.months, found.days, found.away) == (11, 16, DaysAway(20))
    assert (found.gross_fen, found.deducted_fen) == (461333, 26667)


def test_beyond_the_months_of_the_programme_the_line_says_so():
    found = stipend(trained("2019-09-01", "2020-10-31"), OUTSIDE)
    assert "实际 14 个月零 0 天，至多按 12 个月计" in found.lines[0].text
    assert (found.months, found.days) == (12, 0)


@pytest.mark.parametrize(("cap", "amount"), [(6, 360000), (12, 720000), (24, 780000)])
def test_the_cap_is_the_programmes(cap, amount):
    assert stipend(trained("2019-09-01", "2020-09-30"), replace(OUTSIDE, cap_months=cap)).amount_fen == amount


@pytest.mark.parametrize(
    ("setting", "days", "taken"),
    [("all", 20, 40000), ("off", 20, 0), ("beyond:15", 20, 10000), ("beyond:15", 15, 0), ("beyond:15", 16, 2000),
     ("beyond:0", 20, 40000), ("BEYOND：15 ", 16, 2000)],
)  # fmt: skip
def test_leave_is_taken_off_as_the_setting_says(setting, days, taken):
    policy = replace(OUTSIDE, leave=LeaveRule.parse(setting))
    found = stipend(replace(FULL, aways=leave(days)), policy)
    assert found.amount_fen == 720000 - taken
    assert (found.away.leave, len(found.lines), found.lines[1].amount_fen) == (days, 2, -taken)


@pytest.mark.parametrize("setting", ["all", "off", "beyond:15"])
def test_absence_is_taken_off_always(setting):
    policy = replace(OUTSIDE, leave=LeaveRule.parse(setting))
    found = stipend(replace(FULL, aways=absence(3)), policy)
    assert found.amount_fen == 714000
    assert found.lines[-1].text == "扣未经批准离开 3 天，每天按 600.00 的三十分之一"


@pytest.mark.parametrize("state", [LeaveState.ASKED, LeaveState.REFUSED])
def test_leave_that_was_not_granted_does_not_count(state):
    aways = tuple(replace(away, state=state) for away in leave(20))
    assert stipend(replace(FULL, aways=aways), OUTSIDE).amount_fen == 720000


def test_leave_beyond_the_end_of_training_or_of_the_term_does_not_count():
    late = leave(10, date(2020, 8, 27))
    assert stipend(replace(FULL, aways=late), OUTSIDE).away.leave == 5
    longer = replace(FULL, end=date(2020, 10, 31), aways=late)
    assert stipend(longer, OUTSIDE).away.leave == 10
    assert stipend(replace(longer, term_end=date(2020, 8, 31)), OUTSIDE).away.leave == 5


def test_never_below_nothing_and_the_lines_still_add_up():
    facts = replace(trained("2019-10-01", "2019-11-29"), aways=absence(60, date(2019, 10, 1)))
    found = stipend(facts, OUTSIDE)
    assert [line.amount_fen for line in found.lines] == [60000, 58000, -120000, 2000]
    assert found.amount_fen == 0 == summed(found.lines)
    assert found.deducted_fen == found.gross_fen == 118000
    assert found.nothing.code == "stipend.nothing"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"grade": None}, "stipend.no_grade"),
        ({"grade": Grade.FAIL}, "stipend.grade_not_passing"),
        ({"grade": Grade.BASIC}, "stipend.grade_not_passing"),
        ({"ended_by": TerminationPath.FOR_CAUSE}, "stipend.early_end"),
        ({"ended_by": TerminationPath.LEFT}, "stipend.disqualified"),
        ({"ended_by": TerminationPath.DISCIPLINE}, "stipend.disqualified"),
        ({"ended_by": TerminationPath.NO_SHOW}, "stipend.disqualified"),
        ({"start": None}, "stipend.not_started"),
        ({"end": None}, "stipend.not_ended"),
        ({"end": date(2019, 8, 31)}, "stipend.end_before_start"),
    ],
)
def test_no_payment_without_what_it_needs(changed, code):
    found = stipend(replace(FULL, **changed), OUTSIDE)
    assert isinstance(found, Violation) and found.code == code


@pytest.mark.parametrize("grade", [Grade.EXCELLENT, Grade.PASS, Grade.BASIC])
def test_the_grades_that_pass_are_a_setting(grade):
    policy = replace(OUTSIDE, passing=passing_grades("优秀，合格、基本合格"))
    assert stipend(replace(FULL, grade=grade), policy).amount_fen == 720000


def test_an_early_end_for_cause_pays_the_time_trained_where_the_setting_says_so():
    facts = replace(FULL, end=date(2020, 1, 31), grade=None, ended_by=TerminationPath.FOR_CAUSE)
    policy = replace(OUTSIDE, on_early_end=True)
    assert stipend(facts, policy).amount_fen == 300000
    assert stipend(replace(facts, grade=Grade.FAIL), policy).code == "stipend.grade_not_passing"


def test_the_settings_are_read_from_their_texts():
    assert LeaveRule.parse("all") == LeaveRule()
    assert LeaveRule.parse("beyond:7") == LeaveRule(LeaveDeduction.BEYOND, 7)
    assert passing_grades("优秀,合格") == passing_grades("excellent;pass") == {Grade.EXCELLENT, Grade.PASS}


@pytest.mark.parametrize("text", ["", "beyond", "beyond:", "beyond:-1", "beyond:x", "beyond:1.5", "全部"])
def test_a_leave_setting_that_is_none_is_refused(text):
    with pytest.raises(RuleViolation, match="bad_leave_deduction"):
        LeaveRule.parse(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "no_passing_grades"), ("良好", "bad_passing_grade"), ("优秀,不合格", "bad_passing_grade")],
)
def test_a_passing_setting_that_cannot_be_is_refused(text, code):
    with pytest.raises(RuleViolation, match=code):
        passing_grades(text)


def test_the_whole_programme_of_2019():
    assert 40 * stipend(FULL, OUTSIDE).amount_fen + 40 * stipend(FULL, INSIDE).amount_fen == 480_000_00


# --- What holds of every person

STARTS = st.dates(date(2019, 1, 1), date(2022, 12, 31))
RATES = st.integers(1, 5000_00)
RULES = st.sampled_from(["all", "off", "beyond:5"]).map(LeaveRule.parse)


@st.composite
def aways(draw, within: Period) -> tuple[Away, ...]:
    found = []
    for _ in range(draw(st.integers(0, 4))):
        start = within.start + timedelta(draw(st.integers(0, within.days - 1)))
        end = min(start + timedelta(draw(st.integers(0, 60))), within.end)
        kind, state = draw(st.sampled_from(list(LeaveKind))), draw(st.sampled_from(list(LeaveState)))
        found.append(Away(Period(start, end), kind, state))
    return tuple(found)


@st.composite
def cases(draw) -> tuple[StipendFacts, StipendPolicy]:
    start = draw(STARTS)
    end = start + timedelta(draw(st.integers(0, 800)))
    facts = StipendFacts(start, end, Grade.PASS, aways=draw(aways(Period(start, end))))
    return facts, StipendPolicy(draw(RATES), draw(st.integers(1, 24)), draw(RULES))


def amount(facts: StipendFacts, policy: StipendPolicy) -> int:
    found = stipend(facts, policy)
    assert isinstance(found, Stipend)
    return found.amount_fen


@given(cases())
def test_lines_add_up_and_never_fall_below_zero(case):
    facts, policy = case
    found = stipend(facts, policy)
    assert found.amount_fen == summed(found.lines) >= 0
    assert found.amount_fen == found.gross_fen - found.deducted_fen
    assert found.amount_fen <= policy.rate_fen * policy.cap_months
    assert all(line.text and "{" not in line.text for line in found.lines)


@given(cases(), st.integers(0, 400))
def test_a_later_end_never_pays_less(case, more):
    facts, policy = case
    later = replace(facts, end=facts.end + timedelta(more))
    assert amount(later, policy) >= amount(facts, policy)


@given(cases(), st.integers(0, 90), st.integers(0, 60))
def test_an_absence_never_raises_it(case, offset, days):
    facts, policy = case
    more = facts.aways + absence(days, facts.start + timedelta(offset))
    assert amount(replace(facts, aways=more), policy) <= amount(facts, policy)


@given(cases())
def test_the_cheaper_setting_never_pays_less(case):
    facts, policy = case
    by_rule = [
        amount(facts, replace(policy, leave=LeaveRule.parse(text))) for text in ("all", "beyond:5", "off")
    ]
    assert by_rule == sorted(by_rule)


@given(cases(), st.lists(st.integers(0, 799), max_size=3))
def test_a_change_of_host_does_not_matter(case, cuts):
    facts, policy = case
    days = sorted({facts.start + timedelta(cut) for cut in cuts if facts.start + timedelta(cut) < facts.end})
    firsts = [facts.start, *(day + timedelta(1) for day in days)]
    spells = list(zip(firsts, [*days, facts.end], strict=True))
    start, end = whole(reversed(spells))
    assert stipend(replace(facts, start=start, end=end), policy) == stipend(facts, policy)


@given(RATES, st.integers(0, 30))
def test_a_day_is_a_thirtieth(rate, days):
    facts = replace(FULL, start=date(2019, 10, 1), end=date(2019, 10, 1) + timedelta(days - 1))
    if days:
        assert amount(facts, StipendPolicy(rate)) == half_up(rate * days, 30)
