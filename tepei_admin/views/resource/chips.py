"""Which colour a status has; the word stands beside it always."""

from __future__ import annotations

from tepei_admin import choices as c

CHIPS: dict[str, str] = {}


def _paint(colour: str, *members: c.Choice) -> None:
    CHIPS.update({f"{type(member).__name__}.{member.value}": colour for member in members})


_paint(
    "ok", c.Result.ELIGIBLE, c.Verdict.MET, c.Status.COMPLETED, c.Status.CERTIFIED, c.PlacementState.CURRENT
)
_paint("ok", c.LeaveState.GRANTED, c.PaymentState.PAID, c.RequestState.APPROVED, c.CertificateState.ISSUED)
_paint("ok", c.TerminationState.SETTLED, c.BatchState.DONE, c.Grade.EXCELLENT, c.Grade.PASS)
_paint("wait", c.Result.PENDING, c.Verdict.UNKNOWN, c.Verdict.NEEDS_DECISION, c.PlacementState.PROPOSED)
_paint("wait", c.LeaveState.ASKED, c.PaymentState.DRAFT, c.RequestState.OPEN, c.TerminationState.OPENED)
_paint("wait", c.TerminationState.CONFIRMED, c.BatchState.PARTLY_UNDONE, c.Grade.BASIC)
_paint(
    "bad",
    c.Result.INELIGIBLE,
    c.Verdict.NOT_MET,
    c.Status.NO_SHOW,
    c.Status.TERMINATED,
    c.Status.DISQUALIFIED,
)
_paint("bad", c.Status.FAILED, c.LeaveState.REFUSED, c.RequestState.REFUSED, c.CertificateState.REVOKED)
_paint("bad", c.Grade.FAIL)
_paint("done", c.Status.RECOMMENDED, c.Status.ADMITTED, c.Status.NOTIFIED, c.Status.TRAINING)
_paint(
    "done",
    c.PlacementState.CONFIRMED,
    c.PaymentState.APPROVED,
    c.TerminationState.DECIDED,
    c.LeaveState.RETURNED,
)
_paint("plain", c.Status.APPLIED, c.Status.REJECTED, c.Status.WITHDRAWN, c.PlacementState.ENDED)
_paint(
    "plain", c.PlacementState.REPLACED, c.PlacementState.CANCELLED, c.PaymentState.VOID, c.BatchState.UNDONE
)
_paint("plain", c.TerminationState.DROPPED, c.TerminationState.OVERTURNED, c.CertificateState.VOID)


def colour(members: type[c.Choice], value: object) -> str | None:
    """The chip's colour; None for a list that has no colours."""
    return CHIPS.get(f"{members.__name__}.{value}")
