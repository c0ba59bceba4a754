"""@command: permission, transaction, history, effects after the commit. In this one place.

    @command(P.WORK)
    def withdraw(actor: Actor, people: Ids, *, on: date, reason: str) -> Outcome: ...

A command called inside another joins its transaction. Commands return plain values; objects never leave.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

import peewee

from tepei_admin.database import db
from tepei_admin.permissions import Actor, P
from tepei_admin.services import audit, constraints, staleness
from tepei_admin.services.work import Work, current, now

F = TypeVar("F", bound=Callable[..., Any])

COMMANDS: dict[str, Callable[..., Any]] = {}
"""Every command by its name, for the tests that walk them."""


def command(right: P | None) -> Callable[[F], F]:
    """Declare a function (actor, …) as a command that needs `right`; None: it looks to the rights itself."""

    def declare(function: F) -> F:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def run(actor: Actor, *args: Any, **options: Any) -> Any:
            if right is not None:
                actor.require(right)
            if current.get() is not None:
                return function(actor, *args, **options)
            reason = options.get("reason") if "reason" in signature.parameters else None
            work = Work(actor, function.__name__, now(), reason=reason or "")
            with db.obj.write_transaction():
                token = current.set(work)
                try:
                    result = function(actor, *args, **options)
                    staleness.mark(work)
                    audit.flush(work)
                except peewee.IntegrityError as error:
                    raise constraints.refusal(error) from error
                finally:
                    current.reset(token)
            for effect in work.after_commit:
                effect()
            return result

        run.right = right  # type: ignore[attr-defined]
        COMMANDS[function.__name__] = run
        return cast(F, run)

    return declare
