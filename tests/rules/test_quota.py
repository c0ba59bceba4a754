from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tepei_admin.choices import Status
from tepei_admin.errors import Violation
from tepei_admin.rules.quota import TRACK_TAKING, UNIT_TAKING, Ledger, Places

CHIFENG = {"unit": "赤峰市", "track": "区外"}


@pytest.mark.parametrize(
    ("limit", "taken", "left", "full"),
    [
        (3, 0, 3, False),
        (3, 2, 1, False),
        (3, 3, 0, True),
        (3, 4, 0, True),
        (0, 0, 0, True),
        (None, 0, 0, True),
    ],
)
def test_what_is_left_of_the_places(limit, taken, left, full):
    places = Places(limit, taken)
    assert (places.left, places.full) == (left, full)


def test_the_last_place_goes_once():
    ledger = Ledger({"cf": Places(3, 2, **CHIFENG)})
    assert ledger.take("cf") is None
    assert ledger.take("cf") == Violation("quota.full", params={"taken": 3, "places": 3})
    assert ledger["cf"].taken == 3


def test_places_not_allocated_are_refused_by_name():
    ledger = Ledger({"cf": Places(None, **CHIFENG)})
    assert ledger.take("cf") == Violation("quota.unallocated", params=CHIFENG)
    assert ledger["cf"].taken == 0


def test_a_waiver_of_a_full_quota_does_not_allocate_one():
    assert Ledger({"cf": Places(None, **CHIFENG)}).take("cf", over=True).code == "quota.unallocated"


def test_a_full_track_says_which():
    refusal = Ledger({"outside": Places(40, 40, track="区外")}).take("outside")
    assert refusal == Violation("track.full", params={"track": "区外", "taken": 40, "places": 40})


def test_over_the_quota_by_a_waiver_still_counts():
    ledger = Ledger({"cf": Places(3, 3, **CHIFENG)})
    assert ledger.take("cf", over=True) is None
    assert ledger.take("cf") == Violation("quota.full", params={"taken": 4, "places": 3})


def test_a_waiver_does_not_spare_the_others_a_place():
    ledger = Ledger({"cf": Places(3, 2, **CHIFENG)})
    assert ledger.take("cf", over=True) is None
    assert ledger.take("cf").code == "quota.full"


def test_a_place_given_back_can_be_taken():
    ledger = Ledger({"cf": Places(3, 3, **CHIFENG), "tl": Places(1, 0, "通辽市", "区外")})
    ledger.give_back("cf")
    assert ledger.take("cf") is None
    assert ledger.take("cf") is not None
    assert ledger["tl"].left == 1


def test_a_key_that_was_not_given_is_a_mistake_of_the_program():
    with pytest.raises(KeyError):
        Ledger({}).take("cf")


@given(st.integers(0, 5), st.integers(0, 5), st.lists(st.booleans(), max_size=15))
def test_places_are_exceeded_by_waivers_alone(limit, taken, overs):
    ledger = Ledger({"k": Places(limit, taken, **CHIFENG)})
    granted = [over for over in overs if ledger.take("k", over) is None]
    assert ledger["k"].taken == taken + len(granted)
    assert granted.count(False) <= max(limit - taken, 0)
    assert granted.count(True) == overs.count(True)


@pytest.mark.parametrize(
    ("status", "unit", "track"),
    [
        ("applied", False, False),
        ("recommended", True, False),
        ("admitted", True, True),
        ("notified", True, True),
        ("training", True, True),
        ("completed", True, True),
        ("certified", True, True),
        ("rejected", False, False),
        ("withdrawn", False, False),
        ("no_show", False, False),
        ("terminated", True, True),
        ("disqualified", True, True),
        ("failed", True, True),
    ],
)
def test_a_place_is_freed_only_by_leaving_before_report_in(status, unit, track):
    assert (Status(status) in UNIT_TAKING, Status(status) in TRACK_TAKING) == (unit, track)
