"""Who is certified, under which number; hand-over, reissue, void, revoke."""

from __future__ import annotations

import datetime as dt

import pytest

from tepei_admin.choices import Verb
from tepei_admin.errors import NotAllowed, RuleViolation
from tepei_admin.messages import say
from tepei_admin.models import (
    BatchRow,
    Certificate,
    CertificateCounter,
    Placement,
    Request,
    StatusChange,
    Trainee,
    Waiver,
)
from tepei_admin.services import (
    batch,
    certificates,
    programmes,
    record,
    requests,
    verbs,
    verification,
)
from tepei_admin.services.plan import Args
from tests.services.cast import _write, place, put_into
from tests.services.paper_cast import (
    END,
    TODAY,
    case,
    completed,
    file,
    rename_host,
    today_is,
    write,
)


@pytest.fixture(autouse=True)
def _today(house):
    today_is(house)


def certify(house, *people, on=TODAY, **options):
    return house.do("certify", *people, on=on, **options)


def code(outcome) -> str:
    return outcome.skipped[0].refused.code


# --- Issue


def test_who_has_passed_gets_a_certificate(house):
    person = completed(house)
    outcome = certify(house, person)
    row = Certificate.get()
    assert outcome.done == (person.id,) and house.reload(person).status == "certified"
    assert (row.number, row.state, row.issued_on, row.trainee_id) == ("2019W0001", "issued", TODAY, person.id)
    assert len(row.code) == 26 and row.handed_over_on is None and row.prints == 0
    move = StatusChange.get(StatusChange.verb == "certify")
    assert (move.from_status, move.to_status, move.batch_id) == ("completed", "certified", outcome.batch)


def test_the_batch_says_each_number(house):
    person = completed(house)
    outcome = certify(house, person)
    assert [row.text for row in BatchRow.select().where(BatchRow.batch == outcome.batch)] == [
        "编号 2019W0001"
    ]


def test_numbers_follow_unit_code_then_name(house):
    chosen = [
        completed(house, name="赵六", unit="150700"), completed(house, name="周五", unit="150400"),
        completed(house, name="安娜", unit="150700"), completed(house, name="白云", unit="150400"),
    ]  # fmt: skip
    plan = verbs.plan(house.cli, "certify", [person.id for person in chosen], Args(on=TODAY))
    certify(house, *chosen)
    names = [row.trainee.name for row in Certificate.select().order_by(Certificate.number)]
    assert names == ["白云", "周五", "安娜", "赵六"] == [line.name for line in plan.lines]
    assert say(plan.lines[2].note) == "编号 2019W0003"


def test_each_track_counts_for_itself_and_goes_on_where_it_stopped(house):
    certify(house, completed(house), completed(house, track="inside"))
    certify(house, completed(house, track="inside"), completed(house))
    numbers = [row.number for row in Certificate.select().order_by(Certificate.number)]
    assert numbers == ["2019N0001", "2019N0002", "2019W0001", "2019W0002"]
    assert {row.last for row in CertificateCounter.select()} == {2}


def test_the_number_is_written_as_the_setting_says(house):
    programmes.set_setting(house.cli, 2019, "certificate_number", "特培{letter}{year}-{serial:03d}")
    certify(house, completed(house))
    assert Certificate.get().number == "特培W2019-001"


def test_who_is_refused_takes_no_number(house):
    good, bad, other = (
        completed(house, name="甲"),
        completed(house, name="乙", grade="fail"),
        completed(house, name="丙"),
    )
    outcome = certify(house, good, bad, other)
    assert len(outcome.done) == 2 and code(outcome) == "certificate.grade_not_passing"
    assert sorted(row.number for row in Certificate.select()) == ["2019W0001", "2019W0002"]


def test_nobody_is_done_and_nothing_is_written(house):
    assert certify(house, completed(house, grade="fail")).batch is None
    assert CertificateCounter.select().count() == Certificate.select().count() == 0


def test_who_was_changed_after_the_look_leaves_no_gap(house):
    first, second = completed(house, name="甲"), completed(house, name="乙")
    number = batch.propose(house.cli, "certify", [first.id, second.id], {"on": TODAY.isoformat()})
    _write(
        house.cli,
        lambda: record.update(Trainee, [first.id], {"mobile": "13900000000"}),
    )
    outcome = batch.confirm(house.cli, number)
    assert outcome.done == (second.id,) and Certificate.get().number == "2019W0001"
    texts = {row.name: row.text for row in BatchRow.select().where(BatchRow.batch == outcome.batch)}
    assert texts["乙"] == "编号 2019W0001"


@pytest.mark.parametrize("status", ["applied", "training", "failed", "terminated", "disqualified"])
def test_other_states_are_refused_with_that_one_reason(house, status):
    person = completed(house, grade="")
    put_into(person, status)
    outcome = certify(house, person)
    assert code(outcome) == "certificate.not_completed"


@pytest.mark.parametrize(("day", "allowed"), [(END - dt.timedelta(1), False), (END, True)])
def test_the_term_must_be_over(house, day, allowed):
    outcome = certify(house, completed(house), on=day)
    assert bool(outcome.done) is allowed
    assert allowed or code(outcome) == "certificate.term_not_over"


def test_a_day_to_come_is_refused(house):
    assert code(certify(house, completed(house), on=TODAY + dt.timedelta(1))) == "certificate.in_future"


def test_without_a_placement_there_is_no_term(house):
    person = completed(house)
    _write(
        house.cli,
        lambda: record.delete(Placement, [Placement.get().id]),
    )
    assert code(certify(house, person)) == "certificate.no_term"


@pytest.mark.parametrize(
    ("grade", "waiver", "want"),
    [
        ("excellent", None, None), ("pass", None, None), ("basic", None, "certificate.grade_held"),
        ("basic", "approved", None), ("basic", "refused", "certificate.grade_not_passing"),
        ("fail", "approved", "certificate.grade_not_passing"), ("", None, "certificate.no_grade"),
    ],
)  # fmt: skip
def test_grades_and_the_waiver_of_a_held_one(house, grade, waiver, want):
    person = completed(house, grade=grade)
    if waiver:
        from tepei_admin.services.work import now

        write(Waiver, trainee=person.id, kind="grade", rule="", state=waiver, opened_by=house.actor("operator").id, opened_at=now(), decided_by=house.actor("approver").id)  # fmt: skip
    outcome = certify(house, person)
    assert (code(outcome) if outcome.skipped else None) == want


def test_an_open_recovery_hinders_and_a_settled_one_does_not(house):
    person = completed(house)
    number = case(house, person)
    outcome = certify(house, person)
    assert code(outcome) == "certificate.open_recovery"
    assert "25,000.00" in say(outcome.skipped[0].refused)
    from tepei_admin.models import Termination

    _write(house.cli, lambda: record.update(Termination, [number], {"state": "settled"}))
    assert certify(house, person).done


def test_missing_papers_are_warned_of_or_block_as_the_setting_says(house):
    person = completed(house, papers=False)
    for kind in ("basic", "transcript", "assessment", "host_opinion"):
        file(person, kind)
    file(person, "application")
    plan = verbs.plan(house.cli, "certify", [person.id], Args(on=TODAY))
    assert "学员申报表（应有 2 份，收到 1 份）" in say(plan.doable[0].note)
    programmes.set_setting(house.cli, 2019, "documents", "block")
    assert code(certify(house, person)) == "certificate.documents_missing"
    file(person, "application")
    assert certify(house, person).done


@pytest.mark.parametrize("name", ["王䶮", "阿拉坦其其格·巴特尔苏", "王𠮷"])
def test_a_name_that_no_font_can_print_is_refused_by_its_character(house, name):
    outcome = certify(house, completed(house, name=name))
    if "𠮷" in name:
        assert code(outcome) == "certificate.unprintable" and "𠮷" in say(outcome.skipped[0].refused)
    else:
        assert outcome.done


def test_a_host_that_no_font_can_print_is_refused_too(house):
    person = completed(house)
    rename_host("𠮷林大学")
    assert code(certify(house, person)) == "certificate.unprintable_part"


def test_several_reasons_are_told_together(house):
    person = completed(house, grade="fail", name="王𠮷")
    outcome = certify(house, person)
    assert code(outcome) == "certificate.several"
    text = say(outcome.skipped[0].refused)
    assert "不合格" in text and "𠮷" in text


def test_a_second_certificate_is_refused(house):
    person = completed(house)
    certify(house, person)
    put_into(person, "completed")
    assert code(certify(house, person)) == "certificate.has_one"


def test_a_viewer_and_a_clerk_issue_nothing(house):
    person = completed(house)
    for role, unit in (("viewer", None), ("clerk", "150400")):
        with pytest.raises(NotAllowed):
            certify(house, person, actor=house.actor(role, unit))


def test_issuing_for_many_asks_few_questions(house, count_queries):
    people = [completed(house) for _ in range(30)]
    with count_queries() as few:
        certify(house, *people[:2])
    with count_queries() as many:
        certify(house, *people[2:])
    assert len(many) <= len(few) + 4


# --- Hand over, reissue


def test_handing_over_and_putting_its_date_right(house):
    person = completed(house)
    certify(house, person)
    house.do("hand_over", person, on=TODAY)
    assert Certificate.get().handed_over_on == TODAY
    with_note = verbs.plan(house.cli, "hand_over", [person.id], Args(on=TODAY)).lines[0].note
    assert "原交付日期" in say(with_note)


@pytest.mark.parametrize("verb", ["hand_over", "reissue"])
@pytest.mark.parametrize(
    ("days", "want"), [(-1, "certificate.before_issue"), (0, None), (1, "certificate.in_future")]
)
def test_not_before_the_issue_and_not_in_the_future(house, verb, days, want):
    person = completed(house)
    certify(house, person)
    outcome = house.do(verb, person, on=TODAY + dt.timedelta(days))
    assert (code(outcome) if outcome.skipped else None) == want


@pytest.mark.parametrize("verb", ["hand_over", "reissue", "void_certificate", "revoke_certificate"])
def test_without_a_certificate_there_is_nothing_to_do(house, verb):
    assert code(house.do(verb, completed(house), on=TODAY, reason="x")) == "certificate.none_valid"


def test_a_reissue_keeps_the_number_and_is_counted(house):
    person = completed(house)
    certify(house, person)
    before = Certificate.get()
    for _ in range(2):
        house.do("reissue", person, on=TODAY, reason="遗失")
    after = Certificate.get()
    assert (after.number, after.code, after.prints, after.reissued_on) == (
        before.number,
        before.code,
        2,
        TODAY,
    )


# --- Void, revoke


def opened(house, verb: str, person) -> str:
    (number,) = house.do(verb, person, actor=house.actor("operator"), on=TODAY, reason="姓名印错").requests
    return f"request-{number}"


def test_a_void_is_decided_by_another_and_leads_back(house):
    person = completed(house)
    certify(house, person)
    ref = opened(house, "void_certificate", person)
    assert (
        Certificate.get().state == "issued"
        and Request.get().text == f"证书作废：{person.name}（编号 2019W0001）"
    )
    with pytest.raises(NotAllowed):
        requests.decide(house.actor("operator"), ref, yes=True)
    requests.decide(house.actor("approver"), ref, yes=True)
    row = Certificate.get()
    assert (row.state, row.ended_on, row.reason) == ("void", TODAY, "姓名印错")
    assert house.reload(person).status == "completed"
    certify(house, person)
    assert [row.number for row in Certificate.select().order_by(Certificate.id)] == ["2019W0001", "2019W0002"]


def test_a_refused_void_changes_nothing(house):
    person = completed(house)
    certify(house, person)
    requests.decide(house.actor("approver"), opened(house, "void_certificate", person), yes=False)
    assert Certificate.get().state == "issued" and house.reload(person).status == "certified"


def test_what_was_handed_over_is_revoked_not_voided(house):
    person = completed(house)
    certify(house, person)
    ref = opened(house, "void_certificate", person)
    house.do("hand_over", person, on=TODAY)
    assert code(house.do("void_certificate", person, on=TODAY, reason="x")) == "certificate.handed_over"
    with pytest.raises(RuleViolation) as late:  # handed over after the void was opened
        requests.decide(house.actor("approver"), ref, yes=True)
    assert late.value.violations[0].code == "certificate.handed_over" and Request.get().state == "open"
    requests.decide(house.actor("approver"), ref, yes=False)
    requests.decide(house.actor("approver"), opened(house, "revoke_certificate", person), yes=True)
    row = Certificate.get()
    assert (row.state, row.reason, house.reload(person).status) == ("revoked", "姓名印错", "certified")
    assert not verification.check(row.number, row.code).valid


def test_the_maker_does_not_decide(house):
    person = completed(house)
    certify(house, person)
    approver = house.actor("approver")
    (number,) = house.do("revoke_certificate", person, actor=approver, on=TODAY, reason="x").requests
    with pytest.raises(RuleViolation) as refused:
        requests.decide(approver, f"request-{number}", yes=True)
    assert refused.value.violations[0].code == "access.same_person"


@pytest.mark.parametrize("verb", [Verb.VOID_CERTIFICATE, Verb.REVOKE_CERTIFICATE])
def test_a_reason_is_asked_for(house, verb):
    person = completed(house)
    certify(house, person)
    with pytest.raises(RuleViolation) as refused:
        house.do(verb, person, on=TODAY)
    assert refused.value.violations[0].code == "verb.reason_required"


def test_a_batch_of_certificates_is_not_undone(house):
    person = completed(house)
    outcome = certify(house, person)
    with pytest.raises(RuleViolation) as refused:
        batch.undo(house.cli, outcome.batch)
    assert refused.value.violations[0].code == "undo.not_this_verb"


# --- The check page's answer


def test_the_check_answers_the_right_pair_only(house):
    person = completed(house, name="王小明")
    certify(house, person)
    row = Certificate.get()
    found = verification.check(row.number, row.code)
    assert (found.number, found.name, found.year, found.track, found.valid) == (
        "2019W0001",
        "王**",
        2019,
        "区外",
        True,
    )
    spaced = " ".join((row.code[:5], row.code[5:]))
    assert verification.check(" 2019w0001 ", spaced.lower()) == found
    for number, given in [("2019W0002", row.code), (row.number, row.code[::-1]), (row.number, ""), ("", row.code), (row.number, "é" * 26), ("x" * 5000, "\0")]:  # fmt: skip
        assert verification.check(number, given) is None


def test_who_can_and_who_cannot(house):
    can, cannot = completed(house, name="甲"), completed(house, name="乙", grade="fail")
    completed(house, unit="150700")
    found = certificates.candidates(house.actor("clerk", "150400"), house.programme().id, TODAY)
    assert [(item.id, item.refused and item.refused.code) for item in found] == [
        (can.id, None), (cannot.id, "certificate.grade_not_passing"),
    ]  # fmt: skip


def test_a_change_of_host_does_not_split_the_training(house):
    from tepei_admin.services import trainings

    person = house.trainee()
    half = dt.date(2020, 2, 29)
    place(house, person, state="replaced", actual_start=dt.date(2019, 9, 1), actual_end=half, major="旧")
    place(house, person, state="ended", actual_start=dt.date(2020, 3, 1), actual_end=END, major="新")
    place(house, person, state="cancelled", planned_start=END, major="无")
    found = trainings.of([person.id])[person.id]
    assert (found.start, found.end, found.major) == (dt.date(2019, 9, 1), END, "新")
