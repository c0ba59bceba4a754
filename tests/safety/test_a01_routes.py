"""A1: no route that nobody thought of. Every address, method and kind of person against docs/permissions.md."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, Response

from tepei_admin.views import doors
from tests.safety.digest import digest
from tests.safety.people import DISABLED, EVERYBODY, NOBODY, browser_of
from tests.views.browser import Browser

WRITTEN = Path(__file__).parents[2] / "docs" / "permissions.md"
"""`tests/views/test_app.py` holds it to the code."""
REACHED = 299
"""What a view that was reached answers here."""
CARRIED = {"key": "k" * 24, "version": "1"}
"""What forms carry beside their boxes: nobody is refused for want of it here."""


def written() -> dict[tuple[str, str], str]:
    """Who is let in by the document: (address, method) -> letters. Read from the page, not from the code."""
    text = WRITTEN.read_text(encoding="utf-8")
    found = {}
    for rule, method, *ticks in re.findall(
        r"^\| `(/[^`]*)` \| (GET|POST) \| [^|]* \| (x?) ?\| (x?) ?\| (x?) ?\| (x?) ?\| (x?) ?\| (x?) ?\|$",
        text,
        re.M,
    ):
        found[rule, method] = "".join(letter for letter, tick in zip("nvcoaA", ticks, strict=True) if tick)
    part = text[text.index("## Tables") : text.index("## Columns")]
    for url, read, new, edit, delete, reveal, act, export in re.findall(
        r"^\| `(/[^`]+)` [^|]+\| (\w*) ?\| (\w*) ?\| (\w*) ?\| (\w*) ?\| (\w*) ?\| (\w*) ?\| (\w*) ?\|$",
        part,
        re.M,
    ):
        found |= {(f"{url}/{end}", "GET"): read for end in ("", "filter", "lookup", "<pk>")}
        found |= {
            (f"{url}/<pk>/{end}", "POST"): who
            for end, who in (("reveal", reveal), ("edit", edit), ("delete", delete))
        }
        found |= {(f"{url}/<pk>/{end}", "GET"): who for end, who in (("edit", edit), ("delete", delete))}
        found |= {
            (f"{url}/{end}", "POST"): who for end, who in (("search", read), ("act", act), ("export", export))
        }
        found |= {(f"{url}/new", method): new for method in ("GET", "POST")}
    return found


def stub(app: Flask) -> None:
    """Every view only says that it was reached: what is walked are the doors."""
    for name in app.view_functions:
        app.view_functions[name] = lambda **_: Response(status=REACHED)


def knocks(app: Flask) -> Iterator[tuple[str, str, str]]:
    """(address as the document has it, one to ask for, method)."""
    for door in app.extensions["doors"].values():
        rule = door.rule.replace("int(max=2147483647):", "")
        yield rule, re.sub(r"<[^>]*>", "1", rule), door.method


def wrong_answers(
    browser: Browser, name: str, letter: str, wanted: dict[tuple[str, str], str]
) -> list[object]:
    """Where somebody is let in who should not be, or the other way round, or refused in another way."""
    token = browser.token("/login" if letter == "n" else "/units/")
    stub(browser.app)
    found: list[object] = []
    for rule, address, method in knocks(browser.app):
        answer = browser.client.open(
            address, method=method, data={"csrf_token": token, **CARRIED} if method != "GET" else None
        )
        outside = letter == "n"
        leads = outside and method == "GET" and not rule.endswith("/lookup")
        refused = 302 if leads else 401 if outside else 403
        status = REACHED if letter in wanted[rule, method] else refused
        if answer.status_code != status or (status == 302 and not answer.location.startswith("/login?next=")):
            found.append((name, method, address, answer.status_code, status))
    return found


LETTER = {
    NOBODY: "n",
    DISABLED: "n",
    "viewer": "v",
    "clerk": "c",
    "operator": "o",
    "approver": "a",
    "admin": "A",
}


@pytest.mark.parametrize("name", EVERYBODY)
def test_everybody_gets_in_where_the_document_says_and_nowhere_else(
    name: str, sqlite_house, sqlite_app
) -> None:
    browser = browser_of(name, sqlite_app, sqlite_house)
    wanted = written()
    assert {(rule, method) for rule, _, method in knocks(sqlite_app)} == set(wanted)
    assert wrong_answers(browser, name, LETTER[name], wanted) == []


def test_control_without_the_check_before_requests_everybody_gets_in(sqlite_house, sqlite_app) -> None:
    browser = browser_of("viewer", sqlite_app, sqlite_house)
    sqlite_app.before_request_funcs[None].remove(doors.check)
    assert len(wrong_answers(browser, "viewer", "v", written())) > 100


@pytest.mark.parametrize("name", [NOBODY, "viewer"])
def test_whoever_may_only_read_changes_nothing_by_posting_everywhere(name: str, house, app) -> None:
    """Real views, empty forms and rows that exist: also those that look at the rights themselves."""
    person = house.trained()[0]
    browser = browser_of(name, app, house)
    token, before = browser.token("/login" if name == NOBODY else "/units/"), digest()
    odd = []
    for rule, address, method in knocks(app):
        if method == "GET" or rule in ("/logout", "/year"):
            continue
        address = address.replace("/1", f"/{person.id}") if rule.startswith("/trainees") else address
        status = browser.client.post(address, data={"csrf_token": token, **CARRIED}).status_code
        if status >= 500 or (name == NOBODY and status not in (401, 200, 422)):
            odd.append((address, status))
        if digest() != before:
            odd.append((address, "has changed something"))
            before = digest()
    exported = ("/export", "/result", "/exports/1")  # these are put on record
    assert [one for one in odd if one[1] != "has changed something" or not one[0].endswith(exported)] == []


def test_the_app_does_not_start_with_a_view_that_declares_no_right(sqlite_app) -> None:
    sqlite_app._got_first_request = False
    sqlite_app.add_url_rule("/forgotten", "somebody.forgot", lambda: "open")
    with pytest.raises(RuntimeError, match=r"/forgotten \(somebody\.forgot\).*write @needs\(P\.…\)"):
        doors.install(sqlite_app)


def test_a_view_that_comes_after_the_start_is_closed(sqlite_house, sqlite_app) -> None:
    sqlite_app.add_url_rule("/late", "late", lambda: "open")
    assert browser_of("admin", sqlite_app, sqlite_house).get("/late").status_code == 405


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_are_not_served(method: str, sqlite_admin: Browser) -> None:
    for address in ("/units/", "/units/1/edit", "/login", "/healthz", "/static/style.css"):
        assert sqlite_admin.client.open(address, method=method).status_code in (400, 405), address


def test_deciding_who_gets_in_costs_one_query(
    house, app, client_as: Callable[..., Browser], count_queries
) -> None:
    clerk = client_as("clerk")
    stub(app)
    with count_queries() as queries:
        assert clerk.get("/trainees/").status_code == REACHED
    assert len(queries) == 1 and 'FROM "user"' in queries.statements[0]
