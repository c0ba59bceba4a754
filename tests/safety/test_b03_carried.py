"""B2, B3: a form that changes a row carries the version that was seen, one that moves money or status its token.

Over all doors that take a form, by the table of permissions: one that is new is looked at here, or these tests fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from tepei_admin.choices import Role
from tepei_admin.errors import Stale
from tepei_admin.models import Document, ExportTemplate, TitleName
from tepei_admin.permissions import Actor
from tepei_admin.services import crud, documents, exports, record
from tepei_admin.views import sent
from tepei_admin.views.doors import Door
from tests.safety.canaries import nest
from tests.safety.digest import digest
from tests.safety.test_a01_routes import CARRIED, REACHED, stub
from tests.services.cast import _write
from tests.views.browser import Browser

FREE = {
    "asks only, and what it asks for stands in the address or goes out as a file": (
        "/login", "/logout", "/year", "/exports/<number>", "/exports/records/<number>/changes", "/exports/records/<number>/copy",
        "/certificates/pdf", "/certificates/of-batch/<number>", "/certificates/specimen/<number>", "/letters/<kind>",
        "/batches/<number>/result", "/documents/<pk>/file", "/trainees/<pk>/documents.zip", "/import/<number>/errors",
        "/import/<number>/file", "/import/<number>/messages", "/backups/download", "*/search", "*/export", "*/reveal",
    ),
    "chooses, and what it chose is confirmed by a proposal that is used once": (
        "/trainees/<pk>/do", "/payments/<pk>/do", "/payments/propose", "/letters/<kind>/choose", "/certificates/ready", "*/act",
        "/batches/confirm/<number>",
    ),
    "adds a row that was not there; two are seen and one can be deleted": (
        "/trainees/<pk>/documents", "/trainees/<pk>/follow-ups", "/import/", "/past-trainees/load", "/exports/templates/new",
        "/exports/templates/<number>/copy", "/backups/", "*/new",
    ),
    "says what shall be, so that twice is as good as once": (
        "/users/<pk>/switch", "/users/<pk>/unlock", "/users/<pk>/password", "/account/password", "/trainees/<pk>/check",
        "/backups/delete",
    ),
}  # fmt: skip
"""Forms that carry neither, and why."""


def forms(app: Flask) -> Iterator[Door]:
    return (door for door in app.extensions["doors"].values() if door.method == "POST")


def plain(rule: str) -> str:
    return rule.replace("int(max=2147483647):", "")


def address(door: Door) -> str:
    return re.sub(r"<[^>]*>", "1", door.rule)


def test_every_form_carries_what_it_must_or_says_why_not(sqlite_app) -> None:
    free = {rule for rules in FREE.values() for rule in rules}
    ends = tuple(rule[1:] for rule in free if rule.startswith("*"))
    bare = {plain(door.rule) for door in forms(sqlite_app) if not door.carries}
    mounted = {view.url for view in sqlite_app.extensions["resources"].values()}
    of_resources = {rule for rule in bare if rule.endswith(ends) and any(rule.startswith(f"{url}/") for url in mounted)}  # fmt: skip
    assert bare - of_resources == {rule for rule in free if not rule.startswith("*")}


def without_one(app: Flask) -> Iterator[tuple[Door, dict[str, str]]]:
    """Every door with what its form carries, one thing left out, or empty."""
    for door in forms(app):
        for name in door.carries if door.opens_for(Actor(0, "", Role.ADMIN)) else ():
            whole = {key: CARRIED[key] for key in door.carries}
            yield door, {key: value for key, value in whole.items() if key != name}
            yield door, {**whole, name: ""}


def test_a_form_without_it_is_not_let_in_and_changes_nothing(house, admin: Browser) -> None:
    nest("150400")
    token, before = admin.token("/units/"), digest()
    odd, tried = [], 0
    for door, boxes in without_one(admin.app):
        tried += 1
        answer = admin.client.post(address(door), data={"csrf_token": token, **boxes})
        odd += [] if answer.status_code == 400 else [(door.rule, boxes, answer.status_code)]
    assert odd == [] and digest() == before and tried > 60


def test_control_without_the_look_at_it_they_all_come_through(
    sqlite_house, sqlite_admin, monkeypatch
) -> None:
    token = sqlite_admin.token("/units/")
    stub(sqlite_admin.app)
    monkeypatch.setattr(sent, "demand", lambda names: None)
    for door, boxes in without_one(sqlite_admin.app):
        answer = sqlite_admin.client.post(address(door), data={"csrf_token": token, **boxes})
        assert answer.status_code == REACHED, door.rule


def drawn(page: str) -> Iterator[tuple[str, str]]:
    """(where it goes, its inside) of every form of a page, buttons that lead elsewhere too."""
    for attributes, inside in re.findall(r"<form ([^>]*)>(.*?)</form>", page, re.DOTALL):
        if 'method="post"' in attributes:
            goals = re.findall(r'\baction="([^"]*)"', attributes) or [""]
            for goal in [*goals, *re.findall(r'formaction="([^"]*)"', inside)]:
                yield goal, inside


def test_every_form_that_is_drawn_has_it(house, admin: Browser) -> None:
    """The pages of all rows of somebody's, as they come."""
    rows = nest("150400")
    number = {
        view.url.strip("/"): rows[model].id
        for model, view in admin.app.extensions["resources"].items()
        if model in rows
    }
    lacking, seen = [], set()
    for door in admin.app.extensions["doors"].values():
        first = door.rule.strip("/").partition("/")[0].replace("import", "uploads")
        if door.method != "GET" or door.data or door.rule.startswith("/static"):
            continue
        path = re.sub(r"<[^>]*>", str(number.get(first, 1)), door.rule)
        answer = admin.get(path, follow_redirects=True)
        for goal, inside in drawn(answer.text if answer.mimetype == "text/html" else ""):
            for name in admin.carried(goal or path):
                value = re.search(rf'<input type="hidden" name="{name}" value="([^"]+)"', inside)
                seen.add((goal or path, name))
                lacking += [] if value else [(path, goal, name)]
    assert lacking == [] and len(seen) > 30, sorted(seen)


REMOVED = {
    "a row": (TitleName, "name", lambda house, row, seen: crud.remove(house.cli, TitleName, row.id, seen)),
    "a paper": (Document, "note", lambda house, row, seen: documents.remove(house.cli, row.id, seen)),
    "a template": (ExportTemplate, "name", lambda house, row, seen: exports.remove_template(house.cli, row.id, seen)),
}  # fmt: skip


@pytest.mark.parametrize("what", REMOVED)
def test_what_was_changed_since_it_was_seen_is_not_deleted(what: str, house) -> None:
    nest("150400")
    model, column, remove = REMOVED[what]
    row = model.select().order_by(model.id.desc()).first()
    _write(house.cli, lambda: record.update(model, [row.id], {column: "别人改了"}))
    with pytest.raises(Stale):
        remove(house, row, row.version)
    assert model.get_or_none(model.id == row.id)
    remove(house, row, row.version + 1)
    assert model.get_or_none(model.id == row.id) is None
