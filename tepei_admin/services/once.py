"""A form that moves money is done once: sent again, it answers with what it did the first time.

The key is made with the page and posted with the form. Ask only under a lock that both posts need (the person's).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from tepei_admin.models import Proposal
from tepei_admin.permissions import Actor
from tepei_admin.services import record
from tepei_admin.services.work import in_hand

LENGTH = 24


def new_key() -> str:
    """A key for a form that is about to be shown."""
    return secrets.token_hex(LENGTH // 2)


def once(actor: Actor, key: str, action: Callable[[], int]) -> int:
    """Do it, unless this actor's form of that key has been done; the number of the row that it made."""
    if not key:
        return action()
    name = f"once:{key[:LENGTH]}"
    done = Proposal.select(Proposal.arguments).where(Proposal.verb == name, Proposal.by == actor.id).first()
    if done is not None:
        return int(done.arguments["made"])
    made = action()
    row = {"verb": name, "arguments": {"made": made}, "ids": [], "by": actor.id, "at": in_hand().at}
    record.insert_many(Proposal, [row], logged=False)
    return made
