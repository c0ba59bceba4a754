"""Everybody who may knock: nobody, somebody whose account was switched off, and the five roles."""

from __future__ import annotations

from flask import Flask

from tepei_admin.services import accounts
from tests.factories import ROLES, House
from tests.views.browser import Browser

NOBODY, DISABLED = "nobody", "disabled"
EVERYBODY = (NOBODY, DISABLED, *ROLES)


def browser_of(name: str, app: Flask, house: House) -> Browser:
    """A browser of one of `EVERYBODY`, with a token that its own session has given out."""
    browser = Browser(app)
    if name == NOBODY:
        return browser
    if name == DISABLED:
        browser.sign_in(house, "viewer", "150500")
        accounts.switch(house.cli, "viewer-150500", active=False)
        return browser
    return browser.sign_in(house, name)
