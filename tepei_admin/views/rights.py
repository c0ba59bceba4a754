"""Who may open which address. Every view function says what it needs; one that says nothing is not served."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from tepei_admin.permissions import Actor, P
from tepei_admin.views.paths import here

F = TypeVar("F", bound=Callable[..., Any])

PUBLIC = "public"
"""For everybody, signed in or not. Said alone; any other word is a right of the view's own (`demand`)."""


def needs(*rights: P | str) -> Callable[[F], F]:
    """Declare the rights that a view function needs, below its route. None: being signed in is enough."""

    def declare(function: F) -> F:
        function.needs = rights  # type: ignore[attr-defined]
        return function

    return declare


def actor() -> Actor:
    """Who is signed in. Only for views that are not public."""
    return current_user.actor


def signed_in() -> bool:
    return bool(current_user.is_authenticated)


def check() -> ResponseReturnValue | None:
    """Before every request: 403 without the right; not signed in: a page leads to /login, all else is 401."""
    if request.endpoint is None:
        return None  # 404 or 405, to be told by its own error page
    function = current_app.view_functions[request.endpoint]
    if PUBLIC in function.needs:
        return None
    if not signed_in():
        if request.method in ("GET", "HEAD") and not getattr(function, "data", False):
            return redirect(f"/login?next={here()}")
        abort(401)
    for right in function.needs:
        if isinstance(right, P):
            actor().require(right)
        else:
            function.__self__.demand(actor(), right)
    return None


def refuse_undeclared(app: Flask) -> None:
    """At start: a route that nobody thought of is a bug, not an open door (safety A1)."""
    app.view_functions["static"].needs = (PUBLIC,)  # type: ignore[attr-defined]
    silent = sorted(name for name, function in app.view_functions.items() if not hasattr(function, "needs"))
    if silent:
        raise RuntimeError(f"views that do not say what right they need: {', '.join(silent)}")
