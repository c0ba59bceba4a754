"""What the check reports and never counts: range and field (一（一）), papers in time (五)."""

from __future__ import annotations

from typing import Any

from tepei_admin.choices import FieldOfWork, Rule, Schooling, Verdict
from tepei_admin.messages import word
from tepei_admin.rules.calendar import chinese
from tepei_admin.rules.facts import PersonFacts
from tepei_admin.rules.finding import Finding, any_of
from tepei_admin.rules.parts import schooling, title
from tepei_admin.rules.policy import TrackPolicy
from tepei_admin.rules.routes import tells

MIDDLE = "420"  # 一（一）: 中高级专业技术资格


def check_scope(facts: PersonFacts, policy: TrackPolicy) -> Finding:
    """一（一）: a middle or senior title, or a bachelor's schooling. Reported, never counted."""
    parts = (title(facts, MIDDLE), schooling(facts, Schooling.BACHELOR))
    verdict = any_of(part.verdict for part in parts)
    shown = [part.text for part in parts if tells(part.verdict, verdict)]
    params = {"reasons": word("eligibility.joint").join(shown)}
    used = {"parts": [part.as_dict() for part in parts]}
    return Finding(Rule.SCOPE, verdict, False, "一（一）", f"eligibility.scope.{verdict.value}", params, used)


def check_field(facts: PersonFacts, policy: TrackPolicy) -> Finding:
    """One of the four fields of 一（一）. Reported, never counted."""
    known = facts.field in {value for value, _ in FieldOfWork.choices()}
    verdict = Verdict.MET if known else Verdict.UNKNOWN
    params = {"field": FieldOfWork.label_of(facts.field)}
    code = f"eligibility.field.{verdict.value}"
    return Finding(Rule.FIELD, verdict, False, "一（一）", code, params, {"field": facts.field})


def check_on_time(facts: PersonFacts, policy: TrackPolicy) -> Finding:
    """五: received by the deadline, the day itself included. Reported, never counted."""
    received, deadline = facts.received_on, policy.deadline
    if received is None:
        verdict = Verdict.UNKNOWN
    else:
        verdict = Verdict.MET if received <= deadline else Verdict.NOT_MET
    params = {"received": chinese(received) if received else "", "deadline": chinese(deadline)}
    used: dict[str, Any] = {
        "received_on": received.isoformat() if received else None,
        "deadline": deadline.isoformat(),
    }
    return Finding(Rule.ON_TIME, verdict, False, "五", f"eligibility.on_time.{verdict.value}", params, used)
