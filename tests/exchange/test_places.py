"""Places as tables write them: what is taken, and what is only asked about."""

from __future__ import annotations

import pytest

from tepei_admin.exchange.places import Places
from tests.exchange.making import LOOKUPS

PLACES = LOOKUPS.places
CHIFENG, TONGLIAO, HULUNBUIR, XILINGOL = "150400", "150500", "150700", "152500"


@pytest.mark.parametrize(
    ("written", "league", "code"),
    [("150404", "", "150404"), ("松山区", "", "150404"), ("赤峰", "", "150400"), ("赤峰市人社局", "", "150400"),
     ("赤峰市松山区", "", "150404"), ("赤峰松山区", "", "150404"), ("赤峰市松山", "", "150404"),
     ("内蒙古自治区赤峰市 松山区", "", "150404"), ("赤峰市/松山区人力资源和社会保障局", "", "150404"),
     ("呼伦贝尔市满洲里市", "", "150781"), ("锡林郭勒盟二连浩特", "", "152501"), ("阿拉善左旗", "", "152921"),
     ("松山", CHIFENG, "150404"), ("松山", "", "150404"), ("翁牛特", CHIFENG, "150426"),
     ("鄂伦春旗", HULUNBUIR, "150723"), ("鄂温克旗", HULUNBUIR, "150724"), ("杭锦", "150600", "150625")],
)  # fmt: skip
def test_a_place_is_known_in_full_with_its_league_in_front_and_in_short(written, league, code):
    assert PLACES.code(written, league) == code


@pytest.mark.parametrize(
    ("written", "league", "offered"),
    [("松山", TONGLIAO, "松山区"), ("赤峰市科尔沁区", "", "科尔沁区"), ("满州里市", HULUNBUIR, "满洲里市"),
     ("呼伦贝尔市满州里市", "", "满洲里市"), ("松山县", CHIFENG, "松山区"),
     ("莫力达瓦旗", HULUNBUIR, "莫力达瓦达斡尔族自治旗"), ("杭锦", "", "杭锦旗、杭锦后旗"),
     ("巴林", CHIFENG, "巴林左旗、巴林右旗"), ("科尔沁", TONGLIAO, "科尔沁区、科尔沁左翼中旗、科尔沁左翼后旗")],
)  # fmt: skip
def test_what_may_be_another_place_is_offered_and_not_taken(written, league, offered):
    assert PLACES.code(written, league) == ""
    assert f"是否应为 {offered}？" in PLACES.hint(written, league)


@pytest.mark.parametrize("written", ["", "区", "赤峰市区", "市直", "松", "北京市"])
def test_what_names_no_place_is_neither_taken_nor_asked_about(written):
    assert (PLACES.code(written), PLACES.hint(written)) == ("", "")


def test_a_name_that_two_places_have_in_short_is_taken_in_its_own_league_only():
    places = Places({"150100": "甲市", "150200": "乙盟", "150101": "东河区", "150201": "东河县"})
    assert [places.code("东河", league) for league in ("", "150100", "150200")] == ["", "150101", "150201"]


@pytest.mark.parametrize(
    ("written", "code"),
    [("赤峰市松山区", "150400"), ("呼伦贝尔市海拉尔区", "150700"), ("呼伦贝尔市满洲里市", "150781"),
     ("满洲里", "150781"), ("松山区", ""), ("赤峰市第一医院", ""), ("赤峰市科尔沁区", "")],
)  # fmt: skip
def test_a_place_below_a_league_stands_for_the_league_unless_it_reports_for_itself(written, code):
    assert LOOKUPS.unit(written) == code


@pytest.mark.parametrize(
    ("written", "league", "doubtful"),
    [("满州里市", HULUNBUIR, True), ("满州里市", CHIFENG, True), ("满洲", HULUNBUIR, True), ("某某市", HULUNBUIR, True),
     ("二连", XILINGOL, True), ("某某市", CHIFENG, False), ("莫力达瓦旗", HULUNBUIR, False), ("市直", HULUNBUIR, False),
     ("呼伦贝尔市本级", HULUNBUIR, False), ("/", HULUNBUIR, False), ("东乌旗", XILINGOL, False)],
)  # fmt: skip
def test_an_unknown_place_is_in_doubt_where_it_may_be_one_that_reports_for_itself(written, league, doubtful):
    assert LOOKUPS.doubtful(written, league) is doubtful
