"""What every page shows around its own content: menu, year, person, day. Only what the actor may open."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from flask import current_app, request

from tepei_admin.permissions import Actor
from tepei_admin.services import clock
from tepei_admin.views import rights, year
from tepei_admin.views.paths import local


@dataclass(frozen=True)
class Link:
    title: str
    url: str
    here: bool


class Frame:
    """The layout's values, each found when the template asks for it."""

    @cached_property
    def actor(self) -> Actor | None:
        return rights.actor() if rights.signed_in() else None

    @cached_property
    def year(self) -> year.Year | None:
        return year.current()

    @property
    def years(self) -> list[year.Year]:
        return year.years()

    @cached_property
    def demo_day(self) -> dt.date | None:
        return clock.demo_day()

    @property
    def back(self) -> str:
        """Where the year switch returns to: this page, if it can be asked for again."""
        return local(request.full_path.rstrip("?")) if request.method == "GET" else "/"

    @cached_property
    def menu(self) -> list[tuple[str, list[Link]]]:
        if self.actor is None:
            return []
        path = request.path
        served = [item.url for item in current_app.extensions["menu"]]
        here = max(
            (url for url in served if path == url or (url != "/" and path.startswith(url))),
            key=len,
            default="",
        )
        entries = [
            (
                item.group,
                Link(item.title, item.url, item.url == here),
            )
            for item in current_app.extensions["menu"]
            if item.open_to(self.actor)
        ]
        return [
            (group, [link for _, link in links])
            for group, links in groupby(entries, key=lambda entry: entry[0])
        ]


def values() -> dict[str, Any]:
    return {"frame": Frame()}
