"""The history's head, kept anew by a person's word."""

from __future__ import annotations

from tepei_admin.errors import RuleViolation, Violation, ensure
from tepei_admin.permissions import Actor, P
from tepei_admin.services import audit, record
from tepei_admin.services.command import command
from tepei_admin.services.work import in_hand


def renew(actor: Actor) -> None:
    """Where the head is gone and somebody has compared the end with a backup. Raises `RuleViolation` for a broken chain."""
    actor.require(P.ACCOUNTS)
    ensure(audit.headless(), "audit.has_head")
    if broken := audit.verify():
        raise RuleViolation(Violation("audit.broken", params={"row": broken.row}))
    _renew(actor)


@command(P.ACCOUNTS)
def _renew(actor: Actor) -> None:
    record.event("head_renewed")
    in_hand().begins = True
