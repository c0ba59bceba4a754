"""What waits for a second person: one list (待核准), one way to decide.

A waiver is its own request; `Request` holds a verb that has no record of its own (reinstate). Each keeps a
digest of what was shown: deciding is refused, and the matter stays open, when that has changed since.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tepei_admin.choices import RequestState, Rule, Status, Switch, Verb, WaiverKind
from tepei_admin.database import among
from tepei_admin.errors import RuleViolation, Stale, Violation
from tepei_admin.models import Programme, Request, StatusChange, Trainee, User, Waiver
from tepei_admin.permissions import Actor, P
from tepei_admin.rules.quota import FREEING, TRACK_TAKING, UNIT_TAKING
from tepei_admin.schema import Record
from tepei_admin.services import batches, eligibility, gather, places, record, scope
from tepei_admin.services.command import command
from tepei_admin.services.lifecycle import move
from tepei_admin.services.people import Person, chosen, hindrance
from tepei_admin.services.plan import Args, Ids, Line, Outcome, Plan, needs, sound
from tepei_admin.services.work import in_hand


@dataclass(frozen=True)
class Waiting:
    """A row of 待核准. `ref` is "request-3" or "waiver-12"."""

    ref: str
    text: str
    reason: str
    trainee: int
    opened_by: str
    opened_by_id: int
    opened_at: dt.datetime


# --- Reinstating: opened by one, done when another decides


def plan_reinstate(actor: Actor, people: Ids, args: Args) -> Plan:
    """恢复 to where a side exit left; a place that was given back is needed again."""
    needs(args, "reason")
    persons = chosen(actor, people)
    left = _left_from([person.id for person in persons])
    over = gather.over_quota(left)
    quotas = places.of_units((person.track, person.unit) for person in persons)
    totals = places.of_tracks(person.track for person in persons)

    def line(person: Person) -> Line:
        refused = hindrance(person, Verb.REINSTATE, args)
        target = left.get(person.id)
        if refused is None and target is None:
            refused = Violation("verb.nowhere_to_go_back")
        if refused is None and person.status in FREEING and target in UNIT_TAKING:
            refused = quotas.take((person.track, person.unit), over=person.id in over)
            if refused is None and target in TRACK_TAKING:
                refused = totals.take(person.track, over=person.id in over)
        return person.line(refused, status=target.value if target else "")

    return Plan(Verb.REINSTATE, args, tuple(line(person) for person in persons))


PLANNERS: dict[Verb, Callable[[Actor, Ids, Args], Plan]] = {Verb.REINSTATE: plan_reinstate}


def _left_from(people: list[int]) -> dict[int, Status]:
    """Where each person stood before the last move."""
    query = StatusChange.select(StatusChange.trainee, StatusChange.from_status)
    query = query.where(among(StatusChange.trainee, people)).order_by(StatusChange.id)
    return {person: Status(status) for person, status in query.tuples()}


def open_all(actor: Actor, verb: Verb, made: Plan) -> tuple[int, ...]:
    """A request for each line that could be done now."""
    rows = [
        {
            "verb": verb.value,
            "trainee": line.id,
            "arguments": made.args.as_dict(),
            "text": f"{verb.label}：{line.name} → {Status(line.values['status']).label}",
            "reason": made.args.reason,
            "opened_by": actor.id,
            "opened_at": in_hand().at,
            "digest": _digest(line.values, line.version),
        }
        for line in made.doable
    ]
    return tuple(record.insert_many(Request, rows))


# --- Waivers


@command(P.OPEN)
def open_waiver(
    actor: Actor, trainee: object, *, kind: str, rule: str = "", reason: str, approval_no: str = ""
) -> int:
    """Ask for an override: of one finding, or of a full quota. The number of the waiver."""
    person = scope.get(actor, Trainee, trainee)
    if not reason.strip():
        raise RuleViolation(Violation("verb.reason_required", "reason"))
    sound(Args(in_hand().at.date(), reason=reason, approval_no=approval_no))
    if kind not in (WaiverKind.FINDING, WaiverKind.QUOTA):
        raise RuleViolation(Violation("waiver.unknown_kind", "kind", {"kind": kind}))
    if kind == WaiverKind.FINDING:
        _must_hinder(person, rule)
    row = {
        "trainee": person.id,
        "kind": kind,
        "rule": rule if kind == WaiverKind.FINDING else "",
        "reason": reason.strip(),
        "approval_no": approval_no.strip(),
        "opened_by": actor.id,
        "opened_at": in_hand().at,
        "digest": _digest({"kind": kind, "rule": rule}, person.version),
    }
    return record.insert(Waiver, row)


def _must_hinder(person: Trainee, rule: str) -> None:
    """Only a finding that stands in the way can be waived."""
    found = eligibility.compute({person.id: person.track_id})[person.id].check.findings
    hindering = {finding.rule for finding in found if finding.counts and finding.standing != "met"}
    if rule not in hindering:
        label = Rule.label_of(rule)
        raise RuleViolation(
            Violation("waiver.not_hindering", "rule", {"rule": label or "（空）", "name": person.name})
        )


# --- The list, and deciding


def waiting(actor: Actor) -> list[Waiting]:
    """All that is open within the actor's sight, oldest first."""
    found = [
        Waiting(f"request-{row.id}", row.text, row.reason, row.trainee_id, row.opened_by.name or row.opened_by.username,
                row.opened_by_id, row.opened_at)
        for row in _open(actor, Request)
    ] + [
        Waiting(f"waiver-{row.id}", waiver_text(row), row.reason, row.trainee_id,
                row.opened_by.name or row.opened_by.username, row.opened_by_id, row.opened_at)
        for row in _open(actor, Waiver)
    ]  # fmt: skip
    return sorted(found, key=lambda item: (item.opened_at, item.ref))


def _open(actor: Actor, model: type[Record]) -> list[Any]:
    query = scope.visible(actor, model).where(model.state == RequestState.OPEN)
    return list(query.select(model, User, Trainee).join(User, on=model.opened_by).switch(model).join(Trainee))


def waiver_text(waiver: Waiver) -> str:
    what = Rule.label_of(waiver.rule) if waiver.kind == WaiverKind.FINDING else "名额"
    return f"特批：{waiver.trainee.name}（{WaiverKind.label_of(waiver.kind)}：{what}）"


@command(P.DECIDE)
def decide(actor: Actor, ref: str, *, yes: bool, reason: str = "") -> Outcome:
    """Decide what another person opened. Yes runs the verb in the same transaction."""
    sound(Args(in_hand().at.date(), reason=reason))
    model, row = _matter(actor, ref)
    solo = _second_person(actor, row)
    state = RequestState.APPROVED if yes else RequestState.REFUSED
    verdict = {
        "state": state.value,
        "decided_by": actor.id,
        "decided_at": in_hand().at,
        "decision": reason.strip(),
        "solo": solo,
    }
    if not yes:
        record.update(model, [row.id], verdict, expect={"state": RequestState.OPEN.value})
        return Outcome(None)
    if model is Request:
        outcome = _run(actor, row)
        record.update(model, [row.id], verdict, expect={"state": RequestState.OPEN.value})
        return outcome
    _unchanged(row.digest, {"kind": row.kind, "rule": row.rule}, row.trainee.version, row.trainee.name)
    record.update(model, [row.id], verdict, expect={"state": RequestState.OPEN.value})
    eligibility.store(eligibility.compute({row.trainee_id: row.trainee.track_id}))
    return Outcome(None, done=(row.trainee_id,))


def _matter(actor: Actor, ref: str) -> tuple[type[Record], Any]:
    """The open matter of a reference."""
    kind, _, number = ref.partition("-")
    model = {"request": Request, "waiver": Waiver}.get(kind)
    if model is None:
        raise RuleViolation(Violation("request.unknown", params={"ref": ref}))
    row = scope.get(actor, model, number)
    if row.state != RequestState.OPEN:
        raise RuleViolation(
            Violation("request.closed", params={"ref": ref, "state": RequestState.label_of(row.state)})
        )
    return model, row


def _second_person(actor: Actor, row: Any) -> bool:
    """Refuse the opener; under the setting `solo` (一人办理) let it pass, marked. True where it is marked."""
    if row.opened_by_id != actor.id:
        return False
    solo = (
        Programme.select(Programme.solo).where(Programme.id == row.trainee.programme_id).tuples().first()[0]
    )
    if solo != Switch.ON:
        raise RuleViolation(Violation("access.same_person"))
    return True


def _run(actor: Actor, request: Request) -> Outcome:
    """The requested verb, planned again: it must come to the very thing that was shown."""
    args = Args.from_dict(request.arguments)
    made = PLANNERS[Verb(request.verb)](actor, [request.trainee_id], args)
    line = made.lines[0]
    if line.refused is not None:
        raise RuleViolation(line.refused)
    _unchanged(request.digest, line.values, line.version, line.name)
    verb = Verb(request.verb)
    batch = batches.begin(actor, verb.value, f"{verb.label} 1 人", made)
    move(made.doable, verb, args)
    batches.close(batch, made)
    return Outcome(batch, done=(line.id,))


def _unchanged(digest: str, values: Any, version: int, name: str) -> None:
    if digest != _digest(values, version):
        raise Stale(Violation("request.changed_since", params={"name": name}))


def _digest(values: Any, version: int) -> str:
    shown = json.dumps([dict(values), version], ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(shown.encode()).hexdigest()
