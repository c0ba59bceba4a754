"""What one person opens and a second one decides."""

from __future__ import annotations

import pytest

from tepei_admin.errors import NotAllowed, RuleViolation, Stale
from tepei_admin.messages import say
from tepei_admin.models import Programme, Request, Trainee, Waiver
from tepei_admin.services import crud, programmes, requests


@pytest.fixture
def left(house):
    """Somebody who withdrew, and an open request to bring them back."""
    person = house.trainee()
    house.do("withdraw", person, reason="个人原因")
    (request,) = house.do("reinstate", person, actor=house.actor("operator"), reason="误办").requests
    return house.reload(person), f"request-{request}"


def test_opening_changes_nothing_yet(house, left):
    person, ref = left
    assert person.status == "withdrawn"
    (item,) = requests.waiting(house.actor("approver"))
    assert (item.ref, item.trainee, item.reason) == (ref, person.id, "误办")
    assert item.text == f"恢复：{person.name} → 已申报"


def test_deciding_yes_runs_the_verb(house, left):
    person, ref = left
    requests.decide(house.actor("approver"), ref, yes=True)
    assert house.reload(person).status == "applied"
    assert requests.waiting(house.actor("approver")) == []


def test_deciding_no_leaves_everything(house, left):
    person, ref = left
    requests.decide(house.actor("approver"), ref, yes=False, reason="理由不足")
    row = Request.get()
    assert (house.reload(person).status, row.state, row.decision) == ("withdrawn", "refused", "理由不足")


@pytest.mark.parametrize("yes", [True, False])
def test_nobody_decides_what_he_or_she_opened(house, yes):
    approver = house.actor("approver")
    person = house.trainee()
    house.do("withdraw", person, reason="个人原因")
    (request,) = house.do("reinstate", person, actor=approver, reason="误办").requests
    with pytest.raises(RuleViolation) as refused:
        requests.decide(approver, f"request-{request}", yes=yes)
    assert refused.value.violations[0].code == "access.same_person"


def test_an_office_of_one_may_and_every_record_is_marked(house):
    programmes.set_setting(house.cli, 2019, "solo", "on")
    approver = house.actor("approver")
    person = house.trainee()
    house.do("withdraw", person, reason="个人原因")
    (request,) = house.do("reinstate", person, actor=approver, reason="误办").requests
    requests.decide(approver, f"request-{request}", yes=True)
    assert Request.get_by_id(request).solo


def test_the_database_itself_refuses_one_person_as_maker_and_approver(house, left):
    from tepei_admin.permissions import Actor
    from tepei_admin.services import record
    from tepei_admin.services.command import command

    row = Request.get()

    @command(None)
    def forge(actor: Actor) -> None:
        record.update(Request, [row.id], {"decided_by": row.opened_by_id})

    with pytest.raises(RuleViolation) as refused:
        forge(house.cli)
    assert refused.value.violations[0].code == "constraint.request_two_persons"


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_deciding_needs_the_right(house, left, role):
    with pytest.raises(NotAllowed):
        requests.decide(house.actor(role, name="another"), left[1], yes=True)


def test_the_command_line_itself_cannot_decide(house, left):
    with pytest.raises(NotAllowed) as refused:
        requests.decide(house.cli, left[1], yes=True)
    assert refused.value.violations[0].code == "access.system_cannot_decide"


def test_what_has_changed_since_it_was_shown_stays_open(house, left):
    person, ref = left
    crud.edit(house.cli, Trainee, person.id, None, {"mobile": "13900000000"})
    with pytest.raises(Stale):
        requests.decide(house.actor("approver"), ref, yes=True)
    assert Request.get().state == "open" and house.reload(person).status == "withdrawn"


def test_a_matter_is_decided_once(house, left):
    requests.decide(house.actor("approver"), left[1], yes=True)
    with pytest.raises(RuleViolation) as refused:
        requests.decide(house.actor("approver"), left[1], yes=True)
    (told,) = refused.value.violations
    assert told.code == "request.decided"
    assert say(told).startswith("“恢复：") and "已由 approver 于 20" in say(told)


def test_the_same_request_is_not_opened_twice(house, left):
    person, _ = left
    with pytest.raises(RuleViolation) as refused:
        house.do("reinstate", person, actor=house.actor("operator"), reason="误办")
    assert refused.value.violations[0].code == "constraint.request_one_open"


# --- Waivers


def test_a_waived_finding_counts_as_met_and_stays_to_be_seen(house):
    house.quota(1)
    person = house.trainee(ethnicity="97")
    waiver = requests.open_waiver(
        house.actor("operator"), person.id, kind="finding", rule="minority", reason="民委认定"
    )
    assert house.do("recommend", person).skipped[0].refused.code == "verb.not_eligible"
    requests.decide(house.actor("approver"), f"waiver-{waiver}", yes=True)
    assert house.reload(person).eligibility == "eligible"
    assert house.do("recommend", person).done == (person.id,)


def test_a_waiver_that_was_refused_changes_nothing(house):
    person = house.trainee(ethnicity="97")
    waiver = requests.open_waiver(
        house.actor("operator"), person.id, kind="finding", rule="minority", reason="民委认定"
    )
    requests.decide(house.actor("approver"), f"waiver-{waiver}", yes=False)
    house.do("check", person)
    assert house.reload(person).eligibility == "pending" and Waiver.get().state == "refused"


@pytest.mark.parametrize("rule", ["age", "scope", "", "nonsense"])
def test_only_what_stands_in_the_way_can_be_waived(house, rule):
    person = house.trainee(ethnicity="97")
    with pytest.raises(RuleViolation) as refused:
        requests.open_waiver(house.actor("operator"), person.id, kind="finding", rule=rule, reason="x")
    assert refused.value.violations[0].code == "waiver.not_hindering"


@pytest.mark.parametrize(
    ("kind", "reason", "code"),
    [("quota", " ", "verb.reason_required"), ("favour", "x", "waiver.unknown_kind")],
)
def test_a_waiver_needs_a_written_reason_and_a_known_kind(house, kind, reason, code):
    with pytest.raises(RuleViolation) as refused:
        requests.open_waiver(house.actor("operator"), house.trainee().id, kind=kind, reason=reason)
    assert refused.value.violations[0].code == code


def test_a_clerk_sees_only_what_waits_for_the_own_unit(house):
    for unit in ("150400", "150700"):
        person = house.trainee(unit=unit)
        requests.open_waiver(house.actor("operator"), person.id, kind="quota", reason="急需")
    assert len(requests.waiting(house.actor("clerk", unit="150400"))) == 1
    assert len(requests.waiting(house.actor("approver"))) == 2
    assert Programme.select().count() >= 1
