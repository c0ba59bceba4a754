"""@command: permission, transaction, history, effects after the commit or after a rollback. In this one place.

    @command(P.WORK)
    def withdraw(actor: Actor, people: Ids, *, on: date, reason: str, key: str = "") -> Outcome: ...

A command called inside another joins its transaction. Commands return plain values; objects never leave.
One that has a `key` is done once for each: a form that is sent again gets the answer of the first time (`once`).
One that the database broke off before its commit is run again, whole: nothing of it stands by then.
"""

from __future__ import annotations

import functools
import inspect
import random
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

import peewee

from tepei_admin.database import Interrupted, db
from tepei_admin.errors import Busy, Unsure, Violation
from tepei_admin.permissions import Actor, P
from tepei_admin.services import audit, constraints, staleness
from tepei_admin.services.once import once
from tepei_admin.services.work import Work, current, now

F = TypeVar("F", bound=Callable[..., Any])

COMMANDS: dict[str, Callable[..., Any]] = {}
"""Every command by its name, for the tests that walk them."""

PAUSES = (0.02, 0.05, 0.1, 0.3, 1.0)
"""Seconds before each new attempt, at least; a server that restarts is back within some of them."""


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
            given = [_kept(value) for value in args]
            named = {name: _kept(value) for name, value in options.items()}
            reason = named.get("reason") if "reason" in signature.parameters else None
            key = named.get("key", "") if "key" in signature.parameters else ""

            def action() -> Any:
                if not key:
                    return function(actor, *given, **named)
                content = dict(signature.bind(actor, *given, **named).arguments)
                del content["actor"], content["key"]
                make = functools.partial(function, actor, *given, **named)
                return once(actor, key, {"command": function.__name__, **content}, make)

            return _patiently(lambda: _transact(Work(actor, function.__name__, now(), reason or ""), action))

        run.right = right  # type: ignore[attr-defined]
        COMMANDS[function.__name__] = run
        return cast(F, run)

    return declare


def _kept(value: Any) -> Any:
    """An argument that can be read again, should the command be run again."""
    return tuple(value) if isinstance(value, Iterator) else value


def _transact(work: Work, action: Callable[[], Any]) -> Any:
    worked = False
    try:
        with db.obj.write_transaction():
            result = _worked(work, action)
            worked = True
    except BaseException as error:
        unsure = isinstance(error, Unsure) or (worked and not isinstance(error, Exception))
        for undo in () if unsure else reversed(work.after_rollback):
            undo()
        raise
    audit.keep_head(work.head, begins=work.begins)
    for effect in work.after_commit:
        effect()
    return result


def _worked(work: Work, action: Callable[[], Any]) -> Any:
    """The work itself, up to its commit."""
    token = current.set(work)
    try:
        result = action()
        staleness.mark(work)
        audit.flush(work)
    except peewee.IntegrityError as error:
        raise constraints.refusal(error) from error
    finally:
        current.reset(token)
    return result


def _patiently(run: Callable[[], Any]) -> Any:
    """Again, a little later each time, while the database breaks it off (deadlock, lost connection)."""
    for pause in PAUSES:
        try:
            return run()
        except Interrupted:
            time.sleep(pause * random.uniform(1, 2))
    try:
        return run()
    except Interrupted as error:
        raise Busy(Violation("access.unreachable")) from error
