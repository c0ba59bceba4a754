"""The panel over a test's house, and browsers of its people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask

from tepei_admin.app import create_app, move_in
from tepei_admin.config import Config
from tepei_admin.database import db
from tepei_admin.services import accounts
from tests.factories import House
from tests.views.browser import Browser


@pytest.fixture(autouse=True, scope="session")
def _cheap_passwords() -> Iterator[None]:
    """Argon2id with little work: each test signs somebody in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            accounts, "_hasher", cache(lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        )
        yield


@pytest.fixture
def app(house: House, tmp_path: Path) -> Flask:
    """The panel on both databases."""
    return panel(house, tmp_path)


@pytest.fixture
def sqlite_app(sqlite_house: House, tmp_path: Path) -> Flask:
    return panel(sqlite_house, tmp_path)


PANELS: dict[str, tuple[Flask, object]] = {}


def panel(house: House, folder: Path) -> Flask:
    """The panel over this house. Drawing up its addresses and templates takes half a second, so that one is moved from
    house to house, each kind of database with its own; one that a test has changed is thrown away."""
    db.close()  # the panel opens the house anew
    config = Config(data_dir=folder, database_url=house.url, secret_key="k" * 40)
    kind = house.url.partition(":")[0]
    app, made = PANELS.get(kind, (None, None))
    if app is not None and shape(app) == made:
        app._got_first_request = False
        move_in(app, config)
        return app
    app = create_app(config)
    PANELS[kind] = app, shape(app)
    return app


def shape(app: Flask) -> object:
    """What a test could change of a panel."""
    asked = {name: list(map(id, funcs)) for name, funcs in app.before_request_funcs.items()}
    answered = {name: list(map(id, funcs)) for name, funcs in app.after_request_funcs.items()}
    functions = {name: id(function) for name, function in app.view_functions.items()}
    settings = {key: value for key, value in app.config.items() if key != "TEPEI"}
    return (
        len(list(app.url_map.iter_rules())),
        asked,
        answered,
        functions,
        settings,
        app.__dict__.get("wsgi_app"),
    )


@pytest.fixture
def nobody(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def client_as(app: Flask, house: House) -> Callable[..., Browser]:
    """A browser in which somebody of that role has signed in; a clerk belongs to 赤峰市 unless told otherwise."""
    return lambda role, unit=None: Browser(app).sign_in(house, role, unit)


@pytest.fixture
def admin(client_as: Callable[..., Browser]) -> Browser:
    return client_as("admin")


@pytest.fixture
def sqlite_admin(sqlite_app: Flask, sqlite_house: House) -> Browser:
    return Browser(sqlite_app).sign_in(sqlite_house, "admin")
