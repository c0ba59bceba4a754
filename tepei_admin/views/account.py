"""Signing in and out; the session holds a user's number and epoch and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Flask, redirect, render_template, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, login_user, logout_user

from tepei_admin.errors import Mendable, RuleViolation
from tepei_admin.messages import say_all
from tepei_admin.permissions import Actor
from tepei_admin.services import accounts
from tepei_admin.services.limits import Limit
from tepei_admin.views import again
from tepei_admin.views.paths import local
from tepei_admin.views.rights import PUBLIC, actor, needs, signed_in

pages = Blueprint("account", __name__)
limit = Limit("sign-in", 30, 60.0)
"""Failures by one address, whatever the names: a list of passwords takes long."""
TOO_MANY = "这台电脑登录失败次数太多，请 {} 秒后再试"
login = LoginManager()
login.session_protection = None  # the epoch ends sessions; an address that changes behind a proxy does not


@dataclass
class Session(UserMixin):
    """What Flask-Login calls the user."""

    id: str
    actor: Actor | None = None


class Sessions(SecureCookieSessionInterface):
    """A file that every cache may keep for a year carries nobody's session."""

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        return request.endpoint != "static" and super().should_set_cookie(app, session)


@login.user_loader
def load(key: str) -> Session | None:
    """One query a request; a password, role or lock that changed since has another epoch: signed out."""
    number, _, epoch = key.partition(".")
    found = accounts.actor_of(int(number), int(epoch))
    return Session(key, found) if found else None


@pages.route("/login", methods=("GET", "POST"))
@needs(PUBLIC)
def sign_in() -> ResponseReturnValue:
    target = local(request.values.get("next"))
    if request.method == "GET":
        return redirect(target) if signed_in() else render_template("login.html", next=target)
    username = request.form.get("username", "").replace("\0", " ").strip()
    if wait := limit.blocked(request.remote_addr or ""):
        return _again(target, username, TOO_MANY.format(wait)), 429, {"Retry-After": str(wait)}
    try:
        known = accounts.sign_in(username, request.form.get("password", ""))
    except Mendable as refusal:
        if isinstance(refusal, RuleViolation):  # not where the house cannot look at the moment
            limit.wait(request.remote_addr or "")
        return _again(target, username, say_all(refusal)), refusal.status
    kept = again.carried(target)
    session.clear()
    session.permanent = True
    login_user(Session(f"{known.user_id}.{known.epoch}"))
    return again.resume(kept) if kept else redirect(target, 303)


def _again(target: str, username: str, refused: str) -> str:
    """The page once more, with what it carries."""
    if kept := again.carried(target):
        return again.page(kept, username=username, refused=refused)
    return render_template("login.html", next=target, username=username, refused=refused)


@pages.post("/logout")
@needs()
def sign_out() -> ResponseReturnValue:
    accounts.sign_out(actor())
    logout_user()
    session.clear()
    return redirect("/login", 303)
