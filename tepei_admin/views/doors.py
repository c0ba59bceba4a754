"""Every address and method, with what it asks for: one table, made at start and asked before every request.

What a view declares below its route (`rights.needs`) becomes a row; `docs/permissions.md` is this table, written out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, abort, current_app, redirect, request
from flask.typing import ResponseReturnValue

from tepei_admin.errors import NotAllowed
from tepei_admin.permissions import Actor, P
from tepei_admin.views import again, sent
from tepei_admin.views.paths import here, wants_page
from tepei_admin.views.rights import PUBLIC, actor, signed_in

WAY_OUT = "write @needs(P.…) below its route; @needs() for whoever is signed in, @needs(PUBLIC) for everybody"


@dataclass(frozen=True)
class Door:
    """One address with one method. `view` answers for rights of its own (`read`, `edit`, `delete`). What a view function
    says of itself: `data`, it answers no page; `secret`, its form has passwords; `carries`, what else its form has."""

    rule: str
    method: str
    endpoint: str
    needs: tuple[P | str, ...]
    view: Any = None
    data: bool = False
    secret: bool = False
    carries: tuple[str, ...] = ()

    @property
    def public(self) -> bool:
        return PUBLIC in self.needs

    def demand(self, actor: Actor) -> None:
        """Raise `NotAllowed` unless this actor may go in."""
        for right in self.needs:
            if isinstance(right, P):
                actor.require(right)
            elif right != PUBLIC:
                self.view.demand(actor, right)

    def opens_for(self, actor: Actor | None) -> bool:
        """None: somebody who is not signed in."""
        if actor is None or self.public:
            return self.public
        try:
            self.demand(actor)
        except NotAllowed:
            return False
        return True


def table(app: Flask) -> dict[tuple[str, str], Door]:
    """All doors of the house, by address and method. HEAD goes through the door of GET."""
    return {
        (rule.rule, method): Door(
            rule.rule,
            method,
            rule.endpoint,
            function.needs,
            getattr(function, "__self__", None),
            getattr(function, "data", False),
            getattr(function, "secret", False),
            getattr(function, "carries", ()) if method == "POST" else (),
        )
        for rule in app.url_map.iter_rules()
        for function in [app.view_functions[rule.endpoint]]
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    }


def install(app: Flask) -> None:
    """At start: a route that nobody thought of is a bug, not an open door (safety A1)."""
    app.view_functions["static"].needs = (PUBLIC,)  # type: ignore[attr-defined]
    silent = sorted(
        f"{rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if not hasattr(app.view_functions[rule.endpoint], "needs")
    )
    if silent:
        raise RuntimeError(f"no right is declared for {', '.join(silent)}: {WAY_OUT}")
    app.extensions["doors"] = doors = table(app)
    for door in doors.values():
        if any(not isinstance(right, P) and right != PUBLIC for right in door.needs) and door.view is None:
            raise RuntimeError(
                f"{door.rule} ({door.endpoint}) asks for a right that nobody answers for: {WAY_OUT}"
            )


def check() -> ResponseReturnValue | None:
    """Before every request: 403 without the right. Not signed in: a page leads to /login, a form is kept while its sender
    signs in again (401), all else is 401."""
    if request.url_rule is None:
        return None  # 404 or 405, to be told by its own error page
    method = "GET" if request.method == "HEAD" else request.method
    door = current_app.extensions["doors"].get((request.url_rule.rule, method))
    if door is None:
        abort(405)
    if door.public:
        return None
    if not signed_in():
        if method == "GET" and not door.data:
            return redirect(f"/login?next={here()}")
        if not door.data and wants_page():
            return again.ask(secret=door.secret)
        abort(401)
    door.demand(actor())
    sent.demand(door.carries)
    return None
