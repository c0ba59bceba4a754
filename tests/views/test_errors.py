"""What a refusal is: one Chinese sentence and a way on. No trace, no database text, nothing of a person in the log."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import peewee
import pytest
from flask import abort

from tepei_admin.errors import Busy, NotAllowed, NotFound, Violation
from tepei_admin.views.errors import SENTENCES
from tests.factories import id_number
from tests.views.browser import Browser

INNARDS = re.compile(
    r"Traceback|sqlite3|psycopg|peewee|Error:|File \"|SELECT |INSERT |constraint|werkzeug|jinja", re.I
)


def sentence(page: str) -> str:
    return re.search(r'<p role="alert">([^<]*)</p>', page)[1]


def raising(browser: Browser, error: Callable[[], Any]) -> Any:
    """The page of a view that ends like this."""

    def view(**_: object) -> None:
        error()

    browser.app.view_functions["units.index_view"] = view
    return browser.get("/units/")


def fail(error: BaseException) -> Callable[[], None]:
    def run() -> None:
        raise error

    return run


@pytest.mark.parametrize("status", sorted(SENTENCES))
def test_every_status_has_one_sentence_in_chinese(status: int, sqlite_admin: Browser) -> None:
    answer = raising(sqlite_admin, lambda: abort(status))
    assert answer.status_code == status
    text = sentence(answer.text)
    assert (
        re.search(r"[一-鿿]", text)
        and not re.search(r"[a-zA-Z]{4,}", text)
        and not INNARDS.search(answer.text)
    )
    assert 'href="/' in answer.text, "a way on"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotAllowed(Violation("access.no_right", params={"role": "查阅"})), 403), (NotFound(Violation("access.not_found")), 404),
        (Busy(Violation("access.busy")), 503),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_a_refusal_that_no_page_has_words_for_says_its_sentence(
    error: Exception, status: int, sqlite_admin: Browser
) -> None:
    answer = raising(sqlite_admin, fail(error))
    assert answer.status_code == status and re.search(r"[一-鿿]{4}", sentence(answer.text))
    asked = sqlite_admin.get("/units/", headers={"Accept": "application/json"})
    assert asked.status_code == status and set(asked.json) == {"error"}


@pytest.mark.parametrize(
    "error",
    [
        peewee.IntegrityError('duplicate key value violates unique constraint "x" DETAIL: Key (id_number)=(150404198505120078)'),
        peewee.OperationalError("could not connect to server: host 10.1.2.3"), RuntimeError("王明 150404198505120078"), KeyError("secret"),
        RecursionError(), UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates"),
    ],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_a_fault_of_ours_gives_a_number_and_tells_nothing(
    error: Exception, sqlite_admin: Browser, caplog
) -> None:
    answer = raising(sqlite_admin, fail(error))
    assert answer.status_code == 500
    number = re.search(r"编号 ([0-9A-F]{8})", sentence(answer.text))[1]
    assert f"error {number} at GET /units/" in caplog.text, (
        "who is told the number finds the trace in the log"
    )
    assert "150404198505120078" not in caplog.text and "Key (id_number)" not in caplog.text
    assert not INNARDS.search(answer.text) and "1504" not in answer.text and "10.1.2.3" not in answer.text


def test_what_was_posted_is_not_in_the_log_of_a_fault(sqlite_admin: Browser, monkeypatch, caplog) -> None:
    """The trace has our lines, never the values that a form brought."""
    monkeypatch.setattr("tepei_admin.services.record.plain", lambda value: 1 / 0)
    sqlite_admin.save(
        "/past-trainees/new", name="某某某", id_number=id_number(5), year="2017", outcome="applied"
    )
    assert "ZeroDivisionError" in caplog.text
    assert id_number(5) not in caplog.text and "某某某" not in caplog.text


def test_too_large_a_form_and_too_large_a_file_are_413(sqlite_admin: Browser) -> None:
    token = sqlite_admin.token("/units/")
    form = {"csrf_token": token, "name": "x" * (3 * 1024 * 1024)}
    answer = sqlite_admin.client.post("/units/new", data=form)
    assert answer.status_code == 413 and "太大" in sentence(answer.text)
    answer = sqlite_admin.client.post(
        "/import/", data={"csrf_token": token, "file": (io.BytesIO(b"x" * (33 * 1024 * 1024)), "x")}
    )
    assert answer.status_code == 413 and "太大" in sentence(answer.text)
