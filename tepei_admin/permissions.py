"""Who may do what: the table of rights (domain: "Roles in the panel"), in this one place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tepei_admin.choices import Role
from tepei_admin.errors import NotAllowed, Violation


class P(StrEnum):
    """A right; one row of the table, or a part of one."""

    READ = "read"
    EXPORT = "export"
    REVEAL = "reveal"  # see an ID or bank number in full, export unmasked (logged)
    ENTER = "enter"  # add, edit, import, attest people while `applied`
    CHECK = "check"  # check eligibility
    WORK = "work"  # verbs of the life cycle; placements, leaves, grades, papers, contacts, letters
    OPEN = "open"  # open what a second person decides; void an unpaid payment; mark paid
    DECIDE = "decide"  # decide what another opened
    SETUP = "setup"  # quotas, programmes and settings, units, templates, letter texts
    ACCOUNTS = "accounts"  # accounts, audit page, backup
    UNDO_OWN = "undo_own"
    UNDO_ANY = "undo_any"


_VIEWER = frozenset({P.READ, P.EXPORT})
_OPERATOR = _VIEWER | {P.REVEAL, P.ENTER, P.CHECK, P.WORK, P.OPEN, P.UNDO_OWN}
_APPROVER = _OPERATOR | {P.DECIDE, P.UNDO_ANY}

GRANTS: dict[Role, frozenset[P]] = {
    Role.VIEWER: _VIEWER,
    Role.CLERK: _VIEWER | {P.ENTER, P.CHECK, P.UNDO_OWN},
    Role.OPERATOR: _OPERATOR,
    Role.APPROVER: _APPROVER,
    Role.ADMIN: _APPROVER | {P.SETUP, P.ACCOUNTS},
}


@dataclass(frozen=True)
class Actor:
    """Who acts: a user of the panel, or the command line's own system row.

    `unit_id` is set for a clerk and limits every row to that unit (see `services.scope`).
    `system` marks the command line's row: all rights of an admin but that of deciding.
    """

    id: int
    name: str
    role: Role
    unit_id: int | None = None
    system: bool = False

    def may(self, right: P) -> bool:
        if self.system and right is P.DECIDE:
            return False
        return right in GRANTS[self.role]

    def require(self, right: P) -> None:
        """Raise `NotAllowed` unless this actor has the right."""
        if not self.may(right):
            code = "access.system_cannot_decide" if self.system else "access.no_right"
            raise NotAllowed(Violation(code, params={"role": self.role.label, "right": right.value}))
