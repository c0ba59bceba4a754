"""A6: whatever an exception says, in whatever room, nothing of a person and no row of the database is in a log."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import peewee
import pytest

from tepei_admin import logs, serve
from tepei_admin.app import create_app
from tepei_admin.cli import doors
from tepei_admin.cli import main as command_line
from tepei_admin.config import Config
from tepei_admin.database import db
from tepei_admin.errors import RuleViolation
from tepei_admin.exchange import jobs
from tepei_admin.models import Unit
from tepei_admin.services import accounts
from tests.safety.canaries import BANK, ID_NUMBER, MOBILE, WORD

WRITTEN = (WORD, ID_NUMBER, BANK, MOBILE, f"{BANK[:4]} {BANK[4:8]}", "bird@example.org")
TEXT = f"{WORD} {ID_NUMBER}, {BANK} {BANK[:4]} {BANK[4:8]} {BANK[8:12]} {BANK[12:]} {MOBILE} bird@example.org"


def sql(words: str, *given: Any) -> None:
    with db.obj.unguarded():
        db.execute_sql(words, given)


def copied() -> None:
    """PostgreSQL adds a CONTEXT of its own to what it says of a COPY."""
    if not db.obj.postgres:
        return sql("INSERT INTO unit (code, name) VALUES ('x', json(?))", TEXT)
    with (
        db.obj.unguarded(),
        peewee.__exception_wrapper__,
        db.obj.cursor().copy("COPY unit (code, name, version) FROM STDIN") as copy,
    ):
        copy.write_row([WORD, TEXT, TEXT])
    return None


def taken() -> None:
    """A row that is there already; PostgreSQL quotes it."""
    columns = ", ".join(field.column_name for field in Unit._meta.sorted_fields if field.name != "id")
    with db.obj.unguarded():
        Unit.update(code=WORD, name=TEXT).where(Unit.id == 1).execute()
    sql(f"INSERT INTO unit ({columns}) SELECT {columns} FROM unit WHERE id = 1")


def chained() -> None:
    try:
        taken()
    except Exception as error:
        raise LookupError(f"while {TEXT} was stored") from error


def noted() -> None:
    error = ValueError("of the program")
    error.add_note(TEXT)
    raise ExceptionGroup(TEXT, [error, KeyError(TEXT)])


def in_lines() -> None:
    raise ValueError(f"of several lines\nDETAIL: {TEXT}\n{TEXT}")


FAULTS: dict[str, Callable[[], Any]] = {
    "a row twice": taken, "a table read in": copied, "an error from another": chained, "notes and groups": noted,
    "several lines": in_lines, "SQL with a value": lambda: sql(f"SELECT '{TEXT}"),
    "a value of another kind": lambda: sql(f"SELECT CAST('{TEXT}' AS integer) FROM nowhere"),
    "a key": lambda: {}[TEXT], "a number": lambda: int(TEXT),
    "a file": lambda: Path(f"/nowhere/{TEXT}").read_text(),
}  # fmt: skip
"""Every one quotes what it is about; SQLite not always."""
QUIET = {"a row twice", "a table read in", "a value of another kind"}


@pytest.fixture(autouse=True)
def _records() -> Iterator[None]:
    before = logging.getLogRecordFactory()
    logs.install()
    yield
    logging.setLogRecordFactory(before)


Place = Callable[[Callable[[], Any]], str]


@pytest.fixture
def page(client_as, caplog) -> Place:
    """A page that breaks."""
    browser = client_as("admin")

    def run(fault: Callable[[], Any]) -> str:
        browser.app.view_functions["units.index_view"] = lambda **_: fault()
        assert browser.get("/units/").status_code == 500
        return caplog.text

    return run


@pytest.fixture
def denial(client_as, caplog, monkeypatch) -> Place:
    """A refusal that cannot be written into the history."""
    browser = client_as("viewer")

    def run(fault: Callable[[], Any]) -> str:
        monkeypatch.setattr(accounts, "denied", lambda *_: fault())
        assert browser.post("/units/new", at="/units/").status_code == 403
        return caplog.text

    return run


@pytest.fixture
def command(house, tmp_path, capsys, monkeypatch) -> Place:
    """A command of the command line; the log is its owner's alone."""
    monkeypatch.setenv("TEPEI_DATA_DIR", str(tmp_path / "own"))

    def run(fault: Callable[[], Any]) -> str:
        monkeypatch.setattr(doors, "call", lambda *_: fault())
        before = os.umask(0)
        try:
            assert command_line(["doctor"]) == 1
        finally:
            os.umask(before)
        path = tmp_path / "own" / "tepei.log"
        assert path.stat().st_mode & 0o077 == 0
        text = path.read_text()
        path.unlink()
        return text + capsys.readouterr().err

    return run


@pytest.fixture
def job(client_as, caplog, monkeypatch) -> Place:
    """Long work in a process of its own."""
    config, actor = client_as("admin").app.config["TEPEI"], accounts.cli_actor()
    monkeypatch.setattr(jobs, "_begin", lambda *_: None)

    def run(fault: Callable[[], Any]) -> str:
        monkeypatch.setattr(jobs, "_work", lambda *_: fault())
        jobs.run(config, jobs.start(config, actor, "check", {}))
        return caplog.text

    return run


@pytest.fixture
def worker(house, caplog, monkeypatch) -> Place:
    """A process of the server that cannot begin."""
    monkeypatch.setattr(os, "_exit", lambda status: None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    def run(fault: Callable[[], Any]) -> str:
        monkeypatch.setattr(serve, "_work", lambda *_: fault())
        serve.Workers(None, None, 1)._child(set())
        return caplog.text

    return run


PLACES = ("page", "denial", "command", "job", "worker")


@pytest.mark.parametrize("place", PLACES)
def test_no_log_speaks_of_anybody(place: str, house, request, caplog) -> None:
    run = request.getfixturevalue(place)
    db.connect(reuse_if_open=True)
    for what, fault in FAULTS.items():
        caplog.clear()
        told = run(fault)
        assert [word for word in WRITTEN if word in told] == [], (what, told)
        assert "in " in told and "Traceback" not in told, "where it happened is there"


@pytest.mark.parametrize("place", PLACES)
def test_control_without_it_the_log_tells_all(place: str, house, request, caplog, monkeypatch) -> None:
    run = request.getfixturevalue(place)
    monkeypatch.setattr(logs, "install", lambda: None)
    db.connect(reuse_if_open=True)
    logging.setLogRecordFactory(logging.LogRecord)
    silent = set()
    for what, fault in FAULTS.items():
        caplog.clear()
        told = run(fault)
        silent |= set() if any(word in told for word in WRITTEN) else {what}
    assert silent == (set() if db.obj.postgres else QUIET)


WAYS = {
    "as the message": lambda log, error: log.error(error),
    "as a word of it": lambda log, error: log.error("it was %s at %s", error, "noon"),
    "beside it": lambda log, error: log.error("broken", exc_info=error),
    "a number alone": lambda log, error: log.error("/trainees/%s", ID_NUMBER),
    "with too few words": lambda log, error: log.error("%s and %s", ID_NUMBER),
}


@pytest.mark.parametrize("name", ["tepei_admin", "waitress", "anybody"])
@pytest.mark.parametrize("way", WAYS)
def test_whoever_logs_it_and_however(way: str, name: str, caplog) -> None:
    """Also waitress, which logs what breaks outside the panel."""
    WAYS[way](logging.getLogger(name), RuntimeError(TEXT))
    assert caplog.text and not [word for word in WRITTEN if word in caplog.text]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (KeyError("status"), "KeyError: 'status'"), (KeyError("王明"), "KeyError: …"), (ZeroDivisionError(), "ZeroDivisionError"),
        (ValueError("row 12 of 400"), "ValueError: row 12 of 400"), (OSError(2, "No such file", "/var/x.db"), "'/var/x.db'"),
        (OSError(2, "No such file", "/var/身份证.pdf"), "FileNotFoundError: [Errno 2] No such file: …"),
    ],
    ids=str,
)  # fmt: skip
def test_what_helps_to_find_a_fault_stays(error: BaseException, text: str) -> None:
    assert text in logs.said(error)


def test_of_the_database_the_code_and_the_names_stay(house) -> None:
    with pytest.raises(Exception) as caught:
        taken()
    told = logs.trace(caught.value)
    assert ("23505 unit unit_code" if db.obj.postgres else "SQLITE_CONSTRAINT_UNIQUE unit.") in told
    assert told.rstrip().splitlines()[-1].startswith("peewee.IntegrityError")


@pytest.mark.parametrize("where", ["fault()", "threading.Thread(target=fault).start()"])
def test_what_nobody_catches_is_told_the_same_way(where: str) -> None:
    program = (
        "import sys, threading\nfrom tepei_admin import logs\nlogs.hooks()\ntext = sys.stdin.read()\n"
        f"def fault():\n    raise ValueError(text)\n{where}\n"
    )
    run = [sys.executable, "-c", program]
    done = subprocess.run(run, input=TEXT, capture_output=True, text=True, check=False)
    assert "ValueError" in done.stderr and "in fault" in done.stderr
    assert [word for word in WRITTEN if word in done.stderr] == []


@pytest.fixture
def plain(monkeypatch) -> None:
    """As Python has it, for what begins here to change; put back afterwards."""
    logging.setLogRecordFactory(logging.LogRecord)
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)


def _serve(config: Config) -> None:
    with pytest.raises(RuleViolation):
        serve.run(config, host="0.0.0.0", port=0, workers=1, demo=False)


BEGINNINGS: dict[str, Callable[[Config], object]] = {
    "the panel": create_app, "the command line": lambda config: command_line(["no such command"]), "the server": _serve,
}  # fmt: skip


@pytest.mark.parametrize("what", BEGINNINGS)
def test_whatever_begins_sees_to_its_logs_first(what: str, sqlite_house, tmp_path, plain) -> None:
    BEGINNINGS[what](Config(data_dir=tmp_path, database_url=sqlite_house.url, secret_key="k" * 40))
    assert logging.getLogRecordFactory() is logs.Clean
    assert (sys.excepthook is logs._uncaught) == (what == "the server")


def test_a_job_that_cannot_even_begin_tells_nothing_either(tmp_path) -> None:
    run = [sys.executable, "-m", "tepei_admin.exchange.jobs", WORD]
    env = {**os.environ, "TEPEI_DATA_DIR": str(tmp_path)}
    done = subprocess.run(run, env=env, capture_output=True, text=True, check=False)
    assert "FileNotFoundError" in done.stderr and WORD not in done.stderr
