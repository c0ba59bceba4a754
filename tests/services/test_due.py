"""What the training year asks for today: each matter on the day it begins, and not the day before."""

from __future__ import annotations

import datetime as dt

import pytest

from tepei_admin.models import Leave
from tepei_admin.services import due
from tests.services.cast import put_into
from tests.services.money_cast import (
    END,
    away,
    case,
    completed,
    disqualified,
    in_training,
    paid,
    placed,
    propose,
    step,
)

DAY = dt.date(2020, 3, 2)


def asked(house, day=DAY, actor=None):
    return due.of(actor or house.cli, house.programme(), day)


def notified(house, **values):
    person = house.trainee()
    placed(house, person, state="confirmed", actual_start=None, **values)
    put_into(person, "notified")
    return person


def test_a_quiet_year_asks_for_nothing(house):
    house.trainee()
    assert asked(house) == {}


def test_the_receipt_of_the_notice_and_the_arrival(house):
    person = notified(house)
    assert asked(house, dt.date(2019, 9, 1)) == {"receipt": [person.id]}
    known = notified(house, notice_received_on=dt.date(2019, 7, 9))
    assert asked(house, dt.date(2019, 9, 2)) == {"receipt": [person.id], "arrival": [person.id, known.id]}


@pytest.mark.parametrize(
    ("ends", "told"), [(DAY, True), (DAY + dt.timedelta(7), True), (DAY + dt.timedelta(8), False)]
)
def test_a_leave_that_ends_within_a_week(house, ends, told):
    person = in_training(house)
    paid(house, "tuition", person)
    away(house, person, DAY, ends)
    assert ("leave_ending" in asked(house)) is told
    assert asked(house, DAY - dt.timedelta(1)).get("leave_ending") is None  # not begun yet


def test_a_leave_that_the_host_has_not_answered(house):
    person = in_training(house)
    away(house, person, DAY, DAY, state="asked")
    assert asked(house)["leave_asked"] == [Leave.get().id]


@pytest.mark.parametrize(("days", "told"), [(31, False), (30, True), (0, True), (-1, True)])
def test_the_completion_assessment_is_due_a_month_before_the_end(house, days, told):
    person = in_training(house)
    assert (asked(house, END - dt.timedelta(days)).get("assess") == [person.id]) is told


def test_tuition_is_asked_for_until_it_is_proposed_and_then_to_be_approved_and_paid(house):
    person = in_training(house)
    assert asked(house) == {"tuition": [person.id]}
    rows = propose(house, "tuition", person)
    assert asked(house) == {"to_approve": [rows[0].id]}
    step(house, "approve", *rows)
    assert asked(house) == {"to_pay": [rows[0].id]}
    step(house, "pay", *rows)
    assert asked(house) == {}


def test_a_tuition_made_void_is_asked_for_again(house):
    person = in_training(house)
    step(house, "void", *propose(house, "tuition", person), reason="户名有误")
    assert asked(house) == {"tuition": [person.id]}


@pytest.mark.parametrize(
    ("grade", "told"), [("excellent", True), ("pass", True), ("basic", False), ("fail", False)]
)
def test_a_stipend_for_whom_the_setting_says_has_passed(house, grade, told):
    person = completed(house, grade=grade)
    assert (asked(house, END).get("stipend") == [person.id]) is told


def test_graded_and_over_is_to_be_completed(house):
    person = in_training(house)
    house.do("assess", person, on=END, more={"assessment": "completion", "grade": "pass"})
    assert "complete" not in asked(house, END - dt.timedelta(1))
    found = asked(house, END)
    assert found["complete"] == [person.id] and "assess" not in found


def test_a_held_grade_is_to_be_decided(house):
    person = completed(house, grade="basic", end=None, status="training")
    assert asked(house, END)["held"] == [person.id]


def test_cases_and_recoveries_until_they_are_settled(house):
    person = in_training(house)
    paid(house, "tuition", person)
    number = case(house, person)
    assert asked(house) == {"case": [number]}
    _, decided = disqualified(house)
    assert asked(house)["recovery"] == [decided]


def test_a_clerk_is_told_of_the_own_unit_only(house):
    in_training(house)
    assert asked(house, actor=house.actor("clerk", "150700")) == {}


def test_it_is_one_query(house, count_queries):
    in_training(house)
    programme, actor = house.programme(), house.cli
    with count_queries() as queries:
        due.of(actor, programme, DAY)
    assert len(queries) == 1
