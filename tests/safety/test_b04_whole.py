"""B4: an action is done whole or not at all, wherever it breaks off; the history has it exactly when it is done."""

from __future__ import annotations

import csv
import io
import itertools
import signal
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import pytest

from tepei_admin.database import db, open_database
from tepei_admin.models import AuditEntry, Track, Unit
from tepei_admin.services import accounts, audit, requests, verbs
from tepei_admin.services.plan import Args
from tests.exchange import making
from tests.factories import DAY
from tests.safety import faults
from tests.safety.digest import digest
from tests.safety.racing import PATIENCE, _context
from tests.services import paper_cast
from tests.services.money_cast import END, case, disqualified, in_training, paid, propose, step

# Each makes its scene and gives what the action needs; the action is told by numbers, so that a process can be.


def two_applicants(house: Any) -> tuple[int, ...]:
    house.quota(5)
    return tuple(house.trainee().id for _ in range(2))


def two_approved(house: Any) -> tuple[int, ...]:
    rows = propose(house, "tuition", in_training(house), in_training(house))
    step(house, "approve", *rows)
    return tuple(row.id for row in rows)


def a_case(house: Any) -> tuple[int, ...]:
    house.actor("approver")
    person = in_training(house)
    paid(house, "tuition", person)
    propose(house, "tuition", in_training(house))
    return (case(house, person),)


def an_instalment(house: Any) -> tuple[int, ...]:
    house.actor("operator")
    return (disqualified(house)[1],)


def two_graduates(house: Any) -> tuple[int, ...]:
    paper_cast.today_is(house)
    return tuple(paper_cast.completed(house, papers=False).id for _ in range(2))


def a_table(house: Any) -> tuple[int, ...]:
    return (house.track().id, house.unit().id)


def recommend(*people: int) -> None:
    assert verbs.perform(accounts.cli_actor(), "recommend", people, Args(DAY)).done


def pay(*rows: int) -> None:
    outcome = verbs.perform(
        accounts.actor_named("operator"), "pay_payment", rows, Args(END, more={"voucher": "V"})
    )
    assert outcome.done


def terminate(number: int) -> None:
    more = {"decision_no": "内人社函〔2020〕8号", "decided_on": "2020-02-01"}
    assert requests.decide(
        accounts.actor_named("approver"), f"termination-{number}", yes=True, more=more
    ).done


def instalment(number: int) -> None:
    from tepei_admin.services import entries

    entries.open_step(accounts.actor_named("operator"), number, kind="recovery", amount=100, key="k" * 24)


def certify(*people: int) -> None:
    assert verbs.perform(accounts.cli_actor(), "certify", people, Args(paper_cast.TODAY)).done


def table() -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([making.HEADER, *(making.person(serial) for serial in range(1, 13))])
    return text.getvalue().encode()


def store(track: int, unit: int) -> None:
    from tepei_admin.exchange import intake

    made = intake.check(
        accounts.cli_actor(), table(), "赤峰.csv", track=Track.get_by_id(track), unit=Unit.get_by_id(unit), received=DAY,
        sealed=True,
    )  # fmt: skip
    assert len(intake.store(accounts.cli_actor(), made, accept_good=True).done) == 12


ACTIONS: dict[str, tuple[Callable[[Any], tuple[int, ...]], Callable[..., None]]] = {
    "recommend": (two_applicants, recommend),
    "pay": (two_approved, pay),
    "terminate": (a_case, terminate),
    "instalment": (an_instalment, instalment),
    "certify": (two_graduates, certify),
    "import": (a_table, store),
}


def seen() -> tuple[str, int]:
    """Everything but the history, and how long that is."""
    return digest(), AuditEntry.select().count()


@pytest.mark.parametrize("action", ACTIONS)
def test_an_error_at_any_statement_leaves_all_as_it_was(house, action):
    scene, do = ACTIONS[action]
    numbers = scene(house)
    before = seen()
    for number in itertools.count(1):
        try:
            with faults.at(number) as sent:
                do(*numbers)
        except faults.Injected:
            assert seen() == before, f"half done after {sent[-1]}"
            continue
        break
    after = seen()
    assert number > 8 and after[0] != before[0] and after[1] > before[1]
    assert audit.verify() is None


def do_and_die(url: str, action: str, numbers: tuple[int, ...], number: int) -> None:
    open_database(url)
    db.connect()
    with faults.at(number, faults.die):
        ACTIONS[action][1](*numbers)


@pytest.mark.parametrize("every", [9, pytest.param(1, marks=pytest.mark.safety)])
@pytest.mark.parametrize("action", ACTIONS)
def test_killed_at_any_statement_it_is_done_whole_or_not_at_all(house, action, every):
    scene, _ = ACTIONS[action]
    numbers = scene(house)
    before, deaths = seen(), 0
    for number in itertools.count(every, every):
        db.close()
        worker = _context.Process(target=do_and_die, args=(house.url, action, numbers, number))
        worker.start()
        worker.join(PATIENCE)
        db.connect()
        if worker.exitcode == 0:
            break
        assert worker.exitcode == -signal.SIGKILL
        assert seen() == before, number
        deaths += 1
    assert deaths and seen()[0] != before[0] and seen()[1] > before[1]


def test_without_the_transaction_the_same_error_leaves_half(house):
    """The control."""
    numbers = two_approved(house)
    before = seen()

    @contextmanager
    def none():
        db.execute_sql(db.obj.open_sql)
        yield

    db.obj.write_transaction = none
    try:
        halves = 0
        for number in range(1, 12):
            with pytest.raises(Exception) if number < 2 else _perhaps(), faults.at(number):
                pay(*numbers)
            halves += seen() != before
    finally:
        del db.obj.write_transaction
        db.execute_sql(db.obj.close_sql)
    assert halves


@contextmanager
def _perhaps():
    try:
        yield
    except Exception:
        return
