from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tepei_admin import codes
from tepei_admin.choices import Rule, Schooling, Verdict
from tepei_admin.rules.finding import all_of, any_of
from tepei_admin.rules.parts import level_verdict, possible_ranks, schooling, title, years

from .cast import BACHELOR, DAY, INSIDE, MASTER, MIDDLE, OUTSIDE, SENIOR, finding, person, text

MET, NOT_MET, ASK, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.NEEDS_DECISION, Verdict.UNKNOWN
ORDER = {NOT_MET: 0, ASK: 1, UNKNOWN: 1, MET: 2}
EDUCATIONS = [*codes.education(), "", "ZZ"]
DEGREES = ["", "1", "2", "206", "3", "304", "4", "405", "999"]


def said(meets: bool | None) -> Verdict:
    return {True: MET, False: NOT_MET, None: ASK}[meets]


# Schooling


@pytest.mark.parametrize("code", list(codes.education()))
def test_without_a_degree_the_code_list_decides(code):
    known = codes.education()[code]
    facts = person(education=code, degree="")
    assert schooling(facts, Schooling.MASTER).verdict is said(known.master)
    assert schooling(facts, Schooling.BACHELOR).verdict is said(known.bachelor)


@pytest.mark.parametrize(
    ("education", "degree", "master", "bachelor"),
    [
        ("14", "304", MET, MET),  # 硕士研究生
        ("11", "2", MET, MET),  # 博士 alone does
        ("10", "304", MET, MET),  # 研究生 with a degree beside it
        ("10", "206", MET, MET),
        ("10", "405", ASK, ASK),
        ("10", "", ASK, ASK),
        ("10", "1", ASK, ASK),  # an honorary doctorate is no degree
        ("1M", "", ASK, MET),  # 硕士 alone
        ("1M", "304", ASK, MET),
        ("1E", "304", ASK, MET),  # 同等学力
        ("17", "304", ASK, MET),  # 研究生班
        ("1J", "", ASK, ASK),  # 在职研究生
        ("1J", "304", ASK, MET),
        ("21", "304", ASK, MET),  # 本科, 硕士 beside it: as 本科/硕士 in one cell
        ("21", "206", ASK, MET),
        ("21", "405", NOT_MET, MET),
        ("31", "304", ASK, MET),
        ("31", "405", NOT_MET, NOT_MET),
        ("28", "", NOT_MET, ASK),  # 大学普通班
        ("", "304", ASK, MET),  # only a degree is stated
        ("", "206", MET, MET),
        ("ZZ", "", ASK, ASK),
    ],
)
def test_schooling_is_not_degree(education, degree, master, bachelor):
    facts = person(education=education, education_written="", degree=degree)
    assert schooling(facts, Schooling.MASTER).verdict is master
    assert schooling(facts, Schooling.BACHELOR).verdict is bachelor


@pytest.mark.parametrize("degree", ["", "405", "1"])
def test_no_schooling_stated_is_unknown(degree):
    assert (
        schooling(person(education="", education_written="", degree=degree), Schooling.MASTER).verdict
        is UNKNOWN
    )


def test_words_that_no_code_was_found_for_are_asked_about():
    part = schooling(person(education="", education_written="燕京学堂", degree=""), Schooling.MASTER)
    assert part.verdict is ASK
    assert "燕京学堂" in part.text


@given(st.sampled_from(EDUCATIONS), st.sampled_from(["4", "304", "206"]), st.sampled_from(Schooling))
def test_a_degree_never_makes_schooling_worse(education, degree, needed):
    without = person(education=education, education_written="", degree="")
    beside = replace(without, degree=degree)
    assert ORDER[schooling(beside, needed).verdict] >= ORDER[schooling(without, needed).verdict]


@given(st.sampled_from(EDUCATIONS), st.sampled_from(DEGREES))
def test_who_has_a_masters_schooling_has_a_bachelors(education, degree):
    facts = person(education=education, education_written="", degree=degree)
    if schooling(facts, Schooling.MASTER).verdict is MET:
        assert schooling(facts, Schooling.BACHELOR).verdict is MET


# Years


@pytest.mark.parametrize(
    ("start", "stated", "needed", "verdict"),
    [
        ("2011-03-30", None, 8, MET),
        ("2011-03-31", None, 8, NOT_MET),
        ("2011-07-01", None, 8, NOT_MET),  # 7 whole years, though 2019 - 2011 = 8
        ("2011-02", None, 8, MET),
        ("2011-03", None, 8, ASK),
        ("2011-04", None, 8, NOT_MET),
        ("2009-03", None, 8, MET),  # 9 or 10, both will do
        ("2010", None, 8, MET),
        ("2011", None, 8, ASK),
        ("2012", None, 8, NOT_MET),
        ("2014-03-30", None, 5, MET),
        ("2014-03-31", None, 5, NOT_MET),
        ("2020-01-01", None, 0, MET),
        ("", 8, 8, MET),
        ("", 7, 8, NOT_MET),
        ("", 9, 8, MET),
        ("", None, 8, UNKNOWN),
        ("不详", None, 8, UNKNOWN),
        ("2011-03", 8, 8, ASK),
        ("2009-03", 7, 8, ASK),  # the two sources contradict each other
        ("2015-03", 9, 8, ASK),
        ("2009-03", 8, 8, MET),
        ("2015-03", 4, 8, NOT_MET),
    ],
)
def test_years_are_whole_and_run_to_the_reference_date(start, stated, needed, verdict):
    assert years(person(profession_start=start, profession_years=stated), needed, OUTSIDE).verdict is verdict


@pytest.mark.parametrize(
    ("start", "on", "verdict"),
    [("2012-02-29", date(2019, 2, 28), NOT_MET), ("2012-02-29", date(2019, 3, 1), MET)],
)
def test_a_start_on_29_february_completes_its_years_on_1_march(start, on, verdict):
    facts = person(profession_start=start, profession_years=None)
    assert years(facts, 7, replace(OUTSIDE, reference_date=on)).verdict is verdict


@pytest.mark.parametrize(
    ("start", "low", "high"), [("2011-07-01", 7, 7), ("2009-03", 9, 10), ("2011-03", 7, 8), ("2019-12", 0, 0)]
)
def test_the_facts_tell_the_fewest_and_the_most_years(start, low, high):
    found = finding(Rule.ROUTE, person(profession_start=start))
    assert (found.facts["years_low"], found.facts["years_high"]) == (low, high)


@given(st.dates(date(1980, 1, 1), DAY), st.dates(date(1980, 1, 1), DAY), st.sampled_from([4, 7, 10]))
def test_more_years_are_never_worse(one, other, cut):
    earlier, later = (person(profession_start=day.isoformat()[:cut]) for day in sorted((one, other)))
    assert ORDER[years(earlier, 8, OUTSIDE).verdict] >= ORDER[years(later, 8, OUTSIDE).verdict]


@given(st.integers(0, 60), st.integers(0, 60), st.sampled_from(["", "2009-03", "2011-03", "2015"]))
def test_a_higher_count_of_the_unit_is_never_worse(one, other, start):
    less, more = (person(profession_start=start, profession_years=count) for count in sorted((one, other)))
    assert ORDER[years(more, 8, OUTSIDE).verdict] >= ORDER[years(less, 8, OUTSIDE).verdict]


# Titles


@pytest.mark.parametrize("row", codes.table("title_levels"), ids=lambda row: row["name"])
def test_levels_meet_what_the_code_list_says(row):
    meets = {"1": MET, "0": NOT_MET, "?": ASK}
    assert level_verdict(row["code"], "412") is meets[row["meets_outside"]]
    assert level_verdict(row["code"], "420") is meets[row["meets_inside"]]


@pytest.mark.parametrize(
    ("written", "level", "outside", "inside"),
    [
        ("副教授", "412", MET, MET),
        ("教授", "411", MET, MET),
        ("讲师", "420", NOT_MET, MET),
        ("小学一级教师", "434", NOT_MET, NOT_MET),
        ("高级", "410", ASK, MET),
        ("初级", "430", NOT_MET, NOT_MET),
        ("高级工", "", ASK, ASK),
        ("技师", "", ASK, ASK),
        ("", "", UNKNOWN, UNKNOWN),
        ("  ", "", UNKNOWN, UNKNOWN),
        ("", "412", MET, MET),
        ("无", "", NOT_MET, NOT_MET),
        ("暂无", "", NOT_MET, NOT_MET),
        (" 未评 ", "", NOT_MET, NOT_MET),
        ("副教授", "888", ASK, ASK),
    ],
)
def test_a_title_is_judged_by_its_level_and_never_by_its_words(written, level, outside, inside):
    facts = person(title=written, title_level=level)
    assert title(facts, "412").verdict is outside
    assert title(facts, "420").verdict is inside


@given(st.sampled_from(list(codes.title_levels())), st.sampled_from(list(codes.title_levels())))
def test_a_higher_title_is_never_worse(one, other):
    if max(possible_ranks(one)) < min(possible_ranks(other)):
        for needed in ("411", "412", "420", "434"):
            assert ORDER[level_verdict(one, needed)] >= ORDER[level_verdict(other, needed)]


# Routes


@pytest.mark.parametrize("first", list(Verdict))
@pytest.mark.parametrize("second", list(Verdict))
def test_verdicts_add_up_in_three_values(first, second):
    both, either = all_of((first, second)), any_of((first, second))
    assert ORDER[both] == min(ORDER[first], ORDER[second])
    assert ORDER[either] == max(ORDER[first], ORDER[second])
    assert both is all_of((second, first))
    assert either is any_of((second, first))


def route_of(policy=OUTSIDE, **changes):
    return finding(Rule.ROUTE, person(**changes), policy)


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [  # the rows of cases/files/routes_outside.xlsx
        ({"education": "14", "profession_start": "2011-03", "title": "讲师", "title_level": "420"}, ASK),
        ({"education": "14", "profession_start": "2011-07", "title": "讲师", "title_level": "420"}, NOT_MET),
        ({"education": "21", "degree": "4", "profession_start": "2000-07", "title_level": "420"}, NOT_MET),
        ({"education": "21", "degree": "4", "profession_start": "2017-07", "title_level": "412"}, MET),
        ({"education": "1E", "degree": "3", "profession_start": "2005-07", "title_level": "420"}, ASK),
        ({"education": "11", "degree": "2", "profession_start": "2010-01", "title_level": "434"}, MET),
        ({"education": "31", "degree": "", "profession_start": "1999-07", "title_level": "412"}, MET),
    ],
)
def test_one_route_is_enough(changes, verdict):
    assert route_of(**changes).verdict is verdict


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"education": "21", "profession_start": "2013-08", "title_level": "434"}, MET),
        ({"education": "31", "degree": "", "profession_start": "2000", "title_level": "434"}, NOT_MET),
        ({"education": "31", "degree": "", "profession_start": "2018", "title_level": "420"}, MET),
        ({"education": "21", "profession_start": "2014-03", "title_level": "434"}, ASK),
    ],
)
def test_one_route_is_enough_inside_too(changes, verdict):
    assert route_of(INSIDE, **changes).verdict is verdict


def test_a_part_that_is_not_met_settles_its_route_whatever_is_still_open():
    assert (
        route_of(education="21", degree="", profession_start="", title="无", title_level="").verdict
        is NOT_MET
    )


def test_an_open_route_keeps_the_finding_open():
    assert route_of(education="21", degree="", title="", title_level="").verdict is UNKNOWN
    assert route_of(education="21", degree="", title="高级工", title_level="").verdict is ASK
    assert route_of(education="10", degree="", title="", title_level="").verdict is ASK


def test_the_facts_tell_what_each_route_lacked():
    found = route_of(
        education="21", degree="", profession_start="2011-07-01", title="讲师", title_level="420"
    )
    first, second = found.facts["routes"]
    assert first["lacks"] == ["学历为大学本科，须为硕士研究生及以上", "从事本专业满 7 年，须满 8 年"]
    assert second["lacks"] == ["职称为讲师（中级），须为副高级及以上"]
    assert (found.facts["age"], found.facts["reference_date"]) == (34, "2019-03-30")
    assert text(found) == "各项资格条件都不具备：" + "；".join([*first["lacks"], *second["lacks"]])


def test_a_met_route_is_named_and_lacks_nothing():
    found = route_of(title="讲师", title_level="420")
    assert text(found) == f"符合“{MASTER.label}”：学历为硕士研究生；从事本专业满 10 年"
    assert found.facts["routes"][0]["lacks"] == []
    assert found.clause == "二（一）3"


def test_a_year_known_to_the_month_is_told_as_a_span():
    found = route_of(profession_start="2011-03", title="讲师", title_level="420")
    assert text(found) == "需认定：从事本专业的起始时间只知道是2011年3月，满 7 或 8 年，须满 8 年"


def test_a_route_that_asks_for_nothing_lets_nobody_in():
    empty = replace(OUTSIDE, routes=(replace(SENIOR, title_level=""),))
    assert finding(Rule.ROUTE, person(), empty).verdict is ASK
    assert finding(Rule.ROUTE, person(), replace(OUTSIDE, routes=())).verdict is ASK


def test_a_third_kind_of_route_needs_no_code():
    both = replace(BACHELOR, title_level="412", label="本科、5年并副高")
    policy = replace(OUTSIDE, routes=(both,))
    assert finding(Rule.ROUTE, person(), policy).verdict is MET
    assert finding(Rule.ROUTE, person(title_level="420"), policy).verdict is NOT_MET


CASES = st.fixed_dictionaries(
    {
        "education": st.sampled_from(EDUCATIONS),
        "degree": st.sampled_from(DEGREES),
        "profession_start": st.sampled_from(["", "2019", "2014-03", "2014-03-30", "2011-03", "2009"]),
        "title_level": st.sampled_from([*codes.title_levels(), ""]),
        "title": st.sampled_from(["", "无", "某师"]),
    }
)
ALL_ROUTES = (MASTER, SENIOR, BACHELOR, MIDDLE)


@given(CASES, st.lists(st.sampled_from(ALL_ROUTES), min_size=1, max_size=3), st.sampled_from(ALL_ROUTES))
def test_another_route_never_makes_it_worse(changes, routes, more):
    facts = person(**changes)
    before = finding(Rule.ROUTE, facts, replace(OUTSIDE, routes=tuple(routes))).verdict
    after = finding(Rule.ROUTE, facts, replace(OUTSIDE, routes=(*routes, more))).verdict
    assert ORDER[after] >= ORDER[before]


@given(CASES)
def test_who_meets_the_outside_routes_meets_the_inside_ones(changes):
    facts = person(**changes)
    if finding(Rule.ROUTE, facts, OUTSIDE).verdict is MET:
        assert finding(Rule.ROUTE, facts, INSIDE).verdict is MET
