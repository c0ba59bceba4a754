"""What waits for a second person: one list (待核准), one way to decide.

Waivers, payments and terminations are their own request; `Request` holds a verb that has no record of its own.
Each keeps a digest of what was shown: deciding is refused, and the matter stays open, when that has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from peewee import fn

from tepei_admin.choices import RequestState, Status, Verb
from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.messages import say
from tepei_admin.models import AuditEntry, Batch, Request, Trainee, User
from tepei_admin.permissions import Actor, P
from tepei_admin.services import (
    batches,
    certificates,
    clock,
    payments,
    placements,
    record,
    reinstate,
    scope,
    terminations,
    undo_drafts,
    waivers,
)
from tepei_admin.services.command import command
from tepei_admin.services.lifecycle import move
from tepei_admin.services.plan import Args, Ids, Line, Outcome, Plan
from tepei_admin.services.second import Decision, Matter, Waiting, digest, solo, unchanged
from tepei_admin.services.waivers import open_waiver
from tepei_admin.services.work import in_hand

Planner = Callable[[Actor, Ids, Args], Plan]
LONGEST = 255
"""Characters of a decision's words."""
PLANNERS: dict[Verb, Planner] = {Verb.REINSTATE: reinstate.plan_reinstate, **certificates.ENDINGS}
"""The verbs that are opened as a `Request`."""
APPLY: dict[Verb, Callable[[Plan], None]] = {**certificates.APPLY}
"""Those that do more than `move`."""


def open_all(actor: Actor, verb: Verb, made: Plan) -> tuple[int, ...]:
    """A request for each line that could be done now."""
    rows = [
        {
            "verb": verb.value,
            "trainee": line.id,
            "arguments": made.args.as_dict(),
            "text": _worded(verb, line),
            "reason": made.args.reason,
            "opened_by": actor.id,
            "opened_at": in_hand().at,
            "digest": digest(line.values, line.version),
        }
        for line in made.doable
    ]
    return tuple(record.insert_many(Request, rows))


def _worded(verb: Verb, line: Line) -> str:
    """恢复：王明 → 已录取; where the line has a note, that: 证书作废：王明（编号 2019W0001）."""
    if line.note:
        return f"{verb.label}：{line.name}（{say(line.note)}）"
    return f"{verb.label}：{line.name} → {Status(line.values['status']).label}"


def _decide(request: Request, decision: Decision) -> Outcome:
    """The requested verb, planned again: it must come to the very thing that was shown."""
    state = RequestState.APPROVED if decision.yes else RequestState.REFUSED
    outcome = _run(request, decision.actor) if decision.yes else Outcome(None)
    values = {"state": state.value, "decision": decision.reason, **decision.columns()}
    record.update(Request, [request.id], values, expect={"state": RequestState.OPEN.value})
    return outcome


def _run(request: Request, actor: Actor) -> Outcome:
    args, verb = Args.from_dict(request.arguments), Verb(request.verb)
    made = PLANNERS[verb](actor, [request.trainee_id], args)
    line = made.lines[0]
    if line.refused is not None:
        raise RuleViolation(line.refused)
    unchanged(request.digest, line.values, line.version, line.name)
    batch = batches.begin(actor, verb.value, f"{verb.label} 1 人", made)
    if verb is Verb.REINSTATE:
        placements.restore([line.id])
    if verb in APPLY:
        APPLY[verb](made)
    else:
        move(made.doable, verb, args)
    if verb is Verb.REINSTATE:
        reinstate.restore(made.doable)
    batches.close(batch, made)
    return Outcome(batch, done=(line.id,))


REQUEST = Matter("request", Request, frozenset({RequestState.OPEN.value}), lambda row: row.text, _decide)
MATTERS: dict[str, Matter] = {
    matter.kind: matter for matter in (REQUEST, waivers.MATTER, payments.MATTER, terminations.MATTER)
}
"""Every kind of matter, by the first word of its reference."""


def waiting(actor: Actor) -> list[Waiting]:
    """All that is open within the actor's sight, oldest first."""
    found = [_told(matter, row) for matter in MATTERS.values() for row in _open(actor, matter)]
    return sorted(found, key=lambda item: (item.opened_at, item.ref))


def _told(matter: Matter, row: Any) -> Waiting:
    opener = row.opened_by.name or row.opened_by.username
    reason = getattr(row, "reason", "") or getattr(row, "facts", "")
    return Waiting(
        f"{matter.kind}-{row.id}",
        matter.text(row),
        reason,
        row.trainee_id,
        opener,
        row.opened_by_id,
        row.opened_at,
        matter.shown(row) if matter.shown else (),
        matter.asks(row) if matter.asks else {},
        f"{matter.page}/{row.id}" if matter.page else "",
    )


def _open(actor: Actor, matter: Matter) -> list[Any]:
    model = matter.model
    query = scope.visible(actor, model).where(model.state.in_(sorted(matter.open)))
    return list(query.select(model, User, Trainee).join(User, on=model.opened_by).switch(model).join(Trainee))


def opened_by(batch: Batch) -> tuple[int, int]:
    """(matters that a batch opened, those of them that still wait). One query.

    By what it wrote, not by its verb: an opening and its approval are batches of the same verb.
    """
    matter = payments.MATTER if batch.verb in undo_drafts.OPENED_BY else REQUEST
    model: Any = matter.model
    written = AuditEntry.select(AuditEntry.object_id).where(
        AuditEntry.batch_id == batch.id,
        AuditEntry.model == model._meta.table_name,
        AuditEntry.action == "insert",
    )
    query = model.select(model.state, fn.COUNT(model.id)).where(model.id.in_(written)).group_by(model.state)
    counts = dict(query.tuples())
    return sum(counts.values()), sum(count for state, count in counts.items() if state in matter.open)


@command(P.DECIDE)
def decide(
    actor: Actor,
    ref: str,
    *,
    yes: bool,
    reason: str = "",
    more: Mapping[str, str] | None = None,
    key: str = "",
) -> Outcome:
    """Decide what another person opened. Yes does it in the same transaction. `more`: what the matter `asks`."""
    fits = len(reason) <= LONGEST
    ensure(fits, "record.too_long", "reason", label="核准意见", limit=LONGEST, length=len(reason))
    matter, row = _matter(actor, ref)
    return matter.decide(row, Decision(actor, yes, reason.strip(), solo(actor, row), more or {}))


def _matter(actor: Actor, ref: str) -> tuple[Matter, Any]:
    """The open matter of a reference."""
    kind, _, number = ref.partition("-")
    matter = MATTERS.get(kind)
    if matter is None:
        raise RuleViolation(Violation("request.unknown", params={"ref": ref}))
    row: Any = scope.get(actor, matter.model, number)
    if row.state not in matter.open:
        raise RuleViolation(_closed(matter, row))
    return matter, row


def _closed(matter: Matter, row: Any) -> Violation:
    """What became of a matter, and by whom and when where somebody decided it."""
    label = dict(matter.model._meta.fields["state"].choices).get(row.state, row.state)
    params = {"title": matter.text(row), "state": label}
    if row.decided_by_id is None:
        return Violation("request.closed", params=params)
    by = row.decided_by.name or row.decided_by.username
    at = f"{clock.in_office(row.decided_at):%Y-%m-%d %H:%M}"
    return Violation("request.decided", params={**params, "by": by, "at": at})


__all__ = ["MATTERS", "PLANNERS", "Waiting", "decide", "open_all", "open_waiver", "waiting"]
