"""From a parsed command to its function: the database opened, the actor found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import peewee

from tepei_admin.cli import certificates, house, keeping, money, office, past, people, records, year
from tepei_admin.config import Config
from tepei_admin.database import db, open_database
from tepei_admin.errors import RuleViolation, Violation
from tepei_admin.permissions import Actor
from tepei_admin.serve import check_open, ensure_made
from tepei_admin.services import accounts, surroundings

ROOMS = (house, keeping, office, year, people, past, money, records, certificates)


def call(options: Any, config: Config) -> int:
    """Run the command that the words name."""
    door = next(getattr(room, options.door) for room in ROOMS if hasattr(room, options.door))
    if options.door in house.CLOSED | keeping.CLOSED:
        with reachable():
            return int(door(options, config) or 0)
    with opened(config):
        return int(door(options, actor_of(options)) or 0)


@contextmanager
def opened(config: Config) -> Iterator[None]:
    """The house's database, if it is there and as new as the program. Raises `RuleViolation`, `ConfigError`."""
    ensure_made(config)
    with reachable():
        open_database(config.database_url)
        with db.obj.connection_context():
            check_open(config)
            surroundings.settle(config)
            yield


@contextmanager
def reachable() -> Iterator[None]:
    """A database that cannot be opened is somebody's to put right; one that opens and breaks is our fault."""
    try:
        yield
    except peewee.DatabaseError as error:
        if _opens():
            raise
        why = " ".join(str(error).split())
        raise RuleViolation(Violation("command.no_database", params={"why": why})) from error
    except peewee.ImproperlyConfigured as error:
        raise RuleViolation(Violation("command.no_driver")) from error


def _opens() -> bool:
    if db.obj is None:
        return False
    try:
        db.connect(reuse_if_open=True)
        db.execute_sql("SELECT 1").fetchone()
        return True
    except peewee.DatabaseError:
        return False
    finally:
        db.close()


def actor_of(options: Any) -> Actor:
    """`--as USER`, else the command line's own row."""
    return accounts.actor_named(options.as_user) if options.as_user else accounts.cli_actor()
