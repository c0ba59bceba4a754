"""The Chromium of this machine."""

from __future__ import annotations

import os
import shutil

from playwright.sync_api import Browser, Playwright, expect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""As scripts/chromium.sh looks for them."""
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
]  # fmt: skip
PATIENCE = 60_000
"""Milliseconds; a limit against hanging, for the slowest machine."""


def launch(playwright: Playwright) -> Browser:
    """The one named in CHROMIUM, else what the system has, else playwright's own."""
    expect.set_options(timeout=PATIENCE)
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
