"""Grades, one by one and by the group; and `complete`, which they decide; a held one by a second person."""

from __future__ import annotations

import datetime as dt

import pytest

from tepei_admin.choices import AssessmentKind, Grade
from tepei_admin.errors import NotAllowed, RuleViolation, Stale
from tepei_admin.models import Assessment, StatusChange, Waiver
from tepei_admin.services import assessments, batch, programmes, requests
from tepei_admin.services.assessments import Entry, GroupRefused

OVER, AUGUST = dt.date(2020, 8, 31), dt.date(2020, 8, 20)


def why(outcome) -> str:
    assert outcome.done == ()
    return outcome.skipped[0].refused.code


def entry(grade=Grade.PASS, on=AUGUST, kind=AssessmentKind.COMPLETION, opinion=""):
    return Entry(kind, on, grade, opinion)


def test_a_grade_is_recorded_and_corrected(house):
    (person,) = house.trained()
    house.graded(person, grade="basic")
    house.graded(person, grade="pass", on=dt.date(2020, 8, 25))
    row = Assessment.get()
    assert (row.kind, row.grade, row.on) == ("completion", "pass", dt.date(2020, 8, 25))


def test_yearly_ones_stand_side_by_side(house):
    (person,) = house.trained()
    for day in (dt.date(2019, 12, 20), dt.date(2020, 6, 20), dt.date(2020, 6, 20)):
        house.do("assess", person, on=day, more={"assessment": "yearly", "grade": "pass"})
    assert Assessment.select().count() == 2


@pytest.mark.parametrize("day,refused", [("2019-09-01", None), ("2019-08-31", "assessment.before_start")])
def test_no_grade_before_the_start(house, day, refused):
    (person,) = house.trained()
    more = {"assessment": "yearly", "grade": "pass"}
    outcome = house.do("assess", person, on=dt.date.fromisoformat(day), more=more)
    assert (why(outcome) if refused else None) == refused


@pytest.mark.parametrize("more,missing", [
    ({}, {"verb.assessment_required", "verb.grade_required"}),
    ({"assessment": "completion"}, {"verb.grade_required"}),
])  # fmt: skip
def test_what_is_missing_is_named(house, more, missing):
    (person,) = house.trained()
    with pytest.raises(RuleViolation) as refused:
        house.do("assess", person, more=more)
    assert {item.code for item in refused.value.violations} == missing


# --- A host's group


def test_a_group_is_stored_as_one_batch(house):
    first, second = house.trained(2)
    entries = {first.id: entry(Grade.EXCELLENT, opinion="很好"), second.id: entry()}
    outcome = assessments.record_group(house.actor("operator"), entries)
    assert set(outcome.done) == {first.id, second.id}
    assert {(row.trainee_id, row.grade, row.opinion) for row in Assessment.select()} == {
        (first.id, "excellent", "很好"), (second.id, "pass", ""),
    }  # fmt: skip
    assert batch.undo(house.cli, outcome.batch).done and Assessment.select().count() == 0


def test_one_wrong_row_and_nothing_is_stored(house):
    first, second = house.trained(2)
    with pytest.raises(GroupRefused) as refused:
        assessments.record_group(
            house.cli, {first.id: entry(), second.id: entry(on=dt.date(2019, 8, 1)), 9999: entry()}
        )
    codes = {number: item.code for number, item in refused.value.rows.items()}
    assert codes == {second.id: "assessment.before_start", 9999: "access.not_found"}
    assert Assessment.select().count() == 0
    for text, want in (("长" * 2001, "record.too_long"), ("a\0", "record.nul")):
        with pytest.raises(GroupRefused) as refused:
            assessments.record_group(house.cli, {first.id: entry(opinion=text)})
        assert refused.value.rows[first.id].code == want
    with pytest.raises(NotAllowed):
        assessments.record_group(house.actor("viewer"), {first.id: entry()})


def test_a_large_group_asks_no_more_queries(sqlite_house, count_queries):
    house = sqlite_house
    few, many = house.trained(2), house.trained(12)
    with count_queries() as first:
        assessments.record_group(house.cli, {person.id: entry() for person in few})
    with count_queries() as second:
        assessments.record_group(house.cli, {person.id: entry() for person in many})
    assert len(second) <= len(first) + 1


# --- complete


@pytest.mark.parametrize(
    "grade,status", [("excellent", "completed"), ("pass", "completed"), ("fail", "failed")]
)
def test_the_grade_decides(house, grade, status):
    (person,) = house.trained()
    house.graded(person, grade=grade)
    assert house.do("complete", person, on=OVER).done
    row = house.placement(person)
    assert house.reload(person).status == status
    assert (row.state, row.actual_end) == ("ended", dt.date(2020, 8, 31))
    assert StatusChange.select().order_by(StatusChange.id.desc()).get().to_status == status


@pytest.mark.parametrize("on,refused", [("2020-08-30", "certificate.term_not_over"), ("2020-08-31", None)])
def test_the_term_is_over_on_its_last_day(house, on, refused):
    (person,) = house.trained()
    house.graded(person)
    outcome = house.do("complete", person, on=dt.date.fromisoformat(on))
    assert (why(outcome) if refused else None) == refused


def test_without_a_completion_grade_it_waits(house):
    (person,) = house.trained()
    house.do("assess", person, on=AUGUST, more={"assessment": "yearly", "grade": "excellent"})
    assert why(house.do("complete", person, on=OVER)) == "certificate.no_grade"


@pytest.mark.parametrize("end,refused", [
    ("2020-08-28", None), ("2019-09-01", None), ("2019-08-31", "placement.end_before_start"),
    ("2020-09-05", None), ("2020-09-06", "placement.end_ahead"),
])  # fmt: skip
def test_the_actual_end_may_be_told(house, end, refused):
    (person,) = house.trained()
    house.graded(person)
    outcome = house.do("complete", person, on=dt.date(2020, 9, 5), more={"actual_end": end})
    assert (why(outcome) if refused else None) == refused
    if not refused:
        assert house.placement(person).actual_end.isoformat() == end


def test_a_setting_may_let_the_basic_grade_pass(house):
    programmes.set_setting(house.cli, 2019, "passing_certificate", "优秀,合格,基本合格")
    (person,) = house.trained()
    house.graded(person, grade="basic")
    assert house.do("complete", person, on=OVER).done and house.reload(person).status == "completed"


def test_completed_is_not_undone_as_a_batch(house):
    (person,) = house.trained()
    house.graded(person)
    outcome = house.do("complete", person, on=OVER)
    with pytest.raises(RuleViolation, match=r"undo\.not_this_verb"):
        batch.undo(house.cli, outcome.batch)


# --- A held grade


def held(house):
    (person,) = house.trained()
    house.graded(person, grade="basic")
    return person


def ask(house, person, reason="课题按期完成，请予认定"):
    return requests.open_waiver(house.actor("operator"), person.id, kind="grade", reason=reason)


@pytest.mark.parametrize(
    "yes,status,words", [(True, "completed", "通过：同意"), (False, "failed", "不通过：同意")]
)
def test_a_second_person_decides_a_held_grade(house, yes, status, words):
    person = held(house)
    assert why(house.do("complete", person, on=OVER)) == "certificate.grade_held"
    number = ask(house, person)
    assert why(house.do("complete", person, on=OVER)) == "certificate.grade_held"
    with pytest.raises(RuleViolation, match=r"access\.same_person"):
        requests.decide(_approver_who_opened(house, number), f"waiver-{number}", yes=yes)
    requests.decide(house.actor("approver"), f"waiver-{number}", yes=yes, reason="同意")
    assert Waiver.get().decision == words and assessments.waived([person.id]) == {person.id: yes}
    assert house.do("complete", person, on=OVER).done and house.reload(person).status == status


def _approver_who_opened(house, number):
    from tepei_admin.services import accounts, record
    from tepei_admin.services.command import command

    approver = house.actor("approver", name="opener")

    @command(None)
    def become(actor):
        record.update(Waiver, [number], {"opened_by": approver.id})

    become(accounts.cli_actor())
    return approver


@pytest.mark.parametrize("grade", [None, "pass", "fail"])
def test_only_a_held_grade_is_asked_for(house, grade):
    (person,) = house.trained()
    if grade:
        house.graded(person, grade=grade)
    with pytest.raises(RuleViolation, match=r"waiver\.grade_not_held"):
        ask(house, person)


def test_it_is_asked_for_once_and_decided_once(house):
    person = held(house)
    number = ask(house, person)
    with pytest.raises(RuleViolation, match=r"waiver\.grade_open"):
        ask(house, person)
    requests.decide(house.actor("approver"), f"waiver-{number}", yes=False)
    with pytest.raises(RuleViolation, match=r"waiver\.grade_decided"):
        ask(house, person)


def test_a_grade_that_changed_since_is_not_decided(house):
    person = held(house)
    number = ask(house, person)
    house.graded(person, grade="basic", on=dt.date(2020, 8, 28))
    for yes in (True, False):
        with pytest.raises(Stale):
            requests.decide(house.actor("approver"), f"waiver-{number}", yes=yes)


def test_a_grade_entered_anew_is_decided_anew(house):
    person = held(house)
    requests.decide(house.actor("approver"), f"waiver-{ask(house, person)}", yes=True)
    house.graded(person, grade="basic", on=dt.date(2020, 8, 28))
    assert why(house.do("complete", person, on=OVER)) == "certificate.grade_held"
    assert ask(house, person)
