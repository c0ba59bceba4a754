"""A year is data: copied from another, set one setting at a time."""

from __future__ import annotations

import datetime as dt

import pytest

from tepei_admin.errors import RuleViolation
from tepei_admin.models import Programme, Quota, Route, Track
from tepei_admin.services import programmes


def test_a_new_year_copies_settings_tracks_and_routes_and_moves_the_dates(house):
    programmes.set_setting(house.cli, 2019, "documents", "block")
    house.quota(5)
    number = programmes.new_year(house.cli, 2020, source=2019)
    year = Programme.get_by_id(number)
    assert (year.year, year.documents, year.materials_deadline) == (2020, "block", dt.date(2020, 3, 30))
    assert "2020" in year.name
    old, new = house.track(), house.track(year=2020)
    assert (new.places, new.age_limit, new.tuition, new.letter) == (
        old.places,
        old.age_limit,
        old.tuition,
        "W",
    )
    assert Route.select().where(Route.track == new.id).count() == 2
    assert {row.places for row in Quota.select().where(Quota.track == new.id)} == {None}
    assert Track.select().where(Track.programme == number).count() == 2


def refused(action) -> tuple[str, dict]:
    with pytest.raises(RuleViolation) as refusal:
        action()
    violation = refusal.value.violations[0]
    return violation.code, dict(violation.params)


def test_a_year_that_is_there_or_missing_is_named(house):
    assert refused(lambda: programmes.new_year(house.cli, 2019, source=2019))[0] == "programme.exists"
    assert refused(lambda: programmes.find(2031)) == ("programme.unknown", {"year": 2031, "years": "2019"})


def test_an_unknown_track_is_refused_with_the_codes(house):
    code, params = refused(lambda: programmes.find_track(house.programme().id, "abroad"))
    assert code == "programme.unknown_track" and params["tracks"] == "outside（区外）、inside（区内）"
    assert programmes.find_track(house.programme().id, "区内").code == "inside"


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [("materials_deadline", "30.3.2019", "programme.bad_setting"), ("materials_deadline", "", "programme.bad_setting"),
     ("age_reading", "soon", "programme.bad_setting"), ("term_months", "0", "programme.bad_setting"),
     ("term_months", "x", "programme.bad_setting"), ("solo", "yes", "programme.bad_setting"),
     ("passing_certificate", "优秀,良好", "stipend.bad_passing_grade"),
     ("passing_stipend", "不合格", "stipend.bad_passing_grade"), ("passing_stipend", "", "stipend.no_passing_grades"),
     ("certificate_number", "{foo}", "certificate.format_fields"),
     ("certificate_number", "{year}{letter}{serial:x}", "certificate.format_unsound"),
     ("leave_deduction", "beyond", "stipend.bad_leave_deduction")],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_refused(house, key, value, code):
    assert refused(lambda: programmes.set_setting(house.cli, 2019, key, value))[0] == code


def test_an_unknown_setting_is_refused_with_the_names(house):
    code, params = refused(lambda: programmes.set_setting(house.cli, 2019, "age", "45"))
    assert code == "programme.unknown_setting" and "reference_date" in params["keys"]


def test_the_reference_date_can_be_set_and_emptied(house):
    programmes.set_setting(house.cli, 2019, "reference_date", "2019-06-30")
    assert house.programme().reference_date == dt.date(2019, 6, 30)
    programmes.set_setting(house.cli, 2019, "reference_date", "")
    assert house.programme().reference_date is None


def test_quotas_are_set_all_or_none(house):
    with pytest.raises(RuleViolation):
        programmes.set_quotas(house.cli, 2019, {"150400": {"outside": 3}, "999999": {"outside": 1}})
    row = Quota.get(Quota.track == house.track().id, Quota.unit == house.unit().id)
    assert row.places is None
    assert (
        programmes.set_quotas(
            house.cli, 2019, {"150400": {"outside": 3, "区内": 2}, "呼伦贝尔市": {"outside": 1}}
        )
        == 3
    )
