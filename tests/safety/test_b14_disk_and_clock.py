"""B14: on a full disk nothing is half stored, reading and sign-in go on, a plain sentence says why. The clock may jump."""

from __future__ import annotations

import datetime as dt
import errno
import resource
import signal
from pathlib import Path
from typing import Any

import pytest

from tepei_admin.database import db, open_database
from tepei_admin.errors import Busy
from tepei_admin.models import AuditEntry, Batch, Document, Unit
from tepei_admin.services import accounts, audit, backups, clock, command, documents, pgtools, vault, work
from tepei_admin.services.documents import Upload
from tests import postgres
from tests.factories import DAY
from tests.safety.load import add_unit
from tests.safety.racing import PATIENCE, _context
from tests.views.browser import Browser
from tests.views.conftest import panel


def in_a_process(target: Any, *args: Any) -> Any:
    """What it told; its limits die with it."""
    here, there = _context.Pipe()
    worker = _context.Process(target=_told, args=(target, args, there))
    worker.start()
    assert here.poll(PATIENCE)
    answer = here.recv()
    worker.join(PATIENCE)
    return answer


def _told(target: Any, args: Any, pipe: Any) -> None:
    try:
        pipe.send(target(*args))
    except BaseException as error:
        pipe.send(f"{type(error).__name__}: {error}")


def no_file_beyond(size: int) -> None:
    """As on a full disk: no file grows beyond that size in this process."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def fill_up(url: str, path: Path) -> tuple[list[str], list[str]]:
    """Write until there is no room; what was acknowledged, and what was said then."""
    open_database(url)
    db.connect()
    actor, stored, refused = accounts.cli_actor(), [], []
    add_unit(actor, "F-first")
    no_file_beyond(path.with_name(f"{path.name}-wal").stat().st_size + 60_000)
    for number in range(60):
        try:
            add_unit(actor, f"F{number}")
            stored.append(f"F{number}")
        except Busy as busy:
            refused.append(busy.violations[0].code)
    assert Unit.select().count() > len(stored)  # reading goes on
    db.close()
    return stored, refused


def test_a_full_disk_under_the_database_refuses_and_keeps_all_whole(sqlite_house, tmp_path):
    path = tmp_path / "tepei.sqlite3"
    db.close()
    stored, refused = in_a_process(fill_up, sqlite_house.url, path)
    db.connect()
    assert refused and set(refused) == {"access.disk_full"} and stored
    there = {row.code: row.contact for row in Unit.select().where(Unit.code.startswith("F"))}
    assert set(there) == {*stored, "F-first"} and all(code == contact for code, contact in there.items())
    assert db.execute_sql("PRAGMA integrity_check").fetchone() == ("ok",) and audit.verify() is None
    add_unit(sqlite_house.cli, "F-again")  # there is room again: no restart is needed


def sign_in_and_read(url: str, folder: Path) -> dict[str, Any]:
    from tests.safety.test_b02_once import panel_at

    open_database(url)
    app = panel_at(url, folder)
    browser, wrong = Browser(app), Browser(app)
    token, other = browser.token("/login"), wrong.token("/login")
    add_unit(
        accounts.cli_actor(), "F-first"
    )  # the worker has been at work: its files beside the database are there
    no_file_beyond(1000)
    from tests.factories import PASSWORD

    data = {"csrf_token": token, "username": "admin", "password": PASSWORD}
    bad = wrong.client.post("/login", data={**data, "csrf_token": other, "password": "wrong"})
    answer = browser.client.post("/login", data=data)
    number = 1
    page = browser.get(f"/units/{number}/edit")
    boxes = {**browser.boxes(f"/units/{number}/edit"), "contact": "额尔敦"}
    boxes.pop("next", None)
    saved = browser.client.post(f"/units/{number}/edit", data=boxes)
    return {
        "signed in": answer.status_code,
        "wrong": (bad.status_code, "用户名或密码不正确" in bad.text),
        "read": page.status_code,
        "list": browser.get("/units/").status_code,
        "saved": saved.status_code,
        "told": "磁盘已满" in saved.text and "额尔敦" in saved.text,
        "bare": any(word in saved.text for word in ("sqlite", "disk I/O", "Traceback", "peewee")),
    }


def test_reading_and_signing_in_go_on_and_the_page_says_why_nothing_is_saved(sqlite_house, tmp_path):
    sqlite_house.actor("admin")
    db.close()
    found = in_a_process(sign_in_and_read, sqlite_house.url, tmp_path)
    assert found == {
        "signed in": 303, "wrong": (422, True), "read": 200, "list": 200, "saved": 503, "told": True, "bare": False,
    }  # fmt: skip
    db.connect()
    assert Unit.select().where(Unit.contact == "额尔敦").count() == 0 and audit.verify() is None


def attach(url: str, folder: Path, person: int) -> str:
    open_database(url)
    db.connect()
    vault.folder = folder
    no_file_beyond(300_000)
    try:
        documents.add(
            accounts.cli_actor(),
            person,
            kind="copies",
            received_on=DAY,
            upload=Upload("x.pdf", b"%PDF-1.4\n" + bytes(900_000)),
        )
    except Busy as busy:
        return busy.violations[0].code
    return "stored"


def test_no_room_for_an_attachment_leaves_neither_row_nor_file(house, tmp_path):
    if not db.obj.postgres:
        db.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    person = house.trainee().id
    folder = tmp_path / "files"
    db.close()
    assert in_a_process(attach, house.url, folder, person) == "access.disk_full"
    db.connect()
    assert Document.select().count() == 0 and list(folder.iterdir()) == []


def back_up(url: str, folder: Path) -> str:
    open_database(url)
    db.connect()
    pgtools.folder = postgres.programs()
    no_file_beyond(50_000)
    try:
        backups.take(folder / "b.zip")
    except Exception as refusal:
        return getattr(refusal, "violations", [refusal])[0].code
    return "made"


def test_no_room_for_a_backup_leaves_no_file_and_says_so(house, tmp_path):
    db.close()
    assert in_a_process(back_up, house.url, tmp_path / "b") in ("backup.no_room", "backup.program_failed")
    assert list((tmp_path / "b").iterdir()) == []


def test_no_room_for_a_temporary_file_is_told_as_such(house):
    assert (
        db.obj.refusal(OSError(errno.ENOSPC, "No space left on device")).violations[0].code
        == "access.disk_full"
    )


def test_a_fault_that_is_none_of_the_disk_stays_a_fault(house):
    assert db.obj.refusal(ZeroDivisionError("disk")) is None
    assert db.obj.refusal(OSError(errno.ENOENT, "No such file")) is None


# --- The clock

JUMPS = {"a day back": dt.timedelta(days=-1), "a year on": dt.timedelta(days=365)}


@pytest.mark.parametrize("jump", JUMPS)
def test_the_clock_jumps_and_the_order_stays(house, monkeypatch, jump):
    house.quota(5)
    first = house.trainee()
    house.do("recommend", first)
    whole = work.now

    def later() -> dt.datetime:
        return whole() + JUMPS[jump]

    for room in (command, accounts, backups, work):
        monkeypatch.setattr(room, "now", later)
    second = house.trainee()
    outcome = house.do("recommend", second)
    assert outcome.done == (second.id,)
    rows = [row.id for row in Batch.select().order_by(Batch.id)]
    assert rows == sorted(rows) and audit.verify() is None
    by_number = [row.at for row in AuditEntry.select().order_by(AuditEntry.id)]
    assert (by_number == sorted(by_number)) is (
        JUMPS[jump] > dt.timedelta(0)
    )  # so order is by number, never by stamp
    assert house.reload(second).status == "recommended"


@pytest.mark.parametrize("jump", JUMPS)
def test_signing_in_and_reading_go_on_when_the_clock_jumps(house, monkeypatch, tmp_path, jump):
    app = panel(house, tmp_path)
    browser = Browser(app).sign_in(house, "admin")
    whole = work.now
    for room in (command, accounts, work):
        monkeypatch.setattr(room, "now", lambda: whole() + JUMPS[jump])
    assert browser.get("/units/").status_code == 200
    assert Browser(app).sign_in(house, "admin").get("/history/").status_code == 200


def test_stamps_are_utc_and_days_are_the_offices(house):
    began = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    house.quota(1)
    stamp = AuditEntry.select().order_by(AuditEntry.id.desc()).first().at
    assert dt.timedelta(0) <= stamp - began < dt.timedelta(minutes=5)
    assert clock.day_of(dt.datetime(2019, 3, 30, 16, 0)) == dt.date(2019, 3, 31)
