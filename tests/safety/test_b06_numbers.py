"""B6: certificate numbers run from 1 without a gap and without a double, however many issue at once or fail at the end."""

from __future__ import annotations

import pytest

from tepei_admin.models import Certificate
from tepei_admin.permissions import Actor
from tepei_admin.services import accounts, requests, verbs
from tepei_admin.services.command import command
from tepei_admin.services.plan import Args
from tests.safety.racing import RACERS, race
from tests.services.paper_cast import TODAY, completed, today_is

TENTH = 10


class Rolled(Exception):
    """Every tenth issue fails at the end."""


@command(None)
def issue_and_perhaps_fail(actor: Actor, person: int, fails: bool) -> None:
    assert verbs.perform(actor, "certify", [person], Args(on=TODAY)).done
    if fails:
        raise Rolled


def issue(job: tuple[int, bool]) -> str:
    try:
        issue_and_perhaps_fail(accounts.cli_actor(), *job)
    except Rolled:
        return "rolled back"
    return "done"


def issued_at_once(house, rounds: int, *, off: str = "") -> tuple[dict[str, int], list[str]]:
    """What was told, and the numbers given out."""
    today_is(house)
    jobs = [
        [(completed(house, papers=False).id, (number * RACERS + mine) % TENTH == 3) for mine in range(RACERS)]
        for number in range(rounds)
    ]
    told = race(house.url, issue, jobs, off=off)
    whole: dict[str, int] = {}
    for answers in told:
        for word, count in answers.items():
            whole[word] = whole.get(word, 0) + count
    return whole, sorted(row.number for row in Certificate.select())


def clean(rounds: int) -> tuple[dict[str, int], list[str]]:
    """As it should be: who does not fail at the end has a number, and they run from 1."""
    failed = sum(place % TENTH == 3 for place in range(rounds * RACERS))
    done = rounds * RACERS - failed
    return {"done": done, "rolled back": failed}, [f"2019W{serial:04d}" for serial in range(1, done + 1)]


@pytest.mark.parametrize("rounds", [3, pytest.param(50, marks=pytest.mark.safety)])
def test_eight_at_once_leave_no_gap_and_no_double(house, rounds):
    assert issued_at_once(house, rounds) == clean(rounds)


def test_without_the_guards_the_same_race_is_not_clean(house):
    assert issued_at_once(house, 1, off="certificate_counter") != clean(1)


def test_a_void_certificate_keeps_its_number(house):
    today_is(house)
    first, second = completed(house, papers=False), completed(house, papers=False)
    house.do("certify", first, on=TODAY)
    operator = house.actor("operator")
    (request,) = house.do("void_certificate", first, actor=operator, on=TODAY, reason="姓名印错").requests
    requests.decide(house.actor("approver"), f"request-{request}", yes=True)
    house.do("certify", second, on=TODAY)
    house.do("certify", first, on=TODAY)
    rows = [(row.number, row.state) for row in Certificate.select().order_by(Certificate.id)]
    assert rows == [("2019W0001", "void"), ("2019W0002", "issued"), ("2019W0003", "issued")]
