"""The panel as its users have it: served by `tepei-admin serve --demo`, seen in Debian's Chromium."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tepei_admin.database import db
from tepei_admin.seed import demo
from tepei_admin.services import accounts
from tests.conftest import build
from tests.factories import House

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
]  # fmt: skip
REFUSED = re.compile(r"the server responded with a status of (409|422)")
"""The browser notes the status of a form that was refused: the page with the reason is no error."""
SERVE = (
    "import sys; from tepei_admin.cli import main; sys.exit(main(['serve', '--port', '0', *sys.argv[1:]]))"
)


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[list[str]]:
    """`tepei-admin serve` over a data folder: what it printed at start, its address last."""
    environment = {**os.environ, "TEPEI_DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
    environment.pop("TEPEI_DATABASE_URL", None)
    server = subprocess.Popen(
        [sys.executable, "-c", SERVE, *arguments], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    lines = []
    for line in server.stdout:
        lines.append(line.strip())
        if "http://" in line:
            break
    try:
        yield lines
    finally:
        server.terminate()
        server.wait(30)


@contextmanager
def filled(folder: Path) -> Iterator[House]:
    """A new house in a data folder, with an operator and an approver, open to be filled."""
    url = f"sqlite:///{folder / 'tepei.sqlite3'}"
    build(url)
    with db.obj.connection_context():
        house = House(url)
        for role, name in (("operator", "斯琴图雅"), ("approver", "乌云其木格")):
            accounts.add(house.cli, role, role, password=demo.PASSWORD, name=name)
        yield house
    db.close()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """The demo, served until the module's tests are over."""
    with serving(tmp_path_factory.mktemp("panel"), "--demo") as lines:
        yield lines


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def sign_in(told: list[str], chromium: Browser) -> Iterator[Callable[..., Page]]:
    """A page of somebody who has signed in. Not one error may stand in any console when the test is over."""
    address = "http://" + told[-1].partition("http://")[2].split("/")[0].split("（")[0]
    complaints: list[str] = []

    def complain(text: str) -> None:
        if not REFUSED.search(text):
            complaints.append(text)

    def as_(username: str, **options: object) -> Page:
        context = chromium.new_context(
            viewport={"width": 1366, "height": 768}, base_url=address, accept_downloads=True, **options
        )  # type: ignore[arg-type]
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda message: complain(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/login")
        page.fill("[name=username]", username)
        page.fill("[name=password]", demo.PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(address + "/")
        return page

    yield as_
    assert complaints == []


@pytest.fixture
def handbook() -> Path:
    folder = Path(__file__).parents[2] / "docs" / "handbook"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
