"""A browser without scripts: pages, their forms, the token that every form carries."""

from __future__ import annotations

import re
import secrets
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from tepei_admin.views.sent import KEY, VERSION
from tests.factories import PASSWORD, House


class Browser:
    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()

    def sign_in(self, house: House, role: str, unit: str | None = None) -> Browser:
        unit = unit or ("150400" if role == "clerk" else None)
        house.actor(role, unit)
        username = f"{role}-{unit}" if unit else role
        answer = self.post("/login", username=username, password=PASSWORD, at="/login")
        assert answer.status_code == 303, answer.text
        return self

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def token(self, at: str = "/lists-of-the-session") -> str:
        """The session's token, from a page with a form; every page has one."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(at).text)
        return found[1] if found else ""

    def post(self, path: str, *, at: str = "/units/", **values: Any) -> TestResponse:
        """Send a form with the session's token, and what else it carries: a token of its own, the version on its page."""
        data = {key.replace("__", "."): value for key, value in values.items()}
        carried = self.carried(path)
        own = {KEY: secrets.token_hex(12)} if KEY in carried else {}
        if VERSION in carried and VERSION not in data:
            own[VERSION] = self.version(path)
        return self.client.post(path, data={"csrf_token": self.token(at), **own, **data})

    def version(self, path: str) -> str:
        """Of the row whose form stands on this page, or on the one above it."""
        pages = (self.get(place).text for place in (path, path.rpartition("/")[0]))
        found = (re.search(r'name="version" value="([0-9]+)"', page) for page in pages)
        return next((match[1] for match in found if match), "1")

    def carried(self, path: str) -> tuple[str, ...]:
        """What a form posted there carries beside its boxes."""
        try:
            rule, _ = self.app.url_map.bind("").match(urlsplit(path).path, "POST", return_rule=True)
        except HTTPException:
            return ()
        return self.app.extensions["doors"][rule.rule, "POST"].carries

    def boxes(self, path: str) -> dict[str, str]:
        """What a form's boxes hold as the page comes: name -> value."""
        text = self.get(path).text
        found: dict[str, str] = {}
        for tag in re.findall(r"<input [^>]*>", text):
            values = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
            ticked = values.get("type") != "checkbox" or " checked" in tag
            if "name" in values and ticked:
                found[values["name"]] = values.get("value", "")
        for name, inside in re.findall(
            r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', text, re.DOTALL
        ):
            found[name] = inside.strip()
        for attributes, inside in re.findall(r"<select ([^>]*)>(.*?)</select>", text, re.DOTALL):
            chosen = re.search(r'<option selected value="([^"]*)"|<option value="([^"]*)" selected', inside)
            found[dict(re.findall(r'([\w-]+)="([^"]*)"', attributes))["name"]] = (
                (chosen[1] or chosen[2] or "") if chosen else ""
            )
        return found

    def save(self, path: str, **changes: Any) -> TestResponse:
        """Open a form, change some boxes, send all of it."""
        boxes = self.boxes(path)
        boxes.pop("next", None)
        boxes.pop("programme", None)
        return self.client.post(
            path, data={**boxes, **{key.replace("__", "."): value for key, value in changes.items()}}
        )


def names(page: str) -> list[str]:
    """The first cells of a list."""
    return re.findall(r'<tr>(?:<td class="tick"><input[^>]*>)?<td><a href="[^"]*">([^<]*)</a>', page)
