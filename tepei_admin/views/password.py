"""One's own password; and what an administrator does to an account beside editing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import login_user

from tepei_admin.errors import Mendable, Refusal, RuleViolation, Violation
from tepei_admin.messages import say, say_all
from tepei_admin.models import User
from tepei_admin.permissions import P
from tepei_admin.services import accounts, passwords, scope
from tepei_admin.services.work import now
from tepei_admin.views.account import Session
from tepei_admin.views.resource import ResourceView
from tepei_admin.views.rights import actor, needs

pages = Blueprint("password", __name__)
PK = "<int(max=2147483647):pk>"
LONGEST = 200
FIELDS = {"old": "原密码", "new": "新密码", "again": "再输一遍新密码"}


@pages.route("/account/password", methods=("GET", "POST"))
@needs()
def change() -> ResponseReturnValue:
    """All other sessions end; this one goes on under the new epoch."""
    if request.method == "GET":
        return _page({})
    given = {name: request.form.get(name, "")[:LONGEST] for name in FIELDS}
    if given["new"] != given["again"]:
        return _page({"again": "两次输入的新密码不一样"}), 422
    try:
        epoch = _change(given)
    except Refusal as refusal:
        names = {"password": "new"}
        wrong = {names.get(item.field or "", item.field or "old"): say(item) for item in refusal.violations}
        return _page(wrong), refusal.status
    login_user(Session(f"{actor().id}.{epoch}"))
    flash("密码已修改，其他地方的登录已退出", "ok")
    return redirect("/", 303)


change.secret = True


def _page(wrong: Mapping[str, str]) -> str:
    return render_template("account/password.html", fields=FIELDS, wrong=wrong, shortest=passwords.SHORTEST)


def _change(given: Mapping[str, str]) -> int:
    missing = [
        Violation("record.required", name, {"label": FIELDS[name]}) for name in FIELDS if not given[name]
    ]
    if missing:
        raise RuleViolation(missing)
    return accounts.change_own_password(actor(), given["old"], given["new"])


class UserView(ResourceView):
    """用户: beside the form, an administrator resets a password, switches an account off, unlocks it."""

    counted = "个"
    details_template = "account/user.html"

    def details(self, row: User, revealed: Mapping[str, str]) -> dict[str, Any]:
        return {
            **super().details(row, revealed),
            "locked": bool(row.locked_until and row.locked_until > now()),
        }


@pages.post(f"/users/{PK}/password")
@needs(P.ACCOUNTS)
def reset(pk: int) -> ResponseReturnValue:
    password = request.form.get("password", "")[:LONGEST]
    return _to(
        pk,
        lambda user: accounts.set_password(actor(), user.username, password),
        "密码已重设，该账号的登录已全部退出",
    )


reset.secret = True


@pages.post(f"/users/{PK}/switch")
@needs(P.ACCOUNTS)
def switch(pk: int) -> ResponseReturnValue:
    active = request.form.get("active") == "1"
    done = "账号已启用" if active else "账号已停用，其登录已全部退出"
    return _to(pk, lambda user: accounts.switch(actor(), user.username, active=active), done)


@pages.post(f"/users/{PK}/unlock")
@needs(P.ACCOUNTS)
def unlock(pk: int) -> ResponseReturnValue:
    return _to(pk, lambda user: accounts.unlock(actor(), user.username), "账号已解锁")


def _to(pk: int, act: Callable[[User], object], done: str) -> ResponseReturnValue:
    user = scope.get(actor(), User, pk)
    try:
        act(user)
    except Mendable as refusal:
        flash(say_all(refusal), "bad")
    else:
        flash(done, "ok")
    return redirect(f"/users/{pk}", 303)
