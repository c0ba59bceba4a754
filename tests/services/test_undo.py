"""Undo is a compensating batch, for rows that nobody has touched since."""

from __future__ import annotations

import pytest

from tepei_admin.errors import NotAllowed, RuleViolation
from tepei_admin.messages import say
from tepei_admin.models import Batch, StatusChange, Trainee
from tepei_admin.services import batch, crud, nominations, requests
from tepei_admin.services.nominations import Nomination, Source
from tests.factories import DAY, id_number
from tests.services.cast import waive


def test_undo_gives_the_old_values_back_and_says_so_in_the_records(house):
    house.quota(2)
    people = [house.trainee(), house.trainee()]
    done = house.do("recommend", *people)
    undone = batch.undo(house.cli, done.batch)
    assert set(undone.done) == {person.id for person in people}
    assert {house.reload(person).status for person in people} == {"applied"}
    last = StatusChange.select().order_by(StatusChange.id.desc()).first()
    assert (last.verb, last.from_status, last.to_status) == ("undo", "recommended", "applied")
    assert Batch.get_by_id(done.batch).state == "undone"
    assert Batch.get_by_id(undone.batch).undoes_id == done.batch


def test_a_touched_row_is_named_and_the_others_go_back(house):
    first, second = house.trainee(attested=False), house.trainee(attested=False)
    done = house.do("attest", first, second, reason="汇总表")
    crud.edit(house.cli, Trainee, first.id, None, {"post": "主任"})
    undone = batch.undo(house.cli, done.batch)
    assert undone.done == (second.id,) and undone.skipped[0].refused.code == "undo.touched"
    assert house.reload(second).attested_signed is None and house.reload(first).attested_signed
    assert Batch.get_by_id(done.batch).state == "partly_undone"


def test_the_batch_that_touched_a_row_is_named_the_last_of_them(house):
    first, second = house.trainee(attested=False), house.trainee(attested=False)
    done = house.do("attest", first, second, reason="汇总表")
    house.quota(2)
    for _ in range(2):
        later = house.do("recommend", first)
        taken_back = batch.undo(house.cli, later.batch)
    house.do("check", first)
    crud.edit(house.cli, Trainee, second.id, None, {"post": "主任"})
    told = {line.id: say(line.refused) for line in batch.undo(house.cli, done.batch).skipped}
    assert told[first.id] == f"之后又有修改（批次 {taken_back.batch}），不能撤销"
    assert told[second.id] == "之后又有修改，不能撤销"


def test_a_computed_result_does_not_count_as_touching(house):
    person = house.trainee(attested=False)
    done = house.do("attest", person, reason="汇总表")
    house.do("check", person)
    assert batch.undo(house.cli, done.batch).done == (person.id,)


def test_a_transfer_goes_back(house):
    person = house.trainee()
    unit = person.unit_id
    done = house.do("transfer", person, unit=house.unit("150700").id, reason="调整")
    batch.undo(house.cli, done.batch)
    assert house.reload(person).unit_id == unit


def test_a_batch_is_undone_once(house):
    done = house.do("attest", house.trainee(attested=False), reason="汇总表")
    batch.undo(house.cli, done.batch)
    with pytest.raises(RuleViolation) as refused:
        batch.undo(house.cli, done.batch)
    assert refused.value.violations[0].code == "undo.already"


def test_what_a_second_person_decided_is_not_undone_as_a_batch(house):
    from tepei_admin.services import requests

    person = house.trainee()
    house.do("withdraw", person, reason="x")
    (request,) = house.do("reinstate", person, actor=house.actor("operator"), reason="误办").requests
    outcome = requests.decide(house.actor("approver"), f"request-{request}", yes=True)
    with pytest.raises(RuleViolation) as refused:
        batch.undo(house.actor("admin"), outcome.batch)
    assert refused.value.violations[0].code == "undo.not_this_verb"


def test_an_operator_undoes_own_batches_an_approver_any(house):
    operator, other, approver = (
        house.actor("operator"),
        house.actor("operator", name="other"),
        house.actor("approver"),
    )
    done = house.do("attest", house.trainee(attested=False), actor=operator, reason="汇总表")
    with pytest.raises(NotAllowed):
        batch.undo(other, done.batch)
    assert batch.undo(approver, done.batch).done
    again = house.do("attest", house.trainee(attested=False), actor=operator, reason="汇总表")
    assert batch.undo(operator, again.batch).done


def test_an_undone_batch_may_be_followed_by_the_same_verb_again(house):
    house.quota(1)
    person = house.trainee()
    batch.undo(house.cli, house.do("recommend", person).batch)
    assert house.do("recommend", person).done == (person.id,)


def test_going_back_into_a_full_quota_needs_the_waiver_that_one_had(house):
    house.quota(1)
    first, over = house.trainee(), house.trainee()
    waive(house, over)
    house.do("recommend", first)
    house.do("recommend", over)
    done = house.do("withdraw", over, reason="本人申请")
    batch.undo(house.cli, done.batch)
    assert (house.reload(over).status, house.reload(over).over_quota) == ("recommended", True)


def test_somebody_added_on_whom_a_matter_hangs_stays_and_the_others_go(house):
    track, unit = house.track(), house.unit().id
    people = [Nomination(row, unit, {"name": "王明", "id_number": id_number(400 + row)}) for row in (1, 2)]
    source = Source("汇总表.xlsx", DAY, True)
    done = nominations.store(house.cli, track, people, {1: ("new", 0, ""), 2: ("new", 0, "")}, source)
    requests.open_waiver(house.cli, done.done[0], kind="quota", reason="仅此一人")
    outcome = batch.undo(house.cli, done.batch)
    assert (outcome.done, [line.id for line in outcome.skipped]) == (done.done[1:], [done.done[0]])
    assert say(outcome.skipped[0].refused) == "名下已有特批，不能撤销"
