"""Did you mean …: what is nearly right is asked about in the remedy, and never taken."""

from __future__ import annotations

import pytest

from tepei_admin.exchange.near import MOST, Near
from tests.exchange.making import LOOKUPS, id_number, read_cell

GOOD = id_number(991)


@pytest.mark.parametrize(
    ("field", "written", "meant"),
    [
        ("ethnicity", "蒙古组", "蒙古族"),
        ("ethnicity", "鄂仑春族", "鄂伦春族"),
        ("political_status", "共青团", "共青团员"),
        ("political_status", "中共党圆", "中共党员"),
        ("education", "硕土研究生", "硕士研究生"),
        ("degree", "工学硕仕", "工学硕士"),
        ("title", "副教受", "副教授"),
        ("title", "高级工程帅", "高级工程师"),
        ("title", "中学高级", "中学高级教师"),
        ("title", "副教授/硕导", "副教授"),
        ("birth_date", "85.3", "1985-03"),
        ("birth_date", "85年3月15日", "1985-03-15"),
        ("birth_date", "31121", "1985-03-15"),
        ("id_number", f"身份证号：{GOOD}", GOOD),
        ("id_number", GOOD.replace("0", "O"), GOOD),
        ("id_number", f"{GOOD}（本人）", GOOD),
    ],
)
def test_a_near_match_is_asked_about_and_not_taken(field, written, meant):
    row = read_cell(field, written)
    asked = [message.text for message in row.messages if message.level in ("error", "warning")]
    assert len(asked) == 1 and f"是否应为 {meant}" in asked[0]
    assert row.values.get(field, written) == written and not row.values.get("title_level")


@pytest.mark.parametrize(
    ("field", "written"),
    [("ethnicity", "穿青人"), ("ethnicity", "少数民族"), ("title", "专家"), ("education", "内蒙古大学"),
     ("birth_date", "不详"), ("id_number", "护照E12345678")],
)  # fmt: skip
def test_where_nothing_is_near_nothing_is_asked(field, written):
    assert all("是否应为" not in message.text for message in read_cell(field, written).messages)


def test_a_number_that_is_too_short_or_too_long_says_how_many_digits_it_has():
    assert "现有 17 位" in read_cell("id_number", GOOD[:17]).messages[0].text
    assert "现有 19 位" in read_cell("id_number", GOOD[:17] + "90").messages[0].text


@pytest.mark.parametrize(
    ("written", "meant"), [("赤锋市", "赤峰市"), ("锡林浩持市", "锡林浩特市"), ("土默特右期", "土默特右旗")]
)
def test_places_have_near_matches_too(written, meant):
    assert meant in LOOKUPS.places.hint(written)


def test_too_many_near_matches_are_none():
    assert Near(["甲教师", "乙教师"]).to("丙教师") == ("甲教师", "乙教师")
    assert Near([f"{one}教师" for one in "甲乙丙丁"]).to("戊教师") == () and MOST == 3
