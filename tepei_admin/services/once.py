"""A form is done once: sent again, it answers with what it did the first time; with other content it is refused.

The key is made with the page and posted with the form. `command` asks here, for every command that has a `key`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from tepei_admin.database import db
from tepei_admin.errors import ensure
from tepei_admin.models import Proposal
from tepei_admin.permissions import Actor
from tepei_admin.services import record
from tepei_admin.services.plan import Outcome
from tepei_admin.services.second import digest
from tepei_admin.services.work import in_hand

LENGTH = 24


def new_key() -> str:
    """A key for a form that is about to be shown."""
    return secrets.token_hex(LENGTH // 2)


def once(actor: Actor, key: str, content: Mapping[str, Any], make: Callable[[], Any]) -> Any:
    """Do it, unless this actor's form of that key has been done: then what was made the first time.

    Who sends the same form at the same moment waits until the first is stored.
    """
    name = f"once:{hashlib.sha256(key.encode(errors='surrogatepass')).hexdigest()[:LENGTH]}"
    shown = digest(content)
    db.obj.lock_word(f"{actor.id} {name}")
    done = Proposal.select(Proposal.arguments).where(Proposal.verb == name, Proposal.by == actor.id).first()
    if done is not None:
        ensure(done.arguments["content"] == shown, "command.sent_before")
        return _answer(done.arguments["made"])
    made = make()
    arguments = {"content": shown, "made": _stored(made)}
    row = {"verb": name, "arguments": arguments, "ids": [], "by": actor.id, "at": in_hand().at}
    record.insert_many(Proposal, [row], logged=False)
    return made


def _stored(made: Any) -> Any:
    """A number, nothing, or an outcome without what was skipped."""
    if isinstance(made, Outcome):
        return {"batch": made.batch, "done": made.done, "requests": made.requests}
    return made


def _answer(stored: Any) -> Any:
    if isinstance(stored, dict):
        return Outcome(stored["batch"], tuple(stored["done"]), requests=tuple(stored["requests"]))
    return stored
