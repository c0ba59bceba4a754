"""Places are never oversold: every path that could raise the use, at its boundary, and eight at once."""

from __future__ import annotations

import pytest

from tepei_admin.errors import RuleViolation
from tepei_admin.models import BatchRow
from tepei_admin.permissions import Actor
from tepei_admin.services import batch, requests
from tests.services.cast import waive


def codes(outcome) -> list[str]:
    return [line.refused.code for line in outcome.skipped]


def test_recommending_without_an_allocation_is_refused(house):
    person = house.trainee()
    assert codes(house.do("recommend", person)) == ["quota.unallocated"]
    assert house.reload(person).status == "applied"


def test_the_last_place_is_given_and_no_more(house):
    house.quota(2)
    people = [house.trainee() for _ in range(3)]
    outcome = house.do("recommend", *people)
    assert len(outcome.done) == 2 and codes(outcome) == ["quota.full"]
    assert outcome.skipped[0].refused.params == {"taken": 2, "places": 2}


def test_poverty_counties_come_first_then_the_units_order(house):
    from tepei_admin.models import Region

    house.quota(2)
    poor = Region.get(Region.code == "150426").id  # 翁牛特旗
    rich = Region.get(Region.code == "150402").id
    last, first, second = (
        house.trainee(county=rich, unit_rank=2), house.trainee(county=poor, unit_rank=9),
        house.trainee(county=rich, unit_rank=1),
    )  # fmt: skip
    outcome = house.do("recommend", last, first, second)
    assert outcome.done == (first.id, second.id)


def test_a_waiver_of_another_person_lets_one_in_and_leaves_its_mark(house):
    house.quota(1)
    first, second, third = (house.trainee() for _ in range(3))
    house.do("recommend", first)
    waiver = requests.open_waiver(house.actor("operator"), second.id, kind="quota", reason="急需")
    requests.decide(house.actor("approver"), f"waiver-{waiver}", yes=True)
    outcome = house.do("recommend", second, third)
    assert outcome.done == (second.id,) and codes(outcome) == ["quota.full"]
    assert house.reload(second).over_quota and not house.reload(first).over_quota


def test_admitting_stops_at_the_tracks_total(house):
    house.quota(3)
    people = [house.trainee() for _ in range(3)]
    house.do("recommend", *people)
    from tepei_admin.models import Track
    from tepei_admin.services import crud

    crud.edit(house.cli, Track, house.track().id, None, {"places": 2})
    outcome = house.do("admit", *people, approval_no="内人社函〔2019〕1号")
    assert len(outcome.done) == 2 and codes(outcome) == ["track.full"]


@pytest.mark.parametrize(("places_", "allowed"), [(2, True), (1, False), (0, False), (None, False)])
def test_a_quota_is_not_set_below_its_use(house, places_, allowed):
    house.quota(3)
    house.do("recommend", house.trainee(), house.trainee())
    if allowed:
        house.quota(places_)
    else:
        with pytest.raises(RuleViolation) as refused:
            house.quota(places_)
        assert refused.value.violations[0].code == "quota.below_use"
        assert refused.value.violations[0].params["taken"] == 2


@pytest.mark.parametrize(("total", "allowed"), [(1, True), (0, False)])
def test_a_tracks_total_is_not_set_below_its_use(house, total, allowed):
    from tepei_admin.models import Track
    from tepei_admin.services import crud

    house.quota(1)
    person = house.trainee()
    house.do("recommend", person)
    house.do("admit", person, approval_no="1号")

    def lower() -> None:
        crud.edit(house.cli, Track, house.track().id, None, {"places": total})

    if allowed:
        lower()
    else:
        with pytest.raises(RuleViolation):
            lower()


def test_transfer_needs_a_place_there_and_gives_back_the_one_here(house):
    house.quota(1)
    house.quota(1, unit="150700")
    mover, waiting, settled = house.trainee(), house.trainee(), house.trainee(unit="150700")
    house.do("recommend", mover)
    target = house.unit("150700").id
    house.do("recommend", settled)
    assert codes(house.do("transfer", mover, unit=target, reason="调整")) == ["quota.full"]
    house.do("withdraw", settled, reason="个人原因")
    assert house.do("transfer", mover, unit=target, reason="调整").done == (mover.id,)
    assert house.do("recommend", waiting).done == (waiting.id,)


def test_reinstating_takes_the_place_again_or_is_refused(house):
    house.quota(1)
    leaver, taker = house.trainee(), house.trainee()
    house.do("recommend", leaver)
    house.do("withdraw", leaver, reason="个人原因")
    house.do("recommend", taker)
    operator, approver = house.actor("operator"), house.actor("approver")
    assert codes(house.do("reinstate", leaver, actor=operator, reason="误办")) == ["quota.full"]
    house.quota(2)
    (request,) = house.do("reinstate", leaver, actor=operator, reason="误办").requests
    house.do("recommend", house.trainee())  # somebody is quicker
    with pytest.raises(RuleViolation) as refused:
        requests.decide(approver, f"request-{request}", yes=True)
    assert refused.value.violations[0].code == "quota.full"
    assert [item.ref for item in requests.waiting(approver)] == [f"request-{request}"]
    house.quota(3)
    requests.decide(approver, f"request-{request}", yes=True)
    assert house.reload(leaver).status == "recommended"


def test_undoing_a_withdrawal_takes_the_place_again_or_is_refused(house):
    house.quota(1)
    leaver, taker = house.trainee(), house.trainee()
    house.do("recommend", leaver)
    withdrawal = house.do("withdraw", leaver, reason="个人原因")
    house.do("recommend", taker)
    assert codes(batch.undo(house.cli, withdrawal.batch)) == ["quota.full"]
    house.quota(2)
    assert batch.undo(house.cli, withdrawal.batch).done == (leaver.id,)
    assert house.reload(leaver).status == "recommended"


@pytest.mark.parametrize("verb", ["reject", "withdraw"])
def test_leaving_before_report_in_gives_the_place_back(house, verb):
    house.quota(1)
    leaver, taker = house.trainee(), house.trainee()
    house.do("recommend", leaver)
    house.do(verb, leaver, reason="个人原因")
    assert house.do("recommend", taker).done == (taker.id,)


# --- Eight at once


def test_the_batch_tells_what_became_of_everybody(house):
    house.quota(1)
    first, second = house.trainee(), house.trainee()
    outcome = house.do("recommend", first, second)
    rows = BatchRow.select().where(BatchRow.batch == outcome.batch).order_by(BatchRow.id)
    assert [(row.object_id, row.done, row.text) for row in rows] == [
        (first.id, True, ""), (second.id, False, "名额已满（1/1）"),
    ]  # fmt: skip


def test_a_refusal_is_of_the_actors_right(house):
    from tepei_admin.errors import NotAllowed

    viewer: Actor = house.actor("viewer")
    with pytest.raises(NotAllowed):
        house.do("recommend", house.trainee(), actor=viewer)


def test_whoever_comes_back_or_over_into_a_full_quota_bears_the_mark(house):
    house.quota(1)
    house.quota(1, unit="150100")
    back, over, here, there = (house.trainee(unit=unit) for unit in ("150400", "150400", "150400", "150100"))
    house.do("recommend", back)
    house.do("withdraw", back, reason="本人申请")
    house.do("recommend", over, there)
    for person in (back, over):
        waive(house, person)
    opened = house.do("reinstate", back, reason="本人申请", actor=house.actor("operator"))
    requests.decide(house.actor("approver"), f"request-{opened.requests[0]}", yes=True)
    assert (house.reload(back).status, house.reload(back).over_quota) == ("recommended", True)
    house.do("transfer", over, reason="单位变动", unit=house.unit("150100").id)
    assert (house.reload(over).unit.code, house.reload(over).over_quota) == ("150100", True)
    assert not house.reload(there).over_quota and house.reload(here).status == "applied"
