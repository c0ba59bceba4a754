"""People in training, with hosts, grades and days away, for what the tests of money are about."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tepei_admin.models import Assessment, Leave, Payment, Placement, Programme, Termination, Trainee, Unit
from tepei_admin.services import entries, money, record, requests, terminations, verbs
from tepei_admin.services.plan import Args
from tests.services.cast import _write, put_into

START, END = dt.date(2019, 9, 1), dt.date(2020, 8, 31)


def host(house: Any, code: str = "H1", name: str = "北京师范大学", account: str = "6222000011112222") -> int:
    """A host unit with a bank account."""
    found = Unit.get_or_none(Unit.code == code)
    if found is not None:
        return int(found.id)
    row = {"code": code, "name": name, "host": True, "bank_name": "工商银行", "bank_account": account}
    return int(_write(house.cli, lambda: record.insert(Unit, row)))


def placed(house: Any, person: Any, **values: Any) -> int:
    """A placement; current from 1 September 2019 unless told otherwise."""
    row = {
        "trainee": person.id,
        "host": values.pop("host", None) or host(house),
        "planned_start": START,
        "planned_end": END,
        "actual_start": START,
        "state": "current",
        **values,
    }
    return int(_write(house.cli, lambda: record.insert(Placement, row)))


def change(house: Any, model: Any, number: int, **values: Any) -> None:
    _write(house.cli, lambda: record.update(model, [number], values))


def in_training(house: Any, *, track: str = "outside", **values: Any) -> Trainee:
    """Somebody in training, with a bank account."""
    own = {name: values.pop(name) for name in list(values) if name in Trainee._meta.fields}
    person = house.trainee(
        track=track, **{"bank_name": "农业银行", "bank_account": "6228480011112222333", **own}
    )
    placed(house, person, **values)
    put_into(person, "training")
    return house.reload(person)


def completed(
    house: Any,
    *,
    start: dt.date = START,
    end: dt.date | None = END,
    grade: str | None = "pass",
    track: str = "outside",
    status: str = "completed",
    **values: Any,
) -> Trainee:
    """Somebody whose training is over, with a completion grade."""
    person = in_training(
        house, track=track, actual_start=start, actual_end=end, state="ended", planned_start=start, **values
    )
    if grade:
        row = {"trainee": person.id, "kind": "completion", "on": end or END, "grade": grade}
        _write(house.cli, lambda: record.insert(Assessment, row))
    put_into(person, status)
    return house.reload(person)


def away(house: Any, person: Any, starts: dt.date, ends: dt.date, **values: Any) -> None:
    row = {
        "trainee": person.id,
        "placement": Placement.get(Placement.trainee == person.id).id,
        "starts": starts,
        "ends": ends,
        "state": "granted",
        **values,
    }
    _write(house.cli, lambda: record.insert(Leave, row))


def setting(house: Any, **values: Any) -> None:
    change(house, Programme, house.programme().id, **values)


def propose(house: Any, kind: str, *people: Any, actor: Any = None) -> list[Payment]:
    """Drafts of a kind for these people."""
    outcome = house.do(f"propose_{kind}", *people, actor=actor or house.actor("operator"))
    wanted = list(outcome.done)
    query = Payment.select().where(
        Payment.trainee.in_(wanted), Payment.kind == kind, Payment.state == "draft"
    )
    return list(query.order_by(Payment.id)) if wanted else []


def step(house: Any, name: str, *rows: Any, role: str = "", on: dt.date = END, **more: Any) -> Any:
    """approve, pay, void or reverse these payments; the outcome."""
    actor = house.actor(role or ("approver" if name == "approve" else "operator"))
    numbers = [getattr(row, "id", row) for row in rows]
    reason = more.pop("reason", "")
    return verbs.perform(actor, f"{name}_payment", numbers, Args(on, reason=reason, more=more))


def paid(house: Any, kind: str, *people: Any, voucher: str = "V1") -> list[Payment]:
    """Proposed by the operator, approved by the approver, paid."""
    rows = propose(house, kind, *people)
    step(house, "approve", *rows)
    step(house, "pay", *rows, voucher=voucher)
    return [Payment.get_by_id(row.id) for row in rows]


def case(house: Any, person: Any, path: str = "left", **values: Any) -> int:
    """An open case by the operator."""
    given = {
        "facts": "2020年1月6日起不到岗",
        "papers": "培养单位来函",
        "actual_end": dt.date(2020, 1, 5),
        **values,
    }
    return terminations.open_case(house.actor("operator"), person.id, path=path, **given)


def decide(house: Any, number: int, role: str = "approver", **more: str) -> Any:
    given = {"decision_no": "内人社函〔2020〕8号", "decided_on": "2020-02-01", **more}
    return requests.decide(house.actor(role), f"termination-{number}", yes=True, more=given)


def disqualified(house: Any, **values: Any) -> tuple[Trainee, int]:
    """Somebody with 33,000.00 paid for, disqualified; the person and the case."""
    person = in_training(house, **values)
    paid(house, "tuition", person)
    number = case(house, person)
    decide(house, number)
    return house.reload(person), number


def received(house: Any, number: int, amount: int, kind: str = "recovery", reason: str = "困难") -> Payment:
    """A step of a case, opened, approved and, where money moves, paid."""
    opened = entries.open_step(house.actor("operator"), number, kind=kind, amount=amount, reason=reason)
    step(house, "approve", opened)
    if kind != "remission":
        step(house, "pay", opened, voucher="S1")
    return Payment.get_by_id(opened)


def ledger(number: int) -> tuple[int, int, int, int]:
    """应收 已收 减免 未收."""
    book = money.book(number)
    assert book is not None
    found = book.ledger
    return found.due, found.received, found.remitted, found.outstanding


def state(number: int) -> str:
    return str(Termination.get_by_id(number).state)


def refusals(outcome: Any) -> list[str]:
    return [line.refused.code for line in outcome.skipped]
