"""B1: a place is given once. Eight processes at a barrier for one place; all verbs that move places, mixed."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from tepei_admin.errors import RuleViolation
from tepei_admin.models import Quota, Trainee
from tepei_admin.services import accounts, batch, places, programmes, requests, verbs
from tepei_admin.services.plan import Args
from tests.factories import DAY
from tests.safety.racing import RACERS, race

UNITS = ("150100", "150200", "150300", "150400", "150500")
EXPECTED = {
    "done", "nobody", "quota.full", "quota.below_use", "verb.changed_meanwhile", "record.changed_meanwhile",
    "verb.wrong_status", "constraint.request_one_open", "request.closed", "request.decided", "request.changed_since", "undo.already", "undo.touched",
}  # fmt: skip
"""What somebody who came late may be told: a refusal in words, never an error."""


def recommend(person: int) -> str:
    outcome = verbs.perform(accounts.cli_actor(), "recommend", [person], Args(on=DAY))
    return "won" if outcome.done else outcome.skipped[0].refused.code


def for_one_place(house, rounds: int, *, off: str = "") -> list[Counter[str]]:
    units = [UNITS[number % len(UNITS)] for number in range(rounds)]
    people = [[house.trainee(unit=unit).id for _ in range(RACERS)] for unit in units]

    def one_more(number: int) -> None:
        track, unit = house.track().id, house.unit(units[number]).id
        taken = places.unit_use([track]).get((track, unit), 0)
        programmes.set_quota(house.cli, 2019, "outside", units[number], taken + 1)

    return race(house.url, recommend, people, off=off, between=one_more)


@pytest.mark.parametrize("rounds", [3, pytest.param(50, marks=pytest.mark.safety)])
def test_one_place_and_eight_at_once_have_one_winner_each_round(house, rounds):
    told = for_one_place(house, rounds)
    assert told == [Counter({"won": 1, "quota.full": RACERS - 1})] * rounds
    assert Trainee.select().where(Trainee.status == "recommended").count() == rounds


def test_without_the_guards_the_same_race_oversells(house):
    (told,) = for_one_place(house, 1, off="trainee")
    assert told["won"] > 1, told


def move_places(job: tuple[str, int, int]) -> str:
    """One step that takes a place, gives one back, or changes how many there are."""
    what, person, number = job
    actor = accounts.cli_actor()
    if what == "quota":
        programmes.set_quota(actor, 2019, "outside", UNITS[3], number)
        return "done"
    if what == "undo":
        last = verbs.perform(actor, "withdraw", [person], Args(on=DAY, reason="本人申请"))
        return "done" if last.batch and batch.undo(actor, last.batch).done else "nobody"
    outcome = verbs.perform(actor, what, [person], Args(on=DAY, reason="本人申请"))
    for request in outcome.requests:
        requests.decide(accounts.actor_named("approver"), f"request-{request}", yes=True)
    return "done" if outcome.done else "nobody"


@pytest.mark.parametrize("rounds", [4, pytest.param(40, marks=pytest.mark.safety)])
def test_whatever_moves_places_at_once_never_gives_more_than_there_are(house, rounds):
    house.actor("approver")
    house.quota(4)
    people = [house.trainee().id for _ in range(10)]
    chance = random.Random(20190330)
    verbs_ = ("recommend", "recommend", "recommend", "withdraw", "reinstate", "undo", "quota")
    jobs = [
        [(chance.choice(verbs_), chance.choice(people), chance.randint(1, 6)) for _ in range(RACERS)]
        for _ in range(rounds)
    ]
    over: list[int] = []
    track, unit = house.track().id, house.unit().id

    def look(_number: int) -> None:
        taken = places.unit_use([track]).get((track, unit), 0)
        there = Quota.get(Quota.track == track, Quota.unit == unit).places
        over.extend([taken] if taken > there else [])

    told = race(house.url, move_places, jobs, between=look)
    look(rounds)
    words = {word for round_ in told for word in round_}
    assert over == [] and words <= EXPECTED, (over, words - EXPECTED)
    assert Trainee.select().where(Trainee.over_quota == True).count() == 0  # noqa: E712
    assert any(round_["done"] for round_ in told)


def test_a_quota_is_never_set_below_what_is_taken(house):
    house.quota(2)
    house.do("recommend", house.trainee(), house.trainee())
    with pytest.raises(RuleViolation):
        house.quota(1)
