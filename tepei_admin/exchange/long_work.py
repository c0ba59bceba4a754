"""What is done in a job (see `jobs`): a large file checked, a large file stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from tepei_admin.exchange import intake
from tepei_admin.models import Track, Unit
from tepei_admin.permissions import Actor


def check(actor: Actor, order: Mapping[str, Any], data: bytes) -> dict[str, Any]:
    """Read the file and keep it with its report; the number of the upload."""
    unit = Unit.get_by_id(order["unit"]) if order["unit"] else None
    found = intake.check(
        actor, data, order["name"], track=Track.get_by_id(order["track"]), unit=unit,
        received=dt.date.fromisoformat(order["received"]), sealed=order["sealed"],
    )  # fmt: skip
    return {"upload": intake.hand_in(actor, data, found, unit)}


def store(actor: Actor, order: Mapping[str, Any], data: bytes) -> dict[str, Any]:
    """Store an upload as it was looked at; the batch, or the upload that shows what has changed in between."""
    stored = intake.confirm(actor, order["upload"], accept_good=order["accept_good"])
    return {"batch": stored.batch, "done": stored.done, "upload": stored.again, "moved": stored.moved}


KINDS: dict[str, Callable[[Actor, Mapping[str, Any], bytes], dict[str, Any]]] = {
    "check": check,
    "store": store,
}
