from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tepei_admin.choices import AgeReading, Result, Rule, Verdict
from tepei_admin.rules.eligibility import check

from .cast import DAY, FINE, INSIDE, OUTSIDE, finding, person, text

MET, NOT_MET, ASK, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.NEEDS_DECISION, Verdict.UNKNOWN
ORDER = {NOT_MET: 0, ASK: 1, MET: 2}
BORN_AFTER = replace(OUTSIDE, age_reading=AgeReading.BORN_AFTER)
BIRTHS = st.dates(date(1950, 1, 1), DAY)


def age(born: str, policy=OUTSIDE, written: str = ""):
    return finding(Rule.AGE, replace(FINE, birth_date=born, birth_date_written=written), policy)


@pytest.mark.parametrize(
    ("policy", "born", "years", "verdict"),
    [
        (OUTSIDE, "1973-03-29", 46, NOT_MET),
        (OUTSIDE, "1973-03-30", 46, ASK),
        (OUTSIDE, "1973-03-31", 45, MET),
        (OUTSIDE, "1973-12-01", 45, MET),
        (OUTSIDE, "1974-03-30", 45, MET),
        (OUTSIDE, "1974-03-31", 44, MET),
        (OUTSIDE, "1972-03-30", 47, NOT_MET),
        (INSIDE, "1983-03-29", 36, NOT_MET),
        (INSIDE, "1983-03-30", 36, ASK),
        (INSIDE, "1983-03-31", 35, MET),
        (INSIDE, "1984-03-30", 35, MET),
    ],
)
def test_the_limit_itself_passes_and_the_birthday_that_passes_it_is_asked_about(policy, born, years, verdict):
    found = age(born, policy)
    assert (found.facts["age"], found.verdict) == (years, verdict)
    assert found.facts["reference_date"] == "2019-03-30"
    assert found.clause == f"{policy.clause}2"


def test_the_birthday_alone_makes_the_person_pending_and_is_the_cause():
    checked = check(person(birth_date="1973-03-30"), OUTSIDE)
    assert (checked.result, checked.cause) == (Result.PENDING, "生日当天")


def test_too_old_is_the_cause_in_a_word():
    checked = check(person(birth_date="1973-03-29"), OUTSIDE)
    assert (checked.result, checked.cause) == (Result.INELIGIBLE, "年龄")


@pytest.mark.parametrize(
    ("on", "limit", "born", "verdict"),
    [
        (date(2022, 2, 28), 45, "1976-02-29", MET),
        (date(2022, 3, 1), 45, "1976-02-29", ASK),
        (date(2022, 3, 2), 45, "1976-02-29", NOT_MET),
        (date(2020, 2, 28), 35, "1984-02-29", MET),
        (date(2020, 2, 29), 35, "1984-02-29", ASK),
        (date(2020, 3, 1), 35, "1984-02-29", NOT_MET),
        (date(2020, 2, 29), 35, "1984-02-28", NOT_MET),
    ],
)
def test_born_on_29_february_one_is_a_year_older_on_1_march_of_common_years(on, limit, born, verdict):
    assert age(born, replace(OUTSIDE, reference_date=on, age_limit=limit)).verdict is verdict


@pytest.mark.parametrize(
    ("born", "verdict", "ages"),
    [
        ("1973-02", NOT_MET, (46, 46)),
        ("1973-03", ASK, (45, 46)),
        ("1973-04", MET, (45, 45)),
        ("1974-03", MET, (44, 45)),
        ("1972", NOT_MET, (46, 47)),
        ("1973", ASK, (45, 46)),
        ("1974", MET, (44, 45)),
    ],
)
def test_a_birth_date_without_its_day_is_asked_about_only_where_that_matters(born, verdict, ages):
    found = age(born)
    assert found.verdict is verdict
    assert (found.facts["age_low"], found.facts["age_high"]) == ages
    assert found.facts["age"] == (ages[0] if ages[0] == ages[1] else None)


@pytest.mark.parametrize(
    ("on", "born", "verdict"),
    [
        (date(2019, 2, 28), "1973-03", MET),
        (date(2019, 3, 1), "1973-03", ASK),
        (date(2019, 3, 31), "1973-03", ASK),
        (date(2019, 4, 1), "1973-03", NOT_MET),
    ],
)
def test_a_month_that_ends_or_begins_on_the_birthday_is_asked_about(on, born, verdict):
    assert age(born, replace(OUTSIDE, reference_date=on)).verdict is verdict


@pytest.mark.parametrize(
    ("born", "written", "verdict", "code"),
    [
        ("1973-03-31", "1973-03-30", ASK, "written"),
        ("1973-03-30", "1973-03-31", ASK, "written"),
        ("1973-03-29", "1973-03-31", ASK, "written"),
        ("1973-03-29", "1973-03-28", NOT_MET, "not_met"),
        ("1980-05-12", "1980-05-13", MET, "met"),
        ("1973-03-31", "1973-03", MET, "met"),
        ("1973-03-31", "1973-03-31", MET, "met"),
        ("1973-03-31", "不详", MET, "met"),
    ],
)
def test_the_sheets_other_day_matters_only_if_it_gives_another_verdict(born, written, verdict, code):
    found = age(born, written=written)
    assert (found.verdict, found.code) == (verdict, f"eligibility.age.{code}")


@pytest.mark.parametrize(
    ("born", "verdict"),
    [("1974-03-29", NOT_MET), ("1974-03-30", MET), ("1974-03", ASK), ("1974-04", MET), ("1974-02", NOT_MET)],
)
def test_the_other_reading_goes_by_the_day_of_birth(born, verdict):
    assert age(born, BORN_AFTER).verdict is verdict


@pytest.mark.parametrize("born", ["", "不详", "1985-13"])
def test_without_a_birth_date_the_age_is_unknown(born):
    found = age(born)
    assert (found.verdict, found.facts["age"]) == (UNKNOWN, None)


@pytest.mark.parametrize("policy", [OUTSIDE, BORN_AFTER])
@pytest.mark.parametrize("born", ["2019-03-31", "2019", "2020"])
def test_somebody_not_yet_born_is_asked_about(born, policy):
    assert age(born, policy).code == "eligibility.age.future"


@pytest.mark.parametrize(
    ("born", "sentence"),
    [
        ("1973-03-31", "年龄 45 周岁，不超过 45"),
        ("1973-03-29", "年龄 46 周岁，超过 45 周岁的限制"),
        ("1973-03-30", "生日当天（2019年3月30日）满 46 周岁，需认定"),
        ("1974-03", "年龄 44 或 45 周岁，不超过 45"),
        ("1973-03", "出生日期只知道是1973年3月，到2019年3月30日为 45 或 46 周岁，限 45 周岁，需认定"),
    ],
)
def test_the_sentence_tells_age_and_limit(born, sentence):
    assert text(age(born)) == sentence


def test_the_limit_is_the_policys():
    assert age("1970-01-01", replace(OUTSIDE, age_limit=50)).verdict is MET
    assert age("1973-03-30", replace(OUTSIDE, reference_date=date(2019, 3, 29))).verdict is MET


@given(BIRTHS, BIRTHS, st.sampled_from(AgeReading))
def test_being_older_is_never_better(one, other, reading):
    policy = replace(OUTSIDE, age_reading=reading)
    older, younger = sorted((one, other))
    assert ORDER[age(older.isoformat(), policy).verdict] <= ORDER[age(younger.isoformat(), policy).verdict]


@given(BIRTHS)
def test_knowing_less_of_a_date_never_turns_yes_into_no(born):
    assume(born.year < 2019)
    exact = age(born.isoformat()).verdict
    assert age(born.isoformat()[:7]).verdict in {exact, ASK}
    assert age(born.isoformat()[:4]).verdict in {exact, ASK}


@given(BIRTHS, BIRTHS)
def test_two_days_of_birth_count_alike_whichever_is_stored(one, other):
    first, second = one.isoformat(), other.isoformat()
    assert age(first, written=second).verdict is age(second, written=first).verdict
