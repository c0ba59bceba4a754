"""The health of the house; the front page is in `dashboard`."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from tepei_admin.database import db
from tepei_admin.views.rights import PUBLIC, needs

pages = Blueprint("home", __name__)


@pages.get("/healthz")
@needs(PUBLIC)
def healthz() -> ResponseReturnValue:
    """Says that the house can read its database, and nothing about what is in it."""
    db.execute_sql("SELECT 1")
    return "ok\n", 200, {"Content-Type": "text/plain"}
