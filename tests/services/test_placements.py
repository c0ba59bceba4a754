"""Placements: proposed, confirmed, notified, begun, changed; each refusal by its code; undone where it may be."""

from __future__ import annotations

import datetime as dt
import time

import pytest

from tepei_admin.choices import PlacementState, Status
from tepei_admin.errors import NotAllowed, NotFound, RuleViolation, Stale
from tepei_admin.models import Payment, Placement, StatusChange, Trainee, Unit
from tepei_admin.services import batch, crud, placements, record, requests, verbs
from tepei_admin.services.command import command
from tests.services.cast import place, put_into

MAY, JULY, SEPTEMBER = dt.date(2019, 5, 30), dt.date(2019, 7, 5), dt.date(2019, 9, 1)


def code(outcome) -> str:
    assert outcome.done == ()
    return outcome.skipped[0].refused.code


def assign(house, *people, host=None, start="2019-09-01", **more):
    values = {"host": (host or house.host()).id, "planned_start": start, **more}
    return house.do("assign_host", *people, more=values)


@command(None)
def _write(actor, action):
    return action()


# --- Proposing


def test_a_host_is_proposed_to_many_for_a_year_less_a_day(house):
    people = house.admitted(3, training_major="")
    outcome = assign(house, *people, major="儿童文学", supervisor="王教授", supervisor_title="教授")
    assert len(outcome.done) == 3
    row = house.placement(people[0])
    assert (row.state, row.major, row.supervisor) == ("proposed", "儿童文学", "王教授")
    assert (row.planned_start, row.planned_end) == (SEPTEMBER, dt.date(2020, 8, 31))
    assert row.arranged_by == "ministry" and house.reload(people[0]).status == "admitted"


def test_the_major_is_the_persons_own_where_none_is_given(house):
    (person,) = house.admitted(training_major="兽医学")
    assign(house, person)
    assert house.placement(person).major == "兽医学"


def test_who_arranges_it_follows_the_track(house):
    (person,) = house.admitted(track="inside")
    assign(house, person, host=house.inside_host())
    assert house.placement(person).arranged_by == "department"


@pytest.mark.parametrize("months,end", [(12, "2020-02-28"), (6, "2019-08-29")])
def test_the_term_is_the_years_setting(house, months, end):
    from tepei_admin.services import programmes

    programmes.set_setting(house.cli, 2019, "term_months", str(months))
    (person,) = house.admitted()
    assign(house, person, start="2019-03-01" if months == 12 else "2019-02-28")
    want = "2020-02-29" if months == 12 else "2019-08-27"
    assert house.placement(person).planned_end.isoformat() == want


@pytest.mark.parametrize("track,host,refused", [
    ("outside", "inside_host", "placement.host_elsewhere"),
    ("inside", "host", "placement.host_elsewhere"),
    ("outside", "host", None),
    ("inside", "inside_host", None),
])  # fmt: skip
def test_the_host_is_in_the_region_that_the_track_requires(house, track, host, refused):
    (person,) = house.admitted(track=track)
    outcome = assign(house, person, host=getattr(house, host)())
    assert (code(outcome) if refused else None) == refused
    assert Placement.select().count() == (0 if refused else 1)


def test_a_track_may_leave_the_region_open(house):
    from tepei_admin.models import Track

    (person,) = house.admitted()
    crud.edit(house.cli, Track, house.track().id, None, {"host_region": "any"})
    assert assign(house, person, host=house.inside_host()).done


def test_a_host_without_a_region_is_not_guessed(house):
    (person,) = house.admitted()
    number = crud.create(house.cli, Unit, {"code": "H9", "name": "某大学", "host": True})
    assert code(assign(house, person, host=Unit.get_by_id(number))) == "placement.host_without_region"


def test_a_unit_that_is_no_host_or_out_of_use_is_refused(house):
    (person,) = house.admitted()
    for unit in (house.unit("150400"), None):
        with pytest.raises(RuleViolation, match=r"placement\.not_host"):
            house.do(
                "assign_host", person, more={"host": unit.id if unit else 9999, "planned_start": "2019-09-01"}
            )
    crud.edit(house.cli, Unit, house.host().id, None, {"active": False})
    with pytest.raises(RuleViolation, match=r"placement\.not_host"):
        assign(house, person)


@pytest.mark.parametrize("more,missing", [
    ({"planned_start": "2019-09-01"}, ["verb.host_required"]),
    ({}, ["verb.host_required", "verb.planned_start_required"]),
])  # fmt: skip
def test_what_is_missing_is_named(house, more, missing):
    (person,) = house.admitted()
    with pytest.raises(RuleViolation) as refused:
        house.do("assign_host", person, more=more)
    assert [item.code for item in refused.value.violations] == missing


def test_a_proposal_is_proposed_anew_and_not_doubled(house):
    (person,) = house.admitted()
    assign(house, person)
    other = house.host("H102", "浙江大学", "330000")
    outcome = assign(house, person, host=other, start="2019-10-08")
    assert outcome.done and Placement.select().count() == 1
    row = house.placement(person)
    assert (row.host_id, row.planned_end) == (other.id, dt.date(2020, 10, 7))


def test_a_confirmed_one_is_changed_not_proposed_anew(house):
    (person,) = house.placed()
    assert code(assign(house, person)) == "placement.already_confirmed"


# --- Confirming, notifying, the notice's receipt


def test_confirming_keeps_the_day_and_the_approval(house):
    (person,) = house.admitted()
    assert code(house.do("confirm_placement", person)) == "placement.none"
    assign(house, person)
    assert house.do("confirm_placement", person, on=MAY, approval_no="内人社〔2019〕9号").done
    row = house.placement(person)
    assert (row.state, row.approved_on, row.approval_no) == ("confirmed", MAY, "内人社〔2019〕9号")
    assert code(house.do("confirm_placement", person)) == "placement.already_confirmed"


def test_a_host_taken_out_of_use_in_between_is_not_confirmed_and_not_notified(house):
    first, second = house.admitted(2)
    assign(house, first, second)
    house.do("confirm_placement", second)
    crud.edit(house.cli, Unit, house.host().id, None, {"active": False})
    assert code(house.do("confirm_placement", first)) == "placement.not_host"
    assert code(house.do("notify", second)) == "placement.not_host"


def test_notify_needs_a_confirmed_placement_and_writes_its_day(house):
    (person,) = house.admitted()
    assert code(house.do("notify", person)) == "placement.none"
    assign(house, person)
    assert code(house.do("notify", person)) == "placement.not_confirmed"
    house.do("confirm_placement", person)
    assert house.do("notify", person, on=JULY).done == (person.id,)
    assert house.reload(person).status == "notified" and house.placement(person).notified_on == JULY
    move = StatusChange.select().order_by(StatusChange.id.desc()).get()
    assert (move.verb, move.on) == ("notify", JULY)


def test_a_placement_without_dates_is_not_notified(house):
    (person,) = house.admitted()
    number = place(house, person, state="confirmed")
    _write(house.cli, lambda: record.update(Placement, [number], {"host": house.host().id}))
    assert code(house.do("notify", person)) == "placement.no_dates"


def test_a_track_changed_since_is_seen_by_the_notice(house):
    (person,) = house.placed()
    house.quota(9, track="inside")
    assert house.do("transfer", person, track=house.track("inside").id, reason="调整").done
    assert code(house.do("notify", person)) == "placement.host_elsewhere"


def test_the_notice_is_received_once_and_not_before_it_was_sent(house):
    (person,) = house.notified()
    assert (
        code(house.do("receive_notice", person, on=dt.date(2019, 7, 4))) == "placement.received_before_sent"
    )
    assert house.do("receive_notice", person, on=JULY).done
    assert house.placement(person).notice_received_on == JULY
    assert code(house.do("receive_notice", person, on=JULY)) == "placement.notice_known"


# --- Report-in


def test_report_in_begins_the_placement_and_late_does_not_move_its_end(house):
    (person,) = house.notified()
    late = dt.date(2019, 9, 16)
    assert house.do("report_in", person, on=late).done
    row = house.placement(person)
    assert (row.state, row.actual_start, row.planned_end) == ("current", late, dt.date(2020, 8, 31))
    assert house.reload(person).status == "training"


@pytest.mark.parametrize("day,refused", [("2020-08-31", None), ("2020-09-01", "placement.start_after_term")])
def test_nobody_reports_in_after_the_term(house, day, refused):
    (person,) = house.notified()
    outcome = house.do("report_in", person, on=dt.date.fromisoformat(day))
    assert (code(outcome) if refused else None) == refused


def test_who_lacks_a_bank_account_is_named_in_the_result(house):
    from tepei_admin.models import BatchRow

    (lacking,) = house.notified()
    (known,) = house.notified(bank_account="6222020602012345678")
    outcome = house.do("report_in", lacking, known, on=SEPTEMBER)
    texts = {row.object_id: row.text for row in BatchRow.select().where(BatchRow.batch == outcome.batch)}
    assert "银行账号" in texts[lacking.id] and texts[known.id] == ""


def test_a_thousand_report_in_in_one_transaction_with_as_many_queries_as_few(sqlite_house, count_queries):
    house = sqlite_house
    people = house.notified(3)
    with count_queries() as few:
        house.do("report_in", *people, on=SEPTEMBER)
    many = _crowd(house, people[0], 1000)
    start = time.perf_counter()
    with count_queries() as queries:
        outcome = house.do("report_in", *many, on=SEPTEMBER)
    took = time.perf_counter() - start
    assert len(outcome.done) == 1000 and len(queries) <= len(few) + 8
    assert took < 15, f"{took:.1f} s"


def _crowd(house, like: Trainee, count: int) -> list[int]:
    """So many more who were notified, put there past the verbs."""
    from tests.factories import id_number

    values = {key: value for key, value in like.__data__.items() if key not in ("id", "id_number")}
    stay = {
        key: value for key, value in house.placement(like).__data__.items() if key not in ("id", "trainee")
    }

    def write() -> list[int]:
        rows = [
            {**values, "status": "notified", "id_number": id_number(n % 500, born=f"19{70 + n // 500}0101")}
            for n in range(count)
        ]
        ids = record.insert_many(Trainee, rows, logged=False)
        stays = [{**stay, "state": "confirmed", "actual_start": None, "trainee": number} for number in ids]
        record.insert_many(Placement, stays, logged=False)
        return ids

    return _write(house.cli, write)


# --- A change of host or of major


def change(
    house, person, *, on=dt.date(2019, 12, 20), reason="导师调离", approval_no="内人社〔2019〕88号", **more
):
    return house.do("change_host", person, on=on, reason=reason, approval_no=approval_no, more=more)


def test_a_change_during_training_keeps_the_old_one_and_links_the_new(house):
    (person,) = house.trained(start="2019-09-01")
    old = house.placement(person)
    other = house.host("H102", "浙江大学", "330000")
    assert change(house, person, host=other.id, changed_on="2020-01-06", supervisor="李教授").done
    kept, new = Placement.get_by_id(old.id), house.placement(person)
    assert (kept.state, kept.actual_end) == ("replaced", dt.date(2020, 1, 5))
    assert (new.replaces_id, new.state, new.host_id) == (old.id, "current", other.id)
    assert (new.actual_start, new.planned_end) == (dt.date(2020, 1, 6), old.planned_end)
    assert (new.change_reason, new.approval_no, new.approved_on) == (
        "导师调离", "内人社〔2019〕88号", dt.date(2019, 12, 20),
    )  # fmt: skip
    assert new.supervisor == "李教授" and new.major == old.major and house.reload(person).status == "training"


def test_a_new_major_at_the_same_host_keeps_the_supervisor_and_the_plan(house):
    (person,) = house.trained()
    placements.edit(house.cli, house.placement(person).id, None, {"supervisor": "王教授", "plan": "跟班学习"})
    assert change(house, person, major="教育技术", changed_on="2020-01-06", actual_end="2020-01-03").done
    new = house.placement(person)
    assert (new.major, new.supervisor, new.plan) == ("教育技术", "王教授", "跟班学习")
    assert Placement.get_by_id(new.replaces_id).actual_end == dt.date(2020, 1, 3)


@pytest.mark.parametrize("more,refused", [
    ({}, "placement.changed_on_required"),
    ({"changed_on": "2019-09-01"}, "placement.change_before_start"),
    ({"changed_on": "2019-12-19"}, "placement.change_before_approval"),
    ({"changed_on": "2019-12-20"}, None),
    ({"changed_on": "2020-08-31"}, None),
    ({"changed_on": "2020-09-01"}, "placement.change_after_term"),
    ({"changed_on": "2020-01-06", "actual_end": "2019-08-31"}, "placement.change_end"),
    ({"changed_on": "2020-01-06", "actual_end": "2020-01-06"}, "placement.change_end"),
    ({"changed_on": "2020-01-06", "actual_end": "2020-01-05"}, None),
])  # fmt: skip
def test_the_days_of_a_change(house, more, refused):
    (person,) = house.trained()
    outcome = change(house, person, major="教育技术", **more)
    assert (code(outcome) if refused else None) == refused


def test_a_change_before_report_in_has_no_day_of_its_own(house):
    (person,) = house.notified()
    house.do("receive_notice", person, on=JULY)
    other = house.host("H102", "浙江大学", "330000")
    assert change(house, person, host=other.id, planned_start="2019-10-08").done
    new = house.placement(person)
    assert (new.state, new.planned_start, new.planned_end) == (
        "confirmed",
        dt.date(2019, 10, 8),
        dt.date(2020, 10, 7),
    )
    assert (new.notified_on, new.notice_received_on) == (JULY, JULY)
    assert house.do("report_in", person, on=dt.date(2019, 10, 8)).done


def test_a_change_is_refused_without_reason_approval_or_change(house):
    (person,) = house.trained()
    for missing in ("reason", "approval_no"):
        with pytest.raises(RuleViolation, match=missing):
            change(house, person, **{missing: ""}, major="教育技术", changed_on="2020-01-06")
    with pytest.raises(RuleViolation, match=r"placement\.nothing_changes"):
        change(house, person, changed_on="2020-01-06")
    same = {"host": house.host().id, "changed_on": "2020-01-06"}
    assert code(change(house, person, **same)) == "placement.nothing_changes"
    with pytest.raises(RuleViolation, match=r"placement\.not_host"):
        change(house, person, host=99999, changed_on="2020-01-06")
    assert (
        code(change(house, person, host=house.inside_host().id, changed_on="2020-01-06"))
        == "placement.host_elsewhere"
    )


def test_at_most_one_is_current_says_the_database(house):
    (person,) = house.trained()
    with pytest.raises(RuleViolation, match=r"constraint\.placement_one_current"):
        place(house, person, state="current")


# --- Every status and step

STEPS = {
    "assign_host": {"admitted"},
    "confirm_placement": {"admitted"},
    "notify": {"admitted"},
    "receive_notice": {"notified"},
    "report_in": {"notified"},
    "change_host": {"admitted", "notified", "training"},
    "record_leave": {"training", "completed"},
    "record_absence": {"training", "completed"},
    "assess": {"training"},
    "complete": {"training"},
}


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("verb", list(STEPS))
def test_every_step_from_every_status(sqlite_house, verb, status):
    house = sqlite_house
    person = house.trainee()
    put_into(person, status.value)
    more = {
        "host": house.host().id, "planned_start": "2019-09-01", "changed_on": "2020-01-01", "leave_state": "granted",
        "host_approval": "处长", "starts": "2019-10-01", "ends": "2019-10-02", "assessment": "yearly", "grade": "pass",
    }  # fmt: skip
    made = verbs.plan(house.cli, verb, [person.id], verbs_args(more))
    (line,) = made.lines
    wrong = line.refused is not None and line.refused.code == "verb.wrong_status"
    assert wrong is (status.value not in STEPS[verb])
    assert (status in verbs.SPECS[verb].statuses) is (status.value in STEPS[verb])


def verbs_args(more):
    from tepei_admin.services.plan import Args

    return Args(SEPTEMBER, reason="x", approval_no="y", more=more)


@pytest.mark.parametrize("role", ["viewer", "clerk"])
@pytest.mark.parametrize("verb", list(STEPS))
def test_who_has_no_right_is_refused(sqlite_house, role, verb):
    actor = sqlite_house.actor(role, "150400" if role == "clerk" else None)
    with pytest.raises(NotAllowed):
        sqlite_house.do(verb, 1, actor=actor)


# --- The form


def test_the_form_sets_supervisor_plan_tasks_and_lodging_at_any_time(house):
    (person,) = house.trained()
    row = house.placement(person)
    values = {"supervisor": " 王教授 ", "plan": "方案", "tasks": "项目", "lodging": "公寓", "state": "ended"}
    placements.edit(house.actor("operator"), row.id, row.version, values)
    row = house.placement(person)
    assert (row.supervisor, row.plan, row.tasks, row.lodging) == ("王教授", "方案", "项目", "公寓")
    assert row.state == PlacementState.CURRENT
    with pytest.raises(Stale):
        placements.edit(house.cli, row.id, row.version - 1, {"plan": "另一份"})


def test_the_planned_start_moves_the_end_until_report_in(house):
    (person,) = house.placed()
    number = house.placement(person).id
    placements.edit(house.cli, number, None, {"planned_start": dt.date(2019, 10, 8)})
    assert house.placement(person).planned_end == dt.date(2020, 10, 7)
    house.do("notify", person)
    house.do("report_in", person, on=dt.date(2019, 10, 8))
    with pytest.raises(RuleViolation, match=r"placement\.start_fixed"):
        placements.edit(house.cli, number, None, {"planned_start": SEPTEMBER})


def test_the_form_refuses_what_no_column_holds_and_what_is_closed(house):
    (person,) = house.placed()
    number = house.placement(person).id
    for values, want in (
        ({"supervisor": "长" * 65}, r"record\.too_long"),
        ({"plan": "长" * 2001}, r"record\.too_long"),
        ({"tasks": "a\0"}, r"record\.nul"),
    ):
        with pytest.raises(RuleViolation, match=want):
            placements.edit(house.cli, number, None, values)
    with pytest.raises(NotAllowed):
        placements.edit(house.actor("viewer"), number, None, {"plan": "x"})
    with pytest.raises(NotFound):
        placements.edit(house.cli, 9999, None, {"plan": "x"})
    house.do("withdraw", person, reason="x", on=JULY)
    with pytest.raises(RuleViolation, match=r"placement\.closed"):
        placements.edit(house.cli, number, None, {"plan": "x"})


# --- Back again


def undo(house, outcome):
    return batch.undo(house.cli, outcome.batch)


def test_each_step_goes_back_one_by_one(house):
    (person,) = house.admitted()
    assert undo(house, assign(house, person)).done and Placement.select().count() == 0
    assign(house, person)
    assert undo(house, house.do("confirm_placement", person, approval_no="x")).done
    row = house.placement(person)
    assert (row.state, row.approved_on, row.approval_no) == ("proposed", None, "")
    house.do("confirm_placement", person)
    assert undo(house, house.do("notify", person)).done
    assert (house.reload(person).status, house.placement(person).notified_on) == ("admitted", None)
    house.do("notify", person, on=JULY)
    assert undo(house, house.do("receive_notice", person, on=JULY)).done
    assert house.placement(person).notice_received_on is None
    assert undo(house, house.do("report_in", person, on=SEPTEMBER)).done
    row = house.placement(person)
    assert (house.reload(person).status, row.state, row.actual_start) == ("notified", "confirmed", None)
    house.do("report_in", person, on=SEPTEMBER)
    assert undo(house, change(house, person, major="教育技术", changed_on="2020-01-06")).done
    row = house.placement(person)
    assert (row.state, row.actual_end, row.major) == ("current", None, "")


def test_what_was_done_since_hinders(house):
    (person,) = house.admitted()
    assigned = assign(house, person)
    house.do("confirm_placement", person)
    assert undo(house, assigned).skipped[0].refused.code == "undo.touched"
    notified = house.do("notify", person, on=JULY)
    house.do("receive_notice", person, on=JULY)
    assert undo(house, notified).skipped[0].refused.code == "undo.notice_received"
    placements.edit(house.cli, house.placement(person).id, None, {"plan": "方案"})
    reported = house.do("report_in", person, on=SEPTEMBER)
    placements.edit(house.cli, house.placement(person).id, None, {"plan": "另一方案"})
    assert undo(house, reported).skipped[0].refused.code == "undo.touched"


def test_an_edit_of_the_person_does_not_hinder_the_step_of_the_placement(house):
    (person,) = house.admitted()
    assigned = assign(house, person)
    crud.edit(house.cli, Trainee, person.id, None, {"mobile": "13900000000"})
    assert undo(house, assigned).done


def test_report_in_stays_once_there_is_a_payment_or_a_leave(house):
    first, second, third = house.notified(3)
    outcome = house.do("report_in", first, second, third, on=SEPTEMBER)
    stay = house.placement(first)

    def pay() -> int:
        values = {
            "programme": first.programme_id, "trainee": first.id, "placement": stay.id, "kind": "tuition", "amount": 1,
            "opened_by": house.cli.id, "opened_at": dt.datetime(2019, 9, 2),
        }  # fmt: skip
        return record.insert(Payment, values)

    _write(house.cli, pay)
    away = {
        "leave_state": "granted",
        "host_approval": "研究生院",
        "starts": "2019-10-01",
        "ends": "2019-10-07",
    }
    house.do("record_leave", second, more=away)
    undone = undo(house, outcome)
    assert undone.done == (third.id,)
    assert {line.id: line.refused.code for line in undone.skipped} == {
        first.id: "undo.paid",
        second.id: "undo.depends",
    }


def test_a_withdrawal_after_the_notice_cancels_and_its_undo_revives(house):
    (person,) = house.notified()
    outcome = house.do("withdraw", person, reason="家庭原因", approval_no="x", on=JULY)
    assert house.placement(person).state == "cancelled"
    assert undo(house, outcome).done
    assert (house.reload(person).status, house.placement(person).state) == ("notified", "confirmed")


def test_reinstated_after_the_notice_the_placement_is_what_it_was(house):
    (person,) = house.notified()
    house.do("withdraw", person, reason="家庭原因", approval_no="x", on=JULY)
    (request,) = house.do("reinstate", person, actor=house.actor("operator"), reason="误办").requests
    requests.decide(house.actor("approver"), f"request-{request}", yes=True)
    assert (house.reload(person).status, house.placement(person).state) == ("notified", "confirmed")


def test_a_failed_one_comes_back_into_training_without_an_end(house):
    (person,) = house.trained()
    house.graded(person, grade="fail")
    house.do("complete", person, on=dt.date(2020, 8, 31))
    assert (house.reload(person).status, house.placement(person).state) == ("failed", "ended")
    (request,) = house.do("reinstate", person, actor=house.actor("operator"), reason="复议").requests
    requests.decide(house.actor("approver"), f"request-{request}", yes=True)
    row = house.placement(person)
    assert (house.reload(person).status, row.state, row.actual_end) == ("training", "current", None)


def test_an_end_during_training_and_its_restoring(house):
    (person,) = house.trained()
    _write(house.cli, lambda: placements.end({person.id: dt.date(2020, 1, 9)}))
    row = house.placement(person)
    assert (row.state, row.actual_end) == ("ended", dt.date(2020, 1, 9))
