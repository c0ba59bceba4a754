"""Signing in and out; the session holds a user's number and epoch and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, login_user, logout_user

from tepei_admin.errors import Refusal
from tepei_admin.messages import say_all
from tepei_admin.permissions import Actor
from tepei_admin.services import accounts
from tepei_admin.views.paths import local
from tepei_admin.views.rights import PUBLIC, actor, needs, signed_in

pages = Blueprint("account", __name__)
login = LoginManager()
login.session_protection = None  # the epoch ends sessions; an address that changes behind a proxy does not


@dataclass
class Session(UserMixin):
    """What Flask-Login calls the user."""

    id: str
    actor: Actor | None = None


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
    try:
        known = accounts.sign_in(username, request.form.get("password", ""))
    except Refusal as refusal:
        page = render_template("login.html", next=target, username=username, refused=say_all(refusal))
        return page, 422 if refusal.status == 422 else refusal.status
    session.clear()
    session.permanent = True
    login_user(Session(f"{known.user_id}.{known.epoch}"))
    return redirect(target, 303)


@pages.post("/logout")
@needs()
def sign_out() -> ResponseReturnValue:
    accounts.sign_out(actor())
    logout_user()
    session.clear()
    return redirect("/login", 303)
