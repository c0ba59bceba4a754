"""A stored result is marked out of date when its facts or its policy change, whichever door the change takes."""

from __future__ import annotations

import pytest

from tepei_admin.models import PastTrainee, Programme, Route, Track, Trainee, Unit
from tepei_admin.services import crud, programmes, requests
from tests.factories import id_number
from tests.services.cast import put_into


@pytest.fixture
def checked(house):
    person = house.trainee()
    house.do("check", person)
    assert not house.reload(person).eligibility_stale
    return house.reload(person)


def stale(house, person) -> bool:
    return house.reload(person).eligibility_stale


FACTS = {
    "ethnicity": "11", "education": "21", "degree": "4", "profession_start": "2009-01", "profession_years": 9,
    "title": "教授", "title_level": "411", "field": "economy",
}  # fmt: skip


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_of_the_person(house, checked, name):
    crud.edit(house.cli, Trainee, checked.id, None, {name: FACTS[name]})
    assert stale(house, checked)


@pytest.mark.parametrize("values", [{"mobile": "13900000000"}, {"post": "主任"}, {"remarks": "x"}])
def test_what_is_no_fact_leaves_the_result(house, checked, values):
    crud.edit(house.cli, Trainee, checked.id, None, values)
    assert not stale(house, checked)


@pytest.mark.parametrize(
    ("key", "value"),
    [("reference_date", "2019-06-30"), ("materials_deadline", "2019-04-30"), ("age_reading", "born_after"),
     ("earlier_participation", "note")],
)  # fmt: skip
def test_a_setting_of_the_year(house, checked, key, value):
    programmes.set_setting(house.cli, 2019, key, value)
    assert stale(house, checked)


def test_a_setting_that_no_rule_reads_leaves_the_result(house, checked):
    programmes.set_setting(house.cli, 2019, "documents", "block")
    assert not stale(house, checked)


def test_the_tracks_age_limit(house, checked):
    crud.edit(house.cli, Track, checked.track_id, None, {"age_limit": 40})
    assert stale(house, checked)


def test_another_track_leaves_the_result(house, checked):
    crud.edit(house.cli, Track, house.track("inside").id, None, {"age_limit": 40})
    assert not stale(house, checked)


def test_a_route_changed_added_or_deleted(house, checked):
    route = Route.get(Route.track == checked.track_id)
    crud.edit(house.cli, Route, route.id, None, {"min_years": 9})
    assert stale(house, checked)
    house.do("check", checked)
    added = crud.create(house.cli, Route, {"track": checked.track_id, "label": "试", "min_years": 3})
    assert stale(house, checked)
    house.do("check", checked)
    crud.remove(house.cli, Route, added)
    assert stale(house, checked)


def test_the_units_level(house, checked):
    crud.edit(house.cli, Unit, checked.unit_id, None, {"level": "branch"})
    assert stale(house, checked)


def test_an_earlier_part_that_comes_to_light(house, checked):
    row = {"id_number": checked.id_number, "name": checked.name, "year": 2016, "outcome": "certified"}
    number = crud.create(house.cli, PastTrainee, row)
    assert stale(house, checked)
    house.do("check", checked)
    assert house.reload(checked).eligibility == "pending"
    crud.remove(house.cli, PastTrainee, number)
    assert stale(house, checked)


def test_attest_and_transfer(house):
    person = house.trainee(attested=False)
    house.do("check", person)
    house.do("attest", person, reason="汇总表")
    assert stale(house, person)


def test_an_approved_waiver_is_computed_in_at_once(house):
    person = house.trainee(ethnicity="97")
    house.do("check", person)
    waiver = requests.open_waiver(
        house.actor("operator"), person.id, kind="finding", rule="minority", reason="x"
    )
    requests.decide(house.actor("approver"), f"waiver-{waiver}", yes=True)
    assert house.reload(person).eligibility == "eligible" and not stale(house, person)


def test_a_check_takes_the_mark_off(house, checked):
    crud.edit(house.cli, Trainee, checked.id, None, {"ethnicity": "11"})
    house.do("check", checked)
    assert not stale(house, checked) and Programme.select().count()


def test_a_refused_waiver_leaves_the_result(house):
    person = house.trainee(ethnicity="97")
    house.do("check", person)
    waiver = requests.open_waiver(
        house.actor("operator"), person.id, kind="finding", rule="minority", reason="x"
    )
    requests.decide(house.actor("approver"), f"waiver-{waiver}", yes=False)
    assert not stale(house, person)


def test_a_number_of_the_past_that_is_corrected_concerns_both_people(house, checked):
    row = {"name": "旧", "id_number": checked.id_number, "year": 2017, "outcome": "certified"}
    past = crud.create(house.cli, PastTrainee, row)
    house.do("check", checked)
    crud.edit(house.cli, PastTrainee, past, None, {"id_number": id_number(400)})
    assert stale(house, checked)


def test_a_route_that_moves_concerns_the_track_that_it_leaves(house, checked):
    route = Route.get(Route.track == checked.track_id)
    crud.edit(house.cli, Route, route.id, None, {"track": house.track("inside").id})
    assert stale(house, checked)


def test_what_becomes_of_an_earlier_years_part_concerns_the_later_one_only(house, checked):
    programmes.new_year(house.cli, 2020, source=2019)
    other, next_year = house.trainee(year=2020), house.trainee(year=2020, id_number=checked.id_number)
    house.do("check", other, next_year)
    put_into(checked, "training")
    assert stale(house, next_year) and not stale(house, other) and not stale(house, checked)
    house.do("check", next_year)
    assert house.reload(next_year).eligibility == "pending"
    put_into(next_year, "rejected")
    assert not stale(house, checked)
