"""A bulk action's way: propose (what was chosen), look (reads only), confirm (does that very set), undo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tepei_admin.database import among
from tepei_admin.errors import NotFound, RuleViolation, Violation
from tepei_admin.models import Batch, BatchRow, Proposal
from tepei_admin.permissions import Actor
from tepei_admin.services import record, verbs
from tepei_admin.services.asks import args_of
from tepei_admin.services.command import command
from tepei_admin.services.plan import Args, Ids, Outcome, Plan
from tepei_admin.services.scope import number_of, scope
from tepei_admin.services.undo import undo  # noqa: F401  (the fourth step)
from tepei_admin.services.work import in_hand

LARGEST = 20_000
"""People in one batch; more is a mistake of the filter."""


@command(None)
def propose(actor: Actor, verb: str, ids: Ids, arguments: Mapping[str, Any] | None = None) -> int:
    """Keep what a person has chosen, with the versions as shown; the number of the proposal."""
    item = verbs.spec(verb)
    actor.require(item.right)
    condition = scope(actor, item.model)
    query = item.model.select(item.model.id, item.model.version).where(among(item.model.id, sorted(set(ids))))
    rows = list((query if condition is None else query.where(condition)).order_by(item.model.id).tuples())
    if not rows:
        raise RuleViolation(Violation("verb.nobody_chosen"))
    if len(rows) > LARGEST:
        raise RuleViolation(Violation("verb.too_many", params={"count": len(rows), "limit": LARGEST}))
    values = {"verb": verb, "arguments": dict(arguments or {}), "ids": [list(row) for row in rows]}
    return record.insert_many(Proposal, [{**values, "by": actor.id, "at": in_hand().at}], logged=False)[0]


@dataclass(frozen=True)
class Look:
    """A proposal as the look-first page shows it. `plan` is None while arguments are missing (`missing`)."""

    number: int
    spec: verbs.VerbSpec
    count: int
    args: Args
    plan: Plan | None
    missing: tuple[Violation, ...]
    used: int | None


def look(actor: Actor, number: object, arguments: Mapping[str, Any] | None = None) -> Look:
    """What would happen with these arguments (those kept with the proposal by default). Reads only."""
    kept = _own(actor, number)
    item = verbs.spec(kept.verb)
    args = _args(kept, arguments)
    ids, versions = _ids(kept)
    made: Plan | None = None
    missing: tuple[Violation, ...] = ()
    try:
        made = verbs.plan(actor, kept.verb, ids, args, versions)
    except RuleViolation as refusal:
        missing = refusal.violations
    return Look(kept.id, item, len(ids), args, made, missing, kept.batch_id)


@command(None)
def confirm(actor: Actor, number: object, arguments: Mapping[str, Any] | None = None) -> Outcome:
    """Do the proposal, once: planned again under the lock, for the very people that were shown.

    Sent again, it answers with the batch of the first time, unless its arguments are others now.
    """
    kept = _own(actor, number)
    args = _args(kept, arguments)
    if kept.batch_id is not None:
        return _done(kept.batch_id, args)
    ids, versions = _ids(kept)
    outcome = verbs.perform(actor, kept.verb, ids, args, versions=versions)
    if outcome.batch is not None:
        record.update(Proposal, [kept.id], {"batch": outcome.batch}, expect={"batch": None})
    return outcome


def _done(number: int, args: Args) -> Outcome:
    """What the batch of a proposal did."""
    if Batch.get_by_id(number).arguments != args.as_dict():
        raise RuleViolation(Violation("verb.already_confirmed", params={"batch": number}))
    lines = BatchRow.select(BatchRow.object_id).where(BatchRow.batch == number, BatchRow.done == True)  # noqa: E712
    return Outcome(number, tuple(row[0] for row in lines.order_by(BatchRow.id).tuples()))


def _args(kept: Proposal, arguments: Mapping[str, Any] | None) -> Args:
    return args_of({**kept.arguments, **(arguments or {})}, verbs.spec(kept.verb).asks or ("on",))


def _own(actor: Actor, number: object) -> Proposal:
    """A proposal is its maker's own; while it is being confirmed, nobody else confirms it."""
    parsed = number_of(number)
    query = Proposal.select().where(Proposal.id == parsed, Proposal.by == actor.id)
    kept = record.locked(query).first() if parsed else None
    if kept is None:
        raise NotFound(Violation("access.not_found"))
    return kept


def _ids(kept: Proposal) -> tuple[list[int], dict[int, int]]:
    return [number for number, _ in kept.ids], dict(kept.ids)
