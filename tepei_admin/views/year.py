"""The programme (year) in hand: kept in the session, chosen in the side menu, the newest one by default."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, g, redirect, request, session
from flask.typing import ResponseReturnValue

from tepei_admin.database import rows
from tepei_admin.models import Programme
from tepei_admin.views.paths import local
from tepei_admin.views.rights import needs

pages = Blueprint("year", __name__)


class Year(NamedTuple):
    id: int
    year: int


def years() -> list[Year]:
    """All programmes, the newest first; one query a request."""
    if "years" not in g:
        g.years = [
            Year(*row)
            for row in rows(Programme.select(Programme.id, Programme.year).order_by(-Programme.year))
        ]
    return g.years


def current() -> Year | None:
    """The programme in hand; None in a house that has none yet."""
    chosen = session.get("programme")
    return next((year for year in years() if year.id == chosen), years()[0] if years() else None)


@pages.post("/year")
@needs()
def choose() -> ResponseReturnValue:
    number = request.form.get("programme", type=int)
    if any(year.id == number for year in years()):
        session["programme"] = number
    return redirect(local(request.form.get("next")), 303)
