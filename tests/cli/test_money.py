"""`tepei-admin payments`, `do terminate`, `requests decide payment-N`: shapes, exit statuses, sums."""

from __future__ import annotations

import datetime as dt

from tepei_admin.models import Payment
from tepei_admin.services import requests
from tests.services.money_cast import case, completed, in_training, received

YEAR = ("--programme", 2019)


def test_a_stipend_from_the_proposal_to_the_voucher(run):
    house = run.house
    person = completed(house, track="inside", start=dt.date(2019, 9, 16))
    house.actor("approver")
    looked = run("payments", "propose", *YEAR, "--kind", "stipend", "--dry-run", "--json")
    assert looked.status == 0 and not Payment.select().exists()
    (line,) = looked.json
    assert {name: line[name] for name in ("trainee_id", "name", "payee", "amount", "skipped")} == {
        "trainee_id": person.id, "name": person.name, "payee": person.name, "amount": "4613.33", "skipped": None,
    }  # fmt: skip
    assert [item["amount"] for item in line["lines"]] == ["4400.00", "213.33"]
    assert run("payments", "propose", *YEAR, "--kind", "stipend", "--json").json[0]["amount"] == "4613.33"
    again = run("payments", "propose", *YEAR, "--kind", "stipend", "--json")
    assert again.status == 1 and "已有一笔生活补贴" in again.json[0]["skipped"]
    assert (
        run("payments", "approve", *YEAR, "--kind", "stipend").status == 1
    )  # the command line does not decide
    assert run("payments", "approve", *YEAR, "--kind", "stipend", "--as", "approver").status == 0
    assert (
        run("payments", "pay", *YEAR, "--kind", "stipend", "--on", "2020-10-09", "--voucher", "记-3").status
        == 0
    )
    (row,) = run("payments", "list", *YEAR, "--json").json
    assert row == {
        "id": row["id"], "trainee_id": person.id, "kind": "stipend", "state": "paid", "amount": "4613.33",
        "payee": person.name, "opened_by": row["opened_by"], "decided_by": "approver", "paid_on": "2020-10-09",
        "voucher": "记-3", "reverses": None,
    }  # fmt: skip
    money = run("programme", "show", 2019, "--json").json["money"]
    assert money["stipend"] == {"draft": "0.00", "approved": "0.00", "paid": "4613.33"}
    assert run("payments", "reverse", *YEAR, "--id", row["id"], "--reason", "有误").status == 0
    waiting = run("requests", "list", "--json").json
    assert [item["id"] for item in waiting] == [f"payment-{row['id'] + 1}"]
    assert run("requests", "decide", waiting[0]["id"], "--yes", "--as", "approver").status == 0
    assert run("programme", "show", 2019, "--json").json["money"]["stipend"]["paid"] == "0.00"
    assert run("payments", "void", *YEAR, "--id", row["id"]).status == 1


def test_wrong_calls_are_told_in_words(quick):
    assert "没有“lunch”" in quick("payments", "void", *YEAR, "--kind", "lunch").err
    assert "没有编号为 9" in quick("payments", "pay", *YEAR, "--id", 9).err
    assert quick("payments", "pay", *YEAR).status == 2
    assert "没有“pay_payment”" in quick("do", "pay_payment", *YEAR, "--id", 1).err


def test_the_case_is_decided_by_the_verb_and_the_sums_follow(run):
    house = run.house
    person = in_training(house)
    house.actor("approver")
    run("payments", "propose", *YEAR, "--kind", "tuition")
    run("payments", "approve", *YEAR, "--kind", "tuition", "--as", "approver")
    run("payments", "pay", *YEAR, "--kind", "tuition")
    words = (
        "do",
        "disqualify",
        *YEAR,
        "--id",
        person.id,
        "--approval-no",
        "8号",
        "--on",
        "2020-02-01",
        "--json",
    )
    missing = run(*words, "--as", "approver")
    assert missing.status == 1 and missing.json["skipped"][0]["code"] == "termination.no_case"
    number = case(house, person)
    assert run(*words).status == 1  # not by the command line's own actor
    decided = run(*words, "--as", "approver")
    assert decided.status == 0 and decided.json["done"] == [person.id] and decided.json["requests"] == []
    received(house, number, 1_000_000)
    received(house, number, 300_000, kind="remission")
    money = run("programme", "show", 2019, "--json").json["money"]
    wanted = {"due": "33000.00", "received": "10000.00", "remitted": "3000.00", "outstanding": "20000.00"}
    assert {name: money["recovery"][name] for name in wanted} == wanted
    assert requests.waiting(house.cli) == []
