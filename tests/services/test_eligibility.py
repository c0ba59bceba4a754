"""The check on many people: one pass, stored with policy and facts, by anybody who may."""

from __future__ import annotations

import pytest

from tepei_admin.errors import NotAllowed
from tepei_admin.messages import MESSAGES
from tepei_admin.models import EligibilityCheck
from tepei_admin.services import eligibility, programmes
from tests.factories import id_number


def check(house, *people) -> list[str]:
    house.do("check", *people)
    return [house.reload(person).eligibility for person in people]


@pytest.mark.parametrize(
    ("track", "born", "result"),
    [("outside", "19730330", "pending"), ("outside", "19730331", "eligible"), ("outside", "19731201", "eligible"),
     ("outside", "19740330", "eligible"), ("outside", "19720101", "ineligible"), ("inside", "19830330", "pending"),
     ("inside", "19830331", "eligible"), ("inside", "19820330", "ineligible")],
)  # fmt: skip
def test_the_age_check_values_through_the_database(house, track, born, result):
    birth = f"{born[:4]}-{born[4:6]}-{born[6:]}"
    person = house.trainee(track=track, id_number=id_number(11, born=born), birth_date=birth)
    assert check(house, person) == [result]


def test_another_reference_date_is_a_setting(house):
    person = house.trainee(id_number=id_number(11, born="19730401"), birth_date="1973-04-01")
    assert check(house, person) == ["eligible"]
    programmes.set_setting(house.cli, 2019, "reference_date", "2019-04-02")
    assert check(house, person) == ["ineligible"]


def test_a_region_direct_unit_may_not_nominate_inside(house):
    from tepei_admin.models import Unit
    from tepei_admin.services import crud

    direct = crud.create(
        house.cli, Unit, {"code": "Q1", "name": "区直某院", "sending": True, "level": "region"}
    )
    branch = crud.create(
        house.cli, Unit, {"code": "Q2", "name": "区直分院", "sending": True, "level": "branch"}
    )
    born = {"birth_date": "1990-01-01"}
    people = [
        house.trainee(track="inside", unit="Q1", id_number=id_number(1, born="19900101"), **born),
        house.trainee(track="inside", unit="Q2", id_number=id_number(2, born="19900101"), **born),
        house.trainee(track="outside", unit="Q1", id_number=id_number(3, born="19900101"), **born),
    ]
    assert check(house, *people) == ["ineligible", "pending", "eligible"] and direct < branch


def test_the_result_keeps_policy_facts_and_worded_findings(house):
    person = house.trainee(ethnicity="01")
    house.do("check", person)
    kept = EligibilityCheck.get(EligibilityCheck.trainee == person.id)
    assert kept.policy["age_limit"] == 45 and kept.facts["ethnicity"] == "01"
    assert kept.findings[0]["rule"] == "minority"
    sentences = [eligibility.worded(finding) for finding in kept.findings]
    assert "汉族" in sentences[0] and all(sentences) and len(MESSAGES) > 100


def test_an_earlier_year_in_the_panel_counts(house):
    programmes.new_year(house.cli, 2020, source=2019)
    first = house.trainee()
    from tests.services.cast import put_into

    again = house.trainee(year=2020, id_number=first.id_number, birth_date=first.birth_date)
    assert check(house, again) == ["eligible"]
    put_into(first, "certified")
    assert check(house, again) == ["pending"]


def test_checking_many_takes_as_many_queries_as_checking_few(house, count_queries):
    people = [house.trainee() for _ in range(40)]

    def queries(some) -> int:
        with count_queries() as counted:
            house.do("check", *some)
        return len(counted)

    assert queries(people[:3]) == queries(people)


def test_the_batch_tells_each_result(house):
    from tepei_admin.models import BatchRow

    good, bad = house.trainee(), house.trainee(ethnicity="01")
    outcome = house.do("check", good, bad)
    rows = {row.object_id: row.text for row in BatchRow.select().where(BatchRow.batch == outcome.batch)}
    assert rows == {good.id: "符合", bad.id: "不符合：少数民族"}


def test_a_viewer_may_not_and_a_clerk_only_the_own_people(house):
    mine, theirs = house.trainee(), house.trainee(unit="150700")
    with pytest.raises(NotAllowed):
        house.do("check", mine, actor=house.actor("viewer"))
    assert house.do("check", mine, theirs, actor=house.actor("clerk", unit="150400")).done == (mine.id,)
