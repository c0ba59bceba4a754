"""特批: an override on the record, of one finding or of a full quota. Opened by one person, decided by another."""

from __future__ import annotations

from tepei_admin.choices import RequestState, Rule, WaiverKind
from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.models import Trainee, Waiver
from tepei_admin.permissions import Actor, P
from tepei_admin.services import eligibility, record, scope
from tepei_admin.services.command import command
from tepei_admin.services.plan import Args, Outcome, sound
from tepei_admin.services.second import Decision, Matter, digest, unchanged
from tepei_admin.services.work import in_hand


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
        "digest": digest({"kind": kind, "rule": rule}, person.version),
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


def told(waiver: Waiver) -> str:
    what = Rule.label_of(waiver.rule) if waiver.kind == WaiverKind.FINDING else "名额"
    return f"特批：{waiver.trainee.name}（{WaiverKind.label_of(waiver.kind)}：{what}）"


def _decide(waiver: Waiver, decision: Decision) -> Outcome:
    """An approved waiver of a finding is computed in at once."""
    state = RequestState.APPROVED if decision.yes else RequestState.REFUSED
    if decision.yes:
        shown = {"kind": waiver.kind, "rule": waiver.rule}
        unchanged(waiver.digest, shown, waiver.trainee.version, waiver.trainee.name)
    values = {"state": state.value, "decision": decision.reason, **decision.columns()}
    record.update(Waiver, [waiver.id], values, expect={"state": RequestState.OPEN.value})
    if not decision.yes:
        return Outcome(None)
    eligibility.store(eligibility.compute({waiver.trainee_id: waiver.trainee.track_id}))
    return Outcome(None, done=(waiver.trainee_id,))


MATTER = Matter("waiver", Waiver, frozenset({RequestState.OPEN.value}), told, _decide)
