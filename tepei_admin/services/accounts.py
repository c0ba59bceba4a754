"""Accounts: adding them, passwords, signing in and out, locking. Argon2id; five failures lock for five minutes."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from dataclasses import dataclass
from functools import cache
from typing import cast

from tepei_admin.choices import Role
from tepei_admin.errors import Busy, NotAllowed, Refusal, RuleViolation, Violation, ensure
from tepei_admin.models import Unit, User
from tepei_admin.permissions import Actor, P
from tepei_admin.services import crud, passwords, record
from tepei_admin.services.command import command
from tepei_admin.services.limits import Limit
from tepei_admin.services.work import now

log = logging.getLogger("tepei_admin")

CLI = "cli"
"""The command line's own row: it may open, not decide, and cannot sign in."""
FAILURES, LOCK_MINUTES = 5, 5
_unknown = Limit("unknown user", FAILURES, LOCK_MINUTES * 60)
"""A name that nobody has is locked like any other, so that a lock tells nobody which names there are."""


@dataclass(frozen=True)
class SignedIn:
    user_id: int
    epoch: int


@cache
def _hasher():  # type: ignore[no-untyped-def]
    from argon2 import PasswordHasher

    return PasswordHasher()


def actor_of(user_id: object, epoch: object) -> Actor | None:
    """The actor of a session; None where the account is gone, off, or the session is an old one."""
    row = User.select(
        User.id, User.username, User.name, User.role, User.unit, User.active, User.epoch, User.system
    )
    found = row.where(User.id == user_id).tuples().first()
    if found is None or not found[5] or found[6] != epoch or found[7]:
        return None
    number, username, name, role, unit, *_ = found
    return Actor(number, name or username, Role(role), unit if role == Role.CLERK else None)


def actor_named(username: str) -> Actor:
    """The actor of `--as USER`. Raises `RuleViolation` for nobody, `NotAllowed` for one that is off."""
    user = _named(username)
    ensure(not user.system, "access.system_user", username=username)
    actor = actor_of(user.id, user.epoch)
    if actor is None:
        raise NotAllowed(Violation("access.disabled", params={"username": username}))
    return actor


def actor_numbered(number: int) -> Actor:
    """The actor of work begun a moment ago. Raises `NotAllowed` where the account is gone or off by now."""
    row = User.select(User.epoch).where(User.id == number).tuples().first()
    actor = actor_of(number, row[0]) if row else None
    if actor is None:
        raise NotAllowed(Violation("access.not_found"))
    return actor


def cli_actor() -> Actor:
    """The command line's own actor. Raises `RuleViolation` before `init`."""
    row = User.select(User.id).where(User.username == CLI).tuples().first()
    ensure(row, "access.not_initialised")
    return Actor(row[0], "命令行", Role.ADMIN, system=True)


@command(P.ACCOUNTS)
def add(
    actor: Actor, username: str, role: str, *, password: str = "", name: str = "", unit: str | None = None
) -> int:
    """A new account; without a password it cannot sign in until it gets one."""
    taken = User.select().where(User.username == username).exists()
    ensure(not taken, "access.user_exists", "username", username=username)
    unit_id = None
    if unit:
        row = Unit.select(Unit.id).where(Unit.code == unit).tuples().first()
        ensure(row, "unit.unknown", "unit", unit=unit)
        unit_id = row[0]
    digest = hashed(password, username) if password else ""
    values = {"username": username, "name": name, "role": role, "unit": unit_id}
    number = crud.create(actor, User, values)
    record.update(User, [number], {"password_hash": digest})
    return number


@command(P.ACCOUNTS)
def set_password(actor: Actor, username: str, password: str) -> None:
    """A new password; every session of the account ends."""
    user = _named(username)
    ensure(not user.system, "access.system_user", username=username)
    _set(user, password)


@command(None)
def change_own_password(actor: Actor, old: str, new: str) -> int:
    """One's own password; all other sessions end. The new epoch."""
    user = User.get_by_id(actor.id)
    ensure(_matches(user.password_hash, old), "access.wrong_old_password", "old")
    return _set(user, new)


@command(P.ACCOUNTS)
def switch(actor: Actor, username: str, *, active: bool) -> None:
    """Disable or enable an account."""
    user = _named(username)
    crud.edit(actor, User, user.id, None, {"active": active})


@command(P.ACCOUNTS)
def unlock(actor: Actor, username: str) -> None:
    user = _named(username)
    record.update(User, [user.id], {"failures": 0, "locked_until": None}, versioned=False)


def sign_in(username: str, password: str) -> SignedIn:
    """Check a password. Raises `RuleViolation`, with the same words and after the same work whoever is asked for."""
    user = User.get_or_none(User.username == username)
    known = user is not None and user.active and not user.system and bool(user.password_hash)
    fits = _matches(user.password_hash if known else _decoy(), password)
    actor = Actor(user.id if known else 0, user.username if user else _mark(username), Role.VIEWER)
    try:
        problem = _attempt(actor, username, fits=bool(known and fits))
    except Busy as busy:
        if busy.violations[0].code != "access.disk_full":
            raise
        problem = _unwritten(user if known and fits else None)
    if problem is not None:
        raise problem
    return SignedIn(user.id, user.epoch)


def _mark(typed: str) -> str:
    """How the history calls a name that nobody has: it may well be a password. Too short to be guessed back from."""
    return f"未知用户（{hashlib.sha256(typed.encode(errors='replace')).hexdigest()[:4]}）"


def _unwritten(user: User | None) -> Refusal | None:
    """On a full disk those who know their password still get in, to read and to make room; the log has it."""
    locked = user is not None and bool(user.locked_until and user.locked_until > now())
    if user is None or locked:
        return _refused(locked=locked)
    log.warning("no room to put a sign-in into the history: user %s", user.id)
    return None


@command(None)
def _attempt(actor: Actor, typed: str, *, fits: bool) -> Refusal | None:
    """Log the attempt and count failures, in the database, so that all workers see them."""
    if actor.id == 0:
        last = bool(_unknown.wait(typed) or _unknown.blocked(typed))
        record.event("login_failed", label=actor.name, locked=last)
        return _refused(locked=last)
    failures, locked_until = _failures(actor.id)
    if locked_until and locked_until > now():
        record.event("login_failed", model="user", object_id=actor.id, label=actor.name, locked=True)
        return _refused(locked=True)
    if fits:
        values = {"failures": 0, "locked_until": None, "last_login_at": now()}
        record.mark(User, User.id == actor.id, **values)
        record.event("login", model="user", object_id=actor.id, label=actor.name)
        return None
    failures += 1
    locked = now() + dt.timedelta(minutes=LOCK_MINUTES) if failures >= FAILURES else None
    record.mark(User, User.id == actor.id, failures=0 if locked else failures, locked_until=locked)
    record.event("login_failed", model="user", object_id=actor.id, label=actor.name, locked=bool(locked))
    return _refused(locked=bool(locked))


def _refused(*, locked: bool) -> Refusal:
    if locked:
        return RuleViolation(Violation("access.locked", params={"minutes": LOCK_MINUTES}))
    return RuleViolation(Violation("access.wrong_password"))


def _failures(user: int) -> tuple[int, dt.datetime | None]:
    """How often it failed in a row, and until when it is locked: counted under the row's lock."""
    query = User.select(User.failures, User.locked_until).where(User.id == user)
    return cast(tuple[int, dt.datetime | None], record.locked(query).tuples().first())


@command(None)
def sign_out(actor: Actor) -> None:
    """End every session of this account: a copied cookie is worth nothing afterwards."""
    record.mark(User, User.id == actor.id, epoch=User.epoch + 1)
    record.event("logout", model="user", object_id=actor.id, label=actor.name)


@command(None)
def denied(actor: Actor, what: str, status: int) -> None:
    """Somebody reached for what is not theirs: which page (its address has no names in it), and how it was refused."""
    record.event("denied", label=what[:128], status=status)


def hashed(password: str, username: str) -> str:
    """The argon2id digest. Raises `RuleViolation` for a short or common password."""
    weak = passwords.weak(password, username)
    ensure(not weak, "access.weak_password", "password", length=passwords.SHORTEST)
    return _hasher().hash(password)


def _set(user: User, password: str) -> int:
    record.update(
        User, [user.id], {"password_hash": hashed(password, user.username), "epoch": user.epoch + 1}
    )
    return user.epoch + 1


def _matches(digest: str, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return bool(_hasher().verify(digest, password))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _decoy() -> str:
    """Something to spend the same time on for an unknown user."""
    return _hasher().hash("nobody has this password")


def _named(username: str) -> User:
    user = User.get_or_none(User.username == username)
    ensure(user is not None, "access.unknown_user", username=username)
    return user
