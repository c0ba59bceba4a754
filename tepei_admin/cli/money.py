"""Payments: proposed, approved, paid, void, reversed, listed."""

from __future__ import annotations

from typing import Any

from peewee import JOIN

from tepei_admin.choices import PaymentKind, PaymentState
from tepei_admin.cli.printing import listed, refused, show, table, yuan
from tepei_admin.database import among
from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.messages import say
from tepei_admin.models import Payment, Programme, Trainee, User
from tepei_admin.permissions import Actor
from tepei_admin.rules.money import stored
from tepei_admin.services import clock, drafts, payments, programmes, scope, verbs
from tepei_admin.services.plan import Args, Outcome
from tepei_admin.services.proposals import Due


def payments_propose(options: Any, actor: Actor) -> int:
    """Drafts for all who are due; who is not is named with the reason. Exit status 1 where nobody is."""
    year, kind = programmes.find(options.programme), PaymentKind(options.kind)
    people = _people(actor, year, options.id) if options.id else drafts.concerned(actor, year.id, kind)
    name, args = f"propose_{kind.value}", Args(clock.today())
    plan = verbs.plan(actor, name, people, args)
    outcome = Outcome(None)
    if not options.dry_run:
        outcome = verbs.perform(actor, name, people, args)
    due = plan.extra["due"]
    if options.json:
        show([_told(due[line.id]) for line in plan.lines])
    else:
        table(
            (line.name, say(line.refused) if line.refused else line.values["result"]) for line in plan.lines
        )
        total = sum(due[line.id].amount for line in plan.doable)
        batch = f"，批次 {outcome.batch}" if outcome.batch else ""
        word = "可提出" if options.dry_run else "已提出"
        print(f"{word} {len(plan.doable)} 笔，合计 {yuan(total)}，跳过 {len(plan.skipped)} 人{batch}")
    return 0 if plan.doable else 1


def _told(item: Due) -> dict[str, Any]:
    """A line of the proposal; the lines add up to the amount."""
    there = item.refused is None
    return {
        "trainee_id": item.person.id,
        "name": item.person.name,
        "payee": item.payee,
        "amount": yuan(item.amount if there else 0),
        "lines": [
            {"text": line["text"], "amount": line["amount"]} for line in (stored(item.lines) if there else ())
        ],
        "skipped": say(item.refused) if item.refused else None,
        "account_missing": there and item.lacks_account,
    }


def _people(actor: Actor, year: Programme, ids: list[int]) -> list[int]:
    query = scope.visible(actor, Trainee).where(Trainee.programme == year.id, among(Trainee.id, ids))
    known = [row[0] for row in query.select(Trainee.id).tuples()]
    missing = [str(number) for number in ids if number not in known]
    if missing:
        params = {"ids": "、".join(missing), "year": year.year}
        raise RuleViolation(Violation("command.unknown_person", "id", params))
    return known


def payments_approve(options: Any, actor: Actor) -> int:
    return _step(options, actor, "approve")


def payments_pay(options: Any, actor: Actor) -> int:
    return _step(options, actor, "pay")


def payments_void(options: Any, actor: Actor) -> int:
    return _step(options, actor, "void")


def payments_reverse(options: Any, actor: Actor) -> int:
    """Opening the reversal is this command's work: 0, although it then waits for a second person, as a proposal does."""
    return _step(options, actor, "reverse")


def _step(options: Any, actor: Actor, step: str) -> int:
    """One step of their life, as one batch. Exit status 1 where it was refused for every one."""
    year = programmes.find(options.programme)
    more = {"voucher": options.voucher} if options.voucher else {}
    args = Args(options.on or clock.today(), reason=options.reason, more=more)
    name = f"{step}_payment"
    outcome = verbs.perform(actor, name, _chosen(options, actor, year, step), args)
    skipped = [refused(line) for line in outcome.skipped]
    if options.json:
        show({"batch": outcome.batch, "done": list(outcome.done), "skipped": skipped})
    else:
        table((line["id"], f"{line['name']}：{line['text']}") for line in skipped)
        batch = f"，批次 {outcome.batch}" if outcome.batch else ""
        label = "提出冲正" if step == "reverse" else verbs.spec(name).label
        print(f"{label}：已办 {len(outcome.done)} 笔，跳过 {len(skipped)} 笔{batch}")
    return 0 if outcome.done else 1


def _chosen(options: Any, actor: Actor, year: Programme, step: str) -> list[int]:
    if options.kind:
        kind = _kind(options.kind)
        found = payments.candidates(actor, year.id, kind, step)
        if not found:
            raise RuleViolation(Violation("payment.none_of_kind", "kind", {"kind": kind.label}))
        return found
    query = scope.visible(actor, Payment).where(Payment.programme == year.id, among(Payment.id, options.id))
    known = {row[0] for row in query.select(Payment.id).tuples()}
    missing = [str(number) for number in options.id if number not in known]
    if missing:
        params = {"ids": "、".join(missing), "year": year.year}
        raise RuleViolation(Violation("payment.unknown", "id", params))
    return list(dict.fromkeys(options.id))


def _kind(text: str) -> PaymentKind:
    """A kind by its value or its label."""
    for kind in PaymentKind:
        if text in (kind.value, kind.label):
            return kind
    known = "、".join(f"{kind.value}（{kind.label}）" for kind in PaymentKind)
    raise RuleViolation(Violation("payment.unknown_kind", "kind", {"kind": text, "known": known}))


def payments_list(options: Any, actor: Actor) -> None:
    year = programmes.find(options.programme)
    opener, decider = User.alias(), User.alias()
    query = (
        scope.visible(actor, Payment)
        .select(
            Payment.id, Payment.trainee, Payment.kind, Payment.state, Payment.amount, Payment.payee, opener.username,
            decider.username, Payment.paid_on, Payment.voucher, Payment.reverses,
        )
        .join(opener, on=(Payment.opened_by == opener.id))
        .join_from(Payment, decider, JOIN.LEFT_OUTER, on=(Payment.decided_by == decider.id))
        .where(Payment.programme == year.id)
        .order_by(Payment.id)
    )  # fmt: skip
    names = ("id", "trainee_id", "kind", "state", "amount", "payee", "opened_by", "decided_by", "paid_on", "voucher",
             "reverses")  # fmt: skip
    found = [dict(zip(names, row, strict=True)) for row in query.tuples()]
    for row in found:
        row["amount"] = yuan(row["amount"])
    if options.json:
        return show(found)
    labels = {"kind": PaymentKind.label_of, "state": PaymentState.label_of}
    return listed(
        [
            {name: labels.get(name, lambda value: value)(value) for name, value in row.items()}
            for row in found
        ],
        as_json=False,
    )
