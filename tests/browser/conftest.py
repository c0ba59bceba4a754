"""The panel as its users have it: served by `tepei-admin serve --demo`, seen in Debian's Chromium."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tepei_admin.seed import demo

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
]  # fmt: skip
START = "import sys; from tepei_admin.cli import main; sys.exit(main(['serve', '--demo', '--port', '0']))"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """What the server printed at start, its address last; it serves until the module's tests are over."""
    folder = tmp_path_factory.mktemp("panel")
    environment = {**os.environ, "TEPEI_DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
    environment.pop("TEPEI_DATABASE_URL", None)
    server = subprocess.Popen(
        [sys.executable, "-c", START], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    lines = []
    for line in server.stdout:
        lines.append(line.strip())
        if "http://" in line:
            break
    yield lines
    server.terminate()
    server.wait(30)


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

    def as_(username: str, **options: object) -> Page:
        context = chromium.new_context(
            viewport={"width": 1366, "height": 768}, base_url=address, accept_downloads=True, **options
        )  # type: ignore[arg-type]
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
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
