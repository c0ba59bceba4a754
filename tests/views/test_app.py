"""The house's doors: sign-in, tokens, origins, headers, error pages, the start."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import permissions
from tepei_admin.app import create_app
from tepei_admin.config import Config, ConfigError
from tepei_admin.models import User
from tests.factories import PASSWORD
from tests.views.browser import Browser


def test_the_document_of_permissions_is_what_the_code_declares() -> None:
    """A fresh process: other tests mount models of their own."""
    run = subprocess.run(
        [sys.executable, "-c", "from scripts import permissions; print(permissions.text(), end='')"],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2], env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert run.stdout == permissions.TARGET.read_text(encoding="utf-8"), (
        "a route, right or column has changed: run `python scripts/permissions.py`, look at it, commit it"
    )


def test_signing_in_leads_where_one_wanted_to_go(house, nobody: Browser) -> None:
    house.actor("viewer")
    answer = nobody.post(
        "/login", at="/login", username="viewer", password=PASSWORD, next="/units/?page_size=20"
    )
    assert (answer.status_code, answer.location) == (303, "/units/?page_size=20")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert nobody.get("/units/").status_code == 200
    assert nobody.get("/login").status_code == 302


@pytest.mark.parametrize("username", ["viewer", "no-such-user", "cli", "", "'", "x" * 5000])
def test_a_wrong_password_and_an_unknown_user_read_the_same(username: str, sqlite_house, sqlite_app) -> None:
    nobody = Browser(sqlite_app)
    sqlite_house.actor("viewer")
    answer = nobody.post("/login", at="/login", username=username, password="wrong-password")
    assert answer.status_code == 422
    assert "用户名或密码不正确" in answer.text and "wrong-password" not in answer.text


def test_signing_out_ends_the_session_also_for_a_copied_cookie(house, client_as) -> None:
    browser = client_as("viewer")
    stolen = browser.client.get_cookie("tepei").value
    assert browser.post("/logout").location == "/login"
    assert browser.get("/units/").status_code == 302
    browser.client.set_cookie("tepei", stolen)
    assert browser.get("/units/").status_code == 302


def test_a_disabled_account_and_a_new_role_end_the_session_at_the_next_request(house, client_as) -> None:
    viewer, boss = client_as("viewer"), client_as("admin")
    number = User.get(User.username == "viewer").id
    boxes = boss.boxes(f"/users/{number}/edit")
    boxes.pop("active", None)
    assert boss.client.post(f"/users/{number}/edit", data=boxes).status_code == 303
    assert viewer.get("/units/").status_code == 302
    assert viewer.get("/units/lookup?q=a").status_code == 401


def test_static_files_are_kept_by_browsers_and_change_their_address_with_their_content(
    admin: Browser,
) -> None:
    sheet = re.search(r'href="(/static/style\.css\?v=\w+)"', admin.get("/units/").text)[1]
    answer = admin.get(sheet)
    assert answer.status_code == 200 and "max-age=31536000" in answer.headers["Cache-Control"]


def test_no_page_has_inline_scripts_styles_or_handlers(house, admin: Browser) -> None:
    """Safety A9: the policy forbids them; nothing may depend on one."""
    someone = house.trainee()
    paths = ["/units/", "/units/new", "/units/filter", f"/units/{house.unit().id}", "/trainees/", f"/trainees/{someone.id}",
             f"/trainees/{someone.id}/edit", "/nowhere", "/login"]  # fmt: skip
    for path in paths:
        page = admin.get(path).text
        assert not re.search(r"<script(?! src=)|<style|\sstyle=|\son\w+=|javascript:", page), path


def test_markup_in_data_stays_text(house, admin: Browser) -> None:
    payload = "<img src=x onerror=alert(1)>\"'"
    someone = house.trainee(name=payload, employer=payload)
    for path in (
        "/trainees/",
        f"/trainees/{someone.id}",
        f"/trainees/{someone.id}/edit",
        "/trainees/?search=%3Cimg",
    ):
        page = admin.get(path).text
        assert "<img" not in page and "&lt;img" in page, path


def test_error_pages_say_one_sentence_and_a_way_on(admin: Browser) -> None:
    answer = admin.get("/nowhere")
    assert answer.status_code == 404 and "没有找到这个页面" in answer.text and 'href="/"' in answer.text
    assert admin.client.put("/units/").status_code == 405
    answer = admin.get("/nowhere", headers={"Accept": "application/json"})
    assert answer.json == {"error": "没有找到这个页面，或您无权查看"}


def test_too_large_a_form_is_refused(admin: Browser) -> None:
    token = admin.token("/units/")
    answer = admin.client.post("/units/new", data={"csrf_token": token, "name": "x" * (3 * 1024 * 1024)})
    assert answer.status_code == 413 and "太大" in answer.text


def test_the_year_is_chosen_once_for_all_lists(house, admin: Browser) -> None:
    from tepei_admin.services import programmes

    house.trainee(name="今年")
    programmes.new_year(house.cli, 2020, source=2019)
    assert "今年" not in admin.get("/trainees/").text
    assert (
        admin.post("/year", programme=str(house.programme(2019).id), next="/trainees/").location
        == "/trainees/"
    )
    page = admin.get("/trainees/").text
    assert (
        "今年" in page and f'<option value="{house.programme(2019).id}" selected>2019 年度</option>' in page
    )
    other = house.programme(2020).id
    assert f"/tracks/?programme={other}" in admin.get(f"/programmes/{other}").text
    assert "区外" in admin.get(f"/tracks/?programme={other}").text


def test_the_demo_day_is_on_every_page(house, admin: Browser) -> None:
    from tepei_admin.models import House as HouseRow
    from tests.views.sample import row

    assert "演示数据" not in admin.get("/units/").text
    row(HouseRow, key="today", value="2019-12-27")
    assert "演示数据 · 今天是 2019年12月27日" in admin.get("/units/").text


def test_a_today_of_ones_own_needs_a_demo_house(house, tmp_path) -> None:
    import datetime as dt

    from tepei_admin.database import db

    db.close()
    with pytest.raises(ConfigError, match="TEPEI_TODAY"):
        create_app(Config(tmp_path, house.url, "k" * 40, today=dt.date(2019, 12, 27)))


def test_the_menu_has_only_what_the_actor_may_open(client_as) -> None:
    assert 'href="/users/"' in client_as("admin").get("/units/").text
    assert 'href="/users/"' not in client_as("viewer").get("/units/").text


def test_a_request_that_leaves_a_transaction_open_is_mended(
    house, admin: Browser, monkeypatch, caplog
) -> None:
    from tepei_admin.database import db
    from tepei_admin.views.resource import ResourceView

    def leaves_it_open(self, state):
        db.begin()
        raise RuntimeError("left open")

    with monkeypatch.context() as patch:
        patch.setattr(ResourceView, "listing", leaves_it_open)
        assert admin.get("/units/").status_code == 500
    assert not db.obj.in_transaction()
    assert admin.get("/units/").status_code == 200
