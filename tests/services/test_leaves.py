"""Leaves: recorded with the host's answer, answered later, given back early; absence apart; a month at a host."""

from __future__ import annotations

import datetime as dt

import pytest

from tepei_admin.choices import LeaveState
from tepei_admin.errors import NotAllowed, NotFound, RuleViolation, Stale
from tepei_admin.models import AuditEntry, Batch, BatchRow, Leave
from tepei_admin.rules.term import Period
from tepei_admin.services import batch, leave_month, leaves

OCTOBER = dt.date(2019, 10, 8)


def away(house, person, starts, ends, state="granted", **more):
    values = {"leave_state": state, "starts": starts, "ends": ends, "host_approval": "研究生院", **more}
    return house.do("record_leave", person, on=dt.date(2019, 9, 30), more=values)


def absent(house, person, starts, ends, reason=""):
    return house.do("record_absence", person, more={"starts": starts, "ends": ends, "leave_reason": reason})


def why(outcome) -> str:
    return outcome.skipped[0].refused.code


def test_a_granted_leave_is_kept_with_who_approved_it_and_when(house):
    (person,) = house.trained()
    assert away(house, person, "2019-10-08", "2019-10-12", leave_reason="家事").done
    row = Leave.get()
    assert (row.kind, row.state, row.host_approval, row.reason) == ("leave", "granted", "研究生院", "家事")
    assert row.approved_on == dt.date(2019, 9, 30) and row.placement_id == house.placement(person).id


def test_its_reason_stands_on_the_leave_alone(house):
    """It may speak of somebody's health."""
    (person,) = house.trained()
    away(house, person, "2019-10-08", "2019-10-12", leave_reason="阑尾手术")
    absent(house, person, "2019-11-01", "2019-11-02", reason="阑尾手术")
    for row in [*Batch.select(), *BatchRow.select()]:
        assert "阑尾" not in str(row.__data__)
    for entry in AuditEntry.select().where(AuditEntry.model != "leave"):
        assert "阑尾" not in str(entry.__data__)
    assert not AuditEntry.select().where(AuditEntry.reason.contains("阑尾")).exists()


@pytest.mark.parametrize("starts,ends,refused", [
    ("2019-09-01", "2019-09-01", None),
    ("2019-08-31", "2019-09-01", "leave.outside_term"),
    ("2020-08-31", "2020-08-31", None),
    ("2020-08-31", "2020-09-01", "leave.outside_term"),
])  # fmt: skip
@pytest.mark.parametrize("verb", [away, absent])
def test_days_lie_inside_the_term(house, verb, starts, ends, refused):
    (person,) = house.trained()
    outcome = verb(house, person, starts, ends)
    assert (why(outcome) if refused else None) == refused


def test_the_term_begins_with_the_actual_start(house):
    (person,) = house.notified()
    house.do("report_in", person, on=dt.date(2019, 9, 16))
    assert why(away(house, person, "2019-09-15", "2019-09-17")) == "leave.outside_term"
    assert away(house, person, "2019-09-16", "2019-09-17").done


def test_an_end_before_the_start_is_refused_under_its_field(house):
    (person,) = house.trained()
    with pytest.raises(RuleViolation) as refused:
        away(house, person, "2019-10-08", "2019-10-07")
    assert [(item.code, item.field) for item in refused.value.violations] == [
        ("leave.ends_before_starts", "ends")
    ]


@pytest.mark.parametrize("first,second,refused", [
    ("granted", "granted", True), ("granted", "asked", True), ("granted", "refused", False),
    ("refused", "granted", False), ("asked", "granted", False),
])  # fmt: skip
def test_granted_leaves_do_not_overlap_and_refused_ones_do_not_count(house, first, second, refused):
    (person,) = house.trained()
    away(house, person, "2019-10-08", "2019-10-12", first)
    outcome = away(house, person, "2019-10-12", "2019-10-14", second)
    assert (bool(outcome.skipped) and why(outcome) == "leave.overlaps") is refused


def test_next_to_each_other_they_may_stand(house):
    (person,) = house.trained()
    away(house, person, "2019-10-08", "2019-10-12")
    assert away(house, person, "2019-10-13", "2019-10-14").done
    assert why(absent(house, person, "2019-10-14", "2019-10-16")) == "leave.overlaps"
    assert absent(house, person, "2019-10-15", "2019-10-16").done
    assert Leave.get(Leave.kind == "absence").state == LeaveState.REFUSED


@pytest.mark.parametrize("missing", ["leave_state", "starts", "ends", "host_approval"])
def test_what_is_missing_is_named(house, missing):
    (person,) = house.trained()
    values = {"leave_state": "granted", "starts": "2019-10-08", "ends": "2019-10-09", "host_approval": "x"}
    with pytest.raises(RuleViolation) as refused:
        house.do("record_leave", person, more={**values, missing: ""})
    assert [item.code for item in refused.value.violations] == [f"verb.{missing}_required"]


def test_after_a_change_of_host_a_leave_belongs_to_the_placement_of_its_days(house):
    (person,) = house.trained()
    old = house.placement(person).id
    more = {"major": "教育技术", "changed_on": "2020-01-06"}
    house.do("change_host", person, on=dt.date(2019, 12, 1), reason="x", approval_no="y", more=more)
    away(house, person, "2019-10-08", "2019-10-09")
    away(house, person, "2020-02-03", "2020-02-04")
    assert [row.placement_id for row in Leave.select().order_by(Leave.starts)] == [
        old,
        house.placement(person).id,
    ]


# --- The answer and the return


def test_a_leave_that_was_asked_for_is_granted_or_refused_once(house):
    (person,) = house.trained()
    away(house, person, "2019-10-08", "2019-10-12", "asked")
    away(house, person, "2019-11-08", "2019-11-12", "asked")
    first, second = Leave.select().order_by(Leave.id)
    assert (first.state, first.approved_on) == ("asked", None)
    leaves.decide(house.actor("operator"), first.id, granted=True, host_approval="处长", on=OCTOBER)
    leaves.decide(house.actor("operator"), second.id, granted=False, on=OCTOBER)
    first, second = Leave.select().order_by(Leave.id)
    assert (first.state, first.host_approval, first.approved_on) == ("granted", "处长", OCTOBER)
    assert second.state == "refused"
    with pytest.raises(RuleViolation, match=r"leave\.answered"):
        leaves.decide(house.cli, first.id, granted=False, on=OCTOBER)


def test_granting_looks_at_the_days_once_more_and_asks_who_approved(house):
    (person,) = house.trained()
    away(house, person, "2019-10-08", "2019-10-12", "asked")
    asked = Leave.get().id
    away(house, person, "2019-10-12", "2019-10-14")
    with pytest.raises(RuleViolation, match=r"leave\.overlaps"):
        leaves.decide(house.cli, asked, granted=True, host_approval="处长", on=OCTOBER)
    with pytest.raises(RuleViolation, match=r"host_approval_required"):
        leaves.decide(house.cli, asked, granted=True, host_approval=" ", on=OCTOBER)
    for text, want in (("长" * 129, r"record\.too_long"), ("a\0", r"record\.nul")):
        with pytest.raises(RuleViolation, match=want):
            leaves.decide(house.cli, asked, granted=False, host_approval=text, on=OCTOBER)
    assert Leave.get_by_id(asked).state == "asked"


@pytest.mark.parametrize("back,ends,refused", [
    ("2019-10-08", None, "leave.back_before_start"),
    ("2019-10-09", "2019-10-08", None),
    ("2019-10-13", "2019-10-12", None),
    ("2019-10-14", None, "leave.back_late"),
])  # fmt: skip
def test_a_return_ends_the_leave_the_day_before(house, back, ends, refused):
    (person,) = house.trained()
    away(house, person, "2019-10-08", "2019-10-12")
    number = Leave.get().id
    if refused:
        with pytest.raises(RuleViolation, match=refused.replace(".", r"\.")):
            leaves.come_back(house.cli, number, back_on=dt.date.fromisoformat(back))
        assert Leave.get().state == "granted"
    else:
        leaves.come_back(house.cli, number, back_on=dt.date.fromisoformat(back))
        assert (Leave.get().state, Leave.get().ends.isoformat()) == ("returned", ends)


def test_only_a_granted_one_is_given_back(house):
    (person,) = house.trained()
    away(house, person, "2019-10-08", "2019-10-12", "asked")
    with pytest.raises(RuleViolation, match=r"leave\.not_granted"):
        leaves.come_back(house.cli, Leave.get().id, back_on=dt.date(2019, 10, 10))


def test_who_may_and_what_is_stale(house):
    (person,) = house.trained()
    away(house, person, "2019-10-08", "2019-10-12", "asked")
    row = Leave.get()
    with pytest.raises(NotAllowed):
        leaves.decide(house.actor("viewer"), row.id, granted=False, on=OCTOBER)
    with pytest.raises(NotFound):
        leaves.decide(house.cli, 999, granted=False, on=OCTOBER)
    with pytest.raises(Stale):
        leaves.decide(house.cli, row.id, granted=False, on=OCTOBER, version=row.version + 1)


# --- Back again


def test_a_leave_its_answer_and_its_return_are_undone(house):
    (person,) = house.trained()
    asked = away(house, person, "2019-10-08", "2019-10-12", "asked")
    number = Leave.get().id
    granted = leaves.decide(house.cli, number, granted=True, host_approval="处长", on=OCTOBER)
    back = leaves.come_back(house.cli, number, back_on=dt.date(2019, 10, 10))
    assert batch.undo(house.cli, asked.batch).skipped[0].refused.code == "undo.touched"
    assert batch.undo(house.cli, back.batch).done
    assert (Leave.get().state, Leave.get().ends) == ("granted", dt.date(2019, 10, 12))
    other = away(house, person, "2019-11-08", "2019-11-12")
    assert batch.undo(house.cli, other.batch).done and Leave.select().count() == 1
    assert batch.undo(house.cli, granted.batch).skipped[0].refused.code == "undo.touched"


def test_after_the_completion_it_stays(house):
    (person,) = house.trained()
    outcome = away(house, person, "2019-10-08", "2019-10-12")
    house.graded(person)
    house.do("complete", person, on=dt.date(2020, 8, 31))
    assert batch.undo(house.cli, outcome.batch).skipped[0].refused.code == "undo.touched"


# --- A month


def test_a_month_shows_who_is_there_and_who_is_away(house, count_queries):
    first, second = house.trained(2)
    (gone,) = house.trained()
    house.graded(gone)
    house.do("complete", gone, on=dt.date(2020, 8, 31), more={"actual_end": "2019-11-15"})
    away(house, first, "2019-10-28", "2019-11-03")
    absent(house, second, "2019-12-01", "2019-12-01")
    host, november = house.host().id, Period(dt.date(2019, 11, 1), dt.date(2019, 11, 30))
    cli, year = house.cli, house.programme().id
    with count_queries() as queries:
        rows = leave_month.month(cli, year, host, november)
    assert len(queries) == 2
    spans = {row.trainee: [(s.period.start.day, s.kind) for s in row.aways] for row in rows}
    assert spans == {first.id: [(28, "leave")], second.id: [], gone.id: []}
    december = Period(dt.date(2019, 12, 1), dt.date(2019, 12, 31))
    assert {row.trainee for row in leave_month.month(house.cli, house.programme().id, host, december)} == {
        first.id,
        second.id,
    }
    clerk = house.actor("clerk", "150700")
    assert leave_month.month(clerk, house.programme().id, host, november) == []


def test_a_month_counts_the_people_of_each_host_who_are_away(house):
    first, second, third = house.trained(3)
    (inside,) = house.trained(track="inside")
    away(house, first, "2019-10-28", "2019-11-03")
    away(house, first, "2019-11-20", "2019-11-21")
    away(house, second, "2019-11-05", "2019-11-06", "asked")
    away(house, third, "2019-11-05", "2019-11-06", "refused")
    absent(house, inside, "2019-11-29", "2019-12-02")
    november = Period(dt.date(2019, 11, 1), dt.date(2019, 11, 30))
    found = leave_month.away_at(house.cli, house.programme().id, november)
    assert found == {house.host().id: 2, house.inside_host().id: 1}
    clerk = house.actor("clerk", "150700")
    assert leave_month.away_at(clerk, house.programme().id, november) == {}
