"""The one class over Flask-Admin's Peewee view, and everything that answers for it (docs: ground.md)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Flask, redirect
from flask.typing import ResponseReturnValue
from flask_admin import Admin, BaseView, expose

from tepei_admin.permissions import Actor, P
from tepei_admin.schema import Record
from tepei_admin.services import scope
from tepei_admin.views.resource.view import ResourceView
from tepei_admin.views.rights import needs

__all__ = ["Page", "Resource", "ResourceView", "mount"]


@dataclass(frozen=True)
class Resource:
    """A model in the panel: its place in the menu (group None: reached by links only), its path, its view."""

    group: str | None
    path: str
    model: type[Record]
    view: type[ResourceView] = ResourceView

    @property
    def title(self) -> str:
        return self.model.panel.title

    @property
    def url(self) -> str:
        return f"/{self.path}/"

    def open_to(self, actor: Actor) -> bool:
        """Does the menu lead this actor there?"""
        return actor.may(self.model.panel.read) and not scope.sees_none(actor, self.model)


@dataclass(frozen=True)
class Page:
    """A page in the menu that is no table. It shows as soon as its address is served."""

    group: str | None
    title: str
    url: str
    right: P | None = None

    def open_to(self, actor: Actor) -> bool:
        return self.right is None or actor.may(self.right)


class Lists(BaseView):
    """Flask-Admin wants an index of its own; ours is the front page."""

    @expose("/")
    @needs()
    def index(self) -> ResponseReturnValue:
        return redirect("/")

    def _handle_view(self, name: str, **arguments: object) -> None:
        """See ResourceView."""


def mount(app: Flask, menu: Iterable[Resource | Page]) -> None:
    """Serve every resource, and keep the menu: what is served, in the order given."""
    admin = Admin(app, name="特培管理", url="/", index_view=Lists(endpoint="lists", url="/lists"))
    views: dict[type[Record], ResourceView] = {}
    for item in menu:
        if isinstance(item, Resource):
            views[item.model] = item.view(item.model, item.path)
            admin.add_view(views[item.model])
    served = {rule.rule for rule in app.url_map.iter_rules()}
    app.extensions["resources"] = views
    app.extensions["menu"] = [item for item in menu if item.group is not None and item.url in served]
