"""Money moves once: eight processes at a barrier, thirty rounds, on both databases; without the lock it moves twice."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from contextlib import contextmanager
from typing import Any

import pytest

from tepei_admin.database import db, open_database
from tepei_admin.errors import Refusal
from tepei_admin.models import Payment, Termination
from tepei_admin.services import accounts, entries, money, verbs
from tepei_admin.services.plan import Args
from tests.services.money_cast import END, disqualified, in_training, propose, step

RACERS, ROUNDS = 8, 30


def _act(what: str, number: int, mine: int) -> str:
    actor = accounts.actor_named("operator")
    try:
        if what == "step":
            entries.open_step(actor, number, kind="recovery", amount=3_300_000)
            return "won"
        if what == "form":
            entries.open_step(actor, number, kind="recovery", amount=100, key="f" * 24)
            return "won"
        name = {"propose": "propose_tuition", "pay": "pay_payment"}[what]
        outcome = verbs.perform(actor, name, [number], Args(END))
        return "won" if outcome.done else outcome.skipped[0].refused.code
    except Refusal as refusal:
        return refusal.violations[0].code


def _racer(
    url: str, what: str, numbers: list[int], mine: int, gate: Any, results: Any, control: bool
) -> None:
    open_database(url)
    db.connect()
    if control:
        _take_the_lock_out()
    for number in numbers:
        gate.wait()
        try:
            results.put(_act(what, number, mine))
        except Exception as error:
            results.put(f"{type(error).__name__}: {error}")
        gate.wait()
    db.close()


def _take_the_lock_out() -> None:
    money.lock_people = lambda people: None
    if not db.obj.postgres:

        @contextmanager
        def autocommit():
            db.execute_sql("PRAGMA query_only=0")
            yield

        db.obj.write_transaction = autocommit


def _race(house: Any, what: str, numbers: list[int], *, control: bool = False) -> list[Counter]:
    house.actor("operator")
    db.close()
    context = multiprocessing.get_context("spawn")
    gate, results = context.Barrier(RACERS + 1), context.Queue()
    racers = [
        context.Process(target=_racer, args=(house.url, what, numbers, mine, gate, results, control))
        for mine in range(RACERS)
    ]
    for racer in racers:
        racer.start()
    tallies = []
    for _ in numbers:
        gate.wait(120)
        gate.wait(120)
        tallies.append(Counter(results.get(timeout=60) for _ in range(RACERS)))
    for racer in racers:
        racer.join(60)
    db.connect(reuse_if_open=True)
    return tallies


@pytest.mark.slow
def test_eight_proposals_at_once_are_one_payment(house):
    people = [in_training(house).id for _ in range(ROUNDS)]
    tallies = _race(house, "propose", people)
    assert tallies == [Counter({"won": 1, "tuition.waiting": RACERS - 1})] * ROUNDS
    assert Payment.select().count() == ROUNDS


@pytest.mark.slow
def test_without_lock_and_index_the_same_race_opens_several(house):
    with db.obj.unguarded():
        db.execute_sql("DROP INDEX payment_one_tuition")
    people = [in_training(house).id for _ in range(15)]
    _race(house, "propose", people, control=True)
    assert Payment.select().count() > 15


@pytest.mark.slow
def test_eight_at_once_pay_once(house):
    rows = propose(house, "tuition", *[in_training(house) for _ in range(ROUNDS)])
    step(house, "approve", *rows)
    tallies = _race(house, "pay", [row.id for row in rows])
    assert tallies == [Counter({"won": 1, "payment.not_approved": RACERS - 1})] * ROUNDS


@pytest.mark.slow
@pytest.mark.parametrize("what", ["step", "form"])
def test_eight_instalments_at_once_never_exceed_what_is_due(house, what):
    cases = [disqualified(house)[1] for _ in range(3)]
    tallies = _race(house, what, cases)
    opened = Payment.select().where(Payment.kind == "recovery").count()
    if what == "step":
        assert tallies == [Counter({"won": 1, "recovery.above_outstanding": RACERS - 1})] * 3 and opened == 3
    else:  # one form, sent eight times, for one case after another: the first case has it
        assert tallies == [Counter({"won": RACERS})] * 3 and opened == 1
    assert Termination.select().count() == 3
