"""Sentences about cells tell no whole number, right or with a slip in it."""

from __future__ import annotations

import pytest

from tepei_admin.exchange import masking

WHOLE = "150102198503159919"


@pytest.mark.parametrize(
    "written", [WHOLE, "1501O2198503159919", "１５０１０２１９８５０３１５９９１９", "150102 19850315 9919"]
)
def test_an_id_number_shows_its_last_four(written):
    assert masking.value(written, "id_number") == "尾号 9919" or masking.value(written, "id_number").endswith(
        "９９１９"
    )
    assert written not in masking.sentence(f"身份证号“{written}”有误", "id_number")


@pytest.mark.parametrize(
    "text",
    [
        "2019-03-30 2019-04-01",
        "2019-09-01,2020-08-31",
        "4f1c" + "12345678901234567890" * 3,
        "133,000.00 - 18,000.00 = 115,000.00",
        "33000.00，16000.00，1960000.00",
    ],
)
def test_dates_digests_and_sums_are_nobodys_number(text):
    assert masking.numbers(text) == text


@pytest.mark.parametrize("before", ["", "ID", "身份证", "2019-03-30 ", "账号:", "x"])
@pytest.mark.parametrize(
    "number", [WHOLE, "150102 19850315 9919", "6222 0206 0200 1234 567", "15010219850315991X"]
)
def test_a_number_is_masked_whatever_stands_before_it(before, number):
    masked = masking.numbers(f"{before}{number}，请核对")
    assert number not in masked and f"尾号 {number.replace(' ', '')[-4:]}，请核对" in masked


def test_a_number_that_lost_its_digits_shows_its_form_and_not_the_place_and_birth():
    assert masking.value("1.50102198503159E+17", "id_number") == "1…E+17"
    said = masking.sentence("身份证号“1.50102198503159E+17”被 Excel 存成数值", "id_number")
    assert said == "身份证号“1…E+17”被 Excel 存成数值"


def test_an_id_number_under_another_heading_is_masked_as_well():
    assert masking.value(WHOLE, "name") == "尾号 9919"


@pytest.mark.parametrize("text", ["王小明", "主任医师", "内蒙古医科大学2019级"])
def test_what_is_no_number_stays(text):
    assert masking.value(text, "name") == text
