"""A8: no redirect leaves the house, no foreign host is answered, no header of a stranger is believed."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

import pytest
from flask import redirect, request

from tepei_admin.app import create_app
from tepei_admin.config import Config
from tepei_admin.database import db
from tepei_admin.views import paths
from tests.factories import PASSWORD
from tests.views.browser import Browser

AWAY = [
    "//evil.example", "///evil.example", "////evil.example", "https://evil.example", "http:evil", "https:/evil", "https:evil.example",
    "/\\evil.example", "\\\\evil.example", "/\\/evil.example", "/\t/evil.example", "\t//evil.example", " //evil.example",
    "/\n/evil.example", "\x00//evil.example", "javascript:alert(1)", "data:text/html,x", "evil.example", "/a\r\nSet-Cookie: x=1",
    "/\u2028//evil.example", "//localhost@evil.example", "http://localhost@evil.example/", "//evil.example:80", "ftp://localhost/",
    "http://localhost:81/", "／／evil.example", "/%0d%0aLocation:evil", "?next=//evil.example", "#//evil.example", ".//evil.example",
]  # fmt: skip
AT_HOME = [
    "/",
    "/units/?page_size=20",
    "/trainees/?search=王&sort=-name",
    "/trainees/5?unit=3#money",
    "/a//b",
]


def leads(location: str) -> str:
    """Where a browser would go from our sign-in page: it drops tabs and newlines and reads \\ as /."""
    tidy = "".join(char for char in location if char not in "\t\r\n").strip("\x00 ").replace("\\", "/")
    parts = urlsplit(urljoin("http://localhost/login", tidy))
    return f"{parts.scheme}://{parts.netloc}"


@pytest.mark.parametrize("target", AWAY)
def test_no_return_link_leaves_the_house(target: str, sqlite_house, sqlite_app) -> None:
    nobody = Browser(sqlite_app)
    sqlite_house.actor("viewer")
    answer = nobody.post("/login", at="/login", username="viewer", password=PASSWORD, next=target)
    assert answer.status_code == 303 and leads(answer.location) == "http://localhost"
    assert "Set-Cookie: x" not in str(answer.headers)
    answer = nobody.post("/year", programme="1", next=target)
    assert leads(answer.location) == "http://localhost"


@pytest.mark.parametrize("target", AT_HOME)
def test_a_link_within_the_house_leads_where_it_says(target: str, sqlite_house, sqlite_app) -> None:
    nobody = Browser(sqlite_app)
    sqlite_house.actor("viewer")
    answer = nobody.post("/login", at="/login", username="viewer", password=PASSWORD, next=target)
    assert answer.location.encode().decode() in (target, target.replace("王", "%E7%8E%8B"))


@pytest.mark.parametrize("target", AWAY)
def test_whatever_redirects_the_last_guard_keeps_it_home(target: str, sqlite_app) -> None:
    """One guard after every request, should a view ever forget."""
    try:
        answer = redirect(target)
    except ValueError:
        return  # werkzeug itself refuses newlines in headers
    with sqlite_app.test_request_context("/login"):
        assert leads(sqlite_app.process_response(answer).location) == "http://localhost"


def test_control_without_the_guard_the_redirect_leaves(sqlite_app) -> None:
    sqlite_app.after_request_funcs[None].remove(paths.stay_home)
    with sqlite_app.test_request_context("/login"):
        assert (
            leads(sqlite_app.process_response(redirect("//evil.example")).location) == "http://evil.example"
        )


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "evil.example:80",
        "",
        "127.0.0.1.evil.example",
        "localhost@evil.example",
    ],
)
def test_a_foreign_host_is_not_answered(host: str, sqlite_app) -> None:
    for path in ("/healthz", "/login", "/nowhere"):
        answer = Browser(sqlite_app).get(path, headers={"Host": host})
        assert answer.status_code == 400 and "evil" not in answer.text


def test_only_the_host_of_base_url_is_trusted(sqlite_house, tmp_path) -> None:
    db.close()
    app = create_app(Config(tmp_path, sqlite_house.url, "k" * 40, base_url="https://tepei.example.cn"))
    client = app.test_client()
    assert client.get("/healthz", headers={"Host": "tepei.example.cn"}).status_code == 200
    assert client.get("/healthz", headers={"Host": "localhost"}).status_code == 400


FORWARDED = {
    "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "10.9.8.7", "X-Forwarded-Prefix": "/evil",
    "Forwarded": "host=evil.example",
}  # fmt: skip


def test_forwarded_headers_are_believed_of_nobody_but_the_proxies_that_are_named(
    sqlite_house, tmp_path
) -> None:
    seen = {}
    for proxies in (0, 1):
        db.close()
        app = create_app(
            Config(tmp_path, sqlite_house.url, "k" * 40, base_url="http://localhost", proxies=proxies)
        )
        app.view_functions["home.healthz"] = lambda: f"{request.host} {request.remote_addr}"
        seen[proxies] = app.test_client().get("/healthz", headers=FORWARDED)
    assert seen[0].text == "localhost 127.0.0.1"
    assert seen[1].status_code == 400, "the proxy's word counts, and its host is not ours"


def test_the_address_of_a_page_never_holds_a_whole_number(sqlite_admin: Browser) -> None:
    """ID numbers and phones are searched by POST; an address typed by hand loses them."""
    for query in ("search=15040219850512001X", "search=13812345678", "mobile=13812345678", "mobile.has=13812345678",
                  "office_phone=13812345678", "name.has=13812345678"):  # fmt: skip
        answer = sqlite_admin.get(f"/trainees/?{query}")
        assert answer.status_code == 302 and answer.location.startswith("/trainees/"), query
        assert not re.search(r"\d{11}", answer.location), query
