"""Which unit a row is stored under, and what is asked where its places do not tell, or tell something else."""

from __future__ import annotations

import pytest

from tepei_admin.exchange import kept
from tepei_admin.exchange.sheet_report import as_json
from tests.exchange.making import HEADER, person, xlsx
from tests.exchange.test_intake import check, load, outcomes

PLACES = [*HEADER, "单位所在盟市", "旗县"]


def look(house, league, county, *, line=None, unit=None):
    head = [[f"单位（盖章）：{line}"]] if line else []
    return check(house, xlsx([*head, PLACES, [*person(1), league, county]]), unit=unit)


def said(made) -> list[tuple[str, str | None, str]]:
    """Of the one row: what was said of its places."""
    messages = made.report.rows[0].messages
    return [(one.level, one.field, one.code) for one in messages if one.code.startswith(("place.", "unit."))]


@pytest.mark.parametrize(
    ("league", "county", "unit", "place"),
    [("呼伦贝尔市", "呼伦贝尔市满洲里市", "150781", "满洲里市"), ("锡林郭勒盟", "锡林郭勒盟二连浩特市", "152501", "二连浩特市"),
     ("呼伦贝尔市满洲里市", None, "150781", "满洲里市"), ("赤峰市", "赤峰市松山区", "150400", "松山区"),
     ("赤峰市", "松山", "150400", "松山区"), ("赤峰市翁牛特旗", None, "150400", "翁牛特旗")],
)  # fmt: skip
def test_a_place_written_the_common_way_is_stored_with_a_notice_of_both_forms(
    house, league, county, unit, place
):
    made, outcome = load(house, xlsx([PLACES, [*person(1), league, county]]))
    stored = house.reload(outcome.done[0])
    assert (stored.unit.code, stored.county.name) == (unit, place)
    assert {level for level, _, _ in said(made)} == {"notice"}
    last = made.report.rows[0].messages[-1].text
    assert f"“{county or league}”" in last and place in last


@pytest.mark.parametrize(("league", "county"), [("呼伦贝尔市", "满州里市"), ("锡林郭勒盟", "二连浩市")])
def test_an_unknown_place_that_may_report_for_itself_is_an_error_that_asks(house, league, county):
    made = look(house, league, county)
    assert outcomes(made) == ["error"] and said(made) == [("error", "county", "place.unit_unclear")]
    assert "是否应为" in made.report.rows[0].messages[-1].text


@pytest.mark.parametrize(
    ("league", "county", "options"),
    [("呼伦贝尔市", "满州里市", {"unit": "150700"}), ("呼伦贝尔市", "满州里市", {"line": "呼伦贝尔市人社局"}),
     ("呼伦贝尔市", "市直", {}), ("赤峰市", "某某区", {})],
)  # fmt: skip
def test_where_the_unit_is_known_anyway_an_unknown_place_is_a_warning(house, league, county, options):
    made = look(house, league, county, **options)
    assert outcomes(made) == ["new"] and said(made) == [("warning", "county", "place.unknown")]


@pytest.mark.parametrize(
    ("league", "county", "options", "warned"),
    [("通辽市", "科尔沁区", {"unit": "150400", "line": "通辽市人社局"}, True), ("通辽市", None, {"unit": "150400"}, True),
     (None, None, {"unit": "150400", "line": "通辽市人社局"}, True), ("赤峰市", None, {"line": "通辽市人社局"}, True),
     ("呼伦贝尔市", "满洲里市", {"unit": "150700"}, True), ("赤峰市", "松山区", {"unit": "150400"}, False),
     ("呼伦贝尔市", "满洲里市", {"unit": "150781"}, False), ("呼伦贝尔市", None, {"unit": "150781"}, False),
     ("呼伦贝尔市", "满洲里市", {"line": "呼伦贝尔市人社局"}, False)],
)  # fmt: skip
def test_a_row_that_names_another_unit_than_it_is_stored_under_says_so(
    house, league, county, options, warned
):
    made = look(house, league, county, **options)
    assert outcomes(made) == ["new"]
    assert ("unit.differs" in [code for _, _, code in said(made)]) is warned


def test_the_warning_names_both_units(house):
    made = look(house, "通辽市", None, unit="150400")
    assert made.report.rows[0].messages[-1].text == "表中所写单位或地区为 通辽市，此人将存入 赤峰市，请核对"


@pytest.mark.parametrize(
    ("title", "name", "named"),
    [("2019年推荐人选汇总表（区内）", "汇总表.xlsx", "区内"), ("推荐人选汇总表", "赤峰市区内汇总表.xlsx", "区内"),
     ("推荐人选汇总表（区外）", "汇总表（区内）.xlsx", ""), ("推荐人选汇总表（区内、区外）", "汇总表.xlsx", ""),
     ("内蒙古自治区内部资料", "汇总表.xlsx", ""), ("推荐人选汇总表", "汇总表.xlsx", "")],
)  # fmt: skip
def test_a_title_or_name_of_the_other_track_is_warned_of_at_the_head(house, title, name, named):
    """The file is read for 区外."""
    made = check(house, xlsx([[title], HEADER, person(1)]), unit="150400", name=name)
    assert outcomes(made) == ["new"] and made.report.other_track == named
    assert all(f"“{named}”" in one.text for one in made.report.messages)
    assert kept.report(kept.head(made.report)).messages == made.report.messages
    assert [one["code"] for one in as_json(made.report).get("messages", [])] == ["file.other_track"] * bool(
        named
    )


def test_a_county_of_another_league_is_a_warning(house):
    made = look(house, "赤峰市", "科尔沁区")
    assert outcomes(made) == ["new"] and said(made) == [("warning", "county", "place.elsewhere")]
