"""What is done in a job (see `jobs`): a large file checked, a large file stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from tepei_admin.exchange import intake, mending
from tepei_admin.models import Track, Unit
from tepei_admin.permissions import Actor
from tepei_admin.services.nominations import Source


def check(actor: Actor, order: Mapping[str, Any], data: bytes) -> dict[str, Any]:
    """Read the file and keep it with its report; the number of the upload."""
    unit = Unit.get_by_id(order["unit"]) if order["unit"] else None
    source = Source(order["name"], dt.date.fromisoformat(order["received"]), order["sealed"])
    return {"upload": intake.bring_in(actor, data, source, Track.get_by_id(order["track"]), unit)}


def store(actor: Actor, order: Mapping[str, Any], data: bytes) -> dict[str, Any]:
    """Store an upload as it was looked at; the batch, or the rows that would now do something else."""
    stored = mending.confirm(actor, order["upload"], order["version"], accept_good=order["accept_good"])
    return {"batch": stored.batch, "done": stored.done, "moved": stored.moved}


KINDS: dict[str, Callable[[Actor, Mapping[str, Any], bytes], dict[str, Any]]] = {
    "check": check,
    "store": store,
}
