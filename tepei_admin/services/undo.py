"""Undo: a compensating batch that gives untouched rows their old values back, where the domain allows it.

What a batch did is read from the history. A row is touched when its version is no longer the one the batch
left; computed results do not change versions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tepei_admin.choices import BatchState, Status, Verb
from tepei_admin.database import among
from tepei_admin.errors import NotAllowed, RuleViolation, Violation
from tepei_admin.messages import word
from tepei_admin.models import AuditEntry, Batch, BatchRow, EligibilityCheck, StatusChange, Trainee
from tepei_admin.permissions import Actor, P
from tepei_admin.rules.lifecycle import TRANSITIONS
from tepei_admin.rules.quota import TRACK_TAKING, UNIT_TAKING
from tepei_admin.schema import Record
from tepei_admin.services import (
    batches,
    clock,
    places,
    record,
    scope,
    undo_drafts,
    undo_past,
    undo_side,
    undo_since,
)
from tepei_admin.services.command import command
from tepei_admin.services.crud import COMPUTED
from tepei_admin.services.lifecycle import move
from tepei_admin.services.people import Person, chosen
from tepei_admin.services.plan import Args, Line, Outcome, Plan

UNDOABLE = frozenset(
    {verb.value for verb, way in TRANSITIONS.items() if way.undoable}
    | {"import", "edit"}
    | undo_side.STEPS
    | set(undo_drafts.OPENED_BY)
    | set(undo_past.LINES)
)
INSTEAD = {
    "approve_payment": "payment", "pay_payment": "payment", "void_payment": "void", "certify": "certificate",
    "hand_over": "again", "reissue": "reissued", "complete": "complete", "no_show": "end", "terminate": "end",
    "disqualify": "end", "receive": "papers", "archive": "papers",
}  # fmt: skip
"""What is done in place of an undo, by the verb; the words are `undo.instead.<value>`."""


@dataclass(frozen=True)
class Past:
    """What a batch did to one person: added it, or changed these columns from these values."""

    added: bool
    before: Mapping[str, Any]


def lines_of(batch: Batch) -> type[Record]:
    """What the lines of a batch are: people, the payments that it reversed, parts of 往年学员."""
    if batch.verb in undo_past.LINES:
        return undo_past.LINES[batch.verb]
    return undo_drafts.OPENED_BY[batch.verb][0] if batch.verb in undo_drafts.OPENED_BY else Trainee


def plan_undo(actor: Actor, batch: Batch) -> Plan:
    """Which rows of the batch can go back, and what hinders the others."""
    if batch.verb in undo_drafts.OPENED_BY:
        return undo_drafts.plan(actor, batch)
    if batch.verb in undo_past.LINES:
        return undo_past.plan(batch)
    rows = BatchRow.select().where(BatchRow.batch == batch.id, BatchRow.done, BatchRow.model == "trainee")
    left_at = {row.object_id: (row.name, row.object_version) for row in rows.order_by(BatchRow.id)}
    past = _past(batch.id, list(left_at))
    tracks = {item.before["track"] for item in past.values() if "track" in item.before}
    people = {person.id: person for person in chosen(actor, left_at, also_tracks=tracks)}
    goals = {number: _goal(person, past.get(number)) for number, person in people.items()}
    pairs = {(goal.track, goal.unit) for goal in goals.values()} | {
        (p.track, p.unit) for p in people.values()
    }
    quotas = places.of_units(pairs)
    totals = places.of_tracks(track for track, _ in pairs)
    side = undo_side.read(batch.id, batch.verb, list(people))

    attached = _attached([number for number, item in past.items() if item.added])
    later = [number for number, person in people.items() if person.version != left_at[number][1]]
    since = undo_since.touched(Trainee, batch.id, later)

    def line(number: int, name: str) -> Line:
        person = people.get(number)
        if person is None:
            return Line(number, name, 0, Violation("undo.gone"))
        done = past.get(number)
        if number in since and (done or number not in side.rows):
            return person.line(since[number])
        if hindrance := side.hindrance(number):
            return person.line(hindrance)
        if done is None:
            return person.line(None if number in side.rows else Violation("undo.nothing"))
        if done.added:
            return person.line(_hindered(person, attached.get(number)), delete=True)
        return person.line(
            _retake(person, goals[number], quotas, totals), **record.restored(Trainee, done.before)
        )

    lines = tuple(line(number, name) for number, (name, _) in left_at.items())
    args = Args(clock.today(), reason=f"撤销批次 {batch.id}")
    return Plan("undo", args, lines, extra={"side": side})


def _hindered(person: Person, titles: list[str] | None) -> Violation | None:
    """Why somebody whom the import added cannot go again."""
    if person.status != Status.APPLIED:
        return Violation("undo.moved_on")
    return Violation("undo.has_records", params={"titles": "、".join(titles)}) if titles else None


def _attached(people: list[int]) -> dict[int, list[str]]:
    """What hangs on these people by now, beside what the house computed: one query a list."""
    found: dict[int, list[str]] = {}
    for field, child in Trainee._meta.backrefs.items():
        if child not in COMPUTED:
            rows = child.select(field).distinct().where(among(field, people)).tuples()
            for row in rows:
                found.setdefault(row[0], []).append(child.panel.title)
    return found


def _goal(person: Person, past: Past | None) -> Person:
    """The person as it was before the batch."""
    before = dict(past.before) if past else {}
    known = {key: before[key] for key in ("track", "unit", "over_quota") if key in before}
    return replace(person, status=Status(before.get("status", person.status)), **known)


def _retake(now: Person, then: Person, quotas: Any, totals: Any) -> Violation | None:
    """Going back may take a place that somebody else has meanwhile."""
    old, new = (now.track, now.unit), (then.track, then.unit)
    refused = None
    taken = then.status in UNIT_TAKING and (now.status not in UNIT_TAKING or new != old)
    if taken:
        refused = quotas.take(new, over=then.over_quota)
    if (
        refused is None
        and then.status in TRACK_TAKING
        and (now.status not in TRACK_TAKING or new[0] != old[0])
    ):
        refused = totals.take(new[0], over=then.over_quota)
        if refused is not None and taken:
            quotas.give_back(new)
    return refused


def _past(batch: int, ids: list[int]) -> dict[int, Past]:
    """What the history tells of the batch, the earliest value of each column first."""
    query = AuditEntry.select(AuditEntry.object_id, AuditEntry.action, AuditEntry.before).where(
        AuditEntry.batch_id == batch, AuditEntry.model == "trainee", among(AuditEntry.object_id, ids)
    )
    found: dict[int, Past] = {}
    for number, action, before in query.order_by(AuditEntry.id).tuples():
        known = found.get(number, Past(False, {}))
        kept = {key: value for key, value in (before or {}).items() if not key.startswith("eligibility")}
        found[number] = Past(known.added or action == "insert", {**kept, **known.before})
    return found


def may_undo(actor: Actor, batch: Batch) -> Violation | None:
    """Why this actor cannot undo this batch at all; None if the rows decide."""
    if batch.verb not in UNDOABLE:
        instead = word(f"undo.instead.{INSTEAD.get(batch.verb, 'other')}")
        return Violation("undo.not_this_verb", params={"title": batch.title, "instead": instead})
    if batch.state == BatchState.UNDONE:
        return Violation("undo.already", params={"batch": batch.id})
    if not (actor.may(P.UNDO_ANY) or (actor.may(P.UNDO_OWN) and batch.by_id == actor.id)):
        return Violation("undo.not_yours")
    return None


@command(None)
def undo(actor: Actor, number: object, *, reason: str = "", key: str = "") -> Outcome:
    """Take a batch back as far as its rows are untouched; the others are named with their reason."""
    batch = scope.get(actor, Batch, number)
    hindrance = may_undo(actor, batch)
    if hindrance is not None:
        raise NotAllowed(hindrance) if hindrance.code == "undo.not_yours" else RuleViolation(hindrance)
    made = plan_undo(actor, batch)
    if not made.doable:
        return Outcome(None, skipped=made.skipped)
    title = f"撤销批次 {batch.id}（{batch.title}）"
    compensating = batches.begin(actor, "undo", title, made, undoes=batch.id, programme=batch.programme_id)
    if batch.verb in undo_drafts.OPENED_BY:
        undo_drafts.apply(made)
    elif batch.verb in undo_past.LINES:
        undo_past.apply(made)
    else:
        _give_back(made)
    state = BatchState.PARTLY_UNDONE if made.skipped else BatchState.UNDONE
    record.update(Batch, [batch.id], {"state": state.value})
    batches.close(compensating, made, lines_of(batch))
    return Outcome(compensating, tuple(line.id for line in made.doable), made.skipped)


def _give_back(made: Plan) -> None:
    """People and what hangs on them, as they were before the batch."""
    made.extra["side"].revert([line.id for line in made.doable])
    move([line for line in made.doable if "delete" not in line.values], Verb.UNDO, made.args)
    _remove([line.id for line in made.doable if "delete" in line.values])


def _remove(people: list[int]) -> None:
    """People whom the import added go again, with what was computed of them; the history keeps them."""
    for model in (EligibilityCheck, StatusChange):
        numbers = [row[0] for row in model.select(model.id).where(among(model.trainee, people)).tuples()]
        record.delete(model, numbers, logged=False)
    record.delete(Trainee, people)
