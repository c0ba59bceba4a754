"""What every house starts with: complete, right, and never in the way of what the office edited."""

from __future__ import annotations

import datetime as dt

from stdnum import numdb

from tepei_admin import seed
from tepei_admin.models import (
    AuditEntry,
    PovertyCounty,
    Programme,
    Quota,
    Region,
    Route,
    TitleName,
    Track,
    Unit,
    User,
)
from tepei_admin.schema import all_models
from tepei_admin.seed import lists
from tepei_admin.services import accounts, audit, crud, programmes


def counts() -> dict[str, int]:
    return {model.__name__: model.select().count() for model in all_models()}


def test_a_second_run_changes_nothing(house):
    before = counts()
    seed.install()
    assert counts() == before


def test_the_history_tells_of_the_start_and_holds(house):
    assert AuditEntry.select().where(AuditEntry.by_name == "初始化").count() > 300
    assert audit.verify() is None


def test_the_programme_of_2019_is_the_notices(house):
    year = house.programme()
    assert year.name == "2019年度“内蒙古少数民族专业技术人才特培计划”"
    assert (year.materials_deadline, year.notice_by) == (dt.date(2019, 3, 30), dt.date(2019, 7, 5))
    assert (year.term_months, year.age_reading, year.solo, year.reference_date) == (
        12,
        "completed",
        "off",
        None,
    )
    seen = [
        (t.code, t.label, t.letter, t.clause, t.places, t.age_limit, t.tuition, t.stipend, t.host_region, t.unit_level, t.arranged_by)
        for t in Track.select().order_by(Track.position)
    ]  # fmt: skip
    assert seen == [
        ("outside", "区外", "W", "二（一）", 40, 45, 33_000_00, 600_00, "out", "any", "ministry"),
        ("inside", "区内", "N", "二（二）", 40, 35, 16_000_00, 400_00, "in", "league", "department"),
    ]
    routes = Route.select(Track.code, Route.schooling, Route.min_years, Route.title_level, Route.clause).join(
        Track
    )
    assert list(routes.order_by(Route.id).tuples()) == [
        ("outside", "master", 8, "", "二（一）3"),
        ("outside", "", None, "412", "二（一）3"),
        ("inside", "bachelor", 5, "", "二（二）3"),
        ("inside", "", None, "420", "二（二）3"),
    ]


def test_fourteen_places_report_and_region_direct_units_have_a_group(house):
    units = {unit.code: unit for unit in Unit.select()}
    assert len(units) == 15 and all(unit.sending and not unit.host for unit in units.values())
    assert {code for code in units if code != "QZ"} == set(lists.PLACES)
    assert [units[code].name for code in ("150781", "152501", "150400")] == [
        "满洲里市",
        "二连浩特市",
        "赤峰市",
    ]
    assert units["QZ"].level == "region" and {units[code].level for code in lists.PLACES} == {"league"}
    assert all(unit.region.code == (code if code != "QZ" else "150000") for code, unit in units.items())


def test_every_unit_has_a_quota_row_a_track_that_is_not_allocated(house):
    assert Quota.select().count() == 30
    assert not Quota.select().where(Quota.places.is_null(False)).exists()


def test_the_lists_are_whole(house):
    assert PovertyCounty.select().count() == 31
    assert PovertyCounty.get(PovertyCounty.code == "150430").delisted_on == dt.date(2020, 3, 4)
    assert TitleName.get(TitleName.name == "副教授").level == "412"
    assert User.get(User.username == "cli").system


def test_inner_mongolias_regions_are_those_of_python_stdnum(house):
    known = numdb.get("cn/loc")
    for region in Region.select().where(Region.code.startswith("15")):
        found = {key: value for _, part in known.info(region.code) for key, value in part.items()}
        assert in_2019(found["county"]) == region.name, region.code


def in_2019(text: str) -> str:
    """python-stdnum's `[1983-1999]郊区,[2000-]赛罕区`, as of 2019."""
    for item in text.split(","):
        if not item.startswith("["):
            return item
        years, name = item[1:].split("]")
        start, end = years.split("-")
        if int(start or 0) <= 2019 <= int(end or 9999):
            return name
    return ""


def test_every_banner_and_county_of_2019_is_there(house):
    known = numdb.get("cn/loc")
    ours = {row.code for row in Region.select().where(Region.code.startswith("15"))}
    for number in range(150000, 160000):
        found = {key: value for _, part in known.info(str(number)) for key, value in part.items()}
        name = in_2019(found.get("county", ""))
        if name and name not in ("市辖区", "县"):
            assert str(number) in ours, (number, name)


def test_the_other_provinces_are_there_for_the_hosts(house):
    names = dict(Region.select(Region.code, Region.name).where(Region.level == "省级").tuples())
    assert len(names) == 33 and "150000" not in names
    assert (names["110000"], names["310000"], names["810000"]) == ("北京市", "上海市", "香港特别行政区")


def test_what_the_office_edited_stays_as_it_left_it(house):
    admin = house.actor("admin")
    title = TitleName.get(TitleName.name == "副教授")
    gone = TitleName.get(TitleName.name == "讲师")
    county = PovertyCounty.get(PovertyCounty.code == "150125")
    unit = house.unit("150781")
    crud.edit(admin, TitleName, title.id, None, {"name": "副教授（高校）"})
    crud.remove(admin, TitleName, gone.id)
    crud.edit(admin, PovertyCounty, county.id, None, {"delisted_on": dt.date(2019, 1, 1)})
    crud.edit(admin, Unit, unit.id, None, {"name": "满洲里"})
    crud.remove(admin, Route, Route.select().order_by(Route.id).first().id)
    programmes.set_setting(admin, 2019, "solo", "on")
    house.quota(3)
    before = counts()
    seed.install()
    assert counts() == before
    assert not TitleName.select().where(TitleName.name.in_(["副教授", "讲师"])).exists()
    assert house.programme().solo == "on" and house.unit("150781").name == "满洲里"
    assert PovertyCounty.get_by_id(county.id).delisted_on == dt.date(2019, 1, 1)
    assert Quota.get(Quota.unit == house.unit().id, Quota.track == house.track().id).places == 3


def test_only_what_is_missing_comes_back(house):
    programmes.new_year(house.cli, 2020, source=2019)
    accounts.add(house.cli, "zhang", "viewer")
    before = counts()
    seed.install()
    assert counts() == before and Programme.select().count() == 2
