"""特批: an override on the record, of a finding, a full quota, a held grade. Opened by one, decided by another."""

from __future__ import annotations

from typing import Any

from tepei_admin.choices import RequestState, Rule, Status, WaiverKind
from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.models import Trainee, Waiver
from tepei_admin.permissions import Actor, P
from tepei_admin.rules import certificates
from tepei_admin.services import assessments, clock, eligibility, record, scope
from tepei_admin.services.command import command
from tepei_admin.services.plan import Args, Outcome, sound
from tepei_admin.services.second import Decision, Matter, digest, unchanged
from tepei_admin.services.work import in_hand


@command(P.OPEN)
def open_waiver(
    actor: Actor,
    trainee: object,
    *,
    kind: str,
    rule: str = "",
    reason: str,
    approval_no: str = "",
    key: str = "",
) -> int:
    """Ask for an override: of one finding, of a full quota, of a held grade. The number of the waiver."""
    person = scope.get(actor, Trainee, trainee)
    if not reason.strip():
        raise RuleViolation(Violation("verb.reason_required", "reason"))
    sound(Args(clock.today(), reason=reason, approval_no=approval_no))
    if kind not in set(WaiverKind):
        raise RuleViolation(Violation("waiver.unknown_kind", "kind", {"kind": kind}))
    if kind == WaiverKind.FINDING:
        _must_hinder(person, rule)
    if kind == WaiverKind.GRADE:
        _must_be_held(person)
    row = {
        "trainee": person.id,
        "kind": kind,
        "rule": rule if kind == WaiverKind.FINDING else "",
        "reason": reason.strip(),
        "approval_no": approval_no.strip(),
        "opened_by": actor.id,
        "opened_at": in_hand().at,
        "digest": digest(_shown(kind, rule, person), person.version),
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


def _must_be_held(person: Trainee) -> None:
    """A grade is decided once, where `complete` waits for it and nothing else is asked already."""
    graded = assessments.completions([person.id]).get(person.id)
    to = certificates.outcome(
        graded.grade if graded else None, assessments.passing([person.programme_id])[person.programme_id]
    )
    held = isinstance(to, Violation) and to.code == "certificate.grade_held"
    if person.status != Status.TRAINING or not held:
        raise RuleViolation(Violation("waiver.grade_not_held", "kind", {"name": person.name}))
    if person.id in assessments.waived([person.id]):
        raise RuleViolation(Violation("waiver.grade_decided", "kind", {"name": person.name}))
    mine = (Waiver.trainee == person.id, Waiver.kind == WaiverKind.GRADE, Waiver.state == RequestState.OPEN)
    if Waiver.select().where(*mine).exists():
        raise RuleViolation(Violation("waiver.grade_open", "kind", {"name": person.name}))


def _shown(kind: str, rule: str, person: Trainee) -> dict[str, Any]:
    """What the opener saw and the second person decides on."""
    shown: dict[str, Any] = {"kind": str(kind), "rule": rule}
    if kind == WaiverKind.GRADE:
        graded = assessments.completions([person.id]).get(person.id)
        shown["grade"] = [graded.id, graded.grade.value, graded.on.isoformat()] if graded else None
    return shown


def told(waiver: Waiver) -> str:
    if waiver.kind == WaiverKind.GRADE:
        return f"考核等次认定：{waiver.trainee.name}（结业考核基本合格；同意即通过，不同意即考核未通过）"
    if waiver.kind == WaiverKind.QUOTA:
        return f"特批：{waiver.trainee.name}（超出单位名额）"
    return f"特批：{waiver.trainee.name}（{WaiverKind.label_of(waiver.kind)}：{Rule.label_of(waiver.rule)}）"


def _decide(waiver: Waiver, decision: Decision) -> Outcome:
    """An approved waiver of a finding is computed in at once."""
    state = RequestState.APPROVED if decision.yes else RequestState.REFUSED
    grade = waiver.kind == WaiverKind.GRADE
    if decision.yes or grade:  # 不通过 decides as much as 通过
        shown = _shown(waiver.kind, waiver.rule, waiver.trainee)
        unchanged(waiver.digest, shown, waiver.trainee.version, waiver.trainee.name)
    words = (
        "：".join(filter(None, ("通过" if decision.yes else "不通过", decision.reason)))
        if grade
        else decision.reason
    )
    values = {"state": state.value, "decision": words[:255], **decision.columns()}
    record.update(Waiver, [waiver.id], values, expect={"state": RequestState.OPEN.value})
    if grade:
        return Outcome(None, done=(waiver.trainee_id,))
    if not decision.yes:
        return Outcome(None)
    eligibility.store(eligibility.compute({waiver.trainee_id: waiver.trainee.track_id}))
    return Outcome(None, done=(waiver.trainee_id,))


MATTER = Matter("waiver", Waiver, frozenset({RequestState.OPEN.value}), told, _decide)
