"""From a parsed command to its function: the database opened, the actor found."""

from __future__ import annotations

import os
from typing import Any

from tepei_admin.cli import house, office, people
from tepei_admin.config import Config
from tepei_admin.database import db, open_database
from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.permissions import Actor
from tepei_admin.services import accounts, clock, vault


class WrongCall(Exception):
    """The command's words do not go together; exit status 2."""


CLOSED = {"init", "demo", "serve"}
"""Commands that open the database themselves."""


def call(options: Any, config: Config) -> int:
    """Run the command that the words name."""
    door = next(getattr(room, options.door) for room in (house, office, people) if hasattr(room, options.door))
    if options.door in CLOSED:
        return int(door(options, config))
    start(config)
    with db.obj.connection_context():
        return int(door(options, _actor(options)) or 0)


def start(config: Config) -> None:
    """Point at the house's database and its files. Raises `RuleViolation` before `init`."""
    open_database(config.database_url)
    path = getattr(db.obj, "database", "")
    if not db.obj.postgres and not os.path.exists(path):
        raise RuleViolation(Violation("access.not_initialised"))
    vault.folder = config.data_dir / "files"
    clock.override = config.today


def _actor(options: Any) -> Actor:
    """`--as USER`, else the command line's own row."""
    return accounts.actor_named(options.as_user) if options.as_user else accounts.cli_actor()

