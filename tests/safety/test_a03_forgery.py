"""A3: forged requests. No form without the session's own token, none from another site, and no GET that writes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tepei_admin.choices import Role
from tepei_admin.models import Trainee
from tepei_admin.permissions import Actor
from tepei_admin.views import origin
from tests.safety.canaries import nest
from tests.safety.digest import digest
from tests.safety.test_a01_routes import CARRIED, REACHED, stub
from tests.views.browser import Browser


def posts(app: Flask) -> Iterator[str]:
    """Every address that takes a form of an administrator's."""
    for door in app.extensions["doors"].values():
        if door.method != "GET" and door.opens_for(Actor(0, "", Role.ADMIN)):
            yield re.sub(r"<[^>]*>", "1", door.rule)


def taken(browser: Browser, token: str, headers: dict[str, str] | None = None) -> list[tuple[str, int]]:
    """The forms that came through to their view (all of them are stubs)."""
    found = []
    for path in posts(browser.app):
        answer = browser.client.post(
            path, data=CARRIED | ({"csrf_token": token} if token else {}), headers=headers
        )
        found += [(path, answer.status_code)] if answer.status_code not in (400, 403) else []
    return found


@pytest.fixture
def forged(sqlite_house, sqlite_app) -> Iterator[tuple[Browser, str, str]]:
    """(an administrator's browser, its token, the token of another session)."""
    admin = Browser(sqlite_app).sign_in(sqlite_house, "admin")
    other = Browser(sqlite_app).sign_in(sqlite_house, "viewer")
    tokens = admin.token("/units/"), other.token("/units/")
    stub(sqlite_app)
    yield admin, *tokens


def test_no_form_is_taken_without_the_sessions_own_token(forged) -> None:
    admin, own, others = forged
    # Not its last letter: two of that one's bits are filling, and change nothing.
    altered = own[:-10] + ("a" if own[-10] != "a" else "b") + own[-9:]
    for token in ("", "x", others, altered):
        assert taken(admin, token) == []
    assert len(taken(admin, own)) == len(list(posts(admin.app))), "with its own, every form comes through"


def test_control_without_the_token_check_they_all_come_through(forged) -> None:
    admin, _, others = forged
    admin.app.config["WTF_CSRF_ENABLED"] = False
    assert len(taken(admin, others)) == len(list(posts(admin.app)))


FOREIGN = [
    {"Origin": "https://evil.example"}, {"Origin": "http://localhost:81"}, {"Origin": "http://localhost.evil.example"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
]  # fmt: skip


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_no_form_is_taken_from_another_site_whatever_its_token(headers: dict[str, str], forged) -> None:
    admin, own, _ = forged
    assert taken(admin, own, headers) == []


@pytest.mark.parametrize(
    "headers", [{"Origin": "http://localhost"}, {"Origin": "null"}, {"Sec-Fetch-Site": "same-origin"}]
)
def test_our_own_forms_are_taken(headers: dict[str, str], forged) -> None:
    """`Origin: null` is what a browser sends for us under `Referrer-Policy: no-referrer`."""
    admin, own, _ = forged
    assert admin.client.post("/year", data={"csrf_token": own}, headers=headers).status_code == REACHED


def test_control_without_the_look_at_the_origin_they_come_through(forged) -> None:
    admin, own, _ = forged
    admin.app.before_request_funcs[None].remove(origin.check)
    assert taken(admin, own, FOREIGN[0])


def test_a_forged_form_is_answered_in_chinese(sqlite_admin: Browser) -> None:
    answer = sqlite_admin.client.post("/year", data={})
    assert answer.status_code == 400 and "页面已过期" in answer.text


def test_no_get_writes(house, admin: Browser) -> None:
    """Every address, with rows that are there; the history of who looked apart."""
    rows = nest("150400")
    number: dict[str, Any] = {
        view.url.strip("/"): rows[model].id
        for model, view in admin.app.extensions["resources"].items()
        if model in rows
    }
    before, seen = digest(), 0
    for door in admin.app.extensions["doors"].values():
        first = door.rule.strip("/").partition("/")[0].replace("import", "uploads")
        if door.method == "GET" and not door.rule.startswith("/static"):
            answer = admin.get(re.sub(r"<[^>]*>", str(number.get(first, 1)), door.rule))
            assert answer.status_code < 500, door.rule
            seen += answer.status_code == 200
    assert digest() == before and seen > 150
    assert Trainee.select().count() == 1
