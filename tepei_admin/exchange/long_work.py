"""What is done in a job (see `jobs`): a large file checked, its columns named, stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from tepei_admin.exchange import intake, mending
from tepei_admin.exchange.columns import BY_FIELD
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


def columns(actor: Actor, order: Mapping[str, Any], data: bytes) -> dict[str, Any]:
    """Read an upload anew with the columns as somebody names them, or as their headers do; its number.

    `fields`: "column.3" -> field, "" for not imported, "#" for the serial number, as the form sends them.
    """
    number, version = order["upload"], order["version"]
    if order["forget"]:
        mending.forget_columns(actor, number, version)
    else:
        fields = {int(key.partition(".")[2]): value for key, value in order["fields"].items()}
        named = {at: _SAID.get(value, value) for at, value in fields.items() if value in {*_SAID, *BY_FIELD}}
        mending.set_columns(actor, number, version, named, remembers=order["remember"])
    return {"upload": number}


_SAID: Mapping[str, str | None] = {"": None, "#": ""}


KINDS: dict[str, Callable[[Actor, Mapping[str, Any], bytes], dict[str, Any]]] = {
    "check": check,
    "columns": columns,
    "store": store,
}
