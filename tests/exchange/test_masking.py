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


def test_an_id_number_under_another_heading_is_masked_as_well():
    assert masking.value(WHOLE, "name") == "尾号 9919"


@pytest.mark.parametrize("text", ["王小明", "主任医师", "内蒙古医科大学2019级"])
def test_what_is_no_number_stays(text):
    assert masking.value(text, "name") == text
