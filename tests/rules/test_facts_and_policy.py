from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, fields
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tepei_admin.choices import AgeReading, EarlierParticipation, UnitLevelRule
from tepei_admin.rules.facts import EarlierPart, PersonFacts
from tepei_admin.rules.policy import RoutePolicy, TrackPolicy

from .cast import FINE, INSIDE, OUTSIDE, person

ROUTES = st.builds(
    RoutePolicy,
    label=st.text(max_size=5),
    schooling=st.sampled_from(["", "bachelor", "master"]),
    min_years=st.none() | st.integers(0, 20),
    title_level=st.sampled_from(["", "412", "420"]),
    clause=st.text(max_size=3),
)
POLICIES = st.builds(
    TrackPolicy,
    year=st.integers(2019, 2030),
    track=st.text(max_size=5),
    track_label=st.text(max_size=5),
    age_limit=st.integers(18, 60),
    reference_date=st.dates(),
    deadline=st.dates(),
    age_reading=st.sampled_from(AgeReading),
    unit_level=st.sampled_from(UnitLevelRule),
    earlier_participation=st.sampled_from(EarlierParticipation),
    clause=st.text(max_size=3),
    routes=st.lists(ROUTES, max_size=3).map(tuple),
)


@given(POLICIES)
def test_a_policy_survives_being_stored(policy):
    stored = json.dumps(policy.as_dict(), ensure_ascii=False)
    again = TrackPolicy.from_dict(json.loads(stored))
    assert again == policy
    assert json.dumps(again.as_dict(), ensure_ascii=False) == stored


def test_a_policy_read_back_has_real_choices():
    again = TrackPolicy.from_dict(json.loads(json.dumps(INSIDE.as_dict())))
    assert again.unit_level is UnitLevelRule.LEAGUE
    assert again.age_reading is AgeReading.COMPLETED


def test_a_policy_with_a_choice_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="sometimes"):
        TrackPolicy.from_dict(OUTSIDE.as_dict() | {"earlier_participation": "sometimes"})


def test_the_clauses_of_a_track_are_its_items():
    assert OUTSIDE.clause_of(2) == "二（一）2"
    assert TrackPolicy(2019, "t", "t", 45, date(2019, 1, 1), date(2019, 1, 1)).clause_of(2) == ""


def test_facts_are_ready_for_json_in_a_stable_order():
    facts = person(earlier=(EarlierPart(2018, "certified", "2018年度区外"),))
    values = json.loads(json.dumps(facts.as_dict()))
    assert list(values) == [field.name for field in fields(PersonFacts)]
    assert values["received_on"] == "2019-03-20"
    assert values["earlier"] == [{"year": 2018, "outcome": "certified", "label": "2018年度区外"}]
    assert PersonFacts().as_dict()["received_on"] is None


@pytest.mark.parametrize("frozen", [FINE, OUTSIDE, OUTSIDE.routes[0]])
def test_what_a_rule_is_given_cannot_change(frozen):
    with pytest.raises(FrozenInstanceError):
        setattr(frozen, fields(frozen)[0].name, "x")
