from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tepei_admin.rules.calendar import PartialDate, add_years, chinese, completed_years, minus_years

DAYS = st.dates(date(1901, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("text", "precision", "earliest", "latest", "shown"),
    [
        ("1985", "year", date(1985, 1, 1), date(1985, 12, 31), "1985年"),
        ("1985-02", "month", date(1985, 2, 1), date(1985, 2, 28), "1985年2月"),
        ("1984-02", "month", date(1984, 2, 1), date(1984, 2, 29), "1984年2月"),
        ("1985-12", "month", date(1985, 12, 1), date(1985, 12, 31), "1985年12月"),
        ("1985-03-15", "day", date(1985, 3, 15), date(1985, 3, 15), "1985年3月15日"),
    ],
)
def test_a_partial_date_spans_the_days_it_may_be(text, precision, earliest, latest, shown):
    known = PartialDate.parse(text)
    assert (known.precision, known.earliest, known.latest) == (precision, earliest, latest)
    assert (str(known), known.chinese) == (text, shown)


@pytest.mark.parametrize(
    "text",
    ["", " ", "不详", "85", "198503", "1985-3", "1985-13", "1985-00", "1985-02-30", "1985-02-29",
     "1985-03-00", "1985-03-32", "1985-03-15 ", "1985-03-15\n", "1899", "2200", "１９８５"],
)  # fmt: skip
def test_a_text_that_is_no_stored_date_says_nothing(text):
    assert PartialDate.parse(text) is None


@given(DAYS)
def test_a_whole_date_is_its_own_first_and_last_day(day):
    known = PartialDate.parse(day.isoformat())
    assert known.ends == (day,)
    assert known.earliest == known.latest == day


@pytest.mark.parametrize(
    ("since", "on", "years"),
    [
        (date(1973, 3, 30), date(2019, 3, 30), 46),
        (date(1973, 3, 31), date(2019, 3, 30), 45),
        (date(1974, 3, 30), date(2019, 3, 30), 45),
        (date(2011, 7, 1), date(2019, 3, 30), 7),
        (date(1984, 2, 29), date(2019, 2, 28), 34),
        (date(1984, 2, 29), date(2019, 3, 1), 35),
        (date(1984, 2, 29), date(2020, 2, 28), 35),
        (date(1984, 2, 29), date(2020, 2, 29), 36),
        (date(2019, 3, 31), date(2019, 3, 30), -1),
    ],
)
def test_years_are_complete_on_the_anniversary(since, on, years):
    assert completed_years(since, on) == years


@pytest.mark.parametrize(
    ("day", "years", "then"),
    [
        (date(1973, 3, 30), 46, date(2019, 3, 30)),
        (date(1984, 2, 29), 35, date(2019, 3, 1)),
        (date(1984, 2, 29), 36, date(2020, 2, 29)),
    ],
)
def test_adding_years_finds_the_anniversary(day, years, then):
    assert add_years(day, years) == then


@pytest.mark.parametrize(
    ("day", "years", "then"),
    [
        (date(2019, 3, 30), 45, date(1974, 3, 30)),
        (date(2020, 2, 29), 45, date(1975, 3, 1)),
        (date(2020, 2, 29), 44, date(1976, 2, 29)),
    ],
)
def test_years_are_taken_off_to_the_same_day(day, years, then):
    assert minus_years(day, years) == then


@given(DAYS, st.integers(0, 80))
def test_an_anniversary_is_the_first_day_with_that_many_years(day, years):
    anniversary = add_years(day, years)
    assert completed_years(day, anniversary) == years
    assert completed_years(day, date.fromordinal(anniversary.toordinal() - 1)) == years - 1


def test_a_day_in_a_sentence_has_no_padding():
    assert chinese(date(2019, 3, 30)) == "2019年3月30日"
    assert chinese(date(2019, 12, 1)) == "2019年12月1日"
