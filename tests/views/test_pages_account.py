"""One's own password; what an administrator does to accounts."""

from __future__ import annotations

import pytest

from tepei_admin.models import User
from tests.factories import PASSWORD, ROLES
from tests.views.browser import Browser

NEW = "carry-wood-7"


def change(browser: Browser, old: str = PASSWORD, new: str = NEW, again: str = NEW):
    return browser.post("/account/password", at="/account/password", old=old, new=new, again=again)


@pytest.mark.parametrize("role", ROLES)
def test_everybody_changes_the_own_and_stays_signed_in_here_only(role, app, house, client_as):
    here, there = client_as(role), client_as(role)
    assert change(here).status_code == 303
    assert here.get("/units/").status_code == 200
    assert there.get("/units/").status_code == 302
    username = f"{role}-150400" if role == "clerk" else role
    assert Browser(app).post("/login", at="/login", username=username, password=PASSWORD).status_code == 422
    assert Browser(app).post("/login", at="/login", username=username, password=NEW).status_code == 303


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"old": "wrong-one-1"}, "old", "原密码不正确"),
        ({"again": "carry-wood-8"}, "again", "两次输入的新密码不一样"),
        ({"new": "12345678", "again": "12345678"}, "new", "密码太短或太常见"),
        ({"new": "", "again": ""}, "new", "请填写“新密码”"),
        ({"old": ""}, "old", "请填写“原密码”"),
    ],
)
def test_a_refusal_stands_under_its_field(values, field, words, admin):
    answer = change(admin, **values)
    assert answer.status_code == 422
    assert f'id="{field}-wrong">{words}' in answer.text
    assert NEW not in answer.text and PASSWORD not in answer.text
    assert admin.get("/units/").status_code == 200


def test_an_administrator_resets_switches_and_unlocks(app, house, client_as):
    viewer, admin = client_as("viewer"), client_as("admin")
    user = User.get(User.username == "viewer")
    assert admin.post(f"/users/{user.id}/password", password=NEW).status_code == 303
    assert viewer.get("/units/").status_code == 302
    for _ in range(5):
        Browser(app).post("/login", at="/login", username="viewer", password="not-this-1")
    assert "已锁定" in admin.get(f"/users/{user.id}").text
    admin.post(f"/users/{user.id}/unlock")
    assert Browser(app).post("/login", at="/login", username="viewer", password=NEW).status_code == 303
    admin.post(f"/users/{user.id}/switch", active="0")
    assert not User.get_by_id(user.id).active
    assert "启用账号" in admin.get(f"/users/{user.id}").text
    admin.post(f"/users/{user.id}/switch", active="1")
    assert User.get_by_id(user.id).active


def test_a_weak_password_is_told(house, client_as):
    house.actor("viewer")
    user, admin = User.get(User.username == "viewer"), client_as("admin")
    answer = admin.post(f"/users/{user.id}/password", password="123")
    assert "密码太短或太常见" in admin.get(answer.location).text


def test_the_systems_own_account_is_left_alone(house, admin):
    user = User.get(User.username == "cli")
    assert "重设密码" not in admin.get(f"/users/{user.id}").text
    admin.post(f"/users/{user.id}/password", password=NEW)
    admin.post(f"/users/{user.id}/switch", active="0")
    assert User.get_by_id(user.id).active and not User.get_by_id(user.id).password_hash


@pytest.mark.parametrize("role", [role for role in ROLES if role != "admin"])
@pytest.mark.parametrize("action", ["password", "switch", "unlock"])
def test_nobody_else_does(role, action, house, client_as):
    house.actor("admin")
    user = User.get(User.username == "admin")
    before = user.password_hash, user.active
    assert client_as(role).post(f"/users/{user.id}/{action}", password=NEW, active="0").status_code == 403
    after = User.get_by_id(user.id)
    assert (after.password_hash, after.active) == before


def test_a_user_name_that_no_column_holds_is_a_wrong_one(nobody: Browser) -> None:
    answer = nobody.post("/login", at="/login", username="a\0b", password="x")
    assert answer.status_code == 422 and "用户名或密码不正确" in answer.text
