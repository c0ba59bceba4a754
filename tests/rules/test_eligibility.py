from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tepei_admin import codes
from tepei_admin.choices import (
    AgeReading,
    EarlierParticipation,
    FieldOfWork,
    PastOutcome,
    Result,
    Rule,
    Status,
    UnitLevelRule,
    Verdict,
)
from tepei_admin.messages import word
from tepei_admin.messages.eligibility import CAUSES, MESSAGES
from tepei_admin.rules.eligibility import check
from tepei_admin.rules.facts import EarlierPart, PersonFacts

from .cast import BACHELOR, FINE, INSIDE, MASTER, MIDDLE, OUTSIDE, SENIOR, finding, person, text

MET, NOT_MET, ASK, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.NEEDS_DECISION, Verdict.UNKNOWN
REPORTED = {Rule.SCOPE, Rule.FIELD, Rule.ON_TIME}


@pytest.mark.parametrize("policy", [OUTSIDE, INSIDE])
def test_somebody_who_has_everything_is_eligible(policy):
    checked = check(FINE, policy)
    assert (checked.result, checked.cause) == (Result.ELIGIBLE, "")
    assert {found.verdict for found in checked.findings} == {MET}


def test_there_is_one_finding_a_rule_in_their_order():
    assert [found.rule for found in check(FINE, INSIDE).findings] == list(Rule)


def test_the_level_is_not_mentioned_in_a_track_that_takes_every_unit():
    rules = [found.rule for found in check(FINE, OUTSIDE).findings]
    assert rules == [rule for rule in Rule if rule is not Rule.LEVEL]


def test_only_range_field_and_time_do_not_count():
    assert {found.rule for found in check(FINE, INSIDE).findings if not found.counts} == REPORTED


def test_a_blank_person_is_pending_because_of_the_first_thing_missing():
    checked = check(PersonFacts(), INSIDE)
    assert (checked.result, checked.cause) == (Result.PENDING, "少数民族")


@pytest.mark.parametrize(
    ("policy", "clauses"),
    [
        (OUTSIDE, "二（一）2 二（一）2 二（一）3 二（一）2 二（一）1 - 一（一） 一（一） 五"),
        (INSIDE, "二（二）2 二（二）2 二（二）3 二（二）2 二（二）1 三（二） - 一（一） 一（一） 五"),
    ],
)
def test_each_finding_cites_its_clause(policy, clauses):
    assert [found.clause or "-" for found in check(FINE, policy).findings] == clauses.split()


# Minority


@pytest.mark.parametrize("code", [f"{number:02}" for number in range(2, 57)])
def test_the_fifty_five_groups_are_minorities(code):
    assert finding(Rule.MINORITY, person(ethnicity=code)).verdict is MET


@pytest.mark.parametrize(
    ("code", "verdict"),
    [("01", NOT_MET), ("97", ASK), ("98", ASK), ("", UNKNOWN), ("57", ASK), ("00", ASK), ("2", ASK)],
)
def test_what_is_not_one_of_them(code, verdict):
    assert finding(Rule.MINORITY, person(ethnicity=code)).verdict is verdict


def test_the_sentences_about_ethnicity():
    assert text(finding(Rule.MINORITY, person(ethnicity="01"))) == "汉族，不是少数民族"
    assert text(finding(Rule.MINORITY, person())) == "蒙古族，是少数民族"


def test_a_han_is_ineligible_whatever_else_is_open():
    checked = check(PersonFacts(ethnicity="01"), OUTSIDE)
    assert (checked.result, checked.cause) == (Result.INELIGIBLE, "少数民族")


def test_age_binds_the_title_route_too():
    assert check(person(birth_date="1973-03-29", title_level="412"), OUTSIDE).result is Result.INELIGIBLE


# Attestations, level


@pytest.mark.parametrize("name", ["health", "conduct"])
@pytest.mark.parametrize(
    ("value", "verdict", "result"),
    [
        (True, MET, Result.ELIGIBLE),
        (False, NOT_MET, Result.INELIGIBLE),
        (None, UNKNOWN, Result.PENDING),
    ],
)
def test_the_units_attestations_count(name, value, verdict, result):
    facts = person(**{name: value})
    assert finding(Rule(name), facts).verdict is verdict
    assert check(facts, OUTSIDE).result is result


@pytest.mark.parametrize(
    ("level", "verdict"),
    [
        ("league", MET),
        ("county", MET),
        ("region", NOT_MET),
        ("branch", ASK),
        ("", UNKNOWN),
        ("town", UNKNOWN),
    ],
)
def test_a_league_track_takes_leagues_and_below(level, verdict):
    assert finding(Rule.LEVEL, person(unit_level=level), INSIDE).verdict is verdict


@pytest.mark.parametrize("level", ["region", "branch", ""])
def test_a_track_for_all_units_takes_them(level):
    assert check(person(unit_level=level), OUTSIDE).result is Result.ELIGIBLE


# Earlier years


@pytest.mark.parametrize("outcome", [value for value, _ in Status.choices() + PastOutcome.choices()])
def test_a_part_that_reached_the_door_is_asked_about_and_an_application_is_a_note(outcome):
    mere = {"applied", "recommended", "admitted", "notified", "rejected", "withdrawn"}
    found = finding(Rule.ONCE, person(earlier=(EarlierPart(2018, outcome, "2018年度区外"),)))
    assert found.verdict is (MET if outcome in mere else ASK)
    assert "2018年度区外" in text(found)
    assert found.facts["earlier"] == [{"year": 2018, "outcome": outcome, "label": "2018年度区外"}]


def test_nobody_knows_what_that_outcome_means_so_it_is_asked_about():
    assert finding(Rule.ONCE, person(earlier=(EarlierPart(2018, "vanished"),))).verdict is ASK


def test_the_setting_turns_the_question_into_a_note():
    policy = replace(OUTSIDE, earlier_participation=EarlierParticipation.NOTE)
    facts = person(earlier=(EarlierPart(2018, "certified"),))
    assert text(finding(Rule.ONCE, facts, policy)) == "以前有记录：2018年度（已结业）"
    assert check(facts, policy).result is Result.ELIGIBLE


@pytest.mark.parametrize("year", [2019, 2020])
def test_only_earlier_years_matter(year):
    assert finding(Rule.ONCE, person(earlier=(EarlierPart(year, "training"),))).code == "eligibility.once.met"


def test_the_question_names_the_part_it_is_about():
    parts = (EarlierPart(2016, "applied"), EarlierPart(2017, "no_show"))
    assert (
        text(finding(Rule.ONCE, person(earlier=parts)))
        == "以前参加过：2017年度（无故未报到），能否再次参加需认定"
    )


# Reported only


@pytest.mark.parametrize(
    ("received", "verdict"),
    [(date(2019, 3, 29), MET), (date(2019, 3, 30), MET), (date(2019, 3, 31), NOT_MET), (None, UNKNOWN)],
)
def test_the_deadline_itself_is_in_time(received, verdict):
    assert finding(Rule.ON_TIME, person(received_on=received)).verdict is verdict


@pytest.mark.parametrize(
    ("field", "verdict"),
    [*[(value, MET) for value, _ in FieldOfWork.choices()], ("", UNKNOWN), ("poetry", UNKNOWN)],
)
def test_the_field_is_one_of_four(field, verdict):
    assert finding(Rule.FIELD, person(field=field)).verdict is verdict


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"education": "31", "degree": "", "title": "讲师", "title_level": "420"}, MET),
        ({"education": "21", "degree": "", "title": "无", "title_level": ""}, MET),
        ({"education": "31", "degree": "", "title": "助教", "title_level": "434"}, NOT_MET),
        ({"education": "31", "degree": "", "title": "高级工", "title_level": ""}, ASK),
        ({"education": "", "education_written": "", "degree": "", "title": "无", "title_level": ""}, UNKNOWN),
    ],
)
def test_the_range_is_a_middle_title_or_a_bachelor(changes, verdict):
    assert finding(Rule.SCOPE, person(**changes)).verdict is verdict


def test_what_is_only_reported_never_changes_the_result():
    late = person(field="", received_on=date(2019, 6, 1))
    anyone = replace(OUTSIDE, routes=(replace(MASTER, schooling="", min_years=0),))
    out_of_range = replace(late, education="31", degree="", title="助教", title_level="434")
    assert finding(Rule.SCOPE, out_of_range, anyone).verdict is NOT_MET
    assert check(out_of_range, anyone).result is Result.ELIGIBLE


# The overall result, over anything that may be generated

EARLIER = [
    (),
    (EarlierPart(2016, "withdrawn"),),
    (EarlierPart(2018, "certified", "2018年度区外"), EarlierPart(2017, "applied")),
    (EarlierPart(2019, "training"),),
    (EarlierPart(2018, "?"),),
]
FACTS_FROM = {
    "ethnicity": ["", "01", "02", "56", "97", "98", "77"],
    "birth_date": [
        *("", "x", "1972", "1973", "1973-03", "1973-03-29", "1973-03-30", "1973-03-31", "1974-03"),
        *("1974-03-30", "1983-03-30", "1984-02-29", "1985", "2019-05", "2020"),
    ],
    "birth_date_written": ["", "1973-03-30", "1973-03-31", "1985-03", "1990-01-01"],
    "education": [*codes.education(), *[""] * 10, "ZZ"],
    "education_written": ["", "研究生", "{奇怪}"],
    "degree": ["", "1", "2", "304", "4", "999"],
    "profession_start": ["", "2009-03", "2011-03", "2011", "2014-03-30", "2011-07-01", "2020"],
    "profession_years": [None, 0, 5, 8, 60],
    "title": ["", "无", "副教授", "高级工", "{0}"],
    "title_level": [*codes.title_levels(), "", "777"],
    "unit_level": ["", "region", "league", "county", "branch"],
    "health": [True, False, None],
    "conduct": [True, False, None],
    "field": ["", "digital", "poetry"],
    "received_on": [None, date(2019, 3, 30), date(2019, 3, 31)],
    "earlier": EARLIER,
}
POLICIES_FROM = {
    "age_reading": list(AgeReading),
    "unit_level": list(UnitLevelRule),
    "earlier_participation": list(EarlierParticipation),
    "routes": [
        *((MASTER, SENIOR), (BACHELOR, MIDDLE), (replace(MASTER, title_level="411"),)),
        *((replace(SENIOR, title_level=""),), ()),
    ],
}
FACTS = st.builds(PersonFacts, **{name: st.sampled_from(values) for name, values in FACTS_FROM.items()})
POLICIES = st.builds(
    replace,
    st.sampled_from([OUTSIDE, INSIDE]),
    **{name: st.sampled_from(values) for name, values in POLICIES_FROM.items()},
)
WAIVERS = st.frozensets(st.sampled_from(Rule))
RESULTS = {Result.INELIGIBLE: 0, Result.PENDING: 1, Result.ELIGIBLE: 2}


def counted(checked):
    return [found for found in checked.findings if found.counts]


@given(FACTS, POLICIES, WAIVERS)
def test_the_result_follows_from_the_counting_findings(facts, policy, waived):
    checked = check(facts, policy, waived)
    verdicts = {found.verdict for found in counted(checked) if found.rule not in waived}
    if NOT_MET in verdicts:
        expected = Result.INELIGIBLE
    elif verdicts <= {MET}:
        expected = Result.ELIGIBLE
    else:
        expected = Result.PENDING
    assert checked.result is expected
    assert bool(checked.cause) is (expected is not Result.ELIGIBLE)


@given(FACTS, POLICIES, WAIVERS, st.sampled_from(Rule))
def test_another_waiver_never_makes_the_result_worse(facts, policy, waived, more):
    before, after = check(facts, policy, waived), check(facts, policy, waived | {more})
    assert RESULTS[after.result] >= RESULTS[before.result]


@given(FACTS, POLICIES, WAIVERS)
def test_a_waiver_leaves_verdicts_and_reasons_to_be_seen(facts, policy, waived):
    bare, overridden = check(facts, policy), check(facts, policy, waived)
    for plain, found in zip(bare.findings, overridden.findings, strict=True):
        assert replace(found, waived=False) == plain
        assert found.waived is (found.rule in waived and found.counts and found.verdict is not MET)


@given(FACTS, POLICIES)
def test_everything_waived_is_eligible(facts, policy):
    assert check(facts, policy, frozenset(Rule)).result is Result.ELIGIBLE


@settings(max_examples=1000)
@given(FACTS, POLICIES, WAIVERS)
def test_every_finding_is_one_worded_sentence_and_can_be_stored(facts, policy, waived):
    for found in check(facts, policy, waived).findings:
        sentence = text(found)
        assert sentence == sentence.strip()
        assert "None" not in sentence
        stored = json.loads(json.dumps(found.as_dict(), ensure_ascii=False))
        assert stored == found.as_dict()
        assert word(stored["code"], **stored["params"]) == sentence


@given(FACTS, POLICIES)
def test_the_same_facts_give_the_same_result(facts, policy):
    assert check(facts, policy) == check(facts, policy)


def test_no_sentence_is_left_over_that_nothing_says():
    """Every worded code is said to somebody among many, or is a piece of another sentence."""
    chance, seen = Random(2019), set()
    for _ in range(5000):
        facts = PersonFacts(**{name: chance.choice(values) for name, values in FACTS_FROM.items()})
        changes = {name: chance.choice(values) for name, values in POLICIES_FROM.items()}
        for found in check(facts, replace(OUTSIDE, **changes)).findings:
            routes = [*found.facts.get("routes", ()), found.facts]
            seen.add(found.code)
            seen.update(part["code"] for route in routes for part in route.get("parts", ()))
    pieces = ("span", "joint", "comma", "title.named", "once.part", "once.year", "route.empty")
    assert set(MESSAGES) == seen | {f"eligibility.{piece}" for piece in pieces}
    assert set(CAUSES) <= seen
