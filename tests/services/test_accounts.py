"""Accounts and signing in."""

from __future__ import annotations

import datetime as dt
import threading

import pytest

from tepei_admin.database import db
from tepei_admin.errors import NotAllowed, RuleViolation
from tepei_admin.models import AuditEntry, User
from tepei_admin.permissions import GRANTS, P
from tepei_admin.services import accounts
from tests.factories import PASSWORD, ROLES


def refused(action) -> str:
    with pytest.raises(RuleViolation) as refusal:
        action()
    return refusal.value.violations[0].code


def test_the_right_password_signs_in(house):
    actor = house.actor("operator")
    signed = accounts.sign_in("operator", PASSWORD)
    assert accounts.actor_of(signed.user_id, signed.epoch) == actor


@pytest.mark.parametrize(
    ("username", "password"), [("operator", "wrong-word-1"), ("nobody", PASSWORD), ("cli", ""), ("", "")]
)
def test_an_unknown_user_and_a_wrong_password_are_told_the_same(house, username, password):
    house.actor("operator")
    assert refused(lambda: accounts.sign_in(username, password)) == "access.wrong_password"


def test_five_failures_lock_for_everybody_and_the_right_password_too(house):
    house.actor("operator")
    for _ in range(4):
        assert refused(lambda: accounts.sign_in("operator", "wrong-word-1")) == "access.wrong_password"
    assert refused(lambda: accounts.sign_in("operator", "wrong-word-1")) == "access.locked"
    assert refused(lambda: accounts.sign_in("operator", PASSWORD)) == "access.locked"
    accounts.unlock(house.cli, "operator")
    assert accounts.sign_in("operator", PASSWORD)


def test_a_lock_ends_by_itself(house, monkeypatch):
    house.actor("operator")
    for _ in range(5):
        refused(lambda: accounts.sign_in("operator", "wrong-word-1"))
    later = accounts.now() + dt.timedelta(minutes=accounts.LOCK_MINUTES, seconds=1)
    monkeypatch.setattr(accounts, "now", lambda: later)
    assert accounts.sign_in("operator", PASSWORD)


@pytest.mark.parametrize(
    "end",
    [
        lambda house, actor: accounts.sign_out(actor),
        lambda house, actor: accounts.set_password(house.cli, "operator", "another-word-7"),
        lambda house, actor: accounts.change_own_password(actor, PASSWORD, "another-word-7"),
        lambda house, actor: accounts.switch(house.cli, "operator", active=False),
    ],
    ids=["logout", "password set", "password changed", "disabled"],
)
def test_a_session_ends_at(house, end):
    actor = house.actor("operator")
    signed = accounts.sign_in("operator", PASSWORD)
    end(house, actor)
    assert accounts.actor_of(signed.user_id, signed.epoch) is None


@pytest.mark.parametrize("password", ["short1", "12345678", "PASSWORD", "aaaaaaaa", ""])
def test_a_weak_password_is_refused(house, password):
    house.actor("operator")
    assert refused(lambda: accounts.set_password(house.cli, "operator", password)) == "access.weak_password"


def test_the_password_is_kept_as_an_argon2id_digest(house):
    house.actor("operator")
    assert User.get(User.username == "operator").password_hash.startswith("$argon2id$")


def test_signing_in_and_failing_are_in_the_history(house):
    house.actor("operator")
    accounts.sign_in("operator", PASSWORD)
    refused(lambda: accounts.sign_in("operator", "wrong-word-1"))
    assert [row.action for row in AuditEntry.select().order_by(AuditEntry.id)][-2:] == [
        "login",
        "login_failed",
    ]


def test_no_password_is_in_the_history(house):
    house.actor("operator")
    accounts.set_password(house.cli, "operator", "another-word-7")
    assert not AuditEntry.select().where(AuditEntry.after.contains("another-word-7")).exists()


def test_the_systems_own_row_cannot_be_changed_or_used(house):
    assert refused(lambda: accounts.set_password(house.cli, "cli", "another-word-7")) == "access.system_user"
    assert refused(lambda: accounts.switch(house.cli, "cli", active=False)) == "access.system_user"
    assert refused(lambda: accounts.actor_named("cli")) == "access.system_user"


def test_a_clerk_carries_the_unit_and_nobody_else(house):
    assert house.actor("clerk", unit="150400").unit_id == house.unit().id
    assert house.actor("operator").unit_id is None


RIGHTS = {
    "viewer": {P.READ, P.EXPORT},
    "clerk": {P.READ, P.EXPORT, P.ENTER, P.CHECK, P.UNDO_OWN},
    "operator": {P.READ, P.EXPORT, P.REVEAL, P.ENTER, P.CHECK, P.WORK, P.OPEN, P.UNDO_OWN},
    "approver": set(P) - {P.SETUP, P.ACCOUNTS},
    "admin": set(P),
}


@pytest.mark.parametrize("role", ROLES)
def test_the_table_of_rights(role):
    assert GRANTS[role] == RIGHTS[role]


@pytest.mark.parametrize("role", ["viewer", "clerk", "operator", "approver"])
def test_accounts_are_the_administrators(house, role):
    actor = house.actor(role, unit="150400" if role == "clerk" else None)
    with pytest.raises(NotAllowed):
        accounts.add(actor, "neu", "viewer", password=PASSWORD)


def test_failures_at_once_are_all_counted(house):
    house.actor("viewer")
    barrier = threading.Barrier(accounts.FAILURES)

    def fail() -> None:
        try:
            barrier.wait(10)
            refused(lambda: accounts.sign_in("viewer", "wrong-1234"))
        finally:
            db.close()

    threads = [threading.Thread(target=fail) for _ in range(accounts.FAILURES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert User.get(User.username == "viewer").locked_until


def test_a_lock_that_falls_while_the_password_is_read_holds(house, monkeypatch):
    house.actor("viewer")
    until = accounts.now() + dt.timedelta(minutes=1)
    monkeypatch.setattr(accounts, "_failures", lambda user: (0, until))
    assert refused(lambda: accounts.sign_in("viewer", PASSWORD)) == "access.locked"
