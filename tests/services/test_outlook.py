"""A unit's outlook: places, taken, who waits; what a file adds; one query."""

from __future__ import annotations

import pytest

from tepei_admin.models import Batch
from tepei_admin.services import outlook
from tests.exchange import test_intake as tables
from tests.exchange.making import person


def of(house, new=None, unit="150400"):
    number = house.unit(unit).id
    return outlook.of_units(house.track().id, [number], {number: new} if new else None)[0]


def test_places_taken_and_who_waits_are_counted(house):
    house.quota(3)
    people = [house.trainee() for _ in range(4)]
    house.trainee(ethnicity="01")  # not eligible
    house.trainee(track="inside")
    house.trainee(unit="150700")
    house.do("check", *people)
    house.do("recommend", people[0])
    found = of(house)
    assert (found.places, found.taken, found.eligible, found.left, found.find) == (3, 1, 3, 2, 2)
    assert found.short and found.text == "名额 3，已占 1，尚余 2；符合条件待推荐 3 人，至多 2 人可推荐"


@pytest.mark.parametrize(
    ("places", "new", "find", "short"),
    [(None, 2, 0, False), (0, 2, 0, True), (2, 2, 2, False), (2, 3, 2, True), (5, 2, 2, False)],
)
def test_what_a_file_adds_is_measured_against_what_is_left(sqlite_house, places, new, find, short):
    sqlite_house.quota(places)
    found = of(sqlite_house, new)
    assert (found.find, found.short) == (find, short) and f"本表新增 {new} 人" in found.text
    assert ("尚未分配" in found.text) == (places is None)


def test_a_result_out_of_date_is_nobody_who_waits(sqlite_house):
    sqlite_house.quota(2)
    someone = sqlite_house.trainee()
    assert of(sqlite_house).eligible == 0  # never checked
    sqlite_house.do("check", someone)
    assert of(sqlite_house).eligible == 1


def test_it_is_one_query_however_many_units_and_people(house, count_queries):
    for unit in ("150100", "150200", "150400"):
        house.trainee(unit=unit)
    units = [house.unit(code).id for code in ("150100", "150200", "150400")]
    track = house.track().id
    with count_queries() as counted:
        assert len(outlook.of_units(track, units)) == 3
    assert len(counted) == 1


def test_a_file_tells_the_outlook_of_its_units_before_and_after_storing(sqlite_house):
    sqlite_house.quota(1)
    made, outcome = tables.load(sqlite_house, tables.table(person(1), person(2)))
    assert made.outlook()[0].as_dict() | {"text": ""} == {
        "unit": "150400", "name": "赤峰市", "places": 1, "taken": 0, "eligible": 2, "new": 2, "find": 1, "text": "",
    }  # fmt: skip
    [(label, units)] = outlook.of_batch(Batch.get_by_id(outcome.batch))
    assert (label, [(item.eligible, item.new, item.find) for item in units]) == ("区外", [(2, 0, 1)])
