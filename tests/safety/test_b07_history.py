"""B7: the history takes no change; whatever was done to it behind the program's back is found and named."""

from __future__ import annotations

import os

import pytest
from peewee import DatabaseError

from tepei_admin import migrations, seed
from tepei_admin.database import db, open_database
from tepei_admin.errors import NotAllowed, RuleViolation
from tepei_admin.models import AuditEntry, Unit
from tepei_admin.permissions import Actor
from tepei_admin.services import accounts, audit, history, record
from tepei_admin.services.command import command
from tests import postgres
from tests.safety.racing import RACERS, race
from tests.views.browser import Browser
from tests.views.conftest import panel

COLUMNS = "at, by_id, by_name, action, model, label, reason, hash, version"
WAYS = {
    "update": "UPDATE audit_entry SET reason = 'x'",
    "delete": "DELETE FROM audit_entry",
    "update_one": "UPDATE audit_entry SET hash = hash WHERE id = 1",
    "replace": f"INSERT OR REPLACE INTO audit_entry (id, {COLUMNS}) SELECT id, {COLUMNS} FROM audit_entry",
    "truncate": "TRUNCATE audit_entry CASCADE",
}
OF = {"replace": False, "truncate": True}
"""The ways that only one database has."""


@pytest.mark.parametrize("way", WAYS)
def test_the_history_is_append_only_even_for_raw_sql(house, way):
    if OF.get(way, db.obj.postgres) is not db.obj.postgres:
        return
    count = AuditEntry.select().count()
    with db.obj.unguarded(), pytest.raises(DatabaseError, match="audit_append_only"):
        db.execute_sql(WAYS[way])
    assert AuditEntry.select().count() == count and audit.verify() is None


def triggers_off() -> None:
    if db.obj.postgres:
        db.execute_sql("ALTER TABLE audit_entry DISABLE TRIGGER ALL")
    else:
        for name in ("audit_no_update", "audit_no_delete", "audit_entry_id_stays"):
            db.execute_sql(f"DROP TRIGGER {name}")


FORGERIES = {
    "one letter of a reason": ("UPDATE audit_entry SET reason = reason || 'x' WHERE id = {row}", 0, False),
    "another user": ("UPDATE audit_entry SET by_id = by_id + 1 WHERE id = {row}", 0, False),
    "another time": ("UPDATE audit_entry SET at = '2019-01-01 00:00:00.000001' WHERE id = {row}", 0, False),
    "the hash with it": ("UPDATE audit_entry SET reason = 'x', hash = 'f' WHERE id = {row}", 0, False),
    "a row taken out": ("DELETE FROM audit_entry WHERE id = {row}", 1, False),
    "the end cut off": ("DELETE FROM audit_entry WHERE id >= {row}", 0, True),
}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new.sqlite3'}"
        return
    url = postgres.new_database()
    yield url
    postgres.drop(url)


@pytest.fixture
def head(house, tmp_path):
    """The head beside the database, as a house has it that keeps it from the beginning."""
    audit.head = tmp_path / audit.HEAD
    audit.keep_head(audit.last_hash(), begins=True)
    return audit.head


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_is_named_by_its_first_bad_row(house, head, forgery):
    sql, further, cut = FORGERIES[forgery]
    for places in range(6):
        house.quota(places)
    row = AuditEntry.select().order_by(AuditEntry.id.desc()).offset(2).first().id
    assert audit.verify() is None
    with db.obj.unguarded():
        triggers_off()
        db.execute_sql(sql.format(row=row))
    assert audit.verify() == audit.Broken(row + further, cut)


def test_without_the_head_a_cut_end_goes_unnoticed(house):
    house.quota(1)
    with db.obj.unguarded():
        triggers_off()
        db.execute_sql("DELETE FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry)")
    assert audit.verify() is None


def test_a_byte_changed_in_the_file_is_named(sqlite_house, tmp_path):
    house = sqlite_house
    house.quota(1)
    person = house.trainee(name="孛儿只斤")
    entry = AuditEntry.get(AuditEntry.label == "孛儿只斤", AuditEntry.action == "insert")
    db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    path = tmp_path / "tepei.sqlite3"
    data = bytearray(path.read_bytes())
    name = "孛儿只斤".encode()
    spots = [at for at in range(len(data)) if data.startswith(name, at)]
    found = set()
    for at in spots:  # the table's own row and the history's: change each in turn
        changed = bytearray(data)
        changed[at + 2] ^= 1
        path.write_bytes(changed)
        db.connect()
        broken = audit.verify()
        found |= {broken.row} if broken else set()
        db.close()
    path.write_bytes(data)
    db.connect()
    assert found and min(found) == entry.id and audit.verify() is None and house.reload(person)


def test_a_head_that_lags_is_accepted_and_one_ahead_is_not(house, head):
    house.quota(1)
    early = head.read_text()
    house.quota(2)
    head.write_text(early)
    assert audit.findings() == []
    head.write_text("0" * 64)
    broken = audit.verify()
    assert broken is not None and broken.cut
    head.write_bytes(b"\xff\xfe")
    assert audit.verify() is not None


def test_a_head_that_was_taken_away_is_missed_and_does_not_come_back_by_itself(house, head):
    """Or who cuts the end off had only to take it away and wait for the next write."""
    house.quota(1)
    with db.obj.unguarded():
        triggers_off()
        db.execute_sql("DELETE FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry)")
    head.unlink()
    house.quota(2)
    assert audit.verify() is None and not head.exists()
    (found,) = audit.findings()
    assert str(head) in found and "不见了" in found


def test_control_with_a_head_made_again_nobody_would_notice(house, head, monkeypatch):
    keep = audit.keep_head
    monkeypatch.setattr(audit, "keep_head", lambda last, begins: keep(last, begins=True))
    head.unlink()
    house.quota(2)
    assert audit.findings() == []


def test_a_new_house_is_not_taken_for_one_whose_head_is_gone(empty_url, tmp_path):
    audit.head = tmp_path / audit.HEAD
    open_database(empty_url)
    with db.obj.connection_context():
        migrations.upgrade()
        assert audit.findings() == [] and not audit.head.exists()
        seed.install()
        assert audit.findings() == [] and audit.head.read_text().strip() == audit.last_hash()


def test_who_has_looked_keeps_a_new_one_and_that_is_in_the_history(house, head):
    with pytest.raises(RuleViolation, match=r"audit\.has_head"):
        history.renew(house.cli)
    head.unlink()
    for role in ("viewer", "clerk", "operator", "approver"):
        with pytest.raises(NotAllowed):
            history.renew(house.actor(role, "150400" if role == "clerk" else None))
    history.renew(house.cli)
    assert audit.findings() == [] and head.read_text().strip() == audit.last_hash()
    assert AuditEntry.select().order_by(AuditEntry.id.desc()).get().action == "head_renewed"


def test_over_a_broken_chain_no_head_is_kept(house, head):
    house.quota(1)
    head.unlink()
    with db.obj.unguarded():
        triggers_off()
        db.execute_sql("UPDATE audit_entry SET reason = 'x' WHERE id = 2")
    with pytest.raises(RuleViolation, match=r"audit\.broken"):
        history.renew(house.cli)
    assert not head.exists() and len(audit.findings()) == 2


def test_a_disk_that_takes_no_head_refuses_no_work(house, head, monkeypatch):
    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(head), "replace", full)
    house.quota(1)
    assert audit.findings() == [], "it lags"


@command(None)
def rename_five(actor: Actor, unit: int, text: str) -> None:
    for number in range(5):
        record.update(Unit, [unit], {"contact": f"{text}-{number}"})


def write(job: tuple[int, str]) -> str:
    rename_five(accounts.cli_actor(), *job)
    return "done"


@pytest.mark.parametrize("rounds", [3, pytest.param(50, marks=pytest.mark.safety)])
def test_eight_processes_make_one_chain(house, rounds):
    unit = house.unit().id
    before = AuditEntry.select().count()
    jobs = [[(unit, f"{round_}-{mine}") for mine in range(RACERS)] for round_ in range(rounds)]
    told = race(house.url, write, jobs)
    assert all(answers == {"done": RACERS} for answers in told)
    assert AuditEntry.select().count() == before + rounds * RACERS * 5
    assert audit.verify() is None


def test_without_the_lock_the_chain_forks(house):
    unit = house.unit().id
    race(house.url, write_unlocked, [[(unit, f"0-{mine}") for mine in range(RACERS)]], off="audit_entry")
    assert audit.verify() is not None


def write_unlocked(job: tuple[int, str]) -> str:
    """Neither the row's lock nor the history's; each of the eight has a row of its own."""
    if db.obj.postgres:
        audit._LOCK = os.getpid()
    text = job[1]
    rename_five(accounts.cli_actor(), job[0] + int(text.rpartition("-")[2]), text)
    return "done"


def test_what_people_did_stands_in_the_history(house, tmp_path):
    """Sign-in, failure, a number seen in full, an export, a refusal, a change of role."""
    person = house.trainee()
    app = panel(house, tmp_path)
    admin = Browser(app).sign_in(house, "admin")
    Browser(app).post("/login", username="admin", password="wrong", at="/login")
    admin.post(f"/trainees/{person.id}/reveal", column="id_number")
    admin.post("/trainees/export", format="csv")
    viewer = Browser(app).sign_in(house, "viewer")
    assert viewer.post(f"/trainees/{person.id}/reveal", column="id_number").status_code == 403
    db.connect(reuse_if_open=True)
    number = accounts.actor_named("viewer").id
    admin.save(f"/users/{number}/edit", role="operator")
    seen = {(row.action, row.model) for row in AuditEntry.select()}
    actions = {action for action, _ in seen}
    assert {"login", "login_failed", "reveal", "export", "denied"} <= actions, sorted(actions)
    assert any(row.after and row.after.get("role") == "operator" for row in AuditEntry.select())
