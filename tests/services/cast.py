"""Shortcuts past verbs that a test is not about: states that only later issues' verbs, or long ways, reach."""

from __future__ import annotations

from typing import Any

from tepei_admin.models import Placement, StatusChange, Trainee, Unit
from tepei_admin.permissions import Actor
from tepei_admin.services import accounts, record, requests
from tepei_admin.services.command import command


@command(None)
def _write(actor: Actor, action: Any) -> Any:
    return action()


def put_into(person: Any, status: str) -> None:
    """Set a status by itself, as no user can."""
    _write(accounts.cli_actor(), lambda: record.update(Trainee, [person.id], {"status": status}))


def left(person: Any, verb: str, source: str, target: str, day: Any) -> None:
    """A move in the records, and the status that goes with it."""
    put_into(person, target)
    row = {"trainee": person.id, "verb": verb, "from_status": source, "to_status": target, "on": day}
    cli = accounts.cli_actor()
    _write(cli, lambda: record.insert(StatusChange, {**row, "by": cli.id}))


def waive(house: Any, person: Any) -> None:
    """A full quota set aside for this person, by two others."""
    number = requests.open_waiver(house.actor("operator"), person.id, kind="quota", reason="仅此一人")
    requests.decide(house.actor("approver"), f"waiver-{number}", yes=True)


def place(house: Any, person: Any, **values: Any) -> int:
    """A placement at some host."""

    def write() -> int:
        host = Unit.get_or_none(Unit.code == "H1")
        number = (
            host.id if host else record.insert(Unit, {"code": "H1", "name": "北京师范大学", "host": True})
        )
        return record.insert(Placement, {"trainee": person.id, "host": number, **values})

    return _write(house.cli, write)  # type: ignore[no-any-return]
