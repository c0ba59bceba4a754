"""The panel as its users have it: served by `tepei-admin serve --demo`, seen in Chromium."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tepei_admin.seed import demo
from tests.chromium import PATIENCE, launch
from tests.served import Server

REFUSED = re.compile(r"the server responded with a status of (409|422)")
"""The browser notes the status of a form that was refused: the page with the reason is no error."""


@pytest.fixture(scope="session")
def demo_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demo as it is at first, to be copied: filling it takes seconds."""
    folder = tmp_path_factory.mktemp("demo")
    with Server(folder, "--demo"):
        pass
    return folder


@pytest.fixture(scope="module")
def demo_folder(demo_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shutil.copytree(demo_made, tmp_path_factory.mktemp("panel") / "var")


@pytest.fixture(scope="module")
def server(demo_folder: Path) -> Iterator[Server]:
    """The demo, served until the module's tests are over."""
    with Server(demo_folder, "--demo") as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def sign_in(server: Server, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """A page of somebody who has signed in. Not one error may stand in any console when the test is over."""
    address = server.address
    complaints: list[str] = []

    def complain(text: str) -> None:
        if not REFUSED.search(text):
            complaints.append(text)

    def as_(username: str, **options: object) -> Page:
        context = chromium.new_context(
            viewport={"width": 1366, "height": 768}, base_url=address, accept_downloads=True, **options
        )  # type: ignore[arg-type]
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
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
