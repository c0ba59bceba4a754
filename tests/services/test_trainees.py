"""The verbs of the application, one behaviour each."""

from __future__ import annotations

import datetime as dt

import pytest

from tepei_admin.choices import Status
from tepei_admin.errors import RuleViolation
from tepei_admin.models import EligibilityCheck, Placement, StatusChange
from tests.factories import DAY, id_number


def refused(outcome) -> str:
    return outcome.skipped[0].refused.code


def test_recommend_needs_eligibility_at_that_moment(house):
    house.quota(3)
    person = house.trainee(ethnicity="01")
    outcome = house.do("recommend", person)
    line = outcome.skipped[0].refused
    assert line.code == "verb.not_eligible"
    assert line.params == {"result": "不符合", "cause": "少数民族", "clauses": "二（一）2"}


def test_recommend_needs_the_units_signature_and_seal(house):
    house.quota(3)
    person = house.trainee(attested=False)
    assert refused(house.do("recommend", person)) == "verb.not_eligible"  # health and conduct are unknown
    house.do("attest", person, reason="申报表")
    assert house.do("recommend", person).done == (person.id,)


def test_recommend_stores_the_result_it_rests_on(house):
    house.quota(1)
    person = house.trainee()
    house.do("recommend", person)
    kept = EligibilityCheck.get(EligibilityCheck.trainee == person.id)
    assert kept.result == "eligible" and kept.policy["reference_date"] == "2019-03-30"
    assert kept.facts["education"] == "14" and house.reload(person).eligibility == "eligible"


def test_a_move_writes_who_when_why_and_from_what_to_what(house):
    person = house.trainee()
    house.do("reject", person, actor=house.actor("operator"), reason="材料不实", on=dt.date(2019, 4, 2))
    change = StatusChange.get(StatusChange.trainee == person.id)
    assert (change.verb, change.from_status, change.to_status) == ("reject", "applied", "rejected")
    assert (change.on, change.reason, change.by.username) == (dt.date(2019, 4, 2), "材料不实", "operator")


@pytest.mark.parametrize(
    ("verb", "args", "field"),
    [("reject", {}, "reason"), ("withdraw", {}, "reason"), ("admit", {}, "approval_no"), ("attest", {}, "reason"),
     ("transfer", {}, "reason"), ("reinstate", {}, "reason"), ("transfer", {"reason": "x"}, "unit")],
)  # fmt: skip
def test_what_the_rule_asks_for_must_be_given(house, verb, args, field):
    person = house.trainee()
    with pytest.raises(RuleViolation) as refusal:
        house.do(verb, person, **args)
    assert [item.field for item in refusal.value.violations] == [field]


def test_admit_records_the_departments_approval(house):
    house.quota(1)
    person = house.trainee()
    house.do("recommend", person)
    house.do("admit", person, approval_no="内人社函〔2019〕1号", on=dt.date(2019, 5, 20))
    person = house.reload(person)
    assert (person.status, person.approval_no, person.approved_on) == (
        "admitted", "内人社函〔2019〕1号", dt.date(2019, 5, 20),
    )  # fmt: skip


@pytest.mark.parametrize("status", [s.value for s in Status if s not in ("applied",)])
def test_recommend_starts_from_applied_only(house, status):
    from tests.services.cast import put_into

    house.quota(9)
    person = house.trainee()
    put_into(person, status)
    assert refused(house.do("recommend", person)) == "verb.wrong_status"


def test_withdrawing_after_the_notice_needs_an_approval_number_and_cancels_the_placement(house):
    from tests.services.cast import place, put_into

    person = house.trainee()
    placement = place(house, person, state="confirmed")
    put_into(person, "notified")
    assert refused(house.do("withdraw", person, reason="病")) == "verb.approval_no_required"
    house.do("withdraw", person, reason="病", approval_no="3号")
    assert house.reload(person).status == "withdrawn"
    assert Placement.get_by_id(placement).state == "cancelled"


def test_transfer_computes_the_result_afresh_and_refuses_who_does_not_fit_there(house):
    house.quota(1)
    house.quota(1, track="inside")
    old = house.trainee(id_number=id_number(7, born="19750331"), birth_date="1975-03-31")
    house.do("recommend", old)
    outcome = house.do("transfer", old, track=house.track("inside").id, reason="调整")
    assert refused(outcome) == "verb.not_eligible"
    applicant = house.trainee()
    house.do("transfer", applicant, track=house.track("inside").id, reason="调整")
    assert house.reload(applicant).track_id == house.track("inside").id
    assert EligibilityCheck.get(EligibilityCheck.trainee == applicant.id).policy["track"] == "inside"
    assert not house.reload(applicant).eligibility_stale


def test_transfer_to_where_one_is_is_refused(house):
    person = house.trainee()
    assert refused(house.do("transfer", person, unit=person.unit_id, reason="x")) == "verb.already_there"


def test_attest_names_the_paper_and_its_date(house):
    person = house.trainee(attested=False)
    house.do("attest", person, reason="推荐函 12 号", on=DAY)
    person = house.reload(person)
    assert (person.attested_signed, person.attested_paper, person.attested_on) == (True, "推荐函 12 号", DAY)


def test_somebody_elses_change_in_between_is_named(house):
    from tepei_admin.models import Trainee
    from tepei_admin.services import batch, crud

    house.quota(2)
    operator = house.actor("operator")
    first, second = house.trainee(), house.trainee()
    proposal = batch.propose(operator, "recommend", [first.id, second.id])
    crud.edit(house.cli, Trainee, second.id, None, {"post": "主任"})
    outcome = batch.confirm(operator, proposal)
    assert outcome.done == (first.id,) and refused(outcome) == "verb.changed_meanwhile"


def test_a_proposal_is_done_once(house):
    from tepei_admin.services import batch

    operator = house.actor("operator")
    proposal = batch.propose(operator, "reject", [house.trainee().id])
    outcome = batch.confirm(operator, proposal, {"reason": "材料不全"})
    again = batch.confirm(operator, proposal, {"reason": "材料不全"})
    assert (again.batch, again.done) == (outcome.batch, outcome.done)
    with pytest.raises(RuleViolation) as refusal:
        batch.confirm(operator, proposal, {"reason": "名额不足"})
    assert refusal.value.violations[0].params == {"batch": outcome.batch}


def test_looking_writes_nothing(house):
    from tepei_admin.models import AuditEntry
    from tepei_admin.services import batch

    house.quota(1)
    operator = house.actor("operator")
    proposal = batch.propose(operator, "recommend", [house.trainee().id])
    before = AuditEntry.select().count()
    look = batch.look(operator, proposal)
    assert len(look.plan.doable) == 1 and AuditEntry.select().count() == before


def test_a_proposal_is_its_makers_own(house):
    from tepei_admin.errors import NotFound
    from tepei_admin.services import batch

    proposal = batch.propose(house.actor("operator"), "check", [house.trainee().id])
    with pytest.raises(NotFound):
        batch.look(house.actor("approver"), proposal)


@pytest.mark.parametrize(
    ("verb", "args", "code"),
    [("attest", {"reason": "长" * 256}, "record.too_long"), ("reject", {"reason": "a\0b"}, "record.nul"),
     ("admit", {"approval_no": "号" * 65}, "record.too_long")],
)  # fmt: skip
def test_words_that_no_column_holds_are_refused(house, verb, args, code):
    with pytest.raises(RuleViolation) as refusal:
        house.do(verb, house.trainee(), **args)
    assert refusal.value.violations[0].code == code


def test_the_longest_words_are_taken(house):
    person = house.trainee(attested=False)
    assert house.do("attest", person, reason="长" * 255).done == (person.id,)
