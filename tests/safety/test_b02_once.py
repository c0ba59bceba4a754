"""B2: a form that is sent again is done once, whoever sends it and whenever."""

from __future__ import annotations

import inspect
import os
import re
import signal
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import tepei_admin
from tepei_admin.database import db, open_database
from tepei_admin.errors import RuleViolation
from tepei_admin.models import Batch, Payment, Termination
from tepei_admin.services import accounts, batch, command, entries, once, requests, verbs
from tepei_admin.services.plan import Args
from tests.safety import racing
from tests.safety.racing import RACERS, race
from tests.services.money_cast import END, case, disqualified, in_training, paid, propose, step
from tests.views.browser import Browser
from tests.views.conftest import panel

TEMPLATES = Path(tepei_admin.__file__).parent / "templates"
MOVES = re.compile(
    r"/(tuition|refund|end|amend|confirm|drop|circular|step|waive|answer|return|undo|group)$|^/requests/"
)
"""Where money or status moves at once; all else goes through a proposal, which is its own token."""
KEYED = {
    "open_tuition", "open_refund", "open_step", "open_case", "amend_case", "confirm_host", "drop_case", "circular",
    "open_waiver", "decide", "undo", "come_back", "record_group",
}  # fmt: skip


def instalment(job: tuple[int, str]) -> str:
    number, key = job
    made = entries.open_step(accounts.actor_named("operator"), number, kind="recovery", amount=100, key=key)
    return f"payment {made}"


def instalment_unkeyed(job: tuple[int, str]) -> str:
    racing.key_off()
    return instalment(job)


def pay(payment: int) -> str:
    outcome = verbs.perform(accounts.actor_named("operator"), "pay_payment", [payment], Args(END))
    return "won" if outcome.done else outcome.skipped[0].refused.code


def propose_tuition(person: int) -> str:
    outcome = verbs.perform(accounts.actor_named("operator"), "propose_tuition", [person], Args(END))
    return "won" if outcome.done else outcome.skipped[0].refused.code


def approve(payment: int) -> str:
    outcome = requests.decide(accounts.actor_named("approver"), f"payment-{payment}", yes=True, key="d" * 24)
    return f"batch {outcome.batch}"


def confirm(number: int) -> str:
    return f"batch {batch.confirm(accounts.actor_named('operator'), number, {'on': END.isoformat()}).batch}"


def opened(kind: str) -> int:
    return int(Payment.select().where(Payment.kind == kind).count())


LONG = [2, pytest.param(30, marks=pytest.mark.safety)]


@pytest.mark.parametrize("rounds", LONG)
def test_one_form_from_eight_processes_is_one_payment_each_round(house, rounds):
    number = disqualified(house)[1]
    told = race(house.url, instalment, [[(number, once.new_key())] * RACERS for _ in range(rounds)])
    assert [len(answers) for answers in told] == [1] * rounds, told  # all eight got the same number
    assert opened("recovery") == rounds


def test_without_the_token_the_same_race_pays_eight_times(house):
    number = disqualified(house)[1]
    race(house.url, instalment_unkeyed, [[(number, once.new_key())] * RACERS])
    assert opened("recovery") == RACERS


@pytest.mark.parametrize("rounds", LONG)
def test_eight_at_once_pay_once(house, rounds):
    rows = propose(house, "tuition", *[in_training(house) for _ in range(rounds)])
    step(house, "approve", *rows)
    told = race(house.url, pay, [[row.id] * RACERS for row in rows])
    assert told == [Counter({"won": 1, "payment.not_approved": RACERS - 1})] * rounds


@pytest.mark.parametrize("rounds", LONG)
def test_eight_proposals_at_once_are_one_payment(house, rounds):
    house.actor("operator")
    people = [in_training(house).id for _ in range(rounds)]
    told = race(house.url, propose_tuition, [[person] * RACERS for person in people])
    assert told == [Counter({"won": 1, "tuition.waiting": RACERS - 1})] * rounds
    assert opened("tuition") == rounds


def test_without_lock_and_index_the_same_race_opens_several(house):
    house.actor("operator")
    with db.obj.unguarded():
        db.execute_sql("DROP INDEX payment_one_tuition")
    race(house.url, propose_tuition, [[in_training(house).id] * RACERS], off="payment")
    assert opened("tuition") > 1


def test_eight_decisions_of_one_form_are_one_batch(house):
    house.actor("approver")
    row = propose(house, "tuition", in_training(house))[0]
    told = race(house.url, approve, [[row.id] * RACERS])
    assert len(told[0]) == 1 and Batch.select().where(Batch.verb == "approve_payment").count() == 1


def test_eight_confirmations_of_one_batch_answer_with_the_same_batch(house):
    operator = house.actor("operator")
    people = [in_training(house) for _ in range(3)]
    number = batch.propose(operator, "propose_tuition", [person.id for person in people])
    told = race(house.url, confirm, [[number] * RACERS])
    assert len(told[0]) == 1 and opened("tuition") == 3


def test_a_batch_confirmed_with_other_arguments_is_refused(house):
    operator = house.actor("operator")
    rows = propose(house, "tuition", in_training(house))
    step(house, "approve", *rows)
    number = batch.propose(operator, "pay_payment", [row.id for row in rows])
    first = batch.confirm(operator, number, {"on": "2020-08-31", "voucher": "V1"})
    assert batch.confirm(operator, number, {"on": "2020-08-31", "voucher": "V1"}) == first
    with pytest.raises(RuleViolation) as refusal:
        batch.confirm(operator, number, {"on": "2020-08-31", "voucher": "V2"})
    assert refusal.value.violations[0].code == "verb.already_confirmed"
    assert Payment.get_by_id(rows[0].id).voucher == "V1"


def test_the_same_token_with_another_amount_is_refused(house):
    operator, number = house.actor("operator"), disqualified(house)[1]
    first = entries.open_step(operator, number, kind="recovery", amount=100, key="k" * 24)
    assert entries.open_step(operator, number, kind="recovery", amount=100, key="k" * 24) == first
    with pytest.raises(RuleViolation) as refusal:
        entries.open_step(operator, number, kind="recovery", amount=200, key="k" * 24)
    assert refusal.value.violations[0].code == "command.sent_before"
    assert opened("recovery") == 1


def test_a_token_is_its_users_own_and_its_forms_own(house):
    number = disqualified(house)[1]
    for role in ("operator", "approver"):
        entries.open_step(house.actor(role), number, kind="recovery", amount=100, key="k" * 24)
    assert opened("recovery") == 2
    with pytest.raises(RuleViolation):
        entries.open_step(
            house.actor("operator"), number, kind="remission", amount=100, reason="x", key="k" * 24
        )


def test_a_refused_form_may_be_put_right_and_sent_again(house):
    operator, number = house.actor("operator"), disqualified(house)[1]
    with pytest.raises(RuleViolation):
        entries.open_step(operator, number, kind="recovery", amount=10**12, key="k" * 24)
    assert entries.open_step(operator, number, kind="recovery", amount=100, key="k" * 24)


@pytest.mark.parametrize("key", ["\0", "编号\ud800", "x" * 5000, "' OR 1=1 --"])
def test_any_text_may_come_as_a_token(house, key):
    operator, number = house.actor("operator"), disqualified(house)[1]
    first = entries.open_step(operator, number, kind="recovery", amount=100, key=key)
    assert entries.open_step(operator, number, kind="recovery", amount=100, key=key) == first


def test_every_command_behind_such_a_form_takes_the_token():
    for name in KEYED:
        assert "key" in inspect.signature(command.COMMANDS[name]).parameters, name


def test_every_form_that_moves_money_or_status_carries_a_token():
    found = []
    for path in TEMPLATES.rglob("*.html"):
        for tag, after in re.findall(
            r'<form([^>]*method="post"[^>]*)>(.{0,60})', path.read_text(), re.DOTALL
        ):
            action = re.sub(r"\{\{.*?\}\}", "1", "".join(re.findall(r'action="([^"]*)"', tag))).split("#")[0]
            if MOVES.search(action):
                found.append((path.name, action, "parts.once(" in after))
    assert len(found) >= 12 and all(carries for *_, carries in found), found


# --- By HTTP


def form(browser: Browser, case: int, amount: str = "1.00") -> dict[str, str]:
    """The form of a case's page as it comes, filled in."""
    page = browser.get(f"/terminations/{case}").text
    inside = re.search(rf'action="/terminations/{case}/step"(.*?)</form>', page, re.DOTALL)[1]
    boxes = dict(re.findall(r'name="(csrf_token|key)" value="([^"]+)"', inside))
    return {**boxes, "kind": "recovery", "amount": amount, "reason": ""}


@pytest.mark.parametrize("rounds", LONG)
def test_one_form_posted_eight_times_at_once_is_one_payment(house, tmp_path, rounds):
    number = disqualified(house)[1]
    app = panel(house, tmp_path)
    browser = Browser(app).sign_in(house, "operator")
    gate = threading.Barrier(RACERS)

    def send(data: dict[str, str]) -> tuple[int, str | None]:
        client = app.test_client()
        client.set_cookie("tepei", browser.client.get_cookie("tepei").value)
        gate.wait(60)
        answer = client.post(f"/terminations/{number}/step", data=data)
        db.close()
        return answer.status_code, answer.location

    with ThreadPoolExecutor(RACERS) as pool:
        for _ in range(rounds):
            answers = list(pool.map(send, [form(browser, number)] * RACERS))
            assert answers == [(303, f"/terminations/{number}")] * RACERS, answers
    assert opened("recovery") == rounds


def _die_before_the_answer(url: str, folder: Path, cookie: str, number: int, data: dict[str, str]) -> None:
    """A worker that is killed when its transaction is stored and its answer is not sent."""
    open_database(url)
    whole = command._transact

    def stored_and_gone(*args: Any) -> Any:
        whole(*args)
        os.kill(os.getpid(), signal.SIGKILL)

    app = panel_at(url, folder)
    command._transact = stored_and_gone
    client = app.test_client()
    client.set_cookie("tepei", cookie)
    client.post(f"/terminations/{number}/step", data=data)


def panel_at(url: str, folder: Path) -> Any:
    from tepei_admin.app import create_app
    from tepei_admin.config import Config

    return create_app(Config(data_dir=folder, database_url=url, secret_key="k" * 40))


@pytest.mark.parametrize("rounds", [1, pytest.param(30, marks=pytest.mark.safety)])
def test_a_worker_killed_between_commit_and_answer_leaves_one_payment(house, tmp_path, rounds):
    number = disqualified(house)[1]
    browser = Browser(panel(house, tmp_path)).sign_in(house, "operator")
    for done in range(1, rounds + 1):
        data = form(browser, number)
        cookie = browser.client.get_cookie("tepei").value
        db.close()
        worker = racing._context.Process(
            target=_die_before_the_answer, args=(house.url, tmp_path, cookie, number, data)
        )
        worker.start()
        worker.join(racing.PATIENCE)
        assert worker.exitcode == -signal.SIGKILL
        assert opened("recovery") == done  # stored, though nobody was told
        again = browser.client.post(f"/terminations/{number}/step", data=data)
        assert (again.status_code, again.location) == (303, f"/terminations/{number}")
        assert opened("recovery") == done


def test_the_form_sent_with_another_amount_is_told_so_with_what_was_typed(house, tmp_path):
    number = disqualified(house)[1]
    browser = Browser(panel(house, tmp_path)).sign_in(house, "operator")
    data = form(browser, number)
    browser.client.post(f"/terminations/{number}/step", data=data)
    answer = browser.client.post(f"/terminations/{number}/step", data={**data, "amount": "2.00"})
    assert answer.status_code == 422 and "已经提交并办理过" in answer.text and 'value="2.00"' in answer.text
    assert opened("recovery") == 1


def test_a_case_opened_twice_by_one_form_is_one_case(house):
    person = in_training(house)
    paid(house, "tuition", person)
    assert case(house, person, key="c" * 24) == case(house, person, key="c" * 24)
    assert Termination.select().count() == 1
